"""From a package to a course, and the one line where the importer would have dropped something in silence."""

from __future__ import annotations

import pytest

from casework.preview.course import Course
from casework.preview.package import PreviewError
from preview import sample
from preview.conftest import LoadFiles


def _fields(course: Course, block_type: str, name: str) -> dict[str, object]:
    return course.fields[course.id.make_usage_key(block_type, name)]


def test_the_outline_is_the_packages_in_its_own_words(load_files: LoadFiles) -> None:
    course = load_files(sample.thai())
    assert course.title == "การบังคับใช้ที่เป็นธรรม"
    assert course.language == "th"
    assert [part.title for part in course.parts(staff=True)] == ["For staff", "การระบุตัว"]
    assert [place.unit.name for place in course.places(staff=True)] == ["u-install", "idea", "try-it", "boys"]


def test_learners_do_not_see_the_part_for_staff(load_files: LoadFiles) -> None:
    course = load_files(sample.thai())
    assert [part.name for part in course.parts(staff=False)] == ["p-find"]
    assert [place.unit.name for place in course.places(staff=False)] == ["idea", "try-it", "boys"]


def test_a_lessons_grading_is_handed_down_to_its_blocks(load_files: LoadFiles) -> None:
    course = load_files(sample.thai())
    assert _fields(course, "problem", "q-first")["graded"] is True
    assert _fields(course, "problem", "q-first")["format"] == "Lesson"
    assert _fields(course, "html", "h-install")["visible_to_staff_only"] is True


def test_a_page_keeps_every_letter(load_files: LoadFiles) -> None:
    assert _fields(load_files(sample.thai()), "html", "h-idea")["data"] == sample.THAI["page"]


def test_ids_come_from_the_package_and_are_the_same_at_every_start(load_files: LoadFiles) -> None:
    first, second = load_files(sample.thai()), load_files(sample.thai())
    assert list(first.fields) == list(second.fields)
    assert "block-v1:Casework+TH+th+type@problem+block@q-first" in first.fields


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"html/h-idea.html": None}, "html/h-idea: cannot be read"),
        ({"vertical/idea.xml": None}, "vertical/idea.xml: is missing"),
        ({"vertical/idea.xml": '<vertical display_name="x"><html/></vertical>'}, "a <html> has no url_name"),
        ({"vertical/idea.xml": '<vertical display_name="x"><html url_name="a b"/></vertical>'}, "the platform refuses"),
        (
            {"vertical/boys.xml": '<vertical display_name="x"><html url_name="h-idea"/></vertical>'},
            "<html url_name='h-idea'> stands in the course twice",
        ),
        (
            {"course.xml": '<course url_name="th" org="Casework"/>'},
            "course.xml: is no pointer to a course (without course)",
        ),
        ({"course/th.xml": "<course/>"}, "holds no unit"),
        ({"policies/th/policy.json": "{"}, "policies/th/policy.json: is not JSON"),
    ],
)
def test_what_cannot_be_read_is_one_line(load_files: LoadFiles, change: dict[str, str | None], said: str) -> None:
    files = {name: text for name, text in (sample.thai() | change).items() if text is not None}
    with pytest.raises(PreviewError) as caught:
        load_files(files)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_package_without_the_builders_facts_is_loaded_all_the_same(load_files: LoadFiles) -> None:
    files = sample.thai()
    del files["policies/th/policy.json"], files["policies/th/grading_policy.json"]
    course = load_files(files)
    assert (course.title, course.language, course.country, course.country_name) == ("TH", "en", "", "TH")


def test_a_block_that_is_not_installed_stops_nothing(load_files: LoadFiles) -> None:
    unit = '<vertical display_name="x"><no-such-block url_name="n"><deep/></no-such-block></vertical>'
    assert load_files(sample.thai() | {"vertical/idea.xml": unit}).places(staff=False)
