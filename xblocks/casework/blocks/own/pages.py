"""The markup of the learner's own blocks. Words and values come in, HTML goes out; no storage and no rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from casework.judgements import SURE, Answer, Answers, Judgement, Judgements, Text, figures

Words = Mapping[str, str]


def _root(kind: str, lang: str, inner: str) -> str:
    return (
        f'<div class="casework-own cw cw-{kind}" lang="{escape(lang)}">{inner}<p class="cw-sr" role="status"></p></div>'
    )


def note(words: str) -> str:
    return f'<p class="cw-note">{escape(words)}</p>'


def _no_script(words: Words) -> str:
    return f"<noscript>{note(words['own_no_script'])}</noscript>"


def digits(words: Words, number: int) -> str:
    """A whole number in the digits of the language."""
    return "".join(words["digits"][int(one)] for one in str(number))


def _jump(name: str, inner: str) -> str:
    return f'<a href="/jump_to_id/{escape(name)}" target="_parent">{inner}</a>'


# -- one sentence -----------------------------------------------------------------------------------------------------


def sentence(words: Words, lang: str, begin: str, text: str, plan: str, stored: bool) -> str:
    """A form with the beginning of the sentence as its label."""
    link = _jump(plan, escape(words["my_plan"])) if plan else ""
    button = (
        f'<p class="cw-row"><button class="cw-go" type="submit">{escape(words["plan_keep"])}</button>{link}</p>'
        if stored
        else note(words["own_not_stored"])
    )
    form = (
        f'<form class="cw-card cw-plan"><label class="cw-ask"><span>{escape(begin)}</span>'
        f'<textarea name="text" rows="3" maxlength="2000">{escape(text)}</textarea></label>'
        f'<p class="cw-soft">{escape(words["sentence_told"])}</p><p class="cw-hint"></p>{button}</form>'
    )
    return _root("sentence", lang, _no_script(words) + form)


# -- my plan ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One place where a plan can be kept. `text` and `at` (ISO) are empty where none is; `due`: older than two weeks."""

    name: str
    lesson: str
    begin: str
    case: str
    text: str
    at: str
    due: bool


def plan(words: Words, lang: str, entries: Sequence[Entry], stored: bool) -> str:
    """What is kept, by lesson; below it, and not on paper, where nothing is written yet."""
    if not stored:
        return _root("plans", lang, note(words["own_not_stored"]))
    kept = [one for one in entries if one.text]
    parts = [_no_script(words)]
    if kept:
        count = words["plan_count"].format(n=digits(words, len(kept)))
        parts.append(
            f'<p class="cw-row"><span class="cw-soft">{escape(count)}</span>'
            f'<button class="cw-quiet" type="button" data-print>{escape(words["print"])}</button></p>'
        )
    else:
        parts.append(note(words["plan_none"]))
    for lesson, group in groupby(kept, key=lambda one: one.lesson):
        title = lesson or words["plan_elsewhere"]
        parts.append(f"<section><h3>{escape(title)}</h3>{''.join(_kept(words, one) for one in group)}</section>")
    parts.append(_open(words, entries))
    return _root("plans", lang, "".join(parts))


def _kept(words: Words, one: Entry) -> str:
    begin = one.begin or words["plan"]
    case = f"<small>{escape(one.case)}</small>" if one.case else ""
    back = f'<p class="cw-notice">{escape(words["plan_back"])}</p>' if one.due else ""
    date = escape(words["plan_kept_on"]).replace(
        "{date}", f'<time datetime="{escape(one.at)}">{escape(one.at[:10])}</time>'
    )
    return (
        f'<article class="cw-card">{case}<p class="cw-begin">{_jump(one.name, escape(begin))}</p>'
        f'<p class="cw-own">{escape(one.text)}</p><p class="cw-soft">{date}</p>{back}</article>'
    )


def _open(words: Words, entries: Iterable[Entry]) -> str:
    """Where nothing is written yet, a line for each lesson: its sentence, and its case."""
    rows = [one for one in entries if not one.text and one.lesson]
    if not rows:
        return ""

    def line(lesson: str, group: Sequence[Entry]) -> str:
        sentence = next((one.name for one in group if not one.case), "")
        cases = [_jump(one.name, escape(one.case)) for one in group if one.case]
        return " · ".join([_jump(sentence, escape(lesson)) if sentence else escape(lesson), *cases])

    lines = "".join(
        f"<li>{line(lesson, list(group))}</li>" for lesson, group in groupby(rows, key=lambda one: one.lesson)
    )
    title = words["plan_open"].format(n=digits(words, len(rows)))
    return f'<details class="cw-fold cw-open"><summary>{escape(title)}</summary><ul>{lines}</ul></details>'


# -- judgements -------------------------------------------------------------------------------------------------------


def judgements(lang: str, inner: str) -> str:
    """The block around one of the following."""
    return _root("judgements", lang, f'<div class="cw-inner">{inner}</div>')


def _said(text: Text, tag: str, look: str) -> str:
    lang = f' lang="{escape(text.lang)}"' if text.lang else ""
    return f'<{tag} class="{look}"{lang}>{escape(text.body)}</{tag}>'


def _drafted(words: Words, made: Judgements) -> str:
    return f'<p><span class="cw-draft">{escape(words["machine"])}</span></p>' if made.translation == "machine" else ""


def questions(words: Words, made: Judgements, stored: bool) -> str:
    """The form: each sentence, whether one agrees, and how sure."""
    total = digits(words, len(made.each))
    each = "".join(_question(words, one, digits(words, at), total) for at, one in enumerate(made.each, 1))
    button = (
        f'<p class="cw-hint"></p><p class="cw-row"><button class="cw-go" type="submit">{escape(words["judge_keep"])}</button></p>'
        if stored
        else note(words["own_not_stored"])
    )
    return f'{_drafted(words, made)}{_no_script(words)}<form class="cw-judging">{each}{button}</form>'


def _question(words: Words, one: Judgement, number: str, total: str) -> str:
    name = escape(one.id)
    agree = _radios(f"agree-{name}", [("true", words["agree"]), ("false", words["disagree"])])
    sure = _radios(f"sure-{name}", [(str(at), words[f"sure_{at}"]) for at in SURE])
    count = escape(words["of"].format(n=number, m=total))
    return (
        f'<fieldset class="cw-card" data-judgement="{name}"><legend><small>{count}</small>{_said(one.claim, "span", "cw-claim")}'
        f'</legend><div class="cw-choice cw-two-of">{agree}</div>'
        f'<div role="group" aria-label="{escape(words["sure"])}"><small>{escape(words["sure"])}</small>'
        f'<div class="cw-choice">{sure}</div></div></fieldset>'
    )


def _radios(name: str, values: Iterable[tuple[str, str]]) -> str:
    return "".join(
        f'<label><input type="radio" name="{name}" value="{value}"><span>{escape(words)}</span></label>'
        for value, words in values
    )


def answered(words: Words, made: Judgements, mine: Answers) -> str:
    """What was answered, and nothing more: the reasons come at the end of the course."""
    rows = "".join(
        f'<article class="cw-card">{_said(one.claim, "p", "cw-claim")}'
        f'<p class="cw-soft">{escape(_answer(words, mine.get(one.id)))}</p></article>'
        for one in made.each
    )
    title = escape(words["judge_mine"])
    return (
        f'<p class="cw-note cw-done" tabindex="-1">{escape(words["judge_kept"])}</p>'
        f'<details class="cw-fold"><summary>{title}</summary>{rows}</details>'
    )


def compared(words: Words, made: Judgements, before: Answers, now: Answers) -> str:
    """Both sets of answers side by side, then what the course holds."""
    told = figures(made, before, now)

    def figure(key: str, count: int, of: int) -> str:
        value = words["of"].format(n=digits(words, count), m=digits(words, of))
        return f"<div><dt>{escape(words[key])}</dt><dd>{escape(value)}</dd></div>"

    moved = (
        figure("judge_changed", told.changed, told.both)
        + figure("judge_certain", told.changed_from_certain, told.changed)
        if told.both
        else ""
    )
    head = "" if told.both else note(words["judge_no_before"])
    rows = "".join(_compared(words, one, before.get(one.id), now.get(one.id)) for one in made.each)
    return (
        f'<div class="cw-done" tabindex="-1">{_drafted(words, made)}{head}'
        f'<dl class="cw-facts">{moved}{figure("judge_differ", told.differ, told.held)}</dl></div>{rows}'
    )


def _compared(words: Words, one: Judgement, before: Answer | None, now: Answer | None) -> str:
    def cell(key: str, answer: Answer | None) -> str:
        return f"<div><dt>{escape(words[key])}</dt><dd>{escape(_answer(words, answer))}</dd></div>"

    lesson = (
        f'<p class="cw-soft">{escape(words["judge_lesson"])} {_jump(one.lesson, escape(one.title))}</p>'
        if one.lesson and one.title
        else ""
    )
    first = cell("judge_before", before) if before else ""
    return (
        f'<article class="cw-card">{_said(one.claim, "h3", "cw-claim")}<dl class="cw-pair">{first}{cell("judge_now", now)}</dl>'
        f'<div class="cw-why"><p><b>{escape(words[f"held_{one.held}"])}</b></p>{_said(one.why, "p", "")}{lesson}</div></article>'
    )


def _answer(words: Words, answer: Answer | None) -> str:
    if answer is None:
        return "–"
    return f"{words['agree' if answer.agree else 'disagree']} · {words[f'sure_{answer.sure}']}"


def authored(words: Words, made: Judgements | None, findings: Sequence[str]) -> str:
    """For an author: the list with what the course holds, and every finding."""
    return "".join(_authored(words, made, findings))


def _authored(words: Words, made: Judgements | None, findings: Sequence[str]) -> Iterator[str]:
    if made is None:
        yield note(words["judge_faulty"])
    else:
        yield _drafted(words, made)
        for one in made.each:
            yield (
                f'<article class="cw-card">{_said(one.claim, "h3", "cw-claim")}<p><b>{escape(words[f"held_{one.held}"])}</b></p>'
                f"{_said(one.why, 'p', '')}</article>"
            )
    if findings:
        yield f'<ul class="cw-findings" lang="en">{"".join(f"<li>{escape(one)}</li>" for one in findings)}</ul>'
