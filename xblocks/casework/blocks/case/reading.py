"""A case as a block holds it: the text, and what reading and checking it once has shown. Nothing of learners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from casework.blocks.adapter import has_addresses
from casework.findings import Finding
from casework.scenario import check, states, variant, xml
from casework.scenario.model import Case


@dataclass(frozen=True)
class Reading:
    """`case` is None when an error was found; then nobody can play it. `maximum` counts reviews too; `has_addresses`: the text
    has addresses that the platform turns into its own."""

    case: Case | None
    findings: tuple[Finding, ...]
    fingerprint: str
    maximum: int
    has_addresses: bool

    @cached_property
    def live(self) -> Mapping[states.Place, states.Read]:
        """What may still be read from each place on, for the road ahead."""
        return states.liveness(self.case) if self.case else {}

    @cached_property
    def _told(self) -> dict[str, Case]:
        """The case as it was told already, by variant: each request of an attempt asks for the same."""
        return {}

    def told(self, name: str) -> Case | None:
        """The case in the words of a variant; of its first one where it has no such variant."""
        if self.case is None:
            return None
        name = name if any(one.id == name for one in self.case.variants) else ""
        if name not in self._told:
            self._told[name] = variant.resolved(self.case, name)
        return self._told[name]


@lru_cache(maxsize=128)
def read(content: str) -> Reading:
    """Read and check a case. Cached by its text, since every request asks and an edit is another text."""
    shown = check.examined(content)
    sound = shown.sound
    return Reading(
        sound, shown.findings, xml.fingerprint(content), shown.maximum if sound else 0, has_addresses(content)
    )
