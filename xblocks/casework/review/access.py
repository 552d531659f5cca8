"""Who may see the desk: one question, asked before every page of it. `urls.py` wraps each view in `for_reviewers`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from casework import platform

View = Callable[..., HttpResponseBase]

FOR_PROGRAMS = frozenset({"csv", "jsonl"})
"""Names of the addresses that a program may fetch. The pages are for people: to open an answer holds it for its reader."""
_READING = frozenset({"GET", "HEAD"})


def for_reviewers(view: View) -> View:
    """The view for those who may review the course that its address names, 403 for all others.

    What learners wrote is not left in a cache on the way, nor in that of a shared browser.
    """

    @never_cache
    @wraps(view)
    def asked(request: HttpRequest, course_id: str, **rest: object) -> HttpResponseBase:
        if not _may_review(request, course_id):
            raise PermissionDenied
        return view(request, course_id, **rest)

    return asked


def may_see_names(request: HttpRequest, course_id: str) -> bool:
    """Whether who asks may have user names beside the aliases. For views that `for_reviewers` has let in."""
    return platform.may_see_names(request.user, course_id)


def _may_review(request: HttpRequest, course_id: str) -> bool:
    """A browser is known by its session, a program by its token. A token stands alone, so that no session saves a wrong one
    and none takes the place of a right one; its user is then the user of the request."""
    if not platform.brings_token(request):
        return platform.may_review(request.user, course_id, getattr(request, "session", None))
    page = request.resolver_match.url_name if request.resolver_match else None
    if page not in FOR_PROGRAMS or request.method not in _READING:
        return False
    user = platform.user_of_token(request)
    if user is None or not platform.may_review(user, course_id, {}):
        return False
    request.user = user
    return True
