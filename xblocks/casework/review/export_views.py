"""What goes out of the desk: a page of choices, CSV and JSON Lines, streamed. What stands in a file is `export.py`'s."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from casework.review import access, export, filters
from casework.review.models import NamesAsked
from casework.review.views import in_one_language

_CHOICE = {"yes": True, "no": False}
_NUMBER = re.compile("[0-9]{1,18}")


@require_safe
@in_one_language
def page(request: HttpRequest, course_id: str) -> HttpResponse:
    """Raises Http404 for a case that nobody has finished."""
    site = request.build_absolute_uri("/").rstrip("/")
    item = request.GET.get("item", "")
    cases = filters.case_choices(course_id, item)
    asked = export.Asked(course_id, item=item)
    command = ["casework", "answers", site, course_id, *(["--case", item] if item else []), "--out", "answers.jsonl"]
    context = {
        "course_id": course_id,
        "tab": "export",
        "cases": cases,
        "item": item,
        "rows": None if export.learners_are_few(asked) else export.extent(asked).rows,
        "names": access.may_see_names(request, course_id),
        "command": shlex.join(command),
    }
    return render(request, "casework_review/export.html", context)


@require_safe
def as_csv(request: HttpRequest, course_id: str) -> HttpResponseBase:
    return _file(request, course_id, "csv", "text/csv; charset=utf-8", export.as_csv)


@require_safe
def as_lines(request: HttpRequest, course_id: str) -> HttpResponseBase:
    return _file(request, course_id, "jsonl", "application/x-ndjson; charset=utf-8", export.as_lines)


def _file(
    request: HttpRequest,
    course_id: str,
    ending: str,
    kind: str,
    told: Callable[[export.Asked, int], Iterator[bytes]],
) -> HttpResponseBase:
    """The file, streamed. `Casework-Rows` and `Casework-Last` say how far it goes: a connection that breaks between two lines
    looks like an end."""
    asked = _asked(request, course_id)
    if asked is None:
        return HttpResponseBadRequest(
            "texts and names are yes or no, after is a number, item is a block's id", content_type="text/plain"
        )
    if asked.names and not access.may_see_names(request, course_id):
        raise PermissionDenied
    until = export.extent(asked)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(content_type=kind)
    else:
        if asked.names:
            # Before the first byte, and committed: the view ends before the file begins.
            NamesAsked.objects.create(
                course_id=course_id, asked_by=str(request.user.pk), what=f"answers.{ending}", created=timezone.now()
            )
        response = StreamingHttpResponse(told(asked, until.last), content_type=kind)
    response["Casework-Rows"], response["Casework-Last"] = str(until.rows), str(until.last)
    response["Content-Disposition"] = f'attachment; filename="{_name(asked)}.{ending}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Accel-Buffering"] = "no"  # nginx would gather the file before it sends any of it
    return response


def _asked(request: HttpRequest, course_id: str) -> export.Asked | None:
    """What the address asks for; None where that is nonsense."""
    texts, names = (_CHOICE.get(request.GET.get(name, usual)) for name, usual in (("texts", "yes"), ("names", "no")))
    after, item = request.GET.get("after", "0"), request.GET.get("item", "")
    if texts is None or names is None or not _NUMBER.fullmatch(after) or len(item) > 255 or "\x00" in item:
        return None
    return export.Asked(course_id, texts, names, int(after), item)


def _name(asked: export.Asked) -> str:
    course = re.sub("[^A-Za-z0-9._-]+", "-", asked.course_id.removeprefix("course-v1:")).strip("-.") or "course"
    case = re.sub("[^A-Za-z0-9._-]+", "-", asked.item.rpartition("@")[2]).strip("-.")
    parts = ["answers", course, case, "" if asked.texts else "without-texts", "with-names" if asked.names else ""]
    return "-".join([*filter(None, parts), f"{timezone.now():%Y-%m-%d}"])
