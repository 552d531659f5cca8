"""What waits for a person's eye, and the record of what a person has read. Pure: sources in, the text of `review.csv` out.

A review names exactly what was read by its hash, so an edit of a case or of a translation voids it. Nothing here decides
whether a text is good: that is the person's.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from casework import catalogs
from casework.catalogs import APPROVED, CASE_REVIEW_HEADER, REVIEW_HEADER, Message
from casework.curriculum import check, messages, release
from casework.curriculum.cases import CaseSource
from casework.curriculum.outline import Node, Sources
from casework.curriculum.repository import Repository
from casework.scenario import xml as case_xml

REFUSED = "refused"
VERDICTS = (APPROVED, REFUSED)
_NAME = re.compile(r"[^\x00-\x1f]{1,120}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class NotReviewable(ValueError):
    """What cannot be recorded: no such case or catalog, or no person, role or date. The message says what."""


@dataclass(frozen=True)
class Waiting:
    """One file and how much of it nobody has approved: `waits` of `total` texts; a case is one text."""

    path: str
    whom: str
    waits: int
    total: int


@dataclass(frozen=True)
class Reviewer:
    """Who has read, in which role, and when (YYYY-MM-DD)."""

    name: str
    role: str
    date: str


def waiting(read: Repository, sources: Sources, words: Mapping[str, str]) -> list[Waiting]:
    """Every case, page and catalog with something that no person has approved; `words` are the player's.

    Of pages and questions those are told that a release asks for.
    """
    out = [
        Waiting(one.path, "somebody of the practice", 1, 1)
        for one in read.cases.values()
        if one.body and not one.is_reviewed(sources)
    ]
    retold = _retold(read, sources)
    out += [
        Waiting(path, "somebody of the practice", 1, 1)
        for path, (one, mark) in retold.items()
        if mark not in one.approved(sources)
    ]
    approved = release.approved(sources)
    out += [
        Waiting(node.path, "somebody of the practice", 1, 1)
        for node in _pages(read)
        if release.fingerprint(node) not in approved
    ]
    for lang in check.languages(sources, read):
        rows, _ = messages.status(sources, messages.extracted(read, lang, words), lang)
        out += [
            Waiting(
                messages.path_of(lang, row.catalog), f"a reader of {lang}", row.translated - row.reviewed, row.total
            )
            for row in rows
            if row.translated > row.reviewed
        ]
    return out


def recorded(
    path: str, read: Repository, sources: Sources, words: Mapping[str, str], who: Reviewer, verdict: str
) -> tuple[str, bytes, int]:
    """(path of the `review.csv`, its new text, how many texts it now judges) for a case, a catalog, a page or a question.

    A case is named by its folder or its `scenario.xml`. Raises NotReviewable.
    """
    for what, text in (("name", who.name), ("role", who.role)):
        if not _NAME.fullmatch(text) or not text.strip():
            raise NotReviewable(f"a review has a {what} of at most 120 signs")
    if not _DATE.fullmatch(who.date) or verdict not in VERDICTS:
        raise NotReviewable(f"a review has a date (2026-11-24) and a verdict: {' or '.join(VERDICTS)}")
    path = path.rstrip("/")
    person = (who.name.strip(), who.role.strip(), who.date, verdict)
    case = next((one for one in read.cases.values() if path in {one.path, str(PurePosixPath(one.path).parent)}), None)
    if case is not None and case.body:
        rows = [(case.fingerprint, *person)]
        return case.reviews, _added(sources.get(case.reviews), CASE_REVIEW_HEADER, rows), 1
    if path in (retold := _retold(read, sources)):
        one, mark = retold[path]
        return one.reviews, _added(sources.get(one.reviews), CASE_REVIEW_HEADER, [(mark, *person)]), 1
    page = next((node for node in _nodes(read) if path == node.path), None)
    if page is not None:
        judged_page = [(page.url_name, release.fingerprint(page), *person)]
        return release.REVIEWS, _added(sources.get(release.REVIEWS), release.HEADER, judged_page), 1
    lang = catalogs.language_of(path)
    known = messages.read(sources, lang)[0] if lang and path.endswith(".po") else {}
    name = path.removeprefix(f"locale/{lang}/").removesuffix(".po")
    if name not in known:
        raise NotReviewable(f"{path} is no case, catalog, page or question of this repository")
    judged = [
        (name, one.context, catalogs.fingerprint(one, said), *person)
        for one in _asked(messages.extracted(read, lang, words), name)
        if (said := known[name].get(one)) is not None
    ]
    target = f"locale/{lang}/review.csv"
    return target, _added(sources.get(target), REVIEW_HEADER, judged), len(judged)


def _retold(read: Repository, sources: Sources) -> dict[str, tuple[CaseSource, str]]:
    """The cases that countries change, by the file of the changes: the regional case, and what names the changed text."""
    known = {one.path: one for one in read.cases.values()}
    return {
        path: (known[node.path], case_xml.fingerprint(node.body))
        for code, tailored in read.countries.items()
        for node in tailored.course.walk()
        if node.path in known and (path := release.retold(code, node, sources))
    }


def _nodes(read: Repository) -> list[Node]:
    """Every page and question of every country, each once."""
    nodes = (node for one in read.countries.values() for node in one.course.walk() if node.kind in {"html", "problem"})
    return list({node.path: node for node in nodes}.values())


def _pages(read: Repository) -> list[Node]:
    """The pages and questions that a release asks for, each once."""
    nodes = (node for one in read.countries.values() for node in release.required(one.course))
    return list({node.path: node for node in nodes}.values())


def _asked(all_of: Iterable[Message], catalog: str) -> Iterable[Message]:
    return {one.key: one for one in all_of if one.catalog == catalog}.values()


def _added(before: bytes | None, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> bytes:
    """The file with rows added at its end; nothing that stands there is changed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    if not before:
        writer.writerow(header)
    writer.writerows(rows)
    kept = before or b""
    return kept + (b"\n" if kept and not kept.endswith(b"\n") else b"") + text.getvalue().encode()
