"""Extraction, merging and status of a repository's messages. Pure: texts in, texts out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from casework import catalogs
from casework.catalogs import Catalog, Message
from casework.curriculum import localise, sound, speakers, tailor
from casework.curriculum.edition import words as edition_words
from casework.curriculum.outline import COUNTRIES, Sources
from casework.curriculum.repository import Repository
from casework.findings import Finding, found
from casework.scenario.model import Case

BLOCKS = "blocks"
"""The catalog of the player's own words, which live in `casework.blocks` and are handed in by the command line."""


def extracted(repository: Repository, lang: str, words: Mapping[str, str]) -> list[Message]:
    """Every message that packages in `lang` need, in reading order. `words` are the player's."""
    asked = _asked(repository)
    countries = (
        code
        for code, one in repository.countries.items()
        if lang in one.country.languages or lang not in repository.languages()
    )
    packages = (message for code in (*countries, "") for message in asked[code])
    said = (Message(BLOCKS, key, text, "word of the player", "blocks/words.py") for key, text in sorted(words.items()))
    return [*dict.fromkeys(packages), *edition_words.messages(), *said]


@lru_cache(maxsize=2)
def _asked(repository: Repository) -> Mapping[str, tuple[Message, ...]]:
    """What the package of each country asks, and under "" what all cases do. Kept, since a check asks for each language; what
    many countries ask is there once."""
    known: dict[Message, Message] = {}

    def written(recorder: speakers.Recorder) -> tuple[Message, ...]:
        return tuple(known.setdefault(one, one) for one in recorder.messages)

    asked = {}
    for code, tailored in repository.countries.items():
        localise.package(tailored, recorder := speakers.Recorder())
        asked[code] = written(recorder)
    recorder = speakers.Recorder()
    for one in repository.cases.values():
        localise.case(one.body, recorder, one.path)
    return {**asked, "": written(recorder)}


def path_of(lang: str, catalog: str) -> str:
    return f"locale/{lang}/{catalog}.po"


ENOUGH = 85
"""How alike (0 to 100, by RapidFuzz) a text is at least whose translation is suggested for another."""


SHORTEST = 12
"""Characters of a text that can be like another: of “Turn” and “Tun” most signs are the same, and nothing else."""


class NotInstalled(Exception):
    """A package of the `translate` extra is missing; the message names it."""


def likeness(texts: Iterable[str]) -> catalogs.Alike:
    """Finds the most alike of these texts. Of two that are equally alike the first in the alphabet, so that the same
    catalogs give the same suggestions. Raises NotInstalled without RapidFuzz."""
    try:
        from rapidfuzz import fuzz, process
    except ImportError as error:
        raise NotInstalled("RapidFuzz") from error
    known = sorted(text for text in texts if len(text) >= SHORTEST)

    def alike(text: str) -> str | None:
        if len(text) < SHORTEST:
            return None
        best = process.extractOne(text, known, scorer=fuzz.ratio, score_cutoff=ENOUGH)
        return str(best[0]) if best else None

    return alike


def merged(
    sources: Sources, messages: Iterable[Message], lang: str, suggesting: bool = True
) -> tuple[dict[str, bytes], list[Finding]]:
    """The catalogs of one language, by path, with exactly these messages. A broken catalog is a finding and left alone.

    With `suggesting`, translations of alike texts are put in as fuzzy. Raises NotInstalled where RapidFuzz is missing.
    """
    groups: dict[str, list[Message]] = {}
    for message in messages:
        groups.setdefault(message.catalog, []).append(message)
    known, findings = read(sources, lang, gone=True)
    memory = _memory(known, groups)
    alike = likeness(memory) if suggesting else lambda _: None
    broken = {finding.path for finding in findings}
    out: dict[str, bytes] = {}
    for name, group in groups.items():
        path = path_of(lang, name)
        if path not in broken:
            out[path] = catalogs.merged(sources.get(path), group, lang, memory, alike).encode()
    return out, findings


def _memory(known: Mapping[str, Catalog], groups: Mapping[str, list[Message]]) -> dict[str, str]:
    """English text -> translation, from living translations and, of texts that have none, from those that are gone.

    What is asked now is living, whatever a catalog marks: so merging twice remembers the same.
    """
    asked = {(name, message.key) for name, group in groups.items() for message in group}
    living, gone = (
        [
            Catalog(one.path, {key: entry for key, entry in one.entries.items() if ((name, key) in asked) is alive})
            for name, one in known.items()
        ]
        for alive in (True, False)
    )
    said = {text for one in living for _, text in one.entries}
    lost = {text: translation for text, translation in catalogs.memory_of(gone).items() if text not in said}
    return lost | catalogs.memory_of(living)


def read(sources: Sources, lang: str, gone: bool = False) -> tuple[dict[str, Catalog], list[Finding]]:
    """Every catalog of a language by its name (`scenarios/room-6`), and what is wrong with them as files."""
    known: dict[str, Catalog] = {}
    findings: list[Finding] = []
    start = f"locale/{lang}/"
    for path in sorted(sources):
        if path.startswith(start) and path.endswith(".po"):
            catalog, faults = catalogs.read(sources[path], path, gone)
            known[path.removeprefix(start).removesuffix(".po")] = catalog
            findings += faults
    return known, findings


@dataclass(frozen=True)
class Coverage:
    """How far a catalog is: counts of messages."""

    catalog: str
    total: int
    translated: int
    fuzzy: int
    reviewed: int


def status(sources: Sources, messages: Iterable[Message], lang: str) -> tuple[list[Coverage], list[Finding]]:
    """The coverage of each catalog, in order of appearance."""
    known, findings = read(sources, lang)
    approved, faults = approvals(sources, lang)
    rows: dict[str, dict[catalogs.Key, Message]] = {}
    for message in messages:
        rows.setdefault(message.catalog, {})[message.key] = message
    out = []
    for name, group in rows.items():
        said = [(one, known[name].get(one) if name in known else None) for one in group.values()]
        done = [catalogs.fingerprint(one, text) for one, text in said if text is not None]
        path = path_of(lang, name)
        doubtful = catalogs.drafts(sources[path], path).keys() & group.keys() if path in sources else ()
        out.append(Coverage(name, len(group), len(done), len(doubtful), sum(one in approved for one in done)))
    return out, [*findings, *faults]


def summed(rows: Iterable[Coverage], name: str) -> Coverage:
    """Many catalogs as one."""
    counts = [(row.total, row.translated, row.fuzzy, row.reviewed) for row in rows]
    return (
        Coverage(name, *(sum(column) for column in zip(*counts, strict=True))) if counts else Coverage(name, 0, 0, 0, 0)
    )


def approvals(sources: Sources, lang: str) -> tuple[frozenset[str], list[Finding]]:
    """The hashes of translations that a person approved."""
    path = f"locale/{lang}/review.csv"
    if path not in sources:
        return frozenset(), []
    return catalogs.reviewed(sources[path], path, catalogs.REVIEW_HEADER)


def unwanted(text: str, avoid: Mapping[str, str], path: str, line: int, place: str) -> list[Finding]:
    """Words that a language avoids, in one text. `avoid`: word in small letters -> reason."""
    said = text.casefold()
    return [
        found("avoided-word", path, line, place, word=one, because=why) for one, why in avoid.items() if one in said
    ]


def told(repository: Repository, sources: Sources, lang: str) -> Iterator[Case]:
    """The cases that a language tells: the regional ones, and those that a country of the language has changed."""
    changed = (
        one
        for code, tailored in repository.countries.items()
        if lang in tailored.country.languages
        for one in tailor.case_sources(tailored.course, sources, f"{COUNTRIES}/{code}")[0]
    )
    return (one.case for one in chain(repository.cases.values(), changed) if one.case)


def check(sources: Sources, repository: Repository, lang: str, words: Mapping[str, str]) -> list[Finding]:
    """What is wrong with a language: unreadable catalogs, unsound translations, and what is still missing (a warning)."""
    known, findings = read(sources, lang)
    findings += approvals(sources, lang)[1]
    avoid = catalogs.avoided(sources.get(catalogs.AVOID))[0].get(lang, {})
    counted: dict[str, list[int]] = {}
    for message in {(one.catalog, one.key): one for one in extracted(repository, lang, words)}.values():
        count = counted.setdefault(message.catalog, [0, 0])
        count[1] += 1
        catalog = known.get(message.catalog)
        entry = catalog.entries.get(message.key) if catalog else None
        if catalog and entry:
            findings += sound.faults(message, entry.translation, lang, catalog.path, entry.line)
            findings += unwanted(entry.translation, avoid, catalog.path, entry.line, message.context)
        else:
            count[0] += 1
    catalogs_of = ((case, known.get(f"scenarios/{case.id}")) for case in told(repository, sources, lang))
    # A case that a country has changed has most tasks of the regional one.
    findings += dict.fromkeys(one for case, catalog in catalogs_of if catalog for one in sound.options(case, catalog))
    for name, (missing, total) in counted.items():
        # A language that no package speaks yet is told of what has been begun, not of all that has not.
        if missing and (name in known or lang in repository.languages()):
            findings.append(localise.untranslated(path_of(lang, name), missing, total))
    return findings
