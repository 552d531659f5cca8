"""Print the path of a Chromium for the browser tests, installing one with apt-get when we are root and none is there.

Prints nothing where none can be had; the tests are then skipped with one line, and under CI=true that is a failure.
"""

import os
import shutil
import subprocess
import sys

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]


def found():
    wanted = os.environ.get("CHROMIUM")
    if wanted:
        return wanted if os.access(wanted, os.X_OK) else None
    return next(filter(None, map(shutil.which, NAMES)), None)


def noto():
    """Without Noto fonts Thai is shown as empty boxes, and a screenshot proves nothing."""
    try:
        return b"Noto Sans Thai" in subprocess.check_output(["fc-list"])
    except (OSError, subprocess.CalledProcessError):
        return False


def install():
    sys.stderr.write("Installing Chromium and Noto fonts with apt-get\n")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = ["fonts-noto-core"] + ([] if found() else ["chromium"])
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends"] + packages):
        subprocess.call(command, env=environment, **quiet)


if __name__ == "__main__":
    may = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") and not os.environ.get("CHROMIUM")
    if may and not (found() and noto()):
        install()
    print(found() or "")
