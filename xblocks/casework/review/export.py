"""A course's finished attempts as they leave the desk: rows of CSV for spreadsheets, lines of JSON for programs.

Attempts come in chunks by primary key, each chunk in a fixed number of queries, so that memory does not grow with the course
and nothing holds the database for long. Learners are aliases; user names stand beside them only where `Asked.names` says so,
and whoever sets it has asked `access.may_see_names` and has recorded it. The words in a file are its format: they are not
translated. No request in here.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections
from django.db.models import Min, Q, QuerySet, TextField
from django.db.models.functions import Cast
from submissions.models import Submission

from casework import platform
from casework.review import api, points, queue
from casework.review.models import CaseVersion, Finish, Override, Return, Review, Written
from casework.scenario.model import Write
from casework.scenario.score import Tally

CHUNK = 1_000
"""Attempts that are in memory at once."""
BOM = "\ufeff"
"""Without it Excel takes UTF-8 for the code page of its machine."""


@dataclass(frozen=True)
class Asked:
    """What is to leave. Without `texts` nothing leaves that a person has written freely: no answer, no comment, no reason.
    `after`: attempts behind this id alone; `item`: the usage id of the one case to tell of."""

    course_id: str
    texts: bool = True
    names: bool = False
    after: int = 0
    item: str = ""

    @property
    def attempts(self) -> QuerySet[Finish]:
        rows = Finish.objects.filter(course_id=self.course_id, pk__gt=self.after)
        return rows.filter(item_id=self.item) if self.item else rows

    def has(self, course_id: str, item_id: str) -> bool:
        """Whether a row is really meant: MySQL gives also those whose id differs in case alone."""
        return course_id == self.course_id and item_id == (self.item or item_id)


@dataclass(frozen=True)
class Extent:
    """How many attempts a file will hold, and the id of the last one, 0 where there is none: whoever reads as far as it has
    everything. What is finished later is not in it."""

    rows: int
    last: int


def extent(asked: Asked) -> Extent:
    rows = asked.attempts
    ids = rows.order_by("-pk").values_list("pk", "course_id", "item_id").iterator(chunk_size=10)
    return Extent(rows.count(), next((pk for pk, *where in ids if asked.has(*where)), 0))


def learners_are_few(asked: Asked) -> bool:
    """Whether fewer learners than `api.FEWEST` have finished what is asked for."""
    rows = asked.attempts.order_by().values_list("student_id").distinct()
    return len(rows[: api.FEWEST]) < api.FEWEST


# -- chunks -----------------------------------------------------------------------------------------------------------


class _Row(NamedTuple):
    """The columns of a Finish that are told, in the order of `_fields`. The times are text in UTC, as a
    spreadsheet reads them; as values they would cost as much as all the other columns."""

    pk: int
    course_id: str
    student_id: str
    alias: str
    item_id: str
    case_id: str
    variant: str
    number: int
    ending: str
    harmful: int
    missed: str
    machine: int
    skipped: int
    maximum: int
    submission: str
    began: str
    ended: str


class _Text(NamedTuple):
    """An answer that counts in an attempt. `text` is "" where texts are not asked for, or are forgotten."""

    finish: int
    answer: str
    task: str
    most: int
    state: str
    text: str = ""


@dataclass(frozen=True)
class _Told:
    """What is told of a case as one variant told it."""

    case: str
    title: str
    outcome: Mapping[str, str]


@dataclass
class _Cases:
    """What the attempts' cases say, read once each. A case that this version of Casework can no longer read is told by its
    fingerprint."""

    known: dict[tuple[str, str], _Told] = field(default_factory=dict)

    def meet(self, rows: Iterable[_Row]) -> None:
        """Reads the cases of these attempts that are not known yet, in one query, or in none."""
        new = {(row.case_id, row.variant) for row in rows} - self.known.keys()
        if not new:
            return
        versions = CaseVersion.objects.in_bulk({name for name, _ in new})
        for name, variant in sorted(new):
            case = api.read(versions[name].content, variant)
            self.known[name, variant] = (
                _Told(case.id, case.title.body, {one.id: one.outcome for one in case.endings})
                if case
                else _Told(name, "", {})
            )

    def of(self, row: _Row) -> _Told:
        return self.known[row.case_id, row.variant]


@dataclass(frozen=True)
class _Chunk:
    """Attempts with what belongs to them, by id of the attempt or of the answer."""

    rows: list[_Row]
    texts: Mapping[int, list[_Text]]
    levels: Mapping[str, Mapping[str, int]]
    overrides: Mapping[int, int | None]
    names: Mapping[str, str]

    def tally(self, row: _Row) -> Tally:
        answers = ((one.most, self.levels.get(one.answer)) for one in self.texts.get(row.pk, ()))
        return points.counted(row.machine, self.overrides.get(row.pk), row.skipped, row.maximum, answers)

    def state(self, row: _Row) -> str:
        """How far an attempt is reviewed: what waits goes before what was given back."""
        states = {one.state for one in self.texts.get(row.pk, ())}
        for state in (queue.WAITING, queue.RETURNED, queue.REVIEWED):
            if state in states:
                return state
        return queue.NOTHING


def _read(found: QuerySet[Finish]) -> list[_Row]:
    times = {"began": Cast("started", TextField()), "ended": Cast("finished", TextField())}
    rows = found.annotate(**times).values_list(*_Row._fields)
    zone = connections[found.db].timezone
    if zone == UTC:  # as databases keep it unless the setting DATABASES says otherwise
        return [_Row._make((*rest, began[:19], ended[:19])) for *rest, began, ended in rows]
    return [_Row._make((*rest, _utc(began, zone), _utc(ended, zone))) for *rest, began, ended in rows]


def _utc(text: str, zone: tzinfo | None) -> str:
    when = datetime.fromisoformat(text)
    return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC).isoformat(" ", "seconds")[:19]


def _rows(asked: Asked, last: int) -> Iterator[list[_Row]]:
    """The attempts, a chunk at a time."""
    after = asked.after
    while after < last:
        found = replace(asked, after=after).attempts.filter(pk__lte=last)
        rows = _read(found.order_by("pk")[:CHUNK])
        if not rows:
            return
        after = rows[-1].pk
        yield [row for row in rows if asked.has(row.course_id, row.item_id)]


def _of(rows: Sequence[_Row]) -> Q:
    """What belongs to these attempts: by a range of ids, which is read fastest, unless too many others' lie in it."""
    if rows and rows[-1].pk - rows[0].pk < 3 * len(rows):
        return Q(finish__gte=rows[0].pk, finish__lte=rows[-1].pk)
    return Q(finish__in=[row.pk for row in rows])


def _chunk(asked: Asked, rows: list[_Row]) -> _Chunk:
    """In three queries, and those that `platform.usernames` needs where names are asked for."""
    here = _of(rows)
    columns = ["finish", "answer", "task", "most", "state", *(["answer__text"] if asked.texts else [])]
    texts: dict[int, list[_Text]] = defaultdict(list)
    for one in Written.objects.filter(here).order_by("pk").values_list(*columns):
        texts[one[0]].append(_Text(*one))
    levels = dict(Review.objects.filter(here).order_by("pk").values_list("answer", "levels"))
    overrides = dict(Override.objects.filter(here).order_by("pk").values_list("finish", "points"))
    names = platform.usernames(asked.course_id, {row.student_id for row in rows}) if asked.names else {}
    return _Chunk(rows, texts, levels, overrides, names)


# -- CSV --------------------------------------------------------------------------------------------------------------

COLUMNS = (
    "alias", "case", "title", "variant", "attempt", "started_utc", "finished_utc", "ending", "outcome", "points",
    "machine", "override", "maximum", "waiting", "harmful", "missed", "state", "id",
)  # fmt: skip
"""Then a column for each text, CASE/TASK, and one for each row of its rubric, CASE/TASK/ROW. `username` stands behind `alias`
where it is asked for."""

# Signs that begin a formula, also as an East Asian keyboard writes them; and what a spreadsheet, or a person who pastes, may
# take away in front of them.
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212"
_BEFORE = "\\s\ufeff\u200b-\u200f\u2060\"'`\u00b4\u2018-\u201f\u00ab\u00bb\u2039\u203a\uff02\uff07"
_FORMULA = re.compile(f"[\t\r]|[{_BEFORE}]*[{_SIGNS}]")
# Where a list is parted by semicolons (Indonesian, Vietnamese), Excel parts a file of commas in the wrong places.
_INNER = re.compile(f"([;\t\r\n][{_BEFORE}]*)(?=[{_SIGNS}])")


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, wherever it parts the line: an apostrophe stands before what could be
    one. The text itself is whole in the JSON lines."""
    if _INNER.search(text):
        text = _INNER.sub(r"\1'", text)
    return f"'{text}" if _FORMULA.match(text) else text


_name = lru_cache(maxsize=4096)(harmless)
"""For what stands in many rows."""


def as_csv(asked: Asked, last: int) -> Iterator[bytes]:
    """A file for spreadsheets, a chunk at a time: one row for each attempt up to `last`."""
    cases = _Cases()
    at = {name: number for number, name in enumerate(_text_columns(asked, last))}
    head = [*COLUMNS[:1], *(["username"] if asked.names else []), *COLUMNS[1:], *at]
    yield (BOM + _printed([list(map(harmless, head))])).encode()
    for rows in _rows(asked, last):
        cases.meet(rows)
        chunk = _chunk(asked, rows)
        yield _printed(_cells(asked, row, chunk, cases.of(row), at) for row in rows).encode()


def _printed(rows: Iterable[list[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def _text_columns(asked: Asked, last: int) -> list[str]:
    """The names of the columns for what is written in the cases that were played, in the order of cases, tasks and rubric."""
    played = asked.attempts.filter(pk__lte=last)
    names: dict[str, None] = {}
    for version in CaseVersion.objects.filter(pk__in=played.order_by().values("case").distinct()).order_by("pk"):
        case = api.read(version.content)
        if case is None:
            tasks = Written.objects.filter(finish__case=version).order_by().values_list("task", flat=True).distinct()
            names |= dict.fromkeys(f"{version.pk}/{task}" for task in sorted(tasks) if asked.texts)
            continue
        for task in case.task.values():
            if isinstance(task, Write):
                rows = [f"{case.id}/{task.id}/{row.id}" for row in case.rubric[task.rubric].rows]
                names |= dict.fromkeys([*([f"{case.id}/{task.id}"] if asked.texts else []), *rows])
    return sorted(names, key=lambda name: name.split("/")[0])  # the rest keeps its order


def _cells(asked: Asked, row: _Row, chunk: _Chunk, told: _Told, at: Mapping[str, int]) -> list[Any]:
    tally = chunk.tally(row)
    override = chunk.overrides.get(row.pk)
    cells: list[Any] = [
        harmless(row.alias), _name(told.case), _name(told.title), _name(row.variant), row.number,
        row.began, row.ended, _name(row.ending), told.outcome.get(row.ending, ""),
        tally.points, row.machine, "" if override is None else override, row.maximum, tally.waiting, row.harmful,
        _name(row.missed.strip()), chunk.state(row), row.pk,
    ]  # fmt: skip
    if asked.names:
        cells.insert(1, harmless(chunk.names.get(row.student_id, "")))
    written: list[Any] = [""] * len(at)
    for one in chunk.texts.get(row.pk, ()):
        column = f"{told.case}/{one.task}"
        if column in at:
            written[at[column]] = harmless(one.text)
        for name, level in chunk.levels.get(one.answer, {}).items():
            if (number := at.get(f"{column}/{name}")) is not None:
                written[number] = level
    return cells + written


# -- JSON Lines -------------------------------------------------------------------------------------------------------


def as_lines(asked: Asked, last: int) -> Iterator[bytes]:
    """A line of JSON for each attempt up to `last`, a chunk at a time. Each line names its attempt, so that a reader who was
    interrupted goes on behind it."""
    cases, reviewers = _Cases(), _Reviewers(asked.course_id)
    for rows in _rows(asked, last):
        cases.meet(rows)
        beside = _Beside(asked, _of(rows), reviewers)
        chunk, ways = _chunk(asked, rows), _logs(rows)
        told = (_line(asked, row, chunk, cases.of(row), ways.get(row.submission, ()), beside) for row in rows)
        yield "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in told).encode()


class _Reviewers:
    """Numbers under which a course's reviewers are told: 1 acted first. Records are only added, so a number stays."""

    def __init__(self, course_id: str) -> None:
        first: dict[str, datetime] = {}
        for model in (Review, Return, Override):
            acts = model.objects.filter(finish__course_id=course_id)
            for name, at in acts.order_by().values_list("reviewer").annotate(Min("created")):
                first[name] = min(at, first.get(name, at))
        self._number = {name: number for number, name in enumerate(sorted(first, key=lambda one: (first[one], one)), 1)}

    def __getitem__(self, reviewer: str) -> int:
        return self._number.setdefault(reviewer, len(self._number) + 1)


class _Beside:
    """What people have added to the attempts of a chunk, the oldest first, by answer or attempt. In three queries."""

    def __init__(self, asked: Asked, here: Q, number: _Reviewers) -> None:
        self.reviews: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.returns: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.overrides: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for one in Review.objects.filter(here).order_by("pk").only(
            "answer", "reviewer", "created", "levels", *(["comment"] if asked.texts else [])
        ):  # fmt: skip
            said = {"comment": one.comment} if asked.texts else {}
            self.reviews[one.answer_id].append(
                {"reviewer": number[one.reviewer], "at": _iso(one.created), "levels": one.levels, **said}
            )
        for given in Return.objects.filter(here).order_by("pk"):
            said = {"reason": given.reason} if asked.texts else {}
            self.returns[given.answer_id].append(
                {"reviewer": number[given.reviewer], "at": _iso(given.created), **said}
            )
        for beside in Override.objects.filter(here).order_by("pk"):
            said = {"reason": beside.reason} if asked.texts else {}
            self.overrides[beside.finish_id].append(
                {"reviewer": number[beside.reviewer], "at": _iso(beside.created), "points": beside.points, **said}
            )


def _logs(rows: Iterable[_Row]) -> dict[str, list[Mapping[str, Any]]]:
    """The logs by id of the submission, in one query; `api.as_played` asks for one at a time."""
    ids = [name for row in rows if (name := _uuid(row.submission))]
    found = Submission.objects.filter(uuid__in=ids).order_by().values_list("uuid", "answer")
    return {str(name): answer["log"] for name, answer in found}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _line(
    asked: Asked, row: _Row, chunk: _Chunk, told: _Told, log: Iterable[Mapping[str, Any]], beside: _Beside
) -> dict[str, Any]:
    tally = chunk.tally(row)
    texts = chunk.texts.get(row.pk, ())
    written = {one.task for one in texts}
    return {
        "id": row.pk,
        "course": row.course_id,
        "alias": row.alias,
        **({"username": chunk.names.get(row.student_id, "")} if asked.names else {}),
        "case": {"id": told.case, "title": told.title, "block": row.item_id, "fingerprint": row.case_id},
        "variant": row.variant,
        "attempt": row.number,
        "started": f"{row.began.replace(' ', 'T')}Z",
        "finished": f"{row.ended.replace(' ', 'T')}Z",
        "ending": row.ending,
        "outcome": told.outcome.get(row.ending, ""),
        "points": tally.points,
        "machine": row.machine,
        "override": chunk.overrides.get(row.pk),
        "maximum": row.maximum,
        "waiting": tally.waiting,
        "skipped": row.skipped,
        "harmful": row.harmful,
        "missed": row.missed.split(),
        "state": chunk.state(row),
        "way": [_step(entry, written) for entry in log],
        "answers": [
            {
                "task": one.task,
                **({"text": one.text} if asked.texts else {}),
                "state": one.state,
                "most": one.most,
                "reviews": beside.reviews.get(one.answer, []),
                "returns": beside.returns.get(one.answer, []),
            }
            for one in texts
        ],
        "overrides": beside.overrides.get(row.pk, []),
    }


def _step(entry: Mapping[str, Any], written: set[str]) -> dict[str, Any]:
    """An event of the log as it is told; a scene that was skipped has no task. A text stands in `answers` alone."""
    task, answer = entry["task"], entry["answer"]
    step: dict[str, Any] = {"task": task}
    if isinstance(answer, list):
        step["phrases"] = answer
    elif isinstance(answer, int):
        step["judgement"] = answer
    elif answer is not None and task not in written:
        step["option"] = answer
    return {**step, "sure": entry["sure"], "ms": entry["ms"]}


def _iso(when: datetime) -> str:
    return f"{when.astimezone(UTC).isoformat(timespec='seconds')[:19]}Z"


# -- the platform's own report ----------------------------------------------------------------------------------------


def reported(course_id: str, item_id: str, kept: Iterable[tuple[str, str]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(user name, cells by column) of each finished attempt at a case, for the learners in `kept`: pairs of a user name and the
    id of the attempt that stands in the learner's state. Never a text.

    A learner whose newest attempt still runs is found by the platform's ids; where it has none, nothing is told of them.
    """
    cases, by_name = _Cases(), _ByName(course_id, item_id)
    states = iter(kept)
    while some := list(islice(states, CHUNK)):
        here = Finish.objects.filter(course_id=course_id, item_id=item_id)
        of_attempt = dict(here.filter(attempt__in=[name for _, name in some]).values_list("attempt", "student_id"))
        learner = {user: of_attempt.get(attempt) or by_name.of(user) for user, attempt in some}
        of_learner: dict[str, list[_Row]] = defaultdict(list)
        found = here.filter(student_id__in=[one for one in learner.values() if one]).order_by("pk")
        for row in _read(found):
            of_learner[row.student_id].append(row)
        rows = sorted(row for of_one in of_learner.values() for row in of_one)
        cases.meet(rows)
        chunk, ways = _chunk(Asked(course_id, texts=False), rows), _logs(rows)
        for user, student in learner.items():
            for row in of_learner.get(student, ()):
                yield user, _report(row, chunk, cases.of(row), ways.get(row.submission, ()))


class _ByName:
    """The learners of a case by user name, asked for only where somebody's attempt still runs."""

    def __init__(self, course_id: str, item_id: str) -> None:
        self._place = {"course_id": course_id, "item_id": item_id}
        self._known: dict[str, str] | None = None

    def of(self, user: str) -> str:
        if self._known is None:
            ids = Finish.objects.filter(**self._place).order_by().values_list("student_id", flat=True).distinct()
            names = platform.usernames(self._place["course_id"], ids)
            self._known = {name: student for student, name in names.items()}
        return self._known.get(user, "")


def _report(row: _Row, chunk: _Chunk, told: _Told, log: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    tally = chunk.tally(row)
    written = {one.task for one in chunk.texts.get(row.pk, ())}
    cells: dict[str, Any] = {
        "Attempt": row.number, "Variant": row.variant, "Started (UTC)": row.began,
        "Finished (UTC)": row.ended, "Ending": row.ending, "Outcome": told.outcome.get(row.ending, ""),
        "Points": tally.points, "Maximum": row.maximum, "Waiting for review": tally.waiting,
        "Harmful choices": row.harmful, "Key decisions missed": row.missed.strip(),
    }  # fmt: skip
    decisions: dict[str, list[str]] = defaultdict(list)
    for step in (_step(entry, written) for entry in log):
        if "option" in step:
            sure = "" if step["sure"] is None else f" ({_SURE[step['sure']]})"
            decisions[f"Decision: {step['task']}"].append(step["option"] + sure)
    return cells | {name: ", ".join(taken) for name, taken in decisions.items()}


_SURE = ("guessing", "fairly sure", "certain")
