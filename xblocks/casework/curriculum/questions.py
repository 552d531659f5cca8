"""A question: an Open edX `problem` of the kinds we use, its rules, and the places in it that hold words.

Texts in a question are plain: no element stands inside a sentence, because the platform's importer drops white space
between inline elements (reference: olx §1.5). `texts` decides what of a question is translated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from casework.findings import Finding, found

_TEXT: Mapping[str, str] = {
    "label": "question to the learner",
    "description": "help under the question, read by the learner",
    "choice": "answer that the learner can choose",
    "choicehint": "what the course says to a learner who chose this answer",
    "p": "paragraph of the question or its solution, spoken by the course",
    "hint": "hint that the learner can ask for",
}
"""Elements that hold a text, with who speaks."""

_ELEMENTS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "problem": (
        frozenset({"multiplechoiceresponse", "choiceresponse", "p", "demandhint"}),
        frozenset({"display_name", "max_attempts", "weight", "showanswer"}),
    ),
    "multiplechoiceresponse": (frozenset({"label", "description", "choicegroup", "solution"}), frozenset()),
    "choiceresponse": (frozenset({"label", "description", "checkboxgroup", "solution"}), frozenset({"partial_credit"})),
    "choicegroup": (frozenset({"choice"}), frozenset({"type", "shuffle"})),
    "checkboxgroup": (frozenset({"choice"}), frozenset()),
    "choice": (frozenset({"choicehint"}), frozenset({"correct", "fixed"})),
    "solution": (frozenset({"div"}), frozenset()),
    "div": (frozenset({"p"}), frozenset({"class"})),
    "demandhint": (frozenset({"hint"}), frozenset()),
    "label": (frozenset(), frozenset()),
    "description": (frozenset(), frozenset()),
    "choicehint": (frozenset(), frozenset({"selected", "label"})),
    "p": (frozenset(), frozenset()),
    "hint": (frozenset(), frozenset()),
}
"""Every element of a question: (its children, its attributes). Nothing else gets through, scripts least of all."""

_ROLE = {"choicehint": "hint", "hint": "demand-hint"}


@dataclass(frozen=True)
class Place:
    """A place that holds words, in a question or a diagram: the element, the role that names it to a translator, who speaks."""

    element: etree._Element
    role: str
    comment: str

    @property
    def text(self) -> str:
        return " ".join((self.element.text or "").split())


def texts(root: etree._Element) -> Iterator[Place]:
    """Every text element of a question, in document order. Its `display_name` is a title, and stands in the outline."""
    for element in root.iter():
        tag = str(element.tag)
        if tag in _TEXT and (element.text or "").strip():
            yield Place(element, _ROLE.get(tag, tag), _TEXT[tag])


def check(root: etree._Element, path: str) -> list[Finding]:
    """Every fault of one question."""
    if root.tag != "problem":
        return [found("unknown-element", path, int(root.sourceline or 0), name=root.tag, parent="the file")]
    findings: list[Finding] = []
    _form(root, path, findings)
    if not (root.get("display_name") or "").strip():
        findings.append(
            found("missing-attribute", path, int(root.sourceline or 0), element="problem", name="display_name")
        )
    responses = [one for one in root if one.tag in {"multiplechoiceresponse", "choiceresponse"}]
    if len(responses) != 1:
        _say(findings, path, root, f"a question asks one thing; this one has {len(responses)} answers to give")
    for response in responses:
        _response(response, path, findings)
    return findings


def _say(findings: list[Finding], path: str, element: etree._Element, detail: str) -> None:
    findings.append(found("bad-problem", path, int(element.sourceline or 0), str(element.tag), detail=detail))


def _form(element: etree._Element, path: str, findings: list[Finding]) -> None:
    tag = str(element.tag)
    line = int(element.sourceline or 0)
    children, attributes = _ELEMENTS[tag]
    for name in element.attrib:
        if name not in attributes:
            findings.append(found("unknown-attribute", path, line, tag, name=name, element=tag))
    for child in element:
        if child.tag in children:
            _form(child, path, findings)
        elif tag in _TEXT:
            _say(findings, path, child, f"<{child.tag!s}> stands inside a text; texts in a question are plain")
        else:
            findings.append(found("unknown-element", path, int(child.sourceline or 0), name=child.tag, parent=tag))
    if tag in _TEXT:
        if not (element.text or "").strip():
            findings.append(found("empty-text", path, line, name=tag))
    elif element.text and element.text.strip():
        findings.append(found("stray-text", path, line, tag, text=element.text.strip()[:40]))
    for child in element:
        if child.tail and child.tail.strip():
            findings.append(found("stray-text", path, int(child.sourceline or 0), tag, text=child.tail.strip()[:40]))


def _response(response: etree._Element, path: str, findings: list[Finding]) -> None:
    single = response.tag == "multiplechoiceresponse"
    if response.find("label") is None:
        _say(findings, path, response, "it has no <label>: nobody could tell what is asked")
    groups = response.findall("choicegroup" if single else "checkboxgroup")
    if len(groups) != 1:
        _say(findings, path, response, f"it has {len(groups)} groups of answers, not one")
    for group in groups:
        if single and group.get("type") != "MultipleChoice":
            _say(findings, path, group, 'the group needs type="MultipleChoice"')
        choices = group.findall("choice")
        right = [one for one in choices if one.get("correct") == "true"]
        if len(choices) < 2:
            _say(findings, path, group, "a question has two answers at least")
        if not right:
            _say(findings, path, group, "no answer is correct: nobody could ever earn the point")
        if single and len(right) > 1:
            _say(findings, path, group, f"{len(right)} answers are correct where one can be chosen")
        for choice in choices:
            if choice.get("correct") not in {"true", "false"}:
                _say(findings, path, choice, 'an answer says correct="true" or correct="false"')
            if choice.find("choicehint") is None:
                _say(findings, path, choice, "every answer is explained: this one has no <choicehint>")
