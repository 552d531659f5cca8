"""The road ahead in a real Chromium whose network is cut by its own tools: play goes on, and nothing is lost or doubled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from browser.test_player_detours import ALL, PHONE, Learner
from preview import sample
from servers import Servers

pytestmark = pytest.mark.browser

EVENT = re.compile(r"/event/?$")
# Nothing hangs on what was marked, so that the road goes on to the end.
CASE = re.sub(
    r'(<option id="wait"[^>]*) if="found\(debt\)"([^>]*)><closed>.*?</closed>', r"\1\2>", ALL, flags=re.DOTALL
)
UNITS = ["offline", "reload", "dropped", "apart", "QuotaExceededError", "SecurityError", "slow", "stepwise", "quiet"]
WORDS = "เขาเป็นหนี้ที่ไม่มีใครบอกยอดได้ 🧭 <b>"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    content = sample.english()
    verticals = "".join(f'<vertical url_name="{name}"/>' for name in UNITS)
    content["sequential/l-offender.xml"] = (
        f'<sequential display_name="Cases" graded="true" format="Lesson">{verticals}</sequential>'
    )
    for name in UNITS:
        case = CASE.replace("<case ", '<case lookahead="0" ') if name == "stepwise" else CASE
        content[f"vertical/{name}.xml"] = (
            f'<vertical display_name="{name}"><casework-case url_name="case-{name}" display_name="Case">{case}'
            "</casework-case></vertical>"
        )
    return sample.write(tmp_path_factory.mktemp("road") / "road.tar.gz", content)


@pytest.fixture(scope="module")
def base(serve_packages: Callable[..., str], package: Path) -> str:
    return serve_packages([package])


@pytest.fixture
def open_unit(base: str, page: Page) -> Iterator[Callable[[str], Learner]]:
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))

    def open_unit(name: str) -> Learner:
        learner = Learner(page, base, name, PHONE)
        learner.open()
        return learner

    yield open_unit
    assert failed == []


def decisions(learner: Learner) -> list[Callable[[], None]]:
    """All that the case asks, one thing at a time, to its end."""
    return [
        lambda: learner.spot("The captain has them"),
        lambda: learner.choose("Somebody who owes", "Certain"),
        lambda: learner.press("Continue"),
        lambda: learner.write(WORDS),
        lambda: judge(learner),
        lambda: learner.choose("In a hall"),
        lambda: learner.press("Continue"),
        lambda: learner.choose("Let them rest"),
    ]


def judge(learner: Learner) -> None:
    learner.root.locator(".cw-opt").nth(3).click()
    learner.press("Decide")


def end(learner: Learner) -> None:
    """From what people did last to the debrief."""
    expect(learner.root.locator(".cw-reply")).to_be_visible()
    learner.press("Continue")
    expect(learner.root.locator(".cw-debrief").first).to_be_visible()


def waiting_events(learner: Learner) -> list[str]:
    return [one for one in learner.kept() if ":event:" in one]


def steps_told(learner: Learner) -> int:
    """How many steps the finished attempt has, as the server tells it."""
    learner.open()
    expect(learner.root.locator(".cw-debrief").first).to_be_visible()
    expect(learner.root.get_by_text(WORDS).first).to_be_visible()
    return learner.root.locator(".cw-way li").count()


def said(learner: Learner) -> Locator:
    return learner.root.locator(".cw-saved")


def test_play_goes_on_without_the_network_as_far_as_the_road_goes(
    open_unit: Callable[[str], Learner], context: BrowserContext
) -> None:
    learner = open_unit("offline")
    learner.start()
    context.set_offline(True)
    for decide in decisions(learner):
        decide()
    expect(said(learner)).to_contain_text("Try again")
    expect(learner.root.locator(".cw-opt input").first).to_be_disabled()
    assert len(waiting_events(learner)) == 6
    context.set_offline(False)
    end(learner)
    assert learner.kept() == []
    assert steps_told(learner) == 6


def test_what_was_decided_without_the_network_outlives_a_reload(
    open_unit: Callable[[str], Learner], context: BrowserContext
) -> None:
    learner = open_unit("reload")
    learner.start()
    context.set_offline(True)
    for decide in decisions(learner)[:5]:
        decide()
    learner.scene("The cell")
    assert len(waiting_events(learner)) == 4
    context.route(EVENT, lambda route: route.abort())  # the page comes, and nothing else
    context.set_offline(False)
    learner.open()
    expect(learner.root.locator("h2")).to_have_text("Two lines")
    expect(learner.root.locator("[data-phrase]").first).to_be_visible()
    context.unroute(EVENT)
    learner.page.evaluate("dispatchEvent(new Event('online'))")
    learner.scene("The cell")
    learner.choose("In a hall")
    learner.press("Continue")
    learner.choose("Let them rest")
    end(learner)
    assert steps_told(learner) == 6


def test_lost_requests_and_lost_replies_double_nothing(open_unit: Callable[[str], Learner]) -> None:
    learner = open_unit("dropped")
    learner.start()
    lost = ["request", "reply", "none", "reply", "request", "reply", "none", "none", "reply"]
    dropped = []

    def drop(route: Route) -> None:
        kind = lost[len(dropped)] if len(dropped) < len(lost) else "none"
        dropped.append(kind)
        if kind == "reply":
            route.fetch()
        if kind == "none":
            route.continue_()
        else:
            route.abort()

    learner.page.route(EVENT, drop)
    for decide in decisions(learner):
        decide()
    for _ in lost:
        expect(said(learner)).not_to_have_text(re.compile("Saving"))
        if learner.root.get_by_role("button", name="Try again").count():
            learner.press("Try again")
    end(learner)
    assert len(dropped) >= len(lost)
    learner.page.unroute(EVENT)
    assert steps_told(learner) == 6


def test_of_two_windows_that_part_ways_the_later_is_told_and_keeps_its_words(
    open_unit: Callable[[str], Learner], base: str, browser: Browser, context: BrowserContext
) -> None:
    one = open_unit("apart")
    one.start()
    # Another browser of the same learner: it has a network of its own.
    elsewhere = browser.new_context(storage_state=context.storage_state())
    other = Learner(elsewhere.new_page(), base, "apart", PHONE)
    other.open()
    context.set_offline(True)
    for decide in decisions(one)[:4]:
        decide()
    other.spot("The captain has them")
    other.choose("Mr Ken", "Guessing")
    expect(said(other)).to_contain_text("Saved")
    context.set_offline(False)
    expect(one.root.locator(".cw-notice").first).to_be_visible()
    expect(one.root.locator("textarea")).to_be_visible()
    kept = one.root.locator("details", has_text="kept")
    kept.locator("summary").click()
    expect(kept.get_by_text(WORDS)).to_be_visible()
    other.press("Continue")
    other.write("The first to arrive.")
    judge(other)
    other.scene("The cell")
    elsewhere.close()


def test_a_server_that_goes_away_and_comes_back_loses_nothing(
    servers: Servers, package: Path, page: Page, tmp_path: Path
) -> None:
    base = servers.start([package], tmp_path)
    learner = Learner(page, base, "offline", PHONE)
    learner.open()
    learner.start()
    decide = decisions(learner)
    decide[0]()
    expect(said(learner)).to_contain_text("Saved")
    servers.stop(base)
    for one in decide[1:]:
        one()
    expect(said(learner)).to_contain_text("Try again")
    again = servers.start([package], tmp_path, port=int(base.rpartition(":")[2]))
    assert again == base
    learner.press("Try again")
    end(learner)
    assert steps_told(learner) == 6
    servers.stop(base)


@pytest.mark.parametrize("fault", ["QuotaExceededError", "SecurityError"])
def test_a_browser_that_keeps_nothing_plays_all_the_same(
    open_unit: Callable[[str], Learner], page: Page, fault: str
) -> None:
    page.add_init_script(f"Storage.prototype.setItem = () => {{ throw new DOMException('', '{fault}') }}")
    learner = open_unit(fault)
    learner.start()
    for decide in decisions(learner):
        decide()
    end(learner)
    assert steps_told(learner) == 6


def test_a_step_does_not_wait_for_the_network(open_unit: Callable[[str], Learner], page: Page) -> None:
    learner = open_unit("slow")
    learner.start()
    waiting: list[Route] = []
    slow = True
    page.route(EVENT, lambda route: waiting.append(route) if slow else route.continue_())
    for decide in decisions(learner)[:5]:
        decide()
    learner.scene("The cell")
    assert len(waiting) == 1, "they go one after the other"
    slow = False
    waiting[0].continue_()
    expect(said(learner)).to_contain_text("Saved")
    assert len({one["id"] for one in learner.sent}) == 4
    assert all(one["held"] is not None for one in learner.sent), "no whole view was asked for"


def test_a_case_without_a_road_goes_a_step_at_a_time(
    open_unit: Callable[[str], Learner], context: BrowserContext
) -> None:
    learner = open_unit("stepwise")
    learner.start()
    context.set_offline(True)
    learner.spot("The captain has them")
    expect(said(learner)).to_contain_text("Try again")
    expect(learner.root.locator(".cw-ask").first).to_have_text("Mark what should make you stop.")
    context.set_offline(False)
    expect(learner.root.locator(".cw-ask").first).to_have_text("Who interprets?")


def test_what_travels_ahead_tells_nothing(open_unit: Callable[[str], Learner], page: Page) -> None:
    told: list[str] = []
    page.on("response", lambda answer: told.append(answer.text()) if "/handler/" in answer.url else None)
    learner = open_unit("quiet")
    learner.start()
    learner.spot("The captain has them")
    expect(said(learner)).to_contain_text("Saved")
    assert told
    for word in (
        "A person says what",
        "cannot use the other",
        "protective",
        '"role"',
        '"points"',
        "indicator:",
        "decoy:",
    ):
        assert not any(word in one for one in told), word
