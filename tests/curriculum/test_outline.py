from __future__ import annotations

import pytest

from casework.curriculum import outline
from trees import OUTLINE, codes, findings, sources

FILE = "courses/regional/outline.xml"


def changed(old: str, new: str) -> dict[str, str | bytes | None]:
    assert old in OUTLINE
    return {FILE: OUTLINE.replace(old, new)}


def test_the_small_outline_has_no_error() -> None:
    assert [str(one) for one in findings() if one.is_error] == []


def test_an_outline_becomes_one_tree_with_its_texts() -> None:
    course, _ = outline.read(sources())
    assert course is not None
    kinds = [(node.kind, node.url_name) for node in course.walk()]
    assert kinds[:4] == [
        ("course", ""), ("chapter", "for-the-operator"), ("sequential", "installed"), ("vertical", "tick"),
    ]  # fmt: skip
    page = next(node for node in course.walk() if node.url_name == "met-idea-text")
    assert page.body.startswith("Most people")
    lesson = next(node for node in course.walk() if node.url_name == "met")
    assert (lesson.minutes, lesson.graded) == (40, True)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<chapter ", "<chapters ", "not-xml"),
        ('url_name="met-idea"', 'url_name="met idea"', "bad-url-name"),
        ('url_name="met-idea"', 'url_name="unit-1"', "unstable-url-name"),
        ('url_name="met-idea"', f'url_name="{"0af3" * 8}"', "unstable-url-name"),
        ('url_name="met-idea"', 'url_name="met"', "repeated-url-name"),
        ('url_name="met-idea" ', "", "missing-attribute"),
        ('display_name="The idea"', "", "missing-attribute"),
        ('display_name="The idea"', 'display_name="The idea" due="now"', "unknown-attribute"),
        ('minutes="40"', 'minutes="long"', "bad-value"),
        ('format="Lesson"', 'format="Homework"', "bad-value"),
        (' format="Lesson"', "", "bad-outline"),
        ('visible_to_staff_only="true"', 'visible_to_staff_only="yes"', "bad-value"),
        ('url_name="installed"', 'format="Lesson" url_name="installed"', "bad-outline"),
        ("identification/met-idea-text.md", "../../secret.md", "climbing-path"),
        ("identification/met-idea-text.md", "/etc/met-idea-text.md", "climbing-path"),
        ("identification/met-idea-text.md", "identification/./met-idea-text.md", "climbing-path"),
        ("identification/met-idea-text.md", "identification/nowhere/met-idea-text.md", "missing-file"),
        ("identification/met-idea-text.md", "identification/met-back-text.md", "bad-outline"),
        ("identification/met-try-ring.xml", "identification/met-try-ring.txt", "bad-value"),
        ("scenarios/small", "scenarios/other", "missing-file"),
        ("<vertical url_name=\"met-idea\"", "loose <vertical url_name=\"met-idea\"", "stray-text"),
        ("<html ", "<video ", "unknown-element"),
        ("<course ", "<book ", "not-xml"),
    ],
)  # fmt: skip
def test_a_fault_in_an_outline_is_found(old: str, new: str, code: str) -> None:
    assert code in codes(changed(old, new))


def test_three_faults_give_three_findings_with_their_lines() -> None:
    text = OUTLINE.replace("met-idea-text.md", "gone/met-idea-text.md").replace('minutes="40"', 'minutes="x"')
    text = text.replace('url_name="met-back"', 'url_name="met back"')
    told = findings({FILE: text})
    wanted = {"missing-file": 11, "bad-value": 9, "bad-url-name": 20}
    assert {one.code: one.line for one in told if one.code in wanted} == wanted


def test_an_empty_container_is_found() -> None:
    start = OUTLINE.index('<vertical url_name="met-back"')
    end = OUTLINE.index("</vertical>", start)
    hollow = OUTLINE[: OUTLINE.index(">", start) + 1] + OUTLINE[end:]
    assert "bad-outline" in codes({FILE: hollow})


def test_a_case_under_another_name_is_found() -> None:
    text = OUTLINE.replace('url_name="small" src="scenarios/small"', 'url_name="other" src="scenarios/small"')
    assert "bad-outline" in codes({FILE: text})


def test_a_page_that_no_outline_names_is_told() -> None:
    assert "odd-file" in codes({"courses/regional/identification/old.md": "Old.\n"})


def test_a_page_that_is_not_utf8_is_found() -> None:
    assert "not-utf8" in codes({"courses/regional/identification/met-idea-text.md": b"\xff\xfe"})


def test_a_missing_outline_is_one_finding() -> None:
    assert codes({FILE: None}) >= {"missing-file"}


def test_a_document_type_in_an_outline_is_refused() -> None:
    assert "doctype" in codes({FILE: OUTLINE.replace("<course", '<!DOCTYPE course [<!ENTITY a "b">]>\n<course', 1)})
