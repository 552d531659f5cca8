"""The only module that names `lms`, `cms`, `common`, `openedx` or `xmodule`. Open edX moves twice a year: what moves
with it stands here, so that an upgrade is read in one file.

Every import of the platform stands inside a function, since the rest of Casework runs without it. Each question goes to
the function that a setting names, where one does; else to the LMS; and outside of an LMS it has an empty answer that lets
nobody in. No rule in here, and nothing of Casework.
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest
from django.utils.module_loading import import_string

RETIREMENT_SIGNAL = "openedx.core.djangoapps.user_api.accounts.signals.USER_RETIRE_LMS_CRITICAL"
"""Sent with `user` while an account is retired. A receiver that raises stops the retirement, to be tried again."""
TABS_FILTER = "org.openedx.learning.instructor.dashboard.tabs.requested.v1"
"""Asks for the tabs of the instructor dashboard, with `tabs`, `user` and `course_key`."""
SECTIONS_FILTER = "org.openedx.learning.instructor.dashboard.render.started.v1"
"""The same of the legacy dashboard, with `context` and `template_name`."""

TOKEN_SCHEMES = ("bearer", "jwt")
_SCOPE = "read"
_AT_ONCE = 500
"""Ids in one query."""


# -- who may ----------------------------------------------------------------------------------------------------------


def may_review(user: Any, course_id: str, session: MutableMapping[str, Any] | None = None) -> bool:
    """Whether `user` may read and review the learners' work of a course.

    Asks the function that the setting CASEWORK_MAY_REVIEW names, `(user, course_id) -> bool`; without the setting, the
    LMS: staff and instructors of the course, not while they look at it as a learner (which the LMS notes in `session`;
    without a session, what it has noted on the user already stands). Outside of an LMS nobody may.
    """
    if not _is_at_work(user):
        return False
    asked = _named("CASEWORK_MAY_REVIEW")
    return bool(asked(user, course_id)) if asked else _is_staff_of(user, course_id, session)


def may_see_names(user: Any, course_id: str, session: MutableMapping[str, Any] | None = None) -> bool:
    """Whether `user` may ask for the user names behind the aliases of a course. Whoever may not review never may.

    Not allowed unless the setting CASEWORK_NAMES is True, or the function that CASEWORK_MAY_SEE_NAMES names,
    `(user, course_id) -> bool`, says so. An alias is enough to review; a name adds a judgement of the person. Learners here
    write of their own mistakes and of people in danger, often as officers whose superiors know the reviewer. So the
    operator decides, not each course's staff, and anything but True, such as the text "false", means no.
    """
    if not may_review(user, course_id, session):
        return False
    asked = _named("CASEWORK_MAY_SEE_NAMES")
    return bool(asked(user, course_id)) if asked else getattr(settings, "CASEWORK_NAMES", False) is True


def _is_at_work(user: Any) -> bool:
    return bool(getattr(user, "is_authenticated", False) and getattr(user, "is_active", False))


def _is_staff_of(user: Any, course_id: str, session: MutableMapping[str, Any] | None) -> bool:
    try:
        from lms.djangoapps.courseware.access import has_access
        from lms.djangoapps.courseware.masquerade import MASQUERADE_SETTINGS_KEY
    except ImportError:
        return False
    key = _key(course_id)
    if key is None:
        return False
    # has_access refuses whoever looks as a learner, but knows it only from this attribute; the pages of the courseware
    # set it, and ours is none of them.
    noted = getattr(user, "masquerade_settings", {}) if session is None else session.get(MASQUERADE_SETTINGS_KEY, {})
    user.masquerade_settings = noted
    return bool(has_access(user, "staff", key))


def looks_as_another(user_service: Any) -> bool:
    """Whether who asks a block is staff who look at the course as one learner: the platform's user service then tells of that
    learner, on whose user object `masquerade.setup_masquerade` has noted the `real_user`. Grades and completion are not
    recorded meanwhile (`EventPublishingService.publish`)."""
    return getattr(getattr(user_service, "_django_user", None), "real_user", None) is not None


# -- programs ---------------------------------------------------------------------------------------------------------


def brings_token(request: HttpRequest) -> bool:
    """Whether a request says who it is by a token. If it does, nothing else says so: no session, no cookie."""
    return _authorization(request)[0] in TOKEN_SCHEMES


def user_of_token(request: HttpRequest) -> Any | None:
    """The active user for whom a request's token was given out; None for any other token and for none.

    Asks the function that the setting CASEWORK_USER_OF_TOKEN names, `(request) -> user or None`; without it, the LMS: an
    OAuth2 token (`Authorization: Bearer …`) or a JWT (`Authorization: JWT …`) with the scope `read` that was not given to
    a restricted application. Cookies are never looked at.
    """
    if not brings_token(request):
        return None
    asked = _named("CASEWORK_USER_OF_TOKEN")
    user = asked(request) if asked else _user_of_lms_token(request)
    return user if _is_at_work(user) else None


def _authorization(request: HttpRequest) -> list[str]:
    """The header's parts, at least one; the first, the scheme, in small letters."""
    scheme, *rest = str(request.META.get("HTTP_AUTHORIZATION", "")).split() or [""]
    return [scheme.lower(), *rest]


def _user_of_lms_token(request: HttpRequest) -> Any | None:
    try:
        from openedx.core.lib.api.authentication import BearerAuthentication
    except ImportError:
        return None
    from edx_rest_framework_extensions.auth.jwt.authentication import (  # type: ignore[import-untyped]
        JwtAuthentication,
    )
    from edx_rest_framework_extensions.auth.jwt.decoder import (  # type: ignore[import-untyped]
        configured_jwt_decode_handler,
    )
    from rest_framework.exceptions import APIException  # type: ignore[import-untyped]

    parts = _authorization(request)
    if len(parts) != 2 or not parts[1].isascii():
        return None
    # A request with the header alone: given the whole one, JwtAuthentication falls back to a cookie where the header is
    # not as it wants it.
    bare = HttpRequest()
    bare.method = "GET"
    bare.META["HTTP_AUTHORIZATION"] = " ".join(parts)
    is_jwt = parts[0] == "jwt"
    if is_jwt and not getattr(settings, "JWT_AUTH", {}).get("JWT_PUBLIC_SIGNING_JWK_SET"):
        # Without public keys some versions of edx-drf-extensions (10.9 is one) believe any signature.
        return None
    try:
        found = (JwtAuthentication if is_jwt else BearerAuthentication)().authenticate(bare)
        claims = configured_jwt_decode_handler(found[1]) if found and is_jwt else {}
    except APIException:
        return None
    if not found or claims.get("is_restricted"):
        return None
    user, token = found
    scopes = claims.get("scopes") or [] if is_jwt else str(token.scope).split()
    return user if _SCOPE in scopes else None


# -- learners ---------------------------------------------------------------------------------------------------------


def cohorts(course_id: str) -> tuple[tuple[str, str], ...]:
    """(id, name) of the cohorts of a course, by name; those too that remain while cohorts are switched off.

    CASEWORK_COHORTS names another function `(course_id) -> [(id, name), …]`.
    """
    asked = _named("CASEWORK_COHORTS")
    if asked:
        return tuple((str(one), str(name)) for one, name in asked(course_id))
    key = _key(course_id)
    try:
        from openedx.core.djangoapps.course_groups.models import CourseUserGroup
    except ImportError:
        return ()
    if key is None:
        return ()
    rows = CourseUserGroup.objects.filter(course_id=key, group_type=CourseUserGroup.COHORT).order_by("name", "pk")
    return tuple((str(one), name) for one, name in rows.values_list("pk", "name"))


def learners_in(course_id: str, cohort: str) -> frozenset[str]:
    """Anonymous ids, as the platform's user service gives them to blocks of this course, of the learners of a cohort; none
    where the course has no such cohort. In one query.

    CASEWORK_LEARNERS_IN names another function `(course_id, cohort) -> [id, …]`.
    """
    asked = _named("CASEWORK_LEARNERS_IN")
    if asked:
        return frozenset(str(one) for one in asked(course_id, cohort))
    key = _key(course_id)
    try:
        from common.djangoapps.student.models import AnonymousUserId
        from openedx.core.djangoapps.course_groups.models import CohortMembership
    except ImportError:
        return frozenset()
    if key is None or not _is_number(cohort):
        return frozenset()
    members = CohortMembership.objects.filter(course_id=key, course_user_group_id=int(cohort)).values("user_id")
    # A learner has a second id in a course when the platform's secret was changed: both are theirs.
    ids = AnonymousUserId.objects.filter(course_id=key, user_id__in=members)
    return frozenset(ids.values_list("anonymous_user_id", flat=True))


def usernames(course_id: str, student_ids: Iterable[str]) -> dict[str, str]:
    """User names by anonymous id of a course; whoever is not known there is left out. Ask `may_see_names` first.

    CASEWORK_USERNAMES names another function `(course_id, ids) -> {id: name}`.
    """
    wanted = sorted(set(student_ids))
    asked = _named("CASEWORK_USERNAMES")
    if asked:
        return {str(one): str(name) for one, name in dict(asked(course_id, wanted)).items()}
    key = _key(course_id)
    try:
        from common.djangoapps.student.models import AnonymousUserId
    except ImportError:
        return {}
    if key is None:
        return {}
    names: dict[str, str] = {}
    for at in range(0, len(wanted), _AT_ONCE):
        rows = AnonymousUserId.objects.filter(course_id=key, anonymous_user_id__in=wanted[at : at + _AT_ONCE])
        names.update(rows.values_list("anonymous_user_id", "user__username"))
    return names


def anonymous_ids(user: Any) -> frozenset[str]:
    """Every anonymous id of a user, in all courses: what has to be forgotten when the user is retired.

    CASEWORK_ANONYMOUS_IDS names another function `(user) -> [id, …]`.
    """
    asked = _named("CASEWORK_ANONYMOUS_IDS")
    if asked:
        return frozenset(str(one) for one in asked(user))
    try:
        from common.djangoapps.student.models import AnonymousUserId
    except ImportError:
        return frozenset()
    if getattr(user, "pk", None) is None:
        return frozenset()
    return frozenset(AnonymousUserId.objects.filter(user_id=user.pk).values_list("anonymous_user_id", flat=True))


# -- the site ---------------------------------------------------------------------------------------------------------


def safeguarding_contact() -> str:
    """The e-mail address that the operator has named for people in danger, in CASEWORK_SAFEGUARDING_CONTACT; "" where none
    is named, or what is named is no address."""
    contact = getattr(settings, "CASEWORK_SAFEGUARDING_CONTACT", "")
    if not isinstance(contact, str):
        return ""
    contact = contact.strip()
    try:
        validate_email(contact)
    except ValidationError:
        return ""
    return contact


def address(path: str) -> str:
    """A page of this server with its host, as a front end on another host has to link to it; outside of an LMS the path."""
    try:
        from openedx.core.djangoapps.site_configuration import helpers
    except ImportError:
        return path
    root = helpers.get_value("LMS_ROOT_URL", getattr(settings, "LMS_ROOT_URL", ""))
    return f"{str(root or '').rstrip('/')}{path}"


def _named(setting: str) -> Any | None:
    """The function that a setting names, if it names one. An operator's mistake is not passed over: ImportError."""
    path = getattr(settings, setting, None)
    return import_string(path) if path else None


def _key(course_id: str) -> Any | None:
    """The platform's key of a course; None for what names none."""
    try:
        from opaque_keys import InvalidKeyError
        from opaque_keys.edx.keys import CourseKey
    except ImportError:
        return None
    try:
        return CourseKey.from_string(course_id)
    except InvalidKeyError:
        return None


def _is_number(text: str) -> bool:
    """Whether it is an id as databases hold them: a longer number is an error there, not an answer."""
    return text.isascii() and text.isdecimal() and len(text) <= 18
