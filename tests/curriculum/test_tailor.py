from __future__ import annotations

import pytest

from casework.curriculum import repository, tailor
from casework.curriculum.outline import Node
from trees import OUTLINE, built, codes, findings, sources, text

CHANGES = "courses/countries/th/outline.xml"
PAGE = "courses/countries/th/identification/met-country-text.md"
INSERT = """<changes>
  <insert after="met-idea"><vertical url_name="met-country" display_name="In your country">
    <html url_name="met-country-text" src="identification/met-country-text.md"/>
  </vertical></insert>
</changes>"""


def course(changes: dict[str, str | bytes | None], country: str = "th") -> Node:
    return repository.read(sources(changes)).countries[country].course


def names(node: Node) -> list[str]:
    return [one.url_name for one in node.walk()]


def test_an_inserted_unit_stands_after_its_place_in_that_country_alone() -> None:
    inserted = {CHANGES: INSERT, PAGE: "About Thailand.\n"}
    thai = names(course(inserted))
    assert thai[thai.index("met-idea-diagram") + 1] == "met-country"
    assert "met-country" not in names(course(inserted, "id"))
    assert "About Thailand." in text(built("th", "en", inserted), "html/met-country-text.html")


def test_a_page_can_be_put_in_behind_a_page() -> None:
    leaf = """<changes><insert after="met-idea-text">
      <html url_name="met-country-text" src="identification/met-country-text.md"/>
    </insert></changes>"""
    thai = course({CHANGES: leaf, PAGE: "About Thailand.\n"})
    unit = next(node for node in thai.walk() if node.url_name == "met-idea")
    assert [node.url_name for node in unit.children] == ["met-idea-text", "met-country-text", "met-idea-diagram"]


def test_a_change_at_what_is_gone_names_the_countrys_place_and_the_regional_outline() -> None:
    told = [one for one in findings({CHANGES: INSERT.replace("met-idea", "met-gone"), PAGE: "X.\n"}) if one.is_error]
    assert [(one.code, one.path, one.line) for one in told] == [("no-such-target", CHANGES, 2)]
    assert "“met-gone”" in told[0].message and "courses/regional/outline.xml" in told[0].message


def test_a_page_that_stands_for_a_regional_one_that_is_gone_names_both_outlines() -> None:
    gone = {"courses/countries/th/identification/met-gone-text.md": "X.\n", CHANGES: INSERT, PAGE: "X.\n"}
    told = [one for one in findings(gone) if one.code == "odd-file"]
    assert [one.path for one in told] == ["courses/countries/th/identification/met-gone-text.md"]
    assert CHANGES in told[0].message and "courses/regional/outline.xml" in told[0].message


def test_an_insertion_changes_no_other_url_name() -> None:
    inserted = {CHANGES: INSERT, PAGE: "About Thailand.\n"}
    before, after = names(course({})), names(course(inserted))
    assert [name for name in after if name in before] == before


def test_a_page_of_the_same_path_takes_the_regional_ones_place() -> None:
    replaced = {"courses/countries/th/identification/met-idea-text.md": "Thai practice.\n"}
    assert "Thai practice." in text(built("th", "en", replaced), "html/met-idea-text.html")
    assert "Most people" in text(built("id", "en", replaced), "html/met-idea-text.html")


def test_an_element_can_be_removed_and_replaced() -> None:
    removed = {CHANGES: '<changes><remove url_name="met-try"/></changes>'}
    assert "met-try-ring" not in names(course(removed))
    replaced = {
        CHANGES: INSERT.replace('insert after="met-idea"', 'replace url_name="met-idea"').replace("/insert", "/replace")
    }
    thai = names(course({**replaced, PAGE: "X.\n"}))
    assert "met-country" in thai and "met-idea" not in thai


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (INSERT.replace("met-idea", "met-gone"), "no-such-target"),
        ('<changes><remove url_name="gone"/></changes>', "no-such-target"),
        ("<changes><remove/></changes>", "missing-attribute"),
        ('<changes><remove url_name="met-try" after="x"/></changes>', "unknown-attribute"),
        ('<changes><move url_name="met-try"/></changes>', "unknown-element"),
        ('<changes><insert after="met-idea"/></changes>', "bad-outline"),
        (INSERT.replace('after="met-idea"', 'after="met-idea-text"'), "bad-outline"),
        (INSERT.replace('src="identification/', 'src="../'), "climbing-path"),
        (INSERT.replace('"met-country"', '"met-back"'), "repeated-url-name"),
        ("<changes>", "not-xml"),
        ("<course/>", "unknown-element"),
    ],
)
def test_a_change_that_cannot_be_made_is_found(changes: str, code: str) -> None:
    assert code in codes({CHANGES: changes, PAGE: "X.\n"})


def test_an_audience_keeps_what_is_for_it_and_for_everybody() -> None:
    text_of = OUTLINE.replace('<vertical url_name="met-try"', '<vertical audience="police health" url_name="met-try"')
    whole = course({"courses/regional/outline.xml": text_of})
    assert "met-try" in names(tailor.for_audience(whole, ""))
    assert "met-try" in names(tailor.for_audience(whole, "police"))
    assert "met-try" not in names(tailor.for_audience(whole, "school"))
