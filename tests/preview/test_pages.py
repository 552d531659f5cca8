"""The pages around the units, and what stands in a unit, by role and language."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from xblocks_contrib.html import HtmlBlock

from casework.preview import block_types
from casework.preview.course import SHELF
from casework.preview.services import ReplaceURLs
from preview import sample
from preview.conftest import EN, TH, LoadFiles

ActAs = Callable[[str], Client]


def _page(client: Client, url: str) -> str:
    answer = client.get(url, follow=True)
    assert answer.status_code == 200, url
    return answer.content.decode()


def _unit(course_id: str, name: str) -> str:
    course = SHELF.get(course_id)
    assert course is not None
    return f"/unit/{course.id.make_usage_key('vertical', name)}/"


def test_the_landing_page_has_one_tile_a_country_and_a_link_a_language(act_as: ActAs) -> None:
    page = _page(act_as("learner_a"), "/")
    assert page.count('class="tile"') == 1
    assert f'href="/course/{TH}/" lang="th" hreflang="th">ไทย</a>' in page
    assert f'href="/course/{EN}/" lang="en" hreflang="en">English</a>' in page
    assert "<span>Thai</span>" in page
    assert "2 lessons · 0 cases · 19 facts, 7 unconfirmed" in page


def test_a_course_goes_on_where_the_learner_stands(act_as: ActAs) -> None:
    client = act_as("learner_a")
    assert client.get(f"/course/{TH}/").headers["Location"] == f"/course/{TH}/unit/idea/"
    client.post("/complete/block-v1:Casework+TH+th+type@html+block@h-idea/")
    assert client.get(f"/course/{TH}/").headers["Location"] == f"/course/{TH}/unit/try-it/"


def test_a_unit_says_where_it_stands(act_as: ActAs) -> None:
    page = _page(act_as("learner_a"), f"/course/{TH}/unit/idea/")
    assert '<span lang="th">การระบุตัว</span> · lesson 1 of 2 · 25 minutes' in page
    assert '<h1 lang="th">พบในฐานะผู้กระทำผิด</h1>' in page
    assert 'rel="prev"' not in page
    assert f'href="/course/{TH}/unit/try-it/" rel="next"' in page


def test_the_language_switch_leads_to_the_same_unit(act_as: ActAs) -> None:
    assert f'href="/course/{EN}/unit/try-it/" lang="en"' in _page(act_as("learner_a"), f"/course/{TH}/unit/try-it/")


@pytest.mark.parametrize(("username", "sees"), [("learner_a", False), ("author", True), ("instructor", True)])
def test_the_part_for_staff_is_seen_by_staff(act_as: ActAs, username: str, sees: bool) -> None:
    client = act_as(username)
    assert ("For staff" in _page(client, f"/course/{TH}/unit/idea/")) is sees
    assert client.get(f"/course/{TH}/unit/u-install/").status_code == (200 if sees else 404)


def test_a_unit_document_speaks_the_courses_language(act_as: ActAs) -> None:
    page = _page(act_as("learner_a"), _unit(TH, "idea"))
    assert '<html lang="th">' in page
    assert sample.THAI["page"] in page


def test_nothing_is_loaded_from_outside(act_as: ActAs) -> None:
    client = act_as("learner_a")
    for url in ("/", f"/course/{TH}/", _unit(TH, "idea"), _unit(TH, "try-it"), f"/course/{TH}/progress/"):
        page = _page(client, url)
        assert "//fonts." not in page
        assert 'src="http' not in page and 'href="http' not in page
    css = client.get("/resource/problem/public/css/ProblemBlockDisplay.css").content
    assert b"@import" not in css and b".problem" in css


def test_links_within_a_package_lead_into_this_server(act_as: ActAs) -> None:
    assert f'<a href="/course/{EN}/jump/try-it/">' in _page(act_as("learner_a"), _unit(EN, "idea"))
    assert f'<img src="/asset/{TH}/boys.svg"' in _page(act_as("learner_a"), _unit(TH, "boys"))
    client = act_as("learner_a")
    assert client.get(f"/course/{EN}/jump/q-first/").headers["Location"] == f"/course/{EN}/unit/try-it/"
    assert client.get(f"/asset/{TH}/boys.svg").headers["Content-Type"] == "image/svg+xml"
    assert client.get(f"/asset/{TH}/../course.xml").status_code == 404


def test_replaced_addresses_are_plain_text() -> None:
    course = SHELF.get(TH)
    assert type(ReplaceURLs(course.id if course else TH).replace_urls('"/static/a.png"')) is str  # type: ignore[arg-type]


def test_a_block_that_raises_is_one_calm_line(act_as: ActAs, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("the reason, for the log")

    monkeypatch.setattr(HtmlBlock, "student_view", fail)
    page = _page(act_as("learner_a"), _unit(TH, "idea"))
    assert "This part of the page could not be shown" in page
    assert "the reason" not in page and "Traceback" not in page


def test_a_handler_that_raises_answers_without_a_trace(act_as: ActAs, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("the reason, for the log")

    monkeypatch.setattr(block_types.load("problem"), "handle_ajax", fail)
    answer = act_as("learner_a").post("/handler/block-v1:Casework+TH+th+type@problem+block@q-first/xmodule_handler/x")
    assert answer.status_code == 500
    assert answer.json() == {"error": "The block could not answer. The log tells why."}


def test_a_block_that_is_not_installed_is_told_to_authors_alone(act_as: ActAs, load_files: LoadFiles) -> None:
    unit = '<vertical display_name="x"><no-such-block url_name="n"/></vertical>'
    act_as("learner_a")
    SHELF.put(load_files(sample.thai() | {"vertical/idea.xml": unit}))
    assert "not installed here" not in _page(act_as("learner_a"), _unit(TH, "idea"))
    assert "<code>no-such-block</code> are not installed here" in _page(act_as("author"), _unit(TH, "idea"))


def test_the_learners_progress_has_lessons_and_a_total(act_as: ActAs) -> None:
    page = _page(act_as("learner_a"), f"/course/{TH}/progress/")
    assert "Who has finished" not in page
    assert "0 of 1" in page
    assert "<dt>Pass from</dt><dd>60 %</dd>" in page


def test_the_instructor_sees_who_has_finished(act_as: ActAs) -> None:
    page = _page(act_as("instructor"), f"/course/{TH}/progress/")
    assert "Who has finished" in page
    assert "Learner A" in page and "Learner B" in page


def test_html_and_problems_have_no_editor_here(act_as: ActAs) -> None:
    assert "/edit/" not in _page(act_as("author"), _unit(TH, "idea"))
    usage = "block-v1:Casework+TH+th+type@html+block@h-idea"
    assert act_as("author").get(f"/edit/{usage}/").status_code == 404


def test_the_page_about_a_course_shows_what_the_package_brings(act_as: ActAs) -> None:
    assert "<p>About this course.</p>" in _page(act_as("learner_a"), f"/course/{TH}/about/")


@pytest.mark.parametrize("url", ["/course/none/", f"/course/{TH}/unit/none/", "/unit/none/", f"/asset/{TH}/none.png"])
def test_what_is_not_there_is_said_calmly(act_as: ActAs, url: str) -> None:
    answer = act_as("learner_a").get(url)
    assert answer.status_code == 404
    assert b"<h1>Not here</h1>" in answer.content


def test_a_pages_queries_do_not_grow_with_the_course(act_as: ActAs, django_assert_max_num_queries: object) -> None:
    client = act_as("learner_a")
    client.get(f"/course/{TH}/")  # makes the account
    with django_assert_max_num_queries(7):  # type: ignore[operator]
        client.get(f"/course/{TH}/unit/idea/")
