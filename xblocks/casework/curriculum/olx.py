"""A country's course in one language as files of OLX: {path: bytes}. Pure; the archive is `archive.py`'s.

The form is the one that the platform's own export writes and its importer is known to accept (reference: olx §1): pointers
to one file each for chapter, sequential, vertical, html and problem; blocks of our own inline in their vertical; everything
about the course in `policies/<run>/policy.json`. A file that the importer cannot read is dropped without a word there, so
nothing here is left to chance: one writer, sorted JSON, plain elements.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from lxml import etree

from casework.curriculum.localise import Spoken
from casework.curriculum.outline import GRADER, OURS, Node
from casework.curriculum.speakers import platform_code

ORG = "Casework"
START = "2026-01-01T00:00:00Z"
END = "2036-01-01T00:00:00Z"
"""Fixed, in the past and far ahead: an import overwrites dates, and nobody should wait for a course (reference: olx §1.4)."""
PASS_MARK = 0.6
STYLE = "casework-pages.css"
IMAGE = "casework-course.png"


@dataclass(frozen=True)
class Ids:
    """What the platform knows the course by. `run` is the language, and the audience where there is one."""

    course: str
    run: str

    @property
    def key(self) -> str:
        return f"course-v1:{ORG}+{self.course}+{self.run}"


def ids_of(country: str, lang: str, audience: str = "") -> Ids:
    return Ids(f"CW-{country.upper()}", f"{lang}-{audience}" if audience else lang)


def files(spoken: Spoken, ids: Ids, facts: Mapping[str, Any]) -> dict[str, bytes]:
    """Every file of the package. `facts` go into the course's `other_course_settings`, where `casework serve` finds them."""
    course = spoken.course
    out = {
        "course.xml": _xml("course", url_name=ids.run, org=ORG, course=ids.course),
        f"course/{ids.run}.xml": _container(course, display_name=spoken.title),
        f"policies/{ids.run}/policy.json": _json({f"course/{ids.run}": _policy(spoken, facts)}),
        f"policies/{ids.run}/grading_policy.json": _json(_grading(course)),
        "policies/assets.json": _json({}),
        "about/overview.html": _page(spoken.about, spoken.lang, spoken.draft if spoken.about_draft else ""),
        "about/short_description.html": (escape(course.description, quote=False) + "\n").encode(),
        "info/handouts.html": _page(f"<p>{spoken.handouts}</p>\n", spoken.lang, ""),
        f"static/{STYLE}": CSS.encode(),
        f"static/{IMAGE}": image(),
    }
    for chapter in course.children:
        for node in chapter.walk():
            out |= _node(node, spoken)
    return out


def _node(node: Node, spoken: Spoken) -> dict[str, bytes]:
    name = node.url_name
    match node.kind:
        case "chapter":
            staff = {"visible_to_staff_only": "true"} if node.staff_only else {}
            return {f"chapter/{name}.xml": _container(node, display_name=node.title, **staff)}
        case "sequential":
            graded = {"format": GRADER, "graded": "true"} if node.graded else {}
            return {f"sequential/{name}.xml": _container(node, display_name=node.title, **graded)}
        case "vertical":
            files = {f"vertical/{name}.xml": _container(node, display_name=node.title)}
            titled = [child for child in node.children if child.kind == "html"]
            return files | {f"html/{one.url_name}.xml": _html(one.url_name, node.title) for one in titled}
        case "html":
            return {f"html/{name}.html": _page(node.body, spoken.lang, spoken.draft if node.draft else "")}
        case "problem":
            return {f"problem/{name}.xml": node.body.encode()}
        case _:
            return {}


def _container(node: Node, **attributes: str) -> bytes:
    """A container with a line for each child: pointers, and our own blocks with what they hold."""
    rows = [
        _own(child, node.title) if child.kind in OURS else _tag(child.kind, url_name=child.url_name)
        for child in node.children
    ]
    return _around(_tag(node.kind, **attributes), node.kind, b"\n" + b"\n".join(rows) + b"\n") + b"\n"


def _own(node: Node, title: str) -> bytes:
    """A block of ours. What it holds is canonical XML already, and is not read once more; the proof reads all."""
    block = _tag(node.kind, url_name=node.url_name, display_name=node.title or title, **node.fields)
    return _around(block, node.kind, node.body.encode()) if node.body else block


def _around(empty: bytes, tag: str, inside: bytes) -> bytes:
    """An element that was written without content, with content."""
    return empty.removesuffix(b"/>") + b">" + inside + f"</{tag}>".encode()


def _tag(tag: str, **attributes: str) -> bytes:
    return etree.tostring(etree.Element(tag, attributes), encoding="utf-8")


def _xml(tag: str, **attributes: str) -> bytes:
    return _tag(tag, **attributes) + b"\n"


def _html(name: str, title: str) -> bytes:
    return _xml("html", filename=name, display_name=title, editor="raw")


def _page(html: str, lang: str, draft: str) -> bytes:
    """A fragment with its own language: the front end announces every unit in the language of its own interface."""
    notice = f'<p class="cw-draft">{draft}</p>\n' if draft else ""
    style = f'<link rel="stylesheet" type="text/css" href="/static/{STYLE}">\n'
    return f'{style}<div class="cw-page" lang="{lang}">\n{html}{notice}</div>\n'.encode()


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _policy(spoken: Spoken, facts: Mapping[str, Any]) -> dict[str, object]:
    """Everything about the course but its name, which `course/<run>.xml` says: what stands in both draws a warning."""
    return {
        "advanced_modules": list(OURS),
        "course_image": IMAGE,
        "end": END,
        "language": platform_code(spoken.lang),
        "other_course_settings": {"casework": dict(facts)},
        "self_paced": True,
        "start": START,
    }


def lessons(course: Node) -> list[Node]:
    """The graded lessons, in order."""
    return [node for node in course.walk() if node.graded]


def _grading(course: Node) -> dict[str, object]:
    """One grader; every lesson weighs the same, and none is dropped."""
    return {
        "GRADER": [
            {"type": GRADER, "short_label": GRADER, "min_count": len(lessons(course)), "drop_count": 0, "weight": 1.0}
        ],
        "GRADE_CUTOFFS": {"Pass": PASS_MARK},
    }


CSS = """/* Pages of a Casework course. Every rule stands below .cw-page, so that nothing else on the platform changes. */
.cw-page { max-width: 40rem; line-height: 1.6; overflow-wrap: break-word; }
.cw-page > * + * { margin-top: 1.125rem; }
.cw-page:lang(th), .cw-page:lang(lo) { line-height: 1.8; }
.cw-page:lang(km), .cw-page:lang(my) { line-height: 2; }
.cw-page blockquote { margin-left: 0; padding-left: 0.875rem; border-left: 3px solid #d3dae0; }
.cw-page .cw-table { border-collapse: collapse; }
.cw-page .cw-table th, .cw-page .cw-table td {
  padding: 0.5rem 1rem 0.5rem 0; border-bottom: 1px solid #d3dae0; text-align: left; vertical-align: top;
}
.cw-page .cw-fact {
  margin: 1.125rem 0; padding: 0.75rem 1rem; font-size: 0.9375rem;
  border: 1px solid #d3dae0; border-left: 4px solid #0d5757;
}
.cw-page .cw-fact p { margin: 0; }
.cw-page .cw-fact-value + .cw-fact-value {
  margin-top: 0.625rem; padding-top: 0.625rem; border-top: 1px solid #d3dae0;
}
.cw-page .cw-fact .cw-fact-more, .cw-page .cw-fact .cw-fact-source, .cw-page .cw-fact .cw-fact-caution {
  font-size: 0.8125rem; color: #51606e;
}
.cw-page .cw-fact .cw-fact-caution { color: #7a4d00; }
.cw-page .cw-no-fact { padding: 0.75rem 1rem; background: #f3f6f5; }
.cw-page .cw-sources { font-size: 0.875rem; color: #51606e; }
.cw-page .cw-diagram svg { display: block; width: 100%; max-width: 26rem; height: auto; }
.cw-page .cw-diagram svg p {
  margin: 0; font: 600 14px/1.35 "Noto Sans", "Noto Sans Thai", "Noto Sans Khmer", "Noto Sans Lao", "Noto Sans Myanmar",
    system-ui, sans-serif; color: #1a2530;
}
.cw-page .cw-diagram:lang(th) svg p, .cw-page .cw-diagram:lang(lo) svg p { line-height: 1.5; }
.cw-page .cw-diagram:lang(km) svg p, .cw-page .cw-diagram:lang(my) svg p { line-height: 1.7; }
.cw-page .cw-diagram svg p.small { font-weight: 400; font-size: 12.5px; }
.cw-page .cw-diagram svg p.light { color: #fff; }
.cw-page .cw-diagram svg p.middle { text-align: center; }
.cw-page .cw-diagram svg p.end { text-align: end; }
.cw-page .cw-diagram .box { fill: #f3f6f5; stroke: #d3dae0; }
.cw-page .cw-diagram .full { fill: #0d5757; }
.cw-page .cw-diagram .pale { fill: #e2efec; }
.cw-page .cw-diagram .way { fill: none; stroke: #0d5757; stroke-width: 2; }
.cw-page .cw-diagram .dash { fill: none; stroke: #9a6200; stroke-width: 2; stroke-dasharray: 5 4; }
.cw-page .cw-diagram .tip { fill: #9a6200; }
.cw-page .cw-draft { padding: 0.5rem 0.875rem; background: #fff3d1; color: #7a4d00; }
"""


@lru_cache(maxsize=1)
def image() -> bytes:
    """The course's picture: two lines of people of whom one is seen. 480 by 270 points, PNG, drawn here."""
    width, height, radius = 480, 270, 22
    ground, person, seen = 0, 1, 2
    middles = [(60 + 72 * at, 95) for at in range(6)] + [(96 + 72 * at, 175) for at in range(5)]
    rows = [bytearray(width) for _ in range(height)]
    for number, (across, down) in enumerate(middles):
        for y in range(down - radius, down + radius + 1):
            for x in range(across - radius, across + radius + 1):
                if (x - across) ** 2 + (y - down) ** 2 <= radius**2:
                    rows[y][x] = seen if number == 8 else person
    assert ground == 0  # noqa: S101  the rows begin as ground
    return _png(width, height, rows, palette=((13, 87, 87), (147, 180, 178), (255, 237, 184)))


def _png(width: int, height: int, rows: list[bytearray], palette: tuple[tuple[int, int, int], ...]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0))
        + chunk(b"PLTE", b"".join(bytes(colour) for colour in palette))
        + chunk(b"IDAT", pixels)
        + chunk(b"IEND", b"")
    )
