"""The states that play can reach, cut down to what can still matter: the ground for every question about a whole case.

A state is a place and the world as far as some condition ahead can still read it (a liveness fixpoint over the places of
the story: live(p) = read at p ∪ live(successors) minus what is overwritten on the way). That keeps cases of sixty scenes
provable. Points, answers and visit counts never enter a state. Findings are `check.py`'s.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, combinations
from typing import NamedTuple

from casework.scenario import score
from casework.scenario.conditions import ALWAYS, Compare, Condition, Seen, leaves
from casework.scenario.engine import World
from casework.scenario.model import Case, Choose, Option, Scene, Spot, Task
from casework.scenario.worlds import Table, Worlds

MOST_STATES = 100_000
MOST_MOVES = 4 * MOST_STATES
"""Moves that are tried: a spot has two to the power of its indicators, though they may all lead to the same state."""

Place = tuple[str, int]
"""(scene, position): where in the story. An ending is (its id, -1)."""


Edge = tuple[int, str, int]
"""One move from a node: (the node it leads to, the option taken or "" for other tasks, the most points it can earn)."""


@dataclass
class Graph:
    """Every reachable node, numbered from 0, the start: node n rests at `places[n]` in the world `codes[n]` of `worlds`, as far
    as it can still matter there, and `edges[n]` leave it. `stuck`: for each scene after which no way holds, the first world
    in which that happens; `closed`: nodes at which every option is closed."""

    case: Case
    places: list[Place] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    edges: list[list[Edge]] = field(default_factory=list)
    stuck: dict[str, World] = field(default_factory=dict)
    closed: list[int] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)
    visited: set[str] = field(default_factory=set)
    live: Mapping[Place, Read] = field(default_factory=dict)
    worlds: Worlds | None = None

    def world(self, number: int) -> World:
        """The world of a node; what cannot matter any more is at its least."""
        assert self.worlds is not None  # noqa: S101  only a graph made by hand has none
        return self.worlds.world(self.codes[number])

    @cached_property
    def parts(self) -> list[list[int]]:
        """The nodes by strongly connected parts, each part after every part it leads to."""
        return _parts(self.edges)

    @cached_property
    def best(self) -> list[int]:
        """For each node, the most points that any way from it to an ending earns; -1 where none leads to one.

        A longest path over strongly connected parts. Exact, since no task with points lies on a circle (`scored-again`), so
        that circles weigh nothing.
        """
        best = [0 if position < 0 else -1 for _, position in self.places]
        edges = self.edges
        for members in self.parts:
            most = best[members[0]]
            for number in members:
                for target, _, points in edges[number]:
                    ahead = best[target]  # -1 within this part, as yet
                    if ahead >= 0 and points + ahead > most:
                        most = points + ahead
            for number in members:
                best[number] = most
        return best

    def met_again(self, places: Iterable[Place]) -> set[Place]:
        """Those of these places to which a way leads back."""
        # Where the story as it is written leads in no circle, no state of it does.
        bits = {place: 1 << count for count, place in enumerate(_on_circles(self.case) & set(places))}
        if not bits:
            return set()
        here = [bits.get(place, 0) for place in self.places]
        ahead = [0] * len(self.places)
        again = 0
        for members in self.parts:
            met = 0
            for number in members:
                for target, _, _ in self.edges[number]:
                    met |= here[target] | ahead[target]
            for number in members:
                ahead[number] = met
                again |= met & here[number]
        return {place for place, bit in bits.items() if again & bit}

    def carried(self, taken: Mapping[str, frozenset[str]]) -> dict[str, set[str]]:
        """For each ending that is reached, the options of `taken` that may lie behind it, none of those that undo it between:
        `taken` names them."""
        sets = {option: 1 << count for count, option in enumerate(taken)}
        undone: dict[str, int] = defaultdict(int)
        for option, by in taken.items():
            for one in by:
                undone[one] |= sets[option]
        behind = [0] * len(self.places)
        for members in reversed(self.parts):
            again = True
            while again:
                again = False
                for number in members:
                    for target, option, _ in self.edges[number]:
                        carries = behind[number] & ~undone.get(option, 0) | sets.get(option, 0)
                        if carries & ~behind[target]:
                            behind[target] |= carries
                            again = again or len(members) > 1 or target == number
        at_end: dict[str, set[str]] = defaultdict(set)
        for (name, position), bits in zip(self.places, behind, strict=True):
            if bits and position < 0:
                at_end[name] |= {option for option, own in sets.items() if bits & own}
        return at_end


class TooEntangled(Exception):
    """More than MOST_STATES states."""


class EmptyCircle(Exception):
    """Scenes without a task lead in a circle."""


# -- what can still be read -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Read:
    """Names that conditions read: variables, scenes (`seen`), indicators (`found`)."""

    variables: frozenset[str] = frozenset()
    scenes: frozenset[str] = frozenset()
    indicators: frozenset[str] = frozenset()

    def __or__(self, other: Read) -> Read:
        return Read(self.variables | other.variables, self.scenes | other.scenes, self.indicators | other.indicators)

    def without(self, variables: Iterable[str] = (), scene: str = "") -> Read:
        return Read(self.variables - set(variables), self.scenes - {scene}, self.indicators)


def read_by(conditions: Iterable[Condition]) -> Read:
    variables, scenes, indicators = set(), set(), set()
    for leaf in chain.from_iterable(map(leaves, conditions)):
        if isinstance(leaf, Compare):
            variables.add(leaf.variable)
        elif isinstance(leaf, Seen):
            scenes.add(leaf.scene)
        else:
            indicators.add(leaf.indicator)
    return Read(frozenset(variables), frozenset(scenes), frozenset(indicators))


def _place(case: Case, target: str) -> Place:
    return target, -1 if target in case.ending else 0


def _ways(case: Case, scene: Scene, position: int) -> Iterator[tuple[Place, frozenset[str]]]:
    """Where play may go from a place: (place, variables that are overwritten on the way)."""
    last = position + 1 >= len(scene.tasks)
    after = [_place(case, go.to) for go in scene.goes] if last else [(scene.id, position + 1)]
    task = scene.tasks[position] if position < len(scene.tasks) else None
    if not isinstance(task, Choose):
        yield from ((target, frozenset()) for target in after)
        return
    for option in task.options:
        killed = frozenset(effect.variable for effect in option.effects if effect.op == "=")
        for target in [_place(case, option.go)] if option.go else after:
            yield target, killed


def liveness(case: Case, texts: bool = True) -> Mapping[Place, Read]:
    """What may still be read from each place on. `texts` counts the conditions of texts too (what is shown)."""
    own: dict[Place, Read] = {}
    ways: dict[Place, list[tuple[Place, frozenset[str]]]] = {}
    for scene in case.scenes:
        shown = read_by(text.when for text in scene.texts) if texts else Read()
        for position in range(max(1, len(scene.tasks))):
            conditions: list[Condition] = []
            if position < len(scene.tasks) and isinstance(task := scene.tasks[position], Choose):
                conditions += [option.when for option in task.options]
            if position + 1 >= len(scene.tasks):
                conditions += [go.when for go in scene.goes]
            own[scene.id, position] = read_by(conditions) | shown
            ways[scene.id, position] = list(_ways(case, scene, position))
    for ending in case.endings:
        own[ending.id, -1] = read_by(text.when for text in ending.texts) if texts else Read()
        ways[ending.id, -1] = []
    live = dict(own)
    back: dict[Place, set[Place]] = defaultdict(set)
    for place, targets in ways.items():
        for target, _ in targets:
            back[target].add(place)
    waiting = deque(_last_first(ways))
    while waiting:
        place = waiting.popleft()
        # What the place itself reads on the way out is read after an option's effects: it is never cut by them.
        out = own[place]
        for target, killed in ways[place]:
            still = live.get(target, Read()).without(scene=target[0] if target[1] == 0 else "")
            out |= still.without(killed)
        if out != live[place]:
            live[place] = out
            waiting.extend(back[place])
    return live


def _on_circles(case: Case) -> set[Place]:
    """The places to which the story leads back, whatever its conditions say."""
    ways = {
        (scene.id, position): {target for target, _ in _ways(case, scene, position)}
        for scene in case.scenes
        for position in range(max(1, len(scene.tasks)))
    }
    numbers = {place: number for number, place in enumerate(ways)}
    edges = [[(numbers[one], "", 0) for one in targets if one in numbers] for targets in ways.values()]
    names = list(ways)
    return {
        names[number]
        for members in _parts(edges)
        for number in members
        if len(members) > 1 or names[number] in ways[names[number]]
    }


def _last_first(ways: Mapping[Place, list[tuple[Place, frozenset[str]]]]) -> list[Place]:
    """The places of the story, each after those it leads to as far as there are no circles: what is read ahead is then
    known at once, in whatever order an author wrote the scenes down."""
    order: list[Place] = []
    entered: set[Place] = set()
    stack = [(place, False) for place in reversed(list(ways))]
    while stack:
        place, left = stack.pop()
        if left:
            order.append(place)
        elif place not in entered:
            entered.add(place)
            stack.append((place, True))
            stack += [(target, False) for target, _ in ways.get(place, ())]
    return order


# -- the graph --------------------------------------------------------------------------------------------------------


def explore(case: Case, limit: int = MOST_STATES) -> Graph:
    """Every reachable state of a case whose references are sound. Raises TooEntangled or EmptyCircle."""
    return _Explorer(case, limit).graph()


class _Way(NamedTuple):
    """An option as the explorer takes it. What it asks and changes are tables, beside them the bits that they read. `rest`
    is where it leads, if that hangs on nothing, and `seen` the bit of the scene that is entered there."""

    option: Option
    test: Table[bool] | None
    tested: int
    effect: Table[int] | None
    changed: int
    rest: _Rest | None
    seen: int


@dataclass(eq=False, slots=True)
class _Rest:
    """A place at which play comes to rest: a task, or an ending. `mask` cuts a world down to what still matters there,
    `numbers` are its nodes by what is left."""

    place: Place
    mask: int
    task: Task | None
    numbers: dict[int, int] = field(default_factory=dict)
    ways: list[_Way] | None = None


class _Explorer:
    def __init__(self, case: Case, limit: int) -> None:
        self.case = case
        self.limit = limit
        self.live = liveness(case, texts=False)
        read = Read()
        for one in self.live.values():
            read |= one
        self.worlds = Worlds(case, read.scenes, read.indicators)
        self.result = Graph(case, live=self.live, worlds=self.worlds)
        self.tried = 0
        self.rests: dict[Place, _Rest] = {}
        self.at: list[_Rest] = []
        self.entries: dict[str, tuple[_Rest, int]] = {}
        self.goes: dict[str, list[tuple[Table[bool] | None, str]]] = {}

    def graph(self) -> Graph:
        self.arrive(self.case.start, self.worlds.code(one.start for one in self.case.variables))
        result = self.result
        edges = result.edges
        # Nodes are numbered as they are met: this goes through them in that order while more come.
        for number, here in enumerate(self.at):
            code = result.codes[number]
            if isinstance(here.task, Choose):
                edges.append(self.chosen(number, here, code))
            elif isinstance(here.task, Spot):
                edges.append(self.marked(here, code, here.task))
            elif here.task is not None:
                target = self.onward(here, code)
                edges.append([] if target is None else [(target, "", score.most_of(self.case, here.task))])
            else:
                edges.append([])
        result.places = [rest.place for rest in self.at]
        return result

    # -- places -------------------------------------------------------------------------------------------------------

    def rest(self, place: Place) -> _Rest:
        known = self.rests.get(place)
        if known is None:
            live = self.live[place]
            task = None if place[1] < 0 else self.case.scene[place[0]].tasks[place[1]]
            mask = self.worlds.mask(live.variables, live.scenes, live.indicators)
            known = self.rests[place] = _Rest(place, mask, task)
        return known

    def number(self, rest: _Rest, code: int) -> int:
        """The node at which play rests here in the world `code`."""
        left = code & rest.mask
        known = rest.numbers.get(left)
        if known is not None:
            return known
        number = len(self.at)
        if number >= self.limit:
            raise TooEntangled
        if not rest.numbers:
            self.result.visited.add(rest.place[0])
        rest.numbers[left] = number
        self.at.append(rest)
        self.result.codes.append(left)
        return number

    def entry(self, target: str) -> tuple[_Rest, int] | None:
        """Where play rests when it goes to `target`, and the bit of the scene; None for a scene that is read on the way."""
        known = self.entries.get(target)
        if known is None:
            if target in self.case.ending:
                known = self.rest((target, -1)), 0
            elif self.case.scene[target].tasks:
                known = self.rest((target, 0)), self.worlds.seen.get(target, 0)
            else:
                return None
            self.entries[target] = known
        return known

    def arrive(self, target: str, code: int) -> int | None:
        """The node at which play rests after going to `target`; None where it is stuck on the way."""
        passed: list[str] = []
        while (entry := self.entry(target)) is None:
            code |= self.worlds.seen.get(target, 0)
            self.result.visited.add(target)
            if target in passed:
                raise EmptyCircle(" → ".join([*passed, target]))
            passed.append(target)
            on = self.way_on(self.case.scene[target], code)
            if on is None:
                return None
            target = on
        return self.number(entry[0], code | entry[1])

    def way_on(self, scene: Scene, code: int) -> str | None:
        goes = self.goes.get(scene.id)
        if goes is None:
            goes = self.goes[scene.id] = [(self.worlds.test(go.when), go.to) for go in scene.goes]
        for test, to in goes:
            if test is None or test[code & test.mask]:
                return to
        if scene.id not in self.result.stuck:
            self.result.stuck[scene.id] = self.worlds.world(code)
        return None

    def onward(self, here: _Rest, code: int) -> int | None:
        scene = self.case.scene[here.place[0]]
        if here.place[1] + 1 < len(scene.tasks):
            return self.number(self.rest((here.place[0], here.place[1] + 1)), code)
        target = self.way_on(scene, code)
        return None if target is None else self.arrive(target, code)

    # -- moves --------------------------------------------------------------------------------------------------------

    def tries(self, count: int) -> None:
        self.tried += count
        if self.tried > MOST_MOVES:
            raise TooEntangled

    def chosen(self, number: int, here: _Rest, code: int) -> list[Edge]:
        """An edge for each open option. Nearly all of the time goes by in here, so what can be known of an option is."""
        if here.ways is None:
            here.ways = self.ways(here)
        edges: list[Edge] = []
        count = 0
        opened = self.result.opened
        for option, test, tested, effect, changed, rest, seen in here.ways:
            if test is not None and not test[code & tested]:
                continue
            count += 1
            after = code if effect is None else code & ~changed | effect[code & changed]
            target: int | None
            if rest is not None:
                after |= seen
                target = rest.numbers.get(after & rest.mask)
                if target is None:
                    target = self.number(rest, after)
            else:
                target = self.arrive(option.go, after) if option.go else self.onward(here, after)
            opened.add(option.id)
            if target is not None:
                edges.append((target, option.id, option.points))
        self.tries(count)
        if not count:
            self.result.closed.append(number)
        return edges

    def ways(self, here: _Rest) -> list[_Way]:
        assert isinstance(here.task, Choose)  # noqa: S101  asked of nothing else
        ways = []
        for option in here.task.options:
            test, effect = self.worlds.test(option.when), self.worlds.effect(option)
            # A table that has not been asked yet is empty, and so false.
            tested = 0 if test is None else test.mask
            changed = 0 if effect is None else effect.mask
            ways.append(_Way(option, test, tested, effect, changed, *self.leads(here, option)))
        return ways

    def leads(self, here: _Rest, option: Option) -> tuple[_Rest | None, int]:
        """Where an option leads, and the bit of the scene that is entered there; (None, 0) where that hangs on the world."""
        scene = self.case.scene[here.place[0]]
        if not option.go and here.place[1] + 1 < len(scene.tasks):
            return self.rest((scene.id, here.place[1] + 1)), 0
        first = scene.goes[0] if scene.goes else None
        target = option.go or (first.to if first and first.when == ALWAYS else "")
        return (self.entry(target) if target else None) or (None, 0)

    def marked(self, here: _Rest, code: int, spot: Spot) -> list[Edge]:
        """One edge for each set of live indicators that may be marked; the others are marked at best."""
        targets = self.case.document[spot.document].indicators
        live = self.live.get((here.place[0], here.place[1] + 1)) or self.live_after(here.place[0])
        matter = sorted(targets & live.indicators)
        if 2 ** len(matter) > MOST_MOVES:
            raise TooEntangled
        best: dict[int, int] = {}
        for hits in chain.from_iterable(combinations(matter, size) for size in range(len(matter) + 1)):
            self.tries(1)
            target = self.onward(here, code | self.worlds.mask(indicators=hits))
            if target is not None:
                marked = len(targets) - len(matter) + len(hits)
                best[target] = max(best.get(target, 0), score.spotted(spot.points, marked, 0, len(targets)))
        return [(target, "", points) for target, points in best.items()]

    def live_after(self, scene: str) -> Read:
        goes = self.case.scene[scene].goes
        live = read_by(go.when for go in goes)
        for go in goes:
            live |= self.live[_place(self.case, go.to)]
        return live


# -- the exact maximum ------------------------------------------------------------------------------------------------


def best_points(graph: Graph) -> int:
    """The most points that any way to an ending earns."""
    return max(0, graph.best[0])


def _parts(edges: Sequence[Sequence[Edge]]) -> list[list[int]]:
    """Strongly connected components, each after every one that it leads to.

    Most stories hold no circle: what no circle leads to is taken off from the front, one node at a time, and only the rest
    is searched for circles.
    """
    waits = [0] * len(edges)
    for leaving in edges:
        for target, _, _ in leaving:
            waits[target] += 1
    front = [number for number, count in enumerate(waits) if not count]
    for number in front:  # grows
        for target, _, _ in edges[number]:
            waits[target] -= 1
            if not waits[target]:
                front.append(target)
    parts = _circles(edges, [number for number, count in enumerate(waits) if count])
    parts += [[number] for number in reversed(front)]
    return parts


def _circles(edges: Sequence[Sequence[Edge]], roots: Iterable[int]) -> list[list[int]]:
    """Tarjan's strongly connected components without recursion, of the nodes that can be reached from `roots`."""
    index, low = [-1] * len(edges), [0] * len(edges)
    stack: list[int] = []
    on_stack = [False] * len(edges)
    clock = 0
    parts: list[list[int]] = []
    for root in roots:
        if index[root] >= 0:
            continue
        work = [(root, 0)]
        while work:
            node, at = work.pop()
            if at == 0:
                index[node] = low[node] = clock
                clock += 1
                stack.append(node)
                on_stack[node] = True
            if at < len(edges[node]):
                work.append((node, at + 1))
                target = edges[node][at][0]
                if index[target] < 0:
                    work.append((target, 0))
                elif on_stack[target]:
                    low[node] = min(low[node], index[target])
                continue
            for target, _, _ in edges[node]:
                if on_stack[target]:
                    low[node] = min(low[node], low[target])
            if low[node] == index[node]:
                members: list[int] = []
                while not members or members[-1] != node:
                    members.append(stack.pop())
                    on_stack[members[-1]] = False
                parts.append(members)
    return parts


def maximum(case: Case) -> int:
    """The most points a sound case can earn, reviews included."""
    return best_points(explore(case))
