"""The desk's pages: who may see them, what stands on them, what a saved review does."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone

from casework.review import api, queue, urls
from casework.review.models import Answer, CaseVersion, Finish, Review, Written
from review import small_case
from review.small_case import COURSE, Play

pytestmark = pytest.mark.django_db
Desk = Callable[[str], Client]
QUEUE = f"/casework/review/{COURSE}/"
SCRIPT = "casework_review/desk.js"
LEVELS = {"level-facts": "1", "level-link": "2"}


def page_of(attempt: str, task: str = "") -> str:
    finish = Finish.objects.get(attempt=attempt)
    return f"{QUEUE}attempt/{finish.pk}/" + (f"{task}/" if task else "")


def words_on(response: Any) -> str:
    """What a reader reads: no markup, one space."""
    main = response.content.decode().split("<main", 1)[1]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def many(count: int, reviewed: int, course: str = COURSE) -> None:
    """Finished attempts of as many learners, each with an answer; `reviewed` of them are."""
    case, _ = CaseVersion.objects.get_or_create(
        pk="f" * 16, defaults={"content": small_case.CONTENT, "language": "th", "maximum": 8}
    )
    now = timezone.now()
    for at in range(count):
        place = {"course_id": course, "item_id": "item", "student_id": f"{course} {at}"}
        attempt = f"{len(course)}-{at}"
        answer = Answer.objects.create(
            **place, attempt=attempt, event="event-0001", task="note", text=f"text {at}", created=now
        )
        # Pairs share a time: the id decides.
        finished = now - timedelta(minutes=at // 2)
        row = Finish.objects.create(
            **place, attempt=attempt, submission=attempt, alias=f"Heron {at}", number=1, case=case, ending="late",
            harmful=at % 3, machine=2, skipped=0, maximum=8, possible=8, counts="best", started=now, finished=finished,
        )  # fmt: skip
        Written.objects.create(
            finish=row, answer=answer, task="note", most=4, course_id=course, item_id="item", finished=finished,
            state="reviewed" if at < reviewed else "waiting",
        )  # fmt: skip
        if at < reviewed:
            Review.objects.create(
                finish=row, answer=answer, case=case, reviewer="1", levels={"facts": 1, "link": 0}, created=now
            )


# -- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["", "learner", "elsewhere"])
@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_nobody_else_sees_or_does_anything(desk: Desk, place: api.Place, play: Play, who: str, method: str) -> None:
    finish = Finish.objects.get(attempt=play(place))
    filled = {"course_id": COURSE, "finish_id": finish.pk, "task": "note", "item_id": place.item_id}
    addresses = []
    for pattern in urls.urlpatterns:  # every page there is, also those that are still to come
        assert isinstance(pattern, URLPattern)
        addresses.append(
            "/casework/" + re.sub(r"<\w+:(\w+)>", lambda match: str(filled[match[1]]), str(pattern.pattern))
        )
    client = desk(who)
    for address in addresses:
        response = getattr(client, method)(address, LEVELS)
        assert response.status_code == 403, address
        assert small_case.TEXT[:10] not in response.content.decode()
    assert not Review.objects.exists()


def test_an_attempt_of_another_course_is_not_there(desk: Desk, place: api.Place, play: Play) -> None:
    foreign = Finish.objects.get(attempt=play(replace(place, course_id=COURSE + "b")))
    client = desk("instructor")
    for address in (f"{QUEUE}attempt/{foreign.pk}/", f"{QUEUE}attempt/{foreign.pk}/note/", f"{QUEUE}attempt/999/"):
        assert client.get(address).status_code == 404
        assert client.post(address, LEVELS).status_code == 404
    assert not Review.objects.exists()
    assert "Heron" not in words_on(client.get(QUEUE))
    assert "Nobody has written an answer" in words_on(client.get(QUEUE))


def test_a_review_needs_the_token_of_the_page(desk: Desk, place: api.Place, play: Play) -> None:
    address = page_of(play(place), "note")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = desk("instructor").cookies
    assert strict.post(address, LEVELS).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', strict.get(address).content.decode())
    assert token
    assert strict.post(address, {**LEVELS, "csrfmiddlewaretoken": token[1]}).status_code == 302


def test_pages_with_learners_words_are_not_kept_in_caches(desk: Desk, place: api.Place, play: Play) -> None:
    address = page_of(play(place))
    for one in (QUEUE, address):
        assert "no-store" in desk("instructor").get(one)["Cache-Control"]


# -- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_tells_each_attempt(desk: Desk, place: api.Place, play: Play) -> None:
    attempt = play(place, option="forms")
    told = words_on(desk("instructor").get(QUEUE))
    alias = api.alias(place.course_id, place.student_id)
    for words in (
        alias,
        "ท่าเรือ & “pier” 🧭",
        "เขาอาจเป็นเด็ก",
        "สายเกินไป 1 harm",
        "2 / 8",
        "waiting",
        "0 of 1 reviewed · 1 waiting",
    ):
        assert words in told
    api.review(Finish.objects.get(attempt=attempt).pk, "note", {"facts": 2, "link": 2}, "", "1")
    assert alias not in words_on(desk("instructor").get(QUEUE))
    told = words_on(desk("instructor").get(QUEUE, {"state": "any"}))
    assert "6 / 8 reviewed" in told
    assert "1 of 1 reviewed · 0 waiting" in told


def test_no_learner_is_named(desk: Desk, place: api.Place, play: Play) -> None:
    attempt = play(place)
    for address in (QUEUE, page_of(attempt)):
        assert place.student_id not in desk("instructor").get(address).content.decode()


def test_an_attempt_without_writing_waits_for_nothing(desk: Desk, place: api.Place, play: Play) -> None:
    attempt = play(place, text=None)
    assert api.alias(place.course_id, place.student_id) not in words_on(desk("instructor").get(QUEUE))
    assert "nothing written" in words_on(desk("instructor").get(QUEUE, {"state": "nothing"}))
    told = words_on(desk("instructor").get(page_of(attempt)))
    assert "Nothing was written in this attempt" in told
    assert "Skipped this scene 2 tasks left out" in told
    assert desk("instructor").post(page_of(attempt), LEVELS).status_code == 404


def test_pages_neither_skip_nor_repeat_and_go_from_the_newest_on() -> None:
    many(123, reviewed=70)
    many(5, reviewed=0, course=COURSE + "b")
    for state, wanted in (("waiting", 53), ("reviewed", 70), ("any", 123)):
        seen: list[queue.Row] = []
        after = None
        while True:
            page = queue.page(COURSE, queue.Filters(state), after, size=10)
            seen += page.rows
            if page.after is None:
                break
            assert len(page.rows) == 10
            after = queue.cursor(str(page.after))
        assert len(seen) == len({row.id for row in seen}) == wanted
        assert {row.state for row in seen} == ({"waiting", "reviewed"} if state == "any" else {state})
        assert seen == sorted(seen, key=lambda row: (row.finished, row.id), reverse=True)
        assert all(row.points == (3 if row.state == "reviewed" else 2) for row in seen)


def test_attempts_that_come_in_meanwhile_shift_no_page(place: api.Place, play: Play) -> None:
    many(30, reviewed=0)
    first = queue.page(COURSE, size=10)
    play(place)
    second = queue.page(COURSE, after=first.after, size=10)
    assert not {row.id for row in first.rows} & {row.id for row in second.rows}
    assert max(row.finished for row in second.rows) <= min(row.finished for row in first.rows)


def test_the_list_shows_a_page_and_leads_on(desk: Desk) -> None:
    many(queue.PAGE + 10, reviewed=0)
    client = desk("instructor")
    first = client.get(QUEUE).content.decode()
    assert first.count('<td role="cell"><a') == queue.PAGE
    more = re.search(r'href="(\?after=[^"]+)"', first)
    assert more
    second = client.get(QUEUE + more[1]).content.decode()
    assert second.count('<td role="cell"><a') == 10
    assert "To the first page" in second


def test_a_large_course_is_counted_so_far_and_no_further(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    many(7, reviewed=3)
    client = desk("instructor")
    assert "3 of 7 reviewed · 4 waiting" in client.get(QUEUE).content.decode()
    monkeypatch.setattr(queue, "COUNTED", 4)
    assert "3 of 7+ reviewed · 4+ waiting" in client.get(QUEUE).content.decode()


@pytest.mark.parametrize("cursor", ["", "x", "w.1", "w.1.1; drop table", "w.999999999999999999.1", "w.-1.1"])
def test_a_page_that_cannot_be_is_not_there(desk: Desk, cursor: str) -> None:
    assert desk("instructor").get(QUEUE, {"after": cursor}).status_code == 404


# -- one attempt ------------------------------------------------------------------------------------------------------


def test_an_attempt_is_told_step_by_step(desk: Desk, place: api.Place, play: Play) -> None:
    attempt = play(place, option="forms", phrases=("indicator:debt", "decoy:rice"))
    response = desk("instructor").get(page_of(attempt))
    told, source = words_on(response), response.content.decode()
    for words in (
        "ลาน · คุณจะถามเรื่องอะไร Marked 1 of 2: การสนทนา 1 false mark",
        "ให้สองคนเซ็นก่อนพูดคุย certain · did harm",
        "Wrote an answer",
        "more likely",
        "สายเกินไป 1 harm",
        "Attempt 1 · 1 of 8 points · 4 wait for review",
        "ทำไมต้องรอการฟ้อง",
        small_case.TEXT,
        "เพราะผู้เสียหายไม่ถูกลงโทษ",
        "What the panel said (3)",
        "จนกว่าหนี้จะหมด (marked)",
        "ထမင်းတစ်နေ့သုံးနပ် (false mark)",
        "ကပ္ပတိန်က သိမ်းထားတယ်။ (not marked)",
    ):
        assert words in told, words
    assert re.findall(r'data-shape="(\w+)"', source) == ["spot", "harm", "write", "judge"]
    assert re.search(r'<blockquote[^>]* lang="th">', source)
    assert source.startswith('<!doctype html>\n<html lang="en">')


def test_nothing_that_was_written_becomes_markup(desk: Desk, place: api.Place, play: Play) -> None:
    attack = "</textarea></blockquote><script>alert(1)</script>{{ 7|add:7 }}\"'<img src=x onerror=alert(2)>"
    attempt = play(place, text=attack)
    client = desk("instructor")
    client.post(page_of(attempt, "note"), {**LEVELS, "comment": attack})
    client.post(page_of(attempt, "note"), {"level-<script>": "1", "comment": attack})
    for address in (
        QUEUE,
        QUEUE + "?state=any",
        page_of(attempt),
        page_of(attempt, "note") + "?saved=<script>&words=<script>",
    ):
        source, ours = client.get(address).content.decode(), re.escape(get_template(SCRIPT).render())
        source, once = re.subn(f"<script>{ours}</script>", "", source)
        assert once == 1
        assert "<script" not in source
        assert "<img" not in source
        assert "<b>S." not in source
        assert "Tun <" not in source
    told = words_on(client.get(page_of(attempt)))
    assert told.count(attack) == 3  # the answer, the form, the review so far
    assert "Tun <script>" in told
    assert "Ms <b>S.</b>" in told


def test_a_refused_review_keeps_what_was_typed_and_escapes_it(desk: Desk, place: api.Place, play: Play) -> None:
    attempt = play(place)
    typed = {"level-facts": "2", "comment": "</textarea><script>"}
    for wrong in (
        {},
        {"level-link": "9"},
        {"level-link": "x"},
        {"level-link": "1"},
        {"level-link": "2", "level-more": "1"},
    ):
        response = desk("instructor").post(page_of(attempt, "note"), {**typed, **wrong})
        source = response.content.decode()
        assert response.status_code == 400
        assert "This was not saved" in source
        assert "&lt;/textarea&gt;&lt;script&gt;</textarea>" in source
        assert re.search(r'name="level-facts" value="2" required checked', source)
    assert not Review.objects.exists()


def test_a_saved_review_says_what_the_score_becomes(desk: Desk, place: api.Place, play: Play) -> None:
    attempt = play(place)
    client = desk("instructor")
    response = client.post(page_of(attempt, "note"), {**LEVELS, "comment": "เห็นหนี้แล้ว"})
    assert response.status_code == 302
    assert response["Location"] == page_of(attempt, "note") + f"?saved={Written.objects.get().pk}#saved"
    told = words_on(client.get(response["Location"]))
    assert "saved. Score becomes 7 of 8. The best attempt counts. The machine’s part stays as it was." in told
    assert "Attempt 1 · 7 of 8 points" in told
    review = Review.objects.get()
    assert review.levels == {"facts": 1, "link": 2}
    assert small_case.feedback(place, attempt)["note"].comment == "เห็นหนี้แล้ว"
    assert "Score becomes" not in words_on(client.get(page_of(attempt)))


def test_what_was_judged_stands_below_the_newest_first(desk: Desk, place: api.Place, play: Play) -> None:
    attempt = play(place)
    finish = Finish.objects.get()
    api.review(finish.pk, "note", {"facts": 0, "link": 0}, "the first", "424242")
    client = desk("instructor")
    client.post(page_of(attempt, "note"), {**LEVELS, "comment": "the second"})
    source = client.get(page_of(attempt)).content.decode()
    told = words_on(client.get(page_of(attempt)))
    so_far = told.split("Who judged what, and when")[1]
    assert so_far.index("the second") < so_far.index("the first")
    assert "somebody who has left" in so_far
    assert "บอกสิ่งที่เห็น: บางส่วน" in so_far
    assert re.search(r'name="level-facts" value="1" required checked', source)


TWO = small_case.CONTENT.replace(
    '<judge id="paper">',
    '<write id="more" rubric="reasons"><ask>เขียนอีก</ask><practised>พอ</practised></write><judge id="paper">',
)


def test_an_attempt_with_two_answers_shows_the_one_that_waits(desk: Desk, place: api.Place) -> None:
    texts = {task: api.keep_words(place, "a1", f"event-{task}", task, f"the {task}") for task in ("note", "more")}
    log = small_case.log(texts["note"])
    log.insert(3, {**log[2], "id": "event-more", "prev": "event-0002", "task": "more", "answer": texts["more"]})
    api.finish(
        place, attempt="a1", number=1, started=small_case.STARTED, content=TWO, log=log, possible=None, counts="best"
    )
    client = desk("instructor")
    assert "the note" in words_on(client.get(page_of("a1")))
    client.post(page_of("a1", "note"), LEVELS)
    told = words_on(client.get(page_of("a1")))
    assert "the more" in told
    assert "Answer 1 reviewed Answer 2 waiting" in told
    assert "the note" in words_on(client.get(page_of("a1", "note")))
    assert client.get(page_of("a1", "list")).status_code == 404
    assert [(row.task, row.state) for row in queue.page(COURSE, queue.Filters("any")).rows] == [
        ("more", "waiting"),
        ("note", "reviewed"),
    ]


def test_a_case_that_can_no_longer_be_read_is_said_to_be(desk: Desk, place: api.Place, play: Play) -> None:
    attempt = play(place)
    CaseVersion.objects.update(content="<case/>")
    client = desk("instructor")
    assert client.get(QUEUE).status_code == 200
    assert "can no longer be read. Its score stays as it was: 4 of 8" in words_on(client.get(page_of(attempt)))
    assert client.post(page_of(attempt, "note"), LEVELS).status_code == 400
    assert not Review.objects.exists()


def test_a_desk_that_nobody_has_translated_is_english_throughout(desk: Desk, place: api.Place, play: Play) -> None:
    play(place)
    response = desk("instructor").get(QUEUE, headers={"accept-language": "th"})
    assert '<html lang="en">' in response.content.decode()
    assert re.search(r"\d+ [A-Z][a-z]{2} \d{4}, \d\d:\d\d", words_on(response))
