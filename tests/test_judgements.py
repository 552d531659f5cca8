"""Judgements: what a list is, what answers are, and what two sets of answers say together."""

from __future__ import annotations

import pytest

from casework import judgements
from casework.judgements import Answer, Figures, NotAnswers

LIST = """<judgements id="three">
  <judgement id="gate" course="no" lesson="signs"><claim>เปิดประตูแล้ว ก็ไปได้</claim><why>It looks free.</why></judgement>
  <judgement id="child" course="yes"><claim>No force is needed.</claim><why>The law says so.</why></judgement>
  <judgement id="cousin" course="divided"><claim>A cousin is better than nobody.</claim>
    <why>Practitioners divide.</why></judgement>
</judgements>"""


def made() -> judgements.Judgements:
    one, findings = judgements.parse(LIST)
    assert one is not None and not findings
    return one


def codes(source: str) -> list[str]:
    one, findings = judgements.parse(source)
    assert one is None or not any(each.is_error for each in findings)
    return sorted({each.code for each in findings})


def test_a_list_is_read_in_order_with_what_the_course_holds() -> None:
    assert [(one.id, one.held, one.lesson) for one in made().each] == [
        ("gate", "no", "signs"), ("child", "yes", ""), ("cousin", "divided", ""),
    ]  # fmt: skip
    assert made().each[0].claim.body == "เปิดประตูแล้ว ก็ไปได้"


@pytest.mark.parametrize(
    ("was", "now", "code"),
    [
        ('course="no"', 'course="perhaps"', "bad-value"),
        ('course="no"', "", "missing-attribute"),
        ('id="three"', "", "missing-attribute"),
        ('lesson="signs"', 'points="3"', "unknown-attribute"),
        ('id="child"', 'id="gate"', "repeated-id"),
        ("<why>It looks free.</why>", "", "missing-element"),
        ("<why>It looks free.</why>", "<why>a</why><why>b</why>", "repeated-element"),
        ("<why>It looks free.</why>", "<why> </why>", "empty-text"),
        ("It looks free.", "It <b>looks</b> free.", "element-in-text"),
        ("<claim>No force", "yes <claim>No force", "stray-text"),
        ("<claim>No force is needed.</claim>", "<said>No force</said>", "unknown-element"),
        ("</judgements>", "", "not-xml"),
        ("<judgements id", '<!DOCTYPE a [<!ENTITY x "y">]><judgements id', "doctype"),
        ("It looks free.", " ".join(["word"] * 60) + ".", "long-sentences"),
    ],
)
def test_each_fault_is_named(was: str, now: str, code: str) -> None:
    source = LIST.replace(was, now, 1)
    if code == "long-sentences":
        source = (
            source.replace("No force is needed.", now)
            .replace("The law says so.", now)
            .replace("Practitioners divide.", now)
        )
    assert code in codes(source)


def test_several_faults_are_told_at_once() -> None:
    found = codes(LIST.replace('course="no"', 'course="x"').replace("<why>The law says so.</why>", ""))
    assert found == ["bad-value", "missing-element"]


def test_a_list_has_a_bound() -> None:
    one = '<judgement id="j{n}" course="no"><claim>a</claim><why>b</why></judgement>'
    many = "".join(one.format(n=n) for n in range(judgements.MOST + 1))
    assert codes(f'<judgements id="x">{many}</judgements>') == ["repeated-element"]


GOOD = {"gate": [False, 2], "child": [True, 0], "cousin": [True, 1]}


def test_answers_are_read_and_kept_and_read_again() -> None:
    given = judgements.answers(made(), GOOD)
    assert given["gate"] == Answer(agree=False, sure=2)
    assert judgements.kept(judgements.as_json(given)) == given


@pytest.mark.parametrize(
    "said",
    [
        None, [], "x", 3, {}, {**GOOD, "more": [True, 1]}, {"gate": [True, 1]}, {**GOOD, "gate": True},
        {**GOOD, "gate": [1, 1]}, {**GOOD, "gate": [True, True]}, {**GOOD, "gate": [True, 3]}, {**GOOD, "gate": [True, -1]},
        {**GOOD, "gate": [True, 1.0]}, {**GOOD, "gate": [True]}, {**GOOD, "gate": [True, 1, 1]}, {**GOOD, "gate": {"a": 1}},
        {**GOOD, "gate": [None, None]},
    ],
)  # fmt: skip
def test_anything_else_is_refused(said: object) -> None:
    with pytest.raises(NotAnswers):
        judgements.answers(made(), said)


@pytest.mark.parametrize("said", [None, [], {"gate": 3}, {"gate": [True]}, {"gate": [True, 7]}])
def test_what_was_kept_in_another_form_is_left_out(said: object) -> None:
    assert judgements.kept(said) == {}


def test_figures_count_what_changed_and_where_learner_and_course_differ() -> None:
    before = {"gate": Answer(True, 2), "child": Answer(True, 1), "cousin": Answer(False, 2)}
    now = {"gate": Answer(False, 1), "child": Answer(False, 2), "cousin": Answer(True, 0)}
    assert judgements.figures(made(), before, now) == Figures(
        both=3, changed=3, changed_from_certain=2, differ=1, held=2
    )


def test_figures_leave_out_what_was_answered_once() -> None:
    told = judgements.figures(made(), {}, {"gate": Answer(True, 2), "child": Answer(True, 2)})
    assert (told.both, told.changed, told.differ, told.held) == (0, 0, 1, 2)
