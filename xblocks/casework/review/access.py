"""Who may see the desk: one question, asked before every page of it. `urls.py` wraps each view in `for_reviewers`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from casework import platform

View = Callable[..., HttpResponse]


def for_reviewers(view: View) -> View:
    """The view for those who may review the course that its address names, 403 for all others.

    What learners wrote is not left in a cache on the way, nor in that of a shared browser.
    """

    @never_cache
    @wraps(view)
    def asked(request: HttpRequest, course_id: str, **rest: object) -> HttpResponse:
        if not platform.may_review(request.user, course_id, getattr(request, "session", None)):
            raise PermissionDenied
        return view(request, course_id, **rest)

    return asked
