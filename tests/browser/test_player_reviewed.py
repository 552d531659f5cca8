"""What a reviewer said, as the learner sees it: wide in English, on a telephone in Thai. With PICTURES set, screenshots."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from cases import WHOLE
from casework.blocks.words import words
from casework.scenario import xml
from preview import sample
from servers import Servers

pytestmark = pytest.mark.browser

COURSE = "Casework+TH+en"
DESK: ViewportSize = {"width": 1130, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 780}
FIRST = "นายหน้าเป็นคนแจ้งความ และไต้ก๋งเก็บหนังสือเดินทางไว้ ဒါကြောင့် စောင့်သင့်တယ် 🔋"
REASON = "บอกด้วยว่าคำใดในบันทึกที่ทำให้คุณสงสัย\nแล้วโยงคำนั้นกับหนี้ <img src=x onerror=alert(1)> 🔋"
CHANGE = "ระบบนับการทำเครื่องหมายสองครั้ง จึงแก้คะแนนให้"
SECOND = "ถ้อยคำ “จนกว่าจะใช้หนี้หมด” บอกว่าเขาเลิกงานไม่ได้ จึงขอให้รอ"
COMMENT = "ดีมาก คำที่ยกมาแสดงหนี้ได้ชัด"
THAI = (
    WHOLE.replace('lang="en"', 'lang="th"', 1)
    .replace("<ask>Why?</ask>", "<ask>เขียนเหตุผลถึงพนักงานอัยการ</ask>")
    .replace("<practised>So.", "<practised>ไต้ก๋งเก็บเอกสารไว้ และไม่มีใครบอกยอดหนี้ได้ จึงขอให้รอจนได้ฟังแต่ละคนตามลำพัง")
    .replace("<text>Names facts</text>", "<text>อ้างข้อเท็จจริงในเอกสาร</text>")
    .replace("Not yet</level>", "ยังไม่พบ</level>")
    .replace("Clearly</level>", "ชัดเจน</level>")
)
# A case, its language, the size of the window.
UNITS = {"wide": (WHOLE, "en", DESK), "phone": (THAI, "th", PHONE)}

REVIEWER = """
import json, sys, django
django.setup()
from casework.review import api
from casework.review.models import Finish
for line in sys.stdin:
    unit, what, *rest = json.loads(line)
    row = Finish.objects.filter(item_id__endswith="case-" + unit).latest("id")
    if what == "return":
        api.return_answer(row.pk, "say", rest[0], "2")
    elif what == "override":
        api.override(row.pk, int(rest[0]), rest[1], "2")
    else:
        api.review(row.pk, "say", {"facts": int(rest[0])}, rest[1], "2")
    print("done", flush=True)
"""


class Served:
    """A server, and a reviewer beside it: a process of its own, as the server is one."""

    def __init__(self, base: str, folder: Path) -> None:
        self.base = base
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "casework.preview.settings", "DATABASE_URL": ""}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        self.reviewer = subprocess.Popen(
            [sys.executable, "-c", REVIEWER],
            cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def review(self, *what: str) -> None:
        assert self.reviewer.stdin is not None
        assert self.reviewer.stdout is not None
        print(json.dumps(what), file=self.reviewer.stdin, flush=True)
        assert self.reviewer.stdout.readline() == "done\n"

    def stop(self) -> None:
        self.reviewer.communicate(timeout=20)


@pytest.fixture(scope="module")
def served(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("reviewed")
    files = sample.english()
    names = "".join(f'<vertical url_name="{name}"/>' for name in UNITS)
    files["sequential/l-boys.xml"] = (
        f'<sequential display_name="Cases" graded="true" format="Lesson">{names}</sequential>'
    )
    for name, (case, _, _) in UNITS.items():
        block = f'<casework-case url_name="case-{name}" display_name="Case" max_attempts="1">'
        block += f"{xml.canonical(xml.tree(case, name))}</casework-case>"
        files[f"vertical/{name}.xml"] = f'<vertical display_name="{name}">{block}</vertical>'
    served = Served(servers.start([sample.write(folder / "reviewed.tar.gz", files)], folder), folder)
    yield served
    served.stop()


class Unit:
    def __init__(self, page: Page, served: Served, name: str) -> None:
        self.page, self.served, self.name = page, served, name
        self.say = words(UNITS[name][1])
        self.open()

    def open(self) -> None:
        self.page.goto(f"{self.served.base}/unit/block-v1:{COURSE}+type@vertical+block@{self.name}/")
        expect(self.root.locator("h2")).to_be_visible()

    def review(self, what: str, *rest: str) -> None:
        self.served.review(self.name, what, *rest)
        self.open()

    @property
    def root(self) -> Locator:
        return self.page.locator(".cw")

    def press(self, key: str) -> None:
        self.page.get_by_role("button", name=self.say[key], exact=True).click()

    def to_the_writing(self) -> None:
        self.page.get_by_role("button", name="a debt", exact=True).click()
        self.press("done_marking")
        self.root.locator(".cw-opt", has_text="Do ask now.").click()
        self.root.locator(".cw-sure label").nth(2).click()
        self.press("decide")
        self.press("continue")
        expect(self.root.locator("textarea")).to_be_visible()

    def finish(self, text: str) -> None:
        self.root.locator("textarea").fill(text)
        self.press("send")
        self.page.get_by_label(self.say["judge_0"]).check()
        self.press("decide")
        expect(self.root.locator(".cw-debrief")).to_be_visible()

    def faultless(self, picture: str) -> None:
        self.page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished)).then(() => null)")
        if folder := os.environ.get("PICTURES"):
            self.page.screenshot(path=f"{folder}/reviewed-{self.name}-{picture}.png", full_page=True)
        found = Axe().run(self.page, context=".casework-case")
        assert found.violations_count == 0, found.generate_report()
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "the unit scrolls sideways"


@pytest.fixture(params=UNITS)
def unit(request: pytest.FixtureRequest, browser: Browser, served: Served) -> Iterator[Unit]:
    faults: list[str] = []
    context = browser.new_context(viewport=UNITS[request.param][2], timezone_id="UTC")
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
    yield Unit(page, served, request.param)
    context.close()
    assert faults == []


def test_an_answer_is_given_back_written_anew_and_reviewed(unit: Unit) -> None:
    say = unit.say
    unit.press("start")
    unit.to_the_writing()
    expect(unit.root.locator(".cw-task .cw-note")).to_have_count(0)
    unit.finish(FIRST)
    expect(unit.root.get_by_text(say["waiting"])).to_be_visible()
    expect(unit.root.get_by_text(say["no_attempts"], exact=True)).to_be_visible()

    # Given back: first of all, and beside the answer.
    unit.review("return", REASON)
    head = unit.root.locator(".cw-debrief > :first-child")
    expect(head).to_contain_text(say["returned_told"])
    expect(head).to_contain_text(REASON)
    answer = unit.root.locator("section", has=unit.page.locator(".cw-pair")).last
    expect(answer.locator(".cw-notice")).to_contain_text(REASON)
    expect(answer.locator(".cw-notice h4")).to_have_text(re.compile(say["returned"].split("{")[0]))
    expect(unit.root.get_by_text(say["waiting"])).to_have_count(0)
    expect(unit.root.get_by_text(say["no_attempts"], exact=True)).to_have_count(0)
    unit.faultless("returned")

    # One more attempt, with the reason where the answer is written.
    unit.press("again")
    expect(unit.root.locator(".cw-task")).to_be_visible()
    unit.to_the_writing()
    expect(unit.root.locator(".cw-task .cw-note")).to_contain_text(REASON)
    unit.faultless("anew")
    unit.finish(SECOND)
    expect(unit.root.get_by_text(say["waiting"])).to_be_visible()
    expect(unit.root.get_by_text(say["no_attempts"], exact=True)).to_be_visible()
    expect(unit.root.get_by_text(say["returned_told"])).to_have_count(0)

    # The earlier attempt keeps what was said of it.
    unit.open()
    fold = unit.root.locator("details.cw-fold")
    expect(fold).to_have_count(1)
    expect(fold.locator("> div")).to_be_hidden()
    fold.locator("summary").click()
    expect(fold).to_contain_text(FIRST)
    expect(fold.locator(".cw-notice")).to_contain_text(REASON)
    unit.faultless("earlier")

    # What a review and an override have changed, and why.
    unit.review("review", "2", COMMENT)
    unit.review("override", "5", CHANGE)
    points = unit.root.locator(".cw-facts dd").first
    expect(points).to_have_text(re.compile("7.+8"))
    note = unit.root.locator("section:has(> .cw-facts)")
    expect(note).to_contain_text(CHANGE)
    expect(note).to_contain_text(say["grade_waited"])
    expect(unit.root.locator(".cw-own", has_text=COMMENT)).to_be_visible()
    unit.faultless("changed")
