"""The only door to attempts, answers, reviews and scores, and the one writer of scores.

Free text is kept by `keep_words` and leaves by `words`; everything else carries its id. An attempt becomes an immutable
submission of edx-submissions at `finish`. Every change to what a learner's grade hangs on happens while the learner's
place is locked, so that the score written last is the right one. No XBlock, no request, no words for the screen.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from casework.review.storage.attempts import alias, clear, finish, finishes, first_of_each_variant, played
from casework.review.storage.cases import as_played, read, replay
from casework.review.storage.classes import recount
from casework.review.storage.forgetting import forget_learner, forget_older_than
from casework.review.storage.grading import grade, override_grade, rescore
from casework.review.storage.leases import LEASED, lease, release
from casework.review.storage.reviews import (
    flag,
    history,
    history_of,
    override,
    return_answer,
    returned,
    review,
    said,
)
from casework.review.storage.terms import (
    COUNTS,
    FEWEST,
    ITEM_TYPE,
    JUDGEMENTS,
    LONGEST_COMMENT,
    LONGEST_PLAN,
    LONGEST_WORDS,
    VERSION,
    Elsewhere,
    Feedback,
    Finished,
    Grade,
    Held,
    NotFinished,
    Overridden,
    Overtaken,
    Place,
    Plan,
    Played,
    Returned,
    ReviewError,
    Said,
    TooLong,
    beside,
)
from casework.review.storage.texts import (
    COMES_BACK,
    is_due,
    judgements,
    keep_judgements,
    keep_plan,
    keep_words,
    left_aside,
    plan,
    plans,
    plans_counted,
    words,
)

__all__ = [
    "COMES_BACK",
    "COUNTS",
    "FEWEST",
    "ITEM_TYPE",
    "JUDGEMENTS",
    "LEASED",
    "LONGEST_COMMENT",
    "LONGEST_PLAN",
    "LONGEST_WORDS",
    "VERSION",
    "Elsewhere",
    "Feedback",
    "Finished",
    "Grade",
    "Held",
    "NotFinished",
    "Overridden",
    "Overtaken",
    "Place",
    "Plan",
    "Played",
    "Returned",
    "ReviewError",
    "Said",
    "TooLong",
    "alias",
    "as_played",
    "beside",
    "clear",
    "finish",
    "finishes",
    "first_of_each_variant",
    "flag",
    "forget_learner",
    "forget_older_than",
    "grade",
    "history",
    "history_of",
    "is_due",
    "judgements",
    "keep_judgements",
    "keep_plan",
    "keep_words",
    "lease",
    "left_aside",
    "override",
    "override_grade",
    "plan",
    "plans",
    "plans_counted",
    "played",
    "read",
    "recount",
    "release",
    "replay",
    "reported",
    "rescore",
    "return_answer",
    "returned",
    "review",
    "said",
    "words",
]


def reported(course_id: str, item_id: str, kept: Iterable[tuple[str, str]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """See `export.reported`: what the platform's own report of a case tells, never a text."""
    from casework.review import export  # stands on this module

    return export.reported(course_id, item_id, kept)
