"""Small cases as inline values. `case_xml` writes one from its scenes, so that a test shows only what it is about."""

from __future__ import annotations

from casework.scenario import check, xml
from casework.scenario.model import Case

HEAD = """<case id="small" lang="en" start="{start}">
<title>Small</title><practise>Practise.</practise><care>Care.</care>
{variables}{indicators}{documents}"""

DOCUMENT = """<document id="note" kind="record"><title>Note</title>
<part by="One">[papers kept](indicator:papers) and [rice](decoy:rice)</part>
<part by="Two">[a debt](indicator:debt), [papers again](indicator:papers/2)</part></document>"""
INDICATORS = """<indicator id="papers" from="ilo" strength="strong">Papers</indicator>
<indicator id="debt" from="ilo" strength="strong">Debt</indicator>"""
ENDINGS = """<ending id="good" outcome="protective"><title>Good</title><text>Good.</text></ending>
<ending id="bad" outcome="harmful"><title>Bad</title><text>Bad.</text></ending>"""
RUBRIC = """<rubric id="reasons"><row id="facts"><text>Names facts</text><level points="0">Not yet</level>
<level points="2">Clearly</level></row></rubric>"""


def scene(name: str, inside: str, text: str = "Text.", opens: str = "") -> str:
    paper = f'<open document="{opens}"/>' if opens else ""
    return f'<scene id="{name}"><title>{name}</title><text>{text}</text>{paper}<summary>In short.</summary>{inside}</scene>'


def option(name: str, *, role: str = "ok", attributes: str = "", inner: str = "") -> str:
    return (
        f'<option id="{name}" role="{role}" {attributes}>{inner}<text>Do {name} now.</text>'
        f"<reply>After {name}.</reply><why>Because {name}.</why></option>"
    )


def choose(name: str, *options: str, attributes: str = "") -> str:
    return f'<choose id="{name}" {attributes}><ask>What?</ask>{"".join(options)}</choose>'


def case_xml(scenes: str, *, start: str = "a", variables: str = "", endings: str = ENDINGS, tail: str = "") -> str:
    head = HEAD.format(start=start, variables=variables, indicators=INDICATORS, documents=DOCUMENT)
    return f"{head}{scenes}{endings}{tail}</case>"


def sound(source: str) -> Case:
    """The case, which must have no error."""
    case, findings = xml.parse(source)
    assert case is not None, [str(one) for one in findings]
    errors = [str(one) for one in check.check(case) if one.is_error]
    assert not errors, errors
    return case


def codes(source: str) -> list[str]:
    """The codes of all findings of a case, form and soundness."""
    case, findings = xml.parse(source)
    found = [*findings, *(check.check(case) if case else [])]
    return sorted({one.code for one in found})


WHOLE = case_xml(
    scene(
        "a",
        '<spot id="look" document="note" points="4"><ask>Mark.</ask></spot>'
        + choose(
            "who",
            option("ask", role="key", attributes='points="2" set="trust+1" go="b"'),
            option("send", role="harmful", attributes='set="trust=0" go="b"'),
            option("doubt", attributes='points="1" if="found(debt)" go="b"', inner="<closed>No doubt yet.</closed>"),
            attributes='confidence="yes"',
        ),
    ).replace("</text>", '</text><open document="note"/>', 1)
    + scene(
        "b",
        '<write id="say" rubric="reasons" minimum="5"><ask>Why?</ask><practised>So.</practised></write>'
        '<judge id="news"><claim>It waits.</claim><news>A paper.</news><ask>Now?</ask></judge>'
        '<go if="trust = 0" to="mend"/><go to="good"/>',
    )
    + scene(
        "mend",
        choose("again", option("back", role="key", attributes='mends="send" points="1" go="bad"'),
               option("leave", attributes='go="bad"')),
    ),
    variables='<variable id="trust" min="0" max="2" start="1"/>',
    tail=RUBRIC
    + '<panel task="who"><opinion by="Police" option="ask">Yes.</opinion>'
    '<opinion by="Health" option="doubt">No.</opinion></panel>'
    '<panel task="news"><opinion by="Police" value="2">Much.</opinion></panel>',
)  # fmt: skip
