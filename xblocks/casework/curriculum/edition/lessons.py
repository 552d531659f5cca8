"""A lesson for everybody: its units in order, questions with their answers on a sheet of their own, room to write by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from casework import judgements
from casework.curriculum.edition import play, sheets
from casework.curriculum.edition.numbers import Numbered
from casework.curriculum.edition.sheets import LETTERS, Edition
from casework.curriculum.edition.words import Words
from casework.curriculum.outline import CASE, JUDGEMENTS, PLAN, SENTENCE, Node
from casework.curriculum.own import plan_lines
from casework.scenario import xml as case_xml
from casework.scenario.telling import block, line

Cases = Mapping[str, tuple[Numbered, ...]]
"""By url_name, each of a case's variants."""


def file(lesson: Node) -> str:
    return f"lesson-{lesson.url_name}.html"


@dataclass(frozen=True)
class Choice:
    """One answer of a question, as HTML."""

    letter: str
    text: str
    hint: str
    right: bool


@dataclass(frozen=True)
class Question:
    """A `problem` as it is printed. Texts are HTML."""

    title: str
    before: tuple[str, ...]
    label: str
    description: str
    choices: tuple[Choice, ...]
    several: bool
    hints: tuple[str, ...]
    solution: tuple[str, ...]


def question(node: Node, title: str) -> Question:
    """Reads a question that is in its language. Answers that the platform would shuffle are shuffled once and for all."""
    root = case_xml.tree(node.body, node.path)
    response = next(root.iter("multiplechoiceresponse", "choiceresponse"))
    choices = list(response.iter("choice"))
    if any(one.get("shuffle") == "true" for one in response.iter("choicegroup")):
        places = [at for at, one in enumerate(choices) if one.get("fixed") != "true"]
        drawn = sorted(places, key=lambda at: sheets.lot(node.url_name, str(at)))
        choices = [choices[drawn[places.index(at)]] if at in places else one for at, one in enumerate(choices)]
    solution = response.find("solution")
    inside = {id(one) for one in response.iter()}
    return Question(
        title=title,
        before=tuple(_text(one) for one in root.iter("p") if id(one) not in inside),
        label=_found(response, "label"),
        description=_found(response, "description"),
        choices=tuple(
            Choice(LETTERS[at], _text(one), _found(one, "choicehint"), one.get("correct") == "true")
            for at, one in enumerate(choices)
        ),
        several=response.tag == "choiceresponse",
        hints=tuple(_text(one) for one in root.iter("hint")),
        solution=tuple(_text(one) for one in solution.iter("p")) if solution is not None else (),
    )


def _found(parent: etree._Element, tag: str) -> str:
    element = parent.find(tag)
    return "" if element is None else _text(element)


def _text(element: etree._Element) -> str:
    """The words of an element as HTML: plain, or in the one span that says that they are English."""
    span = element.find("span")
    source = element if span is None else span
    return sheets.marked(" ".join((source.text or "").split()), str(source.get("lang", "")) if span is not None else "")


def page(edition: Edition, lesson: Node, cases: Cases) -> bytes:
    """The lesson's page."""
    made = _Lesson(edition, lesson, cases)
    return sheets.page(edition, lesson.title, made.html())


@dataclass
class _Lesson:
    edition: Edition
    lesson: Node
    cases: Cases

    @property
    def words(self) -> Words:
        return self.edition.words

    def html(self) -> str:
        draft = any(node.draft for node in self.lesson.walk())
        out = [f"<h1>{self.edition.title(self.lesson)}</h1>\n"]
        if self.lesson.minutes:
            out.append(f'<p class="soft">{self.words.html("minutes", n=self.lesson.minutes)}</p>\n')
        out.append(self.edition.machine(draft))
        for unit in self.lesson.children:
            inside = "".join(self.leaf(node) for node in unit.children)
            out.append(f'<section id="{unit.url_name}">\n<h2>{self.edition.title(unit)}</h2>\n{inside}</section>\n')
        answers = "".join(self.answers())
        if answers:
            out.append(
                f'<section class="answers" id="answers-of-{self.lesson.url_name}">\n<h2>{self.words.html("answers")}</h2>\n'
                f"<p>{self.words.html('answers_told')}</p>\n{answers}</section>\n"
            )
        return "".join(out)

    def leaf(self, node: Node) -> str:
        match node.kind:
            case "html":
                return sheets.inner(node.body)
            case "problem":
                return self.question(node)
            case outline_kind if outline_kind == CASE:
                return "".join(self.case(one) for one in self.cases.get(node.url_name, ()))
            case outline_kind if outline_kind == JUDGEMENTS:
                return self.judgements(node)
            case outline_kind if outline_kind == SENTENCE:
                return self.sentence(node.fields.get("begin", ""), node.fields.get("lang", ""))
            case outline_kind if outline_kind == PLAN:
                return self.plan(node)
        return ""

    def sentence(self, begin: str, lang: str) -> str:
        said = sheets.marked(begin, lang if lang != self.edition.lang else "")
        return f'<div class="sentence"><p><b>{said}</b></p>\n{sheets.lines(3, self.words)}</div>\n'

    def plan(self, node: Node) -> str:
        out = []
        for one in plan_lines(node):
            if one.get("begin"):
                out.append(f'<p class="soft">{sheets.marked(one["lesson"], "")}</p>\n')
                out.append(self.sentence(one["begin"], ""))
        return "".join(out)

    def case(self, one: Numbered) -> str:
        links = [f'<a href="{one.script}">{self.words.html("script")}</a>']
        if one.case.documents:
            links.append(f'<a href="{one.papers}">{self.words.html("papers")}</a>')
        return (
            f"<h3>{play.heading(one, self.words)}</h3>\n{self.edition.unreviewed(one.case.review == 'draft')}"
            f"<p>{self.words.html('case_here')}</p>\n"
            f"<p><b>{self.words.html('practise')}</b> {line(one.case.practise)}</p>\n"
            f'<div class="care">{block(one.case.care.text)}</div>\n{sheets.listed(links)}'
        )

    def question(self, node: Node) -> str:
        one = question(node, self.edition.title(node))
        before = "".join(f"<p>{text}</p>\n" for text in one.before)
        help_text = f'<p class="soft">{one.description}</p>\n' if one.description else ""
        many = self.words.html("several_right" if one.several else "one_right")
        choices = "".join(
            f'<li><span class="letter">{choice.letter}</span> {choice.text}</li>\n' for choice in one.choices
        )
        return (
            f'<div class="question" id="{node.url_name}">\n<h3><span class="kind">{self.words.html("question")}</span> '
            f"{one.title}</h3>\n{before}<p>{one.label}</p>\n{help_text}"
            f'<ul class="choices">\n{choices}</ul>\n<p class="soft">{many}</p>\n</div>\n'
        )

    def judgements(self, node: Node) -> str:
        made = judgements.parse(node.body, node.path)[0]
        out = []
        for one in made.each if made else ():
            out.append(f'<div class="question"><p>{sheets.marked(one.claim.body, one.claim.lang)}</p>\n')
            out.append(sheets.listed((self.words.html(key) for key in ("agree", "disagree")), "boxes"))
            out.append(f'<p class="soft">{self.words.html("sure")}</p>\n')
            out.append(sheets.listed((self.words.html(f"sure_{at}") for at in judgements.SURE), "boxes"))
            out.append("</div>\n")
        return "".join(out)

    def answers(self) -> Iterator[str]:
        for node in self.lesson.walk():
            if node.kind == "problem":
                yield self.solved(question(node, self.edition.title(node)), node)
            elif node.kind == JUDGEMENTS and node.fields.get("after"):
                made = judgements.parse(node.body, node.path)[0]
                for one in made.each if made else ():
                    held = self.words.html(f"held_{one.held}")
                    yield f"<h3>{sheets.marked(one.claim.body, one.claim.lang)}</h3>\n"
                    yield f"<p><b>{held}</b> {sheets.marked(one.why.body, one.why.lang)}</p>\n"

    def solved(self, one: Question, node: Node) -> str:
        letters = ", ".join(choice.letter for choice in one.choices if choice.right)
        hints = "".join(f"<p>{self.words.html('hint')}: {text}</p>\n" for text in one.hints)
        rows = "".join(
            f'<li><span class="letter">{choice.letter}</span> {choice.hint}</li>\n'
            for choice in one.choices
            if choice.hint
        )
        told = "".join(f"<p>{text}</p>\n" for text in one.solution)
        return (
            f'<h3><a href="#{node.url_name}">{one.title}</a></h3>\n{hints}'
            f"<p><b>{self.words.html('right', letters=letters)}</b></p>\n"
            f'<ul class="choices">\n{rows}</ul>\n{told}'
        )
