from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from casework import __version__, cli
from casework.cli import msgfmt
from casework.curriculum import check
from trees import OUTLINE, SMALL, catalogs, planted

CASE = "scenarios/small/scenario.xml"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small repository, with the current folder in it."""
    monkeypatch.chdir(planted(tmp_path))
    return tmp_path


def run(*arguments: str) -> int:
    try:
        return cli.main(arguments)
    except SystemExit as stopped:
        return int(stopped.code or 0)


def test_a_sound_repository_is_said_to_be_sound(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check") == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 errors, ")


def test_warnings_count_where_that_is_asked_for(here: Path) -> None:
    assert run("check", "--strict") == 1


def test_every_finding_is_told_at_once_with_file_and_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "courses/regional/outline.xml").write_text(
        OUTLINE.replace("met-idea-text.md", "gone/met-idea-text.md").replace('minutes="40"', 'minutes="x"')
    )
    (here / "courses/regional/identification/met-back-text.md").write_text("# Wrong\n\nText {x} more.\n")
    assert run("check") == 1
    out = capsys.readouterr().out
    assert "courses/regional/outline.xml:11: error missing-file" in out
    assert "courses/regional/outline.xml:9: error bad-value" in out
    assert "courses/regional/identification/met-back-text.md:1: error heading-order" in out
    assert "courses/regional/identification/met-back-text.md:3: error fact-not-alone" in out
    assert out.splitlines()[-1].startswith("4 errors")


def test_nothing_is_written_when_a_source_is_wrong(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / CASE).write_text(SMALL[CASE].replace('go="b"', 'go="nowhere"'))
    (here / "courses/regional/about.md").write_text("# Wrong\n")
    (here / "courses/countries/th/country.toml").write_text("[country\n")
    assert run("build", "--out", "dist") == 1
    assert not (here / "dist").exists()
    told = capsys.readouterr()
    for code in ("unknown-reference", "heading-order", "bad-toml"):
        assert code in told.out
    assert "nothing was built" in told.err


def test_packages_are_built_with_a_line_each(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("build", "--out", "dist") == 0
    made = sorted(path.name for path in (here / "dist").glob("[!.]*"))
    assert made == sorted(
        f"casework-{stem}.{ending}"
        for stem in ("id-en", "id-id", "th-en", "th-th")
        for ending in ("tar.gz", "manifest.json")
    )
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_one_package_can_be_chosen(here: Path) -> None:
    assert run("build", "--country", "th", "--lang", "en", "--out", "dist") == 0
    assert len(list((here / "dist").glob("[!.]*"))) == 2


def test_a_choice_that_no_country_has_is_wrong_usage(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("build", "--country", "th", "--lang", "id") == 2
    assert run("build", "--country", "xx") == 2
    assert run("build", "--audience", "pirates") == 2
    assert not (here / "dist").exists()
    assert "th en" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to_is_one_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "dist").write_text("a file")
    assert run("build", "--out", "dist") == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert (here / "dist").read_text() == "a file"


@pytest.mark.parametrize(
    "path",
    [
        CASE,
        "scenarios",
        "courses/regional/outline.xml",
        "courses/regional/identification/met-try-ring.xml",
        "courses/regional/identification/met-idea-text.md",
        "courses/countries/th/country.toml",
        "scenarios/small/review.csv",
        ".",
    ],
)
def test_one_file_or_folder_can_be_checked(here: Path, path: str) -> None:
    assert run("check", path) == 0


def test_a_file_from_anywhere_can_be_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = tmp_path / "a" / "scenario.xml"
    case.parent.mkdir()
    case.write_text(SMALL[CASE].replace('role="key"', 'role="best"'))
    question = tmp_path / "b.xml"
    question.write_text("<problem/>")
    assert run("check", str(case), str(question)) == 1
    out = capsys.readouterr().out
    assert "scenario.xml:" in out and "bad-value" in out and "b.xml:1: error" in out


def test_a_walkthrough_is_walked_through_its_case(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    walk = here / "scenarios/small/walkthroughs/short.walk"
    walk.parent.mkdir()
    walk.write_text("nowhere: option\nends good 0\n")
    assert run("check", str(walk)) == 1
    assert "short.walk:1: error lost-walk" in capsys.readouterr().out
    walk.write_text("look\n")
    assert run("check", str(walk)) == 1
    assert "bad-walk" in capsys.readouterr().out


def test_an_ending_without_a_walkthrough_is_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", CASE) == 0
    assert "ending-not-walked" in capsys.readouterr().out


def test_a_catalog_is_checked_against_its_own_texts(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path, data in catalogs("th", {"Most people are **not** introduced as victims.": "<b>x</b>"}).items():
        (here / path).parent.mkdir(parents=True, exist_ok=True)
        (here / path).write_bytes(data)
    assert run("check", "locale/th/curriculum/identification.po") == 1
    assert "bad-translation" in capsys.readouterr().out
    assert run("check") == 1
    assert run("build", "--lang", "th", "--out", "dist") == 1
    assert run("build", "--lang", "en", "--out", "dist") == 0


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.xml", b""), ("binary.xml", bytes(range(256)) * 8), ("utf16.xml", "<case/>".encode("utf-16")),
        ("bomb.xml", b'<!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;">]><case>&y;</case>'),
        ("outside.xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><problem>&x;</problem>'),
        ("deep.xml", b"<a>" * 5000), ("other.xml", b"<html/>"), ("broken.po", b'msgid "a\n'), ("nul.po", b"msgid \"a\0\"\n"),
        ("broken.toml", b"[[fact]\n"), ("deep.toml", b"a = " + b"[" * 5000), ("empty.csv", b""), ("nul.csv", b"a\0b\n"),
        ("latin.md", b"caf\xe9"), ("lost.walk", b"ends x 1"),
    ],
)  # fmt: skip
def test_bad_input_is_findings_and_never_a_traceback(
    tmp_path: Path, name: str, data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(data)
    assert run("check", str(tmp_path / name)) == 1
    told = capsys.readouterr()
    assert ": error " in told.out and "Traceback" not in told.err and "passwd" not in told.out


def test_a_path_that_does_not_exist_is_a_finding(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "nowhere.xml", CASE) == 1
    assert "nowhere.xml: error unreadable" in capsys.readouterr().out


def test_a_kind_of_file_we_do_not_know_is_wrong_usage(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "song.mp3").write_bytes(b"")
    assert run("check", "song.mp3") == 2
    assert "song.mp3" in capsys.readouterr().err


def test_outside_a_repository_there_is_nothing_to_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert [run("check"), run("build"), run("messages", "extract")] == [2, 2, 2]
    assert "no repository" in capsys.readouterr().err


def test_a_link_out_of_the_repository_is_a_finding(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outside = here.parent / f"{here.name}-secret.md"
    outside.write_text("secret\n")
    page = here / "courses/regional/identification/met-back-text.md"
    page.unlink()
    page.symlink_to(outside)
    assert run("check") == 1
    assert "climbing-path" in capsys.readouterr().out


def test_a_source_that_is_too_large_is_not_read(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "courses/regional/about.md").write_bytes(b"a" * 8_000_001)
    assert run("check") == 1
    assert "too-large" in capsys.readouterr().out


def test_facts_are_listed_for_authors(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "--facts") == 0
    out = capsys.readouterr().out
    assert "Thailand (th)" in out and "left out: for authors only" in out


def test_messages_are_extracted_merged_and_counted(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("messages", "extract", "--lang", "th") == 0
    po = here / "locale/th/curriculum/identification.po"
    assert 'msgid "Ask before the charge."' in po.read_text()
    assert (here / "locale/th/blocks.po").is_file()
    before = po.read_text().replace(
        'msgid "Ask before the charge."\nmsgstr ""', 'msgid "Ask before the charge."\nmsgstr "ถามก่อน"'
    )
    po.write_text(before)
    assert run("messages", "merge", "--lang", "th") == 0
    assert po.read_text() == before
    capsys.readouterr()
    assert run("messages", "status", "--lang", "th") == 0
    assert "    1 /" in capsys.readouterr().out


@pytest.fixture
def thai(here: Path) -> Path:
    """The small repository with Thai catalogs of two translations."""
    for path, data in catalogs("th", {"A debt": "หนี้", "Ask first": "ถามก่อน"}).items():
        (here / path).parent.mkdir(parents=True, exist_ok=True)
        (here / path).write_bytes(data)
    return here


PO = "locale/th/curriculum/identification.po"


def test_what_is_translated_is_told_to_programs_too(thai: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (thai / PO).write_text(
        (thai / PO).read_text().replace('msgctxt "met-try-ring/choice"', '#, fuzzy\nmsgctxt "met-try-ring/choice"')
    )
    assert run("messages", "status", "--lang", "th", "--json") == 0
    told = json.loads(capsys.readouterr().out)["th"]
    part = next(one for one in told["catalogs"] if one["catalog"] == "curriculum/identification")
    assert (part["translated"], part["fuzzy"], part["reviewed"]) == (1, 1, 0)
    assert told["all"]["translated"] == 1 and told["all"]["total"] > part["total"]
    assert run("messages", "status", "--lang", "th") == 0
    assert f"    1 /{told['all']['total']:>5}      1         0  all" in capsys.readouterr().out.splitlines()


def test_translations_are_checked_and_msgfmt_is_asked_where_it_is(
    thai: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("messages", "check", "--lang", "th") == 0
    assert "untranslated" in capsys.readouterr().out
    (thai / PO).write_text((thai / PO).read_text().replace("หนี้", "ໜີ້"))
    assert run("messages", "check", "--lang", "th") == 1
    assert f"{PO}:" in (out := capsys.readouterr().out) and "error wrong-script" in out
    monkeypatch.setenv("PATH", str(thai))
    assert run("messages", "check", "--lang", "th") == 1
    assert capsys.readouterr().err == "casework: msgfmt is not installed, its check was left out\n"


@pytest.mark.skipif(not msgfmt.is_here(), reason="gettext is not installed")
def test_what_msgfmt_refuses_is_a_finding_with_its_line(thai: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(msgfmt.findings((thai / PO).read_bytes(), PO)) == []
    (thai / PO).write_text((thai / PO).read_text().replace('"ถามก่อน"', '"ถามก่อน\\n"'))
    assert run("messages", "check", "--lang", "th") == 1
    assert re.search(rf"{PO}:\d+: error bad-msgfmt: msgfmt says: .*end with", capsys.readouterr().out)


def test_without_rapidfuzz_catalogs_are_merged_and_it_is_said(
    thai: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "rapidfuzz", None)
    assert run("messages", "merge") == 0
    told = capsys.readouterr()
    assert told.err == "casework: nothing is suggested: RapidFuzz is not installed; pip install 'casework[translate]'\n"
    assert "th: " in told.out and "id: " in told.out


def test_a_language_goes_out_as_a_sheet_and_what_was_changed_in_it_comes_back(
    thai: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("messages", "table", "--lang", "th", "--out", "th.xlsx") == 0
    before = (thai / PO).read_bytes()
    assert run("messages", "table", "--lang", "th", "--in", "th.xlsx") == 0
    assert capsys.readouterr().out.endswith("0 translations taken, in 0 catalogs\n")
    assert (thai / PO).read_bytes() == before
    book = load_workbook("th.xlsx")
    for line in book["th"].iter_rows(min_row=2):
        if line[3].value == "Charge her":
            line[4].value = "ตั้งข้อหาเธอ"
        elif line[3].value == "A debt":
            line[3].value, line[4].value = "A loan", "เงินกู้"
    book.save("th.xlsx")
    assert run("messages", "table", "--lang", "th", "--in", "th.xlsx") == 1
    out = capsys.readouterr().out
    assert "1 translation taken, in 1 catalog" in out and "error table-conflict" in out and "th.xlsx:" in out
    after = (thai / PO).read_text()
    assert "ตั้งข้อหาเธอ" in after and "เงินกู้" not in after and "หนี้" in after


@pytest.mark.parametrize("data", [b"", b"catalog,context\n", b"PK\x03\x04" + bytes(range(256)), "ก".encode("utf-16")])
def test_a_sheet_that_is_none_changes_nothing_and_is_one_line(
    thai: Path, data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (thai / "th.xlsx").write_bytes(data)
    before = {path: path.read_bytes() for path in thai.rglob("*") if path.is_file()}
    assert run("messages", "table", "--lang", "th", "--in", "th.xlsx") == 1
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith("casework: th.xlsx: ") and told.err.count("\n") == 1
    assert {path: path.read_bytes() for path in thai.rglob("*") if path.is_file()} == before


def test_a_sheet_that_is_not_there_or_too_large_is_told(thai: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("messages", "table", "--lang", "th", "--in", "th.xlsx") == 1
    assert "th.xlsx: error unreadable" in capsys.readouterr().out
    (thai / "th.xlsx").write_bytes(b"PK" + b"a" * 8_000_000)
    assert run("messages", "table", "--lang", "th", "--in", "th.xlsx") == 1
    assert "th.xlsx: error too-large" in capsys.readouterr().out


def test_a_sheet_goes_one_way_at_a_time(thai: Path) -> None:
    assert run("messages", "table", "--lang", "th") == 2
    assert run("messages", "table", "--lang", "th", "--in", "a", "--out", "b") == 2
    assert run("messages", "table", "--out", "b") == 2


def test_without_openpyxl_no_sheet_is_written_and_it_is_said(
    thai: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert run("messages", "table", "--lang", "th", "--out", "th.xlsx") == 1
    assert capsys.readouterr().err == "casework: openpyxl is not installed; pip install 'casework[translate]'\n"
    assert not (thai / "th.xlsx").exists()


def test_a_language_we_do_not_prepare_for_is_wrong_usage(here: Path) -> None:
    assert run("messages", "extract", "--lang", "../../etc") == 2
    assert run("messages", "extract", "--lang", "en") == 2


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out.strip() == f"casework {__version__}"
    assert run() == 2


def test_a_package_that_cannot_be_served_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.tar.gz").write_bytes(b"no archive")
    assert run("serve", str(tmp_path / "x.tar.gz")) == 1
    err = capsys.readouterr().err
    assert err.startswith("casework: ") and err.count("\n") == 1


MAIN = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from casework.cli import main
sys.exit(main())
"""


def test_a_reader_that_goes_away_is_no_error(here: Path) -> None:
    (here / "main.py").write_text(MAIN)
    line = '"$PYTHON" main.py "$XBLOCKS" check --facts | true'
    environment = {"PYTHON": sys.executable, "XBLOCKS": str(Path(cli.__file__).parents[2]), "PATH": "/usr/bin:/bin"}
    piped = subprocess.run(["sh", "-c", line], capture_output=True, text=True, cwd=here, env=environment)
    assert (piped.returncode, piped.stderr) == (0, "")


def test_an_interruption_is_quiet(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "whole", interrupted)
    assert run("check") == 130
    assert capsys.readouterr().err == ""


def test_checking_one_file_reads_nothing_that_does_not_belong_to_it(tmp_path: Path) -> None:
    question = tmp_path / "deep" / "q.xml"
    (tmp_path / "deep" / "other").mkdir(parents=True)
    (tmp_path / "deep" / "other" / "bad.xml").write_bytes(b"\xff")
    question.write_text(SMALL["courses/regional/identification/met-try-ring.xml"])
    assert run("check", str(question)) == 0


def test_a_review_is_listed_as_waiting_and_then_recorded(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("review") == 0
    assert f"somebody of the practice  {CASE}" in capsys.readouterr().out
    assert run("review", "scenarios/small", "--by", "Somebody", "--role", "nurse", "--date", "2026-11-24") == 0
    assert "1 text approved by Somebody" in capsys.readouterr().out
    assert ",Somebody,nurse,2026-11-24,approved" in (here / "scenarios/small/review.csv").read_text()
    run("review")
    assert CASE not in capsys.readouterr().out


def test_a_review_without_a_person_changes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (here / "scenarios/small/review.csv").read_text()
    assert run("review", "scenarios/small") == 1
    assert "a review has a name" in capsys.readouterr().err
    assert (here / "scenarios/small/review.csv").read_text() == before
