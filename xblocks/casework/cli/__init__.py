"""`casework check | build | messages | review | serve | answers`. Arguments in, lines out; every rule lives elsewhere.

Exit status: 0 sound, 1 findings that stop something, 2 wrong usage. Bad content never ends in a traceback.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from casework import __version__
from casework.cli import answers, building, checking, reviewing, serving, translating
from casework.cli.common import FAULTY, INTERRUPTED, OK, USAGE, NoRepository, refuse

COMMANDS = (checking, building, translating, reviewing, serving, answers)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status. Wrong usage leaves by SystemExit(2), as argparse does."""
    try:
        options = _parser().parse_args(arguments)
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except NoRepository:
        return refuse("no repository here: no folder above this one holds courses/regional", USAGE)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone. Without this, Python complains once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return refuse(f"{where}{error.strerror or error}", FAULTY)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="casework", description="Check, build, translate and preview Casework courses."
    )
    parser.add_argument("--version", action="version", version=f"casework {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return parser
