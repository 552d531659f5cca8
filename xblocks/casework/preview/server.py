"""Starts the preview: packages in, an address out. `casework serve` calls `serve` and prints a `PreviewError`.

Importing this module needs no Django; the settings are read when `serve` is called.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from casework.preview.package import Package, PreviewError, read

if TYPE_CHECKING:
    from django.core.servers.basehttp import ThreadedWSGIServer

__all__ = ["PreviewError", "serve"]


def serve(
    packages: Sequence[Path],
    host: str = "127.0.0.1",
    port: int = 8600,
    database_url: str | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Serves built packages until it is interrupted.

    SQLite below `var/` of the current folder unless `database_url`, or the environment's DATABASE_URL, says otherwise.
    Port 0 takes a free one. Raises `PreviewError` with one line when it cannot start.
    """
    if not packages:
        raise PreviewError("no package was named: casework serve PACKAGE.tar.gz …")
    contents = [read(Path(path)) for path in packages]
    _set_up_django(host, database_url)
    server = _bind(host, port)
    try:
        _migrate()
        say(f"Loading {len(contents)} packages; the platform's question types take a few seconds")
        _load(contents)
        shown = f"[{host}]" if ":" in host else host
        say(f"Casework preview: http://{shown}:{server.server_port}/  (Ctrl+C stops it)")
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        say("Stopped. What learners did is kept.")
    finally:
        server.server_close()


def _set_up_django(host: str, database_url: str | None) -> None:
    import django

    # Said by a library that xblocks-contrib needs, once at each start, to a reader who can do nothing about it.
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
    os.environ["DJANGO_SETTINGS_MODULE"] = "casework.preview.settings"
    if database_url:
        os.environ["DATABASE_URL"] = database_url
    if host not in ("127.0.0.1", "localhost", "::1"):
        # Asked to be reached from elsewhere, under a name that only its owner knows.
        os.environ.setdefault("ALLOWED_HOSTS", "*")
    try:
        from django.conf import settings

        if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
            folder = Path(settings.DATABASES["default"]["NAME"]).parent
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK):
                raise PermissionError(f"{folder} cannot be written to")
        django.setup()
    except OSError as err:
        raise PreviewError(f"the preview keeps its database in a folder it cannot write to ({err})") from err
    except (ImportError, ValueError) as err:
        raise PreviewError(f"the preview cannot be set up: {err}") from err


def _bind(host: str, port: int) -> ThreadedWSGIServer:
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    class Server(ThreadedWSGIServer):
        request_queue_size = 128

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """A preview is looked at, not its access log; errors are logged where they happen."""

    try:
        server = Server((host, port), Quiet, ipv6=":" in host, allow_reuse_address=sys.platform != "win32")
    except OSError as err:
        raise PreviewError(f"cannot listen on {host}:{port}: {err.strerror or err} (--port chooses another)") from err
    except OverflowError as err:
        raise PreviewError(f"{port} is no port") from err
    server.set_app(get_wsgi_application())
    return server


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import DatabaseError, connection

    try:
        # run_syncdb: the older xblock-sdk ships models without migrations.
        call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)
        connection.close()
    except (DatabaseError, OSError) as err:
        line = " ".join(str(err).split())
        raise PreviewError(f"the database cannot be used: {line}") from err


def _load(contents: Sequence[Package]) -> None:
    from casework.preview.course import SHELF
    from casework.preview.loading import load

    SHELF.clear()
    for package in contents:
        course = load(package)
        if SHELF.get(course.id):
            raise package.fault("course.xml", f"{course.id} was already read from another package")
        SHELF.put(course)
