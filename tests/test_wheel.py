"""What an LMS installs: the wheel carries the compiled catalogs, the browser code, templates and migrations."""

from __future__ import annotations

import gettext
import gzip
import io
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    leave = shutil.ignore_patterns("*.egg-info", "__pycache__", "*.mo")
    shutil.copytree(ROOT / "xblocks", source / "xblocks", ignore=leave)
    shutil.copytree(ROOT / "locale", source / "locale")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(source),
    ]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


@pytest.mark.parametrize("path", sorted(ROOT.glob("locale/*/blocks.po")), ids=lambda path: path.parent.name)
def test_each_catalog_of_the_player_is_in_the_wheel(wheel: zipfile.ZipFile, path: Path) -> None:
    compiled = gettext.GNUTranslations(io.BytesIO(wheel.read(f"casework/blocks/locale/{path.parent.name}.mo")))
    for entry in polib.pofile(str(path)).translated_entries():
        assert compiled.pgettext(entry.msgctxt, entry.msgid) == entry.msgstr


@pytest.mark.parametrize(
    "name",
    [
        "casework/py.typed",
        "casework/blocks/case/public/player.js",
        "casework/blocks/case/public/player.css",
        "casework/blocks/case/public/studio.js",
    ],
)
def test_what_is_no_python_is_in_the_wheel_too(wheel: zipfile.ZipFile, name: str) -> None:
    assert name in wheel.namelist()


def test_every_template_migration_and_style_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    wanted = [
        str(path.relative_to(ROOT / "xblocks"))
        for path in (ROOT / "xblocks").rglob("*")
        if path.is_file()
        and {"templates", "static", "migrations", "public"} & set(path.parts)
        and "__pycache__" not in path.parts
    ]
    assert wanted
    assert not set(wanted) - set(wheel.namelist())


def test_an_lms_is_not_asked_to_install_the_preview(wheel: zipfile.ZipFile) -> None:
    name = next(one for one in wheel.namelist() if one.endswith("METADATA"))
    needs = [
        line
        for line in Parser().parsestr(wheel.read(name).decode()).get_all("Requires-Dist") or []
        if "extra" not in line
    ]
    assert not [
        line for line in needs if line.startswith(("xblock-sdk", "xblocks-contrib", "xblock_sdk", "olxcleaner"))
    ]
    assert any(line.lower().startswith("edx-submissions") for line in needs)


def test_what_a_telephone_loads_beside_a_case_is_small(wheel: zipfile.ZipFile) -> None:
    public = [name for name in wheel.namelist() if name.startswith("casework/blocks/case/public/player.")]
    assert len(public) <= 3
    assert sum(len(gzip.compress(wheel.read(name), 9)) for name in public) <= 12 * 1024


def test_the_script_in_the_wheel_is_the_repositorys_without_its_comments(wheel: zipfile.ZipFile) -> None:
    ours = (ROOT / "xblocks/casework/blocks/case/public/player.js").read_text(encoding="utf-8")
    theirs = wheel.read("casework/blocks/case/public/player.js").decode()
    assert "@param" in ours and "@param" not in theirs
    assert len(ours) / 2 < len(theirs) < len(ours)


def test_the_styles_in_the_wheel_are_the_repositorys_without_their_comments(wheel: zipfile.ZipFile) -> None:
    ours = (ROOT / "xblocks/casework/blocks/case/public/player.css").read_text(encoding="utf-8")
    theirs = wheel.read("casework/blocks/case/public/player.css").decode()
    assert "/*" in ours and "/*" not in theirs
    assert 'content:"✓ "' in theirs and theirs.count("{") == theirs.count("}") == ours.count("{")
