"""What the platform asks of a block beside playing: dates, what may be shown when, mobile apps, search, the buttons of the
instructor dashboard, tracking. docs/platform.md says where each is asked for. No rule of play, and no storage of its own:
scores go through `review.api`.

The platform mixes its inherited fields (`due`, `graceperiod`, `show_correctness`, `showanswer`) into every block, with a
learner's own dates already in them. Elsewhere a block has none of them, so each is looked for before it is asked.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from web_fragments.fragment import Fragment
from webob import Response
from xblock.core import XBlock
from xblock.scorable import ScorableXBlockMixin, Score

from casework import prose
from casework.blocks.adapter import EnclosedBlock, Problem
from casework.blocks.case import moments, pages
from casework.blocks.case.reading import Reading
from casework.review import api as review
from casework.scenario import log, score
from casework.scenario.conditions import ALWAYS
from casework.scenario.model import Case, Choose, Judge, Spot

Json = dict[str, Any]

_NEVER = ("never", "never_but_include_grade")
"""Values of `show_correctness` that hide points from everybody, staff too (xblock.scorable.ShowCorrectness)."""

logger = logging.getLogger(__name__)


class PlatformSide(ScorableXBlockMixin, EnclosedBlock):
    """The case's block as the platform's programs meet it."""

    has_score = True
    attempt: Any
    _read: tuple[Any, log.Attempt | None] = (None, None)
    """What was stored, and the attempt that was read from it: a request asks for it four times."""

    @property
    def reading(self) -> Reading:
        """The case as text and value."""
        raise NotImplementedError

    def max_score(self) -> int:
        """Points possible in the gradebook."""
        raise NotImplementedError

    def _left(self, finished: int) -> int | None:
        """Attempts left after so many; None without a limit."""
        raise NotImplementedError

    # -- dates and what may be shown ----------------------------------------------------------------------------------

    @property
    def _is_staff(self) -> bool:
        return bool(self.opt_attr("user_is_staff"))

    @property
    def close_date(self) -> datetime | None:
        """When the last answer is taken: the learner's due date and the grace period of the course. None without a due date;
        the end of a course is no due date, the platform says who may still look in."""
        due, grace = getattr(self, "due", None), getattr(self, "graceperiod", None)
        if not isinstance(due, datetime):
            return None
        due = due if due.tzinfo else due.replace(tzinfo=UTC)
        return due + grace if isinstance(grace, timedelta) else due

    @property
    def _is_past(self) -> bool:
        closes = self.close_date
        return closes is not None and datetime.now(UTC) > closes

    @property
    def closed(self) -> str:
        """What a learner reads who comes after the last answer is taken; "" before, and for staff."""
        return str(self.words["time_over"]) if self._is_past and not self._is_staff else ""

    def in_time(self) -> None:
        """Raises Problem once the last answer is taken."""
        if self.closed:
            # 409: a browser that waits for the network gives up, and asks what there is to see now.
            raise Problem(409, "closed", self.closed)

    @property
    def held_points(self) -> str:
        """Why points and all that explains them are not shown now, in words; "" where they are. Source of the rule: the
        inherited field `show_correctness`, as `ShowCorrectness.correctness_available` reads it."""
        shown = getattr(self, "show_correctness", None)
        if shown in _NEVER:
            return str(self.words["held_never"])
        if shown == "past_due" and self.close_date is not None and not self._is_past and not self._is_staff:
            return str(self.words["held_due"])
        return ""

    def held_reasons(self, left: int | None, right: bool) -> str:
        """Why the explanations alone are not shown now, in words; "" where they are. `left`: attempts left; `right`: every
        point was earned. Source of the rule: the inherited field `showanswer`; its values that ask for an attempt, or for a
        problem that is finished, hold after each ending."""
        when, used = getattr(self, "showanswer", None), left == 0
        if when == "never":
            return str(self.words["why_never"])
        shown = {
            "past_due": self._is_past,
            "closed": self._is_past or used,
            "after_all_attempts": used,
            "after_all_attempts_or_correct": used or right,
            "correct_or_past_due": right or self._is_past,
        }.get(str(when), True)
        return "" if shown or self._is_staff else str(self.words["why_later"])

    # -- views for others ---------------------------------------------------------------------------------------------

    def public_view(self, context: Mapping[str, Any] | None = None) -> Fragment:
        """For whoever has not signed in or enrolled: what the case is, and how to play it. Nobody is asked who they are and
        nothing is stored."""
        fragment = Fragment(self.located(pages.public(self.words, self.reading.told(""))))
        fragment.add_css_url(self.runtime.local_resource_url(self, "public/player.css"))
        return fragment

    def student_view_data(self, context: Mapping[str, Any] | None = None) -> Json:
        """For programs that draw a course themselves: what everybody may know of the case before it starts, and the settings.
        Asked for when a course is collected, for nobody: it must not ask who is there. Texts are HTML, `/static/` addresses
        stand as they are."""
        case = self.reading.told("")
        return {
            "case": moments.facts_of(case) if case else None,
            "max_attempts": self.max_attempts,
            "counts": self.counts,
            "possible": self.max_score(),
        }

    @XBlock.handler
    def student_view_user_state(self, request: Any, suffix: str = "") -> Response:
        """How far the learner is, for the same programs; GET or POST. `grade` is None while points are not shown."""
        return self.reply(self._user_state)

    def _user_state(self) -> Json:
        place, attempt = self.place, self.stored_attempt()
        finished = len(review.finishes(place)) if place else 0
        grade = review.grade(place) if place and not self.held_points else None
        closes = self.close_date
        return {
            "stored": self.keeps,
            "phase": "faulty" if self.reading.case is None else _phase(attempt if place else None),
            "attempt": attempt.number if place and attempt else None,
            "answered": len(attempt.log) if place and attempt else 0,
            "finished": finished,
            "left": self._left(finished),
            "closes": closes.isoformat() if closes else None,
            "closed": bool(self.closed),
            "grade": {"earned": grade.earned, "possible": grade.possible} if grade else None,
        }

    def index_dictionary(self) -> Json:
        """For search: the title, what is practised, and what everybody reads first. What only some ways lead to would be told
        by a result of a search, so nothing of it is here."""
        index: Json = super().index_dictionary()
        case = self.reading.told("")
        return {**index, "content": {**index.get("content", {}), **(_indexed(case) if case else {})}}

    # -- the buttons of the instructor dashboard ----------------------------------------------------------------------

    def has_submitted_answer(self) -> bool:
        """Whether there is a finished attempt. *Rescore* skips learners without one."""
        return bool(self.place and review.finishes(self.place))

    def rescore(self, only_if_higher: bool = False) -> None:
        """*Rescore*: the score of all attempts counted anew, measured by what the block is set to now. What each attempt
        earned stays: a finished attempt is never replayed."""
        if self.place:
            counts = self.counts if self.counts in review.COUNTS else "best"
            review.rescore(self.place, self.max_score(), counts, only_if_higher=bool(only_if_higher))

    def set_score(self, score: Score) -> None:
        """*Override*: the platform divides both numbers by the weight, so their ratio counts. It stands until the next finished
        attempt, review or *Rescore*, as the platform keeps an override of its own problems."""
        if self.place and score.raw_possible:
            possible = self.max_score()
            earned = math.floor(possible * score.raw_earned / score.raw_possible + 0.5)
            review.override_grade(self.place, max(0, min(possible, earned)), possible)

    def get_score(self) -> Score:
        """What stands in the gradebook."""
        grade = review.grade(self.place) if self.place else None
        return Score(grade.earned, grade.possible) if grade else Score(0, self.max_score())

    def calculate_score(self) -> Score:
        """The same: scores are counted where they are kept."""
        return self.get_score()

    def publish_grade(self, score: Score | None = None, only_if_higher: bool | None = None, **rest: Any) -> None:
        """Nothing: *Override* calls this after `set_score`, which has told the platform through edx-submissions. A grade
        published beside would be another writer."""

    def _publish_grade(self, score: Score, only_if_higher: bool | None = None) -> None:
        self.publish_grade()

    # -- tracking -----------------------------------------------------------------------------------------------------

    def stored_attempt(self) -> log.Attempt | None:
        """The attempt as it was stored. What a hand has left there that is none, the field itself may not read."""
        try:
            if self.attempt is not self._read[0]:
                self._read = self.attempt, log.attempt(self.attempt)
        except (TypeError, RecursionError):
            return None
        return self._read[1]

    def store_attempt(self, attempt: log.Attempt) -> None:
        """Stores it, where it is another than the one that was stored. What the field cannot read is another."""
        kept = attempt.json()
        try:
            same = kept == self.attempt
        except (TypeError, RecursionError):
            same = False
        if not same:
            self.attempt = kept
            self._read = self.attempt, attempt

    def track(self, name: str, attempt: log.Attempt | None, **said: Any) -> None:
        """Publishes `casework.case.NAME` of an attempt: ids, numbers and names of the case's parts, never a text. Nothing where
        nothing is kept."""
        case = self.reading.case
        if not self.keeps or case is None or attempt is None:
            return
        about = {"case": case.id, "version": self.reading.fingerprint[:10], "attempt": attempt.number}
        self.runtime.publish(self, f"casework.case.{name}", about | said)

    def tracked(self, view: Json) -> Json:
        """A view that is about to be shown; that a debrief is opened is worth a line."""
        if view.get("phase") == "debrief":
            self.track("debrief", self.stored_attempt())
        return view

    def taking(self, receive: Callable[[Json], Json]) -> Callable[[Json], Json]:
        """`receive` with what the platform asks of it: nothing new after the last date, and a line for what was decided. An event
        that is in the log already is acknowledged again at any time."""

        def taken(body: Json) -> Json:
            before = self.stored_attempt()
            known = set(before.names if before else ())
            if not isinstance(name := body.get("id"), str) or name not in known:
                self.in_time()
            view = receive(body)
            after = self.stored_attempt()
            if after and after.log and after.head not in known:
                self._track_event(after)
            return self.tracked(view)

        return taken

    def _track_event(self, attempt: log.Attempt) -> None:
        case, event = self.reading.case, attempt.log[-1].event
        task = case.task.get(event.task) if case else None
        if isinstance(task, Choose | Judge):
            self.track("decision", attempt, task=task.id, answer=event.answer, sure=event.sure, ms=event.ms)
        elif isinstance(task, Spot) and case and isinstance(event.answer, list):
            marks = score.marks(case, task, tuple(event.answer))
            counted = {"hits": len(marks.hits), "targets": len(marks.targets), "false": len(marks.false)}
            self.track("spot", attempt, task=task.id, marked=event.answer, ms=event.ms, **counted)
        if attempt.over and case:
            ending = log.play(case, attempt.log)[0].ending
            outcome = case.ending[ending].outcome if ending else ""
            self.track("ending", attempt, ending=ending, outcome=outcome, steps=len(attempt.log))


def _phase(attempt: log.Attempt | None) -> str:
    if attempt is None:
        return "start"
    return "debrief" if attempt.over else "play"


def _indexed(case: Case) -> dict[str, str]:
    first = case.scene[case.start]
    return {
        "title": prose.plain(case.title.body),
        "practise": prose.plain(case.practise.body),
        "opening": " ".join(
            prose.plain(text.body) for text in (first.title, *(one for one in first.texts if one.when == ALWAYS))
        ),
    }
