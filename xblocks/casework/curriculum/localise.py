"""What of a course is translated, decided once: extraction and translation both walk these functions.

Everything that holds words for people asks a `Speaker` for each of its messages. To extract, the speaker writes down what
it is asked and answers in English; to translate, it answers from catalogs; for the English package it answers in English.
So no text can be extracted and not translated, or the other way round.

A text without a translation stays English, in an element that says so. In a case that element is the whole text: sentences
of two languages are never mixed inside one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from lxml import etree

from casework import judgements, prose
from casework.catalogs import Message
from casework.curriculum import diagrams, own, pages, questions
from casework.curriculum import facts as facts_of
from casework.curriculum.facts import Country, Fact, Facts
from casework.curriculum.outline import CASE, DIAGRAM, JUDGEMENTS, OURS, Node
from casework.curriculum.repository import Tailored
from casework.curriculum.speakers import SOURCE, Speaker
from casework.findings import Finding, found
from casework.scenario import xml as case_xml

OWN = tuple(kind for kind in OURS if kind != CASE)

COURSE = "curriculum/course"
WORDS: Mapping[str, str] = {
    "source": "Source",
    "sources": "Sources of the boxes in this lesson",
    "dated": "date of the source",
    "undated": "date not stated",
    "caution": "Caution",
    "operator": "Run by",
    "hours": "Hours",
    "for_whom": "For",
    "help_near": "Talk to your supervisor, or to a colleague whom you trust.",
    "help_authority": "About a real person, turn to the authority for it",
    "draft": "Machine translation. Not checked by a person.",
    "handouts": "This course is not a place to report a real person. If somebody is in danger now, use the way that your "
    "own service has for this.",
}
"""The builder's own words on pages."""
_WORD = "word of the course on its pages"


def untranslated(path: str, missing: int, total: int) -> Finding:
    return found("untranslated", path, 0, count=missing, total=total)


# -- a course ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """What every page of a package shares."""

    speaker: Speaker
    facts: Facts
    country: Country
    reviewed: Collection[str] = frozenset()
    """The cases, by url_name, that a person has approved as this course tells them."""

    @property
    def lang(self) -> str:
        return self.speaker.lang

    def word(self, name: str) -> str:
        """A word of the builder as HTML."""
        said, english = _word_said(name, self)
        return _marked(prose.inline(said or english), said is None)

    def title(self, node: Node, comment: str) -> str:
        """A title. It cannot carry a language of its own: the platform shows it without markup."""
        catalog = f"curriculum/{node.part}" if node.kind == "problem" else COURSE
        message = Message(
            catalog, f"{node.url_name or 'course'}/display_name", node.title, comment, node.path, node.line
        )
        return self.speaker.say(message) or node.title


_TITLES = {
    "course": "title of the course",
    "chapter": "title of a part of the course",
    "sequential": "title of a lesson",
    "vertical": "title of a unit of the lesson “{lesson}”",
    "problem": "title of a question in the lesson “{lesson}”",
}


def course(node: Node, setting: Setting) -> Node:
    """The course in the speaker's language: titles said, pages as HTML, questions and cases with their texts said."""
    return _localised(node, setting, _Lesson())


@dataclass(frozen=True)
class Spoken:
    """A country's course in one language: what `olx` lays out as files. `about` is HTML, the other texts are plain."""

    country: Country
    lang: str
    course: Node
    title: str
    about: str
    about_draft: bool
    handouts: str
    draft: str


def package(tailored: Tailored, speaker: Speaker, reviewed: Collection[str] = frozenset()) -> Spoken:
    """Everything of a country's package that holds words, said by `speaker`. Cases and judgements say of themselves that a
    machine translated them, and cases that are not `reviewed` that no practitioner has read them yet."""
    setting = Setting(speaker, tailored.facts, tailored.country, reviewed)
    made = own.gathered(course(tailored.course, setting))
    name = tailored.country.name
    catalog = f"curriculum/facts-{tailored.country.code}"
    said = speaker.say(Message(catalog, "country/name", name, "name of the country, after the title of the course"))
    before = speaker.drafts
    about = page(tailored.about, setting, "", ())
    return Spoken(
        country=tailored.country,
        lang=speaker.lang,
        course=made,
        title=f"{made.title}: {said or name}",
        about=about,
        about_draft=speaker.drafts > before,
        handouts=setting.word("handouts"),
        draft=_notice(setting),
    )


def _notice(setting: Setting) -> str:
    """That a machine translated a page: in English, and in the page's language where that sentence is translated."""
    said = setting.speaker.say(Message(COURSE, "words/draft", WORDS["draft"], _WORD))
    english = f'<span lang="{SOURCE}">{WORDS["draft"]}</span>'
    return english if said is None or said == WORDS["draft"] else f"{english} {prose.inline(said)}"


@dataclass(frozen=True)
class _Lesson:
    title: str = ""
    facts: tuple[Fact, ...] = ()


def _localised(node: Node, setting: Setting, lesson: _Lesson) -> Node:
    if node.kind == "sequential":
        lesson = _Lesson(node.title, tuple(dict.fromkeys(facts_shown(node, setting.facts))))
    title = node.title
    if node.kind in _TITLES and node.title:
        title = setting.title(node, _TITLES[node.kind].format(lesson=lesson.title))
    body, before = node.body, setting.speaker.drafts
    if node.src.endswith(DIAGRAM):
        body = diagram(node, setting)
    elif node.kind == "html":
        body = page(node, setting, lesson.title, lesson.facts)
    elif node.kind == "problem" and body:
        body = question(node, setting, title)
    elif node.kind == CASE and body:
        body, title = _case(node, setting)
    elif node.kind == JUDGEMENTS and body:
        body = judged(node, setting.speaker)
    fields = _said_fields(node, setting, lesson) if node.kind in OWN else node.fields
    draft = setting.speaker.drafts > before
    description = node.description
    if description:
        said = setting.speaker.say(
            Message(COURSE, "course/short_description", description, "one sentence that presents the course", node.path)
        )
        description = said or description
    children = tuple(_localised(child, setting, lesson) for child in node.children)
    return replace(node, title=title, body=body, fields=fields, draft=draft, description=description, children=children)


def _said_fields(node: Node, setting: Setting, lesson: _Lesson) -> Mapping[str, str]:
    """The fields of a block of the learner's own. Its words follow `lang`: English where its sentence is not translated."""
    begin, lang = node.fields.get("begin", ""), setting.lang
    if begin:
        comment = f"a sentence for one's own work, which the learner finishes; lesson “{lesson.title}”"
        said = setting.speaker.say(Message(COURSE, f"{node.url_name}/begin", begin, comment, node.path, node.line))
        begin, lang = said or begin, SOURCE if said is None else lang
    return {**node.fields, **({"begin": begin} if begin else {}), "lang": lang}


def judged(node: Node, speaker: Speaker) -> str:
    """Judgements in canonical XML with every text said; one that is not translated stays English, and says so."""
    root, before = case_xml.tree(node.body, node.path), speaker.drafts
    root.set("lang", speaker.lang)
    for element, context in judgements.texts(root):
        english = " ".join((element.text or "").split())
        comment = "sentence of a colleague, to which the learner agrees or not" if element.tag == "claim" else (
            "what speaks for the sentence, then what the course holds"
        )  # fmt: skip
        line = int(element.sourceline or 0)
        said = speaker.say(Message(f"curriculum/{node.part}", context, english, comment, node.path, line))
        element.text = said or english
        if said is None:
            element.set("lang", SOURCE)
    _admit(root, speaker, before)
    return case_xml.settled(root)


def _admit(root: etree._Element, speaker: Speaker, before: int) -> None:
    """Words that no person has approved are said to be a machine's. `before`: how many there were of them before this text."""
    if speaker.lang != SOURCE and speaker.drafts > before:
        root.set("translation", "machine")


def facts_shown(node: Node, facts: Facts) -> Iterator[Fact]:
    """Every fact that pages and cases below this node show to learners, in order."""
    for one in node.walk():
        if one.kind == "html":
            for fact in pages.facts_in(one.body):
                yield from facts.shown(fact.name)
        elif one.kind == CASE:
            yield from _help_facts(facts)


def _marked(html: str, english: bool) -> str:
    return f'<span lang="{SOURCE}">{html}</span>' if english else html


# -- a page -----------------------------------------------------------------------------------------------------------

_ROLES = {
    "p": "paragraph", "li": "item of a list", "quote": "set-off paragraph", "th": "head of a table column",
    "td": "cell of a table", "h2": "heading", "h3": "heading", "h4": "heading",
}  # fmt: skip


def page(node: Node, setting: Setting, lesson: str, lesson_facts: Iterable[Fact]) -> str:
    """The page as an HTML fragment, without its wrapper."""
    catalog = f"curriculum/{node.part}"

    def comment(what: str) -> str:
        return f"{what}, spoken by the course to a practitioner" + (f"; lesson “{lesson}”" if lesson else "")

    def text(block: pages.Block) -> pages.Markup:
        context = f"{node.url_name}/{block.role}"
        about = comment(_ROLES.get(block.role, block.role))
        said = setting.speaker.say(Message(catalog, context, block.text, about, node.path, block.line))
        return pages.Markup(prose.inline(said or block.text), SOURCE if said is None else "")

    def fact(one: pages.Fact) -> str:
        if one.name == pages.SOURCES:
            return facts_of.sources(lesson_facts, setting.word, setting.lang)
        shown = setting.facts.shown(one.name)
        if shown:
            return facts_of.box(shown, lambda fact, role: value(fact, role, setting), setting.word, setting.lang)
        if not one.fallback:
            return ""
        about = comment("sentence that is shown where the country has no fact")
        message = Message(catalog, f"{node.url_name}/fallback", one.fallback, about, node.path, one.line)
        said = setting.speaker.say(message)
        lang = f' lang="{SOURCE}"' if said is None else ""
        return f'<p class="cw-no-fact"{lang}>{prose.inline(said or one.fallback)}</p>\n'

    return pages.render(node.body, text, fact)


def value(fact: Fact, role: str, setting: Setting) -> str:
    """One of a fact's texts as HTML: `value`, `caution`, `operator`, `hours` or `for_whom`."""
    said = _fact_said(fact, role, setting)
    return _marked(facts_of.linked(said or getattr(fact, role)), said is None)


def _fact_said(fact: Fact, role: str, setting: Setting) -> str | None:
    regional = fact.name.startswith("regional.")
    message = Message(
        COURSE if regional else f"curriculum/facts-{setting.country.code}",
        f"{fact.name}/{role}",
        getattr(fact, role),
        f"{role} of a fact about {'the region' if regional else setting.country.name}; plain text, names stay as they are",
        fact.path,
        fact.line,
    )
    return setting.speaker.say(message)


def _placed(node: Node, place: questions.Place) -> Message:
    """The message of a place in a question or a diagram."""
    context, line = f"{node.url_name}/{place.role}", int(place.element.sourceline or 0)
    return Message(f"curriculum/{node.part}", context, place.text, place.comment, node.path, line)


# -- a diagram --------------------------------------------------------------------------------------------------------


def diagram(node: Node, setting: Setting) -> str:
    """The diagram as HTML with its words said. It is one picture: where one of them is not translated, all stay English."""
    root = case_xml.tree(node.body, node.path)
    places = list(diagrams.texts(root))
    said = [setting.speaker.say(_placed(node, one)) for one in places]
    known = [one for one in said if one is not None]
    for place, words in zip(places, known if len(known) == len(said) else [one.text for one in places], strict=True):
        place.element.text = words
    return diagrams.html(root, SOURCE if len(known) < len(said) else "")


# -- a question -------------------------------------------------------------------------------------------------------


def question(node: Node, setting: Setting, title: str) -> str:
    """The `<problem>` with its texts said. Everything in it stands in one element with the course's language."""
    root = case_xml.tree(node.body, node.path)
    root.set("display_name", title)
    for place in questions.texts(root):
        message = _placed(node, place)
        said = setting.speaker.say(message)
        if said is None:
            place.element.text = None
            english = etree.Element("span", lang=SOURCE)
            english.text = message.text
            place.element.insert(0, english)
        else:
            place.element.text = " ".join(said.split())
    wrapper = etree.Element("div", lang=setting.lang)
    wrapper.extend(list(root))
    root.append(wrapper)
    etree.indent(root)
    return etree.tostring(root, encoding="unicode")


# -- a case -----------------------------------------------------------------------------------------------------------

_CASE_ROLES = {
    "title": "title", "practise": "what the learner practises, told before the case",
    "help": "where a learner finds help, told before the case", "image": "what a picture shows, for those who cannot see it",
    "care": "care note, told before the case", "source": "source of the case",
    "indicator": "name of a sign that may point at trafficking, told after the end",
    "summary": "summary for a learner who skips the scene", "ask": "question to the learner",
    "closed": "why this option cannot be chosen", "reply": "what happens after this option; never says whether it was right",
    "why": "reason, told after the end", "practised": "answer of a practised colleague",
    "claim": "claim that the learner judges", "news": "news that may change the claim",
    "level": "level of a rubric", "opinion": "opinion of the panel",
}  # fmt: skip


def case(body: str, speaker: Speaker, path: str) -> tuple[str, str]:
    """(canonical XML, title) of a case with every text said."""
    root = case_xml.tree(body, path)
    _case_said(root, speaker, path)
    return case_xml.settled(root), root.findtext("title", "").strip()


def _case(node: Node, setting: Setting) -> tuple[str, str]:
    """A case as it stands in a package: said, with the country's help, and with what is to be admitted of it."""
    root, before = case_xml.tree(node.body, node.path), setting.speaker.drafts
    _case_said(root, setting.speaker, node.path)
    _help(root, setting)
    _admit(root, setting.speaker, before)
    if node.url_name not in setting.reviewed:
        root.set("review", "draft")
    return case_xml.settled(root), root.findtext("title", "").strip()


def _case_said(root: etree._Element, speaker: Speaker, path: str) -> None:
    """Says every text of a case, as `scenario.xml.translatable` decides."""
    catalog = f"scenarios/{root.get('id')}"
    if speaker.lang != SOURCE:
        root.set("lang", speaker.lang)
    for element, attribute, context in case_xml.translatable(root):
        english = element.get(attribute, "") if attribute else (element.text or "")
        parts = [english] if attribute else prose.paragraphs(english)
        line = int(element.sourceline or 0)
        said = [
            speaker.say(
                Message(catalog, context, part, _speech(element, attribute, part) if speaker.writes else "", path, line)
            )
            for part in parts
        ]
        known = [one for one in said if one is not None]
        if len(known) < len(parts):
            if not attribute:
                element.set("lang", SOURCE)
        elif attribute:
            element.set(attribute, known[0])
        else:
            element.text = "\n\n".join(known)


def _help_facts(facts: Facts) -> tuple[Fact, ...]:
    """What a country says of help: its confirmed helplines, or else the authorities."""
    return facts.shown("helplines") or facts.shown("agencies.identification")


def _help(root: etree._Element, setting: Setting) -> None:
    """Puts the country's help beside a case's care note, unless the author has written one.

    All of it is in one language: where anything is not translated, in English.
    """
    care = root.find("care")
    if care is None or root.find("help") is not None:
        return
    lines = [[[_word_said("help_near", setting)]], *_help_lines(setting)]
    known = all(said is not None for line in lines for part in line for said, _ in part)
    element = etree.Element("help") if known else etree.Element("help", lang=SOURCE)
    element.text = "\n\n".join(
        " · ".join(": ".join(str(pair[0 if known else 1]) for pair in part) for part in line) for line in lines
    )
    care.addnext(element)


_Said = tuple[str | None, str]
"""(in the language, in English), as Markdown."""


def _help_lines(setting: Setting) -> Iterator[list[list[_Said]]]:
    """Paragraphs of parts of words: a helpline with what is known of it, or the authorities."""
    facts = _help_facts(setting.facts)
    if facts and not setting.facts.shown("helplines"):
        authorities = [_fact_markdown(one, "value", setting) for one in facts]
        yield [[_word_said("help_authority", setting), authorities[0]], *([one] for one in authorities[1:])]
        return
    for one in facts:
        parts = [[_fact_markdown(one, "value", setting)]]
        for role in ("operator", "hours", "for_whom", "caution"):
            if getattr(one, role):
                parts.append([_word_said(role, setting), _fact_markdown(one, role, setting)])
        if one.source_date == facts_of.UNKNOWN:
            parts.append([_word_said("undated", setting)])
        else:
            parts.append([_word_said("dated", setting), (one.source_date, one.source_date)])
        yield parts


def _word_said(name: str, setting: Setting) -> _Said:
    return setting.speaker.say(Message(COURSE, f"words/{name}", WORDS[name], _WORD)), WORDS[name]


def _fact_markdown(fact: Fact, role: str, setting: Setting) -> _Said:
    said = _fact_said(fact, role, setting)
    return None if said is None else prose.literal(said), prose.literal(getattr(fact, role))


def _speech(element: etree._Element, attribute: str, part: str) -> str:
    """Who speaks, in which role, for the translator."""
    tag = str(element.tag)
    parent = element.getparent()
    if attribute == "by":
        return (
            "who speaks, or what the line of the document is called"
            if tag == "part"
            else "trade of a voice of the panel"
        )
    speech = re.match(r"\*\*([^*]{1,60}?)\s*:\*\*", part)
    if speech:
        return f"speech of {speech[1]}"
    if tag == "part":
        kind = parent.get("kind") if parent is not None else ""
        who = element.get("by")
        return f"{who} speaks, in a conversation" if kind == "conversation" else f"line “{who}” of a document ({kind})"
    if tag == "text" and parent is not None:
        told = {
            "option": "option text, spoken by the learner",
            "row": "row of a rubric",
            "ending": "narration of an ending",
        }
        return told.get(str(parent.tag), "narration, to the learner as “you”")
    if tag == "word":
        return f"what stands in other texts where they have {{{element.get('id')}}}; one variant of the same facts"
    if tag == "opinion":
        return f"opinion of the panel: {element.get('by')}"
    if tag == "title" and parent is not None:
        return f"title of the {parent.tag!s}"
    return _CASE_ROLES.get(tag, tag)
