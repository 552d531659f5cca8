"""The XBlock `casework-case`: an adapter between Open edX and the rules of a case.

It validates what arrives, asks `scenario` for the rule and `review.api` for storage, and answers with what `moments` and
`debrief` allow. No rule of play, no point and no sentence of the player stands here.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, cached_property
from itertools import islice
from typing import Any

from django.conf import settings
from web_fragments.fragment import Fragment
from webob import Response
from xblock.core import XBlock
from xblock.fields import Dict, Integer, Scope, String

from casework.blocks import words
from casework.blocks.adapter import NUMBER, Problem
from casework.blocks.case import ahead, debrief, moments, pages
from casework.blocks.case.platform_side import PlatformSide
from casework.blocks.case.reading import Reading, read
from casework.blocks.case.wire import Names, successor
from casework.review import api as review
from casework.review import export
from casework.scenario import check, engine, log, variant, xml
from casework.scenario.engine import Play
from casework.scenario.model import Case, Write

_COUNTS = ("best", "latest")
_NAME = re.compile("[^\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]{1,255}")  # what XML holds, and every database

_Running = tuple[log.Attempt | None, Play | None]
"""The attempt, and where its log leads; no play for one that is over."""

logger = logging.getLogger(__name__)


class _Replaced(Dict):
    """A value that is replaced whole and never changed in place, so that XBlock need not copy it at each reading to see later
    whether it was."""

    MUTABLE = False


class CaseBlock(PlatformSide):
    """One interactive case. The case stands in `content` as text, in the canonical form of `scenario.xml`."""

    display_name = String(display_name="Name", default="Case", scope=Scope.settings)
    weight = Integer(
        display_name="Weight",
        help="Whole points in the gradebook; empty: as many as the case has",
        default=None,
        values={"min": 1, "max": 1000},
        scope=Scope.settings,
    )
    max_attempts = Integer(display_name="Attempts", help="Empty: without limit", default=None, scope=Scope.settings)
    counts = String(display_name="Which attempt counts", default="best", values=_COUNTS, scope=Scope.settings)
    attempt = _Replaced(help="The running attempt: its log, never a text", default={}, scope=Scope.user_state)

    NUMBERS = ("weight", "max_attempts")
    has_author_view = True
    icon_class = "problem"

    # -- the case -----------------------------------------------------------------------------------------------------

    @cached_property
    def reading(self) -> Reading:
        """The case as it was when this block was loaded: XBlock looks through the whole of a text for forbidden signs each time
        it is asked for, and a request asks ten times."""
        return read(self.content)

    @property
    def case(self) -> Case:
        """The sound case. Raises Problem for a faulty one."""
        if self.reading.case is None:
            raise Problem(409, "faulty", self.words["faulty"])
        return self.reading.case

    def _told(self, kept: log.Attempt | None) -> Case | None:
        """The case in the words in which this attempt tells it, or in which the first one will."""
        place, case = self.place, self.reading.case
        if case is None or kept is not None or place is None:
            return self.reading.told(kept.variant if kept else "")
        return self.reading.told(variant.drawn(case, place.student_id))

    @cached_property
    def words(self) -> dict[str, str]:
        """The player's words in the language of the case."""
        return words.words(self.reading.case.lang if self.reading.case else "en")

    def max_score(self) -> int:
        """Points possible in the gradebook, here and in edx-submissions alike."""
        return int(self.weight or self.reading.maximum)

    # -- views --------------------------------------------------------------------------------------------------------

    @XBlock.supports("multi_device")
    def student_view(self, context: Mapping[str, Any] | None = None) -> Fragment:
        """The player. All it is given is the view that `open` gives, and the words."""
        language = self.reading.case.lang if self.reading.case else "en"
        fragment = Fragment(pages.player(language, self.closed))
        fragment.add_css_url(self.runtime.local_resource_url(self, "public/player.css"))
        fragment.add_javascript_url(self.runtime.local_resource_url(self, "public/player.js"))
        fragment.initialize_js(
            "CaseworkCase",
            {
                "words": {key: self.words[key] for key in words.PLAYER},
                "open": self.tracked(self._view()),
                "lang": language,
                "personal": list(check.PERSONAL_DATA.values()),
            },
        )
        return fragment

    def author_view(self, context: Mapping[str, Any] | None = None) -> Fragment:
        """What an author sees in Studio: what the case is, and every finding."""
        fragment = Fragment(pages.author(self.reading, self.max_score()))
        fragment.add_css_url(self.runtime.local_resource_url(self, "public/studio.css"))
        return fragment

    def studio_view(self, context: Mapping[str, Any] | None = None) -> Fragment:
        """A plain editor of the text and the settings."""
        fragment = Fragment(
            pages.studio(self.content, self.display_name, self.weight, self.max_attempts, self.counts, self.reading)
        )
        fragment.add_css_url(self.runtime.local_resource_url(self, "public/studio.css"))
        fragment.add_javascript_url(self.runtime.local_resource_url(self, "public/studio.js"))
        fragment.initialize_js("CaseworkStudio")
        return fragment

    def generate_report_data(
        self, user_state_iterator: Iterable[Any], limit_responses: int | None = None
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """What the platform's report *Problem Responses* tells of this case: (user name, cells by column) of each finished
        attempt, at most `limit_responses`. Decisions, ending, score; never a text. The states are the platform's, each with
        `username` and `state`."""
        usage = self.scope_ids.usage_id
        course = getattr(usage, "context_key", None) or getattr(usage, "course_key", None)
        kept = ((str(one.username), _attempt_id(one.state)) for one in user_state_iterator)
        return islice(export.reported(str(course or ""), str(usage), kept), limit_responses)

    # -- handlers -----------------------------------------------------------------------------------------------------

    @XBlock.handler
    def open(self, request: Any, suffix: str = "") -> Response:
        """The view as it stands."""
        return self.answer(request, lambda body: self.tracked(self._view()))

    @XBlock.handler
    def start(self, request: Any, suffix: str = "") -> Response:
        """Begin an attempt: the first one, or another after an ending."""
        return self.answer(request, lambda body: self._start())

    @XBlock.handler
    def event(self, request: Any, suffix: str = "") -> Response:
        """Take one event, by the rule of `scenario.log`."""
        return self.answer(request, self.taking(self._receive))

    @XBlock.handler
    def plan(self, request: Any, suffix: str = "") -> Response:
        """Keep what the learner means to do next time."""
        return self.answer(request, self._plan)

    @XBlock.handler
    def studio_submit(self, request: Any, suffix: str = "") -> Response:
        """Save an author's edit; a faulty case is refused with its findings and nothing changes."""
        return self.answer(request, self._edit)

    # -- play ---------------------------------------------------------------------------------------------------------

    def _names(self, attempt: log.Attempt) -> Names:
        return Names(settings.SECRET_KEY, attempt.id)

    def _running(self) -> _Running:
        """The attempt on the case as it is now; a finished one as it was."""
        kept = self.stored_attempt()
        return log.resumed(self.case, self.reading.fingerprint, kept) if kept else (None, None)

    def _left(self, finished: int) -> int | None:
        return None if self.max_attempts is None else max(0, self.max_attempts - finished)

    def _view(self, result: str = "", running: _Running | None = None) -> dict[str, Any]:
        """The whole view, by the contract in docs/architecture.md. `running`, if the request has asked for it already."""
        view: dict[str, Any] = {
            "phase": "start", "case": None, "attempt": None, "left": None, "stored": self.keeps, "head": "",
            "result": result, "trail": [], "last": None, "moment": None, "file": [], "aside": 0, "aside_texts": [],
            "changed": False,
            "plan": None, "debrief": None, "road": None, "version": self.reading.fingerprint[:10],
            "closed": self.closed,
        }  # fmt: skip
        attempt, play = running or (self._running() if self.reading.case else (None, None))
        case = self._told(attempt)
        if case is None:
            return {**view, "phase": "faulty"}
        view["case"] = moments.facts_of(case)
        if self.place is None:
            return self._static(view)
        left = self._left(len(review.finishes(self.place))) if self.max_attempts is not None else None
        view["left"] = left
        if attempt is None:
            return self._static(view)
        if attempt.over or attempt.number > 1:  # a plan is made at an ending
            view["plan"] = _plan(review.plan(self.place))
        view |= {
            "attempt": {"id": attempt.id, "number": attempt.number, "started": attempt.started},
            "head": attempt.head,
            "aside": len(attempt.aside),
            "aside_texts": self._aside_texts(self.place, attempt),
            "changed": attempt.changed,
        }
        played = review.played(self.place, attempt.id) if attempt.over else None
        view |= self._after(self.place, attempt.id, played, left) if played else self._now(case, attempt, play)
        return self._static(view)

    @staticmethod
    def _aside_texts(place: review.Place, attempt: log.Attempt) -> list[str]:
        """The learner's own texts that do not count in a running attempt, to be copied. While nothing was set aside nobody asks
        for them."""
        if not attempt.aside or attempt.over:
            return []
        used = [str(entry.event.answer) for entry in attempt.log if entry.event.task]
        return list(review.left_aside(place, attempt.id, used))

    def _now(self, case: Case, attempt: log.Attempt, play: Play | None) -> dict[str, Any]:
        if play is None or play.ending:  # what was finished is no longer there
            return {"phase": "start", "attempt": None, "head": ""}
        names, said = self._names(attempt), self._said_before(case, attempt)
        return {
            "phase": "play",
            "trail": moments.trail(case, play),
            "last": moments.last(case, play),
            "moment": moments.moment(case, play, names, said(play)),
            "file": moments.case_file(case, play, names),
            "road": self._road(case, play, names, said, frozenset()),
        }

    def _road(
        self, case: Case, play: Play, names: Names, said: Callable[[Play], str], held: Collection[str]
    ) -> dict[str, Any] | None:
        return ahead.ahead(case, play, self.reading.live, names, held, said) if case.lookahead else None

    def _said_before(self, case: Case, attempt: log.Attempt) -> Callable[[Play], str]:
        """What a reviewer said of the newest earlier answer to what is asked at a moment, as HTML."""
        place = self.place
        earlier = cache(lambda: review.said(place) if place and attempt.number > 1 else ())

        def said(play: Play) -> str:
            due = engine.task(case, play)
            if isinstance(due, Write):
                for one in reversed(earlier()):
                    if due.id in one.returned:
                        return pages.earlier(self.words, True, one.returned[due.id].reason)
                    if due.id in one.reviews and not self.held_points:
                        return pages.earlier(self.words, False, one.reviews[due.id].comment)
            return ""

        return said

    def _after(self, place: review.Place, attempt: str, played: review.Played, left: int | None) -> dict[str, Any]:
        """The debrief of a finished attempt, on the version of the case that was played."""
        side = _side(played)
        if side is None:  # the checks have grown stricter since; the attempt stays what it was
            return {"phase": "faulty"}
        case, play = side.case, side.play
        entries = log.entries(played.log)
        ids = {entry.event.task: str(entry.event.answer) for entry in entries if _is_write(case, entry.event.task)}
        texts = review.words(ids.values())
        said = {one.attempt: one for one in review.said(place)}
        mine = said.pop(attempt, None)
        told = debrief.Told(
            {task: texts[name] for task, name in ids.items() if name in texts},
            mine,
            [(before, one) for one in said.values() if (before := read(one.content).told(one.variant))],
            _pair(review.grade(place)),
            not self.closed and (left != 0 or bool(mine and mine.returned)),
            self._sides(place, case),
        )
        shown = debrief.debrief(case, play, played.maximum, told)
        figures, note = shown["figures"], self.held_points
        if note:
            shown = debrief.without_points(case, play, shown, note)
        elif note := self.held_reasons(left, figures["points"] == figures["maximum"]):
            shown = debrief.without_reasons(shown, note)
        return {
            "phase": "debrief",
            "trail": moments.trail(case, play),
            "last": moments.last(case, play),
            "debrief": shown,
            "aside_texts": list(review.left_aside(place, attempt, ids.values())),
        }

    @staticmethod
    def _sides(place: review.Place, case: Case) -> tuple[debrief.Side, ...]:
        """The first attempt in each variant, in the case's order."""
        if not case.variants:
            return ()
        firsts = review.first_of_each_variant(place)
        sides = [_side(firsts[one.id]) for one in case.variants if one.id in firsts]
        return tuple(side for side in sides if side)

    def _static(self, view: dict[str, Any]) -> dict[str, Any]:
        """The view with addresses as the platform serves them. A debrief may be of another version of the case than the one that
        stands here; every other view tells this one, and is not looked through where it has no address."""
        if view.get("phase") != "debrief" and not self.reading.has_addresses:
            return view
        text = json.dumps(view)
        located = self.located(text)
        return view if located == text else dict(json.loads(located))

    def _start(self) -> dict[str, Any]:
        place, case = self.stored(), self.case
        kept = self.stored_attempt()
        if kept is not None and not kept.over:
            return self._view()
        self.in_time()
        finished = review.finishes(place)
        if self._left(len(finished)) == 0 and not review.returned(place):
            raise Problem(409, "no-attempts", self.words["no_attempts"])
        started = datetime.now(UTC).isoformat(timespec="seconds")
        number = max((one.number for one in finished), default=0) + 1
        told = variant.drawn(case, place.student_id, [one.variant for one in finished])
        name = successor(settings.SECRET_KEY, finished[-1].attempt) if finished else secrets.token_hex(16)
        begun = log.Attempt(name, number, started, self.reading.fingerprint, variant=told)
        self.store_attempt(begun)
        self.track("start", begun, variant=told)
        logger.info("casework.start case=%s attempt=%s", case.id, begun.id)
        return self._view()

    def _receive(self, body: dict[str, Any]) -> dict[str, Any]:
        place, case = self.stored(), self.case
        attempt, play = self._running()
        if attempt is None:
            raise Problem(409, "no-attempt", self.words["no_attempt"])
        held = _held(body.get("held"))
        try:
            event = log.read_event(case, body, self._names(attempt).slugs)
            receipt = log.receive(case, attempt, event, play)
        except log.Malformed as error:
            raise Problem(400, "malformed", f"This event cannot be read: {error}") from None
        except log.Refused as error:
            raise Problem(409, "refused", "This is not possible now") from error  # what it says names slugs
        if receipt.entry is not None and _is_write(case, event.task):
            kept = review.keep_words(
                place, attempt.id, event.id, event.task, str(event.answer), aside=receipt.result == "aside"
            )
            receipt = receipt.with_words(kept)
        attempt = receipt.attempt
        if receipt.result == "accepted" and receipt.play.ending:
            self._finish(place, attempt, receipt.play)
            attempt = replace(attempt, over=True)
        self.store_attempt(attempt)
        here = body.get("version") == self.reading.fingerprint[:10]
        if held is None or not here or attempt.over or receipt.result not in ("accepted", "known"):
            return self._view(receipt.result, (attempt, None if attempt.over else receipt.play))
        return self._acknowledged(attempt, receipt, held)

    def _acknowledged(self, attempt: log.Attempt, receipt: log.Receipt, held: Collection[str] | bool) -> dict[str, Any]:
        """All that a browser needs which is further down the road already; with more of the road where it asks for it."""
        told: dict[str, Any] = {"result": receipt.result, "head": attempt.head}
        case = self._told(attempt)
        if case is not None and not isinstance(held, bool):
            said = self._said_before(case, attempt)
            told["road"] = self._road(case, receipt.play, self._names(attempt), said, held)
        return self._static(told)

    def _finish(self, place: review.Place, attempt: log.Attempt, play: Play) -> None:
        review.finish(
            place,
            attempt=attempt.id,
            number=attempt.number,
            started=datetime.fromisoformat(attempt.started),
            content=self.content,
            log=[entry.json() for entry in attempt.log],
            possible=self.weight,
            counts=self.counts if self.counts in _COUNTS else "best",
            variant=attempt.variant,
        )
        self.emit_completion(1.0)
        logger.info("casework.ending attempt=%s ending=%s", attempt.id, play.ending)

    def _plan(self, body: dict[str, Any]) -> dict[str, Any]:
        place, attempt = self.stored(), self.stored_attempt()
        if attempt is None or not attempt.over:
            raise Problem(409, "not-finished", self.words["refreshed"])
        self.keep_plan(place, attempt.id, body)
        return self._view()

    # -- authoring ----------------------------------------------------------------------------------------------------

    def _edit(self, body: dict[str, Any]) -> dict[str, Any]:
        if not self.may_author():
            raise Problem(403, "not-an-author", "Only authors may change a case.")
        content = body.get("content")
        if not isinstance(content, str):
            raise Problem(400, "malformed", "content must be text")
        numbers = {name: _whole(body.get(name), name) for name in ("weight", "max_attempts")}
        name, counts = body.get("display_name"), body.get("counts", "best")
        if not isinstance(name, str) or not _NAME.fullmatch(name.strip()) or counts not in _COUNTS:
            raise Problem(400, "malformed", "display_name and counts are needed")
        # Told with the lines of what the author typed, not of the canonical form.
        _, findings = check.parse(content)
        saved = check.is_sound(findings)
        if saved:
            self.content, self.display_name, self.counts = (
                xml.settled(xml.tree(content, "case")),
                name.strip(),
                counts,
            )
            self.weight, self.max_attempts = numbers["weight"], numbers["max_attempts"]
            self.__dict__.pop("reading", None)
        return {"saved": saved, "findings": pages.told(findings)}


def _attempt_id(state: Any) -> str:
    """The id of the attempt in a learner's state as the platform keeps it; "" where there is none."""
    kept = log.attempt(state.get("attempt")) if isinstance(state, Mapping) else None
    return kept.id if kept else ""


def _held(asked: Any) -> Collection[str] | bool | None:
    """What a browser says of its road: None, it has none, or waits at its end; False, enough lies ahead; else the names of the
    texts that it holds. What is neither is taken for the first."""
    if asked is False:
        return False
    if isinstance(asked, list) and len(asked) <= 5_000 and all(isinstance(one, str) for one in asked):
        return frozenset(asked)
    return None


def _is_write(case: Case, task: str) -> bool:
    return isinstance(case.task.get(task), Write)


def _side(played: review.Played) -> debrief.Side | None:
    case = read(played.content).told(played.variant)
    return debrief.Side(case, log.play(case, log.entries(played.log))[0], played.variant) if case else None


def _plan(kept: review.Plan | None) -> dict[str, Any] | None:
    if kept is None:
        return None
    return {"text": kept.text, "at": kept.at.isoformat(), "due": review.is_due(kept, datetime.now(UTC))}


def _pair(grade: review.Grade | None) -> tuple[int, int] | None:
    return (grade.earned, grade.possible) if grade else None


def _whole(value: object, name: str) -> int | None:
    if value in (None, ""):
        return None
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1000:
        raise Problem(400, "malformed", f"{name} must be a whole number from 1 to 1000, or empty")
    return value
