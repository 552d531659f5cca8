"""`casework build`: packages for Open edX, or with --html the open edition."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from casework.cli.common import OK, USAGE, Commands, count, here, refuse, told
from casework.curriculum import build, check, files, repository


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
    one.set_defaults(run=_build)


def _build(options: argparse.Namespace) -> int:
    root = here()
    sources, findings = files.gather(root)
    read = repository.read(sources)
    chosen = build.wanted(read, options.country, options.lang, options.audience)
    findings += check.whole(sources, {}, {want.lang for want in chosen})
    if any(one.is_error for one in findings):
        status = told([one for one in findings if one.is_error], root)
        return refuse("nothing was built", status)
    if not chosen:
        return refuse(f"no country has such a package; there are {_packages(read)}", USAGE)
    if options.html:
        return _editions(read, sources, chosen, Path(options.out))
    written: dict[Path, bytes] = {}
    for want in chosen:
        package = build.package(read, sources, want)
        made = package.written(files.commit_of(root))
        written |= {Path(options.out) / name: data for name, data in made.items()}
        print(_line(package, made), flush=True)
    files.write(written)
    return OK


def _editions(read: repository.Repository, sources: Mapping[str, bytes], chosen: list[build.Wanted], out: Path) -> int:
    folders: dict[Path, Mapping[str, bytes]] = {}
    for want in chosen:
        made = build.open_edition(read, sources, want)
        folders[out / f"{want.stem}-html"] = made
        size = sum(map(len, made.values())) // 1024
        print(f"{want.stem}-html  {size} KB  {count(len(made), 'file')}", flush=True)
    files.write_folders(folders)
    return OK


def _packages(read: repository.Repository) -> str:
    return ", ".join(f"{one.country} {one.lang}" for one in build.wanted(read)) or "none"


def _line(package: build.Package, made: Mapping[str, bytes]) -> str:
    facts = package.manifest
    size = len(made[f"{package.stem}.tar.gz"]) // 1024
    translated = f", {facts['coverage']} % translated, {facts['reviewed']} % reviewed"
    if not facts["messages"]["total"]:
        translated = ""
    return f"{package.stem}.tar.gz  {size} KB  {count(facts['lessons'], 'lesson')}, {count(facts['cases'], 'case')}{translated}"
