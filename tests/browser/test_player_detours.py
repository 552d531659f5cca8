"""The player in a real browser where things go another way: refused, forgotten, paused, without storage, in Thai."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Request, Route, expect

from preview import sample

pytestmark = pytest.mark.browser

COURSE = "course-v1:Casework+TH+en"
PHONE, WIDE, NARROW = 360, 1060, 320
THAI = "เขาเป็นหนี้ที่ไม่มีใครบอกยอดได้"
CASE = """<case id="pier" lang="{lang}" start="yard" review="draft">
<title>{title}</title><practise>Seeing who may be a victim.</practise><care>This case speaks of debt.</care>
<indicator id="papers" from="ilo" strength="strong">Papers held</indicator>
<indicator id="debt" from="ilo" strength="strong">A debt</indicator>
<document id="note" kind="conversation"><title>Notes, 16:50</title>
<part by="You">Who keeps your papers?</part>
<part by="Tun">[The captain has them all in a tin.](indicator:papers) [He gives us rice.](decoy:rice)</part>
<part by="Tun">[{thai}](indicator:debt)</part></document>
<document id="record" kind="record"><title>Arrest record</title><part by="Place">Fuel pier.</part></document>
<scene id="yard"><title>Two lines</title><text>It is 15:40.

**Sergeant Maya:** "He works for the agent."</text><open document="note"/><summary>Eleven men are held.</summary>
<spot id="look" document="note" points="4"><ask>Mark what should make you stop.</ask></spot>
<choose id="who" confidence="yes"><ask>Who interprets?</ask>
<option id="ken" role="harmful" go="lines"><text>Mr Ken, for all of them at once, right now.</text>
<reply>He turns a chair round.</reply><why>He is the agent's man.</why></option>
<option id="lin" role="key" points="2" go="lines"><text>Somebody who owes nothing to the agent.</text>
<reply>She comes within the hour.</reply><why>A person says what the controller can hear.</why></option>
<option id="wait" role="ok" points="1" if="found(debt)" go="lines"><closed>Nobody has offered.</closed>
<text>The inspector, by telephone, tomorrow.</text><reply>She waits.</reply></option></choose></scene>
<scene id="lines"><title>Twelve lines</title><text>The prosecutor has a pen.</text><open document="record"/>
<summary>Reasons are asked for.</summary>
<write id="why" rubric="reasons" minimum="5"><ask>Write what you send him.</ask><practised>A debt.</practised></write>
<judge id="paper"><claim>The charge should wait.</claim><news>A signed paper.</news><ask>How does it change it?</ask></judge>
<go to="cell"/></scene>
<scene id="cell"><title>The cell</title><text>The door is open.</text><summary>They need a bed.</summary>
<choose id="bed"><ask>Where do they sleep?</ask>
<option id="hall" role="key" go="night"><text>In a hall they can leave when they want to.</text>
<reply>They have keys.</reply></option>
<option id="here" role="weak" go="night"><text>Here in this place, with the doors of the cells open.</text>
<reply>The door stays open.</reply></option>
</choose></scene>
<scene id="night"><title>Night</title><text>It is late.</text><summary>It is late.</summary>
<choose id="end"><ask>And now?</ask>
<option id="rest" role="ok" go="good"><text>Let them rest until the morning.</text><reply>They rest.</reply></option>
<option id="ask" role="weak" go="good"><text>Ask them once more, all together.</text><reply>They nod.</reply></option>
</choose></scene>
<ending id="good" outcome="partly"><title>The charges wait</title><text>They wait.</text></ending>
<rubric id="reasons"><row id="facts"><text>Names facts</text><level points="0">Not yet</level>
<level points="2">Clearly</level></row></rubric>
<panel task="who"><opinion by="Prosecutor" option="lin">I cannot use the other.</opinion>
<opinion by="Social worker" option="ken">It is quick.</opinion></panel>
<panel task="paper"><opinion by="Prosecutor" value="2">It is evidence.</opinion></panel></case>"""
ALL = CASE.format(lang="en", title="Eleven men", thai="I can go when the money is finished.")
IN_THAI = CASE.format(lang="th", title="ชายสิบเอ็ดคน", thai=THAI).replace("It is 15:40.", THAI * 4)
# One unit for each test, since a learner's attempt stays.
UNITS = ["double", "refused", "file", "pause", "forbidden", "courseware", "resend", "late", "closed"]
OVER = "The time for this case has ended."


@pytest.fixture(scope="session")
def player_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    content = sample.english()
    units = {**dict.fromkeys(UNITS, ALL), "thai": IN_THAI, "narrow": IN_THAI}
    verticals = "".join(f'<vertical url_name="{name}"/>' for name in units)
    content["sequential/l-offender.xml"] = (
        f'<sequential display_name="Cases" graded="true" format="Lesson">{verticals}</sequential>'
    )
    for name, case in units.items():
        content[f"vertical/{name}.xml"] = (
            f'<vertical display_name="{name}"><casework-case url_name="case-{name}" display_name="Case">{case}'
            "</casework-case></vertical>"
        )
    return sample.write(tmp_path_factory.mktemp("player") / "player.tar.gz", content)


@pytest.fixture(scope="module")
def base(serve_packages: Callable[..., str], player_package: Path) -> str:
    return serve_packages([player_package])


@pytest.fixture
def errors(page: Page) -> Iterator[list[str]]:
    """No script fails in any test, whatever else happens."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    yield found
    assert found == []


@pytest.fixture
def case(base: str, page: Page, errors: list[str]) -> Callable[..., Learner]:
    def open_unit(name: str, width: int = WIDE) -> Learner:
        learner = Learner(page, base, name, width)
        learner.open()
        return learner

    return open_unit


class Learner:
    """A learner at one unit, as the document that a course frames."""

    def __init__(self, page: Page, base: str, unit: str, width: int) -> None:
        self.page = page
        self.address = f"{base}/unit/block-v1:{COURSE.removeprefix('course-v1:')}+type@vertical+block@{unit}/"
        self.sent: list[dict[str, object]] = []
        page.on("request", self._sees)
        page.set_viewport_size({"width": width, "height": 780})
        page.emulate_media(reduced_motion="reduce")  # axe would measure colours half faded in

    def _sees(self, request: Request) -> None:
        if re.search(r"/event/?$", request.url):
            self.sent.append(json.loads(request.post_data or "{}"))

    def open(self) -> None:
        self.page.goto(self.address)
        expect(self.page.locator(".cw h2")).to_be_visible()

    @property
    def root(self) -> Locator:
        return self.page.locator(".casework-case")

    @property
    def go(self) -> Locator:
        return self.root.locator(".cw-go:visible")

    def press(self, name: str) -> None:
        self.root.get_by_role("button", name=name, exact=True).click()

    def press_early(self) -> None:
        """Press what says that it is disabled; it must tell why."""
        self.go.click(force=True)

    def start(self) -> None:
        self.press("Start the case")
        expect(self.root.locator(".cw-task")).to_be_visible()

    def phrase(self, words: str) -> Locator:
        return self.root.get_by_role("button", name=words)

    def spot(self, *words: str) -> None:
        for one in words:
            self.phrase(one).click()
        self.press("Done marking")

    def choose(self, words: str, sure: str = "") -> None:
        self.root.locator(".cw-opt", has_text=words).click()
        if sure:
            self.root.get_by_text(sure, exact=True).click()
        self.press("Decide")

    def write(self, words: str) -> None:
        self.root.locator("textarea").fill(words)
        self.press("Send the answer")

    def scene(self, title: str) -> None:
        expect(self.root.locator("h2")).to_have_text(title)

    def to_the_writing(self) -> None:
        self.start()
        self.spot("The captain has them")
        self.choose("Somebody who owes", "Certain")
        self.press("Continue")
        self.scene("Twelve lines")

    def kept(self) -> list[str]:
        """What lies in this browser's storage."""
        return list(self.page.evaluate("Object.keys(localStorage).filter((one) => one.startsWith('casework:'))"))

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.textContent.trim()"))


def looks_right(learner: Learner) -> None:
    """No fault of accessibility, and nothing to scroll sideways, down to 320 px."""
    found = Axe().run(learner.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
    faults = [
        (one["id"], [node["html"][:200] for node in one["nodes"]])
        for one in found.response["violations"]
        if any(".cw" in str(node["target"]) or "cw-" in node["html"] for node in one["nodes"])
    ]
    assert faults == []
    size = learner.page.viewport_size
    assert size is not None
    for width in {size["width"], NARROW}:
        learner.page.set_viewport_size({"width": width, "height": size["height"]})
        assert learner.page.evaluate("document.documentElement.scrollWidth") <= width
    learner.page.set_viewport_size(size)


def test_a_double_click_sends_one_event_and_presses_nothing_that_comes_after_it(case: Callable[..., Learner]) -> None:
    learner = case("double")
    learner.start()
    learner.phrase("The captain has them").dblclick()
    expect(learner.phrase("The captain has them")).to_have_attribute("aria-pressed", "true")
    learner.root.get_by_role("button", name="Done marking").dblclick()
    expect(learner.root.locator(".cw-ask")).to_have_text("Who interprets?")
    learner.root.locator(".cw-opt", has_text="Somebody who owes").click()
    learner.root.get_by_text("Certain", exact=True).click()
    learner.go.dblclick()
    expect(learner.root.locator(".cw-reply")).to_be_visible()
    assert [event["sure"] for event in learner.sent] == [None, 2]
    assert all(re.fullmatch("[0-9]+(-[0-9]+){3}", str(event["id"])) for event in learner.sent)


def test_a_refused_answer_brings_the_case_as_it_stands(case: Callable[..., Learner]) -> None:
    learner = case("refused")
    learner.to_the_writing()

    def refuse(route: Route) -> None:
        route.fulfill(status=409, json={"error": {"code": "refused", "message": "no"}})

    learner.page.route("**/event**", refuse)
    learner.write("Mine all the same.")
    expect(learner.root.locator(".cw-notice")).to_contain_text("This page was out of date.")
    expect(learner.root.locator("textarea")).to_have_value("Mine all the same.")


def test_what_the_server_has_lost_is_sent_again_from_the_oldest(case: Callable[..., Learner]) -> None:
    learner = case("resend")
    learner.to_the_writing()
    learner.sent.clear()
    asked: list[str] = []

    def forget(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or "{}")["id"])
        answer = route.fetch()
        view = answer.json()
        if len(asked) == 1:
            view["result"] = "resend"
        route.fulfill(response=answer, json=view)

    learner.page.route("**/event**", forget)
    learner.write("The third answer.")
    expect(learner.root.locator(".cw-opt")).to_have_count(5)
    expect(learner.root.locator("[data-done=true]")).to_be_visible()
    assert len(asked) == 4
    assert asked[0] == asked[3], "after the first two, the third once more"


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_a_document_opens_in_the_page_and_closes_where_it_was_opened(case: Callable[..., Learner], width: int) -> None:
    learner = case("file", width)
    if learner.root.get_by_role("button", name="Start the case").count():
        learner.to_the_writing()
    if width == PHONE:
        learner.root.get_by_text("Case file · documents: 2 · new: 1").click()
    row = learner.root.locator(".cw-file button:visible", has_text="Arrest record")
    expect(row).to_contain_text("new")
    row.click()
    expect(learner.root.locator(".cw-slot")).to_contain_text("Fuel pier.")
    assert learner.focused().startswith("Arrest record")
    looks_right(learner)
    learner.press("Close")
    expect(learner.root.locator(".cw-slot")).to_be_hidden()
    expect(row).to_be_focused()
    expect(row).to_contain_text("read")


def test_pause_puts_the_story_out_of_sight_and_brings_it_back(case: Callable[..., Learner]) -> None:
    learner = case("pause", PHONE)
    learner.to_the_writing()
    learner.root.locator("textarea").fill("Half a")
    learner.press("Pause")
    assert learner.focused() == "You can close this page."
    expect(learner.root.locator(".cw-task")).to_have_count(0)
    looks_right(learner)
    learner.press("Go on")
    assert learner.focused() == "Twelve lines"
    expect(learner.root.locator("textarea")).to_have_value("Half a")
    learner.press("Skip this scene")
    learner.press("Stay here")
    learner.write("Half a sentence more than before.")
    expect(learner.root.locator(".cw-opt")).to_have_count(5)


def test_a_browser_that_forbids_storage_plays_all_the_same(case: Callable[..., Learner], page: Page) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }});"
    )
    learner = case("forbidden")
    learner.to_the_writing()
    expect(learner.root).not_to_contain_text("is kept on this device")
    learner.write("No storage, no loss.")
    expect(learner.root.locator(".cw-opt")).to_have_count(5)


def test_the_courseware_around_it_does_not_reach_in(case: Callable[..., Learner]) -> None:
    learner = case("courseware")
    learner.start()
    measure = """() => [...document.querySelectorAll('.cw h2, .cw p, .cw button, .cw label, .cw legend')].map((one) => {
      const {fontSize, color, textTransform, boxShadow, marginBottom, letterSpacing} = getComputedStyle(one);
      return [fontSize, color, textTransform, boxShadow, marginBottom, letterSpacing].join();
    })"""
    before = learner.page.evaluate(measure)
    learner.page.add_style_tag(
        content="html{font-size:62.5%} body .course-wrapper p, .xblock p{margin-bottom:30px;color:red}"
        "body .xblock button:hover,.xblock button{box-shadow:0 0 9px red;text-transform:uppercase;font-size:9px}"
        ".xblock label{letter-spacing:3px} .xblock h2{color:red;font-size:60px}"
    )
    assert learner.page.evaluate(measure) == before


@pytest.mark.parametrize(("unit", "width"), [("thai", WIDE), ("narrow", NARROW)])
def test_a_thai_case_has_thai_buttons_and_room_for_its_marks(
    case: Callable[..., Learner], browser: Browser, unit: str, width: int
) -> None:
    learner = case(unit, width)
    expect(learner.root).to_have_attribute("lang", "th")
    expect(learner.go).to_have_text(re.compile("[ก-๙]"))
    looks_right(learner)
    learner.go.click()
    expect(learner.root.locator(".cw-task")).to_be_visible()
    looks_right(learner)
    height = learner.root.locator(".cw-text p").first.evaluate(
        "(one) => parseFloat(getComputedStyle(one).lineHeight) / parseFloat(getComputedStyle(one).fontSize)"
    )
    assert height == pytest.approx(1.8)


def close(page: Page) -> None:
    """The last day is over: nothing is taken, and the view says so."""

    def refuse(route: Route) -> None:
        route.fulfill(status=409, json={"error": {"code": "closed", "message": OVER}})

    def say(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "closed": OVER})

    page.route(re.compile(r"/(event|start)/?(\?.*)?$"), refuse)
    page.route(re.compile(r"/open/?(\?.*)?$"), say)


def test_after_the_last_day_no_attempt_is_offered(case: Callable[..., Learner]) -> None:
    learner = case("late")
    close(learner.page)
    learner.press("Start the case")
    expect(learner.root.locator(".cw-notice")).to_have_text(OVER)
    expect(learner.go).to_have_count(0)


def test_after_the_last_day_the_form_is_gone_and_the_case_can_be_read(case: Callable[..., Learner]) -> None:
    learner = case("closed")
    learner.start()
    learner.phrase("The captain has them").click()
    close(learner.page)
    learner.press("Done marking")
    expect(learner.root.locator(".cw-notice")).to_have_text(OVER)
    expect(learner.root.locator(".cw-text").first).to_contain_text("It is 15:40.")
    expect(learner.root.locator(".cw-task")).to_have_count(0)
    expect(learner.root.get_by_role("button", name="Skip this scene")).to_have_count(0)
    learner.root.locator(".cw-beside button").first.click()
    expect(learner.root.locator(".cw-slot .cw-doc")).to_be_visible()
    looks_right(learner)
