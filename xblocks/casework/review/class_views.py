"""The pages of the class: which cases there are, and what a class did in one of them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@require_safe
def index(request: HttpRequest, course_id: str) -> HttpResponse:
    raise Http404


@require_safe
def one(request: HttpRequest, course_id: str, item_id: str) -> HttpResponse:
    raise Http404
