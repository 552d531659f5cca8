"""What goes out of the desk: a page of choices, CSV and JSON Lines, streamed."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@require_safe
def page(request: HttpRequest, course_id: str) -> HttpResponse:
    raise Http404


@require_safe
def as_csv(request: HttpRequest, course_id: str) -> HttpResponse:
    raise Http404


@require_safe
def as_lines(request: HttpRequest, course_id: str) -> HttpResponse:
    raise Http404
