from __future__ import annotations

import sys

import pytest

import trees
from casework import catalogs
from casework.catalogs import CASE_REVIEW_HEADER, REVIEW_HEADER, Message
from casework.curriculum import messages, repository
from trees import IDEA, sources

ASK = Message("curriculum/part", "page/p", "Ask first.", "paragraph", "page.md")
WAIT = Message("curriculum/part", "page/p", "Wait.", "paragraph", "page.md")
PO = """msgid ""
msgstr "Language: th\\n"

msgctxt "page/p"
msgid "Ask first."
msgstr "ถามก่อน"
"""


def said(text: str) -> dict[catalogs.Key, str]:
    catalog, findings = catalogs.read(text, "x.po")
    assert findings == []
    return {key: entry.translation for key, entry in catalog.entries.items()}


def test_a_translation_is_found_by_context_and_text() -> None:
    catalog, findings = catalogs.read(PO, "x.po")
    assert findings == []
    assert catalog.get(ASK) == "ถามก่อน"
    assert catalog.get(WAIT) is None
    assert catalog.get(Message("", "other/p", "Ask first.")) is None


def test_merging_keeps_what_was_translated_and_adds_what_is_new() -> None:
    merged = catalogs.merged(PO, [WAIT, ASK], "th", {})
    assert said(merged) == {ASK.key: "ถามก่อน"}
    assert 'msgid "Wait."\nmsgstr ""' in merged


def test_merging_keeps_a_translators_comment_and_a_fuzzy_flag() -> None:
    old = PO.replace('msgctxt "page/p"', '# a doubt\n#, fuzzy\nmsgctxt "page/p"')
    merged = catalogs.merged(old, [ASK], "th", {})
    assert "# a doubt" in merged and "#, fuzzy" in merged
    assert said(merged) == {}


def test_a_new_message_is_filled_from_the_same_text_elsewhere() -> None:
    elsewhere = Message("curriculum/part", "other/p", "Ask first.")
    merged = catalogs.merged(None, [elsewhere], "th", {"Ask first.": "ถามก่อน"})
    assert said(merged) == {elsewhere.key: "ถามก่อน"}


def test_texts_that_are_translated_in_two_ways_are_not_remembered() -> None:
    other = PO.replace("page/p", "other/p").replace("ถามก่อน", "ถามเสียก่อน")
    one, two = catalogs.read(PO, "a.po")[0], catalogs.read(other, "b.po")[0]
    assert catalogs.memory_of([one]) == {"Ask first.": "ถามก่อน"}
    assert catalogs.memory_of([one, two]) == {}


def test_a_translation_whose_text_is_gone_is_kept_as_obsolete() -> None:
    merged = catalogs.merged(PO, [WAIT], "th", {})
    assert '#~ msgstr "ถามก่อน"' in merged
    assert said(merged) == {}
    assert said(catalogs.merged(merged, [ASK], "th", {})) == {ASK.key: "ถามก่อน"}


def test_merging_twice_changes_nothing_more() -> None:
    once = catalogs.merged(PO, [ASK, WAIT], "th", {})
    assert catalogs.merged(once, [ASK, WAIT], "th", {}) == once


def test_the_comment_and_the_source_stand_with_the_message_and_no_date_anywhere() -> None:
    merged = catalogs.merged(None, [ASK], "id", {})
    assert "#. paragraph\n#: page.md\n" in merged
    assert "Date" not in merged and "nplurals=1" in merged


def drafted(text: str) -> dict[catalogs.Key, str]:
    return catalogs.drafts(text, "x.po")


def test_a_text_that_was_changed_keeps_what_its_context_said_as_a_suggestion_with_the_former_text() -> None:
    merged = catalogs.merged(PO, [WAIT], "th", {})
    assert drafted(merged) == {WAIT.key: "ถามก่อน"} and said(merged) == {}
    assert '#| msgid "Ask first."' in merged
    assert said(catalogs.merged(merged, [ASK], "th", {})) == {ASK.key: "ถามก่อน"}, (
        "the old text has its translation back"
    )


def test_of_several_texts_in_one_context_the_most_alike_was_changed() -> None:
    old = PO + '\nmsgctxt "page/p"\nmsgid "Read her the list of rooms."\nmsgstr "อ่านรายชื่อห้อง"\n'
    new = Message("curriculum/part", "page/p", "Read him the list of rooms.")
    other = Message("curriculum/part", "page/p", "An elephant.")
    assert drafted(catalogs.merged(old, [other, new], "th", {})) == {new.key: "อ่านรายชื่อห้อง"}
    assert drafted(catalogs.merged(old, [new, other], "th", {})) == {new.key: "อ่านรายชื่อห้อง"}


def test_the_very_text_elsewhere_is_better_than_a_changed_one() -> None:
    merged = catalogs.merged(PO, [WAIT], "th", {"Wait.": "รอ"})
    assert said(merged) == {WAIT.key: "รอ"} and drafted(merged) == {}


def test_an_alike_text_is_a_suggestion_and_never_a_translation() -> None:
    memory = {"What do you tell her now?": "บอกเธอว่าอะไร"}
    new = Message("curriculum/part", "other/p", "What do you tell him now?")
    far = Message("curriculum/part", "far/p", "Where is the boat?")
    merged = catalogs.merged(None, [new, far], "th", memory, messages.likeness(memory))
    assert drafted(merged) == {new.key: "บอกเธอว่าอะไร"} and said(merged) == {}
    assert '#| msgid "What do you tell her now?"' in merged


def test_of_equally_alike_texts_the_same_is_suggested_each_time() -> None:
    texts = ["What do you tell hex?", "What do you tell hey?", "What do you tell hez?"]
    found = {messages.likeness(order)("What do you tell her?") for order in (texts, texts[::-1], [texts[1], texts[0]])}
    assert found == {texts[0]}


def test_without_rapidfuzz_it_is_said_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidfuzz", None)
    with pytest.raises(messages.NotInstalled, match="RapidFuzz"):
        messages.likeness([])


def test_an_entry_that_stands_empty_is_filled_and_a_whole_one_never_changed() -> None:
    empty = catalogs.merged(None, [ASK, WAIT], "th", {})
    filled = catalogs.merged(empty, [ASK, WAIT], "th", {"Ask first.": "ถามก่อน"})
    assert said(filled) == {ASK.key: "ถามก่อน"}
    assert said(catalogs.merged(filled, [ASK, WAIT], "th", {"Ask first.": "อื่น"})) == {ASK.key: "ถามก่อน"}


def test_a_living_translation_wins_over_one_that_is_gone() -> None:
    both = PO + '\n#~ msgctxt "page/p"\n#~ msgid "Ask first."\n#~ msgstr "เก่า"\n'
    assert said(catalogs.merged(both, [ASK], "th", {})) == {ASK.key: "ถามก่อน"}


def test_a_language_is_merged_to_the_same_bytes_and_a_second_time_changes_nothing() -> None:
    changed = IDEA.replace("Ask before the charge.", "Ask before any charge.").replace("A debt", "Debts")
    given = sources({**trees.catalogs("th", every=True), "courses/regional/identification/met-idea-text.md": changed})
    asked = messages.extracted(repository.read(given), "th", {})
    once, _ = messages.merged(given, asked, "th")
    again, _ = messages.merged({**given, **once}, asked, "th")
    assert once == messages.merged(given, asked, "th")[0] == again
    rows, _ = messages.status({**given, **once}, asked, "th")
    part = next(row for row in rows if row.catalog == "curriculum/identification")
    assert (part.total - part.translated, part.fuzzy) == (2, 2)
    assert messages.summed(rows, "all").fuzzy == 2 and messages.summed([], "all").total == 0


@pytest.mark.parametrize(
    "text",
    [
        'msgid "a\nmsgstr "b"',
        "this is no catalog\nat all\n",
        "",
        b"\xff\xfe",
        'msgid "a"\nmsgstr "\0"\n',
        PO + '\nmsgctxt "page/p"\nmsgid "Ask first."\nmsgstr "อื่น"\n',
    ],
)
def test_a_broken_catalog_is_a_finding_and_says_nothing(text: str | bytes) -> None:
    catalog, findings = catalogs.read(text, "x.po")
    assert findings and {one.code for one in findings} <= {"bad-catalog", "not-utf8"}
    assert dict(catalog.entries) == {}


def test_a_broken_catalog_is_never_written_over() -> None:
    path = "locale/th/curriculum/course.po"
    given = sources({path: 'msgid "a\n'})
    extracted = messages.extracted(repository.read(given), "th", {})
    made, findings = messages.merged(given, extracted, "th")
    assert path not in made and [one.code for one in findings] == ["bad-catalog"]


def test_an_approved_translation_is_known_by_its_hash_and_an_edit_voids_it() -> None:
    mark = catalogs.fingerprint(ASK, "ถามก่อน")
    row = f"curriculum/part,page/p,{mark},Somchai,police,2026-11-24,approved"
    approved, findings = catalogs.reviewed(",".join(REVIEW_HEADER) + f"\n{row}\n", "review.csv", REVIEW_HEADER)
    assert findings == [] and mark in approved
    assert catalogs.fingerprint(ASK, "ถามเสียก่อน") not in approved
    assert catalogs.fingerprint(WAIT, "ถามก่อน") not in approved


def test_the_newest_verdict_counts() -> None:
    head = ",".join(CASE_REVIEW_HEADER)
    text = f"{head}\nabc,Ratna,law,2026-11-01,approved\nabc,Ratna,law,2026-11-02,rejected\n"
    assert catalogs.reviewed(text, "review.csv", CASE_REVIEW_HEADER)[0] == frozenset()


@pytest.mark.parametrize(
    "text",
    ["", "hash,who\n", "hash,reviewer,role,date,verdict\nabc,,law,2026-11-01,approved\n",
     "hash,reviewer,role,date,verdict\nabc,Ratna,law,yesterday,approved\n", "hash,reviewer,role,date,verdict\nabc,R\n"],
)  # fmt: skip
def test_a_review_without_a_person_or_a_date_does_not_count(text: str) -> None:
    approved, findings = catalogs.reviewed(text, "review.csv", CASE_REVIEW_HEADER)
    assert approved == frozenset() and {one.code for one in findings} == {"bad-review"}
