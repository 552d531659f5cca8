"""The proof of a package: each file of `broken/packages` breaks a real small one in just one way.

`[[change]]` puts `new` in the place of every `old` ("*": the whole file; "": a file that is not there yet); without both
it takes the file away. A file is named after the finding that must be seen, and, behind a dot, after what differs.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import pytest

from casework.curriculum import archive, proof
from trees import built, catalogs

BROKEN = Path(__file__).parents[1] / "broken" / "packages"
FAULTS = sorted(BROKEN.glob("*.toml"))


@cache
def whole() -> dict[str, bytes]:
    return dict(built("th", "th", catalogs("th", {"Practise.": "Practise."})).files)


def broken(fault: Path) -> dict[str, bytes]:
    """The small package with one fault."""
    files = whole().copy()
    for change in tomllib.loads(fault.read_text(encoding="utf-8"))["change"]:
        path, old, new = change["path"], change.get("old"), change.get("new")
        if old is None:
            del files[path]
        elif old in {"", "*"}:
            assert (path in files) == bool(old)
            files[path] = new.encode()
        else:
            assert old.encode() in files[path], f"{fault.name}: {path} holds no {old}"
            files[path] = files[path].replace(old.encode(), new.encode())
    return files


@pytest.mark.parametrize("fault", FAULTS, ids=lambda path: path.stem)
def test_a_broken_package_is_found_by_the_finding_it_is_named_after(fault: Path) -> None:
    findings = proof.check(broken(fault), "small")
    assert fault.stem.split(".")[0] in {one.code for one in findings}, [str(one) for one in findings]
    assert all(one.is_error and one.path.startswith("small") for one in findings)


def test_a_whole_package_has_no_finding() -> None:
    assert proof.check(whole(), "small") == []


def test_an_archive_is_proved_as_its_files_are() -> None:
    assert proof.of_archive(archive.compressed(archive.tar(whole())), "small") == []
    fault = broken(BROKEN / "dead-link.toml")
    assert [one.code for one in proof.of_archive(archive.compressed(archive.tar(fault)), "small")] == [
        "dead-link", "wrong-inventory",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "data", [b"", b"no archive", archive.compressed(b"no tar"), archive.compressed(b"x" * 2000)[:40]]
)
def test_what_is_no_archive_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(ValueError, match="no package"):
        proof.of_archive(data, "small")


def test_a_manifest_of_another_build_is_found_out() -> None:
    manifest = built("id", "en").manifest
    assert {one.code for one in proof.check(whole(), "small", manifest)} == {"wrong-inventory"}


def test_a_circle_of_pointers_comes_to_an_end() -> None:
    files = whole() | {
        "chapter/identification.xml": b'<chapter><sequential url_name="met"/><sequential url_name="met"/></chapter>'
    }
    assert "repeated-url-name" in {one.code for one in proof.check(files, "small")}


def test_an_empty_package_is_findings_and_no_traceback() -> None:
    assert [one.code for one in proof.check({}, "small")] == ["missing-file"]
