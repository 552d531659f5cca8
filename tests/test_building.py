"""`casework build`: what has not changed is left alone, and whatever happens in the middle, every old package stays whole."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from casework import cli
from casework.cli import packing
from casework.curriculum import archive, check, files, olx, proof
from casework.findings import Finding
from trees import SMALL, catalogs, planted

ROOT = Path(__file__).parents[1]
PAGE = "courses/regional/identification/met-back-text.md"
STEMS = ("casework-id-en", "casework-id-id", "casework-th-en", "casework-th-th")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small repository with its packages built, and the current folder in it."""
    monkeypatch.chdir(planted(tmp_path))
    build()
    return tmp_path


def build(*arguments: str) -> int:
    return cli.main(["build", "--out", "dist", *arguments])


def edit(here: Path, path: str = PAGE) -> None:
    (here / path).write_bytes((here / path).read_bytes().replace(b"Finish one", b"Finish the first"))


def kept(here: Path) -> dict[str, tuple[bytes, int]]:
    """Every file in `dist`, hidden ones too: its bytes and its number on the disk, which a rename changes."""
    return {path.name: (path.read_bytes(), path.stat().st_ino) for path in (here / "dist").iterdir()}


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The packages that were not left alone."""
    return sorted(line.split()[1] for line in capsys.readouterr().out.splitlines() if "unchanged" not in line)


def whole(here: Path) -> bool:
    """Whether every archive is a sound package, and none is missing."""
    found = {path.name.removesuffix(".tar.gz"): path.read_bytes() for path in (here / "dist").glob("*.tar.gz")}
    return sorted(found) == list(STEMS) and not any(proof.of_archive(data, stem) for stem, data in found.items())


# -- what has not changed ---------------------------------------------------------------------------------------------


def test_an_unchanged_package_is_left_alone_and_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = kept(here)
    capsys.readouterr()
    assert build() == 0
    assert kept(here) == before
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["1/4", "2/4", "3/4", "4/4"]
    assert all(line.endswith("unchanged") for line in lines)


@pytest.fixture
def checks(here: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The languages of each check that is made from now on."""
    made: list[list[str]] = []
    whole = check.whole

    def counted(sources: dict[str, bytes], words: dict[str, str], only: set[str]) -> list[Finding]:
        made.append(sorted(only))
        return whole(sources, words, only)

    monkeypatch.setattr(check, "whole", counted)
    return made


def test_the_same_sources_are_checked_once(here: Path, checks: list[list[str]]) -> None:
    assert build() == build("--country", "th") == 0
    (here / "dist" / "casework-th-en.tar.gz").unlink()
    assert build() == 0
    assert whole(here)
    assert not checks


@pytest.mark.parametrize(
    ("path", "more"),
    [
        (PAGE, b"\n"),
        ("locale/avoid.csv", b"lang,word,because\n"),  # reaches no package
        (".casework-checked.json", b"half"),
    ],
)
def test_other_sources_and_a_note_that_cannot_be_read_are_checked_again(
    here: Path, checks: list[list[str]], path: str, more: bytes
) -> None:
    at = here / ("dist" if path.startswith(".") else "") / path
    at.parent.mkdir(exist_ok=True)
    at.write_bytes((at.read_bytes() if at.exists() else b"") + more)
    assert build() == build() == 0
    assert checks == [["en", "id", "th"]]


def test_a_language_more_is_a_check_more(here: Path, checks: list[list[str]]) -> None:
    assert build("--country", "th", "--lang", "th", "--out", "other") == 0
    assert build("--country", "th", "--out", "other") == build("--country", "th", "--lang", "en", "--out", "other") == 0
    assert checks == [["th"], ["en", "th"]]


def test_a_fault_is_told_each_time(here: Path, checks: list[list[str]]) -> None:
    planted(here, {"locale/avoid.csv": "nonsense\n"})
    assert build() == build() == 1
    assert len(checks) == 2


def test_what_is_forced_or_for_release_is_checked_again(here: Path, checks: list[list[str]]) -> None:
    assert build("--force") == 0
    assert build("--mode", "release") == 1
    assert len(checks) >= 1


def test_all_is_built_anew_where_that_is_asked_for(here: Path) -> None:
    before = kept(here)
    assert build("--force") == 0
    after = kept(here)
    assert {name: data for name, (data, _) in after.items()} == {name: data for name, (data, _) in before.items()}
    assert not {number for _, number in after.values()} & {number for _, number in before.values()}


@pytest.mark.parametrize(
    ("path", "built"),
    [
        (PAGE, ["casework-id-en", "casework-id-id", "casework-th-en", "casework-th-th"]),
        ("scenarios/small/scenario.xml", ["casework-id-en", "casework-id-id", "casework-th-en", "casework-th-th"]),
        ("scenarios/small/review.csv", ["casework-id-en", "casework-id-id", "casework-th-en", "casework-th-th"]),
        ("courses/countries/th/country.toml", ["casework-th-en", "casework-th-th"]),
        ("courses/countries/th/scenarios/small.xml", ["casework-th-en", "casework-th-th"]),
        ("locale/th/curriculum/identification.po", ["casework-th-th"]),
        ("locale/vi/curriculum/identification.po", []),
        ("scenarios/other/scenario.xml", []),
    ],
)
def test_what_does_not_reach_a_package_does_not_build_it(
    here: Path, capsys: pytest.CaptureFixture[str], path: str, built: list[str]
) -> None:
    others = {
        "courses/countries/th/scenarios/small.xml": '<changes case="small"/>',
        "scenarios/other/scenario.xml": SMALL["scenarios/small/scenario.xml"].replace('id="small"', 'id="other"'),
        **{path.replace("/th/", f"/{lang}/"): data for lang in ("th", "vi") for path, data in catalogs("th").items()},
    }
    planted(here, others)
    build()
    capsys.readouterr()
    changed = (here / path).read_bytes()
    comment = b"\n" if path.endswith(("csv", "md")) else b"\n# x\n" if path.endswith((".toml", ".po")) else b"<!-- -->"
    (here / path).write_bytes(changed + comment)
    assert build() == 0
    assert told(capsys) == [f"{stem}.tar.gz" for stem in built]


def test_a_damaged_archive_or_manifest_is_built_again(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = kept(here)
    (here / "dist" / "casework-th-en.tar.gz").write_bytes(b"half")
    (here / "dist" / "casework-th-th.manifest.json").write_text("[]")
    (here / "dist" / "casework-id-en.manifest.json").unlink()
    capsys.readouterr()
    assert build() == 0
    assert told(capsys) == ["casework-id-en.tar.gz", "casework-th-en.tar.gz", "casework-th-th.tar.gz"]
    assert {name: data for name, (data, _) in kept(here).items()} == {name: data for name, (data, _) in before.items()}


def test_another_builder_builds_again(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert files.builder() == files.builder()
    monkeypatch.setattr(files, "builder", lambda: "another one")
    capsys.readouterr()
    assert build() == 0
    assert len(told(capsys)) == 4


def test_the_manifest_beside_a_package_says_what_it_was_made_of_and_the_one_inside_does_not(here: Path) -> None:
    manifest = json.loads((here / "dist" / "casework-th-en.manifest.json").read_bytes())
    inside = archive.files((here / "dist" / "casework-th-en.tar.gz").read_bytes())["policies/en/policy.json"]
    assert len(manifest["made_of"]) == 64 and manifest["made_of"] not in inside.decode()


# -- many at once -----------------------------------------------------------------------------------------------------


def test_processes_build_the_same_packages_in_the_same_order(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept(here)
    capsys.readouterr()
    build("--force")
    lines = capsys.readouterr().out
    monkeypatch.setattr(packing, "SMALL", 0)
    monkeypatch.setattr(packing, "cores", lambda: 2)
    assert build("--force") == 0
    assert capsys.readouterr().out == lines
    assert {name: data for name, (data, _) in kept(here).items()} == {name: data for name, (data, _) in before.items()}


# -- nothing is half ---------------------------------------------------------------------------------------------------


def test_a_package_with_a_fault_is_told_and_none_is_written(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept(here)
    edit(here)
    monkeypatch.setattr(olx, "STYLE", "gone.css")
    original = olx.files
    monkeypatch.setattr(
        olx, "files", lambda *given: {path: data for path, data in original(*given).items() if "gone" not in path}
    )
    capsys.readouterr()
    assert build() == 1
    said = capsys.readouterr()
    assert "casework-th-th.tar.gz/html/met-idea-text.html:1: error dead-link: “/static/gone.css”" in said.out
    assert said.err == "casework: nothing was written\n"
    assert kept(here) == before


@pytest.mark.parametrize("number", (1, 2, 5, 8))
def test_a_full_disk_leaves_every_old_package_whole(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    before = kept(here)
    edit(here)
    written = 0

    def full(handle: int) -> None:
        nonlocal written
        written += 1
        if written == number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    capsys.readouterr()
    assert build() == 1
    assert capsys.readouterr().err == "casework: No space left on device\n"
    assert kept(here) == before


LIMITED = """
import resource, sys
from casework import cli
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
sys.exit(cli.main(["build", "--out", "dist"]))
"""


def test_a_write_that_really_fails_leaves_every_old_package_whole(here: Path) -> None:
    before = kept(here)
    edit(here)
    done = python(LIMITED, here)
    assert done.returncode == 1 and done.stderr.startswith("casework: ") and done.stderr.count("\n") == 1
    assert kept(here) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from casework import cli
from casework.curriculum import files
left = {number}
whole = Path.replace
def replace(path, target):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(path, target)
Path.replace = replace
if {staging}:
    os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
cli.main(["build", "--out", "dist"])
"""


@pytest.mark.parametrize(("number", "staging"), [(0, True), (0, False), (1, False), (3, False), (4, False), (7, False)])
def test_a_kill_in_the_middle_leaves_every_package_whole_and_the_next_build_ends_it(
    here: Path, number: int, staging: bool
) -> None:
    before = kept(here)
    edit(here)
    done = python(KILLED.format(number=number, staging=staging), here)
    assert done.returncode == -signal.SIGKILL
    assert whole(here)
    now = kept(here)
    assert sum(now[name] != before[name] for name in before) == (0 if staging else number)
    assert build() == 0
    assert whole(here)
    for stem in STEMS:
        manifest = json.loads((here / "dist" / f"{stem}.manifest.json").read_bytes())
        assert manifest["sha256"] == archive.digest((here / "dist" / f"{stem}.tar.gz").read_bytes())


def test_what_a_killed_build_left_is_swept_when_it_is_old(here: Path) -> None:
    old, new = (here / "dist" / f".casework-th-th.tar.gz.{name}.part" for name in ("old", "new"))
    for part in (old, new):
        part.write_bytes(b"half")
    os.utime(old, (0, 0))
    build()
    assert (old.exists(), new.exists()) == (False, True)


def python(script: str, here: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "xblocks")}
    return subprocess.run(
        [sys.executable, "-c", script], cwd=here, env=environment, capture_output=True, text=True, check=False
    )
