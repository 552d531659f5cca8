"""The gradebook: the one writer of scores."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from submissions import api as submissions

from casework.review.models import Finish
from casework.review.points import tallies
from casework.review.storage.places import keys_of, lock, student_item
from casework.review.storage.terms import COUNTS, VERSION, Grade, Place
from casework.scenario import score

OVERRIDDEN = "casework-override"
"""The type of the annotation that edx-submissions keeps beside such a score."""


def grade(place: Place) -> Grade | None:
    """What edx-submissions hold as this place's score, which is what the platform takes."""
    now = submissions.get_score(student_item(place))
    return Grade(now["points_earned"], now["points_possible"]) if now else None


def grade_again(
    place: Place, rows: list[Finish] | None = None, counted: Mapping[int, score.Tally] | None = None
) -> None:
    """Writes the score that counts over all attempts, unless it stands there already. The place must be locked. `rows` are its
    attempts and `counted` their points, where they are known already.

    All attempts are measured by what the newest one found the block set to: it is the setting of today, as far as this
    app can know. Among equals the earlier attempt counts, so that a score does not move without a reason.
    """
    if rows is None:
        rows = list(Finish.objects.filter(**keys_of(place)).order_by("id"))
    found = _that_counts(rows, counted)
    if found is None:
        return
    (row, earned), possible = found, rows[-1].possible
    now = submissions.get_score(student_item(place))
    if now and (now["points_earned"], now["points_possible"], now["submission_uuid"]) == (
        earned, possible, row.submission,
    ):  # fmt: skip
        return
    submissions.set_score(row.submission, earned, possible)


def _that_counts(rows: list[Finish], counted: Mapping[int, score.Tally] | None) -> tuple[Finish, int] | None:
    """(the attempt whose score counts, the points it earns of those possible), by what the newest found the block set to."""
    if not rows or rows[-1].possible <= 0:
        return None
    possible, counted = rows[-1].possible, tallies(rows) if counted is None else counted
    graded = [(row, earned) for row in rows if (earned := counted[row.pk].grade(possible)) is not None]
    if not graded:
        return None
    row, earned = graded[-1] if rows[-1].counts == "latest" else max(graded, key=lambda one: one[1])
    return row, max(0, min(possible, earned))


def rescore(place: Place, possible: int, counts: str, only_if_higher: bool) -> None:
    """Counts the score anew over all attempts, measured by what the block is set to now: `possible` points in the gradebook, and
    which attempt `counts`. The newest attempt takes these settings on, so that a later review measures by them too. With
    `only_if_higher` nothing changes unless the share of the points rises. An override of the gradebook is lifted."""
    if counts not in COUNTS:
        raise ValueError(f"counts is one of {COUNTS}")
    with transaction.atomic():
        lock(place)
        rows = list(Finish.objects.filter(**keys_of(place)).order_by("id"))
        if not rows or possible <= 0:
            return
        rows[-1].possible, rows[-1].counts = possible, counts
        found, now = _that_counts(rows, None), grade(place)
        if found is None or (only_if_higher and now and found[1] * now.possible <= now.earned * possible):
            return
        Finish.objects.filter(pk=rows[-1].pk).update(possible=possible, counts=counts)
        grade_again(place, rows)


def override_grade(place: Place, earned: int, possible: int) -> None:
    """Writes a score that somebody set at the instructor dashboard, with a note that says so. A learner who never finished gets
    a submission to hang it on: who missed the last day can still be given points. ValueError outside 0 to `possible`."""
    if not 0 <= earned <= possible:
        raise ValueError(f"points run from 0 to {possible}")
    with transaction.atomic():
        lock(place)
        names = Finish.objects.filter(**keys_of(place)).order_by("-id").values_list("submission", flat=True)
        submissions.set_score(
            names.first() or _without_attempt(place), earned, possible, annotation_creator="",
            annotation_type=OVERRIDDEN, annotation_reason="Set at the instructor dashboard",
        )  # fmt: skip


def _without_attempt(place: Place) -> str:
    item = student_item(place)
    earlier = submissions.get_submissions(item, limit=1)
    if earlier:
        return str(earlier[0]["uuid"])
    return str(submissions.create_submission(item, {"v": VERSION, "attempt": ""}, attempt_number=0)["uuid"])
