"""A case: what it is. Frozen values only; reading is `xml.py`, soundness `check.py`, play `engine.py`, points `score.py`.

Shapes follow the XML one to one. Every value that came from a place in a file carries its `line`, which takes no part
in equality: two cases that say the same are equal, wherever they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from casework.prose import Phrase, phrases
from casework.scenario.conditions import ALWAYS, Condition, Effect

ROLES = ("key", "ok", "weak", "harmful")
OUTCOMES = ("protective", "partly", "harmful")
STRENGTHS = ("strong", "medium", "weak")
DOCUMENT_KINDS = ("conversation", "record", "thread", "list", "image")
JUDGEMENTS = (-2, -1, 0, 1, 2)
SURENESS = (0, 1, 2)
"""0 guessing, 1 fairly sure, 2 certain."""


@dataclass(frozen=True)
class Text:
    """Markdown. `lang` is set where the text is in another language than its case (not translated yet)."""

    body: str
    lang: str = ""
    when: Condition = ALWAYS
    line: int = field(default=0, compare=False)


NO_TEXT = Text("")


@dataclass(frozen=True)
class Variable:
    id: str
    least: int
    most: int
    start: int
    line: int = field(default=0, compare=False)

    def clamped(self, value: int) -> int:
        return max(self.least, min(self.most, value))


@dataclass(frozen=True)
class Indicator:
    """A sign that may point at trafficking. `origin`: whose list names it (`own`, `ilo`); `strength` is for authors."""

    id: str
    origin: str
    strength: str
    text: Text
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Part:
    """One line of a document: who speaks or what the row is called, and what it says."""

    by: str
    text: Text


@dataclass(frozen=True)
class Image:
    """The picture of an `image` document: its address below `/static/`, and in words what it shows."""

    address: str
    alternative: Text


@dataclass(frozen=True)
class Document:
    """A paper of the case file. `image` is set for the kind of that name, and for no other."""

    id: str
    kind: str
    title: Text
    parts: tuple[Part, ...]
    image: Image | None = None
    line: int = field(default=0, compare=False)

    @cached_property
    def phrases(self) -> tuple[Phrase, ...]:
        return tuple(phrase for part in self.parts for phrase in phrases(part.text.body))

    @cached_property
    def indicators(self) -> frozenset[str]:
        """The indicators that some phrase of this document carries."""
        return frozenset(phrase.indicator for phrase in self.phrases if phrase.indicator)


@dataclass(frozen=True)
class Option:
    id: str
    role: str
    text: Text
    reply: Text
    why: Text = NO_TEXT
    closed: Text = NO_TEXT
    points: int = 0
    when: Condition = ALWAYS
    effects: tuple[Effect, ...] = ()
    go: str = ""
    mends: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Choose:
    id: str
    ask: Text
    options: tuple[Option, ...]
    confidence: bool = False
    line: int = field(default=0, compare=False)

    @cached_property
    def by_id(self) -> dict[str, Option]:
        return {option.id: option for option in self.options}


@dataclass(frozen=True)
class Spot:
    id: str
    ask: Text
    document: str
    points: int
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Write:
    """`minimum` is a number of words that advises and never refuses."""

    id: str
    ask: Text
    rubric: str
    practised: Text
    minimum: int = 0
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Judge:
    """How a piece of news changes a claim, from -2 (much less likely) to +2 (much more). No points."""

    id: str
    claim: Text
    news: Text
    ask: Text
    line: int = field(default=0, compare=False)


Task = Choose | Spot | Write | Judge


@dataclass(frozen=True)
class Go:
    to: str
    when: Condition = ALWAYS
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Scene:
    id: str
    title: Text
    texts: tuple[Text, ...]
    opens: tuple[str, ...]
    summary: Text
    tasks: tuple[Task, ...]
    goes: tuple[Go, ...]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Ending:
    id: str
    outcome: str
    title: Text
    texts: tuple[Text, ...]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Level:
    points: int
    text: Text


@dataclass(frozen=True)
class Row:
    id: str
    text: Text
    levels: tuple[Level, ...]

    @property
    def most(self) -> int:
        return max(level.points for level in self.levels)


@dataclass(frozen=True)
class Rubric:
    id: str
    rows: tuple[Row, ...]
    line: int = field(default=0, compare=False)

    @property
    def most(self) -> int:
        return sum(row.most for row in self.rows)


@dataclass(frozen=True)
class Opinion:
    """One voice of the panel. Exactly one of `option` (a choose) and `value` (a judge) is set."""

    by: str
    text: Text
    option: str = ""
    value: int | None = None


@dataclass(frozen=True)
class Panel:
    task: str
    opinions: tuple[Opinion, ...]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Care:
    themes: tuple[str, ...]
    text: Text


@dataclass(frozen=True)
class Variant:
    """The same facts with another person: what each word stands for. `title` says who, and is told after the end alone."""

    id: str
    title: Text
    words: tuple[tuple[str, Text], ...]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Case:
    """A whole case. `translation` and `review` are written by the builder: "machine", "draft" or "". `lookahead`: whether moments
    may travel before their turn comes.

    With variants its texts hold places such as `{name}`: nobody plays it as it stands, but `variant.resolved` of it.
    """

    id: str
    lang: str
    start: str
    title: Text
    practise: Text
    care: Care
    sources: tuple[Text, ...]
    variables: tuple[Variable, ...]
    indicators: tuple[Indicator, ...]
    documents: tuple[Document, ...]
    scenes: tuple[Scene, ...]
    endings: tuple[Ending, ...]
    rubrics: tuple[Rubric, ...]
    panels: tuple[Panel, ...]
    minutes: int = 0
    help: Text = NO_TEXT
    exit: str = ""
    lookahead: bool = True
    variants: tuple[Variant, ...] = ()
    translation: str = ""
    review: str = ""
    line: int = field(default=0, compare=False)

    @cached_property
    def variable(self) -> dict[str, Variable]:
        return {one.id: one for one in self.variables}

    @cached_property
    def indicator(self) -> dict[str, Indicator]:
        return {one.id: one for one in self.indicators}

    @cached_property
    def document(self) -> dict[str, Document]:
        return {one.id: one for one in self.documents}

    @cached_property
    def scene(self) -> dict[str, Scene]:
        return {one.id: one for one in self.scenes}

    @cached_property
    def ending(self) -> dict[str, Ending]:
        return {one.id: one for one in self.endings}

    @cached_property
    def rubric(self) -> dict[str, Rubric]:
        return {one.id: one for one in self.rubrics}

    @cached_property
    def panel(self) -> dict[str, Panel]:
        """Panels by the task they speak about."""
        return {one.task: one for one in self.panels}

    @cached_property
    def task(self) -> dict[str, Task]:
        return {task.id: task for scene in self.scenes for task in scene.tasks}

    @cached_property
    def harmful(self) -> frozenset[str]:
        """Ids of the harmful options."""
        return frozenset(option.id for option in self.options() if option.role == "harmful")

    def options(self) -> Iterator[Option]:
        for task in self.task.values():
            if isinstance(task, Choose):
                yield from task.options

    def has_panel(self, task: Task) -> bool:
        return task.id in self.panel

    def is_key_decision(self, task: Task) -> bool:
        """A key decision is a `choose` with a panel (rules of play 7)."""
        return isinstance(task, Choose) and self.has_panel(task)

    def is_scored(self, task: Task) -> bool:
        """Answered once, and earns points or stands for review (rules of play 3)."""
        if isinstance(task, Choose):
            return any(option.points for option in task.options)
        return True
