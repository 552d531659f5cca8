"""What the player promises beyond a play: the plan, the warning, the way out, pictures, print, and every kind of eyes."""

from __future__ import annotations

import base64
import io
import re
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, Locator, Page, Request, Route, ViewportSize, expect

from browser.playing import ROOT, Player, steps
from cases import WHOLE, sound
from casework.blocks.words import words
from casework.scenario import xml
from preview import sample
from servers import Servers

pytestmark = pytest.mark.browser

COURSE = "Casework+TH+en"
DESK: ViewportSize = {"width": 1130, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 780}
NARROW: ViewportSize = {"width": 320, "height": 640}
A4: dict[str, Any] = {"format": "A4", "margin": dict.fromkeys(("top", "right", "bottom", "left"), "1cm")}
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPj/HwADBwIAMCbHYQAAAABJRU5ErkJggg=="
EXIT = "https://www.wikipedia.org/"
ALTERNATIVE = "A pier at night, seen from the water"
TELEPHONE = "Call 081-234-5678 before the charge."
REASONS = (
    "The agent of the boat reported the men, and its captain holds their papers. One speaks of a debt that nobody can "
    "name. The charge follows from that, so I ask that it wait until each has been heard alone."
)
FULL = (
    WHOLE.replace('start="a"', f'start="a" exit="{EXIT}"')
    .replace("</care>", "</care>\n<help>Talk to **Noor**, on any day.</help>")
    .replace(
        "</part></document>",
        '</part></document><document id="photo" kind="image"><title>Photograph</title>'
        f'<image src="/static/pier.png">{ALTERNATIVE}</image></document>',
    )
    .replace('<open document="note"/>', '<open document="note"/><open document="photo"/>')
)
PEOPLE = {"woman": ("With Ana", "Ana"), "man": ("With Tun", "Tun")}
PAIR = WHOLE.replace(
    "</care>",
    "</care>"
    + "".join(
        f'<variant id="{name}"><title>{title}</title><word id="person">{person}</word></variant>'
        for name, (title, person) in PEOPLE.items()
    ),
).replace("<text>Text.</text>", "<text>{Person} waits here.</text>")
REAL = {"eleven-men-at-the-pier": "maximum", "the-boy-at-the-arcade": "maximum"}
# One unit for each test, since a learner's attempt stays.
UNITS = {
    **dict.fromkeys(
        (
            "plan",
            "data",
            "out",
            "frame",
            "seen",
            "light",
            "dark",
            "still",
            "moving",
            "large",
            "narrow",
            "largest",
            "names",
        ),
        FULL,
    ),
    "stay": WHOLE,
    "pair": PAIR,
    "my": FULL.replace('lang="en"', 'lang="my"', 1),
    "th": FULL.replace('lang="en"', 'lang="th"', 1),
    **{slug: (ROOT / "scenarios" / slug / "scenario.xml").read_text(encoding="utf-8") for slug in REAL},
}


class Served:
    """The server of this module, and the database file that it writes."""

    def __init__(self, base: str, database: Path) -> None:
        self.base, self.database = base, database

    def age(self, plan: str, created: datetime) -> None:
        """As if the learner had kept this plan then."""
        with sqlite3.connect(self.database, timeout=20) as connection:
            done = connection.execute(
                "UPDATE casework_review_answer SET created = ? WHERE task = '' AND text = ?",
                (created.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"), plan),
            )
        connection.close()
        assert done.rowcount == 1


@pytest.fixture(scope="module")
def served(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Served:
    folder = tmp_path_factory.mktemp("whole")
    files = sample.english()
    names = "".join(f'<vertical url_name="{name}"/>' for name in UNITS)
    files["sequential/l-boys.xml"] = (
        f'<sequential display_name="Cases" graded="true" format="Lesson">{names}</sequential>'
    )
    for name, case in UNITS.items():
        block = f'<casework-case url_name="case-{name}" display_name="Case">{xml.canonical(xml.tree(case, name))}'
        files[f"vertical/{name}.xml"] = f'<vertical display_name="{name}">{block}</casework-case></vertical>'
    pictures = {"pier.png": base64.b64decode(PNG)}
    for slug in REAL:
        pictures |= {one.name: one.read_bytes() for one in (ROOT / "scenarios" / slug / "static").iterdir()}
    package = with_pictures(sample.write(folder / "text.tar.gz", files), folder / "whole.tar.gz", pictures)
    return Served(servers.start([package], folder), folder / "var" / "preview.sqlite3")


def with_pictures(package: Path, to: Path, pictures: dict[str, bytes]) -> Path:
    """The package with these files in its `static/`."""
    with tarfile.open(package) as old, tarfile.open(to, "w:gz") as new:
        for member in old:
            new.addfile(member, old.extractfile(member))
        for name, raw in pictures.items():
            member = tarfile.TarInfo(f"course/static/{name}")
            member.size = len(raw)
            new.addfile(member, io.BytesIO(raw))
    return to


class Learner:
    """A learner at one unit, in a browser of their own. `where` is the document that holds the player."""

    def __init__(self, page: Page, served: Served, unit: str, lang: str = "en") -> None:
        self.page, self.served, self.unit, self.say = page, served, unit, words(lang)
        self.where: Frame = page.main_frame
        self.sent: list[str] = []
        page.on("request", self._note)
        self.open()

    def _note(self, request: Request) -> None:
        if request.method == "POST" and (found := re.search("/(event|plan|start)/?$", request.url)):
            self.sent.append(found[1])

    @property
    def address(self) -> str:
        return f"{self.served.base}/unit/block-v1:{COURSE}+type@vertical+block@{self.unit}/"

    def open(self) -> None:
        self.page.goto(self.address)
        expect(self.root.locator("h2")).to_be_visible()

    @property
    def root(self) -> Locator:
        return self.where.locator(".cw")

    def button(self, key: str) -> Locator:
        return self.where.get_by_role("button", name=self.say[key], exact=True)

    def press(self, key: str) -> None:
        self.button(key).click()

    def start(self) -> None:
        self.press("start")
        expect(self.root.locator(".cw-task")).to_be_visible()

    def spot(self) -> None:
        self.where.get_by_role("button", name="a debt", exact=True).click()
        self.press("done_marking")

    def pick(self, option: str) -> None:
        self.root.locator(".cw-opt", has_text=f"Do {option} now.").click()

    def choose(self, option: str = "ask") -> None:
        self.pick(option)
        sure = self.root.locator(".cw-sure label")
        if sure.count():
            sure.nth(2).click()
        self.press("decide")
        self.press("continue")

    def to_the_writing(self, option: str = "ask") -> None:
        self.start()
        self.spot()
        self.choose(option)
        expect(self.root.locator("textarea")).to_be_visible()

    def write(self, text: str = REASONS) -> None:
        self.root.locator("textarea").fill(text)
        self.press("send")

    def judge(self) -> None:
        self.where.get_by_label(self.say["judge_0"]).check()
        self.press("decide")

    def finish(self, text: str = REASONS) -> None:
        self.write(text)
        self.judge()
        expect(self.debrief).to_be_visible()

    @property
    def debrief(self) -> Locator:
        return self.root.locator(".cw-debrief").first

    @property
    def plan(self) -> Locator:
        return self.where.get_by_label(self.say["plan"])

    @property
    def heard(self) -> Locator:
        return self.where.get_by_role("status")

    def keep_plan(self, text: str) -> None:
        self.plan.fill(text)
        self.press("plan_keep")
        expect(self.heard).to_have_text(self.say["saved"])


Open = Callable[..., Learner]


@pytest.fixture
def learner(browser: Browser, served: Served) -> Iterator[Open]:
    """`learner(unit, viewport, lang, **of the context)`: the unit, open. No script may fail."""
    contexts, faults = [], []

    def opened(unit: str, viewport: ViewportSize = PHONE, lang: str = "en", script: str = "", **facts: Any) -> Learner:
        context = browser.new_context(viewport=viewport, timezone_id="UTC", **facts)
        contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return Learner(page, served, unit, lang)

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


# -- what is written ----------------------------------------------------------------------------------------------------


def test_a_plan_is_kept_and_comes_back_after_two_weeks(learner: Open, served: Served) -> None:
    one = learner("plan", DESK)
    one.to_the_writing()
    one.finish()

    one.plan.fill(TELEPHONE)
    one.open()
    expect(one.plan).to_have_value(TELEPHONE)  # a draft
    one.press("plan_keep")
    expect(one.heard).to_contain_text("081-234-5678")
    assert "plan" not in one.sent
    one.press("plan_keep")
    expect(one.heard).to_have_text("Saved")
    assert one.sent.count("plan") == 1

    plan = "Ask who holds the papers before I write the charge, and hear each of them alone."
    one.keep_plan(plan)
    assert one.page.evaluate("Object.keys(localStorage).filter((key) => key.includes('plan'))") == []
    one.open()
    expect(one.plan).to_have_value(plan)
    head = one.root.locator("header.cw-head .cw-notice")
    expect(head).to_have_count(0)

    served.age(plan, datetime.now(UTC) - timedelta(days=13, hours=23))
    one.open()
    expect(head).to_have_count(0)
    served.age(plan, datetime(2026, 3, 9, 10, tzinfo=UTC))
    one.open()
    expect(head).to_contain_text("On March 9, 2026 you wrote")
    expect(head.locator(".cw-own")).to_have_text(plan)
    for size in (DESK, NARROW):
        one.page.set_viewport_size(size)
        said, note = head.locator(".cw-own").bounding_box(), head.bounding_box()
        assert said is not None
        assert note is not None
        assert said["width"] > note["width"] * 0.8, "squeezed"
        assert said["y"] > (head.locator("b").bounding_box() or said)["y"], "beside its heading"
        assert note["width"] > size["width"] * 0.8


def test_personal_data_is_asked_about_once_and_not_sent_meanwhile(learner: Open) -> None:
    one = learner("data")
    one.to_the_writing()
    one.sent.clear()
    for found in ("081-234-5678", "+66 81 234 5678", "๐๘๑-๒๓๔-๕๖๗๘", "AB1234567", "noor@example.org"):
        one.write(f"Her own words, written down: {found} and nothing more.")
        expect(one.heard).to_contain_text(f"“{found}”")
        expect(one.root.locator(".cw-task > p:visible", has_text=found)).to_have_count(1)
        assert one.sent == []
    one.press("send")
    expect(one.where.get_by_label(one.say["judge_0"])).to_be_visible()
    assert one.sent == ["event"]
    one.judge()
    expect(one.debrief).to_contain_text("noor@example.org")

    one.press("play_again")
    expect(one.root.locator(".cw-task")).to_be_visible()
    one.spot()
    one.choose()
    one.sent.clear()
    dated = "Heard on 2026-11-24 at 15:40, again on 25-11-2026 and 26/11/2026; eleven men, 16 lines, 4,500 owed."
    one.write(dated)
    expect(one.where.get_by_label(one.say["judge_0"])).to_be_visible()
    assert one.sent == ["event"]


# -- the way out --------------------------------------------------------------------------------------------------------


def elsewhere(page: Page) -> None:
    page.route(
        EXIT + "**", lambda route: route.fulfill(content_type="text/html", body="<title>Elsewhere</title><p>Elsewhere.")
    )


def cut(route: Route) -> None:
    route.abort()


def kept(where: Page | Frame) -> list[str]:
    found: list[str] = where.evaluate("Object.keys(localStorage).filter((one) => one.startsWith('casework:'))")
    return found


def test_the_way_out_clears_what_the_browser_keeps(learner: Open) -> None:
    one = learner("out")
    expect(one.root).to_contain_text("clears what this device keeps")
    expect(one.root).to_contain_text("Talk to Noor, on any day.")
    one.to_the_writing()
    one.root.locator("textarea").fill("half a sentence")
    one.page.route(re.compile("/event/?$"), cut)
    one.press("send")
    expect(one.root.locator(".cw-foot")).to_contain_text("Not sent")
    one.page.evaluate("localStorage.setItem('other', 'stays')")
    assert {key.split(":")[2] for key in kept(one.page)} == {"draft", "event"}
    elsewhere(one.page)
    one.press("exit")
    one.page.wait_for_url(EXIT)
    expect(one.page.get_by_text("Elsewhere.")).to_be_visible()
    one.page.goto(one.served.base)
    assert kept(one.page) == []
    assert one.page.evaluate("localStorage.other") == "stays"


def test_the_way_out_leads_out_of_the_frame_too(learner: Open) -> None:
    one = learner("frame")
    one.page.goto(f"{one.served.base}/course/course-v1:{COURSE}/unit/{one.unit}/")
    handle = one.page.wait_for_selector("iframe#unit")
    frame = handle.content_frame() if handle else None
    assert frame is not None
    frame.wait_for_load_state()
    one.where = frame
    one.start()
    one.where.get_by_role("button", name="a debt", exact=True).click()
    assert len(kept(frame)) == 1
    elsewhere(one.page)
    one.press("exit")
    one.page.wait_for_url(EXIT)
    one.page.goto(one.served.base)
    assert kept(one.page) == []


def test_a_case_without_an_address_has_no_way_out(learner: Open) -> None:
    one = learner("stay")
    expect(one.button("start")).to_be_visible()
    expect(one.button("exit")).to_have_count(0)
    expect(one.root).not_to_contain_text(one.say["exit"])
    expect(one.root).to_contain_text(one.say["help_near"])
    one.start()
    expect(one.button("exit")).to_have_count(0)


# -- pictures -----------------------------------------------------------------------------------------------------------


def no_wider(one: Learner) -> None:
    wide = one.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "the unit scrolls sideways"


def test_a_picture_is_told_and_fits_and_the_way_is_drawn(learner: Open) -> None:
    one = learner("seen", NARROW)
    one.start()
    one.root.get_by_text("Case file · documents: 2").click()
    one.root.locator(".cw-narrow button", has_text="Photograph").click()
    image = one.where.get_by_role("img", name=ALTERNATIVE)
    expect(image).to_be_visible()
    expect(one.root.locator(".cw-slot .cw-doc small")).to_have_text("Picture")
    one.page.wait_for_function("document.querySelector('.cw-doc img').naturalWidth > 0")
    # As if it were a large one.
    image.evaluate("async (img) => { img.width = 3000; await img.decode(); }")
    box = image.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= NARROW["width"]
    no_wider(one)

    one.spot()
    one.choose("send")
    one.write()
    one.judge()
    one.choose("back")
    expect(one.debrief).to_be_visible()
    way = one.where.locator("section:has(> .cw-way)")
    count = way.locator(".cw-way > li").count()
    assert count == 5
    for size, shown in ((DESK, "wide"), (PHONE, "up")):
        one.page.set_viewport_size(size)
        maps = way.locator(".cw-map:visible")
        expect(maps).to_have_count(1)
        expect(maps).to_have_class(f"cw-map cw-{shown}")
        picture = maps.locator("svg")
        drawn = picture.bounding_box()
        assert drawn is not None
        assert (drawn["width"] > drawn["height"]) == (shown == "wide")
        shapes = picture.locator("rect.own, circle.own, .harm")
        assert shapes.count() == count + 1, "the steps of the list, and where they ended"
        expect(picture.locator(".harm")).to_have_count(1)
        assert picture.locator("text").all_text_contents() == [str(number) for number in range(1, count + 1)]
        assert picture.locator("path.left").count() > 0
        expect(picture).to_have_attribute("aria-hidden", "true")
        told = way.aria_snapshot()
        assert told.count("listitem") == count
        assert "img" not in told
        no_wider(one)


# -- the same facts, another person -------------------------------------------------------------------------------------


def test_two_persons_are_played_one_after_the_other_and_compared(learner: Open) -> None:
    one = learner("pair", DESK)
    titles = [title for title, _ in PEOPLE.values()]

    def told(option: str) -> str:
        """Plays to the end; the name that was used."""
        expect(one.root.locator(".cw-task")).to_be_visible()
        said = one.root.locator(".cw-main > .cw-text").first.inner_text()
        assert not any(title in one.page.content() for title in titles)
        one.spot()
        one.choose(option)
        assert not any(title in one.page.content() for title in titles)
        one.finish()
        return said.removesuffix(" waits here.")

    assert not any(title in one.page.content() for title in titles)
    one.press("start")
    first = told("ask")
    assert not any(title in one.page.content() for title in titles), "the other is still to be played"
    rest = one.root.locator("details.cw-rest")
    expect(rest).not_to_have_attribute("open", "")
    expect(one.root.get_by_text("Because ask.")).to_be_hidden()
    rest.locator("> summary").click()
    expect(one.root.get_by_text("Because ask.").first).to_be_visible()
    expect(one.button("play_again")).to_have_count(0)

    one.press("other")
    second = told("doubt")
    assert {first, second} == {person for _, person in PEOPLE.values()}
    expect(one.button("other")).to_have_count(0)
    expect(one.button("play_again")).to_be_visible()
    sides = one.where.locator("section", has=one.where.get_by_role("heading", name=one.say["compared"])).last
    endings, pair = sides.locator(".cw-note.cw-pair > div"), sides.locator(".cw-step .cw-pair > div")
    expect(endings).to_have_count(2)
    expect(pair).to_have_count(2)
    for cell, (title, _) in zip(endings.all(), PEOPLE.values(), strict=True):
        expect(cell).to_contain_text(re.compile(f"{re.escape(title)}.+"))
    decided = {first: "Do ask now.", second: "Do doubt now."}
    for cell, (title, person) in zip(pair.all(), PEOPLE.values(), strict=True):
        expect(cell.locator("> b")).to_have_text(title)
        expect(cell).to_contain_text(decided[person])
    left, right = (cell.bounding_box() for cell in pair.all())
    assert left is not None
    assert right is not None
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]


# -- paper --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", REAL)
def test_a_debrief_fills_two_sheets_at_most(learner: Open, slug: str) -> None:
    one = learner(slug, DESK)
    player = Player(one.where, sound(UNITS[slug]))
    player.start()
    for task, answer in steps(slug, REAL[slug]):
        player.answer(task, answer, REASONS)
        player.go_on()
    expect(one.debrief).to_be_visible()
    one.keep_plan("Ask who holds the papers before I write the charge, and hear each of them alone.")
    assert len(re.findall(rb"/Type\s*/Page[^s]", one.page.pdf(**A4))) in (1, 2)


# -- every kind of eyes -------------------------------------------------------------------------------------------------


# Axe reads a colour that a browser with forced colours does not paint, so this looks for itself.
FAINT = """() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[0-9.]+/g).map((n) => n / 255)
      .map((n) => n <= .03928 ? n / 12.92 : ((n + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const clear = (colour) => /^rgba.*, 0\\)$/.test(colour);
  const ground = (one) => {
    const colour = one ? getComputedStyle(one).backgroundColor : window.canvas;
    return clear(colour) ? ground(one.parentElement) : colour;
  };
  window.canvas = getComputedStyle(document.body.appendChild(Object.assign(document.createElement('i'),
    {style: 'background:Canvas'}))).backgroundColor;
  const seen = (one) => one.checkVisibility() && one.getBoundingClientRect().width > 1;
  const least = [];
  for (const one of [...document.querySelectorAll('.cw *')].filter(seen)) {
    const style = getComputedStyle(one);
    const words = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const drawn = one instanceof SVGElement;
    const colours = words ? [drawn ? style.fill : style.color]
      : drawn && one.localName !== 'svg' ? [style.stroke, style.fill].filter((colour) => colour !== 'none')
      : one.dataset.kind ? [style.backgroundColor, ...(parseFloat(style.borderTopWidth) ? [style.borderTopColor] : [])] : [];
    if (!colours.length) continue;
    const on = light(ground(one.dataset.kind ? one.parentElement : one));
    const most = Math.max(...colours.map(light).map((one) => (Math.max(one, on) + .05) / (Math.min(one, on) + .05)));
    if (most < (words ? 4.5 : 3)) least.push(`${most.toFixed(1)} ${one.outerHTML.slice(0, 99)}`);
  }
  return least;
}"""


def told_apart(one: Learner) -> None:
    """Nothing faulty for axe, and no word or shape nearly of the colour that it stands on."""
    one.page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished)).then(() => null)")
    found = Axe().run(one.page, context=".casework-case", options={"rules": {"color-contrast": {"enabled": False}}})
    assert found.violations_count == 0, found.generate_report()
    assert one.page.evaluate(FAINT) == []


LOOKS = """(one) => [getComputedStyle(one), getComputedStyle(one, '::before')].map((style) => [style.content,
  ...['Top', 'Bottom'].map((side) => [style[`border${side}Style`], style[`border${side}Width`]]), style.outlineStyle]).join()"""


def differ(a: Locator, b: Locator) -> None:
    """By more than colour."""
    assert a.evaluate(LOOKS) != b.evaluate(LOOKS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_leave_everything_to_be_told_apart(learner: Open, scheme: str) -> None:
    one = learner(scheme, DESK, forced_colors="active", color_scheme=scheme)
    told_apart(one)
    one.start()
    pressed = one.where.get_by_role("button", name="a debt", exact=True)
    pressed.click()
    differ(pressed, one.where.get_by_role("button", name="rice", exact=True))
    told_apart(one)
    one.press("done_marking")
    one.pick("send")
    one.root.locator(".cw-sure label").nth(2).click()
    # The browser draws its own mark in a radio button; else a chosen one must look different by more than its ground.
    assert one.root.locator(".cw-opt input").first.evaluate("(one) => getComputedStyle(one).appearance") != "none"
    differ(one.root.locator(".cw-sure span").nth(2), one.root.locator(".cw-sure span").nth(0))
    told_apart(one)
    one.press("decide")
    one.press("continue")
    one.write()
    one.judge()
    one.choose("back")
    expect(one.debrief).to_be_visible()
    steps_of = one.root.locator(".cw-step > ul > li")
    done = one.root.locator(".cw-way i").first
    full = done.evaluate("(one) => getComputedStyle(one).backgroundColor")
    # A skipped scene is hollow.
    assert (
        done.evaluate("(one) => { one.dataset.kind = 'skip'; return getComputedStyle(one).backgroundColor; }") != full
    )
    differ(one.root.locator("li[data-mine=true]").first, steps_of.filter(has_not=one.where.locator("b")).first)
    told_apart(one)


COUNT = "window.moved = 0; addEventListener('animationstart', () => window.moved++, true);"


@pytest.mark.parametrize(("unit", "wish"), [("still", "reduce"), ("moving", "no-preference")])
def test_nothing_moves_for_whoever_does_not_want_it(learner: Open, unit: str, wish: str) -> None:
    one = learner(unit, script=COUNT, reduced_motion=wish)
    one.start()
    if wish == "reduce":
        assert one.page.evaluate("document.getAnimations().length") == 0
    one.spot()
    one.choose()
    one.finish()
    one.page.wait_for_timeout(100)  # a frame or two, in which one would start
    assert one.page.evaluate("document.getAnimations().length") == 0 or wish == "no-preference"
    assert (one.page.evaluate("window.moved") > 0) == (wish == "no-preference")


CLIPPED = """[...document.querySelectorAll('.cw :is(button, summary, label, [role=button], legend)')].filter((one) =>
  one.clientWidth && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1))
  .map((one) => one.textContent)"""
# A word is broken where it would not fit unbroken.
BROKEN = """[...document.querySelectorAll('.cw .cw-top p')].filter((one) => {
  one.style.overflowWrap = 'normal';
  const broken = one.scrollWidth > one.clientWidth + 1;
  one.style.overflowWrap = '';
  return broken;
}).map((one) => one.textContent)"""


def fits(one: Learner) -> None:
    no_wider(one)
    assert one.page.evaluate(CLIPPED) == []
    assert one.page.evaluate(BROKEN) == []


@pytest.mark.parametrize(
    ("unit", "width", "percent"), [("large", 640, 200), ("narrow", 320, 100), ("largest", 320, 200)]
)
def test_large_letters_and_a_small_screen_clip_nothing(learner: Open, unit: str, width: int, percent: int) -> None:
    one = learner(unit, {"width": width, "height": 800})
    one.page.add_style_tag(content=f"html{{font-size:{percent}%}}")
    assert one.root.evaluate("(one) => getComputedStyle(one).fontSize") == f"{17 * percent // 100}px"
    fits(one)
    one.start()
    fits(one)
    one.spot()
    expect(one.root.locator(".cw-sure")).to_be_visible()
    fits(one)
    one.choose()
    expect(one.root.locator("textarea")).to_be_visible()
    fits(one)
    one.press("pause")
    fits(one)
    one.press("go_on")
    one.finish()
    for fold in one.root.locator("details > summary").all():
        fold.click()
    fits(one)


def test_a_whole_case_by_names_alone(learner: Open) -> None:
    one = learner("names")
    page, say = one.page, one.say
    tree = page.context.new_cdp_session(page)

    def named(*roles: str) -> str:
        """The name of what has the focus, or "" where it has none; it has one of these roles, if any are given."""
        for node in tree.send("Accessibility.getFullAXTree")["nodes"]:
            flags = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
            role, name = node["role"]["value"], node.get("name", {}).get("value", "")
            if flags.get("focused") and role not in {"RootWebArea", "WebArea"}:
                assert name or role in {"heading", "region"}, f"{role} without a name has the focus"
                assert not roles or role in roles, f"{role} “{name}” has the focus"
                return str(name)
        raise AssertionError("nothing has the focus")

    def hears(said: str) -> None:
        expect(page.get_by_role("status")).to_have_text(said)

    def press(key: str) -> None:
        page.get_by_role("button", name=say[key], exact=True).press("Enter")

    expect(page.get_by_role("region", name="Small")).to_be_visible()
    press("start")
    expect(page.get_by_role("heading", name="a", exact=True)).to_be_focused()
    assert named("heading") == "a"
    hears(say["saved"])
    page.get_by_role("button", name="a debt", exact=True).press("Space")
    expect(page.get_by_role("button", name="a debt", exact=True, pressed=True)).to_be_focused()
    assert named("button") == "a debt"
    hears("Marked: 1. Some phrases are ordinary.")
    press("done_marking")
    expect(page.get_by_role("group", name="What?")).to_be_visible()
    hears(say["saved"])
    assert "What?" in named()
    press("decide")
    hears(say["first_choose"])
    page.get_by_role("radio", name="Do ask now.").press("Space")
    named("radio")
    press("decide")
    hears(say["first_sure"])
    page.get_by_role("group", name=say["sure"]).get_by_label(say["sure_0"]).press("Space")
    named("radio")
    press("decide")
    expect(page.get_by_role("button", name=say["continue"])).to_be_visible()
    hears(say["saved"])
    assert "After ask." in named()
    press("continue")
    expect(page.get_by_role("heading", name="b", exact=True)).to_be_focused()
    assert named("heading") == "b"
    page.get_by_label("Why?").fill(TELEPHONE)
    press("send")
    expect(page.get_by_role("status")).to_contain_text("081-234-5678")
    named("button")
    page.get_by_label("Why?").fill("Because of the debt.")
    named("textbox")
    press("send")
    expect(page.get_by_role("group", name="Now?")).to_be_visible()
    hears(say["saved"])
    named()
    page.get_by_role("radio", name=say["judge_2"]).press("Space")
    press("decide")
    expect(page.get_by_role("heading", name="Good", exact=True)).to_be_focused()
    assert named("heading") == "Good"
    hears(say["saved"])
    page.get_by_role("textbox", name=say["plan"]).fill("Ask first.")
    press("plan_keep")
    hears(say["saved"])
    named("button")
    page.reload()
    expect(page.get_by_label(say["plan"])).to_have_value("Ask first.")


# -- digits -------------------------------------------------------------------------------------------------------------

UNKNOWN = "Intl.DateTimeFormat.supportedLocalesOf = () => [];"


@pytest.mark.parametrize(("lang", "one", "date"), [("my", "၁", "၉/၃/၂၀၂၆"), ("th", "1", "9/3/2026")])
def test_numbers_stand_in_the_digits_of_the_language(
    learner: Open, served: Served, lang: str, one: str, date: str
) -> None:
    play = learner(lang, NARROW, lang, UNKNOWN)
    fits(play)
    play.start()
    play.where.get_by_role("button", name="a debt", exact=True).click()
    expect(play.heard).to_have_text(play.say["marked"].format(n=one))
    play.press("done_marking")
    expect(play.root.locator(".cw-sure")).to_be_visible()
    fits(play)
    play.choose()
    play.finish()
    expect(play.root.locator(".cw-facts")).to_contain_text(one)
    fits(play)
    assert not re.search("[0-9]" if lang == "my" else "[๐-๙]", play.root.locator(".cw-facts").inner_text())
    play.keep_plan(f"Ask first: {lang}")
    served.age(f"Ask first: {lang}", datetime(2026, 3, 9, 10, tzinfo=UTC))
    play.open()
    expect(play.root.locator("header .cw-notice b")).to_have_text(play.say["plan_due"].format(date=date))
