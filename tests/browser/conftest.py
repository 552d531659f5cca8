"""A real Chromium and real servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from servers import Servers

ServePackages = Callable[..., str]


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    made = Servers(tmp_path_factory.mktemp("servers"))
    yield made
    made.stop_all()


@pytest.fixture(scope="session")
def serve_packages(servers: Servers) -> ServePackages:
    """`serve_packages([path, …]) -> base url`: a server of these packages, with an empty database, until the end.

    The same packages asked for twice are served once; `fresh=True` gives a server of one's own."""
    known: dict[tuple[Path, ...], str] = {}

    def serve_packages(packages: Sequence[Path], fresh: bool = False) -> str:
        key = tuple(packages)
        if fresh or key not in known:
            known[key] = servers.start(packages)
        return known[key]

    return serve_packages
