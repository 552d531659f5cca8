"""Builds packages: gather, check, tailor, localise, lay out, pack. Pure; whoever calls reads and writes the files.

Nothing is built from sources with an error in them, and all errors are told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from casework import __version__
from casework.curriculum import archive, cases, edition, localise, messages, olx, pages, pseudo, tailor
from casework.curriculum.localise import LANGUAGES, SOURCE, Pseudo, Speaker, Spoken, Translator
from casework.curriculum.outline import CASE, JUDGEMENTS, Node, Sources
from casework.curriculum.repository import Repository, Tailored
from casework.scenario import xml as case_xml


@dataclass(frozen=True)
class Package:
    """A built package: `stem` names its files, `files` are its OLX, `manifest` says what it is."""

    stem: str
    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]

    def written(self, commit: str) -> dict[str, bytes]:
        """The archive and its manifest by file name. Only the manifest beside it knows its sums and its commit."""
        plain = archive.tar(self.files)
        packed = archive.compressed(plain)
        beside = {
            **self.manifest,
            "sha256": archive.digest(packed),
            "tar_sha256": archive.digest(plain),
            "commit": commit,
        }
        text = json.dumps(beside, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        return {f"{self.stem}.tar.gz": packed, f"{self.stem}.manifest.json": text.encode()}


@dataclass(frozen=True)
class Wanted:
    """One package to build."""

    country: str
    lang: str
    audience: str = ""

    @property
    def stem(self) -> str:
        """What its files are named by."""
        return "-".join(part for part in ("casework", self.country, self.lang, self.audience) if part)


def wanted(repository: Repository, country: str = "", lang: str = "", audience: str = "") -> list[Wanted]:
    """The packages that these choices mean; everything there is without any. Empty where a choice fits none.

    The pseudo-language is nobody's, and is built where it is asked for.
    """
    return [
        Wanted(code, language, audience)
        for code, one in sorted(repository.countries.items())
        for language in (*one.country.languages, *([pseudo.LANG] if lang == pseudo.LANG else []))
        if country in {"", code} and lang in {"", language}
        if not audience or any(audience in node.audience for node in one.course.walk())
    ]


def speaker_of(sources: Sources, lang: str) -> Speaker:
    """English speaks for itself, and so does the pseudo-language; every other language from its catalogs."""
    if lang == SOURCE:
        return Speaker()
    if lang == pseudo.LANG:
        return Pseudo()
    known, _ = messages.read(sources, lang)
    return Translator(lang, catalogs=known, approved=messages.approvals(sources, lang)[0])


def package(repository: Repository, sources: Sources, want: Wanted) -> Package:
    """One package from sources without errors."""
    tailored, speaker, spoken = _spoken(repository, sources, want)
    ids = olx.ids_of(want.country, want.lang, want.audience)
    facts = _facts(spoken, tailored, speaker, want, ids, sources)
    return Package(want.stem, olx.files(spoken, ids, facts) | _pictures(repository, spoken.course, sources), facts)


def open_edition(repository: Repository, sources: Sources, want: Wanted) -> dict[str, bytes]:
    """The files of an open edition, from sources without errors: the same course as the package's, as plain pages."""
    tailored, speaker, spoken = _spoken(repository, sources, want)
    return edition.files(spoken, speaker, tailored.course, _pictures(repository, spoken.course, sources))


def _spoken(repository: Repository, sources: Sources, want: Wanted) -> tuple[Tailored, Speaker, Spoken]:
    """The course as it is wanted, before and after it is said in its language."""
    tailored = repository.countries[want.country]
    tailored = replace(tailored, course=tailor.for_audience(tailored.course, want.audience))
    speaker = speaker_of(sources, want.lang)
    spoken = localise.package(tailored, speaker)
    spoken = replace(spoken, course=spoken.course.mapped(lambda node: _marked(node, want.lang, sources)))
    return tailored, speaker, spoken


def _pictures(repository: Repository, course: Node, sources: Sources) -> dict[str, bytes]:
    """The pictures of the course's cases as files of the package."""
    paths = {node.path for node in course.walk() if node.kind == CASE}
    used = [one for one in repository.cases.values() if one.path in paths]
    return {f"static/{name}": data for name, data in cases.pictures(used, sources).items()}


def _marked(node: Node, lang: str, sources: Sources) -> Node:
    """Cases and judgements say of themselves that a machine translated them, and cases that no practitioner has reviewed
    them yet."""
    if node.kind not in {CASE, JUDGEMENTS} or not node.body:
        return node
    root = case_xml.tree(node.body, node.path)
    if lang != SOURCE and node.draft:
        root.set("translation", "machine")
    if node.kind == CASE and not _case_reviewed(node, sources):
        root.set("review", "draft")
    return replace(node, body=case_xml.canonical(root))


def _case_reviewed(node: Node, sources: Sources) -> bool:
    return node.path in sources and cases.read(sources[node.path], node.path).is_reviewed(sources)


# -- the manifest -----------------------------------------------------------------------------------------------------


def _facts(
    spoken: Spoken, tailored: Tailored, speaker: Speaker, want: Wanted, ids: olx.Ids, sources: Sources
) -> dict[str, Any]:
    """What the package is: also carried inside it, so without its own sums. Of facts for authors it holds names only."""
    course = spoken.course
    played = [
        node for chapter in course.children if not chapter.staff_only for node in chapter.walk() if node.kind == CASE
    ]
    shown: dict[str, list[str]] = {}
    for fact in dict.fromkeys(localise.facts_shown(tailored.course, tailored.facts)):
        shown.setdefault(fact.name, []).append(fact.source_date)
    omitted = tailored.facts.omitted()
    asked, translated, reviewed = speaker.counts()
    return {
        "builder": __version__,
        "country": want.country,
        "country_name": spoken.country.name,
        "language": want.lang,
        "language_name": LANGUAGES.get(want.lang, want.lang),
        "audience": want.audience,
        "course": ids.key,
        "title": spoken.title,
        "messages": {"total": asked, "translated": translated, "reviewed": reviewed},
        "coverage": _percent(translated, asked),
        "reviewed": _percent(reviewed, asked),
        "lessons": len(olx.lessons(course)),
        "cases": len(played),
        "minutes": {node.url_name: node.minutes for node in course.walk() if node.minutes},
        "facts_shown": sum(map(len, shown.values())),
        "facts_omitted": len(omitted),
        "facts": {"shown": shown, "omitted": sorted({fact.name for fact in omitted})},
        "case_reviews": {node.url_name: "reviewed" if _case_reviewed(node, sources) else "draft" for node in played},
        "inventory": list(_inventory(course)),
    }


def _percent(part: int, whole: int) -> int:
    """Whole percent, rounded down: 100 means all."""
    return part * 100 // whole if whole else 100


def _inventory(course: Node, parent: str = "") -> list[dict[str, str]]:
    """Every block in order, with its parent and what its own text hashes to: what a later import is compared with."""
    out = []
    for node in course.children:
        body = node.body or node.fields.get("begin", "") or node.title
        out.append(
            {"type": node.kind, "id": node.url_name, "parent": parent, "hash": archive.digest(body.encode())[:16]}
        )
        out += _inventory(node, node.url_name)
    return out


def used_facts(tailored: Tailored) -> dict[str, list[str]]:
    """Where each fact stands in a country's course: name -> `path:line`, in order."""
    places: dict[str, list[str]] = {}
    for node in tailored.course.walk():
        if node.kind == "html":
            for fact in pages.facts_in(node.body):
                places.setdefault(fact.name, []).append(f"{node.path}:{fact.line}")
    return places
