"""The learner's own in a real browser, from built packages: twelve judgements, sentences, My plan, its print, diagrams."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, Page, expect

from casework.blocks.words import words

Serve = Callable[..., str]
BROAD, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


class Learner:
    """A learner in the preview, in one package."""

    def __init__(self, page: Page, base: str, package: Path) -> None:
        self.page = page
        lang = package.name.removesuffix(".tar.gz").split("-")[2]
        self.say = words(lang)
        self.course = f"{base}/course/course-v1:Casework+CW-{package.name.split('-')[1].upper()}+{lang}"
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def at(self, unit: str) -> Frame:
        self.page.goto(f"{self.course}/unit/{unit}/")
        found = self.page.frame_locator("iframe").locator(".cw, .cw-page").first
        found.wait_for()
        return self.page.frames[-1]

    def judge(self, frame: Frame, agree: Sequence[bool]) -> None:
        each = frame.locator("[data-judgement]")
        expect(each).to_have_count(12)
        for at, yes in enumerate(agree):
            each.nth(at).get_by_text(self.say["agree" if yes else "disagree"], exact=True).click()
            each.nth(at).get_by_text(self.say[f"sure_{at % 3}"], exact=True).click()
        frame.locator(".cw-go").click()

    def sound(self, frame: Frame) -> None:
        found = Axe().run(frame, context=".casework-own")
        told = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found.response["violations"]]
        assert told == []
        assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The packages of this repository that are looked at here."""
    from casework.cli import main

    folder = tmp_path_factory.mktemp("own")
    for country, lang in (("th", "th"), ("th", "en"), ("id", "id")):
        assert main(["build", "--country", country, "--lang", lang, "--out", str(folder)]) == 0
    return {path.name.split("-", 2)[2].removesuffix(".tar.gz"): path for path in folder.glob("*.tar.gz")}


@pytest.fixture
def learner(browser: Browser, serve_packages: Serve, packages: dict[str, Path]) -> Callable[..., Learner]:
    def made(lang: str, size: dict[str, int]) -> Learner:
        base = serve_packages([packages[lang]], fresh=True)
        page = browser.new_context(viewport=size, device_scale_factor=1).new_page()  # type: ignore[arg-type]
        return Learner(page, base, packages[lang])

    return made


@pytest.mark.parametrize(("lang", "size"), [("th", PHONE), ("en", BROAD)])
def test_a_learner_judges_writes_and_finds_it_all_again(
    learner: Callable[..., Learner], lang: str, size: dict[str, int], tmp_path: Path
) -> None:
    one = learner(lang, size)

    frame = one.at("first-answers")
    one.sound(frame)
    frame.locator(".cw-go").click()
    expect(frame.locator(".cw-hint")).to_have_text(
        one.say["judge_open"].replace("{n}", "12" if lang == "en" else "".join(one.say["digits"][n] for n in (1, 2)))
    )
    # Half of it, and then the page is lost: what was chosen is still there.
    frame.locator("[data-judgement]").first.get_by_text(one.say["agree"], exact=True).click()
    frame = one.at("first-answers")
    expect(frame.locator("[data-judgement]").first.locator("input").first).to_be_checked()
    one.judge(frame, [True] * 12)
    expect(frame.locator(".cw-done")).to_have_text(one.say["judge_kept"])
    assert frame.evaluate("document.activeElement.className").endswith("cw-done")
    assert one.say["held_no"] not in frame.content()
    one.sound(frame)

    frame = one.at("second-answers")
    one.judge(frame, [True] * 8 + [False] * 4)
    expect(frame.locator(".cw-pair")).to_have_count(12)
    expect(frame.locator(".cw-facts dd").first).to_contain_text(one.say["digits"][4])
    one.sound(frame)

    for unit, text in (("three-stages-back", "โทรหาล่าม 🧭\nทุกครั้ง"), ("met-as-an-offender-back", "<b>wait</b>")):
        frame = one.at(unit)
        one.sound(frame)
        frame.locator("textarea").fill(text)
        frame.locator(".cw-go").click()
        expect(frame.locator(".cw-hint")).to_have_text(one.say["saved"])
    frame.get_by_text(one.say["my_plan"], exact=True).click()
    one.page.wait_for_url("**/my-plan-page/*")

    frame = one.at("my-plan-page")
    expect(frame.locator(".cw-own")).to_have_text(["โทรหาล่าม 🧭\nทุกครั้ง", "<b>wait</b>"])
    expect(frame.locator("time").first).not_to_contain_text("T")
    one.sound(frame)
    assert one.errors == []

    # On paper: what was written, and nothing of what was not.
    paper = one.page.context.new_page()
    paper.goto(frame.url)
    paper.emulate_media(media="print")
    expect(paper.locator(".cw-own").first).to_be_visible()
    expect(paper.locator(".cw-open, [data-print]")).to_have_count(2)
    assert not any(paper.locator(".cw-open, [data-print]").nth(at).is_visible() for at in range(2))


def test_what_was_typed_outlives_a_lost_connection(learner: Callable[..., Learner]) -> None:
    one = learner("en", BROAD)
    frame = one.at("three-stages-back")
    one.page.context.set_offline(True)
    frame.locator("textarea").fill("call the interpreter")
    frame.locator(".cw-go").click()
    expect(frame.locator(".cw-hint")).to_have_text(one.say["no_answer"])
    one.page.context.set_offline(False)
    frame = one.at("three-stages-back")
    expect(frame.locator("textarea")).to_have_value("call the interpreter")
    frame.locator("textarea").fill("call 081 234 5678")
    frame.locator(".cw-go").click()
    expect(frame.locator(".cw-hint")).to_contain_text("081 234 5678")
    frame.locator(".cw-go").click()
    expect(frame.locator(".cw-hint")).to_have_text(one.say["saved"])


def test_twelve_judgements_are_answered_with_the_keyboard(learner: Callable[..., Learner]) -> None:
    one = learner("en", BROAD)
    frame = one.at("first-answers")
    frame.locator("[data-judgement] input").first.focus()
    for _ in range(12):
        for _ in range(2):
            one.page.keyboard.press("Space")
            one.page.keyboard.press("Tab")
    one.page.keyboard.press("Enter")
    expect(frame.locator(".cw-done")).to_have_text(one.say["judge_kept"])


@pytest.mark.parametrize("lang", ["th", "id", "en"])
def test_the_words_of_a_diagram_fit_its_boxes(
    learner: Callable[..., Learner], packages: dict[str, Path], lang: str
) -> None:
    with tarfile.open(packages[lang]) as archive:
        names = [Path(one).stem for one in archive.getnames() if one.endswith("-idea-diagram.html")]
    assert len(names) == 2
    one = learner(lang, PHONE)
    for name in names:
        frame = one.at(name.removesuffix("-diagram"))
        boxes = frame.locator("foreignObject")
        boxes.first.wait_for()
        for at in range(boxes.count()):
            told = boxes.nth(at).evaluate(
                "(box) => [box.firstElementChild.scrollHeight, box.height.baseVal.value,"
                " box.firstElementChild.scrollWidth, box.width.baseVal.value, box.textContent]"
            )
            assert told[0] <= told[1] + 1 and told[2] <= told[3] + 1, told
