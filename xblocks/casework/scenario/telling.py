"""A text of a case as HTML, in an element of its own language where it is not translated. Which texts may be told, and when,
is asked by whoever calls.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from html import escape

from casework import prose
from casework.prose import PhraseMark, unmarked
from casework.scenario.model import Text

_EDGE = "\uffff"
"""Stands around a phrase's name and its words until they are marked: no text of a case has it, since XML does not."""
_PHRASE = re.compile(f"{_EDGE}([^{_EDGE}]*){_EDGE}([^{_EDGE}]*){_EDGE}")


def block(text: Text, phrase: PhraseMark = unmarked) -> str:
    """A text as HTML blocks; "" where there is none."""
    return _marked(_block(text.body, text.lang), phrase)


def line(text: Text, phrase: PhraseMark = unmarked) -> str:
    """A text as inline HTML; "" where there is none."""
    return _marked(_line(text.body, text.lang), phrase)


# The same texts are told to each learner of a case; only their phrases are marked for each anew. By two strings: to hash a whole
# Text takes longer than to find its HTML.
@lru_cache(maxsize=4096)
def _block(body: str, lang: str) -> str:
    return _told(body, lang, prose.html, "div")


@lru_cache(maxsize=4096)
def _line(body: str, lang: str) -> str:
    return _told(body, lang, prose.inline, "span")


def _told(body: str, lang: str, told: Callable[[str, PhraseMark], str], tag: str) -> str:
    html = told(body, _edged) if body else ""
    return f'<{tag} lang="{escape(lang)}">{html}</{tag}>' if lang and body else html


def _edged(name: str, inner: str) -> str:
    return f"{_EDGE}{name}{_EDGE}{inner}{_EDGE}"


def _marked(html: str, phrase: PhraseMark) -> str:
    return _PHRASE.sub(lambda found: phrase(found[1], found[2]), html) if _EDGE in html else html
