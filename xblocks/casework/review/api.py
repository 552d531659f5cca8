"""The only door to attempts, answers, reviews and scores, and the one writer of scores.

Free text is kept by `keep_words` and leaves by `words`; everything else carries its id. An attempt becomes an immutable
submission of edx-submissions at `finish`. Every change to what a learner's grade hangs on happens while the learner's
place is locked, so that the score written last is the right one. No XBlock, no request, no words for the screen.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q
from django.utils import timezone
from submissions import api as submissions
from submissions.models import StudentItem, Submission

from casework.review import counting
from casework.review.alias import candidates
from casework.review.models import (
    Answer,
    CaseVersion,
    ClassCount,
    Finish,
    Flag,
    Lease,
    Override,
    Return,
    Review,
    Written,
    new_id,
)  # fmt: skip
from casework.review.points import tallies
from casework.scenario import engine, score, states, variant, xml
from casework.scenario import log as case_log
from casework.scenario.model import Case, Write

ITEM_TYPE = "casework-case"
JUDGEMENTS = "casework-judgements"
COUNTS = ("best", "latest")
VERSION = 1
LONGEST_WORDS = 100 * 1024
"""Bytes of UTF-8 in one written text."""
LONGEST_COMMENT = 10_000
"""Characters of a reviewer's comment."""


class ReviewError(ValueError):
    """A review that cannot stand: no such answer, levels that the rubric does not have, a comment too long."""


class Overtaken(ReviewError):
    """Somebody else has reviewed, returned or overridden since the page was drawn: look again before judging."""


class NotFinished(ValueError):
    """What was handed in as a finished attempt does not reach an ending of the case, or names words never kept."""


class TooLong(ValueError):
    """More text, or more events, than can be kept."""


@dataclass(frozen=True)
class Place:
    """One case for one learner: `item_id` is the block's usage id, `student_id` the course's anonymous id."""

    course_id: str
    item_id: str
    student_id: str


@dataclass(frozen=True)
class Finished:
    """A finished attempt. `points` are those counted now, `waiting` the most that reviews can still add."""

    id: int
    attempt: str
    number: int
    case: str
    variant: str
    ending: str
    points: int
    waiting: int
    maximum: int
    started: datetime
    finished: datetime


@dataclass(frozen=True)
class Played:
    """A finished attempt as it was played: the case of that day and the log."""

    content: str
    variant: str
    log: tuple[Mapping[str, Any], ...]
    ending: str
    maximum: int


@dataclass(frozen=True)
class Feedback:
    """The newest review of one written answer: points by rubric row."""

    levels: Mapping[str, int]
    comment: str
    at: datetime


@dataclass(frozen=True)
class Returned:
    """Why an answer was given back for another try."""

    task: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Overridden:
    """Points that count in place of what the machine counted, with the reason; None where they were taken back."""

    points: int | None
    reason: str


@dataclass(frozen=True)
class Said:
    """What reviewers have said of a finished attempt, for its learner: nobody is named. By task, the newest review, what was
    given back and not reviewed after that, and the text of each of these answers. `machine` and `maximum` are points."""

    attempt: str
    number: int
    variant: str
    content: str
    finished: datetime
    machine: int
    maximum: int
    reviews: dict[str, Feedback]
    returned: dict[str, Returned]
    texts: dict[str, str]
    override: Overridden | None = None

    @property
    def levels(self) -> int:
        """The points that reviews gave."""
        return sum(sum(one.levels.values()) for one in self.reviews.values())

    @property
    def counted(self) -> int:
        """The points that stand now for what the machine counted."""
        return self.machine if self.override is None or self.override.points is None else self.override.points


@dataclass(frozen=True)
class Plan:
    """What a learner means to do next time, in the learner's words, and since when it is kept."""

    text: str
    at: datetime


@dataclass(frozen=True)
class Grade:
    """What stands in the gradebook."""

    earned: int
    possible: int


def beside(place: Place, name: str) -> Place:
    """The same learner's place at the block of the same kind that is called `name`, in the same course."""
    return Place(place.course_id, f"{place.item_id.rpartition('@')[0]}@{name}", place.student_id)


# -- words ------------------------------------------------------------------------------------------------------------


def keep_words(place: Place, attempt: str, event: str, task: str, text: str, aside: bool = False) -> str:
    """Keeps a written text and answers with its id; for an event that is kept already, with the id it has.

    Raises TooLong, and ValueError when another learner's attempt is named.
    """
    text = _storable(text)
    if len(text.encode()) > LONGEST_WORDS:
        raise TooLong(f"a written answer has at most {LONGEST_WORDS} bytes")
    kept = Answer.objects.filter(attempt=attempt, event=event).first()
    if kept is None:
        try:
            with transaction.atomic():
                kept = Answer.objects.create(
                    **_at(place), attempt=attempt, event=event, task=task, text=text, aside=aside,
                    created=timezone.now(),
                )  # fmt: skip
        except IntegrityError:
            # Another request was first. A locking read sees its row even inside an older snapshot.
            with transaction.atomic():
                kept = Answer.objects.select_for_update().get(attempt=attempt, event=event)
    if (kept.course_id, kept.item_id, kept.student_id) != (place.course_id, place.item_id, place.student_id):
        raise ValueError("this attempt belongs to another place")
    return kept.pk


def words(ids: Iterable[str]) -> dict[str, str]:
    """Kept texts by id; an id that was never given, or was cleared, is left out."""
    return dict(Answer.objects.filter(pk__in=set(ids)).values_list("pk", "text"))


def _storable(text: str) -> str:
    """Without what no database takes: NUL, and halves of characters that an honest browser does not send."""
    return re.sub(r"[\ud800-\udfff]", "\ufffd", text.replace("\x00", ""))


# -- the learner's own plan -------------------------------------------------------------------------------------------

LONGEST_PLAN = 2_000
"""Characters."""
COMES_BACK = timedelta(days=14)
"""After this time a plan is shown to its writer again."""


def is_due(plan: Plan, now: datetime) -> bool:
    """Whether a plan is old enough to be asked about."""
    return now - plan.at >= COMES_BACK


def plan(place: Place) -> Plan | None:
    """The plan of this place, if there is one."""
    row = Answer.objects.filter(**_at(place), task="").order_by("-created", "-pk").first()
    return Plan(row.text, row.created) if row else None


def keep_plan(place: Place, attempt: str, text: str) -> None:
    """Keeps a plan in place of the one before; an empty text forgets it. Raises TooLong."""
    text = _storable(text).strip()
    if len(text) > LONGEST_PLAN:
        raise TooLong(f"a plan has at most {LONGEST_PLAN} characters")
    with transaction.atomic():
        _lock(place)
        earlier = list(Answer.objects.filter(**_at(place), task=""))
        if text and any(one.text == text for one in earlier):
            return
        Answer.objects.filter(pk__in=[one.pk for one in earlier]).delete()
        if text:
            Answer.objects.create(
                **_at(place), attempt=attempt, event=f"plan-{new_id()}", task="", text=text, created=timezone.now()
            )


def plans(course_id: str, student_id: str) -> dict[str, Plan]:
    """Every plan of a learner in a course, by the usage id of its place."""
    rows = Answer.objects.filter(course_id=course_id, student_id=student_id, task="").order_by("created", "pk")
    return {row.item_id: Plan(row.text, row.created) for row in rows}


FEWEST = 5
"""Of fewer learners than these nothing is counted: a number of few tells of each."""


def plans_counted(course_id: str) -> int | None:
    """How many sentences a course's learners have kept in their plans: all that anybody but their writers is told. None
    where fewer than FEWEST learners have."""
    rows = Answer.objects.filter(course_id=course_id, task="")
    counted = rows.aggregate(sentences=Count("pk"), learners=Count("student_id", distinct=True))
    return int(counted["sentences"]) if counted["learners"] >= FEWEST else None


# -- judgements before and after the course ---------------------------------------------------------------------------


def keep_judgements(place: Place, given: Mapping[str, Any]) -> None:
    """Keeps a learner's answers, as JSON. The first ones stand: what was thought before a course is not thought again."""
    with transaction.atomic():
        _lock(place, JUDGEMENTS)
        if judgements(place) is None:
            submissions.create_submission(_student_item(place, JUDGEMENTS), {"v": VERSION, "judgements": dict(given)})


def judgements(place: Place) -> dict[str, Any] | None:
    """The answers that were kept at a place; None where there are none."""
    found = submissions.get_submissions(_student_item(place, JUDGEMENTS), limit=1)
    return found[0]["answer"].get("judgements") if found else None


# -- attempts ---------------------------------------------------------------------------------------------------------


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
    play = _whole_play(case, log)
    version = _version(case, content)
    answer = {
        "v": VERSION, "attempt": attempt, "number": number, "case": version.pk, "variant": variant, "log": list(log),
        "ending": play.ending,
    }  # fmt: skip
    if len(json.dumps(answer)) > Submission.MAXSIZE:
        raise TooLong(f"an attempt has at most {Submission.MAXSIZE} bytes as JSON")
    counted = score.tally(case, play, version.maximum)
    with transaction.atomic():
        _lock(place)
        earlier, name = _met_before(place)
        if any(one.attempt == attempt for one in earlier):
            return
        _known(version, content)
        now = timezone.now()
        submission = submissions.create_submission(
            _student_item(place), answer, submitted_at=now, attempt_number=number
        )
        row = Finish.objects.create(
            **_at(place), attempt=attempt, submission=str(submission["uuid"]), number=number, case=version,
            alias=name, variant=variant, ending=play.ending,
            harmful=score.figures(case, play).harmful, missed=_spaced(counting.missed(case, play)),
            machine=counted.machine, skipped=counted.skipped,
            maximum=counted.maximum, possible=version.maximum if possible is None else possible, counts=counts,
            started=started, finished=now,
        )  # fmt: skip
        _stand_for_review(row, case, play)
        if not earlier:
            _count(row, case, play)
        _grade_again(place, [*earlier, row], {row.pk: counted} if not earlier else None)


@lru_cache(maxsize=32)
def read(content: str, told: str = "") -> Case | None:
    """A case that was sound when it was played, in the words of the variant `told`; None when this version of Casework
    can no longer read it."""
    case, _ = xml.parse(content)
    return variant.resolved(case, told) if case else None


def replay(case: Case, log: Iterable[Mapping[str, Any]]) -> engine.Play | None:
    """The whole play of a log; None when a move does not fit."""
    try:
        entries = case_log.entries(log)
    except (KeyError, TypeError, ValueError):
        return None
    play, fitted = case_log.play(case, entries)
    return play if fitted == len(entries) else None


def _whole_play(case: Case, log: Iterable[Mapping[str, Any]]) -> engine.Play:
    play = replay(case, log)
    if play is None:
        raise NotFinished("the log does not fit the case")
    if not play.ending:
        raise NotFinished("the log does not reach an ending")
    return play


def _version(case: Case, content: str) -> CaseVersion:
    """The row of this case, not yet saved where it is new: the maximum takes time, which no lock shall wait for."""
    return CaseVersion(fingerprint=xml.fingerprint(content), language=case.lang, maximum=_maximum(content))


@lru_cache(maxsize=64)
def _maximum(content: str) -> int:
    case = read(content)
    assert case is not None  # noqa: S101  only asked of a case that was read
    return states.maximum(case)


_saved: set[str] = set()
"""Versions of cases that this process has seen saved, so that it need not ask for them at each finish."""


def _known(version: CaseVersion, content: str) -> None:
    if version.pk in _saved:
        return
    defaults = {"content": content, "language": version.language, "maximum": version.maximum}
    CaseVersion.objects.get_or_create(pk=version.pk, defaults=defaults)
    transaction.on_commit(lambda: _saved.add(version.pk))


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


def _count(row: Finish, case: Case, play: engine.Play, sign: int = 1) -> None:
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
                _count(row, case, play)
                done += 1
    return done


def finishes(place: Place) -> tuple[Finished, ...]:
    """The finished attempts of a place, the first one first."""
    rows = list(Finish.objects.filter(**_at(place)).order_by("id"))
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
    row = Finish.objects.select_related("case").filter(**_at(place), attempt=attempt).first()
    return as_played(row) if row else None


def as_played(row: Finish) -> Played:
    answer = submissions.get_submission(row.submission)["answer"]
    return Played(row.case.content, row.variant, tuple(answer["log"]), row.ending, row.maximum)


def first_of_each_variant(place: Place) -> dict[str, Played]:
    """By variant, the first attempt in which it was played: later ones already knew the debrief."""
    rows: dict[str, Finish] = {}
    for row in Finish.objects.select_related("case").filter(**_at(place)).exclude(variant="").order_by("id"):
        rows.setdefault(row.variant, row)
    return {name: as_played(row) for name, row in rows.items()}


def reported(course_id: str, item_id: str, kept: Iterable[tuple[str, str]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """See `export.reported`: what the platform's own report of a case tells, never a text."""
    from casework.review import export  # stands on this module

    return export.reported(course_id, item_id, kept)


def alias(course_id: str, student_id: str) -> str:
    """The name under which instructors see a learner in this course, such as “Heron 41”.

    Two learners who finished something in one course never share one, and a learner keeps theirs.
    """
    return _met_before(Place(course_id, "", student_id))[1]


# -- reviews ----------------------------------------------------------------------------------------------------------


def review(
    finish_id: int, task: str, levels: Mapping[str, int], comment: str, reviewer: str, seen: str | None = None
) -> None:
    """Adds a review of one written answer and brings the gradebook up to date.

    `levels` gives points by rubric row, each row exactly once. The same again from the same reviewer adds nothing. `seen` is
    the `history` of the answer as it was when the reviewer looked; None does not ask. Raises ReviewError (Overtaken where
    somebody else has judged meanwhile), and then nothing has changed.
    """
    comment = _storable(comment).strip()
    if len(comment) > LONGEST_COMMENT:
        raise ReviewError(f"a comment has at most {LONGEST_COMMENT} characters")
    with transaction.atomic():
        place = _place_of(finish_id)
        _lock(place)
        written = Written.objects.select_related("finish__case").filter(finish=finish_id, task=task).first()
        if written is None:
            raise ReviewError("there is no such answer")
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
        _grade_again(place)


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
        place = _place_of(finish_id)
        _lock(place)
        written = Written.objects.filter(finish=finish_id, task=task).first()
        if written is None:
            raise ReviewError("there is no such answer")
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
        place = _place_of(finish_id)
        _lock(place)
        row = Finish.objects.get(pk=finish_id)
        if points is not None and (type(points) is not int or not 0 <= points <= row.maximum):
            raise ReviewError(f"points run from 0 to {row.maximum}")
        newest = Override.objects.filter(finish=row).order_by("-id").first()
        if (newest.points if newest else None) == points:
            return
        if seen is not None and seen != str(newest.pk if newest else 0):
            raise Overtaken("somebody else has overridden meanwhile")
        Override.objects.create(finish=row, points=points, reason=reason, reviewer=reviewer, created=timezone.now())
        _grade_again(place)


def flag(finish_id: int, task: str, raised: bool, reviewer: str, told: bool) -> bool:
    """Raises the safeguarding flag on an answer, or takes it down; whether that changed anything. `told`: the operator's
    contact was told of it, which may be added to a flag that stands: it is kept before anybody is told. Raises ReviewError."""
    written = Written.objects.filter(finish=finish_id, task=task).first()
    if written is None:
        raise ReviewError("there is no such answer")
    newest = Flag.objects.filter(answer=written.answer_id).order_by("-id").first()
    stands, known = (newest.raised, newest.told) if newest else (False, False)
    if stands == raised and not (raised and told and not known):
        return False
    Flag.objects.create(
        finish_id=finish_id,
        answer_id=written.answer_id,
        reviewer=reviewer,
        raised=raised,
        told=told,
        created=timezone.now(),
    )
    return True


def _said(text: str, owed: str) -> str:
    text = _storable(text).strip()
    if not text:
        raise ReviewError(owed)
    if len(text) > LONGEST_COMMENT:
        raise ReviewError(f"at most {LONGEST_COMMENT} characters")
    return text


# -- who reads now ----------------------------------------------------------------------------------------------------

LEASED = timedelta(minutes=20)
"""So long an attempt is one reviewer's, from the last time it was opened."""


@dataclass(frozen=True)
class Held:
    """Who reads an attempt, and until when."""

    reviewer: str
    until: datetime


def lease(finish_id: int, reviewer: str, now: datetime | None = None) -> Held:
    """Takes an attempt for a reviewer, or makes the lease longer; answers with who holds it: somebody else, where that
    lease has not run out. Raises ReviewError."""
    now = now or timezone.now()
    until = now + LEASED
    mine = Q(reviewer=reviewer) | Q(until__lte=now)
    if Lease.objects.filter(mine, finish=finish_id).update(reviewer=reviewer, until=until):
        return Held(reviewer, until)
    try:
        with transaction.atomic():
            Lease.objects.create(finish_id=finish_id, reviewer=reviewer, until=until)
        return Held(reviewer, until)
    except IntegrityError:
        held = Lease.objects.filter(finish=finish_id).first()
        if held is None:
            # A locking read sees the other's row even inside an older snapshot. Not at once: after the INSERT that failed
            # MySQL would take it for a deadlock with whoever waits for that row.
            with transaction.atomic():
                held = Lease.objects.select_for_update().filter(finish=finish_id).first()
        if held is None and not Finish.objects.filter(pk=finish_id).exists():
            raise ReviewError("there is no such attempt") from None
        return Held(held.reviewer, held.until) if held else lease(finish_id, reviewer, now)


def release(finish_id: int, reviewer: str) -> None:
    """Lets an attempt go, where this reviewer holds it."""
    Lease.objects.filter(finish=finish_id, reviewer=reviewer).delete()


# -- forgetting -------------------------------------------------------------------------------------------------------


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


def _place_of(finish_id: int) -> Place:
    named = Finish.objects.filter(pk=finish_id).values_list("course_id", "item_id", "student_id").first()
    if named is None:
        raise ReviewError("there is no such attempt")
    return Place(*named)


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
    row = Finish.objects.filter(**_at(place)).order_by("-id").first()
    if row is None:
        return ()
    open_ = Written.objects.filter(finish=row, state=Written.RETURNED).values_list("answer_id", "task")
    tasks = dict(open_)
    newest = {one.answer_id: one for one in Return.objects.filter(answer__in=tasks).order_by("id")}
    return tuple(Returned(tasks[name], one.reason, one.created) for name, one in newest.items())


def feedback(place: Place, attempt: str) -> dict[str, Feedback]:
    """By task, the newest review of each reviewed answer of an attempt."""
    course, item, student = place.course_id, place.item_id, place.student_id
    rows = Review.objects.select_related("answer").filter(
        finish__attempt=attempt, finish__course_id=course, finish__item_id=item, finish__student_id=student
    )
    return {row.answer.task: Feedback(row.levels, row.comment, row.created) for row in rows.order_by("id")}


def said(place: Place) -> tuple[Said, ...]:
    """The finished attempts of a place of which a reviewer has said anything, the first one first. Three queries, however
    many there are."""
    mine = {f"finish__{name}": value for name, value in _at(place).items()}
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


# -- the gradebook ----------------------------------------------------------------------------------------------------


def grade(place: Place) -> Grade | None:
    """What edx-submissions hold as this place's score, which is what the platform takes."""
    now = submissions.get_score(_student_item(place))
    return Grade(now["points_earned"], now["points_possible"]) if now else None


def _grade_again(
    place: Place, rows: list[Finish] | None = None, counted: Mapping[int, score.Tally] | None = None
) -> None:
    """Writes the score that counts over all attempts, unless it stands there already. The place must be locked. `rows` are its
    attempts and `counted` their points, where they are known already.

    All attempts are measured by what the newest one found the block set to: it is the setting of today, as far as this
    app can know. Among equals the earlier attempt counts, so that a score does not move without a reason.
    """
    if rows is None:
        rows = list(Finish.objects.filter(**_at(place)).order_by("id"))
    if not rows or rows[-1].possible <= 0:
        return
    possible, counted = rows[-1].possible, tallies(rows) if counted is None else counted
    graded = [(row, earned) for row in rows if (earned := counted[row.pk].grade(possible)) is not None]
    if not graded:
        return
    row, earned = graded[-1] if rows[-1].counts == "latest" else max(graded, key=lambda one: one[1])
    earned = max(0, min(possible, earned))
    now = submissions.get_score(_student_item(place))
    if now and (now["points_earned"], now["points_possible"], now["submission_uuid"]) == (
        earned, possible, row.submission,
    ):  # fmt: skip
        return
    submissions.set_score(row.submission, earned, possible)


def clear(place: Place) -> None:
    """Forgets everything about a place: a reset of the learner's state. The score is reset too."""
    with transaction.atomic():
        if StudentItem.objects.filter(**_at(place)).exists():
            _lock(place)
        _uncount(place)
        # By their ids: with a subquery in its place MariaDB reads a whole table to delete from it, and waits for whoever has
        # locked any row of it.
        finishes = list(Finish.objects.filter(**_at(place)).values_list("pk", flat=True))
        for model in (Review, Return, Override, Flag, Lease, Written):
            model.objects.filter(finish__in=finishes).delete()
        Finish.objects.filter(pk__in=finishes).delete()
        Answer.objects.filter(**_at(place)).delete()
        submissions.reset_score(place.student_id, place.course_id, place.item_id, clear_state=True)


def _uncount(place: Place) -> None:
    """Takes a learner who begins anew out of what the class view counts."""
    row = Finish.objects.select_related("case").filter(**_at(place)).order_by("id").first()
    case = read(row.case.content, row.variant) if row else None
    if row is not None and case is not None:
        play = replay(case, as_played(row).log)
        if play is not None:
            _count(row, case, play, sign=-1)


def _at(place: Place) -> dict[str, str]:
    return {"course_id": place.course_id, "item_id": place.item_id, "student_id": place.student_id}


def _student_item(place: Place, item_type: str = ITEM_TYPE) -> dict[str, str]:
    return {**_at(place), "item_type": item_type}


def _lock(place: Place, item_type: str = ITEM_TYPE) -> None:
    """Holds the place until the transaction ends: one finish, review or reset of a place at a time.

    The row of edx-submissions to which all scores of the place belong is the one thing that is there from the first
    finish on. SQLite locks no row; there the settings begin transactions as IMMEDIATE, which holds the whole database.
    """
    item, _ = StudentItem.objects.get_or_create(**_at(place), defaults={"item_type": item_type})
    StudentItem.objects.select_for_update().get(pk=item.pk)
