"""Who has to read what, and the record of it."""

from __future__ import annotations

import pytest

from casework.curriculum import build, messages, repository, reviewing
from casework.curriculum.build import Wanted
from casework.curriculum.reviewing import NotReviewable, Reviewer
from trees import SMALL, catalogs, sources

CASE = "scenarios/small/scenario.xml"
CATALOG = "locale/th/scenarios/small.po"
WHO = Reviewer("Somebody, of a court", "prosecutor", "2026-11-24")


def given(extra: dict[str, bytes] | None = None) -> dict[str, bytes]:
    return sources({**catalogs("th", {"Small": "กรณีเล็ก", "Practise.": "ฝึก"}), **(extra or {})})


def recorded(path: str, files: dict[str, bytes], who: Reviewer = WHO, verdict: str = "approved") -> dict[str, bytes]:
    name, data, _ = reviewing.recorded(path, repository.read(files), files, {}, who, verdict)
    return {**files, name: data}


def waiting(files: dict[str, bytes]) -> dict[str, int]:
    return {one.path: one.waits for one in reviewing.waiting(repository.read(files), files, {})}


def test_a_case_and_the_translations_of_it_wait_until_somebody_has_read_them() -> None:
    files = given()
    assert waiting(files)[CASE] == 1
    assert waiting(files)[CATALOG] == 2
    read = recorded(CATALOG, recorded("scenarios/small", files))
    assert CASE not in waiting(read)
    assert CATALOG not in waiting(read)


def test_a_package_says_no_longer_that_nobody_of_the_practice_has_read_the_case() -> None:
    read = recorded(CASE, given())
    package = build.package(repository.read(read), read, Wanted("th", "en"))
    assert 'review="draft"' not in package.files["vertical/met-case.xml"].decode()
    approved, findings = messages.approvals(recorded(CATALOG, read), "th")
    assert (len(approved), findings) == (2, [])


def test_an_edit_voids_a_review() -> None:
    read = recorded(CASE, given())
    read[CASE] = SMALL[CASE].replace("Practise.", "Practise more.", 1).encode()
    assert waiting(read)[CASE] == 1


def test_the_newest_verdict_counts_and_nothing_is_taken_away() -> None:
    once = recorded(CASE, given())
    twice = recorded(CASE, once, Reviewer("Another", "nurse", "2026-11-25"), "refused")
    path = "scenarios/small/review.csv"
    assert twice[path].startswith(once[path])
    assert '"Somebody, of a court"' in twice[path].decode()
    assert waiting(twice)[CASE] == 1


@pytest.mark.parametrize(
    ("path", "who", "verdict"),
    [
        ("scenarios/gone", WHO, "approved"),
        ("locale/th/gone.po", WHO, "approved"),
        ("../../etc/passwd", WHO, "approved"),
        (CASE, Reviewer("", "nurse", "2026-11-24"), "approved"),
        (CASE, Reviewer("A", " ", "2026-11-24"), "approved"),
        (CASE, Reviewer("A\nB", "nurse", "2026-11-24"), "approved"),
        (CASE, Reviewer("A", "nurse", "today"), "approved"),
        (CASE, WHO, "perhaps"),
    ],
)
def test_what_is_not_there_or_nobody_has_read_is_not_recorded(path: str, who: Reviewer, verdict: str) -> None:
    with pytest.raises(NotReviewable):
        recorded(path, given(), who, verdict)
