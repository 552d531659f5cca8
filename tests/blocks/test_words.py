"""Every word of the player has one place, and is said in every language that has a catalog."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

from casework.blocks import words
from casework.blocks.words import WORDS

ROOT = Path(__file__).parents[2]
SCRIPT = (ROOT / "xblocks/casework/blocks/case/public/player.js").read_text(encoding="utf-8")
PYTHON = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "xblocks/casework/blocks").glob("*/*.py"))
CATALOGS = sorted(ROOT.glob("locale/*/blocks.po"))


def used() -> set[str]:
    """Keys that player.js or a Python view names, those it puts together from a beginning included."""
    keys = set()
    keys |= set(re.findall(r"""\bt\("(\w+)\"""", SCRIPT)) | set(
        re.findall(r"""(?:labelled|chapter|figure)\("(\w+)\"""", SCRIPT)
    )
    keys |= set(re.findall(r"""words\.(\w+)""", SCRIPT)) | set(re.findall(r"""words\([\w.]+\)\["(\w+)"\]""", PYTHON))
    keys |= {key for start in re.findall(r"""t\("(\w+_)" \+""", SCRIPT) for key in WORDS if key.startswith(start)}
    keys |= set(re.findall(r"""(?:words|say|words\(language\))\[["'](\w+)["']\]""", PYTHON))
    keys |= set(re.findall(r"""said\(say, ["'](\w+)["']""", PYTHON))
    starts = re.findall(r"""words\[f["'](\w+_)\{""", PYTHON)
    keys |= {key for start in starts for key in WORDS if key.startswith(start)}
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


def test_no_sentence_stands_in_the_script() -> None:
    code = re.sub(r"/\*.*?\*/|^\s*//[^\n]*$", "", SCRIPT, flags=re.DOTALL | re.MULTILINE)
    said = [one for pair in re.findall(r'"([^"\n]*)"|`([^`]*)`', code) for one in pair if one]
    sentences = [one for one in said if re.match(r"[A-Za-z]+[,:]? [a-z]+ ?[a-z]*[.:?!]?$|[A-Z][a-z]+$", one)]
    assert sentences == ["use strict", "Enter"]


@pytest.mark.parametrize("key", sorted(WORDS))
def test_words_are_text_and_never_markup(key: str) -> None:
    assert not re.search("[<>&]", WORDS[key])


def test_what_is_not_translated_falls_back_word_by_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = polib.POFile()
    catalog.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    catalog.append(polib.POEntry(msgctxt="pause", msgid="Pause", msgstr="พัก"))
    catalog.append(polib.POEntry(msgctxt="saved", msgid="An older sentence", msgstr="เก่า"))
    (tmp_path / "locale").mkdir()
    catalog.save_as_mofile(str(tmp_path / "locale" / "qq.mo"))
    monkeypatch.setattr(words, "files", lambda package: tmp_path)
    words._catalog.cache_clear()
    assert words.words("qq-QQ") == {**WORDS, "pause": "พัก"}
    words._catalog.cache_clear()


def test_the_style_breaks_no_word_and_fixes_nothing() -> None:
    style = (ROOT / "xblocks/casework/blocks/case/public/player.css").read_text(encoding="utf-8")
    assert not re.search(r"break-all|line-break:\s*anywhere|position:\s*fixed|\dvh\b", style)
