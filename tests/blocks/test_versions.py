"""An author edits a case while it is played: an attempt is played again on the new version up to the first event that no longer
fits, the rest is set aside, and the learner is told. A finished attempt never changes."""

from __future__ import annotations

import copy
import random
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lxml import etree
from xblock.runtime import DictKeyValueStore

from cases import WHOLE
from casework.review.models import Answer
from casework.scenario import check, engine, log, xml
from casework.scenario.model import Case
from learners import Learner, answer_to, move
from scenario.test_check import random_case

pytestmark = pytest.mark.django_db
Json = dict[str, Any]


def canonical(source: str) -> str:
    return xml.canonical(xml.tree(source, "case"))


def is_sound(source: str) -> bool:
    return check.is_sound(check.parse(source)[1])


def begun(content: str) -> Learner:
    learner = Learner(content, DictKeyValueStore(), anonymous=uuid.uuid4().hex)
    status, view = learner.post("start")
    assert (status, view["phase"]) == (200, "play"), view
    return learner


def edited(learner: Learner, content: str) -> None:
    """The author has saved another version."""
    block = learner.block()
    block.content = content
    block.save()


def played(learner: Learner, dice: random.Random, most: int) -> Json:
    view = learner.view()
    for _ in range(most):
        if view["phase"] != "play":
            break
        status, view = learner.post("event", move(view, dice))
        assert (status, view.get("result")) == (200, "accepted"), view
    return view


# -- edits ------------------------------------------------------------------------------------------------------------


def renamed(root: etree._Element, dice: random.Random) -> None:
    """Another id for a scene, a task or an option, and for all that names it."""
    one = dice.choice([each for each in root.iter("scene", "choose", "spot", "option") if each.get("id")])
    old, new = str(one.get("id")), f"new-{one.get('id')}"
    for each in root.iter(etree.Element):
        for name, value in each.attrib.items():
            if name in {"id", "go", "to", "start", "task", "option", "mends"} and value == old:
                each.set(name, new)
            elif name == "if":
                each.set(name, str(value).replace(f"({old})", f"({new})"))


def removed(root: etree._Element, dice: random.Random) -> None:
    one = dice.choice([*root.iter("option", "spot", "go")])
    parent = one.getparent()
    assert parent is not None
    parent.remove(one)


def reordered(root: etree._Element, dice: random.Random) -> None:
    parent = dice.choice([*root.iter("choose"), root])
    kind = "option" if parent.tag == "choose" else "scene"
    children = parent.findall(kind)
    at = parent.index(children[0])
    for one in children:
        parent.remove(one)
    dice.shuffle(children)
    for one in reversed(children):
        parent.insert(at, one)


def conditioned(root: etree._Element, dice: random.Random) -> None:
    one = dice.choice([*root.iter("option")])
    condition = dice.choice(["", "n = 0", "n = 1", "found(debt)", "not found(papers)", "seen(s1)"])
    if condition:
        one.set("if", condition)
    else:
        one.attrib.pop("if", None)


def led(root: etree._Element, dice: random.Random) -> None:
    """Another way on, an ending among them."""
    one = dice.choice([*root.iter("option")])
    one.set("go", dice.choice([*(str(each.get("id")) for each in root.iter("scene")), "good", "bad"]))


def reckoned(root: etree._Element, dice: random.Random) -> None:
    dice.choice([*root.iter("option")]).set("set", dice.choice(["n+1", "n=0", "n=2", "n-1"]))


EDITS: tuple[Callable[[etree._Element, random.Random], None], ...] = (
    renamed,
    renamed,
    removed,
    reordered,
    conditioned,
    led,
    reckoned,
)


def versions(seed: int) -> Iterator[tuple[str, str]]:
    """A sound small case, and sound edits of it."""
    before = random_case(seed)
    if not is_sound(before):
        return
    dice = random.Random(seed)  # noqa: S311
    for edit in EDITS:
        for _ in range(12):
            root = etree.fromstring(before)
            edit(root, dice)
            after = etree.tostring(root, encoding="unicode")
            if is_sound(after) and canonical(after) != canonical(before):
                yield canonical(before), canonical(after)
                break


def fitting(case: Case, entries: tuple[log.Entry, ...]) -> int:
    """How many events still fit: one after the other by the rules of play, and none that would end the attempt."""
    play = engine.begin(case)
    for count, entry in enumerate(entries):
        try:
            play = engine.apply(case, play, log.move(case, entry.event))
        except engine.IllegalMove:
            return count
        if play.ending:
            return count
    return len(entries)


# -- what must hold ---------------------------------------------------------------------------------------------------


def test_random_edits_in_mid_attempt_keep_what_fits_and_tell_of_the_rest() -> None:
    changed = whole = ended = 0
    for seed in range(200):
        for before, after in versions(seed):
            dice = random.Random(seed)  # noqa: S311
            learner = begun(before)
            if played(learner, dice, dice.randint(1, 4))["phase"] != "play":
                ended += 1
                unchanged_when_finished(learner, after)
                continue
            then = log.attempt(learner.block().attempt)
            assert then is not None
            edited(learner, after)
            case = learner.block().case
            count = fitting(case, then.log)
            lost = [one.event.id for one in then.log[count:]]
            stored = copy.deepcopy(learner.block().attempt)
            view = learner.view()
            assert learner.block().attempt == stored, "to look changes nothing"
            assert (view["phase"], len(view["trail"]), view["aside"], view["changed"]) == (
                "play",
                count,
                len(lost),
                bool(lost),
            )
            assert view["head"] == (then.log[count - 1].event.id if count else "")
            # What another window still holds of it is set aside too, and so is what follows it.
            if lost:
                late = {"id": "late-event-1", "prev": lost[-1], "task": "", "answer": None, "ms": 1}
                assert learner.post("event", late)[1]["result"] == "aside"
                changed += 1
            else:
                whole += 1
            view = played(learner, dice, 40)
            assert view["phase"] == "debrief"
            now = log.attempt(learner.block().attempt)
            assert now is not None
            assert now.log[:count] == then.log[:count]
            assert [one.event.id for one in now.aside] == [*lost, *(["late-event-1"] if lost else [])]
            assert view["changed"] == bool(lost)
            unchanged_when_finished(learner, before)
    assert min(changed, whole, ended) > 5, (changed, whole, ended)


def unchanged_when_finished(learner: Learner, content: str) -> None:
    def told() -> Json:
        return {name: value for name, value in learner.view().items() if name not in {"version", "case", "result"}}

    state, view = copy.deepcopy(learner.block().attempt), told()
    edited(learner, content)
    assert told() == view
    status, late = learner.post(
        "event", {"id": "after-the-end", "prev": view["head"], "task": "", "answer": None, "ms": 1}
    )
    assert (status, late["result"], late["debrief"]) == (200, "aside", view["debrief"])
    block = learner.block()
    assert {**block.attempt, "aside": state["aside"]} == state


NAMED = {
    "an option renamed": ('<option id="ask"', '<option id="asked"', 1),
    "a task renamed": ('<choose id="who"', '<choose id="whom"', 1),
    "a condition on what was taken": (
        'points="2" set="trust+1" go="b"',
        'points="2" set="trust+1" go="b" if="found(papers)"',
        1,
    ),
    "confidence no longer asked": (' confidence="yes"', "", 1),
    "another document's phrase": ("[a debt](indicator:debt)", "[a debt](decoy:loan), [owed](indicator:debt/3)", 0),
    "a scene renamed": ('<scene id="b">', '<scene id="office">', 3),
    "a word mended": ("Do ask now.", "Ask now, please.", 3),
    "points changed": ('points="2"', 'points="1"', 3),
}


@pytest.mark.parametrize("name", NAMED)
def test_an_edit_keeps_the_events_before_the_first_that_no_longer_fits(name: str) -> None:
    old, new, count = NAMED[name]
    learner = begun(canonical(WHOLE))
    for wanted in ("a debt", "Do ask now.", "my words"):
        assert learner.post("event", answer_to(learner.view(), wanted))[0] == 200
    after = WHOLE.replace(old, new).replace('option="ask"', f'option="{"asked" if "asked" in new else "ask"}"')
    after = after.replace('panel task="who"', f'panel task="{"whom" if "whom" in new else "who"}"')
    if "office" in new:
        after = after.replace('go="b"', 'go="office"')
    assert is_sound(after), [str(one) for one in check.parse(after)[1]]
    edited(learner, canonical(after))
    view = learner.view()
    assert (len(view["trail"]), view["aside"], view["changed"]) == (count, 3 - count, count < 3)
    # What was written is there to be copied where it no longer counts.
    assert view["aside_texts"] == ([] if count == 3 else ["my words"])
    assert [one.text for one in Answer.objects.all()] == ["my words"]


def test_an_edit_that_leads_past_what_was_answered_to_an_ending_ends_nothing() -> None:
    """The view of such an attempt was an error, for good."""
    learner = begun(canonical(WHOLE))
    for wanted in ("a debt", "Do ask now."):
        learner.post("event", answer_to(learner.view(), wanted))
    after = WHOLE.replace('set="trust+1" go="b"', 'set="trust+1" go="good"')
    assert is_sound(after), [str(one) for one in check.parse(after)[1]]
    edited(learner, canonical(after))
    view = learner.view()
    assert (view["phase"], view["trail"], view["aside"], view["changed"]) == ("play", ["spot"], 1, True)
    assert learner.post("event", answer_to(view, "Do ask now."))[1]["phase"] == "debrief"


def test_a_version_that_is_taken_back_brings_nothing_back() -> None:
    """What was set aside stays so once anything was answered since; until then nothing was written, and all is as it was."""
    learner = begun(canonical(WHOLE))
    for wanted in ("a debt", "Do ask now."):
        learner.post("event", answer_to(learner.view(), wanted))
    other = canonical(
        WHOLE.replace('<choose id="who"', '<choose id="whom"').replace('panel task="who"', 'panel task="whom"')
    )
    edited(learner, other)
    assert learner.view()["trail"] == ["spot"]
    edited(learner, canonical(WHOLE))
    assert (learner.view()["trail"], learner.view()["changed"]) == (["spot", "choose"], False)
    edited(learner, other)
    learner.post("event", answer_to(learner.view(), "Do send now."))
    edited(learner, canonical(WHOLE))
    assert (learner.view()["trail"], learner.view()["aside"], learner.view()["changed"]) == (["spot"], 2, True)


def test_a_faulty_version_stops_an_attempt_and_loses_nothing_of_it() -> None:
    learner = begun(canonical(WHOLE))
    learner.post("event", answer_to(learner.view(), "a debt"))
    state = copy.deepcopy(learner.block().attempt)
    edited(learner, "<case")
    assert learner.view()["phase"] == "faulty"
    for handler in ("start", "event"):
        status, told = learner.post(handler, {})
        assert (status, told["error"]["code"]) == (409, "faulty")
    assert learner.block().attempt == state
    edited(learner, canonical(WHOLE))
    assert learner.view()["trail"] == ["spot"]
