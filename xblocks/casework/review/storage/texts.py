"""What a learner wrote: answers, plans, and judgements before and after the course."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone
from submissions import api as submissions

from casework.review.models import Answer, new_id
from casework.review.storage.places import keys_of, lock, storable, student_item
from casework.review.storage.terms import (
    FEWEST,
    JUDGEMENTS,
    LONGEST_PLAN,
    LONGEST_WORDS,
    VERSION,
    Elsewhere,
    Place,
    Plan,
    TooLong,
)


def keep_words(place: Place, attempt: str, event: str, task: str, text: str, aside: bool = False) -> str:
    """Keeps a written text and answers with its id; for an event that is kept already, with the id it has.

    Raises TooLong, and Elsewhere when another learner's attempt is named.
    """
    text = storable(text)
    if len(text.encode()) > LONGEST_WORDS:
        raise TooLong(f"a written answer has at most {LONGEST_WORDS} bytes")
    kept = Answer.objects.filter(attempt=attempt, event=event).first()
    if kept is None:
        try:
            with transaction.atomic():
                kept = Answer.objects.create(
                    **keys_of(place), attempt=attempt, event=event, task=task, text=text, aside=aside,
                    created=timezone.now(),
                )  # fmt: skip
        except IntegrityError:
            # Another request was first. A locking read sees its row even inside an older snapshot.
            with transaction.atomic():
                kept = Answer.objects.select_for_update().get(attempt=attempt, event=event)
    if (kept.course_id, kept.item_id, kept.student_id) != (place.course_id, place.item_id, place.student_id):
        raise Elsewhere("this attempt belongs to another place")
    return kept.pk


def words(ids: Iterable[str]) -> dict[str, str]:
    """Kept texts by id; an id that was never given, or was cleared, is left out."""
    return dict(Answer.objects.filter(pk__in=set(ids)).values_list("pk", "text"))


def left_aside(place: Place, attempt: str, used: Iterable[str]) -> tuple[str, ...]:
    """What a learner wrote in an attempt and what does not count in it, the first one first: everything but the texts `used`
    there, whether another window or an author's edit overtook it."""
    mine = Answer.objects.filter(**keys_of(place), attempt=attempt, forgotten=None).exclude(task="")
    return tuple(mine.exclude(pk__in=set(used)).order_by("created", "pk").values_list("text", flat=True))


COMES_BACK = timedelta(days=14)
"""After this time a plan is shown to its writer again."""


def is_due(plan: Plan, now: datetime) -> bool:
    """Whether a plan is old enough to be asked about."""
    return now - plan.at >= COMES_BACK


def plan(place: Place) -> Plan | None:
    """The plan of this place, if there is one."""
    row = Answer.objects.filter(**keys_of(place), task="").order_by("-created", "-pk").first()
    return Plan(row.text, row.created) if row else None


def keep_plan(place: Place, attempt: str, text: str) -> None:
    """Keeps a plan in place of the one before; an empty text forgets it. Raises TooLong."""
    text = storable(text).strip()
    if len(text) > LONGEST_PLAN:
        raise TooLong(f"a plan has at most {LONGEST_PLAN} characters")
    with transaction.atomic():
        lock(place)
        earlier = list(Answer.objects.filter(**keys_of(place), task=""))
        if text and any(one.text == text for one in earlier):
            return
        Answer.objects.filter(pk__in=[one.pk for one in earlier]).delete()
        if text:
            Answer.objects.create(
                **keys_of(place), attempt=attempt, event=f"plan-{new_id()}", task="", text=text, created=timezone.now()
            )


def plans(course_id: str, student_id: str) -> dict[str, Plan]:
    """Every plan of a learner in a course, by the usage id of its place."""
    rows = Answer.objects.filter(course_id=course_id, student_id=student_id, task="").order_by("created", "pk")
    return {row.item_id: Plan(row.text, row.created) for row in rows}


def plans_counted(course_id: str) -> int | None:
    """How many sentences a course's learners have kept in their plans: all that anybody but their writers is told. None
    where fewer than FEWEST learners have."""
    rows = Answer.objects.filter(course_id=course_id, task="")
    counted = rows.aggregate(sentences=Count("pk"), learners=Count("student_id", distinct=True))
    return int(counted["sentences"]) if counted["learners"] >= FEWEST else None


def keep_judgements(place: Place, given: Mapping[str, Any]) -> None:
    """Keeps a learner's answers, as JSON. The first ones stand: what was thought before a course is not thought again."""
    with transaction.atomic():
        lock(place, JUDGEMENTS)
        if judgements(place) is None:
            submissions.create_submission(student_item(place, JUDGEMENTS), {"v": VERSION, "judgements": dict(given)})


def judgements(place: Place) -> dict[str, Any] | None:
    """The answers that were kept at a place; None where there are none."""
    found = submissions.get_submissions(student_item(place, JUDGEMENTS), limit=1)
    return found[0]["answer"].get("judgements") if found else None
