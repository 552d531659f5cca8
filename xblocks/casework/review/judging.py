"""What reviewers have done to one answer, told; and the safeguarding flag with the mail that goes out for it.

Everything is written through `api.py`. No page in here, and no word of a learner's in any mail.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils.translation import gettext as _

from casework import platform
from casework.review import api, way
from casework.review.models import Finish, Flag, Override, Return, Review
from casework.scenario.model import Rubric

_log = logging.getLogger(__name__)
_PATIENCE = 10
"""Seconds for the mail server: somebody waits for the page."""


@dataclass(frozen=True)
class Judged:
    """One thing that a reviewer did. `kind`: review, return, override, withdrawn, flag, told or lowered. `levels` are
    (row, level) pairs of a review, `points` those of an override, `new`: done since the page was drawn."""

    kind: str
    by: str
    at: datetime
    words: str = ""
    levels: tuple[tuple[Any, Any], ...] = ()
    points: int | None = None
    new: bool = False


@dataclass(frozen=True)
class Record:
    """All that was done to an answer and its attempt, the newest first, and what of it stands now. `override` and `flag` are
    None where none stands; `seen` and `overridden` name the newest of what is told here, as `api.review` and `api.override`
    ask for it: what a reviewer has not been shown is never taken for seen."""

    done: tuple[Judged, ...]
    reviews: tuple[Review, ...] = ()
    seen: str = ""
    override: Override | None = None
    overridden: str = "0"
    flag: Flag | None = None
    flagged_by: str = ""


def record(finish: Finish, answer: str, rubric: Rubric | None, seen: str = "", overridden: str = "") -> Record:
    """In five queries. `answer`: the id of one, or "". `seen` is its `api.history` and `overridden` the newest override as
    they were when the page was drawn, so that what came later is told as new; "" tells nothing so."""
    reviews = list(Review.objects.filter(finish=finish, answer=answer).order_by("-id"))
    returns = list(Return.objects.filter(finish=finish, answer=answer).order_by("-id"))
    overrides = list(Override.objects.filter(finish=finish).order_by("-id"))
    flags = list(Flag.objects.filter(finish=finish, answer=answer).order_by("-id"))
    who = names({one.reviewer for rows in (reviews, returns, overrides, flags) for one in rows})
    by = _By(who)
    match = re.fullmatch(r"([0-9]{1,18})-([0-9]{1,18})", seen)
    after = (int(match[1]), int(match[2])) if match else None
    since = int(overridden) if re.fullmatch(r"[0-9]{1,18}", overridden) else None
    told = {
        (row.id, level.points): (way.inline(row.text), way.inline(level.text))
        for row in (rubric.rows if rubric else ())
        for level in row.levels
    }
    done = [
        Judged(
            "review", by[one.reviewer], one.created, one.comment,
            tuple(told.get((row, points), (row, points)) for row, points in sorted(one.levels.items(), key=_order(rubric))),
            new=after is not None and one.pk > after[0],
        )
        for one in reviews
    ]  # fmt: skip
    done += [
        Judged("return", by[one.reviewer], one.created, one.reason, new=after is not None and one.pk > after[1])
        for one in returns
    ]
    done += [
        Judged(
            "withdrawn" if one.points is None else "override", by[one.reviewer], one.created, one.reason,
            points=one.points, new=since is not None and one.pk > since,
        )
        for one in overrides
    ]  # fmt: skip
    done += [Judged(_kind(one), by[one.reviewer], one.created) for one in flags]
    flag = flags[0] if flags and flags[0].raised else None
    return Record(
        done=tuple(sorted(done, key=lambda one: one.at, reverse=True)),
        reviews=tuple(reviews),
        seen=api.history_of(*(rows[0].pk if rows else None for rows in (reviews, returns))),
        override=overrides[0] if overrides and overrides[0].points is not None else None,
        overridden=str(overrides[0].pk) if overrides else "0",
        flag=flag,
        flagged_by=by[flag.reviewer] if flag else "",
    )


class _By(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return _("somebody who has left")


def _order(rubric: Rubric | None) -> Any:
    places = {row.id: at for at, row in enumerate(rubric.rows)} if rubric else {}
    return lambda pair: (places.get(pair[0], len(places)), pair[0])


def _kind(flag: Flag) -> str:
    return "lowered" if not flag.raised else "told" if flag.told else "flag"


def names(ids: set[str]) -> dict[str, str]:
    """Names of reviewers by user id. Only they are ever named at the desk; a learner is an alias."""
    wanted = [int(one) for one in ids if one.isascii() and one.isdecimal() and len(one) <= 18]
    users = get_user_model().objects.filter(pk__in=wanted)
    return _By({str(user.pk): user.get_full_name() or user.get_username() for user in users})


# -- the safeguarding flag --------------------------------------------------------------------------------------------


def raise_flag(finish: Finish, task: str, reviewer: str, address: str) -> None:
    """Raises the flag on an answer and then tells the operator's contact, by mail, where the page is; a flag of which nobody
    was told yet is told again. The flag is kept before the mail goes out, so that no fault of a mail server can lose it.
    Raises ReviewError."""
    raised = api.flag(finish.pk, task, True, reviewer, told=False)
    newest = Flag.objects.filter(finish=finish, answer__written__task=task).order_by("-id").first()
    if raised or (newest and not newest.told):
        transaction.on_commit(partial(_tell, finish, task, reviewer, address))


def _tell(finish: Finish, task: str, reviewer: str, address: str) -> None:
    contact = platform.safeguarding_contact()
    if not contact:
        return
    # The alias and the address are enough to find the answer; what it says is read where it is kept, and nowhere else.
    about = {"course": finish.course_id, "learner": finish.alias, "address": address}
    subject = _("Casework: an answer was flagged for safeguarding")
    body = _(
        "A reviewer fears that an answer speaks of a real person in danger.\n\n"
        "Course: %(course)s\nLearner: %(learner)s\nPage: %(address)s\n\n"
        "The answer itself is not in this message. Please read it on the page and follow your safeguarding procedure."
    )
    try:
        mail = EmailMessage(subject, body % about, to=[contact], connection=get_connection(timeout=_PATIENCE))
        told = mail.send() == 1
    except Exception:
        # Whatever a mail server or its settings do: the flag stands, and the page says that nobody was told.
        _log.exception("the safeguarding contact was not told of a flag")
        return
    if told:
        api.flag(finish.pk, task, True, reviewer, told=True)
