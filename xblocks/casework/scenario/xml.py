"""Reading a case from XML, and keeping it in canonical form. Whether it is sound is `check.py`'s question.

Everything here is hostile until parsed: no entities, no document type, no network, a bound on size. All faults of form
are found at once, each with its line.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from casework import prose
from casework.findings import Finding, found
from casework.scenario import model
from casework.scenario.conditions import ALWAYS, Condition, ConditionError, Effect, parse_condition, parse_effects
from casework.scenario.grammar import ELEMENTS

LARGEST = 1_000_000
"""Bytes of one case that are read at all."""
MOST_TEXT = 100_000
"""Characters of text in one case, three times as many as a case should have. Markdown that is made to be slow, such as nothing
but “[”, takes its reader half a minute for eight times as many."""


class CaseXmlError(ValueError):
    """XML that cannot be a case at all. Carries the one finding that says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


def tree(source: str | bytes, path: str) -> etree._Element:
    """The root of safe XML, without comments and blank text. Raises CaseXmlError."""
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    if len(data) > LARGEST:
        raise CaseXmlError(found("too-large", path, 0, size=len(data), limit=LARGEST))
    parser = etree.XMLParser(
        remove_comments=True, remove_pis=True, remove_blank_text=True, resolve_entities=False, load_dtd=False,
        no_network=True, huge_tree=False, encoding="utf-8",
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise CaseXmlError(_no_xml(data, path, error)) from None
    if root.getroottree().docinfo.doctype or any(isinstance(one, etree._Entity) for one in root.iter(etree.Entity)):
        raise CaseXmlError(found("doctype", path, 1))
    return root


def _no_xml(data: bytes, path: str, error: Exception) -> Finding:
    """Why this is no XML: the parser refuses what is not UTF-8, too, and says it less plainly."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as broken:
        return found("not-utf8", path, 0, detail=f"byte {broken.start}")
    return found("not-xml", path, getattr(error, "lineno", None) or 0, detail=_calm(error))


def _calm(error: Exception) -> str:
    return (str(error).splitlines() or ["it is empty"])[0].split(" (<string>")[0]


def canonical(root: etree._Element) -> str:
    """A `<case>` as text in the one form that survives the platform: no comments, no blank text, indented.

    `canonical(tree(canonical(root), …))` is the same text; so is what comes back through a pretty-printing exporter.
    """
    copy = etree.fromstring(etree.tostring(root, encoding="utf-8", with_tail=False), etree.XMLParser(
        remove_comments=True, remove_pis=True, resolve_entities=False, no_network=True, huge_tree=False,
    ))  # fmt: skip
    return settled(copy)


def settled(root: etree._Element) -> str:
    """As `canonical`, of a tree that `tree` has given and of which only the text is still needed: it is changed."""
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        grammar = ELEMENTS.get(element.tag)
        if (
            element.text is not None
            and not element.text.strip()
            and (len(element) or not (grammar and grammar.is_text))
        ):
            element.text = None
        if element.tail is not None and not element.tail.strip():
            element.tail = None
    etree.cleanup_namespaces(root)
    etree.indent(root, space="  ")
    return etree.tostring(root, encoding="unicode")


def fingerprint(content: str) -> str:
    """Names exactly this version of a case: 16 hexadecimal digits of the SHA-256 of its canonical text."""
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def parse(source: str | bytes, path: str = "case") -> tuple[model.Case | None, list[Finding]]:
    """A case and its findings of form. The case is None when any of them is an error."""
    try:
        root = tree(source, path)
    except CaseXmlError as error:
        return None, [error.finding]
    return read(root, path)


def read(root: etree._Element, path: str) -> tuple[model.Case | None, list[Finding]]:
    """As `parse`, from an element that is already there."""
    if root.tag != "case":
        return None, [found("unknown-element", path, _line(root), name=root.tag, parent="the file")]
    reader = _Reader(path)
    reader.length(root)
    if reader.findings:
        return None, reader.findings
    reader.form(root)
    if any(one.is_error for one in reader.findings):
        return None, reader.findings
    case = reader.case(root)
    if any(one.is_error for one in reader.findings):
        return None, reader.findings
    return case, reader.findings


def _line(element: etree._Element) -> int:
    return int(element.sourceline or 0)


def place(element: etree._Element) -> str:
    """Where an element stands, in words: `scene yard / spot list / ask`."""
    steps: list[str] = []
    one: etree._Element | None = element
    while one is not None and one.tag != "case":
        name = (one.get("id") or one.get("task") or one.get("by") or "")[:64]
        steps.append(f"{one.tag!s} {name}" if name else str(one.tag))
        one = one.getparent()
    return " / ".join(reversed(steps))


@dataclass
class _Reader:
    """Form first (`form`: the grammar), then values (`case`: conditions, effects, Markdown)."""

    path: str
    findings: list[Finding] = field(default_factory=list)

    def say(self, code: str, element: etree._Element, /, **values: object) -> None:
        self.findings.append(found(code, self.path, _line(element), place(element), **values))

    # -- form ---------------------------------------------------------------------------------------------------------

    def length(self, root: etree._Element) -> None:
        """Asked before any Markdown is read."""
        count = sum(len(one.text or "") for one in root.iter(etree.Element))
        if count > MOST_TEXT:
            self.say("too-much-text", root, count=count, limit=MOST_TEXT)

    def form(self, element: etree._Element) -> None:
        grammar = ELEMENTS[str(element.tag)]
        self.attributes(element)
        if grammar.is_text:
            if len(element):
                self.say("element-in-text", element[0], name=element[0].tag, parent=element.tag)
            elif not (element.text or "").strip():
                code = "no-alternative" if element.tag == "image" else "empty-text"
                self.say(code, element, name=element.tag)
            else:
                for detail in prose.faults(element.text or ""):
                    self.say("bad-markdown", element, detail=detail)
            return
        for text in (element.text, *(child.tail for child in element)):
            if text and text.strip():
                self.say("stray-text", element, text=text.strip()[:40])
        self.children(element)

    def attributes(self, element: etree._Element) -> None:
        forms = ELEMENTS[str(element.tag)].attributes
        for name, value in element.attrib.items():
            form = forms.get(str(name))
            if form is None:
                self.say("unknown-attribute", element, name=name, element=element.tag)
            elif not form.pattern.fullmatch(str(value)):
                self.say(
                    "bad-value", element, name=name, value=str(value)[:60], element=element.tag, expected=form.expected
                )
        for name, form in forms.items():
            if form.required and name not in element.attrib:
                self.say("missing-attribute", element, name=name, element=element.tag)

    def children(self, element: etree._Element) -> None:
        grammar = ELEMENTS[str(element.tag)]
        counts: dict[str, int] = {}
        reached = 0
        for child in element:
            name = str(child.tag)
            allowed = grammar.child(name)
            if allowed is None:
                self.say("unknown-element", child, name=name, parent=element.tag)
                continue
            group, _ = allowed
            if group < reached:
                self.say("misplaced-element", child, name=name, parent=element.tag)
            reached = max(reached, group)
            counts[name] = counts.get(name, 0) + 1
            self.form(child)
        for group_of_children in grammar.groups:
            for one in group_of_children:
                count = counts.get(one.name, 0)
                if count < one.least:
                    self.say("missing-element", element, name=one.name, parent=element.tag)
                if one.most is not None and count > one.most:
                    self.say("repeated-element", element, name=one.name, parent=element.tag, most=one.most)

    # -- values -------------------------------------------------------------------------------------------------------

    def case(self, root: etree._Element) -> model.Case:
        care = root.find("care")
        assert care is not None  # noqa: S101  the grammar has seen to it
        return model.Case(
            id=root.get("id", ""),
            lang=root.get("lang", ""),
            start=root.get("start", ""),
            minutes=int(root.get("minutes", "0")),
            help=self.text(root, "help"),
            exit=root.get("exit", ""),
            lookahead=root.get("lookahead") != "0",
            variants=tuple(self.variant(one) for one in root.iterfind("variant")),
            translation=root.get("translation", ""),
            review=root.get("review", ""),
            title=self.text(root, "title"),
            practise=self.text(root, "practise"),
            care=model.Care(tuple(care.get("themes", "").split()), self.leaf(care)),
            sources=tuple(self.leaf(one) for one in root.iterfind("source")),
            variables=tuple(self.variable(one) for one in root.iterfind("variable")),
            indicators=tuple(
                model.Indicator(
                    one.get("id", ""), one.get("from", ""), one.get("strength", ""), self.leaf(one), _line(one)
                )
                for one in root.iterfind("indicator")
            ),
            documents=tuple(self.document(one) for one in root.iterfind("document")),
            scenes=tuple(self.scene(one) for one in root.iterfind("scene")),
            endings=tuple(
                model.Ending(
                    one.get("id", ""), one.get("outcome", ""), self.text(one, "title"), self.texts(one), _line(one)
                )
                for one in root.iterfind("ending")
            ),
            rubrics=tuple(self.rubric(one) for one in root.iterfind("rubric")),
            panels=tuple(self.panel(one) for one in root.iterfind("panel")),
            line=_line(root),
        )

    def leaf(self, element: etree._Element) -> model.Text:
        body = element.text or ""
        return model.Text(body.strip(), element.get("lang", ""), self.condition(element), _line(element))

    def text(self, parent: etree._Element, name: str) -> model.Text:
        element = parent.find(name)
        return model.NO_TEXT if element is None else self.leaf(element)

    def texts(self, parent: etree._Element) -> tuple[model.Text, ...]:
        return tuple(self.leaf(one) for one in parent.iterfind("text"))

    def condition(self, element: etree._Element) -> Condition:
        text = element.get("if")
        if text is None:
            return ALWAYS
        try:
            return parse_condition(text)
        except ConditionError as error:
            self.say("bad-condition", element, text=text, detail=error)
            return ALWAYS

    def effects(self, element: etree._Element) -> tuple[Effect, ...]:
        text = element.get("set")
        if text is None:
            return ()
        try:
            return parse_effects(text)
        except ConditionError as error:
            self.say("bad-effect", element, text=text, detail=error)
            return ()

    def variable(self, element: etree._Element) -> model.Variable:
        least, most, start = (int(element.get(name, "0")) for name in ("min", "max", "start"))
        if not least <= start <= most:
            self.say(
                "bad-value", element, name="start", value=start, element="variable", expected=f"from {least} to {most}"
            )
        if most - least > 100:
            self.say("bad-value", element, name="max", value=most, element="variable", expected="at most 100 above min")
        return model.Variable(element.get("id", ""), least, most, start, _line(element))

    def variant(self, element: etree._Element) -> model.Variant:
        words = tuple((one.get("id", ""), self.leaf(one)) for one in element.iterfind("word"))
        return model.Variant(element.get("id", ""), self.text(element, "title"), words, _line(element))

    def image(self, element: etree._Element) -> model.Image | None:
        """The picture of a document. The other kinds have lines instead."""
        found = element.find("image")
        if element.get("kind") == "image":
            if found is None:
                self.say("missing-element", element, name="image", parent="document")
        elif found is not None:
            self.say("unknown-element", found, name="image", parent=f"document of kind {element.get('kind')}")
        elif element.find("part") is None:
            self.say("missing-element", element, name="part", parent="document")
        return None if found is None else model.Image(found.get("src", ""), self.leaf(found))

    def document(self, element: etree._Element) -> model.Document:
        parts = tuple(model.Part(one.get("by", ""), self.leaf(one)) for one in element.iterfind("part"))
        document = model.Document(
            element.get("id", ""), element.get("kind", ""), self.text(element, "title"), parts, self.image(element),
            _line(element),
        )  # fmt: skip
        names: set[str] = set()
        for phrase in document.phrases:
            if phrase.name in names:
                self.say("repeated-phrase", element, name=phrase.name)
            names.add(phrase.name)
        return document

    def scene(self, element: etree._Element) -> model.Scene:
        tasks = tuple(self.task(one) for one in element if one.tag in {"choose", "spot", "write", "judge"})
        goes = tuple(model.Go(one.get("to", ""), self.condition(one), _line(one)) for one in element.iterfind("go"))
        opens = tuple(one.get("document", "") for one in element.iterfind("open"))
        return model.Scene(
            element.get("id", ""), self.text(element, "title"), self.texts(element), opens,
            self.text(element, "summary"), tasks, goes, _line(element),
        )  # fmt: skip

    def task(self, element: etree._Element) -> model.Task:
        name, line, ask = element.get("id", ""), _line(element), self.text(element, "ask")
        if element.tag == "choose":
            options = tuple(self.option(one) for one in element.iterfind("option"))
            return model.Choose(name, ask, options, element.get("confidence") == "yes", line)
        if element.tag == "spot":
            return model.Spot(name, ask, element.get("document", ""), int(element.get("points", "0")), line)
        if element.tag == "write":
            practised = self.text(element, "practised")
            return model.Write(name, ask, element.get("rubric", ""), practised, int(element.get("minimum", "0")), line)
        return model.Judge(name, self.text(element, "claim"), self.text(element, "news"), ask, line)

    def option(self, element: etree._Element) -> model.Option:
        return model.Option(
            id=element.get("id", ""),
            role=element.get("role", ""),
            text=self.text(element, "text"),
            reply=self.text(element, "reply"),
            why=self.text(element, "why"),
            closed=self.text(element, "closed"),
            points=int(element.get("points", "0")),
            when=self.condition(element),
            effects=self.effects(element),
            go=element.get("go", ""),
            mends=tuple(element.get("mends", "").split()),
            line=_line(element),
        )

    def rubric(self, element: etree._Element) -> model.Rubric:
        rows = tuple(
            model.Row(
                row.get("id", ""),
                self.text(row, "text"),
                tuple(model.Level(int(one.get("points", "0")), self.leaf(one)) for one in row.iterfind("level")),
            )
            for row in element.iterfind("row")
        )
        return model.Rubric(element.get("id", ""), rows, _line(element))

    def panel(self, element: etree._Element) -> model.Panel:
        opinions = tuple(
            model.Opinion(
                one.get("by", ""),
                self.leaf(one),
                one.get("option", ""),
                int(one.get("value", "0")) if "value" in one.attrib else None,
            )
            for one in element.iterfind("opinion")
        )
        return model.Panel(element.get("task", ""), opinions, _line(element))


class Place(NamedTuple):
    """A place of a case that holds words for people: an attribute of an element, or with "" its text. `context` names it to
    translators: ids on the way down, then the role, no ordinals."""

    element: etree._Element
    attribute: str
    context: str


def translatable(case: etree._Element) -> list[Place]:
    """Every place of a case that holds words, in document order.

    This decides, with the grammar, what of a case is translated; extraction and translation both walk it.
    """
    found: list[Place] = []
    _places(case, "", f"{case.get('id')}/by", found)
    return found


def _places(element: etree._Element, above: str, by: str, found: list[Place]) -> None:
    tag = str(element.tag)
    grammar = ELEMENTS.get(tag)
    name = element.get("id")
    here = f"{above}{name}/" if name else above
    if grammar is not None:
        if "by" in grammar.attributes and element.get("by"):
            found.append(Place(element, "by", by))
        if grammar.is_text and (element.text or "").strip():
            found.append(Place(element, "", f"{here}{tag}"))
    if tag == "panel":
        here = f"{above}panel/{element.get('task')}/"
    for child in element:
        _places(child, here, by, found)
