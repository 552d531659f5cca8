"""The inside of the frame: a unit's document, its blocks' handlers and resources, the author's edit page.

Kept apart from the pages around it, as the platform's learning front end keeps them apart.
"""

from __future__ import annotations

import logging
import mimetypes
import re
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST
from web_fragments.fragment import Fragment
from xblock.core import XBlock
from xblock.django.request import django_to_webob_request, webob_to_django_response
from xblock.exceptions import NoSuchHandlerError, NotFoundError, ProcessingError

from casework.preview import block_types, records, roles
from casework.preview.course import SHELF, Course, Node
from casework.preview.ids import UsageId
from casework.preview.runtime import PreviewRuntime
from casework.preview.views import course_or_404

log = logging.getLogger(__name__)

_EDITED_ELSEWHERE = {"html", "problem"}
"""On the platform these open in an editor of its front end; their `studio_view` raises."""
_OUTSIDE_IMPORT = re.compile(r"@import\s+(?:url\()?\s*[\"']?(?:https?:)?//[^;]*;")
"""The platform's style sheets fetch a font from outside of the machine."""


def _usage(usage_id: str) -> tuple[Course, UsageId]:
    try:
        usage = UsageId(usage_id)
    except ValueError as err:
        raise Http404("this is no block") from err
    course = SHELF.get(usage.course_key)
    if course is None or usage not in course.fields:
        raise Http404("this server holds no such block")
    return course, usage


def _visible(course: Course, usage: UsageId, account: roles.Account) -> None:
    if course.fields[usage].get("visible_to_staff_only") and not account.is_staff:
        raise Http404("this is for staff only")


# The unit


@ensure_csrf_cookie
@require_GET
def document(request: HttpRequest, usage_id: str) -> HttpResponse:
    """All blocks of a vertical, as the platform puts them into the frame."""
    course, usage = _usage(usage_id)
    account = roles.current(request)
    _visible(course, usage, account)
    runtime = PreviewRuntime(course, account)
    page = Fragment()
    for child in course.node(usage).children:
        if child.staff_only and not account.is_staff:
            continue
        block = runtime.get_block(child.id)
        view = "author_view" if runtime.is_author_mode and getattr(block, "has_author_view", False) else "student_view"
        fragment = runtime.render(block, view, {})
        page.add_content(_author_bar(child) if runtime.is_author_mode else "")
        page.add_content(fragment.content)
        page.add_fragment_resources(fragment)
    return render(
        request,
        "preview/unit_document.html",
        {
            "language": course.language,
            "title": course.node(usage).title,
            "head": _OUTSIDE_IMPORT.sub("", page.head_html()),
            "body": page.body_html(),
            "foot": page.foot_html(),
            "delay": settings.COMPLETION_BY_VIEWING_DELAY_MS,
        },
    )


def _author_bar(node: Node) -> str:
    """What stands above a block for the author: its kind, and the way to its editor where it has one."""
    kind = node.id.block_type
    if not _is_editable(node.id):
        return f'<p class="author-bar" lang="en"><span>{kind}</span></p>'
    url = reverse("edit", args=(node.id,))
    return f'<p class="author-bar" lang="en"><span>{kind}</span> <a href="{url}" target="_top">Edit</a></p>'


def _is_editable(usage: UsageId) -> bool:
    return usage.block_type not in _EDITED_ELSEWHERE and hasattr(block_types.load(usage.block_type), "studio_view")


@ensure_csrf_cookie
@require_GET
def edit(request: HttpRequest, usage_id: str) -> HttpResponse:
    """A block's own editor, in the least of a Studio: save and cancel lead back to the unit."""
    course, usage = _usage(usage_id)
    account = roles.current(request)
    if account.role != roles.AUTHOR or not _is_editable(usage):
        raise Http404("only an author edits, and only blocks with an editor of their own")
    course.possible.pop(usage, None)
    runtime = PreviewRuntime(course, account)
    fragment = runtime.render(runtime.get_block(usage), "studio_view", {})
    return render(
        request,
        "preview/edit.html",
        {
            "course": course,
            "title": course.node(usage).title,
            "back": reverse("jump", args=(course.id, usage.block_id)),
            "head": _OUTSIDE_IMPORT.sub("", fragment.head_html()),
            "body": fragment.body_html(),
            "foot": fragment.foot_html(),
        },
    )


# What blocks ask for


def handler(request: HttpRequest, usage_id: str, name: str, suffix: str = "") -> HttpResponse:
    """A block's handler, in one transaction, as the platform runs it."""
    course, usage = _usage(usage_id)
    account = roles.current(request)
    _visible(course, usage, account)
    if request.method == "POST" and account.role == roles.AUTHOR:
        course.possible.pop(usage, None)  # an editor's handler may change what the block is worth
    try:
        with transaction.atomic():
            runtime = PreviewRuntime(course, account)
            answer = runtime.handle(runtime.get_block(usage), name, django_to_webob_request(request), suffix)
    except (NoSuchHandlerError, NotFoundError) as err:
        raise Http404("this block has no such handler") from err
    except ProcessingError as err:
        return JsonResponse({"success": err.args[0] if err.args else ""})
    except Exception:
        log.exception("handler %s of %s raised", name, usage)
        return JsonResponse({"error": "The block could not answer. The log tells why."}, status=500)
    return webob_to_django_response(answer)


@require_POST
def complete(request: HttpRequest, usage_id: str) -> HttpResponse:
    """A page has been in view long enough to count as read."""
    course, usage = _usage(usage_id)
    account = roles.current(request)
    _visible(course, usage, account)
    if account.role != roles.AUTHOR and block_types.completes_by_view(block_types.load(usage.block_type)):
        records.complete(account.user.pk, usage, 1.0)
    return HttpResponse(status=204)


@require_GET
def resource(request: HttpRequest, block_type: str, uri: str) -> HttpResponse:
    """A public file of a block's class."""
    cls: type[XBlock] = block_types.load(block_type)
    try:
        with cls.open_local_resource(uri) as opened:
            content: bytes = opened.read()
    except Exception as err:
        raise Http404("this block has no such file") from err
    kind = mimetypes.guess_type(uri)[0] or "application/octet-stream"
    if kind == "text/css":
        content = _OUTSIDE_IMPORT.sub("", content.decode("utf-8")).encode()
    return HttpResponse(content, content_type=kind)


@require_GET
def asset(request: HttpRequest, course_id: str, path: str) -> HttpResponse:
    """A file of the package's `static/`, under its own name or the flat one that the platform gives it."""
    files: dict[str, Any] = course_or_404(course_id).package.files
    content = files.get(f"static/{path}")
    if content is None:
        flat = {name.removeprefix("static/").replace("/", "_"): name for name in files if name.startswith("static/")}
        content = files.get(flat.get(path, ""))
    if content is None:
        raise Http404("the package holds no such file")
    response = HttpResponse(content, content_type=mimetypes.guess_type(path)[0] or "application/octet-stream")
    # A picture or page of a package is looked at, never run as a page of this server.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return response
