from __future__ import annotations

import pytest

from casework.curriculum import questions
from casework.scenario import xml
from trees import RING, codes

FILE = "courses/regional/identification/met-try-ring.xml"


def faults(source: str) -> list[str]:
    return [one.message for one in questions.check(xml.tree(source, "q.xml"), "q.xml")]


def test_a_sound_question_has_no_fault() -> None:
    assert faults(RING) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('correct="true"', 'correct="false"', "no answer is correct"),
        ('correct="false"', 'correct="true"', "2 answers are correct"),
        ('correct="false"', 'correct="maybe"', 'correct="true" or'),
        ("<choicehint>Nobody asked her yet.</choicehint>", "", "no <choicehint>"),
        ("A woman is", "A <em>woman</em> is", "texts in a question are plain"),
        ("<label>A woman is accused of taking a ring.</label>", "", "no <label>"),
        ("<label>A woman is accused of taking a ring.</label>", "<label> </label>", "has no text"),
        ('type="MultipleChoice"', 'type="Other"', 'type="MultipleChoice"'),
        ("<multiplechoiceresponse>", '<script type="loncapa/python">x</script><multiplechoiceresponse>', "<script>"),
        ('display_name="The ring"', "", "display_name"),
        ('display_name="The ring"', 'display_name="The ring" markdown="x"', "markdown"),
        ("<multiplechoiceresponse>", "loose<multiplechoiceresponse>", "stands where only elements may"),
    ],
)
def test_a_fault_in_a_question_is_found(old: str, new: str, said: str) -> None:
    assert any(said in message for message in faults(RING.replace(old, new, 1))), faults(RING.replace(old, new, 1))


def test_a_question_asks_one_thing() -> None:
    twice = RING.replace("</problem>", "<p>And?</p></problem>")
    assert faults(twice) == []
    assert any("asks one thing" in one for one in faults('<problem display_name="x"><p>Nothing.</p></problem>'))


def test_an_entity_bomb_in_a_question_is_one_finding() -> None:
    bomb = '<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>\n<problem display_name="x">&b;</problem>'
    assert "doctype" in codes({FILE: bomb})


def test_an_html_entity_in_a_question_is_found() -> None:
    assert "not-xml" in codes({FILE: RING.replace("her yet", "her&nbsp;yet")})


def test_a_question_tells_its_texts_with_their_roles() -> None:
    places = [(place.role, place.text) for place in questions.texts(xml.tree(RING, "q.xml"))]
    assert places == [
        ("label", "A woman is accused of taking a ring."),
        ("choice", "Charge her"), ("hint", "Nobody asked her yet."),
        ("choice", "Ask first"), ("hint", "The complaint may be the answer."),
    ]  # fmt: skip


def test_a_fault_is_told_in_its_own_line() -> None:
    told = questions.check(xml.tree(RING.replace('correct="true"', 'correct="false"'), "q.xml"), "q.xml")
    assert [(one.code, one.line) for one in told] == [("bad-problem", 4)]
