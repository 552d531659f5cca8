"""What no honest browser sends and no honest store holds: any bytes, any JSON, any stored attempt edited by hand. The block
answers with a view or with one of its own errors, a refusal changes nothing, and nothing asks for more than its share.

`CASEWORK_FUZZ=20` tries twenty times as much, and other things each time.
"""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from submissions.models import Score, Submission
from webob import Request
from xblock.runtime import DictKeyValueStore

from cases import WHOLE, case_xml, choose, option, scene
from casework.blocks.adapter import LARGEST_REQUEST
from casework.review.models import Answer, Finish
from casework.scenario import log, xml
from learners import Learner, answer_to
from scenario.test_hostile import bounded, tries

pytestmark = pytest.mark.django_db

CONTENT = xml.canonical(xml.tree(WHOLE, "case"))
HANDLERS = ("open", "start", "event", "plan", "studio_submit")
WAY = ("a debt, papers kept", "Do ask now.", "words", "1")
Json = dict[str, Any]


def begun(*wanted: str, content: str = CONTENT) -> Learner:
    """A learner of whom nothing is kept yet, in the middle of an attempt."""
    learner = Learner(content, DictKeyValueStore(), anonymous=uuid.uuid4().hex)
    status, view = learner.post("start")
    assert status == 200, view
    for one in wanted:
        status, view = learner.post("event", answer_to(view, one))
        assert status == 200, view
    return learner


def stored(learner: Learner) -> Any:
    """The attempt as the platform's store holds it."""
    return next((value for key, value in learner.store.db_dict.items() if key.field_name == "attempt"), None)


def store(learner: Learner, value: Any) -> None:
    key = next(key for key in learner.store.db_dict if key.field_name == "attempt")
    learner.store.db_dict[key] = value


def kept(learner: Learner) -> tuple[Any, ...]:
    """All that a refusal must leave as it was."""
    mine = {"student_id": learner.anonymous}
    return (
        copy.deepcopy(dict(learner.store.db_dict)),
        list(Answer.objects.filter(**mine).order_by("pk").values_list("pk", "text", "aside")),
        list(Finish.objects.filter(**mine).order_by("pk").values_list("pk", "submission")),
        Submission.objects.filter(student_item__student_id=learner.anonymous).count(),
        Score.objects.filter(student_item__student_id=learner.anonymous).count(),
    )


def answered(learner: Learner, handler: str, body: object) -> Json:
    """What a handler says to a body; it is checked that a refusal is ours and has changed nothing."""
    before = kept(learner)
    status, answer = learner.post(handler, body)
    if status == 200:
        return answer
    assert status in {400, 403, 404, 405, 409, 413}
    assert set(answer) == {"error"}
    assert set(answer["error"]) == {"code", "message"}
    assert all(isinstance(one, str) and one for one in answer["error"].values())
    assert len(answer["error"]["message"]) < 500
    assert kept(learner) == before
    return {}


# -- what is drawn ----------------------------------------------------------------------------------------------------


def deep(levels: int) -> Any:
    made: Any = 0
    for _ in range(levels):
        made = [made]
    return made


EACH: list[Any] = [
    None, True, False, 0, 1, 2, -1, 3, 1.0, 0.5, -0.0, 1e308, 1e400, float("nan"), float("-inf"), 2**31, 2**63, -(2**64),
    10**4000, "", " ", "0", "x", "x" * 10_000, "0" * 10_000, "e" * 64, "a" * 65, "\ud800", "a\udfff", "\x00", "a\x00b", "ก",
    "🔋", "who", "look", "indicator:debt", "note#decoy:rice", "<script>", "../..", "__proto__", "$ne", "2026-01-01",
    "2026-01-01T00:00:00+00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", [], {}, [[]], [None], ["x"],
    ["x", "x"], ["x" * 10_000] * 10, ["x"] * 6_000, {"a": 1}, {"$ne": None}, {"": {}}, [1, 2.5, "x", None, {}], deep(90),
    {"a": deep(90)}, {"x" * 10_000: 1},
]  # fmt: skip
SHAPES = st.integers(0, len(EACH) - 1).map(lambda at: EACH[at])  # by number: Hypothesis writes out what it chooses from
WILD = st.one_of(
    SHAPES,
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(), max_size=8), SHAPES),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(st.sampled_from(["id", "prev", "task", "answer", "sure", "ms", "held", "text"]), inner),
        ),
        max_leaves=6,
    ),
)
FIELDS = ("id", "prev", "task", "answer", "sure", "ms", "held", "text", "content", "display_name", "weight", "counts")
RAW = [b"", b"{", b"[]", b"nul", b"null", b"0", b'""', b"\xff", b"\x00", b"\xef\xbb\xbf{}", "{}".encode("utf-16"),
       "{}".encode("utf-32-be"), b'{"id": NaN}', b'{"ms": Infinity}', b'{"ms": -Infinity, "id": "event-01"}', b'{"ms": 1e999}',
       b'{"ms": ' + b"9" * 5_001 + b"}", b'{"ms": ' + b"9" * 4_000 + b"}", b'{"id": "\\ud800"}', b'{"id": "\xed\xa0\x80"}',
       b"[" * 100_000, b'{"a":' * 30_000, b'{"a":' * 300 + b"1" + b"}" * 300, b'{"id": "a", "id": "b", "ms": 1, "ms": 2}',
       b'{"ms": 1' + b", 1" * 60_000 + b"}", b'{"held": [' + b'"x",' * 40_000 + b'"x"]}', b'"' + b"x" * 300_000 + b'"',
       b"[" + b'{"id": "event-01", "prev": "", "task": "", "answer": null, "ms": 1},' * 1_000 + b"{}]",
       b"[" + b'{"id":"event-01"},' * 1_000 + b"{}]"]  # fmt: skip


# -- any bytes, any JSON ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("handler", HANDLERS)
@pytest.mark.parametrize("raw", RAW, ids=lambda one: repr(one[:20]))
def test_bytes_that_are_no_request_of_ours_get_our_errors(handler: str, raw: bytes) -> None:
    learner = begun(WAY[0])
    with bounded(10, 256):
        answered(learner, handler, raw)


def test_any_bytes_get_our_errors() -> None:
    learner = begun(WAY[0])

    @tries(200)
    @given(st.sampled_from(HANDLERS), st.binary(max_size=60))
    def every(handler: str, raw: bytes) -> None:
        answered(learner, handler, raw)

    every()


def test_any_json_gets_a_view_or_our_errors() -> None:
    learner = replace(begun(WAY[0]), role="staff", staff=True)

    @tries(300)
    @given(st.sampled_from(HANDLERS), st.one_of(WILD, st.dictionaries(st.sampled_from(FIELDS), WILD)))
    def every(handler: str, body: object) -> None:
        answered(learner, handler, raw(body))

    every()


def raw(body: object) -> bytes:
    """As JSON; a number of more digits than Python writes is written by hand."""
    return json.dumps(body, default=str).encode() if not has_huge(body) else b'{"ms": 1' + b"0" * 5_000 + b"}"


def has_huge(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(has_huge, value.values()))
    if isinstance(value, list):
        return any(map(has_huge, value))
    return isinstance(value, int) and abs(value) >= 10**4200


def test_an_event_with_anything_in_the_place_of_its_parts_gets_a_view_or_our_errors() -> None:
    learner = begun()
    honest = [
        answer_to(learner.view(), WAY[0]),
        {"id": "skip-skip-01", "prev": "", "task": "", "answer": None, "ms": 1},
    ]

    @tries(400)
    @given(st.sampled_from(honest), st.dictionaries(st.sampled_from(FIELDS[:7]), WILD, min_size=1, max_size=3))
    def every(event: Json, change: Json) -> None:
        learner = begun()
        answered(learner, "event", raw({**event, **change}))
        learner.view()

    del learner
    every()


@pytest.mark.parametrize(
    "held", [None, False, [], ["x"], ["x" * 10_000], ["\ud800"], [1], {"a": 1}, float("nan"), 0, ""]
)
def test_whatever_is_held_an_event_is_taken_once(held: object) -> None:
    learner = begun()
    event = {**answer_to(learner.view(), WAY[0]), "held": held}
    assert answered(learner, "event", event)["result"] == "accepted"
    assert answered(learner, "event", event)["result"] == "known"
    assert learner.view()["trail"] == ["spot"]


@pytest.mark.parametrize("sure", [True, False, 1.0, 0.0, "1", 3, -1, [], {}, [1], 2**70])
def test_how_sure_is_a_whole_number(sure: object) -> None:
    learner = begun(WAY[0])
    assert not answered(learner, "event", {**answer_to(learner.view(), WAY[1]), "sure": sure})


# -- too much ---------------------------------------------------------------------------------------------------------


class Counting:
    """Ten megabytes that nobody has in memory; how many of them were read."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        size = 10_000_000 - self.given if size < 0 else min(size, 10_000_000 - self.given)
        self.given += size
        return b" " * size


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_body_of_ten_megabytes_is_refused_before_it_is_read(handler: str) -> None:
    learner, body = begun(WAY[0]), Counting()
    before = kept(learner)
    request = Request.blank("/", method="POST", content_type="application/json")
    request.environ |= {"wsgi.input": body, "CONTENT_LENGTH": "10000000"}
    response = learner.block().handle(handler, request)
    assert (response.status_code, response.json["error"]["code"]) == (413, "too-large")
    assert body.given <= LARGEST_REQUEST
    assert kept(learner) == before


@pytest.mark.parametrize("length", ["", "x", "-1", "1e3", "9" * 5_000])
def test_a_length_that_is_none_is_answered_too(length: str) -> None:
    learner = begun(WAY[0])
    request = Request.blank("/", method="POST", body=b"{}", content_type="application/json")
    request.environ["CONTENT_LENGTH"] = length
    assert learner.block().handle("event", request).status_code in {400, 413}


def test_the_same_answer_from_a_thousand_windows_does_not_fill_the_state() -> None:
    """Each is acknowledged, and its id kept, until the attempt is full."""
    learner = begun()
    view = learner.view()
    status = 200
    sent = 0
    while status == 200 and sent < 1_000:
        status, _ = learner.post("event", {**answer_to(view, WAY[0]), "held": False})
        sent += 1
    assert (status, sent) == (409, log.MOST_EVENTS + 1)
    assert len(json.dumps(stored(learner))) < 2 * log.MOST_BYTES


HUB = case_xml(
    scene("a", choose("round", *(option(f"go-{'x' * 50}{n}", attributes='go="a"') for n in range(2)),
                      option("out", attributes='go="good"'), option("worse", attributes='go="bad"')))
)  # fmt: skip


def test_an_attempt_that_never_ends_stays_within_what_a_submission_holds() -> None:
    learner = begun(content=xml.canonical(xml.tree(HUB, "case")))
    view = learner.view()
    going = next(one["id"] for one in view["moment"]["task"]["options"] if "xxx" in one["html"])
    out = next(one["id"] for one in view["moment"]["task"]["options"] if "Do out" in one["html"])
    event = {"prev": "", "task": view["moment"]["task"]["id"], "answer": going, "sure": None, "ms": 1, "held": False}
    status, sent = 200, 0
    while sent < log.MOST_EVENTS:
        name = f"{sent:064d}"
        status, _ = learner.post("event", {**event, "id": name})
        if status != 200:
            break
        event["prev"] = name
        sent += 1
    assert (status, sent > 100) == (409, True)
    assert len(json.dumps(stored(learner))) < Submission.MAXSIZE
    # The same way one event shorter reaches its ending, and all of it fits.
    state = stored(learner)
    store(learner, {**state, "log": state["log"][:-1]})
    view = answered(learner, "event", {**event, "id": "the-last-one", "prev": state["log"][-2]["id"], "answer": out})
    assert view["phase"] == "debrief"


# -- what is stored ---------------------------------------------------------------------------------------------------


def an_attempt() -> tuple[Learner, Json, dict[str, Json]]:
    """A learner whose stored attempt has something of everything: a log, another id of an event, texts, things set aside."""
    learner = begun(WAY[0])
    view = learner.view()
    other = {**answer_to(view, "Do send now."), "id": "other-tab-1"}
    answered(learner, "event", {**answer_to(view, "Do ask now."), "id": "event-of-ask"})
    answered(learner, "event", {**answer_to(view, "Do ask now."), "id": "twin-of-ask-1"})
    answered(learner, "event", other)
    view = learner.view()
    answered(learner, "event", answer_to(view, "my words"))
    answered(learner, "event", answer_to(view, "my other words"))
    bodies = {
        "open": {},
        "start": {},
        "event": answer_to(learner.view(), "1"),
        "plan": {"text": "A plan."},
    }
    state = copy.deepcopy(stored(learner))
    assert (len(state["log"]), len(state["aside"])) == (3, 2)
    return learner, state, bodies


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(path for key, one in inside for path in paths(one, (*here, key)))]


def changed(state: Json, path: tuple[Any, ...], how: Callable[[Any], Any]) -> Any:
    """A copy of the state with another value at a path; a value that `how` leaves out is LOST."""
    if not path:
        return how(state)
    made = copy.deepcopy(state)
    at: Any = made
    for key in path[:-1]:
        at = at[key]
    value = how(at[path[-1]])
    if value is LOST:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return made


LOST = object()


def test_a_stored_attempt_edited_by_hand_gets_a_view_or_our_errors() -> None:
    learner, state, bodies = an_attempt()
    everywhere = paths(state)
    how = st.one_of(WILD, st.just(LOST))

    @tries(500)
    @given(st.lists(st.tuples(st.sampled_from(everywhere), how), min_size=1, max_size=2), st.sampled_from(list(bodies)))
    def every(changes: list[tuple[tuple[Any, ...], Any]], handler: str) -> None:
        edited: Any = copy.deepcopy(state)
        for path, value in changes:
            try:
                edited = changed(edited, path, lambda old, value=value: {} if value is LOST and not path else value)  # noqa: B023
            except (KeyError, IndexError, TypeError):  # an earlier change has taken this place away
                continue
        store(learner, edited)
        seen_through(learner, handler, bodies[handler])

    every()


def seen_through(learner: Learner, handler: str, body: Json) -> None:
    """A handler on whatever is stored, and then a way on: the attempt goes on, or another one begins."""
    words = set(Answer.objects.filter(student_id=learner.anonymous).values_list("pk", flat=True))
    before = copy.deepcopy(stored(learner)) if handler == "open" else None
    view = answered(learner, handler, body)
    assert view.get("phase", "play") in {"start", "play", "debrief"}
    if handler == "open":
        assert same(stored(learner), before)
    if view.get("phase") == "start":
        assert answered(learner, "start", {})["phase"] in {"play", "debrief"}
    assert words <= set(Answer.objects.filter(student_id=learner.anonymous).values_list("pk", flat=True))


def same(one: Any, other: Any) -> bool:
    return repr(one) == repr(other)  # what is not a number equals nothing


def test_every_value_of_a_stored_attempt_may_be_anything() -> None:
    """Each place in turn, with what is likeliest to be taken for something."""
    learner, state, bodies = an_attempt()
    likely: list[Any] = [
        None,
        True,
        -1,
        2**40,
        1.5,
        float("inf"),
        "",
        "x" * 10_000,
        "\ud800",
        [],
        [[]],
        {},
        deep(90),
        LOST,
    ]
    for path in paths(state):
        for value in likely:
            store(learner, changed(state, path, lambda old, value=value: {} if value is LOST and not path else value))  # noqa: B023
            seen_through(learner, "event", bodies["event"])


HAND: dict[str, Callable[[Json], Any]] = {
    "no object": lambda state: [state],
    "text": lambda state: json.dumps(state),
    "a number": lambda state: 7,
    "another version": lambda state: {**state, "v": 2},
    "a version that is true": lambda state: {**state, "v": True},
    "a log of ten thousand": lambda state: {**state, "log": state["log"] * 3_334},
    "ten thousand aside": lambda state: {**state, "aside": state["aside"] * 5_000},
    "ten thousand other ids": lambda state: {**state, "log": [{**state["log"][0], "also": ["twin-twin-1"] * 10_000}]},
    "ids of ten kilobytes": lambda state: {**state, "log": [{**one, "id": "x" * 10_000} for one in state["log"]]},
    "an id of ten kilobytes": lambda state: {**state, "id": "x" * 10_000},
    "a circle of ids": lambda state: {**state, "log": [{**one, "prev": state["log"][-1]["id"]} for one in state["log"]]},
    "one id for all": lambda state: {**state, "log": [{**one, "id": "event-01", "prev": "event-01"} for one in state["log"]]},
    "the same in the log and aside": lambda state: {**state, "aside": state["log"]},
    "unknown tasks": lambda state: {**state, "log": [{**one, "task": "gone"} for one in state["log"]]},
    "unknown words": lambda state: {**state, "log": [*state["log"][:-1], {**state["log"][-1], "answer": "no-such-answer"}]},
    "words with a NUL": lambda state: {**state, "log": [*state["log"][:-1], {**state["log"][-1], "answer": "a\x00b"}]},
    "a log without its beginning": lambda state: {**state, "log": state["log"][1:]},
    "a log told backward": lambda state: {**state, "log": state["log"][::-1]},
    "an ending that was not kept": lambda state: {**state, "over": True},
    "another learner's attempt": lambda state: {**state, "id": "f" * 32},
    "no date": lambda state: {**state, "started": "yesterday"},
    "a date without a zone": lambda state: {**state, "started": "2026-01-01T00:00:00"},
    "a date before all dates": lambda state: {**state, "started": "0001-01-01T00:00:00+14:00"},
    "a number past all numbers": lambda state: {**state, "number": 2**31},
    "an unknown variant": lambda state: {**state, "variant": "nobody"},
    "three hundred deep": lambda state: {**state, "log": deep(300)},
    "two thousand deep": lambda state: {**state, "id": deep(900)},
    "deep answers": lambda state: {**state, "log": [{**one, "answer": deep(200)} for one in state["log"]]},
}  # fmt: skip


@pytest.mark.parametrize("handler", ["open", "start", "event", "plan"])
@pytest.mark.parametrize("name", HAND)
def test_an_attempt_that_a_hand_has_been_in_is_played_on_or_begun_anew(name: str, handler: str) -> None:
    learner, state, bodies = an_attempt()
    Answer.objects.create(
        course_id="course-v1:A+B+C", item_id="x", student_id="another", attempt="f" * 32, event=bodies["event"]["id"], task="say",
        text="Another's.", created=Answer.objects.latest("created").created,
    )  # fmt: skip
    store(learner, HAND[name](state))
    with bounded(20, 256):
        status, view = learner.post(handler, bodies[handler])
    assert status in {200, 400, 409}
    assert "Another's." not in json.dumps(view)
    status, view = learner.post("open")
    assert (status, view["phase"] in {"start", "play", "debrief"}) == (200, True)
    for _ in range(6):
        if view["phase"] == "start":
            status, view = learner.post("start")
        if view["phase"] == "play":
            kind = view["moment"]["task"]["kind"]
            wanted = {"spot": "rice", "choose": "Do", "write": "words", "judge": "1"}[kind]
            learner.post("event", answer_to(view, wanted))
            view = learner.view()
    if name not in ("unknown words", "another learner's attempt"):  # these can end in no finish; see below
        assert view["phase"] == "debrief"


def test_a_log_that_names_words_which_were_never_kept_ends_in_no_finish() -> None:
    learner, state, bodies = an_attempt()
    store(learner, HAND["unknown words"](state))
    before = kept(learner)
    status, answer = learner.post("event", bodies["event"])
    assert (status, answer["error"]["code"]) == (409, "not-kept")
    assert kept(learner) == before


def test_a_text_for_another_learners_attempt_is_refused() -> None:
    other, learner = begun(*WAY[:2]), begun(*WAY[:2])
    event = answer_to(learner.view(), "mine")
    status, _ = other.post("event", {**answer_to(other.view(), "theirs"), "id": event["id"]})
    assert status == 200
    store(learner, {**stored(learner), "id": stored(other)["id"]})
    status, answer = learner.post("event", {**answer_to(learner.view(), "mine"), "id": event["id"]})
    assert (status, answer["error"]["code"]) == (409, "not-kept")
    assert [one.text for one in Answer.objects.filter(event=event["id"])] == ["theirs"]


def test_a_report_of_states_edited_by_hand_is_a_report() -> None:
    learner = begun(*WAY)
    state = stored(learner)

    class One:
        def __init__(self, state: Any) -> None:
            self.username, self.state = "somebody", state

    edited: list[Any] = [{"attempt": HAND[name](state)} for name in HAND if name not in ("a version that is true",)]
    told = list(learner.block().generate_report_data(map(One, [None, [], "x", {}, {"attempt": "x"}, *edited])))
    assert all(isinstance(name, str) and isinstance(cells, dict) for name, cells in told)


# -- an author's edit -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["\ud800", "a\x00b", "a\nb", "\ufffe", "x" * 256, "", " ", None, 5, ["x"]])
def test_a_name_that_xml_or_a_database_cannot_hold_is_refused(name: object) -> None:
    author = replace(begun(WAY[0]), role="staff", staff=True)
    assert not answered(author, "studio_submit", {"display_name": name, "counts": "best", "content": WHOLE})


def test_an_edit_with_anything_in_the_place_of_its_parts_gets_findings_or_our_errors() -> None:
    author = replace(begun(), role="staff", staff=True)
    honest = {"display_name": "S", "counts": "best", "content": WHOLE, "weight": 5, "max_attempts": ""}

    @tries(200)
    @given(st.dictionaries(st.sampled_from(sorted(honest)), WILD, min_size=1, max_size=2))
    def every(change: Json) -> None:
        told = answered(author, "studio_submit", raw({**honest, **change}))
        assert not told or set(told) == {"saved", "findings"}
        assert author.view()["phase"] == "play"
        block = author.block()
        block.runtime.local_resource_url = lambda block, path: f"/{path}"
        block.studio_view().content.encode()

    every()


# -- all of it, one after the other -----------------------------------------------------------------------------------


class Anybody(RuleBasedStateMachine):
    """Honest moves and hostile ones, in any order. Whatever was taken stays; whatever was refused never was."""

    def __init__(self) -> None:
        super().__init__()
        self.learner = Learner(CONTENT, DictKeyValueStore(), anonymous=uuid.uuid4().hex)
        self.learner.block()
        self.sent: list[Json] = []
        self.texts: set[str] = set()
        self.finished = 0

    @rule()
    def start(self) -> None:
        answered(self.learner, "start", {})

    @precondition(lambda self: self.learner.view()["phase"] == "play")
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        view = self.learner.view()
        kind = view["moment"]["task"]["kind"]
        text = f"words {len(self.sent)}"
        wanted = {"spot": ["rice", "a debt"], "choose": ["Do "], "write": [text], "judge": ["-2", "0"]}[kind]
        body = answer_to(view, data.draw(st.sampled_from(wanted)))
        told = answered(self.learner, "event", {**body, "held": data.draw(st.sampled_from([None, False, [], ["x"]]))})
        assert told["result"] == "accepted"
        self.sent.append(body)
        if kind == "write":
            self.texts.add(text)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """An event of before, as it was or with something else in one place."""
        body = dict(data.draw(st.sampled_from(self.sent)))
        change = data.draw(st.one_of(st.just({}), st.dictionaries(st.sampled_from(FIELDS[:7]), WILD, max_size=1)))
        answered(self.learner, "event", raw({**body, **change}))

    @rule(body=st.one_of(WILD, st.dictionaries(st.sampled_from(FIELDS), WILD)), handler=st.sampled_from(HANDLERS))
    def anything(self, handler: str, body: object) -> None:
        answered(self.learner, handler, raw(body))

    @rule(text=st.one_of(st.text(max_size=20), SHAPES))
    def plan(self, text: object) -> None:
        answered(self.learner, "plan", raw({"text": text}))

    @invariant()
    def nothing_is_lost(self) -> None:
        view = self.learner.view()
        assert view["phase"] in {"start", "play", "debrief"}
        mine = Answer.objects.filter(student_id=self.learner.anonymous)
        assert self.texts <= set(mine.values_list("text", flat=True))
        finished = Finish.objects.filter(student_id=self.learner.anonymous).count()
        assert self.finished <= finished <= self.finished + 1
        self.finished = finished


def test_honest_and_hostile_requests_in_any_order() -> None:
    run_state_machine_as_test(Anybody, settings=tries(30))
