"""Answers, grades and completion, written down as the platform does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from submissions import api

from casework.preview import records, roles
from casework.preview.course import SHELF, Course
from casework.preview.grades import BEGUN, DONE, NOT_BEGUN, Standing
from casework.preview.ids import UsageId
from casework.preview.models import Completion, Grade
from preview import sample
from preview.conftest import TH, LoadFiles

ActAs = Callable[[str], Client]
QUESTION = UsageId("block-v1:Casework+TH+th+type@problem+block@q-first")
PAGE = UsageId("block-v1:Casework+TH+th+type@html+block@h-idea")


def _answer(client: Client, choice: str) -> dict[str, object]:
    answer = client.post(f"/handler/{QUESTION}/xmodule_handler/problem_check", {"input_q-first_2_1": choice})
    assert answer.status_code == 200
    said: dict[str, object] = answer.json()
    return said


def _course() -> Course:
    course = SHELF.get(TH)
    assert course is not None
    return course


def _standing(account: roles.Account) -> Standing:
    return Standing(_course(), account)


def test_a_right_answer_is_graded_and_completes_the_question(act_as: ActAs) -> None:
    assert _answer(act_as("learner_a"), "choice_1")["success"] == "correct"
    grade = Grade.objects.get()
    assert (grade.earned, grade.possible, grade.usage_id, grade.course_id) == (1, 1, QUESTION, TH)
    assert Completion.objects.get().completion == 1.0


def test_a_wrong_answer_is_graded_too(act_as: ActAs) -> None:
    assert _answer(act_as("learner_a"), "choice_0")["success"] == "incorrect"
    assert Grade.objects.get().earned == 0


def test_each_learner_has_a_state_of_their_own(act_as: ActAs) -> None:
    _answer(act_as("learner_a"), "choice_1")
    unit = f"/unit/{_course().id.make_usage_key('vertical', 'try-it')}/"
    assert "choicegroup_correct" in act_as("learner_a").get(unit).content.decode()
    assert "choicegroup_correct" not in act_as("learner_b").get(unit).content.decode()


def test_an_answer_is_still_there_when_the_course_is_loaded_again(act_as: ActAs, load_files: LoadFiles) -> None:
    client = act_as("learner_a")
    _answer(client, "choice_1")
    SHELF.clear()
    SHELF.put(load_files(sample.thai()))
    unit = f"/unit/{_course().id.make_usage_key('vertical', 'try-it')}/"
    assert "choicegroup_correct" in client.get(unit).content.decode()


def test_nothing_is_graded_for_an_author(act_as: ActAs) -> None:
    _answer(act_as("author"), "choice_1")
    assert not Grade.objects.exists()
    assert not Completion.objects.exists()


def test_a_handler_that_does_not_exist_is_not_found(act_as: ActAs) -> None:
    assert act_as("learner_a").post(f"/handler/{QUESTION}/nothing/").status_code == 404


def test_a_learner_cannot_reach_what_is_for_staff(act_as: ActAs) -> None:
    unit = f"/unit/{_course().id.make_usage_key('vertical', 'u-install')}/"
    assert act_as("learner_a").get(unit).status_code == 404
    assert act_as("instructor").get(unit).status_code == 200


def test_having_read_a_page_completes_it(act_as: ActAs) -> None:
    assert act_as("learner_a").post(f"/complete/{PAGE}/").status_code == 204
    assert Completion.objects.get().usage_id == PAGE


def test_having_read_a_question_does_not_complete_it(act_as: ActAs) -> None:
    act_as("learner_a").post(f"/complete/{QUESTION}/")
    assert not Completion.objects.exists()


def test_a_lesson_is_not_begun_then_begun_then_done(act_as: ActAs) -> None:
    client, learner = act_as("learner_a"), roles.LEARNERS[0]
    lesson = _course().places(staff=False)[0].lesson
    assert _standing(learner).state(lesson) == NOT_BEGUN
    client.post(f"/complete/{PAGE}/")
    assert _standing(learner).state(lesson) == BEGUN
    _answer(client, "choice_0")
    assert _standing(learner).state(lesson) == DONE


def test_the_total_counts_lessons_still_to_come_as_the_platform_does(act_as: ActAs) -> None:
    _answer(act_as("learner_a"), "choice_1")
    standing = _standing(roles.LEARNERS[0])
    assert [(row.earned, row.possible) for row in standing.lessons()] == [(1, 1), (0, 0)]
    assert standing.total() == pytest.approx(0.5)  # one lesson of a min_count of two


def test_an_unanswered_question_counts_what_it_is_worth(act_as: ActAs) -> None:
    assert _standing(roles.LEARNERS[1]).lessons()[0].possible == 1


def test_a_higher_grade_is_kept_where_the_block_asks_for_it(act_as: ActAs) -> None:
    user = roles.LEARNERS[0].user.pk
    records.publish_grade(user, QUESTION, {"value": 3, "max_value": 4})
    records.publish_grade(user, QUESTION, {"value": 1, "max_value": 4, "only_if_higher": True})
    assert Grade.objects.get().earned == 3
    records.publish_grade(user, QUESTION, {"value": 1, "max_value": 4})
    assert Grade.objects.get().earned == 1


def _submit(course_id: str, anonymous: str, earned: int, possible: int = 10) -> None:
    item = {"student_id": anonymous, "course_id": course_id, "item_id": QUESTION, "item_type": "casework-case"}
    made = api.create_submission(item, {"attempt": "a1"})
    api.set_score(made["uuid"], earned, possible)


def test_the_latest_score_of_submissions_wins_over_a_published_grade(act_as: ActAs) -> None:
    learner = roles.LEARNERS[0]
    _submit(TH, roles.anonymous_id(learner.username, TH), 4)
    _submit(TH, roles.anonymous_id(learner.username, TH), 7)
    records.publish_grade(learner.user.pk, QUESTION, {"value": 1, "max_value": 1})
    grade = Grade.objects.get()
    assert (grade.earned, grade.possible, grade.from_submissions) == (7, 10, True)
    assert _standing(learner).lessons()[0].earned == 7


def test_a_score_under_another_courses_anonymous_id_changes_nothing(act_as: ActAs) -> None:
    _submit(TH, roles.anonymous_id("learner_a", "course-v1:Casework+TH+en"), 4)
    assert not Grade.objects.exists()


def test_a_score_of_nothing_leaves_the_grade_as_it_is(act_as: ActAs) -> None:
    anonymous = roles.anonymous_id("learner_a", TH)
    _submit(TH, anonymous, 4)
    _submit(TH, anonymous, 0, 0)
    assert Grade.objects.get().earned == 4


def test_a_reset_takes_grade_and_completion_back(act_as: ActAs) -> None:
    anonymous = roles.anonymous_id("learner_a", TH)
    _submit(TH, anonymous, 4)
    api.reset_score(anonymous, TH, QUESTION)
    assert not Grade.objects.exists()
    assert Completion.objects.get().completion == 0.0
