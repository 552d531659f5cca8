"""Proves a finished package: reads its files as the platform's importer would, and says what it would lose in silence.

The judge of `olx`, so nothing here asks how a package was made: the tree of OLX is read from its files, and compared with what
its manifest promises. Pure: {path: bytes} in, findings out.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree, html

from casework.curriculum import archive
from casework.curriculum.outline import CHILDREN, CONTAINERS, COUNTED, OURS, PLAN, SENTENCE, URL_NAME
from casework.findings import Finding, found, ordered
from casework.scenario import xml as case_xml

Files = Mapping[str, bytes]
"""The files of a package by their path below the folder of `course.xml`."""

_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z][A-Za-z0-9]*;")
_LINK = re.compile(r"/(static|jump_to_id)/([^\"'\s)<>?#&]*)")
_COURSE_KEY = re.compile(r"/courses/course-v1:[^\"'\s)<>]*")
_DECLARATION = re.compile(r"\A\ufeff?<\?xml[^>]*\?>")
_HEADING = re.compile(r"h[1-6]")
_WRAPPER, _END = re.compile(rb'<div class="cw-page"[^>]*>\n'), b"</div>\n"
_FOLDERS = ("html", "problem", *CONTAINERS)


def of_archive(packed: bytes, name: str) -> list[Finding]:
    """What is wrong with a package as it lies on a disk. Raises ValueError where it is no archive of ours."""
    return check(archive.files(packed), name)


def check(files: Files, name: str, manifest: Mapping[str, Any] | None = None) -> list[Finding]:
    """Every fault of a package; `name` stands before the paths. Without `manifest`, the one inside the package counts."""
    proof = _Proof(files, name)
    proof.course(manifest)
    return ordered(proof.findings)


@dataclass(frozen=True)
class _Row:
    """One block as it stands in the tree; `hash` "" where the tree does not tell what was hashed."""

    type: str
    id: str
    parent: str
    hash: str
    path: str


@dataclass
class _Proof:
    files: Files
    name: str
    findings: list[Finding] = field(default_factory=list)
    rows: list[_Row] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    graders: set[str] = field(default_factory=set)

    def say(self, code: str, path: str, line: int | None, /, place: str = "", **values: object) -> None:
        self.findings.append(found(code, f"{self.name}/{path}" if path else self.name, line or 0, place, **values))

    def course(self, manifest: Mapping[str, Any] | None) -> None:
        pointer = self.xml("course.xml")
        if pointer is None:
            return
        run = pointer.get("url_name", "")
        settings = self.policy(run)
        self.graders = self.grading(run)
        root = self.xml(f"course/{run}.xml")
        if root is not None:
            self.children(root, "", f"course/{run}.xml")
        for path in sorted(self.files):
            self.text(path)
        self.unreached()
        self.inventory(settings if manifest is None else manifest)

    # -- files

    def xml(self, path: str) -> etree._Element | None:
        """The root of an XML file as the importer's parser sees it: without entities, without a document type."""
        self.reached.add(path)
        if path not in self.files:
            self.say("missing-file", path, 0, path=path)
            return None
        entity = _ENTITY.search(self.files[path])
        if entity:
            line = self.files[path].count(b"\n", 0, entity.start()) + 1
            self.say("lost-entity", path, line, name=entity[0].decode())
            return None
        try:
            return case_xml.tree(self.files[path], path)
        except case_xml.CaseXmlError as error:
            fault = error.finding
            self.findings.append(Finding(fault.kind, f"{self.name}/{path}", fault.line, "", fault.message))
            return None

    def json(self, path: str) -> dict[str, Any]:
        """A JSON object. The importer takes a missing or broken one for an empty one, without a word."""
        try:
            value = json.loads(self.files.get(path, b""))
        except ValueError as error:
            detail = f"it is no JSON ({error})" if path in self.files else "it is not there"
            self.say("bad-policy", path, 0, detail=detail)
            return {}
        if not isinstance(value, dict):
            self.say("bad-policy", path, 0, detail="it is no JSON object")
            return {}
        return value

    def policy(self, run: str) -> dict[str, Any]:
        """The manifest inside the package; and the course's picture must be there."""
        path = f"policies/{run}/policy.json"
        said = self.json(path).get(f"course/{run}")
        if not isinstance(said, dict):
            self.say("bad-policy", path, 0, detail=f"it says nothing of “course/{run}”")
            return {}
        image = f"static/{said.get('course_image', '')}"
        if image not in self.files:
            self.say("missing-file", path, 0, path=image)
        settings = said.get("other_course_settings")
        inside = settings.get("casework") if isinstance(settings, dict) else None
        return inside if isinstance(inside, dict) else {}

    def grading(self, run: str) -> set[str]:
        rows = self.json(f"policies/{run}/grading_policy.json").get("GRADER")
        return {str(row.get("type")) for row in rows if isinstance(row, dict)} if isinstance(rows, list) else set()

    # -- the tree

    def children(self, root: etree._Element, parent: str, path: str) -> None:
        kind = str(root.tag)
        for child in root:
            tag = str(child.tag)
            if tag not in CHILDREN.get(kind, ()):
                self.say("unknown-element", path, child.sourceline, name=tag, parent=kind)
                continue
            name = self.named(child, path)
            if tag in OURS:
                self.rows.append(_Row(tag, name, parent, _own_hash(child), path))
            elif set(child.attrib) - {"url_name"} or len(child) or (child.text or "").strip():
                self.say("lost-block", path, child.sourceline, detail=f"<{tag}> “{name}” is no plain pointer")
            elif name:
                self.pointed(tag, name, parent)

    def named(self, element: etree._Element, path: str) -> str:
        name, tag, line = element.get("url_name", ""), str(element.tag), element.sourceline
        if not name:
            self.say("missing-attribute", path, line, element=tag, name="url_name")
        elif not URL_NAME.fullmatch(name):
            self.say("bad-url-name", path, line, tag, name=name)
        elif COUNTED.fullmatch(name):
            self.say("unstable-url-name", path, line, tag, name=name)
        if name and name in self.ids:
            self.say("repeated-url-name", path, line, tag, name=name)
        self.ids.add(name)
        return name

    def pointed(self, tag: str, name: str, parent: str) -> None:
        """The file that a pointer names, and what is below it."""
        path = f"{tag}/{name}.xml"
        twice = path in self.reached  # told already; a circle of pointers would never end
        root = None if twice else self.xml(path)
        if root is None:
            return
        if root.tag != tag:
            self.say("unknown-element", path, root.sourceline, name=root.tag, parent="the file")
            return
        body = self.page(root, path) if tag == "html" else self.files[path] if tag == "problem" else None
        said = root.get("display_name", "").encode() if body is None else body
        self.rows.append(_Row(tag, name, parent, _hash(said), path))
        if tag == "problem":
            self.problem(root, path)
        elif tag != "html":
            self.graded(root, path)
            self.children(root, name, path)

    def page(self, root: etree._Element, path: str) -> bytes:
        """The body of a page without its wrapper: what the manifest has hashed."""
        body = f"html/{root.get('filename', '')}.html"
        self.reached.add(body)
        text = self.files.get(body, b"")
        if not text.strip():
            self.say("missing-file", path, root.sourceline, path=body)
        opened = _WRAPPER.search(text)
        if opened is None or not text.endswith(_END):
            return text
        inside = text[opened.end() : -len(_END)]
        draft = inside.find(b'<p class="cw-draft">', inside.rfind(b"\n", 0, -1) + 1)  # in the last line
        return inside[:draft] if draft >= 0 and inside.endswith(b"</p>\n") else inside

    def graded(self, root: etree._Element, path: str) -> None:
        """The gradebook counts a lesson only where its format is a grader's type, byte for byte."""
        said = root.get("format")
        if (said is not None or root.get("graded") == "true") and said not in self.graders:
            self.say("wrong-grader", path, root.sourceline, name=said or "", known=", ".join(sorted(self.graders)))

    def problem(self, root: etree._Element, path: str) -> None:
        groups = list(root.iter("choicegroup", "checkboxgroup"))
        if not groups:
            self.say("bad-problem", path, root.sourceline, detail="it holds no answers")
        for group in groups:
            if not any(one.get("correct") == "true" for one in group.iter("choice")):
                detail = "no answer is correct: nobody could ever earn the point"
                self.say("bad-problem", path, group.sourceline, detail=detail)

    def unreached(self) -> None:
        """A file to which nothing points is dropped without a word."""
        for path in sorted(self.files):
            if path.split("/")[0] in _FOLDERS and path not in self.reached:
                self.say("lost-block", path, 0, detail="no pointer leads to this file")

    # -- what stands in pages

    def text(self, path: str) -> None:
        if not path.endswith((".html", ".xml")) or path.startswith("static/"):
            return
        text = _DECLARATION.sub("", self.files[path].decode("utf-8", "replace"))
        for line, target in _dead(text, self.files, self.ids):
            self.say("dead-link", path, line, target=target)
        if path.endswith(".html") or path.startswith("problem/"):
            self.shown(text, path)
        elif "<image" in text:
            self.pictures(text, path)

    def shown(self, text: str, path: str) -> None:
        """Headings in order, below the page's own title; every picture in words."""
        if not re.search(r"<(h[1-6]|img|svg)\b", text):
            return
        before = 1
        for element in html.fragment_fromstring(text, create_parent="div").iter():
            tag = element.tag if isinstance(element.tag, str) else ""
            line = int(element.sourceline or 0)
            if _HEADING.fullmatch(tag):
                level = int(tag[1])
                if level == 1 or level > before + 1:
                    self.say("heading-order", path, line, found=level, before=before)
                before = level
            elif tag in {"img", "svg"} and not element.get("alt" if tag == "img" else "aria-label", "").strip():
                self.say("no-alternative", path, line, tag)

    def pictures(self, text: str, path: str) -> None:
        try:
            root = case_xml.tree(text.encode(), path)
        except case_xml.CaseXmlError:
            return  # told where the tree was read
        for element in root.iter("image"):
            if not (element.text or "").strip():
                self.say("no-alternative", path, element.sourceline, "image")

    # -- the manifest

    def inventory(self, manifest: Mapping[str, Any]) -> None:
        """The manifest lists the blocks of the tree, each at its place, in its order, with its text."""
        promised = [row for row in manifest.get("inventory", ()) if isinstance(row, dict)]
        listed = {(str(row.get("type")), str(row.get("id"))): row for row in promised}
        there = {(row.type, row.id): row for row in self.rows}
        for (tag, name), _ in listed.items():
            if (tag, name) not in there:
                self.wrong("", f"<{tag}> “{name}” is listed and not in the tree")
        for key, row in there.items():
            if key not in listed:
                self.wrong(row.path, f"<{row.type}> “{row.id}” is in the tree and not listed")
            elif listed[key].get("parent") != row.parent:
                self.wrong(
                    row.path, f"<{row.type}> “{row.id}” stands in “{row.parent}”, not in “{listed[key].get('parent')}”"
                )
            elif row.hash and listed[key].get("hash") != row.hash:
                self.wrong(row.path, f"<{row.type}> “{row.id}” has another text than was listed")
        if listed.keys() == there.keys() and list(listed) != list(there):
            self.wrong("", "the blocks stand in another order than is listed")
        if len(listed) != len(promised):
            self.wrong("", "a block is listed twice")

    def wrong(self, path: str, detail: str) -> None:
        self.say("wrong-inventory", path, 0, detail=detail)


def _hash(data: bytes) -> str:
    return archive.digest(data)[:16]


def _own_hash(block: etree._Element) -> str:
    """The hash of what a block of ours holds; "" for the page of the plan, which holds nothing."""
    if block.tag == PLAN:
        return ""
    if block.tag == SENTENCE:
        return _hash(block.get("begin", "").encode())
    if not len(block):
        return ""
    held = copy.deepcopy(block[0])
    held.tail = None
    return _hash(case_xml.settled(held).encode())


def _dead(text: str, files: Files, ids: set[str]) -> Iterator[tuple[int, str]]:
    """(line, address) of every link inside the course that leads nowhere, or that breaks in a course of another name."""
    for match in _LINK.finditer(text):
        known = f"static/{match[2]}" in files if match[1] == "static" else match[2] in ids
        if not known:
            yield text.count("\n", 0, match.start()) + 1, match[0]
    for match in _COURSE_KEY.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[0]
