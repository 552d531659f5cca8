"""`casework answers` against a real HTTP server: what arrives, what goes on after an interruption, and each way to fail."""

from __future__ import annotations

import gzip
import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from casework import cli, fetching

COURSE = "course-v1:Org+SAFE+2026"
TOKEN = "a-token-that-nobody-may-read"
WORDS = "เขาอาจเป็นเด็ก ငွေကြေး 🧭\u2028"


def line(number: int, **more: Any) -> bytes:
    said = {"id": number, "course": COURSE, "alias": f"Heron {number}", "answers": [{"text": WORDS}], **more}
    return json.dumps(said, ensure_ascii=False).encode() + b"\n"


class Desk:
    """A server that answers as a test tells it to. `asked`: (path, query, headers) of each request."""

    def __init__(self) -> None:
        self.lines = [line(number) for number in (3, 4, 9)]
        self.status, self.headers = 200, {"Content-Type": "application/x-ndjson; charset=utf-8"}
        self.body: Callable[[bytes], bytes] = lambda whole: whole
        self.length = False
        self.asked: list[tuple[str, dict[str, list[str]], Any]] = []
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                desk.asked.append((unquote(parts.path), parse_qs(parts.query), self.headers))
                after = int(parse_qs(parts.query).get("after", ["0"])[0])
                found = [one for one in desk.lines if json.loads(one)["id"] > after] if desk.status == 200 else []
                last = json.loads(found[-1])["id"] if found else 0
                whole = b"".join(found)
                headers = {"Casework-Rows": str(len(found)), "Casework-Last": str(last), **desk.headers}
                self.send_response(desk.status)
                for name, value in headers.items():
                    if value:
                        self.send_header(name, value)
                if desk.length:
                    self.send_header("Content-Length", str(len(whole)))
                self.end_headers()
                self.wfile.write(desk.body(whole))

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.site = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("CASEWORK_TOKEN", TOKEN)
    monkeypatch.setenv("NO_PROXY", "*")
    desk = Desk()
    yield desk
    desk.server.shutdown()
    desk.server.server_close()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "answers.jsonl"


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "answers.jsonl.part"


def run(site: str, out: Path, *more: str) -> int:
    return cli.main(["answers", site, COURSE, "--out", str(out), *more])


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that was said, beside progress."""
    told = capsys.readouterr()
    said = [one for one in told.err.splitlines() if one.startswith("casework: ")]
    assert len(said) == 1
    assert told.out == ""
    assert TOKEN not in told.err and "Traceback" not in told.err
    return said[0]


# -- what arrives -----------------------------------------------------------------------------------------------------


def test_the_lines_stand_in_the_file_as_they_were_sent(desk: Desk, out: Path, part: Path, capsys: Any) -> None:
    assert run(desk.site, out) == 0
    assert out.read_bytes() == b"".join(desk.lines)
    assert not part.exists()
    told = capsys.readouterr()
    assert told.out == f"3 attempts in {out}\n"
    assert told.err.splitlines() == ["0 of 3 attempts", "3 of 3 attempts"]
    path, query, headers = desk.asked[0]
    assert path == f"/casework/review/{COURSE}/export/answers.jsonl"
    assert query == {"after": ["0"], "names": ["no"]}
    assert headers["Authorization"] == f"Bearer {TOKEN}"


def test_only_its_owner_can_read_the_file(desk: Desk, out: Path) -> None:
    assert run(desk.site, out) == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_jwt_is_sent_as_one(desk: Desk, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWORK_TOKEN", "eyJhbGciOi.eyJ1c2Vy.c2ln")
    assert run(desk.site, out) == 0
    assert desk.asked[0][2]["Authorization"] == "JWT eyJhbGciOi.eyJ1c2Vy.c2ln"


def test_what_a_netrc_holds_does_not_take_the_tokens_place(
    desk: Desk, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert run(desk.site, out) == 0
    assert desk.asked[0][2]["Authorization"] == f"Bearer {TOKEN}"


def test_names_are_asked_for_where_the_command_says_so(desk: Desk, out: Path) -> None:
    desk.lines = [line(1, username="somchai")]
    assert run(desk.site, out, "--names") == 0
    assert desk.asked[0][1]["names"] == ["yes"]


def test_a_course_without_attempts_is_an_empty_file(desk: Desk, out: Path) -> None:
    desk.lines = []
    assert run(desk.site, out) == 0
    assert out.read_bytes() == b""


def test_a_compressed_answer_is_the_same(desk: Desk, out: Path) -> None:
    desk.body = gzip.compress
    desk.headers["Content-Encoding"] = "gzip"
    assert run(desk.site + "/", out) == 0
    assert out.read_bytes() == b"".join(desk.lines)


def test_many_lines_arrive_whole(desk: Desk, out: Path) -> None:
    desk.lines = [line(number, more="ก" * 2000) for number in range(1, 1500)]
    assert run(desk.site, out) == 0
    assert out.read_bytes() == b"".join(desk.lines)


# -- interruptions ----------------------------------------------------------------------------------------------------


def test_every_interruption_is_gone_on_from(desk: Desk, out: Path, part: Path, capsys: Any) -> None:
    whole = b"".join(desk.lines)
    for cut in range(0, len(whole), 7):
        desk.body = lambda sent, cut=cut: sent[:cut]  # type: ignore[misc]
        assert run(desk.site, out) == 1
        assert "the connection went away" in refused(capsys)
        assert not out.exists()
        kept = part.read_bytes() if part.exists() else b""
        assert kept == whole[: whole[:cut].rfind(b"\n") + 1]
        desk.body = lambda sent: sent
        assert run(desk.site, out) == 0
        capsys.readouterr()
        assert out.read_bytes() == whole
        out.unlink()
        after = json.loads(kept.splitlines()[-1])["id"] if kept else 0
        assert desk.asked[-1][1]["after"] == [str(after)]


def test_a_break_is_noticed_where_the_length_was_promised(desk: Desk, out: Path, part: Path, capsys: Any) -> None:
    desk.lines = [line(number, more="ก" * 500) for number in range(1, 200)]
    desk.length = True
    desk.body = lambda whole: whole[:-20]
    assert run(desk.site, out) == 1
    assert "the connection went away after" in refused(capsys)
    assert len(part.read_bytes().splitlines()) > 50
    desk.body = lambda whole: whole
    assert run(desk.site, out) == 0
    assert out.read_bytes() == b"".join(desk.lines)


def test_half_a_line_that_a_crash_left_is_taken_away(desk: Desk, out: Path, part: Path) -> None:
    part.write_bytes(desk.lines[0] + desk.lines[1][:20])
    assert run(desk.site, out) == 0
    assert out.read_bytes() == b"".join(desk.lines)
    assert desk.asked[0][1]["after"] == ["3"]


def test_what_is_there_already_is_counted(desk: Desk, out: Path, part: Path, capsys: Any) -> None:
    part.write_bytes(b"".join(desk.lines[:2]))
    assert run(desk.site, out) == 0
    told = capsys.readouterr()
    assert told.err.splitlines() == ["2 of 3 attempts", "3 of 3 attempts"]
    assert told.out.startswith("3 attempts")


@pytest.mark.parametrize(
    "left",
    [
        line(3, course="course-v1:Org+OTHER+2026"),
        line(3, username="somchai"),
        b"id,alias\n",
        b"\xff\xfe\n",
        b"[]\n",
        b'{"id": true, "course": "%s"}\n' % COURSE.encode(),
    ],
)
def test_the_beginning_of_another_export_is_left_alone(
    desk: Desk, out: Path, part: Path, capsys: Any, left: bytes
) -> None:
    part.write_bytes(left)
    assert run(desk.site, out) == 1
    assert "is not the beginning of this export" in refused(capsys)
    assert part.read_bytes() == left
    assert desk.asked == []


def test_two_commands_at_once_do_not_mix(desk: Desk, out: Path, part: Path, capsys: Any) -> None:
    import fcntl

    with part.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert run(desk.site, out) == 1
    assert "another command" in refused(capsys)


def test_ctrl_c_leaves_what_has_arrived(desk: Desk, out: Path, part: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = fetching._Arrived.add

    def interrupted(self: Any, one: bytes) -> None:
        if self.count == 2:
            raise KeyboardInterrupt
        taken(self, one)

    monkeypatch.setattr(fetching._Arrived, "add", interrupted)
    assert run(desk.site, out) == 130
    assert part.read_bytes() == b"".join(desk.lines[:2])
    assert not out.exists()


# -- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "does not accept the token"),
        (403, "does not let this token read course-v1:Org+SAFE+2026 (403)"),
        (404, "there is no desk of Casework for course-v1:Org+SAFE+2026"),
        (500, "has failed (500); try again later"),
        (503, "has failed (503)"),
        (400, "answers with 400"),
        (204, "answers with 204"),
    ],
)
def test_a_refusal_is_one_line(desk: Desk, out: Path, part: Path, capsys: Any, status: int, said: str) -> None:
    desk.status = status
    out.write_bytes(b"an earlier one\n")
    assert run(desk.site, out) == 1
    assert said in refused(capsys)
    assert out.read_bytes() == b"an earlier one\n"
    assert not part.exists()


def test_a_refusal_of_names_says_so(desk: Desk, out: Path, capsys: Any) -> None:
    desk.status = 403
    assert run(desk.site, out, "--names") == 1
    assert "gives no user names out" in refused(capsys)


def test_a_failure_keeps_what_had_arrived(desk: Desk, out: Path, part: Path, capsys: Any) -> None:
    part.write_bytes(desk.lines[0])
    desk.status = 500
    assert run(desk.site, out) == 1
    refused(capsys)
    assert part.read_bytes() == desk.lines[0]


def test_a_page_instead_of_lines_is_said(desk: Desk, out: Path, capsys: Any) -> None:
    desk.headers["Content-Type"] = "text/html; charset=utf-8"
    desk.body = lambda _: b"<!doctype html><title>Sign in</title>"
    assert run(desk.site, out) == 1
    assert "a page instead of lines" in refused(capsys)
    assert not out.exists()


def test_a_way_to_another_place_is_not_followed(desk: Desk, out: Path, capsys: Any) -> None:
    desk.status, desk.headers["Location"] = 302, "https://elsewhere.example/login?next=%1b[31m"
    assert run(desk.site, out) == 1
    assert "leads on to https://elsewhere.example/login (302)" in refused(capsys)
    assert len(desk.asked) == 1


@pytest.mark.parametrize("headers", [{"Casework-Last": ""}, {"Casework-Rows": "many"}, {"Casework-Last": "9" * 30}])
def test_another_program_is_noticed(desk: Desk, out: Path, capsys: Any, headers: dict[str, str]) -> None:
    desk.headers |= headers
    assert run(desk.site, out) == 1
    assert "no desk of Casework" in refused(capsys)


@pytest.mark.parametrize(
    "broken",
    [
        b"{\n", b"\n", b"null\n", b'"id"\n', b"\xff\n", b"[" * 100_000 + b"\n", line(4), line(2), line(9, course="other"),
        line(9, username="somchai"), b'{"id": "9"}\n', b'{"id": -1}\n', b'{"id": 1e3}\n', b"<html>\n", b"9" * 5000 + b"\n",
    ],
)  # fmt: skip
def test_a_broken_line_stops_it_and_what_came_before_is_kept(
    desk: Desk, out: Path, part: Path, capsys: Any, broken: bytes
) -> None:
    desk.body = lambda _: b"".join([*desk.lines[:2], broken, desk.lines[2]])
    assert run(desk.site, out) == 1
    assert "line 3 cannot be read" in refused(capsys)
    assert part.read_bytes() == b"".join(desk.lines[:2])
    assert not out.exists()


def test_a_line_without_end_stops_it(desk: Desk, out: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_LONGEST", 100_000)
    desk.body = lambda _: b"x" * 400_000
    assert run(desk.site, out) == 1
    assert "line 1 cannot be read" in refused(capsys)


@pytest.mark.parametrize("token", ["", "  ", "two words", "โทเค็น", "a\nb", "a\x00b"])
def test_without_a_token_nothing_is_asked(
    desk: Desk, out: Path, part: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.delenv("CASEWORK_TOKEN")
    if "\x00" not in token:
        monkeypatch.setenv("CASEWORK_TOKEN", token)
    assert run(desk.site, out) == 1
    assert "token" in refused(capsys)
    assert desk.asked == [] and not part.exists()


@pytest.mark.parametrize(
    "site",
    [
        "learn.example.org", "ftp://learn.example.org", "https://", "http://", "", "http://a:b@learn.example.org", "http://[",
        "https://learn.example.org/?x=1", "http://learn.example.org:port", "file:///etc/passwd", "https://ex ample.org/#x",
    ],
)  # fmt: skip
def test_what_is_no_address_is_said(desk: Desk, out: Path, part: Path, capsys: Any, site: str) -> None:
    assert run(site, out) == 1
    assert "is no address of a site" in refused(capsys)
    assert not part.exists()


@pytest.mark.parametrize("site", ["http://127.0.0.1:1", "http://no-such-host.invalid", f"http://{'a' * 70}.invalid",
                                  "http://.example", "https://ex ample.org"])  # fmt: skip
def test_where_nobody_answers_is_said(desk: Desk, out: Path, part: Path, capsys: Any, site: str) -> None:
    assert run(site, out) == 1
    assert "cannot be reached" in refused(capsys)
    assert not part.exists() and not out.exists()


def test_a_server_that_says_nothing_is_not_waited_for(
    desk: Desk, out: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "WAIT", (1, 0.2))
    gone = threading.Event()
    desk.body = lambda whole: (gone.wait(2) and whole) or whole
    desk.length = True
    assert run(desk.site, out) == 1
    assert "the connection went away after 0 of 3" in refused(capsys)
    gone.set()


def test_a_certificate_that_is_not_accepted_is_said(desk: Desk, out: Path, capsys: Any) -> None:
    assert run(desk.site.replace("http:", "https:"), out) == 1
    assert "cannot be reached" in refused(capsys)


def test_a_place_where_nothing_can_be_written_is_said(desk: Desk, tmp_path: Path, capsys: Any) -> None:
    assert run(desk.site, tmp_path / "gone" / "answers.jsonl") == 1
    assert "No such file or directory" in refused(capsys)
    assert run(desk.site, tmp_path) == 1
    assert "is a folder" in refused(capsys)
    (tmp_path / "x.part").symlink_to("/dev/full")
    assert run(desk.site, tmp_path / "x") == 1
    assert "is no file" in refused(capsys)
    assert desk.asked == []


FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
from casework.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_full_disk_is_said_and_the_rest_comes_later(desk: Desk, out: Path, part: Path) -> None:
    desk.lines = [line(number, more="ก" * 500) for number in range(1, 200)]
    command = [sys.executable, "-c", FULL, "answers", desk.site, COURSE, "--out", str(out)]
    env = {**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[2])}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    said = [one for one in done.stderr.splitlines() if one.startswith("casework: ")]
    assert said == [f"casework: {part}: File too large"]
    assert "Traceback" not in done.stderr
    assert not out.exists()
    assert 0 < part.stat().st_size <= 100_000
    assert run(desk.site, out) == 0
    assert out.read_bytes() == b"".join(desk.lines)


def test_one_case_alone(desk: Desk, out: Path, part: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pier, other = "block-v1:Org+SAFE+2026+type@casework-case+block@pier", "block-v1:x"
    desk.lines = [line(number, case={"block": pier}) for number in (3, 9)]
    assert run(desk.site, out, "--case", pier) == 0
    assert desk.asked[0][1]["item"] == [pier]
    assert out.read_bytes() == b"".join(desk.lines)
    for wrong in ({"block": other}, "pier", None):
        desk.lines[1] = line(9, case=wrong)
        assert run(desk.site, out, "--case", pier) == 1
        assert "line 2 cannot be read" in capsys.readouterr().err
        assert part.read_bytes() == desk.lines[0]
    part.write_bytes(line(3, case={"block": other}))
    assert run(desk.site, out, "--case", pier) == 1
    assert "not the beginning of this export" in capsys.readouterr().err
