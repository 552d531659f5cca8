"""The same facts with another person: words differ, and nothing else can."""

from __future__ import annotations

import pytest

from cases import WHOLE, codes, sound
from casework.scenario import score, states, variant, walk
from casework.scenario.model import Case, Choose

VARIANTS = """<variant id="one"><title>With a boy</title><word id="name">Dara</word><word id="he">he</word></variant>
<variant id="two"><title>With a girl</title><word id="name">Sophea</word><word id="he">she</word></variant>"""
TOLD = (
    WHOLE.replace("<variable", VARIANTS + "<variable", 1)
    .replace("Text.", "{He} is here, {name} says. {He} waits.", 1)
    .replace("papers kept", "{name} has no papers", 1)
    .replace('by="One"', 'by="{name}"', 1)
    .replace("<reply>After ask.", "<reply>After {he} was asked.", 1)
)


@pytest.fixture(scope="module")
def case() -> Case:
    return sound(TOLD)


def test_a_variant_says_its_words_in_texts_phrases_and_names_and_begins_a_sentence_with_a_capital(case: Case) -> None:
    one, other = variant.resolved(case, "one"), variant.resolved(case, "two")
    assert one.scenes[0].texts[0].body == "He is here, Dara says. He waits."
    assert other.scenes[0].texts[0].body == "She is here, Sophea says. She waits."
    assert other.document["note"].parts[0].by == "Sophea"
    assert other.document["note"].phrases[0].text == "Sophea has no papers"
    task = other.task["who"]
    assert isinstance(task, Choose) and task.by_id["ask"].reply.body == "After she was asked."


def test_a_name_that_is_no_variant_any_more_gives_the_first(case: Case) -> None:
    assert variant.resolved(case, "gone") == variant.resolved(case, "one")


def test_a_case_without_variants_is_itself() -> None:
    whole = sound(WHOLE)
    assert variant.resolved(whole, "one") is whole
    assert variant.drawn(whole, "somebody") == ""


def test_every_variant_plays_alike(case: Case) -> None:
    text = 'look: indicator:debt\nwho: doubt\nsay: "So."\nnews: +1\nends good 3'
    walked = [walk.walk(variant.resolved(case, one.id), text) for one in case.variants]
    assert walked[0] == walked[1]
    assert len({states.maximum(variant.resolved(case, one.id)) for one in case.variants}) == 1
    assert len({score.figures(case, one.play) for one in walked}) == 1


def test_the_draw_is_stable_then_gives_the_others_and_falls_on_each_of_them(case: Case) -> None:
    first = [variant.drawn(case, f"learner-{n}") for n in range(200)]
    assert first == [variant.drawn(case, f"learner-{n}") for n in range(200)]
    assert 70 < first.count("one") < 130
    one = variant.drawn(case, "somebody")
    other = variant.drawn(case, "somebody", [one])
    assert {one, other} == {"one", "two"}
    assert variant.drawn(case, "somebody", [one, other]) == one
    assert variant.drawn(case, "somebody", [one, one]) == other


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (('<word id="he">she</word>', ""), "uneven-variants"),
        ((VARIANTS.splitlines()[1], ""), "uneven-variants"),
        (('<variant id="two">', '<variant id="one">'), "repeated-id"),
        (('<word id="he">she</word>', '<word id="he">she</word><word id="he">they</word>'), "repeated-id"),
        (("After {he} was", "After {him} was"), "unknown-reference"),
        (('by="{name}"', 'by="{boss}"'), "unknown-reference"),
        (("Dara", "{he}"), "uneven-variants"),
        (("Dara", "0812 345 6789"), "personal-data"),
    ],
)
def test_a_variant_that_says_less_more_or_something_else_is_found(change: tuple[str, str], code: str) -> None:
    assert change[0] in TOLD
    assert code in codes(TOLD.replace(*change, 1))


def test_the_writers_faults_are_looked_for_in_the_words_of_each_variant() -> None:
    long = "the younger one of the two who wait outside in the yard"
    assert "unequal-options" in codes(
        TOLD.replace("Do ask now.", "Ask {name} now.", 1).replace("Sophea", long, 1)
    )  # only with the second variant is this option too long
