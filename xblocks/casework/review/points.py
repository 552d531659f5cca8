"""The points of finished attempts, from the rows alone: no case is read and nothing is replayed, so that what was once
counted never changes with the rules. The rules of the gradebook are `scenario.score`'s."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from casework.review.models import Finish, Override, Written
from casework.scenario.score import Tally

Answered = tuple[int, Mapping[str, int] | None]
"""(the most points an answer can earn, its levels as the newest review gave them; None while it waits)"""


def counted(machine: int, override: int | None, skipped: int, maximum: int, answers: Iterable[Answered]) -> Tally:
    """One attempt's points. An override stands in the place of what the machine counted."""
    reviewed = waiting = 0
    for most, levels in answers:
        if levels is None:
            waiting += most
        else:
            reviewed += sum(levels.values())
    return Tally(machine if override is None else override, reviewed, waiting, skipped, maximum)


def tallies(finishes: Iterable[Finish]) -> dict[int, Tally]:
    """By id of the finish, its points as they stand now. Two queries for any number of them. Where the machine's part is told,
    `Finish.machine` is still what it was."""
    finishes = list(finishes)
    overridden = dict(Override.objects.filter(finish__in=finishes).order_by("id").values_list("finish", "points"))
    # Each answer with each of its reviews, or with none: the newest one comes last, and counts.
    rows = Written.objects.filter(finish__in=finishes).order_by("answer__reviews__id")
    newest = {answer: rest for answer, *rest in rows.values_list("answer", "finish", "most", "answer__reviews__levels")}
    answers: dict[int, list[Answered]] = defaultdict(list)
    for finish, most, levels in newest.values():
        answers[finish].append((most, levels))
    return {
        one.pk: counted(one.machine, overridden.get(one.pk), one.skipped, one.maximum, answers[one.pk])
        for one in finishes
    }
