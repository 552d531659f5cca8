"""A finished attempt: an immutable submission, its row, and the answers that wait for a review."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from submissions import api as submissions
from submissions.models import StudentItem, Submission

from casework.review import counting
from casework.review.alias import candidates
from casework.review.models import Answer, Finish, Flag, Lease, Override, Return, Review, Written
from casework.review.points import tallies
from casework.review.storage.cases import as_played, keep_version, read, version_of, whole_play
from casework.review.storage.classes import count, uncount
from casework.review.storage.grading import grade_again
from casework.review.storage.places import keys_of, lock, student_item
from casework.review.storage.terms import COUNTS, VERSION, Finished, NotFinished, Place, Played, TooLong
from casework.scenario import engine, score
from casework.scenario.model import Case, Write


def finish(
    place: Place,
    *,
    attempt: str,
    number: int,
    started: datetime,
    content: str,
    log: Sequence[Mapping[str, Any]],
    possible: int | None,
    counts: str,
    variant: str = "",
) -> None:
    """Keeps a finished attempt and brings the gradebook up to date. A second call for an attempt does nothing.

    `content` is the canonical text of the case that was played, `variant` the words it was told in; `possible` the
    block's weight, or None for the case's maximum. Raises NotFinished or TooLong, and then nothing has changed.
    """
    if counts not in COUNTS:
        raise ValueError(f"counts is one of {COUNTS}")
    case = read(content)
    if case is None:
        raise NotFinished("the case cannot be read")
    play = whole_play(case, log)
    version = version_of(case, content)
    answer = {
        "v": VERSION, "attempt": attempt, "number": number, "case": version.pk, "variant": variant, "log": list(log),
        "ending": play.ending,
    }  # fmt: skip
    if len(json.dumps(answer)) > Submission.MAXSIZE:
        raise TooLong(f"an attempt has at most {Submission.MAXSIZE} bytes as JSON")
    counted = score.tally(case, play, version.maximum)
    with transaction.atomic():
        lock(place)
        earlier, name = _met_before(place)
        if any(one.attempt == attempt for one in earlier):
            return
        keep_version(version, content)
        now = timezone.now()
        submission = submissions.create_submission(student_item(place), answer, submitted_at=now, attempt_number=number)
        row = Finish.objects.create(
            **keys_of(place), attempt=attempt, submission=str(submission["uuid"]), number=number, case=version,
            alias=name, variant=variant, ending=play.ending,
            harmful=score.figures(case, play).harmful, missed=_spaced(counting.missed(case, play)),
            machine=counted.machine, skipped=counted.skipped,
            maximum=counted.maximum, possible=version.maximum if possible is None else possible, counts=counts,
            started=started, finished=now,
        )  # fmt: skip
        _stand_for_review(row, case, play)
        if not earlier:
            count(row, case, play)
        grade_again(place, [*earlier, row], {row.pk: counted} if not earlier else None)


def _met_before(place: Place) -> tuple[list[Finish], str]:
    """(the earlier attempts of this place, the learner's alias in this course), in one query."""
    names = list(islice(candidates(place.course_id, place.student_id), _CANDIDATES))
    wanted = Q(student_id=place.student_id) | Q(alias__in=names)
    rows = list(Finish.objects.filter(wanted, course_id=place.course_id).order_by("id"))
    mine = [one for one in rows if one.student_id == place.student_id]
    name = mine[0].alias if mine else _free({one.alias for one in rows}, place)
    return [one for one in mine if one.item_id == place.item_id], name


_CANDIDATES = 60
"""So many names are looked at at once: all with two digits, and ten with six."""


def _free(taken: set[str], place: Place) -> str:
    return next(name for name in candidates(place.course_id, place.student_id) if name not in taken)


def _spaced(names: Iterable[str]) -> str:
    said = " ".join(names)
    return f" {said} " if said else ""


def _stand_for_review(row: Finish, case: Case, play: engine.Play) -> None:
    written = {
        step.move.words: task
        for step in play.steps
        if isinstance(step.move, engine.Answer) and isinstance(task := case.task[step.move.task], Write)
    }
    kept = Answer.objects.filter(
        pk__in=written, attempt=row.attempt, course_id=row.course_id, item_id=row.item_id, student_id=row.student_id
    ).values_list("pk", flat=True)
    if set(kept) != set(written):
        raise NotFinished("the log names words that were never kept for this attempt")
    Written.objects.bulk_create(
        Written(
            finish=row, answer_id=words_id, task=task.id, most=case.rubric[task.rubric].most, course_id=row.course_id,
            item_id=row.item_id, finished=row.finished,
        )
        for words_id, task in written.items()
    )  # fmt: skip


def finishes(place: Place) -> tuple[Finished, ...]:
    """The finished attempts of a place, the first one first."""
    rows = list(Finish.objects.filter(**keys_of(place)).order_by("id"))
    counted = tallies(rows)
    return tuple(
        Finished(
            row.pk,
            row.attempt,
            row.number,
            row.case_id,
            row.variant,
            row.ending,
            counted[row.pk].points,
            counted[row.pk].waiting,
            row.maximum,
            row.started,
            row.finished,
        )
        for row in rows
    )


def played(place: Place, attempt: str) -> Played | None:
    """A finished attempt of this place as it was played, on the case of that day."""
    row = Finish.objects.select_related("case").filter(**keys_of(place), attempt=attempt).first()
    return as_played(row) if row else None


def first_of_each_variant(place: Place) -> dict[str, Played]:
    """By variant, the first attempt in which it was played: later ones already knew the debrief."""
    rows: dict[str, Finish] = {}
    for row in Finish.objects.select_related("case").filter(**keys_of(place)).exclude(variant="").order_by("id"):
        rows.setdefault(row.variant, row)
    return {name: as_played(row) for name, row in rows.items()}


def alias(course_id: str, student_id: str) -> str:
    """The name under which instructors see a learner in this course, such as “Heron 41”.

    Two learners who finished something in one course never share one, and a learner keeps theirs.
    """
    return _met_before(Place(course_id, "", student_id))[1]


def clear(place: Place) -> None:
    """Forgets everything about a place: a reset of the learner's state. The score is reset too."""
    with transaction.atomic():
        if StudentItem.objects.filter(**keys_of(place)).exists():
            lock(place)
        uncount(place)
        # Held, since a reviewer may be taking one of them. By their ids: with a subquery in its place MariaDB reads a whole table
        # to delete from it, and waits for whoever has locked any row of it.
        mine = Finish.objects.select_for_update().filter(**keys_of(place)).order_by("pk")
        finishes = list(mine.values_list("pk", flat=True))
        for model in (Review, Return, Override, Flag, Lease, Written):
            model.objects.filter(finish__in=finishes).delete()
        Finish.objects.filter(pk__in=finishes).delete()
        Answer.objects.filter(**keys_of(place)).delete()
        submissions.reset_score(place.student_id, place.course_id, place.item_id, clear_state=True)
