"""`casework check`: everything that is wrong, at once."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from casework.blocks.words import WORDS
from casework.cli.common import OK, USAGE, Commands, here, refuse, told
from casework.curriculum import check, files, repository
from casework.findings import Finding, found


def add(commands: Commands) -> None:
    """Takes its place among the commands."""
    one = commands.add_parser("check", help="tell everything that is wrong, at once")
    one.add_argument("path", nargs="*", metavar="PATH", help="a file or folder; without any, the whole repository")
    one.add_argument("--strict", action="store_true", help="warnings count as errors")
    one.add_argument("--facts", action="store_true", help="list facts that are left out, unconfirmed or undated")
    one.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    if options.facts or not options.path:
        root = here()
        sources, findings = files.gather(root)
        if options.facts:
            print(*check.facts(repository.read(sources)), sep="\n")
            return OK
        return told([*findings, *check.whole(sources, WORDS)], root, options.strict)
    findings = []
    unknown: list[str] = []
    for name in options.path:
        _one(Path(name), findings, unknown)
    for name in unknown:
        refuse(f"{name}: no case, page, question, outline, walkthrough, catalog, facts or review", USAGE)
    return USAGE if unknown else told(findings, Path.cwd(), options.strict)


def _one(path: Path, findings: list[Finding], unknown: list[str]) -> None:
    """The findings of one path: a repository, a folder of anything, or a file from anywhere."""
    if not path.exists():
        findings.append(found("unreadable", str(path), 0, detail="there is no such file or folder"))
        return
    path = path.resolve()
    if path.is_dir() and files.root_of(path) == path:
        sources, faults = files.gather(path)
        faults += check.whole(sources, WORDS)
        findings += [replace(one, path=str(path / one.path)) for one in faults]
        return
    root = files.root_of(path.parent) or (path if path.is_dir() else path.parents[min(1, len(path.parents) - 1)])
    sources, faults = files.gather_near(path, root)
    names = [path.relative_to(root).as_posix()] if path.is_file() else files.below(sources, path, root)
    if not names and path.is_dir():
        unknown.append(str(path))
    for name in names:
        said = check.one(name, sources) if name in sources else []
        if said is None:
            unknown.append(name)
        faults += said or []
    findings += [replace(one, path=str(root / one.path)) for one in faults]
