"""How a case is numbered for a room: turns, tallies, signs, papers, phrases, letters of answers.

Slugs tell, so they stand on no page of the players: a variable is a tally with a letter, an indicator a sign with a number.
Endings are numbered after the scenes and in no order that could be read as a judgement.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from casework.curriculum.edition.sheets import LETTERS, lot
from casework.curriculum.edition.words import Say, Words
from casework.scenario.conditions import ALWAYS, All, Any, Compare, Condition, Found, Not, Seen
from casework.scenario.model import Case, Choose, Spot

_TALLIES = "PQRSTUVWXYZ"
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_COMPARED = {"=": "is", "!=": "is_not", "<": "less", ">": "more", "<=": "at_most", ">=": "at_least"}


@dataclass(frozen=True)
class Numbered:
    """A case, in the words of one variant, with its numbers. `stem` names its files, `group` the variant (0: there is none)."""

    case: Case
    stem: str
    group: int = 0

    @property
    def script(self) -> str:
        return f"case-{self.stem}.html"

    @property
    def papers(self) -> str:
        return f"papers-{self.stem}.html"

    @property
    def debrief(self) -> str:
        return f"facilitator-case-{self.stem}.html"

    @cached_property
    def turn(self) -> dict[str, int]:
        """Scenes and endings; play begins at turn 1."""
        scenes = sorted((one.id for one in self.case.scenes), key=lambda name: name != self.case.start)
        endings = sorted((one.id for one in self.case.endings), key=lambda name: lot(self.case.id, name))
        return {name: at for at, name in enumerate([*scenes, *endings], start=1)}

    @cached_property
    def tally(self) -> dict[str, str]:
        names = [one.id for one in self.case.variables]
        return {
            name: _TALLIES[at] if at < len(_TALLIES) else f"{_TALLIES[at % len(_TALLIES)]}{at // len(_TALLIES) + 1}"
            for at, name in enumerate(names)
        }

    @cached_property
    def sign(self) -> dict[str, int]:
        return {one.id: at for at, one in enumerate(self.case.indicators, start=1)}

    @cached_property
    def paper(self) -> dict[str, int]:
        return {one.id: at for at, one in enumerate(self.case.documents, start=1)}

    @cached_property
    def marked(self) -> frozenset[str]:
        """The documents in which phrases are marked."""
        return frozenset(task.document for task in self.case.task.values() if isinstance(task, Spot))

    def phrase(self, document: str) -> dict[str, int]:
        return {one.name: at for at, one in enumerate(self.case.document[document].phrases, start=1)}

    def letters(self, choose: Choose) -> dict[str, str]:
        """The letters of a decision's answers, in the order of the case."""
        return {one.id: LETTERS[at] for at, one in enumerate(choose.options)}

    def when(self, key: str, condition: Condition, words: Words) -> str:
        """The word `key` with a condition as a facilitator can follow it: HTML, all of it in one language."""
        return words.whole(lambda say: say(key, condition=self._told(condition, say)))

    def _told(self, condition: Condition, say: Say, negated: bool = False) -> str:
        match condition:
            case Not(part):
                return self._told(part, say, not negated)
            case All(parts) | Any(parts):
                both = isinstance(condition, All) != negated
                return self._joined(parts, say, negated, "and" if both else "or")
            case Compare(variable, op, number):
                key = _COMPARED[_OPPOSITE[op] if negated else op]
                return say(key, name=self.tally[variable], n=number)
            case Seen(scene):
                return say("not_played" if negated else "played", n=self.turn[scene])
            case Found(indicator):
                return say("not_found" if negated else "found", n=self.sign[indicator])

    def _joined(self, parts: tuple[Condition, ...], say: Say, negated: bool, key: str) -> str:
        told = [
            say("bracket", a=one) if isinstance(_bare(part), All | Any) else one
            for part in parts
            for one in [self._told(part, say, negated)]
        ]
        out = told[0]
        for one in told[1:]:
            out = say(key, a=out, b=one)
        return out


def _bare(condition: Condition) -> Condition:
    while isinstance(condition, Not):
        condition = condition.part
    return condition


def is_always(condition: Condition) -> bool:
    return condition == ALWAYS
