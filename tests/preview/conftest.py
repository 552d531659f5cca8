"""Two small packages on the shelf, and browsers without a browser that act as one of the accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from casework.preview.course import SHELF, Course
from casework.preview.loading import load
from casework.preview.package import read
from preview import sample

TH = "course-v1:Casework+TH+th"
EN = "course-v1:Casework+TH+en"

LoadFiles = Callable[[dict[str, str]], Course]


@pytest.fixture
def load_files(tmp_path: Path) -> LoadFiles:
    def load_files(files: dict[str, str]) -> Course:
        return load(read(sample.write(tmp_path / "made.tar.gz", files)))

    return load_files


@pytest.fixture
def shelf(load_files: LoadFiles) -> Iterator[None]:
    SHELF.put(load_files(sample.thai()))
    SHELF.put(load_files(sample.english()))
    yield
    SHELF.clear()


@pytest.fixture
def act_as(db: None, shelf: None) -> Callable[[str], Client]:
    """A client that acts as the account of this user name."""

    def act_as(username: str) -> Client:
        client = Client()
        client.post("/role/", {"account": username})
        return client

    return act_as
