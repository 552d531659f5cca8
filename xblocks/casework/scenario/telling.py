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
    return _block(text) if phrase is unmarked else _told(text, prose.html, "div", phrase)


def line(text: Text, phrase: PhraseMark = unmarked) -> str:
    """A text as inline HTML; "" where there is none."""
    return _line(text) if phrase is unmarked else _told(text, prose.inline, "span", phrase)


# The same texts are told to each learner of a case.
@lru_cache(maxsize=4096)
def _block(text: Text) -> str:
    return _told(text, prose.html, "div", unmarked)


@lru_cache(maxsize=4096)
def _line(text: Text) -> str:
    return _told(text, prose.inline, "span", unmarked)


def _told(text: Text, told: Callable[[str, PhraseMark], str], tag: str, phrase: PhraseMark) -> str:
    return _in_language(text, told(text.body, phrase), tag) if text.body else ""


def _in_language(text: Text, html: str, tag: str) -> str:
    return f'<{tag} lang="{escape(text.lang)}">{html}</{tag}>' if text.lang else html
