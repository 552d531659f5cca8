"""The learner's own: a sentence, the page that gathers them, and judgements before and after."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from lxml import etree
from webob import Request
from xblock.fields import ScopeIds
from xblock.runtime import DictKeyValueStore, KvsFieldData
from xblock.test.tools import TestRuntime

from casework.blocks.adapter import LearnersBlock
from casework.blocks.own import pages
from casework.blocks.own.judgements import JudgementsBlock
from casework.blocks.own.plan import PlanBlock
from casework.blocks.own.sentence import SentenceBlock
from casework.blocks.words import WORDS, words
from casework.judgements import parse
from casework.review import api as review
from casework.review.models import Answer
from learners import Learner, Usage
from test_judgements import GOOD, LIST

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2] / "xblocks/casework/blocks"
TEXT = "ฟังก่อน ငွေ 🧭 <script>alert('x')</script>"
Block = TypeVar("Block", bound=LearnersBlock)


def at(name: str, kind: str = "casework-sentence", learner: str = "anon-1", **settings: Any) -> Learner:
    """A learner at a block of the course."""
    usage = Usage(f"block-v1:Casework+T+1+type@{kind}+block@{name}")
    return Learner("", DictKeyValueStore(), anonymous=learner, usage=usage, settings=settings)


def block_of(learner: Learner, kind: type[Block]) -> Block:
    block = learner.block_of(kind)
    block.runtime.local_resource_url = lambda block, path: f"/{path}"  # type: ignore[method-assign]
    for name, value in learner.settings.items():
        setattr(block, name, value)
    return block


def post(
    learner: Learner, kind: type[Block], body: object, handler: str = "keep", method: str = "POST"
) -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request.blank("/", method=method, body=raw, content_type="application/json")
    response = block_of(learner, kind).handle(handler, request)
    return response.status_code, json.loads(response.body)


def shown(learner: Learner, kind: type[Block], view: str = "student_view") -> str:
    return str(getattr(block_of(learner, kind), view)({}).content)


# -- one sentence -----------------------------------------------------------------------------------------------------


def test_a_sentence_is_kept_and_shown_again_as_text() -> None:
    learner = at("ask", begin="Before I <ask> …", plan="my-plan")
    assert post(learner, SentenceBlock, {"text": f" {TEXT} "}) == (200, {"kept": True})
    html = shown(learner, SentenceBlock)
    assert "Before I &lt;ask&gt; …" in html and "&lt;script&gt;" in html and "<script>" not in html
    assert 'href="/jump_to_id/my-plan"' in html
    assert learner.published == [("completion", {"completion": 1.0})]
    assert "&lt;script&gt;" not in shown(replace(learner, anonymous="anon-2"), SentenceBlock)


def test_an_empty_sentence_forgets_it() -> None:
    learner = at("ask")
    post(learner, SentenceBlock, {"text": TEXT})
    assert post(learner, SentenceBlock, {"text": "  "}) == (200, {"kept": False})
    assert not Answer.objects.exists()


@pytest.mark.parametrize("body", [{}, {"text": None}, {"text": 3}, {"text": ["x"]}, [], b"{", {"text": "x" * 2001}])
def test_another_shape_is_refused_and_changes_nothing(body: object) -> None:
    learner = at("ask")
    post(learner, SentenceBlock, {"text": TEXT})
    status, answer = post(learner, SentenceBlock, body)
    assert (status, answer["error"]["code"]) == (400, "malformed")
    assert [one.text for one in Answer.objects.all()] == [TEXT]


@pytest.mark.parametrize(
    "change", [{"anonymous": ""}, {"anonymous": "student"}, {"usage": "lb:Casework:lib:casework-sentence:ask"}]
)
@pytest.mark.parametrize("kind", [SentenceBlock, JudgementsBlock, PlanBlock])
def test_nothing_is_kept_for_nobody_in_studio_and_in_libraries(
    kind: type[LearnersBlock], change: dict[str, Any]
) -> None:
    learner = replace(at("ask"), **change)
    if kind is JudgementsBlock:
        learner.settings["content"] = LIST
    assert WORDS["own_not_stored"] in shown(learner, kind)
    if kind is not PlanBlock:
        status, answer = post(learner, kind, {"text": TEXT, "answers": GOOD})
        assert (status, answer["error"]["code"]) == (403, "not-stored")
    assert not Answer.objects.exists()


@pytest.mark.parametrize("kind", [SentenceBlock, JudgementsBlock])
def test_handlers_take_post_alone(kind: type[LearnersBlock]) -> None:
    assert post(at("ask"), kind, {}, method="GET")[0] == 405


# -- my plan ----------------------------------------------------------------------------------------------------------

LINES = [
    {"at": "signs-back", "lesson": "Signs", "begin": "When the sheet is empty, I will …"},
    {"at": "pier", "lesson": "Met as an offender", "case": "Eleven men"},
    {"at": "met-back", "lesson": "Met as an offender", "begin": "Before the word, I will …"},
]


def plan_of(learner: str = "anon-1", lines: object = LINES) -> str:
    return shown(at("my-plan", "casework-plan", learner, lines=lines), PlanBlock)


def test_a_plan_gathers_sentences_and_cases_in_the_order_of_the_course() -> None:
    post(at("met-back"), SentenceBlock, {"text": "third"})
    review.keep_plan(
        review.Place("course-v1:Casework+T+1", str(at("pier", "casework-case").usage), "anon-1"), "a1", "second"
    )
    post(at("signs-back"), SentenceBlock, {"text": "first"})
    html = plan_of()
    kept = re.findall(r'class="cw-own">([^<]*)<', html)
    assert kept == ["first", "second", "third"]
    assert re.findall(r"<h3>([^<]*)</h3>", html) == ["Signs", "Met as an offender"]
    assert WORDS["plan"] in html and "Before the word, I will …" in html
    assert WORDS["plan_open"].split("{")[0] not in html


def test_where_nothing_is_written_yet_there_is_a_way_to_write_it() -> None:
    post(at("signs-back"), SentenceBlock, {"text": "first"})
    html = plan_of()
    left = html[html.index("<details") :]
    assert re.findall(r'href="/jump_to_id/([^"]*)"', left) == ["met-back", "pier"]
    assert WORDS["plan_none"] in plan_of("anon-2")


def test_what_stands_at_a_place_that_the_plan_does_not_know_is_not_lost() -> None:
    post(at("added-in-studio"), SentenceBlock, {"text": "mine"})
    html = plan_of()
    assert "mine" in html and WORDS["plan_elsewhere"] in html


@pytest.mark.parametrize("lines", [None, [3], [{}], [{"at": ["x"]}], [{"at": "signs-back", "lesson": None}]])
def test_lines_that_cannot_be_read_lose_nothing(lines: object) -> None:
    post(at("signs-back"), SentenceBlock, {"text": "first"})
    assert "first" in plan_of(lines=lines)


@pytest.mark.parametrize(("days", "asked"), [(0, False), (13.9, False), (14, True)])
def test_after_two_weeks_the_plan_asks_what_came_of_it(days: float, asked: bool) -> None:
    post(at("signs-back"), SentenceBlock, {"text": "first"})
    row = Answer.objects.get()
    Answer.objects.filter(pk=row.pk).update(created=row.created - timedelta(days=days))
    assert (WORDS["plan_back"] in plan_of()) is asked


def test_another_learner_and_another_course_are_not_gathered() -> None:
    post(at("signs-back", learner="anon-2"), SentenceBlock, {"text": "theirs"})
    other = replace(at("signs-back"), usage=Usage("block-v1:Casework+T+2+type@casework-sentence+block@signs-back"))
    other.usage.context_key = "course-v1:Casework+T+2"  # type: ignore[attr-defined]
    post(other, SentenceBlock, {"text": "elsewhere"})
    assert "theirs" not in plan_of() and "elsewhere" not in plan_of()


def test_a_plan_costs_one_query(django_assert_num_queries: Any) -> None:
    for name in ("signs-back", "met-back", "a", "b"):
        post(at(name), SentenceBlock, {"text": name})
    with django_assert_num_queries(1):
        plan_of()


# -- judgements -------------------------------------------------------------------------------------------------------


def before(learner: str = "anon-1") -> Learner:
    return at("before", "casework-judgements", learner, content=LIST)


def after(learner: str = "anon-1") -> Learner:
    return at("again", "casework-judgements", learner, content=LIST, after="before")


def test_the_first_answers_are_told_back_without_what_the_course_holds() -> None:
    assert "cw-judging" in shown(before(), JudgementsBlock)
    status, answer = post(before(), JudgementsBlock, {"answers": GOOD})
    assert status == 200 and WORDS["judge_kept"] in answer["html"]
    for html in (answer["html"], shown(before(), JudgementsBlock)):
        assert "It looks free" not in html
        assert WORDS["held_no"] not in html and "cw-judging" not in html


def test_the_first_form_tells_nothing_of_what_the_course_holds() -> None:
    made, _ = parse(LIST)
    other, _ = parse(LIST.replace('course="no"', 'course="yes"').replace("It looks free.", "Otherwise."))
    assert made and other
    assert pages.questions(WORDS, made, True) == pages.questions(WORDS, other, True)


def test_both_sets_of_answers_stand_side_by_side_at_the_end() -> None:
    post(before(), JudgementsBlock, {"answers": GOOD})
    now = {**GOOD, "gate": [True, 1]}
    _, answer = post(after(), JudgementsBlock, {"answers": now})
    html = answer["html"]
    assert html in shown(after(), JudgementsBlock)
    gate = html[html.index("เปิดประตู") :].split("</article>")[0]
    cells = re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", gate)
    assert cells == [
        (WORDS["judge_before"], f"{WORDS['disagree']} · {WORDS['sure_2']}"),
        (WORDS["judge_now"], f"{WORDS['agree']} · {WORDS['sure_1']}"),
    ]
    assert WORDS["held_no"] in gate and "It looks free." in gate
    assert "1 of 3" in html and "1 of 1" in html and "1 of 2" in html


def test_who_did_not_answer_before_is_told_so() -> None:
    _, answer = post(after(), JudgementsBlock, {"answers": GOOD})
    assert WORDS["judge_no_before"] in answer["html"] and WORDS["judge_changed"] not in answer["html"]


def test_the_first_answers_stand() -> None:
    post(before(), JudgementsBlock, {"answers": GOOD})
    post(before(), JudgementsBlock, {"answers": {**GOOD, "gate": [True, 0]}})
    kept = review.judgements(review.Place("course-v1:Casework+T+1", str(before().usage), "anon-1"))
    assert kept is not None and kept["gate"] == [False, 2]


@pytest.mark.parametrize("said", [None, {}, {"gate": [True, 1]}, {**GOOD, "gate": [True, 9]}, {**GOOD, "x": [True, 1]}])
def test_answers_of_another_shape_are_refused_and_nothing_is_kept(said: object) -> None:
    status, answer = post(before(), JudgementsBlock, {"answers": said})
    assert (status, answer["error"]["code"]) == (400, "malformed")
    assert "cw-judging" in shown(before(), JudgementsBlock)


def test_another_learner_answers_for_themselves() -> None:
    post(before(), JudgementsBlock, {"answers": GOOD})
    assert "cw-judging" in shown(before("anon-2"), JudgementsBlock)


def test_a_reset_forgets_the_answers() -> None:
    post(before(), JudgementsBlock, {"answers": GOOD})
    block = block_of(before(), JudgementsBlock)
    block.clear_student_state("anon-1", "course-v1:Casework+T+1", str(before().usage), "staff")
    assert "cw-judging" in shown(before(), JudgementsBlock)
    post(before(), JudgementsBlock, {"answers": {**GOOD, "gate": [True, 0]}})
    assert f"{WORDS['agree']} · {WORDS['sure_0']}" in shown(before(), JudgementsBlock)


def test_a_list_that_has_changed_since_keeps_what_fits() -> None:
    post(before(), JudgementsBlock, {"answers": GOOD})
    changed = LIST.replace('id="gate"', 'id="door"')
    learner = at("before", "casework-judgements", content=changed)
    assert "–" in shown(learner, JudgementsBlock)


@pytest.mark.parametrize("content", ["", "<judgements/>", "text", LIST.replace('course="no"', 'course="x"')])
def test_a_faulty_list_is_one_calm_line_for_learners_and_findings_for_authors(content: str) -> None:
    learner = at("before", "casework-judgements", content=content)
    assert WORDS["judge_faulty"] in shown(learner, JudgementsBlock)
    assert "cw-findings" in shown(learner, JudgementsBlock, "author_view")
    status, answer = post(learner, JudgementsBlock, {"answers": GOOD})
    assert (status, answer["error"]["code"]) == (409, "faulty")


# -- OLX and Studio ---------------------------------------------------------------------------------------------------

TAKEN = {
    SentenceBlock: '<casework-sentence url_name="a" display_name="กรณี" begin="Before I …" plan="my-plan" lang="th"/>',
    PlanBlock: f"<casework-plan url_name='a' display_name='แผน' lang='th' lines='{json.dumps(LINES, ensure_ascii=False)}'/>",
    JudgementsBlock: f'<casework-judgements url_name="a" display_name="สิบสอง" after="b" lang="th">{LIST}</casework-judgements>',
}


@pytest.mark.parametrize("kind", list(TAKEN))
def test_a_block_comes_back_the_same_through_the_platforms_parser(kind: type[LearnersBlock]) -> None:
    def read(source: str) -> Any:
        runtime = TestRuntime(services={"field-data": KvsFieldData(DictKeyValueStore())})
        node = etree.fromstring(source, etree.XMLParser(remove_blank_text=True))
        return kind.parse_xml(node, runtime, ScopeIds(None, "t", "d", "u"))

    def fields(block: Any) -> dict[str, Any]:
        return {
            name: getattr(block, name)
            for name in ("display_name", "lang", "begin", "plan", "lines", "content", "after")
            if name in block.fields
        }

    block = read(TAKEN[kind])
    node = etree.Element("unknown")
    block.add_xml_to_node(node)
    again = read(etree.tostring(node, encoding="unicode", pretty_print=True))
    assert fields(again) == fields(block)
    assert block.lang == "th"
    assert getattr(block, "lines", LINES) == LINES


@pytest.mark.parametrize("kind", list(TAKEN))
def test_an_author_edits_and_a_learner_does_not(kind: type[LearnersBlock]) -> None:
    edit = {"values": {"display_name": "Other"}, "defaults": []}
    status, answer = post(at("a"), kind, edit, "submit_studio_edits")
    assert (status, answer["error"]["code"]) == (403, "not-an-author")
    author = replace(at("a", content=LIST) if kind is JudgementsBlock else at("a"), role="staff", staff=True)
    assert post(author, kind, edit, "submit_studio_edits") == (200, {"result": "success"})
    for broken in ({}, {"values": []}, {"values": {}, "defaults": 3}, []):
        assert post(author, kind, broken, "submit_studio_edits")[0] == 400


def test_a_faulty_list_is_not_saved() -> None:
    author = replace(at("a", content=LIST), role="staff", staff=True)
    edit = {"values": {"content": LIST.replace('course="no"', 'course="x"')}, "defaults": []}
    status, answer = post(author, JudgementsBlock, edit, "submit_studio_edits")
    assert status == 400 and "bad-value" in json.dumps(answer)


# -- how it looks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "th", "id", "km", "my", "lo", "vi", "ms", "fil"])
def test_the_words_are_those_of_the_block(lang: str) -> None:
    html = shown(at("ask", lang=lang), SentenceBlock)
    assert words(lang)["plan_keep"] in html and f'lang="{lang}"' in html


def test_the_colours_are_the_players() -> None:
    def first(name: str) -> str:
        css = (ROOT / name).read_text(encoding="utf-8")
        return re.sub(r"\s+", "", css[css.index(".cw{") : css.index("}", css.index(".cw{"))])

    assert first("own/public/own.css") == first("case/public/player.css")


def test_the_script_holds_no_sentence() -> None:
    script = (ROOT / "own/public/own.js").read_text(encoding="utf-8")
    code = re.sub(r"/\*.*?\*/|^\s*//[^\n]*$", "", script, flags=re.DOTALL | re.MULTILINE)
    assert not [one for one in re.findall(r'"([^"\n]*)"', code) if re.match(r"[A-Z][a-z]+ [a-z]+", one)]
