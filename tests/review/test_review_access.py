"""Who may review, asked of a platform: its modules are stood in for here and nowhere else."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from casework import platform

COURSE = "course-v1:Org+SAFE+2026"
STAFF = {"staff", "instructor"}


@pytest.fixture
def lms(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """As the LMS does it: staff of the course, not while they look as a learner, which stands on the user."""
    settings.CASEWORK_MAY_REVIEW = None

    def has_access(user: Any, action: str, key: Any) -> bool:
        assert action == "staff"
        masquerade = user.masquerade_settings.get(key)
        return (
            user.username in STAFF and str(key) == COURSE and not (masquerade and masquerade.role == "student")
        )  # fmt: skip

    access, masquerade = ModuleType("access"), ModuleType("masquerade")
    access.has_access = has_access  # type: ignore[attr-defined]
    masquerade.MASQUERADE_SETTINGS_KEY = "masquerade_settings"  # type: ignore[attr-defined]
    for name in ("lms", "lms.djangoapps", "lms.djangoapps.courseware"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "lms.djangoapps.courseware.access", access)
    monkeypatch.setitem(sys.modules, "lms.djangoapps.courseware.masquerade", masquerade)


def user(name: str, **more: bool) -> SimpleNamespace:
    return SimpleNamespace(**{"username": name, "is_authenticated": True, "is_active": True, **more})


@pytest.mark.usefixtures("lms")
class TestOnTheLms:
    @pytest.mark.parametrize("name", sorted(STAFF))
    def test_staff_of_the_course_may(self, name: str) -> None:
        assert platform.may_review(user(name), COURSE, {})
        assert platform.may_review(user(name), COURSE)

    @pytest.mark.parametrize(
        "course", ["course-v1:Org+SAFE+2027", "", "x", "course-v1:", "../../etc", COURSE + "/attempt/1"]
    )
    def test_nobody_may_in_another_course_or_in_none(self, course: str) -> None:
        assert not platform.may_review(user("staff"), course, {})

    def test_learners_and_strangers_may_not(self) -> None:
        assert not platform.may_review(user("learner"), COURSE, {})
        assert not platform.may_review(user("staff", is_authenticated=False), COURSE, {})
        assert not platform.may_review(user("staff", is_active=False), COURSE, {})
        assert not platform.may_review(None, COURSE, {})

    @pytest.mark.parametrize(("role", "may"), [("student", False), ("staff", True)])
    def test_who_looks_as_a_learner_may_not(self, role: str, may: bool) -> None:
        from opaque_keys.edx.keys import CourseKey

        session = {"masquerade_settings": {CourseKey.from_string(COURSE): SimpleNamespace(role=role)}}
        assert platform.may_review(user("staff"), COURSE, session) is may


def test_without_a_platform_and_without_a_setting_nobody_may(settings: Any) -> None:
    settings.CASEWORK_MAY_REVIEW = None
    assert not platform.may_review(user("staff"), COURSE, {})


def test_a_setting_goes_before_the_platform(settings: Any) -> None:
    settings.CASEWORK_MAY_REVIEW = "review.desk_site.may_review"
    assert platform.may_review(user("instructor"), COURSE, {})
    assert not platform.may_review(user("learner"), COURSE, {})
    assert not platform.may_review(user("instructor", is_active=False), COURSE, {})
