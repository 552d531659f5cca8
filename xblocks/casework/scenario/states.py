"""The states that play can reach, cut down to what can still matter: the ground for every question about a whole case.

A state is a place and the world as far as some condition ahead can still read it (a liveness fixpoint over the places of
the story: live(p) = read at p ∪ live(successors) minus what is overwritten on the way). That keeps cases of sixty scenes
provable. Points, answers and visit counts never enter a state. Findings are `check.py`'s.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, combinations

from casework.scenario import engine, score
from casework.scenario.conditions import Compare, Condition, Seen, leaves
from casework.scenario.engine import World
from casework.scenario.model import Case, Choose, Scene, Spot

MOST_STATES = 100_000
MOST_MOVES = 4 * MOST_STATES
"""Moves that are tried: a spot has two to the power of its indicators, though they may all lead to the same state."""

Place = tuple[str, int]
"""(scene, position): where in the story. An ending is (its id, -1)."""


@dataclass(frozen=True)
class Node:
    """A state for checking: a place, and the world as far as it can still matter there."""

    place: Place
    world: World


@dataclass(frozen=True)
class Edge:
    """One move from a node: the option taken (None for other tasks) and the most points it can earn."""

    target: int
    option: str
    points: int


@dataclass
class Graph:
    """Every reachable node, numbered from 0, the start; `edges[n]` leave node n."""

    case: Case
    nodes: list[Node] = field(default_factory=list)
    edges: list[list[Edge]] = field(default_factory=list)
    stuck: list[tuple[str, Node]] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)
    visited: set[str] = field(default_factory=set)

    @cached_property
    def at(self) -> dict[Place, list[int]]:
        by_place: dict[Place, list[int]] = defaultdict(list)
        for number, node in enumerate(self.nodes):
            by_place[node.place].append(number)
        return by_place

    @cached_property
    def before(self) -> list[list[int]]:
        back: list[list[int]] = [[] for _ in self.nodes]
        for number, edges in enumerate(self.edges):
            for edge in edges:
                back[edge.target].append(number)
        return back

    def ahead(self, starts: Iterable[int], passes: Callable[[Edge], bool] = lambda edge: True) -> set[int]:
        """All nodes that can be reached from `starts` over edges that `passes` lets through; `starts` included."""
        reached = set(starts)
        waiting = deque(reached)
        while waiting:
            for edge in self.edges[waiting.popleft()]:
                if edge.target not in reached and passes(edge):
                    reached.add(edge.target)
                    waiting.append(edge.target)
        return reached

    def behind(self, ends: Iterable[int]) -> set[int]:
        reached = set(ends)
        waiting = deque(reached)
        while waiting:
            for source in self.before[waiting.popleft()]:
                if source not in reached:
                    reached.add(source)
                    waiting.append(source)
        return reached


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


class _Explorer:
    def __init__(self, case: Case, limit: int) -> None:
        self.case = case
        self.limit = limit
        self.live = liveness(case, texts=False)
        self.result = Graph(case)
        self.tried = 0
        self.numbers: dict[Node, int] = {}
        self.waiting: deque[int] = deque()

    def graph(self) -> Graph:
        first = engine.World(tuple(one.start for one in self.case.variables), frozenset(), frozenset())
        self.arrive(self.case.start, first)
        while self.waiting:
            number = self.waiting.popleft()
            best: dict[tuple[int, str], Edge] = {}
            for edge in self.moves(self.result.nodes[number]):
                known = best.setdefault((edge.target, edge.option), edge)
                if edge.points > known.points:
                    best[edge.target, edge.option] = edge
            self.result.edges[number] = list(best.values())
        return self.result

    def cut(self, place: Place, world: World) -> World:
        live = self.live[place]
        values = tuple(
            value if variable.id in live.variables else variable.least
            for variable, value in zip(self.case.variables, world.values, strict=True)
        )
        return World(values, world.seen & live.scenes, world.found & live.indicators)

    def number(self, place: Place, world: World) -> int:
        node = Node(place, self.cut(place, world))
        known = self.numbers.get(node)
        if known is not None:
            return known
        if len(self.result.nodes) >= self.limit:
            raise TooEntangled
        number = self.numbers[node] = len(self.result.nodes)
        self.result.nodes.append(node)
        self.result.edges.append([])
        if place[1] >= 0:
            self.waiting.append(number)
        return number

    def arrive(self, target: str, world: World) -> int | None:
        """The node at which play rests after going to `target`; None where it is stuck on the way."""
        passed: list[str] = []
        while target not in self.case.ending:
            world = World(world.values, world.seen | {target}, world.found)
            self.result.visited.add(target)
            scene = self.case.scene[target]
            if scene.tasks:
                return self.number((target, 0), world)
            if target in passed:
                raise EmptyCircle(" → ".join([*passed, target]))
            passed.append(target)
            on = self.way_on(scene, world)
            if on is None:
                return None
            target = on
        self.result.visited.add(target)
        return self.number((target, -1), world)

    def way_on(self, scene: Scene, world: World) -> str | None:
        known = engine.facts(self.case, world)
        for go in scene.goes:
            if go.when.holds(known):
                return go.to
        self.result.stuck.append((scene.id, Node((scene.id, max(0, len(scene.tasks) - 1)), world)))
        return None

    def onward(self, place: Place, world: World) -> int | None:
        scene = self.case.scene[place[0]]
        if place[1] + 1 < len(scene.tasks):
            return self.number((place[0], place[1] + 1), world)
        target = self.way_on(scene, world)
        return None if target is None else self.arrive(target, world)

    def tries(self) -> None:
        self.tried += 1
        if self.tried > MOST_MOVES:
            raise TooEntangled

    def moves(self, node: Node) -> Iterator[Edge]:
        task = self.case.scene[node.place[0]].tasks[node.place[1]]
        if isinstance(task, Choose):
            for option in engine.open_options(self.case, node.world, task):
                self.tries()
                self.result.opened.add(option.id)
                world = engine.affected(self.case, node.world, option)
                target = self.arrive(option.go, world) if option.go else self.onward(node.place, world)
                if target is not None:
                    yield Edge(target, option.id, option.points)
        elif isinstance(task, Spot):
            yield from self.marks(node, task)
        else:
            target = self.onward(node.place, node.world)
            if target is not None:
                yield Edge(target, "", score.most_of(self.case, task))

    def marks(self, node: Node, spot: Spot) -> Iterator[Edge]:
        """One edge for each set of live indicators that may be marked; the others are marked at best."""
        targets = self.case.document[spot.document].indicators
        after = (node.place[0], node.place[1] + 1)
        live = self.live.get(after) or self.live_after(node.place[0])
        matter = sorted(targets & live.indicators)
        if 2 ** len(matter) > MOST_MOVES:
            raise TooEntangled
        for hits in chain.from_iterable(combinations(matter, size) for size in range(len(matter) + 1)):
            self.tries()
            world = World(node.world.values, node.world.seen, node.world.found | set(hits))
            target = self.onward(node.place, world)
            if target is not None:
                marked = len(targets) - len(matter) + len(hits)
                yield Edge(target, "", score.spotted(spot.points, marked, 0, len(targets)))

    def live_after(self, scene: str) -> Read:
        goes = self.case.scene[scene].goes
        live = read_by(go.when for go in goes)
        for go in goes:
            live |= self.live[_place(self.case, go.to)]
        return live


# -- the exact maximum ------------------------------------------------------------------------------------------------


def best_points(graph: Graph) -> int:
    """The most points that any way to an ending earns: a longest path over strongly connected parts.

    Exact, since no task with points lies on a circle (`scored-again`), so that circles weigh nothing.
    """
    part = _parts(graph)
    best: dict[int, int] = {}
    ends = {number for number, node in enumerate(graph.nodes) if node.place[1] < 0}
    members: dict[int, list[int]] = defaultdict(list)
    for number, name in enumerate(part):
        members[name].append(number)
    for name in sorted(members):  # Tarjan numbers a part after every part it leads to
        value = 0 if any(number in ends for number in members[name]) else -1
        for number in members[name]:
            for edge in graph.edges[number]:
                if part[edge.target] != name and best[part[edge.target]] >= 0:
                    value = max(value, edge.points + best[part[edge.target]])
        best[name] = value
    return max(0, best[part[0]])


def _parts(graph: Graph) -> list[int]:
    """Tarjan's strongly connected components without recursion; component numbers in reverse topological order."""
    count = len(graph.nodes)
    index, low, part = [-1] * count, [0] * count, [-1] * count
    stack: list[int] = []
    on_stack = [False] * count
    clock = parts = 0
    for root in range(count):
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
            if at < len(graph.edges[node]):
                work.append((node, at + 1))
                target = graph.edges[node][at].target
                if index[target] < 0:
                    work.append((target, 0))
                elif on_stack[target]:
                    low[node] = min(low[node], index[target])
                continue
            for edge in graph.edges[node]:
                if on_stack[edge.target]:
                    low[node] = min(low[node], low[edge.target])
            if low[node] == index[node]:
                while True:
                    member = stack.pop()
                    on_stack[member] = False
                    part[member] = parts
                    if member == node:
                        break
                parts += 1
    return part


def maximum(case: Case) -> int:
    """The most points a sound case can earn, reviews included."""
    return best_points(explore(case))
