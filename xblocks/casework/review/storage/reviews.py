"""What reviewers judge: rows that are only added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from casework.review.models import Finish, Flag, Override, Return, Review, Written
from casework.review.storage.cases import read
from casework.review.storage.grading import grade_again
from casework.review.storage.places import keys_of, lock, place_of, storable
from casework.review.storage.terms import (
    LONGEST_COMMENT,
    Feedback,
    Overridden,
    Overtaken,
    Place,
    Returned,
    ReviewError,
    Said,
)
from casework.scenario.model import Write


def review(
    finish_id: int, task: str, levels: Mapping[str, int], comment: str, reviewer: str, seen: str | None = None
) -> None:
    """Adds a review of one written answer and brings the gradebook up to date.

    `levels` gives points by rubric row, each row exactly once. The same again from the same reviewer adds nothing. `seen` is
    the `history` of the answer as it was when the reviewer looked; None does not ask. Raises ReviewError (Overtaken where
    somebody else has judged meanwhile), and then nothing has changed.
    """
    comment = storable(comment).strip()
    if len(comment) > LONGEST_COMMENT:
        raise ReviewError(f"a comment has at most {LONGEST_COMMENT} characters")
    with transaction.atomic():
        place = _held(finish_id)
        written = _written(finish_id, task)
        _check_levels(written, levels)
        newest = Review.objects.filter(answer=written.answer_id).order_by("-id").first()
        same = newest and (newest.levels, newest.comment, newest.reviewer) == (dict(levels), comment, reviewer)
        if same and written.state == Written.REVIEWED:
            return
        _not_overtaken(written, seen)
        Review.objects.create(
            finish=written.finish, answer_id=written.answer_id, case_id=written.finish.case_id, reviewer=reviewer,
            levels=dict(levels), comment=comment, created=timezone.now(),
        )  # fmt: skip
        _becomes(written, Written.REVIEWED)
        grade_again(place)


def history(answer_id: str) -> str:
    """Names how far an answer has been judged: it changes with each review and return."""
    reviews = Review.objects.filter(answer=answer_id).order_by("-id").values_list("pk", flat=True).first()
    returns = Return.objects.filter(answer=answer_id).order_by("-id").values_list("pk", flat=True).first()
    return history_of(reviews, returns)


def history_of(review: int | None, returned: int | None) -> str:
    """The same from the ids of the newest review and return, for whoever has them already."""
    return f"{review or 0}-{returned or 0}"


def _not_overtaken(written: Written, seen: str | None) -> None:
    if seen is not None and history(written.answer_id) != seen:
        raise Overtaken("somebody else has judged this answer meanwhile")


def _becomes(written: Written, state: str) -> None:
    Written.objects.filter(pk=written.pk).update(state=state)


def return_answer(finish_id: int, task: str, reason: str, reviewer: str, seen: str | None = None) -> None:
    """Gives an answer back for another try, with the reason that the learner reads. It may be tried again even where no
    attempts are left. The same again from the same reviewer adds nothing. `seen` and errors as in `review`."""
    reason = _said(reason, "a return has a reason")
    with transaction.atomic():
        _held(finish_id)
        written = _written(finish_id, task)
        newest = Return.objects.filter(answer=written.answer_id).order_by("-id").first()
        same = newest and (newest.reason, newest.reviewer) == (reason, reviewer)
        if same and written.state == Written.RETURNED:
            return
        _not_overtaken(written, seen)
        Return.objects.create(
            finish_id=finish_id, answer_id=written.answer_id, reviewer=reviewer, reason=reason, created=timezone.now()
        )
        _becomes(written, Written.RETURNED)


def override(finish_id: int, points: int | None, reason: str, reviewer: str, seen: str | None = None) -> None:
    """Points that count in place of the machine's part of an attempt, with the reason; None withdraws them. What the machine
    counted stays. `seen`: the id of the newest override as the reviewer saw it, "0" for none; None does not ask. Raises
    ReviewError (Overtaken where somebody else has overridden meanwhile), and then nothing has changed."""
    reason = _said(reason, "an override has a reason")
    with transaction.atomic():
        place = _held(finish_id)
        row = Finish.objects.filter(pk=finish_id).first()
        if row is None:
            raise ReviewError("there is no such attempt")
        if points is not None and (type(points) is not int or not 0 <= points <= row.maximum):
            raise ReviewError(f"points run from 0 to {row.maximum}")
        newest = Override.objects.filter(finish=row).order_by("-id").first()
        if (newest.points if newest else None) == points:
            return
        if seen is not None and seen != str(newest.pk if newest else 0):
            raise Overtaken("somebody else has overridden meanwhile")
        Override.objects.create(finish=row, points=points, reason=reason, reviewer=reviewer, created=timezone.now())
        grade_again(place)


def flag(finish_id: int, task: str, raised: bool, reviewer: str, told: bool) -> bool:
    """Raises the safeguarding flag on an answer, or takes it down; whether that changed anything. `told`: the operator's
    contact was told of it, which may be added to a flag that stands: it is kept before anybody is told. Raises ReviewError."""
    with transaction.atomic():
        _held(finish_id)
        written = _written(finish_id, task)
        newest = Flag.objects.filter(answer=written.answer_id).order_by("-id").first()
        stands, known = (newest.raised, newest.told) if newest else (False, False)
        if stands == raised and not (raised and told and not known):
            return False
        Flag.objects.create(
            finish_id=finish_id, answer_id=written.answer_id, reviewer=reviewer, raised=raised, told=told,
            created=timezone.now(),
        )  # fmt: skip
        return True


def _held(finish_id: int) -> Place:
    """The place of an attempt, held until the transaction ends. What is read of the attempt is read after this: while one waits,
    a reset may take it away. Raises ReviewError."""
    place = place_of(finish_id)
    lock(place)
    return place


def _written(finish_id: int, task: str) -> Written:
    written = Written.objects.select_related("finish__case").filter(finish=finish_id, task=task).first()
    if written is None:
        raise ReviewError("there is no such answer")
    return written


def _said(text: str, owed: str) -> str:
    text = storable(text).strip()
    if not text:
        raise ReviewError(owed)
    if len(text) > LONGEST_COMMENT:
        raise ReviewError(f"at most {LONGEST_COMMENT} characters")
    return text


def _check_levels(written: Written, levels: Mapping[str, int]) -> None:
    case = read(written.finish.case.content)
    task = case.task.get(written.task) if case else None
    if case is None or not isinstance(task, Write):
        raise ReviewError("this version of the case can no longer be read")
    allowed = {row.id: {level.points for level in row.levels} for row in case.rubric[task.rubric].rows}
    if levels.keys() != allowed.keys():
        raise ReviewError("a review gives a level to each row of the rubric")
    for row, points in levels.items():
        if type(points) is not int or points not in allowed[row]:
            raise ReviewError(f"{points} is no level of “{row}”")


def returned(place: Place) -> tuple[Returned, ...]:
    """What was given back of the newest attempt of a place, and not reviewed after that: it may be tried again."""
    row = Finish.objects.filter(**keys_of(place)).order_by("-id").first()
    if row is None:
        return ()
    open_ = Written.objects.filter(finish=row, state=Written.RETURNED).values_list("answer_id", "task")
    tasks = dict(open_)
    newest = {one.answer_id: one for one in Return.objects.filter(answer__in=tasks).order_by("id")}
    return tuple(Returned(tasks[name], one.reason, one.created) for name, one in newest.items())


def said(place: Place) -> tuple[Said, ...]:
    """The finished attempts of a place of which a reviewer has said anything, the first one first. Three queries, however
    many there are."""
    mine = {f"finish__{name}": value for name, value in keys_of(place).items()}
    told: dict[int, Said] = {}

    def of(row: Finish) -> Said:
        if row.pk not in told:
            told[row.pk] = Said(
                row.attempt, row.number, row.variant, row.case.content, row.finished, row.machine, row.maximum,
                {}, {}, {},
            )  # fmt: skip
        return told[row.pk]

    for row in Review.objects.select_related("answer", "finish__case").filter(**mine).order_by("id"):
        one, task = of(row.finish), row.answer.task
        one.reviews[task] = Feedback(row.levels, row.comment, row.created)
        one.texts[task] = row.answer.text
    back = Return.objects.select_related("answer", "finish__case").filter(
        **mine, answer__written__state=Written.RETURNED
    )
    for given in back.order_by("id"):
        one, task = of(given.finish), given.answer.task
        one.returned[task] = Returned(task, given.reason, given.created)
        one.texts[task] = given.answer.text
    for override in Override.objects.select_related("finish__case").filter(**mine).order_by("id"):
        one = of(override.finish)
        told[override.finish_id] = replace(one, override=Overridden(override.points, override.reason))
    return tuple(told[pk] for pk in sorted(told))
