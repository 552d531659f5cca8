"""The only module that names `lms`, `cms`, `common`, `openedx` or `xmodule`. Open edX moves twice a year: what moves
with it stands here, so that an upgrade is read in one file.

Every import of the platform stands inside a function, since the rest of Casework runs without it. No rule in here, and
nothing of Casework.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def may_review(user: Any, course_id: str, session: MutableMapping[str, Any] | None = None) -> bool:
    """Whether `user` may read and review the learners' work of a course.

    Asks the function that the setting CASEWORK_MAY_REVIEW names, `(user, course_id) -> bool`; without the setting, the
    LMS: staff and instructors of the course, not while they look at it as a learner (which the LMS notes in `session`).
    Outside of an LMS nobody may.
    """
    if not getattr(user, "is_authenticated", False) or not getattr(user, "is_active", False):
        return False
    asked = getattr(settings, "CASEWORK_MAY_REVIEW", None)
    if asked:
        return bool(import_string(asked)(user, course_id))
    return _is_staff_of(user, course_id, session or {})


def _is_staff_of(user: Any, course_id: str, session: MutableMapping[str, Any]) -> bool:
    try:
        from lms.djangoapps.courseware.access import has_access
        from lms.djangoapps.courseware.masquerade import MASQUERADE_SETTINGS_KEY
        from opaque_keys import InvalidKeyError
        from opaque_keys.edx.keys import CourseKey
    except ImportError:
        return False
    try:
        key = CourseKey.from_string(course_id)
    except InvalidKeyError:
        return False
    # has_access refuses whoever looks as a learner, but knows it only from this attribute; the pages of the courseware
    # set it, and ours is none of them.
    user.masquerade_settings = session.get(MASQUERADE_SETTINGS_KEY, {})
    return bool(has_access(user, "staff", key))
