"""Runs the preview in processes of its own, as a person would start it, for tests that need a real address."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_RUN = """
import sys
from pathlib import Path
from casework.preview.server import PreviewError, serve
try:
    serve([Path(p) for p in sys.argv[2:]], port=int(sys.argv[1]), say=lambda line: print(line, flush=True))
except PreviewError as err:
    print(err)
    sys.exit(1)
"""


def _command(packages: Sequence[Path], port: int) -> list[str]:
    return [sys.executable, "-c", _RUN, str(port), *(str(package) for package in packages)]


def _environment(database_url: str = "") -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    return kept | {"PYTHONPATH": str(_ROOT / "xblocks"), "DATABASE_URL": database_url}


def run_once(packages: Sequence[Path], folder: Path, port: int = 0, database_url: str = "") -> tuple[int, str]:
    """Exit code and output of a server that is expected to refuse."""
    done = subprocess.run(
        _command(packages, port),
        cwd=folder,
        env=_environment(database_url),
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


class Servers:
    """Servers on free ports. Each has a folder of its own below `folder`, unless it is to share another's state."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._running: dict[str, subprocess.Popen[str]] = {}

    def start(self, packages: Sequence[Path], folder: Path | None = None, port: int = 0) -> str:
        """The address of a new server, once it answers. `folder` is where it keeps its `var/`; port 0 is any free one."""
        folder = folder or Path(tempfile.mkdtemp(dir=self._folder))
        with (folder / "preview.log").open("a") as log:
            process = subprocess.Popen(
                _command(packages, port), cwd=folder, env=_environment(), stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert process.stdout is not None
        said = []
        while (line := process.stdout.readline()) and "http://" not in line:
            said.append(line)
        if not line:
            process.kill()
            raise AssertionError(f"the server did not start: {''.join(said)}{(folder / 'preview.log').read_text()}")
        base = line.split()[2].rstrip("/")
        self._running[base] = process
        return base

    def stop(self, base: str) -> None:
        process = self._running.pop(base)
        process.terminate()
        process.wait(timeout=20)
        if process.stdout:
            process.stdout.close()

    def stop_all(self) -> None:
        for base in list(self._running):
            self.stop(base)

    @staticmethod
    def at_once(base: str, path: str, count: int) -> list[int]:
        """The statuses of `count` requests that are under way together."""

        def get(_number: int) -> int:
            with urllib.request.urlopen(base + path, timeout=60) as answer:
                return int(answer.status)

        time.sleep(0.1)
        with ThreadPoolExecutor(max_workers=16) as pool:
            return list(pool.map(get, range(count)))
