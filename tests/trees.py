"""A small repository as inline values: one part, one lesson, one case, two countries. A test changes what it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from cases import WHOLE
from casework.catalogs import Message, merged
from casework.curriculum import build, messages, repository
from casework.curriculum.build import Package, Wanted
from casework.findings import Finding

OUTLINE = """<?xml version="1.0" encoding="utf-8"?>
<course display_name="See the person" short_description="Decisions that protect.">
  <chapter url_name="for-the-operator" display_name="For the operator" visible_to_staff_only="true">
    <sequential url_name="installed" display_name="Installed?">
      <vertical url_name="tick" display_name="Installed?"><html url_name="tick-text" src="course/tick-text.md"/></vertical>
    </sequential>
  </chapter>
  <chapter url_name="identification" display_name="1 Identification">
    <sequential url_name="met" display_name="Met as an offender" minutes="40" format="Lesson">
      <vertical url_name="met-idea" display_name="The idea">
        <html url_name="met-idea-text" src="identification/met-idea-text.md"/>
        <html url_name="met-idea-diagram" src="identification/met-idea-diagram.svg"/>
      </vertical>
      <vertical url_name="met-try" display_name="Try it">
        <problem url_name="met-try-ring" src="identification/met-try-ring.xml"/>
      </vertical>
      <vertical url_name="met-case" display_name="Case">
        <casework-case url_name="small" src="scenarios/small"/>
      </vertical>
      <vertical url_name="met-back" display_name="Look back">
        <html url_name="met-back-text" src="identification/met-back-text.md"/>
        <casework-sentence url_name="met-back-sentence" begin="Before the &quot;word&quot;, I will …"/>
      </vertical>
    </sequential>
  </chapter>
  <chapter url_name="look-back" display_name="Look back">
    <sequential url_name="closing" display_name="Look back">
      <vertical url_name="answers" display_name="Judgements">
        <casework-judgements url_name="sayings" src="opening/sayings.xml"/>
        <casework-judgements url_name="sayings-again" src="opening/sayings.xml" after="sayings"/>
      </vertical>
      <vertical url_name="my-plan-page" display_name="My plan"><casework-plan url_name="my-plan"/></vertical>
    </sequential>
  </chapter>
</course>
"""
IDEA = """Most people are **not** introduced as victims.

## The order decides

- Ask before the charge.
- Read [the guideline](https://example.org/guideline).

{law.principal | Ask the national authority.}

{regional.guideline}

{cautions | No caution was confirmed.}

| Sign | Weight |
|---|---|
| A debt | strong |
"""
BACK = """Finish one sentence.

> Next time I will wait.

{sources}
"""
DIAGRAM = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 340 80">
  <title>One part</title>
  <desc>A box with a question in it.</desc>
  <rect class="box" x="0" y="0" width="300" height="60" rx="8"/>
  <path class="way" d="M10 10 L20 20"/>
  <foreignObject x="10" y="10" width="280" height="40">
    <p xmlns="http://www.w3.org/1999/xhtml" class="small">What was it for?</p>
  </foreignObject>
</svg>
"""
SAYINGS = """<judgements id="sayings">
  <judgement id="gate" course="no" lesson="met">
    <claim>Whoever may leave is not held.</claim> <why>It looks free. A debt holds, too.</why>
  </judgement>
  <judgement id="child" course="yes"><claim>For a child no force is needed.</claim> <why>So it is.</why></judgement>
</judgements>
"""
RING = """<problem display_name="The ring">
  <multiplechoiceresponse>
    <label>A woman is accused of taking a ring.</label>
    <choicegroup type="MultipleChoice">
      <choice correct="false">Charge her<choicehint>Nobody asked her yet.</choicehint></choice>
      <choice correct="true">Ask first<choicehint>The complaint may be the answer.</choicehint></choice>
    </choicegroup>
  </multiplechoiceresponse>
</problem>
"""
REGIONAL = """[[fact]]
name = "regional.guideline"
value = "States agreed on a guideline."
source = "Notice - https://example.org/notice?a=1&b=2 (2025)"
source_date = "2025-05"
confidence = "sourced"
show = "learner"
"""
COUNTRY = """[country]
code = "{code}"
name = "{name}"
languages = ["{code}", "en"]

[[fact]]
name = "law.principal"
value = "The Act of {name}."
source = "Library of {name}"
source_date = "unknown"
confidence = "sourced"
show = "learner"
caution = "Read the newest text."

[[fact]]
name = "law.principal"
value = "An unconfirmed act of {name}."
source = "general knowledge about {name}"
source_date = "unknown"
confidence = "general"
show = "author"

[[fact]]
name = "cautions"
value = "A caution for authors of {name}."
source = "nobody in {name}"
source_date = "unknown"
confidence = "general"
show = "author"
"""

SMALL: Mapping[str, str] = {
    "courses/regional/outline.xml": OUTLINE,
    "courses/regional/regional.toml": REGIONAL,
    "courses/regional/about.md": "## What this is\n\nA course.\n",
    "courses/regional/course/tick-text.md": "If no green tick stands below, install Casework.\n",
    "courses/regional/identification/met-idea-text.md": IDEA,
    "courses/regional/identification/met-back-text.md": BACK,
    "courses/regional/identification/met-try-ring.xml": RING,
    "courses/regional/identification/met-idea-diagram.svg": DIAGRAM,
    "courses/regional/opening/sayings.xml": SAYINGS,
    "courses/countries/th/country.toml": COUNTRY.format(code="th", name="Thailand"),
    "courses/countries/id/country.toml": COUNTRY.format(code="id", name="Indonesia"),
    "scenarios/small/scenario.xml": WHOLE,
    "scenarios/small/review.csv": "hash,reviewer,role,date,verdict\n",
}


def sources(changes: Mapping[str, str | bytes | None] | None = None) -> dict[str, bytes]:
    """The small repository as bytes, with some files put in, changed, or (None) taken out."""
    files: dict[str, str | bytes | None] = {**SMALL, **(changes or {})}
    return {path: text.encode() if isinstance(text, str) else text for path, text in files.items() if text is not None}


def planted(root: Path, changes: Mapping[str, str | bytes | None] | None = None) -> Path:
    """The small repository as files below `root`."""
    for path, data in sources(changes).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def findings(changes: Mapping[str, str | bytes | None] | None = None) -> list[Finding]:
    return list(repository.read(sources(changes)).findings)


def codes(changes: Mapping[str, str | bytes | None] | None = None) -> set[str]:
    return {one.code for one in findings(changes)}


def built(country: str, lang: str, changes: Mapping[str, str | bytes | None] | None = None) -> Package:
    """A package of the small repository, which must have no error."""
    given = sources(changes)
    read = repository.read(given)
    assert [str(one) for one in read.findings if one.is_error] == []
    return build.package(read, given, Wanted(country, lang))


def text(package: Package, path: str) -> str:
    return package.files[path].decode()


# -- translations -----------------------------------------------------------------------------------------------------

_KEPT = re.compile(r"\]\([^)]*\)|\{[^}]*\}|https?://\S+|[0-9.]+")


def pseudo(english: str) -> str:
    """A language of its own letters that keeps marks, links and placeholders: no word of the source is left in it."""
    out, at = [], 0
    for kept in _KEPT.finditer(english):
        out += [_letters(english[at : kept.start()]), kept[0]]
        at = kept.end()
    return "".join([*out, _letters(english[at:])])


def _letters(text: str) -> str:
    return re.sub(r"[A-Za-z]", lambda letter: "กขคงจฉชซญดตถทธนบปผฝพฟภมยรล"[(ord(letter[0].lower()) - 97) % 26], text)


def catalogs(lang: str, said: Mapping[str, str] | None = None, every: bool = False) -> dict[str, bytes]:
    """Catalogs for the small repository. `said` maps English to translation; `every` fills the rest with `pseudo`."""
    given = sources()
    extracted = messages.extracted(repository.read(given), lang, {})
    memory = {one.text: (said or {}).get(one.text, pseudo(one.text) if every else "") for one in extracted}
    out: dict[str, bytes] = {}
    groups: dict[str, list[Message]] = {}
    for one in extracted:
        groups.setdefault(one.catalog, []).append(one)
    for name, group in groups.items():
        out[messages.path_of(lang, name)] = merged(None, group, lang, memory).encode()
    return out
