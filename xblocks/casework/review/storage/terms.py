"""What goes in and out of the storage: places, attempts, judgements, and what can be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ITEM_TYPE = "casework-case"


JUDGEMENTS = "casework-judgements"


COUNTS = ("best", "latest")


VERSION = 1


LONGEST_WORDS = 100 * 1024
"""Bytes of UTF-8 in one written text."""


LONGEST_COMMENT = 10_000
"""Characters of a reviewer's comment."""


LONGEST_PLAN = 2_000
"""Characters."""


FEWEST = 5
"""Of fewer learners than these nothing is counted: a number of few tells of each."""


class ReviewError(ValueError):
    """A review that cannot stand: no such answer, levels that the rubric does not have, a comment too long."""


class Overtaken(ReviewError):
    """Somebody else has reviewed, returned or overridden since the page was drawn: look again before judging."""


class NotFinished(ValueError):
    """What was handed in as a finished attempt does not reach an ending of the case, or names words never kept."""


class Elsewhere(ValueError):
    """The attempt that was named is another learner's, or of another block."""


class TooLong(ValueError):
    """More text, or more events, than can be kept."""


@dataclass(frozen=True)
class Place:
    """One case for one learner: `item_id` is the block's usage id, `student_id` the course's anonymous id."""

    course_id: str
    item_id: str
    student_id: str


@dataclass(frozen=True)
class Finished:
    """A finished attempt. `points` are those counted now, `waiting` the most that reviews can still add."""

    id: int
    attempt: str
    number: int
    case: str
    variant: str
    ending: str
    points: int
    waiting: int
    maximum: int
    started: datetime
    finished: datetime


@dataclass(frozen=True)
class Played:
    """A finished attempt as it was played: the case of that day and the log."""

    content: str
    variant: str
    log: tuple[Mapping[str, Any], ...]
    ending: str
    maximum: int


@dataclass(frozen=True)
class Feedback:
    """The newest review of one written answer: points by rubric row."""

    levels: Mapping[str, int]
    comment: str
    at: datetime


@dataclass(frozen=True)
class Returned:
    """Why an answer was given back for another try."""

    task: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Overridden:
    """Points that count in place of what the machine counted, with the reason; None where they were taken back."""

    points: int | None
    reason: str


@dataclass(frozen=True)
class Said:
    """What reviewers have said of a finished attempt, for its learner: nobody is named. By task, the newest review, what was
    given back and not reviewed after that, and the text of each of these answers. `machine` and `maximum` are points."""

    attempt: str
    number: int
    variant: str
    content: str
    finished: datetime
    machine: int
    maximum: int
    reviews: dict[str, Feedback]
    returned: dict[str, Returned]
    texts: dict[str, str]
    override: Overridden | None = None

    @property
    def levels(self) -> int:
        """The points that reviews gave."""
        return sum(sum(one.levels.values()) for one in self.reviews.values())

    @property
    def counted(self) -> int:
        """The points that stand now for what the machine counted."""
        return self.machine if self.override is None or self.override.points is None else self.override.points


@dataclass(frozen=True)
class Plan:
    """What a learner means to do next time, in the learner's words, and since when it is kept."""

    text: str
    at: datetime


@dataclass(frozen=True)
class Grade:
    """What stands in the gradebook."""

    earned: int
    possible: int


@dataclass(frozen=True)
class Held:
    """Who reads an attempt, and until when."""

    reviewer: str
    until: datetime


def beside(place: Place, name: str) -> Place:
    """The same learner's place at the block of the same kind that is called `name`, in the same course."""
    return Place(place.course_id, f"{place.item_id.rpartition('@')[0]}@{name}", place.student_id)
