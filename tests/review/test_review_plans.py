"""A plan beside answers, reviews and the desk: kept in the same table, and met by none of them. And the variant of an attempt,
as it is kept and as the desk tells it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from submissions import api as submissions
from submissions.models import Submission

from casework.review import api, queue
from casework.review.models import Answer, Finish, Written
from review import small_case
from review.races import at_once
from review.small_case import COURSE, STARTED, Play

pytestmark = pytest.mark.django_db
PLAN = "ครั้งหน้าฉันจะฟังก่อน ငွေ 🧭 <script>alert('plan')</script>"
QUEUE = f"/casework/review/{COURSE}/"


def rows() -> list[str]:
    return [one.text for one in Answer.objects.filter(task="").order_by("created")]


# -- kept, replaced, forgotten ----------------------------------------------------------------------------------------


def test_a_plan_is_kept_as_it_was_written(place: api.Place) -> None:
    assert api.plan(place) is None
    api.keep_plan(place, "a1", f"\n {PLAN}  ")
    plan = api.plan(place)
    assert plan is not None
    assert plan.text == PLAN


def test_another_plan_stands_in_place_of_the_one_before(place: api.Place) -> None:
    for attempt, text in [("a1", "one"), ("a1", "two"), ("a2", "three")]:
        api.keep_plan(place, attempt, text)
    assert rows() == ["three"]
    assert Answer.objects.get().attempt == "a2"


@pytest.mark.parametrize("text", ["", "  \n", "\x00", " \x00 "])
def test_an_empty_text_forgets_the_plan(place: api.Place, text: str) -> None:
    api.keep_plan(place, "a1", text)
    assert rows() == []
    api.keep_plan(place, "a1", PLAN)
    api.keep_plan(place, "a1", text)
    assert rows() == []
    assert api.plan(place) is None


def test_the_same_plan_again_changes_nothing(place: api.Place) -> None:
    api.keep_plan(place, "a1", PLAN)
    Answer.objects.update(created=STARTED)
    before = Answer.objects.get()
    api.keep_plan(place, "a2", f" {PLAN}\n")
    after = Answer.objects.get()
    assert (after.pk, after.attempt, after.event, after.created) == (before.pk, "a1", before.event, STARTED)


def test_a_plan_that_differs_in_case_alone_is_another(place: api.Place) -> None:
    api.keep_plan(place, "a1", "ask first")
    api.keep_plan(place, "a1", "Ask first")
    assert rows() == ["Ask first"]


def test_a_plan_has_a_bound_in_characters(place: api.Place) -> None:
    longest = "🧭" * api.LONGEST_PLAN
    api.keep_plan(place, "a1", longest)
    with pytest.raises(api.TooLong):
        api.keep_plan(place, "a1", longest + "x")
    assert rows() == [longest]


def test_what_no_database_takes_is_left_out_of_a_plan(place: api.Place) -> None:
    api.keep_plan(place, "a1", "a\x00b\ud83dc\udc00")
    assert rows() == ["ab\ufffdc\ufffd"]


@pytest.mark.parametrize("field", ["course_id", "item_id", "student_id"])
def test_a_plan_is_of_its_place_alone(place: api.Place, field: str) -> None:
    other = replace(place, **{field: "another"})
    api.keep_plan(place, "a1", PLAN)
    assert api.plan(other) is None
    api.keep_plan(other, "a2", "")
    api.keep_plan(other, "a2", "another plan")
    assert api.plan(place).text == PLAN  # type: ignore[union-attr]
    api.clear(other)
    assert (api.plan(other), rows()) == (None, [PLAN])


# -- beside answers ---------------------------------------------------------------------------------------------------


def test_a_plan_takes_no_answer_with_it(place: api.Place, play: Play) -> None:
    attempt = play(place)
    aside = api.keep_words(place, attempt, "event-9999", "note", "set aside", aside=True)
    running = api.keep_words(place, "a2", "event-0002", "note", "still runs")
    written = Written.objects.get().answer_id
    for text in (PLAN, "another", ""):
        api.keep_plan(place, attempt, text)
        kept = api.words([written, aside, running])
        assert kept == {written: small_case.TEXT, aside: "set aside", running: "still runs"}
    assert [one.pk for one in Answer.objects.filter(aside=True)] == [aside]


def test_answers_are_no_plan(place: api.Place, play: Play) -> None:
    attempt = play(place)
    api.keep_words(place, attempt, "event-9999", "note", "set aside", aside=True)
    assert api.plan(place) is None


def test_a_plan_stands_for_no_review_and_in_no_submission(place: api.Place, play: Play) -> None:
    attempt = play(place)
    api.keep_plan(place, attempt, PLAN)
    second = play(place, number=2)
    plan = Answer.objects.get(task="").pk
    assert not Written.objects.filter(answer=plan).exists()
    assert {one.task for one in Written.objects.all()} == {"note"}
    kept = json.dumps([one.answer for one in Submission.objects.all()])
    assert plan not in kept
    assert "alert('plan')" not in kept
    for name in (attempt, second):
        row = Finish.objects.get(attempt=name)
        for task in ("", "plan", plan):
            with pytest.raises(api.ReviewError):
                api.review(row.pk, task, {"facts": 0, "link": 0}, "", "7")
    assert queue.progress(COURSE) == queue.Progress(2, 0)


def test_a_plan_moves_no_score(place: api.Place, play: Play) -> None:
    attempt = play(place)
    before = (api.grade(place), api.finishes(place), small_case.feedback(place, attempt))
    api.keep_plan(place, attempt, PLAN)
    assert (api.grade(place), api.finishes(place), small_case.feedback(place, attempt)) == before


def test_a_reset_takes_the_plan_and_leaves_the_plans_of_others(place: api.Place, play: Play) -> None:
    other = replace(place, student_id="b" * 32)
    api.keep_plan(place, play(place), PLAN)
    api.keep_plan(other, play(other), "another learner's")
    api.clear(place)
    assert api.plan(place) is None
    assert rows() == ["another learner's"]


def test_a_plan_is_on_no_page_of_the_desk(desk: Callable[[str], Client], place: api.Place, play: Play) -> None:
    client = desk("instructor")
    attempt = play(place)
    addresses = [QUEUE, page_of(attempt), page_of(attempt) + "note/"]
    for one in addresses:  # whoever opens an attempt holds it from then on, and the list says so
        client.get(one)
    before = [words_on(client.get(one)) for one in addresses]
    api.keep_plan(place, attempt, PLAN)
    assert [words_on(client.get(one)) for one in addresses] == before
    assert client.get(page_of(attempt) + "plan/").status_code == 404
    assert [row.begins for row in queue.page(COURSE).rows] == [small_case.TEXT[:140]]


def test_a_learner_who_wrote_nothing_but_a_plan_waits_for_nobody(place: api.Place, play: Play) -> None:
    api.keep_plan(place, play(place, text=None), PLAN)
    (row,) = queue.page(COURSE, queue.Filters(queue.NOTHING)).rows
    assert (row.state, row.begins) == (queue.NOTHING, "")
    assert queue.next_waiting(COURSE) is None


# -- at once ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("transactional_db")
@pytest.mark.django_db(transaction=True)
def test_plans_that_come_at_once_leave_one(place: api.Place, play: Play) -> None:
    attempt = play(place)
    for _ in range(5):
        texts = [f"plan {number}" for number in range(6)]
        raised = at_once(*(partial(api.keep_plan, place, attempt, text) for text in texts))
        assert raised == []
        assert len(rows()) == 1


# -- the variant of an attempt ----------------------------------------------------------------------------------------

TOLD = (
    small_case.CONTENT.replace(
        "<variable",
        """<variant id="boy"><title>เรื่องของเด็กชาย</title><word id="name">ดารา</word></variant>
        <variant id="girl"><title>เรื่องของเด็กหญิง</title><word id="name">โสภา</word></variant><variable""",
        1,
    )
    .replace("ท่าเรือ", "ท่าเรือของ{name}")
    .replace("ทุกคนปลอดภัย", "{name}ปลอดภัย")
    .replace("คุณทำอะไรก่อน", "คุณทำอะไรกับ{name}ก่อน")
    .replace("ฟังแต่ละคนก่อนตามลำพัง", "ฟัง{name}ก่อนตามลำพัง")
    .replace("ทำไมต้องรอการฟ้อง", "ทำไม{name}ต้องรอ")
    .replace("[จนกว่าหนี้จะหมด]", "[จนกว่าหนี้ของ{name}จะหมด]")
    .replace('by="ตุน"', 'by="{name}"')
)
NAME = {"boy": "ดารา", "girl": "โสภา"}


def told(place: api.Place, attempt: str, variant: str, number: int = 1, option: str = "hear") -> str:
    words = api.keep_words(place, attempt, "event-0002", "note", "คำตอบ")
    api.finish(
        place, attempt=attempt, number=number, started=STARTED, content=TOLD, log=small_case.log(words, option),
        possible=None, counts="best", variant=variant,
    )  # fmt: skip
    return attempt


def page_of(attempt: str) -> str:
    return f"{QUEUE}attempt/{Finish.objects.get(attempt=attempt).pk}/"


def words_on(response: Any) -> str:
    """What a reader reads: no markup, one space."""
    body = response.content.decode().split("<body", 1)[1]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_the_row_and_the_submission_carry_the_variant(place: api.Place) -> None:
    told(place, "a1", "girl")
    row = Finish.objects.get()
    assert row.variant == submissions.get_submission(row.submission)["answer"]["variant"] == "girl"
    assert api.played(place, "a1").variant == "girl"  # type: ignore[union-attr]


def test_an_attempt_without_variants_carries_none(place: api.Place, play: Play) -> None:
    play(place)
    assert Finish.objects.get().variant == Submission.objects.get().answer["variant"] == ""
    assert api.first_of_each_variant(place) == {}


def test_the_first_attempt_in_each_variant_counts(place: api.Place) -> None:
    told(place, "a1", "girl")
    told(place, "a2", "boy", 2, option="forms")
    told(place, "a3", "girl", 3, option="forms")
    told(replace(place, student_id="b" * 32), "b1", "boy")
    firsts = api.first_of_each_variant(place)
    assert {name: one.ending for name, one in firsts.items()} == {"girl": "safe", "boy": "late"}
    assert firsts["girl"].variant == "girl"
    assert api.first_of_each_variant(replace(place, item_id="another")) == {}


@pytest.mark.parametrize("variant", ["boy", "girl"])
def test_the_list_names_case_and_ending_in_the_words_that_were_played(place: api.Place, variant: str) -> None:
    told(place, "a1", variant)
    (row,) = queue.page(COURSE).rows
    assert row.case == f"ท่าเรือของ{NAME[variant]} & “pier” 🧭"
    assert row.ending == f"{NAME[variant]}ปลอดภัย"


def test_rows_of_both_variants_each_have_their_own_words(place: api.Place) -> None:
    for number, variant in enumerate(["boy", "girl", "boy"], 1):
        told(place, f"a{number}", variant, number)
    Finish.objects.filter(number=1).update(finished=STARTED)
    Finish.objects.filter(number=2).update(finished=STARTED + timedelta(days=1))
    Finish.objects.filter(number=3).update(finished=STARTED + timedelta(days=2))
    assert [row.ending for row in queue.page(COURSE).rows] == [f"{NAME[one]}ปลอดภัย" for one in ("boy", "girl", "boy")]


@pytest.mark.parametrize("variant", ["boy", "girl"])
def test_an_attempt_is_told_in_the_words_that_were_played(
    desk: Callable[[str], Client], place: api.Place, variant: str
) -> None:
    attempt = told(place, "a1", variant)
    client = desk("instructor")
    name = NAME[variant]
    pages = [words_on(client.get(one)) for one in (QUEUE, page_of(attempt))]
    pages[0] = pages[0].split("Written answers", 1)[1]  # below the filters, where a case is called as it is first told
    for words in (
        f"ท่าเรือของ{name} & “pier” 🧭",
        f"คุณทำอะไรกับ{name}ก่อน",
        f"ฟัง{name}ก่อนตามลำพัง",
        f"ทำไม{name}ต้องรอ",
        f"จนกว่าหนี้ของ{name}จะหมด",
        f"{name}ปลอดภัย",
    ):
        assert words in pages[1], words
    other = next(one for key, one in NAME.items() if key != variant)
    for page in pages:
        assert other not in page
        assert "{name}" not in page
        assert "เรื่องของ" not in page


def test_an_attempt_with_a_variant_is_reviewed_like_any_other(desk: Callable[[str], Client], place: api.Place) -> None:
    attempt = told(place, "a1", "girl")
    levels = {"level-facts": "1", "level-link": "2"}
    assert desk("instructor").post(page_of(attempt) + "note/", levels).status_code == 302
    assert small_case.feedback(place, attempt)["note"].levels == {"facts": 1, "link": 2}


def test_a_variant_that_the_case_of_that_day_does_not_have_is_told_as_the_first(place: api.Place) -> None:
    told(place, "a1", "gone")
    (row,) = queue.page(COURSE).rows
    assert row.ending == "ดาราปลอดภัย"


def test_variants_earn_the_same(place: api.Place) -> None:
    told(place, "a1", "boy")
    told(place, "a2", "girl", 2)
    first, second = api.finishes(place)
    assert (first.points, first.waiting, first.maximum) == (second.points, second.waiting, second.maximum) == (4, 4, 8)
