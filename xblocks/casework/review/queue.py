"""The list of finished attempts of a course: those with an answer that waits for review first, then the newest.

Pages go by key, not by number, so that the last page costs what the first one costs and no row is skipped or shown
twice while attempts come in. The number of queries does not depend on the number of rows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Substr

from casework.review import api
from casework.review.models import CaseVersion, Finish, Review, Written
from casework.review.points import tallies

PAGE = 50
WAITING, REVIEWED, NOTHING = "waiting", "reviewed", "nothing"
_BEGINS = 140
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"([wr])\.([0-9]{1,17})\.([0-9]{1,18})")


@dataclass(frozen=True)
class Cursor:
    """The last row of a page: whether it was among the waiting, when it was finished, and its id."""

    waiting: bool
    finished: datetime
    id: int

    def __str__(self) -> str:
        return f"{'w' if self.waiting else 'r'}.{(self.finished - _EPOCH) // timedelta(microseconds=1)}.{self.id}"


def cursor(text: str) -> Cursor:
    """A cursor from its text. Raises ValueError."""
    match = _CURSOR.fullmatch(text)
    if not match:
        raise ValueError("no cursor")
    return Cursor(match[1] == "w", _EPOCH + timedelta(microseconds=int(match[2])), int(match[3]))


@dataclass(frozen=True)
class Row:
    """One line of the list. `lang` is the language of `case`, `ending` and, as far as anybody knows, of `begins`."""

    id: int
    alias: str
    number: int
    case: str
    ending: str
    lang: str
    begins: str
    points: int
    maximum: int
    harmful: int
    state: str
    finished: datetime


@dataclass(frozen=True)
class Page:
    rows: tuple[Row, ...]
    after: Cursor | None


@dataclass(frozen=True)
class Progress:
    """Written answers of a course that stand for review."""

    total: int
    reviewed: int

    @property
    def waiting(self) -> int:
        return self.total - self.reviewed


def progress(course_id: str) -> Progress:
    written = Written.objects.filter(finish__course_id=course_id)
    counted = written.aggregate(total=Count("id"), waiting=Count("id", filter=_unreviewed()))
    return Progress(counted["total"], counted["total"] - counted["waiting"])


def next_waiting(course_id: str, besides: int = 0) -> int | None:
    """The id of the newest attempt with an answer that waits, other than `besides`."""
    rows = _stream(course_id, True, None).exclude(pk=besides)
    return rows.values_list("pk", flat=True).first()


def page(course_id: str, after: Cursor | None = None, size: int = PAGE) -> Page:
    found: list[tuple[bool, Finish]] = []
    for waiting in (True, False):
        if after and after.waiting < waiting:
            continue
        start = after if after and after.waiting == waiting else None
        wanted = size + 1 - len(found)
        if wanted > 0:
            found += [(waiting, row) for row in _stream(course_id, waiting, start)[:wanted]]
    shown = found[:size]
    last = shown[-1] if len(found) > size else None
    return Page(_rows(shown), Cursor(last[0], last[1].finished, last[1].pk) if last else None)


def _unreviewed() -> Q:
    return ~Q(Exists(Review.objects.filter(answer=OuterRef("answer"))))


def _stream(course_id: str, waiting: bool, after: Cursor | None) -> QuerySet[Finish]:
    stands = Q(Exists(Written.objects.filter(_unreviewed(), finish=OuterRef("pk"))))
    rows = Finish.objects.filter(stands if waiting else ~stands, course_id=course_id)
    if after:
        rows = rows.filter(finished__lte=after.finished).exclude(finished=after.finished, id__gte=after.id)
    return rows.order_by("-finished", "-id")


def _rows(shown: Sequence[tuple[bool, Finish]]) -> tuple[Row, ...]:
    finishes = [row for _, row in shown]
    counted = tallies(finishes)
    versions = CaseVersion.objects.in_bulk({row.case_id for row in finishes})
    begins: dict[int, str] = defaultdict(str)
    written = Written.objects.filter(finish__in=finishes).order_by("-id")
    for finish, text in written.values_list("finish", Substr("answer__text", 1, _BEGINS)):
        begins[finish] = text
    rows = []
    for waiting, row in shown:
        version = versions[row.case_id]
        case = api.read(version.content, row.variant)
        ending = case.ending.get(row.ending) if case else None
        state = WAITING if waiting else REVIEWED if row.pk in begins else NOTHING
        rows.append(
            Row(
                row.pk,
                row.alias,
                row.number,
                case.title.body if case else row.case_id,
                ending.title.body if ending else row.ending,
                version.language,
                begins[row.pk],
                counted[row.pk].points,
                row.maximum,
                row.harmful,
                state,
                row.finished,
            )
        )
    return tuple(rows)
