"""The facilitator's part: how to lead a lesson, and of each case what is told only after its end.

Here alone stand roles, points, reasons, panels, outcomes, and which phrases are signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from casework.curriculum.edition import lessons, play, sheets
from casework.curriculum.edition.lessons import Cases
from casework.curriculum.edition.numbers import Numbered
from casework.curriculum.edition.sheets import Edition
from casework.curriculum.edition.words import Words
from casework.curriculum.outline import CASE, SENTENCE, Node
from casework.curriculum.speakers import SOURCE
from casework.scenario.model import Case, Choose, Judge, Opinion, Option, Panel, Scene, Spot, Task, Write
from casework.scenario.telling import block, line


def file(lesson: Node) -> str:
    return f"facilitator-{lesson.url_name}.html"


# -- a lesson ---------------------------------------------------------------------------------------------------------


def lesson_page(edition: Edition, lesson: Node, cases: Cases) -> bytes:
    """How to lead one lesson."""
    words = edition.words
    played = [one for node in lesson.walk() if node.kind == CASE for one in cases.get(node.url_name, ())]
    head = f'<span class="kind">{words.html("facilitator")}</span> {edition.title(lesson)}'
    out = [f"<h1>{head}</h1>\n"]
    if lesson.minutes:
        out.append(f'<p class="soft">{words.html("minutes", n=lesson.minutes)}</p>\n')
    out.append(edition.machine(any(node.draft for node in lesson.walk())))
    out.append(edition.unreviewed(any(one.case.review == "draft" for one in played)))
    out.append(f"<h2>{words.html('prepare')}</h2>\n{sheets.listed(_prepared(edition, lesson, played))}")
    out.append(f'<p><b>{words.html("prepare_care")}</b></p>\n<div class="care"><p>{edition.spoken.handouts}</p>')
    out += [block(one.case.care.text) for one in played if one.group < 2]
    out.append("</div>\n")
    out.append(_timing(edition, lesson, cases))
    asked = list(_questions(edition, lesson, played))
    if asked:
        out.append(f"<h2>{words.html('talk')}</h2>\n{sheets.listed(asked)}")
    return sheets.page(edition, f"{words.plain('facilitator')}: {lesson.title}", "".join(out), "leading")


def _prepared(edition: Edition, lesson: Node, played: list[Numbered]) -> Iterator[str]:
    words = edition.words
    yield f'{words.html("prepare_pages")} <a href="{lessons.file(lesson)}">{edition.title(lesson)}</a>'
    for one in played:
        name = play.named(one, words)
        yield f'{words.html("prepare_script")} <a href="{one.script}">{name}</a>'
        if one.case.documents:
            yield (f'{words.html("prepare_papers")} <a href="{one.papers}">{words.html("papers")}: {name}</a>')
        yield f'<a href="{one.debrief}">{words.html("facilitator_case")}: {name}</a>'
    if played:
        yield words.html("prepare_board")


def _timing(edition: Edition, lesson: Node, cases: Cases) -> str:
    words = edition.words
    shared = shares(lesson, cases)
    if not shared:
        return ""
    rows = [
        [edition.title(unit), str(minutes)] for unit, minutes in zip(lesson.children, shared, strict=True) if minutes
    ]
    heads = [words.html("unit"), words.html("time")]
    return f"<h2>{words.html('timing')}</h2>\n<p>{words.html('timing_told')}</p>\n{sheets.table(heads, rows, 'timing')}"


def shares(lesson: Node, cases: Cases) -> list[int]:
    """The lesson's minutes by unit: a case has its own, the rest goes by the length of what is read. [] without minutes."""
    fixed = [sum(_minutes(node, cases) for node in unit.children) for unit in lesson.children]
    lengths = [sum(_length(node) for node in unit.children) for unit in lesson.children]
    left = lesson.minutes - sum(fixed)
    if not lesson.minutes or left < 0:
        return []
    whole = sum(lengths) or 1
    exact = [left * length / whole for length in lengths]
    given = [int(one) for one in exact]
    for at in sorted(range(len(exact)), key=lambda at: given[at] - exact[at])[: left - sum(given)]:
        given[at] += 1
    return [mine + more for mine, more in zip(fixed, given, strict=True)]


def _minutes(node: Node, cases: Cases) -> int:
    return cases[node.url_name][0].case.minutes if node.kind == CASE and cases.get(node.url_name) else 0


def _length(node: Node) -> int:
    """The letters that somebody reads; 80 more for what somebody writes."""
    if node.kind == CASE:
        return 0
    return len(re.sub(r"<[^>]+>|\s+", "", node.body)) + (80 if node.kind == SENTENCE else 0)


def _questions(edition: Edition, lesson: Node, played: list[Numbered]) -> Iterator[str]:
    """Taken from the course's own texts; nothing is invented here."""
    for one in played:
        if one.group > 1:
            continue
        for task in one.case.task.values():
            if one.case.is_key_decision(task) or isinstance(task, Write):
                yield line(task.ask)
            if isinstance(task, Write):
                yield from (line(row.text) for row in one.case.rubric[task.rubric].rows)
    for node in lesson.walk():
        if node.kind == "problem" and not played:
            yield lessons.question(node, "").label
        elif node.kind == SENTENCE:
            lang = node.fields.get("lang", "")
            yield sheets.marked(node.fields.get("begin", ""), lang if lang != edition.lang else "")


# -- a case -----------------------------------------------------------------------------------------------------------


def debrief(edition: Edition, numbered: Numbered) -> bytes:
    """The key while a case is played, and what is told afterwards."""
    words, case = edition.words, numbered.case
    kind = f"{words.html('facilitator')}: {words.html('facilitator_case')}"
    head = f'<span class="kind">{kind}</span> {play.named(numbered, words)}'
    out = [
        f'<h1>{head}</h1>\n<p class="staff">{words.html("not_before")}</p>\n',
        play.notices(edition, numbered),
        _variant(numbered),
        f'<p><a href="{numbered.script}">{words.html("script")}</a></p>\n',
        _names(numbered, words),
        _key(numbered, words),
        _leaving_out(numbered, words),
        _endings(numbered, words),
    ]
    told = [_told(scene, task, numbered, words) for scene in case.scenes for task in scene.tasks]
    out.append(f'<section class="sheet">\n<h2>{words.html("decisions")}</h2>\n{"".join(told)}</section>\n')
    out.append(f"<h2>{words.html('sources')}</h2>\n{sheets.listed(line(one) for one in case.sources)}")
    name = f"{words.plain('facilitator')}: {play.title(numbered, words)}"
    return sheets.page(edition, name, "".join(out), "leading")


def _variant(numbered: Numbered) -> str:
    return f"<p>{line(numbered.case.variants[numbered.group - 1].title)}</p>\n" if numbered.group else ""


def _names(numbered: Numbered, words: Words) -> str:
    if not numbered.tally:
        return ""
    rows = [[letter, sheets.marked(name, SOURCE)] for name, letter in numbered.tally.items()]
    heads = [words.html("tally"), words.html("stands_for")]
    return f"<h2>{words.html('names')}</h2>\n{sheets.table(heads, rows, 'names')}"


def _key(numbered: Numbered, words: Words) -> str:
    """Signs by number, and what each numbered phrase of a paper is."""
    case = numbered.case
    out = []
    if case.indicators:
        heads = [words.html("signs"), words.html("stands_for")]
        rows = [[words.html("sign", n=numbered.sign[one.id]), line(one.text)] for one in case.indicators]
        out.append(f"<h2>{words.html('signs')}</h2>\n{sheets.table(heads, rows, 'signs')}")
    papers = [one for one in case.documents if one.id in numbered.marked]
    if papers:
        out.append(f"<h2>{words.html('key')}</h2>\n")
    for document in papers:
        numbers = numbered.phrase(document.id)
        rows = [
            [
                str(numbers[one.name]),
                sheets.marked(one.text, ""),
                words.html("sign", n=numbered.sign[one.indicator]) if one.indicator else words.html("ordinary"),
            ]
            for one in document.phrases
        ]
        number = numbered.paper[document.id]
        out.append(f"<h3>{words.html('paper', n=number)}: {line(document.title)}</h3>\n")
        heads = [words.html(key) for key in ("number_phrase", "phrase", "stands_for")]
        out.append(sheets.table(heads, rows, f"key paper-{number}"))
    return "".join(out)


def _leaving_out(numbered: Numbered, words: Words) -> str:
    """Skipping as rules of play 5 have it: the first key answer that is open, else the first open one."""
    rows = []
    for scene in numbered.case.scenes:
        if scene.tasks:
            rows.append([str(numbered.turn[scene.id]), block(scene.summary), _instead(scene, numbered, words)])
    if not rows:
        return ""
    heads = [words.html("number"), words.html("leave_out"), words.html("answer")]
    return (
        f"<h2>{words.html('leave_out')}</h2>\n<p>{words.html('leave_out_told')} {words.html('leave_out_ways')}</p>\n"
        f"{sheets.table(heads, rows, 'leaving')}"
    )


def _instead(scene: Scene, numbered: Numbered, words: Words) -> str:
    orders = []
    for task in scene.tasks:
        if isinstance(task, Choose):
            letters = numbered.letters(task)
            keys = [one for one in task.options if one.role == "key"]
            others = [one for one in task.options if one.role != "key"]
            orders.append(", ".join(letters[one.id] for one in [*keys, *others]))
    return "<br>".join(orders) or "–"


def _endings(numbered: Numbered, words: Words) -> str:
    heads = [words.html("number"), words.html("endings"), words.html("worth")]
    ordered = sorted(numbered.case.endings, key=lambda one: numbered.turn[one.id])
    rows = [[str(numbered.turn[one.id]), line(one.title), words.html(f"outcome_{one.outcome}")] for one in ordered]
    return f"<h2>{words.html('endings')}</h2>\n{sheets.table(heads, rows, 'endings')}"


def _told(scene: Scene, task: Task, numbered: Numbered, words: Words) -> str:
    """One task afterwards."""
    case = numbered.case
    at = f'<span class="kind">{words.html("turn", n=numbered.turn[scene.id])}: {line(scene.title)}</span>'
    panel = _panel(case.panel.get(task.id), task, numbered, words)
    match task:
        case Choose():
            letters = numbered.letters(task)
            inside = "".join(_option(one, letters[one.id], words) for one in task.options)
            return f'<h3>{at} {line(task.ask)}</h3>\n<ul class="replies">\n{inside}</ul>\n{panel}'
        case Spot():
            number = numbered.paper[task.document]
            points = words.html("points", n=task.points)
            return f"<h3>{at} {line(task.ask)}</h3>\n<p>{words.html('paper', n=number)}; {points}</p>\n{panel}"
        case Write():
            return f"<h3>{at} {line(task.ask)}</h3>\n{_practised(task, case, words)}{panel}"
        case Judge():
            return f"<h3>{at} {line(task.claim)}</h3>\n<p>{line(task.news)}</p>\n{panel}"


def _option(one: Option, letter: str, words: Words) -> str:
    counts = words.html(f"role_{one.role}") + (f"; {words.html('points', n=one.points)}" if one.points else "")
    return (
        f'<li><span class="letter">{letter}</span> <div>{block(one.text)}</div><p class="do">{counts}</p>'
        f"{block(one.why)}</li>\n"
    )


def _practised(task: Write, case: Case, words: Words) -> str:
    rows = [
        [
            line(row.text),
            sheets.listed(f"{line(one.text)} ({words.html('points', n=one.points)})" for one in row.levels),
        ]
        for row in case.rubric[task.rubric].rows
    ]
    heads = [words.html("looked_for"), words.html("worth")]
    return f"<h4>{words.html('practised')}</h4>\n{block(task.practised)}\n{sheets.table(heads, rows, 'rubric')}"


def _panel(panel: Panel | None, task: Task, numbered: Numbered, words: Words) -> str:
    if panel is None:
        return ""
    rows = (_opinion(one, task, numbered, words) for one in panel.opinions)
    return f"<h4>{words.html('panel')}</h4>\n{sheets.listed(rows)}"


def _opinion(one: Opinion, task: Task, numbered: Numbered, words: Words) -> str:
    chosen: Iterable[str] = ()
    if isinstance(task, Choose) and one.option:
        chosen = [numbered.letters(task)[one.option]]
    elif one.value is not None:
        chosen = [words.html(f"judge_{one.value}")]
    return f"<b>{sheets.marked(one.by, '')}</b> ({', '.join(chosen)}): {line(one.text)}"
