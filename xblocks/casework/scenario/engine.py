"""The rules of play, all of them, and nothing else: no storage, no clock, no words for the screen.

`begin` gives the first `Play`, `apply` the next after an answer or a skip. A move that is not legal raises
`IllegalMove` and nothing has changed, since a Play is a frozen value. Points are `score.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from casework.scenario.conditions import ALWAYS, Condition, Facts
from casework.scenario.model import (
    JUDGEMENTS,
    SURENESS,
    Case,
    Choose,
    Ending,
    Judge,
    Option,
    Scene,
    Spot,
    Task,
    Write,
)

MOST_SKIPS = 3
"""Scenes that may be skipped in one attempt (rules of play 5)."""


class IllegalMove(ValueError):
    """An answer that the case does not allow here and now; the message names why."""


@dataclass(frozen=True)
class Answer:
    """What a learner does: exactly one of the four kinds, by the kind of the task. `words` is the id of a kept text."""

    task: str
    option: str = ""
    phrases: tuple[str, ...] = ()
    words: str = ""
    value: int | None = None
    sure: int | None = None


@dataclass(frozen=True)
class Skip:
    """The rest of a scene is left out for care; its summary is read instead."""


Move = Answer | Skip


@dataclass(frozen=True)
class Step:
    """One thing done. For a skip, `taken` are the options by which the story went on, `left` the tasks left out."""

    scene: str
    move: Move
    taken: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def task(self) -> str:
        return self.move.task if isinstance(self.move, Answer) else ""


@dataclass(frozen=True)
class World:
    """What conditions read: the values of the variables in the case's order, scenes seen, indicators found."""

    values: tuple[int, ...]
    seen: frozenset[str]
    found: frozenset[str]


@dataclass(frozen=True)
class Play:
    """A moment of play. `scene` is "" once `ending` is reached; `read` are the scenes entered since the last answer."""

    world: World
    scene: str
    position: int
    ending: str = ""
    steps: tuple[Step, ...] = ()
    read: tuple[str, ...] = ()

    @cached_property
    def answered(self) -> frozenset[str]:
        return frozenset(step.task for step in self.steps if step.task)

    @property
    def skips(self) -> int:
        return [type(step.move) for step in self.steps].count(Skip)


def facts(case: Case, world: World) -> Facts:
    values = {variable.id: value for variable, value in zip(case.variables, world.values, strict=True)}
    return Facts(values, world.seen, world.found)


def holds(case: Case, world: World, condition: Condition) -> bool:
    return condition is ALWAYS or condition.holds(facts(case, world))


def begin(case: Case) -> Play:
    """The first moment. The case must be sound (`check.check` without errors)."""
    world = World(tuple(variable.start for variable in case.variables), frozenset(), frozenset())
    return _settle(case, world, (), case.start)


def task(case: Case, play: Play) -> Task | None:
    """The task that is due, or None at an ending."""
    if play.ending:
        return None
    return case.scene[play.scene].tasks[play.position]


def open_options(case: Case, world: World, choose: Choose) -> tuple[Option, ...]:
    return tuple(option for option in choose.options if holds(case, world, option.when))


def apply(case: Case, play: Play, move: Move) -> Play:
    """The next moment. Raises IllegalMove."""
    due = task(case, play)
    if due is None:
        raise IllegalMove("the attempt has ended")
    if isinstance(move, Skip):
        return _skipped(case, play)
    if move.task != due.id:
        raise IllegalMove(f"“{move.task}” is not what is due")
    scene = case.scene[play.scene]
    steps = (*play.steps, Step(scene.id, move))
    if isinstance(due, Choose):
        option = due.by_id.get(move.option)
        if option is None:
            raise IllegalMove(f"“{move.option}” is no option of “{due.id}”")
        if not holds(case, play.world, option.when):
            raise IllegalMove(f"“{move.option}” is closed")
        if (move.sure is None) == due.confidence or move.sure not in (None, *SURENESS):
            raise IllegalMove("how sure must be said exactly where it is asked")
        world = affected(case, play.world, option)
        return _settle(case, world, steps, option.go) if option.go else _onward(case, play, world, steps)
    if move.sure is not None:
        raise IllegalMove("how sure is not asked here")
    if isinstance(due, Spot):
        return _onward(case, play, marked(case, play.world, due, move.phrases), steps)
    if isinstance(due, Write):
        if not move.words:
            raise IllegalMove("there is no text")
    elif isinstance(due, Judge) and move.value not in JUDGEMENTS:
        raise IllegalMove("a judgement is a whole number from -2 to +2")
    return _onward(case, play, play.world, steps)


def affected(case: Case, world: World, option: Option) -> World:
    """The world after an option's effects, each clamped."""
    if not option.effects:
        return world
    values = dict(facts(case, world).variables)
    for effect in option.effects:
        values[effect.variable] = case.variable[effect.variable].clamped(effect.applied(values[effect.variable]))
    return World(tuple(values.values()), world.seen, world.found)


def marked(case: Case, world: World, spot: Spot, phrases: Iterable[str]) -> World:
    """The world after phrases were marked. Raises IllegalMove for a phrase the document does not have, or one twice."""
    names = list(phrases)
    known = {phrase.name: phrase for phrase in case.document[spot.document].phrases}
    if len(names) != len(set(names)) or not set(names) <= set(known):
        raise IllegalMove("a phrase is not in the document, or is marked twice")
    hits = {known[name].indicator for name in names} - {""}
    return World(world.values, world.seen, world.found | hits)


def _enter(world: World, scene: str) -> World:
    return world if scene in world.seen else World(world.values, world.seen | {scene}, world.found)


def _settle(case: Case, world: World, steps: tuple[Step, ...], target: str) -> Play:
    """Go to `target` and on through scenes without a task, until a task or an ending."""
    read: tuple[str, ...] = ()
    while target not in case.ending:
        world, read = _enter(world, target), (*read, target)
        scene = case.scene[target]
        if scene.tasks:
            return Play(world, target, 0, steps=steps, read=read)
        target = way_on(case, world, scene)
        if len(read) > len(case.scenes):
            raise IllegalMove("scenes without a task lead in a circle")
    return Play(world, "", 0, target, steps, read)


def _onward(case: Case, play: Play, world: World, steps: tuple[Step, ...]) -> Play:
    """After an answer without a way of its own: the next task of the scene, or the way on. `world`, `steps`: as the answer has
    left them."""
    scene = case.scene[play.scene]
    if play.position + 1 < len(scene.tasks):
        return Play(world, play.scene, play.position + 1, steps=steps)
    return _settle(case, world, steps, way_on(case, world, scene))


def way_on(case: Case, world: World, scene: Scene) -> str:
    """The first `<go>` that holds. Raises IllegalMove where none does (the check finds such cases)."""
    for go in scene.goes:
        if holds(case, world, go.when):
            return go.to
    raise IllegalMove(f"no way leads on from “{scene.id}”")


def _skipped(case: Case, play: Play) -> Play:
    """Rules of play 5: reply, effects and way of the first open key option, else of the first open one."""
    if play.skips >= MOST_SKIPS:
        raise IllegalMove(f"at most {MOST_SKIPS} scenes can be skipped")
    scene = case.scene[play.scene]
    world, taken, left = play.world, [], []
    target = ""
    for due in scene.tasks[play.position :]:
        left.append(due.id)
        if not isinstance(due, Choose):
            continue
        options = open_options(case, world, due)
        if not options:
            raise IllegalMove("every option is closed")
        option = next((one for one in options if one.role == "key"), options[0])
        world = affected(case, world, option)
        taken.append(option.id)
        if option.go:
            target = option.go
            break
    step = Step(scene.id, Skip(), tuple(taken), tuple(left))
    return _settle(case, world, (*play.steps, step), target or way_on(case, world, scene))


def replay(case: Case, moves: Iterable[Move]) -> tuple[Play, int]:
    """Play moves from the beginning, up to the first that no longer fits: (play, how many fitted). Where `moves` itself
    raises IllegalMove, play ends there too."""
    play, count = begin(case), 0
    try:
        for move in moves:
            play = apply(case, play, move)
            count += 1
    except IllegalMove:
        pass
    return play, count


def opened_documents(case: Case, play: Play) -> tuple[str, ...]:
    """Documents of the case file, in the order of the scenes that opened them: where something was done, then those read
    since, then those passed on the way."""
    passed = (scene.id for scene in case.scenes if scene.id in play.world.seen)
    scenes = chain((step.scene for step in play.steps), play.read, passed)
    return tuple(dict.fromkeys(name for scene in scenes for name in case.scene[scene].opens))


def ending(case: Case, play: Play) -> Ending | None:
    return case.ending.get(play.ending)
