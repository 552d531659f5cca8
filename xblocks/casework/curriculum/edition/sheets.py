"""The paper: one HTML page around a text, the style sheet of all pages, and small pieces of HTML that several pages use."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from casework.curriculum.edition.words import Words
from casework.curriculum.localise import Spoken
from casework.curriculum.olx import CSS as PAGES
from casework.curriculum.outline import Node
from casework.curriculum.speakers import SOURCE

STYLE = "style.css"
INDEX = "index.html"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HEADING = re.compile(r"<(/?)h([2-5])\b")


@dataclass(frozen=True)
class Edition:
    """What every page shares. `english` are the titles of the source, by url_name."""

    spoken: Spoken
    words: Words
    english: dict[str, str]

    @property
    def lang(self) -> str:
        return self.spoken.lang

    def title(self, node: Node) -> str:
        """A title as HTML; one that is not translated says that it is English."""
        text = escape(node.title, quote=False)
        translated = self.lang == SOURCE or self.english.get(node.url_name) != node.title
        return text if translated else f'<span lang="{SOURCE}">{text}</span>'

    def machine(self, draft: bool) -> str:
        """That a machine translated a page, where it did."""
        return f'<p class="notice">{self.spoken.draft}</p>\n' if draft and self.lang != SOURCE else ""

    def unreviewed(self, draft: bool) -> str:
        return f'<p class="notice">{self.words.html("draft")}</p>\n' if draft else ""


def page(edition: Edition, title: str, body: str, kind: str = "reading") -> bytes:
    """A whole page. `title` is plain text, `body` HTML that begins with its `<h1>`."""
    words = edition.words
    home = "" if kind == "index" else f'<a href="{INDEX}">{words.html("contents")}</a>'
    label = escape(words.plain("contents"))
    nav = f'<header><nav aria-label="{label}">{home}</nav></header>\n' if home else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{edition.lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title, quote=False)}</title>\n"
        f'<link rel="stylesheet" href="{STYLE}">\n</head>\n<body class="{kind}">\n{nav}<main>\n{body}</main>\n'
        f"<footer><p>{escape(edition.spoken.title, quote=False)} · {words.html('edition')}. {words.html('not_official')}</p>"
        "</footer>\n</body>\n</html>\n"
    ).encode()


def local(html: str) -> str:
    """A page's HTML where pictures lie beside it."""
    return html.replace('"/static/', '"static/')


def lowered(html: str, by: int = 1) -> str:
    """HTML of a page with its headings further down."""
    return _HEADING.sub(lambda match: f"<{match[1]}h{min(6, int(match[2]) + by)}", html)


def inner(html: str, down: int = 1) -> str:
    """A text of the course as it stands in a page of the edition."""
    text = lowered(local(html), down)
    # A table of many columns is scrolled on a telephone, by keyboard too.
    text = text.replace('<table class="cw-table">', '<div class="wide" tabindex="0"><table class="cw-table">')
    return f'<div class="cw-page">\n{text.replace("</table>", "</table></div>")}</div>\n'


def marked(text: str, lang: str) -> str:
    """Plain text as HTML, in an element of its own language where it has one."""
    safe = escape(text, quote=False)
    return f'<span lang="{escape(lang)}">{safe}</span>' if lang else safe


def lines(count: int, words: Words) -> str:
    """Room to write by hand."""
    return f'<div class="room" role="img" aria-label="{escape(words.plain("room"))}">{"<span></span>" * count}</div>\n'


def listed(rows: Iterable[str], kind: str = "") -> str:
    said = f' class="{kind}"' if kind else ""
    return f"<ul{said}>\n" + "".join(f"<li>{row}</li>\n" for row in rows) + "</ul>\n"


def table(heads: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """A table whose first cell heads its row."""
    said = f' class="{kind}"' if kind else ""
    top = "".join(f'<th scope="col">{head}</th>' for head in heads)
    body = "".join(
        "<tr>"
        + "".join(f'<th scope="row">{cell}</th>' if at == 0 else f"<td>{cell}</td>" for at, cell in enumerate(row))
        + "</tr>\n"
        for row in rows
    )
    return f'<div class="wide"><table{said}>\n<thead><tr>{top}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n'


def lot(*names: str) -> str:
    """Sorts without a hint: the same on every day, and of no order that a reader could learn from."""
    return hashlib.sha256("\0".join(names).encode()).hexdigest()


_OWN = """/* The open edition: to read on a telephone, and to print on A4 in black. Nothing is loaded from elsewhere. */
:root { --ink: #1a2530; --soft: #51606e; --line: #d3dae0; --wash: #f3f6f5; --act: #0d5757; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; color: var(--ink); background: #fff; overflow-wrap: break-word;
  font: 1.0625rem/1.6 "Noto Sans", "Noto Sans Thai", "Noto Sans Khmer", "Noto Sans Lao", "Noto Sans Myanmar",
    system-ui, sans-serif;
}
body:lang(th), body:lang(lo) { line-height: 1.8; }
body:lang(km), body:lang(my) { line-height: 2; }
header, main, footer { max-width: 42rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1rem; }
footer { margin-top: 3rem; padding-top: 0.75rem; padding-bottom: 2rem; }
footer p { margin: 0; padding-top: 0.75rem; border-top: 1px solid var(--line); font-size: 0.875rem; color: var(--soft); }
header a { display: inline-block; padding: 0.625rem 0; }
a { color: var(--act); }
a:focus-visible { outline: 3px solid #1559c7; outline-offset: 2px; }
h1 { margin: 1.25rem 0 0.75rem; font-size: 1.625rem; line-height: 1.35; }
h2 { margin: 2.25rem 0 0.75rem; font-size: 1.3125rem; line-height: 1.4; }
h3 { margin: 1.75rem 0 0.5rem; font-size: 1.125rem; line-height: 1.45; }
h4, h5, h6 { margin: 1.25rem 0 0.375rem; font-size: 1.0625rem; line-height: 1.5; }
h1:lang(th), h2:lang(th), h3:lang(th), h1:lang(km), h2:lang(km), h3:lang(km), h1:lang(my), h2:lang(my), h3:lang(my),
h1:lang(lo), h2:lang(lo), h3:lang(lo) { line-height: 1.7; }
p, ul, ol { margin: 0.75rem 0; }
ul, ol { padding-left: 1.5rem; }
li + li { margin-top: 0.375rem; }
img { display: block; max-width: 100%; height: auto; margin: 0.75rem 0; }
.soft { color: var(--soft); font-size: 0.9375rem; }
.kind { display: block; font-size: 0.875rem; font-weight: 400; color: var(--soft); }
.notice { padding: 0.5rem 0.875rem; border: 1px solid var(--ink); border-left-width: 5px; }
.staff { border: 2px solid var(--ink); padding: 0.5rem 0.875rem; font-weight: 600; }
.care { padding: 0.75rem 1rem; border: 1px solid var(--line); }
.care > :first-child { margin-top: 0; } .care > :last-child { margin-bottom: 0; }
.contents { list-style: none; padding: 0; }
.contents > li { padding: 0.75rem 0; border-top: 1px solid var(--line); }
.contents ul { margin: 0.25rem 0 0; }
.contents a { display: inline-block; padding: 0.25rem 0; }
.question, .task { margin: 1.5rem 0; padding-top: 0.25rem; border-top: 1px solid var(--line); }
.choices, .options, .replies, .ways { list-style: none; padding: 0; }
.choices > li, .options > li, .replies > li { position: relative; min-height: 2rem; padding: 0.125rem 0 0.125rem 2.75rem; }
.letter {
  position: absolute; left: 0; top: 0.25rem; width: 1.75rem; height: 1.75rem; border: 1.5px solid var(--ink);
  border-radius: 50%; font-weight: 600; line-height: 1.625rem; text-align: center;
}
.options > li > div > :first-child, .replies > li > div > :first-child { margin-top: 0; }
.options p, .replies p { margin: 0.25rem 0; }
.when { font-style: normal; padding-left: 0.75rem; border-left: 3px double var(--ink); color: var(--ink); }
.only { margin: 0.75rem 0; }
.do { font-weight: 600; }
.handed { font-weight: 600; }
.handed p, .handed ul { margin: 0.25rem 0; }
.phrase { border-bottom: 1.5px dotted var(--ink); }
.phrase sup { padding-left: 0.125rem; font-weight: 600; line-height: 1; }
.part { margin: 0.625rem 0; }
.part > b { display: block; }
.room { margin: 0.75rem 0; }
.room span { display: block; height: 2.25rem; border-bottom: 1px solid #7b8894; }
.boxes { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; list-style: none; padding: 0; }
.boxes li { margin: 0; }
.boxes li::before {
  content: ""; display: inline-block; width: 0.9em; height: 0.9em; margin-right: 0.4em; border: 1.5px solid var(--ink);
  vertical-align: -0.1em;
}
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 1rem; }
th, td { padding: 0.5rem 0.75rem 0.5rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
tbody th { font-weight: 600; }
.leaving td:last-child { white-space: nowrap; }
td > :first-child { margin-top: 0; } td > :last-child { margin-bottom: 0; }
@media (max-width: 30rem) {
  table { font-size: 0.875rem; }
  .cw-page .cw-table { font-size: 0.8125rem; line-height: 1.5; }
  th, td, .cw-page .cw-table th, .cw-page .cw-table td { padding-right: 0.5rem; hyphens: auto; }
  td { overflow-wrap: anywhere; }
  .cw-page .cw-table td { overflow-wrap: break-word; }
}
.cw-say { margin: 0.75rem 0; padding-left: 0.875rem; border-left: 3px solid var(--line); }
.cw-say > b { display: block; } .cw-say p { margin: 0; }
.cw-page { max-width: none; line-height: inherit; }

@page { size: A4; margin: 18mm 16mm; }
@media print {
  :root { --ink: #000; --soft: #000; --act: #000; --line: #888; --wash: #fff; }
  body { font-size: 10.5pt; line-height: 1.5; color: #000; }
  body:lang(th), body:lang(lo) { line-height: 1.65; }
  body:lang(km), body:lang(my) { line-height: 1.85; }
  h2 { margin-top: 1.5rem; font-size: 14pt; }
  h3 { margin-top: 1.25rem; font-size: 12pt; }
  h4, h5, h6 { font-size: 10.5pt; }
  p, ul, ol { margin: 0.5rem 0; }
  table { font-size: 10pt; break-inside: auto; }
  .tallies, .timing, .names, .endings { break-inside: avoid; }
  .tallies th, .tallies td { padding-top: 0.125rem; padding-bottom: 0.125rem; }
  .question { margin: 1rem 0; border-top: 0; }
  header { display: none; }
  header, main, footer { max-width: none; padding-left: 0; padding-right: 0; }
  a { color: #000; text-decoration: none; }
  h1, h2, h3, h4, h5, h6 { break-after: avoid; break-inside: avoid; }
  .answers p { break-after: avoid; }
  th, td { padding-top: 0.25rem; padding-bottom: 0.25rem; }
  h1 { margin-top: 0; }
  p, li { orphans: 3; widows: 3; }
  .turn, .paper ~ .paper, .answers, .sheet { break-before: page; }
  .turn > h2, .paper > h2, .answers > h2 { margin-top: 0; }
  .question, .options > li, .replies > li, .part, .cw-say, .only, .ways, .room, .cw-fact, .cw-diagram, .care, tr, img {
    break-inside: avoid;
  }
  .wide { overflow: visible; }
  .cw-page .cw-fact, .cw-page .cw-no-fact, .cw-page .cw-draft { background: #fff; border-color: #000; color: #000; }
  .cw-page .cw-fact .cw-fact-more, .cw-page .cw-fact .cw-fact-source, .cw-page .cw-fact .cw-fact-caution,
  .cw-page .cw-sources { color: #000; }
  .cw-page .cw-diagram { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  footer { margin-top: 1.5rem; padding-bottom: 0; break-inside: avoid; }
}
"""

CSS = PAGES.replace(
    "Every rule stands below .cw-page, so that nothing else on the platform changes.", "The same as in the online course."
) + _OWN  # fmt: skip
