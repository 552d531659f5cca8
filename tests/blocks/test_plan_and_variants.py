"""What comes after an ending: the learner's own plan, and the same facts with another person. Pictures, help and the way out
on the wire stand here too, since a variant tells them as well."""

from __future__ import annotations

import copy
import json
import logging
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from submissions.models import Submission
from web_fragments.fragment import Fragment
from xblock.runtime import DictKeyValueStore

from cases import WHOLE
from casework.blocks.case.block import CaseBlock
from casework.review import api as review
from casework.review.models import Answer, Finish, Written
from casework.scenario import log, variant, xml
from learners import Learner, answer_to

PLAN = "ครั้งหน้าฉันจะถามทีละคน 🧭 “ទីមួយ” <b>&amp;</b>"
WORDS = "what was written as an answer"


def canonical(source: str) -> str:
    return xml.canonical(xml.tree(source, "case"))


def learner_of(source: str, **settings: Any) -> Learner:
    return Learner(canonical(source), DictKeyValueStore(), settings=settings)


def play(learner: Learner, *wanted: str) -> list[dict[str, Any]]:
    """Every view of a play from its start; without answers, of the whole good way."""
    _, view = learner.post("start")
    views = [view]
    for one in wanted or ("a debt", "Do ask now.", WORDS, "1"):
        status, view = learner.post("event", answer_to(view, one))
        assert status == 200, view
        views.append(view)
    return views


def page(learner: Learner) -> Fragment:
    """The page as the platform takes it."""
    block = learner.block()
    block.runtime.local_resource_url = lambda block, path: f"/{path}"
    return block.student_view({})


def edit(learner: Learner, was: str, now: str) -> None:
    """An author's edit."""
    block = learner.block()
    assert was in block.content
    block.content = canonical(block.content.replace(was, now))
    block.save()


def place_of(learner: Learner) -> review.Place:
    place = learner.block().place
    assert place is not None
    return place


# -- the plan ---------------------------------------------------------------------------------------------------------


def kept(learner: Learner) -> str | None:
    plan = learner.view()["plan"]
    return plan and plan["text"]


def test_a_plan_is_refused_before_an_attempt_is_finished(learner: Learner) -> None:
    assert learner.post("plan", {"text": PLAN})[0] == 409
    play(learner, "a debt")
    status, answer = learner.post("plan", {"text": PLAN})
    assert (status, answer["error"]["code"]) == (409, "not-finished")
    assert not Answer.objects.exists()


@pytest.mark.parametrize("text", [None, 3, True, ["x"], {"x": "y"}, "ก" * (review.LONGEST_PLAN + 1)])
def test_a_plan_of_another_shape_or_too_long_is_refused_and_the_one_before_stays(
    learner: Learner, text: object
) -> None:
    play(learner)
    learner.post("plan", {"text": PLAN})
    state = copy.deepcopy(learner.block().attempt)
    status, answer = learner.post("plan", {"text": text})
    assert (status, answer["error"]["code"]) == (400, "malformed")
    assert kept(learner) == PLAN
    assert learner.block().attempt == state


def test_a_plan_without_text_is_refused(learner: Learner) -> None:
    play(learner)
    assert learner.post("plan", {})[0] == 400


def test_a_plan_may_be_as_long_as_it_may_be(learner: Learner) -> None:
    play(learner)
    text = "🧭" * review.LONGEST_PLAN
    assert learner.post("plan", {"text": f"  {text}\n"})[0] == 200
    assert kept(learner) == text


@pytest.mark.parametrize(
    "change", [{"anonymous": ""}, {"anonymous": "student"}, {"usage": "lb:Casework:lib:casework-case:small"}]
)
def test_no_plan_is_kept_where_nothing_is_stored(learner: Learner, change: dict[str, Any]) -> None:
    play(learner)
    status, answer = replace(learner, **change).post("plan", {"text": PLAN})
    assert (status, answer["error"]["code"]) == (403, "not-stored")
    assert kept(learner) is None


def test_a_plan_comes_by_post_alone(learner: Learner) -> None:
    assert learner.post("plan", method="GET")[0] == 405


def test_a_plan_comes_back_in_the_answer_and_in_every_view_after(learner: Learner) -> None:
    assert learner.view()["plan"] is None
    play(learner)
    status, view = learner.post("plan", {"text": f"  {PLAN}\n"})
    assert (status, view["plan"]["text"], view["plan"]["due"]) == (200, PLAN, False)
    assert learner.view() == view
    assert [one["plan"] for one in play(learner, "rice")] == [view["plan"]] * 2


def test_another_plan_replaces_the_one_before(learner: Learner) -> None:
    play(learner)
    for text in ("one", "two", "three"):
        learner.post("plan", {"text": text})
    assert kept(learner) == "three"
    assert [one.text for one in Answer.objects.filter(task="")] == ["three"]
    play(learner)
    learner.post("plan", {"text": "after another attempt"})
    assert [one.text for one in Answer.objects.filter(task="")] == ["after another attempt"]


@pytest.mark.parametrize("text", ["", " \n\t", "\x00"])
def test_an_empty_plan_forgets_it(learner: Learner, text: str) -> None:
    play(learner)
    learner.post("plan", {"text": PLAN})
    assert learner.post("plan", {"text": text})[1]["plan"] is None
    assert [one.task for one in Answer.objects.all()] == ["say"]


def aged(days: float) -> None:
    row = Answer.objects.get(task="")
    Answer.objects.filter(pk=row.pk).update(created=row.created - timedelta(days=days))


def test_the_same_plan_again_keeps_its_day(learner: Learner) -> None:
    play(learner)
    learner.post("plan", {"text": PLAN})
    aged(3)
    before = learner.view()["plan"]
    _, view = learner.post("plan", {"text": f" {PLAN} "})
    assert view["plan"] == before
    learner.post("plan", {"text": "another"})
    assert learner.view()["plan"]["at"] > before["at"]


@pytest.mark.parametrize(("days", "due"), [(0, False), (13.99, False), (14, True), (400, True)])
def test_a_plan_is_due_after_two_weeks(learner: Learner, days: float, due: bool) -> None:
    play(learner)
    learner.post("plan", {"text": PLAN})
    aged(days)
    assert learner.view()["plan"]["due"] is due


def test_another_learner_never_sees_a_plan_and_does_not_touch_it(learner: Learner) -> None:
    play(learner)
    learner.post("plan", {"text": PLAN})
    other = replace(learner, anonymous="anon-2", store=DictKeyValueStore())
    for view in [other.view(), *play(other)]:
        assert PLAN not in json.dumps(view, ensure_ascii=False)
        assert view["plan"] is None
    other.post("plan", {"text": ""})
    assert kept(learner) == PLAN
    other.post("plan", {"text": "mine"})
    assert (kept(learner), kept(other)) == (PLAN, "mine")


def test_a_plan_stands_in_answers_and_nowhere_else(learner: Learner, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    play(learner)
    state = copy.deepcopy(learner.block().attempt)
    learner.post("plan", {"text": "a plan nobody reads"})
    assert learner.block().attempt == state
    play(learner)
    assert "nobody reads" not in json.dumps(learner.block().attempt)
    assert "nobody reads" not in json.dumps([one.answer for one in Submission.objects.all()])
    assert "nobody reads" not in json.dumps(learner.published)
    said = [record for record in caplog.records if not record.name.startswith("django.db")]
    assert said
    assert not any("nobody reads" in record.getMessage() for record in said)
    assert {one.task for one in Written.objects.all()} == {"say"}


def test_a_plan_is_no_written_answer_of_the_debrief(learner: Learner) -> None:
    before = play(learner)[-1]["debrief"]
    _, view = learner.post("plan", {"text": PLAN})
    assert view["debrief"] == before


def test_a_reset_takes_the_plan(learner: Learner) -> None:
    play(learner)
    learner.post("plan", {"text": PLAN})
    place = place_of(learner)
    learner.block().clear_student_state(place.student_id, place.course_id, place.item_id, "9")
    assert review.plan(place) is None
    assert not Answer.objects.exists()


def test_what_no_database_takes_is_left_out_of_a_plan(learner: Learner) -> None:
    play(learner)
    status, view = learner.post("plan", {"text": "a\x00b\ud83dc\udc00 🧭"})
    assert (status, view["plan"]["text"]) == (200, "ab\ufffdc\ufffd 🧭")
    assert learner.post("plan", {"text": "a\x00b\ud83dc\udc00 🧭"})[1]["plan"] == view["plan"]


# -- the same facts with another person -------------------------------------------------------------------------------

SKETCH = """<document id="sketch" kind="image"><title>Sketch of {name}</title>
<image src="/static/small-gate.png">A *gate*, and {name} before it.</image></document>"""
TOLD = (
    WHOLE.replace(
        "<variable",
        """<variant id="boy"><title>Titled with a boy</title><word id="name">Dara</word></variant>
        <variant id="girl"><title>Titled with a girl</title><word id="name">Sophea</word></variant><variable""",
        1,
    )
    .replace("<title>Small", "<title>Small, {name}", 1)
    .replace("Text.", "Here is {name}. [The gate](/static/small-gate.png)", 1)
    .replace("papers kept", "{name} has no papers", 1)
    .replace('by="One"', 'by="{name}"', 1)
    .replace("What?", "What with {name}?", 1)
    .replace("<reply>After ask.", "<reply>After {name} was asked.", 1)
    .replace("<title>Good", "<title>Good for {name}", 1)
    .replace('<document id="note"', SKETCH + '<document id="note"', 1)
    .replace('<open document="note"/>', '<open document="note"/><open document="sketch"/>', 1)
)
NAME = {"boy": "Dara", "girl": "Sophea"}
TITLE = {"boy": "Titled with a boy", "girl": "Titled with a girl"}
PERSONS = ("boy", "girl")


def other_than(name: str) -> str:
    return next(one for one in PERSONS if one != name)


@pytest.fixture
def told(db: None) -> Learner:
    return learner_of(TOLD)


def test_a_learner_keeps_the_person_over_reloads_and_meets_the_other_one_then(told: Learner) -> None:
    before = told.view()["case"]["title"]
    views = play(told)
    first = Finish.objects.get().variant
    assert before == f"Small, {NAME[first]}"
    for view in [*views, *(told.view() for _ in range(3))]:
        assert view["case"]["title"] == before
    assert f"Here is {NAME[first]}." in views[0]["moment"]["passages"][0]["html"]
    second = play(told)
    assert {view["case"]["title"] for view in second} == {f"Small, {NAME[other_than(first)]}"}
    assert [one.variant for one in Finish.objects.order_by("id")] == [first, other_than(first)]


def test_learners_begin_with_one_person_or_the_other(db: None) -> None:
    began = {
        replace(learner_of(TOLD), anonymous=f"anon-{number}").view()["case"]["title"].split()[-1]
        for number in range(20)
    }
    assert began == set(NAME.values())


@pytest.mark.parametrize("attempts", [1, 2])
def test_no_view_before_an_ending_holds_a_variants_title_or_the_others_words(told: Learner, attempts: int) -> None:
    for _ in range(attempts):
        seen = [told.view()] if told.view()["phase"] == "start" else []
        seen += play(told)[:-1]
        played = Finish.objects.latest("id").variant
        text = json.dumps(seen)
        assert NAME[played] in text
        assert NAME[other_than(played)] not in text
        for word in ("Titled", "variant", '"boy"', '"girl"', "{name}"):
            assert word not in text, word


def test_the_page_itself_tells_no_more_than_a_view(told: Learner) -> None:
    first = variant.drawn(told.block().reading.case, told.anonymous)  # type: ignore[arg-type]
    text = json.dumps(page(told).to_dict())
    assert NAME[first] in text
    assert NAME[other_than(first)] not in text
    assert "Titled" not in text


CHANGES = [
    ("Titled with a boy", "Somebody else"), ("Titled with a girl", "Nobody"),
    ('points="4"', 'points="9"'), ('points="2"', 'points="5"'), ('role="key"', 'role="weak"'), ("Because ask.", "Otherwise."),
    ('outcome="protective"', 'outcome="partly"'), ('option="ask">Yes', 'option="send">Never'),
    ("(decoy:rice)", "(indicator:debt/7)"), ("<practised>So.", "<practised>Other."),
]  # fmt: skip


def test_nothing_of_a_case_with_variants_tells_before_it_may_be_seen(told: Learner) -> None:
    """The golden leak test once more: titles, points, roles, reasons, panel and marks all changed, the bytes the same."""
    changed = TOLD
    for was, now in CHANGES:
        assert was in changed
        changed = changed.replace(was, now)
    seen = []
    for one in (told, learner_of(changed)):
        views = [one.view()]
        _, view = one.post("start")
        views.append(view)
        for answer in ({"answer": []}, "Do ask now.", "my words"):
            body = {**answer_to(view, "a debt"), **answer} if isinstance(answer, dict) else answer_to(view, answer)
            status, view = one.post("event", body)
            assert status == 200
            views.append(view)
        seen.append(scrubbed(views))
    assert seen[0] == seen[1]


def scrubbed(views: list[dict[str, Any]]) -> str:
    """Without what is another attempt's: its id, its start, and the hidden names; and without the case's version, which says
    that something is another, not what."""
    text = json.dumps([{**view, "version": ""} for view in views])
    for view in views:
        for value in (view["attempt"] or {}).values():
            text = text.replace(json.dumps(value), '"A"') if isinstance(value, str) else text
    names: dict[str, str] = {}
    return re.sub(r"\b([0-9a-f]{12}|[0-9a-f]{32})\b", lambda match: names.setdefault(match[0], f"n{len(names)}"), text)


def test_after_the_first_ending_the_other_person_is_offered_and_nothing_compared(told: Learner) -> None:
    end = play(told)[-1]["debrief"]
    assert (end["other"], end["compared"]) == (True, None)


def test_after_both_the_decisions_stand_side_by_side_in_the_cases_order(told: Learner) -> None:
    play(told)
    end = play(told, "rice", "Do send now.", WORDS, "0", "Do leave now.")[-1]["debrief"]
    first, second = (one.variant for one in Finish.objects.order_by("id"))
    compared = end["compared"]
    assert end["other"] is False
    assert compared["titles"] == [TITLE[one] for one in PERSONS]
    ending = {first: f"Good for {NAME[first]}", second: "Bad"}
    assert compared["endings"] == [ending[one] for one in PERSONS]
    # `again` has no panel, so it is no key decision; `look`, `say` and `news` are no decisions at all.
    (row,) = compared["rows"]
    assert row["ask"] == "What with Dara? / What with Sophea?"
    cells = {
        first: {"html": "Do ask now.", "sure": 1, "tags": ["key"]},
        second: {"html": "Do send now.", "sure": 1, "tags": ["harm"]},
    }
    assert row["cells"] == [cells[one] for one in PERSONS]


def skip(learner: Learner) -> dict[str, Any]:
    view = learner.view()
    body = {"id": "skip-it-now", "prev": view["head"], "task": "", "answer": None, "sure": None, "ms": 1}
    status, view = learner.post("event", body)
    assert status == 200, view
    return view


def test_a_decision_that_was_met_with_one_person_alone_has_an_empty_cell(told: Learner) -> None:
    play(told)
    _, view = told.post("start")
    skip(told)
    for wanted in (WORDS, "1"):
        _, view = told.post("event", answer_to(told.view(), wanted))
    second = Finish.objects.latest("id").variant
    (row,) = view["debrief"]["compared"]["rows"]
    assert row["cells"][PERSONS.index(second)] == {"html": "", "sure": None, "tags": []}
    assert row["cells"][PERSONS.index(other_than(second))]["html"] == "Do ask now."


def test_a_decision_that_was_never_met_has_no_row(told: Learner) -> None:
    for _ in range(2):
        told.post("start")
        view = skip(told)
        for wanted in (WORDS, "1"):
            _, view = told.post("event", answer_to(view, wanted))
    assert view["debrief"]["compared"]["rows"] == []


def test_the_first_attempt_with_each_person_counts_whatever_follows(told: Learner) -> None:
    play(told)
    both = play(told)[-1]["debrief"]["compared"]
    third = play(told, "rice", "Do send now.", WORDS, "0", "Do leave now.")[-1]["debrief"]
    assert third["ending"]["title"] == "Bad"
    assert third["compared"] == both
    assert Finish.objects.count() == 3


def test_with_one_attempt_nobody_is_offered_another_person(db: None) -> None:
    end = play(learner_of(TOLD, max_attempts=1))[-1]["debrief"]
    assert (end["again"], end["other"], end["compared"]) == (False, False, None)


def test_a_case_without_variants_offers_and_compares_nothing(learner: Learner) -> None:
    end = play(learner)[-1]["debrief"]
    assert (end["other"], end["compared"]) == (False, None)
    assert Finish.objects.get().variant == ""


def test_the_finish_and_the_submission_carry_the_variant(told: Learner) -> None:
    play(told)
    first = variant.drawn(told.block().reading.case, told.anonymous)  # type: ignore[arg-type]
    assert Finish.objects.get().variant == Submission.objects.get().answer["variant"] == first


@pytest.mark.parametrize("gone", PERSONS)
def test_a_finished_attempt_with_a_person_whom_an_author_has_taken_out_is_told_as_it_was(
    told: Learner, gone: str
) -> None:
    before = play(told)[-1]
    edit(told, f'<variant id="{gone}">', '<variant id="child">')
    after = told.view()
    assert after["phase"] == "debrief"
    assert after["debrief"] == before["debrief"]


@pytest.mark.parametrize("gone", PERSONS)
def test_an_attempt_that_runs_when_an_author_takes_its_person_out_goes_on(told: Learner, gone: str) -> None:
    play(told, "a debt")
    edit(told, f'<variant id="{gone}">', '<variant id="child">')
    view = told.view()
    for wanted in ("Do ask now.", WORDS, "1"):
        assert "{name}" not in json.dumps(view)
        _, view = told.post("event", answer_to(view, wanted))
    assert view["phase"] == "debrief"
    assert view["trail"] == ["spot", "choose", "write", "judge"]
    assert view["debrief"]["ending"]["title"] in {"Good for Dara", "Good for Sophea"}
    assert told.view() == {**view, "result": ""}


def test_an_attempt_goes_on_when_an_author_takes_all_variants_out(told: Learner) -> None:
    play(told, "a debt")
    block = told.block()
    block.content = canonical(WHOLE)
    block.save()
    view = told.view()
    for wanted in ("Do ask now.", WORDS, "1"):
        _, view = told.post("event", answer_to(view, wanted))
    assert (view["phase"], view["debrief"]["other"], view["debrief"]["compared"]) == ("debrief", False, None)


def test_an_attempt_from_before_there_were_variants_still_loads(told: Learner) -> None:
    play(told, "a debt")
    block = told.block()
    old = {key: value for key, value in block.attempt.items() if key != "variant"}
    block.attempt = old
    block.save()
    loaded = log.attempt(old)
    assert loaded is not None
    assert (loaded.variant, loaded.json()["variant"]) == ("", "")
    view = told.view()
    assert (view["phase"], view["case"]["title"]) == ("play", "Small, Dara")  # the first person's words
    for wanted in ("Do ask now.", WORDS, "1"):
        _, view = told.post("event", answer_to(view, wanted))
    assert (view["debrief"]["other"], view["debrief"]["compared"]) == (True, None)
    assert Finish.objects.get().variant == ""


def test_every_side_has_a_title_when_variants_were_gone_for_a_while(told: Learner) -> None:
    play(told, "a debt")
    block = told.block()
    block.content = canonical(WHOLE)
    block.save()
    for wanted in ("Do ask now.", WORDS, "1"):
        told.post("event", answer_to(told.view(), wanted))
    block = told.block()
    block.content = canonical(TOLD)
    block.save()
    compared = play(told)[-1]["debrief"]["compared"]
    assert compared is None or len(compared["titles"]) == len(compared["endings"]) == 2


# -- pictures, help and the way out -----------------------------------------------------------------------------------


class Replaced:
    """The platform's service, as far as these tests need it: it knows quoted addresses below /static/ alone."""

    def replace_urls(self, text: str) -> str:
        return re.sub(r"(\\?[\"'])/static/([^\"'\\]+)", r"\1/asset-v1:Casework+T+1+type@asset+block@\2", text)


@dataclass
class OnAPlatform(Learner):
    def block(self) -> CaseBlock:
        block = super().block()
        block.runtime._services["replace_urls"] = Replaced()
        return block


def documents_of(view: dict[str, Any]) -> dict[str, Any]:
    return {one["title"].split()[0]: one for one in view["file"] or view["debrief"]["documents"]}


def test_a_picture_travels_as_its_address_and_a_plain_alternative(told: Learner) -> None:
    view = play(told, "a debt")[0]
    name = view["case"]["title"].split()[-1]
    papers = documents_of(view)
    assert papers["Sketch"]["image"] == ["/static/small-gate.png", f"A gate, and {name} before it."]
    assert papers["Sketch"]["kind"] == "image"
    assert papers["Note"]["image"] is None


SPOTTED = (
    TOLD.replace("</image>", "</image><part by=\"Below\">[a rope](indicator:debt/3)</part>")
    .replace('<spot id="look" document="note"', '<spot id="look" document="sketch"')
)  # fmt: skip


def test_addresses_become_the_platforms_on_the_way_and_afterwards(db: None) -> None:
    learner = OnAPlatform(canonical(SPOTTED), DictKeyValueStore())
    views = play(learner, "a rope", "Do ask now.", WORDS, "1")
    address = "/asset-v1:Casework+T+1+type@asset+block@small-gate.png"
    assert documents_of(views[0])["Sketch"]["image"][0] == address
    assert f'href="{address}"' in views[0]["moment"]["passages"][0]["html"]
    assert views[-1]["debrief"]["documents"][0]["image"][0] == address
    for view in [*views, learner.view()]:
        assert '"/static/' not in json.dumps(view)
    assert '"/static/' not in json.dumps(page(learner).json_init_args)


def test_addresses_of_a_finished_attempt_are_the_platforms_when_the_case_of_today_has_none(db: None) -> None:
    learner = OnAPlatform(canonical(SPOTTED), DictKeyValueStore())
    before = play(learner, "a rope", "Do ask now.", WORDS, "1")[-1]["debrief"]
    block = learner.block()
    block.content = canonical(WHOLE)
    block.save()
    assert learner.view()["debrief"] == before


def test_help_and_the_way_out_are_on_the_wire_from_the_start(db: None) -> None:
    source = WHOLE.replace(
        "<care>Care.</care>", "<care>Care.</care><help>Call *somebody*.\n\nOr write.</help>"
    ).replace('lang="en"', 'lang="en" exit="https://example.org/weather"')
    for view in (learner := learner_of(source)).view(), *play(learner):
        assert view["case"]["help"] == "<p>Call <em>somebody</em>.</p>\n<p>Or write.</p>"
        assert view["case"]["exit"] == "https://example.org/weather"


def test_a_case_without_help_or_a_way_out_says_so(learner: Learner) -> None:
    for view in (learner.view(), *play(learner)):
        assert (view["case"]["help"], view["case"]["exit"]) == ("", "")
