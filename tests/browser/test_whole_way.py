"""The whole way on the packages that are shipped: learner, instructor, learner again, author. With `make pictures` the
screenshots of the README are written on the way."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from browser.playing import ROOT, WORDS, Player, case_in, plain, steps

pytestmark = pytest.mark.browser
SLUG, UNIT = "eleven-men-at-the-pier", "met-as-an-offender"
TH, EN = "course-v1:Casework+CW-TH+th", "course-v1:Casework+CW-TH+en"
PHONE, DESK = {"width": 360, "height": 780}, {"width": 1130, "height": 900}
REASONS = (
    "The agent of the boat reported the men, and its captain holds their papers. One speaks of a debt that nobody can name. "
    "The charge follows from that, so I ask that it wait until each has been heard alone."
)
PICTURES = Path(os.environ.get("PICTURES", ""))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "casework.cli", "build", "--country", "th", "--out", str(out)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT / "xblocks")}, check=True,
    )  # fmt: skip
    return sorted(out.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def base(serve_packages: Callable[..., str], built: list[Path]) -> str:
    return serve_packages(built)


def package(built: list[Path], lang: str) -> Path:
    return next(path for path in built if path.name == f"casework-th-{lang}.tar.gz")


def picture(page: Page, name: str) -> None:
    if PICTURES.name:
        page.wait_for_timeout(250)
        page.screenshot(path=str(PICTURES / f"{name}.png"), full_page=False)


def unit(page: Page, base: str, course: str, name: str) -> Frame:
    page.goto(f"{base}/course/{course}/unit/{name}/")
    handle = page.wait_for_selector("iframe#unit")
    frame = handle.content_frame()
    assert frame is not None
    frame.wait_for_load_state()
    return frame


def role(page: Page, base: str, name: str) -> None:
    page.goto(base)
    page.get_by_role("button", name=name, exact=True).click()


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"


def test_a_learner_plays_in_thai_on_a_phone_an_instructor_reviews_and_the_score_changes(
    browser: Browser, base: str, built: list[Path]
) -> None:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    case = case_in(package(built, "th"), SLUG)
    assert case.lang == "th"

    # The learner opens the course, reads a page, and answers a real question.
    role(page, base, "Learner")
    frame = unit(page, base, TH, f"{UNIT}-idea")
    expect(frame.locator(".cw-page")).to_contain_text(re.compile("[ก-๙]{8}"))
    fits(page)
    frame = unit(page, base, TH, f"{UNIT}-try")
    question = frame.locator(".xblock", has=frame.locator("input[type=radio]")).first
    question.locator("input[type=radio]").nth(1).check()
    question.get_by_role("button", name="Submit").click()
    expect(question.locator(".status, .message").first).to_be_visible()
    fits(page)

    # A whole case, left in the middle and taken up again.
    way = list(steps(SLUG, "none-charged"))
    player = Player(unit(page, base, TH, f"{UNIT}-case"), case)
    player.start()
    for number, (task, answer) in enumerate(way):
        if number == 4:
            player = Player(unit(page, base, TH, f"{UNIT}-case"), case)
        player.answer(
            task, answer, before=lambda task=task: picture(page, "spot-phone-th") if task == "signs" else None
        )
        fits(page)
        player.go_on()
    debrief = player.frame.locator(".cw-debrief")
    expect(debrief).to_contain_text(plain(case.ending["none-charged"].texts[0])[:40])
    expect(debrief).to_contain_text(WORDS)
    fits(page)

    # Grade and completion, as the platform records them.
    page.goto(f"{base}/course/{TH}/progress/")
    before = page.locator("main").inner_text()
    fits(page)

    # The instructor finds the attempt under an alias, gives levels and a comment.
    page.set_viewport_size(DESK)
    role(page, base, "Instructor")
    page.goto(f"{base}/casework/review/{TH}/")
    row = page.locator("main").get_by_role("link", name=re.compile(r"\w+ \d+")).first
    alias = row.inner_text()
    assert "Learner" not in alias
    row.click()
    expect(page.locator("main")).to_contain_text(WORDS)
    for group in page.locator("form fieldset:has(input[type=radio])").all():
        group.locator("input[type=radio]").first.check()
    page.locator("#comment").fill("บอกด้วยว่าคำใดในบทสนทนาที่ทำให้คุณรู้ <i>x</i>")
    page.get_by_role("button", name=re.compile("Save")).click()
    expect(page.locator("#saved")).to_be_visible()
    expect(page.locator("main")).to_contain_text("<i>x</i>")

    # The learner sees both in the block, and the score has changed.
    role(page, base, "Learner")
    frame = unit(page, base, TH, f"{UNIT}-case")
    expect(frame.locator(".cw-debrief")).to_contain_text("บอกด้วยว่าคำใดในบทสนทนาที่ทำให้คุณรู้ <i>x</i>")
    page.goto(f"{base}/course/{TH}/progress/")
    assert page.locator("main").inner_text() != before
    assert faults == []
    context.close()


def test_a_learner_is_refused_at_an_instructors_address(browser: Browser, base: str) -> None:
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    for name in ("Learner", "Author"):
        role(page, base, name)
        answer = page.goto(f"{base}/casework/review/{TH}/")
        assert answer is not None
        assert answer.status == 403
    context.close()


def test_an_author_sees_the_findings_and_a_faulty_edit_is_refused(browser: Browser, base: str) -> None:
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    role(page, base, "Author")
    frame = unit(page, base, EN, "green-tick-check")
    expect(frame.locator(".cw-author")).to_contain_text("Casework is installed.")
    picture(page, "green-tick")
    frame = unit(page, base, TH, "in-your-country-identification")
    expect(frame.locator(".cw-fact").first).to_be_visible()
    picture(page, "in-your-country")
    frame = unit(page, base, EN, f"{UNIT}-case")
    expect(frame.locator(".cw-author")).to_contain_text("Casework is installed.")
    picture(page, "author")
    frame.locator(".author-bar", has_text="casework-case").get_by_role("link", name="Edit").click()
    editor = page.locator("form.cw-studio")  # the link leaves the frame: the editor is a page of its own
    source = editor.locator("textarea[name=content]")
    expect(source).to_be_visible()
    text = source.input_value()
    source.fill(text.replace('go="hearing"', 'go="nowhere"', 1))
    editor.get_by_role("button", name="Save").click()
    expect(editor.locator(".cw-refusal")).to_contain_text("unknown-reference")
    assert 'go="nowhere"' in source.input_value()
    picture(page, "edit")
    context.close()


@pytest.mark.parametrize(("lang", "course"), [("en", EN), ("th", TH)])
@pytest.mark.parametrize(
    ("slug", "lesson", "walk"),
    [("the-boy-at-the-arcade", "first-told-in-school", None), (SLUG, UNIT, "back-aboard")],
)
def test_both_cases_are_played_to_other_endings_wide(
    browser: Browser, base: str, built: list[Path], lang: str, course: str, slug: str, lesson: str, walk: str | None
) -> None:
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    role(page, base, "Learner B")  # learner A plays the other test
    case = case_in(package(built, lang), slug)
    name = walk or sorted((ROOT / "scenarios" / slug / "walkthroughs").glob("*.walk"))[0].stem
    player = Player(unit(page, base, course, f"{lesson}-case"), case)
    player.start()
    for task, answer in steps(slug, name):
        shown = (lang, task) == ("en", "who-speaks")
        player.answer(task, answer, REASONS, before=lambda shown=shown: picture(page, "decide") if shown else None)
        player.go_on()
    expect(player.frame.locator(".cw-debrief")).to_be_visible()
    if lang == "en" and slug == SLUG:
        picture(page, "debrief")
        role(page, base, "Instructor")
        page.goto(f"{base}/casework/review/{EN}/")
        picture(page, "queue")
        page.locator("main a.name").first.click()
        expect(page.locator("main")).to_contain_text(REASONS)
        picture(page, "review")
        page.get_by_role("link", name="Back to the course").click()
        expect(page.get_by_role("navigation").first).to_be_visible()
    context.close()
