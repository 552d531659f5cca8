from __future__ import annotations

import pytest

from casework.curriculum import check, facts, repository
from trees import BACK, IDEA, REGIONAL, SMALL, built, codes, findings, sources, text

FILE = "courses/regional/regional.toml"
PAGE = "courses/regional/identification/met-idea-text.md"
BUILT = "html/met-idea-text.html"


def faults(old: str, new: str) -> list[str]:
    assert old in REGIONAL
    return [str(one) for one in facts.read(REGIONAL.replace(old, new).encode(), FILE)[2]]


def test_a_learners_value_becomes_a_box_with_its_source_and_date() -> None:
    page = text(built("th", "en"), BUILT)
    assert '<div class="cw-fact">' in page
    assert "States agreed on a guideline." in page
    assert 'href="https://example.org/notice?a=1&amp;b=2"' in page
    assert "date of the source: 2025-05" in page


def test_an_undated_source_says_so_and_a_caution_stands_beside_the_value() -> None:
    page = text(built("th", "en"), BUILT)
    assert "Library of Thailand · date not stated" in page
    assert "<strong>Caution:</strong> Read the newest text." in page


def test_without_a_learners_value_the_fallback_is_shown() -> None:
    assert '<p class="cw-no-fact">No caution was confirmed.</p>' in text(built("th", "en"), BUILT)


def test_without_a_fallback_nothing_is_shown() -> None:
    page = text(built("th", "en", {PAGE: IDEA.replace("{cautions | No caution was confirmed.}", "{cautions}")}), BUILT)
    assert "caution was" not in page and "{cautions" not in page


def test_each_country_sees_its_own_facts() -> None:
    assert "The Act of Thailand." in text(built("th", "en"), BUILT)
    assert "The Act of Indonesia." in text(built("id", "en"), BUILT)
    assert "Indonesia" not in text(built("th", "en"), BUILT)


def test_the_sources_of_a_lesson_are_listed_once_each() -> None:
    page = text(built("th", "en", {PAGE: IDEA + "\n{regional.guideline}\n"}), "html/met-back-text.html")
    assert page.count("<li>") == 2
    assert "Library of Thailand" in page


def test_where_no_fact_was_shown_no_sources_are_listed() -> None:
    page = text(built("th", "en", {PAGE: "Text.\n"}), "html/met-back-text.html")
    assert "cw-sources" not in page and "{sources}" not in page


def test_an_unknown_fact_is_found() -> None:
    told = [one for one in findings({PAGE: IDEA + "\n{law.nowhere}\n"}) if one.code == "unknown-fact"]
    assert [(one.path, one.line) for one in told] == [(PAGE, 18)]


def test_a_fact_that_another_country_has_is_no_error() -> None:
    thai = SMALL["courses/countries/th/country.toml"].replace("law.principal", "law.other")
    assert "unknown-fact" not in codes({"courses/countries/th/country.toml": thai})
    page = text(built("th", "en", {"courses/countries/th/country.toml": thai}), BUILT)
    assert "Ask the national authority." in page


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('source_date = "2025-05"', 'source_date = "May 2025"'),
        ('source_date = "2025-05"\n', ""),
        ('confidence = "sourced"', 'confidence = "sure"'),
        ('confidence = "sourced"', 'confidence = "general"'),
        ('show = "learner"', 'show = "all"'),
        ('show = "learner"', 'show = "learner"\ncolour = "red"'),
        ('value = "States agreed on a guideline."', "value = 3"),
        ('name = "regional.guideline"', 'name = "Regional Guideline"'),
    ],
)
def test_a_fact_of_another_form_is_found_at_its_line(old: str, new: str) -> None:
    told = faults(old, new)
    assert told and all(f"{FILE}:1: error bad-fact" in one for one in told)


def test_a_file_that_is_no_toml_is_one_finding() -> None:
    assert "bad-toml" in codes({FILE: "[[fact]\n"})
    assert "bad-toml" in codes({"courses/countries/th/country.toml": "[country]\ncode = 3\n"})
    assert "not-utf8" in codes({FILE: b"\xff"})


def test_authors_see_what_is_left_out_unconfirmed_and_undated() -> None:
    lines = list(check.facts(repository.read(sources())))
    thai = [line for line in lines if "countries/th" in line.split(" (")[0]]
    assert any("cautions: left out: for authors only; unconfirmed: general knowledge; undated" in one for one in thai)
    assert any(f"({PAGE}:8)" in one for one in thai)


def test_links_are_named_by_their_host() -> None:
    assert facts.linked("See https://www.example.org/a?b=1&c=2, and <b>") == (
        'See <a href="https://www.example.org/a?b=1&amp;c=2" rel="noopener noreferrer" target="_blank">example.org</a>'
        ", and &lt;b&gt;"
    )


def test_back_page_has_its_sources_placeholder() -> None:
    assert "{sources}" in BACK
