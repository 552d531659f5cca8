"""A text of a case as HTML, in an element of its own language where it is not translated. Which texts may be told, and when,
is asked by whoever calls.
"""

from __future__ import annotations

from html import escape

from casework import prose
from casework.prose import PhraseMark, unmarked
from casework.scenario.model import Text


def block(text: Text, phrase: PhraseMark = unmarked) -> str:
    """A text as HTML blocks; "" where there is none."""
    return _in_language(text, prose.html(text.body, phrase), "div") if text.body else ""


def line(text: Text, phrase: PhraseMark = unmarked) -> str:
    """A text as inline HTML; "" where there is none."""
    return _in_language(text, prose.inline(text.body, phrase), "span") if text.body else ""


def _in_language(text: Text, html: str, tag: str) -> str:
    return f'<{tag} lang="{escape(text.lang)}">{html}</{tag}>' if text.lang else html
