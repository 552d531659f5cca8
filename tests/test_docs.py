"""The documents say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from casework import cli
from casework.blocks.words import WORDS
from casework.findings import KINDS, reference
from casework.scenario.grammar import relaxng

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_list_of_findings_is_generated_from_the_code() -> None:
    assert (ROOT / "docs" / "findings.md").read_text(encoding="utf-8") == reference(), "run make docs"


def test_the_schema_for_editors_is_generated_from_the_code() -> None:
    assert (ROOT / "docs" / "case.rng").read_text(encoding="utf-8") == relaxng(), "run make docs"


@pytest.mark.parametrize("code", sorted(KINDS))
def test_every_finding_occurs_in_a_test(code: str) -> None:
    broken = ROOT / "tests" / "broken"
    if (broken / f"{code}.xml").exists() or (broken / "packages" / f"{code}.toml").exists():
        return
    said = re.compile(rf"(?<![a-z-]){re.escape(code)}(?![a-z-])")
    assert any(said.search(path.read_text(encoding="utf-8")) for path in (ROOT / "tests").rglob("test_*.py"))


@pytest.mark.parametrize("command", ["check", "build", "messages", "review", "serve", "answers"])
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"casework {command}" in README
    with pytest.raises(SystemExit) as stop:
        cli.main([command, "--help"])
    assert stop.value.code == 0


def test_every_picture_and_link_of_the_readme_is_there() -> None:
    for path in re.findall(r"\]\(([^)#]+)\)", README):
        if not path.startswith("http"):
            assert (ROOT / path).exists(), path


def test_no_word_of_the_player_holds_markup() -> None:
    assert not [key for key, word in WORDS.items() if re.search(r"[<>]", word)]


def test_every_test_that_the_table_of_promises_names_is_there() -> None:
    table = (ROOT / "docs" / "platform.md").read_text(encoding="utf-8")
    tests = (ROOT / "tests" / "blocks" / "test_platform_promises.py").read_text(encoding="utf-8")
    named, written = set(re.findall(r"`(test_\w+)`", table)), set(re.findall(r"^def (test_\w+)", tests, re.MULTILINE))
    assert named == written
