"""The outline of a course: `outline.xml` and the pages, questions and cases it names, read into one frozen tree.

    course > chapter (a part) > sequential (a lesson) > vertical (a unit) > html | problem | casework-…

All faults are found at once. Nothing here touches a file: `Sources` maps paths to bytes, and `read` is given one.
Tailoring, translation and OLX are the business of `tailor`, `localise` and `olx`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from casework import judgements
from casework.curriculum import cases, diagrams, pages, questions
from casework.findings import Finding, found
from casework.scenario import xml as case_xml

Sources = Mapping[str, bytes]
"""Files by their path from the root of the repository, with `/`."""

REGIONAL = "courses/regional"
COUNTRIES = "courses/countries"
REQUIRED = "required"
"""The value of `review`: consent, interviewing, referral and law (see `release`)."""
GRADER = "Lesson"
"""The one grader type. A key of the gradebook, never translated (reference: olx §1.6)."""

CONTAINERS = ("course", "chapter", "sequential", "vertical")
CASE, SENTENCE, PLAN, JUDGEMENTS = "casework-case", "casework-sentence", "casework-plan", "casework-judgements"
DIAGRAM = ".svg"
"""The ending of a page that is a diagram."""
OURS = (CASE, SENTENCE, PLAN, JUDGEMENTS)
"""The blocks of Casework, by their tags in OLX."""
LEAVES = ("html", "problem", *OURS)
CHILDREN: Mapping[str, tuple[str, ...]] = {
    "course": ("chapter",), "chapter": ("sequential",), "sequential": ("vertical",), "vertical": LEAVES,
}  # fmt: skip
_COMMON = ("url_name", "audience", "review")
ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "course": ("display_name", "short_description"),
    "chapter": (*_COMMON, "display_name", "visible_to_staff_only"),
    "sequential": (*_COMMON, "display_name", "minutes", "format"),
    "vertical": (*_COMMON, "display_name"),
    "html": (*_COMMON, "src"),
    "problem": (*_COMMON, "src"),
    CASE: (*_COMMON, "src"),
    SENTENCE: (*_COMMON, "begin"),
    PLAN: _COMMON,
    JUDGEMENTS: (*_COMMON, "src", "after"),
}
_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "html": (".md", DIAGRAM), "problem": (".xml",), CASE: ("",), JUDGEMENTS: (".xml",),
}  # fmt: skip
_OPTIONAL = {"after", "audience", "review", "visible_to_staff_only", "format", "minutes", "short_description"}
URL_NAME = re.compile(r"[a-z0-9_.-]{1,100}")
COUNTED = re.compile(
    r"[0-9a-f]{32}|(course|chapter|sequential|vertical|html|problem|part|lesson|unit|page|question|case|[a-z])?[-_.]?\d+"
)
"""Names that a position or chance made: they move when something is put in before them, and learner state is lost."""


@dataclass(frozen=True)
class Node:
    """One element of a course. `kind` is OLX's word for it.

    `body` is a page's Markdown (after `localise`: HTML), a question's `<problem>`, or a case or judgements in canonical XML;
    containers have none. `fields` are those of a block of ours that stand as attributes in OLX. `draft`: it holds a
    translation that no person has approved. `review`: somebody must have read it, and all below it, before a release. `path`
    and `line` say where a fault in it is told: the body's file for leaves, the outline for the rest.
    """

    kind: str
    url_name: str = ""
    title: str = ""
    children: tuple[Node, ...] = ()
    src: str = ""
    body: str = ""
    audience: frozenset[str] = frozenset()
    minutes: int = 0
    staff_only: bool = False
    graded: bool = False
    review: bool = False
    description: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    draft: bool = False
    path: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def part(self) -> str:
        """The catalog of this leaf's messages: the first folder of its source (`identification`, `course`, …)."""
        return self.src.split("/")[0]

    def mapped(self, change: Callable[[Node], Node]) -> Node:
        """The tree with `change` made to every node, children first."""
        return change(replace(self, children=tuple(child.mapped(change) for child in self.children)))


@dataclass
class Reader:
    """Reads outline elements and the files they name; collects findings."""

    sources: Sources
    folder: str
    path: str
    findings: list[Finding] = field(default_factory=list)

    def say(self, code: str, at: etree._Element, **values: object) -> None:
        place = f"{at.tag!s} {at.get('url_name', '')}".strip()
        self.findings.append(found(code, self.path, int(at.sourceline or 0), place, **values))

    def node(self, element: etree._Element, parent: str) -> Node | None:
        kind = str(element.tag)
        if kind not in CHILDREN.get(parent, ()):
            self.say("unknown-element", element, name=kind, parent=parent)
            return None
        self.attributes(element)
        url_name = element.get("url_name", "")
        children = tuple(one for child in element if (one := self.node(child, kind)) is not None)
        if kind in CONTAINERS and not children:
            self.say("bad-outline", element, detail=f"<{kind}> is empty")
        return self.filled(
            Node(
                kind=kind,
                url_name=url_name,
                title=element.get("display_name", ""),
                children=children,
                src=element.get("src", ""),
                audience=frozenset(element.get("audience", "").split()),
                minutes=int(element.get("minutes", "0")) if element.get("minutes", "0").isdecimal() else 0,
                staff_only=element.get("visible_to_staff_only") == "true",
                graded=element.get("format") == GRADER,
                review=element.get("review") == REQUIRED,
                fields={name: element.get(name, "") for name in ("begin", "after") if name in element.attrib},
                path=self.path,
                line=int(element.sourceline or 0),
            ),
            element,
        )

    def attributes(self, element: etree._Element) -> None:
        kind = str(element.tag)
        for name in element.attrib:
            if name not in ATTRIBUTES[kind]:
                self.say("unknown-attribute", element, name=name, element=kind)
        for name in ATTRIBUTES[kind]:
            if name not in _OPTIONAL and not element.get(name, "").strip():
                self.say("missing-attribute", element, element=kind, name=name)
        url_name = element.get("url_name", "x")
        if not URL_NAME.fullmatch(url_name):
            self.say("bad-url-name", element, name=url_name)
        elif COUNTED.fullmatch(url_name) and "url_name" in element.attrib:
            self.say("unstable-url-name", element, name=url_name)
        if element.get("format", GRADER) != GRADER:
            self.say("bad-value", element, name="format", value=element.get("format"), element=kind, expected=GRADER)
        if not element.get("minutes", "0").isdecimal():
            self.say(
                "bad-value",
                element,
                name="minutes",
                value=element.get("minutes"),
                element=kind,
                expected="whole minutes",
            )
        if element.get("visible_to_staff_only", "true") not in {"true", "false"}:
            value = element.get("visible_to_staff_only")
            self.say(
                "bad-value", element, name="visible_to_staff_only", value=value, element=kind, expected="true or false"
            )
        if element.get("review", REQUIRED) != REQUIRED:
            value = element.get("review")
            self.say("bad-value", element, name="review", value=value, element=kind, expected=REQUIRED)
        for text in (element.text, *(child.tail for child in element)):
            if text and text.strip():
                self.say("stray-text", element, text=text.strip()[:40])

    def filled(self, node: Node, element: etree._Element) -> Node:
        """A leaf with the text its `src` names."""
        if node.kind not in LEAVES or not node.src:
            return node
        path = self.located(node.src)
        if path is None:
            self.say("climbing-path", element, path=node.src)
            return node
        endings = _ENDINGS[node.kind]
        if not path.endswith(endings):
            self.say(
                "bad-value",
                element,
                name="src",
                value=node.src,
                element=node.kind,
                expected=f"a file ending in {' or '.join(endings)}",
            )
            return node
        stem = posixpath.basename(node.src)
        for ending in (".md", ".xml", DIAGRAM):
            stem = stem.removesuffix(ending)
        # What is asked again after the course stands in one file, and is named after the block that asks first.
        if stem != node.fields.get("after", node.url_name):
            self.say("bad-outline", element, detail=f"“{node.src}” is not named after its url_name “{node.url_name}”")
        if path not in self.sources:
            self.say("missing-file", element, path=path)
            return node
        return self.loaded(replace(node, path=path, line=1), self.sources[path])

    def located(self, src: str) -> str | None:
        """The path of a source: `scenarios/<slug>` is a case, everything else stands below the outline's folder."""
        if (
            src.startswith("/")
            or "\\" in src
            or "\0" in src
            or ".." in src.split("/")
            or posixpath.normpath(src) != src
        ):
            return None
        return f"{src}/scenario.xml" if src.startswith("scenarios/") else f"{self.folder}/{src}"

    def loaded(self, node: Node, data: bytes) -> Node:
        """A leaf with its text from `data`, and every finding about that text."""
        if node.kind == CASE:
            return self.case(node, data)
        if node.kind == "html" and not node.src.endswith(DIAGRAM):
            try:
                text = data.decode("utf-8")
            except UnicodeDecodeError as error:
                self.findings.append(found("not-utf8", node.path, 0, detail=f"byte {error.start}"))
                return node
            self.findings += pages.check(text, node.path)
            return replace(node, body=text)
        try:
            root = case_xml.tree(data, node.path)
        except case_xml.CaseXmlError as error:
            self.findings.append(error.finding)
            return node
        if node.kind == "html":
            self.findings += diagrams.check(root, node.path)
            return replace(node, body=etree.tostring(root, encoding="unicode"))
        if node.kind == JUDGEMENTS:
            self.findings += judgements.read(root, node.path)[1]
            return replace(node, body=case_xml.settled(root))
        self.findings += questions.check(root, node.path)
        return replace(node, body=etree.tostring(root, encoding="unicode"), title=root.get("display_name", ""))

    def case(self, node: Node, data: bytes) -> Node:
        one = cases.read(data, node.path)
        self.findings += one.findings
        if one.case is not None and one.case.id != node.url_name:
            detail = f"the case “{one.case.id}” stands under the url_name “{node.url_name}”"
            self.findings.append(found("bad-outline", node.path, one.case.line, detail=detail))
        return replace(node, body=one.body, title=one.case.title.body if one.case else "")


def read(sources: Sources, path: str = f"{REGIONAL}/outline.xml") -> tuple[Node | None, list[Finding]]:
    """The course that an outline describes, with its texts, and every fault of form. None when it is no outline at all."""
    if path not in sources:
        return None, [found("missing-file", path, 0, path=path)]
    try:
        root = case_xml.tree(sources[path], path)
    except case_xml.CaseXmlError as error:
        return None, [error.finding]
    if root.tag != "course":
        return None, [found("unknown-element", path, int(root.sourceline or 0), name=root.tag, parent="the file")]
    reader = Reader(sources, posixpath.dirname(path), path)
    reader.attributes(root)
    chapters = tuple(one for child in root if (one := reader.node(child, "course")) is not None)
    course = Node(
        "course",
        title=root.get("display_name", ""),
        children=chapters,
        description=root.get("short_description", ""),
        path=path,
        line=int(root.sourceline or 0),
    )
    return course, reader.findings


def check(course: Node) -> list[Finding]:
    """What must hold of a whole course, tailored or not: every url_name once over all tags, every lesson graded alike."""
    findings: list[Finding] = []
    seen: set[str] = set()
    for node in course.walk():
        if node.url_name and node.url_name in seen:
            findings.append(found("repeated-url-name", node.path, node.line, node.kind, name=node.url_name))
        seen.add(node.url_name)
    if not any(node.graded for node in course.walk()):
        detail = f'no lesson has format="{GRADER}", so nothing could ever be graded'
        findings.append(found("bad-outline", course.path, course.line, detail=detail))
    findings += _own(course)
    for chapter in course.children:
        for lesson in chapter.children:
            if chapter.staff_only and lesson.graded:
                detail = "a lesson for staff only must not be graded: learners could never reach the full mark"
                findings.append(
                    found("bad-outline", lesson.path, lesson.line, f"sequential {lesson.url_name}", detail=detail)
                )
    return findings


def _own(course: Node) -> Iterator[Finding]:
    """What the learner's own blocks point at must be there; a course has one page for the plan."""
    nodes = list(course.walk())
    plans = [node for node in nodes if node.kind == PLAN]
    for node in plans[1:]:
        yield found("bad-outline", node.path, node.line, node.kind, detail="the course has a page for the plan already")
    if not plans and any(node.kind == SENTENCE for node in nodes):
        detail = "no <casework-plan> gathers the sentences that learners finish"
        yield found("bad-outline", course.path, course.line, detail=detail)
    names = {node.url_name: node.kind for node in nodes}
    for node in nodes:
        if node.kind != JUDGEMENTS:
            continue
        after = node.fields.get("after", "")
        if after and names.get(after) != JUDGEMENTS:
            yield found("unknown-reference", node.path, node.line, node.kind, what="judgements", name=after)
        made = judgements.parse(node.body, node.path)[0] if node.body else None
        for one in made.each if made else ():
            if one.lesson and names.get(one.lesson) != "sequential":
                yield found("unknown-reference", node.path, 0, f"judgement {one.id}", what="lesson", name=one.lesson)
