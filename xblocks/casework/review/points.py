"""The points of finished attempts, from the rows alone: no case is read and nothing is replayed, so that what was once
counted never changes with the rules. The rules of the gradebook are `scenario.score`'s."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from casework.review.models import Finish, Override, Written
from casework.scenario.score import Tally


def tallies(finishes: Iterable[Finish]) -> dict[int, Tally]:
    """By id of the finish, its points as they stand now. Two queries for any number of them. An override stands in the place
    of what the machine counted; where that is told, `Finish.machine` is still what it was."""
    finishes = list(finishes)
    overridden = dict(Override.objects.filter(finish__in=finishes).order_by("id").values_list("finish", "points"))
    # Each answer with each of its reviews, or with none: the newest one comes last, and counts.
    rows = Written.objects.filter(finish__in=finishes).order_by("answer__reviews__id")
    newest = {answer: rest for answer, *rest in rows.values_list("answer", "finish", "most", "answer__reviews__levels")}
    reviewed: dict[int, int] = defaultdict(int)
    waiting: dict[int, int] = defaultdict(int)
    for finish, most, levels in newest.values():
        if levels is None:
            waiting[finish] += most
        else:
            reviewed[finish] += sum(levels.values())
    machine = {one.pk: one.machine for one in finishes}
    machine |= {finish: points for finish, points in overridden.items() if points is not None}
    return {
        one.pk: Tally(machine[one.pk], reviewed[one.pk], waiting[one.pk], one.skipped, one.maximum) for one in finishes
    }
