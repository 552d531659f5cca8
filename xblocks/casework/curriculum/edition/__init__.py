"""The open edition: a country's course in one language as plain HTML pages, to read, to print, and to play in a room.

Pure: {path: bytes}, from the same `Spoken` course as the package. Players' pages (`lesson-`, `case-`, `papers-`) and the
facilitator's (`facilitator-`) are apart; `index.html` leads to all of them. What only staff see is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from casework.curriculum.edition import leading, lessons, play, sheets, words
from casework.curriculum.edition.lessons import Cases
from casework.curriculum.edition.numbers import Numbered
from casework.curriculum.edition.sheets import Edition
from casework.curriculum.localise import Spoken
from casework.curriculum.outline import CASE, Node
from casework.curriculum.speakers import Speaker
from casework.scenario import variant
from casework.scenario import xml as case_xml
from casework.scenario.telling import line


def files(spoken: Spoken, speaker: Speaker, source: Node, pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    """Every file of the edition. `source` is the course before it was said in its language; `pictures` are its cases'."""
    english = {node.url_name: node.title for node in source.walk() if node.url_name}
    edition = Edition(spoken, words.spoken(speaker), english)
    chapters = [one for one in spoken.course.children if not one.staff_only]
    cases = {
        node.url_name: _numbered(node)
        for chapter in chapters
        for node in chapter.walk()
        if node.kind == CASE and node.body
    }
    out = {sheets.STYLE: sheets.CSS.encode(), sheets.INDEX: _index(edition, chapters, cases)}
    for chapter in chapters:
        for lesson in chapter.children:
            out[lessons.file(lesson)] = lessons.page(edition, lesson, cases)
            out[leading.file(lesson)] = leading.lesson_page(edition, lesson, cases)
    for one in (one for each in cases.values() for one in each):
        out[one.script] = play.script(edition, one)
        out[one.debrief] = leading.debrief(edition, one)
        if one.case.documents:
            out[one.papers] = play.papers(edition, one)
    return out | dict(pictures)


def _numbered(node: Node) -> tuple[Numbered, ...]:
    """A case, or one of its variants for each group."""
    case, _ = case_xml.parse(node.body, node.path)
    if case is None:
        return ()
    if not case.variants:
        return (Numbered(case, node.url_name),)
    return tuple(
        Numbered(variant.resolved(case, one.id), f"{node.url_name}-{at}", at)
        for at, one in enumerate(case.variants, start=1)
    )


def _index(edition: Edition, chapters: list[Node], cases: Cases) -> bytes:
    said, spoken = edition.words, edition.spoken
    played = [one for each in cases.values() for one in each]
    out = [
        f'<h1><span class="kind">{said.html("edition")}</span> {escape(spoken.title, quote=False)}</h1>\n',
        edition.machine(spoken.about_draft or any(node.draft for chapter in chapters for node in chapter.walk())),
        edition.unreviewed(any(one.case.review == "draft" for one in played)),
        f"<p>{said.html('edition_told')} {said.html('not_official')}</p>\n<p>{spoken.handouts}</p>\n",
        f"<h2>{said.html('contents')}</h2>\n",
    ]
    for chapter in chapters:
        rows = "".join(f"<li>{''.join(_entry(edition, lesson, cases))}</li>\n" for lesson in chapter.children)
        out.append(f'<h3>{edition.title(chapter)}</h3>\n<ul class="contents">\n{rows}</ul>\n')
    out.append(f"<h2>{said.html('about')}</h2>\n{sheets.inner(spoken.about)}")
    return sheets.page(edition, spoken.title, "".join(out), "index")


def _entry(edition: Edition, lesson: Node, cases: Cases) -> Iterator[str]:
    said = edition.words
    yield f'<a href="{lessons.file(lesson)}"><b>{edition.title(lesson)}</b></a>'
    if lesson.minutes:
        yield f' <span class="soft">{said.html("minutes", n=lesson.minutes)}</span>'
    rows = []
    for node in lesson.walk():
        for one in cases.get(node.url_name, ()) if node.kind == CASE else ():
            kind = said.html("case_of", n=one.group) if one.group else said.html("case")
            draft = f' <span class="soft">{said.html("draft")}</span>' if one.case.review == "draft" else ""
            rows.append(f'{kind}: <a href="{one.script}">{line(one.case.title)}</a>{draft}')
            if one.case.documents:
                rows.append(f'<a href="{one.papers}">{said.html("papers")}: {play.named(one, said)}</a>')
    rows.append(f'<a href="{leading.file(lesson)}">{said.html("facilitator")}: {said.html("facilitator_lesson")}</a>')
    for node in lesson.walk():
        for one in cases.get(node.url_name, ()) if node.kind == CASE else ():
            name = play.named(one, said)
            rows.append(
                f'<a href="{one.debrief}">{said.html("facilitator")}: {said.html("facilitator_case")} – {name}</a>'
            )
    yield sheets.listed(rows)
