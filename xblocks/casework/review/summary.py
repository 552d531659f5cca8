"""What may be told of a class that played one version of a case: counts of `counting`, and the case that names them, made into
numbers of which none tells of few learners, alone or beside the others (`hiding`). No database, no words for the screen.

A number that is None is hidden. Names that the case does not have are passed over; counts that do not fit together are not
drawn as a flow. A task that a learner can answer more than once is left out: there answers are no learners.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from casework.review import counting
from casework.review.hiding import LAST, Way, hidden, hidden_apart
from casework.scenario.model import JUDGEMENTS, SURENESS, Case, Choose, Judge, Spot, Task

Number = int | None


@dataclass(frozen=True)
class Chosen:
    """`sure` by `SURENESS`; empty where the task does not ask, or where all of it is hidden."""

    option: str
    number: Number
    sure: tuple[Number, ...] = ()


@dataclass(frozen=True)
class Chose:
    """One `choose`. `answered`: how many did; None unless every option's number is shown."""

    task: str
    options: tuple[Chosen, ...]
    answered: Number


@dataclass(frozen=True)
class Found:
    """A document that was marked by `seen` learners, and by indicator how many of them found it: never a miss of few."""

    document: str
    seen: Number
    found: tuple[tuple[str, Number], ...]


@dataclass(frozen=True)
class Judged:
    """One `judge`: by value, how many."""

    task: str
    values: tuple[tuple[int, Number], ...]
    answered: Number


@dataclass(frozen=True)
class Certain:
    """A harmful or weak option that `number` learners chose and called themselves certain."""

    task: str
    option: str
    number: int


@dataclass(frozen=True)
class Node:
    """`name` as `counting` has it: "start", `task=option` or `end=ending`."""

    name: str
    number: Number


@dataclass(frozen=True)
class Arc:
    start: str
    end: str
    number: int


@dataclass(frozen=True)
class Flow:
    """Key decisions from the start to the endings. What is hidden has no arc."""

    nodes: tuple[Node, ...]
    arcs: tuple[Arc, ...]


@dataclass(frozen=True)
class Side:
    """Variants beside each other: of each how many learners, and by task and option how many of each."""

    variants: tuple[str, ...]
    learners: tuple[int, ...]
    tasks: tuple[tuple[str, tuple[tuple[str, tuple[Number, ...]], ...]], ...]
    endings: tuple[tuple[str, tuple[Number, ...]], ...]


@dataclass(frozen=True)
class Summary:
    """`side`: None where the case has no variants, or too few played one; `repeated`: the tasks that were left out."""

    learners: int
    flow: Flow | None
    tasks: tuple[Chose, ...]
    certain: tuple[Certain, ...]
    found: tuple[Found, ...]
    endings: tuple[tuple[str, Number], ...]
    judged: tuple[Judged, ...]
    side: Side | None
    repeated: tuple[str, ...]


def summed(case: Case, parts: Mapping[str, Mapping[str, int]], fewest: int) -> Summary | None:
    """What may be told of the counts of one version of a case, given by variant. None for fewer than `fewest` learners."""
    groups = {name: _clean(one) for name, one in parts.items()}
    groups = {name: one for name, one in groups.items() if one["n"]}
    total = counting.added(groups.values())
    if total["n"] < fewest:
        return None
    return _Told(case, total, fewest).told(groups)


def _clean(counts: Mapping[str, int]) -> Counter[str]:
    return Counter({name: number for name, number in counts.items() if type(number) is int and number > 0})


# -- the shape of a case ----------------------------------------------------------------------------------------------


def _targets(case: Case, scene: str, without: str = "") -> Iterator[str]:
    for task in case.scene[scene].tasks:
        if isinstance(task, Choose):
            yield from (option.go for option in task.options if option.go and option.id != without)
    yield from (go.to for go in case.scene[scene].goes)


def _ahead(case: Case, starts: Iterable[str], without: str = "") -> set[str]:
    """The scenes that can be reached from these, themselves included, without an option's way."""
    met: set[str] = set()
    waiting = [one for one in starts if one in case.scene]
    while waiting:
        scene = waiting.pop()
        if scene not in met:
            met.add(scene)
            waiting += [one for one in _targets(case, scene, without) if one in case.scene]
    return met


def repeated(case: Case) -> frozenset[str]:
    """The tasks that a learner may answer more than once (rules of play 3)."""
    hubs = [
        (scene.id, task.id)
        for scene in case.scenes
        for task in scene.tasks
        if isinstance(task, Choose) and not case.is_scored(task)
    ]
    return frozenset(task for scene, task in hubs if scene in _ahead(case, _targets(case, scene)))


def owners(case: Case) -> dict[str, tuple[tuple[str, str], ...]]:
    """By task, the (task, option) without which nobody comes to it, but for who skips that task."""
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in case.task}
    whole = _ahead(case, [case.start])
    for task in case.task.values():
        if not isinstance(task, Choose):
            continue
        for option in task.options:
            if option.go in case.scene:
                for scene in whole - _ahead(case, [case.start], option.id):
                    for one in case.scene[scene].tasks:
                        found[one.id].append((task.id, option.id))
    return {name: tuple(one) for name, one in found.items()}


# -- counts as networks -----------------------------------------------------------------------------------------------


def _cell(*names: object) -> str:
    return "|".join(str(name) for name in names)


def _sum(counts: Counter[str], task: str, option: str) -> int:
    return sum(counts[_cell("task", task, option, sure)] for sure in (*SURENESS, "-"))


def flow_fits(case: Case, counts: Counter[str]) -> bool:
    """Whether the flow names what the case has, and all who come to a place leave it."""
    arriving: Counter[str] = Counter()
    leaving: Counter[str] = Counter()
    for name, number in counts.items():
        if name.startswith("flow|"):
            parts = name.split("|")
            if len(parts) != 3:
                return False
            leaving[parts[1]] += number
            arriving[parts[2]] += number
    places = {
        f"{task.id}={option.id}": _sum(counts, task.id, option.id)
        for task in case.task.values()
        if isinstance(task, Choose) and case.is_key_decision(task)
        for option in task.options
    }
    ends = {f"end={ending.id}": counts[_cell("end", ending.id)] for ending in case.endings}
    wanted_in = Counter({name: number for name, number in (places | ends).items() if number})
    wanted_out = Counter({name: number for name, number in (places | {counting.START: counts["n"]}).items() if number})
    return (arriving, leaving) == (wanted_in, wanted_out)


class _Told:
    """Works out one summary. `gone` grows: the cells that are hidden."""

    def __init__(self, case: Case, counts: Counter[str], fewest: int) -> None:
        self.case, self.counts, self.fewest = case, counts, fewest
        self.repeated = repeated(case)
        self.owners = owners(case)
        self.leading = frozenset(one for some in self.owners.values() for one in some)
        self.keys = {task.id for task in case.task.values() if isinstance(task, Choose) and case.is_key_decision(task)}
        self.flows = not self.keys & self.repeated and flow_fits(case, counts)
        self.gone: set[str] = set()
        self.unshown: set[str] = set()
        """Tasks of which nothing is shown."""

    def told(self, groups: Mapping[str, Counter[str]]) -> Summary:
        self.gone |= hidden(self.main_ways(), self.fewest)
        for task in self.by_depth():
            base = self.base(task, self.counts, self.gone)
            if base is None:
                self.unshown.add(task.id)
            else:
                self.gone |= hidden(self.task_ways(task, self.counts, base), self.fewest)
        told = tuple(self.chose(task) for task in self.chooses())
        certain = [
            Certain(one.task, chosen.option, number)
            for one in told
            for chosen in one.options
            if chosen.sure and (number := chosen.sure[-1]) and self.role(one.task, chosen.option) in ("harmful", "weak")
        ]
        return Summary(
            learners=self.counts["n"],
            flow=self.flow() if self.flows else None,
            tasks=told,
            certain=tuple(sorted(certain, key=lambda one: -one.number)),
            found=tuple(self.found(task) for task in self.spots()),
            endings=tuple((one.id, self.shown(_cell("end", one.id))) for one in self.case.endings),
            judged=tuple(self.judged(task) for task in self.case.task.values() if isinstance(task, Judge)),
            side=self.side(groups),
            repeated=tuple(name for name in self.case.task if name in self.repeated),
        )

    # what there is

    def chooses(self) -> list[Choose]:
        return [task for task in self.case.task.values() if isinstance(task, Choose) and task.id not in self.repeated]

    def spots(self) -> list[Spot]:
        """Those whose document no other task marks: its counts are of documents."""
        all_ = [task for task in self.case.task.values() if isinstance(task, Spot)]
        often = Counter(task.document for task in all_)
        return [task for task in all_ if often[task.document] == 1]

    def by_depth(self) -> list[Task]:
        """The tasks that are a network of their own, those before on which others hang."""
        mine = [task for task in self.chooses() if not (self.flows and task.id in self.keys)]
        judges = [task for task in self.case.task.values() if isinstance(task, Judge)]
        return sorted([*mine, *self.spots(), *judges], key=lambda task: len(self.owners[task.id]))

    def role(self, task: str, option: str) -> str:
        choose = self.case.task[task]
        assert isinstance(choose, Choose)  # noqa: S101  asked of its options alone
        return choose.by_id[option].role

    # networks

    def option_ways(self, task: Choose, start: str, end: str, counts: Counter[str]) -> Iterator[Way]:
        """One option after the other from `start` to `end`, each followed by how sure; `{}` stands for the option."""
        for option in task.options:
            number = _sum(counts, task.id, option.id)
            cell = _cell("task", task.id, option.id)
            # Not the way of those whom a reader counts again further on: that would undo the hiding.
            leads = (task.id, option.id) in self.leading and task.id not in self.keys
            cost = 3 * number + (LAST // 2 if leads else 0)
            begin, last = start.format(option.id), end.format(option.id)
            if not task.confidence:
                yield Way(begin, last, cell, number, cost)
                continue
            yield Way(begin, f"{begin}/{option.id}/sure", cell, number, cost)
            for sure in (*SURENESS, "-"):
                one = _cell(cell, sure)
                yield Way(f"{begin}/{option.id}/sure", last, one, counts[one], counts[one])

    def main_ways(self) -> list[Way]:
        """Key decisions and endings; the endings alone where there is no flow."""
        counts = self.counts
        ends = [
            Way(f"end={one.id}" if self.flows else "", "/", cell, counts[cell], 3 * counts[cell])
            for one in self.case.endings
            for cell in (_cell("end", one.id),)
        ]
        if not self.flows:
            rest = counts["n"] - sum(way.number for way in ends)
            return [*ends, Way("", "/", "none|end", max(0, rest), LAST)]
        arcs = [Way(f"{a}/" if "=" in a else a, b, _cell("flow", a, b), number, number) for a, b, number in self.arcs()]
        keys = [
            way
            for task in self.chooses()
            if task.id in self.keys
            for way in self.option_ways(task, f"{task.id}={{}}", f"{task.id}={{}}/", counts)
        ]
        return [*arcs, *keys, *ends]

    def arcs(self) -> list[tuple[str, str, int]]:
        return [
            (name.split("|")[1], name.split("|")[2], number)
            for name, number in sorted(self.counts.items())
            if name.startswith("flow|")
        ]

    def answered(self, task: Task, counts: Counter[str]) -> int:
        if isinstance(task, Choose):
            return sum(_sum(counts, task.id, option.id) for option in task.options)
        if isinstance(task, Spot):
            return counts[_cell("seen", task.document)]
        return sum(counts[_cell("judge", task.id, value)] for value in JUDGEMENTS)

    def base(self, task: Task, counts: Counter[str], gone: set[str]) -> int | None:
        """Of how many learners a task takes its part: all, or those who came to it by the one option that leads there. None
        where that option is hidden: what is told behind it would tell of it."""
        least = counts["n"]
        for owner, option in self.owners[task.id]:
            if owner in self.repeated:
                continue
            if owner in self.unshown or _cell("task", owner, option) in gone:
                return None
            number = _sum(counts, owner, option)
            # More than the option's own have come where its task was skipped.
            if number >= self.answered(task, counts):
                least = min(least, number)
        return least if least >= self.answered(task, counts) and self.fits(task, counts) else None

    def fits(self, task: Task, counts: Counter[str]) -> bool:
        """Whether no more have found something than have looked."""
        if not isinstance(task, Spot):
            return True
        marks = (_cell("mark", task.document, one) for one in self.indicators(task.document))
        return all(counts[one] <= counts[_cell("seen", task.document)] for one in marks)

    def task_ways(self, task: Task, counts: Counter[str], base: int) -> list[Way]:
        start, end = f"{task.id}:", f"{task.id}:/"
        rest = base - self.answered(task, counts)
        none = Way(start, end, _cell("none", task.id), rest, rest + LAST)
        if isinstance(task, Choose):
            return [none, *self.option_ways(task, start, end, counts)]
        if isinstance(task, Judge):
            cells = [_cell("judge", task.id, value) for value in JUDGEMENTS]
            return [none, *(Way(start, end, cell, counts[cell], counts[cell]) for cell in cells)]
        assert isinstance(task, Spot)  # noqa: S101  no other kind is counted
        return [none, *self.found_ways(task, start, end, counts)]

    def found_ways(self, task: Spot, start: str, end: str, counts: Counter[str]) -> Iterator[Way]:
        """All who marked the document pass its indicators one after the other, each found or not."""
        name = task.document
        seen = counts[_cell("seen", name)]
        marked = [_cell("mark", name, one) for one in self.indicators(name)]
        places = [f"{start}/{at}" for at in range(len(marked))] + [end]
        yield Way(start, places[0], _cell("seen", name), seen, 3 * seen)
        for at, one in enumerate(marked):
            yield Way(places[at], places[at + 1], one, counts[one], counts[one])
            yield Way(places[at], places[at + 1], f"miss|{one}", seen - counts[one], 1)

    def indicators(self, document: str) -> list[str]:
        return [one.id for one in self.case.indicators if one.id in self.case.document[document].indicators]

    # what is shown

    def shown(self, cell: str) -> Number:
        return None if cell in self.gone else self.counts[cell]

    def option(self, task: str, option: str, gone: set[str], counts: Counter[str]) -> Number:
        if task in self.unshown or _cell("task", task, option) in gone:
            return None
        return _sum(counts, task, option)

    def chose(self, task: Choose) -> Chose:
        options = []
        for option in task.options:
            number = self.option(task.id, option.id, self.gone, self.counts)
            sure: tuple[Number, ...] = ()
            if number is not None and task.confidence:
                sure = tuple(self.shown(_cell("task", task.id, option.id, one)) for one in SURENESS)
            options.append(Chosen(option.id, number, sure))
        return Chose(task.id, tuple(options), _whole(one.number for one in options))

    def found(self, task: Spot) -> Found:
        name = task.document
        cells = [(one, _cell("mark", name, one)) for one in self.indicators(name)]
        if task.id in self.unshown:
            return Found(name, None, tuple((one, None) for one, _ in cells))
        return Found(name, self.shown(_cell("seen", name)), tuple((one, self.shown(cell)) for one, cell in cells))

    def judged(self, task: Judge) -> Judged:
        cells = ((value, _cell("judge", task.id, value)) for value in JUDGEMENTS)
        values = tuple((value, None if task.id in self.unshown else self.shown(cell)) for value, cell in cells)
        return Judged(task.id, values, _whole(number for _, number in values))

    def flow(self) -> Flow:
        arcs = tuple(
            Arc(start, end, number) for start, end, number in self.arcs() if _cell("flow", start, end) not in self.gone
        )
        drawn = {name for arc in arcs for name in (arc.start, arc.end)}
        nodes = [Node(counting.START, self.counts["n"])]
        for task in self.chooses():
            if task.id in self.keys:
                nodes += [
                    Node(f"{task.id}={one.id}", self.option(task.id, one.id, self.gone, self.counts))
                    for one in task.options
                ]
        nodes += [Node(f"end={one.id}", self.shown(_cell("end", one.id))) for one in self.case.endings]
        return Flow(tuple(node for node in nodes if node.number or node.name in drawn), arcs)

    # variants

    def side(self, groups: Mapping[str, Counter[str]]) -> Side | None:
        names = tuple(one.id for one in self.case.variants if one.id in groups)
        parts = [groups[name] for name in names]
        if len(names) < 2 or len(names) < len(groups) or any(part["n"] < self.fewest for part in parts):
            return None
        whole = [self.cells(part) for part in parts]
        gone = self.side_main(parts, whole)
        unshown = set(self.unshown)
        for task in self.by_depth():
            if isinstance(task, Choose) and task.id not in unshown:
                found = self.side_task(task, parts, gone, unshown)
                if found is None:
                    unshown.add(task.id)
                else:
                    gone |= found
        tasks = tuple(
            (
                task.id,
                tuple(
                    (option.id, self.beside(_cell("task", task.id, option.id), whole, gone, task.id in unshown))
                    for option in task.options
                ),
            )
            for task in self.chooses()
        )
        endings = tuple((one.id, self.beside(_cell("end", one.id), whole, gone, False)) for one in self.case.endings)
        return Side(names, tuple(part["n"] for part in parts), tasks, endings)

    def beside(self, cell: str, whole: Sequence[Counter[str]], gone: set[str], hide: bool) -> tuple[Number, ...]:
        return tuple(None if hide or cell in gone or cell in self.gone else one[cell] for one in whole)

    def cells(self, part: Counter[str]) -> Counter[str]:
        """A part's counts with the sums of its options."""
        sums = {
            _cell("task", task.id, option.id): _sum(part, task.id, option.id)
            for task in self.chooses()
            for option in task.options
        }
        return part + Counter(sums)

    def side_main(self, parts: Sequence[Counter[str]], whole: Sequence[Counter[str]]) -> set[str]:
        ways = [
            Way(way.start, way.end, way.cell, way.number, 0 if way.cell.startswith("flow|") else way.cost)
            for way in self.main_ways()
            if not _is_sure(way.cell)
        ]
        if self.flows:
            ways = [_past_sure(way) for way in ways]
        known = frozenset(self.gone)
        fits = not self.flows or all(flow_fits(self.case, part) for part in parts)
        rests = [part["n"] - sum(part[_cell("end", one.id)] for one in self.case.endings) for part in parts]
        told = [one + Counter({"none|end": rest}) for one, rest in zip(whole, rests, strict=True)]
        found = hidden_apart(ways, told, self.fewest, known) if fits else None
        return {way.cell for way in ways} if found is None else set(found)

    def side_task(
        self, task: Choose, parts: Sequence[Counter[str]], gone: set[str], unshown: set[str]
    ) -> frozenset[str] | None:
        """The cells of one task to hide in every part. None where nothing of it may be shown."""
        for owner, option in self.owners[task.id]:
            if owner not in self.repeated and (owner in unshown or _cell("task", owner, option) in gone | self.gone):
                return None
        bases = [self.base(task, part, gone) for part in parts]
        if any(base is None for base in bases):
            return None
        sums, total = [], 0
        for part, base in zip(parts, bases, strict=True):
            rest = (base or 0) - self.answered(task, part)
            total += rest
            sums.append(self.cells(part) + Counter({_cell("none", task.id): rest}))
        start, end = f"{task.id}:", f"{task.id}:/"
        ways = [_past_sure(way) for way in self.option_ways(task, start, end, self.counts) if not _is_sure(way.cell)]
        ways = [Way(start, end, way.cell, way.number, way.cost) for way in ways]
        none = Way(start, end, _cell("none", task.id), total, total + LAST)
        return hidden_apart([none, *ways], sums, self.fewest, frozenset(self.gone))


def _whole(numbers: Iterable[Number]) -> Number:
    """The sum, where all of it is shown."""
    total = 0
    for one in numbers:
        if one is None:
            return None
        total += one
    return total


def _is_sure(cell: str) -> bool:
    return cell.startswith("task|") and cell.count("|") == 3


def _past_sure(way: Way) -> Way:
    """An option's way as it is where nobody asks how sure."""
    if not way.end.endswith("/sure"):
        return way
    return Way(way.start, f"{way.start}/", way.cell, way.number, way.cost)
