"""The list of written answers of a course, and of attempts in which nothing was written; the newest first.

Pages go by key, not by number, so that the last page costs what the first one costs and no row is skipped or shown
twice while attempts come in. The number of queries does not depend on the number of rows. Words are looked for in the
newest answers first, at most SEARCHED of them at once: no database that we run on finds a part of a word by an index.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.db.models import F, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Substr
from django.utils import timezone

from casework.review import api
from casework.review.models import Answer, CaseVersion, ClassCount, Finish, Flag, Lease, Written
from casework.review.points import tallies
from casework.scenario.model import Case

PAGE = 30
SEARCHED = 5_000
COUNTED = 10_000
WAITING, REVIEWED, RETURNED, NOTHING, ANY = "waiting", "reviewed", "returned", "nothing", "any"
STATES = (WAITING, RETURNED, REVIEWED, ANY, NOTHING)
_BEGINS = 140
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Row = TypeVar("_Row", bound=Model)
_CURSOR = re.compile(r"([0-9]{1,17})\.([0-9]{1,18})")


@dataclass(frozen=True)
class Cursor:
    """The last row of a page: when it was finished, and its id (of the answer; of the attempt where nothing was written)."""

    finished: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.finished - _EPOCH) // timedelta(microseconds=1)}.{self.id}"


def cursor(text: str) -> Cursor:
    """A cursor from its text. Raises ValueError."""
    match = _CURSOR.fullmatch(text)
    if not match:
        raise ValueError("no cursor")
    return Cursor(_EPOCH + timedelta(microseconds=int(match[1])), int(match[2]))


@dataclass(frozen=True)
class Filters:
    """What is looked for. `item`: the usage id of one case; `ending` and `missed` (a key decision) are slugs of it;
    `learners`: anonymous ids, such as those of a cohort; `words`: a part of the text, in any case of letters."""

    state: str = WAITING
    item: str = ""
    ending: str = ""
    missed: str = ""
    words: str = ""
    harmed: bool = False
    flagged: bool = False
    learners: frozenset[str] | None = None

    @property
    def narrow(self) -> bool:
        """Whether anything but the state is asked for."""
        return self != Filters(self.state)


@dataclass(frozen=True)
class Row:
    """One line of the list. `lang` is the language of `case`, `ending` and, as far as anybody knows, of `begins`. `held`:
    the user id of whoever reads it now, until `until`. `turn` counts attempts of the learner at the case."""

    id: int
    task: str
    alias: str
    turn: int
    case: str
    ending: str
    lang: str
    begins: str
    points: int
    maximum: int
    harmful: int
    state: str
    finished: datetime
    held: str = ""
    until: datetime | None = None
    flagged: bool = False


@dataclass(frozen=True)
class Page:
    """`after`: where the next page begins. `searched`: the words were looked for so far back only; `after` goes on there."""

    rows: tuple[Row, ...]
    after: Cursor | None
    searched: bool = False


@dataclass(frozen=True)
class Progress:
    """Written answers of a course: how many wait, and how many were given back; `held` by others just now. No state is
    counted beyond COUNTED."""

    waiting: int = 0
    returned: int = 0
    reviewed: int = 0
    held: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.returned + self.reviewed

    @property
    def said(self) -> dict[str, str]:
        """The numbers as they are told: "10000+" for what was not counted to its end."""
        counted = {WAITING: self.waiting, RETURNED: self.returned, REVIEWED: self.reviewed}
        more = {name for name, number in counted.items() if number >= COUNTED}
        said = {name: f"{number}{'+' if name in more else ''}" for name, number in counted.items()}
        return {**said, "total": f"{self.total}{'+' if more else ''}"}


def progress(course_id: str, reviewer: str = "", item: str = "") -> Progress:
    """In four queries, each over COUNTED rows of an index at most: a course of any size is told as fast."""
    rows = Written.objects.filter(course_id=course_id, **({"item_id": item} if item else {})).order_by()
    waiting, returned, reviewed = (rows.filter(state=one)[:COUNTED].count() for one in (WAITING, RETURNED, REVIEWED))
    # Few leases stand, in all courses together. With a join a database may begin with the attempts, and they are many.
    place = Finish.objects.filter(pk=OuterRef("pk"))
    leases = Lease.objects.filter(until__gt=timezone.now()).exclude(reviewer=reviewer)
    places = leases.values_list(Subquery(place.values("course_id")), Subquery(place.values("item_id")))
    held = sum(course == course_id and item in ("", where) for course, where in places)
    return Progress(waiting, returned, reviewed, held)


def cases(course_id: str) -> list[tuple[str, str, str]]:
    """(usage id, title, language) of each case that somebody has finished, by title: the newest version's words."""
    kept = ClassCount.objects.filter(course_id=course_id).values_list("item_id", "case_id").order_by("id")
    newest = dict(kept)
    versions = CaseVersion.objects.in_bulk(set(newest.values()))
    told = []
    for item, name in newest.items():
        case = api.read(versions[name].content)
        told.append((item, case.title.body if case else item.rpartition("@")[2], versions[name].language))
    return sorted(told, key=lambda one: (one[1], one[0]))


def newest_version(course_id: str, item: str) -> Case | None:
    """A case in the words of the newest version that somebody has played; None where nobody has, or it cannot be read."""
    newest = ClassCount.objects.filter(course_id=course_id, item_id=item).select_related("case").order_by("-id").first()
    return api.read(newest.case.content) if newest else None


def next_waiting(
    course_id: str,
    besides: int = 0,
    reviewer: str = "",
    filters: Filters | None = None,
    after: Cursor | None = None,
) -> int | None:
    """The id of the newest attempt with an answer that waits and that nobody else reads now, other than `besides`; the
    newest one that is further down in the list than `after`."""
    filters = replace(filters or Filters(), state=WAITING)
    free = Q(finish__lease=None) | Q(finish__lease__until__lte=timezone.now()) | Q(finish__lease__reviewer=reviewer)
    rows = _written(course_id, filters, after).filter(free).exclude(finish_id=besides)
    return rows.values_list("finish_id", flat=True).first()


def beside(course_id: str, filters: Filters, finished: datetime, written: int, back: bool) -> tuple[int, str] | None:
    """(attempt, task) of the neighbour of an answer in the list as it is filtered: the newer one when going back."""
    rows = _written(course_id, filters, None)
    if back:
        # Written as the other direction is: with an OR in its place, SQLite reads and sorts everything that is newer.
        rows = (
            rows.filter(finished__gte=finished).exclude(finished=finished, id__lte=written).order_by("finished", "id")
        )
    else:
        rows = _below(rows, Cursor(finished, written))
    found = rows.values_list("finish_id", "task").first()
    return (found[0], found[1]) if found else None


def page(course_id: str, filters: Filters | None = None, after: Cursor | None = None, size: int = PAGE) -> Page:
    filters = filters or Filters()
    if filters.state == NOTHING:
        rows = _attempts(course_id, filters, after)[: size + 1]
        return _paged(list(rows), size, _of_attempts)
    if not filters.words:
        return _paged(list(_written(course_id, filters, after)[: size + 1]), size, _of_answers)
    return _searched(course_id, filters, after, size)


def _paged(found: list[Any], size: int, rows: Any) -> Page:
    shown = found[:size]
    last = shown[-1] if len(found) > size else None
    return Page(rows(shown), Cursor(last.finished, last.pk) if last else None)


def _searched(course_id: str, filters: Filters, after: Cursor | None, size: int) -> Page:
    """Among the newest SEARCHED answers that fit the rest; the next page goes on where these end."""
    rows = _written(course_id, replace(filters, words=""), after)
    last = [Cursor(*one) for one in rows.values_list("finished", "pk")[SEARCHED - 1 : SEARCHED]]
    fits = _written(course_id, filters, after)
    if last:
        fits = fits.filter(finished__gte=last[0].finished).exclude(finished=last[0].finished, id__lt=last[0].id)
    found = _paged(list(fits[: size + 1]), size, _of_answers)
    if found.after or not last:
        return found
    return Page(found.rows, last[0], searched=True)


def _written(course_id: str, filters: Filters, after: Cursor | None) -> QuerySet[Written]:
    rows = Written.objects.filter(course_id=course_id)
    if filters.state != ANY:
        rows = rows.filter(state=filters.state)
    if filters.item:
        rows = rows.filter(item_id=filters.item)
    if filters.words:
        # Not by a join: PostgreSQL, which takes any word for a rare one, would then read every text that there is.
        text = Answer.objects.filter(pk=OuterRef("answer_id")).values("text")
        rows = rows.alias(text=Subquery(text)).filter(text__icontains=filters.words)
    if filters.flagged:
        rows = rows.filter(answer__in=_flagged(Flag.objects.filter(finish__course_id=course_id)))
    rows = rows.filter(_of_finish(filters, "finish__"))
    return _below(rows, after).order_by("-finished", "-id")


def _attempts(course_id: str, filters: Filters, after: Cursor | None) -> QuerySet[Finish]:
    rows = Finish.objects.filter(_of_finish(filters, ""), course_id=course_id, written=None)
    if filters.item:
        rows = rows.filter(item_id=filters.item)
    return _below(rows, after).order_by("-finished", "-id")


def _below(rows: QuerySet[_Row], after: Cursor | None) -> QuerySet[_Row]:
    """What stands further down in the list."""
    return (
        rows.filter(finished__lte=after.finished).exclude(finished=after.finished, id__gte=after.id) if after else rows
    )


def _of_finish(filters: Filters, path: str) -> Q:
    wanted = Q()
    if filters.ending:
        wanted &= Q(**{f"{path}ending": filters.ending})
    if filters.missed:
        wanted &= Q(**{f"{path}missed__contains": f" {filters.missed} "})
    if filters.harmed:
        wanted &= Q(**{f"{path}harmful__gt": 0})
    if filters.learners is not None:
        wanted &= Q(**{f"{path}student_id__in": sorted(filters.learners)})
    return wanted


def _flagged(flags: QuerySet[Flag]) -> set[str]:
    """The answers on which one of these flags stands now: the newest of each says so."""
    newest = dict(flags.order_by("id").values_list("answer", "raised"))
    return {name for name, raised in newest.items() if raised}


# -- rows -------------------------------------------------------------------------------------------------------------


@dataclass
class _Told:
    """What the rows of a page share, gathered in a fixed number of queries."""

    finishes: Sequence[Finish]
    flagged: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.points = tallies(self.finishes)
        self.versions = CaseVersion.objects.in_bulk({one.case_id for one in self.finishes})
        now = timezone.now()
        self.leases = {
            one.finish_id: one for one in Lease.objects.filter(finish__in=list(self.finishes), until__gt=now)
        }

    def row(self, finish: Finish, task: str, begins: str, state: str, answer: str = "") -> Row:
        version = self.versions[finish.case_id]
        case = api.read(version.content, finish.variant)
        ending = case.ending.get(finish.ending) if case else None
        held = self.leases.get(finish.pk)
        return Row(
            id=finish.pk, task=task, alias=finish.alias, turn=finish.number, case=case.title.body if case else finish.case_id,
            ending=ending.title.body if ending else finish.ending, lang=version.language, begins=begins,
            points=self.points[finish.pk].points, maximum=finish.maximum, harmful=finish.harmful, state=state,
            finished=finish.finished, held=held.reviewer if held else "", until=held.until if held else None,
            flagged=answer in self.flagged,
        )  # fmt: skip


def _of_answers(shown: Sequence[Written]) -> tuple[Row, ...]:
    ids = [one.pk for one in shown]
    begins = dict(
        Written.objects.filter(pk__in=ids)
        .annotate(begins=Substr(F("answer__text"), 1, _BEGINS))
        .values_list("pk", "begins")
    )
    finishes = Finish.objects.in_bulk({one.finish_id for one in shown})
    flagged = _flagged(Flag.objects.filter(answer__in=[one.answer_id for one in shown]))
    told = _Told(list(finishes.values()), flagged)
    return tuple(told.row(finishes[one.finish_id], one.task, begins[one.pk], one.state, one.answer_id) for one in shown)


def _of_attempts(shown: Sequence[Finish]) -> tuple[Row, ...]:
    told = _Told(list(shown))
    return tuple(told.row(one, "", "", NOTHING) for one in shown)
