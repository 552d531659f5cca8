"""The flow of a class as SVG: stages from left to right, bands as wide as the number of those who went that way, numbers and
words beside. Places and numbers come in and a picture goes out; colours and type are the style sheet's.

The picture is one image to who does not see it; the table beside it says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

STAGE, BAR, LABEL, LINES = 212, 14, 192, 66
"""From stage to stage; how wide a bar is; how wide and how high the words above it may be: in the picture's points."""
HEIGHT = 240
"""Of the bar of all learners."""
GAP, EDGE = 14, 12


@dataclass(frozen=True)
class Place:
    """One choice that could be made, the start, or an ending. Places of a `group` stand in one stage. `number` is None where
    it is hidden; `harm`: it did harm, or ended in it."""

    name: str
    group: str
    words: str
    number: int | None
    harm: bool = False
    last: bool = False


@dataclass(frozen=True)
class Band:
    """So many went from one place to another; `harm`: that was harmful."""

    start: str
    end: str
    number: int
    harm: bool = False


@dataclass
class _Box:
    """A place as it is drawn, or the room that a long band takes in a stage between."""

    stage: int
    high: float
    place: Place | None = None
    top: float = 0.0
    before: list[_Line] = field(default_factory=list)
    after: list[_Line] = field(default_factory=list)

    @property
    def above(self) -> int:
        return LINES if self.place else GAP

    @property
    def middle(self) -> float:
        return self.top + self.high / 2


@dataclass
class _Line:
    """A part of a band, from one stage to the next; `out` and `into`: where its middle meets the boxes."""

    band: Band
    start: _Box
    end: _Box
    wide: float
    out: float = 0.0
    into: float = 0.0


def stages(places: Sequence[Place], bands: Iterable[Band]) -> dict[str, int]:
    """By group, its stage: behind all from which a band comes. Where groups lie in a circle they stand as they are given."""
    groups = list(dict.fromkeys(place.group for place in places))
    group = {place.name: place.group for place in places}
    last = {place.group for place in places if place.last}
    ways = {(group[one.start], group[one.end]) for one in bands} - {(name, name) for name in groups}
    at = dict.fromkeys(groups, 0)
    for _ in groups:
        moved = False
        for start, end in sorted(ways):
            if at[end] <= at[start]:
                at[end], moved = at[start] + 1, True
        if not moved:
            break
    else:
        at = {name: number for number, name in enumerate(groups)}
    behind = max((number for name, number in at.items() if name not in last), default=0) + 1
    at |= dict.fromkeys(last, behind)
    used = {number: stage for stage, number in enumerate(sorted(set(at.values())))}
    return {name: used[number] for name, number in at.items()}


def svg(places: Sequence[Place], bands: Sequence[Band], learners: int, said: str) -> str:
    """The picture; `said` names it. Every band's ends are among the places."""
    stage = stages(places, bands)
    # Against the order of the stages nothing is drawn; the table has it.
    group = {place.name: stage[place.group] for place in places}
    bands = [one for one in bands if group[one.start] < group[one.end]]
    boxes, lines = _boxes(places, bands, group, HEIGHT / max(1, learners))
    columns = _columns(boxes)
    _order(columns)
    high = _stack(columns)
    for box in boxes:
        _meet(box)
    wide = EDGE + len(columns) * STAGE
    drawn = [*(_band(one) for one in sorted(lines, key=lambda one: -one.wide)), *(_bar(one) for one in boxes)]
    words = [_words(one) for one in boxes]
    return (
        f'<svg class="flow" viewBox="0 0 {wide} {high:.0f}" width="{wide}" height="{high:.0f}" role="img"'
        f' aria-label="{escape(said)}">{"".join(drawn + words)}</svg>'
    )


def _boxes(
    places: Sequence[Place], bands: Sequence[Band], stage: Mapping[str, int], scale: float
) -> tuple[list[_Box], list[_Line]]:
    came, went = dict.fromkeys(stage, 0), dict.fromkeys(stage, 0)
    for band in bands:
        went[band.start] += band.number
        came[band.end] += band.number
    box = {}
    # What harms lies below, where nothing else decides.
    for place in sorted(places, key=lambda place: place.harm):
        # What is hidden is not to be measured either: then a bar is as high as what is shown of it.
        number = max(came[place.name], went[place.name]) if place.number is None else place.number
        box[place.name] = _Box(stage[place.name], max(2.0, number * scale), place)
    boxes, lines = list(box.values()), []
    for band in bands:
        wide, at = max(1.0, band.number * scale), box[band.start]
        for between in range(at.stage + 1, stage[band.end]):
            room = _Box(between, wide)
            boxes.append(room)
            lines.append(_joined(band, at, room, wide))
            at = room
        lines.append(_joined(band, at, box[band.end], wide))
    return boxes, lines


def _joined(band: Band, start: _Box, end: _Box, wide: float) -> _Line:
    line = _Line(band, start, end, wide)
    start.after.append(line)
    end.before.append(line)
    return line


def _columns(boxes: Sequence[_Box]) -> list[list[_Box]]:
    columns: list[list[_Box]] = [[] for _ in range(max((box.stage for box in boxes), default=0) + 1)]
    for box in boxes:
        columns[box.stage].append(box)
    return columns


def _order(columns: Sequence[list[_Box]]) -> None:
    """Each box near those it is joined to: a few sweeps to the right and back."""
    for sweep in range(6):
        _stack(columns)
        for column in columns if sweep % 2 == 0 else reversed(columns):
            near = {id(box): _near(box, sweep % 2 == 0) for box in column}
            column.sort(key=lambda box: near[id(box)])
            _stack(columns)


def _near(box: _Box, back: bool) -> float:
    joined = [(line.start if back else line.end, line.wide) for line in (box.before if back else box.after)]
    weight = sum(wide for _, wide in joined)
    return sum(other.middle * wide for other, wide in joined) / weight if weight else box.middle


def _stack(columns: Sequence[list[_Box]]) -> float:
    """Gives every box its top, each stage in the middle; answers with the height of it all."""
    heights = [sum(box.above + box.high for box in column) for column in columns]
    high = max(heights, default=0.0)
    for column, own in zip(columns, heights, strict=True):
        top = EDGE + (high - own) / 2
        for box in column:
            box.top = top + box.above
            top = box.top + box.high
    return high + 2 * EDGE


def _meet(box: _Box) -> None:
    """Bands leave and come in from top to bottom, in the order of where they go and come from."""
    top = box.top
    for line in sorted(box.after, key=lambda line: line.end.middle):
        line.out, top = top + line.wide / 2, top + line.wide
    top = box.top
    for line in sorted(box.before, key=lambda line: line.start.middle):
        line.into, top = top + line.wide / 2, top + line.wide


def _left(box: _Box) -> int:
    return EDGE + box.stage * STAGE


def _band(line: _Line) -> str:
    start = _left(line.start) + (BAR if line.start.place else 0)
    end = _left(line.end)
    middle = (start + end) / 2
    # Through a stage where it does not stop a band runs straight on.
    on = f" H{end + BAR}" if line.end.place is None else ""
    start += BAR if line.start.place is None else 0
    look = "band harm" if line.band.harm else "band"
    return (
        f'<path class="{look}" stroke-width="{line.wide:.1f}" d="M{start},{line.out:.1f}'
        f' C{middle:.0f},{line.out:.1f} {middle:.0f},{line.into:.1f} {end},{line.into:.1f}{on}"/>'
    )


def _bar(box: _Box) -> str:
    if box.place is None:
        return ""
    look = "bar" + " harm" * box.place.harm + " unsaid" * (box.place.number is None)
    return f'<rect class="{look}" x="{_left(box)}" y="{box.top:.1f}" width="{BAR}" height="{box.high:.1f}" rx="2"/>'


def _words(box: _Box) -> str:
    """HTML inside the picture, so that every script breaks its lines where it may."""
    if box.place is None:
        return ""
    place = box.place
    number = "" if place.number is None else f"<b>{place.number}</b> "
    mark = '<i class="diamond"></i>' if place.harm else ""
    return (
        f'<foreignObject x="{_left(box)}" y="{box.top - LINES:.1f}" width="{LABEL}" height="{LINES - 2}">'
        f'<div xmlns="http://www.w3.org/1999/xhtml" class="flow-words"><span>{mark}{number}{escape(place.words)}</span>'
        "</div></foreignObject>"
    )
