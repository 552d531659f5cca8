"""The preview in a real browser: what only a browser can tell."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from preview import sample
from servers import Servers

pytestmark = pytest.mark.browser

TH = "course-v1:Casework+TH+th"
EN = "course-v1:Casework+TH+en"
PHONE = {"width": 360, "height": 740}
PAGES = {
    "landing": "/",
    "course": f"/course/{TH}/unit/idea/",
    "question": f"/course/{EN}/unit/try-it/",
    "progress": f"/course/{EN}/progress/",
    "about": f"/course/{EN}/about/",
}


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("packages")
    return [
        sample.write(folder / "th.tar.gz", sample.thai()),
        sample.write(folder / "en.tar.gz", sample.english()),
    ]


@pytest.fixture(scope="session")
def base(serve_packages: object, packages: list[Path]) -> str:
    return str(serve_packages(packages))  # type: ignore[operator]


def _switch(page: Page, base: str, name: str) -> None:
    page.goto(base)
    page.get_by_role("button", name=name, exact=True).click()


def _unit(page: Page) -> FrameLocator:
    return page.frame_locator("#unit")


def _answer(page: Page, label: str) -> None:
    _unit(page).get_by_label(label).check()
    _unit(page).get_by_role("button", name="Submit").click()


def _correct(page: Page) -> Locator:
    """The word beside the question, as capa keeps it; after the answer it is told in a line as well."""
    return _unit(page).locator(".status", has_text=re.compile(r"^\s*correct\s*$", re.IGNORECASE))


def test_a_right_answer_says_correct_and_says_so_after_a_reload_and_a_restart(
    servers: Servers, packages: list[Path], tmp_path: Path, page: Page
) -> None:
    base = servers.start(packages, tmp_path)
    page.goto(f"{base}/course/{EN}/unit/try-it/")
    _answer(page, "Who holds your passport?")
    expect(_unit(page).get_by_text("Correct (1/1 point)")).to_be_visible()
    expect(_correct(page)).to_be_visible()
    page.reload()
    expect(_correct(page)).to_be_visible()
    servers.stop(base)
    again = servers.start(packages, tmp_path)
    page.goto(f"{again}/course/{EN}/unit/try-it/")
    expect(_correct(page)).to_be_visible()
    page.goto(f"{again}/course/{EN}/progress/")
    expect(page.get_by_role("row", name="Met as an offender")).to_contain_text("1 of 1")


def test_a_page_that_was_in_view_long_enough_is_done(base: str, page: Page) -> None:
    _switch(page, base, "Learner B")
    page.goto(f"{base}/course/{TH}/unit/boys/")
    outline = page.get_by_role("navigation", name="Course outline")
    expect(outline.get_by_role("link", name="Boys are victims too (not begun)")).to_be_visible()
    with page.expect_response(lambda answer: "/complete/" in answer.url, timeout=15_000):
        pass
    page.reload()
    expect(outline.get_by_role("link", name="Boys are victims too (done)")).to_be_visible()


def test_the_frame_is_as_tall_as_the_unit(base: str, page: Page) -> None:
    page.goto(f"{base}/course/{EN}/unit/try-it/")
    expect(_unit(page).get_by_role("button", name="Submit")).to_be_visible()
    page.wait_for_function(
        "() => { const f = document.getElementById('unit'); const m = f.contentDocument.querySelector('main');"
        " return Math.abs(f.clientHeight - m.getBoundingClientRect().bottom) < 2 }"
    )


def test_nothing_asks_for_anything_outside_and_nothing_goes_wrong(base: str, page: Page) -> None:
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    for path in PAGES.values():
        page.goto(base + path, wait_until="networkidle")
    assert [url for url in asked if not url.startswith((base, "data:", "blob:"))] == []
    assert wrong == []


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_scrolls_in_one_direction_only(base: str, browser: Browser, name: str) -> None:
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    page.goto(base + PAGES[name], wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for frame in page.frames:
        assert frame.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def test_on_a_phone_the_outline_is_folded(base: str, browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    page.goto(f"{base}/course/{EN}/unit/idea/")
    lesson = page.get_by_role("link", name="Boys are victims too")
    expect(lesson).to_be_hidden()
    page.get_by_text("Course outline").click()
    expect(lesson).to_be_visible()
    page.close()


_LOOKED_AT = [
    *(("Learner", name, width) for name in PAGES for width in (1130, 360)),
    *((role, name, 1130) for role in ("Author", "Instructor") for name in ("course", "progress")),
]


@pytest.mark.parametrize(("role", "name", "width"), _LOOKED_AT)
def test_axe_finds_nothing(base: str, browser: Browser, role: str, name: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 740})
    _switch(page, base, role)
    page.goto(base + PAGES[name], wait_until="networkidle")
    found = Axe().run(page, options={"iframes": False})
    assert found.violations_count == 0, found.generate_report()
    page.close()


@pytest.mark.parametrize("unit", ["idea", "boys"])
def test_axe_finds_nothing_in_a_unit_of_pages(base: str, page: Page, unit: str) -> None:
    page.goto(f"{base}/unit/block-v1:Casework+TH+th+type@vertical+block@{unit}/")
    # A unit stands in a page that has the heading of the first level.
    found = Axe().run(page, options={"rules": {"page-has-heading-one": {"enabled": False}}})
    assert found.violations_count == 0, found.generate_report()


def test_targets_are_large_enough_to_touch(base: str, browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    for path in PAGES.values():
        page.goto(base + path, wait_until="networkidle")
        small = page.eval_on_selector_all(
            ".top a, .seg button, summary, .tabs a, .nav a, .fold a, .tile h2 a, .langs a, .button",
            "all => all.filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)",
        )
        assert small == []
    page.close()


def test_the_keyboard_reaches_the_page_first_and_shows_where_it_is(base: str, page: Page) -> None:
    page.goto(base)
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    expect(focused).to_have_text("Skip to the page")
    assert focused.evaluate("e => getComputedStyle(e).outlineColor + getComputedStyle(e).outlineWidth") == (
        "rgb(21, 89, 199)3px"
    )


def test_the_language_switch_keeps_the_unit(base: str, page: Page) -> None:
    page.goto(f"{base}/course/{EN}/unit/try-it/")
    page.locator(".lang summary").click()
    page.get_by_role("link", name="ไทย").click()
    expect(page).to_have_url(re.compile(re.escape(f"/course/{TH}/unit/try-it/")))


def test_the_role_switch_stays_on_the_page(base: str, page: Page) -> None:
    page.goto(f"{base}/course/{EN}/unit/try-it/")
    page.get_by_role("button", name="Author").click()
    expect(page).to_have_url(re.compile(re.escape(f"/course/{EN}/unit/try-it/")))
    expect(page.get_by_role("button", name="Author")).to_have_attribute("aria-pressed", "true")


def test_pictures_of_the_pages_for_looking_at(base: str, browser: Browser) -> None:
    """Only where CASEWORK_PICTURES names a folder: a person looks at them beside the drawings."""
    folder = os.environ.get("CASEWORK_PICTURES")
    if not folder:
        pytest.skip("CASEWORK_PICTURES names no folder")
    for width in (1130, 360):
        page = browser.new_page(viewport={"width": width, "height": 780})
        for name, path in PAGES.items():
            page.goto(base + path, wait_until="networkidle")
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
        page.close()
