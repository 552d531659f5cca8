"""What finishing an attempt and the desk's pages ask of the database, counted; time is `make bench`'s."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.review import api, counting, queue
from casework.review.points import tallies
from casework.review.storage import cases
from review import small_case
from review.small_case import Play

pytestmark = pytest.mark.django_db

MOST = 6
"""Queries of one finish beside those of edx-submissions."""
Committing = Callable[..., AbstractContextManager[Any]]

# What a finish asks, in this order.
EARLIER = "SELECT finish"  # the learner's earlier attempts here, and the aliases that are taken in this course
KEPT = "INSERT finish"
WORDS = "SELECT answer"  # whether the words that the log names were kept, by this learner, for this attempt
QUEUED = "INSERT written"  # they wait for review
COUNTS, COUNTED = "SELECT classcount", "UPDATE classcount"  # a first attempt alone is counted
OPENED = ("INSERT classcount", "SELECT classcount")  # at most counting.SHARDS times for a version of a case
OVERRIDES, LEVELS = "SELECT override", "SELECT written"  # points of all attempts: the best one may be an earlier one
VERSION, SAVED = "SELECT caseversion", "INSERT caseversion"


def asked(call: Callable[[], object]) -> list[str]:
    """What a call asked of our own tables: the verb and the first table of each query. Savepoints ask nothing."""
    with CaptureQueriesContext(connection) as captured:
        call()
    found = [re.match(r'(SELECT|INSERT|UPDATE|DELETE)\b.*?["`](\w+?)_(\w+)["`]', one["sql"], re.S) for one in captured]
    return [f"{one[1]} {one[3].removeprefix('review_')}" for one in found if one and one[2] != "submissions"]


def finish(
    place: api.Place, number: int = 1, text: str | None = small_case.TEXT, content: str = small_case.CONTENT
) -> Any:
    """The call that finishes an attempt whose words were kept before, as the block does."""
    attempt = str(uuid.uuid4())
    words = None if text is None else api.keep_words(place, attempt, "event-0002", "note", text)
    return lambda: api.finish(
        place, attempt=attempt, number=number, started=small_case.STARTED, content=content,
        log=small_case.log(words), possible=None, counts="best",
    )  # fmt: skip


@pytest.fixture
def known(place: api.Place, play: Play, django_capture_on_commit_callbacks: Committing) -> api.Place:
    """The place of a learner in a course in which another has finished the case."""
    with django_capture_on_commit_callbacks(execute=True):
        play(replace(place, student_id="b" * 32))
    return place


def test_a_first_attempt_with_a_written_answer_costs_six_queries(known: api.Place) -> None:
    assert asked(finish(known)) == [EARLIER, KEPT, WORDS, QUEUED, COUNTS, COUNTED]


def test_a_first_attempt_without_a_written_answer_costs_four(known: api.Place) -> None:
    assert asked(finish(known, text=None)) == [EARLIER, KEPT, COUNTS, COUNTED]


def test_a_second_attempt_with_a_written_answer_costs_six(known: api.Place) -> None:
    finish(known)()
    assert asked(finish(known, number=2)) == [EARLIER, KEPT, WORDS, QUEUED, OVERRIDES, LEVELS]


def test_a_second_attempt_without_a_written_answer_costs_four(known: api.Place) -> None:
    finish(known)()
    assert asked(finish(known, number=2, text=None)) == [EARLIER, KEPT, OVERRIDES, LEVELS]


@pytest.mark.parametrize("text", [small_case.TEXT, None])
def test_a_tenth_attempt_costs_no_more_than_a_second(known: api.Place, text: str | None) -> None:
    for number in range(1, 10):
        finish(known, number=number, text=f"ลองอีกครั้ง {number} 🧭")()
    assert len(asked(finish(known, number=10, text=text))) <= MOST


def test_a_finish_that_comes_twice_asks_once(known: api.Place) -> None:
    call = finish(known)
    call()
    assert asked(call) == [EARLIER]


def test_a_new_version_of_a_case_costs_what_saving_it_costs(known: api.Place) -> None:
    content = small_case.CONTENT.replace("ลาน", "ลานกว้าง")
    found = asked(finish(known, content=content))
    assert found == [EARLIER, VERSION, SAVED, KEPT, WORDS, QUEUED, COUNTS, *OPENED, COUNTED]
    assert len(found) - len([VERSION, SAVED, *OPENED]) == MOST


def test_the_first_learner_whom_a_shard_counts_opens_it(known: api.Place) -> None:
    here = replace(known, student_id="a" * 31 + "b")
    assert counting.shard_of(here.student_id) != counting.shard_of(known.student_id)
    assert asked(finish(here)) == [EARLIER, KEPT, WORDS, QUEUED, COUNTS, *OPENED, COUNTED]
    assert asked(finish(replace(here, student_id="b" + "a" * 31))) == [EARLIER, KEPT, WORDS, QUEUED, COUNTS, COUNTED]


def test_a_process_that_has_not_met_a_case_asks_once_whether_it_is_saved(known: api.Place) -> None:
    cases._saved.clear()
    assert asked(finish(known)) == [EARLIER, VERSION, KEPT, WORDS, QUEUED, COUNTS, COUNTED]


@pytest.mark.parametrize("attempts", [1, 12])
def test_points_cost_two_queries_for_any_number_of_attempts(place: api.Place, play: Play, attempts: int) -> None:
    from casework.review.models import Finish

    for number in range(1, attempts + 1):
        play(place, number=number)
    finishes = list(Finish.objects.all())
    assert asked(lambda: tallies(finishes)) == [OVERRIDES, LEVELS]


@pytest.mark.parametrize(
    "filters",
    [
        queue.Filters(),
        queue.Filters(state=queue.ANY, words="အကြွေး"),
        queue.Filters(flagged=True),
        queue.Filters(state=queue.NOTHING),
    ],
    ids=["waiting", "words", "flagged", "nothing"],
)
def test_a_page_of_the_queue_costs_the_same_for_two_rows_and_for_twenty(
    place: api.Place, play: Play, filters: queue.Filters
) -> None:
    def attempts(students: str) -> None:
        for student in students:
            here = replace(place, student_id=student * 32)
            play(here)
            play(here, number=2, text=None)
            if filters.flagged:
                api.flag(api.finishes(here)[0].id, "note", True, "7", told=False)

    attempts("ab")
    few = asked(lambda: queue.page(small_case.COURSE, filters))
    attempts("cdefghijklmnopqrstuv")
    assert len(queue.page(small_case.COURSE, filters).rows) == 22
    assert asked(lambda: queue.page(small_case.COURSE, filters)) == few


def test_the_next_answer_costs_one_query_and_its_lease_one_more(place: api.Place, play: Play) -> None:
    play(place)
    found = queue.next_waiting(small_case.COURSE, reviewer="7")
    assert found is not None
    api.lease(found, "7")
    assert asked(lambda: queue.next_waiting(small_case.COURSE, reviewer="7")) == ["SELECT written"]
    assert asked(lambda: api.lease(found, "7")) == ["UPDATE lease"]


def test_a_reset_deletes_by_key_and_locks_no_row_of_anybody_else(place: api.Place, play: Play) -> None:
    play(place)
    api.review(api.finishes(place)[0].id, "note", {"facts": 2, "link": 2}, "ดี", "7")
    with CaptureQueriesContext(connection) as captured:
        api.clear(place)
    deletes = [one["sql"] for one in captured if one["sql"].startswith("DELETE")]
    assert len(deletes) >= 8
    assert not [sql for sql in deletes if "SELECT" in sql and "submissions" not in sql]
