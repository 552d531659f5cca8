"""What the builder gathers for the learner's own pages, and what an outline owes them."""

from __future__ import annotations

import json

import pytest
from lxml import etree

from trees import OUTLINE, SAYINGS, built, catalogs, codes, findings

FILE = "courses/regional/outline.xml"
LIST = "courses/regional/opening/sayings.xml"


def block(lang: str, tag: str, name: str, every: bool = False) -> etree._Element:
    package = built("th", lang, catalogs("th", every=True) if every else None)
    for path, data in package.files.items():
        if path.startswith("vertical/"):
            found = etree.fromstring(data).find(f"{tag}[@url_name='{name}']")
            if found is not None:
                return found
    raise AssertionError(name)


def test_the_plan_knows_every_place_in_order_and_in_the_language_of_the_course() -> None:
    plan = block("en", "casework-plan", "my-plan")
    assert json.loads(plan.get("lines", "")) == [
        {"at": "small", "lesson": "Met as an offender", "case": "Small"},
        {"at": "met-back-sentence", "lesson": "Met as an offender", "begin": 'Before the "word", I will …'},
    ]
    assert plan.get("lang") == "en" and plan.get("display_name") == "My plan"
    thai = json.loads(block("th", "casework-plan", "my-plan", every=True).get("lines", ""))
    assert "Met" not in json.dumps(thai, ensure_ascii=False)


def test_a_sentence_says_its_language_and_where_the_plan_is() -> None:
    sentence = block("en", "casework-sentence", "met-back-sentence")
    assert dict(sentence.attrib) == {
        "url_name": "met-back-sentence", "display_name": "Look back", "begin": 'Before the "word", I will …', "lang": "en",
        "plan": "my-plan",
    }  # fmt: skip
    assert block("th", "casework-sentence", "met-back-sentence", every=True).get("lang") == "th"
    assert block("th", "casework-sentence", "met-back-sentence").get("lang") == "en"


def test_judgements_know_the_title_of_their_lesson_and_that_a_machine_translated_them() -> None:
    again = block("th", "casework-judgements", "sayings-again", every=True)
    assert again.get("after") == "sayings"
    made = again.find("judgements")
    assert made is not None
    assert (made.get("lang"), made.get("translation")) == ("th", "machine")
    assert made.find("judgement").get("title") not in {None, "Met as an offender"}
    english = block("en", "casework-judgements", "sayings").find("judgements")
    assert english is not None
    assert (english.get("lang"), english.get("translation")) == ("en", None)
    assert english.find("judgement").get("title") == "Met as an offender"


@pytest.mark.parametrize(
    ("path", "was", "now", "code"),
    [
        (FILE, ' after="sayings"', ' after="gone"', "unknown-reference"),
        (FILE, ' after="sayings"', ' after="met"', "unknown-reference"),
        (FILE, ' after="sayings"', "", "bad-outline"),
        (FILE, '<casework-plan url_name="my-plan"/>', '<html url_name="x" src="course/tick-text.md"/>', "bad-outline"),
        (
            FILE,
            '<casework-plan url_name="my-plan"/>',
            '<casework-plan url_name="my-plan"/><casework-plan url_name="other-plan"/>',
            "bad-outline",
        ),
        (FILE, ' begin="Before the &quot;word&quot;, I will …"', "", "missing-attribute"),
        (FILE, 'begin="Before', 'end="Before', "unknown-attribute"),
        (FILE, "opening/sayings.xml", "opening/sayings.md", "bad-value"),
        (LIST, 'lesson="met"', 'lesson="met-idea"', "unknown-reference"),
        (LIST, 'course="no"', 'course="maybe"', "bad-value"),
    ],
)
def test_what_points_at_nothing_is_found(path: str, was: str, now: str, code: str) -> None:
    source = {FILE: OUTLINE, LIST: SAYINGS}[path]
    assert was in source
    assert code in codes({path: source.replace(was, now)})


def test_the_small_course_is_sound() -> None:
    assert [str(one) for one in findings() if one.is_error] == []
