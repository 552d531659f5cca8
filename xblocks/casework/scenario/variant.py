"""The same facts with another person: which variant of a case somebody plays, and the case in that variant's words.

A text names a word in braces: `{he}`; `{He}` gives it with a capital. Nothing but words can differ, so every question
about play has one answer for all variants, and is asked of the case as it stands.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from casework.scenario.model import Case, Opinion, Part, Text, Variant

WORD = re.compile(r"\{([A-Za-z][a-z0-9-]*)\}")

_Value = TypeVar("_Value")


def drawn(case: Case, learner: str, played: Sequence[str] = ()) -> str:
    """The variant of a learner's next attempt: a stable draw first, then those not played yet, then all in turn.

    `played` are the variants of the finished attempts. "" for a case without variants.
    """
    if not case.variants:
        return ""
    names = [one.id for one in case.variants]
    first = int.from_bytes(hashlib.sha256(f"casework variant\0{case.id}\0{learner}".encode()).digest()[:8]) % len(names)
    turn = names[first:] + names[:first]
    return next((name for name in turn if name not in played), turn[len(played) % len(turn)])


def resolved(case: Case, name: str) -> Case:
    """The case in the words of one variant, or of the first where it has no such variant (any more)."""
    if not case.variants:
        return case
    variant = next((one for one in case.variants if one.id == name), case.variants[0])
    words = {word: text.body for word, text in variant.words}
    return replace(_filled(case, words), variants=case.variants)


def growth(variant: Variant, texts: Iterable[str]) -> int:
    """How many characters this variant's words put into these texts."""
    lengths = {word: len(text.body) for word, text in variant.words}
    return sum(lengths.get(_small(name), 0) for text in texts for name in WORD.findall(text))


def used(text: str) -> set[str]:
    """The words that a text names."""
    return {_small(name) for name in WORD.findall(text)}


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


def _said(text: str, words: Mapping[str, str]) -> str:
    def word(match: re.Match[str]) -> str:
        said = words.get(_small(match[1]), match[0])
        return said[:1].upper() + said[1:] if match[1][0].isupper() else said

    return WORD.sub(word, text)


def _filled(value: _Value, words: Mapping[str, str]) -> _Value:
    """A value of the model with every text said in these words; what holds no text is the same value."""
    made: Any = value
    if isinstance(value, Text):
        made = replace(value, body=_said(value.body, words))
    elif isinstance(value, tuple):
        made = tuple(_filled(one, words) for one in value)
    elif is_dataclass(value) and not isinstance(value, type | Variant):
        said: dict[str, Any] = {
            field.name: _filled(now, words)
            for field in fields(value)
            if isinstance(now := getattr(value, field.name), tuple) or is_dataclass(now)
        }
        if isinstance(value, Part | Opinion):
            said["by"] = _said(value.by, words)
        made = replace(value, **said)
    return made  # type: ignore[no-any-return]
