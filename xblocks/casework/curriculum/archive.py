"""One archive from the files of a package: the same files give the same bytes, on any day and under any hash seed."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Mapping

EPOCH = 1767225600
"""2026-01-01T00:00:00Z, the time of every member. No clock is read while building."""
TOP = "course"


def tar(files: Mapping[str, bytes]) -> bytes:
    """An uncompressed archive: sorted names below one folder, no owner, one time."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            member = tarfile.TarInfo(f"{TOP}/{name}")
            member.size = len(files[name])
            member.mtime = EPOCH
            member.mode = 0o644
            archive.addfile(member, io.BytesIO(files[name]))
    return out.getvalue()


def compressed(data: bytes) -> bytes:
    """gzip without name and time. `GzipFile`, whose header is the same on every Python (reference: olx §8)."""
    out = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=out, mtime=0) as file:
        file.write(data)
    return out.getvalue()


def files(packed: bytes) -> dict[str, bytes]:
    """What `tar` and `compressed` have packed. Raises ValueError where it is no such archive."""
    try:
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
            return {
                member.name.removeprefix(f"{TOP}/"): content.read()
                for member in archive
                if member.isreg() and (content := archive.extractfile(member)) is not None
            }
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise ValueError(f"this is no package: {error}") from error


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
