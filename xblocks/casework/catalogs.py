"""gettext catalogs: what a message is, reading, merging and writing `.po` text, and which messages a person reviewed.

Which texts become messages is decided elsewhere (`curriculum/localise.py`, `blocks/words.py`). Everything here works on
text and values; files are read and written by whoever calls.

A message is named by its context and its English text, never by its position: a paragraph put in before it changes
nothing. Only texts that are translated and not fuzzy count; all others are answered with None, and stay English.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import PurePosixPath

import polib

from casework.findings import Finding, found

PLURALS = {"pt": "nplurals=2; plural=(n != 1);", "tet": "nplurals=2; plural=(n != 1);"}
ONE_FORM = "nplurals=1; plural=0;"
"""Thai, Indonesian, Vietnamese, Khmer, Lao, Burmese, Malay and Chinese have one form; we write no plurals at all."""

REVIEW_HEADER = ("catalog", "context", "hash", "reviewer", "role", "date", "verdict")
CASE_REVIEW_HEADER = ("hash", "reviewer", "role", "date", "verdict")
APPROVED = "approved"
FUZZY = "fuzzy"
CHANGED = 0.6
"""How alike (0 to 1) two texts of one context are at least, so that one may have been changed into the other."""

_LINE = re.compile(r'#.*|((msgctxt|msgid|msgid_plural|msgstr(\[\d+\])?)\s*)?"[^"\\]*(?:\\.[^"\\]*)*"|')

Key = tuple[str, str]
"""(context, English text): what names a message."""


@dataclass(frozen=True)
class Message:
    """One text to translate. `catalog` is the path of its catalog below `locale/<lang>/`, without `.po`.

    `comment` tells a translator who speaks and in which role; `path` names the source file.
    """

    catalog: str
    context: str
    text: str
    comment: str = ""
    path: str = ""
    line: int = field(default=0, compare=False)

    @property
    def key(self) -> Key:
        return self.context, self.text


@dataclass(frozen=True)
class Entry:
    """What a catalog says to one message; `line` is where, in the `.po` file."""

    translation: str
    line: int


@dataclass(frozen=True)
class Catalog:
    """A catalog that was read: translated, unfuzzy entries only."""

    path: str
    entries: Mapping[Key, Entry] = field(default_factory=dict)

    def get(self, message: Message) -> str | None:
        entry = self.entries.get(message.key)
        return entry.translation if entry else None


def read(text: str | bytes, path: str, gone: bool = False) -> tuple[Catalog, list[Finding]]:
    """A catalog from `.po` text. A broken or ambiguous one yields no entries and says why.

    With `gone`, translations whose message is no longer asked are in it too, where no living one says otherwise.
    """
    catalog, findings = _read(text, path, gone)
    return catalog, list(findings)


@lru_cache(maxsize=64)
def _read(text: str | bytes, path: str, gone: bool) -> tuple[Catalog, tuple[Finding, ...]]:
    """Kept: a language is checked, and then spoken in one package after the other."""
    po, findings = _parse(text, path)
    entries: dict[Key, Entry] = {}
    for entry in po or ():
        if entry.obsolete or not is_whole(entry):
            continue
        key = key_of(entry)
        if key in entries:
            detail = f"“{entry.msgid[:40]}” stands twice under {key[0]}"
            findings.append(found("bad-catalog", path, entry.linenum or 0, detail=detail))
        entries[key] = Entry(entry.msgstr, entry.linenum or 0)
    for entry in po or () if gone else ():
        if entry.obsolete and is_whole(entry):
            entries.setdefault(key_of(entry), Entry(entry.msgstr, entry.linenum or 0))
    return Catalog(path, {} if findings else entries), tuple(findings)


def key_of(entry: polib.POEntry) -> Key:
    return entry.msgctxt or "", entry.msgid


def is_whole(entry: polib.POEntry) -> bool:
    """Translated, and nobody is in doubt about it."""
    return not entry.fuzzy and bool(entry.msgstr.strip())


@dataclass(frozen=True)
class Said:
    """What a catalog says to a message, in doubt (`fuzzy`) or not; "" where it says nothing yet."""

    translation: str
    fuzzy: bool


def said(text: str | bytes, path: str) -> dict[Key, Said]:
    """Every message of a catalog with what is said to it, doubtful ones too. Nothing of a broken catalog."""
    po, _ = _parse(text, path)
    return {key_of(one): Said(one.msgstr, one.fuzzy) for one in po or () if not one.obsolete}


def drafts(text: str | bytes, path: str) -> dict[Key, str]:
    """The fuzzy translations of a catalog: suggestions, which never count."""
    return {key: one.translation for key, one in said(text, path).items() if one.fuzzy and one.translation.strip()}


def changed(text: str | bytes, new: Mapping[Key, Said]) -> str:
    """The catalog with these translations put in, and nothing else of it changed. Raises ValueError on a broken one."""
    po, findings = _parse(text, "the catalog")
    if po is None:
        raise ValueError(findings[0].message)
    for entry in po:
        one = None if entry.obsolete else new.get(key_of(entry))
        if one is None:
            continue
        entry.msgstr = one.translation
        entry.flags = [flag for flag in entry.flags if flag != FUZZY] + [FUZZY] * one.fuzzy
        if not one.fuzzy:
            entry.previous_msgctxt = entry.previous_msgid = None
    return str(po).rstrip("\n") + "\n"


def _parse(text: str | bytes, path: str) -> tuple[polib.POFile | None, list[Finding]]:
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            return None, [found("not-utf8", path, 0, detail=f"byte {error.start}")]
    if not text.strip():
        return None, [found("bad-catalog", path, 0, detail="it is empty")]
    if "\0" in text:
        return None, [found("bad-catalog", path, 0, detail="it holds a NUL byte")]
    # polib is lenient: it would cut the last letter off a text whose quotation mark is missing.
    for number, row in enumerate(text.splitlines(), 1):
        if not _LINE.fullmatch(row.strip()):
            return None, [found("bad-catalog", path, number, detail=f"“{row.strip()[:60]}” is no line of a catalog")]
    # polib takes a name that exists as a file; a text of several lines never does, one line might.
    try:
        return polib.pofile(text + "\n\n", encoding="utf-8", wrapwidth=0), []
    except (OSError, ValueError, IndexError, AttributeError, UnicodeError) as error:
        line = re.search(r"line (\d+)", str(error))
        detail = (str(error).splitlines() or ["syntax error"])[0][:120]
        return None, [found("bad-catalog", path, int(line[1]) if line else 0, detail=detail)]


def header(lang: str) -> dict[str, str]:
    """No dates and no names: the same messages give the same bytes."""
    return {
        "Project-Id-Version": "casework",
        "Language": lang,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS.get(lang, ONE_FORM),
    }


Alike = Callable[[str], str | None]
"""English text -> the most alike text of the memory, or None where none is alike enough."""


def merged(
    old: str | bytes | None,
    messages: Iterable[Message],
    lang: str,
    memory: Mapping[str, str],
    alike: Alike = lambda _: None,
) -> str:
    """`.po` text with exactly `messages`, in their order; what `old` said to them is kept, comments and flags too.

    A message without a translation is filled from `memory` (English text -> translation) where it holds the very text;
    else, fuzzy, with what its context said before the text was changed, or with what `alike` finds. A whole translation
    is never changed. Translations whose message is gone are kept at the end as obsolete. Raises ValueError when `old`
    cannot be read: nothing is lost in silence.
    """
    before = polib.POFile()
    if old is not None:
        parsed, findings = _parse(old, "the catalog")
        if parsed is None:
            raise ValueError(findings[0].message)
        before = parsed
    # Living entries last: they win over what has gone.
    known = {key_of(entry): entry for entry in sorted(before, key=lambda one: not one.obsolete)}
    groups = _grouped(messages)
    after = polib.POFile(wrapwidth=0)
    after.metadata = header(lang)
    after.header = before.header
    for key, group in groups.items():
        entry = polib.POEntry(
            msgctxt=key[0] or None,
            msgid=key[1],
            comment=group[0].comment,
            occurrences=[(path, "") for path in sorted({one.path for one in group if one.path})],
        )
        kept = known.get(key)
        if kept:
            entry.msgstr, entry.tcomment, entry.flags = kept.msgstr, kept.tcomment, kept.flags
            entry.previous_msgctxt, entry.previous_msgid = kept.previous_msgctxt, kept.previous_msgid
        after.append(entry)
    empty = [entry for entry in after if not entry.msgstr.strip()]
    left = [entry for key, entry in known.items() if key not in groups and entry.msgstr.strip()]
    _fill(empty, [entry for entry in left if not entry.obsolete], memory, alike)
    for entry in left:
        entry.obsolete = True
        entry.occurrences = []
        after.append(entry)
    return str(after).rstrip("\n") + "\n"


def _fill(empty: list[polib.POEntry], left: list[polib.POEntry], memory: Mapping[str, str], alike: Alike) -> None:
    """Fills entries without a translation. `left` are those whose message has gone just now."""
    for entry in empty:
        entry.msgstr = memory.get(entry.msgid, "")
        # Whatever was said in doubt of an empty entry is not said of the text that comes.
        entry.flags = [flag for flag in entry.flags if flag != FUZZY]
        entry.previous_msgctxt = entry.previous_msgid = None
    unknown = [entry for entry in empty if not entry.msgstr]
    for entry, former in _changed(unknown, left):
        _suggest(
            entry, former.msgstr, former.previous_msgid if former.fuzzy and former.previous_msgid else former.msgid
        )
    for entry in unknown:
        text = None if entry.msgstr else alike(entry.msgid)
        if text is not None:
            _suggest(entry, memory[text], text)


def _suggest(entry: polib.POEntry, translation: str, of: str) -> None:
    entry.msgstr, entry.previous_msgid = translation, of
    entry.flags = [*entry.flags, FUZZY]


def _changed(unknown: list[polib.POEntry], left: list[polib.POEntry]) -> Iterator[tuple[polib.POEntry, polib.POEntry]]:
    """New entries with the old ones whose text was changed into theirs. A context of one text has changed it, however
    much; of several texts in one context (the paragraphs of a page) those belong together that are most alike."""
    contexts: dict[str, tuple[list[polib.POEntry], list[polib.POEntry]]] = {}
    for side, entries in enumerate((unknown, left)):
        for entry in entries:
            contexts.setdefault(entry.msgctxt or "", ([], []))[side].append(entry)
    for news, olds in contexts.values():
        if len(news) == len(olds) == 1:
            yield news[0], olds[0]
            continue
        ratios = [
            (-SequenceMatcher(None, old.msgid, new.msgid, autojunk=False).ratio(), at, was)
            for at, new in enumerate(news)
            for was, old in enumerate(olds)
        ]
        taken: tuple[set[int], set[int]] = (set(), set())
        for ratio, at, was in sorted(ratios):
            if -ratio >= CHANGED and at not in taken[0] and was not in taken[1]:
                taken[0].add(at)
                taken[1].add(was)
                yield news[at], olds[was]


def _grouped(messages: Iterable[Message]) -> dict[Key, list[Message]]:
    groups: dict[Key, list[Message]] = {}
    for message in messages:
        groups.setdefault(message.key, []).append(message)
    return groups


def memory_of(catalogs: Iterable[Catalog]) -> dict[str, str]:
    """English text -> translation, for texts that every catalog translates in one way. Where they differ, context counts."""
    said: dict[str, set[str]] = {}
    for catalog in catalogs:
        for (_, text), entry in catalog.entries.items():
            said.setdefault(text, set()).add(entry.translation)
    return {text: next(iter(ways)) for text, ways in said.items() if len(ways) == 1}


# -- review -----------------------------------------------------------------------------------------------------------


def fingerprint(message: Message, translation: str) -> str:
    """Names exactly this translation of exactly this text; an edit of either voids a review."""
    parts = "\0".join((message.context, message.text, translation))
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def reviewed(text: str | bytes, path: str, columns: tuple[str, ...]) -> tuple[frozenset[str], list[Finding]]:
    """The hashes that a person approved, from a `review.csv` with these columns. The newest verdict of a hash counts."""
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            return frozenset(), [found("not-utf8", path, 0, detail=f"byte {error.start}")]
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if not rows or tuple(rows[0]) != columns:
        return frozenset(), [found("bad-review", path, 1, detail="the first line is " + ",".join(columns))]
    findings = []
    verdicts: dict[str, str] = {}
    for number, row in enumerate(rows[1:], 2):
        if not row:
            continue
        if len(row) != len(columns):
            findings.append(found("bad-review", path, number, detail=f"{len(row)} columns, not {len(columns)}"))
            continue
        values = dict(zip(columns, row, strict=True))
        if not values["reviewer"].strip() or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", values["date"]):
            findings.append(found("bad-review", path, number, detail="a review has a person and a date (2026-11-24)"))
            continue
        verdicts[values["hash"]] = values["verdict"]
    return frozenset(one for one, verdict in verdicts.items() if verdict == APPROVED), findings


AVOID = "locale/avoid.csv"
AVOID_HEADER = ("lang", "word", "because")


def avoided(data: bytes | None) -> tuple[dict[str, dict[str, str]], list[Finding]]:
    """Words that no text of a language may have, each with the reason: {language: {word: reason}}. None: there is no list."""
    words: dict[str, dict[str, str]] = {}
    if data is None:
        return {}, []
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    except UnicodeDecodeError as error:
        return {}, [found("not-utf8", AVOID, 0, detail=f"byte {error.start}")]
    if not rows or tuple(rows[0]) != AVOID_HEADER:
        return {}, [found("bad-catalog", AVOID, 1, detail="the first line is " + ",".join(AVOID_HEADER))]
    findings = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) == len(AVOID_HEADER) and all(one.strip() for one in row):
            words.setdefault(row[0], {})[row[1].casefold()] = row[2]
        elif row:
            findings.append(found("bad-catalog", AVOID, number, detail="a language, a word and a reason"))
    return words, findings


def language_of(path: str) -> str:
    """The language of a catalog by its path `…/locale/<lang>/….po`; "" where the path does not say."""
    parts = PurePosixPath(path).parts
    return next((parts[at + 1] for at, part in enumerate(parts[:-2]) if part == "locale"), "")


def names(catalogs: Iterable[Message]) -> Iterator[str]:
    """The catalogs of these messages, each once, in order of appearance."""
    yield from dict.fromkeys(message.catalog for message in catalogs)
