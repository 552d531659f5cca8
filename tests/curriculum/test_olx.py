"""A package as its consumers read it: the importer's rules, olxcleaner, and our own block's parser."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import olxcleaner
import pytest
from lxml import etree

from casework.curriculum import archive, build, files, olx, proof, repository
from casework.curriculum.build import Package, Wanted
from casework.curriculum.outline import OURS
from casework.preview.course import Node
from casework.preview.loading import load
from casework.preview.package import read
from casework.scenario import xml as case_xml
from trees import SMALL, built, catalogs, sources, text

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def real() -> dict[str, Package]:
    """Every package of this repository."""
    given, _ = files.gather(ROOT)
    read = repository.read(given)
    assert [str(one) for one in read.findings if one.is_error] == []
    return {package.stem: package for want in build.wanted(read) if (package := build.package(read, given, want))}


def laid_out(package: Package, folder: Path) -> Path:
    for path, data in package.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder / "course.xml"


def test_the_real_packages_are_there(real: dict[str, Package]) -> None:
    own = "bn-ms id-id kh-km la-lo mm-my my-ms ph-fil th-th vn-vi"
    english = "bn-en id-en kh-en la-en mm-en my-en ph-en sg-en th-en tl-en vn-en"
    assert sorted(real) == sorted(f"casework-{one}" for one in f"{own} {english}".split())


def test_olxcleaner_has_nothing_to_say_of_any_package(real: dict[str, Package], tmp_path: Path) -> None:
    for stem, package in real.items():
        course = laid_out(package, tmp_path / stem)
        _, errors, _ = olxcleaner.validate(str(course), steps=8, allowed_xblocks=list(OURS))
        assert [f"{stem}: {one.level}: {one.description}" for one in errors.errors] == []


def test_the_proof_has_nothing_to_say_of_any_package(real: dict[str, Package]) -> None:
    assert [str(one) for stem, package in real.items() for one in proof.check(package.files, stem)] == []


def loaded(packed: bytes, path: Path) -> list[tuple[str, str, str]]:
    """(type, id, parent) of every block below the course, as the blocks' own parsers have read them."""
    path.write_bytes(packed)
    course = load(read(path))

    def below(node: Node, parent: str) -> Iterator[tuple[str, str, str]]:
        for child in node.children:
            yield child.id.block_type, child.id.block_id, parent
            yield from below(child, child.id.block_id)

    return list(below(course.root, ""))


def test_the_tree_that_the_blocks_own_parsers_load_is_the_inventory(real: dict[str, Package], tmp_path: Path) -> None:
    for stem, package in real.items():
        tree = loaded(package.written("")[f"{stem}.tar.gz"], tmp_path / f"{stem}.tar.gz")
        assert tree == [(row["type"], row["id"], row["parent"]) for row in package.manifest["inventory"]]


def test_an_edit_of_one_page_changes_no_other_id_and_no_other_hash() -> None:
    page = "courses/regional/identification/met-idea-text.md"
    before, after = built("th", "th"), built("th", "th", {page: f"A paragraph before all others.\n\n{SMALL[page]}"})
    rows = list(zip(before.manifest["inventory"], after.manifest["inventory"], strict=True))
    assert [old["id"] for old, new in rows if old != new] == ["met-idea-text"]
    assert all({**old, "hash": ""} == {**new, "hash": ""} for old, new in rows)
    files = {
        path for path in before.files.keys() | after.files.keys() if before.files.get(path) != after.files.get(path)
    }
    assert files == {"html/met-idea-text.html", "policies/th/policy.json"}


def test_no_value_for_authors_is_in_any_file(real: dict[str, Package]) -> None:
    given, _ = files.gather(ROOT)
    countries = repository.read(given).countries
    for code, tailored in countries.items():
        values = [fact.value for fact in tailored.facts.omitted()]
        assert len(values) > 10
        for package in real.values():
            if package.manifest["country"] == code:
                everything = b"\n".join(package.files.values()).decode("utf-8", "replace")
                assert [value for value in values if len(value) > 12 and value[:60] in everything] == []


def test_a_value_for_authors_is_not_in_the_small_package_either() -> None:
    everything = b"\n".join(built("th", "en").written("")["casework-th-en.manifest.json"].splitlines()).decode()
    everything += "".join(data.decode("utf-8", "replace") for data in built("th", "en").files.values())
    assert "unconfirmed act" not in everything and "caution for authors" not in everything


def test_the_case_in_a_package_is_the_canonical_case() -> None:
    vertical = etree.fromstring(built("th", "en").files["vertical/met-case.xml"])
    block = vertical.find("casework-case")
    assert block is not None and len(block) == 1
    inside = case_xml.canonical(block[0])
    source = case_xml.canonical(case_xml.tree(SMALL["scenarios/small/scenario.xml"], "x"))
    helped = re.sub(r"\n *<help>[^<]*</help>", "", inside)
    assert helped.replace(' review="draft"', "") == source


def test_a_case_tells_its_language_its_translation_and_that_nobody_reviewed_it() -> None:
    thai = built("th", "th", catalogs("th", {"Small": "กรณีเล็ก"}))
    case = etree.fromstring(thai.files["vertical/met-case.xml"]).find("casework-case/case")
    assert case is not None
    assert (case.get("lang"), case.get("translation"), case.get("review")) == ("th", "machine", "draft")


def test_a_case_that_a_person_approved_is_no_draft_until_it_is_edited() -> None:
    source = SMALL["scenarios/small/scenario.xml"]
    mark = case_xml.fingerprint(case_xml.canonical(case_xml.tree(source, "x")))
    review = f"hash,reviewer,role,date,verdict\n{mark},Ratna,social work,2026-11-24,approved\n"
    approved = built("th", "en", {"scenarios/small/review.csv": review})
    assert 'review="draft"' not in text(approved, "vertical/met-case.xml")
    edited = {"scenarios/small/review.csv": review, "scenarios/small/scenario.xml": source.replace("Practise.", "Do.")}
    assert 'review="draft"' in text(built("th", "en", edited), "vertical/met-case.xml")


def test_the_course_is_a_pointer_and_its_policy_says_the_rest() -> None:
    package = built("th", "th")
    assert dict(etree.fromstring(package.files["course.xml"]).attrib) == {
        "url_name": "th", "org": "Casework", "course": "CW-TH",
    }  # fmt: skip
    policy = json.loads(package.files["policies/th/policy.json"])["course/th"]
    assert policy["language"] == "th" and policy["self_paced"] and policy["advanced_modules"] == list(OURS)
    assert policy["other_course_settings"]["casework"]["country"] == "th"
    grading = json.loads(package.files["policies/th/grading_policy.json"])
    assert [(one["type"], one["min_count"], one["weight"], one["drop_count"]) for one in grading["GRADER"]] == [
        ("Lesson", 1, 1.0, 0)
    ]


def test_lessons_alone_are_graded_and_the_first_part_is_for_staff() -> None:
    package = built("th", "en")
    assert 'graded="true"' in text(package, "sequential/met.xml") and 'format="Lesson"' in text(
        package, "sequential/met.xml"
    )
    assert "graded" not in text(package, "sequential/installed.xml")
    assert 'visible_to_staff_only="true"' in text(package, "chapter/for-the-operator.xml")


def test_every_page_links_a_style_that_is_there_and_carries_its_language() -> None:
    package = built("id", "id")
    for path in package.files:
        if path.startswith("html/") and path.endswith(".html"):
            assert f'href="/static/{olx.STYLE}"' in text(package, path)
            assert '<div class="cw-page" lang="id">' in text(package, path)
    assert f"static/{olx.STYLE}" in package.files


def test_the_picture_is_a_png_of_our_own() -> None:
    assert olx.image().startswith(b"\x89PNG\r\n\x1a\n")
    assert olx.image() == olx.image()


def test_url_names_are_the_same_in_every_package(real: dict[str, Package]) -> None:
    shared = [{row["id"] for row in one.manifest["inventory"]} for one in real.values()]
    common = set.intersection(*shared)
    for ids in shared:
        assert {name for name in ids - common if "country" not in name} == set()


def test_a_package_for_the_police_leaves_out_what_is_kept_for_others(real: dict[str, Package]) -> None:
    given, _ = files.gather(ROOT)
    repo = repository.read(given)
    wants = build.wanted(repo, "th", "en", "police")
    assert wants == [Wanted("th", "en", "police")]
    package, everything = build.package(repo, given, wants[0]), real["casework-th-en"]
    assert proof.check(package.files, package.stem) == []
    assert package.manifest["course"] == "course-v1:Casework+CW-TH+en-police"
    ids, all_ids = ([row["id"] for row in one.manifest["inventory"]] for one in (package, everything))
    assert ids == [name for name in all_ids if name in set(ids)]
    left_out = set(all_ids) - set(ids)
    assert {"first-told-in-school", "the-file-closes"} < left_out and "made-to-break-the-law" in ids


def test_the_inventory_lists_every_block_once(real: dict[str, Package]) -> None:
    for package in real.values():
        ids = [row["id"] for row in package.manifest["inventory"]]
        assert len(ids) == len(set(ids)) > 100


def test_the_archive_has_one_folder_sorted_names_and_no_owner() -> None:
    import io

    packed = built("th", "en").written("abc")["casework-th-en.tar.gz"]
    with tarfile.open(fileobj=io.BytesIO(packed)) as opened:
        members = opened.getmembers()
    names = [one.name for one in members]
    assert names == sorted(names) and all(name.startswith("course/") for name in names)
    assert {(one.mtime, one.uid, one.gid, one.uname, one.mode) for one in members} == {(archive.EPOCH, 0, 0, "", 0o644)}


def test_the_manifest_beside_the_archive_knows_its_sums_and_commit() -> None:
    made = built("th", "en").written("abc")
    beside = json.loads(made["casework-th-en.manifest.json"])
    assert beside["sha256"] == archive.digest(made["casework-th-en.tar.gz"])
    assert beside["commit"] == "abc"
    inside = built("th", "en").manifest
    assert "sha256" not in inside and "commit" not in inside


SCRIPT = """
import sys
sys.path[:0] = [{xblocks!r}, {tests!r}]
from trees import built, catalogs
from casework.curriculum import archive
print(archive.digest(built("th", "th", catalogs("th", every=True)).written("")["casework-th-th.tar.gz"]))
"""


def test_the_same_sources_give_the_same_bytes_under_any_hash_seed() -> None:
    script = SCRIPT.format(xblocks=str(ROOT / "xblocks"), tests=str(ROOT / "tests"))
    sums = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(sums) == 1


def test_what_is_kept_for_another_audience_is_not_in_its_package() -> None:
    outline = SMALL["courses/regional/outline.xml"]
    outline = outline.replace('<vertical url_name="met-try"', '<vertical audience="police" url_name="met-try"')
    given = sources({"courses/regional/outline.xml": outline})
    read = repository.read(given)
    package = build.package(read, given, Wanted("th", "en", "school"))
    assert package.stem == "casework-th-en-school"
    assert "vertical/met-try.xml" not in package.files
    assert "vertical/met-try.xml" in build.package(read, given, Wanted("th", "en")).files
