"""The road ahead as it travels: moments that the browser shows when their turn comes, without asking.

Texts travel once: each goes by a short hash of itself, and the browser says which it holds. What a stop says is what `moments`
says of that moment, and nothing more; which stops there are is `scenario.road`'s.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any

from casework.blocks.case import moments
from casework.blocks.case.wire import Names
from casework.scenario import engine, road
from casework.scenario.engine import Play
from casework.scenario.model import Case, Choose
from casework.scenario.telling import block

Json = dict[str, Any]

BUDGET = 22_000
"""Bytes of JSON in one road, before the network packs them."""
ENOUGH = 4
"""Where fewer decisions than these lie ahead, a browser asks for more."""
SHORT = 24
"""Characters of a text that is not worth a name."""
MARK = "\uffff"
"""Begins each name that stands for a text: no text of a case has it, since XML does not."""


def ahead(
    case: Case, play: Play, live: road.Live, names: Names, held: Collection[str], said: Callable[[Play], str]
) -> Json:
    """`{"texts": {name: text or document}, "stops": [{"moment", "file", "ways", "ask"}]}`, as docs/architecture.md says it.
    `held`: names of texts that need not travel. `said`: what a reviewer has said about what is due at a moment."""
    texts: Json = {}
    stops: list[Json] = []
    ways: list[tuple[road.Way, ...]] = []
    spent = 0
    for stop in road.ahead(case, play, live):
        new: Json = {}
        told = _stop(case, stop, names, said, bool(stops), new)
        fresh = {name: text for name, text in new.items() if name not in texts and name not in held}
        cost = _size(told) + sum(_size(text) + 17 for text in fresh.values())
        if stops and spent + cost > BUDGET:
            break
        spent += cost
        texts |= fresh
        stops.append(told)
        ways.append(stop.ways)
    # A way that leads past the end of this road: null, there is more to ask for.
    for one, leads in zip(stops, ways, strict=True):
        for way, sent in zip(leads, one["ways"].values(), strict=True):
            sent[1] = -1 if way.to is None else way.to if way.to < len(stops) else None
    for one, far in zip(stops, _reach(stops), strict=True):
        one["ask"] = not far
    return {"texts": texts, "stops": stops}


def _reach(stops: list[Json]) -> list[bool]:
    """For each stop, whether ENOUGH decisions lie ahead on every way, or all there are."""
    leads = [[to for _, to in stop["ways"].values()] for stop in stops]
    reach = [True] * len(stops)
    for _ in range(ENOUGH):
        reach = [all(to is not None and (to < 0 or reach[to]) for to in one) for one in leads]
    return reach


def _stop(case: Case, stop: road.Stop, names: Names, said: Callable[[Play], str], whole: bool, texts: Json) -> Json:
    """One stop; texts that have a name are put into `texts`. The first stop is on the screen: its ways alone travel."""
    play = stop.play
    due = engine.task(case, play)
    replies = {option.id: block(option.reply) for option in due.options} if isinstance(due, Choose) else {}
    ways = {
        names.hidden(way.option) if way.option else "": [_named(replies.get(way.option, ""), texts), None]
        for way in stop.ways
    }
    if not whole:
        return {"moment": None, "file": [], "ways": ways}
    moment = moments.moment(case, play, names, said(play))
    opened = dict.fromkeys(name for scene in (*play.read, play.scene) for name in case.scene[scene].opens)
    papers = [_kept(moments.document(case.document[name], frozenset(), True, names), texts) for name in opened]
    return {"moment": _named(moment, texts), "file": papers, "ways": ways}


def _named(value: Any, texts: Json) -> Any:
    """The value with names in place of its texts."""
    if isinstance(value, str):
        return _kept(value, texts) if len(value) > SHORT else value
    if isinstance(value, dict):
        return {key: _named(one, texts) for key, one in value.items()}
    if isinstance(value, list):
        return [_named(one, texts) for one in value]
    return value


def _kept(value: Any, texts: Json) -> str:
    name = _name(value if isinstance(value, str) else _WRITER.encode(value))
    texts[name] = value
    return name


@lru_cache(maxsize=8192)
def _name(text: str) -> str:
    """With ten hexadecimal digits: enough against two texts of one case with the same name."""
    return MARK + hashlib.sha256(text.encode()).hexdigest()[:10]


_WRITER = json.JSONEncoder(ensure_ascii=False)
"""One for all: `json.dumps` makes its own each time."""


def _size(value: Any) -> int:
    return _text_size(value) if isinstance(value, str) else len(_WRITER.encode(value).encode())


@lru_cache(maxsize=8192)
def _text_size(text: str) -> int:
    return len(_WRITER.encode(text).encode())
