"""Is a case sound? Every reference, every reachable state, and the writer's faults; all findings at once.

The state of play is cut down to what some condition ahead can still read (a liveness fixpoint over the places of the
story: live(p) = read at p ∪ live(successors) minus what is overwritten on the way), which keeps cases of sixty scenes
provable. Over the graph of those states stand all questions about play: dead options, soft-locks, tasks met twice,
harm that was not mended, and the exact maximum of points.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, combinations

from casework import prose
from casework.findings import Finding, found
from casework.scenario import engine, score
from casework.scenario.conditions import ALWAYS, Compare, Condition, Found, Seen, leaves
from casework.scenario.engine import World
from casework.scenario.model import Case, Choose, Option, Scene, Spot, Task, Text, Write

MOST_STATES = 300_000
MOST_CHARACTERS = 30_000
MOST_WORDS = 110

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
    waiting = deque(live)
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
        self.numbers: dict[Node, int] = {}
        self.waiting: deque[int] = deque()

    def graph(self) -> Graph:
        first = engine.World(tuple(one.start for one in self.case.variables), frozenset(), frozenset())
        self.arrive(self.case.start, first)
        while self.waiting:
            number = self.waiting.popleft()
            self.result.edges[number] = list(self.moves(self.result.nodes[number]))
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

    def moves(self, node: Node) -> Iterator[Edge]:
        task = self.case.scene[node.place[0]].tasks[node.place[1]]
        if isinstance(task, Choose):
            for option in engine.open_options(self.case, node.world, task):
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
        for hits in chain.from_iterable(combinations(matter, size) for size in range(len(matter) + 1)):
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


# -- all findings -----------------------------------------------------------------------------------------------------


def check(case: Case, path: str = "case") -> list[Finding]:
    """Every finding about a case that has been read. References first; play only where they hold."""
    checker = _Checker(case, path)
    checker.references()
    if not any(one.is_error for one in checker.findings):
        checker.play()
    checker.writer()
    return checker.findings


@dataclass
class _Checker:
    case: Case
    path: str
    findings: list[Finding] = field(default_factory=list)

    def say(self, code: str, line: int, place: str, /, **values: object) -> None:
        self.findings.append(found(code, self.path, line, place, **values))

    # -- references ---------------------------------------------------------------------------------------------------

    def references(self) -> None:
        self.unique_ids()
        case = self.case
        targets = case.scene.keys() | case.ending.keys()
        if case.start not in case.scene:
            self.say("unknown-reference", case.line, "case", what="scene", name=case.start)
        for scene in case.scenes:
            place = f"scene {scene.id}"
            for name in scene.opens:
                self.known(name, case.document, "document", scene.line, place)
            for go in scene.goes:
                self.known(go.to, targets, "scene or ending", go.line, place)
                self.condition(go.when, go.line, place)
            for text in scene.texts:
                self.condition(text.when, text.line, place)
            for task in scene.tasks:
                self.task(task, f"{place} / {task.id}", targets)
            if not scene.goes and not self.always_leaves(scene):
                self.say("no-way-on", scene.line, place, state="there is no <go>")
        for ending in case.endings:
            for text in ending.texts:
                self.condition(text.when, text.line, f"ending {ending.id}")
        for document in case.documents:
            for phrase in document.phrases:
                if phrase.indicator:
                    self.known(phrase.indicator, case.indicator, "indicator", document.line, f"document {document.id}")
        for panel in case.panels:
            self.panel(panel.task, panel.line)
        self.used()

    def known(self, name: str, names: Iterable[str], what: str, line: int, place: str) -> None:
        if name not in names:
            self.say("unknown-reference", line, place, what=what, name=name)

    def condition(self, condition: Condition, line: int, place: str) -> None:
        for leaf in leaves(condition):
            if isinstance(leaf, Compare):
                self.known(leaf.variable, self.case.variable, "variable", line, place)
            elif isinstance(leaf, Seen):
                self.known(leaf.scene, self.case.scene, "scene", line, place)
            elif isinstance(leaf, Found):
                self.known(leaf.indicator, self.case.indicator, "indicator", line, place)

    @staticmethod
    def always_leaves(scene: Scene) -> bool:
        last = scene.tasks[-1] if scene.tasks else None
        return isinstance(last, Choose) and all(option.go for option in last.options)

    def unique_ids(self) -> None:
        case = self.case
        seen: dict[str, str] = {}
        for what, line, name in chain(
            (("variable", one.line, one.id) for one in case.variables),
            (("document", one.line, one.id) for one in case.documents),
            (("scene", one.line, one.id) for one in case.scenes),
            ((f"scene {scene.id}", task.line, task.id) for scene in case.scenes for task in scene.tasks),
            (("option", one.line, one.id) for one in case.options()),
            (("ending", one.line, one.id) for one in case.endings),
            (("rubric", one.line, one.id) for one in case.rubrics),
        ):
            if name in seen:
                self.say("repeated-id", line, f"{what.split()[0]} {name}", name=name, other=seen[name])
            seen.setdefault(name, what)
        # Task and option dictionaries would hide a second one of the same name: walk the tuples.
        for scene in case.scenes:
            for task in scene.tasks:
                if isinstance(task, Choose) and len(task.by_id) < len(task.options):
                    self.say(
                        "repeated-id", task.line, f"scene {scene.id}", name=task.id, other="an option of the same task"
                    )
        names: set[str] = set()
        for indicator in case.indicators:
            if indicator.id in names:
                self.say("repeated-id", indicator.line, "indicator", name=indicator.id, other="an indicator")
            names.add(indicator.id)

    def task(self, task: Task, place: str, targets: Iterable[str]) -> None:
        case = self.case
        if isinstance(task, Spot):
            self.known(task.document, case.document, "document", task.line, place)
            if task.document in case.document and not case.document[task.document].indicators:
                self.say("unknown-reference", task.line, place, what="indicator in the document", name=task.document)
        elif isinstance(task, Write):
            self.known(task.rubric, case.rubric, "rubric", task.line, place)
        elif isinstance(task, Choose):
            for option in task.options:
                self.option(option, f"{place} / {option.id}", targets)

    def option(self, option: Option, place: str, targets: Iterable[str]) -> None:
        self.condition(option.when, option.line, place)
        if option.go:
            self.known(option.go, targets, "scene or ending", option.line, place)
        for effect in option.effects:
            self.known(effect.variable, self.case.variable, "variable", option.line, place)
        for name in option.mends:
            self.known(name, self.case.harmful, "harmful option", option.line, place)
        if option.role == "harmful" and not option.why.body:
            self.say("no-why", option.line, place)

    def panel(self, name: str, line: int) -> None:
        task = self.case.task.get(name)
        if task is None:
            self.say("unknown-reference", line, "panel", what="task", name=name)
            return
        for opinion in self.case.panel[name].opinions:
            place = f"panel {name} / {opinion.by}"
            if isinstance(task, Choose) and (opinion.option not in task.by_id or opinion.value is not None):
                self.say("wrong-panel", opinion.text.line, place, detail=f"“{opinion.option}” is no option of “{name}”")
            elif not isinstance(task, Choose) and (opinion.value is None or opinion.option):
                self.say("wrong-panel", opinion.text.line, place, detail=f"an opinion on “{name}” needs value=…")

    def used(self) -> None:
        case = self.case
        carried = {phrase.indicator for document in case.documents for phrase in document.phrases}
        for indicator in case.indicators:
            if indicator.id not in carried:
                self.say("unused-indicator", indicator.line, f"indicator {indicator.id}")
        read = read_by(
            chain(
                (option.when for option in case.options()),
                (go.when for scene in case.scenes for go in scene.goes),
                (text.when for scene in case.scenes for text in scene.texts),
                (text.when for ending in case.endings for text in ending.texts),
            )
        )
        for variable in case.variables:
            if variable.id not in read.variables:
                self.say("unused-variable", variable.line, f"variable {variable.id}")
        opened = {name for scene in case.scenes for name in scene.opens}
        for document in case.documents:
            if document.id not in opened:
                self.say("unused-document", document.line, f"document {document.id}")
        rubrics = {task.rubric for task in case.task.values() if isinstance(task, Write)}
        for rubric in case.rubrics:
            if rubric.id not in rubrics:
                self.say("unused-rubric", rubric.line, f"rubric {rubric.id}")

    # -- play ---------------------------------------------------------------------------------------------------------

    def play(self) -> None:
        try:
            graph = explore(self.case)
        except TooEntangled:
            self.say("too-entangled", self.case.line, "case", limit=MOST_STATES)
            return
        except EmptyCircle as circle:
            self.say("empty-circle", self.case.line, "case", scenes=circle)
            return
        self.reached(graph)
        self.stuck(graph)
        self.again(graph)
        self.unmended(graph)

    def reached(self, graph: Graph) -> None:
        for scene in self.case.scenes:
            if scene.id not in graph.visited:
                self.say("unreachable-scene", scene.line, f"scene {scene.id}")
        for ending in self.case.endings:
            if ending.id not in graph.visited:
                self.say("unreachable-ending", ending.line, f"ending {ending.id}")
        for option in self.case.options():
            if option.id not in graph.opened:
                self.say("dead-option", option.line, f"option {option.id}")

    def state(self, node: Node) -> str:
        world = node.world
        live = liveness(self.case, texts=False).get(node.place, Read())
        values = [
            f"{variable.id} = {value}"
            for variable, value in zip(self.case.variables, world.values, strict=True)
            if variable.id in live.variables
        ]
        values += [f"seen({name})" for name in sorted(world.seen & live.scenes)]
        values += [f"found({name})" for name in sorted(world.found & live.indicators)]
        return ", ".join(values) or "whatever was done before"

    def stuck(self, graph: Graph) -> None:
        """One finding a scene: the first state that is stuck there says enough to mend it."""
        told: set[str] = set()
        for name, node in graph.stuck:
            if name not in told:
                self.say("no-way-on", self.case.scene[name].line, f"scene {name}", state=self.state(node))
            told.add(name)
        stuck_scenes = set(told)
        ends = [number for number, node in enumerate(graph.nodes) if node.place[1] < 0]
        alive = graph.behind(ends)
        for node in graph.nodes:
            name = node.place[0]
            if node.place[1] < 0 or name in told:
                continue
            task = self.case.scene[name].tasks[node.place[1]]
            if isinstance(task, Choose) and not engine.open_options(self.case, node.world, task):
                told.add(name)
                self.say("no-open-option", task.line, f"scene {name} / {task.id}", state=self.state(node))
        for number, node in enumerate(graph.nodes):
            name = node.place[0]
            if number not in alive and name not in told and not stuck_scenes:
                told.add(name)
                self.say("no-ending", self.case.scene[name].line, f"scene {name}", state=self.state(node))

    def again(self, graph: Graph) -> None:
        for scene in self.case.scenes:
            for position, task in enumerate(scene.tasks):
                if not self.case.is_scored(task):
                    continue
                at = graph.at.get((scene.id, position), [])
                after = {edge.target for number in at for edge in graph.edges[number]}
                if not graph.ahead(after).isdisjoint(at):
                    self.say("scored-again", task.line, f"scene {scene.id} / {task.id}")

    def unmended(self, graph: Graph) -> None:
        protective = {one.id for one in self.case.endings if one.outcome == "protective"}
        by_option: dict[str, set[int]] = defaultdict(set)
        for edges in graph.edges:
            for edge in edges:
                if edge.option in self.case.harmful:
                    by_option[edge.option].add(edge.target)
        menders: dict[str, set[str]] = defaultdict(set)
        for option in self.case.options():
            for name in option.mends:
                menders[name].add(option.id)
        options = {option.id: option for option in self.case.options()}
        for harm, starts in sorted(by_option.items()):
            mending = menders[harm]
            ahead = graph.ahead(starts, lambda edge, mending=mending: edge.option not in mending)  # type: ignore[misc]
            for name in sorted({graph.nodes[number].place[0] for number in ahead} & protective):
                self.say("protected-past-harm", options[harm].line, f"option {harm}", ending=name)

    # -- the writer ---------------------------------------------------------------------------------------------------

    def writer(self) -> None:
        case = self.case
        self.length()
        for scene in case.scenes:
            words = sum(len(prose.plain(text.body).split()) for text in scene.texts if text.when == ALWAYS)
            if case.lang == "en" and words > MOST_WORDS:
                self.say("long-scene", scene.line, f"scene {scene.id}", count=words, limit=MOST_WORDS)
            for task in scene.tasks:
                if isinstance(task, Choose):
                    self.lengths(task, f"scene {scene.id} / {task.id}")
        self.places()
        for document in case.documents:
            for phrase in document.phrases:
                word = re.search(r"indicator|decoy|trafficking", phrase.text, re.IGNORECASE)
                if not phrase.indicator and word:
                    self.say("decoy-tells", document.line, f"document {document.id}", name=phrase.name, word=word[0])
        for text, place in self.texts():
            for kind, match in personal_data(text.body):
                self.say("personal-data", text.line, place, text=match, kind=kind)

    def length(self) -> None:
        count = sum(len(text.body) for text, _ in self.texts())
        if self.case.lang == "en" and count > MOST_CHARACTERS:
            self.say("too-long", self.case.line, "case", count=count, limit=MOST_CHARACTERS)

    def lengths(self, task: Choose, place: str) -> None:
        lengths = {option.id: len(prose.plain(option.text.body)) for option in task.options}
        least, most = min(lengths.values()), max(lengths.values())
        if least * 3 < most * 2:
            self.say("unequal-options", task.line, place, least=least, most=most)
        longest = [option for option in task.options if lengths[option.id] == most]
        if len(longest) == 1 and longest[0].role == "key":
            self.say("longest-is-key", longest[0].line, f"{place} / {longest[0].id}")
        for option in task.options:
            if list(leaves(option.when)) and not option.closed.body:
                self.say("no-closed", option.line, f"{place} / {option.id}")

    def places(self) -> None:
        keyed = [
            task for task in self.case.task.values()
            if isinstance(task, Choose) and any(option.role == "key" for option in task.options)
        ]  # fmt: skip
        if len(keyed) > 1 and all(task.options[0].role == "key" for task in keyed):
            self.say("key-always-first", keyed[0].line, "case")

    def texts(self) -> Iterator[tuple[Text, str]]:
        """Every text of the case with the words for its place."""
        case = self.case
        yield case.title, "title"
        yield case.practise, "practise"
        yield case.care.text, "care"
        for source in case.sources:
            yield source, "source"
        for indicator in case.indicators:
            yield indicator.text, f"indicator {indicator.id}"
        for document in case.documents:
            yield document.title, f"document {document.id}"
            for part in document.parts:
                yield part.text, f"document {document.id} / {part.by}"
        for scene in case.scenes:
            place = f"scene {scene.id}"
            for text in (scene.title, *scene.texts, scene.summary):
                yield text, place
            for task in scene.tasks:
                for text in _task_texts(task):
                    yield text, f"{place} / {task.id}"
        for ending in case.endings:
            for text in (ending.title, *ending.texts):
                yield text, f"ending {ending.id}"
        for rubric in case.rubrics:
            for row in rubric.rows:
                for text in (row.text, *(level.text for level in row.levels)):
                    yield text, f"rubric {rubric.id} / {row.id}"
        for panel in case.panels:
            for opinion in panel.opinions:
                yield opinion.text, f"panel {panel.task} / {opinion.by}"


def _task_texts(task: Task) -> Iterator[Text]:
    yield task.ask
    if isinstance(task, Choose):
        for option in task.options:
            yield from (option.text, option.reply, option.why, option.closed)
    elif isinstance(task, Write):
        yield task.practised
    elif not isinstance(task, Spot):
        yield from (task.claim, task.news)


PERSONAL_DATA: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("e-mail address", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")),
    ("telephone number", re.compile(r"(?<![\w-])\+?\d[\d ()-]{7,}\d(?![\w-])")),
    ("passport number", re.compile(r"\b[A-Z]{1,2}\d{6,8}\b")),
)
"""Patterns of what must not be written: they catch common forms only, and say so where they are used."""


def personal_data(text: str) -> Iterator[tuple[str, str]]:
    """(kind, what was found) for each pattern that looks like data of a real person."""
    for kind, pattern in PERSONAL_DATA:
        for match in pattern.finditer(text):
            yield kind, match[0]
