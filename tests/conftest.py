"""Browser tests are skipped with one line where there is no browser; under CI=true that is a failure."""

from __future__ import annotations

import os
from typing import Any

import pytest

from chromium import CHROMIUM, FLAGS

# Playwright keeps a loop running in its thread, in which Django would refuse every test after it to look at the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The longest files first, lest all but one worker wait for the last.
    items.sort(key=lambda item: (item.path.name != "test_databases.py", item.path.parent.name != "browser"))
    browser = [item for item in items if "browser" in item.keywords]
    if not browser or os.access(CHROMIUM, os.X_OK):
        return
    reason = (
        f"no Chromium at “{CHROMIUM}”; the variable CHROMIUM names one"
        if CHROMIUM
        else "no Chromium; CHROMIUM names one"
    )
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(f"{len(browser)} browser tests cannot run: {reason}")
    for item in browser:
        item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": FLAGS, "headless": True}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A test database on SQLite is a file, not memory: requests at once need connections of their own."""
    from django.conf import settings
    from django.db import connections

    if connections["default"].vendor == "sqlite":
        name = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        connections["default"].settings_dict["TEST"]["NAME"] = name
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = name


@pytest.fixture(autouse=True)
def cases_are_not_saved_yet() -> None:
    """What a process remembers of its database is wrong in the next test, whose database is another one."""
    try:
        from casework.review.storage import cases
    except Exception:  # tests that need no Django run without
        return
    cases._saved.clear()
