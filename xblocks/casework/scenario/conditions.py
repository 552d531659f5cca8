"""Conditions and effects: parsed, evaluated, never run as code.

Grammar (rules of play 2): comparisons `x = 1`, `seen(scene)`, `found(indicator)`; then `not`, `and`, `or` in that
order, and brackets. Effects: `x+1, x-1, x=3`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import NamedTuple

_TOKEN = re.compile(
    r"\s*(?:(?P<call>seen|found)\(\s*(?P<name>[a-z0-9-]+)\s*\)|(?P<word>not|and|or)(?![a-z0-9-])"
    r"|(?P<compare>[a-z][a-z0-9-]*)\s*(?P<op>!=|<=|>=|=|<|>)\s*(?P<number>-?[0-9]{1,6})|(?P<bracket>[()]))"
)
_EFFECT = re.compile(r"\s*([a-z][a-z0-9-]*)\s*([+=-])\s*(-?[0-9]{1,6})\s*")
_DEEPEST = 40
_OPERATORS: dict[str, Callable[[int, int], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


class ConditionError(ValueError):
    """A condition or effect that cannot be read; the message says where."""


class Facts(NamedTuple):
    """What a condition can read at one moment of play."""

    variables: Mapping[str, int]
    seen: Set[str]
    found: Set[str]


@dataclass(frozen=True)
class Compare:
    variable: str
    op: str
    number: int

    def holds(self, facts: Facts) -> bool:
        return _OPERATORS[self.op](facts.variables[self.variable], self.number)


@dataclass(frozen=True)
class Seen:
    scene: str

    def holds(self, facts: Facts) -> bool:
        return self.scene in facts.seen


@dataclass(frozen=True)
class Found:
    indicator: str

    def holds(self, facts: Facts) -> bool:
        return self.indicator in facts.found


@dataclass(frozen=True)
class Not:
    part: Condition

    def holds(self, facts: Facts) -> bool:
        return not self.part.holds(facts)


@dataclass(frozen=True)
class All:
    """Holds when every part holds; with no parts it always holds."""

    parts: tuple[Condition, ...]

    def holds(self, facts: Facts) -> bool:
        return all(part.holds(facts) for part in self.parts)


@dataclass(frozen=True)
class Any:
    parts: tuple[Condition, ...]

    def holds(self, facts: Facts) -> bool:
        return any(part.holds(facts) for part in self.parts)


Condition = Compare | Seen | Found | Not | All | Any
Leaf = Compare | Seen | Found
ALWAYS = All(())


@dataclass(frozen=True)
class Effect:
    """`op` is "+", "-" or "="; the result is clamped to the variable's range."""

    variable: str
    op: str
    number: int

    def applied(self, value: int) -> int:
        """The new value before clamping."""
        return {"+": value + self.number, "-": value - self.number, "=": self.number}[self.op]


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Everything a condition reads."""
    if isinstance(condition, Not):
        yield from leaves(condition.part)
    elif isinstance(condition, All | Any):
        for part in condition.parts:
            yield from leaves(part)
    else:
        yield condition


def parse_condition(text: str) -> Condition:
    """A condition from its text. Raises ConditionError."""
    return _Reader(text).whole()


def parse_effects(text: str) -> tuple[Effect, ...]:
    """`trust+1, time=0` as effects, in order. Raises ConditionError."""
    effects = []
    for part in text.split(","):
        match = _EFFECT.fullmatch(part)
        if not match:
            raise ConditionError(f"“{part.strip()}” is not x+1, x-1 or x=3")
        effects.append(Effect(match[1], match[2], int(match[3])))
    return tuple(effects)


class _Reader:
    """Recursive descent: or > and > not > leaf. Depth is bounded, since the text comes from outside."""

    def __init__(self, text: str) -> None:
        self.tokens: list[re.Match[str]] = []
        at = 0
        rest = text.rstrip()
        while at < len(rest):
            match = _TOKEN.match(rest, at)
            if not match:
                raise ConditionError(f"at “{rest[at:].strip()[:30]}”")
            self.tokens.append(match)
            at = match.end()
        self.at = 0
        self.depth = 0

    def whole(self) -> Condition:
        condition = self.either()
        if self.at < len(self.tokens):
            raise ConditionError(f"“{self.tokens[self.at][0].strip()}” is not expected here")
        return condition

    def takes(self, group: str, value: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at][group] == value:
            self.at += 1
            return True
        return False

    def either(self) -> Condition:
        parts = [self.both()]
        while self.takes("word", "or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def both(self) -> Condition:
        parts = [self.negated()]
        while self.takes("word", "and"):
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def negated(self) -> Condition:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ConditionError(f"more than {_DEEPEST} levels")
        condition: Condition = Not(self.negated()) if self.takes("word", "not") else self.leaf()
        self.depth -= 1
        return condition

    def leaf(self) -> Condition:
        if self.takes("bracket", "("):
            condition = self.either()
            if not self.takes("bracket", ")"):
                raise ConditionError("a bracket is not closed")
            return condition
        if self.at == len(self.tokens):
            raise ConditionError("it ends too early")
        token = self.tokens[self.at]
        self.at += 1
        if token["compare"]:
            return Compare(token["compare"], token["op"], int(token["number"]))
        if token["call"]:
            return Seen(token["name"]) if token["call"] == "seen" else Found(token["name"])
        raise ConditionError(f"“{token[0].strip()}” is not expected here")
