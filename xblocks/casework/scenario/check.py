"""Is a case sound? Every reference, every reachable state, and the writer's faults; all findings at once.

Questions about play are asked of the graph in `states.py`: dead options, soft-locks, tasks met twice, harm that was not
mended. Nothing is played here, and nothing printed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from lxml import etree

from casework import prose
from casework.findings import Finding, found, ordered
from casework.scenario import variant, xml
from casework.scenario.conditions import ALWAYS, Compare, Condition, Found, Seen, leaves
from casework.scenario.engine import World
from casework.scenario.model import Case, Choose, Option, Scene, Spot, Task, Text, Variant, Write
from casework.scenario.states import (
    MOST_STATES,
    EmptyCircle,
    Graph,
    Place,
    Read,
    TooEntangled,
    best_points,
    explore,
    read_by,
)

MOST_CHARACTERS = 30_000
LIBRARY = 50_000
"""Characters of one block, as XML, that a content library of the platform keeps: `MAX_TEXT_LENGTH` of openedx-core."""
_AROUND = 500
"""Characters that the block's own element may take of these."""
MOST_WORDS = 110
MOST_VARIANTS = 8


def read(root: etree._Element, path: str = "case") -> tuple[Case | None, list[Finding]]:
    """`xml.read` with every finding, of form and of soundness. What could be read may still be unsound: `is_sound`."""
    case, form = xml.read(root, path)
    return case, _all_found(case, form, path, len(etree.tostring(root, encoding="unicode")))[0]


def parse(source: str | bytes, path: str = "case") -> tuple[Case | None, list[Finding]]:
    """`xml.parse` with every finding, of form and of soundness."""
    case, form = xml.parse(source, path)
    size = len(source) if isinstance(source, str) else len(source.decode("utf-8", "replace"))
    return case, _all_found(case, form, path, size)[0]


def _all_found(case: Case | None, form: list[Finding], path: str, size: int) -> tuple[list[Finding], Graph | None]:
    """What is found of a case beside its form, with its states where they could be explored. `size`: characters of XML."""
    graph, more = _checked(case, path) if case else (None, [])
    limit = LIBRARY - _AROUND
    library = [found("library-size", path, 0, "", count=size, limit=limit)] if size > limit else []
    return [*ordered([*form, *more]), *library], graph


@dataclass(frozen=True)
class Examined:
    """What reading and checking a text has shown. `maximum`: the most points the case can earn, reviews included; 0 where its
    states could not be explored."""

    case: Case | None
    findings: tuple[Finding, ...]
    maximum: int

    @property
    def sound(self) -> Case | None:
        """The case, where it has no error."""
        return self.case if is_sound(self.findings) else None


@lru_cache(maxsize=64)
def examined(content: str) -> Examined:
    """`parse`, with the maximum that was found on the way: exploring a case takes most of the time that checking takes, and a
    block and the review app both ask for it. Kept by the text, since an edit is another text."""
    case, form = xml.parse(content)
    findings, graph = _all_found(case, form, "case", len(content))
    return Examined(case, tuple(findings), best_points(graph) if graph else 0)


def is_sound(findings: Iterable[Finding]) -> bool:
    """Whether nobody need be kept from playing: warnings stop nothing."""
    return not any(one.is_error for one in findings)


def check(case: Case, path: str = "case") -> list[Finding]:
    """Every finding about a case that has been read. References first; play only where they hold."""
    return _checked(case, path)[1]


def _checked(case: Case, path: str) -> tuple[Graph | None, list[Finding]]:
    checker = _Checker(case, path)
    checker.references()
    graph = checker.play() if is_sound(checker.findings) else None
    # What somebody reads is the case in the words of a variant.
    if case.variants and is_sound(checker.findings):
        for one in case.variants:
            checker.spoken(one, variant.resolved(case, one.id))
    else:
        checker.writer()
    return graph, ordered(checker.findings)


@dataclass
class _Checker:
    case: Case
    path: str
    findings: list[Finding] = field(default_factory=list)

    def say(self, code: str, line: int, place: str, /, **values: object) -> None:
        self.findings.append(found(code, self.path, line, place, **values))

    # -- references ---------------------------------------------------------------------------------------------------

    def references(self) -> None:
        self.unique_ids()
        case = self.case
        targets = case.scene.keys() | case.ending.keys()
        if case.start not in case.scene:
            self.say("unknown-reference", case.line, "case", what="scene", name=case.start)
        for scene in case.scenes:
            place = f"scene {scene.id}"
            for name in scene.opens:
                self.known(name, case.document, "document", scene.line, place)
            for go in scene.goes:
                self.known(go.to, targets, "scene or ending", go.line, place)
                self.condition(go.when, go.line, place)
            for text in scene.texts:
                self.condition(text.when, text.line, place)
            for task in scene.tasks:
                self.task(task, f"{place} / {task.id}", targets)
            if not scene.goes and not self.always_leaves(scene):
                self.say("no-way-on", scene.line, place, state="there is no <go>")
        for ending in case.endings:
            for text in ending.texts:
                self.condition(text.when, text.line, f"ending {ending.id}")
        for document in case.documents:
            for phrase in document.phrases:
                if phrase.indicator:
                    self.known(phrase.indicator, case.indicator, "indicator", document.line, f"document {document.id}")
        for panel in case.panels:
            self.panel(panel.task, panel.line)
        self.variants()
        self.used()

    def known(self, name: str, names: Iterable[str], what: str, line: int, place: str) -> None:
        if name not in names:
            self.say("unknown-reference", line, place, what=what, name=name)

    def condition(self, condition: Condition, line: int, place: str) -> None:
        for leaf in leaves(condition):
            if isinstance(leaf, Compare):
                self.known(leaf.variable, self.case.variable, "variable", line, place)
            elif isinstance(leaf, Seen):
                self.known(leaf.scene, self.case.scene, "scene", line, place)
            elif isinstance(leaf, Found):
                self.known(leaf.indicator, self.case.indicator, "indicator", line, place)

    @staticmethod
    def always_leaves(scene: Scene) -> bool:
        last = scene.tasks[-1] if scene.tasks else None
        return isinstance(last, Choose) and all(option.go for option in last.options)

    def unique_ids(self) -> None:
        case = self.case
        seen: dict[str, str] = {}
        for what, line, name in chain(
            (("variable", one.line, one.id) for one in case.variables),
            (("variant", one.line, one.id) for one in case.variants),
            (("document", one.line, one.id) for one in case.documents),
            (("scene", one.line, one.id) for one in case.scenes),
            ((f"scene {scene.id}", task.line, task.id) for scene in case.scenes for task in scene.tasks),
            (("option", one.line, one.id) for one in case.options()),
            (("ending", one.line, one.id) for one in case.endings),
            (("rubric", one.line, one.id) for one in case.rubrics),
        ):
            if name in seen:
                self.say("repeated-id", line, f"{what.split()[0]} {name}", name=name, other=seen[name])
            seen.setdefault(name, what)
        # Task and option dictionaries would hide a second one of the same name: walk the tuples.
        for scene in case.scenes:
            for task in scene.tasks:
                if isinstance(task, Choose) and len(task.by_id) < len(task.options):
                    self.say(
                        "repeated-id", task.line, f"scene {scene.id}", name=task.id, other="an option of the same task"
                    )
        names: set[str] = set()
        for indicator in case.indicators:
            if indicator.id in names:
                self.say("repeated-id", indicator.line, "indicator", name=indicator.id, other="an indicator")
            names.add(indicator.id)

    def task(self, task: Task, place: str, targets: Iterable[str]) -> None:
        case = self.case
        if isinstance(task, Spot):
            self.known(task.document, case.document, "document", task.line, place)
            if task.document in case.document and not case.document[task.document].indicators:
                self.say("unknown-reference", task.line, place, what="indicator in the document", name=task.document)
        elif isinstance(task, Write):
            self.known(task.rubric, case.rubric, "rubric", task.line, place)
        elif isinstance(task, Choose):
            for option in task.options:
                self.option(option, f"{place} / {option.id}", targets)

    def option(self, option: Option, place: str, targets: Iterable[str]) -> None:
        self.condition(option.when, option.line, place)
        if option.go:
            self.known(option.go, targets, "scene or ending", option.line, place)
        for effect in option.effects:
            self.known(effect.variable, self.case.variable, "variable", option.line, place)
        for name in option.mends:
            self.known(name, self.case.harmful, "harmful option", option.line, place)
        if option.role == "harmful" and not option.why.body:
            self.say("no-why", option.line, place)

    def panel(self, name: str, line: int) -> None:
        task = self.case.task.get(name)
        if task is None:
            self.say("unknown-reference", line, "panel", what="task", name=name)
            return
        for opinion in self.case.panel[name].opinions:
            place = f"panel {name} / {opinion.by}"
            if isinstance(task, Choose) and (opinion.option not in task.by_id or opinion.value is not None):
                self.say("wrong-panel", opinion.text.line, place, detail=f"“{opinion.option}” is no option of “{name}”")
            elif not isinstance(task, Choose) and (opinion.value is None or opinion.option):
                self.say("wrong-panel", opinion.text.line, place, detail=f"an opinion on “{name}” needs value=…")

    def variants(self) -> None:
        case = self.case
        words = {name for one in case.variants for name, _ in one.words}
        if len(case.variants) == 1:
            self.say("uneven-variants", case.variants[0].line, "variant", detail="There is one variant; it needs two")
        if len(case.variants) > MOST_VARIANTS:
            detail = f"There are {len(case.variants)} variants; at most {MOST_VARIANTS} are read"
            self.say("uneven-variants", case.variants[0].line, "variant", detail=detail)
            return
        for one in case.variants:
            own = [name for name, _ in one.words]
            grown = variant.growth(one, chain((text.body for text, _ in self.texts()), self.speakers()))
            if grown > xml.LARGEST:  # a word may stand in thousands of places
                detail = f"The words of “{one.id}” would add {grown} characters; at most {xml.LARGEST} are read"
                self.say("uneven-variants", one.line, f"variant {one.id}", detail=detail)
            for name, text in one.words:
                if variant.used(text.body):
                    detail = f"The word “{name}” names another word, which would stay as it is written"
                    self.say("uneven-variants", text.line, f"variant {one.id}", detail=detail)
            for name in sorted({name for name in own if own.count(name) > 1}):
                self.say("repeated-id", one.line, f"variant {one.id}", name=name, other="a word of the same variant")
            for name in sorted(words - set(own)):
                detail = f"The variant “{one.id}” has no word “{name}”"
                self.say("uneven-variants", one.line, f"variant {one.id}", detail=detail)
        for text, place in self.texts():
            for name in sorted(variant.used(text.body) - words):
                self.say("unknown-reference", text.line, place, what="word", name=name)
        for name in sorted(variant.used(" ".join(self.speakers())) - words):
            self.say("unknown-reference", case.line, "by", what="word", name=name)

    def spoken(self, one: Variant, told: Case) -> None:
        """What is wrong with the case in the words of one variant: the writer's faults, and phrases that are others now."""
        for document, said in zip(self.case.documents, told.documents, strict=True):
            if [phrase.name for phrase in document.phrases] != [phrase.name for phrase in said.phrases]:
                detail = f"The words of “{one.id}” change the phrases of “{document.id}”"
                self.say("uneven-variants", one.line, f"variant {one.id}", detail=detail)
        writer = _Checker(told, self.path)
        writer.writer()
        self.findings += writer.findings

    def speakers(self) -> Iterator[str]:
        for document in self.case.documents:
            yield from (part.by for part in document.parts)
        for panel in self.case.panels:
            yield from (opinion.by for opinion in panel.opinions)

    def used(self) -> None:
        case = self.case
        carried = {phrase.indicator for document in case.documents for phrase in document.phrases}
        for indicator in case.indicators:
            if indicator.id not in carried:
                self.say("unused-indicator", indicator.line, f"indicator {indicator.id}")
        read = read_by(
            chain(
                (option.when for option in case.options()),
                (go.when for scene in case.scenes for go in scene.goes),
                (text.when for scene in case.scenes for text in scene.texts),
                (text.when for ending in case.endings for text in ending.texts),
            )
        )
        for variable in case.variables:
            if variable.id not in read.variables:
                self.say("unused-variable", variable.line, f"variable {variable.id}")
        opened = {name for scene in case.scenes for name in scene.opens}
        for document in case.documents:
            if document.id not in opened:
                self.say("unused-document", document.line, f"document {document.id}")
        rubrics = {task.rubric for task in case.task.values() if isinstance(task, Write)}
        for rubric in case.rubrics:
            if rubric.id not in rubrics:
                self.say("unused-rubric", rubric.line, f"rubric {rubric.id}")

    # -- play ---------------------------------------------------------------------------------------------------------

    def play(self) -> Graph | None:
        """Looks through every state, and answers with them; None where there are too many, or none to rest in."""
        try:
            graph = explore(self.case)
        except TooEntangled:
            self.say("too-entangled", self.case.line, "case", limit=MOST_STATES)
            return None
        except EmptyCircle as circle:
            self.say("empty-circle", self.case.line, "case", scenes=circle)
            return None
        if any(position < 0 for _, position in graph.places[:1]):
            self.say("nothing-asked", self.case.line, "case")
        self.reached(graph)
        self.stuck(graph)
        self.again(graph)
        self.unmended(graph)
        return graph

    def reached(self, graph: Graph) -> None:
        for scene in self.case.scenes:
            if scene.id not in graph.visited:
                self.say("unreachable-scene", scene.line, f"scene {scene.id}")
        for ending in self.case.endings:
            if ending.id not in graph.visited:
                self.say("unreachable-ending", ending.line, f"ending {ending.id}")
        for option in self.case.options():
            if option.id not in graph.opened:
                self.say("dead-option", option.line, f"option {option.id}")

    def state(self, graph: Graph, place: Place, world: World) -> str:
        live = graph.live.get(place, Read())
        values = [
            f"{variable.id} = {value}"
            for variable, value in zip(self.case.variables, world.values, strict=True)
            if variable.id in live.variables
        ]
        values += [f"seen({name})" for name in sorted(world.seen & live.scenes)]
        values += [f"found({name})" for name in sorted(world.found & live.indicators)]
        return ", ".join(values) or "whatever was done before"

    def stuck(self, graph: Graph) -> None:
        """One finding a scene: the first state that is stuck there says enough to mend it."""
        told: set[str] = set()
        for name, world in graph.stuck.items():
            scene = self.case.scene[name]
            state = self.state(graph, (name, max(0, len(scene.tasks) - 1)), world)
            self.say("no-way-on", scene.line, f"scene {name}", state=state)
            told.add(name)
        for number in graph.closed:
            name, position = graph.places[number]
            if name not in told:
                told.add(name)
                task = self.case.scene[name].tasks[position]
                state = self.state(graph, graph.places[number], graph.world(number))
                self.say("no-open-option", task.line, f"scene {name} / {task.id}", state=state)
        if graph.stuck:
            return
        for number, best in enumerate(graph.best):
            name = graph.places[number][0]
            if best < 0 and name not in told:
                told.add(name)
                state = self.state(graph, graph.places[number], graph.world(number))
                self.say("no-ending", self.case.scene[name].line, f"scene {name}", state=state)

    def again(self, graph: Graph) -> None:
        scored = {
            (scene.id, position): (scene, task)
            for scene in self.case.scenes
            for position, task in enumerate(scene.tasks)
            if self.case.is_scored(task)
        }
        met = graph.met_again(scored)
        for place, (scene, task) in scored.items():
            if place in met:
                self.say("scored-again", task.line, f"scene {scene.id} / {task.id}")

    def unmended(self, graph: Graph) -> None:
        protective = {one.id for one in self.case.endings if one.outcome == "protective"}
        if not self.case.harmful or protective.isdisjoint(graph.visited):
            return
        menders: dict[str, set[str]] = defaultdict(set)
        for option in self.case.options():
            for name in option.mends:
                menders[name].add(option.id)
        options = {option.id: option for option in self.case.options()}
        carried = graph.carried({harm: frozenset(menders[harm]) for harm in self.case.harmful})
        for ending in protective:
            for harm in carried.get(ending, ()):
                self.say("protected-past-harm", options[harm].line, f"option {harm}", ending=ending)

    # -- the writer ---------------------------------------------------------------------------------------------------

    def writer(self) -> None:
        case = self.case
        self.length()
        self.sentences()
        for scene in case.scenes:
            words = sum(len(prose.plain(text.body).split()) for text in scene.texts if text.when == ALWAYS)
            if case.lang == "en" and words > MOST_WORDS:
                self.say("long-scene", scene.line, f"scene {scene.id}", count=words, limit=MOST_WORDS)
            for task in scene.tasks:
                if isinstance(task, Choose):
                    self.lengths(task, f"scene {scene.id} / {task.id}")
        self.places()
        for document in case.documents:
            for phrase in document.phrases:
                word = re.search(r"indicator|decoy|trafficking", phrase.text, re.IGNORECASE)
                if not phrase.indicator and word:
                    self.say("decoy-tells", document.line, f"document {document.id}", name=phrase.name, word=word[0])
        for text, place in self.texts():
            for kind, match in personal_data(text.body):
                self.say("personal-data", text.line, place, text=match, kind=kind)

    def sentences(self) -> None:
        told = (text.body for text, place in self.texts() if place not in {"help", "source"})
        words = prose.long_at_the_median(told) if self.case.lang == "en" else 0
        if words:
            self.say("long-sentences", self.case.line, "case", words=words, limit=prose.MOST_IN_SENTENCE)

    def length(self) -> None:
        count = sum(
            len(text.body) for text, place in self.texts() if place != "help"
        )  # a builder may have written that
        if self.case.lang == "en" and count > MOST_CHARACTERS:
            self.say("too-long", self.case.line, "case", count=count, limit=MOST_CHARACTERS)

    def lengths(self, task: Choose, place: str) -> None:
        lengths = {option.id: prose.width(option.text.body) for option in task.options}
        least, most = min(lengths.values()), max(lengths.values())
        if least * 3 < most * 2:
            self.say("unequal-options", task.line, place, least=least, most=most)
        key = telling(task, lengths)
        if key:
            self.say("longest-is-key", key.line, f"{place} / {key.id}")
        for option in task.options:
            if list(leaves(option.when)) and not option.closed.body:
                self.say("no-closed", option.line, f"{place} / {option.id}")

    def places(self) -> None:
        keyed = [
            task for task in self.case.task.values()
            if isinstance(task, Choose) and any(option.role == "key" for option in task.options)
        ]  # fmt: skip
        if len(keyed) > 1 and all(task.options[0].role == "key" for task in keyed):
            self.say("key-always-first", keyed[0].line, "case")

    def texts(self) -> Iterator[tuple[Text, str]]:
        """Every text of the case with the words for its place."""
        case = self.case
        yield case.title, "title"
        yield case.practise, "practise"
        yield case.care.text, "care"
        yield case.help, "help"
        for one in case.variants:
            for text in (one.title, *(word for _, word in one.words)):
                yield text, f"variant {one.id}"
        for source in case.sources:
            yield source, "source"
        for indicator in case.indicators:
            yield indicator.text, f"indicator {indicator.id}"
        for document in case.documents:
            yield document.title, f"document {document.id}"
            if document.image:
                yield document.image.alternative, f"document {document.id} / image"
            for part in document.parts:
                yield part.text, f"document {document.id} / {part.by}"
        for scene in case.scenes:
            place = f"scene {scene.id}"
            for text in (scene.title, *scene.texts, scene.summary):
                yield text, place
            for task in scene.tasks:
                for text in _task_texts(task):
                    yield text, f"{place} / {task.id}"
        for ending in case.endings:
            for text in (ending.title, *ending.texts):
                yield text, f"ending {ending.id}"
        for rubric in case.rubrics:
            for row in rubric.rows:
                for text in (row.text, *(level.text for level in row.levels)):
                    yield text, f"rubric {rubric.id} / {row.id}"
        for panel in case.panels:
            for opinion in panel.opinions:
                yield opinion.text, f"panel {panel.task} / {opinion.by}"


def _task_texts(task: Task) -> Iterator[Text]:
    yield task.ask
    if isinstance(task, Choose):
        for option in task.options:
            yield from (option.text, option.reply, option.why, option.closed)
    elif isinstance(task, Write):
        yield task.practised
    elif not isinstance(task, Spot):
        yield from (task.claim, task.news)


_DIGIT = "0-9๐-๙០-៩໐-໙၀-၉"
PERSONAL_DATA: Mapping[str, str] = {
    "e-mail address": r"(?:^|[^A-Za-z0-9._+-])([A-Za-z0-9._+-]+@[A-Za-z0-9-]+[.][A-Za-z0-9.-]+)",
    "telephone number": rf"(?:^|[^A-Za-z{_DIGIT}-])(?![{_DIGIT}]{{4}}-[{_DIGIT}]{{2}}-[{_DIGIT}]{{2}}(?![{_DIGIT}])"
    rf"|[{_DIGIT}]{{2}}-[{_DIGIT}]{{2}}-[{_DIGIT}]{{4}}(?![{_DIGIT}]))"
    rf"([+]?[{_DIGIT}][{_DIGIT} ()-]{{7,40}}[{_DIGIT}])(?![A-Za-z{_DIGIT}-])",
    "passport number": rf"(?:^|[^A-Za-z0-9])([A-Z]{{1,2}}[{_DIGIT}]{{6,8}})(?![A-Za-z0-9])",
}
"""Patterns of what must not be written; what they find is their group 1. They catch common forms only, and say so where they
are used. The browser warns by the same ones before anything is sent, so they are written for Python and JavaScript alike:
no look-behind, which old telephones lack, and no \\w or \\b, which differ outside of English."""


_TELLING = re.compile(f"[@{_DIGIT}]")
"""What each of these patterns needs; most texts hold neither."""


def telling(task: Choose, lengths: Mapping[str, int]) -> Option | None:
    """The key option where it is longer than all others, which a guesser would take; None else. `lengths` by option."""
    longest = [option for option in task.options if lengths[option.id] == max(lengths.values())]
    return longest[0] if len(longest) == 1 and longest[0].role == "key" else None


def personal_data(text: str) -> Iterator[tuple[str, str]]:
    """(kind, what was found) for each pattern that looks like data of a real person."""
    if not _TELLING.search(text):
        return
    for kind, pattern in PERSONAL_DATA.items():
        for match in re.finditer(pattern, text):
            yield kind, match[1]
