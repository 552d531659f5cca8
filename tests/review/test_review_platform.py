"""What a platform is asked, what it asks of us, and what is forgotten. Its modules are stood in for here; its plug-in
machinery and its reading of a JWT are the real ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, ResolverMatch, reverse
from mako.lookup import TemplateLookup
from opaque_keys.edx.django.models import CourseKeyField
from opaque_keys.edx.keys import CourseKey

from casework import platform
from casework.review import access, api, plugin, urls
from casework.review.apps import ReviewConfig
from casework.review.models import Answer, ClassCount, Finish, Lease, Written
from casework.review.settings import common, production
from review import small_case

COURSE = small_case.COURSE
OTHER = "course-v1:Org+SAFE+2027"
WRONG_COURSES = ["", " ", "x", "course-v1:", "../../etc", "ก", "a" * 5000, COURSE + "/attempt/1", "\x00"]
USER = get_user_model()


# -- the platform's tables --------------------------------------------------------------------------------------------


class AnonymousUserId(models.Model):
    user = models.ForeignKey(USER, models.DO_NOTHING, related_name="+", db_constraint=False)
    anonymous_user_id = models.CharField(unique=True, max_length=32)
    course_id = CourseKeyField(max_length=255, blank=True)

    class Meta:
        app_label = "standing_in"

    def __str__(self) -> str:
        return self.anonymous_user_id


class CourseUserGroup(models.Model):
    COHORT = "cohort"
    name = models.CharField(max_length=255)
    course_id = CourseKeyField(max_length=255)
    group_type = models.CharField(max_length=20)

    class Meta:
        app_label = "standing_in"

    def __str__(self) -> str:
        return self.name


class CohortMembership(models.Model):
    course_user_group = models.ForeignKey(CourseUserGroup, models.DO_NOTHING, related_name="+", db_constraint=False)
    user = models.ForeignKey(USER, models.DO_NOTHING, related_name="+", db_constraint=False)
    course_id = CourseKeyField(max_length=255)

    class Meta:
        app_label = "standing_in"

    def __str__(self) -> str:
        return str(self.pk)


TABLES = (AnonymousUserId, CourseUserGroup, CohortMembership)


@pytest.fixture(scope="module")
def tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            for table in TABLES:
                editor.create_model(table)
        yield
        with connection.schema_editor() as editor:
            for table in reversed(TABLES):
                editor.delete_model(table)


Modules = Callable[..., None]


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Modules:
    """`modules("lms.djangoapps.courseware.access", has_access=…)` puts a module there, and the packages above it."""

    def put(name: str, **members: Any) -> None:
        above = name.split(".")
        for end in range(1, len(above) + 1):
            path = ".".join(above[:end])
            if path not in sys.modules:
                monkeypatch.setitem(sys.modules, path, ModuleType(path))
        for member, value in members.items():
            monkeypatch.setattr(sys.modules[name], member, value, raising=False)

    return put


@pytest.fixture
def lms(settings: Any, modules: Modules, tables: None, db: None) -> None:
    """An LMS with one course: Mai is in the cohort of Hanoi, Arif in that of Jakarta, Sok in none; and one with another."""
    for name, default in common.DEFAULTS.items():
        setattr(settings, name, default)
    modules("common.djangoapps.student.models", AnonymousUserId=AnonymousUserId)
    modules(
        "openedx.core.djangoapps.course_groups.models",
        CourseUserGroup=CourseUserGroup,
        CohortMembership=CohortMembership,
    )
    for pk, (course, name, kind) in enumerate(
        [
            (COURSE, "ฮานอย", "cohort"),
            (COURSE, "Jakarta", "cohort"),
            (OTHER, "Elsewhere", "cohort"),
            (COURSE, "Not a cohort", "team"),
        ],
        1,
    ):
        CourseUserGroup.objects.create(pk=pk, name=name, course_id=key(course), group_type=kind)
    for name, course, cohort in [("mai", COURSE, 1), ("arif", COURSE, 2), ("sok", COURSE, 0), ("mai", OTHER, 3)]:
        user, _ = USER.objects.get_or_create(username=name)
        AnonymousUserId.objects.create(user=user, course_id=key(course), anonymous_user_id=anonymous(name, course))
        if cohort:
            CohortMembership.objects.create(user=user, course_id=key(course), course_user_group_id=cohort)


def key(course: str) -> Any:
    return CourseKey.from_string(course)


def anonymous(name: str, course: str) -> str:
    return f"{name}-in-{course[-4:]}"


def somebody(name: str = "instructor", **more: Any) -> Any:
    return SimpleNamespace(**{"username": name, "is_authenticated": True, "is_active": True, **more})


# -- learners ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("lms")
class TestLearnersOfAnLms:
    def test_a_course_has_its_cohorts_by_name(self) -> None:
        assert platform.cohorts(COURSE) == (("2", "Jakarta"), ("1", "ฮานอย"))
        assert platform.cohorts(OTHER) == (("3", "Elsewhere"),)

    def test_a_cohort_has_the_anonymous_ids_of_this_course(self) -> None:
        assert platform.learners_in(COURSE, "1") == {anonymous("mai", COURSE)}
        assert platform.learners_in(OTHER, "3") == {anonymous("mai", OTHER)}

    def test_a_second_id_of_a_learner_belongs_to_the_cohort_too(self) -> None:
        mai = USER.objects.get(username="mai")
        AnonymousUserId.objects.create(user=mai, course_id=key(COURSE), anonymous_user_id="newer")
        assert platform.learners_in(COURSE, "1") == {anonymous("mai", COURSE), "newer"}

    @pytest.mark.parametrize("cohort", ["3", "4", "999"])
    def test_a_cohort_of_another_course_or_none_has_nobody(self, cohort: str) -> None:
        assert platform.learners_in(COURSE, cohort) == frozenset()

    @pytest.mark.parametrize(
        "cohort", ["", " 1", "1 ", "-1", "1.0", "١", "1e3", "9" * 40, "1 OR 1=1", "\x00", "Jakarta"]
    )
    def test_what_is_no_id_of_a_cohort_has_nobody(self, cohort: str, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(0):
            assert platform.learners_in(COURSE, cohort) == frozenset()

    def test_a_cohort_takes_one_query(self, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(1):
            platform.learners_in(COURSE, "1")
        with django_assert_num_queries(1):
            platform.cohorts(COURSE)

    def test_names_are_those_of_this_course(self) -> None:
        asked = [anonymous("mai", COURSE), anonymous("mai", OTHER), "nobody", ""]
        assert platform.usernames(COURSE, asked) == {anonymous("mai", COURSE): "mai"}
        assert platform.usernames(COURSE, []) == {}

    def test_many_names_are_asked_for_in_parts(self, django_assert_num_queries: Any) -> None:
        asked = (one for one in [*(f"nobody-{at}" for at in range(1200)), anonymous("arif", COURSE)])
        with django_assert_num_queries(3):
            assert platform.usernames(COURSE, asked) == {anonymous("arif", COURSE): "arif"}

    @pytest.mark.parametrize("course", WRONG_COURSES)
    def test_what_is_no_course_has_nobody(self, course: str) -> None:
        assert platform.cohorts(course) == ()
        assert platform.learners_in(course, "1") == frozenset()
        assert platform.usernames(course, [anonymous("mai", COURSE)]) == {}

    def test_a_user_has_ids_in_all_courses(self) -> None:
        mai = USER.objects.get(username="mai")
        assert platform.anonymous_ids(mai) == {anonymous("mai", COURSE), anonymous("mai", OTHER)}

    @pytest.mark.parametrize("user", [None, SimpleNamespace(pk=None), SimpleNamespace()])
    def test_nobody_has_no_ids(self, user: Any) -> None:
        assert platform.anonymous_ids(user) == frozenset()


def test_without_a_platform_there_is_nobody() -> None:
    assert platform.cohorts(COURSE) == ()
    assert platform.learners_in(COURSE, "1") == frozenset()
    assert platform.usernames(COURSE, ["a"]) == {}
    assert platform.anonymous_ids(SimpleNamespace(pk=1)) == frozenset()
    assert platform.address("/casework/") == "/casework/"


class TestASettingNamesAnotherFunction:
    """Each function of the settings is this module's `theirs`, which answers with what the test has put there."""

    @pytest.fixture(autouse=True)
    def _named(self, settings: Any) -> None:
        for name in common.FUNCTIONS:
            setattr(settings, name, f"{__name__}.theirs")

    def answers(self, monkeypatch: pytest.MonkeyPatch, answer: Any) -> list[Any]:
        asked: list[Any] = []
        monkeypatch.setattr(sys.modules[__name__], "ANSWER", lambda *args: (asked.append(args), answer)[1])
        return asked

    def test_it_is_asked_for_cohorts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = self.answers(monkeypatch, [(1, "North"), ["2", "ใต้"]])
        assert platform.cohorts("any") == (("1", "North"), ("2", "ใต้"))
        assert asked == [("any",)]

    def test_it_is_asked_for_learners(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = self.answers(monkeypatch, ["a", "b", "a"])
        assert platform.learners_in("any", "north") == {"a", "b"}
        assert asked == [("any", "north")]

    def test_it_is_asked_for_names(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = self.answers(monkeypatch, {"a": "mai"})
        assert platform.usernames("any", ["b", "a", "b"]) == {"a": "mai"}
        assert asked == [("any", ["a", "b"])]

    def test_it_is_asked_for_the_ids_of_a_user(self, monkeypatch: pytest.MonkeyPatch) -> None:
        user = SimpleNamespace(pk=7)
        asked = self.answers(monkeypatch, iter(["a", 2]))
        assert platform.anonymous_ids(user) == {"a", "2"}
        assert asked == [(user,)]

    def test_one_that_is_not_there_is_not_passed_over(self, settings: Any) -> None:
        settings.CASEWORK_COHORTS = "nowhere.at_all"
        with pytest.raises(ImportError):
            platform.cohorts(COURSE)


def ANSWER(*args: Any) -> Any:
    raise AssertionError("not asked in this test")


def theirs(*args: Any) -> Any:
    return ANSWER(*args)


# -- names ------------------------------------------------------------------------------------------------------------


class TestNames:
    @pytest.fixture(autouse=True)
    def _reviewing(self, settings: Any) -> None:
        settings.CASEWORK_MAY_REVIEW = "review.desk_site.may_review"
        settings.CASEWORK_MAY_SEE_NAMES = None

    def test_nobody_sees_them_unless_the_operator_says_so(self, settings: Any) -> None:
        del settings.CASEWORK_NAMES
        assert not platform.may_see_names(somebody(), COURSE)
        settings.CASEWORK_NAMES = True
        assert platform.may_see_names(somebody(), COURSE)

    @pytest.mark.parametrize("value", ["false", "true", "False", 1, [1], None, ""])
    def test_anything_but_true_means_no(self, settings: Any, value: Any) -> None:
        settings.CASEWORK_NAMES = value
        assert not platform.may_see_names(somebody(), COURSE)

    @pytest.mark.parametrize(
        ("user", "course"),
        [
            (somebody("learner"), COURSE),
            (somebody("elsewhere"), COURSE),
            (somebody(is_active=False), COURSE),
            (somebody(is_authenticated=False), COURSE),
            (None, COURSE),
            (somebody(), OTHER),
        ],
    )
    @pytest.mark.parametrize("function", [None, f"{__name__}.always"])
    def test_who_may_not_review_never_does(self, settings: Any, user: Any, course: str, function: Any) -> None:
        settings.CASEWORK_NAMES, settings.CASEWORK_MAY_SEE_NAMES = True, function
        assert not platform.may_see_names(user, course)

    def test_a_function_decides_in_place_of_the_switch(self, settings: Any) -> None:
        settings.CASEWORK_NAMES, settings.CASEWORK_MAY_SEE_NAMES = False, f"{__name__}.always"
        assert platform.may_see_names(somebody(), COURSE)
        settings.CASEWORK_NAMES, settings.CASEWORK_MAY_SEE_NAMES = True, f"{__name__}.never"
        assert not platform.may_see_names(somebody(), COURSE)

    def test_a_view_asks_for_whoever_its_request_is(self, settings: Any) -> None:
        settings.CASEWORK_NAMES = True
        request = RequestFactory().get("/")
        request.user = somebody()
        assert access.may_see_names(request, COURSE)
        request.user = somebody("learner")
        assert not access.may_see_names(request, COURSE)


def always(*_: Any) -> bool:
    return True


def never(*_: Any) -> bool:
    return False


class TestLookingAsALearner:
    @pytest.fixture(autouse=True)
    def _lms(self, settings: Any, modules: Modules) -> None:
        settings.CASEWORK_MAY_REVIEW, settings.CASEWORK_NAMES, settings.CASEWORK_MAY_SEE_NAMES = None, True, None
        modules("lms.djangoapps.courseware.masquerade", MASQUERADE_SETTINGS_KEY="masquerade_settings")
        modules("lms.djangoapps.courseware.access", has_access=lambda user, _, __: not user.masquerade_settings)

    def test_what_the_platform_has_noted_on_the_user_is_not_wiped_away(self) -> None:
        user = somebody(masquerade_settings={"as": "learner"})
        assert not platform.may_review(user, COURSE)
        assert user.masquerade_settings == {"as": "learner"}

    def test_the_session_is_heard_for_names_asked_after(self) -> None:
        user = somebody()
        assert not platform.may_review(user, COURSE, {"masquerade_settings": {"as": "learner"}})
        assert not platform.may_see_names(user, COURSE)

    def test_it_ends_with_the_session(self) -> None:
        user = somebody(masquerade_settings={"as": "learner"})
        assert platform.may_see_names(user, COURSE, {})


# -- tokens -----------------------------------------------------------------------------------------------------------

SECRET = "a secret of the platform that is long enough to sign with"
PRIVATE, FORGERS = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in "12")
PUBLIC = json.dumps({"keys": [{**jwt.algorithms.RSAAlgorithm.to_jwk(PRIVATE.public_key(), as_dict=True), "kid": "a"}]})


def a_jwt(username: str = "instructor", secret: Any = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    now = datetime.now(UTC)
    said = {
        "iss": "https://lms.example", "aud": "casework", "iat": now, "exp": now + timedelta(hours=1), "version": "1.2.0",
        "preferred_username": username, "scopes": ["read", "write", "email", "profile"], "is_restricted": False,
        "filters": [], **claims,
    }  # fmt: skip
    return jwt.encode({name: value for name, value in said.items() if value is not None}, secret, algorithm)


class Bearer:
    """As the platform's BearerAuthentication: (user, token), None where there is no such header, or it raises."""

    def authenticate(self, request: HttpRequest) -> Any:
        from rest_framework.exceptions import AuthenticationFailed

        assert not request.COOKIES
        assert set(request.META) == {"HTTP_AUTHORIZATION"}
        scheme, token = request.META["HTTP_AUTHORIZATION"].split()
        if scheme.lower() != "bearer":
            return None
        username, scope = {
            "good": ("instructor", "read write"),
            "sign-in": ("instructor", "profile email user_id"),
        }.get(token, ("", ""))
        if not username:
            raise AuthenticationFailed({"error_code": "token_nonexistent"})
        return USER.objects.get(username=username), SimpleNamespace(scope=scope)


@pytest.fixture
def tokens(settings: Any, modules: Modules, db: None) -> None:
    """An LMS that knows the token `good`, and JWTs that it signed."""
    settings.CASEWORK_USER_OF_TOKEN = None
    settings.JWT_AUTH = {
        "JWT_ISSUER": "https://lms.example", "JWT_AUDIENCE": "casework", "JWT_SECRET_KEY": SECRET,
        "JWT_ISSUERS": [{"ISSUER": "https://lms.example", "AUDIENCE": "casework", "SECRET_KEY": SECRET}],
        "JWT_PUBLIC_SIGNING_JWK_SET": PUBLIC, "JWT_ALGORITHM": "HS256", "JWT_VERIFY_AUDIENCE": False,
        "JWT_AUTH_HEADER_PREFIX": "JWT", "JWT_AUTH_COOKIE": "edx-jwt-cookie", "JWT_SUPPORTED_VERSION": "1.2.0",
        "JWT_DECODE_HANDLER": "edx_rest_framework_extensions.auth.jwt.decoder.jwt_decode_handler",
    }  # fmt: skip
    modules("openedx.core.lib.api.authentication", BearerAuthentication=Bearer)
    for name in ("instructor", "learner"):
        USER.objects.get_or_create(username=name)


def asking(header: str | None, **cookies: str) -> HttpRequest:
    request = RequestFactory().get("/", **({} if header is None else {"HTTP_AUTHORIZATION": header}))
    request.COOKIES.update(cookies)
    return request


@pytest.mark.usefixtures("tokens")
class TestTokensOfAnLms:
    def who(self, header: str | None, **cookies: str) -> str:
        user = platform.user_of_token(asking(header, **cookies))
        return user.username if user else ""

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
    def test_an_oauth2_token_is_its_users(self, scheme: str) -> None:
        assert self.who(f"{scheme} good") == "instructor"

    def test_a_jwt_is_its_users(self) -> None:
        assert self.who(f"JWT {a_jwt()}") == "instructor"
        assert self.who(f"jwt {a_jwt('learner')}") == "learner"
        assert self.who(f"JWT {a_jwt(secret=PRIVATE, algorithm='RS256')}") == "instructor"

    @pytest.mark.parametrize(
        "header",
        ["", "Bearer", "Bearer ", "Bearer wrong", "Bearer good good", "Bearer กขค", "Bearer \xff\xfe", "Basic good", "good",
         "JWT", "JWT x", "JWT a b", "JWT a.b.c", "JWT " + "x" * 100_000, "Bearer " + "x" * 100_000, "JWT good", "Token good"],
    )  # fmt: skip
    def test_what_is_no_token_is_nobodys(self, header: str) -> None:
        assert self.who(header) == ""

    def test_no_header_is_nobodys(self) -> None:
        assert self.who(None) == ""

    @pytest.mark.parametrize(
        "claims",
        [
            {"secret": "another secret that is just as long as the platform's own is"},
            {"secret": FORGERS, "algorithm": "RS256"},
            {"exp": datetime(2020, 1, 1, tzinfo=UTC)},
            {"exp": None},
            {"iss": "https://elsewhere.example"},
            {"preferred_username": None},
            {"is_restricted": True},
            {"scopes": ["profile", "email"]},
            {"scopes": None},
            {"scopes": []},
        ],
    )
    def test_a_jwt_that_does_not_hold_is_nobodys(self, claims: dict[str, Any]) -> None:
        assert self.who(f"JWT {a_jwt(**claims)}") == ""

    def test_a_jwt_that_nobody_signed_is_nobodys(self) -> None:
        now = datetime.now(UTC)
        claims = {"preferred_username": "instructor", "iat": now, "exp": now + timedelta(hours=1), "scopes": ["read"]}
        assert self.who(f"JWT {jwt.encode(claims, None, algorithm='none')}") == ""

    @pytest.mark.parametrize("keys", [None, "", [], {}])
    def test_a_platform_without_public_keys_takes_no_jwt(self, settings: Any, keys: Any) -> None:
        settings.JWT_AUTH = {**settings.JWT_AUTH, "JWT_PUBLIC_SIGNING_JWK_SET": keys}
        assert self.who(f"JWT {a_jwt()}") == ""
        assert self.who(f"JWT {a_jwt(secret='nothing that this platform has ever signed with')}") == ""
        del settings.JWT_AUTH
        assert self.who(f"JWT {a_jwt()}") == ""

    def test_a_token_of_a_sign_in_elsewhere_does_not_read(self) -> None:
        assert self.who("Bearer sign-in") == ""

    def test_the_token_of_somebody_who_was_switched_off_is_nobodys(self) -> None:
        USER.objects.filter(username="instructor").update(is_active=False)
        assert self.who("Bearer good") == ""
        assert self.who(f"JWT {a_jwt()}") == ""

    @pytest.mark.parametrize("header", [None, "JWT a b", "JWT", "JWT x", "Bearer wrong", "Bearer"])
    def test_a_cookie_never_stands_in_for_a_token(self, header: str | None) -> None:
        assert self.who(header, **{"edx-jwt-cookie": a_jwt()}) == ""

    def test_nor_does_it_stand_beside_one(self) -> None:
        assert self.who(f"JWT {a_jwt('learner')}", **{"edx-jwt-cookie": a_jwt()}) == "learner"


def test_without_a_platform_a_token_is_nobodys(settings: Any) -> None:
    settings.CASEWORK_USER_OF_TOKEN = None
    assert platform.user_of_token(asking("Bearer good")) is None
    assert platform.user_of_token(asking(f"JWT {a_jwt()}")) is None


def by_token(request: HttpRequest) -> Any:
    """A site's own answer: the token is a user's name."""
    return USER.objects.filter(username=request.headers["Authorization"].split(" ")[1]).first()


class TestTokensOfASetting:
    @pytest.fixture(autouse=True)
    def _named(self, settings: Any) -> None:
        settings.CASEWORK_USER_OF_TOKEN = f"{__name__}.theirs"

    @pytest.mark.parametrize(
        ("answer", "holds"),
        [
            (somebody(), True),
            (None, False),
            (somebody(is_active=False), False),
            (somebody(is_authenticated=False), False),
        ],
    )
    def test_its_answer_holds_for_somebody_who_is_there(
        self, monkeypatch: pytest.MonkeyPatch, answer: Any, holds: bool
    ) -> None:
        monkeypatch.setattr(sys.modules[__name__], "ANSWER", lambda request: answer)
        assert (platform.user_of_token(asking("Bearer x")) is not None) is holds

    @pytest.mark.parametrize("header", [None, "", "Basic x", "Token x"])
    def test_it_is_not_asked_without_a_token(self, header: str | None) -> None:
        assert platform.user_of_token(asking(header)) is None


class TestTheDeskForPrograms:
    """With a token that is a user's name; the addresses are the desk's own, all of them."""

    @pytest.fixture(autouse=True)
    def _site(self, desk: Callable[[str], Client], settings: Any) -> None:
        settings.CASEWORK_USER_OF_TOKEN = f"{__name__}.by_token"
        self.sign_in = desk
        for name in ("instructor", "elsewhere", "learner"):
            desk(name)

    def addresses(self) -> list[str]:
        found = []
        for page in urls.urlpatterns:
            for given in ([], ["block"], [1], [1, "note"]):
                try:
                    found.append(reverse(f"casework_review:{page.name}", args=[COURSE, *given]))
                except NoReverseMatch:
                    continue
        assert len(found) >= len(urls.urlpatterns)
        return found

    def test_a_token_of_a_reviewer_fetches_the_exports_without_a_session(self) -> None:
        for name in access.FOR_PROGRAMS:
            for method in ("get", "head"):
                page = reverse(f"casework_review:{name}", args=[COURSE])
                answer = getattr(Client(), method)(page, headers={"Authorization": "Bearer instructor"})
                assert answer.status_code == 200
                assert "no-store" in answer["Cache-Control"]

    @pytest.mark.parametrize("signed_in", ["", "instructor"])
    def test_it_opens_no_page_for_people_and_holds_no_answer(self, signed_in: str) -> None:
        place = api.Place(COURSE, "block-v1:Org+SAFE+2026+type@casework-case+block@pier", "a" * 32)
        small_case.play(place)
        finish = Finish.objects.get()
        pages = [reverse(f"casework_review:{name}", args=[COURSE]) for name in ("queue", "classes", "export")]
        pages.append(reverse("casework_review:attempt", args=[COURSE, finish.pk]))
        for page in pages:
            answer = self.sign_in(signed_in).get(page, headers={"Authorization": "Bearer instructor"})
            assert answer.status_code == 403, page
        assert not Lease.objects.exists()

    @pytest.mark.parametrize("token", ["learner", "elsewhere", "nobody", ""])
    @pytest.mark.parametrize("signed_in", ["", "instructor"])
    def test_no_other_token_reads_anything_whoever_is_signed_in(self, token: str, signed_in: str) -> None:
        browser = self.sign_in(signed_in)
        for page in self.addresses():
            assert browser.get(page, headers={"Authorization": f"Bearer {token} "}).status_code == 403, page

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
    @pytest.mark.parametrize("signed_in", ["", "instructor"])
    def test_a_token_only_reads(self, method: str, signed_in: str) -> None:
        browser = self.sign_in(signed_in)
        for page in self.addresses():
            answer = getattr(browser, method)(page, headers={"Authorization": "Bearer instructor"})
            assert answer.status_code == 403, page

    def asked(self, name: str | None = "csv") -> Any:
        """What a view sees of a request with a reviewer's token in the session of a learner."""
        request = RequestFactory().get("/", HTTP_AUTHORIZATION="Bearer instructor")
        request.user = USER.objects.get(username="learner")
        request.session = {"masquerade_settings": {"as": "learner"}}  # type: ignore[assignment]
        if name:
            request.resolver_match = ResolverMatch(always, (), {}, url_name=name)
        return access.for_reviewers(lambda request, course_id: HttpResponse(request.user.username))(request, COURSE)

    def test_the_view_sees_the_tokens_user_and_not_the_sessions(self) -> None:
        assert self.asked().content == b"instructor"

    @pytest.mark.parametrize("name", [None, "queue", "csv "])
    def test_an_address_that_is_not_for_programs_is_not(self, name: str | None) -> None:
        with pytest.raises(PermissionDenied):
            self.asked(name)

    def test_a_session_may_still_read_and_another_scheme_is_not_a_token(self) -> None:
        browser, page = self.sign_in("instructor"), reverse("casework_review:jsonl", args=[COURSE])
        assert browser.get(page).status_code == 200
        assert browser.get(page, headers={"Authorization": "Basic dTpw"}).status_code == 200


# -- the site ---------------------------------------------------------------------------------------------------------


class TestTheSite:
    @pytest.mark.parametrize(
        "given",
        ["", None, 0, [], ["a@b.org"], "nobody", "a@b", "a b@c.org", "a@b.org\nBcc: x@y.org", "a@b.org, c@d.org"],
    )
    def test_what_is_no_address_is_no_contact(self, settings: Any, given: Any) -> None:
        settings.CASEWORK_SAFEGUARDING_CONTACT = given
        assert platform.safeguarding_contact() == ""

    def test_the_contact_is_the_operators(self, settings: Any) -> None:
        settings.CASEWORK_SAFEGUARDING_CONTACT = " safeguarding@example.org "
        assert platform.safeguarding_contact() == "safeguarding@example.org"
        del settings.CASEWORK_SAFEGUARDING_CONTACT
        assert platform.safeguarding_contact() == ""

    @pytest.mark.parametrize("root", ["https://lms.example", "https://lms.example/"])
    def test_a_page_has_the_address_of_its_site(self, settings: Any, modules: Modules, root: str) -> None:
        settings.LMS_ROOT_URL = root
        helpers = SimpleNamespace(get_value=lambda name, default: default)
        modules("openedx.core.djangoapps.site_configuration", helpers=helpers)
        assert platform.address("/casework/") == "https://lms.example/casework/"
        helpers.get_value = lambda name, default: "https://other.example"
        assert platform.address("/casework/") == "https://other.example/casework/"
        helpers.get_value = lambda name, default: None
        assert platform.address("/casework/") == "/casework/"


# -- the dashboards ---------------------------------------------------------------------------------------------------


def run(step: type, name: str, **given: Any) -> dict[str, Any]:
    """As openedx-filters runs a step: made with what the pipeline is, asked with what there is, added if it is a dict."""
    answer = step(filter_type=name, running_pipeline=["…"], log_level="debug").run_filter(**given)
    assert isinstance(answer, dict), "anything else ends the pipeline"
    return {**given, **answer}


@pytest.fixture
def dashboard(settings: Any) -> None:
    settings.ROOT_URLCONF = "review.desk_site"
    settings.CASEWORK_MAY_REVIEW = "review.desk_site.may_review"
    settings.MAKO_TEMPLATE_DIRS_BASE = [common.MAKO]


THEIRS = {"tab_id": "grading", "title": "Grading", "url": "/instructor-dashboard/x/grading", "sort_order": 40}


@pytest.mark.usefixtures("dashboard")
class TestTheTab:
    def tabs(self, user: Any, tabs: Any, course: str = COURSE, **more: Any) -> Any:
        return run(plugin.DeskTab, platform.TABS_FILTER, tabs=tabs, user=user, course_key=key(course), **more)["tabs"]

    def test_a_reviewer_gets_it_beside_the_others(self, settings: Any, modules: Modules) -> None:
        settings.LMS_ROOT_URL = "https://lms.example"
        helpers = SimpleNamespace(get_value=lambda name, default: default)
        modules("openedx.core.djangoapps.site_configuration", helpers=helpers)
        given = [THEIRS]
        theirs, ours = self.tabs(somebody(), given)
        assert theirs == THEIRS
        assert set(ours) == set(THEIRS)
        assert (ours["tab_id"], ours["url"]) == ("casework", f"https://lms.example/casework/review/{COURSE}/")
        assert given == [THEIRS]

    @pytest.mark.parametrize("user", [somebody("learner"), somebody("elsewhere"), somebody(is_active=False), None])
    def test_nobody_else_gets_it(self, user: Any) -> None:
        assert self.tabs(user, [THEIRS]) == [THEIRS]

    def test_there_is_one_of_it(self) -> None:
        once = self.tabs(somebody(), [THEIRS])
        assert self.tabs(somebody(), once) == once

    @pytest.mark.parametrize("tabs", [[], None])
    def test_it_may_be_the_only_one(self, tabs: Any) -> None:
        assert [one["tab_id"] for one in self.tabs(somebody(), tabs)] == ["casework"]

    def test_what_the_platform_adds_one_day_is_no_fault(self) -> None:
        assert len(self.tabs(somebody(), [THEIRS], request="later")) == 2


SECTION = {"section_key": "course_info", "section_display_name": "Course Info"}


@pytest.mark.usefixtures("dashboard")
class TestTheLegacySection:
    def context(self, user: Any, monkeypatch: pytest.MonkeyPatch, **more: Any) -> Any:
        monkeypatch.setattr("crum.get_current_user", lambda: user)
        given = {"sections": [SECTION], "course": SimpleNamespace(id=key(COURSE)), "studio_url": "x", **more}
        return run(plugin.DeskSection, platform.SECTIONS_FILTER, context=given, template_name="legacy.html")["context"]

    def drawn(self, section: dict[str, Any]) -> str:
        """As the legacy dashboard includes the template of a section."""
        lookup = TemplateLookup(directories=[str(common.MAKO)])
        lookup.put_string(
            "/page.html",
            "<%include file=\"${section_data.get('template_path_prefix', '')}${section_data['section_key']}.html\" "
            'args="section_data=section_data" />',
        )
        return str(lookup.get_template("/page.html").render(section_data=section))

    def test_a_reviewer_gets_a_link(self, monkeypatch: pytest.MonkeyPatch) -> None:
        context = self.context(somebody(), monkeypatch)
        theirs, ours = context["sections"]
        assert (theirs, context["studio_url"]) == (SECTION, "x")
        assert f'<a href="/casework/review/{COURSE}/">Answers to review</a>' in self.drawn(ours)

    def test_nothing_in_the_template_is_markup(self) -> None:
        section = {
            "section_key": "casework",
            "template_path_prefix": "/casework_dashboard/",
            "address": '"><script>',
            "link": "<b>&",
        }
        drawn = self.drawn(section)
        assert "<script>" not in drawn
        assert "&lt;b&gt;&amp;" in drawn

    @pytest.mark.parametrize("user", [somebody("learner"), somebody("elsewhere"), None])
    def test_nobody_else_gets_it(self, user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.context(user, monkeypatch)["sections"] == [SECTION]

    def test_there_is_one_of_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        once = self.context(somebody(), monkeypatch)["sections"]
        assert self.context(somebody(), monkeypatch, sections=once)["sections"] == once

    def test_without_its_template_the_dashboard_stays_as_it_is(
        self, monkeypatch: pytest.MonkeyPatch, settings: Any
    ) -> None:
        settings.MAKO_TEMPLATE_DIRS_BASE = ["/elsewhere"]
        assert self.context(somebody(), monkeypatch)["sections"] == [SECTION]
        del settings.MAKO_TEMPLATE_DIRS_BASE
        assert self.context(somebody(), monkeypatch)["sections"] == [SECTION]

    @pytest.mark.parametrize("more", [{"sections": None}, {"course": None}])
    def test_a_dashboard_of_another_form_stays_as_it_is(
        self, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]
    ) -> None:
        context = self.context(somebody(), monkeypatch, **more)
        assert {name: context[name] for name in more} == more

    def test_without_the_package_that_knows_the_user_nobody_gets_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "crum", None)
        given = {"sections": [SECTION], "course": SimpleNamespace(id=key(COURSE))}
        told = run(plugin.DeskSection, platform.SECTIONS_FILTER, context=given, template_name="legacy.html")
        assert told["context"]["sections"] == [SECTION]


# -- settings ---------------------------------------------------------------------------------------------------------

TAB, SECTIONS = common.STEPS[platform.TABS_FILTER], common.STEPS[platform.SECTIONS_FILTER]


class TestSettings:
    @pytest.mark.parametrize(
        ("there", "then"),
        [
            (None, {"fail_silently": True, "pipeline": [TAB]}),
            ({}, {"fail_silently": True, "pipeline": [TAB]}),
            ({"fail_silently": False, "pipeline": ["a"], "log": 1}, {"fail_silently": False, "pipeline": ["a", TAB], "log": 1}),
            ({"fail_silently": False}, {"fail_silently": False, "pipeline": [TAB]}),
            ({"pipeline": "a"}, {"pipeline": ["a", TAB]}),
            (["a", "b"], ["a", "b", TAB]),
            (("a",), ["a", TAB]),
            ("a", ["a", TAB]),
            ([TAB, "a"], [TAB, "a"]),
        ],
    )  # fmt: skip
    def test_what_an_operator_has_in_a_pipeline_stays_first(self, there: Any, then: Any) -> None:
        settings = SimpleNamespace(OPEN_EDX_FILTERS_CONFIG={platform.TABS_FILTER: there, "another": ["theirs"]})
        for plugin_settings in (common.plugin_settings, production.plugin_settings, common.plugin_settings):
            plugin_settings(settings)
            assert settings.OPEN_EDX_FILTERS_CONFIG[platform.TABS_FILTER] == then
            assert settings.OPEN_EDX_FILTERS_CONFIG["another"] == ["theirs"]
        assert settings.OPEN_EDX_FILTERS_CONFIG[platform.SECTIONS_FILTER]["pipeline"] == [SECTIONS]

    def test_what_somebody_else_holds_of_the_pipelines_is_not_changed(self) -> None:
        pipeline = ["a"]
        config = {platform.TABS_FILTER: {"pipeline": pipeline}}
        common.plugin_settings(SimpleNamespace(OPEN_EDX_FILTERS_CONFIG=config))
        assert config == {platform.TABS_FILTER: {"pipeline": ["a"]}}
        assert pipeline == ["a"]

    @pytest.mark.parametrize("config", [None, {}])
    def test_a_file_that_replaced_the_pipelines_does_not_lose_the_tab(self, config: Any) -> None:
        settings = SimpleNamespace(OPEN_EDX_FILTERS_CONFIG=config, ENV_TOKENS={})
        production.plugin_settings(settings)
        assert settings.OPEN_EDX_FILTERS_CONFIG[platform.TABS_FILTER]["pipeline"] == [TAB]

    def test_every_step_is_there(self) -> None:
        for step in common.STEPS.values():
            module, _, name = step.rpartition(".")
            assert module == plugin.__name__
            assert callable(getattr(plugin, name).run_filter)

    def test_the_template_is_found_wherever_the_platform_looks(self) -> None:
        base, engine, derived = ["theirs"], ["theirs"], object()
        settings = SimpleNamespace(
            MAKO_TEMPLATE_DIRS_BASE=base,
            TEMPLATES=[
                {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": ["untouched"]},
                {"BACKEND": "common.djangoapps.edxmako.backend.Mako", "DIRS": engine},
                {"BACKEND": "common.djangoapps.edxmako.backend.Mako", "DIRS": derived},
                {"BACKEND": "common.djangoapps.edxmako.backend.Mako"},
                {},
            ],
        )
        common.plugin_settings(settings)
        production.plugin_settings(settings)
        assert base == engine == ["theirs", common.MAKO]
        assert settings.TEMPLATES[0]["DIRS"] == ["untouched"]
        assert (common.MAKO / "casework_dashboard" / "casework.html").is_file()

    @pytest.mark.parametrize("name", sorted(common.DEFAULTS))
    def test_what_an_operator_has_set_stands(self, name: str) -> None:
        here = SimpleNamespace(**{name: "theirs"})
        common.plugin_settings(here)
        production.plugin_settings(here)
        in_file = SimpleNamespace(ENV_TOKENS={name: "theirs"})
        common.plugin_settings(in_file)
        production.plugin_settings(in_file)
        assert getattr(here, name) == getattr(in_file, name) == "theirs"
        others = {one: getattr(here, one) for one in common.DEFAULTS if one != name}
        assert others == {one: default for one, default in common.DEFAULTS.items() if one != name}

    def test_they_are_read_before_there_are_settings(self) -> None:
        code = (
            "import casework.review.apps, casework.review.settings.common, casework.review.settings.production\n"
            "from django.conf import settings\n"
            "assert not settings.configured"
        )
        given = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        subprocess.run([sys.executable, "-c", code], check=True, env=given, timeout=60)

    def test_every_setting_stands_in_the_operators_table(self) -> None:
        told = (Path(__file__).parents[2] / "docs" / "operators.md").read_text(encoding="utf-8")
        for name in common.DEFAULTS:
            assert f"| `{name}` |" in told


class TestTheCheckOfSettings:
    @pytest.fixture(autouse=True)
    def _sound(self, settings: Any) -> None:
        for name, default in common.DEFAULTS.items():
            setattr(settings, name, default)

    def found(self) -> list[str]:
        return [one.id for one in plugin.settings_are_sound(None)]

    def test_defaults_and_none_at_all_are_sound(self, settings: Any) -> None:
        assert self.found() == []
        for name in common.DEFAULTS:
            delattr(settings, name)
        assert self.found() == []

    @pytest.mark.parametrize(
        "path", ["nowhere.at_all", "nothing", f"{__name__}.missing", f"{__name__}.SECRET", 7, ["a.b"]]
    )
    def test_a_function_that_is_none_is_found(self, settings: Any, path: Any) -> None:
        settings.CASEWORK_COHORTS = path
        assert self.found() == ["casework.E001"]

    def test_a_contact_that_would_be_told_nothing_is_found(self, settings: Any) -> None:
        settings.CASEWORK_SAFEGUARDING_CONTACT = "safeguarding at example.org"
        assert self.found() == ["casework.E002"]

    @pytest.mark.parametrize("value", ["false", "true", None, 1])
    def test_a_switch_that_is_none_is_found(self, settings: Any, value: Any) -> None:
        settings.CASEWORK_NAMES = value
        assert self.found() == ["casework.E003"]

    def test_django_asks_it(self, settings: Any) -> None:
        settings.CASEWORK_COHORTS = "nowhere.at_all"
        with pytest.raises(CommandError, match="CASEWORK_COHORTS"):
            call_command("check", tags=["casework"])


# -- forgetting -------------------------------------------------------------------------------------------------------


@pytest.fixture
def texts(db: None) -> Callable[..., None]:
    """`texts("mai-in-2026", days=400)`: a learner has written a plan and an answer that waits for review, so long ago."""

    def write(student: str, days: int = 0, course: str = COURSE) -> None:
        place = api.Place(course, f"block-v1:{course[10:]}+type@casework-case+block@pier", student)
        small_case.play(place)
        api.keep_plan(place, "", f"Next time I will ask the boys first, {student}.")
        Answer.objects.filter(student_id=student, course_id=course).update(
            created=datetime.now(UTC) - timedelta(days=days)
        )

    return write


def left(student: str = "") -> int:
    rows = Answer.objects.exclude(text="")
    return rows.filter(student_id=student).count() if student else rows.count()


class TestRetirement:
    @pytest.fixture
    def retire(self, modules: Modules) -> Callable[..., Any]:
        """The platform's signal, to which its own machinery has connected what `apps.py` names."""
        from edx_django_utils.plugins import connect_plugin_receivers

        signal = Signal()
        path, _, name = platform.RETIREMENT_SIGNAL.rpartition(".")
        modules(path, **{name: signal})
        connect_plugin_receivers("lms.djangoapp")
        assert len(signal.receivers) == 1

        def send(user: Any) -> Any:
            return signal.send(
                sender=object, user=user, retired_username="retired__user_1", retired_email="r@x.invalid"
            )

        return send

    @pytest.mark.usefixtures("lms")
    def test_a_retired_learners_texts_go_in_all_courses_and_nobody_elses(
        self, retire: Callable[..., Any], texts: Callable[..., None]
    ) -> None:
        mine = [anonymous("mai", COURSE), anonymous("mai", OTHER)]
        texts(mine[0])
        texts(mine[1], course=OTHER)
        texts(anonymous("arif", COURSE))
        finished, written, theirs = Finish.objects.count(), Written.objects.count(), left(anonymous("arif", COURSE))
        retire(USER.objects.get(username="mai"))
        assert [left(one) for one in mine] == [0, 0]
        assert left(anonymous("arif", COURSE)) == theirs > 0
        assert (Finish.objects.count(), Written.objects.count()) == (finished, written)
        retire(USER.objects.get(username="mai"))  # the platform may try again

    @pytest.mark.usefixtures("lms")
    def test_somebody_who_wrote_nothing_is_retired_too(self, retire: Callable[..., Any]) -> None:
        retire(USER.objects.get(username="sok"))
        retire(USER.objects.create(username="never-enrolled"))

    def test_an_error_goes_on_to_the_platform(
        self, retire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(_: Any) -> int:
            raise OSError("the database has gone away")

        monkeypatch.setattr(api, "forget_learner", fails)
        with pytest.raises(OSError, match="gone away"):
            retire(SimpleNamespace(pk=None))

    def test_studio_connects_nothing(self) -> None:
        assert set(ReviewConfig.plugin_app["signals_config"]) == {"lms.djangoapp"}


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def _written(self, texts: Callable[..., None]) -> None:
        texts("old", days=400)
        texts("new", days=2)
        texts("far", days=400, course=OTHER)
        self.each = left("old")
        assert self.each >= 2
        assert left() == 3 * self.each

    def said(self, capsys: pytest.CaptureFixture[str], *args: str) -> str:
        call_command("casework_forget", *args)
        said = capsys.readouterr()
        assert said.err == ""
        assert said.out.count("\n") == 1
        return said.out

    def test_by_age_it_only_says_how_many(self, capsys: pytest.CaptureFixture[str]) -> None:
        said = self.said(capsys, "--days", "365")
        assert said.startswith(
            f"Would delete {2 * self.each} texts older than 365 days in all courses. Nothing is changed"
        )
        assert left() == 3 * self.each
        assert not Answer.objects.exclude(forgotten=None).exists()

    def test_by_age_it_deletes_when_told_to(self, capsys: pytest.CaptureFixture[str]) -> None:
        finished = Finish.objects.count()
        said = self.said(capsys, "--days", "365", "--yes")
        assert said == f"Deleted {2 * self.each} texts older than 365 days in all courses.\n"
        assert (left("old"), left("new"), left("far")) == (0, self.each, 0)
        assert Finish.objects.count() == finished
        assert "Deleted 0 texts" in self.said(capsys, "--days", "365", "--yes")

    def test_in_one_course_the_others_stay(self, capsys: pytest.CaptureFixture[str]) -> None:
        said = self.said(capsys, "--days", "365", "--course", OTHER, "--yes")
        assert said == f"Deleted {self.each} texts older than 365 days in {OTHER}.\n"
        assert (left("old"), left("far")) == (self.each, 0)

    def test_by_learner(self, capsys: pytest.CaptureFixture[str]) -> None:
        said = self.said(capsys, "--learner", "new", "old", "new")
        assert said.startswith(f"Would delete {2 * self.each} texts of 2 learner ids.")
        assert left() == 3 * self.each
        assert self.said(capsys, "--learner", "new", "--yes") == f"Deleted {self.each} texts of 1 learner id.\n"
        assert (left("new"), left("old")) == (0, self.each)
        assert "Deleted 0 texts" in self.said(capsys, "--learner", "' OR 1=1--".replace(" ", ""), "--yes")

    @pytest.mark.parametrize(
        "args",
        [
            [],
            ["--yes"],
            ["--course", COURSE, "--yes"],
            ["--days", "365", "--learner", "old", "--yes"],
            ["--learner", "old", "--course", COURSE, "--yes"],
            ["--learner", "", "--yes"],
            ["--learner", "old", " ", "--yes"],
            ["--learner", "o" * 256, "--yes"],
            ["--learner", "old\x00", "--yes"],
            ["--days", "", "--yes"],
            ["--days", "0", "--yes"],
            ["--days", "-1", "--yes"],
            ["--days=-1", "--yes"],
            ["--days", "1.5", "--yes"],
            ["--days", "1e3", "--yes"],
            ["--days", "٣", "--yes"],
            ["--days", "36501", "--yes"],
            ["--days", "9" * 5000, "--yes"],
            ["--days", "365", "--course", "", "--yes"],
            ["--days", "365", "--course", " ", "--yes"],
            ["--days", "365", "--course", "c" * 256, "--yes"],
        ],
    )
    def test_wrong_input_deletes_nothing(self, args: list[str]) -> None:
        with pytest.raises(CommandError):
            call_command("casework_forget", *args)
        assert left() == 3 * self.each


@pytest.mark.parametrize(
    "args", [["--days", "x"], ["--days"], ["--learner"], ["--nonsense"], [], ["--days", "1", "--course", ""]]
)
def test_wrong_input_ends_with_one(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    from casework.review.management.commands.casework_forget import Command

    with pytest.raises(SystemExit) as stop:
        Command().run_from_argv(["manage.py", "casework_forget", *args])
    assert stop.value.code == 1
    assert capsys.readouterr().err


def test_help_ends_with_zero(capsys: pytest.CaptureFixture[str]) -> None:
    from casework.review.management.commands.casework_forget import Command

    with pytest.raises(SystemExit) as stop:
        Command().run_from_argv(["manage.py", "casework_forget", "--help"])
    assert stop.value.code == 0
    assert "--learner" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_class_is_counted_anew(place: api.Place, play: small_case.Play, capsys: pytest.CaptureFixture[str]) -> None:
    for name in "aab":
        play(api.Place(COURSE, place.item_id, name * 32))
    kept = sorted(ClassCount.objects.values_list("key", "counted"), key=str)
    ClassCount.objects.update(counted={"n": 70})
    call_command("casework_recount", "--course", COURSE)
    assert capsys.readouterr().out == f"Counted 2 first attempts in {COURSE}.\n"
    assert sorted(ClassCount.objects.values_list("key", "counted"), key=str) == kept
    call_command("casework_recount", "--course", OTHER)
    assert sorted(ClassCount.objects.values_list("key", "counted"), key=str) == kept
    with pytest.raises(CommandError):
        call_command("casework_recount", "--course", "")
