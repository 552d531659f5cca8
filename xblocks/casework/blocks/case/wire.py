"""What travels instead of slugs. A slug tells (`promise`, `decoy:rice`), a position would change with an author's edit:
so every task, option, document and phrase goes by a short keyed hash of its slug and the attempt.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import cached_property

from casework.scenario.model import Case, Choose


def successor(secret: str, attempt: str) -> str:
    """The id of the attempt after a finished one. It is always the same: a start that is sent twice, or by two windows at once,
    begins one attempt, and an answer that was given back allows one more and no other."""
    return hmac.new(secret.encode(), f"casework attempt\0{attempt}".encode(), hashlib.sha256).hexdigest()[:32]


class Names:
    """The names of one attempt on one case. `hidden(slug)` goes out, `slugs[hidden]` comes back."""

    def __init__(self, case: Case, secret: str, attempt: str) -> None:
        self._key = hashlib.sha256(f"casework wire\0{secret}\0{attempt}".encode()).digest()
        self._case = case

    @cached_property
    def slugs(self) -> dict[str, str]:
        """By what travels; asked for where something comes back alone."""
        return {self.hidden(slug): slug for slug in _slugs(self._case)}

    def hidden(self, slug: str) -> str:
        """Twelve hexadecimal digits: enough against collision within one case, and no way back without the secret."""
        return hmac.digest(self._key, slug.encode(), "sha256").hex()[:12]

    def phrase(self, document: str, name: str) -> str:
        return self.hidden(f"{document}#{name}")


def _slugs(case: Case) -> list[str]:
    slugs = list(case.document)
    for document in case.documents:
        slugs += [f"{document.id}#{phrase.name}" for phrase in document.phrases]
    for task in case.task.values():
        slugs.append(task.id)
        if isinstance(task, Choose):
            slugs += [option.id for option in task.options]
    return slugs
