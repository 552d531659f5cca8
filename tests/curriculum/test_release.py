"""What a release refuses: texts and helplines for which no person has answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from casework import cli
from casework.curriculum import build, check, release, repository, reviewing
from casework.curriculum.build import RELEASE, Wanted
from casework.curriculum.reviewing import Reviewer
from trees import OUTLINE, SMALL, catalogs, codes, planted, sources

WHO = Reviewer("สมชาย ใจดี", "prosecutor", "2026-11-24")
PAGE = "courses/regional/identification/met-back-text.md"
ASKED = {"courses/regional/outline.xml": OUTLINE.replace('format="Lesson"', 'format="Lesson" review="required"')}
HELPLINE = (
    SMALL["courses/countries/th/country.toml"]
    + """
[[fact]]
name = "helplines"
value = "1300"
source = "a page"
source_date = "2025"
confidence = "sourced"
show = "learner"
"""
)
CONFIRMED = 'confirmed_by = "A person"\nconfirmed_on = "2026-11-24"\n'


def refused(files: dict[str, bytes], *langs: str) -> set[tuple[str, str]]:
    """(code, path) of all that stands in the way of Thailand's packages."""
    wants = [Wanted("th", lang, "", RELEASE) for lang in langs or ("en",)]
    return {(one.code, one.path) for one in release.check(repository.read(files), files, wants)}


def reviewed(files: dict[str, bytes]) -> dict[str, bytes]:
    """The sources after somebody has read everything that waits."""
    for row in reviewing.waiting(repository.read(files), files, {}):
        path, data, _ = reviewing.recorded(row.path, repository.read(files), files, {}, WHO, "approved")
        files = {**files, path: data}
    return files


def test_every_page_question_and_case_that_nobody_has_read_is_told() -> None:
    lesson = "courses/regional/identification"
    assert refused(sources(ASKED)) == {
        ("unreviewed-page", f"{lesson}/met-idea-text.md"),
        ("unreviewed-page", f"{lesson}/met-idea-diagram.svg"),
        ("unreviewed-page", f"{lesson}/met-try-ring.xml"),
        ("unreviewed-page", f"{lesson}/met-back-text.md"),
        ("unreviewed-case", "scenarios/small/scenario.xml"),
    }


def test_where_no_page_is_asked_for_the_cases_still_are() -> None:
    assert refused(sources()) == {("unreviewed-case", "scenarios/small/scenario.xml")}


def test_what_has_been_read_is_released_in_english_and_in_translation() -> None:
    files = reviewed(sources({**ASKED, **catalogs("th", every=True)}))
    assert not [one for one in check.whole(files, {}) if one.is_error]
    assert refused(files, "th", "en") == set()


def test_an_edit_voids_the_review_of_a_page() -> None:
    files = reviewed(sources(ASKED))
    files[PAGE] = SMALL[PAGE].replace("one sentence", "a sentence").encode()
    assert refused(files) == {("unreviewed-page", PAGE)}


def test_a_translation_that_nobody_has_approved_is_told_by_its_catalog() -> None:
    files = sources({**ASKED, **catalogs("th", every=True)})
    assert ("unreviewed-translation", "locale/th/curriculum/identification.po") in refused(files, "th")
    assert ("unreviewed-translation", "locale/th/scenarios/small.po") in refused(files, "th")
    assert "unreviewed-translation" not in {code for code, _ in refused(files, "en")}


def test_a_helpline_needs_a_person_and_a_date() -> None:
    files = reviewed(sources({"courses/countries/th/country.toml": HELPLINE}))
    assert refused(files) == {("unconfirmed-helpline", "courses/countries/th/country.toml")}
    files["courses/countries/th/country.toml"] = (HELPLINE + CONFIRMED).encode()
    assert refused(files) == set()


def test_a_helpline_that_no_learner_sees_needs_nobody() -> None:
    hidden = HELPLINE.replace('value = "1300"', 'value = "1300"').rsplit('"learner"', 1)
    files = reviewed(sources({"courses/countries/th/country.toml": '"author"'.join(hidden)}))
    assert refused(files) == set()


@pytest.mark.parametrize(
    "half", ['confirmed_by = "A person"\n', 'confirmed_on = "2026-11-24"\n', CONFIRMED.replace("-24", "")]
)
def test_half_a_confirmation_is_none(half: str) -> None:
    assert "bad-fact" in codes({"courses/countries/th/country.toml": HELPLINE + half})


def test_what_takes_the_place_of_such_a_lesson_must_be_read_too() -> None:
    lesson = """<changes><replace url_name="met"><sequential url_name="met" display_name="Met" format="Lesson">
      <vertical url_name="met-back" display_name="Back"><html url_name="met-back-text" src="identification/met-back-text.md"/>
      <casework-plan url_name="my-plan-here"/></vertical></sequential></replace><remove url_name="my-plan"/></changes>"""
    path = "courses/countries/th/identification/met-back-text.md"
    files = sources({**ASKED, "courses/countries/th/outline.xml": lesson, path: SMALL[PAGE]})
    assert ("unreviewed-page", path) in refused(files)


def test_a_case_that_a_country_changes_must_be_read_as_that_country_tells_it() -> None:
    path = "courses/countries/th/scenarios/small.xml"
    files = reviewed(sources())
    files[path] = b'<changes case="small"><put at="send"><why>Because of another law.</why></put></changes>'
    assert not repository.read(files).findings or not [one for one in repository.read(files).findings if one.is_error]
    assert refused(files) == {("unreviewed-case", path)}
    package = build.package(repository.read(files), files, Wanted("th", "en"))
    assert 'review="draft"' in package.files["vertical/met-case.xml"].decode()
    assert refused(reviewed(files)) == set()


def test_a_misspelt_review_is_a_finding() -> None:
    assert "bad-value" in codes(
        {"courses/regional/outline.xml": OUTLINE.replace("<vertical ", '<vertical review="yes" ', 1)}
    )


def test_a_broken_list_of_reviews_is_a_finding() -> None:
    files = sources({release.REVIEWS: "hash\n"})
    assert "bad-review" in {one.code for one in check.whole(files, {})}
    assert [one.code for one in check.one(release.REVIEWS, files) or []] == ["bad-review"]


def test_the_command_refuses_with_all_reasons_and_builds_what_was_reviewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(planted(tmp_path, {**ASKED, "courses/countries/th/country.toml": HELPLINE}))
    asked = ["build", "--mode", "release", "--country", "th", "--lang", "en", "--out", "dist"]
    assert cli.main(asked) == 1
    told = capsys.readouterr()
    for code in ("unreviewed-page", "unreviewed-case", "unconfirmed-helpline"):
        assert code in told.out
    assert told.err == "casework: nothing was built\n" and not (tmp_path / "dist").exists()
    for path, data in reviewed(sources({**ASKED, "courses/countries/th/country.toml": HELPLINE + CONFIRMED})).items():
        (tmp_path / path).write_bytes(data)
    assert cli.main(asked) == 0
    assert '"mode": "release"' in (tmp_path / "dist" / "casework-th-en.manifest.json").read_text()


def test_a_pilot_of_the_same_sources_is_another_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(planted(tmp_path, reviewed(sources(ASKED))))
    asked = ["build", "--country", "th", "--lang", "en", "--out", "dist"]
    assert cli.main([*asked, "--mode", "release"]) == 0
    capsys.readouterr()
    assert cli.main(asked) == 0
    assert "unchanged" not in capsys.readouterr().out
