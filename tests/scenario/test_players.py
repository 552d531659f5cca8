"""Players who must not win: whoever always takes the longest option, the first, the last, or the one that sounds kindest.

Each stays below 70 % of the points that choices can earn, and misses a key decision; so what is rewarded is judgement and
not a habit. Whoever did harm and mended it never reaches the maximum.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cases import case_xml, choose, option, scene
from casework import prose
from casework.scenario import engine, score, states, variant, xml
from casework.scenario.engine import Answer, Play
from casework.scenario.model import Case, Choose, Option, Spot, Write

SCENARIOS = Path(__file__).parents[2] / "scenarios"
KIND = (
    "help", "safe", "secret", "promise", "trust", "believe", "alone", "quiet", "rest", "sleep", "home", "family", "mother",
    "nobody will", "nothing will happen", "no charge", "my word", "warning", "only you", "tea", "eat", "food", "together",
)  # fmt: skip
"""Words that sound kind in English, whatever comes of them."""
SHARE = 0.7


def whole_cases() -> list[Path]:
    """The cases with two key decisions or more; a short one inside a lesson teaches one thing and has one."""
    paths = []
    for path in sorted(SCENARIOS.glob("*/scenario.xml")):
        case, _ = xml.parse(path.read_bytes())
        assert case is not None
        if sum(map(case.is_key_decision, case.task.values())) >= 2:
            paths.append(path)
    return paths


def read(path: Path) -> Case:
    case, _ = xml.parse(path.read_bytes())
    assert case is not None
    return variant.resolved(case, "")


def length(option: Option) -> int:
    return len(prose.plain(option.text.body))


def kindness(option: Option) -> tuple[int, int]:
    said = prose.plain(option.text.body).lower()
    return sum(word in said for word in KIND), -length(option)


Player = Callable[[tuple[Option, ...]], Option]
PLAYERS: dict[str, Player] = {
    "longest": lambda options: max(options, key=length),
    "first": lambda options: options[0],
    "last": lambda options: options[-1],
    "kindest": lambda options: max(options, key=kindness),
}


def played(case: Case, player: Player) -> Play:
    """A whole attempt; nothing is marked, and something is written."""
    play = engine.begin(case)
    for _ in range(200):
        due = engine.task(case, play)
        if due is None:
            return play
        if isinstance(due, Choose):
            option = player(engine.open_options(case, play.world, due))
            answer = Answer(due.id, option=option.id, sure=1 if due.confidence else None)
        elif isinstance(due, Spot):
            answer = Answer(due.id)
        elif isinstance(due, Write):
            answer = Answer(due.id, words="So.")
        else:
            answer = Answer(due.id, value=0)
        play = engine.apply(case, play, answer)
    raise AssertionError("this player never comes to an ending")


def most_of_choices(case: Case) -> int:
    """The most that choices can earn on one way: the exact maximum without what marking and writing earn."""
    graph = states.explore(case)
    choices = {option.id for option in case.options()}
    for edges in graph.edges:
        edges[:] = [(target, option, points if option in choices else 0) for target, option, points in edges]
    return states.best_points(graph)


@pytest.mark.parametrize("path", whole_cases(), ids=lambda path: path.parent.name)
@pytest.mark.parametrize("name", PLAYERS)
def test_a_player_by_habit_earns_little_and_misses_a_key_decision(path: Path, name: str) -> None:
    case = read(path)
    play = played(case, PLAYERS[name])
    points = sum(score.earned(case, step.move) for step in play.steps if isinstance(step.move, Answer))
    assert points < SHARE * most_of_choices(case), f"{name} earns {points} and comes to {play.ending}"
    figures = score.figures(case, play)
    assert figures.key_taken < figures.key_met or not figures.key_met


@pytest.mark.parametrize("path", whole_cases(), ids=lambda path: path.parent.name)
def test_harm_that_was_mended_never_reaches_the_maximum(path: Path) -> None:
    """The best way through each harmful option, measured over the graph of all states."""
    case = read(path)
    graph = states.explore(case)
    most = states.best_points(graph)
    best = best_through(graph, case.harmful)
    assert best < most, f"a way with harm earns {best} of {most}"


def best_through(graph: states.Graph, harmful: frozenset[str]) -> int:
    """The most points of a way that takes a harmful option: a graph of two floors, with harm as the only stairs."""
    count = len(graph.places)
    # An ending on the ground floor is a way without harm: it does not count.
    ground = [(name, max(0, position)) for name, position in graph.places]
    floors = states.Graph(graph.case, [*ground, *graph.places])
    for edges in graph.edges:
        floors.edges.append(
            [(target + (count if option in harmful else 0), option, points) for target, option, points in edges]
        )
    for edges in graph.edges:
        floors.edges.append([(target + count, option, points) for target, option, points in edges])
    return states.best_points(floors)


def test_a_rewarded_harm_and_a_rewarded_habit_would_be_seen() -> None:
    harm = option("wrong", role="harmful", attributes='points="2" go="bad"')
    key = option("right", role="key", attributes='points="2" go="good"')
    case, _ = xml.parse(case_xml(scene("a", choose("who", key, harm))))
    assert case is not None
    graph = states.explore(case)
    assert best_through(graph, case.harmful) == states.best_points(graph) == most_of_choices(case) == 2
    assert score.figures(case, played(case, PLAYERS["first"])).key_met == 0
    assert score.figures(case, played(case, PLAYERS["last"])).harmful == 1
