"""The pages of the desk: the list of written answers, and one answer with what reviewers do to it.

Who may see them is `access.py`'s, what is asked of the list `filters.py`'s, what is written `api.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override, pgettext
from django.views.decorators.http import require_http_methods

from casework import platform
from casework.review import api, filters, judging, way
from casework.review import queue as queue_rows
from casework.review.models import Answer, Finish, Return, Review, Written
from casework.review.points import tallies
from casework.scenario.engine import Play
from casework.scenario.model import Case, Rubric, Write

_TRIES = 5
"""How often the next answer is looked for while others take what was found."""


def in_one_language(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page in one language: the user's where somebody has translated the desk into it, else English, dates included.
    A page that says it is Thai and is not would be read aloud as Thai."""

    @wraps(view)
    def spoken(*args: object, **kwargs: object) -> HttpResponse:
        # Translators: the code of the language that you translate into, such as th.
        with override(pgettext("language code", "en")):
            return view(*args, **kwargs)

    return spoken


# -- the list ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A row of the list and who reads it now: `minutes` are those that are left to them."""

    row: queue_rows.Row
    held_by: str
    mine: bool
    minutes: int


@require_http_methods(["GET", "HEAD", "POST"])
@in_one_language
def queue(request: HttpRequest, course_id: str) -> HttpResponse:
    """The list; a POST takes the next answer that waits and opens it."""
    wanted = filters.asked(request, course_id)
    if request.method == "POST":
        return _go_on(request, course_id, wanted)
    try:
        after = queue_rows.cursor(request.GET["after"]) if "after" in request.GET else None
    except ValueError:
        raise Http404 from None
    form, wanted = filters.form(course_id, wanted)
    page = queue_rows.page(course_id, wanted.filters, after)
    context = {
        "tab": "queue",
        "course_id": course_id,
        "wanted": wanted,
        "form": form,
        "longest": filters.LONGEST,
        "page": page,
        "lines": _lines(page.rows, _who(request)),
        "more": f"{wanted.query or '?'}{'&' if wanted.query else ''}after={page.after}" if page.after else "",
        "searched": queue_rows.SEARCHED,
        "first": after is None,
        "progress": queue_rows.progress(course_id, _who(request), wanted.filters.item),
        "none": "none" in request.GET,
        "plans": api.plans_counted(course_id),
    }
    return render(request, "casework_review/queue.html", context)


def _lines(rows: tuple[queue_rows.Row, ...], me: str) -> list[Line]:
    who = judging.names({row.held for row in rows})
    now = timezone.now()
    return [Line(row, who[row.held] if row.held else "", row.held == me, _minutes(row.until, now)) for row in rows]


def _minutes(until: datetime | None, now: datetime) -> int:
    """Whole minutes, begun ones too."""
    return max(0, -int((now - until).total_seconds() // 60)) if until else 0


def _who(request: HttpRequest) -> str:
    return str(request.user.pk)


# -- going on ---------------------------------------------------------------------------------------------------------


def _go_on(
    request: HttpRequest, course_id: str, wanted: filters.Asked, here: Written | None = None, saved: int = 0
) -> HttpResponse:
    """To the next answer that waits below `here`, else from the top, with a lease; to the list where there is none. `saved`:
    the answer of which the next page says so."""
    if saved and here and here.finish.written.filter(state=Written.WAITING).exists():
        return redirect(_attempt_address(course_id, wanted, here.finish_id, saved=saved))
    found = _taken(course_id, _who(request), wanted.filters, here)
    if here:
        api.release(here.finish_id, _who(request))
    if found:
        return redirect(_attempt_address(course_id, wanted, found, saved=saved))
    if saved and here:
        return redirect(_attempt_address(course_id, wanted, here.finish_id, here.task, saved))
    query = wanted.query
    return redirect(f"{reverse('casework_review:queue', args=[course_id])}{query}{'&' if query else '?'}none=1")


def _taken(course_id: str, me: str, wanted: queue_rows.Filters, here: Written | None) -> int | None:
    """The id of the next attempt, which is now this reviewer's."""
    besides = here.finish_id if here else 0
    after = queue_rows.Cursor(here.finished, here.pk) if here else None
    for _turn in range(_TRIES):
        found = queue_rows.next_waiting(course_id, besides, me, wanted, after) if after else None
        found = found or queue_rows.next_waiting(course_id, besides, me, wanted)
        if found is None or api.lease(found, me).reviewer == me:
            return found
    return None


def _attempt_address(course_id: str, wanted: filters.Asked, finish: int, task: str = "", saved: int = 0) -> str:
    name, rest = ("answer", [task]) if task else ("attempt", [])
    address = reverse(f"casework_review:{name}", args=[course_id, finish, *rest]) + wanted.query
    return f"{address}{'&' if wanted.query else '?'}saved={saved}#saved" if saved else address


# -- one answer -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Level:
    points: int
    text: Any
    on: bool


@dataclass(frozen=True)
class FormRow:
    """One row of the rubric as the form shows it."""

    id: str
    text: Any
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Refused:
    """What was not written, and why: levels, reason, points, overtaken, held or newer. What was typed comes back: into the
    form of the review, or into that of the points."""

    why: str
    levels: dict[str, int] = field(default_factory=dict)
    comment: str = ""
    seen: str = ""
    points: str = ""
    reason: str = ""
    overridden: str = ""
    of_points: bool = False

    @property
    def status(self) -> int:
        return 409 if self.why in ("overtaken", "held", "newer") else 400


@dataclass(frozen=True)
class Saved:
    """The answer that was judged on the page before."""

    written: Written
    finish: Finish
    grade: api.Grade | None


@require_http_methods(["GET", "HEAD", "POST"])
@in_one_language
def attempt(request: HttpRequest, course_id: str, finish_id: int, task: str = "") -> HttpResponse:
    finish = get_object_or_404(Finish.objects.select_related("case"), pk=finish_id)
    # Compared here, not in the query: MySQL would take another course for this one whose id differs in case alone.
    if finish.course_id != course_id:
        raise Http404
    wanted = filters.asked(request, course_id)
    written = list(finish.written.order_by("id"))
    for one in written:
        one.finish = finish
    if task and task not in {one.task for one in written}:
        raise Http404
    # Without a task in the address: the first answer that waits, else the first.
    now = next((one for one in written if one.task == task), None) or next(
        (one for one in written if one.state == Written.WAITING), written[0] if written else None
    )
    if request.method == "POST":
        done = _act(request, finish, now, bool(task), wanted)
        if isinstance(done, HttpResponse):
            return done
        return _attempt_page(request, finish, written, now, wanted, done)
    return _attempt_page(request, finish, written, now, wanted, None)


def _act(
    request: HttpRequest, finish: Finish, now: Written | None, named: bool, wanted: filters.Asked
) -> HttpResponse | Refused:
    """What a button of the page does. Judgements belong to an answer that the address names, and to whoever holds it."""
    do = request.POST.get("do", "save")
    if do == "next":
        return _go_on(request, finish.course_id, wanted, now)
    here = _attempt_address(finish.course_id, wanted, finish.pk, now.task if named and now else "")
    if do == "take":
        api.lease(finish.pk, _who(request))
        return redirect(here)
    if do in ("override", "withdraw"):
        return _override(request, finish, do == "override", here)
    if not named or now is None or do not in ("save", "return", "flag", "lower"):
        raise Http404
    if do == "flag":
        judging.raise_flag(finish, now.task, _who(request), _whole_address(request, now))
        return redirect(f"{here}#flag")
    if do == "lower":
        api.flag(finish.pk, now.task, False, _who(request), told=False)
        return redirect(f"{here}#flag")
    return _judge(request, now, wanted, do == "return")


def _judge(request: HttpRequest, now: Written, wanted: filters.Asked, back: bool) -> HttpResponse | Refused:
    levels, comment, seen = _chosen_levels(request), request.POST.get("comment", ""), request.POST.get("seen")
    why = "reason" if back else "levels"
    if api.lease(now.finish_id, _who(request)).reviewer != _who(request):
        return Refused("held", levels, comment)
    if back and _newer(now.finish):
        return Refused("newer", levels, comment)
    try:
        if back:
            api.return_answer(now.finish_id, now.task, comment, _who(request), seen)
        else:
            api.review(now.finish_id, now.task, levels, comment, _who(request), seen)
    except api.Overtaken:
        return Refused("overtaken", levels, comment, seen=seen or "")
    except api.ReviewError:
        return Refused(why, levels, comment)
    return _go_on(request, now.course_id, wanted, now, saved=now.pk)


def _override(request: HttpRequest, finish: Finish, sets: bool, here: str) -> HttpResponse | Refused:
    reason, said = request.POST.get("reason", ""), request.POST.get("points", "")[:10]
    overridden = request.POST.get("overridden")

    def refused(why: str) -> Refused:
        return Refused(why, points=said, reason=reason, overridden=overridden or "", of_points=True)

    if api.lease(finish.pk, _who(request)).reviewer != _who(request):
        return refused("held")
    if sets and not re.fullmatch("[0-9]{1,6}", said):
        return refused("points")
    try:
        api.override(finish.pk, int(said) if sets else None, reason, _who(request), overridden)
    except api.Overtaken:
        return refused("overtaken")
    except api.ReviewError:
        return refused("points")
    return redirect(f"{here}#points")


def _chosen_levels(request: HttpRequest) -> dict[str, int]:
    """Points by row from fields named `level-ROW`; what is no whole number stays out, and the row is then missing."""
    levels = {}
    for name, value in request.POST.dict().items():
        if name.startswith("level-") and re.fullmatch("[0-9]{1,5}", str(value)):
            levels[name.removeprefix("level-")] = int(str(value))
    return levels


def _whole_address(request: HttpRequest, now: Written) -> str:
    """The address of the page as a mail needs it: with the host."""
    path = reverse("casework_review:answer", args=[now.course_id, now.finish_id, now.task])
    found = platform.address(path)
    return request.build_absolute_uri(found) if found.startswith("/") else found


def _newer(finish: Finish) -> Finish | None:
    """The newest attempt of the same learner at the same case, where this is not it."""
    mine = Finish.objects.filter(course_id=finish.course_id, student_id=finish.student_id, item_id=finish.item_id)
    return mine.filter(pk__gt=finish.pk).order_by("-id").first()


def _attempt_page(
    request: HttpRequest,
    finish: Finish,
    written: list[Written],
    now: Written | None,
    wanted: filters.Asked,
    refused: Refused | None,
) -> HttpResponse:
    me = _who(request)
    held = None if request.method == "HEAD" else api.lease(finish.pk, me)
    mine = held is not None and held.reviewer == me
    case, play = _played(finish)
    task = case.task.get(now.task) if case and now else None
    rubric = case.rubric[task.rubric] if case and isinstance(task, Write) else None
    seen = (refused.seen, refused.overridden) if refused and refused.why == "overtaken" else ("", "")
    done = judging.record(finish, now.answer_id if now else "", rubric, *seen)
    tally = tallies([finish])[finish.pk]
    context = {
        "course_id": finish.course_id,
        "wanted": wanted,
        "finish": finish,
        "now": now,
        "me": me,
        "tally": tally,
        "held": held,
        "mine": mine,
        # Whoever was refused keeps the form, with what was typed.
        "form": mine or refused is not None,
        "held_by": "" if mine or held is None else judging.names({held.reviewer})[held.reviewer],
        "minutes": _minutes(held.until, timezone.now()) if held else 0,
        "newer": _newer(finish),
        "saved": _saved(request, finish.course_id),
        "refused": refused,
        "longest": api.LONGEST_COMMENT,
        "record": done,
        "contact": bool(platform.safeguarding_contact()),
        "more_waits": queue_rows.next_waiting(finish.course_id, finish.pk, me) is not None,
        **_neighbours(finish.course_id, wanted, now),
        **_text(now),
    }
    status = refused.status if refused else 200
    if case is None or play is None:
        return render(request, "casework_review/unreadable.html", context, status=status)
    panel = way.panel(case, play)
    context |= {
        "case": case,
        "title": way.inline(case.title),
        "ending": way.inline(case.ending[finish.ending].title),
        "way": way.way(case, play),
        "papers": way.papers(case, play),
        "panel": panel,
        "voices": sum(len(one.voices) for one in panel),
        "tabs": [(one.task, at, one.state) for at, one in enumerate(written, 1)],
    }
    if now and rubric and isinstance(task, Write):
        newest = (done.reviews[0].levels, done.reviews[0].comment) if done.reviews else ({}, "")
        typed = refused is not None and not refused.of_points
        levels, comment = (refused.levels, refused.comment) if refused and typed else newest
        context |= {
            "ask": way.inline(task.ask),
            "practised": way.block(task.practised),
            "rows": _rows(rubric, levels),
            "comment": comment,
            "typed": typed,
            "seen": done.seen,
            "besides": tally.points - (sum(newest[0].values()) if done.reviews else 0),
        }
    return render(request, "casework_review/attempt.html", context, status=status)


def _played(finish: Finish) -> tuple[Case | None, Play | None]:
    """The case of that day and the way through it; Nones where this version of Casework can no longer read them."""
    told = api.as_played(finish)
    case = api.read(told.content, told.variant)
    play = api.replay(case, told.log) if case else None
    return (case, play) if case and play else (None, None)


def _neighbours(course_id: str, wanted: filters.Asked, now: Written | None) -> dict[str, str]:
    """Addresses of the answers before and after this one in the list as it is filtered."""
    if now is None:
        return {}
    told = {}
    for name, back in (("previous", True), ("following", False)):
        found = queue_rows.beside(course_id, wanted.filters, now.finished, now.pk, back)
        told[name] = _attempt_address(course_id, wanted, *found) if found else ""
    return told


def _text(now: Written | None) -> dict[str, Any]:
    """The written text, or when it was deleted."""
    if now is None:
        return {}
    forgotten = Answer.objects.filter(pk=now.answer_id).values_list("forgotten", flat=True).first()
    return {"text": api.words([now.answer_id]).get(now.answer_id, ""), "forgotten": forgotten}


def _rows(rubric: Rubric, levels: dict[str, int]) -> list[FormRow]:
    return [
        FormRow(
            row.id,
            way.inline(row.text),
            tuple(Level(one.points, way.inline(one.text), levels.get(row.id) == one.points) for one in row.levels),
        )
        for row in rubric.rows
    ]


def _saved(request: HttpRequest, course_id: str) -> Saved | None:
    """What the address says was saved, if this reviewer has judged it."""
    name = request.GET.get("saved", "")
    if not re.fullmatch(r"[0-9]{1,18}", name):
        return None
    one = (
        Written.objects.select_related("finish")
        .filter(pk=int(name), state__in=(Written.REVIEWED, Written.RETURNED))
        .first()
    )
    if one is None or one.course_id != course_id:
        return None
    records = Review if one.state == Written.REVIEWED else Return
    if not records.objects.filter(answer=one.answer_id, reviewer=_who(request)).exists():
        return None
    place = api.Place(one.finish.course_id, one.finish.item_id, one.finish.student_id)
    return Saved(one, one.finish, api.grade(place))
