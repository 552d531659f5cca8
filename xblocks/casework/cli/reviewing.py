"""`casework review`: what waits for a person, and that somebody has read it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from casework.blocks.words import WORDS
from casework.cli.common import FAULTY, OK, Commands, count, here, refuse, seen_from_here
from casework.curriculum import files, repository, reviewing


def add(commands: Commands) -> None:
    """Takes its place among the commands."""
    one = commands.add_parser("review", help="list what waits for a person's eye, or record that somebody has read it")
    one.add_argument("path", nargs="?", metavar="PATH", help="a case or a catalog that was read; without it, the list")
    one.add_argument("--by", default="", metavar="NAME", help="who has read it")
    one.add_argument(
        "--role", default="", metavar="TEXT", help="in which practice: prosecutor, shelter nurse, reader of Thai"
    )
    one.add_argument(
        "--date", default=datetime.now(UTC).date().isoformat(), metavar="YYYY-MM-DD", help="today without it"
    )
    one.add_argument("--verdict", choices=reviewing.VERDICTS, default=reviewing.VERDICTS[0])
    one.set_defaults(run=_review)


def _review(options: argparse.Namespace) -> int:
    root = here()
    sources, _ = files.gather(root)
    read = repository.read(sources)
    if not options.path:
        return _waiting(read, sources)
    name = os.path.relpath(Path(options.path).absolute(), root).replace(os.sep, "/")
    who = reviewing.Reviewer(options.by, options.role, options.date)
    try:
        path, data, total = reviewing.recorded(name, read, sources, WORDS, who, options.verdict)
    except reviewing.NotReviewable as error:
        return refuse(str(error), FAULTY)
    files.write({root / path: data})
    print(f"{seen_from_here(path, root)}: {count(total, 'text')} {options.verdict} by {options.by}")
    return OK


def _waiting(read: repository.Repository, sources: Mapping[str, bytes]) -> int:
    rows = reviewing.waiting(read, sources, WORDS)
    for row in rows:
        print(f"{row.waits:>5} of {row.total:<5} for {row.whom:<25} {row.path}")
    print(f"{count(sum(row.waits for row in rows), 'text')} in {count(len(rows), 'file')} wait for a person")
    return OK
