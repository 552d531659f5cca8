"""What is let in from an archive, and what is said of the rest: one line that names the file."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from casework.preview import package
from casework.preview.package import PreviewError, read
from preview import sample


def _member(name: str, kind: bytes = tarfile.REGTYPE, linkname: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, linkname
    return member


def _refusal(path: Path) -> str:
    with pytest.raises(PreviewError) as caught:
        read(path)
    line = str(caught.value)
    assert "\n" not in line
    return line


@pytest.mark.parametrize("name", ["../up.html", "course/../../up.html", "/etc/up.html", "course/..\\up.html"])
def test_a_path_that_climbs_out_is_refused(tmp_path: Path, name: str) -> None:
    path = sample.write(tmp_path / "p.tar.gz", sample.thai(), _member(name))
    assert "leads out of the package" in _refusal(path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_link_is_refused_wherever_it_points(tmp_path: Path, kind: bytes) -> None:
    path = sample.write(tmp_path / "p.tar.gz", sample.thai(), _member("course/static/a.png", kind, "course.xml"))
    assert "is a link" in _refusal(path)


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_device_is_refused(tmp_path: Path, kind: bytes) -> None:
    path = sample.write(tmp_path / "p.tar.gz", sample.thai(), _member("course/static/a", kind))
    assert "neither a file nor a folder" in _refusal(path)


def test_an_entity_bomb_is_refused_before_any_block_reads_it(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE problem [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><problem>&b;</problem>'
    line = _refusal(sample.write(tmp_path / "p.tar.gz", sample.thai() | {"problem/q-first.xml": bomb}))
    assert line == "p.tar.gz: problem/q-first.xml: declares a document type, which packages must not"


def test_broken_xml_is_told_with_its_file(tmp_path: Path) -> None:
    line = _refusal(
        sample.write(tmp_path / "p.tar.gz", sample.thai() | {"vertical/idea.xml": "<vertical><html></vertical>"})
    )
    assert line.startswith("p.tar.gz: vertical/idea.xml: is not XML")


def test_an_archive_without_a_course_is_refused(tmp_path: Path) -> None:
    files = sample.thai()
    del files["course.xml"]
    assert _refusal(sample.write(tmp_path / "p.tar.gz", files)) == "p.tar.gz: holds no course.xml"


def test_two_courses_in_one_archive_are_refused(tmp_path: Path) -> None:
    line = _refusal(sample.write(tmp_path / "p.tar.gz", sample.thai() | {"other/course.xml": "<course/>"}))
    assert "holds 2 files named course.xml" in line


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.tar.gz"
    path.write_bytes(b"not an archive")
    assert "is not a .tar.gz archive" in _refusal(path)


def test_an_archive_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = sample.write(tmp_path / "p.tar.gz", sample.thai())
    path.write_bytes(path.read_bytes()[:900])
    assert "is not a .tar.gz archive" in _refusal(path)


def test_a_missing_file_is_told_with_its_path(tmp_path: Path) -> None:
    assert "there is no such file" in _refusal(tmp_path / "none.tar.gz")


def test_a_package_that_unpacks_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sample.write(tmp_path / "p.tar.gz", sample.thai())
    monkeypatch.setattr(package, "MAX_BYTES", 1000)
    assert "unpacks to more than" in _refusal(path)


def test_a_package_with_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sample.write(tmp_path / "p.tar.gz", sample.thai())
    monkeypatch.setattr(package, "MAX_FILES", 3)
    assert "more than 3 entries" in _refusal(path)


def test_files_are_named_from_the_folder_of_course_xml(tmp_path: Path) -> None:
    read_back = read(sample.write(tmp_path / "p.tar.gz", sample.thai()))
    assert set(read_back.files) == set(sample.thai())
    assert "ผู้เสียหาย" in read_back.text("html/h-idea.html")
