"""What an Open edX calls of this app: steps in the pipelines of both instructor dashboards, the receiver of retirements,
and a check of our settings. The settings and `apps.py` name them; nothing of Casework does.

The steps need nothing of openedx-filters, which asks of a step no more than these two methods, and is not there in the
preview. A step that fails would take a dashboard with it where an operator has `fail_silently` off: whatever is not as we
know it leaves the dashboard as it is.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from casework import platform
from casework.review import api
from casework.review.settings.common import FUNCTIONS, MAKO

TAB = "casework"
BEFORE_CERTIFICATES = 75
"""The platform's own tabs stand at 10, 20 … 110; Open Responses at 70."""


class _Step:
    def __init__(self, filter_type: str, running_pipeline: list[str], **configured: Any) -> None:
        self.filter_type, self.running_pipeline, self.configured = filter_type, running_pipeline, configured


class DeskTab(_Step):
    """The desk as a tab of the instructor dashboard, for those who may review the course."""

    def run_filter(self, tabs: Any, user: Any, course_key: Any, **_rest: Any) -> dict[str, Any]:
        course_id = str(course_key)
        if any(one.get("tab_id") == TAB for one in tabs or ()) or not platform.may_review(user, course_id):
            return {}
        # With its host: the dashboard takes an address that begins with a slash for a page of its own.
        desk = platform.address(_desk(course_id))
        tab = {"tab_id": TAB, "title": "Casework", "url": desk, "sort_order": BEFORE_CERTIFICATES}
        return {"tabs": [*(tabs or ()), tab]}


class DeskSection(_Step):
    """The desk as a section of the legacy instructor dashboard: a link, since the platform lets no page of its own be framed."""

    def run_filter(self, context: Any, template_name: Any, **_rest: Any) -> dict[str, Any]:
        sections, course = context.get("sections"), context.get("course")
        if not isinstance(sections, list) or course is None or not _has_our_template():
            return {}
        course_id = str(course.id)
        if any(one.get("section_key") == TAB for one in sections) or not platform.may_review(_who(), course_id):
            return {}
        section = {
            "section_key": TAB,
            "section_display_name": "Casework",
            "template_path_prefix": "/casework_dashboard/",
            "course_id": course_id,
            "address": _desk(course_id),
            "link": _("Answers to review"),
        }
        return {"context": {**context, "sections": [*sections, section]}}


def _desk(course_id: str) -> str:
    return reverse("casework_review:queue", args=[course_id])


def _has_our_template() -> bool:
    """A template that is not found takes the whole dashboard down."""
    folders = getattr(settings, "MAKO_TEMPLATE_DIRS_BASE", ())
    return str(MAKO) in map(str, folders) and (MAKO / "casework_dashboard" / "casework.html").is_file()


def _who() -> Any | None:
    """The user of this request, which the legacy filter does not tell; the platform keeps it for whoever needs it."""
    try:
        from crum import get_current_user
    except ImportError:
        return None
    return get_current_user()


def forget_retired(sender: Any, user: Any, **_rest: Any) -> None:
    """The platform retires an account: its texts go, in all courses, plans too. An error goes on to the platform, which then
    tries the retirement again instead of believing it done."""
    api.forget_learner(platform.anonymous_ids(user))


@register("casework")
def settings_are_sound(app_configs: Any, **_rest: Any) -> list[CheckMessage]:
    """What would otherwise be noticed by a reviewer, or by nobody."""
    wrong: list[CheckMessage] = []
    for name in FUNCTIONS:
        path = getattr(settings, name, None)
        try:
            if path and not callable(import_string(path)):
                wrong.append(Error(f"{name}: {path!r} is no function", id="casework.E001"))
        except (AttributeError, ImportError) as fault:
            wrong.append(Error(f"{name}: {path!r} cannot be imported: {fault}", id="casework.E001"))
    contact = getattr(settings, "CASEWORK_SAFEGUARDING_CONTACT", "")
    if contact and not platform.safeguarding_contact():
        said = f"CASEWORK_SAFEGUARDING_CONTACT: {contact!r} is no e-mail address, so flags reach nobody"
        wrong.append(Error(said, id="casework.E002"))
    names = getattr(settings, "CASEWORK_NAMES", False)
    if names is not True and names is not False:
        said = f"CASEWORK_NAMES: {names!r} is neither True nor False, and counts as False"
        wrong.append(Error(said, id="casework.E003"))
    return wrong
