"""The client of a desk's JSON Lines: fetches a course's answers over HTTP into a file, and goes on after an interruption.

What has arrived stands in FILE.part, whole lines only where it is gone on with; under the final name there is never less
than everything. The token is sent in a header to the address that was given, and is nowhere else: not in a message, not
to a server that the address leads on to. Nothing of Django, and nothing is printed in here.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit

import requests
from urllib3.exceptions import HTTPError

WAIT = (10, 120)
"""Seconds: for a connection, and for the next bytes."""
_BLOCK = 64 * 1024
_LONGEST = 8 * 1024 * 1024
"""Bytes of one line: far more than an attempt can have, and less than a machine's memory."""
_NUMBER = re.compile("[0-9]{1,18}")

Progress = Callable[[int, int], None]
"""Told (attempts that have arrived, attempts in all)."""


class FetchError(Exception):
    """Why a file could not be fetched, in one line for a person."""


@dataclass(frozen=True)
class Wanted:
    """The answers of a course at a site, such as `https://learn.example.org`, or of one `case`: its block's usage id."""

    site: str
    course: str
    names: bool = False
    case: str = ""

    @property
    def address(self) -> str:
        """Raises FetchError for what is no address."""
        try:
            parts = urlsplit(self.site)
            sound = parts.scheme in ("http", "https") and parts.hostname and not parts.username
            _ = parts.port
        except ValueError:
            sound = False
        if not sound or parts.query or parts.fragment:
            raise FetchError(f"“{self.site}” is no address of a site; one looks like https://learn.example.org")
        return f"{self.site.rstrip('/')}/casework/review/{quote(self.course, safe=':+@')}/export/answers.jsonl"


def fetch(wanted: Wanted, out: Path, token: str, told: Progress) -> int:
    """Fetches everything into `out`; answers with how many attempts it holds. Raises FetchError, and then `out` is as it was."""
    _check_token(token)
    address, part = wanted.address, out.with_name(f"{out.name}.part")
    if out.is_dir():
        raise FetchError(f"{out} is a folder")
    try:
        with _opened(part) as file:
            arrived = _Arrived(wanted, part, file)
            with _answer(wanted, address, token, arrived.last) as response:
                _receive(response, arrived, told)
            file.flush()
            os.fsync(file.fileno())
            part.replace(out)
    except (requests.RequestException, HTTPError) as error:  # requests lets a few of urllib3's through
        raise FetchError(f"{_host(wanted)} cannot be reached: {_reason(error)}") from None
    except OSError as error:
        raise FetchError(f"{error.filename or part}: {error.strerror or error}") from None
    return arrived.count


def _check_token(token: str) -> None:
    if not token:
        raise FetchError("there is no token; put it into the environment as CASEWORK_TOKEN")
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise FetchError("what CASEWORK_TOKEN holds is no token")


@contextlib.contextmanager
def _opened(part: Path) -> Iterator[IO[bytes]]:
    """The file of what has arrived, for its owner alone: it holds what learners wrote. Gone again where nothing arrived."""
    number = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(number, "r+b") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise FetchError(f"{part} is no file")
        _alone(number, part)
        try:
            yield file
        except BaseException:
            if os.fstat(number).st_size == 0 and not file.tell():
                part.unlink(missing_ok=True)
            raise


def _alone(number: int, part: Path) -> None:
    """Two at once would mix their lines. Where a system has no such locks, nobody is kept out."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FetchError(f"{part} is being written by another command") from None


class _Arrived:
    """The lines that are here: how many, and the id of the last one. Takes on what an earlier run has left, up to its last
    whole line. Raises FetchError where that is another export."""

    def __init__(self, wanted: Wanted, part: Path, file: IO[bytes]) -> None:
        self._wanted, self._file = wanted, file
        self.count = self.last = 0
        end, newest = 0, b""
        while (line := file.readline(_LONGEST)).endswith(b"\n"):
            newest, end, self.count = line, end + len(line), self.count + 1
        if newest:
            try:
                self.last = self._read(newest)
            except ValueError:
                raise FetchError(
                    f"{part} is not the beginning of this export; delete it, or name another file"
                ) from None
        file.seek(end)
        file.truncate()

    def add(self, line: bytes) -> None:
        """Keeps a whole line. Raises ValueError for one that is none of this export, or that does not come after the last."""
        number = self._read(line)
        if number <= self.last:
            raise ValueError("out of order")
        self._file.write(line)
        self.last, self.count = number, self.count + 1

    def _read(self, line: bytes) -> int:
        said: Any = json.loads(line)
        if not isinstance(said, dict) or said.get("course") != self._wanted.course:
            raise ValueError("no line of this course")
        if self._wanted.case and _block(said) != self._wanted.case:
            raise ValueError("no line of this case")
        number = said.get("id")
        if type(number) is not int or number <= 0 or ("username" in said) is not self._wanted.names:
            raise ValueError("no line of this export")
        return number


def _block(said: dict[str, Any]) -> Any:
    case = said.get("case")
    return case.get("block") if isinstance(case, dict) else None


class _Token(requests.auth.AuthBase):
    """Set as `auth`, a token goes before what a .netrc may hold, which would take its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # Open edX gives out both: JWTs have three parts, the first of them JSON; the others are opaque.
        scheme = "JWT" if self._token.startswith("ey") and self._token.count(".") == 2 else "Bearer"
        request.headers["Authorization"] = f"{scheme} {self._token}"
        return request


@contextlib.contextmanager
def _answer(wanted: Wanted, address: str, token: str, after: int) -> Iterator[requests.Response]:
    asked = {
        "after": str(after),
        "names": "yes" if wanted.names else "no",
        **({"item": wanted.case} if wanted.case else {}),
    }
    with requests.get(
        address, params=asked, auth=_Token(token), stream=True, timeout=WAIT, allow_redirects=False,
        headers={"Accept": "application/x-ndjson"},
    ) as response:  # fmt: skip
        _check_answer(wanted, response)
        yield response


def _check_answer(wanted: Wanted, response: requests.Response) -> None:
    status, host = response.status_code, _host(wanted)
    if status == 401:
        raise FetchError(f"{host} does not accept the token (401)")
    if status == 403:
        besides = ", or gives no user names out" if wanted.names else ""
        raise FetchError(f"{host} does not let this token read {wanted.course}{besides} (403)")
    if status == 404:
        raise FetchError(f"there is no desk of Casework for {wanted.course} at {wanted.site} (404)")
    if status >= 500:
        raise FetchError(f"{host} has failed ({status}); try again later, what has arrived is kept")
    if status in (301, 302, 303, 307, 308):
        where = urlsplit(response.headers.get("Location", ""))
        raise FetchError(f"{host} leads on to {_printable(f'{where.scheme}://{where.netloc}{where.path}')} ({status})")
    if status != 200:
        raise FetchError(f"{host} answers with {status}")
    if "html" in response.headers.get("Content-Type", "").lower():
        raise FetchError(f"{host} answers with a page instead of lines; is {wanted.site} the address of the LMS?")
    if not all(_NUMBER.fullmatch(response.headers.get(name, "")) for name in ("Casework-Rows", "Casework-Last")):
        raise FetchError(f"what answers at {host} is no desk of Casework")


def _receive(response: requests.Response, arrived: _Arrived, told: Progress) -> None:
    """Takes line after line, up to the one that the server has named as the last. Raises FetchError."""
    until, total = int(response.headers["Casework-Last"]), arrived.count + int(response.headers["Casework-Rows"])
    rest = b""
    told(arrived.count, total)
    try:
        for block in response.iter_content(_BLOCK):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                _take(line + b"\n", arrived)
            if len(rest) > _LONGEST:
                raise _broken(arrived)
            told(arrived.count, total)
    except (requests.RequestException, HTTPError):
        raise _gone(arrived, total) from None
    if rest or arrived.last < until:
        raise _gone(arrived, total)


def _take(line: bytes, arrived: _Arrived) -> None:
    try:
        arrived.add(line)
    except (ValueError, RecursionError):
        raise _broken(arrived) from None


def _broken(arrived: _Arrived) -> FetchError:
    return FetchError(f"line {arrived.count + 1} cannot be read; the lines before it are kept")


def _gone(arrived: _Arrived, total: int) -> FetchError:
    return FetchError(
        f"the connection went away after {arrived.count:,} of {total:,} attempts; the same command goes on from there"
    )


def _host(wanted: Wanted) -> str:
    return urlsplit(wanted.site).netloc


def _reason(error: Exception) -> str:
    """In few words; what requests says is long, and holds the address."""
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not accepted"
    if isinstance(error, requests.Timeout):
        return "it does not answer in time"
    if isinstance(error, requests.ConnectionError):
        return "there is no connection"
    return "the address is not accepted"


def _printable(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())
