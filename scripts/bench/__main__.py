"""How fast the desk is: `make bench`, or `python scripts/bench [--attempts N] [--databases URL …]`.

For each database that answers: an empty one of its own is filled (`fill.py`), the pages are asked through Django's client
and their server time is taken, and beside them two other ways of doing the same work over the same rows (`others.py`).
Prints tables; nothing is asserted. The database is taken away again.
"""

from __future__ import annotations

import argparse
import os
import platform
import socket
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
USUAL = ["sqlite:", "mariadb://root@127.0.0.1:3306", "postgres://postgres@127.0.0.1:5432"]


def main() -> int:
    asked = argparse.ArgumentParser(prog="bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--attempts", type=int, default=100_000, metavar="N")
    asked.add_argument("--databases", nargs="*", default=os.environ.get("BENCH_DATABASES", "").split() or USUAL)
    asked.add_argument("--seconds", type=float, default=4.0, help="at most so long on one page")
    asked.add_argument("--explain", action="store_true", help="print the plans of the slowest queries")
    asked.add_argument("--keep", action="store_true", help="leave the filled databases, and use those that were left")
    asked.add_argument("--one", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.one:
        return one_database(given)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}, "
        f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC, {given.attempts:,} finished attempts",
        flush=True,
    )
    failed = 0
    for url in given.databases:
        if not answers(url):
            print(f"\n{url}: does not answer, left out")
            continue
        with TemporaryDirectory() as folder:
            if url == "sqlite:":
                (kept := HERE.parents[1] / "var").mkdir(exist_ok=True)
                named = f"sqlite:///{kept if given.keep else folder}/bench.sqlite3"
            else:  # two runs at once on one server shall not meet
                named = f"{url}/casework_bench{'' if given.keep else f'_{os.getpid()}'}"
            command = [sys.executable, "-W", "ignore", str(HERE), "--one", named, "--attempts", str(given.attempts)]
            command += ["--seconds", str(given.seconds), *(["--explain"] * given.explain), *(["--keep"] * given.keep)]
            failed |= subprocess.call(command, env={**os.environ, "DATABASE_URL": named})
    return failed


def answers(url: str) -> bool:
    parts = urlsplit(url)
    if not parts.hostname:
        return True
    try:
        with socket.create_connection((parts.hostname, parts.port or 0), timeout=2):
            return True
    except OSError:
        return False


def one_database(given: argparse.Namespace) -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "casework.preview.settings"
    sys.path.insert(0, str(HERE))
    import django
    from django.conf import settings

    settings.MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ]
    settings.ROOT_URLCONF = "site_of_bench"
    settings.CASEWORK_MAY_REVIEW = "site_of_bench.may_review"
    # A cache would answer for the database: every submission is fetched each time.
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    django.setup()
    from django.db import connection

    name = connection.settings_dict["TEST"]["NAME"] = str(connection.settings_dict["NAME"])
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False, keepdb=given.keep)
    try:
        import fill
        import pages

        filled = fill.fill(given.attempts)
        version = ".".join(map(str, connection.get_database_version()))
        print(f"\n{connection.display_name} {version}: {filled}, load {os.getloadavg()[0]:.1f}")
        pages.measure_all(given.seconds, given.explain)
    finally:
        if not given.keep:
            connection.creation.destroy_test_db(name, verbosity=0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
