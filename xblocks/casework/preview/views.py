"""The pages around the units: landing, course, progress, about. What stands in a unit is drawn by `unit_views.py`.

Server-rendered, English, without a framework. No block is rendered in here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf.locale import LANG_INFO
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from casework.preview import roles
from casework.preview.course import SHELF, Course, Node, Place
from casework.preview.grades import BEGUN, DONE, Standing
from casework.preview.services import ReplaceURLs

MARKS = {DONE: "●", BEGUN: "◐"}
_ENGLISH_NAMES = {"lo": "Lao", "fil": "Filipino", "ms": "Malay", "tet": "Tetum"}


class StayHomeMiddleware:
    """Lets no page load anything from outside of this machine, whatever a package or a block asks for."""

    POLICY = (
        "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; frame-ancestors 'self'; form-action 'self'; base-uri 'self'; object-src 'none'"
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response


def course_or_404(course_id: str) -> Course:
    found = SHELF.get(course_id)
    if found is None:
        raise Http404("this server holds no such course")
    return found


# The landing page


@dataclass(frozen=True)
class Meter:
    label: str
    value: int


@dataclass(frozen=True)
class Tile:
    """A country with its packages: the one in its own language first."""

    name: str
    courses: tuple[Course, ...]

    @property
    def first(self) -> Course:
        return self.courses[0]

    @property
    def meters(self) -> list[Meter]:
        facts = self.first.facts
        if self.first.language == "en" or "coverage" not in facts:
            translated = []
        else:
            translated = [Meter(english_name(self.first.language), _percent(facts["coverage"]))]
        return [*translated, *([Meter("Reviewed", _percent(facts["reviewed"]))] if "reviewed" in facts else [])]

    @property
    def counts(self) -> str:
        facts = self.first.facts
        lessons = facts.get("lessons") or len({place.lesson.id for place in self.first.places(staff=False)})
        said = [_count(lessons, "lesson"), _count(facts["cases"], "case") if "cases" in facts else ""]
        if "facts_shown" in facts:
            shown, omitted = int(facts["facts_shown"]), int(facts.get("facts_omitted") or 0)
            said.append(_count(shown + omitted, "fact") + (f", {omitted} unconfirmed" if omitted else ""))
        return " · ".join(part for part in said if part)


def _percent(value: Any) -> int:
    return max(0, min(100, round(float(value))))


def _count(number: Any, noun: str) -> str:
    return f"{int(number)} {noun}{'' if int(number) == 1 else 's'}"


def english_name(language: str) -> str:
    code = language.lower().split("-")[0]
    return str(_ENGLISH_NAMES.get(code) or LANG_INFO.get(code, {}).get("name") or language)


@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    by_country: dict[str, list[Course]] = {}
    for course_ in SHELF:
        by_country.setdefault(course_.country or course_.id, []).append(course_)
    tiles = [
        Tile(courses[0].country_name, tuple(sorted(courses, key=lambda c: c.language == "en")))
        for courses in by_country.values()
    ]
    return render(request, "preview/landing.html", {"tiles": tiles})


@require_POST
def switch_role(request: HttpRequest) -> HttpResponse:
    roles.switch(request, request.POST.get("account", ""))
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = reverse("landing")
    return redirect(target)


# A course


@dataclass(frozen=True)
class OutlineLesson:
    node: Node
    url: str
    mark: str
    state: str
    current: bool


def _outline(
    course_: Course, account: roles.Account, here: Place | None, standing: Standing
) -> list[tuple[Node, list[OutlineLesson]]]:
    first_units: dict[str, Place] = {}
    for place in course_.places(account.is_staff):
        first_units.setdefault(place.lesson.id, place)
    outline: dict[str, tuple[Node, list[OutlineLesson]]] = {}
    for place in first_units.values():
        state = standing.state(place.lesson)
        lesson = OutlineLesson(
            place.lesson,
            _unit_url(course_, place.unit),
            MARKS.get(state, "○"),
            state,
            here is not None and place.lesson.id == here.lesson.id,
        )
        outline.setdefault(place.part.id, (place.part, []))[1].append(lesson)
    return list(outline.values())


def _unit_url(course_: Course, unit_: Node) -> str:
    return reverse("unit", args=(course_.id, unit_.name))


def _frame(request: HttpRequest, course_: Course, here: Place | None, standing: Standing | None) -> dict[str, Any]:
    """What every page of a course shows around its own content."""
    account = roles.current(request)
    standing = standing or Standing(course_, account)
    languages = [
        {"course": other, "url": _counterpart(other, here, account), "on": other is course_}
        for other in SHELF.same_country(course_)
    ]
    return {
        "course": course_,
        "outline": _outline(course_, account, here, standing),
        "languages": languages if len(languages) > 1 else [],
        "desk_url": desk_url(course_) if roles.may_review(request.user, course_.id) else "",
    }


def _counterpart(other: Course, here: Place | None, account: roles.Account) -> str:
    """The same unit in another language: its `url_name` is the same in every package."""
    if here is not None and any(place.unit.name == here.unit.name for place in other.places(account.is_staff)):
        return _unit_url(other, here.unit)
    return reverse("course", args=(other.id,))


def desk_url(course_: Course) -> str:
    """The reviewer's desk of a course; "" where the desk is not installed."""
    return f"/casework/review/{course_.id}/" if apps.is_installed("casework.review") else ""


@require_GET
def course(request: HttpRequest, course_id: str) -> HttpResponse:
    """Goes on where the learner stands: the first unit that is not done."""
    course_ = course_or_404(course_id)
    account = roles.current(request)
    places = course_.places(account.is_staff)
    if not places:
        raise Http404("this course shows nothing to this role")
    standing = Standing(course_, account)
    of_learners = [p for p in places if not p.part.staff_only] or places
    place = next((p for p in of_learners if standing.state(p.unit) != DONE), of_learners[0])
    return redirect(_unit_url(course_, place.unit))


@require_GET
def unit(request: HttpRequest, course_id: str, unit: str) -> HttpResponse:
    course_ = course_or_404(course_id)
    places = course_.places(roles.current(request).is_staff)
    index = next((i for i, place in enumerate(places) if place.unit.name == unit), None)
    if index is None:
        raise Http404("this course shows no such unit to this role")
    here = places[index]
    lessons = list(dict.fromkeys(place.lesson.id for place in places if place.part.id == here.part.id))
    standing = Standing(course_, roles.current(request))
    context = {
        "here": here,
        "tabs": [
            {"unit": p.unit, "url": _unit_url(course_, p.unit), "on": p is here, "done": standing.state(p.unit) == DONE}
            for p in places
            if p.lesson.id == here.lesson.id
        ],
        "number": lessons.index(here.lesson.id) + 1,
        "of": len(lessons),
        "minutes": course_.minutes(here.lesson),
        "previous": _step(course_, here, places[index - 1] if index else None),
        "next": _step(course_, here, places[index + 1] if index + 1 < len(places) else None),
    }
    return render(request, "preview/unit.html", context | _frame(request, course_, here, standing))


def _step(course_: Course, here: Place, there: Place | None) -> dict[str, str] | None:
    """A link to the unit before or after: named by its lesson where it leads into another one."""
    if there is None:
        return None
    title = there.unit.title if there.lesson.id == here.lesson.id else there.lesson.title
    return {"url": _unit_url(course_, there.unit), "title": title}


@require_GET
def jump(request: HttpRequest, course_id: str, block_id: str) -> HttpResponse:
    """`/jump_to_id/…`: the unit that is, or holds, the block of this name."""
    course_ = course_or_404(course_id)
    for place in course_.places(roles.current(request).is_staff):
        names = {place.part.name, place.lesson.name, place.unit.name, *(leaf.name for leaf in place.unit.leaves())}
        if block_id in names:
            return redirect(_unit_url(course_, place.unit))
    raise Http404("this course holds no such block")


@require_GET
def about(request: HttpRequest, course_id: str) -> HttpResponse:
    course_ = course_or_404(course_id)
    links = ReplaceURLs(course_.id)
    context = {
        "overview": links.replace_urls(course_.package.text("about/overview.html")),
        "handouts": links.replace_urls(course_.package.text("info/handouts.html")),
    }
    return render(request, "preview/about.html", context | _frame(request, course_, None, None))


@require_GET
def progress(request: HttpRequest, course_id: str) -> HttpResponse:
    """A learner's own standing; for the instructor, who has finished."""
    course_ = course_or_404(course_id)
    account = roles.current(request)
    context: dict[str, Any] = {"cutoffs": _cutoffs(course_)}
    if account.role == roles.INSTRUCTOR:
        context["class"] = [_row(course_, learner) for learner in roles.LEARNERS]
    else:
        context["mine"] = _row(course_, account)
    return render(request, "preview/progress.html", context | _frame(request, course_, None, None))


def _row(course_: Course, account: roles.Account) -> dict[str, Any]:
    standing = Standing(course_, account)
    completion = standing.course_completion()
    return {
        "account": account,
        "lessons": standing.lessons(),
        "completion": int(100 * completion),
        "finished": completion >= 1.0,
        "total": round(100 * standing.total()),
    }


def _cutoffs(course_: Course) -> list[tuple[str, int]]:
    said = course_.grading.get("GRADE_CUTOFFS")
    return [(name, round(100 * float(value))) for name, value in said.items()] if isinstance(said, dict) else []


# When something is not there


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    reason = str(exception.args[0]) if exception.args and isinstance(exception.args[0], str) else ""
    return render(request, "preview/calm.html", {"title": "Not here", "reason": reason}, status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    context = {"title": "Please load the page again", "reason": "The page was older than this session."}
    return render(request, "preview/calm.html", context, status=403)
