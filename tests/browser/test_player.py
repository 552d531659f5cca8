"""The player in a real browser, on a small case with every kind of task, served by the preview's real runtime."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Frame, Page, Route, expect

from cases import WHOLE
from casework.scenario import xml
from preview import sample

pytestmark = pytest.mark.browser
EN = "course-v1:Casework+TH+en"
SIZES = {"wide": {"width": 1130, "height": 900}, "phone": {"width": 320, "height": 640}}
COUNT = 12
_numbers = itertools.count()


@pytest.fixture(scope="module")
def base(serve_packages: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A course with a dozen units of one case each, so that every test has one of its own."""
    files = sample.english()
    case = xml.canonical(xml.tree(WHOLE, "case"))
    units = ""
    for number in range(COUNT):
        units += f'<vertical url_name="case-{number}"/>'
        block = f'<casework-case url_name="small-{number}" display_name="Small">{case}</casework-case>'
        files[f"vertical/case-{number}.xml"] = f'<vertical display_name="Case">{block}</vertical>'
    files["sequential/l-boys.xml"] = (
        f'<sequential display_name="Boys" graded="true" format="Lesson">{units}</sequential>'
    )
    files["vertical/boys.xml"] = '<vertical display_name="unused"/>'
    return serve_packages([sample.write(tmp_path_factory.mktemp("player") / "player.tar.gz", files)])


class Unit:
    """One unit with the small case, open in a page of its own."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.number = next(_numbers)
        assert self.number < COUNT, "raise COUNT"
        self.open()

    def open(self) -> None:
        self.page.goto(f"{self.base}/course/{EN}/unit/case-{self.number}/")
        handle = self.page.wait_for_selector("iframe#unit")
        frame = handle.content_frame()
        assert frame is not None
        frame.wait_for_load_state()
        self.frame: Frame = frame

    def press(self, name: str) -> None:
        self.frame.get_by_role("button", name=name, exact=True).click()

    def spot(self) -> None:
        self.frame.get_by_role("button", name="a debt", exact=True).click()
        self.press("Done marking")

    def choose(self, words: str = "Do ask now.") -> None:
        self.frame.locator(".cw-opt", has_text=words).click()
        self.frame.locator(".cw-sure label", has_text="Certain").click()
        self.press("Decide")

    def write(self, words: str = "Because of the debt.") -> None:
        self.frame.get_by_role("textbox").fill(words)
        self.press("Send the answer")

    def judge(self) -> None:
        self.frame.get_by_label("Changes nothing").check()
        self.press("Decide")

    def finish(self) -> None:
        self.spot()
        self.choose()
        self.press("Continue")
        self.write()
        self.judge()

    def faultless(self) -> None:
        # What is fading in has no contrast yet.
        self.frame.evaluate("Promise.all(document.getAnimations().map((one) => one.finished)).then(() => null)")
        found = Axe().run(self.frame, context=".casework-case")  # the page around the frame has the first heading
        assert found.violations_count == 0, found.generate_report()
        wide = self.frame.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "the unit scrolls sideways"


@pytest.fixture(params=SIZES)
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=SIZES[request.param])
    yield context
    context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=SIZES["phone"])
    yield context
    context.close()


def test_every_state_is_faultless_for_axe_and_fits(context: BrowserContext, base: str) -> None:
    unit = Unit(context.new_page(), base)
    unit.faultless()
    unit.press("Start the case")
    expect(unit.frame.locator(".cw-task")).to_be_visible()
    unit.faultless()
    unit.press("Pause")
    unit.faultless()
    unit.press("Go on")
    unit.spot()
    expect(unit.frame.get_by_text("How sure are you?")).to_be_visible()
    unit.faultless()
    unit.choose()
    expect(unit.frame.locator(".cw-reply")).to_be_focused()
    unit.faultless()
    unit.press("Continue")
    expect(unit.frame.get_by_role("textbox")).to_be_visible()
    unit.faultless()
    unit.write("<img src=x onerror=alert(1)> ကြွေးမြီ 🔋")
    expect(unit.frame.get_by_label("Changes nothing")).to_be_visible()
    unit.faultless()
    unit.judge()
    debrief = unit.frame.locator(".cw-debrief")
    expect(debrief).to_contain_text("<img src=x onerror=alert(1)> ကြွေးမြီ 🔋")
    for one in unit.frame.locator(".cw-debrief details").all():
        one.locator("summary").click()
    unit.faultless()


def test_one_leaves_in_the_middle_with_words_half_typed_and_comes_back(phone: BrowserContext, base: str) -> None:
    unit = Unit(phone.new_page(), base)
    unit.press("Start the case")
    unit.spot()
    unit.choose()
    unit.press("Continue")
    unit.frame.get_by_role("textbox").fill("half a sentence")
    unit.open()
    expect(unit.frame.get_by_role("textbox")).to_have_value("half a sentence")
    unit.press("Send the answer")
    unit.judge()
    expect(unit.frame.locator(".cw-debrief")).to_contain_text("half a sentence")
    unit.open()
    expect(unit.frame.locator(".cw-debrief")).to_contain_text("half a sentence")


def test_a_whole_case_by_keyboard_alone(phone: BrowserContext, base: str) -> None:
    unit = Unit(phone.new_page(), base)
    keys = unit.page.keyboard

    def to(name: str) -> None:
        """Tab until what has the focus says `name`."""
        for _ in range(60):
            said = unit.frame.evaluate(
                "() => { const a = document.activeElement; return (a.getAttribute('aria-label') || a.innerText || "
                "a.closest('label')?.innerText || a.value || '').trim(); }"
            )
            if name in said and said != "":
                tag = unit.frame.evaluate("document.activeElement.tagName")
                if tag not in {"BODY", "H2", "DIV", "SECTION"}:
                    return
            keys.press("Tab")
        raise AssertionError(f"the keyboard does not reach “{name}”")

    unit.frame.locator("body").focus()
    to("Start the case")
    keys.press("Enter")
    expect(unit.frame.locator(".cw-task")).to_be_visible()
    to("a debt")
    keys.press("Space")
    to("Done marking")
    keys.press("Enter")
    expect(unit.frame.get_by_text("How sure are you?")).to_be_visible()
    to("Do ask now.")
    keys.press("Space")
    to("Guessing")
    keys.press("Space")
    to("Decide")
    keys.press("Enter")
    expect(unit.frame.locator(".cw-reply")).to_be_focused()
    to("Continue")
    keys.press("Enter")
    box = unit.frame.get_by_role("textbox")
    expect(box).to_be_visible()
    for _ in range(30):
        if unit.frame.evaluate("document.activeElement.tagName") == "TEXTAREA":
            break
        keys.press("Tab")
    keys.type("Because of the debt.")
    to("Send the answer")
    keys.press("Enter")
    expect(unit.frame.get_by_label("Changes nothing")).to_be_visible()
    to("Speaks strongly against it")
    keys.press("Space")
    keys.press("ArrowDown")
    to("Decide")
    keys.press("Enter")
    expect(unit.frame.locator(".cw-debrief")).to_contain_text("Because of the debt.")


def test_a_double_click_sends_one_event(phone: BrowserContext, base: str) -> None:
    page = phone.new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.rstrip("/").endswith("event") else None)
    unit = Unit(page, base)
    unit.press("Start the case")
    unit.frame.get_by_role("button", name="a debt", exact=True).click()
    unit.frame.get_by_role("button", name="Done marking").dblclick()
    expect(unit.frame.get_by_text("How sure are you?")).to_be_visible()
    assert len(sent) == 1


def test_what_could_not_be_sent_is_kept_said_and_sent_again(phone: BrowserContext, base: str) -> None:
    unit = Unit(phone.new_page(), base)
    unit.press("Start the case")
    expect(unit.frame.locator(".cw-task")).to_be_visible()

    def cut(route: Route) -> None:
        route.abort()

    unit.page.route(re.compile("/event/?$"), cut)
    unit.spot()
    expect(unit.frame.locator(".cw-foot")).to_contain_text("Not sent. Your answer is kept here.")
    unit.page.unroute(re.compile("/event/?$"))
    unit.press("Try again")
    expect(unit.frame.get_by_text("How sure are you?")).to_be_visible()
    expect(unit.frame.locator(".cw-foot")).to_contain_text("Saved")


def test_a_reply_that_was_lost_is_sent_again_after_a_reload_and_nothing_is_doubled(
    phone: BrowserContext, base: str
) -> None:
    unit = Unit(phone.new_page(), base)
    unit.press("Start the case")

    def swallow(route: Route) -> None:
        route.fetch()
        route.abort()

    unit.page.route(re.compile("/event/?$"), swallow)
    unit.spot()
    expect(unit.frame.locator(".cw-foot")).to_contain_text("Not sent")
    unit.page.unroute(re.compile("/event/?$"))
    unit.open()
    expect(unit.frame.get_by_text("How sure are you?")).to_be_visible()
    expect(unit.frame.locator(".cw-trail i[data-kind=spot]")).to_have_count(1)


def test_the_later_of_two_windows_is_told_and_loses_nothing(phone: BrowserContext, base: str) -> None:
    first = Unit(phone.new_page(), base)
    first.press("Start the case")
    expect(first.frame.locator(".cw-task")).to_be_visible()
    page = phone.new_page()
    page.goto(first.page.url)
    handle = page.wait_for_selector("iframe#unit")
    frame = handle.content_frame()
    assert frame is not None
    expect(frame.locator(".cw-task")).to_be_visible()
    first.spot()
    expect(first.frame.get_by_text("How sure are you?")).to_be_visible()
    frame.get_by_role("button", name="rice", exact=True).click()
    frame.get_by_role("button", name="Done marking").click()
    expect(frame.locator(".cw-notice")).to_contain_text("another window")
    expect(frame.get_by_text("How sure are you?")).to_be_visible()


def test_a_skipped_scene_is_told_in_short_and_earns_nothing(phone: BrowserContext, base: str) -> None:
    unit = Unit(phone.new_page(), base)
    unit.press("Start the case")
    unit.press("Skip this scene")
    unit.press("Skip it")
    expect(unit.frame.locator(".cw-main")).to_contain_text("In short.")
    unit.press("Continue")
    unit.write()
    unit.judge()
    expect(unit.frame.locator(".cw-facts")).to_contain_text("0 of 8")


def test_nothing_on_the_page_tells_before_it_may_be_seen(phone: BrowserContext, base: str) -> None:
    unit = Unit(phone.new_page(), base)
    unit.press("Start the case")
    expect(unit.frame.locator(".cw-task")).to_be_visible()
    shown = unit.frame.content() + json.dumps(unit.frame.evaluate("Object.entries(localStorage)"))
    for word in ("indicator", "decoy:", "protective", "Because ask", "practised&", "Police"):
        assert word not in shown.replace("Indicators", ""), word
