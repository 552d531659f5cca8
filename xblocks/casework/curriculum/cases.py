"""A case of the repository with every finding about it. One place, and each file is checked once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from casework.findings import Finding
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


@lru_cache(maxsize=512)
def read(data: bytes, path: str) -> CaseSource:
    """The case in `data` with all its findings, of form and of soundness."""
    slug = PurePosixPath(path).parent.name
    try:
        root = case_xml.tree(data, path)
    except case_xml.CaseXmlError as error:
        return CaseSource(slug, path, "", None, (error.finding,))
    case, findings = check.read(root, path)
    return CaseSource(slug, path, case_xml.canonical(root), case, tuple(findings))
