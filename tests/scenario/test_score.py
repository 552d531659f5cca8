import pytest

from casework.scenario import engine, score, states
from casework.scenario.engine import Answer
from casework.scenario.model import Case


@pytest.mark.parametrize(
    ("points", "hits", "false", "targets", "earned"),
    [
        (4, 2, 0, 2, 4),
        (4, 2, 1, 2, 3),
        (4, 1, 0, 2, 2),
        (4, 0, 5, 2, 0),
        (2, 1, 1, 3, 0),
        (2, 1, 0, 4, 1),
        (4, 5, 3, 6, 2),
        (3, 0, 0, 0, 0),
    ],
)
def test_spot_points_are_rounded_half_up_and_never_negative(
    points: int, hits: int, false: int, targets: int, earned: int
) -> None:
    assert score.spotted(points, hits, false, targets) == earned


def test_hits_count_indicators_and_false_marks_count_phrases(whole: Case) -> None:
    spot = whole.task["look"]
    marks = score.marks(whole, spot, ("indicator:papers", "indicator:papers/2", "decoy:rice"))  # type: ignore[arg-type]
    assert (marks.hits, len(marks.targets), marks.false) == ({"papers"}, 2, ("decoy:rice",))


def finished(case: Case) -> engine.Play:
    moves = [
        Answer("look", phrases=("indicator:papers", "indicator:debt")),
        Answer("who", option="ask", sure=2),
        Answer("say", words="w"),
        Answer("news", value=0),
    ]
    return engine.replay(case, moves)[0]


def test_a_written_answer_waits_and_a_review_counts(whole: Case) -> None:
    maximum = states.maximum(whole)
    assert maximum == 8
    before = score.tally(whole, finished(whole), maximum)
    assert (before.points, before.waiting, before.counting) == (6, 2, 6)
    assert before.grade(maximum) == 8
    after = score.tally(whole, finished(whole), maximum, {"say": {"facts": 0}})
    assert (after.points, after.waiting, after.grade(maximum)) == (6, 0, 6)


def test_nothing_is_graded_while_nothing_counts() -> None:
    assert score.Tally(0, 0, 4, 4, 8).grade(8) is None
    assert score.Tally(0, 0, 4, 3, 8).grade(8) == 0


def test_a_weight_scales_and_never_exceeds(whole: Case) -> None:
    assert score.Tally(3, 0, 0, 0, 8).grade(10) == 4
    assert score.Tally(9, 0, 2, 0, 8).grade(8) == 8


def test_figures_count_key_decisions_that_were_met(whole: Case) -> None:
    figures = score.figures(whole, finished(whole))
    assert (figures.key_taken, figures.key_met, figures.found, figures.findable, figures.false, figures.harmful) == (
        1,
        1,
        2,
        2,
        0,
        0,
    )
