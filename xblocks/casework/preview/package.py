"""Reads a built package (`.tar.gz` of OLX) into memory, trusting nothing in it.

Here: which archive members are let in, and XML without entities, document types or network. Not here: what the
files mean (`course.py`). Every fault is a `PreviewError` of one line that names the package and the file.
"""

from __future__ import annotations

import json
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from lxml import etree

MAX_FILES = 20_000
MAX_BYTES = 512 * 1024 * 1024
"""Unpacked. The platform allows 50,000 files and 2 GB; a package lives in memory here."""
MAX_XML_BYTES = 8 * 1024 * 1024


class PreviewError(Exception):
    """Why the preview cannot start or go on, in one line for the person at the command line."""


@dataclass(frozen=True)
class Package:
    """The files of one package below the folder of its `course.xml`, by path."""

    source: Path
    files: dict[str, bytes]

    def fault(self, path: str, what: str) -> PreviewError:
        return PreviewError(f"{self.source.name}: {path}: {what}")

    def text(self, path: str) -> str:
        """A file as UTF-8 text; "" when the package has no such file."""
        try:
            return self.files.get(path, b"").decode("utf-8")
        except UnicodeDecodeError as err:
            raise self.fault(path, "is not UTF-8") from err

    def xml(self, path: str) -> etree._Element:
        if path not in self.files:
            raise self.fault(path, "is missing")
        try:
            return parse_xml(self.files[path])
        except ValueError as err:
            raise self.fault(path, str(err)) from err

    def json(self, path: str) -> dict[str, Any]:
        """A JSON object; empty when the package has no such file."""
        if path not in self.files:
            return {}
        try:
            value = json.loads(self.text(path))
        except ValueError as err:
            raise self.fault(path, f"is not JSON ({err})") from err
        if not isinstance(value, dict):
            raise self.fault(path, "is not a JSON object")
        return value


def parse_xml(raw: bytes) -> etree._Element:
    """One XML document. `ValueError` with a short reason when it is broken, too large, or declares a document type."""
    if len(raw) > MAX_XML_BYTES:
        raise ValueError("is larger than any page of a course")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as err:
        raise ValueError(f"is not XML ({err.msg})") from err
    # An entity can only be declared in a document type; without one there is nothing to blow up or to fetch.
    if root.getroottree().docinfo.doctype:
        raise ValueError("declares a document type, which packages must not")
    return root


def read(source: Path) -> Package:
    """The package in `source`; raises `PreviewError` for whatever is wrong with it."""
    if not source.is_file():
        raise PreviewError(f"{source}: there is no such file")
    try:
        with tarfile.open(source, "r:gz") as archive:
            files = _members(archive, source.name)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as err:
        raise PreviewError(f"{source.name}: is not a .tar.gz archive ({err})") from err
    package = Package(source, _below_course(files, source.name))
    for path in package.files:
        # The blocks read their own files later, with a parser of their own: nothing may reach it that we would refuse.
        if path.endswith(".xml") and not path.startswith("static/"):
            package.xml(path)
    return package


def _members(archive: tarfile.TarFile, name: str) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    size = 0
    for count, member in enumerate(archive):
        if count >= MAX_FILES:
            raise PreviewError(f"{name}: holds more than {MAX_FILES} entries")
        path = _safe_path(member, name)
        if member.isdir():
            continue
        size += member.size
        if size > MAX_BYTES:
            raise PreviewError(f"{name}: unpacks to more than {MAX_BYTES // 1024 // 1024} MB")
        content = archive.extractfile(member)
        files[path] = content.read() if content else b""
    return files


def _safe_path(member: tarfile.TarInfo, name: str) -> str:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\\" in member.name or "\0" in member.name:
        raise PreviewError(f"{name}: {member.name!r} leads out of the package")
    if member.issym() or member.islnk():
        raise PreviewError(f"{name}: {member.name!r} is a link, which packages must not hold")
    if not (member.isdir() or member.isreg()):
        raise PreviewError(f"{name}: {member.name!r} is neither a file nor a folder")
    return str(path)


def _below_course(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    """The files below the one folder that holds `course.xml`; the platform takes whichever it meets first."""
    roots = sorted(path.removesuffix("course.xml") for path in files if PurePosixPath(path).name == "course.xml")
    if not roots:
        raise PreviewError(f"{name}: holds no course.xml")
    if len(roots) > 1:
        raise PreviewError(f"{name}: holds {len(roots)} files named course.xml; the importer would take any of them")
    return {path.removeprefix(roots[0]): raw for path, raw in files.items() if path.startswith(roots[0])}
