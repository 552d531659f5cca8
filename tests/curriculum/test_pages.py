from __future__ import annotations

import pytest

from casework import prose
from casework.curriculum import pages
from casework.curriculum.pages import Block, Fact, Markup


def shown(markdown: str, lang: str = "") -> str:
    return pages.render(
        markdown,
        lambda block: Markup(prose.inline(block.text), lang),
        lambda fact: f"[{fact.name}/{fact.fallback}]\n",
    )


def blocks(markdown: str) -> list[tuple[str, str]]:
    seen: list[Block] = []

    def noted(block: Block) -> Markup:
        seen.append(block)
        return Markup("")

    pages.render(markdown, noted, lambda fact: "")
    return [(block.role, block.text) for block in seen]


def codes(markdown: str) -> list[str]:
    return [one.code for one in pages.check(markdown, "page.md")]


def test_a_block_is_what_a_translator_works_on() -> None:
    page = "One\ntwo.\n\n## Head\n\n- a\n- b\n  - c\n\n> said\n\n| x | y |\n|---|---|\n| 1 | 2 |\n"
    assert blocks(page) == [
        ("p", "One two."), ("h2", "Head"), ("li", "a"), ("li", "b"), ("li", "c"), ("quote", "said"),
        ("th", "x"), ("th", "y"), ("td", "1"), ("td", "2"),
    ]  # fmt: skip


def test_the_whole_page_becomes_html() -> None:
    assert shown("## Head\n\nText **bold**.\n\n3. a\n4. b\n") == (
        '<h2>Head</h2>\n<p>Text <strong>bold</strong>.</p>\n<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n'
    )


def test_a_fallback_carries_its_language_on_its_own_element() -> None:
    assert shown("Text.\n\n- item\n", "en") == (
        '<p lang="en">Text.</p>\n<ul>\n<li><span lang="en">item</span></li>\n</ul>\n'
    )


def test_a_fact_alone_in_its_paragraph_takes_its_place() -> None:
    assert (
        shown("A.\n\n{law.principal | Ask **them**.}\n\nB.\n")
        == "<p>A.</p>\n[law.principal/Ask **them**.]\n<p>B.</p>\n"
    )
    assert pages.facts_in("{law.principal}\n\n{sources}\n") == [Fact("law.principal", "", 1)]


@pytest.mark.parametrize("page", ["Text {law.principal} more.", "- {law.principal}", "{law principal}", "}"])
def test_a_fact_inside_other_text_is_found(page: str) -> None:
    assert codes(page) == ["fact-not-alone"]


@pytest.mark.parametrize("page", ["# One\n\nText.", "### Three\n\nText.", "## Two\n\n#### Four"])
def test_headings_out_of_order_are_found(page: str) -> None:
    assert codes(page) == ["heading-order"]


def test_raw_html_code_and_nothing_are_found() -> None:
    assert codes("A <b>bold</b> word.") == ["bad-markdown"]
    assert codes("    code\n") == ["bad-markdown"]
    assert codes(" \n") == ["empty-text"]


def test_markup_in_a_text_is_escaped() -> None:
    assert "<script" not in shown("A <script>x</script> & more.")


def test_a_page_of_long_sentences_is_found_and_one_long_sentence_is_not() -> None:
    long = "Somebody " + "who was asked " * 9 + "went away."
    assert "long-sentences" in {one.code for one in pages.check(f"{long}\n\n{long} Short.\n\n{long}\n", "x.md")}
    assert "long-sentences" not in {one.code for one in pages.check(f"{long} Short. Short again.\n", "x.md")}
