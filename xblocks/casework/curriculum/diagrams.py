"""A diagram of a page: one SVG of our own, drawn upright for a telephone, whose words are translated.

It stands inline in its page, so that its words are in the page's letters, can be made larger, and break as the language
breaks them: every text is HTML inside a `foreignObject` whose box the author drew. `<title>` and `<desc>` are what a
screen reader says in its place. Only shapes and words get through; nothing that runs, links or loads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from casework.curriculum.questions import Place
from casework.findings import Finding, found

SVG = "http://www.w3.org/2000/svg"
XHTML = "http://www.w3.org/1999/xhtml"
LARGEST = 12_000
"""Bytes: it is loaded with every visit of its page."""
WIDEST = 340
"""Units of the viewBox, which are about the points of a telephone's page."""
_SHAPE = frozenset({"class", "transform"})
_ELEMENTS: Mapping[str, frozenset[str]] = {
    "svg": frozenset({"viewBox", "class"}),
    "title": frozenset(),
    "desc": frozenset(),
    "g": _SHAPE,
    "rect": _SHAPE | {"x", "y", "width", "height", "rx"},
    "circle": _SHAPE | {"cx", "cy", "r"},
    "line": _SHAPE | {"x1", "y1", "x2", "y2"},
    "path": _SHAPE | {"d"},
    "foreignObject": _SHAPE | {"x", "y", "width", "height"},
    "p": frozenset({"class"}),
}
"""Every element of a diagram with its attributes."""
_WORDS: Mapping[str, str] = {
    "title": "name of a diagram, for those who cannot see it",
    "desc": "what a diagram shows, for those who cannot see it",
    "p": "words in a diagram; short, the box does not grow",
}
_VALUE = re.compile(r"[A-Za-z0-9 .,()-]*")


def _tag(element: etree._Element) -> str:
    return etree.QName(element).localname


def texts(root: etree._Element) -> Iterator[Place]:
    """Every text, in document order."""
    for element in root.iter():
        tag = _tag(element)
        if tag in _WORDS and (element.text or "").strip():
            yield Place(element, f"diagram-{tag}", _WORDS[tag])


def check(root: etree._Element, path: str) -> list[Finding]:
    """Every fault of one diagram."""
    if root.tag != f"{{{SVG}}}svg":
        return [found("unknown-element", path, int(root.sourceline or 0), name=root.tag, parent="the file")]
    findings: list[Finding] = []
    for element in root.iter():
        findings += _element(element, path)
    for name in ("title", "desc"):
        if root.find(f"{{{SVG}}}{name}") is None:
            findings.append(found("no-alternative", path, int(root.sourceline or 0), "svg"))
    box = re.fullmatch(r"0 0 (\d+) (\d+)", root.get("viewBox", ""))
    if not box or int(box[1]) > WIDEST:
        expected = f"“0 0 width height”, at most {WIDEST} wide"
        findings.append(
            found(
                "bad-value", path, 1, "svg", name="viewBox", value=root.get("viewBox"), element="svg", expected=expected
            )
        )
    size = len(etree.tostring(root))
    if size > LARGEST:
        findings.append(found("heavy-picture", path, 0, size=size, limit=LARGEST))
    return findings


def _element(element: etree._Element, path: str) -> Iterator[Finding]:
    line, tag = int(element.sourceline or 0), _tag(element)
    home = XHTML if tag == "p" else SVG
    parent = element.getparent()
    inside = _tag(parent) if parent is not None else "the file"
    if tag not in _ELEMENTS or element.tag != f"{{{home}}}{tag}" or (tag == "p") != (inside == "foreignObject"):
        yield found("unknown-element", path, line, name=tag, parent=inside)
        return
    for name, value in element.attrib.items():
        if name not in _ELEMENTS[tag]:
            yield found("unknown-attribute", path, line, tag, name=name, element=tag)
        elif not _VALUE.fullmatch(str(value)):
            yield found(
                "bad-value", path, line, tag, name=name, value=value, element=tag, expected="numbers and names only"
            )
    if tag in _WORDS:
        if not (element.text or "").strip() or len(element):
            yield found("empty-text", path, line, name=tag)
    elif element.text and element.text.strip():
        yield found("stray-text", path, line, tag, text=element.text.strip()[:40])
    if element.tail and element.tail.strip():
        yield found("stray-text", path, line, tag, text=element.tail.strip()[:40])


def html(root: etree._Element, lang: str) -> str:
    """The diagram as it stands in a page of HTML, one picture with a name and a description; `lang` where it differs."""
    title, desc = (root.findtext(f"{{{SVG}}}{name}", "").strip() for name in ("title", "desc"))
    for name in ("title", "desc"):
        for one in root.findall(f"{{{SVG}}}{name}"):
            root.remove(one)
    root.set("role", "img")
    root.set("aria-label", f"{title}: {desc}")
    for element in root.iter():
        element.tag = _tag(element)
    etree.cleanup_namespaces(root)
    text = etree.tostring(root, encoding="unicode", with_tail=False)
    said = f' lang="{lang}"' if lang else ""
    return f'<div class="cw-diagram"{said}>{text}</div>\n'
