from pathlib import Path

import pytest
from lxml import etree

from cases import WHOLE, case_xml, choose, codes, option, scene
from casework.scenario import grammar, xml

CASES = sorted((Path(__file__).parents[2] / "scenarios").glob("*/scenario.xml"))
EVERY_ELEMENT = (
    WHOLE.replace("</care>", "</care><help>Ask a colleague.</help><source>Fictional.</source>", 1)
    .replace(
        "<variable",
        '<variant id="one"><title>With Dara</title><word id="name">Dara</word></variant>'
        '<variant id="two"><title>With Sophea</title><word id="name">Sophea</word></variant><variable',
        1,
    )
    .replace(
        '<document id="note"',
        '<document id="sketch" kind="image"><title>Sketch</title>'
        '<image src="/static/sketch.png">A pier.</image></document><document id="note"',
        1,
    )
)
TEXTS = [
    "ภาษาไทยไม่มีช่องว่าง",
    "မြန်မာ ဘာသာ",
    "ភាសាខ្មែរ",
    "ພາສາລາວ",
    "tiếng Việt",
    "🔋 & <b> “q”",
    "  two  spaces\n\n\tand a tab\u00a0\u200b",
]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_every_case_of_ours_reads_and_fits_the_schema_for_editors(path: Path) -> None:
    root = xml.tree(path.read_bytes(), str(path))
    assert xml.read(root, str(path))[0] is not None
    schema = etree.RelaxNG(etree.fromstring(grammar.relaxng().encode()))
    assert schema.validate(root), schema.error_log


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_the_canonical_form_says_the_same_and_is_a_fixed_point(path: Path) -> None:
    source = path.read_bytes()
    canonical = xml.canonical(xml.tree(source, "case"))
    assert xml.canonical(xml.tree(canonical, "case")) == canonical
    assert xml.parse(canonical)[0] == xml.parse(source)[0]


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


@pytest.mark.parametrize("text", TEXTS)
def test_text_of_every_script_survives_the_platforms_parser_and_pretty_printing(text: str) -> None:
    source = WHOLE.replace("<text>Text.</text>", f"<text>{escaped(text)}</text>", 1)
    canonical = xml.canonical(xml.tree(source, "case"))
    for _ in range(3):
        platform = etree.XMLParser(remove_blank_text=True)
        exported = etree.tostring(etree.fromstring(canonical, platform), pretty_print=True, encoding="unicode")
        again = xml.canonical(xml.tree(exported, "case"))
        assert again == canonical
        canonical = again
    root = xml.tree(canonical, "case")
    assert root.findtext(".//scene/text") == text


def test_comments_and_processing_instructions_do_not_enter_the_canonical_form() -> None:
    source = WHOLE.replace("<practise>", "<!-- a note --><?php echo ?><practise>")
    assert xml.canonical(xml.tree(source, "case")) == xml.canonical(xml.tree(WHOLE, "case"))


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("", "not-xml"),
        ("<case", "not-xml"),
        ("<case>&nbsp;</case>", "not-xml"),
        ('<!DOCTYPE case [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><case>&b;</case>', "doctype"),
        ('<!DOCTYPE case SYSTEM "file:///etc/passwd"><case/>', "doctype"),
        ("<html/>", "unknown-element"),
        (b"<case>\xff</case>", "not-utf8"),
        ("<case>" + " " * xml.LARGEST + "</case>", "too-large"),
        ("<case>\x00</case>", "not-xml"),
    ],
)
def test_what_cannot_be_a_case_is_one_finding(source: str | bytes, code: str) -> None:
    case, findings = xml.parse(source, "x.xml")
    assert case is None
    assert [one.code for one in findings] == [code]


def test_three_faults_are_three_findings_with_their_lines() -> None:
    source = WHOLE.replace("<practise>", "<practice>").replace("</practise>", "</practice>")
    source = source.replace('strength="strong">Debt', 'strength="huge">Debt').replace("<news>A paper.</news>", "")
    case, findings = xml.parse(source, "x.xml")
    assert case is None
    assert {one.code for one in findings} >= {"unknown-element", "bad-value", "missing-element"}
    assert all(one.line > 0 for one in findings)
    assert str(findings[0]).startswith("x.xml:")


@pytest.mark.parametrize("name", sorted(set(grammar.ELEMENTS) - {"case"}))
def test_an_unknown_attribute_is_an_error_on_every_element(name: str) -> None:
    root = xml.tree(EVERY_ELEMENT, "case")
    element = next(root.iter(name))
    element.set("colour", "red")
    case, findings = xml.read(root, "x.xml")
    assert case is None
    assert "unknown-attribute" in {one.code for one in findings}


@pytest.mark.parametrize("name", sorted(name for name, one in grammar.ELEMENTS.items() if not one.is_text))
def test_an_unknown_element_is_an_error_in_every_element(name: str) -> None:
    root = xml.tree(EVERY_ELEMENT, "case")
    element = root if name == "case" else next(root.iter(name))
    etree.SubElement(element, "surprise")
    case, findings = xml.read(root, "x.xml")
    assert case is None
    assert "unknown-element" in {one.code for one in findings}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("<text>Text.</text>", "<text>Text <b>bold</b></text>"), "element-in-text"),
        (("<text>Text.</text>", "<text>  </text>"), "empty-text"),
        (("<text>Text.</text>", "<text>a &lt;b&gt; c</text>"), "bad-markdown"),
        (("<text>Text.</text>", "<text>[x](javascript:alert(1))</text>"), "bad-markdown"),
        (("<summary>", "stray <summary>"), "stray-text"),
        (('if="found(debt)"', 'if="found(debt"'), "bad-condition"),
        (('set="trust+1"', 'set="trust*1"'), "bad-effect"),
        (("(indicator:papers/2)", "(indicator:papers)"), "repeated-phrase"),
        (('start="1"/>', 'start="9"/>'), "bad-value"),
        (
            ("<practised>So.</practised></write>", "<practised>So.</practised><ask>Again?</ask></write>"),
            "misplaced-element",
        ),
        (("<title>Small</title>", "<title>Small</title><title>Twice</title>"), "repeated-element"),
        (('outcome="harmful"', ""), "missing-attribute"),
    ],
)
def test_each_fault_of_form_has_its_finding(change: tuple[str, str], code: str) -> None:
    assert change[0] in WHOLE
    assert code in codes(WHOLE.replace(*change, 1))


def test_untranslated_text_carries_its_own_language() -> None:
    source = WHOLE.replace("<text>Text.</text>", '<text lang="en">Text.</text>', 1).replace(
        'lang="en" start', 'lang="th" start'
    )
    case, _ = xml.parse(source)
    assert case is not None
    assert case.lang == "th"
    assert case.scene["a"].texts[0].lang == "en"


def test_contexts_name_places_by_ids_and_never_by_position() -> None:
    first = xml.tree(WHOLE, "case")
    places = {one.context for one in xml.translatable(first)}
    assert {
        "small/title",
        "small/a/text",
        "small/a/who/ask/reply",
        "small/note/part",
        "small/by",
        "small/panel/who/opinion",
    } <= places
    more = case_xml(scene("new", choose("n", option("x"), option("y")) + '<go to="good"/>'))
    assert "small/new/n/x/text" in {one.context for one in xml.translatable(xml.tree(more, "case"))}
