"""What nobody means to write: any bytes, torn cases, conditions and Markdown made to break what reads them, and cases made
to be too much. Nothing but our own errors escapes, nothing becomes markup, and nothing asks for more than its share.

`CASEWORK_FUZZ=20` tries twenty times as much, and other things each time.
"""

from __future__ import annotations

import os
import random
import re
import resource
import signal
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from xblock.fields import ScopeIds
from xblock.runtime import DictKeyValueStore, KvsFieldData
from xblock.test.tools import TestRuntime

from cases import RUBRIC, WHOLE, case_xml, choose, codes, option, scene
from casework import prose
from casework.blocks.case.block import CaseBlock
from casework.findings import KINDS, Finding
from casework.review import way
from casework.scenario import check, conditions, engine, grammar, states, xml
from casework.scenario.conditions import All, Compare, Condition, ConditionError, Effect, Facts, Found, Not, Seen
from casework.scenario.conditions import Any as AnyOf
from casework.scenario.model import Case, Choose, Judge, Spot, Task, Write
from learners import Learner, answer_to

FUZZ = int(os.environ.get("CASEWORK_FUZZ") or 0)


def tries(count: int) -> settings:
    """So many examples, always the same ones; with CASEWORK_FUZZ that many times more, and new ones."""
    return settings(
        max_examples=count * (FUZZ or 1), derandomize=not FUZZ, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


class TooMuch(Exception):
    """More of this machine than a case may ask for."""


@contextmanager
def bounded(seconds: int = 10, megabytes: int = 512) -> Iterator[None]:
    """A guard, not a measure: so much more memory, and of the processor far more than is needed, or the test fails."""

    def stop(*_: object) -> None:
        raise TooMuch(f"{seconds} seconds of the processor")

    limits = resource.getrlimit(resource.RLIMIT_AS)
    sizes = Path("/proc/self/statm")
    if sizes.exists():
        now = int(sizes.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + (megabytes << 20), limits[1]))
    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, limits)


# -- words ------------------------------------------------------------------------------------------------------------

SCRIPTS = ["ไม่มีใครบอกยอด", "ကြွေးမြီ", "ជំពាក់", "ໜີ້ສິນ", "nợ nần", "债务", "دين", "🔋🧭", "e\u0301", "\u202eabc\u202c",
           "\u2028", "\u00a0", "\ufeff", "\u200b", "\x7f\x85", "\U0010fffd"]  # fmt: skip
MARKS = ["*", "**", "_", "`", "```\n", "~~~\n", "    ", "\n", "\n\n", " ", "\t", "\r\n", "\\", "\\\n", "# ", "> ",
         "- ", "1. ", "***", "[", "]", "(", ")", "[a]", "](", "![", "[a]: ", "[a](indicator:debt)",
         "[b](decoy:rice/2)", "[a]: indicator:debt\n", "<indicator:debt>", "(indicator:", "|", "|-|-|\n", "|a|b|\n",
         ":-:|", "&", "&amp;", "&#106;", "&colon;", "<", ">", "<b>", "<!--", "-->", "<?", "<![CDATA[", "]]>", '"',
         "'", "javascript:", "JaVaScRiPt&#58;", "data:text/html,", "vbscript:", "https://a.example/", "/static/",
         "#", "**A:** ", "**A：**", "{he}", "{", "}", "word"]  # fmt: skip
LETTERS = st.characters(codec="utf-8", exclude_characters="\x00\x01\x02\x08\x0b\x0c\x0e\x1f\ufffe\uffff")
"""Nearly all that XML allows; what else is refused by it is drawn by `st.text()`."""


def texts(most: int = 12) -> st.SearchStrategy[str]:
    piece = st.one_of(st.sampled_from(MARKS), st.sampled_from(SCRIPTS), st.text(LETTERS, max_size=8))
    return st.lists(piece, max_size=most).map("".join)


# -- trees ------------------------------------------------------------------------------------------------------------

NAMES = ["a", "b", "note", "look", "who", "debt", "papers", "trust", "good", "bad", "reasons", "not-yet"]
VALUES = [*NAMES, "a b", "0", "1", "2", "-1", "+2", "9999", "en", "th", "yes", "no", "trust = 1", "found(debt) or not seen(a)",
          "trust+1, trust=0", "https://a.example/help", "/static/a.png"]  # fmt: skip
HOSTILE = ["", " ", "-", "٣", "²", "9" * 5000, "x" * 300, "../../a", "<b>", "a\nb", "a&b", '"', "{0}", "{name}",
           "%s", "\u202e", "a = ", "not " * 50 + "a = 1", "javascript:alert(1)", "__import__('os')", "😀"]  # fmt: skip


def values(form: grammar.Form) -> st.SearchStrategy[str]:
    """Values that an attribute's form accepts, the likely ones first."""
    likely = [one for one in (*VALUES, *form.pattern.pattern.split("|")) if form.pattern.fullmatch(one)]
    return st.sampled_from(likely) if likely else st.from_regex(form.pattern, fullmatch=True)


@st.composite
def elements(draw: st.DrawFn, name: str = "case") -> etree._Element:
    """An element that the grammar accepts, with all below it; its references point anywhere."""
    known = grammar.ELEMENTS[name]
    made = etree.Element(name)
    for attribute, form in known.attributes.items():
        if form.required or draw(st.booleans()):
            made.set(attribute, fit(draw(values(form))))
    if known.is_text:
        made.text = fit(draw(texts(4))).strip() or "Text."
    for group in known.groups:
        for child in group:
            count = child.least + (
                draw(st.sampled_from([0, 0, 0, 1])) if child.most is None else draw(st.integers(0, 1))
            )
            for _ in range(min(count, child.most or count)):
                made.append(draw(elements(child.name)))
    return made


def fit(text: str) -> str:
    """The text without what lxml refuses to hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


@st.composite
def torn(draw: st.DrawFn, root: etree._Element, most: int = 4) -> str:
    """A tree with up to `most` changes, as text."""
    root = etree.fromstring(etree.tostring(root))
    for _ in range(draw(st.integers(0, most))):
        here = list(root.iter(etree.Element))
        one = here[draw(st.integers(0, len(here) - 1))]
        parent = one.getparent()
        change = draw(
            st.sampled_from(
                ["drop", "double", "move", "rename", "value", "missing", "unknown", "text", "tail", "child"]
            )
        )
        if change == "text":
            one.text = fit(draw(texts()))
        elif change == "tail" and parent is not None:
            one.tail = fit(draw(texts(3)))
        elif change == "child":
            etree.SubElement(one, draw(st.sampled_from([*grammar.ELEMENTS, "script", "{urn:x}case"])))
        elif change == "unknown":
            one.set(
                draw(st.sampled_from(["colour", "id", "if", "onclick", "{urn:x}id"])),
                fit(draw(st.sampled_from(HOSTILE))),
            )
        elif change in {"value", "missing"} and one.attrib:
            name = draw(st.sampled_from(sorted(map(str, one.attrib))))
            if change == "missing":
                del one.attrib[name]
            else:
                one.set(name, fit(draw(st.sampled_from([*VALUES, *HOSTILE]))))
        elif change == "rename":
            one.tag = draw(st.sampled_from([*grammar.ELEMENTS, "script"]))
        elif parent is not None:
            if change == "double":
                parent.insert(parent.index(one), etree.fromstring(etree.tostring(one, with_tail=False)))
            else:
                parent.remove(one)
            if change == "move":
                there = [each for each in here if each not in one.iter()]
                there[draw(st.integers(0, len(there) - 1))].insert(0, one)
    return etree.tostring(root, encoding="unicode")


@st.composite
def cut(draw: st.DrawFn, source: str) -> str:
    """A text with pieces lost, doubled, or put in."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(source)))
        end = min(len(source), start + draw(st.integers(0, 40)))
        middle = draw(st.sampled_from(["", source[start:end] * 2, draw(texts(3)), draw(st.sampled_from(HOSTILE))]))
        source = source[:start] + middle + source[end:]
    return source


@st.composite
def stories(draw: st.DrawFn) -> str:
    """A case of up to five scenes with tasks of every kind, whose ways, conditions and effects are drawn: many are sound."""
    count = draw(st.integers(1, 5))
    condition = st.sampled_from(
        ["", 'if="n = 1"', 'if="found(debt)"', 'if="not seen(s1) or n &gt; 0"', 'if="found(papers) and n = 0"']
    )
    effect = st.sampled_from(["", 'set="n+1"', 'set="n=0"', 'set="n-1"'])
    made = []
    for n in range(count):
        way = st.sampled_from(
            [*(f"s{m}" for m in range(n + 1, count)), "good", "bad", *([f"s{draw(st.integers(0, n))}"] if n else [])]
        )
        tasks = ""
        for at, task in enumerate(draw(st.lists(st.sampled_from(["spot", "write", "judge", "choose"]), max_size=2))):
            name = f"t{n}x{at}"
            if task == "spot":
                tasks += f'<spot id="{name}" document="note" points="{draw(st.integers(0, 4))}"><ask>Mark.</ask></spot>'
            elif task == "write":
                tasks += f'<write id="{name}" rubric="reasons"><ask>Why?</ask><practised>So.</practised></write>'
            elif task == "judge":
                tasks += f'<judge id="{name}"><claim>It waits.</claim><news>A paper.</news><ask>Now?</ask></judge>'
            else:
                options = [
                    option(f"{name}o{m}", attributes=f"{draw(condition) if m else ''} {draw(effect)}") for m in range(3)
                ]
                tasks += choose(name, *options, attributes=draw(st.sampled_from(["", 'confidence="yes"'])))
        goes = "".join(f'<go {draw(condition)} to="{draw(way)}"/>' for _ in range(draw(st.integers(0, 2))))
        made.append(scene(f"s{n}", f'{tasks}{goes}<go to="{draw(way)}"/>'))
    variable = '<variable id="n" min="0" max="2" start="0"/>'
    return case_xml("".join(made), start="s0", variables=variable, tail=RUBRIC)


# -- what must hold of any source -------------------------------------------------------------------------------------


def examined(source: str | bytes) -> tuple[Case | None, list[Finding]]:
    """Reads and checks; whatever it is, it is a case or findings, each of a kind that has a name and a sentence."""
    read, of_form = xml.parse(source, "x.xml")
    case, findings = check.parse(source, "x.xml")
    assert read == case
    assert (case is None) == any(one.is_error for one in of_form)
    assert set(of_form) <= set(findings)
    for one in findings:
        assert one.kind is KINDS[one.code]
        assert str(one).startswith("x.xml")
        assert one.line >= 0
    return case, findings


def settled(source: str | bytes, case: Case | None) -> None:
    """The canonical form, where there is one, is a fixed point and says the same."""
    try:
        root = xml.tree(source, "x.xml")
    except xml.CaseXmlError as error:
        assert error.finding.is_error
        return
    once = xml.canonical(root)
    assert xml.canonical(xml.tree(once, "x.xml")) == once
    assert xml.parse(once)[0] == case


def answers(case: Case, play: engine.Play, task: Task, dice: random.Random) -> list[engine.Move]:
    if isinstance(task, Choose):
        sure = dice.randrange(3) if task.confidence else None
        return [engine.Answer(task.id, option=one.id, sure=sure) for one in engine.open_options(case, play.world, task)]
    if isinstance(task, Spot):
        names = [one.name for one in case.document[task.document].phrases]
        marked = [dice.sample(names, dice.randrange(len(names) + 1)) for _ in range(2)]
        return [engine.Answer(task.id, phrases=tuple(one)) for one in (*marked, (), names)]
    if isinstance(task, Judge):
        return [engine.Answer(task.id, value=value) for value in (-2, 0, 2)]
    assert isinstance(task, Write)
    return [engine.Answer(task.id, words="w")]


def played(case: Case, dice: random.Random, most: int = 400) -> int:
    """Plays to an ending: at random, but where one has been before, what was tried least. The number of moves."""
    play, tried = engine.begin(case), Counter[object]()
    for count in range(most):
        if play.ending:
            return count
        task = engine.task(case, play)
        assert task is not None
        here = (play.scene, play.position, play.world)
        moves = answers(case, play, task, dice)
        assert moves, "every option is closed"
        if play.skips < engine.MOST_SKIPS and dice.random() < 0.1:
            moves = [engine.Skip()]
        least = min(tried[here, one] for one in moves)
        move = dice.choice([one for one in moves if tried[here, one] == least])
        tried[here, move] += 1
        play = engine.apply(case, play, move)
    raise AssertionError(f"no ending after {most} moves")


def holds(source: str | bytes) -> None:
    case, findings = examined(source)
    settled(source, case)
    if check.is_sound(findings):
        assert case is not None
        assert states.maximum(case) >= 0
        for seed in range(2):
            played(case, random.Random(seed))  # noqa: S311


@tries(150)
@given(
    st.one_of(
        st.binary(max_size=60),
        st.text(max_size=60),
        texts(20),
        st.binary(max_size=20).map(lambda one: b"<case>" + one + b"</case>"),
    )
)
def test_any_bytes_and_any_text_give_findings(source: str | bytes) -> None:
    assert examined(source)[1]
    settled(source, None)


@tries(60)
@given(elements().flatmap(torn))
def test_any_tree_of_known_elements_gives_a_case_or_findings(source: str) -> None:
    holds(source)


@tries(120)
@given(torn(etree.fromstring(WHOLE)))
def test_a_sound_case_with_its_elements_torn_gives_a_case_or_findings(source: str) -> None:
    holds(source)


@tries(120)
@given(cut(WHOLE))
def test_a_sound_case_with_its_letters_torn_gives_a_case_or_findings(source: str) -> None:
    holds(source)


@tries(80)
@given(stories())
def test_what_has_no_error_is_played_to_an_ending(source: str) -> None:
    holds(source)


def test_the_stories_that_are_drawn_are_often_sound_and_long() -> None:
    """Else the test above would say little."""
    moves: list[int] = []

    @tries(60)
    @given(stories())
    def draw(source: str) -> None:
        case, findings = check.parse(source)
        if check.is_sound([one for one in findings if not one.code.startswith(("unreachable", "dead"))]) and case:
            moves.append(played(case, random.Random(0)))  # noqa: S311

    draw()
    assert len(moves) >= 12
    assert max(moves) >= 4


# -- conditions -------------------------------------------------------------------------------------------------------

NUMBERS = ["trust", "time", "n1", "seen", "found", "nothing", "android", "not-yet", "or-else", "and-so"]
COMPARES = st.sampled_from(["=", "!=", "<", ">", "<=", ">="])
LEAVES = st.one_of(
    st.builds(Compare, st.sampled_from(NUMBERS), COMPARES, st.integers(-999_999, 999_999)),
    st.builds(Compare, st.sampled_from(NUMBERS), COMPARES, st.integers(-2, 2)),
    st.builds(Seen, st.sampled_from(["yard", "not", "a-1"])),
    st.builds(Found, st.sampled_from(["debt", "or", "1"])),
)
TREES: st.SearchStrategy[Condition] = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        st.builds(Not, part),
        st.lists(part, min_size=2, max_size=4).map(lambda parts: All(tuple(parts))),
        st.lists(part, min_size=2, max_size=4).map(lambda parts: AnyOf(tuple(parts))),
    ),
    max_leaves=12,
)
SPACE = st.sampled_from([" ", "  ", "\n\t", "\u00a0"])


@st.composite
def written(draw: st.DrawFn, tree: Condition) -> str:
    """A condition as somebody may write it: spaces anywhere, and brackets where none are needed."""
    space = draw(SPACE)
    if isinstance(tree, Compare):
        text = f"{tree.variable}{draw(st.sampled_from(['', space]))}{tree.op}{draw(st.sampled_from(['', space]))}{tree.number}"
    elif isinstance(tree, Seen | Found):
        name = tree.scene if isinstance(tree, Seen) else tree.indicator
        text = f"{'seen' if isinstance(tree, Seen) else 'found'}({draw(st.sampled_from(['', space]))}{name})"
    elif isinstance(tree, Not):
        inner = draw(written(tree.part))
        text = f"not{space}" + (f"({inner})" if isinstance(tree.part, All | AnyOf) else inner)
    else:
        word = "and" if isinstance(tree, All) else "or"
        parts = [(one, draw(written(one))) for one in tree.parts]
        text = f"{space}{word}{space}".join(
            f"({text})" if isinstance(one, AnyOf | type(tree)) else text for one, text in parts
        )
    return f"({text})" if draw(st.integers(0, 7)) == 0 else text


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    variables = {name: draw(st.integers(-2, 2)) for name in NUMBERS}
    seen = draw(st.sets(st.sampled_from(["yard", "not", "a-1"])))
    return Facts(variables, seen, draw(st.sets(st.sampled_from(["debt", "or", "1"]))))


@tries(120)
@given(TREES.flatmap(lambda tree: st.tuples(st.just(tree), written(tree))), st.lists(facts(), min_size=3, max_size=3))
def test_a_condition_that_was_written_from_a_tree_holds_when_the_tree_does(
    case: tuple[Condition, str], some: list[Facts]
) -> None:
    tree, text = case
    read = conditions.parse_condition(text)
    assert [read.holds(one) for one in some] == [tree.holds(one) for one in some]
    assert Counter(conditions.leaves(read)) == Counter(conditions.leaves(tree))


EFFECTS = st.lists(
    st.builds(Effect, st.sampled_from(NUMBERS), st.sampled_from("+-="), st.integers(-999_999, 999_999)), min_size=1
)


@tries(50)
@given(EFFECTS, SPACE)
def test_effects_are_read_as_they_were_written(effects: list[Effect], space: str) -> None:
    text = f"{space},".join(f"{one.variable}{space}{one.op}{space}{one.number}" for one in effects)
    assert conditions.parse_effects(text) == tuple(effects)


TOKENS = ["(", ")", "not ", "and ", "or ", "a = 1", "a=", "seen(", "seen(a)", "found(b)", "=", "<=", "-1", "1", " ", ",",
          "x+1", "+", "é"]  # fmt: skip


@tries(200)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(TOKENS), max_size=14).map("".join)))
def test_any_text_is_a_condition_and_effects_or_is_refused(text: str) -> None:
    for parse in (conditions.parse_condition, conditions.parse_effects):
        try:
            parse(text)
        except ConditionError as error:
            assert str(error)


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("(" * 10_000 + "a = 1" + ")" * 10_000, None),
        ("(" * 10_000, None),
        (")" * 10_000, None),
        ("not " * 10_000 + "a = 1", None),
        ("not (" * 5_000, None),
        ("a" * 10_000, None),
        (" " * 10_000, None),
        ("a = 1 and " * 1_000, None),
        (" or ".join(["a = 1"] * 1_250), 1_250),
        (" and ".join(["seen(a)"] * 1_250), 1_250),
        (" or ".join(["not (a = 1 and a = 2)"] * 400), 800),
    ],
)
def test_a_condition_of_any_depth_and_length_is_refused_or_read(text: str, leaves: int | None) -> None:
    with bounded(5, 64):
        if leaves is None:
            with pytest.raises(ConditionError):
                conditions.parse_condition(text)
        else:
            read = conditions.parse_condition(text)
            assert len(list(conditions.leaves(read))) == leaves
            read.holds(Facts({"a": 0}, set(), set()))


def test_a_condition_of_ten_thousand_letters_in_a_case_is_a_finding() -> None:
    long = " or ".join(["trust = 0"] * 800)
    assert codes(WHOLE.replace('if="trust = 0"', f'if="{long}"')) == ["bad-value"]


# -- Markdown ---------------------------------------------------------------------------------------------------------

PLAIN = "p em strong pre blockquote ul li br hr table thead tbody tr b h1 h2 h3 h4 h5 h6"
TAGS: dict[str, set[str]] = {
    **{tag: set() for tag in PLAIN.split()}, "a": {"href", "title", "rel", "target"}, "code": {"class"}, "ol": {"start"},
    "th": {"style"}, "td": {"style"}, "div": {"class"}, "span": {"data-phrase"},
}  # fmt: skip
ATTRIBUTES = {
    "class": r"cw-say|language-\S*", "style": r"text-align:(left|right|center)", "start": "[0-9]{1,9}", "target": "_blank",
    "rel": "noopener noreferrer", "data-phrase": prose.PHRASE.pattern, "title": r"(?s:.*)",
    "href": r"(https?://|/static/|/jump_to_id/|#)\S*",
}  # fmt: skip


class Markup(HTMLParser):
    """Reads HTML as a browser does, and holds it to the list above; every element is closed where it was opened."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.phrases: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in TAGS[tag], (tag, name)
            # A browser drops these from an address before it looks at it.
            value = re.sub(r"[\x00-\x20\x7f]", "", value or "") if name == "href" else value or ""
            assert re.fullmatch(ATTRIBUTES[name], value), (name, value)
            if name == "data-phrase":
                self.phrases.append(value)
        if tag not in {"br", "hr"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"br", "hr"}
        assert not attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag

    def refused(self, data: str) -> None:
        raise AssertionError(f"neither text nor an element: {data}")

    handle_comment = handle_decl = handle_pi = unknown_decl = refused


def marked_up(html: str) -> list[str]:
    """Holds HTML to what we write; its phrases."""
    markup = Markup()
    markup.feed(html)
    markup.close()
    assert markup.open == []
    return markup.phrases


def mark(name: str, inner: str) -> str:
    return f'<span data-phrase="{name}">{inner}</span>'


def told(markdown: str) -> None:
    """All that prose makes of a text; nothing escapes but markup of ours, and one answer which phrases there are."""
    shown = marked_up(prose.inline(markdown, mark))
    assert shown == [one.name for one in prose.phrases(markdown)]
    for one in (prose.html(markdown, mark), prose.html(markdown), prose.inline(markdown), prose.page(markdown)):
        marked_up(one)
    parts = prose.paragraphs(markdown)
    assert prose.paragraphs("\n\n".join(parts)) == parts
    assert "\n" not in prose.plain(markdown)
    assert all(isinstance(one, str) for one in prose.faults(markdown))


SCHEMES = [
    "javascript:",
    "data:text/html,",
    "vbscript:",
    "//a.example",
    "file:///a",
    "blob:",
    "mailto:a",
    "https:",
    "x:",
]
SHAPES = ["[a]({})", "[a](<{}>)", "<{}>", "[a][j]\n\n[j]: {}", "![a]({})", '[a]({} "t")', "[a](\u00a0{})", "[a]( {} )",
          "[*a*]({}) b", "**[a]({}):** b", "[j]: {}\n[j]"]  # fmt: skip
DISGUISES: list[Callable[[str], str]] = [
    str, str, str, str.upper, lambda one: f"&#{ord(one)};", lambda one: f"&#x{ord(one):x};", lambda one: f"%{ord(one):x}",
    lambda one: f"\\{one}", lambda one: f"{one}&Tab;", lambda one: f"{one}\u200b", lambda one: {":": "&colon;"}.get(one, one),
]  # fmt: skip


@st.composite
def links(draw: st.DrawFn) -> str:
    """A link that should be none, in one of its disguises."""
    address = draw(st.sampled_from(SCHEMES)) + "alert(1)"
    hidden = "".join(draw(st.sampled_from(DISGUISES if draw(st.booleans()) else [str]))(one) for one in address)
    return draw(st.sampled_from(SHAPES)).format(hidden)


@tries(300)
@given(
    st.one_of(texts(25), st.text(max_size=60), links(), st.lists(st.one_of(links(), texts(4)), max_size=4).map("".join))
)
def test_any_text_becomes_harmless_markup(markdown: str) -> None:
    told(markdown)


# -- bounds -----------------------------------------------------------------------------------------------------------

REPEATED = ["[", "](", "![", "</a ", "<http://a", "<", "&a", "*a **b _c ", "a**b*c_", "`", "\\", "> ", "- ", "|a",
            "**a", "a@", "1 ", "1-", "{", "{a", "\n ", "[a]: <", "ก"]  # fmt: skip
WORST = ["[a](", "<a", "a", "1- "]


@pytest.mark.parametrize(
    ("piece", "letters"), [*((one, 10_000) for one in REPEATED), *((one, 150_000) for one in WORST)]
)
def test_a_text_of_one_thing_over_and_over_is_read_in_good_time(piece: str, letters: int) -> None:
    """Ten times as long may take ten times as long; a hundred times, and the worst of these would not be done."""
    text = (piece * letters)[:letters]
    source = case_xml(scene("a", '<go to="good"/>', text.replace("&", "&amp;").replace("<", "&lt;")))
    with bounded(8):
        check.parse(source)
        prose.html(text[:10_000])


def test_a_table_does_not_grow_past_what_was_written() -> None:
    with bounded(10, 256):
        html = prose.page("|" + "a|" * 1_000 + "\n|" + "-|" * 1_000 + "\n" + "|b\n" * 2_000)
    assert html.count("<td>") < 100_000


def plain(name: str, inside: str) -> str:
    return f'<scene id="{name}"><title>T</title><text>T</text><summary>S</summary>{inside}</scene>'


def pair(name: str, first: str = "", second: str = "") -> str:
    return f'<choose id="{name}"><ask>A</ask>{bare(f"{name}x", first)}{bare(f"{name}y", second)}</choose>'


def bare(name: str, attributes: str) -> str:
    return f'<option id="{name}" role="ok" {attributes}><text>T</text><reply>R</reply></option>'


def row(count: int, inside: Callable[[int], str] = lambda number: "", backward: bool = False) -> str:
    """Scenes that lead from one to the next."""
    ways = [*(f"s{number}" for number in range(1, count)), "good"]
    scenes = [plain(f"s{number}", f'{inside(number)}<go to="{way}"/>') for number, way in enumerate(ways)]
    return case_xml("".join(reversed(scenes) if backward else scenes), start="s0")


def put(source: str, what: str, before: str) -> str:
    return source.replace(before, what + before, 1)


def live(count: int, ways: str) -> str:
    """A case whose first spot has so many indicators, all of them read by `ways`."""
    signs = "".join(f'<indicator id="i{number}" from="own" strength="weak">I</indicator>' for number in range(count))
    words = " ".join(f"[w](indicator:i{number})" for number in range(count))
    paper = f'<document id="paper" kind="record"><title>P</title><part by="A">{words}</part></document>'
    look = '<spot id="look" document="paper" points="4"><ask>Mark.</ask></spot>'
    every = " and ".join(f"found(i{number})" for number in range(count))
    source = case_xml(
        plain("a", look + ways.format(every=every)) + plain("b", pair("c", f'if="{every}" go="good"', 'go="bad"'))
    )
    return put(put(source, signs, "<indicator"), paper, "<document")


def entangled(count: int) -> str:
    """So many choices that each set a variable of its own, all of them read at the end."""
    names = [f"v{number}" for number in range(count)]
    scenes = [plain(f"s{n}", pair(f"c{n}", f'set="v{n}=1"') + f'<go to="s{n + 1}"/>') for n in range(count)]
    end = " or ".join(f"{name} = 0" for name in names)
    scenes.append(plain(f"s{count}", pair("end", f'if="{end}" go="good"', 'go="bad"')))
    variables = "".join(f'<variable id="{name}" min="0" max="1" start="0"/>' for name in names)
    return case_xml("".join(scenes), start="s0", variables=variables)


def phrased(count: int) -> str:
    words = " ".join(f"[w](decoy:d{number})" for number in range(count))
    paper = f'<document id="paper" kind="record"><title>P</title><part by="A">{words}</part></document>'
    return put(row(1), paper, "<document")


def varied(variants: int, letters: int, uses: int) -> str:
    """Variants of one word of so many letters, and so many places where it stands."""
    made = "".join(
        f'<variant id="w{n}"><title>T</title><word id="a">{"x" * letters}</word></variant>' for n in range(variants)
    )
    return put(row(1).replace("<text>T</text>", f"<text>{'{a} ' * uses}</text>"), made, "<indicator")


def deep(count: int) -> str:
    return "<case>" + "<a>" * count + "</a>" * count + "</case>"


def offering(count: int) -> str:
    options = "".join(bare(f"o{number}", "") for number in range(count))
    return row(1, lambda number: f'<choose id="c"><ask>A</ask>{options}</choose>')


def asking(count: int, backward: bool = False) -> str:
    """Scenes that each ask whether another was seen."""
    return row(count, lambda n: pair(f"c{n}", f'if="not seen(s{n * 7 % count})"'), backward)


def stuck(count: int) -> str:
    """Scenes that are left by an option alone."""
    scenes = "".join(
        plain(f"s{number}", pair(f"c{number}", f'go="{way}"') + '<go if="seen(s0) and not seen(s0)" to="bad"/>')
        for number, way in enumerate([*(f"s{number}" for number in range(1, count)), "good"])
    )
    return case_xml(scenes, start="s0")


def texted(text: str) -> str:
    return WHOLE.replace("<text>Text.</text>", f"<text>{text}</text>", 1)


def spoken(by: str) -> str:
    return WHOLE.replace('by="Police"', f'by="{by}"', 1)


def faults_below_a_long_id() -> str:
    return WHOLE.replace('<scene id="b">', f'<scene id="{"x" * 200_000}">' + "<b/>\n" * 20_000)


def laughs(place: str) -> str:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 30))
    return f'<!DOCTYPE case [<!ENTITY l0 "ha">{entities}]>{place}'


EVERY = '<go if="{every}" to="good"/>'
MUCH: dict[str, tuple[Callable[[], str], set[str]]] = {
    "ten megabytes of text": (lambda: texted("x" * 10_000_000), {"too-large"}),
    "open brackets of three quarters of a megabyte": (lambda: texted("[" * 780_000), {"too-much-text"}),
    "lists of three quarters of a megabyte": (lambda: texted("* a\n" * 195_000), {"too-much-text"}),
    "open brackets, as many as are read": (lambda: texted("[" * 99_000), {"too-long"}),
    "lists, as many as are read": (lambda: texted("* a\n" * 24_700), {"too-long"}),
    "an attribute of ten megabytes": (lambda: spoken("x" * 10_000_000), {"too-large"}),
    "an attribute of half a megabyte": (lambda: spoken("x" * 500_000), {"bad-value"}),
    "a name of half a megabyte": (lambda: f"<case><{'x' * 400_000}/></case>", {"unknown-element", "not-xml"}),
    "faults below a long id": (faults_below_a_long_id, {"bad-value", "unknown-element"}),
    "sixty thousand faults": (lambda: "<case>" + "<a/>\n" * 60_000 + "</case>", {"unknown-element"}),
    "three hundred deep": (lambda: deep(300), {"not-xml"}),
    "two hundred deep": (lambda: deep(200), {"unknown-element"}),
    "ten thousand scenes": (lambda: row(10_000), {"too-long"}),
    "ten thousand scenes that ask": (lambda: row(10_000, lambda n: pair(f"c{n}")), {"too-large"}),
    "scenes that each ask for another": (lambda: asking(1_500), {"dead-option"}),
    "scenes that ask, told backward": (lambda: asking(1_500, backward=True), {"dead-option"}),
    "scenes with no way on": (lambda: stuck(1_500), {"no-way-on"}),
    "fifty thousand options": (lambda: offering(50_000), {"too-large"}),
    "ten thousand options": (lambda: offering(10_000), {"unused-document"}),
    "five thousand phrases": (lambda: phrased(5_000), {"unused-document"}),
    "eighteen variables": (lambda: entangled(18), {"too-entangled"}),
    "twenty-five live indicators": (lambda: live(25, '<go to="b"/>'), {"too-entangled"}),
    "twenty-five indicators on one way": (lambda: live(25, EVERY + '<go to="bad"/>'), {"too-entangled"}),
    "twenty-five indicators and no way": (lambda: live(25, EVERY), {"too-entangled"}),
    "a word that is long in every place": (lambda: varied(2, 5_000, 20_000), {"uneven-variants"}),
    "a thousand variants": (lambda: varied(1_000, 10, 20_000), {"uneven-variants"}),
    "a billion laughs": (lambda: laughs("<case>&l29;</case>"), {"doctype", "not-xml"}),
    "a billion laughs in an attribute": (lambda: laughs('<case id="&l29;"/>'), {"doctype", "not-xml"}),
}


@pytest.mark.parametrize("name", MUCH)
def test_too_much_is_said_and_not_attempted(name: str) -> None:
    make, expected = MUCH[name]
    source = make()
    with bounded(30, 700):
        case, findings = check.parse(source)
    said = {one.code for one in findings}
    assert said & expected
    assert case is not None or any(one.is_error for one in findings)
    assert sum(len(str(one)) for one in findings) < 20_000_000


def test_what_an_entity_points_at_is_not_read_and_nobody_is_asked(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret-words")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        net = f"http://127.0.0.1:{server.getsockname()[1]}/x.dtd"
        for source in [
            f'<!DOCTYPE case SYSTEM "{net}"><case/>',
            f'<!DOCTYPE case PUBLIC "a" "{net}"><case>&a;</case>',
            f'<!DOCTYPE case [<!ENTITY a SYSTEM "{secret.as_uri()}">]><case>&a;</case>',
            f'<!DOCTYPE case [<!ENTITY a SYSTEM "{net}">]><case>&a;</case>',
            f'<!DOCTYPE case [<!ENTITY % a SYSTEM "{secret.as_uri()}">%a;]><case/>',
            f'<!DOCTYPE case [<!ENTITY % a SYSTEM "{net}">%a;]><case/>',
            f'<!DOCTYPE case [<!ENTITY % a "<!ENTITY b SYSTEM \'{secret.as_uri()}\'>">%a;]><case>&b;</case>',
            f'<!DOCTYPE case [<!ATTLIST case lang CDATA "x">]>{WHOLE}',
            f'<?xml-stylesheet href="{net}"?><case/>',
            f'<case xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{secret.as_uri()}"/></case>',
            f'<case xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x {net}"/>',
        ]:  # fmt: skip
            case, findings = check.parse(source)
            assert case is None
            assert "secret-words" not in "".join(map(str, findings))
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (WHOLE.encode("utf-16"), "not-utf8"),
        (WHOLE.encode("utf-16-le"), "not-xml"),
        (WHOLE.encode("utf-32-be"), "not-xml"),
        (b'<?xml version="1.0" encoding="UTF-16"?>' + WHOLE.encode("utf-16"), "not-utf8"),
        (b'<?xml version="1.0" encoding="UTF-7"?><case>+ADw-script+AD4-</case>', "stray-text"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><case>\xe9</case>', "not-utf8"),
        (b"<case>\xc0\xbcscript</case>", "not-utf8"),
        (b"<case>\xed\xa0\x80</case>", "not-utf8"),
        ("<case>\ud800</case>", "not-utf8"),
    ],
)
def test_another_encoding_is_refused_and_never_guessed(source: str | bytes, code: str) -> None:
    case, findings = check.parse(source)
    assert case is None
    assert code in {one.code for one in findings}


@pytest.mark.parametrize("declared", ["UTF-16", "UTF-7", "latin-1", "nothing-known"])
def test_what_is_utf8_is_read_as_utf8_whatever_it_declares(declared: str) -> None:
    source = f'<?xml version="1.0" encoding="{declared}"?>' + WHOLE.replace("Practise.", "ฝึก")
    case, _ = check.parse(source.encode())
    assert case is not None
    assert case.practise.body == "ฝึก"


# -- in a block -------------------------------------------------------------------------------------------------------


def block_of(source: str, **parser: Any) -> CaseBlock:
    """The block as the platform makes it from OLX. Its parser leaves entities as they stand."""
    runtime = TestRuntime(services={"field-data": KvsFieldData(DictKeyValueStore())})
    runtime.local_resource_url = lambda block, path: f"/{path}"  # type: ignore[method-assign]
    node = etree.fromstring(source, etree.XMLParser(remove_blank_text=True, resolve_entities=False, **parser))
    return CaseBlock.parse_xml(node, runtime, ScopeIds(None, "casework-case", "d", "u"))


@pytest.fixture
def learner(db: None) -> Learner:
    return Learner(xml.canonical(xml.tree(WHOLE, "case")), DictKeyValueStore())


ENTITY = '<!DOCTYPE casework-case [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
TAKEN = '{before}<casework-case url_name="small" display_name="Small" {attributes}>{case}</casework-case>'


def taken(case: str, before: str = "", attributes: str = "") -> str:
    return TAKEN.format(case=case, before=before, attributes=attributes)


MARKUP = '<case id="&lt;script&gt;"><b/>&lt;img src=x onerror=alert(1)></case>'
FAULTY: dict[str, Callable[[], CaseBlock]] = {
    "nine megabytes of text": lambda: block_of(taken(texted("x" * 9_000_000))),
    "eleven megabytes of text": lambda: block_of(taken(texted("x" * 11_000_000)), huge_tree=True),
    "an attribute that grows when written": lambda: block_of(taken(spoken(">" * 4_000_000))),
    "two hundred deep": lambda: block_of(taken(deep(200))),
    "three hundred deep": lambda: block_of(taken(deep(300)), huge_tree=True),
    "an entity in a text": lambda: block_of(taken(texted("&b;"), ENTITY)),
    "an entity in an attribute": lambda: block_of(taken(spoken("&a;"), ENTITY)),
    "an entity that names a file": lambda: block_of(taken(texted("&f;"), ENTITY)),
    "an entity beside the case": lambda: block_of(taken("&a;<case/>", ENTITY)),
    "twenty-five indicators on one way": lambda: block_of(taken(live(25, EVERY + '<go to="bad"/>'))),
    "markup in every fault": lambda: block_of(taken(MARKUP)),
    "another namespace": lambda: block_of(taken(WHOLE.replace("<case ", '<case xmlns="urn:x" '))),
    "a weight that is no number": lambda: block_of(taken("<case/>", attributes='weight="²" max_attempts="many"')),
    "a weight of five thousand digits": lambda: block_of(taken("<case/>", attributes=f'weight="{"9" * 5_000}"')),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_block_says_one_calm_line_to_the_learner_and_the_findings_to_the_author(name: str) -> None:
    with bounded(30, 700):
        block = FAULTY[name]()
        student, author, studio = block.student_view({}), block.author_view({}), block.studio_view({})
        again = etree.Element("unknown")
        block.add_xml_to_node(again)
    said = [str(one) for one in block.reading.findings if one.is_error]
    assert said
    view = student.json_init_args["open"]
    assert (view["phase"], view["case"], view["moment"], view["file"]) == ("faulty", None, None, [])
    assert not any(one.kind.code in student.content for one in block.reading.findings)
    assert all(code in author.content for code in {one.code for one in block.reading.findings})
    assert "hostname" not in author.content
    for content in (student.content, author.content, studio.content):
        assert not re.search("<(script|img|svg)", content)
    assert 0 <= block.max_score() <= 1_000


@pytest.mark.parametrize("weight", ["²", "9" * 5_000, "1e3", "-1", "0x1"])
def test_a_weight_that_is_no_number_is_refused(learner: Learner, weight: str) -> None:
    author = replace(learner, anonymous="student", role="staff", staff=True)
    edit = {"display_name": "S", "counts": "best", "content": WHOLE, "weight": weight}
    status, answer = author.post("studio_submit", edit)
    assert (status, answer["error"]["code"]) == (400, "malformed")


def test_a_note_between_the_words_takes_none_of_them_along() -> None:
    block = block_of(taken(WHOLE.replace("Text.", "Before <!-- a note --><?note?>and after.", 1)))
    assert block.reading.case is not None
    assert block.reading.case.scene["a"].texts[0].body == "Before and after."


# -- what is shown of a document --------------------------------------------------------------------------------------

PARTS = ["{}\n\n      [more](decoy:more)", "~~~\n[more](decoy:more)\n~~~\n{}", "[a]: decoy:more\n[a] {}",
         "`a\n\n[more](decoy:more)` {}", "> {}\n> [more](decoy:more)", "<indicator:debt/3> {}",
         "| {} |\n|-|\n| [more](decoy:more) |"]  # fmt: skip


def to_the_debrief(learner: Learner) -> None:
    """One attempt in which every phrase that is shown is marked."""
    _, view = learner.post("start")
    html = " ".join(one["html"] for document in view["file"] for one in document["parts"])
    shown = re.findall('data-phrase="([0-9a-f]+)"', html)
    assert shown
    status, view = learner.post("event", {**answer_to(view, "rice"), "answer": shown})
    assert status == 200, view
    for wanted in ("Do ask now.", "words", "1"):
        status, view = learner.post("event", answer_to(view, wanted))
        assert status == 200, view
    assert view["phase"] == "debrief"


@pytest.mark.parametrize("part", PARTS)
def test_every_phrase_that_is_shown_can_be_marked_and_is_told_afterwards(learner: Learner, part: str) -> None:
    phrase = "[a debt](indicator:debt)"
    source = WHOLE.replace(phrase, part.format(phrase).replace("<", "&lt;"))
    case, findings = check.parse(source)
    assert case is not None
    assert check.is_sound(findings), findings
    learner.content = xml.canonical(xml.tree(source, "case"))
    to_the_debrief(learner)
    every = engine.Answer("look", phrases=tuple(one.name for one in case.document["note"].phrases))
    assert way.papers(case, engine.apply(case, engine.begin(case), every))


WORDS = ["[x](indicator:nothing)", "[x](decoy:more)", "](indicator:debt/7) [x", "x](decoy:more)", "`", "**",
         "x\n\n    y", "[x]: #\n", "{a}", "<b>", "\\", "[", "&#93;", "<indicator:debt/8>"]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_the_words_of_a_variant_change_nothing_but_words(learner: Learner, word: str) -> None:
    body = word.replace("&", "&amp;").replace("<", "&lt;")
    made = "".join(
        f'<variant id="{name}"><title>T</title><word id="a">{said}</word></variant>'
        for name, said in (("w1", "he"), ("w2", body))
    )
    source = put(WHOLE.replace("[a debt](", "{a} [a debt {a}]("), made, "<variable")
    case, findings = check.parse(source)
    if case is None or not check.is_sound(findings):
        assert {one.code for one in findings if one.is_error} <= {"uneven-variants", "bad-markdown"}
        return
    learner.content = xml.canonical(xml.tree(source, "case"))
    for _ in case.variants:
        to_the_debrief(learner)
