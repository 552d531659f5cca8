"""Many packages at once: which of them have changed, every core at work on those, each proved before one file is written.

The rim around `curriculum.build`. A worker is a process of its own that is given the sources once, already read, and sends back
finished archives; this process alone writes.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import connection
from pathlib import Path
from typing import Any

from casework.curriculum import archive, build, proof
from casework.curriculum.build import ARCHIVE, MANIFEST, Wanted
from casework.curriculum.outline import Sources
from casework.curriculum.repository import Repository
from casework.findings import Finding

SMALL = 1_000_000
"""Bytes of sources times packages: below it a package is built sooner than a process has started."""
SOUND = ".casework-checked.json"
"""Beside the packages: of which sources they were checked, so that a build of the same ones need not check them again."""
AHEAD = 8
"""Packages for each worker that may be finished before the first is fetched: a bound on memory."""


@dataclass(frozen=True)
class Job:
    """What every package of a build shares."""

    repository: Repository
    sources: Sources
    commit: str
    builder: str

    @cached_property
    def checked(self) -> str:
        """A digest of everything that a check looks at, and of the code that looks."""
        lines = [f"{path} {archive.digest(data)}" for path, data in sorted(self.sources.items())]
        return archive.digest("\n".join([self.builder, *lines]).encode())

    def made_of(self, want: Wanted) -> str:
        return build.made_of(self.repository, self.sources, want, self.builder)


@dataclass(frozen=True)
class Made:
    """One package: its files by name, the archive first; what its proof has found; and what its manifest says."""

    want: Wanted
    files: dict[str, bytes]
    findings: tuple[Finding, ...]
    facts: dict[str, Any]


def made(job: Job, want: Wanted) -> Made:
    """One package, proved."""
    package = build.package(job.repository, job.sources, want)
    findings = proof.check(package.files, f"{package.stem}{ARCHIVE}", package.manifest)
    facts = {key: value for key, value in package.manifest.items() if key != "inventory"}
    return Made(want, package.written(job.commit, job.made_of(want)), tuple(findings), facts)


def unchanged(job: Job, want: Wanted, folder: Path) -> bool:
    """Whether the package is there, whole, and made of the very same sources by the same code."""
    try:
        manifest = json.loads((folder / f"{want.stem}{MANIFEST}").read_bytes())
        if not isinstance(manifest, dict) or manifest.get("made_of") != job.made_of(want):
            return False
        return bool(manifest.get("sha256") == archive.digest((folder / f"{want.stem}{ARCHIVE}").read_bytes()))
    except (OSError, ValueError):
        return False


def sound(job: Job, folder: Path) -> frozenset[str]:
    """The languages with which these very sources were checked by the same code for this folder, and had no error."""
    try:
        kept = json.loads((folder / SOUND).read_bytes())
        return frozenset(map(str, kept["languages"])) if kept["checked"] == job.checked else frozenset()
    except (OSError, ValueError, TypeError, KeyError):
        return frozenset()


def soundness(job: Job, languages: Collection[str]) -> bytes:
    """What `sound` reads."""
    return (json.dumps({"checked": job.checked, "languages": sorted(languages)}) + "\n").encode()


class Packing:
    """Packages in their order. Work begins at once, where there are processes for it, and goes on while the caller checks."""

    def __init__(self, job: Job, wants: Sequence[Wanted], workers: int) -> None:
        self._job = job
        self._waiting = deque(wants)
        self._begun: deque[Future[Made]] = deque()
        self._pool: ProcessPoolExecutor | None = None
        workers = min(workers, len(wants))
        if workers > 1 and len(wants) * sum(map(len, job.sources.values())) > SMALL:
            # Not by fork, which copies whatever threads hold: the same on every system.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(job,))
        self._ahead = workers * AHEAD

    def __enter__(self) -> Packing:
        self._submit()
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _submit(self) -> None:
        while self._pool and self._waiting and len(self._begun) < self._ahead:
            self._begun.append(self._pool.submit(_work, self._waiting.popleft()))

    def __iter__(self) -> Iterator[Made]:
        while self._begun or self._waiting:
            if not self._pool:
                yield made(self._job, self._waiting.popleft())
                continue
            try:
                done = self._begun.popleft().result()
                self._submit()
            except BrokenProcessPool as error:
                raise OSError("a process that built packages was ended from outside") from error
            yield done


def cores() -> int:
    """How many processes can run at once here."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


# -- in a worker ------------------------------------------------------------------------------------------------------

_given: list[Job] = []
"""The job of this worker, handed over when it starts."""


def _begin(job: Job) -> None:
    _given[:] = [job]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the parent too, which ends the work quietly
    parent = multiprocessing.parent_process()
    if parent:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    """Ends this process with the one that started it, which may have been killed and can tell nobody."""
    connection.wait([sentinel])
    os._exit(1)


def _work(want: Wanted) -> Made:
    return made(_given[0], want)
