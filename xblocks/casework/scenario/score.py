"""Points: what an answer earns, and what stands in the gradebook (rules of play 4 and 6). Whole numbers throughout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from casework.scenario.engine import Answer, Play, Skip
from casework.scenario.model import Case, Choose, Spot, Task, Write


def rounded(numerator: int, denominator: int) -> int:
    """numerator ÷ denominator, half up, for numbers that are not negative."""
    return (2 * numerator + denominator) // (2 * denominator)


def spotted(points: int, hits: int, false: int, targets: int) -> int:
    """points × max(0, hits − ½ false) ÷ targets, half up. Hits and targets count indicators, false counts phrases."""
    return rounded(points * max(0, 2 * hits - false), 2 * targets) if targets else 0


@dataclass(frozen=True)
class Marks:
    """What was marked in a document, counted: indicators hit, of how many, and phrases that were none."""

    hits: frozenset[str]
    targets: frozenset[str]
    false: tuple[str, ...]


def marks(case: Case, spot: Spot, phrases: tuple[str, ...]) -> Marks:
    document = case.document[spot.document]
    known = {phrase.name: phrase.indicator for phrase in document.phrases}
    hits = frozenset(known[name] for name in phrases if known.get(name))
    return Marks(hits, document.indicators, tuple(name for name in phrases if known.get(name) == ""))


def most_of(case: Case, task: Task) -> int:
    """The most points one task can earn, taken alone."""
    if isinstance(task, Choose):
        return max(option.points for option in task.options)
    if isinstance(task, Spot):
        return task.points
    return case.rubric[task.rubric].most if isinstance(task, Write) else 0


def earned(case: Case, answer: Answer) -> int:
    """Points of one answer without any review; a written answer earns nothing here."""
    task = case.task[answer.task]
    if isinstance(task, Choose):
        return task.by_id[answer.option].points
    if isinstance(task, Spot):
        counted = marks(case, task, answer.phrases)
        return spotted(task.points, len(counted.hits), len(counted.false), len(counted.targets))
    return 0


@dataclass(frozen=True)
class Tally:
    """The points of an attempt. `machine` without reviews, `reviewed` what reviews gave, `waiting` the most that
    reviews can still give, `skipped` the highest points of tasks left out, `maximum` the best the case can earn."""

    machine: int
    reviewed: int
    waiting: int
    skipped: int
    maximum: int

    @property
    def points(self) -> int:
        return self.machine + self.reviewed

    @property
    def counting(self) -> int:
        """The points against which the gradebook measures now."""
        return self.maximum - self.waiting - self.skipped

    def grade(self, possible: int) -> int | None:
        """Earned points of `possible` for the gradebook; None while nothing counts yet."""
        if self.counting <= 0:
            return None
        return min(possible, rounded(possible * self.points, self.counting))


def tally(case: Case, play: Play, maximum: int, reviews: Mapping[str, Mapping[str, int]] | None = None) -> Tally:
    """Count an attempt. `reviews`: for each reviewed `write` task, points by rubric row."""
    machine = reviewed = waiting = skipped = 0
    for step in play.steps:
        if isinstance(step.move, Skip):
            skipped += sum(most_of(case, case.task[name]) for name in step.left)
            continue
        machine += earned(case, step.move)
        task = case.task[step.task]
        if isinstance(task, Write):
            levels = (reviews or {}).get(task.id)
            if levels is None:
                waiting += case.rubric[task.rubric].most
            else:
                reviewed += sum(levels.values())
    return Tally(machine, reviewed, waiting, skipped, maximum)


@dataclass(frozen=True)
class Figures:
    """What the debrief tells beside the points: key decisions taken of those met, indicators found of those that could
    be, phrases marked that were ordinary, choices that did harm."""

    key_taken: int
    key_met: int
    found: int
    findable: int
    false: int
    harmful: int


def figures(case: Case, play: Play) -> Figures:
    key_taken = key_met = false = harmful = 0
    hits: set[str] = set()
    targets: set[str] = set()
    for step in play.steps:
        if isinstance(step.move, Skip):
            continue
        task = case.task[step.task]
        if isinstance(task, Choose):
            option = task.by_id[step.move.option]
            harmful += option.role == "harmful"
            if case.is_key_decision(task):
                key_met += 1
                key_taken += option.role == "key"
        elif isinstance(task, Spot):
            counted = marks(case, task, step.move.phrases)
            hits |= counted.hits
            targets |= counted.targets
            false += len(counted.false)
    return Figures(key_taken, key_met, len(hits), len(targets), false, harmful)
