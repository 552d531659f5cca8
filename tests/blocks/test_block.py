"""The block through its handlers, on XBlock's runtime, real fields and the real edx-submissions."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree
from submissions.models import Score, Submission
from xblock.fields import ScopeIds
from xblock.runtime import DictKeyValueStore, KvsFieldData
from xblock.test.tools import TestRuntime

from cases import WHOLE
from casework.blocks.case.block import CaseBlock
from casework.review import api as review
from casework.review.models import Answer
from casework.scenario import xml
from learners import Learner, answer_to

WORDS = "พวกเขาเป็นหนี้ ကြွေးမြီ 🔋 <script>alert(1)</script>"
WAY = ["a debt, papers kept", "Do ask now.", WORDS, "1"]


def play(learner: Learner, *wanted: str) -> dict[str, Any]:
    view = learner.view()
    if view["phase"] != "play":
        _, view = learner.post("start")
    for one in wanted:
        status, view = learner.post("event", answer_to(view, one))
        assert status == 200, view
    return view


def test_a_learner_plays_to_an_ending_and_sees_the_debrief(learner: Learner) -> None:
    assert learner.view()["phase"] == "start"
    view = play(learner, *WAY)
    assert view["phase"] == "debrief"
    debrief = view["debrief"]
    assert debrief["ending"]["title"] == "Good"
    assert debrief["figures"] | {"points": 6, "maximum": 8, "waiting": 2, "harmful": 0} == debrief["figures"]
    assert debrief["writing"][0]["text"] == WORDS
    assert debrief["grade"] == {"earned": 8, "possible": 8}
    assert ("completion", {"completion": 1.0}) in learner.published


def test_a_learner_leaves_in_the_middle_and_comes_back(learner: Learner) -> None:
    before = play(learner, *WAY[:2])
    again = learner.view()
    assert again["moment"] == before["moment"]
    assert again["trail"] == ["spot", "choose"]
    assert again["last"]["reply"] == "<p>After ask.</p>"


def test_the_written_text_stands_in_answers_and_nowhere_else(learner: Learner) -> None:
    play(learner, *WAY)
    assert [one.text for one in Answer.objects.all()] == [WORDS]
    stored = json.dumps([list(one) for one in learner.store.db_dict.values()] if hasattr(learner.store, "db_dict") else
                        learner.block().attempt)  # fmt: skip
    assert "alert" not in stored
    assert "alert" not in json.dumps([one.answer for one in Submission.objects.all()])


def test_a_review_reaches_the_learner_and_changes_the_score(learner: Learner) -> None:
    play(learner, *WAY)
    place = learner.block().place
    assert place is not None
    done = review.finishes(place)[0]
    review.review(done.id, "say", {"facts": 0}, "Say which words told you.", "7")
    view = learner.view()
    writing = view["debrief"]["writing"][0]
    assert (writing["state"], writing["comment"], writing["rows"][0]["given"]) == (
        "reviewed",
        "Say which words told you.",
        0,
    )
    assert view["debrief"]["grade"] == {"earned": 6, "possible": 8}
    assert Score.objects.latest("id").points_earned == 6


def test_another_attempt_may_follow_and_the_best_counts(learner: Learner) -> None:
    play(learner, *WAY)
    view = play(learner, "rice", "Do send now.", "words", "0", "Do leave now.")
    assert view["attempt"]["number"] == 2
    assert view["debrief"]["ending"]["title"] == "Bad"
    assert view["debrief"]["grade"] == {"earned": 8, "possible": 8}


def test_attempts_are_limited_where_the_author_says_so(learner: Learner) -> None:
    learner.settings = {"max_attempts": 1}
    view = play(learner, *WAY)
    assert (view["left"], view["debrief"]["again"]) == (0, False)
    status, answer = learner.post("start")
    assert (status, answer["error"]["code"]) == (409, "no-attempts")


def test_a_weight_is_what_is_possible(learner: Learner) -> None:
    learner.settings = {"weight": 10}
    assert learner.block().max_score() == 10
    assert play(learner, *WAY)["debrief"]["grade"] == {"earned": 10, "possible": 10}


def test_a_lost_reply_is_sent_again_and_nothing_is_doubled(learner: Learner) -> None:
    view = play(learner, *WAY[:3])
    last = answer_to(view, "1")
    assert learner.post("event", last)[1]["result"] == "accepted"
    status, again = learner.post("event", last)
    assert (status, again["result"], again["phase"]) == (200, "known", "debrief")
    assert Submission.objects.count() == 1


def test_an_overtaken_written_answer_is_kept_aside(learner: Learner) -> None:
    view = play(learner, *WAY[:2])
    first, second = answer_to(view, "mine"), {**answer_to(view, "from another window"), "id": "othertab1"}
    learner.post("event", first)
    status, told = learner.post("event", second)
    assert (status, told["result"], told["aside"]) == (200, "aside", 1)
    assert {(one.text, one.aside) for one in Answer.objects.all()} == {("mine", False), ("from another window", True)}


def changed_bodies() -> list[dict[str, Any] | bytes]:
    return [
        {"id": "x"},
        {"task": "who"},
        {"task": "000000000000"},
        {"answer": "ask"},
        {"answer": None},
        {"answer": {"$ne": 1}},
        {"sure": 7},
        {"prev": 3},
        {"ms": -5},
    ]


@pytest.mark.parametrize("change", changed_bodies())
def test_a_malformed_event_is_refused_and_the_state_is_unchanged(learner: Learner, change: dict[str, Any]) -> None:
    view = play(learner, WAY[0])
    before = copy.deepcopy(learner.block().attempt)
    status, answer = learner.post("event", {**answer_to(view, "Do ask now."), **change})
    assert (status, answer["error"]["code"]) == (400, "malformed")
    assert learner.block().attempt == before


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{", b"nul", b"[" * 100_000, b'"' + b"x" * 300_000 + b'"'])
def test_a_body_that_is_no_event_is_a_json_error(learner: Learner, body: bytes) -> None:
    play(learner, WAY[0])
    before = copy.deepcopy(learner.block().attempt)
    status, answer = learner.post("event", body)
    assert 400 <= status < 500
    assert answer["error"]["message"]
    assert learner.block().attempt == before


def test_a_closed_option_is_refused_and_the_state_is_unchanged(learner: Learner) -> None:
    view = play(learner, "rice")
    doubt = next(one for one in view["moment"]["task"]["options"] if one["closed"])
    assert doubt["closed"] == "No doubt yet."
    before = copy.deepcopy(learner.block().attempt)
    status, answer = learner.post("event", {**answer_to(view, "Do ask now."), "answer": doubt["id"]})
    assert (status, answer["error"]["code"]) == (409, "refused")
    assert learner.block().attempt == before


@pytest.mark.parametrize("name", ["open", "start", "event", "studio_submit"])
def test_handlers_take_post_alone(learner: Learner, name: str) -> None:
    assert learner.post(name, method="GET")[0] == 405


@pytest.mark.parametrize(
    "change",
    [
        {"anonymous": ""},
        {"anonymous": "student"},
        {"usage": "lb:Casework:lib:casework-case:small"},
    ],
)
def test_nothing_is_stored_for_nobody_in_studio_and_in_libraries(learner: Learner, change: dict[str, Any]) -> None:
    other = replace(learner, **change)
    view = other.view()
    assert (view["phase"], view["stored"]) == ("start", False)
    for handler in ("start", "event"):
        status, answer = other.post(handler)
        assert (status, answer["error"]["code"]) == (403, "not-stored")
    assert other.block().attempt == {}


def test_nothing_tells_before_it_may_be_seen(learner: Learner) -> None:
    """The golden leak test: points, roles, reasons, panel, outcomes and marks all changed, the bytes stay the same."""
    changed = WHOLE
    for was, now in [
        ('points="4"', 'points="9"'), ('points="2"', 'points="5"'), ('role="key"', 'role="weak"'), ("Because ask.", "Otherwise."),
        ('outcome="protective"', 'outcome="partly"'), ('option="ask">Yes', 'option="send">Never'),
        ("(decoy:rice)", "(indicator:debt/7)"), ("<practised>So.", "<practised>Other."),
    ]:  # fmt: skip
        assert was in changed
        changed = changed.replace(was, now)
    other = Learner(xml.canonical(xml.tree(changed, "case")), DictKeyValueStore())
    seen = []
    for one in (learner, other):
        _, view = one.post("start")
        views = [view]
        marked = {**answer_to(view, "a debt"), "answer": []}
        for wanted in ("", "Do ask now.", "my words"):
            status, view = one.post("event", marked if not wanted else answer_to(view, wanted))
            assert status == 200
            views.append(view)
        text = json.dumps(views)
        for view in views:
            text = text.replace(view["attempt"]["id"], "A").replace(view["attempt"]["started"], "S")
            text = text.replace(view["version"], "V")  # of the whole case: it says that something is another, not what
        seen.append(text)
    hidden = [scrubbed(text) for text in seen]
    assert hidden[0] == hidden[1]
    for word in (
        "protective",
        "harmful",
        "indicator:",
        "decoy:",
        "Because ask",
        '"key"',
        "Police",
        "practised",
        "who",
        'rice"',
    ):
        assert word not in seen[0], word


def scrubbed(text: str) -> str:
    """Without the hidden names, which are another attempt's."""
    names: dict[str, str] = {}
    return re.sub(r"\b([0-9a-f]{12}|[0-9a-f]{32})\b", lambda match: names.setdefault(match[0], f"n{len(names)}"), text)


# -- OLX --------------------------------------------------------------------------------------------------------------


def parsed(source: str) -> CaseBlock:
    runtime = TestRuntime(services={"field-data": KvsFieldData(DictKeyValueStore())})
    runtime.local_resource_url = lambda block, path: f"/{path}"  # type: ignore[method-assign]
    node = etree.fromstring(source, etree.XMLParser(remove_blank_text=True))
    keys = ScopeIds(None, "casework-case", "d", "u")
    return CaseBlock.parse_xml(node, runtime, keys)


def exported(block: CaseBlock) -> str:
    node = etree.Element("unknown")
    block.add_xml_to_node(node)
    return etree.tostring(node, encoding="unicode", pretty_print=True)


TAKEN = '<casework-case url_name="small" display_name="กรณี 🔋" weight="10">{case}</casework-case>'


@pytest.mark.parametrize("text", ["ชายสิบเอ็ดคน", "လူဆယ့်တစ်ယောက်", "🔋 “q” & &lt;", "  two\n\n  lines\t"])
def test_a_case_comes_back_the_same_through_the_platforms_parser(text: str) -> None:
    source = WHOLE.replace("Text.", text.replace("& ", "&amp; "))
    block = parsed(TAKEN.format(case=source))
    assert block.display_name == "กรณี 🔋"
    for _ in range(3):
        again = parsed(exported(block))
        assert again.content == block.content == xml.canonical(xml.tree(source, "case"))
        assert (again.display_name, again.weight) == (block.display_name, 10)
        block = again


def test_the_platforms_own_children_stay_its_own() -> None:
    option = '<ns0:upstream xmlns:ns0="http://code.edx.org/xblock/option" none="true"/>'
    block = parsed(TAKEN.format(case=option + WHOLE))
    assert "upstream" not in block.content
    assert block.reading.case is not None


@pytest.mark.parametrize(
    "source",
    [
        "<casework-case/>",
        TAKEN.format(case="<case/>"),
        TAKEN.format(case="text"),
        TAKEN.format(case="<p>other</p>"),
        TAKEN.format(case=WHOLE + WHOLE),
        TAKEN.format(case=WHOLE).replace('weight="10"', 'weight="many" max_attempts="-1"'),
        TAKEN.format(case=WHOLE.replace('go="b"', 'go="nowhere"')),
    ],
)
def test_a_faulty_case_never_raises_and_is_kept(source: str) -> None:
    block = parsed(source)
    again = parsed(exported(block))
    assert again.content == block.content
    assert block.author_view({}).content
    assert block.student_view({}).content
    assert block.max_score() >= 0


# -- Studio -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def author(learner: Learner) -> Learner:
    return replace(learner, anonymous="student", role="staff", staff=True)


EDIT = {"display_name": "A case", "counts": "latest", "weight": "12", "max_attempts": ""}


def test_an_author_edits_the_text(author: Learner) -> None:
    changed = WHOLE.replace("Practise.", "Practise more.")
    status, answer = author.post("studio_submit", {**EDIT, "content": changed})
    assert (status, answer["saved"]) == (200, True)
    block = author.block()
    assert (block.display_name, block.counts, block.weight, block.max_attempts) == ("A case", "latest", 12, None)
    assert "Practise more." in block.content


def test_a_faulty_edit_is_refused_with_its_findings_and_nothing_changes(author: Learner) -> None:
    before = author.block().content
    status, answer = author.post("studio_submit", {**EDIT, "content": WHOLE.replace('go="b"', 'go="nowhere"')})
    assert (status, answer["saved"]) == (200, False)
    assert any("unknown-reference" in one and "nowhere" in one for one in answer["findings"])
    assert author.block().content == before


def test_findings_name_the_lines_of_what_the_author_typed(author: Learner) -> None:
    typed = WHOLE.replace("<practise>", "<!-- three\nlines\nmore -->\n<practise>").replace('go="b"', 'go="nowhere"', 1)
    line = typed[: typed.index('go="nowhere"')].count("\n") + 1
    _, answer = author.post("studio_submit", {**EDIT, "content": typed})
    assert any(one.startswith(f"case:{line}: error unknown-reference") for one in answer["findings"]), answer[
        "findings"
    ]


@pytest.mark.parametrize("content", ["", "<case", "<!DOCTYPE a [<!ENTITY b 'c'>]><case>&b;</case>", "<p/>"])
def test_what_is_no_case_is_refused(author: Learner, content: str) -> None:
    status, answer = author.post("studio_submit", {**EDIT, "content": content})
    assert status == 200
    assert not answer["saved"]
    assert answer["findings"]


@pytest.mark.parametrize(
    "change", [{"weight": "many"}, {"weight": 0}, {"counts": "worst"}, {"display_name": ""}, {"content": 3}]
)
def test_settings_of_another_shape_are_refused(author: Learner, change: dict[str, Any]) -> None:
    status, answer = author.post("studio_submit", {**EDIT, "content": WHOLE, **change})
    assert (status, answer["error"]["code"]) == (400, "malformed")


def test_a_learner_may_not_edit(learner: Learner) -> None:
    status, answer = learner.post("studio_submit", {**EDIT, "content": WHOLE})
    assert (status, answer["error"]["code"]) == (403, "not-an-author")


def test_a_reset_takes_attempts_texts_and_scores_with_it(learner: Learner) -> None:
    play(learner, *WAY)
    place = learner.block().place
    assert place is not None
    learner.block().clear_student_state(place.student_id, place.course_id, place.item_id, "9")
    assert review.finishes(place) == ()
    assert Answer.objects.count() == 0
    assert review.grade(place) is None


def test_an_edit_in_mid_attempt_sets_aside_what_no_longer_fits(learner: Learner) -> None:
    play(learner, *WAY[:2])
    block = learner.block()
    edited = WHOLE.replace('id="look"', 'id="seek"')
    block.content = xml.canonical(xml.tree(edited, "case"))
    block.save()
    view = learner.view()
    assert (view["changed"], view["trail"], view["aside"]) == (True, [], 2)
    finished = play(learner, *WAY)
    assert finished["phase"] == "debrief"


def test_a_finished_attempt_stays_what_it_was_after_an_edit(learner: Learner) -> None:
    before = play(learner, *WAY)["debrief"]
    block = learner.block()
    block.content = xml.canonical(xml.tree(WHOLE.replace("Good.", "Better."), "case"))
    block.save()
    assert learner.view()["debrief"] == before
