"""What the class view counts: the first attempt of each learner, in shards."""

from __future__ import annotations

import hashlib
from collections import Counter

from django.db import connection, transaction

from casework.review import counting
from casework.review.models import ClassCount, Finish
from casework.review.storage.cases import as_played, read, replay
from casework.review.storage.places import keys_of
from casework.review.storage.terms import Place
from casework.scenario import engine
from casework.scenario.model import Case


def count(row: Finish, case: Case, play: engine.Play, sign: int = 1) -> None:
    """Adds a learner's first attempt at a case to what the class view counts, or takes it away again."""
    shard = counting.shard_of(row.student_id)
    key = hashlib.sha256(f"{row.course_id}\n{row.item_id}\n{row.case_id}\n{row.variant}\n{shard}".encode()).hexdigest()
    new = counting.counted(case, play)
    held = ClassCount.objects.select_for_update().filter(key=key).first()
    if held is None and sign > 0:
        # An empty row first. Where two learners are the first ones at once, MySQL lets the one whose INSERT fails hold a
        # shared lock, and two who wait so are a deadlock; an upsert waits for the row itself.
        target = ["key"] if connection.features.supports_update_conflicts_with_target else None
        empty = ClassCount(
            course_id=row.course_id, item_id=row.item_id, case_id=row.case_id, variant=row.variant, shard=shard, key=key,
            counted={},
        )  # fmt: skip
        ClassCount.objects.bulk_create([empty], update_conflicts=True, update_fields=["shard"], unique_fields=target)
        held = ClassCount.objects.select_for_update().get(key=key)
    if held is not None:
        total = Counter(held.counted)
        for name, number in new.items():
            total[name] += sign * number
        held.counted = {name: number for name, number in total.items() if number > 0}
        held.save(update_fields=["counted"])


def uncount(place: Place) -> None:
    """Takes a learner who begins anew out of what the class view counts."""
    row = Finish.objects.select_related("case").filter(**keys_of(place)).order_by("id").first()
    case = read(row.case.content, row.variant) if row else None
    if row is not None and case is not None:
        play = replay(case, as_played(row).log)
        if play is not None:
            count(row, case, play, sign=-1)


def recount(course_id: str) -> int:
    """Counts a course's first attempts anew, from the submissions; answers with how many. For an operator, after a fault or an
    upgrade: attempts that no version of Casework can replay any more stay out."""
    firsts: dict[tuple[str, str], int] = {}
    for pk, item, student in (
        Finish.objects.filter(course_id=course_id).order_by("id").values_list("pk", "item_id", "student_id")
    ):
        firsts.setdefault((item, student), pk)
    with transaction.atomic():
        ClassCount.objects.filter(course_id=course_id).delete()
        done = 0
        for pk in firsts.values():
            row = Finish.objects.select_related("case").get(pk=pk)
            case = read(row.case.content, row.variant)
            play = replay(case, as_played(row).log) if case else None
            if case is not None and play is not None:
                count(row, case, play)
                done += 1
    return done
