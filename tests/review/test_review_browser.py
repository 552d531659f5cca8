"""The desk in a real Chromium, wide and on a telephone: axe, the keyboard, and nothing that runs off the side."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from playwright.sync_api import Page

from casework.review import api
from casework.review.models import Finish, Lease, Review
from review import class_case, small_case
from review.small_case import Play

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
Open = Callable[[int], Page]


@pytest.fixture
def finish(place: api.Place, play: Play) -> Finish:
    """An attempt with every kind of step, a review, points set by hand and a flag; one more that waits, one that another
    holds, one given back, one without writing."""
    play(replace(place, student_id="b" * 32), text="ငွေကြေးအကြွေး " * 40)
    play(replace(place, student_id="c" * 32), text=None)
    held = Finish.objects.get(attempt=play(replace(place, student_id="d" * 32), number=2))
    other = get_user_model().objects.create(username="other", first_name="Ms", last_name="Sok")
    api.lease(held.pk, str(other.pk))
    back = Finish.objects.get(attempt=play(replace(place, student_id="e" * 32), option="wait"))
    api.return_answer(back.pk, "note", "ลองอีกครั้ง", str(other.pk))
    row = Finish.objects.get(attempt=play(place, option="forms", phrases=("indicator:debt", "decoy:rice")))
    api.review(row.pk, "note", {"facts": 1, "link": 0}, "เห็นหนี้แล้ว\nThe second line.", str(other.pk))
    api.override(row.pk, 3, "The list was read aloud.", str(other.pk))
    api.flag(row.pk, "note", True, str(other.pk), told=False)
    return row


def addresses(finish: Finish) -> list[str]:
    queue = f"/casework/review/{small_case.COURSE}/"
    others = Finish.objects.exclude(pk=finish.pk).values_list("pk", flat=True)
    return [
        queue,
        f"{queue}?state=any&item={quote(finish.item_id)}",
        f"{queue}?words=nowhere&harmed=1",
        *(f"{queue}attempt/{pk}/" for pk in (finish.pk, *others)),
        f"{queue}attempt/{finish.pk}/note/?saved={finish.written.get().pk}",
    ]


def faultless(page: Page, address: str, width: int, picture: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    answer = page.goto(address)
    assert answer and answer.status == 200
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{picture}-{width}.png", full_page=True)


@pytest.mark.parametrize("width", [1200, 360])
def test_axe_finds_no_fault_and_nothing_runs_off_the_side(look: Open, finish: Finish, width: int) -> None:
    page = look(width)
    for number, address in enumerate(addresses(finish)):
        faultless(page, address, width, f"desk-{number}")


@pytest.mark.parametrize("width", [1200, 360])
@pytest.mark.parametrize("learners", [200, 3])
def test_axe_finds_no_fault_in_the_class(look: Open, width: int, learners: int) -> None:
    class_case.store(class_case.class_of(3, {"boy": learners, "girl": learners}))
    page = look(width)
    classes = f"/casework/review/{small_case.COURSE}/class/"
    for name, address in (("classes", classes), ("class", f"{classes}{quote(class_case.ITEM)}/")):
        faultless(page, address, width, f"{name}-{learners}")


@pytest.mark.parametrize("width", [1200, 360])
def test_a_phone_shows_the_way_then_the_words_then_the_review(look: Open, finish: Finish, width: int) -> None:
    page = look(width)
    page.goto(addresses(finish)[3])
    boxes = [page.locator(f"section[aria-labelledby={name}]").bounding_box() for name in ("way", "answer", "review")]
    along = "y" if width == 360 else "x"
    places = [box[along] for box in boxes if box]
    assert len(places) == 3
    assert places == sorted(places)
    assert len(set(places)) == 3


def test_a_review_is_given_by_keyboard_alone(look: Open, finish: Finish) -> None:
    page = look(1200)
    page.goto(addresses(finish)[3])
    page.locator("input[name=level-facts][value='1']").focus()
    ring = page.evaluate("getComputedStyle(document.activeElement.closest('label')).outlineStyle")
    assert ring == "solid"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "comment"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?saved=*#saved")
    assert f"{finish.alias}: saved. Score becomes 7 of 8." in page.locator("#saved").inner_text()
    assert Review.objects.latest("id").levels == {"facts": 2, "link": 2}


def test_targets_are_large_enough_for_a_thumb(look: Open, finish: Finish) -> None:
    page = look(360)
    for address in addresses(finish)[:4]:
        page.goto(address)
        targets = page.locator("main a, main button:visible, .levels label, summary, nav a, select, .tick").all()
        assert len(targets) > 3
        for target in targets:
            box = target.bounding_box()
            assert box and box["height"] >= 44, target.inner_text()


# -- keys and drafts --------------------------------------------------------------------------------------------------


def queue_address() -> str:
    return f"/casework/review/{small_case.COURSE}/"


def waiting(place: api.Place, play: Play) -> list[Finish]:
    """Three that wait, the newest first."""
    rows = [Finish.objects.get(attempt=play(replace(place, student_id=letter * 32))) for letter in "bcd"]
    return rows[::-1]


def test_a_list_is_gone_through_by_keys(look: Open, place: api.Place, play: Play) -> None:
    rows = waiting(place, play)
    page = look(1200)
    page.goto(queue_address() + "?state=any")

    def press(key: str, leads_to: str) -> None:
        page.keyboard.press(key)
        page.wait_for_url(f"**/{leads_to}*")
        page.wait_for_load_state()

    press("n", f"attempt/{rows[0].pk}/?state=any")
    press("j", f"attempt/{rows[1].pk}/note/?state=any")
    press("k", f"attempt/{rows[0].pk}/note/?state=any")
    # A keyboard that writes Thai: the letter by its place.
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '่', code: 'KeyJ', bubbles: true}))")
    page.wait_for_url(f"**/attempt/{rows[1].pk}/note/*")
    assert page.locator("kbd:visible").count() == 4


def test_enter_saves_and_goes_on_outside_of_a_text_box(look: Open, place: api.Place, play: Play) -> None:
    rows = waiting(place, play)
    page = look(1200)
    page.goto(f"{queue_address()}attempt/{rows[0].pk}/note/")
    page.locator("label:has([name=level-facts][value='1'])").click()
    page.locator("label:has([name=level-link][value='2'])").click()
    assert "This attempt then has 7 of 8 points." in page.locator("[data-becomes]").inner_text()
    page.locator("#comment").fill("n j k")
    page.keyboard.press("Enter")
    page.keyboard.type("njk")
    assert page.locator("#comment").input_value() == "n j k\nnjk"
    assert not Review.objects.exists()
    page.locator("h1").click()
    page.keyboard.press("Enter")
    page.wait_for_url("**saved=*")
    assert f"attempt/{rows[1].pk}/" in page.url
    page.locator("label:has([name=level-facts][value='0'])").click()
    page.locator("label:has([name=level-link][value='0'])").click()
    page.locator("#comment").press("Control+Enter")
    page.wait_for_url(f"**/attempt/{rows[2].pk}/**")
    assert [(one.finish_id, one.comment) for one in Review.objects.order_by("id")] == [
        (rows[0].pk, "n j k\r\nnjk"),
        (rows[1].pk, ""),
    ]


def test_keys_can_be_turned_off_and_then_do_nothing(look: Open, place: api.Place, play: Play) -> None:
    rows = waiting(place, play)
    page = look(1200)
    page.goto(f"{queue_address()}attempt/{rows[1].pk}/note/")
    page.get_by_role("button", name="Turn keys off").click()
    assert page.locator("kbd:visible").count() == 0
    page.locator("h1").click()
    for key in "njk":
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert f"attempt/{rows[1].pk}/note/" in page.url
    page.get_by_role("button", name="Turn keys on").click()
    assert page.locator("kbd:visible").count() == 4


def test_a_draft_stays_here_until_it_is_saved(look: Open, place: api.Place, play: Play) -> None:
    rows = waiting(place, play)
    page = look(1200)
    address = f"{queue_address()}attempt/{rows[0].pk}/note/"
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.method))
    page.goto(address)
    page.locator("#comment").fill("ร่าง </textarea><script>alert(1)</script> 🧭")
    page.locator("label:has([name=level-facts][value='1'])").click()
    page.goto(address)
    assert "A draft that you have not saved stands here." in page.locator("[data-drafted]").inner_text()
    assert page.locator("#comment").input_value().startswith("ร่าง </textarea>")
    assert page.locator("[name=level-facts][value='1']").is_checked()
    assert set(sent) == {"GET"}
    api.review(rows[0].pk, "note", {"facts": 2, "link": 2}, "", "99")
    page.goto(address)
    assert "Somebody has judged the answer since you wrote it." in page.locator("[data-drafted]").inner_text()
    page.locator("label:has([name=level-link][value='0'])").click()
    page.get_by_role("button", name="Save, next").click()
    page.wait_for_url("**saved=*")
    assert page.evaluate("Object.keys(localStorage).filter(one => one.includes('draft')).length") == 0
    assert Review.objects.latest("id").levels == {"facts": 1, "link": 0}


def test_a_draft_is_thrown_away_by_hand_or_after_seven_days(look: Open, place: api.Place, play: Play) -> None:
    rows = waiting(place, play)
    page = look(1200)
    address = f"{queue_address()}attempt/{rows[0].pk}/note/"
    page.goto(address)
    page.locator("#comment").fill("ร่าง")
    page.goto(address)
    page.get_by_role("button", name="Throw the draft away").click()
    page.goto(address)
    assert page.locator("#comment").input_value() == ""
    page.locator("#comment").fill("เก่า")
    page.evaluate(
        """for (const name of Object.keys(localStorage).filter(one => one.includes('draft')))
           localStorage[name] = JSON.stringify({...JSON.parse(localStorage[name]), at: Date.now() - 7.01 * 864e5})"""
    )
    page.goto(address)
    assert page.locator("#comment").input_value() == ""
    assert page.evaluate("Object.keys(localStorage).filter(one => one.includes('draft')).length") == 0


def test_a_lease_that_runs_out_before_ones_eyes_offers_to_take_over(look: Open, finish: Finish) -> None:
    lease = Lease.objects.get()
    Lease.objects.update(until=timezone.now() + timedelta(seconds=30))
    page = look(1200)
    page.clock.install()
    page.goto(f"{queue_address()}attempt/{lease.finish_id}/note/")
    assert not page.get_by_role("button", name="Take over").is_visible()
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
    page.clock.run_for(50_000)
    page.get_by_role("button", name="Take over").click()
    page.locator("#comment").wait_for()
    assert "Yours for 20 min more" in page.locator(".onward").inner_text()
