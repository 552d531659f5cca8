"""Plays a case in a real browser by one of its walkthroughs, in whatever language the package speaks."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

from lxml import etree
from playwright.sync_api import Frame, Locator, expect

from casework import prose
from casework.scenario import xml
from casework.scenario.model import Case, Choose, Judge, Spot, Text, Write

ROOT = Path(__file__).parents[2]
WORDS = "เขาเป็นหนี้ที่ไม่มีใครบอกยอดได้ เอกสารอยู่กับไต้ก๋ง จึงควรรอ <b>x</b> 🔋"


def case_in(package: Path, slug: str) -> Case:
    """The case as it stands in a built package."""
    with tarfile.open(package) as archive:
        for member in archive:
            if "/vertical/" in member.name and member.name.endswith(".xml"):
                file = archive.extractfile(member)
                assert file is not None
                root = etree.fromstring(file.read(), etree.XMLParser(remove_blank_text=True))
                found = root.find(f".//casework-case[@url_name='{slug}']/case")
                if found is not None:
                    case, findings = xml.read(found, member.name)
                    assert case is not None, findings
                    return case
    raise AssertionError(f"{package} has no case {slug}")


def steps(slug: str, walk: str) -> Iterator[tuple[str, str]]:
    """(task, answer) of a walkthrough, a skip as ("", "")."""
    for line in (ROOT / "scenarios" / slug / "walkthroughs" / f"{walk}.walk").read_text(encoding="utf-8").splitlines():
        if line.strip() == "skip":
            yield "", ""
        elif ":" in line and not line.lstrip().startswith("#"):
            task, answer = line.split(":", 1)
            yield task.strip(), answer.strip()


def plain(text: Text) -> str:
    return prose.plain(text.body)


class Player:
    """The player in the frame of a unit. `answer` does what one line of a walkthrough says."""

    def __init__(self, frame: Frame, case: Case) -> None:
        self.frame, self.case = frame, case

    @property
    def go(self) -> Locator:
        return self.frame.locator("button.cw-go:visible")

    def start(self) -> None:
        self.go.click()
        expect(self.frame.locator(".cw-task")).to_be_visible()

    def answer(self, name: str, answer: str, words: str = WORDS, before: Callable[[], None] = lambda: None) -> None:
        """Do what a step says; `before` is called when all is filled in and nothing sent."""
        task = self.case.task[name]
        form = self.frame.locator(".cw-task")
        expect(form.locator(".cw-ask").first).to_have_text(plain(task.ask))
        if isinstance(task, Choose):
            option = form.locator(".cw-opt", has_text=plain(task.by_id[answer].text))
            option.click()
            if task.confidence:
                form.locator(".cw-sure label").nth(1).click()
        elif isinstance(task, Spot):
            named = {phrase.name: phrase.text for phrase in self.case.document[task.document].phrases}
            for phrase in answer.split() if answer != "none" else []:
                form.get_by_role("button", name=prose.plain(named[phrase]), exact=True).click()
        elif isinstance(task, Write):
            form.locator("textarea").fill(words)
        elif isinstance(task, Judge):
            form.locator(".cw-opt").nth({"-2": 0, "-1": 1, "0": 2, "+1": 3, "+2": 4, "1": 3, "2": 4}[answer]).click()
        before()
        self.go.click()
        if isinstance(task, Choose):
            expect(self.frame.locator(".cw-reply")).to_be_visible()

    def go_on(self) -> None:
        """Leave the reply, where there is one."""
        if self.frame.locator(".cw-reply:visible").count() and not self.frame.locator(".cw-task:visible").count():
            self.go.click()
