"""What gettext's own `msgfmt` says to a catalog, where it is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator

from casework.findings import Finding, found

PROGRAM = "msgfmt"
_LINE = re.compile(r"<stdin>:(\d+): (.+)")


def is_here() -> bool:
    return shutil.which(PROGRAM) is not None


def findings(catalog: bytes, path: str) -> Iterator[Finding]:
    """What `msgfmt -c` refuses; what it only warns of (fields of the header that we leave out on purpose) is not told."""
    ran = subprocess.run(  # noqa: S603 - a program by its full path, the catalog as its input
        [str(shutil.which(PROGRAM)), "--check", "--output-file", os.devnull, "-"],
        input=catalog,
        capture_output=True,
        env={**os.environ, "LC_ALL": "C"},
        timeout=60,
    )
    if not ran.returncode:
        return
    said = [_LINE.fullmatch(line) for line in ran.stderr.decode(errors="replace").splitlines()]
    refused = [one for one in said if one and not one[2].startswith("warning:")]
    for one in refused:
        yield found("bad-msgfmt", path, int(one[1]), detail=one[2].removeprefix("error: "))
    if not refused:
        yield found("bad-msgfmt", path, 0, detail="it is no catalog")
