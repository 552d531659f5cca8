"""A case as a block holds it: the text, and what reading and checking it once has shown. Nothing of learners."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from casework.findings import Finding, ordered
from casework.scenario import check, states, xml
from casework.scenario.model import Case


@dataclass(frozen=True)
class Reading:
    """`case` is None when an error was found; then nobody can play it. `maximum` counts reviews too."""

    case: Case | None
    findings: tuple[Finding, ...]
    fingerprint: str
    maximum: int


@lru_cache(maxsize=128)
def read(content: str) -> Reading:
    """Read and check a case. Cached by its text, since every request asks and an edit is another text."""
    case, findings = xml.parse(content)
    if case is not None:
        findings = [*findings, *check.check(case)]
    sound = case is not None and not any(one.is_error for one in findings)
    return Reading(
        case if sound else None,
        tuple(ordered(findings)),
        xml.fingerprint(content),
        states.maximum(case) if sound and case is not None else 0,
    )
