"""`casework answers`: the answers of a course from a platform."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from casework.cli.common import FAULTY, OK, Commands, refuse


def add(commands: Commands) -> None:
    """Takes its place among the commands."""
    one = commands.add_parser("answers", help="fetch the answers of a course from a platform, as JSON Lines")
    one.add_argument("url", metavar="URL", help="the address of the LMS: https://learn.example.org")
    one.add_argument("course", metavar="COURSE", help="the course's id: course-v1:Org+SAFE+2026")
    one.add_argument("--out", required=True, metavar="FILE", help="where the lines go; FILE.part until all are there")
    one.add_argument(
        "--case", default="", metavar="BLOCK", help="one case alone, by its block's id; the desk's page names it"
    )
    one.add_argument("--names", action="store_true", help="user names beside the aliases, where they are given out")
    one.epilog = f"The token stands in the environment as {TOKEN}. The same command goes on where it was interrupted."
    one.set_defaults(run=_answers)


TOKEN = "CASEWORK_TOKEN"  # noqa: S105  the name of a variable, which keeps the token out of the list of processes


def _answers(options: argparse.Namespace) -> int:
    from casework import fetching

    out = Path(options.out)
    wanted = fetching.Wanted(options.url, options.course, options.names, options.case)
    progress = _Progress()
    try:
        count = fetching.fetch(wanted, out, os.environ.get(TOKEN, "").strip(), progress.told)
    except fetching.FetchError as error:
        progress.end()
        return refuse(str(error), FAULTY)
    except KeyboardInterrupt:
        progress.end()
        raise
    progress.end()
    print(f"{count:,} attempt{'' if count == 1 else 's'} in {out}")
    return OK


class _Progress:
    """How far a download is, on stderr: one line that changes on a terminal, else a line every few seconds."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._pause = 0.2 if self._terminal else 5.0
        self._next = 0.0
        self._said = ""

    def told(self, arrived: int, total: int) -> None:
        now = time.monotonic()
        if now >= self._next or arrived == total:
            line = f"{arrived:,} of {total:,} attempts"
            if line != self._said:
                print(f"\r{line}" if self._terminal else line, end="" if self._terminal else "\n", file=sys.stderr)
                sys.stderr.flush()
            self._next, self._said = now + self._pause, line

    def end(self) -> None:
        if self._terminal and self._said:
            print(file=sys.stderr)
