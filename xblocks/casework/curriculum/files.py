"""The rim: the only module of `curriculum` that touches files. Gathers a repository's sources, writes what was built.

Files are written under a temporary name in their own folder and renamed, so that a reader sees the old one or the new.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from importlib import metadata
from pathlib import Path

from casework.curriculum.cases import PICTURES
from casework.curriculum.outline import DIAGRAM
from casework.findings import Finding, found

FOLDERS = ("courses", "scenarios", "locale")
ENDINGS = (".xml", ".md", ".toml", ".po", ".csv", ".walk", DIAGRAM, *PICTURES)
PART = ".part"
"""The ending of a file that is not in its place yet."""
LARGEST = 8_000_000
"""Bytes of one source file that are read at all."""


def root_of(start: Path) -> Path | None:
    """The repository that holds `start`: the nearest folder above with `courses/regional` or `scenarios`."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / "courses" / "regional").is_dir() or (
            (folder / "scenarios").is_dir() and (folder / "locale").is_dir()
        ):
            return folder
    return None


def gather(root: Path) -> tuple[dict[str, bytes], list[Finding]]:
    """Every source below the repository's content folders by its path from `root`, and what could not be read."""
    files: dict[str, bytes] = {}
    findings: list[Finding] = []
    for path in _paths(root):
        name = path.relative_to(root).as_posix()
        if path.resolve() != path and not path.resolve().is_relative_to(root.resolve()):
            findings.append(found("climbing-path", name, 0, path=name))
            continue
        data = load(path, name, findings)
        if data is not None:
            files[name] = data
    return files, findings


def _paths(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
            if path.suffix in ENDINGS and not hidden and (path.is_file() or path.is_symlink()):
                yield path


def load(path: Path, name: str, findings: list[Finding]) -> bytes | None:
    """The bytes of one file; None, with a finding, where it cannot be read."""
    try:
        if path.stat().st_size > LARGEST:
            findings.append(found("too-large", name, 0, size=path.stat().st_size, limit=LARGEST))
            return None
        return path.read_bytes()
    except (OSError, ValueError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        findings.append(found("unreadable", name, 0, detail=detail))
        return None


class Staged:
    """Files written beside their places and not seen yet: `place` renames them, one by one, in the order in which they came.

    They are on the disk before the first is renamed, so that a full disk or a killed build leaves every old file whole. What
    was not placed is taken away at the end. Raises OSError.
    """

    def __init__(self) -> None:
        self._ready: list[tuple[Path, Path]] = []

    def __enter__(self) -> Staged:
        return self

    def __exit__(self, *_: object) -> None:
        for part, _path in self._ready:
            part.unlink(missing_ok=True)

    def add(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PART)
        self._ready.append((Path(name), path))
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)

    def place(self) -> None:
        for part, path in self._ready:
            part.replace(path)
        for folder in {path.parent for _, path in self._ready}:
            _settled(folder)


def _settled(folder: Path) -> None:
    """Waits until the renames in a folder are on the disk, where a folder can be asked for that."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write(files: Mapping[Path, bytes]) -> None:
    """All of these files, or none: nothing is renamed before everything is on the disk. Raises OSError."""
    with Staged() as staged:
        for path, data in files.items():
            staged.add(path, data)
        staged.place()


def swept(folder: Path, before: float) -> None:
    """Takes away what a killed build has left in a folder: parts older than `before`, in seconds of the clock of files."""
    for part in folder.glob(f".casework-*{PART}"):
        if part.stat().st_mtime < before:
            part.unlink(missing_ok=True)


def write_folders(folders: Mapping[Path, Mapping[str, bytes]]) -> None:
    """Each of these folders with exactly its files, or none of them: written beside its place, then swapped whole.

    Raises OSError; then the folders stand as they stood before.
    """
    with ExitStack() as rest:
        ready: list[tuple[Path, Path]] = []
        for folder, files in folders.items():
            folder.parent.mkdir(parents=True, exist_ok=True)
            beside = Path(rest.enter_context(_beside(folder)))
            new = beside / "new"
            new.mkdir()
            for name, data in files.items():
                (new / name).parent.mkdir(parents=True, exist_ok=True)
                (new / name).write_bytes(data)
            ready.append((folder, beside))
        swapped: list[tuple[Path, Path]] = []
        try:
            for folder, beside in ready:
                if folder.exists():
                    folder.rename(beside / "old")
                swapped.append((folder, beside))
                (beside / "new").rename(folder)
        except OSError:
            for folder, beside in reversed(swapped):
                if folder.exists():
                    folder.rename(beside / "new")
                if (beside / "old").exists():
                    (beside / "old").rename(folder)
            raise


def _beside(folder: Path) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.", suffix=".part")


def gather_near(path: Path, root: Path) -> tuple[dict[str, bytes], list[Finding]]:
    """A file or folder with what is needed to judge it: the repository around it, or what belongs to it where it stands."""
    sources, findings = gather(root) if root_of(root) == root else ({}, [])
    for one in _belonging(path):
        name = one.relative_to(root).as_posix()
        if name not in sources:
            data = load(one, name, findings)
            if data is not None:
                sources[name] = data
    mine = path.relative_to(root).as_posix()
    return sources, findings if path.is_dir() else [one for one in findings if one.path == mine]


def _belonging(path: Path) -> list[Path]:
    """A case and its walkthroughs go together, an outline and the pages below it; nothing else is looked at."""
    if path.is_dir() or path.name == "outline.xml":
        folder = path if path.is_dir() else path.parent
        return [one for one in sorted(folder.rglob("*")) if one.suffix in ENDINGS and one.is_file()]
    case = path.parent.parent if path.suffix == ".walk" else path.parent
    beside = [case / "scenario.xml", *sorted(case.glob("walkthroughs/*.walk"))]
    return [path, *(one for one in beside if one.is_file() and one != path)]


def below(sources: Mapping[str, bytes], folder: Path, root: Path) -> list[str]:
    """The sources that stand below a folder."""
    start = folder.relative_to(root).as_posix()
    return [name for name in sorted(sources) if start == "." or name.startswith(f"{start}/")]


def commit_of(root: Path) -> str:
    """The commit that is checked out, read from git's own files; "" where there is none."""
    git = root / ".git"
    try:
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return head
        ref = head.removeprefix("ref: ")
        if (git / ref).is_file():
            return (git / ref).read_text(encoding="utf-8").strip()
        packed = (git / "packed-refs").read_text(encoding="utf-8")
        return next((line.split()[0] for line in packed.splitlines() if line.endswith(f" {ref}")), "")
    except OSError:
        return ""


def builder() -> str:
    """A digest of the code that builds packages, and the versions of what it builds them with."""
    home = Path(__file__).parents[1]
    code = [*home.glob("*.py"), *home.glob("curriculum/**/*.py"), *home.glob("scenario/*.py")]
    digests = [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in sorted(code)]
    versions = [f"{name} {metadata.version(name)}" for name in ("lxml", "markdown-it-py", "polib")]
    return hashlib.sha256("\n".join([*digests, *versions]).encode()).hexdigest()
