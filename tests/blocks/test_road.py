"""The road ahead: what a browser is told before its turn equals what it would be told then, says nothing that may not be seen,
and is small."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xblock.runtime import DictKeyValueStore

from cases import INDICATORS, WHOLE, case_xml, choose, option, scene
from casework.blocks.case import ahead
from casework.review import api as review
from casework.scenario import check, xml
from learners import Learner, move
from scenario.test_check import random_case

pytestmark = pytest.mark.django_db
REAL = sorted((Path(__file__).parents[2] / "scenarios").glob("*/scenario.xml"))
View = dict[str, Any]


def real(path: Path) -> str:
    return xml.canonical(xml.tree(path.read_text(encoding="utf-8"), "case"))


PIER = real(next(one for one in REAL if one.parent.name == "eleven-men-at-the-pier"))


def begun(content: str, name: str = "anon-1") -> tuple[Learner, View]:
    learner = Learner(content, DictKeyValueStore(), anonymous=name)
    status, view = learner.post("start")
    assert (status, view["phase"]) == (200, "play"), view
    return learner, view


class Browser:
    """What player.js does with a road: it goes on without asking, and holds no rule."""

    def __init__(self, view: View) -> None:
        self.texts: dict[str, Any] = {}
        self.shown = view
        self.follow(view["road"], [])

    def follow(self, road: View, since: list[str]) -> None:
        """Takes a road that begins where the moves `since` had not been made yet."""
        self.texts |= road["texts"]
        self.stops, self.at = road["stops"], 0
        for key in since:
            self.at = -1 if self.at < 0 else self.lead(key)

    def lead(self, key: str) -> int:
        to = self.stops[self.at]["ways"][key][1]
        return -1 if to is None else int(to)

    def whole(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith(ahead.MARK):
            return self.texts[value]
        if isinstance(value, list):
            return [self.whole(one) for one in value]
        return {key: self.whole(one) for key, one in value.items()} if isinstance(value, dict) else value

    def go(self, move: View) -> View | None:
        """The view after a move, as far as the screen shows it; None where the road does not know it."""
        task = self.shown["moment"]["task"]
        key = move["answer"] if task["kind"] == "choose" else ""
        ways = self.stops[self.at]["ways"] if self.at >= 0 and move["task"] else {}
        if key not in ways or (to := ways[key][1]) is None or to < 0:
            self.at = -1
            return None
        stop = self.stops[to]
        file = [{**one, "new": False} for one in self.shown["file"]]
        if task["kind"] == "spot":
            paper = next(one for one in file if one["id"] == task["document"])
            text = json.dumps(paper["parts"], ensure_ascii=False)
            for phrase in move["answer"]:
                text = re.sub(rf'(data-phrase=\\"{phrase}\\")(?! class)', r'\1 class=\\"cw-marked\\"', text)
            paper["parts"] = json.loads(text)
            paper["marked"] = text.count("cw-marked")
        known = {one["id"] for one in file}
        file += [one for one in self.whole(stop["file"]) if one["id"] not in known]
        decided = next((one["html"] for one in task.get("options", ()) if one["id"] == key), None)
        self.at = to
        self.shown = {
            "trail": [*self.shown["trail"], task["kind"]],
            "last": {"decided": decided, "reply": self.whole(ways[key][0]), "summary": ""} if decided else None,
            "moment": self.whole(stop["moment"]),
            "file": file,
        }
        return self.shown


def on_screen(view: View) -> View:
    seen = {name: view[name] for name in ("trail", "last", "moment")}
    return {**seen, "file": sorted(view["file"], key=lambda one: one["id"])}


def played(content: str, seed: int, name: str = "anon-1") -> Iterator[bool]:
    """Plays at random beside a browser that follows roads; for each move, whether the road knew it."""
    dice = random.Random(seed)  # noqa: S311
    learner, view = begun(content, name)
    browser = Browser(view)
    for _ in range(60):
        sent = move(view, dice)
        foreseen = browser.go(sent)
        status, view = learner.post("event", sent)
        assert status == 200
        if view["phase"] != "play":
            assert foreseen is None
            return
        if foreseen is None:
            browser.shown = view
            browser.follow(view["road"], [])
        else:
            for name, told in on_screen(view).items():
                assert on_screen(foreseen)[name] == told, name
            if dice.random() < 0.3:
                browser.follow(view["road"], [])
        yield foreseen is not None


# -- it tells what will be told ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", REAL, ids=lambda one: one.parent.name)
def test_in_real_cases_what_was_told_before_is_what_is_told_then(path: Path) -> None:
    content = real(path)
    known = [one for seed in range(6) for one in played(content, seed, f"anon-{seed}")]
    assert known.count(True) > 2 * known.count(False)


def test_in_random_cases_what_was_told_before_is_what_is_told_then(monkeypatch: pytest.MonkeyPatch) -> None:
    known: list[bool] = []
    bad = ("unreachable-ending", "scored-again")  # what is never met does no harm here, and random cases are full of it
    monkeypatch.setattr(check, "is_sound", lambda all_: not [one for one in all_ if one.is_error and one.code in bad])
    for seed in range(120):
        content = random_case(seed)
        if check.is_sound(check.parse(content)[1]):
            known += played(content, seed, f"anon-{seed}")
    assert known.count(True) > 30
    assert known.count(False) > 5


PLAIN = WHOLE.replace(' if="found(debt)"', "").replace("<closed>No doubt yet.</closed>", "")
"""Nothing in it hangs on what was marked, so that its road goes on behind the document."""
FORK = case_xml(
    scene(
        "a",
        '<spot id="s" document="note" points="1"><ask>Mark.</ask></spot>'
        + choose("c", option("on", attributes='go="b"'), option("off", attributes='go="b"')),
        opens="note",
    )
    + scene(
        "b", choose("d", option("near", attributes='go="good"'), option("far", attributes='if="found(debt)" go="bad"'))
    )
)


def test_nothing_is_guessed_of_what_will_be_marked() -> None:
    _, view = begun(FORK)
    stops = view["road"]["stops"]
    assert len(stops) == 2, "the question after the marking is known; the one that hangs on it is not"
    assert [to for _, to in stops[1]["ways"].values()] == [-1, -1]


def test_a_skip_is_not_on_the_road() -> None:
    """It follows the key option, and so would tell which one that is."""
    _, view = begun(WHOLE)
    browser = Browser(view)
    assert browser.go({"task": "", "answer": None}) is None
    ways = view["road"]["stops"][0]["ways"]
    assert set(ways) == {one["id"] for one in view["moment"]["task"].get("options", ())} or set(ways) == {""}


def test_a_case_may_have_no_road() -> None:
    learner, view = begun(WHOLE.replace("<case ", '<case lookahead="0" '))
    assert view["road"] is None
    dice = random.Random(1)  # noqa: S311
    assert learner.post("event", {**move(view, dice), "held": [], "version": view["version"]})[1]["road"] is None


# -- what travels ------------------------------------------------------------------------------------------------------


def test_a_browser_that_is_further_is_told_no_more_than_it_needs() -> None:
    learner, view = begun(PIER)
    dice = random.Random(5)  # noqa: S311
    sent = move({**view, "moment": {**view["moment"], "skips": 0}}, dice)
    status, told = learner.post("event", {**sent, "held": False, "version": view["version"]})
    assert (status, told) == (200, {"result": "accepted", "head": sent["id"]})
    assert learner.post("event", {**sent, "held": False, "version": view["version"]})[1]["result"] == "known"
    status, told = learner.post("event", {**sent, "held": [], "version": view["version"]})
    assert set(told) == {"result", "head", "road"}
    held = sorted(told["road"]["texts"])
    assert held
    again = learner.post("event", {**sent, "held": held, "version": view["version"]})[1]["road"]
    assert not set(again["texts"]) & set(held)
    assert len(again["stops"]) > len(told["road"]["stops"]), "the room goes to what lies further ahead"


@pytest.mark.parametrize("held", ["x", 5, {"a": 1}, [1], ["x"] * 6000, True])
def test_what_cannot_be_a_list_of_names_gets_the_whole_view(held: object) -> None:
    learner, view = begun(PIER)
    sent = move(view, random.Random(2))  # noqa: S311
    told = learner.post("event", {**sent, "held": held, "version": view["version"]})[1]
    assert told["phase"] == "play"


def test_a_browser_with_another_version_of_the_case_gets_the_whole_view() -> None:
    learner, view = begun(PIER)
    for version in ("", "0" * 10, None):
        told = learner.post("event", {**move(view, random.Random(2)), "held": False, "version": version})[1]  # noqa: S311
        assert told["phase"] == "play"


def test_whoever_was_overtaken_gets_the_whole_view_whatever_it_holds() -> None:
    learner, view = begun(PIER)
    one, other = (move(view, random.Random(seed)) for seed in (1, 2))  # noqa: S311
    assert one["answer"] != other["answer"]
    learner.post("event", {**one, "held": False, "version": view["version"]})
    told = learner.post("event", {**other, "held": False, "version": view["version"]})[1]
    assert (told["result"], told["phase"]) == ("aside", "play")


def test_the_last_move_brings_the_debrief_whatever_is_held() -> None:
    learner, view = begun(PIER)
    dice = random.Random(3)  # noqa: S311
    for _ in range(40):
        told = learner.post("event", {**move(view, dice), "held": False, "version": view["version"]})[1]
        if "phase" in told:
            break
        view = learner.view()
    assert told["phase"] == "debrief"
    assert len(review.finishes(learner.block().place)) == 1


# -- what may not be seen ----------------------------------------------------------------------------------------------


def disguised(content: str) -> str:
    """The same case with other points, roles, reasons, panels, outcomes and phrases that are indicators."""
    content = re.sub(r' points="\d+"', lambda _: ' points="7"', content)
    content = re.sub(r'role="(?:key|ok|weak|harmful)"', 'role="ok"', content)
    content = re.sub(r' mends="[^"]*"', "", content)
    content = re.sub(r'outcome="\w+"', 'outcome="partly"', content)
    content = re.sub(r"<why>.*?</why>", "<why>Something else.</why>", content, flags=re.DOTALL)
    content = re.sub(r"<panel .*?</panel>", "", content, flags=re.DOTALL)
    content = re.sub(r"\]\(indicator:", "](swap:", content)
    content = re.sub(r"\]\(decoy:[a-z0-9-]+\)", "](indicator:debt)", content)
    return content.replace("](swap:", "](decoy:")


def test_the_road_does_not_hang_on_what_may_not_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are keyed hashes of slugs, and a phrase that turns from decoy to indicator has another slug: so each is given by
    its place here, as it would be if slugs stayed the same."""
    before, after = (begun_road(content, monkeypatch) for content in (PLAIN, disguised(PLAIN)))
    assert before == after
    assert len(before) > 500


def begun_road(content: str, monkeypatch: pytest.MonkeyPatch) -> bytes:
    from casework.blocks.case.wire import Names

    monkeypatch.setattr(Names, "phrase", lambda self, document, name: "phrase")
    monkeypatch.setattr("secrets.token_hex", lambda size: "0" * 32)
    _, view = begun(content)
    return json.dumps(view["road"], sort_keys=True).encode()


@pytest.mark.parametrize("path", REAL, ids=lambda one: one.parent.name)
def test_no_reason_and_no_panel_of_a_real_case_is_on_a_road(path: Path) -> None:
    content = real(path)
    case = check.parse(content)[0]
    assert case
    _, view = begun(content)
    road = json.dumps(view["road"], ensure_ascii=False)
    for one in case.options():
        assert not one.why.body or one.why.body[:40] not in road
    for panel in case.panels:
        assert all(opinion.text.body[:40] not in road for opinion in panel.opinions)
    assert not re.search(r'"(?:key|weak|harmful|ok|protective|partly|points|role|outcome|indicator|decoy)"', road)


# -- size --------------------------------------------------------------------------------------------------------------


def sixty() -> str:
    """A case of sixty scenes of ordinary length, with three variables, that runs apart and together again."""
    dice = random.Random(60)  # noqa: S311
    words = [
        "the",
        "man",
        "asks",
        "where",
        "his",
        "brother",
        "is",
        "and",
        "nobody",
        "answers",
        "for",
        "a",
        "long",
        "time",
    ]

    def said(count: int) -> str:
        return " ".join(dice.choice(words) for _ in range(count)).capitalize() + "."

    scenes = []
    for n in range(60):
        ahead_ = [f"s{m}" for m in range(n + 1, min(n + 4, 60))] or ["good"]
        effect = f"{dice.choice(('trust', 'time', 'noise'))}{dice.choice('+-')}1"
        onward, aside = (
            f'<option id="o{n}x{at}" role="ok" {more}><text>{said(8)}</text><reply>{said(12)}</reply></option>'
            for at, more in enumerate((f'go="{ahead_[0]}"', f'set="{effect}" go="{dice.choice([*ahead_, "bad"])}"'))
        )
        inner = f'<choose id="c{n}"><ask>{said(5)}</ask>{onward}{aside}</choose>'
        text = f'<text>{said(26)}</text><text if="trust &gt; 2 and noise &lt; 2">{said(10)}</text>'
        scenes.append(f'<scene id="s{n}"><title>{said(3)}</title>{text}<summary>{said(6)}</summary>{inner}</scene>')
    variables = "".join(f'<variable id="{one}" min="0" max="4" start="2"/>' for one in ("trust", "time", "noise"))
    return case_xml("".join(scenes), start="s0", variables=variables).replace(INDICATORS, "")


def test_a_whole_play_of_sixty_scenes_sends_forty_kilobytes_at_most() -> None:
    content = re.sub(r"<document.*?</document>", "", sixty(), flags=re.DOTALL)
    learner, view = begun(content)
    browser = Browser(view)
    sent = len(gzip.compress(json.dumps(view, ensure_ascii=False).encode()))
    dice = random.Random(1)  # noqa: S311
    moves = whole = 0
    shown = view
    while True:
        task = shown["moment"]["task"]
        # The slow way: the first option leads to the next scene.
        made = {"id": f"{moves:016x}", "prev": f"{moves - 1:016x}" if moves else "", "task": task["id"], "ms": 9,
                "sure": None, "answer": task["options"][0]["id"]}  # fmt: skip
        seen = browser.go(made)
        held: object = None
        if seen is not None:
            held = list(browser.texts)[-200:] if browser.stops[browser.at]["ask"] else False
        told = learner.post("event", {**made, "held": held, "version": view["version"]})[1]
        sent += len(gzip.compress(json.dumps(told, ensure_ascii=False).encode()))
        moves += 1
        if told.get("phase") == "debrief":
            break
        if seen is None:
            whole += 1
            shown = browser.shown = told
            browser.follow(told["road"], [])
        else:
            shown = seen
            if "road" in told:
                browser.follow(told["road"], [])
    assert moves == 60
    assert whole == 0, "the road was always long enough"
    debrief = len(gzip.compress(json.dumps(told, ensure_ascii=False).encode()))
    assert sent - debrief <= 40 * 1024
    assert dice


def reaches(browser: Browser, at: int, number: int) -> bool:
    """Whether so many decisions lie ahead on each way, or the road's true end."""
    if number == 0:
        return True
    return all(
        to is not None and (to < 0 or reaches(browser, to, number - 1)) for _, to in browser.stops[at]["ways"].values()
    )


def test_a_road_holds_no_more_than_its_budget_and_reaches_four_decisions() -> None:
    content = re.sub(r"<document.*?</document>", "", sixty(), flags=re.DOTALL)
    _, view = begun(content)
    browser = Browser(view)
    assert len(json.dumps(view["road"], ensure_ascii=False).encode()) <= ahead.BUDGET * 1.1
    assert reaches(browser, 0, 4)
    assert [one["ask"] for one in browser.stops] == [not reaches(browser, at, 4) for at in range(len(browser.stops))]
