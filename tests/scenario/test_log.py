"""The event rule: nothing is lost, nothing is counted twice, first to arrive wins."""

import json
import random
from collections.abc import Iterable

import pytest

from cases import WHOLE, sound
from casework.scenario import log
from casework.scenario.log import Attempt, Event, Malformed, Receipt, Refused
from casework.scenario.model import Case

NEW = Attempt("attempt-1", 1, "2026-01-01T00:00:00+00:00", "f" * 16)


def event(name: str, prev: str, task: str, answer: object, sure: int | None = None) -> Event:
    return Event(name, prev, task, answer, sure, 10)  # type: ignore[arg-type]


LOOK = event("event-01", "", "look", ["indicator:debt"])
ASK = event("event-02", "event-01", "who", "ask", 2)
SEND = event("event-03", "event-01", "who", "send", 0)


def sent(case: Case, attempt: Attempt, *events: Event) -> Receipt:
    receipt = Receipt("", attempt, log.play(case, attempt.log)[0])
    for one in events:
        receipt = log.receive(case, receipt.attempt, one)
    return receipt


def through_json(attempt: Attempt) -> Attempt:
    again = log.attempt(json.loads(json.dumps(attempt.json())))
    assert again is not None
    return again


def test_an_event_at_the_head_is_appended(whole: Case) -> None:
    receipt = sent(whole, NEW, LOOK, ASK)
    assert receipt.result == "accepted"
    assert receipt.attempt.head == "event-02"


def test_a_known_event_is_acknowledged_again_and_changes_nothing(whole: Case) -> None:
    before = sent(whole, NEW, LOOK, ASK).attempt
    for again in (LOOK, ASK):
        receipt = log.receive(whole, before, again)
        assert (receipt.result, receipt.attempt) == ("known", before)


def test_another_answer_at_an_earlier_place_is_set_aside_with_all_that_follows_it(whole: Case) -> None:
    receipt = sent(whole, NEW, LOOK, ASK, SEND)
    assert receipt.result == "aside"
    assert receipt.attempt.head == "event-02"
    after = log.receive(whole, receipt.attempt, event("event-04", "event-03", "say", "words"))
    assert after.result == "aside"
    assert [one.event.id for one in after.attempt.aside] == ["event-03", "event-04"]


def test_the_same_answer_from_a_second_tab_is_the_same_event(whole: Case) -> None:
    twin = event("event-99", "event-01", "who", "ask", 2)
    receipt = sent(whole, NEW, LOOK, ASK, twin)
    assert receipt.result == "known"
    assert len(receipt.attempt.log) == 2
    follow = log.receive(whole, receipt.attempt, event("event-05", "event-99", "say", "words"))
    assert follow.result == "accepted"


def test_an_unknown_predecessor_asks_for_the_queue_from_its_oldest(whole: Case) -> None:
    receipt = log.receive(whole, NEW, ASK)
    assert (receipt.result, receipt.attempt) == ("resend", NEW)


def test_an_illegal_event_at_the_head_is_refused_and_changes_nothing(whole: Case) -> None:
    doubt = event("event-02", "event-01", "who", "doubt", 1)
    before = sent(whole, NEW, event("event-01", "", "look", [])).attempt
    with pytest.raises(Refused, match="closed"):
        log.receive(whole, before, doubt)


def test_after_an_authors_edit_what_no_longer_fits_is_set_aside(whole: Case) -> None:
    played = sent(whole, NEW, LOOK, ASK).attempt
    edited = Attempt(**{**vars(played), "log": (log.Entry(event("event-01", "", "gone", "x")), *played.log[1:])})
    moved = log.rebased(whole, "0" * 16, edited)
    assert (moved.log, len(moved.aside), moved.changed, moved.case) == ((), 2, True, "0" * 16)
    assert log.rebased(whole, NEW.case, played) is played
    late = log.receive(whole, moved, event("event-03", "event-02", "say", "words that are not lost"))
    assert late.result == "aside"


def test_the_words_of_an_answer_are_replaced_by_the_id_under_which_they_are_kept(whole: Case) -> None:
    receipt = sent(whole, NEW, LOOK, ASK, event("event-03", "event-02", "say", "my words")).with_words("answer-id")
    assert receipt.attempt.log[-1].event.answer == "answer-id"
    assert "my words" not in json.dumps(receipt.attempt.json())
    assert receipt.play == log.play(whole, receipt.attempt.log)[0]


def test_an_attempt_comes_back_whole_from_storage(whole: Case) -> None:
    attempt = sent(whole, NEW, LOOK, ASK, SEND).attempt
    assert through_json(attempt) == attempt


@pytest.mark.parametrize(
    "stored",
    [{}, {"v": 2}, {"v": 1}, {"v": 1, "id": "x", "number": "n", "started": "", "case": "", "log": [], "aside": []},
     {"v": 1, "id": "x", "number": 1, "started": "", "case": "", "log": [{"id": "a"}], "aside": []},
     {"v": 1, "id": "x", "number": 1, "started": "", "case": "", "log": 3, "aside": []}],
)  # fmt: skip
def test_a_stored_attempt_edited_by_hand_is_no_attempt(stored: dict[str, object]) -> None:
    assert log.attempt(stored) is None


SLUGS = {
    "T": "look",
    "W": "who",
    "S": "say",
    "N": "news",
    "A": "ask",
    "P": "note#indicator:debt",
    "R": "note#decoy:rice",
}


def slugs(among: Iterable[str]) -> dict[str, str]:
    asked = set(among)
    return {hidden: slug for hidden, slug in SLUGS.items() if slug in asked}


GOOD = {"id": "event-01", "prev": "", "task": "W", "answer": "A", "sure": 1, "ms": 5}


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (GOOD, "ask"),
        ({**GOOD, "task": "T", "answer": ["P", "R"], "sure": None}, ["decoy:rice", "indicator:debt"]),
        ({**GOOD, "task": "S", "answer": "  words ကျေးဇူး 🔋 ", "sure": None}, "words ကျေးဇူး 🔋"),
        ({**GOOD, "task": "N", "answer": -2, "sure": None}, -2),
        ({**GOOD, "task": "", "answer": None, "sure": None}, None),
    ],
)
def test_an_event_is_read_by_the_kind_of_its_task(whole: Case, body: dict[str, object], answer: object) -> None:
    assert log.read_event(whole, body, slugs).answer == answer


@pytest.mark.parametrize(
    "change",
    [{"id": 1}, {"id": "short"}, {"id": "x" * 10_000}, {"id": "<script>"}, {"prev": None}, {"prev": "?"}, {"ms": -1}, {"ms": "5"},
     {"ms": True}, {"sure": 3}, {"sure": True}, {"sure": "1"}, {"task": "who"}, {"task": 3}, {"task": None}, {"answer": "ask"},
     {"answer": None}, {"answer": ["A"]}, {"task": "T", "answer": "P"}, {"task": "T", "answer": ["P", "P"]},
     {"task": "T", "answer": ["A"]}, {"task": "T", "answer": [1]}, {"task": "S", "answer": " "},
     {"task": "S", "answer": "x" * (log.LONGEST_WORDS + 1)}, {"task": "S", "answer": "a\x00b"}, {"task": "S", "answer": "\ud800"},
     {"task": "N", "answer": 3}, {"task": "N", "answer": "1"}, {"task": "N", "answer": True}, {"task": "", "answer": "A"}],
)  # fmt: skip
def test_what_no_honest_client_sends_is_malformed(whole: Case, change: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        log.read_event(whole, {**GOOD, **change}, slugs)


def test_two_tabs_in_any_order_with_loss_and_doubles_lose_and_double_nothing(whole: Case) -> None:
    """Every event ends in the log or aside, none twice, and the log is a legal play."""
    tab_one = [LOOK, ASK, event("event-11", "event-02", "say", "one"), event("event-12", "event-11", "news", 1)]
    tab_two = [LOOK, SEND, event("event-21", "event-03", "say", "two"), event("event-22", "event-21", "news", -1)]
    for seed in range(300):
        dice = random.Random(seed)  # noqa: S311
        attempt, queues = NEW, [list(tab_one), list(tab_two)]
        while any(queues):
            queue = dice.choice([one for one in queues if one])
            at = dice.randrange(len(queue))
            receipt = log.receive(whole, attempt, queue[at])
            attempt = through_json(receipt.attempt)
            assert receipt.play == log.play(whole, attempt.log)[0]
            if receipt.result != "resend" and dice.random() < 0.7:  # else the reply was lost, and it is sent again
                queue.pop(at)
        ids = [one.event.id for one in (*attempt.log, *attempt.aside)]
        assert sorted(ids) == sorted({one.id for one in (*tab_one, *tab_two)})
        assert log.play(whole, attempt.log)[1] == len(attempt.log)


# -- what storage and other windows may do ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["id", "number", "started", "case", "log", "aside"])
@pytest.mark.parametrize(
    "value", [None, True, -1, 2.5, float("inf"), "", "x" * 10_000, "\ud800", [1], {"a": 1}, [[[]]]]
)
def test_no_part_of_a_stored_attempt_may_be_of_another_form(whole: Case, name: str, value: object) -> None:
    stored = sent(whole, NEW, LOOK, ASK, SEND).attempt.json()
    assert log.attempt({**stored, name: value}) is None


@pytest.mark.parametrize("name", ["id", "prev", "task", "answer", "sure", "ms", "also"])
@pytest.mark.parametrize("value", [True, -5, 2.5, float("inf"), "x" * 10_000, "\ud800", "a\x00", [1], {"a": 1}, [[[]]]])
def test_no_part_of_a_stored_event_may_be_of_another_form(whole: Case, name: str, value: object) -> None:
    stored = sent(whole, NEW, LOOK, ASK).attempt.json()
    if (name, value) == ("answer", -5):
        value = 2**70
    assert log.attempt({**stored, "log": [{**stored["log"][0], name: value}]}) is None


def test_an_id_that_stands_twice_was_written_by_hand(whole: Case) -> None:
    stored = sent(whole, NEW, LOOK, ASK).attempt.json()
    assert log.attempt({**stored, "aside": stored["log"]}) is None


def test_more_events_than_an_attempt_holds_are_no_attempt(whole: Case) -> None:
    stored = sent(whole, NEW, LOOK).attempt.json()
    many = [{**stored["log"][0], "id": f"event-{n:05d}"} for n in range(log.MOST_EVENTS + 1)]
    assert log.attempt({**stored, "aside": many}) is None
    assert log.attempt({**stored, "log": [], "aside": many[1:]}) is not None


def test_an_event_that_was_set_aside_is_said_to_be_so_again(whole: Case) -> None:
    """The reply that said it first may have been lost."""
    before = sent(whole, NEW, LOOK, ASK, SEND).attempt
    again = log.receive(whole, before, SEND)
    assert (again.result, again.attempt, again.entry) == ("aside", before, None)


def test_ids_of_one_event_are_counted_among_an_attempts_events(whole: Case) -> None:
    attempt = sent(whole, NEW, LOOK).attempt
    for n in range(log.MOST_EVENTS - 1):
        attempt = log.receive(whole, attempt, event(f"twin-{n:04d}", "", "look", ["indicator:debt"])).attempt
    with pytest.raises(Refused):
        log.receive(whole, attempt, event("one-more1", "", "look", ["indicator:debt"]))


def test_a_log_that_no_longer_fits_is_set_aside_also_where_the_case_is_the_same(whole: Case) -> None:
    """A later version of the rules may refuse what an earlier one took; nothing that follows would ever be reached."""
    attempt = Attempt(
        **{**vars(NEW), "log": (log.Entry(LOOK), log.Entry(SEND), log.Entry(event("event-09", "event-03", "say", 5)))}
    )
    moved = log.rebased(whole, NEW.case, attempt)
    assert ([one.event.id for one in moved.log], len(moved.aside), moved.changed) == (["event-01", "event-03"], 1, True)


def test_an_edit_ends_no_attempt(whole: Case) -> None:
    """Only an answer does: the one that would now lead to the ending is asked again."""
    words = event("event-03", "event-02", "say", "words")
    played = sent(whole, NEW, LOOK, ASK, words).attempt
    source = WHOLE
    for start, end in (('<judge id="news">', "</judge>"), ('<panel task="news">', "</panel>")):
        before, _, rest = source.partition(start)
        source = before + rest.partition(end)[2]
    shorter = sound(source)
    moved = log.rebased(shorter, "0" * 16, played)
    assert ([one.event.id for one in moved.log], [one.event.id for one in moved.aside]) == (
        ["event-01", "event-02"],
        ["event-03"],
    )
    assert moved.changed
    assert not log.play(shorter, moved.log)[0].ending


def test_after_an_edit_nothing_is_added_to_a_finished_attempt(whole: Case) -> None:
    """By the rules of the new version its log may end in the middle."""
    over = Attempt(**{**vars(sent(whole, NEW, LOOK, ASK).attempt), "over": True})
    receipt = log.receive(whole, over, event("event-03", "event-02", "say", "words"))
    assert (receipt.result, receipt.attempt.log) == ("aside", over.log)
