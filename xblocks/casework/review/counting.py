"""What a class view counts, from one attempt at a time: a plain mapping of names to whole numbers. No database.

    "n"                          attempts counted
    "task|task|option|sure"      how often; sure is 0, 1, 2 or "-"
    "mark|document|indicator"    found;  "seen|document" how often the document was marked at all
    "judge|task|value"
    "end|ending"
    "flow|from|to"               consecutive key decisions `task=option`, from "start", and last "end=ending"

Counts add up, so what several rows hold is their sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from casework.scenario import score
from casework.scenario.engine import Play, Skip
from casework.scenario.model import Case, Choose, Judge, Spot

START = "start"
SHARDS = 8


def counted(case: Case, play: Play) -> Counter[str]:
    """One finished attempt as counts."""
    counts: Counter[str] = Counter({"n": 1, f"end|{play.ending}": 1})
    at = START
    for step in play.steps:
        if isinstance(step.move, Skip):
            continue
        task = case.task[step.task]
        if isinstance(task, Choose):
            sure = "-" if step.move.sure is None else str(step.move.sure)
            counts[f"task|{task.id}|{step.move.option}|{sure}"] += 1
            if case.is_key_decision(task):
                to = f"{task.id}={step.move.option}"
                counts[f"flow|{at}|{to}"] += 1
                at = to
        elif isinstance(task, Spot):
            counts[f"seen|{task.document}"] += 1
            for indicator in score.marks(case, task, step.move.phrases).hits:
                counts[f"mark|{task.document}|{indicator}"] += 1
        elif isinstance(task, Judge):
            counts[f"judge|{task.id}|{step.move.value}"] += 1
    counts[f"flow|{at}|end={play.ending}"] += 1
    return counts


def missed(case: Case, play: Play) -> tuple[str, ...]:
    """The key decisions that were met and not taken, in the order of the way."""
    return tuple(
        step.task
        for step in play.steps
        if not isinstance(step.move, Skip)
        and isinstance(task := case.task[step.task], Choose)
        and case.is_key_decision(task)
        and task.by_id[step.move.option].role != "key"
    )


def added(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    """The sum of several counts."""
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return total


def shard_of(student_id: str) -> int:
    """Which shard counts a learner: always the same one."""
    return sum(student_id.encode()) % SHARDS
