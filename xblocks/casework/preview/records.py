"""Writes grades and completion down as the platform does, and listens to edx-submissions.

The one writer of `Grade` and `Completion`. How they add up to a course's grade is in `grades.py`.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from casework.preview import block_types, roles
from casework.preview.ids import UsageId
from casework.preview.models import Completion, Grade

log = logging.getLogger(__name__)


def complete(user_id: int, usage_id: UsageId, completion: float) -> None:
    """Notes how far a block is completed; it may fall again."""
    _put(Completion, user_id, usage_id, completion=min(1.0, max(0.0, float(completion))))


def _put(model: type[Model], user_id: int, usage_id: UsageId, **values: Any) -> None:
    """Writes a row or overwrites it. Not `update_or_create`: the gap it locks makes first writers of MariaDB deadlock."""
    where = {"user_id": user_id, "course_id": str(usage_id.course_key), "usage_id": str(usage_id)}
    rows = model._default_manager.filter(**where)
    values["changed"] = timezone.now()
    if not rows.update(**values):
        model._default_manager.bulk_create([model(**where, **values)], ignore_conflicts=True)
        rows.update(**values)


def publish_grade(user_id: int, usage_id: UsageId, event: dict[str, Any]) -> None:
    """A `grade` event of a block: the latest wins, unless submissions hold a score or a higher one is to be kept."""
    earned, possible = float(event.get("value") or 0), float(event.get("max_value") or 0)
    with transaction.atomic():
        grade = _grade(user_id, usage_id).first()
        if grade and (
            grade.from_submissions or (event.get("only_if_higher") and _part(grade) > earned / (possible or 1))
        ):
            return
        _write(user_id, usage_id, earned, possible, from_submissions=False)


def _grade(user_id: int, usage_id: UsageId) -> Any:
    return Grade.objects.filter(user_id=user_id, course_id=str(usage_id.course_key), usage_id=str(usage_id))


def _part(grade: Grade) -> float:
    return grade.earned / grade.possible if grade.possible else 0.0


def _write(user_id: int, usage_id: UsageId, earned: float, possible: float, from_submissions: bool) -> None:
    _put(Grade, user_id, usage_id, earned=earned, possible=possible, from_submissions=from_submissions)
    _completed_by_score(user_id, usage_id, 1.0)


def _completed_by_score(user_id: int, usage_id: UsageId, completion: float) -> None:
    cls = block_types.load(usage_id.block_type)
    if block_types.is_completable(cls) and not block_types.completes_itself(cls):
        complete(user_id, usage_id, completion)


def listen() -> None:
    """Follows the scores of edx-submissions from now on."""
    from submissions.models import score_reset, score_set

    score_set.connect(_on_score_set, dispatch_uid="casework-preview-score-set")
    score_reset.connect(_on_score_reset, dispatch_uid="casework-preview-score-reset")


def _whose(signal: dict[str, Any]) -> tuple[int, UsageId] | None:
    """The user and block a signal speaks of. A foreign anonymous id changes nothing, as on the platform."""
    account = roles.account_of(signal["anonymous_user_id"], signal["course_id"])
    try:
        return (account.user.pk, UsageId(signal["item_id"])) if account else None
    except ValueError:
        log.warning("a score for %s, which is no block", signal["item_id"])
        return None


def _on_score_set(**signal: Any) -> None:
    whose = _whose(signal)
    # A score of 0 of 0 leaves the grade as it is: seen on a real platform.
    if whose and signal["points_possible"]:
        _write(*whose, signal["points_earned"], signal["points_possible"], from_submissions=True)


def _on_score_reset(**signal: Any) -> None:
    whose = _whose(signal)
    if whose:
        _grade(*whose).delete()
        _completed_by_score(*whose, 0.0)
