"""Every finding about a whole repository, or about one file from anywhere. Pure: sources in, findings out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from casework import catalogs, judgements
from casework.catalogs import Message
from casework.curriculum import (
    build,
    case_changes,
    cases,
    diagrams,
    messages,
    outline,
    pages,
    questions,
    release,
    repository,
    sound,
    speakers,
    tailor,
)
from casework.curriculum import facts as facts_of
from casework.curriculum.cases import CaseSource
from casework.curriculum.facts import UNKNOWN
from casework.curriculum.outline import Sources
from casework.curriculum.repository import Repository, Tailored
from casework.findings import Finding, found
from casework.scenario import walk
from casework.scenario import xml as case_xml


def whole(sources: Sources, words: Mapping[str, str], only: Collection[str] | None = None) -> list[Finding]:
    """Everything about a repository: courses, cases, walkthroughs, catalogs, reviews.

    `words` are the player's. With `only`, catalogs of other languages are not looked at: they do not reach the package.
    """
    read = repository.read(sources)
    findings = list(read.findings)
    avoid, faults = catalogs.avoided(sources.get(catalogs.AVOID))
    findings += faults
    english = avoid.get(speakers.SOURCE, {})
    for message in messages.extracted(read, speakers.SOURCE, words) if english else ():
        findings += messages.unwanted(message.text, english, message.path, message.line, message.context)
    for one in read.cases.values():
        findings += _walks(one, sources)
    for code, tailored in sorted(read.countries.items()):
        findings += _walks_of_changed(tailored, code, sources)
    for lang in languages(sources, read):
        if only is not None and lang not in only:
            continue
        findings += messages.check(sources, read, lang, words)
    for path in sorted(sources):
        if path.startswith("scenarios/") and path.endswith("/review.csv"):
            findings += catalogs.reviewed(sources[path], path, catalogs.CASE_REVIEW_HEADER)[1]
    if release.REVIEWS in sources:
        findings += catalogs.reviewed(sources[release.REVIEWS], release.REVIEWS, release.HEADER)[1]
    return findings


def languages(sources: Sources, read: Repository) -> list[str]:
    """The languages of packages, and all others that have a catalog; without English."""
    begun = {catalogs.language_of(path) for path in sources if path.startswith("locale/") and path.endswith(".po")}
    return sorted((begun | set(read.languages())) - {speakers.SOURCE, ""})


def _walks(case: CaseSource, sources: Sources) -> list[Finding]:
    """The walkthroughs beside a case; nothing is said of them while the case itself is faulty."""
    if case.case is None or not case.is_sound:
        return []
    folder = str(PurePosixPath(case.path).parent)
    texts = {}
    findings = []
    for name in sorted(sources):
        if name.startswith(f"{folder}/walkthroughs/") and name.endswith(".walk"):
            try:
                texts[name] = sources[name].decode("utf-8")
            except UnicodeDecodeError as error:
                findings.append(found("not-utf8", name, 0, detail=f"byte {error.start}"))
    # An ending that no walkthrough reaches is told where the case is: no walkthrough is to blame for it.
    for one in walk.check(case.case, texts):
        findings.append(replace(one, path=case.path, line=case.case.line) if one.code == "ending-not-walked" else one)
    return findings


def _walks_of_changed(tailored: Tailored, code: str, sources: Sources) -> Iterator[Finding]:
    """The regional walkthroughs, played on each case as the country tells it: a ruined one names both files."""
    folder = f"{outline.COUNTRIES}/{code}"
    for case in tailor.case_sources(tailored.course, sources, folder)[0]:
        for one in (one for one in _walks(case, sources) if one.path != case.path):
            path = case_changes.path_of(folder, case.slug)
            yield found("walk-lost", path, 0, other=f"{one.path}:{one.line}", detail=one.message)


# -- one file ---------------------------------------------------------------------------------------------------------


def one(path: str, sources: Sources) -> list[Finding] | None:
    """What is wrong with one file, with `sources` beside it. None where it is no kind of file we know."""
    data = sources[path]
    name = PurePosixPath(path)
    match name.suffix:
        case ".xml":
            return _xml(path, sources)
        case ".md" if "locale" in name.parts:
            return []  # notes for translators
        case ".md":
            try:
                return pages.check(data.decode("utf-8"), path)
            except UnicodeDecodeError as error:
                return [found("not-utf8", path, 0, detail=f"byte {error.start}")]
        case ".toml":
            return facts_of.read(data, path)[2]
        case ".po":
            return _catalog(data, path)
        case ".walk":
            return _walk(path, sources)
        case outline.DIAGRAM if name.parts[0] == "courses":
            return _xml(path, sources)
        case one if one in cases.PICTURES:
            return []
        case ".csv" if path == catalogs.AVOID:
            return catalogs.avoided(data)[1]
        case ".csv" if path == release.REVIEWS:
            return catalogs.reviewed(data, path, release.HEADER)[1]
        case ".csv":
            columns = catalogs.REVIEW_HEADER if "locale" in name.parts else catalogs.CASE_REVIEW_HEADER
            return catalogs.reviewed(data, path, columns)[1]
        case _:
            return None


def _xml(path: str, sources: Sources) -> list[Finding]:
    try:
        root = case_xml.tree(sources[path], path)
    except case_xml.CaseXmlError as error:
        return [error.finding]
    if root.tag == "case":
        case = cases.read(sources[path], path)
        return [*case.findings, *_walks(case, sources)]
    if root.tag == "problem":
        return questions.check(root, path)
    if root.tag == f"{{{diagrams.SVG}}}svg":
        return diagrams.check(root, path)
    if root.tag == "judgements":
        return judgements.read(root, path)[1]
    if root.tag == "course":
        course, findings = outline.read(sources, path)
        return [*findings, *(outline.check(course) if course else ())]
    if root.tag == "changes" and root.get("case") is not None:
        return _changed_case(path, sources)
    if root.tag == "changes":
        return tailor.read(sources, path)[1]
    return [found("unknown-element", path, int(root.sourceline or 0), name=root.tag, parent="the file")]


def _changed_case(path: str, sources: Sources) -> list[Finding]:
    """A country's changes to a case, made on the regional case of the same name."""
    regional = f"scenarios/{PurePosixPath(path).stem}/scenario.xml"
    if regional not in sources:
        return [found("missing-file", path, 0, path=regional)]
    return case_changes.changed(cases.read(sources[regional], regional), sources[path], path)[1]


def _walk(path: str, sources: Sources) -> list[Finding]:
    """A walkthrough is checked against the case in the folder above its own."""
    case_path = str(PurePosixPath(path).parent.parent / "scenario.xml")
    if case_path not in sources:
        return [found("missing-file", path, 0, path=case_path)]
    case = cases.read(sources[case_path], case_path)
    if not case.is_sound:
        return list(case.findings)
    return [one for one in _walks(case, sources) if one.path == path]


def _catalog(data: bytes, path: str) -> list[Finding]:
    """A catalog by itself: every translation against its own English text."""
    catalog, findings = catalogs.read(data, path)
    lang = catalogs.language_of(path)
    for (context, text), entry in catalog.entries.items():
        findings += sound.faults(Message("", context, text), entry.translation, lang, path, entry.line)
    return findings


# -- facts ------------------------------------------------------------------------------------------------------------


def facts(read: Repository) -> Iterator[str]:
    """For authors, line by line and by country: what pages leave out, what is unconfirmed or undated, where it is used."""
    for code, tailored in sorted(read.countries.items()):
        used = build.used_facts(tailored)
        yield f"{tailored.country.name} ({code})"
        for name, values in sorted(tailored.facts.values.items()):
            for fact in values:
                said = [
                    *(["left out: for authors only"] if fact.show == "author" else []),
                    *(["unconfirmed: general knowledge"] if fact.confidence == "general" else []),
                    *(["undated"] if fact.source_date == UNKNOWN else []),
                ]
                if said:
                    places = ", ".join(used.get(name, [])) or "used nowhere"
                    yield f"  {fact.path}:{fact.line}: {name}: {'; '.join(said)} ({places})"
        shown = sum(len(tailored.facts.shown(name)) for name in used)
        yield f"  {shown} values shown, {len(tailored.facts.omitted())} left out"
