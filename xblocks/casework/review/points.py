"""The points of finished attempts, from the rows alone: no case is read and nothing is replayed, so that what was once
counted never changes with the rules. The rules of the gradebook are `scenario.score`'s."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from casework.review.models import Finish, Override, Review, Written
from casework.scenario.score import Tally


def newest_levels(finishes: Iterable[Finish]) -> dict[str, dict[str, int]]:
    """By answer id, the levels of the newest review."""
    rows = Review.objects.filter(finish__in=list(finishes)).order_by("id").values_list("answer_id", "levels")
    return dict(rows)


def tallies(finishes: Iterable[Finish]) -> dict[int, Tally]:
    """By id of the finish, its points as they stand now. Three queries for any number of them. An override stands in the place
    of what the machine counted; where that is told, `Finish.machine` is still what it was."""
    finishes = list(finishes)
    overridden = dict(Override.objects.filter(finish__in=finishes).order_by("id").values_list("finish", "points"))
    levels = newest_levels(finishes)
    reviewed: dict[int, int] = defaultdict(int)
    waiting: dict[int, int] = defaultdict(int)
    for finish, answer, most in Written.objects.filter(finish__in=finishes).values_list("finish", "answer", "most"):
        if answer in levels:
            reviewed[finish] += sum(levels[answer].values())
        else:
            waiting[finish] += most
    machine = {one.pk: one.machine for one in finishes}
    machine |= {finish: points for finish, points in overridden.items() if points is not None}
    return {
        one.pk: Tally(machine[one.pk], reviewed[one.pk], waiting[one.pk], one.skipped, one.maximum) for one in finishes
    }
