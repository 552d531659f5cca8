"""One country's changes to the regional outline: `<insert after>`, `<replace>`, `<remove>`, pages of the same path, audiences.
Changes inside a case stand in files of their own: `case_changes`.

    <changes>
      <insert after="met-as-an-offender-idea"> <vertical …>…</vertical> </insert>
      <replace url_name="…"> <html …/> </replace>
      <remove url_name="…"/>
    </changes>

`<insert after>` names an element of any kind, a page as well: what is put in stands behind it, in the same parent.
A change that points at something the regional source does not have is a finding that names both places: the source has
moved on.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from lxml import etree

from casework.curriculum import case_changes, cases
from casework.curriculum.cases import CaseSource
from casework.curriculum.outline import CASE, CHILDREN, COUNTRIES, LEAVES, REGIONAL, Node, Reader, Sources
from casework.findings import Finding, found
from casework.scenario import xml as case_xml

REGIONAL_OUTLINE = f"{REGIONAL}/outline.xml"


@dataclass(frozen=True)
class Change:
    """`verb` is insert (after `target`), replace or remove."""

    verb: str
    target: str
    nodes: tuple[Node, ...] = ()
    line: int = field(default=0, compare=False)


_FORM = {"insert": "after", "replace": "url_name", "remove": "url_name"}


def tailored(course: Node, sources: Sources, country: str) -> tuple[Node, list[Finding]]:
    """The course of one country, and every fault in its changes and pages."""
    folder = f"{COUNTRIES}/{country}"
    course, findings = _pages(course, sources, folder)
    path = f"{folder}/outline.xml"
    changes, faults = read(sources, path) if path in sources else ([], [])
    findings += faults
    for change in changes:
        targets = [node for node in course.walk() if node.url_name == change.target]
        if not targets:
            findings.append(
                found("no-such-target", path, change.line, change.verb, name=change.target, regional=REGIONAL_OUTLINE)
            )
            continue
        course, fits = _made(course, change)
        if not fits:
            detail = f"<{change.verb}> at “{change.target}” would put an element where it may not stand"
            findings.append(found("bad-outline", path, change.line, change.verb, detail=detail))
    course, faults = _cases(course, sources, folder)
    return course, [*findings, *faults]


def _cases(course: Node, sources: Sources, folder: str) -> tuple[Node, list[Finding]]:
    """The course with its cases as the country tells them; changes to a case that it does not have are a finding."""
    retold, findings = case_sources(course, sources, folder)
    kept = {one.path: one for one in retold}
    start, end = case_changes.path_of(folder, "\0").split("\0")
    names = {one.slug for one in retold}
    for path in sorted(sources):
        slug = path.removeprefix(start).removesuffix(end)
        if path == f"{start}{slug}{end}" and slug not in names:
            findings.append(
                found("no-such-target", path, 0, "changes", name=f"scenarios/{slug}", regional=REGIONAL_OUTLINE)
            )

    def changed(node: Node) -> Node:
        case = kept.get(node.path) if node.kind == CASE else None
        return replace(node, body=case.body, title=case.case.title.body) if case and case.case else node

    return course.mapped(changed), findings


def case_sources(course: Node, sources: Sources, folder: str) -> tuple[list[CaseSource], list[Finding]]:
    """The cases of this course that a country changes, as it tells them, and what is wrong with the changes."""
    out, findings = [], []
    for node in course.walk():
        path = case_changes.path_of(folder, posixpath.basename(node.src))
        if node.kind == CASE and node.src.startswith("scenarios/") and path in sources and node.path in sources:
            case, faults = case_changes.changed(cases.read(sources[node.path], node.path), sources[path], path)
            out.append(case)
            findings += faults
    return out, findings


def _pages(course: Node, sources: Sources, folder: str) -> tuple[Node, list[Finding]]:
    """A page or question of the same path below the country's folder takes the place of the regional one."""
    reader = Reader(sources, folder, f"{folder}/outline.xml")

    def replaced(node: Node) -> Node:
        path = f"{folder}/{node.src}"
        if node.kind not in LEAVES or not node.src or node.src.startswith("scenarios/") or path not in sources:
            return node
        return reader.loaded(replace(node, path=path, line=1), sources[path])

    return course.mapped(replaced), reader.findings


def read(sources: Sources, path: str) -> tuple[list[Change], list[Finding]]:
    """The changes that a country's `outline.xml` asks for."""
    try:
        root = case_xml.tree(sources[path], path)
    except case_xml.CaseXmlError as error:
        return [], [error.finding]
    if root.tag != "changes":
        return [], [found("unknown-element", path, int(root.sourceline or 0), name=root.tag, parent="the file")]
    reader = Reader(sources, path.rsplit("/", 1)[0], path)
    changes = [one for element in root if (one := _change(element, reader)) is not None]
    return changes, reader.findings


def _change(element: etree._Element, reader: Reader) -> Change | None:
    verb = str(element.tag)
    if verb not in _FORM:
        reader.say("unknown-element", element, name=verb, parent="changes")
        return None
    for name in element.attrib:
        if name != _FORM[verb]:
            reader.say("unknown-attribute", element, name=name, element=verb)
    target = element.get(_FORM[verb], "")
    if not target:
        reader.say("missing-attribute", element, element=verb, name=_FORM[verb])
    if (verb == "remove") == bool(len(element)):
        detail = "<remove> holds nothing" if verb == "remove" else f"<{verb}> is empty"
        reader.say("bad-outline", element, detail=detail)
    parents = {kind: parent for parent, kinds in CHILDREN.items() for kind in kinds}
    nodes = []
    for child in element:
        node = reader.node(child, parents.get(str(child.tag), "changes"))
        if node is not None:
            nodes.append(node)
    return Change(verb, target, tuple(nodes), int(element.sourceline or 0)) if target else None


def _made(course: Node, change: Change) -> tuple[Node, bool]:
    """The course with one change made, and whether what was put in may stand there."""
    fits = True

    def changed(node: Node) -> Node:
        nonlocal fits
        if not any(child.url_name == change.target for child in node.children):
            return node
        fits = all(new.kind in CHILDREN[node.kind] for new in change.nodes)
        children: list[Node] = []
        for child in node.children:
            if child.url_name != change.target:
                children.append(child)
            elif change.verb == "insert":
                children += [child, *change.nodes]
            elif change.verb == "replace":
                # What takes the place of a lesson that must be reviewed must be reviewed, too.
                children += [replace(new, review=new.review or child.review) for new in change.nodes]
        return replace(node, children=tuple(children))

    made = course.mapped(changed)
    return (made, True) if fits else (course, False)


def for_audience(course: Node, audience: str) -> Node:
    """The course for one audience: elements kept for others are left out. "" keeps everything."""
    if not audience:
        return course
    keeps: Callable[[Node], bool] = lambda node: not node.audience or audience in node.audience  # noqa: E731

    def kept(node: Node) -> Node:
        children = tuple(child for child in node.children if keeps(child) and (child.children or child.kind in LEAVES))
        return replace(node, children=children)

    return course.mapped(kept)
