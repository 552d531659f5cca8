"""An attempt as a log of events, and the rule by which an event enters it.

The rule (fuzzed with loss, doubles, reordering and two tabs before it was written here): *known id: say again what became of it.
`prev` was set aside: set this aside too. `prev` unknown: ask for the queue from its oldest. `prev` is the head: append
if legal. `prev` is earlier: the same answer as the log's is the same event; another is set aside.* First to arrive
wins; nothing is deleted. Pure: the caller stores the attempt and keeps written words; ids are made in the browser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from casework.scenario import engine
from casework.scenario.engine import Answer, IllegalMove, Move, Play, Skip
from casework.scenario.model import JUDGEMENTS, SURENESS, Case, Choose, Judge, Spot, Write

VERSION = 1
MOST_EVENTS = 400
"""Events of one attempt, set aside ones too, by all their ids."""
MOST_BYTES = 50_000
"""Bytes of an attempt as JSON, past which it takes no more events. A submission of edx-submissions holds 100 KB, and one event
adds 40 KB at most: five hundred phrases."""
LONGEST_WORDS = 20_000
"""Characters of one written answer."""
_ID = re.compile(r"[0-9a-z-]{8,64}")  # one case of letters: MySQL compares without case
_DAY = 86_400_000

JsonAnswer = str | list[str] | int | None


class Malformed(ValueError):
    """An event that no honest client sends: unknown task or answer, or of another shape. The message names what."""


class Refused(ValueError):
    """A well-formed event that is not legal where it wants to stand, and that nothing has overtaken."""


@dataclass(frozen=True)
class Event:
    """As it arrives, with slugs instead of what travelled. `answer`: option, phrases, text or judgement by the kind of
    the task, None for a skip; `prev` is "" for the first; `ms` since the task was shown."""

    id: str
    prev: str
    task: str
    answer: JsonAnswer
    sure: int | None
    ms: int


@dataclass(frozen=True)
class Entry:
    """An event in the log. A written answer stands as the id of its kept words; `also` are ids of the same event."""

    event: Event
    also: tuple[str, ...] = ()

    def json(self) -> dict[str, Any]:
        event = self.event
        out: dict[str, Any] = {
            "id": event.id, "prev": event.prev, "task": event.task, "answer": event.answer, "sure": event.sure,
            "ms": event.ms,
        }  # fmt: skip
        return {**out, "also": list(self.also)} if self.also else out


@dataclass(frozen=True)
class Attempt:
    """An attempt: `case` is the fingerprint of the version it is played on, `variant` the words it is told in ("" where the
    case has none), `started` an ISO date and time. `changed`
    says that an author's edit has set something aside, `over` that the attempt was finished and never changes again."""

    id: str
    number: int
    started: str
    case: str
    log: tuple[Entry, ...] = ()
    aside: tuple[Entry, ...] = ()
    changed: bool = False
    over: bool = False
    variant: str = ""

    @property
    def head(self) -> str:
        return self.log[-1].event.id if self.log else ""

    @property
    def names(self) -> list[str]:
        """All ids of its events, of those set aside too."""
        return _names((*self.log, *self.aside))

    def json(self) -> dict[str, Any]:
        return {
            "v": VERSION,
            "id": self.id,
            "number": self.number,
            "started": self.started,
            "case": self.case,
            "log": [entry.json() for entry in self.log],
            "aside": [entry.json() for entry in self.aside],
            "changed": self.changed,
            "over": self.over,
            "variant": self.variant,
        }


def attempt(stored: object) -> Attempt | None:
    """The attempt from what was stored, or None when there is none or it cannot be read: it was edited by hand, or another
    version of Casework has kept it."""
    if not isinstance(stored, Mapping) or stored.get("v") != VERSION:
        return None
    try:
        one = Attempt(
            _of(_ID, stored["id"]),
            _number(stored["number"], 1, _LARGEST_NUMBER),
            _moment(stored["started"]),
            _of(_FINGERPRINT, stored["case"]),
            entries(stored["log"]),
            entries(stored["aside"]),
            _switch(stored.get("changed", False)),
            _switch(stored.get("over", False)),
            _of(_VARIANT, stored.get("variant", "")),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    names = one.names
    sound = len(one.id) <= _LONGEST_ATTEMPT and len(set(names)) == len(names) <= MOST_EVENTS
    return one if sound else None


_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_VARIANT = re.compile(r"[a-z0-9-]{0,64}")
_NAME = re.compile(r"[!-~]{0,100}")  # an id, a slug, or a phrase's name with its kind and number
_LONGEST_ATTEMPT = 36
_LARGEST_NUMBER = 2**31 - 1
_FIRST_YEAR = 2000


def _of(form: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise ValueError("text of another form")
    return value


def _number(value: object, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError("a number out of its bounds")
    return value


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value


def _moment(value: object) -> str:
    """An ISO date and time with its zone, in a year that every database takes."""
    if not isinstance(value, str) or len(value) > 64:
        raise TypeError("no date")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None or moment.astimezone(UTC).year < _FIRST_YEAR:
        raise ValueError("no date of ours")
    return value


def _names(log: Iterable[Entry]) -> list[str]:
    """All ids of the events of a log."""
    return [name for entry in log for name in (entry.event.id, *entry.also)]


def _entry(stored: object) -> Entry:
    if not isinstance(stored, Mapping):
        raise TypeError("an entry of a log is an object")
    names = [stored["id"], stored["prev"], stored["task"]]
    answer, sure, also = stored["answer"], stored["sure"], stored.get("also", [])
    if isinstance(answer, list):
        names += answer
    elif isinstance(answer, str):
        names.append(answer)
    elif answer is not None:
        answer = _number(answer, -_LARGEST_NUMBER, _LARGEST_NUMBER)
    if not isinstance(also, list):
        raise TypeError("other ids are a list")
    for name in (*names, *also):
        _of(_NAME, name)
    event = Event(
        stored["id"], stored["prev"], stored["task"], answer, None if sure is None else _number(sure, 0, 2),
        _number(stored["ms"], 0, _DAY),
    )  # fmt: skip
    return Entry(event, tuple(also))


def entries(stored: object) -> tuple[Entry, ...]:
    """The entries of a log kept as JSON. Raises KeyError, TypeError or ValueError on another shape."""
    if not isinstance(stored, list | tuple):
        raise TypeError("a log is a list")
    if len(stored) > MOST_EVENTS:
        raise ValueError("more events than an attempt holds")
    return tuple(map(_entry, stored))


def move(case: Case, event: Event) -> Move:
    """The event as the engine's move. Raises IllegalMove for a task that the case does not have (any more)."""
    if not event.task:
        return Skip()
    task, answer = case.task.get(event.task), event.answer
    if isinstance(task, Choose) and isinstance(answer, str):
        return Answer(task.id, option=answer, sure=event.sure)
    if isinstance(task, Spot) and isinstance(answer, list):
        return Answer(task.id, phrases=tuple(answer), sure=event.sure)
    if isinstance(task, Write) and isinstance(answer, str):
        return Answer(task.id, words=answer, sure=event.sure)
    if isinstance(task, Judge) and isinstance(answer, int):
        return Answer(task.id, value=answer, sure=event.sure)
    raise IllegalMove(f"“{event.task}” is not a task of this kind")


def play(case: Case, log: Iterable[Entry]) -> tuple[Play, int]:
    """Replay entries from the beginning up to the first that does not fit: (play, how many fitted)."""
    return engine.replay(case, (move(case, entry.event) for entry in log))


def rebased(case: Case, fingerprint: str, one: Attempt) -> Attempt:
    """The attempt on the case as it is now, as `resumed` gives it."""
    return resumed(case, fingerprint, one)[0]


def resumed(case: Case, fingerprint: str, one: Attempt) -> tuple[Attempt, Play | None]:
    """The attempt on the case as it is now: what no longer fits is set aside, and `changed` says so. With it where its log
    leads, so that a request replays it once; None for an attempt that is over, which is not replayed.

    A log that an edit has brought to an ending loses its last answer too: only an answer ends an attempt, and whoever gives
    it shall see to what.
    """
    if one.over:
        return one, None
    at, fitting = play(case, one.log)
    if at.ending and fitting:
        at, fitting = play(case, one.log[: fitting - 1])
    if fitting == len(one.log) and one.case == fingerprint:
        return one, at
    lost = one.log[fitting:]
    moved = replace(
        one, case=fingerprint, log=one.log[:fitting], aside=(*one.aside, *lost), changed=one.changed or bool(lost)
    )
    return moved, at


Slugs = Callable[[Iterable[str]], Mapping[str, str]]
"""Slugs by what travels for them, of those that are asked for."""


def read_event(case: Case, body: Mapping[str, Any], slugs: Slugs) -> Event:
    """An event from a request's JSON. Raises Malformed."""
    name, prev, ms = body.get("id"), body.get("prev"), body.get("ms")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise Malformed("id")
    if not isinstance(prev, str) or (prev and not _ID.fullmatch(prev)):
        raise Malformed("prev")
    if not isinstance(ms, int) or isinstance(ms, bool) or ms < 0:
        raise Malformed("ms")
    sure = body.get("sure")
    if sure is not None and (not isinstance(sure, int) or isinstance(sure, bool) or sure not in SURENESS):
        raise Malformed("sure")
    ms = min(ms, _DAY)
    if body.get("task") == "":
        if body.get("answer") is not None or sure is not None:
            raise Malformed("a skip has no answer")
        return Event(name, prev, "", None, None, ms)
    task = case.task.get(slugs(case.task).get(_text(body.get("task"), "task"), ""))
    if task is None:
        raise Malformed("task")
    return Event(name, prev, task.id, _answer(case, task, body.get("answer"), slugs), sure, ms)


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise Malformed(what)
    return value


def _answer(case: Case, task: object, answer: object, slugs: Slugs) -> JsonAnswer:
    if isinstance(task, Choose):
        option = slugs(task.by_id).get(_text(answer, "answer"), "")
        if option not in task.by_id:
            raise Malformed("answer")
        return option
    if isinstance(task, Spot):
        if not isinstance(answer, list) or len(answer) > 500:
            raise Malformed("answer")
        prefix = f"{task.document}#"
        known = slugs(prefix + phrase.name for phrase in case.document[task.document].phrases)
        names = [known.get(_text(one, "answer"), "").removeprefix(prefix) for one in answer]
        if len(set(names)) != len(names) or "" in names:
            raise Malformed("answer")
        return sorted(names)
    if isinstance(task, Write):
        text = _text(answer, "answer").strip()
        if not text or len(text) > LONGEST_WORDS or "\x00" in text:
            raise Malformed("answer")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Malformed("answer") from None
        return text
    if not isinstance(answer, int) or isinstance(answer, bool) or answer not in JUDGEMENTS:
        raise Malformed("answer")
    return answer


@dataclass(frozen=True)
class Receipt:
    """What became of an event. `result`: "accepted", "known", "aside" or "resend". `play` is where the log leads after it, so
    that a request replays a log once. `entry` is the new one, if any; a written answer in it is still its text, which the
    caller keeps and replaces with `with_words`."""

    result: str
    attempt: Attempt
    play: Play
    entry: Entry | None = None

    def with_words(self, words: str) -> Receipt:
        """The receipt with the id of the kept text in place of the text."""
        if self.entry is None:
            return self
        entry = replace(self.entry, event=replace(self.entry.event, answer=words))
        log = tuple(entry if one is self.entry else one for one in self.attempt.log)
        aside = tuple(entry if one is self.entry else one for one in self.attempt.aside)
        play = self.play
        if self.result == "accepted" and isinstance(move := play.steps[-1].move, Answer):
            play = replace(play, steps=(*play.steps[:-1], replace(play.steps[-1], move=replace(move, words=words))))
        return Receipt(self.result, replace(self.attempt, log=log, aside=aside), play, entry)


def receive(case: Case, now: Attempt, event: Event, at: Play | None = None) -> Receipt:
    """Apply the rule. Raises Refused, and then nothing has changed. `at`: where the log leads, if it was replayed already."""
    places = {name: at for at, entry in enumerate(now.log) for name in (entry.event.id, *entry.also)}
    aside = set(_names(now.aside))
    here = at or play(case, now.log)[0]
    if event.id in places:
        return Receipt("known", now, here)
    if event.id in aside:
        # Said again, not only acknowledged: the reply that said it first may have been lost.
        return Receipt("aside", now, here)
    if len(places) + len(aside) >= MOST_EVENTS or len(json.dumps(now.json())) >= MOST_BYTES:
        raise Refused("this attempt holds as many events as it can")
    if event.prev in aside:
        return _set_aside(now, event, here)
    if event.prev and event.prev not in places:
        return Receipt("resend", now, here)
    after = places[event.prev] + 1 if event.prev else 0
    if after == len(now.log):
        return _append(case, now, event, here)
    there = now.log[after]
    if (there.event.task, there.event.answer, there.event.sure) == (event.task, event.answer, event.sure):
        same = replace(there, also=(*there.also, event.id))
        return Receipt("known", replace(now, log=(*now.log[:after], same, *now.log[after + 1 :])), here)
    return _set_aside(now, event, here)


def _append(case: Case, now: Attempt, event: Event, here: Play) -> Receipt:
    if now.over:  # played on another version of the case, perhaps, by whose rules nothing is asked here
        return _set_aside(now, event, here)
    try:
        then = engine.apply(case, here, move(case, event))
    except IllegalMove as error:
        # Nothing has overtaken this event: with the case it was made for, no honest client sends it. After an author's
        # edit one may, and then its words are not lost.
        if now.changed:
            return _set_aside(now, event, here)
        raise Refused(str(error)) from None
    entry = Entry(event)
    return Receipt("accepted", replace(now, log=(*now.log, entry)), then, entry)


def _set_aside(now: Attempt, event: Event, here: Play) -> Receipt:
    entry = Entry(event)
    return Receipt("aside", replace(now, aside=(*now.aside, entry)), here, entry)
