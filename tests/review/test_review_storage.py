"""The door to attempts, answers, reviews and scores, on whichever database the settings name."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from submissions import api as submissions
from submissions.models import Score, Submission, score_reset, score_set

from casework.review import api
from casework.review.models import Answer, CaseVersion, Finish, Lease, Review, Written
from casework.review.storage import reviews
from casework.scenario import xml
from review import small_case
from review.races import at_once
from review.small_case import STARTED, Play

pytestmark = pytest.mark.django_db
FULL = {"facts": 2, "link": 2}
NONE = {"facts": 0, "link": 0}


def only(place: api.Place, attempt: str) -> int:
    return next(one.id for one in api.finishes(place) if one.attempt == attempt)


def graded(place: api.Place) -> tuple[int, int] | None:
    grade = api.grade(place)
    return grade and (grade.earned, grade.possible)


# -- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [small_case.TEXT, "ကပ္ပတိန် 🧭" * 1000, "  \n\ttabs\r\nand spaces  ", "ก" * 34_133, "🛟" * 25_600]
)
def test_words_come_back_as_they_were_written(place: api.Place, text: str) -> None:
    kept = api.keep_words(place, "a1", "event-0001", "note", text)
    assert api.words([kept]) == {kept: text}


def test_more_than_a_hundred_kilobytes_are_refused(place: api.Place) -> None:
    with pytest.raises(api.TooLong):
        api.keep_words(place, "a1", "event-0001", "note", "ก" * 34_134)
    assert not Answer.objects.exists()


def test_what_no_database_takes_is_left_out(place: api.Place) -> None:
    kept = api.keep_words(place, "a1", "event-0001", "note", "a\x00b\ud83dc")
    assert api.words([kept])[kept] == "ab\ufffdc"


def test_the_same_event_is_kept_once(place: api.Place) -> None:
    first = api.keep_words(place, "a1", "event-0001", "note", "first")
    assert api.keep_words(place, "a1", "event-0001", "note", "later") == first
    assert api.words([first]) == {first: "first"}
    assert api.keep_words(place, "a1", "event-0002", "note", "other", aside=True) != first
    assert Answer.objects.count() == 2


def test_words_of_another_learners_attempt_are_not_handed_out(place: api.Place) -> None:
    api.keep_words(place, "a1", "event-0001", "note", "mine")
    with pytest.raises(ValueError, match="another place"):
        api.keep_words(replace(place, student_id="b" * 32), "a1", "event-0001", "note", "yours")


def test_unknown_ids_have_no_words() -> None:
    assert api.words([]) == {}
    assert api.words(["nothing"]) == {}


# -- finishing --------------------------------------------------------------------------------------------------------


def test_a_finished_attempt_is_a_submission_and_a_row(place: api.Place, play: Play) -> None:
    attempt = play(place)
    row = Finish.objects.get()
    answer = submissions.get_submission(row.submission)["answer"]
    assert (answer["v"], answer["attempt"], answer["number"], answer["ending"]) == (1, attempt, 1, "safe")
    assert answer["case"] == row.case_id == xml.fingerprint(small_case.CONTENT)
    assert [entry["task"] for entry in answer["log"]] == ["list", "first", "note", "paper"]
    assert (row.machine, row.maximum, row.possible, row.harmful, row.started) == (4, 8, 8, 0, STARTED)
    version = CaseVersion.objects.get()
    assert (version.content, version.language, version.maximum) == (small_case.CONTENT, "th", small_case.MAXIMUM)


def test_no_free_text_is_in_the_submission(place: api.Place, play: Play) -> None:
    play(place, text="a secret that was told")
    assert "secret" not in str(Submission.objects.get().answer)


def test_finishing_twice_does_nothing_the_second_time(place: api.Place) -> None:
    words = api.keep_words(place, "a1", "event-0002", "note", "text")
    for _ in range(2):
        api.finish(
            place, attempt="a1", number=1, started=STARTED, content=small_case.CONTENT, log=small_case.log(words),
            possible=10, counts="best",
        )  # fmt: skip
    assert (Finish.objects.count(), Submission.objects.count(), Score.objects.count(), Written.objects.count()) == (
        1,
    ) * 4


@pytest.mark.parametrize(
    ("cut", "content"),
    [(slice(0, 3), small_case.CONTENT), (slice(1, 4), small_case.CONTENT), (slice(0, 4), "<case/>"), (slice(0, 0), "")],
)
def test_what_does_not_reach_an_ending_is_refused_and_leaves_nothing(
    place: api.Place, cut: slice, content: str
) -> None:
    words = api.keep_words(place, "a1", "event-0002", "note", "text")
    with pytest.raises(api.NotFinished):
        api.finish(
            place, attempt="a1", number=1, started=STARTED, content=content, log=small_case.log(words)[cut],
            possible=None, counts="best",
        )  # fmt: skip
    assert not Finish.objects.exists()
    assert not Submission.objects.exists()
    assert not CaseVersion.objects.exists()


def test_words_that_were_never_kept_for_the_attempt_are_refused(place: api.Place) -> None:
    elsewhere = api.keep_words(place, "a0", "event-0002", "note", "text of another attempt")
    with pytest.raises(api.NotFinished):
        api.finish(
            place, attempt="a1", number=1, started=STARTED, content=small_case.CONTENT, log=small_case.log(elsewhere),
            possible=None, counts="best",
        )  # fmt: skip
    assert not Submission.objects.exists()


def test_a_log_that_submissions_cannot_hold_is_refused(place: api.Place) -> None:
    words = api.keep_words(place, "a1", "event-0002", "note", "text")
    entries = small_case.log(words)
    entries[0]["also"] = ["x" * 64] * 2000
    with pytest.raises(api.TooLong):
        api.finish(
            place, attempt="a1", number=1, started=STARTED, content=small_case.CONTENT, log=entries, possible=None,
            counts="best",
        )  # fmt: skip
    assert not Finish.objects.exists()


def test_an_attempt_is_told_on_the_case_of_its_day(place: api.Place, play: Play) -> None:
    old = play(place)
    edited = small_case.CONTENT.replace("โทรศัพท์ดังขึ้น", "เสียงเคาะประตู")
    new = play(place, number=2, content=edited)
    assert CaseVersion.objects.count() == 2
    told = api.played(place, old)
    assert told is not None
    assert (told.content, told.ending, told.maximum, len(told.log)) == (small_case.CONTENT, "safe", 8, 4)
    assert api.played(place, new).content == edited  # type: ignore[union-attr]
    assert api.played(replace(place, student_id="b"), old) is None


def test_finishes_are_told_in_their_order(place: api.Place, play: Play) -> None:
    play(place, option="forms")
    play(place, number=2)
    first, second = api.finishes(place)
    assert [(one.number, one.ending, one.points, one.waiting) for one in (first, second)] == [
        (1, "late", 2, 4),
        (2, "safe", 4, 4),
    ]
    assert api.finishes(replace(place, item_id="another")) == ()


# -- scores -----------------------------------------------------------------------------------------------------------


def test_the_score_is_measured_against_what_counts_so_far(place: api.Place, play: Play) -> None:
    play(place, phrases=("indicator:debt",))  # 1 + 2 of 4, while 4 wait for review
    assert graded(place) == (6, 8)


def test_a_weight_is_the_points_possible(place: api.Place, play: Play) -> None:
    play(place, phrases=("indicator:debt",), possible=10)
    assert graded(place) == (8, 10)


def test_skipped_tasks_do_not_count(place: api.Place, play: Play) -> None:
    play(place, text=None)
    assert graded(place) == (8, 8)
    assert api.finishes(place)[0].waiting == 0


def test_a_weight_of_nought_writes_no_score(place: api.Place, play: Play) -> None:
    play(place, possible=0)
    assert graded(place) is None
    assert not Score.objects.exists()


def test_a_review_moves_the_score(place: api.Place, play: Play) -> None:
    attempt = play(place)
    assert graded(place) == (8, 8)
    api.review(only(place, attempt), "note", {"facts": 1, "link": 0}, "เห็นหนี้แล้ว 🧭", "7")
    assert graded(place) == (5, 8)
    told = small_case.feedback(place, attempt)["note"]
    assert (told.levels, told.comment) == ({"facts": 1, "link": 0}, "เห็นหนี้แล้ว 🧭")
    assert api.finishes(place)[0].points == 5
    assert small_case.feedback(replace(place, student_id="b"), attempt) == {}


def test_reviews_are_added_and_the_newest_counts(place: api.Place, play: Play) -> None:
    attempt = play(place)
    api.review(only(place, attempt), "note", NONE, "once", "7")
    api.review(only(place, attempt), "note", FULL, "twice", "8")
    assert [(one.comment, one.reviewer) for one in Review.objects.order_by("id")] == [("once", "7"), ("twice", "8")]
    assert small_case.feedback(place, attempt)["note"].comment == "twice"
    assert graded(place) == (8, 8)


def test_the_same_review_again_writes_nothing(place: api.Place, play: Play) -> None:
    attempt = play(place)
    for _ in range(2):
        api.review(only(place, attempt), "note", NONE, " once ", "7")
    assert (Review.objects.count(), Score.objects.count()) == (1, 2)


def test_a_review_that_moves_no_score_writes_none(place: api.Place, play: Play) -> None:
    attempt = play(place)
    api.review(only(place, attempt), "note", FULL, "", "7")
    assert (Review.objects.count(), Score.objects.count()) == (1, 1)


def test_best_takes_the_higher_attempt_and_may_fall(place: api.Place, play: Play) -> None:
    good = play(place)
    play(place, number=2, option="forms")
    assert graded(place) == (8, 8)
    api.review(only(place, good), "note", NONE, "", "7")  # 4 of 8, the other has 2 of 4
    assert graded(place) == (4, 8)


def test_best_takes_up_a_later_attempt_that_is_better(place: api.Place, play: Play) -> None:
    play(place, option="forms")
    second = play(place, number=2)
    assert graded(place) == (8, 8)
    assert Score.objects.latest("id").submission_uuid == Finish.objects.get(attempt=second).submission


def test_latest_takes_the_newest_attempt(place: api.Place, play: Play) -> None:
    play(place, counts="latest")
    play(place, number=2, option="forms", counts="latest")
    assert graded(place) == (4, 8)


def test_latest_passes_over_an_attempt_without_a_grade(place: api.Place, play: Play) -> None:
    written_alone = (
        small_case.CONTENT.replace('document="talk" points="2"', 'document="talk" points="0"')
        .replace('role="key" points="2"', 'role="key"')
    )  # fmt: skip
    play(place, option="forms", counts="latest")
    play(place, number=2, counts="latest", content=written_alone, possible=8)
    assert graded(place) == (4, 8)


def test_all_attempts_are_measured_by_what_the_newest_found(place: api.Place, play: Play) -> None:
    play(place, possible=10)
    play(place, number=2, option="forms", possible=20)
    assert graded(place) == (20, 20)


@pytest.mark.parametrize("possible", [1, 3, 7, 100])
@pytest.mark.parametrize("levels", [FULL, NONE, {"facts": 1, "link": 2}])
def test_a_score_stays_between_nought_and_possible(
    place: api.Place, play: Play, possible: int, levels: dict[str, int]
) -> None:
    attempt = play(place, possible=possible, phrases=("decoy:rice",))
    api.review(only(place, attempt), "note", levels, "", "7")
    earned, most = graded(place) or (-1, -1)
    assert most == possible
    assert 0 <= earned <= possible


def test_the_platform_hears_of_each_score_in_its_order(place: api.Place, play: Play) -> None:
    heard: list[tuple[int, int, str]] = []

    def listen(**signal: Any) -> None:
        heard.append((signal["points_earned"], signal["points_possible"], signal["anonymous_user_id"]))

    score_set.connect(listen)
    try:
        attempt = play(place)
        api.review(only(place, attempt), "note", NONE, "", "7")
    finally:
        score_set.disconnect(listen)
    assert heard == [(8, 8, place.student_id), (4, 8, place.student_id)]


@pytest.mark.parametrize(
    "levels",
    [{}, {"facts": 2}, {**FULL, "more": 1}, {"facts": 3, "link": 2}, {"facts": 2, "link": 1}, {"facts": True, "link": 2},
     {"facts": -1, "link": 0}, {"facts": "2", "link": 2}, {"facts": 1.0, "link": 0}],
)  # fmt: skip
def test_levels_that_the_rubric_does_not_have_are_refused(place: api.Place, play: Play, levels: dict[str, int]) -> None:
    attempt = play(place)
    with pytest.raises(api.ReviewError):
        api.review(only(place, attempt), "note", levels, "", "7")
    assert not Review.objects.exists()
    assert graded(place) == (8, 8)


def test_a_review_of_what_is_not_there_is_refused(place: api.Place, play: Play) -> None:
    attempt = play(place)
    for finish_id, task in [(0, "note"), (only(place, attempt), "list"), (only(place, attempt), "nothing")]:
        with pytest.raises(api.ReviewError):
            api.review(finish_id, task, FULL, "", "7")


def test_a_comment_has_a_bound(place: api.Place, play: Play) -> None:
    attempt = play(place)
    api.review(only(place, attempt), "note", FULL, "ก" * 10_000, "7")
    with pytest.raises(api.ReviewError):
        api.review(only(place, attempt), "note", FULL, "ก" * 10_001, "7")


def test_many_attempts_cost_no_more_queries(
    place: api.Place, play: Play, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(1, 8):
        attempt = play(place, number=number)
    with django_assert_max_num_queries(26):
        api.review(only(place, attempt), "note", NONE, "", "7")


@pytest.mark.django_db(transaction=True)
def test_an_attempt_that_is_gone_is_leased_to_nobody(place: api.Place, play: Play) -> None:
    gone = only(place, play(place))
    api.clear(place)
    with pytest.raises(api.ReviewError):
        api.lease(gone, "7")
    assert not Lease.objects.exists()


# -- a reset ----------------------------------------------------------------------------------------------------------


def test_a_reset_leaves_nothing_of_the_place_and_nothing_else(place: api.Place, play: Play) -> None:
    other = replace(place, student_id="b" * 32)
    play(other)
    attempt = play(place)
    api.keep_words(place, "running", "event-0001", "note", "not finished")
    api.review(only(place, attempt), "note", NONE, "", "7")
    api.clear(place)
    assert (api.finishes(place), api.grade(place), small_case.feedback(place, attempt)) == ((), None, {})
    assert not Answer.objects.filter(student_id=place.student_id).exists()
    assert not submissions.get_submissions({"item_type": api.ITEM_TYPE, **vars(place)})
    assert graded(other) == (8, 8)
    assert (Finish.objects.count(), Answer.objects.count(), Written.objects.count()) == (1, 1, 1)


def test_after_a_reset_a_new_attempt_counts(place: api.Place, play: Play) -> None:
    play(place)
    api.clear(place)
    play(place, option="forms")
    assert graded(place) == (4, 8)


def test_a_reset_where_nothing_was_finished_is_silent(place: api.Place) -> None:
    heard: list[object] = []

    def listen(**signal: Any) -> None:
        heard.append(signal)

    score_reset.connect(listen)
    try:
        api.keep_words(place, "running", "event-0001", "note", "not finished")
        api.clear(place)
    finally:
        score_reset.disconnect(listen)
    assert not Answer.objects.exists()
    assert heard == []


# -- aliases ----------------------------------------------------------------------------------------------------------


def test_a_learner_keeps_an_alias_in_a_course(place: api.Place, play: Play, settings: Any) -> None:
    before = api.alias(place.course_id, place.student_id)
    play(place)
    assert Finish.objects.get().alias == before
    settings.SECRET_KEY = "another"
    play(replace(place, item_id="another"))
    assert {row.alias for row in Finish.objects.all()} == {before}
    assert api.alias("course-v1:Org+SAFE+2027", place.student_id) != before


def test_two_learners_of_a_course_never_share_an_alias(
    place: api.Place, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casework.review.alias.WORDS", ("Heron",))
    monkeypatch.setattr("casework.review.alias._NUMBERS", 2)
    for one in range(4):
        play(replace(place, student_id=f"student-{one}"))
    assert len(set(Finish.objects.values_list("alias", flat=True))) == 4


# -- at once ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("transactional_db")
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    @pytest.mark.parametrize("first", [True, False])
    def test_one_attempt_finished_by_many_requests_is_one(self, place: api.Place, play: Play, first: bool) -> None:
        if not first:
            play(place, option="forms")
        attempt = str(uuid.uuid4())
        words = api.keep_words(place, attempt, "event-0002", "note", "text")

        def finish() -> None:
            api.finish(
                place, attempt=attempt, number=2, started=STARTED, content=small_case.CONTENT,
                log=small_case.log(words), possible=None, counts="best",
            )  # fmt: skip

        assert at_once(*[finish] * 6) == []
        assert Finish.objects.filter(attempt=attempt).count() == 1
        assert Submission.objects.count() == Finish.objects.count() == (1 if first else 2)
        assert graded(place) == (8, 8)

    def test_different_first_attempts_at_once_leave_the_best(self, place: api.Place, play: Play) -> None:
        ways = ["forms", "hear", "wait", "forms", "hear"]
        assert at_once(*[lambda way=way: play(place, option=way) for way in ways]) == []  # type: ignore[misc]
        assert Finish.objects.count() == 5
        assert graded(place) == (8, 8)

    def test_one_event_kept_by_many_requests_is_one(self, place: api.Place) -> None:
        kept: list[str] = []
        calls = [lambda: kept.append(api.keep_words(place, "a1", "event-0001", "note", "text"))] * 6
        assert at_once(*calls) == []
        assert len(set(kept)) == 1
        assert Answer.objects.count() == 1

    def test_reviews_of_two_attempts_at_once_leave_the_right_score(self, place: api.Place, play: Play) -> None:
        first, second = play(place), play(place, number=2)
        ids = [only(place, first), only(place, second)]
        reviews = [
            lambda: api.review(ids[0], "note", NONE, "", "7"),
            lambda: api.review(ids[1], "note", {"facts": 1, "link": 0}, "", "8"),
            lambda: play(place, number=3, option="forms"),
        ]
        assert at_once(*reviews) == []
        assert graded(place) == (5, 8)
        latest = Score.objects.latest("id")
        assert (latest.points_earned, latest.submission_uuid) == (5, Finish.objects.get(attempt=second).submission)

    def test_two_reviews_of_one_answer_at_once_both_stand(self, place: api.Place, play: Play) -> None:
        finish_id = only(place, play(place))
        reviews = [
            lambda: api.review(finish_id, "note", NONE, "", "7"),
            lambda: api.review(finish_id, "note", {"facts": 1, "link": 0}, "", "8"),
        ]
        assert at_once(*reviews) == []
        newest = Review.objects.latest("id")
        assert Review.objects.count() == 2
        assert graded(place) == (4 + sum(newest.levels.values()), 8)

    def test_a_reset_during_a_finish_leaves_all_or_nothing(self, place: api.Place, play: Play) -> None:
        play(place)
        raised = at_once(lambda: play(place, number=2), lambda: api.clear(place))
        assert all(isinstance(one, api.NotFinished) for one in raised)
        left = Finish.objects.count()
        assert left in (0, 1)
        assert (graded(place) is None) == (left == 0)

    @pytest.mark.parametrize("first", ["lease", "reset"])
    def test_a_lease_and_a_reset_wait_for_each_other(self, place: api.Place, play: Play, first: str) -> None:
        finish = only(place, play(place))
        begun = threading.Event()

        def slowly(call: Callable[[], object], is_first: bool) -> None:
            """In one transaction, as a request is; whoever is first is not over when the other comes."""
            if not is_first:
                assert begun.wait(10)
            with transaction.atomic():
                call()
                begun.set()
                time.sleep(0.3 if is_first else 0)

        raised = at_once(
            lambda: slowly(lambda: api.lease(finish, "7"), first == "lease"),
            lambda: slowly(lambda: api.clear(place), first == "reset"),
        )
        assert [str(one) for one in raised] == ([] if first == "lease" else ["there is no such attempt"])
        assert not Finish.objects.exists() and not Lease.objects.exists()


# -- a reset that comes first -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "judged",
    [
        lambda one: api.review(one, "note", FULL, "Clear.", "7"),
        lambda one: api.return_answer(one, "note", "Once more.", "7"),
        lambda one: api.override(one, 3, "Heard again.", "7"),
        lambda one: api.flag(one, "note", True, "7", told=False),
    ],
    ids=["review", "return", "override", "flag"],
)
def test_whoever_judges_while_the_attempt_is_reset_is_told(
    place: api.Place, play: Play, monkeypatch: pytest.MonkeyPatch, judged: Callable[[int], object]
) -> None:
    finish = only(place, play(place))
    waited = reviews.lock

    def overtaken(held: api.Place) -> None:
        """The reset has held the place, and is over when the judgement gets it."""
        api.clear(place)
        waited(held)

    monkeypatch.setattr(reviews, "lock", overtaken)
    with pytest.raises(api.ReviewError, match="there is no such"):
        judged(finish)
