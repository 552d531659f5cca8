"""The pages of the class: which cases there are, and what a class did in one of them.

What may be told is `summary`'s. Here it gets the words of the case, and the template draws it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from casework import prose
from casework.review import api, counting, flow, way
from casework.review.models import CaseVersion, ClassCount
from casework.review.summary import Chose, Flow, Number, Side, Summary, summed
from casework.review.views import in_one_language
from casework.scenario.model import Case, Choose, Judge, Text


@dataclass(frozen=True)
class Version:
    """One version of a case, in which learners made their first attempts; `learners` is None for too few."""

    fingerprint: str
    learners: int | None
    newest: bool


@dataclass(frozen=True)
class Counted:
    """A case with its versions, the newest one first."""

    item: str
    title: str
    lang: str
    versions: tuple[Version, ...]


@dataclass(frozen=True)
class Bar:
    """One line with a bar: its words, a number (None: hidden), of how many, and the bar's length in percent. `notes` are what
    stands below; `kind` harm, weak, key or nothing."""

    words: SafeString
    number: Number
    percent: Number
    length: int
    kind: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bars:
    """`of`: how many are meant by 100 %, where that may be said. `hidden`: nothing of it may."""

    scene: SafeString
    ask: SafeString
    lines: tuple[Bar, ...]
    of: Number
    key: bool = False

    @property
    def hidden(self) -> bool:
        return all(one.number is None for one in self.lines)

    @property
    def nobody(self) -> bool:
        return bool(self.lines) and all(one.number == 0 for one in self.lines)

    @property
    def partly(self) -> bool:
        return not self.hidden and any(one.number is None for one in self.lines)


# -- the list of cases ------------------------------------------------------------------------------------------------


@require_safe
@in_one_language
def index(request: HttpRequest, course_id: str) -> HttpResponse:
    context = {"course_id": course_id, "tab": "class", "cases": counted(course_id), "fewest": api.FEWEST}
    return render(request, "casework_review/classes.html", context)


def counted(course_id: str) -> list[Counted]:
    """Every case of which first attempts were counted, by title, in two queries. Versions are never added: their sum would
    tell of the few who played an old one."""
    sums: dict[str, dict[str, int]] = {}
    rows = ClassCount.objects.filter(course_id=course_id).order_by("id")
    for course, item, version, number in rows.values_list("course_id", "item_id", "case_id", "counted__n"):
        if course == course_id:
            here = sums.setdefault(item, {})
            here[version] = here.get(version, 0) + (number if type(number) is int else 0)
    versions = CaseVersion.objects.in_bulk({name for one in sums.values() for name in one})
    told = []
    for item, numbers in sums.items():
        names = list(reversed(numbers))
        case = api.read(versions[names[0]].content)
        told.append(
            Counted(
                item,
                prose.plain(case.title.body) if case else item.rpartition("@")[2],
                versions[names[0]].language if case else "",
                _versions(numbers),
            )
        )
    return sorted(told, key=lambda one: (one.title, one.item))


def _versions(numbers: dict[str, int]) -> tuple[Version, ...]:
    """The newest one first: that of which the first attempt was counted last."""
    return tuple(
        Version(name, numbers[name] if numbers[name] >= api.FEWEST else None, at == 0)
        for at, name in enumerate(reversed(numbers))
    )


# -- one case ---------------------------------------------------------------------------------------------------------


@require_safe
@in_one_language
def one(request: HttpRequest, course_id: str, item_id: str) -> HttpResponse:
    rows = [
        row
        for row in ClassCount.objects.filter(course_id=course_id, item_id=item_id).order_by("id")
        # Compared here too: MySQL would take another course or case for this one whose id differs in case alone.
        if (row.course_id, row.item_id) == (course_id, item_id)
    ]
    numbers: dict[str, int] = {}
    for row in rows:
        numbers[row.case_id] = numbers.get(row.case_id, 0) + Counter(row.counted)["n"]
    asked = request.GET.get("version", "")
    if not rows or (asked and asked not in numbers):
        raise Http404
    versions = _versions(numbers)
    shown = asked or versions[0].fingerprint
    version = CaseVersion.objects.get(pk=shown)
    case = api.read(version.content)
    context: dict[str, Any] = {
        "course_id": course_id,
        "tab": "class",
        "item_id": item_id,
        "versions": versions,
        "shown": shown,
        "fewest": api.FEWEST,
        "case": case,
        "title": way.inline(case.title) if case else item_id.rpartition("@")[2],
        "plain_title": prose.plain(case.title.body) if case else item_id.rpartition("@")[2],
    }
    if case:
        parts = {
            name: counting.added(row.counted for row in rows if row.case_id == shown and row.variant == name)
            for name in dict.fromkeys(row.variant for row in rows if row.case_id == shown)
        }
        summary = summed(case, parts, api.FEWEST)
        if summary:
            context |= _context(case, summary, version.content)
    return render(request, "casework_review/class.html", context)


def _context(case: Case, summary: Summary, content: str) -> dict[str, Any]:
    scene = {task.id: scene for scene in case.scenes for task in scene.tasks}
    judged = [
        Bars(
            way.inline(scene[one.task].title),
            way.inline(_claim(case, one.task)),
            tuple(
                _bars(
                    [(format_html("{}", way.JUDGED[value]), number, "") for value, number in one.values], one.answered
                )
            ),
            one.answered,
        )
        for one in summary.judged
    ]
    found = [
        Bars(
            SafeString(),
            way.inline(case.document[one.document].title),
            tuple(_bars([(way.inline(case.indicator[name].text), number, "") for name, number in one.found], one.seen)),
            one.seen,
        )
        for one in summary.found
    ]
    endings = tuple(
        _bars(
            [
                (way.inline(case.ending[name].title), number, "harm" if case.ending[name].outcome == "harmful" else "")
                for name, number in summary.endings
            ],
            summary.learners,
        )
    )
    return {
        "summary": summary,
        "certain": _certain(case, summary),
        "tasks": [_chose(case, one, way.inline(scene[one.task].title)) for one in summary.tasks],
        "found": found,
        "endings": Bars(SafeString(), SafeString(), endings, summary.learners),
        "judged": judged,
        "repeated": [way.inline(_ask(case, name)) for name in summary.repeated],
        "sides": _sides(case, summary.side, content) if summary.side else None,
        **(_flow(case, summary.flow, summary.learners) if summary.flow else {}),
    }


def _ask(case: Case, task: str) -> Text:
    return case.task[task].ask


def _claim(case: Case, task: str) -> Text:
    judge = case.task[task]
    return judge.claim if isinstance(judge, Judge) else judge.ask


def _options(case: Case, task: str) -> Choose:
    choose = case.task[task]
    assert isinstance(choose, Choose)  # noqa: S101  the summary tells options of nothing else
    return choose


_KIND = {"harmful": "harm", "weak": "weak", "key": "key"}


def _bars(lines: Sequence[tuple[SafeString, Number, str]], of: Number) -> Iterable[Bar]:
    """Bars in percent of `of`; where that is hidden, beside the longest of them and without percent."""
    longest = of or max((number or 0 for _, number, _ in lines), default=0)
    for words, number, kind in lines:
        percent = round(100 * number / of) if number is not None and of else None
        yield Bar(words, number, percent, round(100 * (number or 0) / longest) if longest else 0, kind)


def _chose(case: Case, one: Chose, scene: SafeString) -> Bars:
    choose = _options(case, one.task)
    lines = [
        (way.inline(choose.by_id[option.option].text), option.number, _KIND.get(choose.by_id[option.option].role, ""))
        for option in one.options
    ]
    bars = []
    for bar, option in zip(_bars(lines, one.answered), one.options, strict=True):
        notes = [f"{name} {_said(number)}" for name, number in zip(way.SURE, option.sure, strict=False)]
        bars.append(
            Bar(bar.words, bar.number, bar.percent, bar.length, bar.kind, tuple(notes) if option.number else ())
        )
    return Bars(scene, way.inline(choose.ask), tuple(bars), one.answered, case.is_key_decision(choose))


def _said(number: Number) -> str:
    return _("not shown") if number is None else str(number)


def _certain(case: Case, summary: Summary) -> list[Bar]:
    most = max((one.number for one in summary.certain), default=0)
    bars = []
    for one in summary.certain:
        option = _options(case, one.task).by_id[one.option]
        bars.append(Bar(way.inline(option.text), one.number, None, round(100 * one.number / most), _KIND[option.role]))
    return bars


# -- the flow ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A line of the table that says what the picture shows."""

    start: SafeString
    end: SafeString
    number: int
    harm: bool


def _flow(case: Case, told: Flow, learners: int) -> dict[str, Any]:
    places = {node.name: _place(case, node.name, node.number) for node in told.nodes}
    words = {name: _words(case, name) for name in places}
    harm = {name: place.harm for name, place in places.items()}
    bands = [flow.Band(arc.start, arc.end, arc.number, harm[arc.end]) for arc in told.arcs]
    said = _("How %(learners)d learners went through the key decisions. The table below says the same.")
    order = {name: at for at, name in enumerate(places)}
    stage = flow.stages(list(places.values()), bands)
    rows = sorted(
        bands, key=lambda one: (stage[places[one.start].group], order[one.start], -one.number, order[one.end])
    )
    return {
        "flow": mark_safe(flow.svg(list(places.values()), bands, learners, said % {"learners": learners})),
        "flow_rows": [Row(words[one.start], words[one.end], one.number, one.harm) for one in rows],
    }


def _place(case: Case, name: str, number: Number) -> flow.Place:
    group, _sign, slug = name.partition("=")
    if name == counting.START:
        return flow.Place(name, name, _("Start"), number)
    if group == "end":
        ending = case.ending[slug]
        return flow.Place(name, group, prose.plain(ending.title.body), number, ending.outcome == "harmful", True)
    option = _options(case, group).by_id[slug]
    return flow.Place(name, group, prose.plain(option.text.body), number, option.role == "harmful")


def _words(case: Case, name: str) -> SafeString:
    group, _sign, slug = name.partition("=")
    if name == counting.START:
        return SafeString(_("Start"))
    return way.inline(case.ending[slug].title if group == "end" else _options(case, group).by_id[slug].text)


# -- variants beside each other ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """A variant's numbers in one task, in its own words."""

    title: SafeString
    bars: Bars


def _sides(case: Case, side: Side, content: str) -> dict[str, Any]:
    titles = {one.id: way.inline(one.title) for one in case.variants}
    told = [
        (name, api.read(content, name) or case, learners)
        for name, learners in zip(side.variants, side.learners, strict=True)
    ]
    tasks = []
    for task, options in side.tasks:
        columns = []
        for at, (name, own, _learners) in enumerate(told):
            choose = _options(own, task)
            lines = [
                (way.inline(choose.by_id[option].text), numbers[at], _KIND.get(choose.by_id[option].role, ""))
                for option, numbers in options
            ]
            shown = [number for _, number, _ in lines]
            of = None if None in shown else sum(number or 0 for number in shown)
            columns.append(
                Column(titles[name], Bars(SafeString(), way.inline(choose.ask), tuple(_bars(lines, of)), of))
            )
        tasks.append(columns)
    endings = []
    for at, (name, own, learners) in enumerate(told):
        lines = [
            (
                way.inline(own.ending[ending].title),
                numbers[at],
                "harm" if own.ending[ending].outcome == "harmful" else "",
            )
            for ending, numbers in side.endings
        ]
        endings.append(Column(titles[name], Bars(SafeString(), SafeString(), tuple(_bars(lines, learners)), learners)))
    return {"of": [(titles[name], learners) for name, _own, learners in told], "tasks": tasks, "endings": endings}
