"""The smallest site around the desk: its addresses where the platform has them, and who may review."""

from __future__ import annotations

from typing import Any

from django.urls import include, path

from review import small_case

urlpatterns = [path("casework/", include("casework.review.urls"))]

SETTINGS: dict[str, Any] = {
    "ROOT_URLCONF": "review.desk_site",
    "CSRF_FAILURE_VIEW": "django.views.csrf.csrf_failure",
    "CASEWORK_MAY_REVIEW": "review.desk_site.may_review",
    "MIDDLEWARE": [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
}


def may_review(user: Any, course_id: str) -> bool:
    """`instructor` in the course of these tests, `elsewhere` in another, `learner` nowhere."""
    return (user.username, course_id) in {("instructor", small_case.COURSE), ("elsewhere", small_case.COURSE + "b")}
