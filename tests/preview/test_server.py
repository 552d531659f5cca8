"""Starting the server: what stops it is one line, and what learners did outlives it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from casework.preview.package import PreviewError
from casework.preview.server import serve
from preview import sample
from servers import Servers, run_once


@pytest.fixture
def servers(tmp_path: Path) -> object:
    made = Servers(tmp_path / "servers")
    yield made
    made.stop_all()


def test_no_package_is_one_line() -> None:
    with pytest.raises(PreviewError, match="no package was named"):
        serve([])


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    package = sample.write(tmp_path / "th.tar.gz", sample.thai())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = run_once([package], tmp_path, port)
    assert code == 1
    assert said.startswith(f"cannot listen on 127.0.0.1:{port}:")
    assert said.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    package = sample.write(tmp_path / "th.tar.gz", sample.thai())
    (tmp_path / "var").write_text("a file, where the folder should be")
    code, said = run_once([package], tmp_path)
    assert code == 1
    assert "a folder it cannot write to" in said
    assert said.count("\n") == 1


def test_a_database_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    package = sample.write(tmp_path / "th.tar.gz", sample.thai())
    code, said = run_once([package], tmp_path, database_url="postgresql://nobody@127.0.0.1:1/none")
    assert code == 1
    assert said.startswith("the database cannot be used:")
    assert said.count("\n") == 1


def test_a_broken_package_is_one_line(tmp_path: Path) -> None:
    package = sample.write(tmp_path / "th.tar.gz", sample.thai() | {"html/h-idea.xml": "<html"})
    code, said = run_once([package], tmp_path)
    assert code == 1
    assert said.startswith("th.tar.gz: html/h-idea.xml: is not XML")


def test_one_course_in_two_packages_is_one_line(tmp_path: Path) -> None:
    packages = [sample.write(tmp_path / name, sample.thai()) for name in ("a.tar.gz", "b.tar.gz")]
    code, said = run_once(packages, tmp_path)
    assert code == 1
    assert "b.tar.gz: course.xml: course-v1:Casework+TH+th was already read" in said


def test_many_requests_at_once_are_all_answered(tmp_path: Path, servers: Servers) -> None:
    base = servers.start([sample.write(tmp_path / "th.tar.gz", sample.thai())])
    statuses = servers.at_once(base, "/unit/block-v1:Casework+TH+th+type@vertical+block@try-it/", count=40)
    assert set(statuses) == {200}
