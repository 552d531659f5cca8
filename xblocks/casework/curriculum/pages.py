"""A page: Markdown in, HTML out, one block at a time.

A *block* is what a translator works on: a paragraph, a heading, a list item, a table cell. `render` walks the blocks in
order and asks its caller for the HTML of each, so that extraction, translation and building see the very same blocks.
Inline Markdown is `prose.py`'s; what a fact looks like is `facts.py`'s. Only tags that HTML 4 knows are written, since the
parser of the platform's own checks refuses newer ones (reference: olx §2.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from casework import prose
from casework.findings import Finding, found

_FACT = re.compile(r"\{\s*([a-z0-9_.-]+)\s*(?:\|\s*(.*?)\s*)?\}", re.DOTALL)
SOURCES = "sources"
"""`{sources}` stands for the sources of a lesson's facts."""

_PLAIN = {
    "bullet_list_open": "<ul>\n", "bullet_list_close": "</ul>\n", "list_item_open": "<li>", "list_item_close": "</li>\n",
    "blockquote_open": "<blockquote>\n", "blockquote_close": "</blockquote>\n", "ordered_list_close": "</ol>\n",
    "table_open": '<table class="cw-table">\n', "table_close": "</table>\n", "thead_open": "<thead>\n",
    "thead_close": "</thead>\n", "tbody_open": "<tbody>\n", "tbody_close": "</tbody>\n", "tr_open": "<tr>",
    "tr_close": "</tr>\n", "hr": "<hr>\n",
}  # fmt: skip
_HOLDS = {"paragraph_open", "heading_open", "th_open", "td_open"}


@dataclass(frozen=True)
class Block:
    """One text of a page. `role` is p, h2, h3, li, quote, th or td; `line` counts from 1."""

    role: str
    text: str
    line: int


@dataclass(frozen=True)
class Fact:
    """A block that is a fact: its name, and what is shown where it has no value for learners."""

    name: str
    fallback: str
    line: int


@dataclass(frozen=True)
class Markup:
    """The inline HTML of a block; `lang` where it is in another language than the page."""

    html: str
    lang: str = ""


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


@lru_cache(maxsize=1024)
def _parts(markdown: str) -> tuple[tuple[Token, Block | None], ...]:
    """Every token of a page; with an `inline` token comes its block. Kept: each country and language asks again."""
    return tuple(_read(markdown))


def _read(markdown: str) -> Iterator[tuple[Token, Block | None]]:
    around: list[Token] = []
    for token in _parser().parse(markdown):
        if token.nesting == 1:
            around.append(token)
        elif token.nesting == -1:
            around.pop()
        if token.type == "inline":
            yield token, Block(_role(around), " ".join(token.content.split()), (token.map or [0])[0] + 1)
        else:
            yield token, None


def _role(around: list[Token]) -> str:
    holder = around[-1]
    if holder.type != "paragraph_open":
        return holder.tag
    types = {token.type for token in around}
    return "li" if "list_item_open" in types else "quote" if "blockquote_open" in types else "p"


def fact_of(block: Block) -> Fact | None:
    """The fact that a block is, when it is nothing else."""
    match = _FACT.fullmatch(block.text)
    return Fact(match[1], match[2] or "", block.line) if match and block.role == "p" else None


def facts_in(markdown: str) -> list[Fact]:
    """The facts of a page, in order; `{sources}` is not one."""
    blocks = (block for _, block in _parts(markdown) if block)
    return [fact for block in blocks if (fact := fact_of(block)) and fact.name != SOURCES]


def render(markdown: str, text: Callable[[Block], Markup], fact: Callable[[Fact], str]) -> str:
    """The page as HTML. `text` gives a block's inline HTML, `fact` the whole HTML of a fact (and of `{sources}`)."""
    out: list[str] = []
    tag = ""  # of the element that holds the next inline text; "" where it has none of its own
    for token, block in _parts(markdown):
        if block is not None:
            made = fact_of(block)
            if made:
                tag = ""
                out.append(fact(made))
                continue
            markup = text(block)
            lang = f' lang="{markup.lang}"' if markup.lang else ""
            if tag:
                scope = ' scope="col"' if tag == "th" else ""
                out.append(f"<{tag}{scope}{lang}>{markup.html}</{tag}>" + ("" if tag in {"th", "td"} else "\n"))
            else:
                out.append(f"<span{lang}>{markup.html}</span>" if lang else markup.html)
        elif token.type in _HOLDS:
            tag = "" if token.hidden else token.tag
        elif token.type == "ordered_list_open":
            start = token.attrGet("start")
            out.append(f'<ol start="{start}">\n' if start else "<ol>\n")
        else:
            out.append(_PLAIN.get(token.type, ""))
    return "".join(out)


def check(markdown: str, path: str) -> list[Finding]:
    """What is not accepted in a page: Markdown we do not know, headings out of order, facts inside other text."""
    findings = [found("bad-markdown", path, 0, detail=detail) for detail in prose.faults(markdown)]
    if not markdown.strip():
        findings.append(found("empty-text", path, 0, name="the page"))
    words = prose.long_at_the_median(block.text for _, block in _parts(markdown) if block and not fact_of(block))
    if words:
        findings.append(found("long-sentences", path, 1, words=words, limit=prose.MOST_IN_SENTENCE))
    before = 1
    for level, line in prose.headings(markdown):
        if level == 1 or level > before + 1:
            findings.append(found("heading-order", path, line, found=level, before=before))
        before = level
    for token, block in _parts(markdown):
        if token.type in {"fence", "code_block"}:
            findings.append(found("bad-markdown", path, (token.map or [0])[0] + 1, detail="a block of code"))
        if block and not fact_of(block) and re.search(r"[{}]", block.text):
            findings.append(found("fact-not-alone", path, block.line, text=block.text[:60]))
    return findings
