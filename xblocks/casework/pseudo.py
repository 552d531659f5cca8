"""A pseudo-language: English in letters with accents, between brackets. Whoever sees a word without accents in a package
built in it has found a text that cannot be translated. Pure.

What is not a word stays: Markdown marks, places in braces, targets of links, phrases' names, addresses.
"""

from __future__ import annotations

import re

LANG = "qps"
"""A code that ISO 639 keeps for private use."""

_LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "áƀçðéƒĝĥíĵķłɱñöþɋŕšŧüṽŵẋýžÁƁÇÐÉƑĜĤÍĴĶŁṀÑÖÞɊŔŠŦÜṼŴẊÝŽ",
)
_KEPT = re.compile(r"\]\([^)\s]*\)|\{[^{}]*\}|https?://[^\s)>\]]+|&[A-Za-z]+;|\\.")
_SPEECH = re.compile(r"\*\*[^*\n]{1,60}?[:：]\*\*\s*")
BRACKETS = ("⟦", "⟧")


def said(english: str) -> str:
    """A text in the pseudo-language. Speech stays speech: its name stands before the bracket."""
    speech = _SPEECH.match(english)
    start = speech.end() if speech else 0
    return f"{_accented(english[:start])}{BRACKETS[0]}{_accented(english[start:])}{BRACKETS[1]}"


def _accented(text: str) -> str:
    out, at = [], 0
    for kept in _KEPT.finditer(text):
        out += [text[at : kept.start()].translate(_LETTERS), kept[0]]
        at = kept.end()
    return "".join([*out, text[at:].translate(_LETTERS)])
