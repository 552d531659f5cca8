"""Diagrams: what may stand in one, how its words are said, and that nothing else gets through."""

from __future__ import annotations

import re

import pytest
from lxml import etree, html

from casework.curriculum import check, diagrams
from trees import DIAGRAM, built, catalogs, codes, sources, text

PATH = "courses/regional/identification/met-idea-diagram.svg"
PAGE = "html/met-idea-diagram.html"


@pytest.mark.parametrize(
    ("was", "now", "code"),
    [
        ("<rect ", '<script xmlns="http://www.w3.org/2000/svg">alert(1)</script><rect ', "unknown-element"),
        ("<rect ", "<image/><rect ", "unknown-element"),
        ("<rect ", '<a href="https://example.org"/><rect ', "unknown-element"),
        ('class="box"', 'onclick="alert(1)"', "unknown-attribute"),
        ('class="box"', 'style="fill: url(x)"', "unknown-attribute"),
        ('class="box"', 'class="a&quot;b"', "bad-value"),
        ('d="M10', 'd="url(https://example.org) M10', "bad-value"),
        ('<p xmlns="http://www.w3.org/1999/xhtml" class="small">', '<p class="small">', "unknown-element"),
        ("What was it for?", "What <b>was</b> it for?", "unknown-element"),
        ("What was it for?", " ", "empty-text"),
        ("<title>One part</title>", "", "no-alternative"),
        ("<desc>A box with a question in it.</desc>", "", "no-alternative"),
        ("0 0 340 80", "0 0 900 80", "bad-value"),
        ("0 0 340 80", "wide", "bad-value"),
        ("<rect ", "words <rect ", "stray-text"),
        ("A box", "A box" + " and a box" * 2000, "heavy-picture"),
        ("</svg>", "", "not-xml"),
        ('<svg xmlns="http://www.w3.org/2000/svg"', "<svg", "unknown-element"),
    ],
)
def test_each_fault_is_named(was: str, now: str, code: str) -> None:
    assert was in DIAGRAM
    changed = DIAGRAM.replace(was, now, 1)
    assert code in codes({PATH: changed})
    assert code in {one.code for one in check.one(PATH, sources({PATH: changed})) or []}


def test_a_sound_diagram_has_no_finding() -> None:
    assert check.one(PATH, sources()) == []


def test_a_diagram_stands_inline_as_one_picture_with_a_name() -> None:
    page = text(built("th", "en"), PAGE)
    root = html.fragment_fromstring(page, create_parent="div")
    svg = root.find(".//svg")
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == "One part: A box with a question in it."
    assert root.find(".//p[@class='small']").text == "What was it for?"
    assert "xmlns" not in page and "<title" not in page and "<desc" not in page


def test_its_words_are_said_and_marked_as_a_draft() -> None:
    page = text(built("th", "th", catalogs("th", every=True)), PAGE)
    assert "What was it for" not in page and "A box" not in page
    assert "cw-draft" in page
    assert not re.search(r'class="cw-diagram" lang', page)


def test_where_one_of_its_words_is_not_translated_all_stay_english() -> None:
    page = text(built("th", "th", catalogs("th", {"What was it for?": "ทำไปเพื่ออะไร"})), PAGE)
    assert '<div class="cw-diagram" lang="en">' in page
    assert "What was it for?" in page and "ทำไปเพื่ออะไร" not in page


def test_a_translation_with_markup_stays_text() -> None:
    said = {
        "What was it for?": "<script>alert(1)</script>",
        "One part": '"><script>',
        "A box with a question in it.": "&",
    }
    page = text(built("th", "th", catalogs("th", said)), PAGE)
    assert "<script" not in page


@pytest.mark.parametrize("path", ["three-stages", "what-it-is-and-is-not"])
def test_our_own_are_small(path: str) -> None:
    from pathlib import Path

    file = Path(__file__).parents[2] / f"courses/regional/identification/{path}-idea-diagram.svg"
    assert diagrams.check(etree.fromstring(file.read_bytes()), path) == []
    assert file.stat().st_size < 6_000
