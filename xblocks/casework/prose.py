"""The Markdown we accept, made into safe HTML.

CommonMark through markdown-it-py with raw HTML off, tables on, images off, and only links we know. Three things are
ours: a paragraph that opens with `**Name:**` is speech, a link to `indicator:x` or `decoy:x` is a phrase that can be
marked, and a text may be split into its paragraphs (what translators work on). No XML, no request, no file in here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from statistics import median

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

PHRASE = re.compile(r"(indicator|decoy):([a-z0-9-]+)(?:/([0-9]+))?")
_LINK = re.compile(r"(https://|http://|/static/|/jump_to_id/|#)")
_SPEECH = re.compile(r"\*\*([^*\n]{1,60}?)\s*[:：]\*\*\s*")
_PARAGRAPH = re.compile(r"\n[ \t]*\n+")
# Bounded: a text of nothing but “[” or “<a” would else be read again from each sign on.
_RAW = re.compile(r"</?[a-zA-Z][^>\n]{0,300}>")
_UNKNOWN = re.compile(r"!?\[[^\]]{1,300}\]\([^)\s]{0,300}\)")

# Most texts hold no mark at all, and Markdown says of those what they say. Lines that begin with a letter, a quotation mark or a
# bracket begin no list, quotation, heading, rule, table or code; the marks that mean something within a line are left out.
_LINE = r"(?:[^\W\d_]|[\"'(“‘«—…])[^\\`*_\[\]<>&|\x00-\x1f]*"
_ORDINARY = re.compile(rf"{_LINE}(?:\n+{_LINE})*\n*")
_ORDINARY_LINE = re.compile(_LINE)

PhraseMark = Callable[[str, str], str]
"""(phrase name, inner HTML) -> HTML. The name is the link's target: `indicator:debt/2`, `decoy:rice`."""


@dataclass(frozen=True)
class Phrase:
    """A phrase that can be marked. `indicator` is the indicator's id, or "" for a decoy."""

    name: str
    text: str

    @property
    def indicator(self) -> str:
        match = PHRASE.fullmatch(self.name)
        return match[2] if match and match[1] == "indicator" else ""


class MarkdownError(ValueError):
    """Markdown outside of what we accept; the message says what."""


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table").disable("image")
    parser.validateLink = lambda url: bool(PHRASE.fullmatch(url) or _LINK.match(url))  # type: ignore[method-assign]
    return parser


def _walk(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _walk(token.children or ())


def faults(markdown: str) -> list[str]:
    """What is not accepted in `markdown`, in words; empty when it is fine."""
    said: list[str] = []
    if _ORDINARY.fullmatch(markdown):
        return said
    for token in _walk(_parser().parse(markdown)):
        if token.type == "text":
            if _RAW.search(token.content):
                said.append(f"raw HTML “{token.content.strip()[:40]}”")
            if _UNKNOWN.search(token.content):
                said.append(f"a link or image we do not know in “{token.content.strip()[:60]}”")
    return said


def phrases(markdown: str) -> list[Phrase]:
    """The phrases of a text, in order of appearance: those that `inline` shows, which is how a document is shown."""
    found: list[Phrase] = []
    if "](" not in markdown and "<" not in markdown:
        return found  # no link of any form
    for token in _line(markdown):
        href, inner = "", [""]
        for one in token.children or ():
            if one.type == "link_open":
                href, inner = str(one.attrGet("href") or ""), []
            elif one.type == "link_close" and PHRASE.fullmatch(href):
                found.append(Phrase(href, "".join(inner)))
            else:
                inner.append(one.content)
    return found


def _line(markdown: str) -> list[Token]:
    """A text as one line of inline Markdown."""
    return _parser().parseInline(" ".join(markdown.split()))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, as translators see them: trimmed, in order, none empty."""
    return [part.strip() for part in _PARAGRAPH.split(text.strip()) if part.strip()]


def literal(text: str) -> str:
    """Plain text as Markdown that says exactly it."""
    return re.sub(r"([\\`*_{}\[\]<>#|~!])", r"\\\1", " ".join(text.split()))


def plain(markdown: str) -> str:
    """The words alone, without marks: for counting, lengths, previews and search indexes."""
    if _ORDINARY.fullmatch(markdown):
        return " ".join(markdown.split())
    words = []
    for token in _walk(_parser().parse(markdown)):
        if token.type in {"text", "code_inline"}:
            words.append(token.content)
        elif token.type in {
            "softbreak",
            "hardbreak",
            "paragraph_close",
            "heading_close",
            "list_item_close",
            "td_close",
        }:
            words.append(" ")
    return " ".join("".join(words).split())


def width(markdown: str) -> int:
    """How long a text looks: its characters without marks, and without the vowels and tones that stand above or below others."""
    text = plain(markdown)
    return len(text) if text.isascii() else sum(unicodedata.category(sign) not in _NO_WIDTH for sign in text)


_NO_WIDTH = frozenset({"Mn", "Me", "Cf"})


def sentences(markdown: str) -> list[int]:
    """The lengths of a text's sentences in words, for languages that put spaces between words."""
    parts = (part.split() for part in re.split(r"(?<=[.!?…])[”\"')]*\s+", plain(markdown)))
    return [len(words) for words in parts if words]


MOST_IN_SENTENCE = 20
"""Words of a sentence at the median: what we write is translated into languages that we cannot all read."""


def long_at_the_median(texts: Iterable[str]) -> int:
    """The median of the sentences' lengths where it is more than MOST_IN_SENTENCE, else 0."""
    lengths = [words for text in texts for words in sentences(text)]
    middle = int(median(lengths)) if lengths else 0
    return middle if middle > MOST_IN_SENTENCE else 0


class _Renderer(RendererHTML):
    """markdown-it's renderer with our phrases; links to the world open without handing over the page."""

    def __init__(self, phrase: PhraseMark) -> None:
        super().__init__()
        self.phrase = phrase

    def renderInline(self, tokens: Sequence[Token], options: object, env: object) -> str:
        out: list[str] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            href = str(token.attrGet("href") or "") if token.type == "link_open" else ""
            if PHRASE.fullmatch(href):
                close = next(i for i in range(at + 1, len(tokens)) if tokens[i].type == "link_close")
                out.append(self.phrase(href, super().renderInline(tokens[at + 1 : close], options, env)))  # type: ignore[arg-type]
                at = close + 1
                continue
            if href.startswith("http"):
                token.attrSet("rel", "noopener noreferrer")
                token.attrSet("target", "_blank")
            out.append(super().renderInline([token], options, env))  # type: ignore[arg-type]
            at += 1
        return "".join(out)


@lru_cache(maxsize=1)
def _unmarking() -> _Renderer:
    return _Renderer(unmarked)


def _renderer(phrase: PhraseMark) -> _Renderer:
    """A renderer for these phrases. Making one from nothing looks at each of its methods, which takes longer than most texts;
    its rules know nothing of phrases, so one may stand for all."""
    made = copy(_unmarking())
    made.phrase = phrase
    return made


def _escaped(ordinary: str) -> str:
    """An ordinary text as HTML: of the signs that HTML knows it may hold quotation marks alone."""
    return ordinary.replace('"', "&quot;")


def unmarked(name: str, inner: str) -> str:
    """A phrase shown as the words it is."""
    return inner


def inline(markdown: str, phrase: PhraseMark = unmarked) -> str:
    """One line of Markdown as inline HTML, without a paragraph around it."""
    if _ORDINARY.fullmatch(markdown):
        return _escaped(" ".join(markdown.split()))
    return _unmarked_line(markdown) if phrase is unmarked else _rendered_line(markdown, phrase)


@lru_cache(maxsize=4096)
def _unmarked_line(markdown: str) -> str:
    """Kept: most of a package is in those of other countries too."""
    return _rendered_line(markdown, unmarked)


def _rendered_line(markdown: str, phrase: PhraseMark) -> str:
    parser = _parser()
    renderer = _renderer(phrase)
    return "".join(renderer.renderInline(token.children or [], parser.options, {}) for token in _line(markdown))


def html(markdown: str, phrase: PhraseMark = unmarked) -> str:
    """A text as HTML blocks. A paragraph that opens with `**Name:**` becomes set-off speech."""
    parser = _parser()
    out = []
    for part in paragraphs(markdown):
        if _ORDINARY_LINE.fullmatch(part):
            out.append(f"<p>{_escaped(part)}</p>\n")
            continue
        speech = _SPEECH.match(part)
        if speech:
            said = _renderer(phrase).render(parser.parse(part[speech.end() :]), parser.options, {})
            out.append(f'<div class="cw-say"><b>{escape(speech[1])}</b>{said}</div>')
        else:
            out.append(_renderer(phrase).render(parser.parse(part), parser.options, {}))
    return "".join(out).strip()


def is_speech(markdown: str) -> bool:
    """Whether `html` sets the beginning of this text off as speech."""
    return bool(_SPEECH.match(next(iter(paragraphs(markdown)), "")))


def page(markdown: str) -> str:
    """A whole page (headings, lists, tables, quotations) as HTML."""
    parser = _parser()
    return _unmarking().render(parser.parse(markdown), parser.options, {})


def headings(markdown: str) -> list[tuple[int, int]]:
    """(level, line) of each heading of a page; lines count from 1."""
    return [
        (int(token.tag[1]), (token.map or [0])[0] + 1)
        for token in _parser().parse(markdown)
        if token.type == "heading_open"
    ]
