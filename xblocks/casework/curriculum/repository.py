"""A whole repository, read and checked as far as it can be without a language: the course of each country, facts, cases.

Pure: it is given the sources. Everything that is wrong is gathered, and what is sound is there all the same, so that
messages can be extracted while a case is being mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from casework.curriculum import cases, outline, pages, tailor
from casework.curriculum import facts as facts_of
from casework.curriculum.cases import CaseSource
from casework.curriculum.facts import Country, Facts
from casework.curriculum.outline import COUNTRIES, REGIONAL, Node, Sources
from casework.findings import Finding, found, ordered

ABOUT = "about.md"


@dataclass(frozen=True)
class Tailored:
    """One country's course, not yet in a language, with the facts its pages may meet and its `about` page."""

    country: Country
    course: Node
    facts: Facts
    about: Node


@dataclass(frozen=True, eq=False)
class Repository:
    """What sources say. Each is its own, and never changed: what was worked out from one can be kept by it."""

    countries: Mapping[str, Tailored] = field(default_factory=dict)
    cases: Mapping[str, CaseSource] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def languages(self) -> list[str]:
        """Every language some country's packages are built in, English last."""
        found_languages = {lang for one in self.countries.values() for lang in one.country.languages}
        return [*sorted(found_languages - {"en"}), "en"]


def read(sources: Sources) -> Repository:
    """Everything the sources say, with all findings."""
    findings: list[Finding] = []
    known_cases = dict(_cases(sources, findings))
    findings += cases.check_pictures(known_cases.values(), sources)
    course, faults = outline.read(sources)
    findings += faults
    if course is None:
        return Repository({}, known_cases, tuple(ordered(findings)))
    regional, _, faults = facts_of.read(sources.get(f"{REGIONAL}/regional.toml", b""), f"{REGIONAL}/regional.toml")
    findings += faults
    countries: dict[str, Tailored] = {}
    known: dict[str, Facts] = {}
    for code in _codes(sources):
        path = f"{COUNTRIES}/{code}/country.toml"
        if path not in sources:
            findings.append(found("missing-file", path, 0, path=path))
            continue
        facts, country, faults = facts_of.read(sources[path], path)
        findings += faults
        if country is None:
            if not faults:
                findings.append(found("bad-toml", path, 0, detail="it has no [country]"))
            continue
        if country.code != code:
            findings.append(found("bad-toml", path, 0, detail=f"code is “{country.code}” in the folder “{code}”"))
        made, faults = tailor.tailored(course, sources, code)
        findings += [*faults, *outline.check(made)]
        countries[code] = Tailored(country, made, regional | facts, _about(sources, code, findings))
        known[code] = facts
    if not countries:
        findings += outline.check(course)
    names = {name for facts in (regional, *known.values()) for name in facts.values}
    courses = [course, *(one.course for one in countries.values())]
    findings += _unknown_facts(courses, names)
    findings += _odd(sources, courses)
    return Repository(countries, known_cases, tuple(ordered(findings)))


def _codes(sources: Sources) -> list[str]:
    return sorted({path.split("/")[2] for path in sources if re.fullmatch(rf"{COUNTRIES}/[a-z]{{2}}/.+", path)})


def _about(sources: Sources, code: str, findings: list[Finding]) -> Node:
    """The page that presents the course before one joins it."""
    path = next((path for path in (f"{COUNTRIES}/{code}/{ABOUT}", f"{REGIONAL}/{ABOUT}") if path in sources), "")
    if not path:
        findings.append(found("missing-file", f"{REGIONAL}/{ABOUT}", 0, path=f"{REGIONAL}/{ABOUT}"))
        return Node("html", "about", src=f"course/{ABOUT}", body="", path=f"{REGIONAL}/{ABOUT}")
    reader = outline.Reader(sources, REGIONAL, path)
    node = reader.loaded(Node("html", "about", src=f"course/{ABOUT}", path=path, line=1), sources[path])
    findings += reader.findings
    return node


def _cases(sources: Sources, findings: list[Finding]) -> Iterator[tuple[str, CaseSource]]:
    for path in sorted(sources):
        match = re.fullmatch(r"scenarios/([^/]+)/scenario\.xml", path)
        if not match:
            continue
        one = cases.read(sources[path], path)
        findings += one.findings
        if one.case and one.case.id != match[1]:
            detail = f"the case “{one.case.id}” stands in the folder “{match[1]}”"
            findings.append(found("bad-outline", path, one.case.line, detail=detail))
        yield match[1], one


def _unknown_facts(courses: list[Node], names: set[str]) -> Iterator[Finding]:
    for course in courses:
        for node in course.walk():
            if node.kind == "html":
                for fact in pages.facts_in(node.body):
                    if fact.name not in names:
                        yield found("unknown-fact", node.path, fact.line, name=fact.name)


def _odd(sources: Sources, courses: list[Node]) -> Iterator[Finding]:
    """Pages and questions that no outline names."""
    used = {node.path for course in courses for node in course.walk()}
    used |= {f"{REGIONAL}/{node.src}" for course in courses for node in course.walk() if node.src}
    for path in sorted(sources):
        if not path.startswith("courses/") or not path.endswith((".md", ".xml", outline.DIAGRAM)) or path in used:
            continue
        retells = path.startswith(COUNTRIES) and path.rsplit("/", 2)[-2] == "scenarios"
        if path.rsplit("/", 1)[-1] not in {"outline.xml", ABOUT} and not retells:
            yield found("odd-file", path, 0, path=path, outlines=_not_named_in(path, sources))


def _not_named_in(path: str, sources: Sources) -> str:
    """Which outlines could name a page: a country's page stands for a regional one, or is put in by its own outline."""
    match = re.match(rf"{COUNTRIES}/[a-z]{{2}}/", path)
    outlines = [f"{match[0]}outline.xml"] if match and f"{match[0]}outline.xml" in sources else []
    named = [*outlines, f"{REGIONAL}/outline.xml"]
    return f"{' and '.join(named)} {'do' if len(named) > 1 else 'does'} not name it"
