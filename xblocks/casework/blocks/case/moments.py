"""What may be shown of a case while it is played, as JSON for the browser.

Only this module and `debrief.py` decide what leaves the server. Nothing here may read points, roles, reasons, panels or
outcomes, nor tell an indicator from a decoy: a test changes them all and compares the bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from casework import prose
from casework.blocks.case.wire import Names
from casework.scenario import engine
from casework.scenario.engine import MOST_SKIPS, Answer, Play, Skip, Step
from casework.scenario.model import Case, Choose, Document, Ending, Judge, Scene, Spot, Task, Text, Write
from casework.scenario.telling import block, line

Json = dict[str, Any]


def shown(case: Case, play: Play, texts: Iterable[Text]) -> str:
    """The texts whose condition holds now, one after the other."""
    return "".join(block(text) for text in texts if engine.holds(case, play.world, text.when))


def facts_of(case: Case) -> Json:
    """What is said of a case before it starts."""
    return {
        "title": line(case.title),
        "lang": case.lang,
        "minutes": case.minutes,
        "practise": block(case.practise),
        "care": block(case.care.text),
        "help": block(case.help),
        "exit": case.exit,
        "translation": case.translation,
        "review": case.review,
    }


def moment(case: Case, play: Play, names: Names, said: str = "") -> Json:
    """What is due now. `play` has not ended. `said`: what a reviewer said of the last answer to what is asked, as HTML."""
    due = engine.task(case, play)
    if due is None:
        raise ValueError("an ending is shown by the debrief")
    scenes = play.read if play.read and play.read[-1] == play.scene else (*play.read, play.scene)
    return {
        "passages": [_passage(case, play, case.scene[name]) for name in scenes],
        "skips": MOST_SKIPS - play.skips,
        "task": _task(case, play, due, names) | ({"said": said} if isinstance(due, Write) else {}),
    }


def _passage(case: Case, play: Play, scene: Scene) -> Json:
    return {"title": line(scene.title), "html": shown(case, play, scene.texts)}


def _task(case: Case, play: Play, due: Task, names: Names) -> Json:
    out: Json = {"id": names.hidden(due.id), "kind": kind(due), "ask": line(due.ask)}
    if isinstance(due, Choose):
        out["options"] = _options(case, play, due, names)
        out["confidence"] = due.confidence
    elif isinstance(due, Spot):
        out["document"] = names.hidden(due.document)
    elif isinstance(due, Write):
        out["minimum"] = due.minimum
        out["rows"] = [line(row.text) for row in case.rubric[due.rubric].rows]
    else:
        out["claim"], out["news"] = block(due.claim), block(due.news)
    return out


def kind(task: Task) -> str:
    return {Choose: "choose", Spot: "spot", Write: "write", Judge: "judge"}[type(task)]


def _options(case: Case, play: Play, choose: Choose, names: Names) -> list[Json]:
    """Open options, and closed ones with their reason; a closed one without a reason is absent."""
    open_now = {option.id for option in engine.open_options(case, play.world, choose)}
    return [
        {
            "id": names.hidden(option.id),
            "html": line(option.text),
            "closed": None if option.id in open_now else line(option.closed),
        }
        for option in choose.options
        if option.id in open_now or option.closed.body
    ]


def trail(case: Case, play: Play) -> list[str]:
    """One word for each thing done: the kind of its task, or "skip"."""
    return [kind(case.task[step.task]) if step.task else "skip" for step in play.steps]


def last(case: Case, play: Play) -> Json | None:
    """What was done last, and what people did then."""
    if not play.steps:
        return None
    step = play.steps[-1]
    if isinstance(step.move, Skip):
        return _skipped(case, step)
    task = case.task[step.task]
    if not isinstance(task, Choose):
        return None
    option = task.by_id[step.move.option]
    return {"decided": line(option.text), "reply": block(option.reply), "summary": ""}


def _skipped(case: Case, step: Step) -> Json:
    replies = [option for name in step.left if isinstance(task := case.task[name], Choose) for option in task.options]
    reply = "".join(block(option.reply) for option in replies if option.id in step.taken)
    return {"decided": "", "reply": reply, "summary": block(case.scene[step.scene].summary)}


def case_file(case: Case, play: Play, names: Names) -> list[Json]:
    """The documents that scenes have opened, with how many phrases one has marked in each."""
    scenes = {step.scene for step in play.steps} | (play.world.seen - set(play.read))
    earlier = {name for scene in scenes for name in case.scene[scene].opens}
    marked = marked_phrases(case, play)
    return [
        document(case.document[name], marked.get(name, frozenset()), name not in earlier, names)
        for name in engine.opened_documents(case, play)
    ]


def marked_phrases(case: Case, play: Play) -> dict[str, frozenset[str]]:
    """Names of the phrases that were marked, by document."""
    marked: dict[str, frozenset[str]] = {}
    for step in play.steps:
        if isinstance(step.move, Answer) and isinstance(task := case.task[step.task], Spot):
            marked[task.document] = marked.get(task.document, frozenset()) | set(step.move.phrases)
    return marked


def image(document: Document) -> list[str] | None:
    """[address, text alternative] of a document's picture."""
    shown = document.image
    return [shown.address, prose.plain(shown.alternative.body)] if shown else None


def document(document: Document, marked: frozenset[str], new: bool, names: Names) -> Json:
    """A document of the case file, every phrase alike; `marked` are the names of those that the learner has marked."""

    def phrase(name: str, inner: str) -> str:
        seen = ' class="cw-marked"' if name in marked else ""
        return f'<span data-phrase="{names.phrase(document.id, name)}"{seen}>{inner}</span>'

    return {
        "id": names.hidden(document.id),
        "kind": document.kind,
        "title": line(document.title),
        "image": image(document),
        "parts": [{"by": part.by, "html": line(part.text, phrase)} for part in document.parts],
        "marked": len(marked),
        "new": new,
    }


def ending(case: Case, play: Play, one: Ending) -> Json:
    """What became of them; scenes read on the way there stand before it."""
    passages = [_passage(case, play, case.scene[name]) for name in play.read]
    return {"title": line(one.title), "html": shown(case, play, one.texts), "passages": passages}
