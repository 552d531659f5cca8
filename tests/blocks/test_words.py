"""Every word of the player has one place, and is said in every language that has a catalog."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import polib
import pytest

from casework.blocks import words
from casework.blocks.words import WORDS

ROOT = Path(__file__).parents[2]
SCRIPT = (ROOT / "xblocks/casework/blocks/case/public/player.js").read_text(encoding="utf-8")
PYTHON = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "xblocks/casework/blocks/case").glob("*.py"))
CATALOGS = sorted(ROOT.glob("locale/*/blocks.po"))


def used() -> set[str]:
    """Keys that player.js or a Python view names, those it puts together from a beginning included."""
    keys = set()
    keys |= set(re.findall(r"""\bt\("(\w+)\"""", SCRIPT)) | set(
        re.findall(r"""(?:labelled|chapter|figure)\("(\w+)\"""", SCRIPT)
    )
    keys |= {key for start in re.findall(r"""t\("(\w+_)" \+""", SCRIPT) for key in WORDS if key.startswith(start)}
    keys |= set(re.findall(r"""(?:words|say|words\(language\))\[["'](\w+)["']\]""", PYTHON))
    return keys


def test_every_word_that_is_shown_is_in_the_table_and_every_word_of_the_table_is_shown() -> None:
    beginnings = {key for key in used() if key.endswith("_")}
    assert used() - beginnings - set(WORDS) == set()
    assert set(WORDS) - used() == set()


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parent.name)
def test_a_catalog_keeps_every_placeholder(path: Path) -> None:
    for entry in polib.pofile(str(path)).translated_entries():
        assert sorted(re.findall(r"\{\w+\}", entry.msgid)) == sorted(re.findall(r"\{\w+\}", entry.msgstr)), (
            entry.msgctxt
        )


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parent.name)
def test_the_words_follow_the_language(path: Path) -> None:
    said = words.words(path.parent.name)
    assert set(said) == set(WORDS)
    assert said["decide"] != WORDS["decide"]
    assert words.words(f"{path.parent.name}-XX") == said


@pytest.mark.parametrize("lang", ["en", "xx", "", "../../etc/passwd", "th/../id", "x" * 500])
def test_an_unknown_language_is_english(lang: str) -> None:
    assert words.words(lang) == WORDS


def test_script_and_style_together_are_small() -> None:
    public = ROOT / "xblocks/casework/blocks/case/public"
    size = sum(len(gzip.compress((public / name).read_bytes(), 9)) for name in ("player.js", "player.css"))
    assert size <= 12_500
