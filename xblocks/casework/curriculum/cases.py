"""A case of the repository with every finding about it. One place, and each file is checked once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from casework import catalogs
from casework.findings import Finding, found
from casework.scenario import check
from casework.scenario import xml as case_xml
from casework.scenario.model import Case


@dataclass(frozen=True)
class CaseSource:
    """`slug` is the folder's name, `body` canonical XML ("" when it is no XML), `case` None when it cannot be read."""

    slug: str
    path: str
    body: str
    case: Case | None
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        return self.case is not None and check.is_sound(self.findings)

    @property
    def fingerprint(self) -> str:
        return case_xml.fingerprint(self.body)

    @property
    def reviews(self) -> str:
        """The path of the `review.csv` beside the case."""
        return str(PurePosixPath(self.path).parent / "review.csv")

    def is_reviewed(self, sources: Mapping[str, bytes]) -> bool:
        """Whether a person approved exactly this English text of the case."""
        return self.fingerprint in self.approved(sources)

    def approved(self, sources: Mapping[str, bytes]) -> frozenset[str]:
        """The texts of this case that a person approved, by fingerprint: the region's, and those of countries that change it."""
        if self.reviews not in sources:
            return frozenset()
        return catalogs.reviewed(sources[self.reviews], self.reviews, catalogs.CASE_REVIEW_HEADER)[0]

    @property
    def pictures(self) -> dict[str, str]:
        """The files of the case's images: name below the package's `static/` -> path in the repository."""
        folder = PurePosixPath(self.path).parent
        images = [document.image for document in self.case.documents if document.image] if self.case else []
        names = [image.address.removeprefix("/static/") for image in images]
        return {name: str(folder / "static" / name) for name in names}


PICTURES = (".png", ".jpg", ".jpeg", ".webp")
LARGEST_PICTURE = 60_000
"""Bytes of one picture: it is loaded by telephones on weak networks."""


def pictures(cases: Iterable[CaseSource], sources: Mapping[str, bytes]) -> dict[str, bytes]:
    """The pictures of these cases, by their name below `static/`. Those that are missing are left out."""
    return {name: sources[path] for one in cases for name, path in one.pictures.items() if path in sources}


def check_pictures(cases: Iterable[CaseSource], sources: Mapping[str, bytes]) -> Iterator[Finding]:
    """Every picture is there, is no burden, and has a name of its own: a package keeps them all in one folder."""
    by_name: dict[str, str] = {}
    for one in cases:
        for name, path in one.pictures.items():
            if path not in sources:
                yield found("missing-file", one.path, 0, path=path)
                continue
            if len(sources[path]) > LARGEST_PICTURE:
                yield found("heavy-picture", path, 0, size=len(sources[path]), limit=LARGEST_PICTURE)
            other = by_name.setdefault(name, path)
            if sources[other] != sources[path]:
                yield found("repeated-file", path, 0, name=name, other=other)


@lru_cache(maxsize=512)
def read(data: bytes, path: str) -> CaseSource:
    """The case in `data` with all its findings, of form and of soundness."""
    slug = PurePosixPath(path).parent.name
    try:
        root = case_xml.tree(data, path)
    except case_xml.CaseXmlError as error:
        return CaseSource(slug, path, "", None, (error.finding,))
    case, findings = check.read(root, path)
    return CaseSource(slug, path, case_xml.settled(root), case, tuple(findings))
