"""What a group plays from: the script of a case as numbered turns, and its papers to hand out.

Nothing stands here that a learner of the online case would read only after the end: no role, no point, no reason, no panel,
no outcome, and not which phrases are signs.
"""

from __future__ import annotations

from html import escape

from casework.curriculum.edition import sheets
from casework.curriculum.edition.numbers import Numbered, is_always
from casework.curriculum.edition.sheets import Edition
from casework.curriculum.edition.words import Words
from casework.prose import PhraseMark, plain
from casework.scenario.conditions import Effect
from casework.scenario.model import Choose, Document, Ending, Go, Judge, Scene, Spot, Task, Text, Write
from casework.scenario.telling import block, line

_EFFECTS = {"+": "add", "-": "take", "=": "set"}


def heading(numbered: Numbered, words: Words) -> str:
    """The case's title as HTML, with the group's number where there are two of them."""
    kind = words.html("case_of", n=numbered.group) if numbered.group else words.html("case")
    return f'<span class="kind">{kind}</span> {line(numbered.case.title)}'


def named(numbered: Numbered, words: Words) -> str:
    """The case's title as HTML within a line."""
    return line(numbered.case.title) + (f" ({words.html('case_of', n=numbered.group)})" if numbered.group else "")


def title(numbered: Numbered, words: Words) -> str:
    """The case's title as plain text."""
    kind = words.plain("case_of", n=numbered.group) if numbered.group else words.plain("case")
    return f"{plain(numbered.case.title.body)} – {kind}"


def notices(edition: Edition, numbered: Numbered) -> str:
    case = numbered.case
    return edition.machine(case.translation == "machine") + edition.unreviewed(case.review == "draft")


def script(edition: Edition, numbered: Numbered) -> bytes:
    """The whole script, one turn a sheet."""
    words, case = edition.words, numbered.case
    turns: list[Scene | Ending] = [*case.scenes, *case.endings]
    turns.sort(key=lambda one: numbered.turn[one.id])
    body = _cover(edition, numbered) + "".join(
        _scene(one, numbered, words) if isinstance(one, Scene) else _ending(one, numbered, words) for one in turns
    )
    return sheets.page(edition, title(numbered, words), body, "play")


def _cover(edition: Edition, numbered: Numbered) -> str:
    words, case = edition.words, numbered.case
    out = [f"<h1>{heading(numbered, words)}</h1>\n", notices(edition, numbered)]
    if case.minutes:
        out.append(f'<p class="soft">{words.html("minutes", n=case.minutes)}</p>\n')
    out.append(f"<p><b>{words.html('practise')}</b> {line(case.practise)}</p>\n")
    out.append(f'<div class="care">{block(case.care.text)}{block(case.help)}</div>\n')
    out.append(f"<p>{words.html('no_report')}</p>\n")
    out.append(f"<h2>{words.html('how')}</h2>\n")
    out.append(sheets.listed(words.html(f"how_{at}") for at in range(1, 6)))
    links = [
        f'<a href="{numbered.papers}">{words.html("papers")}</a>',
        f'<a href="{numbered.debrief}">{words.html("facilitator")}: {words.html("facilitator_case")}</a>',
    ]
    out.append(sheets.listed(links if case.documents else links[1:]))
    if case.variables:
        out.append(f"<h2>{words.html('tallies')}</h2>\n")
        heads = [words.html(key) for key in ("tally", "start", "least", "most")]
        rows = [[numbered.tally[one.id], str(one.start), str(one.least), str(one.most)] for one in case.variables]
        out.append(sheets.table(heads, rows, "tallies"))
    return "".join(out)


def _turn(kind: str, number: int, name: Text, inside: str, words: Words) -> str:
    return (
        f'<section class="{kind}" id="turn-{number}">\n<h2><span class="kind">{words.html("turn", n=number)}</span> '
        f"{line(name)}</h2>\n{inside}</section>\n"
    )


def _scene(scene: Scene, numbered: Numbered, words: Words) -> str:
    out = [_texts(scene.texts, numbered, words)]
    if scene.opens:
        named = (_paper_link(numbered.case.document[one], numbered, words) for one in scene.opens)
        out.append(f'<div class="handed"><p>{words.html("hand_out")}</p>\n{sheets.listed(named)}</div>\n')
    out += [_task(task, numbered, words) for task in scene.tasks]
    out.append(_ways(scene.goes, numbered, words))
    return _turn("turn", numbered.turn[scene.id], scene.title, "".join(out), words)


def _ending(ending: Ending, numbered: Numbered, words: Words) -> str:
    inside = _texts(ending.texts, numbered, words) + f'<p class="do">{words.html("end")}</p>\n'
    return _turn("turn", numbered.turn[ending.id], ending.title, inside, words)


def _texts(texts: tuple[Text, ...], numbered: Numbered, words: Words) -> str:
    out = []
    for text in texts:
        if is_always(text.when):
            out.append(f'<div class="told">{block(text)}</div>\n')
        else:
            told = numbered.when("only_if", text.when, words)
            out.append(f'<div class="only"><p class="when">{told}</p>{block(text)}</div>\n')
    return "".join(out)


def _paper_link(document: Document, numbered: Numbered, words: Words) -> str:
    number = numbered.paper[document.id]
    name = f"{words.html('paper', n=number)}: {line(document.title)}"
    return f'<a href="{numbered.papers}#paper-{number}">{name}</a>'


def _to(target: str, numbered: Numbered, words: Words) -> str:
    number = numbered.turn[target]
    return f'<a href="#turn-{number}">{words.html("turn_to", n=number)}</a>'


def _ways(goes: tuple[Go, ...], numbered: Numbered, words: Words) -> str:
    if not goes:
        return ""
    if is_always(goes[0].when):
        return f'<p class="do ways">{_to(goes[0].to, numbered, words)}</p>\n'
    rows = []
    for go in goes:
        told = words.html("otherwise") if is_always(go.when) else numbered.when("if", go.when, words)
        rows.append(f'<span class="when">{told}</span> <span class="do">{_to(go.to, numbered, words)}</span>')
    items = "".join(f"<li>{row}</li>\n" for row in rows)
    return f'<p class="soft">{words.html("first_true")}</p>\n<ol class="ways">\n{items}</ol>\n'


# -- tasks ------------------------------------------------------------------------------------------------------------


def _task(task: Task, numbered: Numbered, words: Words) -> str:
    match task:
        case Choose():
            return _framed("decision", _choose(task, numbered, words), words)
        case Spot():
            return _framed("marking", _spot(task, numbered, words), words)
        case Write():
            return _framed("writing", _write(task, numbered, words), words)
        case Judge():
            return _framed("judging", _judge(task, words), words)


def _framed(kind: str, inside: str, words: Words) -> str:
    return f'<div class="task {kind}">\n<h3>{words.html(kind)}</h3>\n{inside}</div>\n'


def _choose(task: Choose, numbered: Numbered, words: Words) -> str:
    letters = numbered.letters(task)
    options, replies = [], []
    for one in task.options:
        letter = f'<span class="letter">{letters[one.id]}</span> '
        closed = ""
        if not is_always(one.when):
            why = f" {words.html('closed')} {line(one.closed)}" if one.closed.body else ""
            closed = f'<p class="when">{numbered.when("open_if", one.when, words)}{why}</p>'
        options.append(f"<li>{letter}<div>{block(one.text)}</div>{closed}</li>\n")
        does = [_effect(effect, numbered, words) for effect in one.effects]
        does.append(_to(one.go, numbered, words) if one.go else words.html("go_below"))
        replies.append(f'<li>{letter}<div>{block(one.reply)}</div><p class="do">{" ".join(does)}</p></li>\n')
    vote = [words.html("vote_sure")] if task.confidence else []
    return (
        f"{block(task.ask)}\n"
        f'<ul class="options">\n{"".join(options)}</ul>\n<p class="soft">{" ".join([*vote, words.html("vote")])}</p>\n'
        f'<h4>{words.html("after_vote")}</h4>\n<ul class="replies">\n{"".join(replies)}</ul>\n'
    )


def _effect(effect: Effect, numbered: Numbered, words: Words) -> str:
    return words.html(_EFFECTS[effect.op], name=numbered.tally[effect.variable], n=effect.number)


def _spot(task: Spot, numbered: Numbered, words: Words) -> str:
    paper = _paper_link(numbered.case.document[task.document], numbered, words)
    return (
        f"{block(task.ask)}\n<p>{paper}</p>\n"
        f'<p>{words.html("marking_told")}</p>\n<p class="soft">{words.html("marking_key")}</p>\n'
    )


def _write(task: Write, numbered: Numbered, words: Words) -> str:
    rows = numbered.case.rubric[task.rubric].rows
    advice = f'<p class="soft">{words.html("words", n=task.minimum)}</p>\n' if task.minimum else ""
    looked = f"<h4>{words.html('looked_for')}</h4>\n" + sheets.listed(line(row.text) for row in rows)
    return f"{block(task.ask)}\n{advice}<p>{words.html('no_report')}</p>\n{looked}{sheets.lines(8, words)}"


def _judge(task: Judge, words: Words) -> str:
    scale = sheets.listed((words.html(f"judge_{value}") for value in (-2, -1, 0, 1, 2)), "boxes")
    return (
        f"<h4>{words.html('claim')}</h4>\n{block(task.claim)}\n<h4>{words.html('news')}</h4>\n{block(task.news)}\n"
        f"{block(task.ask)}\n{scale}"
    )


# -- papers -----------------------------------------------------------------------------------------------------------


def papers(edition: Edition, numbered: Numbered) -> bytes:
    """The documents of a case, one a sheet, as they are handed out."""
    words = edition.words
    body = f"<h1>{heading(numbered, words)}: {words.html('papers')}</h1>\n{notices(edition, numbered)}"
    body += "".join(_paper(one, numbered, words) for one in numbered.case.documents)
    return sheets.page(edition, f"{title(numbered, words)}: {words.plain('papers')}", body, "papers")


def _paper(document: Document, numbered: Numbered, words: Words) -> str:
    number = numbered.paper[document.id]
    phrase = _numbering(numbered.phrase(document.id)) if document.id in numbered.marked else _as_it_is
    kind = f"{words.html('paper', n=number)} · {words.html(f'kind_{document.kind}')}"
    image = ""
    if document.image:
        text = document.image.alternative
        lang = f' lang="{escape(text.lang)}"' if text.lang else ""
        address = escape(document.image.address.removeprefix("/"))
        image = f'<img src="{address}" alt="{escape(plain(text.body))}"{lang}>\n'
    parts = "".join(
        f'<div class="part"><b>{escape(one.by, quote=False)}</b> {line(one.text, phrase)}</div>\n'
        for one in document.parts
    )
    return (
        f'<section class="paper" id="paper-{number}">\n<h2><span class="kind">{kind}</span> {line(document.title)}</h2>\n'
        f"{image}{parts}</section>\n"
    )


def _numbering(numbers: dict[str, int]) -> PhraseMark:
    return lambda name, inner: f'<span class="phrase">{inner}<sup>{numbers[name]}</sup></span>'


def _as_it_is(name: str, inner: str) -> str:
    return inner
