"""The markup of the block's three views, and of what a reviewer says. Words come in, HTML goes out; no rule and no storage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from casework.blocks.case.reading import Reading
from casework.blocks.words import words
from casework.findings import Finding
from casework.review.api import Overridden
from casework.scenario.model import Case
from casework.scenario.telling import block, line


def player(language: str, notice: str = "") -> str:
    """The empty place that player.js fills. A page without JavaScript says so. `notice` stands above it."""
    said = escape(words(language)["no_script"])
    # Without `.cw`, which names the place that the script fills.
    above = (
        f'<p style="margin:0;padding:16px 20px;background:#ffedb8;color:#1a2530" lang="{escape(language)}">{escape(notice)}</p>'
        if notice
        else ""
    )
    return f'{above}<div class="casework-case cw" lang="{escape(language)}"><noscript><p>{said}</p></noscript></div>'


def public(say: Mapping[str, str], case: Case | None) -> str:
    """What the case is, for whoever has not signed in."""
    if case is None:
        return f'<div class="casework-case cw"><p class="cw-pad">{escape(say["faulty"])}</p></div>'
    told = f"<div><b>{escape(say['practise'])}</b><div class='cw-text'>{block(case.practise)}</div></div>"
    care = f'<div class="cw-note cw-text">{block(case.care.text)}</div>'
    drafts = [(case.translation == "machine", "machine"), (case.review == "draft", "draft")]
    marks = "".join(f'<span class="cw-draft">{escape(say[key])}</span>' for is_so, key in drafts if is_so)
    return (
        f'<div class="casework-case cw" lang="{escape(case.lang)}"><section><header class="cw-head"><h2>{line(case.title)}</h2>'
        f'<p class="cw-row">{marks}</p></header><div class="cw-body"><div class="cw-main">{told}{care}'
        f'<p class="cw-note cw-notice">{escape(say["sign_in"])}</p></div></div></section></div>'
    )


# -- what a reviewer says ---------------------------------------------------------------------------------------------


def said(say: Mapping[str, str], key: str, /, **numbers: int) -> str:
    """A sentence as HTML, its numbers in the digits of the language."""
    digits = str.maketrans("0123456789", say["digits"])
    return escape(say[key].format(**{name: str(number).translate(digits) for name, number in numbers.items()}))


def own(text: str) -> str:
    """What somebody wrote: nothing in it is markup. Of a text that was forgotten nothing is left."""
    return f'<p class="cw-own">{escape(text)}</p>' if text else ""


def soft(sentences: Iterable[str]) -> str:
    """Lines of second text, from sentences that are HTML."""
    return "".join(f'<p class="cw-soft">{one}</p>' for one in sentences)


def changed(
    say: Mapping[str, str], before: int, now: int, maximum: int, levels: int | None, override: Overridden | None
) -> str:
    """What a reviewer changed in the points, and why: `levels` are the points that reviews gave, None without a review."""
    if levels is None and override is None:
        return ""
    lines = [f"<p><b>{said(say, 'points_changed', n=before, m=now, k=maximum)}</b></p>"]
    if levels is not None:
        lines.append(f"<p>{said(say, 'points_levels', n=levels)}</p>")
    if override and override.points is not None:
        lines.append(f"<p>{said(say, 'points_set', n=before, m=override.points)}</p>{own(override.reason)}")
    elif override:
        lines.append(f"<p>{said(say, 'points_taken_back')}</p>{own(override.reason)}")
    return f'<div class="cw-note cw-text">{"".join(lines)}</div>'


def returned(say: Mapping[str, str], answers: Iterable[tuple[str, str]]) -> str:
    """That answers were given back, why, and what to do: (question as HTML, reason)."""
    reasons = "".join(f'<p class="cw-soft">{ask}</p>{own(reason)}' for ask, reason in answers)
    return f"<p><b>{said(say, 'returned_told')}</b></p>{reasons}<p>{said(say, 'returned_do')}</p>"


def earlier(say: Mapping[str, str], given_back: bool, text: str) -> str:
    """What a reviewer wrote on the learner's last answer to a question that is asked again."""
    head = said(say, "returned_before") if given_back else said(say, "reviewed_before")
    return f"<p><b>{head}</b></p>{own(text)}" if text else ""


def author(reading: Reading, possible: int) -> str:
    """What the case is, and every finding."""
    say = words("en")
    head = (
        _summary(reading.case, possible, say)
        if reading.case
        else f"<p><strong>{escape(say['faulty_author'])}</strong></p>"
    )
    return f'<div class="cw-author">{head}{findings(reading, say)}</div>'


def _summary(case: Case, possible: int, say: dict[str, str]) -> str:
    counted = say["author_counts"].format(
        scenes=len(case.scenes), endings=len(case.endings), tasks=len(case.task), points=possible
    )
    lang = escape(case.lang)
    return (
        f'<p lang="{lang}"><strong>{escape(case.title.body)}</strong></p><p class="cw-soft">{escape(counted)}</p>'
        f'<p lang="{lang}">{escape(case.practise.body)}</p>'
        f'<p class="cw-tick">✓ {escape(say["installed"])}</p>'
    )


MOST_FINDINGS = 200
"""Findings that an author is shown at once; a hostile case can have tens of thousands."""


def told(found: Sequence[Finding]) -> list[str]:
    """Findings as lines. Where there are too many, errors come first, and the last line counts the others."""
    if len(found) <= MOST_FINDINGS:
        return [str(one) for one in found]
    first = sorted(found, key=lambda one: not one.is_error)[:MOST_FINDINGS]
    return [*(str(one) for one in first), f"… +{len(found) - MOST_FINDINGS}"]


def findings(reading: Reading, say: dict[str, str]) -> str:
    if not reading.findings:
        return f"<p>{escape(say['no_findings'])}</p>"
    rows = "".join(f"<li>{escape(one)}</li>" for one in told(reading.findings))
    return f"<h3>{escape(say['findings'])}</h3><ul class='cw-findings'>{rows}</ul>"


def studio(content: str, name: str, weight: int | None, max_attempts: int | None, counts: str, reading: Reading) -> str:
    """A form with the case as text. `studio.js` sends it and shows the findings of a refusal."""
    say = words("en")

    def number(field: str, label: str, value: int | None) -> str:
        return (
            f'<label>{escape(label)} <input name="{field}" type="number" min="1" max="1000" '
            f'value="{"" if value is None else value}"></label>'
        )

    chosen = {one: " selected" if one == counts else "" for one in ("best", "latest")}
    return f"""
<form class="cw-studio" data-refused="{escape(say["studio_refused"])}">
  <label>{escape(say["studio_name"])} <input name="display_name" type="text" value="{escape(name)}" required></label>
  <label class="cw-source">{escape(say["studio_content"])}
    <textarea name="content" rows="24" spellcheck="false" autocomplete="off">{escape(content)}</textarea></label>
  <div class="cw-row">
    {number("weight", say["studio_weight"], weight)}
    {number("max_attempts", say["studio_attempts"], max_attempts)}
    <label>{escape(say["studio_counts"])} <select name="counts">
      <option value="best"{chosen["best"]}>{escape(say["studio_best"])}</option>
      <option value="latest"{chosen["latest"]}>{escape(say["studio_latest"])}</option></select></label>
  </div>
  <div class="cw-refusal" role="status" aria-live="polite">{findings(reading, say) if content else ""}</div>
  <div class="cw-buttons"><button class="save-button" type="submit">{escape(say["studio_save"])}</button>
  <button class="cancel-button" type="button">{escape(say["studio_cancel"])}</button></div>
</form>"""
