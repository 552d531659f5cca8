"""Facts about a country and the region: reading `country.toml` and `regional.toml`, and what a learner sees of them.

A fact has value, source, source_date, confidence and show. One with `show = "author"` never becomes a `Fact` that a page
could meet: `Facts.shown` is the only door to a page, and lets learners' values through alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape

from casework.findings import Finding, found

UNKNOWN = "unknown"
LEARNER = "learner"
CONFIDENCE = ("sourced", "general")
SHOW = (LEARNER, "author")
REQUIRED = ("name", "value", "source", "source_date", "confidence", "show")
OPTIONAL = (
    "caution",
    "note",
    "operator",
    "purpose",
    "hours",
    "for_whom",
    "hours_languages",
    "verify",
    "confirmed_by",
    "confirmed_on",
)
CONFIRMED = ("confirmed_by", "confirmed_on")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?|unknown")
_NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Fact:
    """One value of a named fact. `source_date` dates the source (YYYY, YYYY-MM, YYYY-MM-DD or `unknown`), not the truth.

    `confirmed_by` and `confirmed_on` name who has confirmed it, and the day (YYYY-MM-DD); a release asks that of helplines.
    """

    name: str
    value: str
    source: str
    source_date: str
    confidence: str
    show: str
    caution: str = ""
    operator: str = ""
    hours: str = ""
    for_whom: str = ""
    confirmed_by: str = ""
    confirmed_on: str = ""
    path: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Facts:
    """All values by name, in the order of their files."""

    values: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def shown(self, name: str) -> tuple[Fact, ...]:
        """What a page may show under this name: learners' values, and only those."""
        return tuple(fact for fact in self.values.get(name, ()) if fact.show == LEARNER)

    def omitted(self) -> tuple[Fact, ...]:
        return tuple(fact for facts in self.values.values() for fact in facts if fact.show != LEARNER)

    def __or__(self, other: Facts) -> Facts:
        return Facts({**self.values, **other.values})


@dataclass(frozen=True)
class Country:
    """What a country's `country.toml` says of the country itself; `languages` are those its packages are built in."""

    code: str
    name: str
    languages: tuple[str, ...]


def read(data: bytes, path: str) -> tuple[Facts, Country | None, list[Finding]]:
    """Facts and the `[country]` table (None in `regional.toml`) with every fault of form."""
    try:
        text = data.decode("utf-8")
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        return Facts(), None, [found("not-utf8", path, 0, detail=f"byte {error.start}")]
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"line (\d+)", str(error))
        return Facts(), None, [found("bad-toml", path, int(line[1]) if line else 0, detail=str(error)[:120])]
    findings = [
        found("bad-toml", path, 0, detail=f"unknown table “{key}”") for key in table if key not in {"country", "fact"}
    ]
    country, faults = _country(table.get("country"), path)
    findings += faults
    rows = table.get("fact", [])
    if not isinstance(rows, list):
        return Facts(), country, [*findings, found("bad-toml", path, 0, detail="facts are written [[fact]]")]
    lines = [number for number, row in enumerate(text.splitlines(), 1) if row.strip() == "[[fact]]"]
    values: dict[str, list[Fact]] = {}
    for number, row in enumerate(rows):
        line_of = lines[number] if number < len(lines) else 0
        fact, faults = _fact(row, path, line_of)
        findings += faults
        if fact:
            values.setdefault(fact.name, []).append(fact)
    return Facts({name: tuple(facts) for name, facts in values.items()}), country, findings


def _country(table: object, path: str) -> tuple[Country | None, list[Finding]]:
    if table is None:
        return None, []
    if isinstance(table, dict) and set(table) == {"code", "name", "languages"}:
        code, name, languages = table["code"], table["name"], table["languages"]
        if (
            isinstance(code, str) and re.fullmatch(r"[a-z]{2}", code) and isinstance(name, str) and name.strip()
            and isinstance(languages, list) and languages and all(isinstance(one, str) for one in languages)
        ):  # fmt: skip
            return Country(code, name, tuple(languages)), []
    return None, [found("bad-toml", path, 0, detail="[country] holds code, name and languages, and nothing else")]


def _fact(row: object, path: str, line: int) -> tuple[Fact | None, list[Finding]]:
    if not isinstance(row, dict):
        return None, [found("bad-toml", path, line, detail="a fact is a table")]
    name = str(row.get("name", ""))
    faults = [f"“{key}” is not known" for key in row if key not in (*REQUIRED, *OPTIONAL)]
    faults += [f"“{key}” is missing" for key in REQUIRED if not str(row.get(key, "")).strip()]
    faults += [f"“{key}” is not a text" for key, value in row.items() if not isinstance(value, str)]
    if name and not _NAME.fullmatch(name):
        faults.append("a name has small letters, digits, _ and dots")
    if not _DATE.fullmatch(str(row.get("source_date", UNKNOWN))):
        faults.append("source_date is YYYY, YYYY-MM, YYYY-MM-DD or unknown")
    if row.get("confidence", "sourced") not in CONFIDENCE:
        faults.append("confidence is " + " or ".join(CONFIDENCE))
    if row.get("show", LEARNER) not in SHOW:
        faults.append("show is " + " or ".join(SHOW))
    if row.get("show") == LEARNER and row.get("confidence") == "general":
        faults.append("what is only general knowledge is for authors")
    if any(key in row for key in CONFIRMED) and not (
        str(row.get("confirmed_by", "")).strip() and _DAY.fullmatch(str(row.get("confirmed_on", "")))
    ):
        faults.append("who has confirmed it is told by confirmed_by, a name, and confirmed_on, YYYY-MM-DD")
    if faults:
        return None, [found("bad-fact", path, line, name=name, detail=detail) for detail in faults]
    kept = {
        key: str(row[key]) for key in (*REQUIRED, "caution", "operator", "hours", "for_whom", *CONFIRMED) if key in row
    }
    return Fact(**kept, path=path, line=line), []


# -- what is seen -----------------------------------------------------------------------------------------------------

Word = Callable[[str], str]
"""A word of the builder (`source`, `caution`, `undated`, …) as HTML in the page's language."""
Value = Callable[[Fact, str], str]
"""The HTML of a fact's `value`, `caution`, `operator`, `hours` or `for_whom`, in an element with its own language where it
is not translated."""


def box(facts: Iterable[Fact], value: Value, word: Word, lang: str) -> str:
    """The ruled box of a fact's values. Each has its source and that source's date, in small, and its caution beside it."""
    out = ['<div class="cw-fact">\n']
    for fact in facts:
        out.append(f'<div class="cw-fact-value"><p>{value(fact, "value")}</p>\n')
        details = [
            f"{word(role)}: {value(fact, role)}" for role in ("operator", "hours", "for_whom") if getattr(fact, role)
        ]
        if details:
            out.append(f'<p class="cw-fact-more">{"; ".join(details)}</p>\n')
        if fact.caution:
            out.append(f'<p class="cw-fact-caution"><strong>{word("caution")}:</strong> {value(fact, "caution")}</p>\n')
        out.append(f'<p class="cw-fact-source">{word("source")}: {source(fact, word, lang)}</p></div>\n')
    return "".join([*out, "</div>\n"])


def sources(facts: Iterable[Fact], word: Word, lang: str) -> str:
    """The list of these facts' sources with their dates, each once; nothing where there are none."""
    rows = list(dict.fromkeys(source(fact, word, lang) for fact in facts))
    if not rows:
        return ""
    items = "".join(f"<li>{row}</li>\n" for row in rows)
    return f'<div class="cw-sources">\n<p><strong>{word("sources")}</strong></p>\n<ul>\n{items}</ul>\n</div>\n'


def source(fact: Fact, word: Word, lang: str) -> str:
    """A source as it is cited, with links that say where they lead, and its date in words."""
    dated = word("undated") if fact.source_date == UNKNOWN else f"{word('dated')}: {fact.source_date}"
    return f"{_english(linked(fact.source), lang)} · {dated}"


def linked(text: str) -> str:
    """Plain text as HTML with its addresses as links; a link is named by its host, which screen readers can read."""
    out, at = [], 0
    for match in _LINK.finditer(text):
        address = match[0].rstrip(".,;:)…")
        out.append(escape(text[at : match.start()], quote=False))
        host = address.split("/")[2].removeprefix("www.")
        out.append(f'<a href="{escape(address)}" rel="noopener noreferrer" target="_blank">{escape(host)}</a>')
        at = match.start() + len(address)
    return "".join([*out, escape(text[at:], quote=False)])


def _english(html: str, lang: str) -> str:
    return html if lang == "en" else f'<span lang="en">{html}</span>'
