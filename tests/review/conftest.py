"""A learner's place, and attempts played there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from casework.review import api
from review import desk_site, small_case


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A test database on SQLite is a file, where these tests run alone: requests at once need connections of their own."""
    from django.conf import settings
    from django.db import connections

    if connections["default"].vendor == "sqlite":
        name = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        connections["default"].settings_dict["TEST"]["NAME"] = name
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = name


@pytest.fixture
def place() -> api.Place:
    return api.Place(small_case.COURSE, "block-v1:Org+SAFE+2026+type@casework-case+block@pier", "a" * 32)


@pytest.fixture
def play() -> small_case.Play:
    return small_case.play


@pytest.fixture
def desk(settings: Any, db: None) -> Callable[[str], Client]:
    """`desk("instructor")`: a browser's client in which that user is signed in; `desk("")`: nobody is."""
    for name, value in desk_site.SETTINGS.items():
        setattr(settings, name, value)

    def sign_in(username: str) -> Client:
        client = Client()
        if username:
            user, _ = get_user_model().objects.get_or_create(username=username, defaults={"first_name": "Ms <b>S.</b>"})
            client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def real_connections(transactional_db: None) -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("SQLite in memory has one connection; tests/test_databases.py runs this on a file")
