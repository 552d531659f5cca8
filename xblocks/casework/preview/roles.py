"""The fixed accounts, who is acting in this session, and what a role may do.

No password and no sign-in: whoever reaches the preview may be anyone. What a role sees is decided by the pages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

LEARNER, AUTHOR, INSTRUCTOR = "learner", "author", "instructor"


@dataclass(frozen=True)
class Account:
    username: str
    name: str
    role: str

    @property
    def is_staff(self) -> bool:
        return self.role != LEARNER

    @property
    def platform_role(self) -> str:
        """The word the platform's user service has for it."""
        return {LEARNER: "student", AUTHOR: "staff", INSTRUCTOR: "instructor"}[self.role]

    @property
    def user(self) -> Any:
        """Django's user of this account, made when it is first asked for."""
        users = get_user_model().objects
        user = users.filter(username=self.username).first()
        if user is None:
            try:
                with transaction.atomic():
                    user = users.create(username=self.username, first_name=self.name, is_staff=self.is_staff)
            except IntegrityError:  # another request was first
                user = users.get(username=self.username)
        return user


ACCOUNTS = (
    Account("learner_a", "Learner A", LEARNER),
    Account("learner_b", "Learner B", LEARNER),
    Account("author", "Author", AUTHOR),
    Account("instructor", "Instructor", INSTRUCTOR),
)
LEARNERS = tuple(account for account in ACCOUNTS if account.role == LEARNER)
_BY_USERNAME = {account.username: account for account in ACCOUNTS}


def current(request: HttpRequest) -> Account:
    """Who acts in this session; Learner A before anybody has switched."""
    return _BY_USERNAME.get(request.session.get("account", ""), ACCOUNTS[0])


def switch(request: HttpRequest, username: str) -> None:
    """Acts as another account from now on. An unknown name changes nothing."""
    if username in _BY_USERNAME:
        request.session["account"] = username


def may_review(user: Any, course_id: str) -> bool:
    """Only the instructor reviews, in every course."""
    account = _BY_USERNAME.get(getattr(user, "username", ""))
    return account is not None and account.role == INSTRUCTOR


def anonymous_id(username: str, course_id: str) -> str:
    """The name a course knows a person by: stable, and another one in every course."""
    return hashlib.md5(f"{username} in {course_id}".encode(), usedforsecurity=False).hexdigest()


def account_of(anonymous_user_id: str, course_id: str) -> Account | None:
    """The way back, for scores that arrive under an anonymous id of this course."""
    return next((a for a in ACCOUNTS if anonymous_id(a.username, course_id) == anonymous_user_id), None)


class AccountMiddleware:
    """Sets `request.user` to the account's user, so that apps of the platform find one where they look for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: current(request).user)  # type: ignore[assignment]
        return self.get_response(request)


def bar(request: HttpRequest) -> dict[str, Any]:
    """For every template: what the role switch in the bar shows."""
    if not hasattr(request, "session"):
        return {}
    account = current(request)
    first_of_role = [_BY_USERNAME[name] for name in ("learner_a", "author", "instructor")]
    return {
        "account": account,
        "roles": [{"account": a, "label": a.role.capitalize(), "on": a.role == account.role} for a in first_of_role],
        "learners": [{"account": a, "on": a == account} for a in LEARNERS] if account.role == LEARNER else [],
    }
