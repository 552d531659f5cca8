"""What travels instead of slugs. A slug tells (`promise`, `decoy:rice`), a position would change with an author's edit:
so every task, option, document and phrase goes by a short keyed hash of its slug and the attempt.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable


def successor(secret: str, attempt: str) -> str:
    """The id of the attempt after a finished one. It is always the same: a start that is sent twice, or by two windows at once,
    begins one attempt, and an answer that was given back allows one more and no other."""
    return hmac.new(secret.encode(), f"casework attempt\0{attempt}".encode(), hashlib.sha256).hexdigest()[:32]


class Names:
    """The names of one attempt. `hidden(slug)` goes out, `slugs(among)[hidden]` comes back."""

    def __init__(self, secret: str, attempt: str) -> None:
        self._key = hashlib.sha256(f"casework wire\0{secret}\0{attempt}".encode()).digest()
        self._hidden: dict[str, str] = {}

    def slugs(self, among: Iterable[str]) -> dict[str, str]:
        """Slugs by what travels. `among`: those that it can be, since each is hashed."""
        return {self.hidden(slug): slug for slug in among}

    def hidden(self, slug: str) -> str:
        """Twelve hexadecimal digits: enough against collision within one case, and no way back without the secret."""
        if slug not in self._hidden:
            self._hidden[slug] = hmac.digest(self._key, slug.encode(), "sha256").hex()[:12]
        return self._hidden[slug]

    def phrase(self, document: str, name: str) -> str:
        return self.hidden(f"{document}#{name}")
