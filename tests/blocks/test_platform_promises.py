"""What the platform asks of the case's block beside playing; docs/platform.md lists each promise with its test here."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import etree
from submissions import api as submissions
from submissions.models import Score, ScoreAnnotation, StudentItem, Submission
from webob import Request
from xblock.core import XBlock
from xblock.fields import ScopeIds
from xblock.runtime import DictKeyValueStore, KvsFieldData
from xblock.scorable import Score as Points
from xblock.test.tools import TestRuntime

from cases import WHOLE
from casework.blocks.case.block import CaseBlock
from casework.blocks.own.judgements import JudgementsBlock
from casework.blocks.own.plan import PlanBlock
from casework.blocks.own.sentence import SentenceBlock
from casework.blocks.words import WORDS
from casework.review import api as review
from casework.review.models import Answer, Finish
from casework.scenario import check, xml
from learners import Learner, Usage, answer_to

ROOT = Path(__file__).parents[2]
TEXT = "พวกเขาเป็นหนี้ ကြွေးမြီ"
WAY = ["a debt, papers kept", "Do ask now.", TEXT, "1"]
WORSE = ["rice", "Do send now.", TEXT, "1", "Do back now."]
HOUR = timedelta(hours=1)

Make = Callable[..., Learner]


def canonical(case: str = WHOLE) -> str:
    return xml.canonical(xml.tree(case, "case"))


def play(learner: Learner, *wanted: str) -> dict[str, Any]:
    _, view = learner.post("start")
    for one in wanted:
        status, view = learner.post("event", answer_to(view, one))
        assert status == 200, view
    return view


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets what the platform mixes into every block: its inherited fields, as the learner has them."""

    def set_to(**fields: Any) -> None:
        for name, value in fields.items():
            monkeypatch.setattr(CaseBlock, name, value, raising=False)

    return set_to


def make(**settings: Any) -> Learner:
    return Learner(canonical(), DictKeyValueStore(), settings=settings)


def shown(learner: Learner) -> CaseBlock:
    """The block where it can be drawn."""
    block = learner.block()
    block.runtime.local_resource_url = lambda block, path: f"/{path}"
    return block


def grade(learner: Learner) -> tuple[int, int] | None:
    place = learner.block().place
    now = review.grade(place) if place else None
    return (now.earned, now.possible) if now else None


# -- attempts and dates -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_attempts_run_out() -> None:
    learner = make(max_attempts=1)
    assert play(learner, *WAY)["debrief"]["again"] is False
    status, answer = learner.post("start")
    assert (status, answer["error"]["code"]) == (409, "no-attempts")


@pytest.mark.django_db
@pytest.mark.parametrize(("counts", "earned"), [("best", 8), ("latest", 1)])
def test_the_best_attempt_counts_or_the_latest(counts: str, earned: int) -> None:
    learner = make(counts=counts)
    play(learner, *WAY)
    play(learner, *WORSE)
    assert grade(learner) == (earned, 8)


@pytest.mark.django_db
def test_after_the_last_day_no_answer_is_taken_and_what_was_done_stays(course: Callable[..., None]) -> None:
    learner = make()
    view = play(learner, *WAY[:1])
    course(due=datetime.now(UTC) - HOUR)
    before = copy.deepcopy(learner.block().attempt)
    status, answer = learner.post("event", answer_to(view, WAY[1]))
    assert (status, answer["error"]) == (409, {"code": "closed", "message": WORDS["time_over"]})
    assert learner.block().attempt == before
    assert learner.view()["closed"] == WORDS["time_over"]
    assert WORDS["time_over"] in shown(learner).student_view().content


@pytest.mark.django_db
def test_after_the_last_day_no_attempt_begins(course: Callable[..., None]) -> None:
    learner = make()
    course(due=datetime.now(UTC) - HOUR)
    status, answer = learner.post("start")
    assert (status, answer["error"]["code"]) == (409, "closed")
    assert learner.block().attempt == {}


@pytest.mark.django_db
def test_what_was_taken_in_time_is_acknowledged_again_after_the_last_day(course: Callable[..., None]) -> None:
    learner = make()
    _, view = learner.post("start")
    event = answer_to(view, WAY[0])
    learner.post("event", event)
    course(due=datetime.now(UTC) - HOUR)
    status, again = learner.post("event", event)
    assert (status, again["result"]) == (200, "known")


@pytest.mark.django_db
def test_a_written_answer_that_comes_too_late_is_not_kept(course: Callable[..., None]) -> None:
    learner = make()
    view = play(learner, *WAY[:2])
    course(due=datetime.now(UTC) - HOUR)
    assert learner.post("event", answer_to(view, TEXT))[0] == 409
    assert not Answer.objects.exists()


@pytest.mark.django_db
def test_the_debrief_is_read_and_a_plan_kept_after_the_last_day(course: Callable[..., None]) -> None:
    learner = make()
    play(learner, *WAY)
    course(due=datetime.now(UTC) - HOUR)
    assert learner.view()["debrief"]["again"] is False
    assert learner.post("plan", {"text": "Ask first."})[0] == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "dates",
    [
        {"due": None},
        {"due": datetime.now(UTC) + HOUR},
        {"due": datetime.now(UTC) - HOUR, "graceperiod": 2 * HOUR},
        {"due": "2001-01-01T00:00:00Z"},  # a preview keeps text
    ],
)
def test_before_the_last_day_and_in_the_grace_period_play_goes_on(
    course: Callable[..., None], dates: dict[str, Any]
) -> None:
    course(**dates)
    learner = make()
    assert play(learner, *WAY)["phase"] == "debrief"
    assert learner.view()["closed"] == ""


@pytest.mark.django_db
def test_a_date_without_a_zone_is_utc(course: Callable[..., None]) -> None:
    course(due=datetime(2001, 1, 1))
    assert make().block().closed


@pytest.mark.django_db
def test_staff_play_after_the_last_day(course: Callable[..., None]) -> None:
    course(due=datetime.now(UTC) - HOUR)
    learner = make()
    learner.role, learner.staff = "staff", True
    assert play(learner, *WAY)["phase"] == "debrief"


# -- what may be shown ------------------------------------------------------------------------------------------------

SECRETS = ("Because", "Police", "Papers", "Debt", "So.", "Clearly")
"""Of the case WHOLE: reasons, voices of the panel, names of indicators, the practised answer, the rubric."""


def told(learner: Learner) -> dict[str, Any]:
    debrief: dict[str, Any] = learner.view()["debrief"]
    return debrief


@pytest.mark.django_db
@pytest.mark.parametrize("shown", ["never", "never_but_include_grade", "past_due"])
def test_points_and_what_tells_them_are_held_back(course: Callable[..., None], shown: str) -> None:
    course(show_correctness=shown, due=datetime.now(UTC) + HOUR)
    learner = make()
    play(learner, *WORSE)
    debrief = told(learner)
    said = json.dumps(debrief)
    assert not [one for one in SECRETS if one in said]
    assert debrief["grade"] is None
    assert set(debrief["figures"].values()) == {0, "–"}
    assert not [one for one in debrief["way"] if one["tags"] or "hits" in one]
    assert "harm" not in debrief["map"]["wide"] + debrief["map"]["upright"]
    assert debrief["counted"] == f"<p>{WORDS['held_due' if shown == 'past_due' else 'held_never']}</p>"
    assert debrief["ending"]["title"] == "Bad"
    assert learner.post("student_view_user_state")[1]["grade"] is None


@pytest.mark.django_db
def test_a_reviewers_comment_is_held_back_with_the_points(course: Callable[..., None]) -> None:
    learner = make()
    play(learner, *WAY)
    review.review(Finish.objects.get().pk, "say", {"facts": 2}, "Well argued.", "9")
    _, view = learner.post("start")
    for one in WAY[:2]:
        _, view = learner.post("event", answer_to(view, one))
    assert "Well argued." in view["moment"]["task"]["said"]
    course(show_correctness="never")
    assert learner.view()["moment"]["task"]["said"] == ""


@pytest.mark.django_db
def test_points_come_when_the_last_day_is_over(course: Callable[..., None]) -> None:
    learner = make()
    play(learner, *WAY)
    course(show_correctness="past_due", due=datetime.now(UTC) - HOUR)
    assert told(learner)["figures"]["points"] == 6
    course(due=datetime.now(UTC) - HOUR, graceperiod=2 * HOUR)
    assert told(learner)["figures"]["points"] == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("shown", "points"), [("past_due", 6), ("never", 0)])
def test_staff_see_points_early_but_not_where_nobody_does(course: Callable[..., None], shown: str, points: int) -> None:
    course(show_correctness=shown, due=datetime.now(UTC) + HOUR)
    learner = make()
    play(learner, *WAY)
    learner.staff = True
    assert told(learner)["figures"]["points"] == points


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("when", "fields", "held"),
    [
        ("never", {}, "why_never"),
        ("past_due", {"due": datetime.now(UTC) + HOUR}, "why_later"),
        ("past_due", {"due": datetime.now(UTC) - HOUR}, ""),
        ("closed", {"max_attempts": 2}, "why_later"),
        ("closed", {"max_attempts": 1}, ""),
        ("after_all_attempts", {"max_attempts": 2}, "why_later"),
        ("after_all_attempts", {"max_attempts": 1}, ""),
        ("correct_or_past_due", {}, "why_later"),
        ("after_all_attempts_or_correct", {}, "why_later"),
        ("finished", {}, ""),
        ("attempted", {}, ""),
        ("always", {}, ""),
    ],
)
def test_explanations_come_when_the_course_says(
    course: Callable[..., None], when: str, fields: dict[str, Any], held: str
) -> None:
    learner = make(**{name: value for name, value in fields.items() if name == "max_attempts"})
    play(learner, *WAY)
    course(showanswer=when, **{name: value for name, value in fields.items() if name == "due"})
    debrief = told(learner)
    said = json.dumps(debrief)
    assert debrief["figures"]["points"] == 6
    if not held:
        assert debrief["decisions"] and "Because ask." in said and "<p>So.</p>" in said
        return
    assert WORDS[held] in debrief["counted"]
    assert not [one for one in ("Because", "Police", "<p>So.</p>") if one in said]
    assert debrief["writing"][0]["text"] == TEXT


@pytest.mark.django_db
def test_staff_see_explanations_early(course: Callable[..., None]) -> None:
    learner = make()
    play(learner, *WAY)
    course(showanswer="past_due", due=datetime.now(UTC) + HOUR)
    assert not told(learner)["decisions"]
    learner.staff = True
    assert told(learner)["decisions"]


@pytest.mark.django_db
def test_what_is_held_back_is_there_where_nothing_holds_it_back() -> None:
    learner = make()
    play(learner, *WORSE)
    said = json.dumps(told(learner))
    assert [one for one in SECRETS if one in said] == list(SECRETS)
    assert "harm" in told(learner)["map"]["wide"]


# -- who sees what ----------------------------------------------------------------------------------------------------


def test_the_case_is_made_for_small_screens() -> None:
    for kind in (CaseBlock, SentenceBlock, PlanBlock, JudgementsBlock):
        assert XBlock.has_support(kind, kind.student_view, "multi_device")  # type: ignore[arg-type]


@pytest.mark.django_db
def test_whoever_has_not_signed_in_reads_what_the_case_is() -> None:
    learner = make()
    learner.anonymous = None  # type: ignore[assignment]
    with CaptureQueriesContext(connection) as queries:
        fragment = shown(learner).public_view()
    assert "Practise." in fragment.content and "Care." in fragment.content and WORDS["sign_in"] in fragment.content
    assert not fragment.js_init_fn
    assert not [one for one in (*SECRETS, "Text.", "Do ask") if one in fragment.content]
    assert not queries.captured_queries
    assert learner.post("start")[1]["error"]["code"] == "not-stored"
    assert not learner.published


@pytest.mark.parametrize(("marks", "told"), [('translation="machine" review="draft"', True), ("", False)])
def test_a_draft_says_so_to_whoever_has_not_signed_in_too(marks: str, told: bool) -> None:
    learner = Learner(canonical().replace("<case ", f"<case {marks} ", 1), DictKeyValueStore())
    content = shown(learner).public_view().content
    assert [WORDS[key] in content for key in ("machine", "draft")] == [told, told]


@pytest.mark.django_db
def test_a_faulty_case_is_one_calm_line_to_whoever_has_not_signed_in() -> None:
    learner = Learner("<case/>", DictKeyValueStore())
    assert WORDS["faulty"] in shown(learner).public_view().content


@pytest.mark.django_db
def test_programs_are_told_what_everybody_may_know() -> None:
    block = make(max_attempts=3, weight=5).block()
    block.runtime._services.pop("user")  # a course is collected for nobody
    data = block.student_view_data()
    assert data == block.student_view_data(None)
    assert data["case"]["title"] == "Small"
    assert (data["max_attempts"], data["counts"], data["possible"]) == (3, "best", 5)
    said = json.dumps(data)
    assert not [one for one in (*SECRETS, "Text.", "Do ask", "Good", "papers") if one in said]


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_programs_are_told_how_far_a_learner_is(method: str) -> None:
    learner = make(max_attempts=2)

    def state() -> dict[str, Any]:
        response = learner.block().handle("student_view_user_state", Request.blank("/", method=method))
        assert response.status_code == 200
        told: dict[str, Any] = json.loads(response.body)
        return told

    assert state() == {
        "stored": True, "phase": "start", "attempt": None, "answered": 0, "finished": 0, "left": 2, "closes": None,
        "closed": False, "grade": None,
    }  # fmt: skip
    play(learner, *WAY[:2])
    assert (state()["phase"], state()["attempt"], state()["answered"]) == ("play", 1, 2)
    for one in WAY[2:]:
        learner.post("event", answer_to(learner.view(), one))
    assert (state()["phase"], state()["left"], state()["grade"]) == ("debrief", 1, {"earned": 8, "possible": 8})
    assert TEXT not in json.dumps(state(), ensure_ascii=False)


@pytest.mark.django_db
def test_search_finds_what_everybody_reads_first() -> None:
    index = make(display_name="Eleven men").block().index_dictionary()
    assert index["content"] == {
        "display_name": "Eleven men",
        "title": "Small",
        "practise": "Practise.",
        "opening": "a Text.",
    }


@pytest.mark.django_db
def test_search_gets_a_name_of_a_faulty_case() -> None:
    index = Learner("<case/>", DictKeyValueStore()).block().index_dictionary()
    assert index["content"] == {"display_name": "Case"}


@pytest.mark.django_db
def test_the_report_tells_no_text() -> None:
    learner = make()
    play(learner, *WAY)
    state = SimpleNamespace(username="mali", state={"attempt": learner.block().attempt})
    rows = list(CaseBlock.generate_report_data(learner.block(), iter([state])))
    assert [name for name, _ in rows] == ["mali"]
    assert TEXT not in json.dumps(rows, ensure_ascii=False)


# -- the dashboard ----------------------------------------------------------------------------------------------------


def override(learner: Learner, points: float) -> None:
    """As `override_score_module_state` of the platform's instructor_task calls it."""
    block = learner.block()
    assert 0 <= points <= block.max_score()
    weight = block.weight if block.weight is not None else 1
    block.set_score(Points(raw_earned=points / weight, raw_possible=block.max_score() / weight))
    block.publish_grade()
    block.save()


def rescore(learner: Learner, only_if_higher: bool) -> str:
    """As `rescore_problem_module_state` of the platform's instructor_task calls it."""
    block = learner.block()
    assert hasattr(block, "rescore")
    if not block.has_submitted_answer():
        return "skipped"
    block.rescore(only_if_higher=only_if_higher)
    block.save()
    return "succeeded"


@pytest.mark.django_db
@pytest.mark.parametrize("weight", [None, 3, 20])
def test_override_sets_the_points_in_edx_submissions_alone(weight: int | None) -> None:
    learner = make(weight=weight)
    play(learner, *WORSE)
    learner.published.clear()
    override(learner, 2)
    assert grade(learner) == (2, weight or 8)
    assert not learner.published
    assert ScoreAnnotation.objects.get().annotation_type == "casework-override"


@pytest.mark.django_db
def test_override_rounds_as_the_gradebook_does() -> None:
    learner = make(weight=10)
    play(learner, *WAY)
    override(learner, 2.5)
    assert grade(learner) == (3, 10)


@pytest.mark.django_db
def test_who_missed_the_last_day_can_be_given_points_and_play_later() -> None:
    learner = make()
    override(learner, 4)
    override(learner, 5)
    assert grade(learner) == (5, 8)
    assert Submission.objects.count() == 1
    assert learner.view()["phase"] == "start"
    play(learner, *WAY)
    assert grade(learner) == (8, 8)
    learner.block().clear_student_state(
        user_id="anon-1", course_id=Usage.context_key, item_id=str(learner.usage), requesting_user_id="9"
    )
    assert grade(learner) is None
    assert not Finish.objects.exists()


@pytest.mark.django_db
def test_rescore_lifts_an_override_and_measures_by_todays_settings() -> None:
    learner = make()
    play(learner, *WAY)
    play(learner, *WORSE)
    override(learner, 0)
    assert rescore(learner, only_if_higher=False) == "succeeded"
    assert grade(learner) == (8, 8)
    block = learner.block()
    block.weight, block.counts = 4, "latest"
    block.save()
    rescore(learner, only_if_higher=False)
    assert grade(learner) == (1, 4)
    # A review that comes later measures by the same.
    review.review(Finish.objects.order_by("id").last().pk, "say", {"facts": 2}, "", "9")  # type: ignore[union-attr]
    assert grade(learner) == (2, 4)


@pytest.mark.django_db
def test_rescore_only_if_higher_never_lowers() -> None:
    learner = make()
    play(learner, *WORSE)
    override(learner, 7)
    scores = Score.objects.count()
    rescore(learner, only_if_higher=True)
    assert grade(learner) == (7, 8)
    assert Score.objects.count() == scores
    override(learner, 0)
    rescore(learner, only_if_higher=True)
    assert grade(learner) == (1, 8)


@pytest.mark.django_db
def test_rescore_skips_who_finished_nothing() -> None:
    learner = make()
    play(learner, *WAY[:2])
    assert rescore(learner, only_if_higher=False) == "skipped"
    assert not StudentItem.objects.exists()


@pytest.mark.django_db
def test_the_dashboard_finds_its_methods_on_the_class() -> None:
    assert CaseBlock.has_score
    assert all(hasattr(CaseBlock, name) for name in ("rescore", "set_score", "has_submitted_answer", "publish_grade"))


@pytest.mark.django_db
def test_the_score_is_told_as_it_stands() -> None:
    learner = make()
    assert learner.block().get_score() == Points(0, 8)
    play(learner, *WAY)
    assert learner.block().get_score() == learner.block().calculate_score() == Points(8, 8)


# -- where nothing may be stored --------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("anonymous", "context"),
    [
        ("student", "course-v1:Casework+T+1"),  # Studio's preview
        ("anon-1", "lib:Casework:cases"),
        ("anon-1", "library-v1:Casework+cases"),
        (None, "course-v1:Casework+T+1"),
    ],
)
def test_outside_of_a_learners_course_nothing_is_stored_or_published(anonymous: str, context: str) -> None:
    learner = make()
    learner.anonymous, learner.usage = anonymous, type("Elsewhere", (str,), {"context_key": context})("lb:x:y:z")
    for handler, body in (("start", {}), ("event", {"id": "a" * 32}), ("plan", {"text": "x"})):
        assert learner.post(handler, body)[0] == 403
    assert learner.view()["stored"] is False
    block = shown(learner)
    block.student_view(), block.author_view(), block.public_view(), block.rescore(False)
    block.set_score(Points(1, 1))
    assert not block.has_submitted_answer()
    assert not learner.published
    assert not (Submission.objects.exists() or StudentItem.objects.exists() or Answer.objects.exists())


@pytest.mark.django_db
def test_staff_who_look_as_one_learner_change_nothing_of_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    learner = make()
    view = play(learner, *WAY[:2])
    learner.published.clear()
    monkeypatch.setattr("learners.Users._django_user", SimpleNamespace(real_user="staff"), raising=False)
    assert learner.post("event", answer_to(view, TEXT))[1]["error"]["code"] == "not-stored"
    assert learner.view()["moment"] == view["moment"]
    assert learner.view()["stored"] is False
    assert not learner.published
    assert not Answer.objects.exists()


@pytest.mark.django_db
def test_staff_who_read_a_learners_debrief_are_not_tracked_as_the_learner(monkeypatch: pytest.MonkeyPatch) -> None:
    learner = make()
    play(learner, *WAY)
    learner.published.clear()
    monkeypatch.setattr("learners.Users._django_user", SimpleNamespace(real_user="staff"), raising=False)
    assert learner.view()["phase"] == "debrief"
    assert not learner.published


# -- content ----------------------------------------------------------------------------------------------------------

ASIDE = '<tagging_aside xblock-family="xblock_asides.v1" tags="a"/>'


class Runtime(TestRuntime):
    """As the platform's: `parse_asides` takes asides out of the node, `get_asides` gives them for a block."""

    id_generator = None
    taken: tuple[str, ...] = ()

    def parse_asides(self, node: etree._Element, def_id: Any, usage_id: Any, id_generator: Any) -> list[Any]:
        found = [one for one in node if one.get("xblock-family") == "xblock_asides.v1"]
        for one in found:
            node.remove(one)
            self.taken += (one.tag,)
        return found

    def get_asides(self, block: Any) -> list[Any]:
        return [SimpleNamespace(scope_ids=SimpleNamespace(block_type=name)) for name in (*self.taken, "another")]


class WithAsides(CaseBlock):
    def add_aside(self, aside: Any) -> None:
        self.kept = [*getattr(self, "kept", []), aside.scope_ids.block_type]


def parsed(runtime: TestRuntime, source: str) -> Any:
    runtime.add_node_as_child = None  # type: ignore[method-assign,assignment]
    return WithAsides.parse_xml(etree.fromstring(source), runtime, ScopeIds(None, "casework-case", "d", "u"))


def test_asides_are_kept_and_are_no_content() -> None:
    source = f'<casework-case url_name="small">{canonical()}{ASIDE}</casework-case>'
    block = parsed(Runtime(services={"field-data": KvsFieldData(DictKeyValueStore())}), source)
    assert block.content == canonical()
    assert block.kept == ["tagging_aside"]


def test_an_aside_that_nobody_reads_is_no_content() -> None:
    runtime = TestRuntime(services={"field-data": KvsFieldData(DictKeyValueStore())})
    block = parsed(runtime, f'<casework-case url_name="small">{ASIDE}{canonical()}</casework-case>')
    assert block.content == canonical()


def test_what_libraries_cannot_keep_is_said_to_the_author() -> None:
    long = WHOLE.replace('lang="en"', 'lang="my"').replace("Practise.", "စာ " * 17_000)
    _, findings = check.parse(long)
    assert "library-size" in {one.code for one in findings}
    assert check.is_sound(findings)
    assert "library-size" not in {one.code for one in check.parse(WHOLE)[1]}
    author = shown(Learner(long, DictKeyValueStore())).author_view().content
    assert "library-size" in author


def test_our_blocks_have_no_children() -> None:
    assert not [kind for kind in (CaseBlock, SentenceBlock, PlanBlock, JudgementsBlock) if kind.has_children]


@pytest.mark.django_db
def test_static_addresses_are_expanded_when_shown_and_never_in_the_content() -> None:
    case = WHOLE.replace("Practise.", "![Map](/static/map.png)")
    learner = Learner(canonical(case), DictKeyValueStore())
    block = shown(learner)
    service = SimpleNamespace(
        replace_urls=lambda text: text.replace('"/static/', '"/asset/').replace('\\"/static/', '\\"/asset/')
    )
    block.runtime._services["replace_urls"] = service
    for content in (block.public_view().content, json.dumps(block.student_view().json_init_args)):
        assert "/asset/map.png" in content and "/static/map.png" not in content
    assert "/static/map.png" in block.content


# -- the page ---------------------------------------------------------------------------------------------------------

SCRIPTS = sorted(ROOT.glob("xblocks/casework/blocks/*/public/*.js"))
STYLES = sorted(ROOT.glob("xblocks/casework/blocks/*/public/*.css"))


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_in_a_frame_nothing_is_fixed_and_nothing_scrolls_by_itself(path: Path) -> None:
    # A wide drawing scrolls sideways in itself; it has no height of its own.
    style = path.read_text(encoding="utf-8").replace(".cw-map{overflow:auto}", "")
    assert not re.search(
        r"position:\s*(fixed|sticky)|\d(vh|vmin|vmax|dvh|svh|lvh)\b|overflow(-y)?:\s*(scroll|auto)", style
    )
    assert not re.search(r"@import|url\(\s*[\"']?https?:", style)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_in_a_frame_nothing_is_modal(path: Path) -> None:
    script = path.read_text(encoding="utf-8")
    assert not re.search(r"showModal|\b(alert|confirm|prompt)\(|plugin\.modal|<dialog|h\(\"dialog|window\.open", script)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_takes_a_node_or_jquery_around_one(path: Path) -> None:
    script = path.read_text(encoding="utf-8")
    assert re.search(
        r"element instanceof Element \? element : element\[0\]|element\[0\] \|\| element|element\[0\] \?\? element",
        script,
    )


# -- tracking and completion ------------------------------------------------------------------------------------------


def tracked(learner: Learner) -> list[tuple[str, dict[str, Any]]]:
    return [(name, data) for name, data in learner.published if name.startswith("casework.case.")]


@pytest.mark.django_db
def test_what_was_decided_is_tracked_without_a_text() -> None:
    learner = make()
    play(learner, *WAY)
    learner.view()
    about = {"case": "small", "version": learner.block().reading.fingerprint[:10], "attempt": 1}
    assert tracked(learner) == [
        ("casework.case.start", about | {"variant": ""}),
        (
            "casework.case.spot",
            about
            | {
                "task": "look",
                "marked": ["indicator:debt", "indicator:papers"],
                "ms": 1000,
                "hits": 2,
                "targets": 2,
                "false": 0,
            },
        ),
        ("casework.case.decision", about | {"task": "who", "answer": "ask", "sure": 1, "ms": 1000}),
        ("casework.case.decision", about | {"task": "news", "answer": 1, "sure": None, "ms": 1000}),
        ("casework.case.ending", about | {"ending": "good", "outcome": "protective", "steps": 4}),
        ("casework.case.debrief", about),
        ("casework.case.debrief", about),
    ]
    assert TEXT not in json.dumps(learner.published, ensure_ascii=False)


@pytest.mark.django_db
def test_an_event_that_comes_twice_or_is_set_aside_is_not_tracked_again() -> None:
    learner = make()
    _, view = learner.post("start")
    event = answer_to(view, WAY[0])
    learner.post("event", event)
    before = len(tracked(learner))
    learner.post("event", event)
    learner.post("event", answer_to(view, "rice"))
    learner.post("event", {**event, "id": "b" * 32})
    learner.post("event", {"id": "c" * 32})
    assert len(tracked(learner)) == before


@pytest.mark.django_db
def test_tracking_asks_the_database_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def queries() -> int:
        learner = make()
        learner.anonymous = f"anon-{len(seen)}"
        _, view = learner.post("start")
        with CaptureQueriesContext(connection) as captured:
            learner.post("event", answer_to(view, WAY[0]))
        seen.append(len(captured))
        return seen[-1]

    seen: list[int] = []
    with_it = queries()
    monkeypatch.setattr(CaseBlock, "track", lambda self, name, attempt, **said: None)
    assert queries() == with_it


@pytest.mark.django_db
def test_a_finished_case_is_completed_once_and_by_nothing_else() -> None:
    learner = make()
    play(learner, *WAY[:3])
    assert "completion" not in dict(learner.published)
    learner.post("event", answer_to(learner.view(), WAY[3]))
    assert [data for name, data in learner.published if name == "completion"] == [{"completion": 1.0}]
    assert CaseBlock.has_custom_completion


@pytest.mark.django_db
def test_grades_are_never_published_beside_edx_submissions() -> None:
    learner = make()
    play(learner, *WAY)
    override(learner, 1)
    rescore(learner, only_if_higher=False)
    assert "grade" not in {name for name, _ in learner.published}
    assert submissions.get_score(
        {"course_id": Usage.context_key, "item_id": str(learner.usage), "student_id": "anon-1"}
    )
