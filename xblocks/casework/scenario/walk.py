"""Walkthroughs: a way through a case in plain words, kept beside it, that proves an ending and its points.

One step a line: `task: option`, `task: phrase phrase` (or `task: none`), `task: "text"`, `task: +1`, `skip`; blank
lines and `#` are passed over; the last line is `ends ENDING POINTS`, points without any review. How sure one is does
not matter to a story, so a walkthrough never says it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from casework.findings import Finding, found
from casework.scenario import engine, score
from casework.scenario.engine import Answer, IllegalMove, Move, Play, Skip
from casework.scenario.model import Case, Choose, Judge, Spot

_STEP = re.compile(r"([a-z][a-z0-9-]*)\s*:\s*(\S.*)")
_END = re.compile(r"ends\s+([a-z][a-z0-9-]*)\s+([0-9]+)")


class WalkError(ValueError):
    """A walkthrough that cannot be walked. `line` counts from 1; `code` is the finding's."""

    def __init__(self, line: int, detail: str, code: str = "lost-walk") -> None:
        super().__init__(detail)
        self.line = line
        self.code = code


@dataclass(frozen=True)
class Walked:
    """Where a walkthrough came out. `points` are those without reviews."""

    play: Play
    points: int


def walk(case: Case, text: str) -> Walked:
    """Play a walkthrough. Raises WalkError where it does not fit, or does not end as it says."""
    play, ended = engine.begin(case), False
    number = 0
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if ended:
            raise WalkError(number, "something stands after “ends …”", "bad-walk")
        end = _END.fullmatch(line)
        if end:
            _ends(case, play, end[1], int(end[2]), number)
            ended = True
            continue
        try:
            play = engine.apply(case, play, _move(case, line, number))
        except IllegalMove as error:
            raise WalkError(number, f"“{line}”: {error}") from None
    if not ended:
        raise WalkError(number, "the last line must be “ends ENDING POINTS”", "bad-walk")
    return Walked(play, _points(case, play))


def _points(case: Case, play: Play) -> int:
    return score.tally(case, play, 0).machine


def _ends(case: Case, play: Play, ending: str, points: int, line: int) -> None:
    if play.ending != ending:
        where = f"the ending “{play.ending}”" if play.ending else f"the scene “{play.scene}”"
        raise WalkError(line, f"it comes to {where}, not to “{ending}”")
    if _points(case, play) != points:
        raise WalkError(line, f"it earns {_points(case, play)} points, not {points}")


def _move(case: Case, line: str, number: int) -> Move:
    if line == "skip":
        return Skip()
    match = _STEP.fullmatch(line)
    if not match:
        raise WalkError(number, f"“{line[:60]}” is no step", "bad-walk")
    name, answer = match[1], match[2].strip()
    task = case.task.get(name)
    if task is None:
        raise WalkError(number, f"there is no task “{name}”")
    if isinstance(task, Choose):
        return Answer(name, option=answer, sure=1 if task.confidence else None)
    if isinstance(task, Spot):
        return Answer(name, phrases=() if answer == "none" else tuple(answer.split()))
    if isinstance(task, Judge):
        if not re.fullmatch(r"[+-]?[0-2]", answer):
            raise WalkError(number, f"“{answer}” is no judgement from -2 to +2", "bad-walk")
        return Answer(name, value=int(answer))
    if not re.fullmatch(r'".+"', answer):
        raise WalkError(number, "a written answer stands between quotation marks", "bad-walk")
    return Answer(name, words=answer)


def check(case: Case, walks: dict[str, str]) -> list[Finding]:
    """Findings about the walkthroughs of a case, by path. Every ending should be reached by one."""
    findings = []
    reached = set()
    for path, text in walks.items():
        try:
            reached.add(walk(case, text).play.ending)
        except WalkError as error:
            findings.append(found(error.code, path, error.line, detail=error))
    return findings + [
        found("ending-not-walked", next(iter(walks), case.id), 0, f"ending {ending.id}")
        for ending in case.endings
        if ending.id not in reached
    ]
