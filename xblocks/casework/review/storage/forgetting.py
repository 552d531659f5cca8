"""Texts deleted by learner or by age; what was counted stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from casework.review.models import Answer, Return, Review


def forget_learner(student_ids: Iterable[str]) -> int:
    """Deletes every text of learners, by their anonymous ids, with the words of reviewers about them; answers with how many
    texts. Points, ways and counts stay; they name nobody."""
    ids = sorted(set(student_ids) - {""})
    return sum(_forget(Q(student_id__in=ids[at : at + 500])) for at in range(0, len(ids), 500))


def forget_older_than(days: int, course_id: str = "") -> int:
    """Deletes every text that is older, in one course or in all; answers with how many. ValueError for a negative age."""
    if days < 0:
        raise ValueError("an age in days is not negative")
    wanted = Q(created__lt=timezone.now() - timedelta(days=days))
    return _forget(wanted & Q(course_id=course_id) if course_id else wanted)


def _forget(wanted: Q) -> int:
    """Plans go with their rows; an answer that stands for review stays as an empty row, so that what counts still fits."""
    with transaction.atomic():
        names = list(Answer.objects.filter(wanted, forgotten=None).values_list("pk", flat=True))
        for at in range(0, len(names), 500):
            some = names[at : at + 500]
            Review.objects.filter(answer__in=some).update(comment="")
            Return.objects.filter(answer__in=some).update(reason="")
            Answer.objects.filter(pk__in=some, task="").delete()
            Answer.objects.filter(pk__in=some).update(text="", forgotten=timezone.now())
    return len(names)
