"""A country tells a case in its own way: what changes, what does not, and what is said when a change has no place."""

from __future__ import annotations

from pathlib import Path

import pytest

from casework.curriculum import case_changes, cases, check, files, repository
from casework.scenario import xml as case_xml
from trees import built, codes, sources, text

ROOT = Path(__file__).parents[2]
CASE = "scenarios/small/scenario.xml"
PATH = "courses/countries/th/scenarios/small.xml"


def option_of_small() -> tuple[str, str]:
    """(a place that names an option of the small case, its text)."""
    case = cases.read(sources({})[CASE], CASE).case
    assert case is not None
    task = next(task for scene in case.scenes for task in scene.tasks if hasattr(task, "options"))
    return f"{task.id}/{task.options[0].id}", task.options[0].text.body


def change(inside: str, case: str = "small") -> dict[str, str | bytes | None]:
    return {PATH: f'<changes case="{case}">{inside}</changes>'}


def test_a_changed_option_is_told_in_that_country_alone() -> None:
    at, before = option_of_small()
    words = " ".join(reversed(before.split()))
    changes = change(f'<put at="{at}"><text>{words}</text></put>')
    assert not [one for one in codes(changes) if one not in codes({})]
    thai, other = built("th", "en", changes), built("id", "en", changes)
    assert words in str(thai.files) and words not in str(other.files)
    assert before in str(other.files)


def test_a_changed_case_keeps_every_id() -> None:
    at, _ = option_of_small()
    changes = change(f'<put at="{at}"><text>Ask the team of this province.</text></put>')
    ids = [
        [str(one.get("id")) for one in case_xml.tree(node.body, "x").iter() if one.get("id")]
        for code in ("th", "id")
        for node in repository.read(sources(changes)).countries[code].course.walk()
        if node.kind == "casework-case"
    ]
    assert ids[0] == ids[1] and ids[0]


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ('<put at="gone/nowhere"><text>X</text></put>', "no-such-place"),
        ('<put at="OPTION"><reply if="x = 1">X</reply></put>', "no-such-place"),
        ('<remove at="gone"/>', "no-such-place"),
        ('<insert after="gone"><option id="x"/></insert>', "no-such-place"),
        ('<replace at="OPTION"/>', "bad-outline"),
        ('<insert after="OPTION"/>', "bad-outline"),
        ('<put at="OPTION"/>', "bad-outline"),
        ('<remove at="OPTION"><text>X</text></remove>', "bad-outline"),
        ("<put><text>X</text></put>", "missing-attribute"),
        ("<swap at='OPTION'/>", "unknown-element"),
        ('<replace at="OPTION"><option id="of"><text>X</text><nonsense/></option></replace>', "unknown-element"),
    ],
)
def test_a_change_without_its_place_is_a_finding_that_names_both_files(inside: str, code: str) -> None:
    regional = cases.read(sources({})[CASE], CASE)
    data = change(inside.replace("OPTION", option_of_small()[0]))[PATH]
    assert isinstance(data, str)
    case, findings = case_changes.changed(regional, data.encode(), PATH)
    assert code in {one.code for one in findings}
    assert all(one.path == PATH for one in findings)
    if code == "no-such-place":
        assert CASE in findings[0].message and findings[0].line == 1 and case.body == regional.body
    assert code in codes(change(inside.replace("OPTION", option_of_small()[0])))


def test_changes_to_a_case_that_the_course_does_not_have_are_a_finding() -> None:
    assert "no-such-target" in codes({PATH.replace("small", "gone"): '<changes case="gone"/>'})
    assert "bad-outline" in codes(change("", case="another"))


@pytest.mark.parametrize(
    "data", ["<changes", '<!DOCTYPE x [<!ENTITY a "b">]><changes case="small">&a;</changes>', "<x/>"]
)
def test_hostile_changes_are_one_finding(data: str) -> None:
    assert set(codes({PATH: data})) & {"not-xml", "doctype", "unknown-element"}


def test_thailand_and_indonesia_tell_a_case_in_their_own_way() -> None:
    gathered, _ = files.gather(ROOT)
    read = repository.read(gathered)
    told = {
        code: {node.url_name: node.body for node in one.course.walk() if node.kind == "casework-case"}
        for code, one in read.countries.items()
    }
    regional = read.cases["eleven-men-at-the-pier"].body
    bodies = {told[code]["eleven-men-at-the-pier"] for code in ("th", "id")} | {regional}
    assert len(bodies) == 3
    assert "In Thailand" in told["th"]["eleven-men-at-the-pier"] and "In Thailand" not in regional
    assert not [one for one in check.whole(gathered, {}, only=()) if one.code in {"walk-lost", "no-such-place"}]


def test_a_change_that_ruins_a_walkthrough_names_it() -> None:
    gathered, _ = files.gather(ROOT)
    path = "courses/countries/th/scenarios/eleven-men-at-the-pier.xml"
    gathered[path] = b'<changes case="eleven-men-at-the-pier"><remove at="age/x-ray"/></changes>'
    lost = [one for one in check.whole(gathered, {}, only=()) if one.code == "walk-lost"]
    assert lost and all(one.path == path and "walkthroughs/" in one.message for one in lost)


def test_the_same_text_is_in_the_package(tmp_path: Path) -> None:
    at, _ = option_of_small()
    package = built("th", "en", change(f'<put at="{at}"><text>Ask the team of this province.</text></put>'))
    assert "Ask the team of this province." in text(package, "vertical/met-case.xml")
