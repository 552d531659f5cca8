"""The services of the runtime that the workbench lacks, each as small as the blocks allow.

They answer as the platform's do. Nothing is decided here that a block could decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.urls import reverse
from xblock.reference.user_service import UserService, XBlockUser

from casework.preview import roles
from casework.preview.ids import CourseId, UsageId
from casework.preview.models import Completion


class PreviewUserService(UserService):
    """Who is there, under the names that the platform's service uses."""

    def __init__(self, account: roles.Account | None, user: Any, course_id: CourseId, studio: bool) -> None:
        self._course_id = course_id
        super().__init__(user=_user(account, user, course_id, studio) if account else XBlockUser())

    def get_current_user(self) -> XBlockUser:
        return self._user

    def get_anonymous_user_id(self, username: str, course_id: str) -> str | None:
        known = any(account.username == username for account in roles.ACCOUNTS)
        return roles.anonymous_id(username, str(course_id)) if known else None

    def get_user_by_anonymous_id(self, uid: str | None = None) -> Any:
        account = roles.account_of(uid or self._user.opt_attrs["edx-platform.anonymous_user_id"], self._course_id)
        return account.user if account else None


def _user(account: roles.Account, user: Any, course_id: CourseId, studio: bool) -> XBlockUser:
    # In Studio's preview every author is the learner "student"; blocks must cope with it there, so they must here.
    anonymous = "student" if studio else roles.anonymous_id(account.username, course_id)
    answer = XBlockUser(is_current_user=True, emails=[f"{account.username}@example.com"], full_name=account.name)
    answer.opt_attrs.update(
        {
            "edx-platform.anonymous_user_id": anonymous,
            "edx-platform.deprecated_anonymous_user_id": anonymous,
            "edx-platform.is_authenticated": True,
            "edx-platform.user_id": user.pk,
            "edx-platform.user_is_staff": account.is_staff,
            "edx-platform.user_is_global_staff": False,
            "edx-platform.user_role": account.platform_role,
            "edx-platform.username": account.username,
            "edx-platform.user_preferences": {"pref-lang": "en", "time_zone": None},
            "xblock-workbench.user_id": str(user.pk),
        }
    )
    return answer


class ReplaceURLs:
    """Turns `/static/…` and `/jump_to_id/…` inside quotes into addresses of this server."""

    _LINK = re.compile(r"""(?P<quote>\\?['"])(?P<kind>/static/|/jump_to_id/)(?P<rest>[^'"\\]*)(?P=quote)""")

    def __init__(self, course_id: CourseId) -> None:
        self._course_id = course_id

    def replace_urls(self, text: str, static_replace_only: bool = False) -> str:
        """A plain `str`, always: a marked one would leave capa's `data-content` unescaped."""

        def replace(match: re.Match[str]) -> str:
            if match["kind"] == "/static/":
                url = reverse("asset", args=(self._course_id, match["rest"]))
            elif static_replace_only or not match["rest"]:
                return match[0]
            else:
                url = reverse("jump", args=(self._course_id, match["rest"].strip("/")))
            return f"{match['quote']}{url}{match['quote']}"

        return self._LINK.sub(replace, str(text))


class CompletionService:
    def __init__(self, user_id: int, course_id: CourseId) -> None:
        self._user_id, self._course_id = user_id, course_id

    def completion_tracking_enabled(self) -> bool:
        return True

    def get_completions(self, candidates: list[UsageId]) -> dict[UsageId, float]:
        rows = Completion.objects.filter(
            user_id=self._user_id, course_id=self._course_id, usage_id__in=[str(c) for c in candidates]
        )
        known = {row.usage_id: row.completion for row in rows}
        return {candidate: known.get(str(candidate), 0.0) for candidate in candidates}


class PublishService:
    def __init__(self, publish: Callable[[Any, str, dict[str, Any]], None]) -> None:
        self.publish = publish


class NoSandbox:
    """No Python of an author runs in the preview."""

    def can_execute_unsafe_code(self) -> bool:
        return False

    def get_python_lib_zip(self) -> None:
        return None


class NoQueue:
    """No outside grader is asked. capa looks for the names only when a problem needs one."""

    interface = None
    construct_callback = None
    default_queuename = ""
    waittime = 0
