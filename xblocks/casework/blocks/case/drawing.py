"""The way of a finished attempt as a picture: own steps in a line, and beside it the ways that were left.

A left way is drawn where it parts, with a ring for each scene on it that was not seen, until it meets the own way again or
comes to another ending. Nothing is named but by the numbers of the list that stands below it and says the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from casework.blocks.case.moments import kind
from casework.scenario import engine
from casework.scenario.engine import Answer, Play, Skip, Step
from casework.scenario.model import Case, Choose

UNIT, UPRIGHT, LANE = 44, 30, 30
"""Between two steps, between two steps from top to bottom, and between two lanes: in the drawing's points."""
MOST_RINGS = 4
MOST_LANES = 3
"""On each side of the way; what finds no room is left out, so that a tangled case stays a picture."""


@dataclass(frozen=True)
class Left:
    """A way that was left after step `start`: `rings` scenes not seen, then the own way at step `end`, or another ending
    where `end` is None."""

    start: int
    end: int | None
    rings: int


@dataclass(frozen=True)
class Way:
    """`shapes` of the steps as the trail draws them, whether each did harm, and the ways that were left."""

    shapes: tuple[str, ...]
    harm: tuple[bool, ...]
    left: tuple[Left, ...]


def drawn(case: Case, play: Play) -> Way:
    """The way of a play that has ended."""
    at = _columns(case, play)
    left: dict[tuple[int, int | None], Left] = {}
    for number, step in enumerate(play.steps):
        for target in _others(case, step, play, number):
            one = _followed(case, target, number, at)
            if one and ((one.start, one.end) not in left or one.rings > left[one.start, one.end].rings):
                left[one.start, one.end] = one
    shapes = tuple("skip" if isinstance(step.move, Skip) else kind(case.task[step.task]) for step in play.steps)
    harm = tuple(_did_harm(case, step) for step in play.steps)
    return Way(shapes, harm, tuple(left.values()))


def _did_harm(case: Case, step: Step) -> bool:
    task = case.task[step.task] if step.task else None
    return isinstance(task, Choose) and isinstance(step.move, Answer) and task.by_id[step.move.option].role == "harmful"


def _columns(case: Case, play: Play) -> dict[str, list[int]]:
    """By scene or ending, the numbers of the steps before which it was entered; the ending's is that after the last."""
    at: dict[str, list[int]] = {}
    now = engine.begin(case)
    for number, step in enumerate(play.steps):
        for scene in now.read:
            at.setdefault(scene, []).append(number)
        now = engine.apply(case, now, step.move)
    for scene in now.read:
        at.setdefault(scene, []).append(len(play.steps))
    at[now.ending] = [len(play.steps)]
    return at


def _others(case: Case, step: Step, play: Play, number: int) -> list[str]:
    """Where one could have gone from this step instead: every way of its task, and of its scene after the last task."""
    scene = case.scene[step.scene]
    task = case.task.get(step.task)
    options = [option for option in task.options if option.go] if isinstance(task, Choose) else []
    last = not scene.tasks or step.task == scene.tasks[-1].id or isinstance(step.move, Skip)
    ways = [option.go for option in options] + ([go.to for go in scene.goes] if last else [])
    after = play.steps[number + 1].scene if number + 1 < len(play.steps) else play.ending
    return [name for name in dict.fromkeys(ways) if name != after]


def _followed(case: Case, start: str, number: int, at: dict[str, list[int]]) -> Left | None:
    """The shortest way from `start` to the own way ahead, or to another ending."""
    waiting, met = deque([(start, 0)]), {start}
    while waiting:
        name, rings = waiting.popleft()
        ahead = [column for column in at.get(name, ()) if column > number]
        if ahead:
            # Straight on to the next step is no other way.
            return Left(number, ahead[0], rings) if rings or ahead[0] > number + 1 else None
        if name in case.ending:
            return Left(number, None, rings)
        for target in _ways(case, name):
            if target not in met:
                met.add(target)
                waiting.append((target, rings + (name not in at)))
    return None


def _ways(case: Case, name: str) -> list[str]:
    scene = case.scene[name]
    options = [option for task in scene.tasks if isinstance(task, Choose) for option in task.options]
    return list(dict.fromkeys([option.go for option in options if option.go] + [go.to for go in scene.goes]))


# -- as SVG -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sheet:
    """Where a step and a lane stand on the drawing; lane 0 is the own way. Upright, the numbers have the left side for
    themselves."""

    upright: bool
    lanes: Mapping[Left, int]

    @cached_property
    def above(self) -> int:
        return max((-lane for lane in self.lanes.values()), default=0)

    @cached_property
    def beside(self) -> dict[int, int]:
        """Lanes to the right, in the order of their distance."""
        return {lane: number for number, lane in enumerate(sorted(set(self.lanes.values()), key=abs), 1)}

    def at(self, along: float, lane: int) -> tuple[int, int]:
        """Points from the left and from the top."""
        length = round(along * (UPRIGHT if self.upright else UNIT)) + 24
        if self.upright:
            return self.beside.get(lane, 0) * LANE + 30, length
        return length, (lane + self.above) * LANE + 24

    def path(self, look: str, *points: tuple[str, float, int]) -> str:
        """A line through (command, along, lane)."""
        drawn = " ".join("{}{},{}".format(command, *self.at(along, lane)) for command, along, lane in points)
        return f'<path class="{look}" d="{drawn}"/>'


def svg(way: Way, digits: str, upright: bool) -> str:
    """The way from left to right, or from top to bottom. Colours and lines are the style sheet's; `digits` are ten."""
    last, lanes = len(way.shapes), _lanes(way)
    sheet = _Sheet(upright, lanes)
    out = [sheet.path("own", ("M", 0, 0), ("L", last, 0))]
    for one, lane in lanes.items():
        out.append(_left(one, lane, sheet))
    for number, shape in enumerate(way.shapes):
        x, y = sheet.at(number, 0)
        out.append(_mark("harm" if way.harm[number] else shape, "own", x, y))
        out.append(f'<text x="{x - 15 * upright}" y="{y + (5 if upright else 22)}">{_said(number + 1, digits)}</text>')
    out.append(_mark("end", "own", *sheet.at(last, 0)))
    corners = [sheet.at(max([last, *map(_end, lanes)]), lane) for lane in (0, *lanes.values())]
    width, height = max(x for x, _ in corners) + 24, max(y for _, y in corners) + 30
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true">{"".join(out)}</svg>'
    )


def _said(number: int, digits: str) -> str:
    return "".join(digits[int(one)] for one in str(number))


def _lanes(way: Way) -> dict[Left, int]:
    """A lane for each left way, above (negative) and below in turn, so that none lies on another: short ones go nearest."""
    taken: dict[int, list[tuple[float, float]]] = {}
    lanes: dict[Left, int] = {}
    order = [lane for near in range(1, MOST_LANES + 1) for lane in (-near, near)]
    for one in sorted(way.left, key=lambda one: (_end(one) - one.start, one.start)):
        start, end = one.start + 0.1, _end(one) - 0.1
        free = (lane for lane in order if all(end <= a or b <= start for a, b in taken.get(lane, ())))
        lane = next(free, 0)
        if lane:
            taken.setdefault(lane, []).append((start, end))
            lanes[one] = lane
            order = [-each for each in order]
    return lanes


def _end(one: Left) -> float:
    return one.start + 0.9 + 0.5 * min(one.rings, MOST_RINGS) if one.end is None else float(one.end)


def _left(one: Left, lane: int, sheet: _Sheet) -> str:
    start, end = one.start, _end(one)
    bend = min(0.5, (end - start) / 2)
    points: list[tuple[str, float, int]] = [
        ("M", start, 0), ("C", start + bend, 0), ("", start, lane), ("", start + bend, lane),
    ]  # fmt: skip
    if one.end is None:
        points.append(("L", end, lane))
    else:
        points += [("L", end - bend, lane), ("C", end, lane), ("", end - bend, 0), ("", end, 0)]
    first, final = start + bend, end if one.end is None else end - bend
    rings = min(one.rings, MOST_RINGS)
    out = [sheet.path("left", *points)]
    for ring in range(1, rings + 1):
        out.append(_mark("ring", "left", *sheet.at(first + (final - first) * ring / (rings + 1), lane)))
    if one.end is None:
        out.append(_mark("end", "left", *sheet.at(end, lane)))
    return "".join(out)


def _mark(shape: str, look: str, x: int, y: int) -> str:
    """The shapes of the trail: a circle decides, a square is a document or an ending, a diamond writing or harm."""
    match shape:
        case "spot" | "end":
            return f'<rect class="{look}" x="{x - 6}" y="{y - 6}" width="12" height="12"/>'
        case "write" | "harm":
            turned = f'x="{x - 5}" y="{y - 5}" width="10" height="10" transform="rotate(45 {x} {y})"'
            return f'<rect class="{"harm" if shape == "harm" else look}" {turned}/>'
        case "judge":
            return f'<rect class="{look}" x="{x - 6}" y="{y - 3}" width="12" height="6"/>'
        case "skip":
            return f'<circle class="left" cx="{x}" cy="{y}" r="6"/>'
        case _:
            return f'<circle class="{look}" cx="{x}" cy="{y}" r="{4 if shape == "ring" else 6}"/>'
