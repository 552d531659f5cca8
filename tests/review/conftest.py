"""A learner's place, and attempts played there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from casework.review import api
from review import desk_site, small_case


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
def address(desk: Callable[[str], Client], transactional_db: None) -> Iterator[str]:
    """A server with the desk's own middleware; pytest-django's fixture has read its settings before any test began."""
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture
def look(desk: Callable[[str], Client], address: str, browser: Any) -> Iterator[Callable[[int], Any]]:
    """`look(360)`: a page of that width in which the instructor is signed in."""
    cookie = desk("instructor").cookies[django_settings.SESSION_COOKIE_NAME]
    opened = []

    def page(width: int) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, base_url=address, reduced_motion="reduce"
        )
        opened.append(context)
        context.set_default_timeout(5000)
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
        return context.new_page()

    yield page
    for context in opened:
        context.close()
