"""Worlds as whole numbers: what `states.py` counts by the ten thousand.

A value takes as many bits as its variable's range, a scene that was seen and an indicator that was found one bit each, those
alone that some condition reads. To cut a world down to what still matters is then one `&`. Rules stay where they are: a
condition is asked, and an effect applied, by `conditions.py` and `engine.py`, once for each value of what it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from casework.scenario import engine
from casework.scenario.conditions import ALWAYS, Compare, Condition, Seen, leaves
from casework.scenario.engine import World
from casework.scenario.model import Case, Option

_Answer = TypeVar("_Answer")


class Table(dict[int, _Answer], Generic[_Answer]):
    """Answers by the part of a world that a question reads: `table[code & table.mask]`. Each is found out once."""

    __slots__ = ("_find", "mask")

    def __init__(self, mask: int, find: Callable[[int], _Answer]) -> None:
        super().__init__()
        self.mask, self._find = mask, find

    def __missing__(self, part: int) -> _Answer:
        answer = self[part] = self._find(part)
        return answer


class Worlds:
    """The codes of a case's worlds. `scenes` and `indicators` are those that conditions read; the code 0 is the world in which
    each variable has its least value and nothing was seen or found."""

    def __init__(self, case: Case, scenes: Iterable[str], indicators: Iterable[str]) -> None:
        self._case = case
        self._places: list[tuple[int, int, int]] = []
        self._variables: dict[str, int] = {}
        at = 0
        for variable in case.variables:
            most = (1 << (variable.most - variable.least).bit_length()) - 1
            self._places.append((at, most, variable.least))
            self._variables[variable.id] = most << at
            at += most.bit_length()
        self.seen = {name: 1 << place for place, name in enumerate(sorted(scenes), at)}
        at += len(self.seen)
        self.found = {name: 1 << place for place, name in enumerate(sorted(indicators), at)}

    def mask(self, variables: Iterable[str] = (), scenes: Iterable[str] = (), indicators: Iterable[str] = ()) -> int:
        """The bits of these names."""
        bits = 0
        for name in variables:
            bits |= self._variables[name]
        for name in scenes:
            bits |= self.seen[name]
        for name in indicators:
            bits |= self.found[name]
        return bits

    def code(self, values: Iterable[int]) -> int:
        """The world with these values of the variables, in the case's order, in which nothing was seen or found."""
        bits = 0
        for (at, _, least), value in zip(self._places, values, strict=True):
            bits |= (value - least) << at
        return bits

    def world(self, code: int) -> World:
        """The world of a code, as the engine knows it."""
        return World(
            tuple((code >> at & most) + least for at, most, least in self._places),
            frozenset(name for name, bit in self.seen.items() if code & bit),
            frozenset(name for name, bit in self.found.items() if code & bit),
        )

    def test(self, condition: Condition) -> Table[bool] | None:
        """Whether a condition holds in a world; None for one that always does."""
        if condition == ALWAYS:
            return None
        mask = 0
        for leaf in leaves(condition):
            if isinstance(leaf, Compare):
                mask |= self._variables[leaf.variable]
            else:
                mask |= self.seen[leaf.scene] if isinstance(leaf, Seen) else self.found[leaf.indicator]
        return Table(mask, lambda part: engine.holds(self._case, self.world(part), condition))

    def effect(self, option: Option) -> Table[int] | None:
        """What an option makes of the variables that it changes; None where it changes none."""
        if not option.effects:
            return None
        mask = self.mask(effect.variable for effect in option.effects)

        def changed(part: int) -> int:
            return self.code(engine.affected(self._case, self.world(part), option).values) & mask

        return Table(mask, changed)
