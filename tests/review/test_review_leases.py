"""Going through the list: filters, leases, and what reviewers do to one answer, also several at once."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casework.review import api, filters, queue
from casework.review.models import (
    Answer,
    CaseVersion,
    Finish,
    Flag,
    Lease,
    Override,
    Return,
    Review,
    Written,
)
from review import desk_site, small_case
from review.races import at_once
from review.small_case import COURSE, Play

pytestmark = pytest.mark.django_db
Desk = Callable[[str], Client]
QUEUE = f"/casework/review/{COURSE}/"
LEVELS = {"level-facts": "1", "level-link": "2"}
CONTACT = "safe@example.org"


def page_of(row: Finish, task: str = "note") -> str:
    return f"{QUEUE}attempt/{row.pk}/" + (f"{task}/" if task else "")


def words_on(response: Any) -> str:
    main = response.content.decode().split("<header", 1)[1].split("<script>", 1)[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def field(response: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    return html.unescape(found[1]) if found else ""


def me() -> str:
    return str(get_user_model().objects.get(username="instructor").pk)


@pytest.fixture
def finished(place: api.Place, play: Play) -> Callable[..., Finish]:
    """`finished("b")`: the attempt that this learner has just finished."""

    def finish(learner: str, **how: Any) -> Finish:
        return Finish.objects.get(attempt=play(replace(place, student_id=learner * 32), **how))

    return finish


@pytest.fixture
def other(db: None) -> str:
    """The id of another reviewer."""
    return str(get_user_model().objects.create(username="other", first_name="Ms <i>Sok</i>").pk)


def rows_of(response: Any) -> list[str]:
    """The aliases of a list, in its order."""
    return re.findall(r'class="name"[^>]*>([^<]+)<', response.content.decode())


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Review, Return, Override, Flag))


# -- filters ----------------------------------------------------------------------------------------------------------


def test_each_filter_shows_what_fits_it(desk: Desk, finished: Callable[..., Finish], other: str) -> None:
    harmed, heard = finished("b", option="forms", text="ငွေကြေးအကြွေး 100%"), finished("c", text="ครั้งแรก 🧭 และ_อีก")
    back = finished("d", option="wait")
    api.return_answer(back.pk, "note", "ลองอีกครั้ง", other)
    api.flag(heard.pk, "note", True, other, told=False)
    client = desk("instructor")
    item = harmed.item_id
    for asked, wanted in (
        ({}, [heard, harmed]),
        ({"state": "returned"}, [back]),
        ({"state": "reviewed"}, []),
        ({"state": "any"}, [back, heard, harmed]),
        ({"item": item, "ending": "late"}, [harmed]),
        ({"item": item, "ending": "safe"}, [heard]),
        ({"item": item, "missed": "first"}, [harmed]),
        ({"item": item, "missed": "first", "state": "any"}, [back, harmed]),
        ({"harmed": "1"}, [harmed]),
        ({"flagged": "1"}, [heard]),
        ({"words": "ငွေ"}, [harmed]),
        ({"words": "%"}, [harmed]),
        ({"words": "_"}, [heard]),
        ({"words": "🧭"}, [heard]),
        ({"words": "' OR 1=1 --"}, []),
    ):
        response = client.get(QUEUE, asked)
        assert response.status_code == 200, asked
        assert rows_of(response) == [one.alias for one in wanted], asked


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"state": "none"}, 404), ({"state": "waiting\x00"}, 200), ({"item": "x"}, 404), ({"item": "y" * 300}, 404),
        ({"item": "a\x00b"}, 404), ({"ending": "safe"}, 200), ({"ending": "<script>", "missed": "\x00"}, 200),
        ({"cohort": "7"}, 404), ({"words": "\x00"}, 200), ({"words": "ก" * 9000}, 200), ({"words": "\ud800"}, 200),
        ({"harmed": "x", "flagged": "<b>"}, 200), ({"after": "1.1", "words": "x"}, 200), ({"state": ""}, 200),
        ({"after": "99999999999999999.999999999999999999"}, 200),
    ],
)  # fmt: skip
def test_what_an_address_asks_wrongly_is_no_fault(
    desk: Desk, finished: Callable[..., Finish], asked: dict[str, str], status: int
) -> None:
    row = finished("b")
    client = desk("instructor")
    query = "&".join(f"{name}={html_quoted(value)}" for name, value in asked.items())
    assert client.get(f"{QUEUE}?{query}").status_code == status
    assert client.get(f"{page_of(row)}?{query}").status_code in (200, 404)
    assert client.post(f"{QUEUE}?{query}", {"do": "next"}).status_code in (302, 404)


def html_quoted(value: str) -> str:
    from urllib.parse import quote

    return quote(value.encode("utf-8", "surrogatepass"))


def test_an_ending_of_another_case_is_passed_over(desk: Desk, finished: Callable[..., Finish]) -> None:
    row = finished("b")
    response = desk("instructor").get(QUEUE, {"item": row.item_id, "ending": "elsewhere", "missed": "nothing"})
    assert rows_of(response) == [row.alias]


def test_pages_keep_the_filters(desk: Desk, finished: Callable[..., Finish], monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [finished(letter, option="forms") for letter in "bcd"]
    monkeypatch.setattr(queue.page, "__defaults__", (None, None, 2))
    client = desk("instructor")
    first = client.get(QUEUE, {"harmed": "1", "words": "เขา & 🧭"[:3]})
    more = re.search(r'href="(\?[^"]*after=[^"]+)"', first.content.decode())
    assert more
    assert "harmed=1" in more[1]
    second = client.get(QUEUE + html.unescape(more[1]))
    assert rows_of(first) + rows_of(second) == [one.alias for one in reversed(rows)]
    assert "harmed=1" in second.content.decode()


def test_words_that_were_looked_for_only_so_far_back_lead_on(
    desk: Desk, finished: Callable[..., Finish], monkeypatch: pytest.MonkeyPatch
) -> None:
    oldest = finished("b", text="นานมาแล้ว")
    for letter in "cd":
        finished(letter)
    monkeypatch.setattr(queue, "SEARCHED", 2)
    client = desk("instructor")
    first = client.get(QUEUE, {"words": "นานมาแล้ว"})
    assert rows_of(first) == []
    assert "No answer with these words among the 2 that were looked through. Look further back" in words_on(first)
    more = re.search(r'href="(\?[^"]*after=[^"]+)"', first.content.decode())
    assert more
    assert rows_of(client.get(QUEUE + html.unescape(more[1]))) == [oldest.alias]


class TestCohorts:
    @pytest.fixture(autouse=True)
    def cohorts(self, desk: Desk, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        members = {"1": "bcdef", "2": "ghijk", "3": "lm", "4": "nopqr"}
        monkeypatch.setattr(
            desk_site, "cohorts", lambda course: [(one, f"กลุ่ม <{one}>") for one in members], raising=False
        )
        monkeypatch.setattr(
            desk_site, "learners_in", lambda course, one: [letter * 32 for letter in members[one]], raising=False
        )
        settings.CASEWORK_COHORTS = "review.desk_site.cohorts"
        settings.CASEWORK_LEARNERS_IN = "review.desk_site.learners_in"

    def test_a_cohort_shows_its_learners(self, desk: Desk, finished: Callable[..., Finish]) -> None:
        rows = {letter: finished(letter) for letter in "bcdefghijk"}
        response = desk("instructor").get(QUEUE, {"cohort": "1"})
        assert rows_of(response) == [rows[letter].alias for letter in "fedcb"]
        assert "กลุ่ม &lt;1&gt;" in response.content.decode()
        assert f'attempt/{rows["b"].pk}/note/?cohort=1"' in response.content.decode()

    def test_a_small_one_is_not_shown_nor_is_the_one_that_would_tell_of_it(
        self, desk: Desk, finished: Callable[..., Finish]
    ) -> None:
        rows = {letter: finished(letter) for letter in "bcdefghijklmnopqr"}
        client = desk("instructor")
        shown = {one: len(rows_of(client.get(QUEUE, {"cohort": one}))) for one in "1234"}
        assert shown == {"1": 0, "2": 5, "3": 0, "4": 5}
        assert "This cohort is not shown alone" in words_on(client.get(QUEUE, {"cohort": "3"}))
        # Nor by its keys, nor by the next answer.
        told = client.get(page_of(rows["m"]) + "?cohort=3").content.decode()
        assert 'data-key="j"' not in told
        assert client.post(QUEUE + "?cohort=3")["Location"].endswith("none=1")
        assert not Lease.objects.exclude(finish=rows["m"]).exists()

    def test_one_that_there_is_not_is_not_there(self, desk: Desk) -> None:
        assert desk("instructor").get(QUEUE, {"cohort": "9"}).status_code == 404


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ({"a": 5, "b": 9, "": 0}, ""), ({"a": 4, "b": 9, "": 0}, "ab"), ({"a": 4, "b": 9, "c": 6, "": 0}, "ac"),
        ({"a": 2, "b": 3, "c": 9, "": 0}, "ab"), ({"a": 0, "b": 9, "": 0}, ""), ({"a": 9, "b": 7, "": 1}, "b"),
    ],
)  # fmt: skip
def test_what_is_hidden_is_never_a_few(sizes: dict[str, int], hidden: str) -> None:
    assert filters.too_few(sizes) - {""} == set(hidden)


# -- leases -----------------------------------------------------------------------------------------------------------


def test_the_next_answer_is_taken_and_opened(desk: Desk, finished: Callable[..., Finish]) -> None:
    finished("b")
    newest = finished("c", option="forms")
    client = desk("instructor")
    response = client.post(QUEUE + "?harmed=1")
    assert response["Location"] == page_of(newest, "") + "?harmed=1"
    assert [(one.finish_id, one.reviewer) for one in Lease.objects.all()] == [(newest.pk, me())]
    assert "Yours for 20 min more" in words_on(client.get(response["Location"]))
    assert "yours · 20 min" in words_on(client.get(QUEUE))


def test_the_next_answer_is_never_one_that_another_reads(
    desk: Desk, finished: Callable[..., Finish], other: str
) -> None:
    free, held = finished("b"), finished("c")
    api.lease(held.pk, other)
    client = desk("instructor")
    assert client.post(QUEUE)["Location"] == page_of(free, "")
    told = words_on(client.get(QUEUE))
    assert "held · Ms <i>Sok</i> · 20 min" in told
    assert "2 waiting, 1 held by others" in told
    Written.objects.filter(finish=free).update(state="reviewed")
    last = client.post(QUEUE)
    assert last["Location"] == QUEUE + "?none=1"
    assert "Nothing more waits here" in words_on(client.get(last["Location"]))


def test_going_on_reaches_every_answer_that_waits(desk: Desk, finished: Callable[..., Finish]) -> None:
    rows = [finished(letter) for letter in "bcd"]
    client = desk("instructor")
    at, seen = client.post(QUEUE)["Location"], []
    for _turn in range(4):
        seen.append(at)
        at = client.post(at, {"do": "next"})["Location"]
    assert seen == [page_of(one, "") for one in (*reversed(rows), rows[-1])]
    assert Lease.objects.count() == 1


def test_opening_takes_an_attempt_and_takes_it_longer(desk: Desk, finished: Callable[..., Finish]) -> None:
    row = finished("b")
    client = desk("instructor")
    client.head(page_of(row))
    assert not Lease.objects.exists()
    client.get(page_of(row))
    api.lease(row.pk, me(), now=timezone.now() - timedelta(minutes=15))
    client.get(page_of(row))
    assert Lease.objects.get().until > timezone.now() + timedelta(minutes=19)


def test_what_another_reads_is_open_to_be_read_alone(desk: Desk, finished: Callable[..., Finish], other: str) -> None:
    row = finished("b")
    held = api.lease(row.pk, other)
    client = desk("instructor")
    response = client.get(page_of(row))
    told = words_on(response)
    assert f"Ms <i>Sok</i> reads this now, until {held.until:%H:%M} UTC." in told
    assert small_case.TEXT in told
    assert 'name="comment"' not in response.content.decode()
    assert "<i>Sok" not in response.content.decode()
    client.post(page_of(row), {"do": "take"})
    assert Lease.objects.get().reviewer == other


def test_nothing_is_judged_while_another_reads_and_nothing_typed_is_lost(
    desk: Desk, finished: Callable[..., Finish], other: str
) -> None:
    row = finished("b")
    api.lease(row.pk, other)
    client = desk("instructor")
    for form in ({**LEVELS, "comment": "พิมพ์แล้ว 🧭"}, {"do": "return", "comment": "พิมพ์แล้ว 🧭"}):
        response = client.post(page_of(row), form)
        assert response.status_code == 409
        assert "Nothing was saved. What you typed stands below." in words_on(response)
        assert "พิมพ์แล้ว 🧭</textarea>" in response.content.decode()
    response = client.post(page_of(row), {"do": "override", "points": "3", "reason": "เหตุผล"})
    assert response.status_code == 409
    assert "เหตุผล</textarea>" in response.content.decode()
    assert counts() == (0, 0, 0, 0)


def test_a_lease_that_has_run_out_is_taken_over(desk: Desk, finished: Callable[..., Finish], other: str) -> None:
    row = finished("b")
    api.lease(row.pk, other, now=timezone.now() - timedelta(minutes=21))
    client = desk("instructor")
    assert "held" not in words_on(client.get(QUEUE))
    assert client.post(page_of(row), {"do": "take"})["Location"] == page_of(row)
    assert Lease.objects.get().reviewer == me()
    assert 'name="comment"' in client.get(page_of(row)).content.decode()


def test_a_review_after_the_lease_has_run_out_counts_where_nobody_has_taken_it(
    desk: Desk, finished: Callable[..., Finish]
) -> None:
    row = finished("b")
    client = desk("instructor")
    client.get(page_of(row))
    Lease.objects.update(until=timezone.now() - timedelta(minutes=1))
    assert client.post(page_of(row), LEVELS).status_code == 302
    assert counts() == (1, 0, 0, 0)


# -- judging ----------------------------------------------------------------------------------------------------------


def test_saving_goes_on_and_says_what_was_saved(desk: Desk, finished: Callable[..., Finish]) -> None:
    second, first = finished("b"), finished("c")
    client = desk("instructor")
    response = client.post(page_of(first) + "?words=เขา", {**LEVELS, "seen": "0-0"})
    assert response["Location"].startswith(page_of(second, "") + "?words=")
    told = words_on(client.get(response["Location"]))
    assert f"{first.alias}: saved. Score becomes 7 of 8." in told
    assert "Back to it" in told
    assert [one.finish_id for one in Lease.objects.all()] == [second.pk]


def test_nobody_is_told_saved_of_what_they_did_not_judge(
    desk: Desk, finished: Callable[..., Finish], other: str, place: api.Place
) -> None:
    row = finished("b")
    api.review(row.pk, "note", {"facts": 1, "link": 0}, "", other)
    for name in (row.written.get().pk, "0", "x", "9" * 18, "-1"):
        assert "saved." not in words_on(desk("instructor").get(page_of(row), {"saved": name}))


def test_keys_lead_to_the_neighbours_in_the_filtered_list(desk: Desk, finished: Callable[..., Finish]) -> None:
    old, middle, new = (finished(letter, option=how) for letter, how in (("b", "forms"), ("c", "hear"), ("d", "forms")))
    client = desk("instructor")

    def neighbours(row: Finish, query: str) -> list[str]:
        source = client.get(page_of(row) + query).content.decode()
        return [html.unescape(one) for one in re.findall(r'class="key" href="([^"]+)"', source)]

    assert neighbours(middle, "") == [page_of(new), page_of(old)]
    assert neighbours(new, "?harmed=1") == [page_of(old) + "?harmed=1"]
    assert neighbours(old, "?harmed=1") == [page_of(new) + "?harmed=1"]


def test_who_was_overtaken_sees_by_whom_and_keeps_what_was_typed(
    desk: Desk, finished: Callable[..., Finish], other: str
) -> None:
    row = finished("b")
    client = desk("instructor")
    seen = field(client.get(page_of(row)), "seen")
    api.review(row.pk, "note", {"facts": 2, "link": 0}, "จากอีกคน", other)
    before = counts()
    response = client.post(page_of(row), {**LEVELS, "comment": "</textarea>ของฉัน", "seen": seen})
    assert response.status_code == 409
    told = words_on(response)
    assert "Somebody else has judged it meanwhile" in told
    assert "new Ms <i>Sok</i>" in told
    assert "จากอีกคน" in told
    assert "&lt;/textarea&gt;ของฉัน</textarea>" in response.content.decode()
    assert re.search(r'name="level-link" value="2" required checked', response.content.decode())
    assert counts() == before
    again = client.post(page_of(row), {**LEVELS, "comment": "ของฉัน", "seen": field(response, "seen")})
    assert again.status_code == 302
    assert Review.objects.latest("id").comment == "ของฉัน"


def test_an_answer_is_given_back_with_a_reason(desk: Desk, finished: Callable[..., Finish], place: api.Place) -> None:
    row = finished("a")
    client = desk("instructor")
    response = client.post(page_of(row), {"do": "return", "comment": " \n", "level-facts": "1", "seen": "0-0"})
    assert response.status_code == 400
    assert "Whoever is given an answer back reads why" in words_on(response)
    assert counts() == (0, 0, 0, 0)
    response = client.post(page_of(row), {"do": "return", "comment": "บอกว่าคำใด <b>", "seen": "0-0"})
    assert response.status_code == 302
    told = words_on(client.get(response["Location"]))
    assert f"{row.alias}: given back for another try." in told
    assert "Given back for another try บอกว่าคำใด <b>" in told
    assert "given back" in words_on(client.get(QUEUE, {"state": "returned"}))
    assert [one.reason for one in api.returned(place)] == ["บอกว่าคำใด <b>"]
    # A second press of the same button is the same.
    assert client.post(page_of(row), {"do": "return", "comment": "บอกว่าคำใด <b>", "seen": "0-0"}).status_code == 302
    assert counts() == (0, 1, 0, 0)


def test_a_superseded_attempt_says_so_and_is_not_given_back(
    desk: Desk, finished: Callable[..., Finish], place: api.Place
) -> None:
    first = finished("a")
    second = finished("a", number=2)
    client = desk("instructor")
    response = client.get(page_of(first))
    assert "finished the case again since: attempt 2. Open it" in words_on(response)
    assert page_of(second, "") in response.content.decode()
    assert 'value="return"' not in response.content.decode()
    response = client.post(page_of(first), {"do": "return", "comment": "อีกครั้ง"})
    assert response.status_code == 409
    assert "อีกครั้ง</textarea>" in response.content.decode()
    assert counts() == (0, 0, 0, 0)
    assert client.post(page_of(first), LEVELS).status_code == 302
    assert "second try" in words_on(client.get(QUEUE))


def test_points_stand_beside_the_machines_and_are_taken_back(
    desk: Desk, finished: Callable[..., Finish], place: api.Place
) -> None:
    row = finished("a")
    client = desk("instructor")
    for points, reason in (("9", "x"), ("-1", "x"), ("", "x"), ("2.5", "x"), ("๓", "x"), ("3", " "), ("9" * 30, "x")):
        response = client.post(page_of(row), {"do": "override", "points": points, "reason": reason})
        assert response.status_code == 400
        assert "Points run from 0 to 8" in words_on(response)
    assert counts() == (0, 0, 0, 0)
    form = {"do": "override", "points": "2", "reason": "อ่านออกเสียง <i>", "overridden": "0"}
    assert client.post(page_of(row), form)["Location"] == page_of(row) + "#points"
    told = words_on(client.get(page_of(row)))
    assert "Machine’s part 2, was counted 4" in told
    assert "Machine’s part set to 2 อ่านออกเสียง <i>" in told
    assert api.grade(place) == api.Grade(4, 8)
    late = client.post(page_of(row), {**form, "points": "3"})
    assert late.status_code == 409
    assert "new" in words_on(late)
    client.post(page_of(row), {"do": "withdraw", "reason": "ผิด", "overridden": field(late, "overridden")})
    told = words_on(client.get(page_of(row)))
    assert "was counted" not in told
    assert "Points set before taken back ผิด" in told
    assert counts() == (0, 0, 2, 0)
    assert api.grade(place) == api.Grade(8, 8)


def test_an_attempt_without_writing_can_have_its_points_set(desk: Desk, finished: Callable[..., Finish]) -> None:
    row = finished("a", text=None)
    client = desk("instructor")
    form = {"do": "override", "points": "2", "reason": "เหตุผล", "overridden": "0"}
    assert client.post(page_of(row, ""), form).status_code == 302
    assert "Machine’s part 2, was counted 4" in words_on(client.get(page_of(row, "")))


def test_a_button_that_there_is_not_does_nothing(desk: Desk, finished: Callable[..., Finish]) -> None:
    row = finished("a")
    for do in ("", "delete", "x" * 999):
        assert desk("instructor").post(page_of(row), {**LEVELS, "do": do}).status_code == 404
    for do in ("save", "return", "flag", "lower"):
        assert desk("instructor").post(page_of(row, ""), {**LEVELS, "do": do}).status_code == 404
    assert counts() == (0, 0, 0, 0)


# -- the safeguarding flag --------------------------------------------------------------------------------------------


class TestTheFlag:
    def test_a_flag_tells_the_contact_where_and_not_what(
        self, desk: Desk, finished: Callable[..., Finish], settings: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        settings.CASEWORK_SAFEGUARDING_CONTACT = CONTACT
        row = finished("a")
        client = desk("instructor")
        assert "A flag sends the safeguarding contact" in words_on(client.get(page_of(row)))
        with django_capture_on_commit_callbacks(execute=True):
            client.post(page_of(row), {"do": "flag"})
            client.post(page_of(row), {"do": "flag"})
        (sent,) = mail.outbox[:1]
        whole = sent.message().as_string() + sent.subject + str(sent.body)
        assert sent.to == [CONTACT]
        for words in (COURSE, row.alias, f"http://testserver{page_of(row)}"):
            assert words in sent.body
        assert not any(word in whole for word in (*small_case.TEXT.split(), row.student_id, "Ms"))
        told = words_on(client.get(page_of(row)))
        assert "The safeguarding contact was sent the address of this page." in told
        assert "Safeguarding contact told of the flag" in told
        assert rows_of(client.get(QUEUE, {"flagged": "1"})) == [row.alias]
        client.post(page_of(row), {"do": "lower"})
        assert rows_of(client.get(QUEUE, {"flagged": "1"})) == []
        assert "Flag taken down" in words_on(client.get(page_of(row)))
        assert [(one.raised, one.told) for one in Flag.objects.order_by("id")] == [
            (True, False), (True, True), (False, False),
        ]  # fmt: skip

    def test_without_a_contact_the_page_says_that_nobody_was_told(
        self, desk: Desk, finished: Callable[..., Finish], django_capture_on_commit_callbacks: Any
    ) -> None:
        row = finished("a")
        client = desk("instructor")
        assert "No safeguarding contact is set on this site" in words_on(client.get(page_of(row)))
        with django_capture_on_commit_callbacks(execute=True):
            client.post(page_of(row), {"do": "flag"})
        assert mail.outbox == []
        assert "nobody was told" in words_on(client.get(page_of(row)))
        assert Flag.objects.get().raised

    def test_a_mail_that_fails_loses_no_flag_and_is_said_and_sent_again(
        self, desk: Desk, finished: Callable[..., Finish], settings: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        settings.CASEWORK_SAFEGUARDING_CONTACT = CONTACT
        working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "review.nowhere.Backend"
        row = finished("a")
        client = desk("instructor")
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(page_of(row), {"do": "flag"}).status_code == 302
        assert [(one.raised, one.told) for one in Flag.objects.all()] == [(True, False)]
        assert "could not be sent. Tell them yourself, or send it again." in words_on(client.get(page_of(row)))
        settings.EMAIL_BACKEND = working
        with django_capture_on_commit_callbacks(execute=True):
            client.post(page_of(row), {"do": "flag"})
        assert len(mail.outbox) == 1
        assert Flag.objects.latest("id").told

    def test_what_another_reads_can_be_flagged(self, desk: Desk, finished: Callable[..., Finish], other: str) -> None:
        row = finished("a")
        api.lease(row.pk, other)
        desk("instructor").post(page_of(row), {"do": "flag"})
        assert Flag.objects.get().raised


# -- what has changed since -------------------------------------------------------------------------------------------


def test_an_answer_is_judged_by_the_rubric_of_its_day(desk: Desk, finished: Callable[..., Finish]) -> None:
    old = finished("b")
    edited = small_case.CONTENT.replace('<row id="facts">', '<row id="seen">').replace("บอกสิ่งที่เห็น", "เห็นอะไร")
    new = finished("c", content=edited)
    client = desk("instructor")
    assert "บอกสิ่งที่เห็น" in words_on(client.get(page_of(old)))
    assert "เห็นอะไร" in words_on(client.get(page_of(new)))
    assert client.post(page_of(old), {"level-seen": "1", "level-link": "2"}).status_code == 400
    assert client.post(page_of(new), LEVELS).status_code == 400
    assert counts() == (0, 0, 0, 0)
    assert client.post(page_of(old), LEVELS).status_code == 302
    assert client.post(page_of(new), {"level-seen": "1", "level-link": "2"}).status_code == 302


def test_an_answer_of_a_block_that_was_deleted_can_be_judged(desk: Desk, place: api.Place, play: Play) -> None:
    # Nothing of the desk asks the course for the block: the case is the one that was played.
    gone = replace(place, item_id="block-v1:Org+SAFE+2026+type@casework-case+block@gone")
    row = Finish.objects.get(attempt=play(gone))
    assert desk("instructor").post(page_of(row), LEVELS).status_code == 302
    assert api.grade(gone) == api.Grade(7, 8)


def test_a_learner_who_was_forgotten_leaves_what_counts(
    desk: Desk, finished: Callable[..., Finish], other: str
) -> None:
    row = finished("b")
    api.review(row.pk, "note", {"facts": 1, "link": 0}, "ความเห็น", other)
    api.forget_learner([row.student_id])
    client = desk("instructor")
    told = words_on(client.get(page_of(row)))
    assert "The text was deleted on" in told
    assert "เขาอาจเป็นเด็ก" not in told
    assert "ความเห็น" not in told
    assert "5 / 8" in words_on(client.get(QUEUE, {"state": "any"}))
    assert client.post(page_of(row), LEVELS).status_code == 302


def test_a_reset_learner_is_not_there_any_more(desk: Desk, finished: Callable[..., Finish], place: api.Place) -> None:
    row = finished("a")
    client = desk("instructor")
    client.get(page_of(row))
    api.clear(place)
    assert client.get(page_of(row)).status_code == 404
    assert client.post(page_of(row), LEVELS).status_code == 404
    assert client.get(QUEUE).status_code == 200


def test_a_case_that_can_no_longer_be_read_can_still_be_flagged(desk: Desk, finished: Callable[..., Finish]) -> None:
    row = finished("a")
    CaseVersion.objects.update(content="<case/>")
    client = desk("instructor")
    client.post(page_of(row), {"do": "flag"})
    told = words_on(client.get(page_of(row)))
    assert "flagged" in told
    assert small_case.TEXT in told


@pytest.mark.parametrize(
    "text", ["ကပ္ပတိန် 🧭" * 3000, "ຄົນ ភាសា Tiếng Việt हिन्दी العربية עברית 𝔘𝔫𝔦 🛟", "<script>" * 9000]
)
def test_long_texts_and_all_scripts_are_shown_whole(desk: Desk, finished: Callable[..., Finish], text: str) -> None:
    row = finished("a", text=text)
    client = desk("instructor")
    assert html.escape(text) in client.get(page_of(row)).content.decode()
    assert len(client.get(QUEUE).content) < 60_000
    comment = text[: api.LONGEST_COMMENT]
    assert client.post(page_of(row), {**LEVELS, "comment": comment}).status_code == 302
    assert html.escape(comment) in client.get(page_of(row)).content.decode()


# -- speed ------------------------------------------------------------------------------------------------------------


def many(first: int, count: int) -> None:
    """Finished attempts of as many learners, in bulk; every second one reviewed, flagged, set by hand and given back too."""
    case, _ = CaseVersion.objects.get_or_create(
        pk="f" * 16, defaults={"content": small_case.CONTENT, "language": "th", "maximum": 8}
    )
    now = timezone.now()
    places = [
        {"course_id": COURSE, "item_id": "item", "student_id": f"learner {at}"} for at in range(first, first + count)
    ]
    answers = Answer.objects.bulk_create(
        [Answer(**one, attempt=f"a-{at}", event="e", task="note", text=f"ข้อความ {at}", created=now)
         for at, one in enumerate(places, first)], batch_size=500,
    )  # fmt: skip
    Finish.objects.bulk_create(
        [Finish(**one, attempt=f"a-{at}", submission=f"a-{at}", alias=f"Heron {at}", number=1, case=case, ending="late",
                harmful=at % 3, machine=2, skipped=0, maximum=8, possible=8, counts="best", started=now,
                finished=now - timedelta(minutes=at)) for at, one in enumerate(places, first)], batch_size=500,
    )  # fmt: skip
    finishes = list(Finish.objects.filter(attempt__in=[f"a-{at}" for at in range(first, first + count)]).order_by("id"))
    Written.objects.bulk_create(
        [Written(finish=row, answer=answer, task="note", most=4, course_id=COURSE, item_id="item", finished=row.finished,
                 state="waiting" if at % 2 else "reviewed")
         for at, (row, answer) in enumerate(zip(finishes, answers, strict=True))],
        batch_size=500,
    )  # fmt: skip
    judged = [(row, answer) for at, (row, answer) in enumerate(zip(finishes, answers, strict=True)) if not at % 2]
    Review.objects.bulk_create(
        [Review(finish=row, answer=answer, case=case, reviewer="1", levels={"facts": 1, "link": 0}, created=now)
         for row, answer in judged], batch_size=500,
    )  # fmt: skip
    Lease.objects.bulk_create(
        [Lease(finish=row, reviewer="2", until=now + timedelta(minutes=9)) for row, _answer in judged], batch_size=500
    )


def test_ten_thousand_attempts_cost_as_many_queries_as_ten(desk: Desk, finished: Callable[..., Finish]) -> None:
    client = desk("instructor")
    client.get(QUEUE)
    row = finished("a")
    api.flag(row.pk, "note", True, "1", told=False)
    api.override(row.pk, 2, "เหตุผล", "1")
    client.get(page_of(row))
    asks = {
        "queue": lambda: client.get(QUEUE),
        "filtered": lambda: client.get(QUEUE, {"state": "any", "item": row.item_id, "ending": "safe", "harmed": "1"}),
        "words": lambda: client.get(QUEUE, {"state": "any", "words": "ข้อความ"}),
        "flagged": lambda: client.get(QUEUE, {"flagged": "1"}),
        "next": lambda: client.post(QUEUE),
        "answer": lambda: client.get(page_of(row) + "?state=any"),
    }
    cost: dict[str, list[int]] = {name: [] for name in asks}
    for first, count in ((0, 10), (10, 9_990)):
        many(first, count)
        for name, ask in asks.items():
            with CaptureQueriesContext(connection) as counted:
                assert ask().status_code in (200, 302)
            cost[name].append(len(counted))
    assert all(few == lots for few, lots in cost.values()), cost
    assert max(cost["queue"]) <= 20, cost
    assert max(cost["next"]) <= 12, cost
    assert max(cost["answer"]) <= 40, cost


# -- at once ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("transactional_db")
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_several_who_take_the_next_answer_take_different_ones(
        self, desk: Desk, finished: Callable[..., Finish]
    ) -> None:
        rows = [finished(letter) for letter in "bcd"]
        taken: list[int] = []

        def take(reviewer: str) -> None:
            for _turn in range(5):
                found = queue.next_waiting(COURSE, reviewer=reviewer)
                assert found is not None
                if api.lease(found, reviewer).reviewer == reviewer:
                    taken.append(found)
                    return

        assert at_once(*[lambda who=who: take(who) for who in ("1", "2", "3")]) == []  # type: ignore[misc]
        assert sorted(taken) == sorted(one.pk for one in rows)

    def test_of_two_reviews_of_what_both_saw_one_stands(self, desk: Desk, finished: Callable[..., Finish]) -> None:
        row = finished("b")
        seen = api.history(row.written.get().answer_id)
        raised = at_once(
            lambda: api.review(row.pk, "note", {"facts": 1, "link": 0}, "", "1", seen),
            lambda: api.return_answer(row.pk, "note", "อีกครั้ง", "2", seen),
            lambda: api.review(row.pk, "note", {"facts": 2, "link": 2}, "", "3", seen),
        )
        assert [type(one) for one in raised] == [api.Overtaken] * 2
        assert Review.objects.count() + Return.objects.count() == 1

    def test_of_several_who_open_one_attempt_one_holds_it(self, desk: Desk, finished: Callable[..., Finish]) -> None:
        row = finished("b")
        held: list[api.Held] = []
        assert at_once(*[lambda who=who: held.append(api.lease(row.pk, who)) for who in "12345"]) == []  # type: ignore[misc]
        assert len({one.reviewer for one in held}) == 1
        assert Lease.objects.get().reviewer == held[0].reviewer

    def test_of_several_who_set_points_at_once_one_does(self, desk: Desk, finished: Callable[..., Finish]) -> None:
        row = finished("b")
        raised = at_once(
            *[lambda at=at: api.override(row.pk, at, "เหตุผล", str(at), "0") for at in (1, 2, 3)]  # type: ignore[misc]
        )
        assert [type(one) for one in raised] == [api.Overtaken] * 2
        assert Override.objects.count() == 1
