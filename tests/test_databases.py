"""Whatever touches the database, asked of the databases an operator may have beside SQLite, races included.

TEST_DATABASES names others, as URLs with spaces between them. One that does not answer is skipped.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

USUAL = "mariadb://root@127.0.0.1:3306 postgres://postgres@127.0.0.1:5432"
HERE = Path(__file__).parent
TESTS = [
    "review/test_review_storage.py",
    "review/test_review_plans.py",
    "review/test_review_cost.py",
    "review/test_review_leases.py",
    "review/test_review_class.py",
    "review/test_review_export.py",
    "review/test_review_desk.py",
    "blocks/test_own.py",
    "blocks/test_reviewed.py",
    "blocks/test_plan_and_variants.py",
    "blocks/test_block.py",
    "preview/test_grades.py",
    "preview/test_store.py",
    "preview/test_roles.py",
]


def answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=2):
            return True
    except OSError:
        return False


@pytest.mark.parametrize("url", os.environ.get("TEST_DATABASES", USUAL).split())
def test_what_touches_the_database_holds_on(url: str) -> None:
    if not answers(url):
        pytest.skip(f"no database at {url}")
    # A name of its own: two runs at once on one server shall not meet.
    env = {**os.environ, "DATABASE_URL": f"{url}/casework_review_{os.getpid()}"}
    env["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-qx",
        "-m",
        "not browser",
        "-p",
        "no:cacheprovider",
        *(str(HERE / name) for name in TESTS),
    ]
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=900, check=False)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert " skipped" not in run.stdout.splitlines()[-1]
