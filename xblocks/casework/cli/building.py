"""`casework build`: packages for Open edX, or with --html the open edition."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from casework.cli import packing
from casework.cli.common import OK, USAGE, Commands, count, here, refuse, told
from casework.cli.packing import Made
from casework.curriculum import build, check, files, release, repository
from casework.curriculum.build import Wanted
from casework.findings import Finding


def add(commands: Commands) -> None:
    """Takes its place among the commands."""
    one = commands.add_parser("build", help="build course packages for Open edX, or pages to print")
    one.add_argument("--country", default="", metavar="CC", help="one country (th, id); all without it")
    one.add_argument(
        "--lang", default="", help="one language (th, id, en; qps: English with accents, a test); all without it"
    )
    one.add_argument("--audience", default="", help="leave out what is kept for other audiences")
    one.add_argument("--out", default="dist", metavar="DIR", help="where packages and manifests go (dist)")
    one.add_argument(
        "--html",
        action="store_true",
        help="the open edition instead: folders of plain pages to read, print and play from",
    )
    one.add_argument(
        "--mode",
        choices=(build.PILOT, build.RELEASE),
        default=build.PILOT,
        help="pilot shows drafts, and says so (the default); release refuses what nobody has reviewed",
    )
    one.add_argument("--force", action="store_true", help="build what has not changed, too")
    one.set_defaults(run=_build)


def _build(options: argparse.Namespace) -> int:
    root, out = here(), Path(options.out)
    sources, findings = files.gather(root)
    read = repository.read(sources)
    chosen = build.wanted(read, options.country, options.lang, options.audience, options.mode)
    if options.html:
        return _editions(read, sources, findings, chosen, options)
    job = packing.Job(read, sources, files.commit_of(root), files.builder())
    faulty = any(one.is_error for one in [*findings, *read.findings])
    stale = [] if faulty else [one for one in chosen if options.force or not packing.unchanged(job, one, out)]
    sound = frozenset[str]() if options.force else packing.sound(job, out)
    with packing.Packing(job, stale, packing.cores()) as made, files.Staged() as staged:
        status = _refused(read, sources, findings, chosen, options.mode, sound)
        if status != OK:
            return status
        faults = _packed(chosen, stale, made, out, staged)
        if faults:
            return refuse("nothing was written", told(faults, Path.cwd()))
        spoken = {want.lang for want in chosen}
        if not spoken <= sound:
            staged.add(out / packing.SOUND, packing.soundness(job, sound | spoken))
        staged.place()
    files.swept(out, time.time() - 3600)
    return OK


def _refused(
    read: repository.Repository,
    sources: Mapping[str, bytes],
    findings: Iterable[Finding],
    chosen: list[Wanted],
    mode: str,
    sound: frozenset[str] = frozenset(),
) -> int:
    """Checks everything that would be built, and tells why nothing is; OK where something can be. `sound`: the languages with
    which these very sources have been checked already."""
    spoken = {want.lang for want in chosen}
    known = [*findings, *([] if chosen and spoken <= sound else check.whole(sources, {}, spoken))]
    if mode == build.RELEASE and not any(one.is_error for one in known):
        known += release.check(read, sources, chosen)
    errors = [one for one in known if one.is_error]
    if errors:
        return refuse("nothing was built", told(errors, here()))
    if not chosen:
        return refuse(f"no country has such a package; there are {_packages(read)}", USAGE)
    return OK


def _packed(
    chosen: list[Wanted], stale: list[Wanted], packages: Iterable[Made], out: Path, staged: files.Staged
) -> list[Finding]:
    """Stages each package as it is finished, with a line for each; what their proofs have found."""
    faults: list[Finding] = []
    finished = iter(packages)
    for number, want in enumerate(chosen, 1):
        said = f"{want.stem}{build.ARCHIVE}  unchanged"
        if want in stale:
            made = next(finished)
            faults += made.findings
            for name, data in made.files.items():
                staged.add(out / name, data)
            said = _line(made)
        print(f"{number:>{len(str(len(chosen)))}}/{len(chosen)}  {said}", flush=True)
    return faults


def _editions(
    read: repository.Repository,
    sources: Mapping[str, bytes],
    findings: list[Finding],
    chosen: list[Wanted],
    options: argparse.Namespace,
) -> int:
    """The open edition of each of these, whole folders or none."""
    out = Path(options.out)
    status = _refused(read, sources, findings, chosen, options.mode)
    if status != OK:
        return status
    folders: dict[Path, Mapping[str, bytes]] = {}
    for want in chosen:
        made = build.open_edition(read, sources, want)
        folders[out / f"{want.stem}-html"] = made
        size = sum(map(len, made.values())) // 1024
        print(f"{want.stem}-html  {size} KB  {count(len(made), 'file')}", flush=True)
    files.write_folders(folders)
    return OK


def _packages(read: repository.Repository) -> str:
    there = ", ".join(f"{one.country} {one.lang}" for one in build.wanted(read)) or "none"
    audiences = sorted(
        {name for one in read.countries.values() for node in one.course.walk() for name in node.audience}
    )
    return f"{there}; audiences: {', '.join(audiences)}" if audiences else there


def _line(made: Made) -> str:
    facts, name = made.facts, f"{made.want.stem}{build.ARCHIVE}"
    translated = f", {facts['coverage']} % translated, {facts['reviewed']} % reviewed"
    if not facts["messages"]["total"]:
        translated = ""
    size = len(made.files[name]) // 1024
    return f"{name}  {size} KB  {count(facts['lessons'], 'lesson')}, {count(facts['cases'], 'case')}{translated}"
