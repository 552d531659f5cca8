"""A text of a case as HTML, in an element of its own language where it is not translated. Which texts may be told, and when,
is asked by whoever calls.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from html import escape

from casework import prose
from casework.prose import PhraseMark, unmarked
from casework.scenario.model import Text


def block(text: Text, phrase: PhraseMark = unmarked) -> str:
    """A text as HTML blocks; "" where there is none."""
    return (
        _block(text.body, text.lang) if phrase is unmarked else _told(text.body, text.lang, prose.html, "div", phrase)
    )


def line(text: Text, phrase: PhraseMark = unmarked) -> str:
    """A text as inline HTML; "" where there is none."""
    return (
        _line(text.body, text.lang) if phrase is unmarked else _told(text.body, text.lang, prose.inline, "span", phrase)
    )


# The same texts are told to each learner of a case. By two strings: to hash a whole Text takes longer than to find its HTML.
@lru_cache(maxsize=4096)
def _block(body: str, lang: str) -> str:
    return _told(body, lang, prose.html, "div", unmarked)


@lru_cache(maxsize=4096)
def _line(body: str, lang: str) -> str:
    return _told(body, lang, prose.inline, "span", unmarked)


def _told(body: str, lang: str, told: Callable[[str, PhraseMark], str], tag: str, phrase: PhraseMark) -> str:
    html = told(body, phrase) if body else ""
    return f'<{tag} lang="{escape(lang)}">{html}</{tag}>' if lang and body else html
