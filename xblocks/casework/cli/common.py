"""What every command says and asks alike: findings, refusals, counts, and the repository around the current folder."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from casework.curriculum import files
from casework.findings import Finding, ordered

Commands = argparse._SubParsersAction  # what `add_subparsers` gives; argparse has no public name for it
OK, FAULTY, USAGE = 0, 1, 2
INTERRUPTED = 130
"""What a shell reports of a command that Ctrl+C ended."""


class NoRepository(Exception):
    """The current folder is in no repository of courses."""


def here() -> Path:
    """The repository around the current folder. Raises NoRepository."""
    root = files.root_of(Path.cwd())
    if root is None:
        raise NoRepository
    return root


def refuse(line: str, status: int) -> int:
    print(f"casework: {line}", file=sys.stderr)
    return status


def told(findings: Iterable[Finding], root: Path, strict: bool = False) -> int:
    """Prints every finding with its path as seen from here, then the counts; the exit status they mean."""
    seen = [replace(one, path=seen_from_here(one.path, root)) for one in findings]
    all_told = ordered(seen)
    for one in all_told:
        print(one)
    errors = sum(one.is_error for one in all_told)
    print(f"{count(errors, 'error')}, {count(len(all_told) - errors, 'warning')}")
    return FAULTY if errors or (strict and all_told) else OK


def seen_from_here(path: str, root: Path) -> str:
    return os.path.relpath(root / path)


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
