"""One country's changes to a case: `courses/countries/<cc>/scenarios/<slug>.xml`.

    <changes case="eleven-men-at-the-pier">
      <put at="first-step/promise"><why>…</why></put>
      <replace at="minute/hold"><option id="hold" …>…</option></replace>
      <insert after="minute/hold"><option id="…" …>…</option></insert>
      <remove at="minute/send"/>
    </changes>

A place is named by ids on the way down, as many as make it the only one. `<put>` exchanges single children: each takes the
place of the one child with the same tag and the same attributes. A change that points at something the regional case does
not have is a finding that names both files. The changed case is checked whole, as every case is.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace

from lxml import etree

from casework.curriculum import cases
from casework.curriculum.cases import CaseSource
from casework.findings import Finding, found
from casework.scenario import xml as case_xml

VERBS = {"put": "at", "replace": "at", "remove": "at", "insert": "after"}


def path_of(country_folder: str, slug: str) -> str:
    """Where a country's changes to a case stand."""
    return f"{country_folder}/scenarios/{slug}.xml"


def changed(case: CaseSource, data: bytes, path: str) -> tuple[CaseSource, list[Finding]]:
    """The case with the changes in `data` made, and what is wrong with them. With a fault, the case stays as it was.

    Findings about the changed case are told at `path`, and only those that the regional case does not have itself.
    """
    try:
        root = case_xml.tree(data, path)
    except case_xml.CaseXmlError as error:
        return case, [error.finding]
    if root.tag != "changes":
        return case, [found("unknown-element", path, _line(root), name=root.tag, parent="the file")]
    maker = _Maker(case, path)
    if root.get("case") != case.slug or len(root.attrib) != 1:
        detail = f'it begins <changes case="{case.slug}">, like the name of the file'
        maker.findings.append(found("bad-outline", path, _line(root), detail=detail))
    if not case.body:
        return case, maker.findings  # what is wrong with the case is told where the case stands
    made = case_xml.tree(case.body, case.path)
    for change in root:
        maker.make(made, change)
    if maker.findings:
        return case, maker.findings
    body = case_xml.settled(made)
    again = cases.read(body.encode(), case.path)
    known = {_said(one) for one in case.findings}
    new = [replace(one, path=path, line=0) for one in again.findings if _said(one) not in known]
    return CaseSource(case.slug, case.path, body, again.case, tuple(new)), new


def _said(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.place, finding.message


def _line(element: etree._Element) -> int:
    return int(element.sourceline or 0)


class _Maker:
    """Makes changes one after the other, and gathers what cannot be made."""

    def __init__(self, case: CaseSource, path: str) -> None:
        self.case, self.path = case, path
        self.findings: list[Finding] = []

    def make(self, root: etree._Element, change: etree._Element) -> None:
        verb = str(change.tag)
        if verb not in VERBS:
            self._say(change, "unknown-element", name=verb, parent="changes")
            return
        at = change.get(VERBS[verb], "")
        if not at or len(change.attrib) != 1:
            self._say(change, "missing-attribute", element=verb, name=VERBS[verb])
            return
        targets = list(_at(root, at))
        if len(targets) != 1:
            self._say(change, "no-such-place", name=at, count=len(targets), other=self.case.path)
            return
        getattr(self, f"_{verb}")(targets[0], change)

    def _say(self, element: etree._Element, code: str, /, **values: object) -> None:
        self.findings.append(found(code, self.path, _line(element), str(element.tag), **values))

    def _put(self, target: etree._Element, change: etree._Element) -> None:
        if not len(change):
            self._say(change, "bad-outline", detail="<put> is empty")
        for child in change:
            old = [one for one in target if one.tag == child.tag and dict(one.attrib) == dict(child.attrib)]
            if len(old) != 1:
                said = "".join(f' {name}="{child.get(name)}"' for name in sorted(str(one) for one in child.attrib))
                name = f"{change.get('at')} <{child.tag!s}{said}>"
                self._say(child, "no-such-place", name=name, count=len(old), other=self.case.path)
                continue
            _exchange(old[0], [child])

    def _replace(self, target: etree._Element, change: etree._Element) -> None:
        if not len(change):
            self._say(change, "bad-outline", detail="<replace> is empty")
            return
        _exchange(target, list(change))

    def _insert(self, target: etree._Element, change: etree._Element) -> None:
        if not len(change):
            self._say(change, "bad-outline", detail="<insert> is empty")
        for child in reversed(change):
            target.addnext(deepcopy(child))

    def _remove(self, target: etree._Element, change: etree._Element) -> None:
        if len(change):
            self._say(change, "bad-outline", detail="<remove> holds nothing")
        _exchange(target, [])


def _at(root: etree._Element, place: str) -> Iterator[etree._Element]:
    """The elements whose ids, on the way down, end like this place."""
    wanted = place.split("/")
    for element in root.iterdescendants():
        if not element.get("id"):
            continue
        ids = [str(element.get("id")), *(str(one.get("id")) for one in element.iterancestors() if one.get("id"))][:-1]
        if list(reversed(ids))[-len(wanted) :] == wanted:
            yield element


def _exchange(old: etree._Element, new: list[etree._Element]) -> None:
    parent = old.getparent()
    if parent is None:
        return
    index = parent.index(old)
    parent.remove(old)
    for offset, child in enumerate(new):
        parent.insert(index + offset, deepcopy(child))
