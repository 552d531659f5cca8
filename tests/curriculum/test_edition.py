"""The open edition of the repository itself, in Thai and in English, and of the small one where a test needs to change it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html

from casework import prose
from casework.curriculum import build, files, messages, repository
from casework.curriculum.build import Wanted
from casework.curriculum.edition import words
from casework.curriculum.edition.numbers import Numbered
from casework.scenario import variant, walk
from casework.scenario import xml as case_xml
from casework.scenario.model import Case, Choose, Judge, Spot, Text, Write
from trees import catalogs, planted, sources

ROOT = Path(__file__).parents[2]
LANGUAGES = ("th", "en")


@cache
def gathered() -> tuple[dict[str, bytes], repository.Repository]:
    given, _ = files.gather(ROOT)
    return given, repository.read(given)


@cache
def edition(lang: str) -> dict[str, bytes]:
    given, read = gathered()
    return build.open_edition(read, given, Wanted("th", lang))


@cache
def small(lang: str = "en") -> dict[str, bytes]:
    given = sources()
    return build.open_edition(repository.read(given), given, Wanted("th", lang))


def pages(made: dict[str, bytes]) -> dict[str, html.HtmlElement]:
    return {name: html.document_fromstring(data.decode()) for name, data in made.items() if name.endswith(".html")}


@cache
def read_pages(lang: str) -> dict[str, html.HtmlElement]:
    return pages(edition(lang))


def words_of(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def cases(lang: str) -> Iterator[tuple[Numbered, str]]:
    """The cases of the Thai course as their package has them, with their path."""
    given, read = gathered()
    for node in build._spoken(read, given, Wanted("th", lang))[2].course.walk():
        if node.kind != "casework-case" or node.url_name == "green-tick":
            continue
        case, _ = case_xml.parse(node.body)
        assert case is not None
        if not case.variants:
            yield Numbered(case, node.url_name), node.path
        for at, one in enumerate(case.variants, start=1):
            yield Numbered(variant.resolved(case, one.id), f"{node.url_name}-{at}", at), node.path


ENGLISH = [pytest.param(one, path, id=one.stem) for one, path in cases("en")]

# -- the whole --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_link_and_picture_is_there_and_nothing_is_loaded_from_elsewhere(lang: str) -> None:
    made, parsed = edition(lang), read_pages(lang)
    ids = {name: {one.get("id") for one in page.iter() if one.get("id")} for name, page in parsed.items()}
    for name, page in parsed.items():
        for element in page.iter("a", "link", "img", "script", "iframe"):
            address = element.get("href") or element.get("src") or ""
            if element.tag == "a" and address.startswith("http"):
                continue
            path, _, fragment = address.partition("#")
            assert (path or name) in made, (name, address)
            assert not fragment or fragment in ids[path or name], (name, address)
    assert b"url(" not in made["style.css"]
    assert b"@import" not in made["style.css"]


def test_every_page_is_reached_from_the_contents() -> None:
    parsed, seen, rest = read_pages("en"), {"index.html"}, ["index.html"]
    while rest:
        found = {one.get("href", "").partition("#")[0] for one in parsed[rest.pop()].iter("a")}
        rest += (found & set(parsed)) - seen
        seen |= found & set(parsed)
    assert seen == set(parsed)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_headings_stand_in_order_and_every_picture_has_its_words(lang: str) -> None:
    for name, page in read_pages(lang).items():
        levels = [int(one.tag[1]) for one in page.iter("h1", "h2", "h3", "h4", "h5", "h6")]
        assert levels[0] == 1, name
        assert levels.count(1) == 1, name
        assert all(after <= before + 1 for before, after in pairwise(levels)), (name, levels)
        assert all(one.get("alt") for one in page.iter("img"))
        assert all(one.get("aria-label") for one in page.iter("svg"))
        names = [one.get("id") for one in page.iter() if one.get("id")]
        assert len(names) == len(set(names)), name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_only_staff_see_is_left_out(lang: str) -> None:
    staff = {"green-tick", "is-casework-installed"}
    assert not [name for name in edition(lang) if any(one in name for one in staff)]
    assert not [name for name, data in edition(lang).items() if any(one.encode() in data for one in staff)]
    assert "tick" not in "".join(data.decode() for name, data in small().items() if name.endswith(".html"))


def test_the_same_sources_give_the_same_bytes() -> None:
    given, read = gathered()
    assert build.open_edition(read, given, Wanted("th", "th")) == edition("th")


def test_the_pages_say_what_they_are() -> None:
    thai, english = (words_of(read_pages(lang)["index.html"]) for lang in LANGUAGES)
    assert "It is not the official text of any organisation." in english
    assert "Machine translation. Not checked by a person." in thai
    assert "Machine translation" not in english
    assert "Not yet reviewed by a practitioner." in words_of(read_pages("en")["case-room-6.html"])


# -- the language -----------------------------------------------------------------------------------------------------


def test_words_that_are_not_translated_say_that_they_are_english() -> None:
    page = pages(small("th"))["case-small.html"]
    assert page.get("lang") == "th"
    heading = next(one for one in page.iter("span") if one.text == "How to play")
    assert heading.get("lang") == "en"


def test_no_text_of_another_language_hides_in_an_english_element() -> None:
    for name, page in read_pages("th").items():
        for one in page.xpath("//*[@lang='en']"):
            assert not re.search("[\u0e00-\u0e7f]", one.text_content()), (name, one.text_content()[:80])


def test_each_word_is_a_message_and_a_whole_catalog_leaves_no_english_word() -> None:
    given = {**sources(), **catalogs("th", every=True)}
    read = repository.read(given)
    asked = {one.context for one in messages.extracted(read, "th", {}) if one.catalog == words.CATALOG}
    assert asked == {f"edition/{key}" for key in words.EDITION}
    for name, page in pages(build.open_edition(read, given, Wanted("th", "th"))).items():
        english = [one.text_content() for one in page.xpath("//*[@lang='en']")]
        assert set(english) <= {"Machine translation. Not checked by a person.", *NAMES}, name


NAMES = {"trust", "Library of Thailand", "Notice - example.org (2025)"}
"""What is not translated: authors' names of variables, and sources."""

# -- a lesson ---------------------------------------------------------------------------------------------------------


def test_a_lesson_asks_first_and_answers_at_its_end() -> None:
    page = pages(small())["lesson-met.html"]
    answers = page.find_class("answers")[0]
    assert "Right: B" in words_of(answers)
    assert "The complaint may be the answer." in words_of(answers)
    answers.drop_tree()
    left = words_of(page)
    assert "Charge her" in left
    assert "The complaint may be the answer." not in left
    assert 'Before the "word", I will …' in left
    assert page.find_class("room")
    assert page.xpath("//svg")


def test_judgements_are_answered_where_they_are_asked_again() -> None:
    page = pages(small())["lesson-closing.html"]
    assert "It looks free. A debt holds, too." in words_of(page.find_class("answers")[0])


def test_the_units_share_the_minutes_of_their_lesson() -> None:
    for name, page in read_pages("en").items():
        rows = page.xpath("//table[@class='timing']/tbody/tr/td")
        if rows:
            minutes = re.search(r"about ([0-9]+) minutes", words_of(page))
            assert minutes, name
            assert sum(int(row.text_content()) for row in rows) == int(minutes[1]), name


# -- a script ---------------------------------------------------------------------------------------------------------


@dataclass
class Room:
    """Plays a case from nothing but what is printed: the script, and for marking the facilitator's key."""

    page: html.HtmlElement
    key: html.HtmlElement
    tallies: dict[str, list[int]] = field(default_factory=dict)
    played: list[int] = field(default_factory=list)
    signs: set[int] = field(default_factory=set)
    tasks: list[html.HtmlElement] = field(default_factory=list)
    over: bool = False

    def __post_init__(self) -> None:
        for row in self.page.xpath("//table[@class='tallies']/tbody/tr"):
            letter, *numbers = (cell.text_content() for cell in row)
            self.tallies[letter] = [int(one) for one in numbers]
        self.turn_to(1)

    def turn_to(self, number: int) -> None:
        self.played.append(number)
        section = self.page.get_element_by_id(f"turn-{number}")
        self.tasks = list(section.find_class("task"))
        self.ways = section.find_class("ways")
        self.over = "Here the case ends." in words_of(section)
        if not self.tasks and not self.over:
            self.follow()

    def follow(self) -> None:
        (ways,) = self.ways
        for row in ways.xpath("./li") or [ways]:
            said = words_of(row)
            condition = re.match(r"If (.*): Turn", said)
            if not condition or self.holds(condition[1]):
                self.turn_to(int(re.findall(r"Turn to (\d+)", said)[0]))
                return
        raise AssertionError("no line is true")

    def holds(self, condition: str) -> bool:
        """What a person would say to the printed sentence. Only its own few forms are read."""
        forms = [
            (r"tally (\w+) is (-?\d+) or less", lambda m: self.tallies[m[1]][0] <= int(m[2])),
            (r"tally (\w+) is (-?\d+) or more", lambda m: self.tallies[m[1]][0] >= int(m[2])),
            (r"tally (\w+) is not (-?\d+)", lambda m: self.tallies[m[1]][0] != int(m[2])),
            (r"tally (\w+) is less than (-?\d+)", lambda m: self.tallies[m[1]][0] < int(m[2])),
            (r"tally (\w+) is more than (-?\d+)", lambda m: self.tallies[m[1]][0] > int(m[2])),
            (r"tally (\w+) is (-?\d+)", lambda m: self.tallies[m[1]][0] == int(m[2])),
            (r"turn (\d+) was (not )?played", lambda m: (int(m[1]) in self.played) != bool(m[2])),
            (r"sign (\d+) was (not )?found", lambda m: (int(m[1]) in self.signs) != bool(m[2])),
        ]
        for pattern, value in forms:
            condition = re.sub(pattern, lambda match, value=value: str(value(match)), condition)  # type: ignore[misc]
        assert re.fullmatch(r"(True|False|and|or|[() ])+", condition), condition
        return bool(eval(condition))  # noqa: S307  nothing but True, False, and, or, brackets

    def task(self, kind: str) -> html.HtmlElement:
        task = self.tasks.pop(0)
        assert kind in task.get("class", "")
        return task

    def on(self) -> None:
        if not self.tasks:
            self.follow()

    def vote(self, letter: str) -> None:
        task = self.task("decision")
        (option,) = [one for one in task.xpath(".//ul[@class='options']/li") if one[0].text == letter]
        closed = re.search(r"Open only if (.*?)\.(?: Otherwise closed:|$)", words_of(option))
        assert not closed or self.holds(closed[1])
        (reply,) = [one for one in task.xpath(".//ul[@class='replies']/li") if one[0].text == letter]
        said = words_of(reply.find_class("do")[0])
        for name, verb, number in re.findall(r"Tally (\w+): (add|take away|set it to) (-?\d+)\.", said):
            value, least, most = self.tallies[name]
            change = int(number)
            value = {"add": value + change, "take away": value - change, "set it to": change}[verb]
            self.tallies[name][0] = max(least, min(most, value))
        go = re.search(r"Turn to (\d+)", said)
        if go:
            self.turn_to(int(go[1]))
        else:
            assert said.endswith("Go on below.")
            self.on()

    def mark(self, paper: int, numbers: list[int]) -> None:
        assert re.search(rf"Paper {paper}\b", words_of(self.task("marking")))
        key = self.key.xpath(f"//table[@class='key paper-{paper}']")[0]
        for row in key.xpath("./tbody/tr"):
            sign = re.fullmatch(r"Sign (\d+)", row[2].text_content())
            if int(row[0].text_content()) in numbers and sign:
                self.signs.add(int(sign[1]))
        self.on()

    def other(self, kind: str) -> None:
        self.task(kind)
        self.on()


def play(room: Room, one: Numbered, text: str) -> None:
    """The steps of a walkthrough, in a room."""
    for raw in text.splitlines():
        name, _, answer = (part.strip() for part in raw.partition(":"))
        if not answer or raw.startswith("#"):
            continue
        task = one.case.task[name]
        match task:
            case Choose():
                room.vote(one.letters(task)[answer])
            case Spot():
                phrases = one.phrase(task.document)
                marked = [] if answer == "none" else [phrases[each] for each in answer.split()]
                room.mark(one.paper[task.document], marked)
            case Write():
                room.other("writing")
            case Judge():
                room.other("judging")


@pytest.mark.parametrize(("one", "path"), ENGLISH)
def test_walkthroughs_come_out_in_the_room_as_they_do_in_the_course(one: Numbered, path: str) -> None:
    given, _ = gathered()
    parsed, seen = read_pages("en"), set()
    folder = str(Path(path).parent / "walkthroughs")
    texts = [data.decode() for name, data in given.items() if name.startswith(folder)]
    assert texts
    for text in texts:
        room = Room(parsed[one.script], parsed[one.debrief])
        play(room, one, text)
        played = walk.walk(one.case, text).play
        assert room.over
        assert room.played[-1] == one.turn[played.ending]
        assert set(room.played[:-1]) == {one.turn[scene] for scene in played.world.seen}
        seen |= set(room.played)
    assert {one.turn[ending] for ending in one.case.ending} <= seen


@pytest.mark.parametrize(("one", "path"), ENGLISH)
def test_every_turn_can_be_reached(one: Numbered, path: str) -> None:
    page = read_pages("en")[one.script]
    seen, rest = {"turn-1"}, ["turn-1"]
    while rest:
        section = page.get_element_by_id(rest.pop())
        found = {link.get("href")[1:] for link in section.iter("a") if link.get("href", "").startswith("#turn-")}
        rest += found - seen
        seen |= found
    assert seen == {f"turn-{number}" for number in one.turn.values()}


def hidden(case: Case) -> Iterator[str]:
    """What a learner of the course reads only after the end."""
    texts: list[Text] = [option.why for option in case.options()]
    texts += [opinion.text for panel in case.panels for opinion in panel.opinions]
    texts += [one.text for one in case.indicators]
    texts += [task.practised for task in case.task.values() if isinstance(task, Write)]
    texts += [level.text for rubric in case.rubrics for row in rubric.rows for level in row.levels]
    texts += [one.title for one in case.variants]
    for text in texts:
        for part in prose.paragraphs(text.body):
            yield prose.plain(part)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_of_the_debrief_stands_on_the_pages_of_the_players(lang: str) -> None:
    for one, _ in cases(lang):
        shown = [prose.plain(text.body) for scene in one.case.scenes for text in scene.texts]
        for name in (one.script, one.papers):
            if name not in edition(lang):
                continue
            page = words_of(read_pages(lang)[name])
            told = [text for text in hidden(one.case) if text in page and not any(text in each for each in shown)]
            # A sign may have the words of a paper for its name; alone it tells nothing.
            told = [text for text in told if len(text.split()) > 3 or len(text) > 40]
            assert told == [], name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_roles_points_and_outcomes_are_words_of_the_facilitator_alone(lang: str) -> None:
    for name, data in edition(lang).items():
        if not name.startswith(("case-", "papers-")):
            continue
        source = unescape(data.decode())
        page = read_pages(lang)[name]
        assert not re.search(r"points: \d|does harm|protects", words_of(page)), name
        assert "indicator:" not in source
        assert "decoy:" not in source
        assert all(re.fullmatch(r"(turn|paper)-\d+", one.get("id")) for one in page.iter() if one.get("id")), name


def test_changing_all_that_is_told_afterwards_changes_no_page_of_the_players() -> None:
    case = sources()["scenarios/small/scenario.xml"].decode()
    changed = re.sub(r"<why>[^<]*</why>", "<why>Another reason altogether.</why>", case)
    assert changed != case
    given = sources({"scenarios/small/scenario.xml": changed})
    after = build.open_edition(repository.read(given), given, Wanted("th", "en"))
    assert {name for name in after if after[name] != small()[name]} == {"facilitator-case-small.html"}


def test_two_variants_are_two_scripts_and_each_is_whole() -> None:
    first, second = (words_of(read_pages("en")[f"case-same-night-{at}.html"]) for at in (1, 2))
    assert "Reno" in first
    assert "Reno" not in second
    assert "Rina" in second
    assert not re.search(r"\{[a-z]+\}", first + second)


# -- the folder -------------------------------------------------------------------------------------------------------


def test_a_folder_is_swapped_whole(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "made-html"
    files.write_folders({folder: {"index.html": b"1", "static/a.png": b"2"}})
    files.write_folders({folder: {"index.html": b"3"}})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"index.html": b"3"}
    assert [path.name for path in folder.parent.iterdir()] == ["made-html"]


def test_where_one_folder_cannot_be_written_all_stay_as_they_were(tmp_path: Path) -> None:
    folder = tmp_path / "made-html"
    files.write_folders({folder: {"index.html": b"1"}})
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError):
        files.write_folders({folder: {"index.html": b"2"}, tmp_path / "file" / "x": {"index.html": b"2"}})
    assert (folder / "index.html").read_bytes() == b"1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "made-html"]


def test_the_command_writes_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from casework.cli import main

    planted(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["build", "--html", "--country", "th", "--lang", "en", "--out", "dist"]) == 0
    assert "casework-th-en-html" in capsys.readouterr().out
    assert {path.name for path in (tmp_path / "dist").iterdir()} == {"casework-th-en-html"}
    folder = tmp_path / "dist" / "casework-th-en-html"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == small()
