"""What a release refuses and a pilot may show: pages, cases and helplines for which no person has answered yet. Pure.

Whoever writes `review="required"` on a lesson (or on any element of an outline) asks that somebody of the practice has read
every page and question in it. Cases always need that, and a helpline that learners are shown needs a named person who has
confirmed it on a date. Where the package is a translation, an approved English text is not enough: no translation of such a page
or case may be left that nobody has approved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from casework import catalogs
from casework.curriculum import build, case_changes, localise, messages
from casework.curriculum.build import Wanted
from casework.curriculum.outline import CASE, COUNTRIES, Node, Sources
from casework.curriculum.repository import Repository
from casework.curriculum.speakers import SOURCE
from casework.findings import Finding, found, ordered

REVIEWS = "courses/review.csv"
"""Which pages somebody has read: of the region and of every country."""
HEADER = ("page", *catalogs.CASE_REVIEW_HEADER)
HELPLINES = "helplines"


def fingerprint(node: Node) -> str:
    """Names exactly this text of a page or question; an edit voids its review."""
    return hashlib.sha256(f"{node.url_name}\0{node.body}".encode()).hexdigest()[:16]


def approved(sources: Sources) -> frozenset[str]:
    """The pages and questions that a person has approved, by fingerprint."""
    return catalogs.reviewed(sources[REVIEWS], REVIEWS, HEADER)[0] if REVIEWS in sources else frozenset()


def required(node: Node, asked: bool = False) -> Iterator[Node]:
    """Every page and question that somebody must have read: those with `review="required"` on them or around them."""
    asked = asked or node.review
    if asked and node.kind in {"html", "problem"}:
        yield node
    for child in node.children:
        yield from required(child, asked)


def retold(country: str, node: Node, sources: Sources) -> str:
    """The file in which a country changes this case; "" where it does not."""
    path = case_changes.path_of(f"{COUNTRIES}/{country}", node.url_name)
    return path if node.kind == CASE and path in sources else ""


def check(repository: Repository, sources: Sources, wants: Iterable[Wanted]) -> list[Finding]:
    """Everything that stands in the way of a release of these packages, at once."""
    read = approved(sources)
    return ordered(one for want in wants for one in _package(repository, sources, want, read))


def _package(repository: Repository, sources: Sources, want: Wanted, read: frozenset[str]) -> Iterator[Finding]:
    tailored = build.tailored_to(repository, want)
    pages = list(required(tailored.course))
    played = [
        node
        for chapter in tailored.course.children
        if not chapter.staff_only
        for node in chapter.walk()
        if node.kind == CASE
    ]
    for node in pages:
        if fingerprint(node) not in read:
            yield found("unreviewed-page", node.path, 0, f"{node.kind} {node.url_name}")
    approved_cases = build.reviewed_cases(tailored.course, sources)
    for node in played:
        if node.url_name not in approved_cases:
            path = retold(want.country, node, sources) or node.path
            yield found("unreviewed-case", path, 0, f"case {node.url_name}")
    if want.lang != SOURCE:
        spoken = localise.package(tailored, build.speaker_of(sources, want.lang))
        drafts = {node.url_name for node in spoken.course.walk() if node.draft}
        for node in (*pages, *played):
            if node.url_name in drafts:
                catalog = f"scenarios/{node.url_name}" if node.kind == CASE else f"curriculum/{node.part}"
                path = messages.path_of(want.lang, catalog)
                yield found("unreviewed-translation", path, 0, f"{node.kind} {node.url_name}", lang=want.lang)
    for fact in tailored.facts.shown(HELPLINES):
        if not (fact.confirmed_by and fact.confirmed_on):
            yield found("unconfirmed-helpline", fact.path, fact.line, value=fact.value)
