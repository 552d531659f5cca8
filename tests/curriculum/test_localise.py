from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from lxml import etree, html

from casework.catalogs import Message
from casework.curriculum import build, check, localise, messages, repository, speakers
from casework.curriculum.build import Wanted
from trees import IDEA, built, catalogs, sources, text

PAGE = "html/met-idea-text.html"
THAI = {
    "Most people are **not** introduced as victims.": "คนส่วนใหญ่**ไม่ได้**ถูกแนะนำว่าเป็นผู้เสียหาย",
    "Ask first": "ถามก่อน",
    "The idea": "แนวคิด",
    "Small": "กรณีเล็ก",
}


def extracted(changes: Mapping[str, str | bytes | None] | None = None, lang: str = "th") -> list[Message]:
    return messages.extracted(repository.read(sources(changes)), lang, {})


def keys(given: list[Message]) -> list[tuple[str, str]]:
    return [one.key for one in given]


def test_every_kind_of_text_becomes_a_message() -> None:
    told = {(one.catalog, one.context, one.text) for one in extracted()}
    assert {
        ("curriculum/course", "course/display_name", "See the person"),
        ("curriculum/course", "met-idea/display_name", "The idea"),
        ("curriculum/identification", "met-idea-text/p", "Most people are **not** introduced as victims."),
        ("curriculum/identification", "met-idea-text/h2", "The order decides"),
        ("curriculum/identification", "met-idea-text/li", "Ask before the charge."),
        ("curriculum/identification", "met-idea-text/td", "A debt"),
        ("curriculum/identification", "met-idea-text/fallback", "No caution was confirmed."),
        ("curriculum/identification", "met-try-ring/display_name", "The ring"),
        ("curriculum/identification", "met-try-ring/choice", "Ask first"),
        ("curriculum/identification", "met-try-ring/hint", "The complaint may be the answer."),
        ("curriculum/facts-th", "law.principal/value", "The Act of Thailand."),
        ("curriculum/facts-th", "law.principal/caution", "Read the newest text."),
        ("curriculum/facts-th", "country/name", "Thailand"),
        ("curriculum/course", "regional.guideline/value", "States agreed on a guideline."),
        ("curriculum/course", "about/p", "A course."),
        ("scenarios/small", "small/title", "Small"),
        ("curriculum/course", "met-back-sentence/begin", 'Before the "word", I will …'),
        ("curriculum/opening", "sayings/gate/judgement-claim", "Whoever may leave is not held."),
        ("curriculum/opening", "sayings/child/judgement-why", "So it is."),
        ("curriculum/identification", "met-idea-diagram/diagram-p", "What was it for?"),
        ("curriculum/identification", "met-idea-diagram/diagram-desc", "A box with a question in it."),
    } <= told


def test_facts_for_authors_are_no_messages() -> None:
    assert not [one for one in extracted() if "unconfirmed act" in one.text or "for authors" in one.text]


def test_a_translator_is_told_who_speaks() -> None:
    comments = {one.comment for one in extracted()}
    assert "option text, spoken by the learner" in comments
    assert any(comment.startswith("paragraph, spoken by the course") for comment in comments)


def test_an_inserted_paragraph_changes_no_other_message() -> None:
    page = "courses/regional/identification/met-idea-text.md"
    before = keys(extracted())
    after = keys(extracted({page: "A new beginning.\n\n" + IDEA}))
    assert [key for key in after if key != ("met-idea-text/p", "A new beginning.")] == before


def test_a_translation_takes_the_place_of_its_text() -> None:
    package = built("th", "th", catalogs("th", THAI))
    page = text(package, PAGE)
    assert '<div class="cw-page" lang="th">' in page
    assert "<p>คนส่วนใหญ่<strong>ไม่ได้</strong>ถูกแนะนำว่าเป็นผู้เสียหาย</p>" in page
    assert "ถามก่อน<choicehint>" in text(package, "problem/met-try-ring.xml")
    assert 'display_name="แนวคิด"' in text(package, "vertical/met-idea.xml")
    assert 'display_name="กรณีเล็ก"' in text(package, "vertical/met-case.xml")


def test_what_is_not_translated_stays_english_and_says_so() -> None:
    package = built("th", "th", catalogs("th", THAI))
    assert '<h2 lang="en">The order decides</h2>' in text(package, PAGE)
    assert '<span lang="en">Charge her</span>' in text(package, "problem/met-try-ring.xml")
    assert '<practise lang="en">' in text(package, "vertical/met-case.xml")


def test_a_case_text_with_one_paragraph_missing_stays_english_as_a_whole() -> None:
    body = '<case id="c" lang="en" start="a"><title>One\n\nTwo</title></case>'

    class Half(speakers.Speaker):
        def say(self, message: Message) -> str | None:
            return "หนึ่ง" if message.text == "One" else None

    said, _ = localise.case(body, Half("th"), "c.xml")
    assert '<title lang="en">One\n\nTwo</title>' in said


def test_a_fuzzy_translation_never_ships() -> None:
    given = catalogs("th", THAI)
    path = "locale/th/curriculum/identification.po"
    fuzzy = (
        given[path]
        .decode()
        .replace('msgctxt "met-try-ring/choice"\nmsgid "Ask', '#, fuzzy\nmsgctxt "met-try-ring/choice"\nmsgid "Ask')
    )
    page = text(built("th", "th", {**given, path: fuzzy}), "problem/met-try-ring.xml")
    assert "ถามก่อน" not in page and '<span lang="en">Ask first</span>' in page


def test_an_identity_catalog_gives_the_english_package_under_another_language() -> None:
    same = {one.text: one.text for one in extracted()}
    english, thai = built("th", "en"), built("th", "th", catalogs("th", same))
    assert set(english.files) == {path.replace("/th", "/en") for path in thai.files}

    def bare(data: bytes) -> str:
        kept = data.decode().replace('lang="th"', 'lang="en"').replace(' translation="machine"', "")
        kept = re.sub(r'<p class="cw-draft">.*</p>\n', "", kept)
        return re.sub(r'<span lang="en">([^<]*(<a [^>]*>[^<]*</a>)?[^<]*)</span>', r"\1", kept)

    for path in english.files:
        if path.startswith(("html/", "problem/", "vertical/", "chapter/", "sequential/", "about/", "info/")):
            assert bare(thai.files[path]) == bare(english.files[path]), path


def test_a_pseudo_language_leaves_no_source_word() -> None:
    package = built("th", "th", catalogs("th", every=True))
    words = {
        word
        for one in extracted()
        for word in re.findall(r"[A-Za-z]{2,}", re.sub(r"\([^)]*\)|https?://\S+", "", one.text))
    }
    assert len(words) > 100
    for path, data in package.files.items():
        shown = _visible(path, data)
        left = set(re.findall(r"[A-Za-z]{2,}", shown)) & words
        assert not left, (path, left)


def _visible(path: str, data: bytes) -> str:
    """The words that a learner sees in a file, without what says that it is English."""
    if path.endswith(".html"):
        root = html.fragment_fromstring(data.decode(), create_parent="div")
    elif path.endswith(".xml"):
        root = etree.fromstring(data)
    else:
        return ""
    for english in root.xpath('//*[@lang="en"]'):
        english.text = None
        for child in list(english):
            english.remove(child)
    titles = [one.get("display_name", "") for one in root.iter()]
    said_by = [one.get("by", "") for one in root.iter()]
    return re.sub(r"\((indicator|decoy):[^)]*\)", "", " ".join([*titles, *said_by, *root.itertext()]))


def test_a_draft_page_says_once_at_its_end_that_a_machine_translated_it() -> None:
    draft = {**THAI, localise.WORDS["draft"]: "แปลโดยเครื่อง"}
    package = built("th", "th", catalogs("th", draft))
    page = text(package, PAGE)
    assert page.count("cw-draft") == 1
    assert '<span lang="en">Machine translation. Not checked by a person.</span> แปลโดยเครื่อง' in page
    assert "cw-draft" not in text(package, "html/tick-text.html")
    assert all(b"cw-draft" not in data for path, data in built("th", "en").files.items() if path.endswith(".html"))


def test_a_reviewed_page_is_no_draft_until_it_is_edited() -> None:
    given = catalogs("th", THAI)
    known, _ = messages.read(sources(given), "th")
    asked = [one for one in extracted() if one.text in THAI]
    from casework.catalogs import fingerprint

    rows = [
        f"{one.catalog},{one.context},{fingerprint(one, THAI[one.text])},Somchai,police,2026-11-24,approved"
        for one in asked
    ]
    review = "\n".join(["catalog,context,hash,reviewer,role,date,verdict", *rows]) + "\n"
    reviewed = {**given, "locale/th/review.csv": review}
    assert "cw-draft" not in text(built("th", "th", reviewed), PAGE)
    edited = {**reviewed, **catalogs("th", {**THAI, "Most people are **not** introduced as victims.": "คน**อื่น**"})}
    assert "cw-draft" in text(built("th", "th", edited), PAGE)
    assert known


def test_coverage_and_review_state_are_counted() -> None:
    given = sources(catalogs("th", THAI))
    read = repository.read(given)
    manifest = build.package(read, given, Wanted("th", "th")).manifest
    assert manifest["messages"]["translated"] == len(
        [one for one in {m.key: m for m in extracted()}.values() if one.text in THAI]
    )
    assert manifest["reviewed"] == 0
    rows, _ = messages.status(given, extracted(), "th")
    assert sum(row.translated for row in rows) == manifest["messages"]["translated"]


def test_platform_codes_differ_from_ours_where_the_platform_does() -> None:
    assert [speakers.platform_code(lang) for lang in ("th", "id", "zh-Hans", "fil")] == ["th", "id", "zh_HANS", "tl"]


AVOID = {"locale/avoid.csv": "lang,word,because\nth,เหยื่อ,a word of the press\nen,rice,no rice\n"}


def test_a_word_that_a_language_avoids_is_found_in_its_catalogs_and_in_the_source() -> None:
    given = sources({**AVOID, **catalogs("th", {"Small": "เหยื่อรายเล็ก"})})
    said = [one for one in check.whole(given, {}) if one.code == "avoided-word"]
    assert {one.path for one in said} == {"locale/th/scenarios/small.po", "scenarios/small/scenario.xml"}
    assert all(one.line > 0 for one in said)


@pytest.mark.parametrize("text", ["", "lang,word\n", "lang,word,because\nth,x\n", "lang,word,because\nth,,why\n"])
def test_a_list_of_words_to_avoid_has_a_language_a_word_and_a_reason(text: str) -> None:
    given = sources({"locale/avoid.csv": text})
    assert "bad-catalog" in {one.code for one in check.whole(given, {})}


def test_several_authorities_stand_side_by_side_and_not_inside_one_another() -> None:
    fact = (
        '[[fact]]\nname = "agencies.identification"\nvalue = "{}"\nsource = "S"\nsource_date = "2024"\n'
        'confidence = "sourced"\nshow = "learner"\n'
    )
    path = "courses/countries/th/country.toml"
    toml = sources({})[path].decode() + "\n".join(fact.format(one) for one in ("First office", "Second office"))
    assert "First office · Second office" in text(built("th", "en", {path: toml}), "vertical/met-case.xml")
