"""What a reader of the list asks for: from the address to `queue.Filters` and back, and the choices of the form.

Filters travel in the address of every page, so that a list can be kept, sent on and gone through by keys. What an address
names wrongly is not there (Http404) or is passed over; it never reaches the database. No page in here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from casework import platform, prose
from casework.review import api, queue
from casework.review.models import Finish

LONGEST = 200
"""Characters of the words that are looked for."""
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_ASK = 70
"""Characters of a task in a list of choices."""


@dataclass(frozen=True)
class Asked:
    """`filters` with what stood for them in the address. `hidden`: the cohort is so small, or leaves so few, that it is not
    looked at alone; then `filters` fit nobody."""

    filters: queue.Filters
    cohort: str = ""
    cohorts: tuple[tuple[str, str], ...] = ()
    hidden: bool = False

    @property
    def query(self) -> str:
        """For the address of a page: "" or "?…"."""
        one = self.filters
        pairs = {
            "item": one.item, "state": one.state if one.state != queue.WAITING else "", "ending": one.ending,
            "missed": one.missed, "cohort": self.cohort, "harmed": "1" if one.harmed else "",
            "flagged": "1" if one.flagged else "", "words": one.words,
        }  # fmt: skip
        said = urlencode({name: value for name, value in pairs.items() if value})
        return f"?{said}" if said else ""


@dataclass(frozen=True)
class Choice:
    """One option of a select; `lang` where the words are a case's."""

    value: str
    words: str
    on: bool
    lang: str = ""


@dataclass(frozen=True)
class Form:
    """The choices of the form. Endings and key decisions are those of the chosen case; where none is chosen there are none."""

    cases: tuple[Choice, ...]
    states: tuple[Choice, ...]
    endings: tuple[Choice, ...]
    missed: tuple[Choice, ...]
    cohorts: tuple[Choice, ...]


def asked(request: HttpRequest, course_id: str) -> Asked:
    """What the address of a page asks for. Raises Http404 for a state or a cohort that there is not."""
    given = {name: _clean(str(value)) for name, value in request.GET.items()}
    state = given.get("state") or queue.WAITING
    item = given.get("item", "")
    if state not in queue.STATES or len(item) > 255:
        raise Http404
    filters = queue.Filters(
        state=state,
        item=item,
        ending=_slug(given.get("ending", "")) if item else "",
        missed=_slug(given.get("missed", "")) if item else "",
        words=given.get("words", "")[:LONGEST].strip(),
        harmed=given.get("harmed") == "1",
        flagged=given.get("flagged") == "1",
    )
    cohorts = platform.cohorts(course_id)
    cohort = given.get("cohort", "")
    if not cohort:
        return Asked(filters, cohorts=cohorts)
    if cohort not in dict(cohorts):
        raise Http404
    learners = _learners_of(course_id, cohort, cohorts)
    return Asked(replace(filters, learners=learners or frozenset()), cohort, cohorts, hidden=learners is None)


def form(course_id: str, wanted: Asked) -> tuple[Form, Asked]:
    """The form as it stands when this was asked for, and what of it can be asked: an ending or a decision of another case is
    passed over. In three queries at most. Raises Http404 for a case that nobody has finished."""
    filters = wanted.filters
    cases = case_choices(course_id, filters.item)
    case = queue.newest_version(course_id, filters.item) if filters.item else None
    endings = {one.id: prose.plain(one.title.body) for one in case.ending.values()} if case else {}
    missed = (
        {one.id: prose.plain(one.ask.body)[:_ASK] for one in case.task.values() if case.is_key_decision(one)}
        if case
        else {}
    )
    filters = replace(
        filters,
        ending=filters.ending if filters.ending in endings else "",
        missed=filters.missed if filters.missed in missed else "",
    )
    lang = case.lang if case else ""
    states = {
        queue.WAITING: _("Waiting"), queue.RETURNED: _("Given back"), queue.REVIEWED: _("Reviewed"),
        queue.ANY: _("Any state"), queue.NOTHING: _("Nothing written"),
    }  # fmt: skip
    shown = Form(
        cases=cases,
        states=_choices({one: states[one] for one in queue.STATES}, filters.state),
        endings=_choices(endings, filters.ending, lang),
        missed=_choices(missed, filters.missed, lang),
        cohorts=_choices(dict(wanted.cohorts), wanted.cohort),
    )
    return shown, replace(wanted, filters=filters)


def case_choices(course_id: str, on: str) -> tuple[Choice, ...]:
    """The cases that somebody has finished; Http404 where the chosen one is none of them."""
    told = queue.cases(course_id)
    if on and on not in {item for item, _title, _lang in told}:
        raise Http404
    return tuple(Choice(item, prose.plain(title), item == on, spoken) for item, title, spoken in told)


def _choices(words: Mapping[str, str], on: str, lang: str = "") -> tuple[Choice, ...]:
    return tuple(Choice(value, said, value == on, lang) for value, said in words.items())


def _clean(text: str) -> str:
    """Without what PostgreSQL does not take."""
    return text.replace("\x00", "")


def _slug(text: str) -> str:
    return text if _SLUG.fullmatch(text) else ""


def _learners_of(course_id: str, cohort: str, cohorts: tuple[tuple[str, str], ...]) -> frozenset[str] | None:
    """The learners of a cohort; None where looking at it alone would show a few. One query for each cohort of the course."""
    finished = set(Finish.objects.filter(course_id=course_id).values_list("student_id", flat=True).distinct())
    groups = {name: platform.learners_in(course_id, name) for name, _said in cohorts}
    sizes = {name: len(finished & learners) for name, learners in groups.items()}
    sizes[""] = len(finished.difference(*groups.values()))
    return None if cohort in too_few(sizes) else groups[cohort]


def too_few(sizes: Mapping[str, int]) -> frozenset[str]:
    """Which of several groups, by how many learners each has, cannot be shown alone: those of fewer than `api.FEWEST`, and
    as many of the next ones as it takes until what is not shown is not a few either, which the rest would tell of."""
    few = {name for name, size in sizes.items() if 0 < size < api.FEWEST}
    others = sorted((size, name) for name, size in sizes.items() if size >= api.FEWEST)
    while few and sum(sizes[name] for name in few) < api.FEWEST and others:
        few.add(others.pop(0)[1])
    return frozenset(few)
