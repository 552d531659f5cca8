"""The installer says in one line what is missing. It is run as `make` runs it, on copies, never on this checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("scripts", "constraints"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("setup.py", "pyproject.toml", "Makefile"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def shim(folder: Path, script: str) -> str:
    """An interpreter that answers as `script` says."""
    path = folder / "python-shim"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def refused(checkout: Path, python: str) -> str:
    done = subprocess.run(
        [sys.executable, "scripts/install.py"], cwd=checkout, env={"PATH": "/usr/bin:/bin", "PYTHON": python, "HOME": "/nowhere"},
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def test_a_python_too_old_is_one_line(checkout: Path) -> None:
    assert "3.11 or 3.12 is needed; found: 3.8" in refused(checkout, shim(checkout, "echo 3 8"))


def test_a_name_that_exists_and_does_not_run_is_one_line(checkout: Path) -> None:
    assert "found: none that runs" in refused(checkout, shim(checkout, "echo not installed >&2; exit 127"))


def test_a_missing_venv_module_is_one_line(checkout: Path) -> None:
    python = shim(checkout, 'case "$2" in *version_info*) echo 3 12;; *) exit 1;; esac')
    assert "python3.12-venv" in refused(checkout, python)


def test_a_folder_that_cannot_be_written_is_one_line(checkout: Path) -> None:
    (checkout / ".venv").write_text("a file where a folder should be made", encoding="utf-8")
    python = shim(
        checkout,
        'case "$2" in *version_info*) echo 3 12;; *import*) exit 0;; *) echo "Permission denied" >&2; exit 1;; esac',
    )
    assert "Permission denied" in refused(checkout, python)


def test_make_alone_lists_the_targets(checkout: Path) -> None:
    done = subprocess.run(["make"], cwd=checkout, capture_output=True, text=True, check=True)
    for target in ("install", "start", "test", "check"):
        assert f"make {target}" in done.stdout
