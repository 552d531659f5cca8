"""An attempt told to a reviewer: the way step by step, the papers with the learner's marks, what the panel said.

Values for the templates, and words through gettext. What a move is worth is `scenario.score`'s; nothing is stored here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from casework.scenario import score, telling
from casework.scenario.engine import Answer, Play, Skip
from casework.scenario.engine import Step as EngineStep
from casework.scenario.model import Case, Choose, Judge, Spot, Task, Text, Write

SURE: tuple[str | Promise, ...] = (gettext_lazy("guessing"), gettext_lazy("fairly sure"), gettext_lazy("certain"))
JUDGED: dict[int, str | Promise] = {
    -2: gettext_lazy("much less likely"),
    -1: gettext_lazy("less likely"),
    0: gettext_lazy("changes nothing"),
    1: gettext_lazy("more likely"),
    2: gettext_lazy("much more likely"),
}


@dataclass(frozen=True)
class Step:
    """One step of the way. `shape` is how it is drawn and never says anything that `notes` does not say in words:
    key, choice, harm, spot, write, judge or skip. `case` words are the case's, `said` the desk's own."""

    shape: str
    scene: SafeString
    ask: SafeString
    case: SafeString
    said: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Paper:
    """A document as the learner left it. Parts are (who or what, what it says with the marks)."""

    title: SafeString
    parts: tuple[tuple[str, SafeString], ...]


@dataclass(frozen=True)
class Voice:
    by: str
    position: SafeString
    html: SafeString


@dataclass(frozen=True)
class Voices:
    """What the panel said on one task."""

    ask: SafeString
    voices: tuple[Voice, ...]


@lru_cache(maxsize=4096)
def inline(text: Text) -> SafeString:
    """A text of the case on one line, safe for templates: `telling` has escaped it. Pages name the same ones again and again."""
    return mark_safe(telling.line(text))


def block(text: Text) -> SafeString:
    return mark_safe(telling.block(text))


def way(case: Case, play: Play) -> tuple[Step, ...]:
    return tuple(_step(case, step) for step in play.steps)


def _step(case: Case, step: EngineStep) -> Step:
    scene = inline(case.scene[step.scene].title)
    if isinstance(step.move, Skip):
        left = len(step.left)
        said = ngettext("%(count)d task left out", "%(count)d tasks left out", left) % {"count": left}
        return Step("skip", scene, SafeString(), SafeString(), _("Skipped this scene"), (said,))
    task = case.task[step.task]
    ask = inline(task.ask)
    if isinstance(task, Choose):
        return _chosen(task, step.move, scene, ask)
    if isinstance(task, Spot):
        return _marked(case, task, step.move, scene, ask)
    if isinstance(task, Write):
        return Step("write", scene, ask, SafeString(), _("Wrote an answer"), ())
    return Step("judge", scene, ask, SafeString(), str(JUDGED[step.move.value or 0]), ())


def _chosen(task: Choose, move: Answer, scene: SafeString, ask: SafeString) -> Step:
    option = task.by_id[move.option]
    shape = {"key": "key", "harmful": "harm"}.get(option.role, "choice")
    notes = [] if move.sure is None else [str(SURE[move.sure])]
    notes += {"key": [_("key")], "harmful": [_("did harm")]}.get(option.role, [])
    return Step(shape, scene, ask, inline(option.text), "", tuple(notes))


def _marked(case: Case, task: Spot, move: Answer, scene: SafeString, ask: SafeString) -> Step:
    counted = score.marks(case, task, move.phrases)
    numbers = {"hits": len(counted.hits), "targets": len(counted.targets)}
    said = _("Marked %(hits)d of %(targets)d") % numbers
    false = len(counted.false)
    notes = (ngettext("%(count)d false mark", "%(count)d false marks", false) % {"count": false},) if false else ()
    return Step("spot", scene, ask, inline(case.document[task.document].title), said, notes)


def papers(case: Case, play: Play) -> tuple[Paper, ...]:
    """Each document that was marked, in the order of the way."""
    return tuple(
        _paper(case, task, step.move)
        for step, task in _answered(case, play)
        if isinstance(task, Spot) and isinstance(step.move, Answer)
    )


def _answered(case: Case, play: Play) -> Iterator[tuple[EngineStep, Task]]:
    return ((step, case.task[step.task]) for step in play.steps if step.task)


def _paper(case: Case, task: Spot, move: Answer) -> Paper:
    document = case.document[task.document]
    indicator = {phrase.name: phrase.indicator for phrase in document.phrases}
    found = score.marks(case, task, move.phrases).hits

    def phrase(name: str, inner: str) -> str:
        words = mark_safe(inner)
        if name in move.phrases:
            kind, said = ("hit", _("marked")) if indicator[name] else ("false", _("false mark"))
            return format_html('<mark class="{}">{}<span class="vh"> ({})</span></mark>', kind, words, said)
        if indicator[name] and indicator[name] not in found:
            return format_html('<span class="missed">{}<span class="vh"> ({})</span></span>', words, _("not marked"))
        return words

    parts = tuple((part.by, mark_safe(telling.line(part.text, phrase))) for part in document.parts)
    return Paper(inline(document.title), parts)


def panel(case: Case, play: Play) -> tuple[Voices, ...]:
    """What the panel said on each task that was answered, in the order of the way, each task once."""
    tasks = {task.id: task for _, task in _answered(case, play) if case.has_panel(task)}
    return tuple(_voices(case, task) for task in tasks.values())


def _voices(case: Case, task: Task) -> Voices:
    voices = []
    for opinion in case.panel[task.id].opinions:
        if isinstance(task, Choose):
            position = inline(task.by_id[opinion.option].text)
        else:
            position = format_html("{}", JUDGED[opinion.value or 0])
        voices.append(Voice(opinion.by, position, inline(opinion.text)))
    return Voices(inline(task.claim if isinstance(task, Judge) else task.ask), tuple(voices))
