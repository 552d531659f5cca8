"""The way as a picture: of every walkthrough of every case, and of one small case with each kind of turn. And what looks like
data of a real person, which the browser asks by the same patterns."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest
from lxml import etree

from cases import case_xml, choose, option, scene, sound
from casework import prose
from casework.blocks.case import drawing
from casework.blocks.case.drawing import Left, Way
from casework.scenario import check, engine, score, variant, walk
from casework.scenario.engine import Answer, Move, Play, Skip
from casework.scenario.model import Case

SCENARIOS = Path(__file__).parents[2] / "scenarios"
WALKS = sorted(SCENARIOS.glob("*/walkthroughs/*.walk"))
TEN = {"latin": "0123456789", "burmese": "၀၁၂၃၄၅၆၇၈၉", "khmer": "០១២៣៤៥៦៧៨៩"}

# -- what is true of every picture ------------------------------------------------------------------------------------

ATTRIBUTES = {
    "svg": {"viewBox", "width", "height", "aria-hidden"},
    "path": {"class", "d"},
    "rect": {"class", "x", "y", "width", "height", "transform"},
    "circle": {"class", "cx", "cy", "r"},
    "text": {"x", "y"},
}


def parsed(svg: str) -> etree._Element:
    return etree.fromstring(svg.encode())


def numbers(text: str) -> list[float]:
    return [float(one) for one in re.findall(r"-?[0-9]+(?:[.][0-9]+)?", text)]


def points(element: etree._Element) -> list[tuple[float, float]]:
    """Corners of what an element covers, and the points of a line with those that bend it."""
    value = {
        name: float(element.get(name)) for name in ("x", "y", "cx", "cy", "r", "width", "height") if element.get(name)
    }
    if element.tag == "path":
        every = numbers(element.get("d"))
        return list(zip(every[::2], every[1::2], strict=True))
    if element.tag == "circle":
        x, y, r = value["cx"], value["cy"], value["r"]
        return [(x - r, y - r), (x + r, y + r)]
    if element.tag == "rect" and element.get("transform"):
        x, y, half = value["x"] + value["width"] / 2, value["y"] + value["height"] / 2, value["width"] * 2**0.5 / 2
        assert numbers(element.get("transform")) == [45, x, y]
        return [(x - half, y - half), (x + half, y + half)]
    if element.tag == "rect":
        return [(value["x"], value["y"]), (value["x"] + value["width"], value["y"] + value["height"])]
    return [(value["x"], value["y"])]


def lines(svg: str, upright: bool) -> list[tuple[float, float, float]]:
    """(lane, start, end) of each left way, as it lies on the picture; lanes are places across the way."""
    found = []
    for path in parsed(svg).iterfind("path[@class='left']"):
        along = [point[upright] for point in points(path)]
        across = [point[not upright] for point in points(path)]
        found.append((across[2], along[0], along[-1]))
    return found


def assert_well_drawn(case: Case, play: Play, digits: str) -> Way:
    way = drawing.drawn(case, play)
    assert drawing.drawn(case, play) == way
    assert len(way.shapes) == len(way.harm) == len(play.steps)
    assert sum(way.harm) == score.figures(case, play).harmful
    for one in way.left:
        assert 0 <= one.start < len(play.steps)
        assert one.rings >= 0
        assert one.end is None or one.start < one.end <= len(play.steps)
    for upright in (False, True):
        svg = drawing.svg(way, digits, upright)
        assert svg == drawing.svg(way, digits, upright)
        root = parsed(svg)
        left, top, width, height = numbers(root.get("viewBox"))
        assert (left, top, width, height) == (0, 0, float(root.get("width")), float(root.get("height")))
        for element in root.iter():
            # Shapes, lines and numbers of steps: no name of anything in the case has a place to stand.
            assert set(element.attrib) <= ATTRIBUTES[element.tag]
            assert element.get("class", "own") in {"own", "left", "harm"}
            for x, y in points(element) if element is not root else ():
                assert 0 <= x <= width, (etree.tostring(element), width)
                assert 0 <= y <= height, (etree.tostring(element), height)
        said = ["".join(digits[int(one)] for one in str(number)) for number in range(1, len(play.steps) + 1)]
        assert [one.text for one in root.iterfind("text")] == said
        assert "".join(root.itertext()) == "".join(said)
        assert len(root.findall("*[@class='harm']")) == sum(way.harm)
        ways = lines(svg, upright)
        for (lane, start, end), (other, start2, end2) in combinations(ways, 2):
            assert lane != other or end <= start2 or end2 <= start, ways
    return way


def names(case: Case) -> set[str]:
    """Slugs of a case, and its titles and words as they are read."""
    slugs = {one.id for one in (*case.scenes, *case.endings, *case.documents, *case.options(), *case.indicators)}
    slugs |= {*case.task, *case.variable, case.id, *(one.id for one in case.variants)}
    texts = [one.title for one in (case, *case.scenes, *case.endings, *case.documents, *case.variants)]
    return slugs | {prose.plain(text.body) for text in texts}


def cases_of(path: Path) -> list[Case]:
    case, findings = check.parse(path.read_bytes())
    assert case is not None and check.is_sound(findings)
    return [variant.resolved(case, one.id) for one in case.variants] or [case]


def test_there_are_walkthroughs_to_draw() -> None:
    assert len({path.parents[1] for path in WALKS}) == len(list(SCENARIOS.glob("*/scenario.xml"))) > 0


@pytest.mark.parametrize("path", WALKS, ids=lambda path: f"{path.parents[1].name}/{path.stem}")
def test_every_walkthrough_is_well_drawn_and_names_nothing(path: Path) -> None:
    ways = []
    for case in cases_of(path.parents[1] / "scenario.xml"):
        play = walk.walk(case, path.read_text()).play
        ways.append(assert_well_drawn(case, play, TEN["burmese"]))
        for upright in (False, True):
            svg = drawing.svg(ways[-1], TEN["burmese"], upright)
            written = set(re.findall(r"[^\s<>=\"'/]+", svg)) - {
                "path",
                "text",
                "rect",
                "circle",
                "svg",
                "left",
                "own",
                "harm",
            }
            told = names(case)
            assert not written & told
            assert not [one for one in told if len(one) > 6 and one in svg]
    assert all(way == ways[0] for way in ways)  # the same way with another person


@pytest.mark.parametrize("digits", TEN.values(), ids=TEN)
def test_steps_are_counted_in_the_digits_of_the_language(digits: str) -> None:
    way = Way(("choose",) * 12, (False,) * 12, ())
    said = [one.text for one in parsed(drawing.svg(way, digits, False)).iterfind("text")]
    assert said[0] == digits[1]
    assert said[9:] == [digits[1] + digits[0], digits[1] * 2, digits[1] + digits[2]]


def test_a_case_that_is_all_branches_stays_a_picture_without_one_line_on_another() -> None:
    left = tuple(Left(start, end, end - start) for start in range(12) for end in range(start + 2, 13))
    dead = tuple(Left(start, None, start) for start in range(12))
    for upright in (False, True):
        svg = drawing.svg(Way(("choose",) * 12, (False,) * 12, left + dead), TEN["latin"], upright)
        drawn = lines(svg, upright)
        assert len({lane for lane, _, _ in drawn}) == 2 * drawing.MOST_LANES
        assert all(
            lane != other or end <= start2 or end2 <= start
            for (lane, start, end), (other, start2, end2) in combinations(drawn, 2)
        )
        root = parsed(svg)
        _, _, width, height = numbers(root.get("viewBox"))
        for element in root.iterdescendants():
            assert all(0 <= x <= width and 0 <= y <= height for x, y in points(element))


# -- each kind of turn ------------------------------------------------------------------------------------------------


def news(name: str, to: str) -> str:
    return f'<judge id="{name}"><claim>So.</claim><news>News.</news><ask>Now?</ask></judge><go to="{to}"/>'


def ways(name: str, **to: str) -> str:
    """A decision whose options each lead somewhere; the one named `done` mends what was done."""
    mends = 'mends="hurt"'
    return choose(name, *(option(one, attributes=f'go="{to[one]}" {mends * (one == "done")}') for one in to))


TURNS = case_xml(
    scene("a", ways("way", on="b", round="x", out="bad")).replace("</text>", '</text><open document="note"/>', 1)
    + scene("x", news("x-news", "y"))
    + scene("y", news("y-news", "b"))
    + scene("b", choose("deed", option("well"), option("hurt", role="harmful")) + news("b-news", "hub"))
    + scene("hub", ways("door", left="l", right="r", done="good"))
    + scene("l", choose("l-ask", option("stay"), option("leave")) + '<go to="hub"/>')
    + scene("r", choose("r-ask", option("wait"), option("turn")) + '<go to="hub"/>')
)


@pytest.fixture(scope="module")
def case() -> Case:
    return sound(TURNS)


def drawn(case: Case, *wanted: str) -> Way:
    """The way through options, +1 for what is judged, "skip" for a skip; drawn and looked at."""
    play = engine.begin(case)
    for one in wanted:
        due = engine.task(case, play)
        assert due is not None
        move: Move = Answer(due.id, option=one)
        if one == "skip":
            move = Skip()
        elif one == "+1":
            move = Answer(due.id, value=1)
        play = engine.apply(case, play, move)
    assert play.ending
    return assert_well_drawn(case, play, TEN["khmer"])


def test_a_branch_that_was_left_meets_the_way_again(case: Case) -> None:
    way = drawn(case, "on", "well", "+1", "done")
    # From `a` over `x` and `y`, both unseen, into `b`, where step 1 was done.
    assert Left(0, 1, 2) in way.left
    assert way.shapes == ("choose", "choose", "judge", "choose")


def test_a_branch_that_was_left_ends_elsewhere(case: Case) -> None:
    way = drawn(case, "on", "well", "+1", "done")
    assert Left(0, None, 0) in way.left
    svg = drawing.svg(way, TEN["latin"], False)
    assert len(parsed(svg).findall("rect[@class='left']")) == 1  # its end


def test_who_took_the_branch_left_the_short_way(case: Case) -> None:
    way = drawn(case, "round", "+1", "+1", "well", "+1", "done")
    # Straight to `b`, which was reached at step 3: no scene was missed, and two were seen that need not be.
    assert Left(0, 3, 0) in way.left
    assert not [one for one in way.left if one.start in (1, 2)]


def test_a_hub_that_is_visited_again_is_met_ahead_and_never_behind(case: Case) -> None:
    way = drawn(case, "on", "well", "+1", "left", "stay", "right", "turn", "done")
    assert all(one.end is None or one.end > one.start for one in way.left)
    pairs = {(one.start, one.end) for one in way.left if one.start >= 3}
    # From the first visit on to the second room and to the end, from the second through the first room to the third.
    assert {(3, 6), (3, 8), (5, 7), (5, 8)} <= pairs <= {(3, 6), (3, 8), (5, 7), (5, 8), (7, 8)}


def test_a_ring_stands_for_a_scene_that_was_not_seen(case: Case) -> None:
    way = drawn(case, "on", "well", "+1", "done")
    assert Left(3, 4, 1) in way.left  # a room, and not the hub, in which step 4 was done
    way = drawn(case, "on", "well", "+1", "left", "stay", "right", "turn", "done")
    assert not any(one.rings for one in way.left if one.start >= 3)


def test_a_skip_is_drawn_as_one_step(case: Case) -> None:
    way = drawn(case, "on", "skip", "done")
    assert way.shapes == ("choose", "skip", "choose")
    assert way.harm == (False, False, False)
    circles = parsed(drawing.svg(way, TEN["latin"], False)).findall("circle[@class='left'][@r='6']")
    assert len(circles) == 1


def test_harm_is_drawn_where_it_was_done(case: Case) -> None:
    way = drawn(case, "on", "hurt", "+1", "done")
    assert way.harm == (False, True, False, False)


def test_a_way_of_one_step_is_a_picture_too(case: Case) -> None:
    assert drawn(case, "out").shapes == ("choose",)


# -- what looks like data of a real person ----------------------------------------------------------------------------

HITS = [
    ("telephone number", "+66 81 234 5678", "+66 81 234 5678"),
    ("telephone number", "0812345678", "0812345678"),
    ("telephone number", "call (021) 234-5678 now", "021) 234-5678"),
    ("telephone number", "โทร๐๘๑-๒๓๔-๕๖๗๘นะ", "๐๘๑-๒๓๔-๕๖๗๘"),
    ("telephone number", "ទូរស័ព្ទ ០១២ ៣៤៥ ៦៧៨", "០១២ ៣៤៥ ៦៧៨"),
    ("telephone number", "ဖုန်း ၀၉ ၁၂၃ ၄၅၆ ၇၈၉ ပါ", "၀၉ ၁၂၃ ၄၅၆ ၇၈၉"),
    ("telephone number", "ໂທ໐໒໐໕໕໕໑໒໓໔໕", "໐໒໐໕໕໕໑໒໓໔໕"),
    ("passport number", "หนังสือเดินทางAB1234567ของเขา", "AB1234567"),
    ("passport number", "ลิขสิทธิ์A๑๒๓๔๕๖๗", "A๑๒๓๔๕๖๗"),
    ("passport number", "(E123456)", "E123456"),
    ("e-mail address", "เขียนถึงdara.s+1@mail.example.orgก็ได้", "dara.s+1@mail.example.org"),
    ("e-mail address", "ask info@example.co.th", "info@example.co.th"),
]
MISSES = [
    "021-129", "129 (also 021-129)", "1-2-3", "2026-11-24", "24-11-2026", "from 2026-11-24 to 2026-12-01", "(24-11-2026)",
    "at 08:30, table 12", "12.5 of 100 000", "article 8", "ข้อ ๑๒ วรรค ๓", "ABC1234567", "AB12345", "xAB1234567", "AB1234567x",
    "@home", "dara@home", "a @ b.org", "11 men, 3 boats, 2 vans", "๒๕๖๙",
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "found"), HITS)
def test_what_looks_like_data_of_a_real_person_is_found(kind: str, text: str, found: str) -> None:
    assert (kind, found) in list(check.personal_data(text))


@pytest.mark.parametrize("text", MISSES)
def test_what_only_counts_or_dates_is_not_found(text: str) -> None:
    assert list(check.personal_data(text)) == []


@pytest.mark.parametrize("text", ["๒๕๖๙-๑๑-๒๔", "២០២៦-១១-២៤", "၂၄-၁၁-၂၀၂၆"])
def test_a_date_in_other_digits_is_no_telephone_number(text: str) -> None:
    assert list(check.personal_data(text)) == []


@pytest.mark.parametrize("text", ["0812-34-5678", "02-12-34567890"])
def test_a_telephone_number_that_begins_like_a_date_is_found(text: str) -> None:
    assert list(check.personal_data(text)) == [("telephone number", text)]


@pytest.mark.parametrize("kind", check.PERSONAL_DATA)
def test_a_pattern_says_the_same_in_javascript(kind: str) -> None:
    """Only what both read alike: the old browsers of telephones know no look-behind, and `\\w` is not the same in both."""
    pattern = check.PERSONAL_DATA[kind]
    assert re.compile(pattern).groups == 1
    assert "\\" not in pattern
    assert set(re.findall(r"\(\?.", pattern)) <= {"(?:", "(?!", "(?="}
    assert not re.search(r"[*+?}][+]|\[\[|&&|\(\?[a-z]", pattern)
    # A browser counts in halves of signs: none of the patterns has a sign that would be two.
    assert all(ord(sign) < 0x10000 for sign in pattern)
