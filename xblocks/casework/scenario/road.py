"""The road ahead: where play may go next, worked out before it is asked, so that a browser can go on without the network and
without a rule.

What a learner marks in a document is not guessed: behind a spot nothing is known of what was found, and where a condition would
ask for it the road stops. So it stops where it stops whichever phrases are indicators. A skip follows the key option, and so is
never on the road. Ends and points are not told either.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace

from casework.scenario import engine, states
from casework.scenario.engine import Answer, Play
from casework.scenario.model import Case, Choose, Judge, Spot, Task


class Unknown(Exception):
    """A condition asks whether something was found that nobody knows yet."""


class Found(frozenset[str]):
    """What is known to be found; whether anything else is, it refuses to say."""

    def __contains__(self, name: object) -> bool:
        if frozenset.__contains__(self, name):
            return True
        raise Unknown

    def __or__(self, other: Set[str]) -> Found:  # type: ignore[override]  # narrower: names alone
        return Found(self.union(other))


@dataclass(frozen=True)
class Way:
    """One thing to do at a stop: an option, or "" for whatever is answered to another task. `to` is the number of the stop it
    leads to; None where the road does not know: an ending, or what hangs on what was found."""

    option: str
    to: int | None


@dataclass(frozen=True)
class Stop:
    """A moment on the road. `play` holds no steps but those of the road's beginning."""

    play: Play
    ways: tuple[Way, ...]


Live = Mapping[states.Place, states.Read]
"""What may still be read from each place on: `states.liveness` of the case, which takes longer than a road."""


def ahead(case: Case, play: Play, live: Live) -> Iterator[Stop]:
    """The stops that can be reached from `play`, the nearest first; the first one is `play` itself. Numbers in ways count from 0
    in this order, and may name stops that a reader who stops early never gets. `play` has not ended."""
    numbers = {_key(case, play, live): 0}
    waiting = deque([play])

    def met(after: Play) -> int:
        """The number of the stop at this moment. Raises Unknown where the moment cannot be told."""
        key = _key(case, after, live)
        if key not in numbers:
            _ask(case, after)
            numbers[key] = len(numbers)
            waiting.append(Play(after.world, after.scene, after.position, steps=play.steps, read=after.read))
        return numbers[key]

    while waiting:
        here = waiting.popleft()
        due = engine.task(case, here)
        if due is None:
            raise ValueError("nothing lies ahead of an ending")
        now = here
        if isinstance(due, Spot):
            now = replace(here, world=replace(here.world, found=Found(here.world.found)))
        ways = []
        for option, move in _moves(case, here, due):
            try:
                after = engine.apply(case, now, move)
                to = None if after.ending else met(after)
            except (Unknown, engine.IllegalMove):
                to = None
            ways.append(Way(option, to))
        yield Stop(here, tuple(ways))


def _moves(case: Case, play: Play, due: Task) -> Iterator[tuple[str, engine.Move]]:
    """Each thing that can be done, as far as it makes a difference to the way."""
    if isinstance(due, Choose):
        for option in engine.open_options(case, play.world, due):
            yield option.id, Answer(due.id, option=option.id, sure=0 if due.confidence else None)
    elif isinstance(due, Judge):
        yield "", Answer(due.id, value=0)
    elif isinstance(due, Spot):
        yield "", Answer(due.id)
    else:
        yield "", Answer(due.id, words="unread")


def _ask(case: Case, play: Play) -> None:
    """Raises Unknown where a moment cannot be told: whatever a page asks to draw it is asked here first."""
    if not isinstance(play.world.found, Found):
        return
    for name in {*play.read, play.scene}:
        for text in case.scene[name].texts:
            engine.holds(case, play.world, text.when)
    due = engine.task(case, play)
    if isinstance(due, Choose):
        engine.open_options(case, play.world, due)


def _key(case: Case, play: Play, lives: Live) -> object:
    """What can still matter of a moment: two that have the same are one stop."""
    live = lives[play.scene, play.position]
    for name in play.read:
        if name != play.scene:  # read on the way, and told at this moment too
            live |= states.read_by(text.when for text in case.scene[name].texts)
    values = tuple(
        value
        for variable, value in zip(case.variables, play.world.values, strict=True)
        if variable.id in live.variables
    )
    found = play.world.found & live.indicators
    unread = isinstance(play.world.found, Found) and bool(live.indicators - found)
    return play.scene, play.position, play.read, values, play.world.seen & live.scenes, found, unread
