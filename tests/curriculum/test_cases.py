"""What a package adds to a case: its pictures, and where its country's learners find help."""

from __future__ import annotations

import pytest
from lxml import etree

from casework.curriculum import cases
from trees import COUNTRY, SMALL, built, catalogs, codes, sources

SCENARIO = "scenarios/small/scenario.xml"
SKETCH = (
    '<document id="sketch" kind="image"><title>Sketch</title>'
    '<image src="/static/small-pier.png">A pier with one gate.</image></document>'
)
PICTURED = SMALL[SCENARIO].replace('<document id="note"', SKETCH + '<document id="note"', 1)
PICTURED = PICTURED.replace('<open document="note"/>', '<open document="note"/><open document="sketch"/>', 1)
PICTURE = "scenarios/small/static/small-pier.png"

LINE = """[[fact]]
name = "helplines"
value = "129 (also 021-129)"
operator = "A line of *{name}*"
hours = "any time"
for_whom = "women and children"
caution = "men may be turned away"
source = "A page of the line"
source_date = "2026-01-28"
confidence = "sourced"
show = "{show}"

[[fact]]
name = "agencies.identification"
value = "The office of {name}."
source = "A report"
source_date = "2023"
confidence = "sourced"
show = "learner"
"""


def country(show: str) -> dict[str, str]:
    text = COUNTRY.format(code="th", name="Thailand") + LINE.format(name="Thailand", show=show)
    return {"courses/countries/th/country.toml": text}


def helped(changes: dict[str, str], lang: str = "en", extra: dict[str, bytes] | None = None) -> etree._Element:
    package = built("th", lang, {**changes, **(extra or {})})
    element = etree.fromstring(package.files["vertical/met-case.xml"]).find("casework-case/case/help")
    assert element is not None
    return element


def test_a_confirmed_helpline_stands_beside_the_care_note_with_its_hours_its_caution_and_its_date() -> None:
    said = helped(country("learner")).text or ""
    assert said.splitlines()[-1] == (
        "129 (also 021-129) · Run by: A line of \\*Thailand\\* · Hours: any time · For: women and children · "
        "Caution: men may be turned away · date of the source: 2026-01-28"
    )


def test_a_helpline_that_is_not_confirmed_gives_way_to_the_supervisor_and_the_authority() -> None:
    said = helped(country("author")).text or ""
    assert "129" not in said
    assert said.startswith("Talk to your supervisor")
    assert said.endswith("The office of Thailand.")


def test_a_country_without_either_names_the_supervisor() -> None:
    assert (helped({}).text or "").startswith("Talk to your supervisor")


def test_help_is_in_one_language_and_english_where_some_of_it_is_not_translated() -> None:
    some = catalogs("th", {"Hours": "เวลา"})
    element = helped(country("learner"), "th", some)
    assert element.get("lang") == "en"
    assert "เวลา" not in (element.text or "")


def test_help_that_an_author_has_written_stays() -> None:
    own = SMALL[SCENARIO].replace("</care>", "</care><help>Ask the duty officer.</help>", 1)
    assert helped({SCENARIO: own}).text == "Ask the duty officer."


def test_a_picture_of_a_case_is_a_file_of_the_package() -> None:
    package = built("th", "en", {SCENARIO: PICTURED, PICTURE: b"\x89PNG small"})
    assert package.files["static/small-pier.png"] == b"\x89PNG small"


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "missing-file"),
        ({PICTURE: b"x" * (cases.LARGEST_PICTURE + 1)}, "heavy-picture"),
        (
            {
                PICTURE: b"one",
                "scenarios/other/scenario.xml": PICTURED.replace('id="small"', 'id="other"', 1),
                "scenarios/other/static/small-pier.png": b"two",
            },
            "repeated-file",
        ),
    ],
)
def test_a_picture_that_is_missing_heavy_or_not_the_only_one_of_its_name_is_found(
    files: dict[str, str | bytes | None], code: str
) -> None:
    assert code in codes({SCENARIO: PICTURED, **files})


def test_the_picture_of_a_case_that_no_lesson_has_stays_out() -> None:
    other = PICTURED.replace('id="small"', 'id="other"', 1)
    changes = {"scenarios/other/scenario.xml": other, "scenarios/other/static/small-pier.png": b"two"}
    assert "static/small-pier.png" not in built("th", "en", changes).files
    assert sources(changes)
