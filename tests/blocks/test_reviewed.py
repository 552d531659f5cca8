"""What a learner sees of reviews: the reason of a return and one more attempt, what changed in the points and why, and what
was said of earlier attempts. Through the handlers, on real storage."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from webob import Request

from cases import WHOLE
from casework.blocks.words import words
from casework.review import api as review
from casework.review.models import Answer
from casework.scenario import xml
from learners import Learner, answer_to
from review.races import at_once

SAY = words("en")
WAY = ["a debt, papers kept", "Do ask now.", "พวกเขาเป็นหนี้ ကြွေးမြီ 🔋", "1"]
REASON = "บอกด้วยว่าคำไหน <b>ကြွေး</b> 🔋\nทีละข้อ"
SHOWN = "บอกด้วยว่าคำไหน &lt;b&gt;ကြွေး&lt;/b&gt; 🔋\nทีละข้อ"
REVIEWER = "reviewer-4711"


def play(learner: Learner, *wanted: str) -> dict[str, Any]:
    """The view after a whole new attempt, or the rest of the running one."""
    view = learner.view()
    if view["phase"] != "play":
        status, view = learner.post("start")
        assert status == 200, view
    for one in wanted or WAY:
        status, view = learner.post("event", answer_to(view, one))
        assert status == 200, view
    return view


def place(learner: Learner) -> review.Place:
    found = learner.block().place
    assert found is not None
    return found


def newest(learner: Learner) -> int:
    return review.finishes(place(learner))[-1].id


def give_back(learner: Learner, reason: str = REASON) -> None:
    review.return_answer(newest(learner), "say", reason, REVIEWER)


@pytest.fixture
def once(learner: Learner) -> Learner:
    """Somebody who has played once, and has no attempt left."""
    learner.settings = {"max_attempts": 1}
    play(learner)
    return learner


# -- an answer that was given back ---------------------------------------------------------------------------------------


def test_the_reason_stands_beside_the_answer_and_first_of_all(once: Learner) -> None:
    give_back(once)
    told = once.view()["debrief"]
    assert (told["writing"][0]["state"], told["writing"][0]["returned"]["reason"]) == ("returned", REASON)
    assert told["writing"][0]["text"] == WAY[2]
    assert (told["next"]["press"], told["next"]["first"]) == (SAY["again"], True)
    assert SHOWN in told["next"]["html"]
    assert SAY["returned_do"] in told["next"]["html"]


def test_an_answer_that_waits_says_so_and_asks_for_nothing(once: Learner) -> None:
    told = once.view()["debrief"]
    assert (told["writing"][0]["state"], told["writing"][0]["returned"], told["next"]) == ("waiting", None, None)
    assert "Points that wait for review: 2" in told["counted"]


def test_points_of_what_was_given_back_wait_for_no_reviewer(once: Learner) -> None:
    give_back(once)
    told = once.view()["debrief"]
    assert told["figures"]["waiting"] == 0
    assert "Points of answers given back, not counted now: 2" in told["counted"]
    assert "wait for review" not in told["counted"]


def test_one_more_attempt_may_be_begun_where_none_is_left(once: Learner) -> None:
    assert once.view()["debrief"]["again"] is False
    give_back(once)
    view = once.view()
    assert (view["left"], view["debrief"]["again"]) == (0, True)
    status, view = once.post("start")
    assert (status, view["phase"], view["attempt"]["number"]) == (200, "play", 2)


def test_a_return_allows_one_attempt_and_no_other(once: Learner) -> None:
    give_back(once)
    play(once)
    view = once.view()
    assert view["debrief"]["again"] is False
    before = copy.deepcopy(once.block().attempt)
    status, answer = once.post("start")
    assert (status, answer["error"]["code"]) == (409, "no-attempts")
    assert once.block().attempt == before


def test_two_returns_of_one_attempt_allow_one_attempt(once: Learner) -> None:
    give_back(once, "one")
    give_back(once, "another")
    assert once.view()["debrief"]["writing"][0]["returned"]["reason"] == "another"
    play(once)
    assert once.post("start")[0] == 409


def test_a_second_return_allows_a_second_attempt(once: Learner) -> None:
    for number in (2, 3):
        give_back(once)
        assert play(once)["attempt"]["number"] == number
    assert once.post("start")[0] == 409


def test_a_return_that_comes_after_a_later_attempt_allows_none(once: Learner) -> None:
    first = newest(once)
    give_back(once)
    play(once)
    review.return_answer(first, "say", "late", REVIEWER)
    view = once.view()
    assert (view["debrief"]["again"], view["debrief"]["next"]) == (False, None)
    assert once.post("start")[0] == 409


def test_a_return_that_comes_while_a_later_attempt_runs_allows_none_beside_it(learner: Learner) -> None:
    learner.settings = {"max_attempts": 2}
    play(learner)
    learner.post("start")
    give_back(learner)
    assert play(learner)["attempt"]["number"] == 2
    assert learner.post("start")[0] == 409


def test_what_was_reviewed_after_it_was_given_back_is_no_longer_given_back(once: Learner) -> None:
    give_back(once)
    review.review(newest(once), "say", {"facts": 2}, "ดี", REVIEWER)
    told = once.view()["debrief"]
    assert (told["writing"][0]["state"], told["writing"][0]["returned"], told["next"]) == ("reviewed", None, None)
    assert once.post("start")[0] == 409


def test_an_answer_given_back_after_a_review_keeps_its_levels_and_comment(once: Learner) -> None:
    review.review(newest(once), "say", {"facts": 2}, "ดี", REVIEWER)
    give_back(once)
    one = once.view()["debrief"]["writing"][0]
    assert (one["state"], one["comment"], one["rows"][0]["given"]) == ("returned", "ดี", 1)


def test_a_forgotten_text_leaves_no_reason_and_may_be_tried_again(once: Learner) -> None:
    give_back(once)
    review.forget_learner([once.anonymous])
    told = once.view()["debrief"]
    assert (told["writing"][0]["text"], told["writing"][0]["returned"]["reason"]) == (None, "")
    assert "cw-own" not in told["next"]["html"]
    assert once.post("start")[0] == 200


def test_nobody_elses_attempt_is_given_back(once: Learner) -> None:
    other = replace(once, anonymous="anon-2", store=type(once.store)())
    play(other)
    give_back(once)
    told = other.view()["debrief"]
    assert (told["again"], told["next"], told["writing"][0]["state"]) == (False, None, "waiting")
    assert other.post("start")[0] == 409
    assert REASON not in json.dumps(other.view(), ensure_ascii=False)


def test_no_reviewer_is_named(once: Learner) -> None:
    finish = newest(once)
    review.override(finish, 7, "why", REVIEWER)
    review.review(finish, "say", {"facts": 0}, "so", REVIEWER)
    give_back(once)
    seen = [once.view()]
    _, view = once.post("start")
    for wanted in WAY:
        _, view = once.post("event", answer_to(view, wanted))
        seen.append(view)
    assert REVIEWER not in json.dumps(seen)


# -- a start that comes twice -------------------------------------------------------------------------------------------


def test_a_start_that_is_sent_again_begins_nothing_new(once: Learner) -> None:
    give_back(once)
    _, first = once.post("start")
    _, again = once.post("start")
    assert again["attempt"] == first["attempt"]
    assert review.finishes(place(once))[0].number == 1


def started(block: Any) -> Any:
    """A start by a block that was loaded before another one was saved."""
    return json.loads(block.handle("start", Request.blank("/", method="POST", body=b"{}")).body)


def test_two_starts_at_once_begin_the_same_attempt(once: Learner) -> None:
    give_back(once)
    blocks = [once.block(), once.block()]
    assert all(block.attempt["over"] for block in blocks)
    first, second = map(started, blocks)
    assert first["attempt"]["id"] == second["attempt"]["id"]
    play(once)
    assert [one.number for one in review.finishes(place(once))] == [1, 2]
    assert once.post("start")[0] == 409


def test_a_start_that_was_overtaken_loses_no_answer(once: Learner) -> None:
    give_back(once)
    late = once.block()
    assert late.attempt["over"]
    _, view = once.post("start")
    first = answer_to(view, WAY[0])
    _, view = once.post("event", first)
    started(late)
    second = answer_to(view, WAY[1])
    assert once.post("event", second)[1]["result"] == "resend"
    assert [once.post("event", one)[1]["result"] for one in (first, second)] == ["accepted", "accepted"]
    assert play(once, *WAY[2:])["phase"] == "debrief"
    assert len(review.finishes(place(once))) == 2


@pytest.mark.django_db(transaction=True)
def test_many_starts_and_returns_at_once_end_in_one_more_attempt(once: Learner) -> None:
    give_back(once)
    starts = [lambda: once.post("start")] * 6
    assert at_once(*starts, *([lambda: give_back(once)] * 2)) == []
    play(once)
    assert [one.number for one in review.finishes(place(once))] == [1, 2]
    assert once.post("start")[0] == 409


# -- what changed in the points -----------------------------------------------------------------------------------------


def test_before_a_review_nothing_has_changed(once: Learner) -> None:
    assert once.view()["debrief"]["counted"] == (
        '<p class="cw-soft">Points that wait for review: 2</p><p class="cw-soft">In the gradebook: 8 of 8</p>'
    )


def test_a_review_tells_the_points_before_and_after_and_what_it_gave(once: Learner) -> None:
    review.review(newest(once), "say", {"facts": 2}, "", REVIEWER)
    told = once.view()["debrief"]
    assert told["figures"]["points"] == 8
    assert "Points at the end of the case: 6. Points now: 8 of 8." in told["counted"]
    assert "Points that your reviewer gave for your answers: 2." in told["counted"]
    assert SAY["grade_waited"] in told["counted"]


def test_a_review_that_gives_nothing_says_so_too(once: Learner) -> None:
    review.review(newest(once), "say", {"facts": 0}, "", REVIEWER)
    told = once.view()["debrief"]
    assert "Points at the end of the case: 6. Points now: 6 of 8." in told["counted"]
    assert "Points that your reviewer gave for your answers: 0." in told["counted"]
    assert "In the gradebook: 6 of 8" in told["counted"]


def test_an_override_tells_what_it_changed_and_why(once: Learner) -> None:
    review.override(newest(once), 3, REASON, REVIEWER)
    told = once.view()["debrief"]
    assert told["figures"]["points"] == 3
    assert "Points at the end of the case: 6. Points now: 3 of 8." in told["counted"]
    assert "from 6 to 3. The reason:" in told["counted"]
    assert SHOWN in told["counted"]
    assert "gave for your answers" not in told["counted"]


def test_an_override_that_was_taken_back_is_told_too(once: Learner) -> None:
    review.override(newest(once), 3, "a slip", REVIEWER)
    review.override(newest(once), None, "ผิดคน", REVIEWER)
    told = once.view()["debrief"]
    assert told["figures"]["points"] == 6
    assert f"<p>{SAY['points_taken_back']}</p>" in told["counted"]
    assert "ผิดคน" in told["counted"]
    assert "a slip" not in told["counted"]


def test_the_points_that_are_told_are_those_of_the_desk(once: Learner) -> None:
    review.override(newest(once), 1, "why", REVIEWER)
    review.review(newest(once), "say", {"facts": 2}, "", REVIEWER)
    assert once.view()["debrief"]["figures"]["points"] == review.finishes(place(once))[0].points == 3


def test_a_burmese_case_counts_in_its_digits(learner: Learner) -> None:
    learner.content = xml.canonical(xml.tree(WHOLE.replace('lang="en"', 'lang="my"', 1), "case"))
    play(learner)
    review.override(newest(learner), 3, "ok 7", REVIEWER)
    counted = learner.view()["debrief"]["counted"]
    assert "၆" in counted
    assert "ok 7" in counted


# -- earlier attempts ---------------------------------------------------------------------------------------------------


def asked_again(learner: Learner) -> dict[str, Any]:
    """The task of a new attempt in which the text is asked for again."""
    task: dict[str, Any] = play(learner, *WAY[:2])["moment"]["task"]
    assert task["kind"] == "write"
    return task


def test_the_reason_stands_where_the_answer_is_written_anew(once: Learner) -> None:
    give_back(once)
    task = asked_again(once)
    assert SAY["returned_before"] in task["said"]
    assert SHOWN in task["said"]


def test_a_comment_stands_where_the_answer_is_written_anew(learner: Learner) -> None:
    play(learner)
    review.review(newest(learner), "say", {"facts": 0}, REASON, REVIEWER)
    task = asked_again(learner)
    assert SAY["reviewed_before"] in task["said"]
    assert SHOWN in task["said"]


def test_a_first_answer_has_nothing_said_of_it(learner: Learner) -> None:
    assert asked_again(learner)["said"] == ""


def test_a_later_attempt_waits_and_the_earlier_one_keeps_what_was_said_of_it(once: Learner) -> None:
    give_back(once)
    told = play(once, *WAY[:2], "คำตอบใหม่", "1")["debrief"]
    assert (told["writing"][0]["text"], told["writing"][0]["state"]) == ("คำตอบใหม่", "waiting")
    assert [(one["number"], one["writing"][0]["text"]) for one in told["earlier"]] == [(1, WAY[2])]
    assert told["earlier"][0]["writing"][0]["returned"]["reason"] == REASON


def test_each_attempt_shows_its_own_feedback(learner: Learner) -> None:
    play(learner)
    review.review(newest(learner), "say", {"facts": 0}, "first", REVIEWER)
    play(learner)
    review.review(newest(learner), "say", {"facts": 2}, "second", REVIEWER)
    told = learner.view()["debrief"]
    assert told["writing"][0]["comment"] == "second"
    assert told["earlier"][0]["writing"][0]["comment"] == "first"
    assert "Points now: 8 of 8" in told["counted"]
    assert "Points now: 6 of 8" in told["earlier"][0]["changed"]


def test_earlier_attempts_of_which_nothing_was_said_are_not_told(learner: Learner) -> None:
    play(learner)
    assert play(learner)["debrief"]["earlier"] == []


def test_an_earlier_attempt_is_told_on_the_case_of_its_day(once: Learner) -> None:
    give_back(once)
    block = once.block()
    block.content = xml.canonical(xml.tree(WHOLE.replace("<ask>Why?</ask>", "<ask>Why now?</ask>"), "case"))
    block.save()
    told = play(once)["debrief"]
    assert (told["writing"][0]["ask"], told["earlier"][0]["writing"][0]["ask"]) == ("Why now?", "Why?")


def test_the_number_of_queries_does_not_grow_with_what_was_said(learner: Learner) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            learner.view()
        return len(seen)

    counts = []
    for _ in range(4):
        play(learner)
        review.review(newest(learner), "say", {"facts": 2}, "x", REVIEWER)
        give_back(learner)
        counts.append(queries())
    assert counts[1] == counts[3]
    assert Answer.objects.filter(task="say").count() == 4


# -- a case with two persons --------------------------------------------------------------------------------------------


def test_a_return_comes_before_the_other_person(learner: Learner) -> None:
    variants = "".join(
        f'<variant id="{name}"><title>With {name}</title><word id="person">{name}</word></variant>'
        for name in ("ana", "tun")
    )
    pair = WHOLE.replace("</care>", f"</care>{variants}").replace("<text>Text.</text>", "<text>{Person} waits.</text>")
    learner.content = xml.canonical(xml.tree(pair, "case"))
    told = play(learner)["debrief"]
    assert (told["next"]["press"], told["next"]["first"]) == (SAY["other"], False)
    give_back(learner)
    told = learner.view()["debrief"]
    assert (told["other"], told["next"]["press"]) == (True, SAY["again"])
