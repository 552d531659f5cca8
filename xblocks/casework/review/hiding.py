"""Which counts of a class may be shown, so that no group of few is told, not even by what is left when the rest is taken
away. Numbers and names only: no case, no database, no words.

Counts that belong together are a network: learners flow along its *ways* from a source to a sink, and what comes to a place
leaves it. A partition is the simplest one: ways side by side. Whoever reads the page knows all sums. So each small way is
hidden together with others along which learners could be moved, on paper, until the small one counts `fewest`: every number
that is shown would stand as it stands. What is hidden may then always be `fewest` or more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

LAST = 1_000_000
"""Added to what it costs to hide a way, where another shall be taken if there is one."""


@dataclass(frozen=True)
class Way:
    """`number` learners went from one place to another; `cell` names the count. `cost` is what is lost by hiding it."""

    start: str
    end: str
    cell: str
    number: int
    cost: int


_Step = tuple[int, int]
"""(a way, 1 along it or -1 against it)"""


def hidden(ways: Sequence[Way], fewest: int) -> frozenset[str]:
    """The cells that must not be shown. In each connected network of `ways` there are `fewest` learners or more, each of whom
    goes from its source to its sink once; then what is small can always be hidden among them."""
    net = _Net([way for way in ways if way.number])
    gone = {at for at, way in enumerate(net.ways) if way.number < fewest}
    for at in sorted(gone, key=lambda at: (net.ways[at].number, at)):
        gone |= _moved(net, at, fewest - net.ways[at].number, gone)
    return frozenset(net.ways[at].cell for at in gone)


def hidden_apart(
    ways: Sequence[Way], parts: Sequence[Mapping[str, int]], fewest: int, known: frozenset[str]
) -> frozenset[str] | None:
    """The same for counts that are told of each of several groups beside the sum of all, of which the cells `known` are hidden
    already: cells to hide in every group. None where that is not enough, and none of them may be shown.

    A way that costs nothing is told of no group.
    """
    net = _Net([way for way in ways if way.number])
    gone = {at for at, way in enumerate(net.ways) if way.cell in known}
    small = [
        (part.get(way.cell, 0), at, number)
        for number, part in enumerate(parts)
        for at, way in enumerate(net.ways)
        if way.cost and 0 < part.get(way.cell, 0) < fewest
    ]
    gone |= {at for _, at, _ in small}
    for held, at, number in sorted(small):
        found = _moved_apart(net, at, fewest - held, gone, parts, number, known)
        if found is None:
            return None
        gone |= found
    return frozenset(net.ways[at].cell for at in gone)


class _Net:
    def __init__(self, ways: Sequence[Way]) -> None:
        self.ways = ways
        self.at: dict[str, list[_Step]] = {}
        for number, way in enumerate(ways):
            self.at.setdefault(way.start, []).append((number, 1))
            self.at.setdefault(way.end, []).append((number, -1))

    def round(self, at: int, gone: Iterable[int], allowed: Callable[[int, int], bool]) -> list[_Step] | None:
        """The steps by which one comes from the end of a way to its start again, not by itself, hiding least."""
        free = set(gone)
        begin, goal = self.ways[at].end, self.ways[at].start
        turn = count()
        heap: list[tuple[int, int, int, str]] = [(0, 0, next(turn), begin)]
        best = {begin: (0, 0)}
        came: dict[str, tuple[str, _Step]] = {}
        while heap:
            cost, long, _, place = heappop(heap)
            if place == goal:
                return _steps(came, begin, goal)
            if (cost, long) > best[place]:
                continue
            for way, sense in self.at[place]:
                if way == at or not allowed(way, sense):
                    continue
                to = self.ways[way].end if sense > 0 else self.ways[way].start
                new = (cost + (0 if way in free else self.ways[way].cost), long + 1)
                if to not in best or new < best[to]:
                    best[to] = new
                    came[to] = (place, (way, sense))
                    heappush(heap, (*new, next(turn), to))
        return None


def _steps(came: Mapping[str, tuple[str, _Step]], begin: str, goal: str) -> list[_Step]:
    steps = []
    place = goal
    while place != begin:
        place, step = came[place]
        steps.append(step)
    return steps


def _moved(net: _Net, at: int, need: int, gone: set[int]) -> set[int]:
    """The ways that change when `need` more learners go along a way: all at once, or else one by one."""
    once = net.round(at, gone, lambda way, sense: sense > 0 or net.ways[way].number >= need)
    if once is not None:
        return {way for way, _ in once}
    now = {number: way.number for number, way in enumerate(net.ways)}
    used: set[int] = set()
    for _ in range(need):
        steps = net.round(at, gone | used, lambda way, sense: sense > 0 or now[way] > 0)
        if steps is None:
            raise ValueError("fewer learners in all than may be shown, or learners who went in a circle")
        for way, sense in steps:
            now[way] += sense
            used.add(way)
    return used


def _moved_apart(
    net: _Net,
    at: int,
    need: int,
    gone: set[int],
    parts: Sequence[Mapping[str, int]],
    number: int,
    known: frozenset[str],
) -> set[int] | None:
    """The ways that change when `need` more of one group go along a way: as many of another group go the other way about, so
    that no sum changes; or only ways change of which the sum is hidden."""
    mine = [parts[number].get(way.cell, 0) for way in net.ways]

    def alone(way: int, sense: int) -> bool:
        return net.ways[way].cell in known and (sense > 0 or mine[way] >= need)

    tried = [net.round(at, gone, alone)] if net.ways[at].cell in known else []
    for other, part in enumerate(parts):
        theirs = [part.get(way.cell, 0) for way in net.ways]
        if other == number or theirs[at] < need:
            continue
        tried.append(
            net.round(
                at, gone, lambda way, sense, theirs=theirs: (theirs if sense > 0 else mine)[way] >= need  # type: ignore[misc]
            )
        )  # fmt: skip
    fit = [{way for way, _ in steps} for steps in tried if steps is not None]
    return min(fit, key=lambda one: (sum(net.ways[way].cost for way in one - gone), sorted(one)), default=None)
