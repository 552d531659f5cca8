"""What a translation is held to, each rule with what breaks it and with what it must leave alone."""

from __future__ import annotations

import pytest

from casework.catalogs import Message, merged
from casework.curriculum import check, messages, repository, sound
from casework.findings import KINDS
from trees import catalogs, sources

SPEECH = Message("", "c/a/text", "**Maya:** Wait.")


@pytest.mark.parametrize(
    ("message", "translation", "codes"),
    [
        (Message("", "c/d/part", "[a](indicator:debt) b"), "b [ก](indicator:debt)", []),
        (Message("", "c/d/part", "[a](indicator:debt) b"), "ก b", ["lost-phrase"]),
        (Message("", "c/d/part", "[a](indicator:debt)"), "[ก](indicator:debt) [ข](indicator:debt)", ["lost-phrase"]),
        (Message("", "c/d/part", "[a](indicator:debt)"), "[ก](decoy:debt)", ["lost-phrase"]),
        (Message("", "left", "Left: {n}"), "เหลือ", ["lost-placeholder"]),
        (Message("", "x/p", "Text."), "<b>ข้อความ</b>", ["bad-translation"]),
        (Message("", "x/p", "A **bold** word."), "คำ", ["bad-translation"]),
        (Message("", "x/p", "Text."), "**ข้อความ", ["bad-translation"]),
        (Message("", "x/p", "[a](https://a.org)"), "[ก](https://b.org)", ["bad-translation"]),
        (Message("", "x/p", "One."), "หนึ่ง\n\nสอง", ["bad-translation"]),
        (Message("", "x/p", "One."), "หนึ่\ufffdง", ["bad-translation"]),
        (SPEECH, "**มายา:** รอก่อน", []),
        (SPEECH, "มายา **พูด** รอก่อน", ["bad-translation"]),
    ],
)  # fmt: skip
def test_a_translation_is_held_to_its_source(message: Message, translation: str, codes: list[str]) -> None:
    assert [one.code for one in sound.faults(message, translation, "th", "x.po", 1)] == codes


def codes(text: str, translation: str, lang: str, context: str = "x/p") -> list[str]:
    return [one.code for one in sound.faults(Message("", context, text), translation, lang, "x.po", 1)]


@pytest.mark.parametrize(
    ("text", "translation", "lang", "expected"),
    [
        ("Call 1300.", "โทร 1387", "th", ["changed-number"]),
        ("Call 1300.", "โทร ๑๓๐๐", "th", []),
        ("Call 1300.", "ទូរស័ព្ទ ១៣០០", "km", []),
        ("Call 1300.", "ໂທ ໑໓໐໐", "lo", []),
        ("Call 1300.", "၁၃၀၀ ကို ဖုန်းဆက်ပါ", "my", []),
        ("Call 1300.", "၁၃၈၇ ကို ဖုန်းဆက်ပါ", "my", ["changed-number"]),
        ("The Act of 2008.", "พระราชบัญญัติ พ.ศ. 2551", "th", []),
        ("The Act of 2008.", "พระราชบัญญัติ พ.ศ. 2552", "th", ["changed-number"]),
        ("It is 15:40.", "အချိန်က ညနေ ၃:၄၀ ပါ။", "my", []),
        ("It is 15:40.", "Pukul 15.40.", "id", []),
        ("It is 18:00.", "ညနေ ၆ နာရီ", "my", []),
        ("It is 15:40.", "อีกไม่นาน", "th", ["lost-number"]),
        ("It costs 30,000.", "Harganya 30.000.", "id", []),
        ("It costs 30,000.", "ราคาสามหมื่น", "th", ["lost-number"]),
        ("Two of eleven.", "2 dari 11.", "id", []),
        ("See [1300](https://a.org/1300).", "ดู [1300](https://a.org/1300)", "th", []),
        ("Wait.", "Wa\u0301it.", "vi", ["not-nfc"]),
        ("Wait.", "รอ\u200bก่อน", "th", []),
        ("Wait.", "รอก่อน\u200b", "th", ["invisible-sign"]),
        ("Wait.", "រង់\u200b\u200bចាំ", "km", ["invisible-sign"]),
        ("Wait.", "Tung\u200bgu.", "id", ["invisible-sign"]),
        ("Wait.", "\ufeffรอก่อน", "th", ["invisible-sign"]),
        ("Wait.", "รอ\ue000ก่อน", "th", ["bad-translation"]),
        ("Wait.", "รอ\x0bก่อน", "th", ["bad-translation"]),
        ("Wait.", "လူကုန်ကူးမှု တိုက်ဖျက်ရေး ဥပဒေ", "my", []),
        ("Wait.", "လူကုန္ကူးမႈ တိုက္ဖ်က္ေရး ဥပေဒ", "my", ["zawgyi"]),
        ("Wait.", "ေစာင့်ပါ", "my", ["zawgyi"]),
        ("Wait.", "ລໍຖ\u0e49າ", "lo", ["wrong-script"]),
        ("Wait.", "ລໍຖ\u0ec9າ", "lo", []),
        ("Wait.", "T\u0443nggu.", "id", ["wrong-script"]),
        ("Thai: รอ", "ໄທ: รอ", "lo", []),
        ("Ask her what she needs.", "Ask her what she needs.", "id", ["english-still"]),
        ("Ask her what she needs.", "Ask her what she really wants.", "km", ["english-still"]),
        ("Sergeant Maya", "Sergeant Maya", "fil", []),
        ("ASEAN", "ASEAN", "th", []),
        ("Council of Offices for the Young", "Council of Offices for the Young", "fil", []),
        ("Wait.", "- รอก่อน", "th", ["bad-translation"]),
        ("Wait.", "1. รอก่อน", "th", ["bad-translation"]),
        ("Say `no`.", "พูดว่า ไม่", "th", ["bad-translation"]),
    ],
)  # fmt: skip
def test_numbers_signs_and_scripts(text: str, translation: str, lang: str, expected: list[str]) -> None:
    assert codes(text, translation, lang) == expected


def test_a_plain_text_keeps_its_tags_too() -> None:
    assert codes("Ask first", "<b>ถามก่อน</b>", "th", "x/choice") == ["bad-translation"]
    assert codes("Ask first", "ถามก่อน", "th", "x/choice") == []


def test_the_script_is_not_looked_at_where_the_language_is_not_known() -> None:
    assert codes("Wait.", "ລໍຖ้າ", "") == []


def test_what_is_certain_stops_a_build_and_what_is_doubtful_does_not() -> None:
    certain = {
        "changed-number",
        "not-nfc",
        "zawgyi",
        "wrong-script",
        "lost-phrase",
        "lost-placeholder",
        "bad-translation",
    }
    doubtful = {"lost-number", "invisible-sign", "english-still"}
    assert all(KINDS[code].severity == "error" for code in certain)
    assert all(KINDS[code].severity == "warning" for code in doubtful)


def test_the_rules_are_asked_of_every_catalog_with_its_language() -> None:
    given = sources(catalogs("th", {"A debt": "ໜີ້"}))
    path = "locale/th/curriculum/identification.po"
    said = messages.check(given, repository.read(given), "th", {})
    assert ("wrong-script", path) in {(one.code, one.path) for one in said}
    assert "wrong-script" in {one.code for one in check.one(path, given) or ()}


# -- options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "other", "told"),
    [
        ("ถามเขาตอนนี้", "รอก่อน", ["small/a/who/ask/text"]),
        ("ถาม", "รอก่อนแล้วค่อยว่า", []),
        ("ที่นี่", "ทนนน", []),  # as long as one sees: what stands above and below takes no room
        ("ถามเขาตอนนี้", "", []),  # not translated yet
    ],
)
def test_a_translation_does_not_make_the_key_option_the_longest(key: str, other: str, told: list[str]) -> None:
    others = dict.fromkeys(("Do send now.", "Do doubt now."), other) if other else {}
    given = sources(catalogs("th", {"Do ask now.": key, **others}))
    found = messages.check(given, repository.read(given), "th", {})
    places = [(one.path, one.place) for one in found if one.code == "longest-is-key"]
    assert places == [("locale/th/scenarios/small.po", place) for place in told]


def test_a_case_that_a_country_has_changed_is_asked_too_and_the_same_task_once() -> None:
    change = '<changes case="small"><put at="who/ask"><text>Ask.</text></put></changes>'
    given = sources({"courses/countries/th/scenarios/small.xml": change})
    read = repository.read(given)
    assert not [one for one in read.findings if one.is_error]
    said = {
        "Ask.": "ถามเขาคนเดียวตอนนี้เลย", "Do send now.": "ส่งไป", "Do doubt now.": "สงสัย",
        "Do back now.": "กลับไปก่อน", "Do leave now.": "ไป",
    }  # fmt: skip
    asked = [one for one in messages.extracted(read, "th", {}) if one.catalog == "scenarios/small"]
    catalog = merged(None, asked, "th", said).encode()
    found = messages.check({**given, "locale/th/scenarios/small.po": catalog}, read, "th", {})
    places = [one.place for one in found if one.code == "longest-is-key"]
    assert places == ["small/mend/again/back/text", "small/a/who/ask/text"]
