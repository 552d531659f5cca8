"""The desk in a real Chromium, wide and on a telephone: axe, the keyboard, and nothing that runs off the side."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from casework.review import api
from casework.review.models import Finish, Review
from chromium import CHROMIUM, FLAGS
from review import small_case
from review.small_case import Play

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
Open = Callable[[int], Any]


@pytest.fixture
def finish(place: api.Place, play: Play) -> Finish:
    """An attempt with every kind of step and a review, one more that waits, one without writing."""
    play(replace(place, student_id="b" * 32), text="ငွေကြေးအကြွေး " * 40)
    play(replace(place, student_id="c" * 32), text=None)
    row = Finish.objects.get(attempt=play(place, option="forms", phrases=("indicator:debt", "decoy:rice")))
    api.review(row.pk, "note", {"facts": 1, "link": 0}, "เห็นหนี้แล้ว\nThe second line.", "1")
    return row


@pytest.fixture
def address(desk: Callable[[str], Client], transactional_db: None) -> Iterator[str]:
    """A server with the desk's own middleware; pytest-django's fixture has read its settings before any test began."""
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture
def look(desk: Callable[[str], Client], address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """`look(360)`: a page of that width in which the instructor is signed in."""
    from playwright.sync_api import sync_playwright

    cookie = desk("instructor").cookies[settings.SESSION_COOKIE_NAME]
    # Playwright keeps a loop running in this thread, in which Django would refuse to look at the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)

        def page(width: int) -> Any:
            context = browser.new_context(
                viewport={"width": width, "height": 800}, base_url=address, reduced_motion="reduce"
            )
            context.set_default_timeout(5000)
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
            return context.new_page()

        yield page
        browser.close()


def addresses(finish: Finish) -> list[str]:
    queue = f"/casework/review/{small_case.COURSE}/"
    others = Finish.objects.exclude(pk=finish.pk).values_list("pk", flat=True)
    return [
        queue,
        *(f"{queue}attempt/{pk}/" for pk in (finish.pk, *others)),
        f"{queue}attempt/{finish.pk}/note/?saved=1",
    ]


@pytest.mark.parametrize("width", [1200, 360])
def test_axe_finds_no_fault_and_nothing_runs_off_the_side(look: Open, finish: Finish, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = look(width)
    for number, address in enumerate(addresses(finish)):
        assert page.goto(address).status == 200
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=f"{folder}/desk-{number}-{width}.png", full_page=True)


@pytest.mark.parametrize("width", [1200, 360])
def test_a_phone_shows_the_way_then_the_words_then_the_review(look: Open, finish: Finish, width: int) -> None:
    page = look(width)
    page.goto(addresses(finish)[1])
    boxes = [page.locator(f"section[aria-labelledby={name}]").bounding_box() for name in ("way", "answer", "review")]
    along = "y" if width == 360 else "x"
    places = [box[along] for box in boxes if box]
    assert len(places) == 3
    assert places == sorted(places)
    assert len(set(places)) == 3


def test_a_review_is_given_by_keyboard_alone(look: Open, finish: Finish) -> None:
    page = look(1200)
    page.goto(addresses(finish)[1])
    page.locator("input[name=level-facts][value='1']").focus()
    ring = page.evaluate("getComputedStyle(document.activeElement.closest('label')).outlineStyle")
    assert ring == "solid"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "comment"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?saved=1#saved")
    assert "Score becomes 5 of 8." in page.locator("[role=status]").inner_text()
    assert Review.objects.latest("id").levels == {"facts": 2, "link": 2}


def test_targets_are_large_enough_for_a_thumb(look: Open, finish: Finish) -> None:
    page = look(360)
    for address in addresses(finish)[:2]:
        page.goto(address)
        targets = page.locator("main a, button, .levels label, summary, nav a").all()
        assert len(targets) > 3
        for target in targets:
            box = target.bounding_box()
            assert box and box["height"] >= 44, target.inner_text()
