"""The pseudo-language, and what it proves: no word of the real course reaches learners past the translators."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from lxml import etree, html

import trees
from casework import pseudo
from casework.blocks.words import WORDS, words
from casework.curriculum import build, check, files, messages, repository, sound, speakers
from casework.curriculum.build import Package, Wanted
from casework.curriculum.repository import Repository

ROOT = Path(__file__).parents[2]
SAID = (
    "alt",
    "aria-label",
    "begin",
    "by",
    "display_name",
    "label",
    "lines",
    "placeholder",
    "short_description",
    "title",
)
"""Attributes that learners read or hear."""
IN_CODE = re.compile(r"\]\([^)]*\)|\{[^}]*\}|https?://\S+")
"""Targets, places of a variant, addresses."""


@cache
def real() -> tuple[dict[str, bytes], Repository]:
    sources, findings = files.gather(ROOT)
    assert findings == []
    return sources, repository.read(sources)


def left(path: str, data: bytes) -> list[str]:
    """The English words of a page, a question or a case that do not say that they are English."""
    page = path.endswith(".html")
    root = html.fragment_fromstring(data.decode(), create_parent="div") if page else etree.fromstring(data)
    return [word for one in _texts(root) for word in re.findall(r"[A-Za-z]{2,}", IN_CODE.sub(" ", one))]


def _texts(element: etree._Element) -> Iterator[str]:
    if element.get("lang") == "en":
        return
    yield from (element.get(name, "") for name in SAID)
    for line in json.loads(element.get("lines", "[]")):
        yield from (said for name, said in line.items() if name != "at")
    if isinstance(element.tag, str):
        yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            yield from _texts(child)
        yield child.tail or ""


def english(package: Package) -> set[tuple[str, str]]:
    """(kind of file, class of what is around) of everything that says that it is English."""
    found = set()
    for path, data in package.files.items():
        if path.endswith(".html"):
            for one in html.fragment_fromstring(data.decode(), create_parent="div").xpath('.//*[@lang="en"]'):
                around = one.getparent()
                found.add((path.rsplit("-", 1)[-1] if around.tag == "li" else "", str(around.get("class") or "")))
        elif path.endswith(".xml"):
            found |= {(path, str(one.tag)) for one in etree.fromstring(data).xpath('//*[@lang="en"]')}
    return found


@pytest.mark.parametrize("country", ["th", "id"])
def test_no_english_word_of_the_real_course_is_out_of_a_translators_reach(country: str) -> None:
    sources, read = real()
    package = build.package(read, sources, Wanted(country, pseudo.LANG))
    looked_at = [
        path for path in package.files
        if path.startswith(("html/", "problem/", "vertical/", "sequential/", "chapter/", "course/", "about/", "info/"))
        and path.endswith((".html", ".xml"))
    ]  # fmt: skip
    assert len(looked_at) > 200
    assert sum(b"<case " in package.files[path] for path in looked_at) > 10
    assert {path: words for path in looked_at if (words := left(path, package.files[path]))} == {}
    # What stays English by design: the sources of facts, under their boxes and listed at the end of a lesson.
    assert english(package) == {("", "cw-fact-source"), ("sources.html", "")}


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("a.html", b"<p>\xe2\x9f\xa6\xc5\x94\xe2\x9f\xa7 Wait</p>"),
        ("a.html", b'<p><img alt="A boat"></p>'),
        ("a.html", b'<p><span lang="en">Wait</span> then</p>'),
        ("a.xml", b'<case><part by="Captain"/></case>'),
        ("a.xml", b'<problem display_name="Ring"/>'),
        ("a.xml", b"<case><text>[the debt](indicator:debt)</text></case>"),
    ],
)
def test_an_english_word_would_be_seen(path: str, data: bytes) -> None:
    assert left(path, data)


def test_every_message_of_the_real_course_is_sound_in_the_pseudo_language() -> None:
    _, read = real()
    asked = messages.extracted(read, "th", WORDS)
    findings = [
        str(one)
        for message in asked
        for one in sound.faults(message, pseudo.said(message.text), pseudo.LANG, f"locale/qps/{message.catalog}.po", 1)
    ]
    assert len(asked) > 3000 and findings == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ask first.", "⟦Ášķ ƒíŕšŧ.⟧"),
        ("A **bold** [word](https://a.org/b).", "⟦Á **ƀöłð** [ŵöŕð](https://a.org/b).⟧"),
        ("**Maya:** Wait, {name}.", "**Ṁáýá:** ⟦Ŵáíŧ, {name}.⟧"),
        ("[the debt](indicator:debt/2) and 1300", "⟦[ŧĥé ðéƀŧ](indicator:debt/2) áñð 1300⟧"),
        ("See https://a.org/x.", "⟦Šéé https://a.org/x.⟧"),
    ],
)
def test_marks_places_and_targets_are_kept(text: str, said: str) -> None:
    assert pseudo.said(text) == said


def test_the_player_speaks_it_too() -> None:
    left = {key: text for key, text in words(pseudo.LANG).items() if re.search("[A-Za-z]{2}", IN_CODE.sub(" ", text))}
    assert words(pseudo.LANG).keys() == WORDS.keys() and left == {}


def test_the_pseudo_language_is_built_where_it_is_asked_for_and_nowhere_else() -> None:
    read = repository.read(trees.sources())
    assert {one.lang for one in build.wanted(read)} == {"en", "id", "th"}
    assert build.wanted(read, lang="qps") == [Wanted("id", "qps"), Wanted("th", "qps")]
    assert build.wanted(read, country="th", lang="qps") == [Wanted("th", "qps")]
    assert "qps" not in speakers.LANGUAGES and "qps" not in check.languages(trees.sources(), read)
    assert speakers.platform_code("qps") == "eo"
