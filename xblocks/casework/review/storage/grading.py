"""The gradebook: the one writer of scores."""

from __future__ import annotations

from collections.abc import Mapping

from submissions import api as submissions

from casework.review.models import Finish
from casework.review.points import tallies
from casework.review.storage.places import keys_of, student_item
from casework.review.storage.terms import Grade, Place
from casework.scenario import score


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
    if not rows or rows[-1].possible <= 0:
        return
    possible, counted = rows[-1].possible, tallies(rows) if counted is None else counted
    graded = [(row, earned) for row in rows if (earned := counted[row.pk].grade(possible)) is not None]
    if not graded:
        return
    row, earned = graded[-1] if rows[-1].counts == "latest" else max(graded, key=lambda one: one[1])
    earned = max(0, min(possible, earned))
    now = submissions.get_score(student_item(place))
    if now and (now["points_earned"], now["points_possible"], now["submission_uuid"]) == (
        earned, possible, row.submission,
    ):  # fmt: skip
        return
    submissions.set_score(row.submission, earned, possible)
