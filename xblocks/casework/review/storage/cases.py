"""The case of a finished attempt, read and replayed, and the row of each version that was played."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.db import transaction
from submissions import api as submissions

from casework.review.models import CaseVersion, Finish
from casework.review.storage.terms import NotFinished, Played
from casework.scenario import check, engine, variant, xml
from casework.scenario import log as case_log
from casework.scenario.model import Case


@lru_cache(maxsize=32)
def read(content: str, told: str = "") -> Case | None:
    """A case that was sound when it was played, in the words of the variant `told`; None when this version of Casework
    can no longer read it."""
    case, _ = xml.parse(content)
    return variant.resolved(case, told) if case else None


def replay(case: Case, log: Iterable[Mapping[str, Any]]) -> engine.Play | None:
    """The whole play of a log; None when a move does not fit."""
    try:
        entries = case_log.entries(log)
    except (KeyError, TypeError, ValueError):
        return None
    play, fitted = case_log.play(case, entries)
    return play if fitted == len(entries) else None


def as_played(row: Finish) -> Played:
    answer = submissions.get_submission(row.submission)["answer"]
    return Played(row.case.content, row.variant, tuple(answer["log"]), row.ending, row.maximum)


def whole_play(case: Case, log: Iterable[Mapping[str, Any]]) -> engine.Play:
    play = replay(case, log)
    if play is None:
        raise NotFinished("the log does not fit the case")
    if not play.ending:
        raise NotFinished("the log does not reach an ending")
    return play


def version_of(case: Case, content: str) -> CaseVersion:
    """The row of this case, not yet saved where it is new: the maximum takes time, which no lock shall wait for."""
    return CaseVersion(fingerprint=xml.fingerprint(content), language=case.lang, maximum=maximum(content))


def maximum(content: str) -> int:
    """The most points of a case that was sound when somebody began it. The block that was played has found them already."""
    return check.examined(content).maximum


_saved: set[str] = set()
"""Versions of cases that this process has seen saved, so that it need not ask for them at each finish."""


def keep_version(version: CaseVersion, content: str) -> None:
    if version.pk in _saved:
        return
    defaults = {"content": content, "language": version.language, "maximum": version.maximum}
    CaseVersion.objects.get_or_create(pk=version.pk, defaults=defaults)
    transaction.on_commit(lambda: _saved.add(version.pk))
