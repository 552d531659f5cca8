"""What is told after an ending, as JSON for the browser: consequence first, then figures, the way, and the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape

from casework import prose
from casework.blocks import words
from casework.blocks.case import drawing, pages
from casework.blocks.case.moments import Json, ending, image, kind, marked_phrases
from casework.review.api import Said
from casework.scenario import engine, score
from casework.scenario.engine import Answer, Play, Skip, Step
from casework.scenario.model import Case, Choose, Document, Judge, Option, Spot, Write
from casework.scenario.telling import block, line


@dataclass(frozen=True)
class Side:
    """A finished attempt of a case with variants: the case as it was told, and the play."""

    case: Case
    play: Play
    variant: str


@dataclass(frozen=True)
class Told:
    """What stands outside the case and the log: the words written, by task, and what reviewers have said of this attempt and
    of those before it, each with its case; the gradebook; the first attempt in each variant."""

    words: Mapping[str, str] = field(default_factory=dict)
    said: Said | None = None
    earlier: Sequence[tuple[Case, Said]] = ()
    grade: tuple[int, int] | None = None
    again: bool = True
    sides: tuple[Side, ...] = ()


def debrief(case: Case, play: Play, maximum: int, told: Told) -> Json:
    """The whole debrief of an attempt that has ended."""
    end = engine.ending(case, play)
    if end is None:
        raise ValueError("this attempt has not ended")
    tally, back = _tally(case, play, maximum, told.said)
    say = words.words(case.lang)
    figures = score.figures(case, play)
    answers = [(step, step.move) for step in play.steps if isinstance(step.move, Answer)]
    way, digits = drawing.drawn(case, play), say["digits"]
    other = told.again and len(told.sides) < len(case.variants)
    return {
        "ending": ending(case, play, end),
        "figures": {
            "points": tally.points,
            "maximum": tally.maximum,
            "waiting": tally.waiting,
            "skipped": tally.skipped,
            "key_taken": figures.key_taken,
            "key_met": figures.key_met,
            "found": figures.found,
            "findable": figures.findable,
            "false": figures.false,
            "harmful": figures.harmful,
        },
        "way": [_step(case, step) for step in play.steps],
        "map": {"wide": drawing.svg(way, digits, upright=False), "upright": drawing.svg(way, digits, upright=True)},
        "decisions": [
            _decision(case, task, move)
            for _, move in answers
            if isinstance(task := case.task[move.task], Choose) and _is_told(case, task, move)
        ],
        "documents": [
            _document(case, case.document[name], marked) for name, marked in marked_phrases(case, play).items()
        ],
        "writing": [
            _writing(case, task, told.words.get(task.id), told.said)
            for _, move in answers
            if isinstance(task := case.task[move.task], Write)
        ],
        "judgements": [
            _judgement(case, task, move) for _, move in answers if isinstance(task := case.task[move.task], Judge)
        ],
        "earlier": [_earlier(say, one, said) for one, said in reversed(told.earlier)],
        "counted": _counted(say, tally, back, told),
        "grade": {"earned": told.grade[0], "possible": told.grade[1]} if told.grade else None,
        "again": told.again,
        "next": _next(say, case, told.said, other),
        "other": other,
        "compared": _compared(told.sides) if len(told.sides) == len(case.variants) > 0 else None,
    }


def without_reasons(told: Json, note: str) -> Json:
    """A debrief whose explanations are not shown now, with the note that says so: what was done and what it earned stays."""
    note = f"<p>{escape(note)}</p>"
    writing = [{**one, "practised": note} for one in told["writing"]]
    judgements = [{**one, "opinions": []} for one in told["judgements"]]
    return told | {
        "decisions": [], "documents": [], "writing": writing, "judgements": judgements, "earlier": [],
        "compared": None, "counted": note + told["counted"],
    }  # fmt: skip


def without_points(case: Case, play: Play, told: Json, note: str) -> Json:
    """A debrief of which points and all that would tell them are not shown now: how it ended, the own way without a judgement,
    and what is to be done. What a reviewer has said is held back with them."""
    way = replace(drawing.drawn(case, play), harm=(False,) * len(play.steps))
    digits = words.words(case.lang)["digits"]
    steps = [
        {"scene": one["scene"], "kind": one["kind"], "label": one["label"], "sure": one["sure"],
         "tags": [tag for tag in one["tags"] if tag == "skipped"]}
        for one in told["way"]
    ]  # fmt: skip
    figures = dict.fromkeys(told["figures"], 0) | {"harmful": "–"}
    return told | {
        "figures": figures, "way": steps, "decisions": [], "documents": [], "writing": [], "judgements": [], "earlier": [],
        "map": {"wide": drawing.svg(way, digits, upright=False), "upright": drawing.svg(way, digits, upright=True)},
        "counted": f"<p>{escape(note)}</p>", "grade": None, "compared": None, "other": False,
    }  # fmt: skip


def _tally(case: Case, play: Play, maximum: int, said: Said | None) -> tuple[score.Tally, int]:
    """(the points as they stand now, the most that answers given back can still earn): these wait for nobody but the learner."""
    if said is None:
        return score.tally(case, play, maximum), 0
    tally = score.tally(case, play, maximum, {task: one.levels for task, one in said.reviews.items()})
    back = sum(score.most_of(case, case.task[name]) for name in said.returned if name not in said.reviews)
    return replace(tally, machine=said.counted, waiting=tally.waiting - back), back


def _counted(say: Mapping[str, str], tally: score.Tally, back: int, told: Told) -> str:
    """What stands beside the points, as HTML: what a reviewer changed and why, what is left out, the gradebook."""
    out: list[str] = []
    if tally.waiting:
        out.append(pages.said(say, "points_waiting", n=tally.waiting))
    if back:
        out.append(pages.said(say, "points_returned", n=back))
    if tally.skipped:
        out.append(pages.said(say, "points_skipped", n=tally.skipped))
    if told.grade:
        out.append(pages.said(say, "grade", n=told.grade[0], m=told.grade[1]))
        if told.said and told.said.reviews:
            out.append(pages.said(say, "grade_waited"))
    return _changed(say, told.said) + pages.soft(out)


def _changed(say: Mapping[str, str], said: Said | None) -> str:
    if said is None:
        return ""
    levels = said.levels if said.reviews else None
    return pages.changed(say, said.machine, said.counted + said.levels, said.maximum, levels, said.override)


def _next(say: Mapping[str, str], case: Case, said: Said | None, other: bool) -> Json | None:
    """What there is to do before anything else, and the words of its button; `first`: it stands above what became of them."""
    if said and said.returned:
        answers = [(line(case.task[name].ask), one.reason) for name, one in said.returned.items() if name in case.task]
        return {"html": pages.returned(say, answers), "press": say["again"], "first": True}
    if other:
        return {"html": f"<p>{pages.said(say, 'other_told')}</p>", "press": say["other"], "first": False}
    return None


def _earlier(say: Mapping[str, str], case: Case, said: Said) -> Json:
    """An earlier attempt of which a reviewer has said something: that, and the answers it was said of."""
    tasks: Iterable[Write] = (task for name in said.texts if isinstance(task := case.task.get(name), Write))
    return {
        "number": said.number,
        "at": said.finished.isoformat(),
        "changed": _changed(say, said),
        "writing": [_writing(case, task, said.texts[task.id], said) for task in tasks],
    }


def _compared(sides: Sequence[Side]) -> Json:
    """The same decisions with each person, side by side: what was decided, "" where it was not met."""
    answers = [{step.task: step.move for step in side.play.steps if isinstance(step.move, Answer)} for side in sides]
    rows = []
    for name in dict.fromkeys(name for side in sides for name in side.case.task):
        asked = [(side.case, task) for side in sides if isinstance(task := side.case.task.get(name), Choose)]
        if not asked or not asked[0][0].is_key_decision(asked[0][1]) or not any(name in one for one in answers):
            continue
        cells = [_cell(side.case, one.get(name)) for side, one in zip(sides, answers, strict=True)]
        # A question that names the person is asked in the words of each.
        asks = dict.fromkeys(line(task.ask) for _, task in asked)
        rows.append({"ask": " / ".join(asks), "cells": cells})
    titles = [next((line(one.title) for one in side.case.variants if one.id == side.variant), "") for side in sides]
    endings = [line(side.case.ending[side.play.ending].title) for side in sides]
    return {"titles": titles, "endings": endings, "rows": rows}


def _cell(case: Case, move: Answer | None) -> Json:
    task = case.task[move.task] if move else None
    if move is None or not isinstance(task, Choose):
        return {"html": "", "sure": None, "tags": []}
    option = task.by_id[move.option]
    return {"html": line(option.text), "sure": move.sure, "tags": _tags(case, task, option)}


def _step(case: Case, step: Step) -> Json:
    scene = line(case.scene[step.scene].title)
    if isinstance(step.move, Skip):
        summary = line(case.scene[step.scene].summary)
        return {"scene": scene, "kind": "skip", "label": summary, "sure": None, "tags": ["skipped"]}
    task = case.task[step.task]
    out: Json = {"scene": scene, "kind": kind(task), "label": line(task.ask), "sure": step.move.sure, "tags": []}
    if isinstance(task, Choose):
        option = task.by_id[step.move.option]
        out["label"] = line(option.text)
        out["tags"] = _tags(case, task, option)
    elif isinstance(task, Spot):
        counted = score.marks(case, task, step.move.phrases)
        out["hits"], out["targets"], out["false"] = len(counted.hits), len(counted.targets), len(counted.false)
    return out


def _tags(case: Case, task: Choose, option: Option) -> list[str]:
    tags = ["key"] if case.is_key_decision(task) and option.role == "key" else []
    return [*tags, "harm"] if option.role == "harmful" else tags


def _is_told(case: Case, task: Choose, move: Answer) -> bool:
    """Key decisions always, others where their option has a reason to tell."""
    return case.is_key_decision(task) or bool(task.by_id[move.option].why.body)


def _decision(case: Case, task: Choose, move: Answer) -> Json:
    mine = task.by_id[move.option]
    key = case.is_key_decision(task)
    opinions = case.panel[task.id].opinions if key else ()
    others = [option for option in task.options if option.role == "key" and option is not mine and option.why.body]
    return {
        "ask": line(task.ask),
        "sure": move.sure,
        "tags": _tags(case, task, mine),
        "key": key,
        "options": [
            {
                "html": line(option.text),
                "mine": option is mine,
                "by": [opinion.by for opinion in opinions if opinion.option == option.id],
            }
            for option in (task.options if key else (mine,))
        ],
        "why": block(mine.why),
        "others": [{"html": line(option.text), "why": block(option.why)} for option in others],
        "opinions": [{"by": opinion.by, "html": line(opinion.text)} for opinion in opinions],
    }


def _document(case: Case, document: Document, marked: frozenset[str]) -> Json:
    indicators = {phrase.name: phrase.indicator for phrase in document.phrases}
    hit = {indicators[name] for name in marked}

    def phrase(name: str, inner: str) -> str:
        indicator = indicators[name]
        if not indicator:
            return f'<span class="alarm">{inner}</span>' if name in marked else inner
        if name in marked:
            return f'<span class="hit">{inner}</span>'
        if indicator in hit:
            return inner
        label = escape(prose.plain(case.indicator[indicator].text.body))
        return f'<span class="missed">{inner}</span> <span class="cw-tag miss">{label}</span>'

    return {
        "title": line(document.title),
        "kind": document.kind,
        "image": image(document),
        "parts": [{"by": part.by, "html": line(part.text, phrase)} for part in document.parts],
    }


def _writing(case: Case, task: Write, text: str | None, said: Said | None) -> Json:
    review = said.reviews.get(task.id) if said else None
    back = said.returned.get(task.id) if said else None
    return {
        "ask": line(task.ask),
        "text": text or None,
        "practised": block(task.practised),
        "rows": [
            {
                "text": line(row.text),
                "levels": [line(level.text) for level in row.levels],
                "given": _given(row.levels, review.levels.get(row.id)) if review else None,
            }
            for row in case.rubric[task.rubric].rows
        ],
        "comment": review.comment if review else "",
        "reviewed": review.at.isoformat() if review else "",
        "returned": {"reason": back.reason, "at": back.at.isoformat()} if back else None,
        "state": "returned" if back else "reviewed" if review else "waiting",
    }


def _given(levels: tuple[object, ...], points: int | None) -> int | None:
    """The number of the level that was given, from its points."""
    for number, level in enumerate(levels):
        if getattr(level, "points", None) == points:
            return number
    return None


def _judgement(case: Case, task: Judge, move: Answer) -> Json:
    panel = case.panel.get(task.id)
    return {
        "claim": block(task.claim),
        "news": block(task.news),
        "ask": line(task.ask),
        "value": move.value,
        "opinions": [
            {"by": opinion.by, "value": opinion.value, "html": line(opinion.text)}
            for opinion in (panel.opinions if panel else ())
        ],
    }
