"""Judgements: sentences that a colleague could say, to which a learner agrees or not before the course and again after it.

    <judgements id="twelve-judgements">
      <judgement id="open-gate" course="no" lesson="reading-the-signs">
        <claim>Whoever may leave the house is not held there.</claim> <why>What speaks for it. What the course holds.</why>
      </judgement> …

`course` is what the course holds: yes, no or divided. Texts are plain. The builder adds `lang`, `translation` and to each
judgement the `title` of its lesson. Nothing here is scored, and nothing is stored here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from casework import prose
from casework.findings import Finding, found
from casework.scenario import xml

HELD = ("yes", "no", "divided")
SURE = (0, 1, 2)
"""Guessing, fairly sure, certain: as in a case."""
MOST = 40
"""Judgements in one list; quick ones are wanted."""
_ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "judgements": ("id", "lang", "translation"),
    "judgement": ("id", "course", "lesson", "title"),
    "claim": ("lang",),
    "why": ("lang",),
}
_NEEDED: Mapping[str, tuple[str, ...]] = {"judgements": ("id",), "judgement": ("id", "course")}
_CHILDREN: Mapping[str, tuple[str, ...]] = {"judgements": ("judgement",), "judgement": ("claim", "why")}


class NotAnswers(ValueError):
    """What was sent as answers does not answer each judgement once."""


@dataclass(frozen=True)
class Text:
    """A plain text; `lang` where it is in another language than the list."""

    body: str
    lang: str = ""


@dataclass(frozen=True)
class Judgement:
    id: str
    claim: Text
    why: Text
    held: str
    lesson: str = ""
    title: str = ""


@dataclass(frozen=True)
class Judgements:
    id: str
    each: tuple[Judgement, ...]
    lang: str = "en"
    translation: str = ""


@dataclass(frozen=True)
class Answer:
    """Whether the learner agrees, and how sure: one of SURE."""

    agree: bool
    sure: int


Answers = Mapping[str, Answer]
"""By the judgement's id."""


def parse(source: str | bytes, path: str = "judgements") -> tuple[Judgements | None, list[Finding]]:
    """A list and its findings; None when there are any: all of them are errors but long sentences."""
    try:
        root = xml.tree(source, path)
    except xml.CaseXmlError as error:
        return None, [error.finding]
    return read(root, path)


def read(root: etree._Element, path: str) -> tuple[Judgements | None, list[Finding]]:
    """As `parse`, from an element that is already there."""
    if root.tag != "judgements":
        return None, [found("unknown-element", path, int(root.sourceline or 0), name=root.tag, parent="the file")]
    findings = list(_form(root, path))
    if any(one.is_error for one in findings):
        return None, findings
    each = tuple(
        Judgement(
            str(one.get("id")), _text(one, "claim"), _text(one, "why"), str(one.get("course")), one.get("lesson", ""),
            one.get("title", ""),
        )
        for one in root
    )  # fmt: skip
    made = Judgements(str(root.get("id")), each, root.get("lang", "en"), root.get("translation", ""))
    words = prose.long_at_the_median(text.body for one in each for text in (one.claim, one.why))
    if made.lang == "en" and words:
        findings.append(found("long-sentences", path, 1, words=words, limit=prose.MOST_IN_SENTENCE))
    return made, findings


def texts(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """(element, its context for a translator) of every text, in order."""
    for one in root.iterchildren("judgement"):
        for text in one:
            yield text, f"{root.get('id')}/{one.get('id')}/judgement-{text.tag!s}"


def answers(judgements: Judgements, said: object) -> dict[str, Answer]:
    """Answers as they arrive from a browser: `{id: [agree, sure]}`, each judgement exactly once. Raises NotAnswers."""
    if not isinstance(said, dict) or said.keys() != {one.id for one in judgements.each}:
        raise NotAnswers("each judgement is answered once")
    for one in said.values():
        fits = isinstance(one, list) and len(one) == 2 and isinstance(one[0], bool) and type(one[1]) is int
        if not fits or one[1] not in SURE:
            raise NotAnswers("an answer is [true or false, how sure from 0 to 2]")
    return {one.id: Answer(*said[one.id]) for one in judgements.each}


def as_json(given: Answers) -> dict[str, list[object]]:
    """Answers as they are kept; `kept` reads them."""
    return {name: [one.agree, one.sure] for name, one in given.items()}


def kept(said: object) -> dict[str, Answer]:
    """Answers that were kept once. The list may have changed since: what no longer fits is left out."""
    if not isinstance(said, dict):
        return {}
    return {
        str(name): Answer(bool(one[0]), one[1])
        for name, one in said.items()
        if isinstance(one, list) and len(one) == 2 and one[1] in SURE
    }


@dataclass(frozen=True)
class Figures:
    """What two sets of answers say together: over judgements answered both times, and, for `differ`, now."""

    both: int
    changed: int
    changed_from_certain: int
    differ: int
    held: int
    """Judgements on which the course takes a side."""


def figures(judgements: Judgements, before: Answers, now: Answers) -> Figures:
    """How a learner's own answers have moved, and where learner and course still differ."""
    both = [one.id for one in judgements.each if one.id in before and one.id in now]
    changed = [name for name in both if before[name].agree != now[name].agree]
    held = [one for one in judgements.each if one.held != "divided" and one.id in now]
    return Figures(
        both=len(both),
        changed=len(changed),
        changed_from_certain=sum(before[name].sure == SURE[-1] for name in changed),
        differ=sum(now[one.id].agree != (one.held == "yes") for one in held),
        held=len(held),
    )


def _text(parent: etree._Element, tag: str) -> Text:
    element = parent.find(tag)
    assert element is not None  # noqa: S101  _form has seen it
    return Text(" ".join((element.text or "").split()), element.get("lang", ""))


def _form(element: etree._Element, path: str) -> Iterator[Finding]:
    """Everything that is wrong with the form, the whole list at once."""
    tag, line = str(element.tag), int(element.sourceline or 0)
    place = f"{tag} {element.get('id', '')}".strip()
    for name in element.attrib:
        if name not in _ATTRIBUTES[tag]:
            yield found("unknown-attribute", path, line, place, name=name, element=tag)
    for name in _NEEDED.get(tag, ()):
        if not element.get(name, "").strip():
            yield found("missing-attribute", path, line, place, element=tag, name=name)
    if tag == "judgement" and element.get("course", "yes") not in HELD:
        expected = ", ".join(HELD)
        yield found(
            "bad-value", path, line, place, name="course", value=element.get("course"), element=tag, expected=expected
        )
    if tag not in _CHILDREN:
        for child in element:
            yield found("element-in-text", path, int(child.sourceline or 0), place, name=child.tag, parent=tag)
        if not (element.text or "").strip():
            yield found("empty-text", path, line, place, name=tag)
        return
    for text in (element.text, *(child.tail for child in element)):
        if text and text.strip():
            yield found("stray-text", path, line, place, text=text.strip()[:40])
    for child in element:
        if child.tag in _CHILDREN[tag]:
            yield from _form(child, path)
        else:
            yield found("unknown-element", path, int(child.sourceline or 0), place, name=child.tag, parent=tag)
    for name in _CHILDREN[tag]:
        given, most = len(element.findall(name)), MOST if tag == "judgements" else 1
        if not given:
            yield found("missing-element", path, line, place, parent=tag, name=name)
        elif given > most:
            yield found("repeated-element", path, line, place, parent=tag, name=name, most=most)
    if tag == "judgements":
        seen: set[str] = set()
        for child in element.iterchildren("judgement"):
            name = child.get("id", "")
            if name in seen:
                yield found("repeated-id", path, int(child.sourceline or 0), place, name=name, other="a judgement")
            seen.add(name)
