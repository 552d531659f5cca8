"""The pages of the desk: the list of finished attempts, and one attempt with the review of its written answers.

Who may see them is `access.py`'s, what is written is `api.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from casework.review import api, way
from casework.review import queue as queue_rows
from casework.review.models import Finish, Review, Written
from casework.review.points import tallies
from casework.scenario.model import Case, Rubric, Write


def in_one_language(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page in one language: the user's where somebody has translated the desk into it, else English, dates included.
    A page that says it is Thai and is not would be read aloud as Thai."""

    @wraps(view)
    def spoken(*args: object, **kwargs: object) -> HttpResponse:
        # Translators: the code of the language that you translate into, such as th.
        with override(pgettext("language code", "en")):
            return view(*args, **kwargs)

    return spoken


@require_safe
@in_one_language
def queue(request: HttpRequest, course_id: str) -> HttpResponse:
    try:
        after = queue_rows.cursor(request.GET["after"]) if "after" in request.GET else None
    except ValueError:
        raise Http404 from None
    context = {
        "course_id": course_id,
        "page": queue_rows.page(course_id, None, after),
        "first": after is None,
        "progress": queue_rows.progress(course_id),
        "next": queue_rows.next_waiting(course_id),
        "plans": api.plans_counted(course_id),
    }
    return render(request, "casework_review/queue.html", context)


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
class Earlier:
    """A review that was given before, told: (row, level) pairs."""

    by: str
    at: datetime
    levels: tuple[tuple[Any, Any], ...]
    comment: str


@require_http_methods(["GET", "HEAD", "POST"])
@in_one_language
def attempt(request: HttpRequest, course_id: str, finish_id: int, task: str = "") -> HttpResponse:
    finish = get_object_or_404(Finish.objects.select_related("case"), pk=finish_id)
    # Compared here, not in the query: MySQL would take another course for this one whose id differs in case alone.
    if finish.course_id != course_id:
        raise Http404
    written = list(finish.written.order_by("id"))
    if task and task not in {one.task for one in written}:
        raise Http404
    if request.method == "POST":
        return _save(request, finish, written, task)
    return _attempt_page(request, finish, written, task)


def _save(request: HttpRequest, finish: Finish, written: list[Written], task: str) -> HttpResponse:
    if not task:
        raise Http404
    levels = _chosen_levels(request)
    comment = request.POST.get("comment", "")
    try:
        api.review(finish.pk, task, levels, comment, str(request.user.pk))
    except api.ReviewError:
        return _attempt_page(request, finish, written, task, refused=(levels, comment))
    here = reverse("casework_review:answer", args=[finish.course_id, finish.pk, task])
    return redirect(f"{here}?saved=1#saved")


def _chosen_levels(request: HttpRequest) -> dict[str, int]:
    """Points by row from fields named `level-ROW`; what is no whole number stays out, and the row is then missing."""
    levels = {}
    for name, value in request.POST.dict().items():
        if name.startswith("level-") and re.fullmatch("[0-9]{1,5}", str(value)):
            levels[name.removeprefix("level-")] = int(str(value))
    return levels


def _attempt_page(
    request: HttpRequest,
    finish: Finish,
    written: list[Written],
    task: str,
    refused: tuple[dict[str, int], str] | None = None,
) -> HttpResponse:
    reviews = list(Review.objects.filter(finish=finish).order_by("-id"))
    reviewed = {one.answer_id for one in reviews}
    place = api.Place(finish.course_id, finish.item_id, finish.student_id)
    context = {
        "course_id": finish.course_id,
        "finish": finish,
        "tally": tallies([finish])[finish.pk],
        "next": queue_rows.next_waiting(finish.course_id, besides=finish.pk),
        "saved": "saved" in request.GET,
        "grade": api.grade(place),
        "refused": refused is not None,
        "longest": api.LONGEST_COMMENT,
    }
    told = api.as_played(finish)
    case = api.read(told.content, told.variant)
    play = api.replay(case, told.log) if case else None
    if case is None or play is None:
        return render(request, "casework_review/unreadable.html", context)
    panel = way.panel(case, play)
    # Without a task in the address: the first answer that waits, else the first.
    now = next((one for one in written if one.task == task), None) or next(
        (one for one in written if one.answer_id not in reviewed), written[0] if written else None
    )
    context |= {
        "case": case,
        "title": way.inline(case.title),
        "ending": way.inline(case.ending[finish.ending].title),
        "way": way.way(case, play),
        "papers": way.papers(case, play),
        "panel": panel,
        "voices": sum(len(one.voices) for one in panel),
        "tabs": [(one.task, at, one.answer_id in reviewed) for at, one in enumerate(written, 1)],
        "now": now,
    }
    if now:
        context |= _answer_context(case, now, [one for one in reviews if one.answer_id == now.answer_id], refused)
    return render(request, "casework_review/attempt.html", context, status=400 if refused else 200)


def _answer_context(
    case: Case, now: Written, reviews: list[Review], refused: tuple[dict[str, int], str] | None
) -> dict[str, Any]:
    task = case.task[now.task]
    assert isinstance(task, Write)  # noqa: S101  `api.finish` has made rows of nothing else
    rubric = case.rubric[task.rubric]
    newest = (reviews[0].levels, reviews[0].comment) if reviews else ({}, "")
    levels, comment = refused or newest
    return {
        "ask": way.inline(task.ask),
        "text": api.words([now.answer_id]).get(now.answer_id, ""),
        "practised": way.block(task.practised),
        "rows": [
            FormRow(
                row.id,
                way.inline(row.text),
                tuple(Level(one.points, way.inline(one.text), levels.get(row.id) == one.points) for one in row.levels),
            )
            for row in rubric.rows
        ],
        "comment": comment,
        "earlier": _earlier(rubric, reviews),
    }


def _earlier(rubric: Rubric, reviews: list[Review]) -> list[Earlier]:
    names = _names({one.reviewer for one in reviews})
    text = {
        (row.id, level.points): (way.inline(row.text), way.inline(level.text))
        for row in rubric.rows
        for level in row.levels
    }
    return [
        Earlier(
            names.get(one.reviewer, _("somebody who has left")),
            one.created,
            tuple(text[row.id, one.levels[row.id]] for row in rubric.rows),
            one.comment,
        )
        for one in reviews
    ]


def _names(ids: set[str]) -> dict[str, str]:
    """Names of reviewers by user id. Only they are ever named here; a learner is an alias."""
    users = get_user_model().objects.filter(pk__in=[int(one) for one in ids if one.isdecimal()])
    return {str(user.pk): user.get_full_name() or user.get_username() for user in users}
