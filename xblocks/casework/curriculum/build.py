"""Builds packages: gather, check, tailor, localise, lay out, pack. Pure; whoever calls reads and writes the files.

Nothing is built from sources with an error in them, and all errors are told.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass, replace
from typing import Any

from casework import __version__, pseudo
from casework.curriculum import archive, cases, edition, localise, messages, olx, pages, tailor
from casework.curriculum.cases import CaseSource
from casework.curriculum.localise import Spoken
from casework.curriculum.outline import CASE, COUNTRIES, REGIONAL, Node, Sources
from casework.curriculum.repository import Repository, Tailored
from casework.curriculum.speakers import LANGUAGES, SOURCE, Pseudo, Speaker, Translator
from casework.scenario import xml as case_xml

ARCHIVE, MANIFEST = ".tar.gz", ".manifest.json"
PILOT, RELEASE = "pilot", "release"
"""What a package is for. A pilot may show drafts, and says that they are; a release may not (`release`)."""


@dataclass(frozen=True)
class Package:
    """A built package: `stem` names its files, `files` are its OLX, `manifest` says what it is."""

    stem: str
    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]

    def written(self, commit: str, made_of: str = "") -> dict[str, bytes]:
        """The archive and its manifest by file name, in this order. Only the manifest beside it knows its sums, its commit and
        the digest of what it was made of."""
        plain = archive.tar(self.files)
        packed = archive.compressed(plain)
        beside = {
            **self.manifest,
            "sha256": archive.digest(packed),
            "tar_sha256": archive.digest(plain),
            "commit": commit,
            "made_of": made_of,
        }
        text = json.dumps(beside, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        return {f"{self.stem}{ARCHIVE}": packed, f"{self.stem}{MANIFEST}": text.encode()}


@dataclass(frozen=True)
class Wanted:
    """One package to build."""

    country: str
    lang: str
    audience: str = ""
    mode: str = PILOT

    @property
    def stem(self) -> str:
        """What names the files of the package."""
        return "-".join(part for part in ("casework", self.country, self.lang, self.audience) if part)


def wanted(
    repository: Repository, country: str = "", lang: str = "", audience: str = "", mode: str = PILOT
) -> list[Wanted]:
    """The packages that these choices mean; everything there is without any. Empty where a choice fits none.

    The pseudo-language is nobody's, and is built where it is asked for.
    """
    return [
        Wanted(code, language, audience, mode)
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


def tailored_to(repository: Repository, want: Wanted) -> Tailored:
    """The country's course with what its audience is given."""
    tailored = repository.countries[want.country]
    return replace(tailored, course=tailor.for_audience(tailored.course, want.audience))


def made_of(repository: Repository, sources: Sources, want: Wanted, builder: str) -> str:
    """A digest of everything that reaches a package: with the same one, the same package would be built. `builder` names the
    code that builds it."""
    tailored = tailored_to(repository, want)
    nodes = list(tailored.course.walk())
    reach = {node.path for node in nodes} | {tailored.about.path}
    reach |= {f"{REGIONAL}/regional.toml", f"{REGIONAL}/outline.xml"}
    home = f"{COUNTRIES}/{want.country}"
    folders = (f"{home}/country.toml", f"{home}/outline.xml", f"{home}/scenarios/", f"locale/{want.lang}/")
    reach |= {path for path in sources if path.startswith(folders)}
    for one in _cases(repository, tailored.course):
        reach |= {one.reviews, *one.pictures.values()}
    lines = [f"{path} {archive.digest(sources[path])}" for path in sorted(reach) if path in sources]
    return archive.digest("\n".join([builder, *map(str, astuple(want)), *lines]).encode())


def package(repository: Repository, sources: Sources, want: Wanted) -> Package:
    """One package from sources without errors."""
    tailored, speaker, spoken, read = _spoken(repository, sources, want)
    ids = olx.ids_of(want.country, want.lang, want.audience)
    facts = _facts(spoken, tailored, speaker, want, ids, read)
    return Package(want.stem, olx.files(spoken, ids, facts) | _pictures(repository, spoken.course, sources), facts)


def open_edition(repository: Repository, sources: Sources, want: Wanted) -> dict[str, bytes]:
    """The files of an open edition, from sources without errors: the same course as the package's, as plain pages."""
    tailored, speaker, spoken, _ = _spoken(repository, sources, want)
    return edition.files(spoken, speaker, tailored.course, _pictures(repository, spoken.course, sources))


def _spoken(repository: Repository, sources: Sources, want: Wanted) -> tuple[Tailored, Speaker, Spoken, frozenset[str]]:
    """The course as it is wanted, before and after it is said in its language, and which of its cases are reviewed."""
    tailored = tailored_to(repository, want)
    speaker = speaker_of(sources, want.lang)
    read = reviewed_cases(tailored.course, sources)
    return tailored, speaker, localise.package(tailored, speaker, read), read


def _pictures(repository: Repository, course: Node, sources: Sources) -> dict[str, bytes]:
    """The pictures of the course's cases as files of the package."""
    used = _cases(repository, course)
    return {f"static/{name}": data for name, data in cases.pictures(used, sources).items()}


def _cases(repository: Repository, course: Node) -> list[CaseSource]:
    """The cases that a course holds."""
    paths = {node.path for node in course.walk() if node.kind == CASE}
    return [one for one in repository.cases.values() if one.path in paths]


def reviewed_cases(course: Node, sources: Sources) -> frozenset[str]:
    """The cases, by url_name, of which a person has approved exactly the English text that this course tells."""
    return frozenset(
        node.url_name
        for node in course.walk()
        if node.kind == CASE and node.path in sources
        if case_xml.fingerprint(node.body) in cases.read(sources[node.path], node.path).approved(sources)
    )


# -- the manifest -----------------------------------------------------------------------------------------------------


def _facts(
    spoken: Spoken, tailored: Tailored, speaker: Speaker, want: Wanted, ids: olx.Ids, read: Collection[str]
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
        "mode": want.mode,
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
        "case_reviews": {node.url_name: "reviewed" if node.url_name in read else "draft" for node in played},
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
