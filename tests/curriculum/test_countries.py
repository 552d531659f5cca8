"""The countries of the real repository: who is there, what only they have, and what never reaches a learner."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path

import pytest

from casework import prose
from casework.curriculum import build, check, files, localise, outline, pages, repository
from casework.curriculum.build import Package, Wanted
from casework.curriculum.facts import Fact
from casework.curriculum.outline import Node
from casework.curriculum.repository import Repository

ROOT = Path(__file__).parents[2]
LANGUAGES = {
    "bn": ("ms", "en"), "id": ("id", "en"), "kh": ("km", "en"), "la": ("lo", "en"), "mm": ("my", "en"), "my": ("ms", "en"),
    "ph": ("fil", "en"), "sg": ("en",), "th": ("th", "en"), "tl": ("en",), "vn": ("vi", "en"),
}  # fmt: skip
PARTS = ("identification", "protection", "recovery")
REGIONAL = "courses/regional/outline.xml"


@cache
def sources() -> dict[str, bytes]:
    return files.gather(ROOT)[0]


@cache
def read() -> Repository:
    return repository.read(sources())


@cache
def package(country: str, lang: str) -> Package:
    return build.package(read(), sources(), Wanted(country, lang))


def pages_of(country: str) -> list[Node]:
    """The pages that stand in the country's own folder."""
    nodes = read().countries[country].course.walk()
    return [node for node in nodes if node.kind == "html" and node.path.startswith(f"courses/countries/{country}/")]


def passages(node: Node) -> Iterator[str]:
    """The paragraphs of two to four sentences in a page."""
    taken: list[str] = []

    def text(block: pages.Block) -> pages.Markup:
        taken.append(block.text if block.role == "p" else "")
        return pages.Markup("")

    pages.render(node.body, text, lambda fact: "")
    return (one for one in taken if 2 <= len(list(prose.sentences(one))) <= 4)


@cache
def passages_of(country: str) -> frozenset[str]:
    """Every passage of a country's course, the regional ones too."""
    nodes = [node for node in read().countries[country].course.walk() if node.kind == "html"]
    return frozenset(one for node in nodes if not node.src.endswith(outline.DIAGRAM) for one in passages(node))


def authors_facts() -> list[Fact]:
    return [fact for one in read().countries.values() for fact in one.facts.omitted()]


def test_eleven_countries_speak_their_languages_and_english() -> None:
    assert {code: one.country.languages for code, one in read().countries.items()} == LANGUAGES


def test_no_country_has_an_error() -> None:
    assert [str(one) for one in read().findings if one.is_error] == []


@pytest.mark.parametrize("country", sorted(LANGUAGES))
def test_each_part_of_a_country_has_its_page_with_a_page_of_its_own_behind_it(country: str) -> None:
    course = read().countries[country].course
    for part in PARTS:
        chapter = next(one for one in course.children if one.url_name == part)
        unit = next(one for one in chapter.walk() if one.url_name == f"in-your-country-{part}")
        names = [node.url_name for node in unit.children]
        assert names == [f"in-your-country-{part}-text", f"in-your-country-{part}-own"]
    assert any(one.url_name == "met-as-an-offender-country" for one in course.walk()) == (country in {"th", "id"})


@pytest.mark.parametrize("country", sorted(LANGUAGES))
def test_a_country_has_at_least_three_passages_that_no_other_has(country: str) -> None:
    elsewhere = {one for code in LANGUAGES if code != country for one in passages_of(code)}
    own = {one for node in pages_of(country) for one in passages(node)}
    assert len(own - elsewhere) >= 3


@pytest.mark.parametrize("country", sorted(LANGUAGES))
def test_every_fact_on_a_page_is_for_learners_and_has_a_source_and_a_date(country: str) -> None:
    tailored = read().countries[country]
    shown = list(localise.facts_shown(tailored.course, tailored.facts))
    assert shown and all(fact.show == "learner" and fact.source.strip() and fact.source_date for fact in shown)
    pages_built = [data.decode() for path, data in package(country, "en").files.items() if path.endswith(".html")]
    values = sum(page.count('class="cw-fact-value"') for page in pages_built)
    assert values == sum(page.count('class="cw-fact-source"') for page in pages_built) > 10


@pytest.mark.parametrize(("country", "lang"), [*((code, "en") for code in sorted(LANGUAGES)), ("th", "th")])
def test_nothing_that_is_for_authors_is_in_a_package(country: str, lang: str) -> None:
    values = {fact.value for fact in authors_facts() if len(fact.value) > 30}
    assert len(values) > 150
    for path, data in package(country, lang).files.items():
        # An attribute that holds HTML is escaped twice.
        text = unescape(unescape(data.decode("utf-8", "replace")))
        assert not [one for one in values if one in text], path


def test_authors_are_told_of_every_country_what_is_left_out_unconfirmed_undated_and_where() -> None:
    lines = list(check.facts(read()))
    heads = [line for line in lines if not line.startswith(" ")]
    assert heads == [f"{one.country.name} ({code})" for code, one in sorted(read().countries.items())]
    for code, tailored in read().countries.items():
        mine = [line for line in lines if f"courses/countries/{code}/country.toml:" in line]
        for said, at in (("left out: for authors only", 1), ("unconfirmed: general knowledge", 1), ("undated", 0)):
            assert len([one for one in mine if said in one]) > at, (code, said)
        undated = [fact for facts in tailored.facts.values.values() for fact in facts if fact.source_date == "unknown"]
        assert len([one for one in mine if "undated" in one]) == len([f for f in undated if f"/{code}/" in f.path])
    assert any("(courses/regional/identification/in-your-country-identification-text.md:" in one for one in lines)


def test_when_the_regional_source_moves_on_both_places_of_every_country_are_told() -> None:
    target = "in-your-country-recovery-text"
    moved = sources()[REGIONAL].replace(f'url_name="{target}"'.encode(), b'url_name="moved"')
    findings = repository.read({**sources(), REGIONAL: moved}).findings
    told = [one for one in findings if one.code == "no-such-target"]
    assert all(target in one.message and REGIONAL in one.message for one in told)
    expected = []
    for code in LANGUAGES:
        path = f"courses/countries/{code}/outline.xml"
        lines = sources()[path].decode().splitlines()
        expected.append((path, lines.index(f'  <insert after="{target}">') + 1))
    assert sorted((one.path, one.line) for one in told) == sorted(expected)
