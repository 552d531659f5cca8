"""The open edition as a browser opens it from a folder, without any server."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from casework.curriculum import build, files, repository
from casework.curriculum.build import Wanted
from trees import catalogs, sources

pytestmark = pytest.mark.browser

PAGES = (
    "index", "lesson-met", "lesson-closing", "case-small", "papers-small", "facilitator-met", "facilitator-case-small",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thai with the edition's words in English: both languages stand on each page."""
    given = {**sources(), **catalogs("th", every=True)}
    del given["locale/th/curriculum/edition.po"]
    made = tmp_path_factory.mktemp("edition") / "th"
    files.write_folders({made: build.open_edition(repository.read(given), given, Wanted("th", "th"))})
    return made


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_every_page_fits(browser: Browser, folder: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 740})
    for name in PAGES:
        page.goto((folder / f"{name}.html").as_uri())
        found = Axe().run(page)
        assert found.violations_count == 0, (name, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    page.close()


def test_each_turn_and_each_paper_begins_a_sheet(browser: Browser, folder: Path) -> None:
    page = browser.new_page()
    page.emulate_media(media="print")
    page.goto((folder / "case-small.html").as_uri())
    breaks = page.eval_on_selector_all(".turn", "all => all.map(one => getComputedStyle(one).breakBefore)")
    assert len(breaks) > 1
    assert set(breaks) == {"page"}
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    page.close()
