"""Is a translation sound? Every rule that a translation is held to, one place for each. Pure: texts in, findings out.

What is certain is an error and stops a build; what is doubtful is a warning, so that a translator still reads them. Words
that a language avoids are a list (`locale/avoid.csv`), asked in `messages.unwanted`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

from casework import prose
from casework.catalogs import Catalog, Entry, Message
from casework.findings import Finding, found
from casework.scenario.check import telling
from casework.scenario.model import Case, Choose, Option

SCRIPTS: Mapping[str, str] = {"th": "THAI", "km": "KHMER", "lo": "LAO", "my": "MYANMAR", "zh-Hans": "CJK"}
"""The script of a language as Unicode's names of signs begin; Latin for every other language."""
LATIN = "LATIN"

_PLACEHOLDER = re.compile(r"\{[A-Za-z][A-Za-z0-9_.-]*\}")
_ADDRESS = re.compile(r"\]\(([^)\s]+)\)")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,300}>")
_BLOCK = re.compile(r"\s*([-+*]\s|#{1,6}\s|>|\d{1,9}[.)]\s)")
"""With these a line begins a list, a heading or a quotation, and is no paragraph any more."""
_MARK = re.compile(r"[*`\[\]<>{}]")
"""Without one of these there is nothing to be kept: no link, phrase, place, tag or bold word."""
_WORD = re.compile(r"[a-z]{2,}")


def faults(message: Message, translation: str, lang: str, path: str, line: int) -> list[Finding]:
    """What is wrong with a translation into `lang`; "" where nobody knows the language, and its script is not looked at."""
    place = message.context
    findings: list[Finding] = []
    details = list(_form(message, translation))
    if _MARK.search(message.text) or _MARK.search(translation):  # most texts have no mark at all
        findings += _kept(message, translation, path, line)
        details = [*_marks(message, translation), *details]
    findings += [found("bad-translation", path, line, place, detail=detail) for detail in details]
    for code, values in (*_numbers(message.text, translation), *_signs(message.text, translation, lang)):
        findings.append(found(code, path, line, place, **values))
    return findings


def options(case: Case, catalog: Catalog) -> Iterator[Finding]:
    """Tasks of a case in which a translation has made the key option the longest. Where one is not translated yet, nothing."""
    for scene in case.scenes:
        for task in (one for one in scene.tasks if isinstance(one, Choose)):
            said = {one.id: _option(case, scene.id, task.id, one, catalog) for one in task.options}
            known = {name: entry for name, entry in said.items() if entry}
            if len(known) < len(said):
                continue
            key = telling(task, {name: prose.width(entry.translation) for name, entry in known.items()})
            if key:
                place = f"{case.id}/{scene.id}/{task.id}/{key.id}/text"
                yield found("longest-is-key", catalog.path, known[key.id].line, place)


def _option(case: Case, scene: str, task: str, option: Option, catalog: Catalog) -> Entry | None:
    """What a catalog says to an option, which is one paragraph."""
    text = "".join(prose.paragraphs(option.text.body))
    return catalog.entries.get((f"{case.id}/{scene}/{task}/{option.id}/text", text))


Said = tuple[str, dict[str, str]]
"""(code of a finding, what fills its sentence)."""


# -- what a translation keeps -----------------------------------------------------------------------------------------


def _kept(message: Message, translation: str, path: str, line: int) -> Iterator[Finding]:
    """Phrases that can be marked, and places in braces."""
    before = {phrase.name for phrase in prose.phrases(message.text)}
    after = [phrase.name for phrase in prose.phrases(translation)]
    if before != set(after) or len(after) != len(set(after)):
        names = sorted(before ^ set(after)) or sorted(name for name in after if after.count(name) > 1)
        yield found("lost-phrase", path, line, message.context, names=", ".join(names))
    wanted, given = ({one.lower() for one in _PLACEHOLDER.findall(text)} for text in (message.text, translation))
    # In a case they are words of a variant, and not every language says “he”: one may be left out, but none invented.
    lost = sorted(given - wanted if "/scenarios/" in f"/{path}" else given ^ wanted)
    if lost:
        yield found("lost-placeholder", path, line, message.context, names=", ".join(lost))


def _marks(message: Message, translation: str) -> Iterator[str]:
    """Markdown, links and tags."""
    text = message.text
    if not _is_plain(message):
        yield from prose.faults(translation)
    elif set(_TAG.findall(text)) != set(_TAG.findall(translation)):
        yield "its tags differ: " + ", ".join(sorted(set(_TAG.findall(text)) ^ set(_TAG.findall(translation))))
    links = set(_ADDRESS.findall(text)) ^ set(_ADDRESS.findall(translation))
    links = {one for one in links if not prose.PHRASE.fullmatch(one)}
    if links:
        yield "its links differ: " + ", ".join(sorted(links))
    if text.count("**") and not translation.count("**"):
        yield "the bold words of the source are not bold any more"
    if translation.count("**") % 2:
        yield "** opens and does not close"
    if translation.count("`") != text.count("`"):
        yield "its ` marks are other ones"


_NO_TEXT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\uf8ff\ufffd\U000f0000-\U000ffffd\U00100000-\U0010fffd]"
)
"""Control and private signs, and what stands for a sign that was lost."""


def _form(message: Message, translation: str) -> Iterator[str]:
    if prose.is_speech(message.text) != prose.is_speech(translation):
        yield "speech stays speech: **Name:** at the beginning, and nowhere else"
    if "\n\n" in translation.strip():
        yield "a paragraph stays one paragraph"
    if not _is_plain(message) and _BLOCK.match(translation) and not _BLOCK.match(message.text):
        yield "it begins like a list, a heading or a quotation"
    if _NO_TEXT.search(translation):
        yield "it holds signs that are no text"


_PLAIN = frozenset({
    "display_name", "value", "caution", "choice", "hint", "label", "by", "begin", "judgement-claim", "judgement-why",
    "diagram-p", "diagram-title", "diagram-desc",
})  # fmt: skip
"""Titles, facts, and texts in questions, judgements and diagrams are not Markdown."""


def _is_plain(message: Message) -> bool:
    return message.context.rsplit("/", 1)[-1] in _PLAIN


# -- numbers ----------------------------------------------------------------------------------------------------------

_CLOCK = re.compile(r"(?<![\d:.])([01]?\d|2[0-3])[:.]([0-5]\d)(?![\d:]|\.\d)")
_GROUPS = re.compile(r"(?<=\d)[.,\u00a0\u202f ](?=\d{3}(?!\d))")
_NOT_NUMBERS = re.compile(rf"{_ADDRESS.pattern}|https?://\S+|{_PLACEHOLDER.pattern}")
BUDDHIST = 543
"""Thai and Lao years are counted from the Buddha's death."""
LONG = 3
"""Digits from which on a number is a telephone, a law, a year or a sum, and another one in its place a fault."""


def folded(text: str) -> str:
    """A text with the digits of every script as 0-9."""
    return _OTHER_DIGIT.sub(lambda found: str(unicodedata.digit(found[0])), text)


_DIGIT = re.compile(r"\d")
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")


def _numbers(text: str, translation: str) -> Iterator[Said]:
    """Numbers of the source that are gone. One written as a word is doubtful, another long one in its place is not.

    A translation may write in digits what the source says in words; may count hours to twelve; may count years anew.
    """
    if not _DIGIT.search(text):
        return
    before, after = (_NOT_NUMBERS.sub(" ", folded(one)) for one in (text, translation))
    said = _digits(after)
    told = [clock for clock in _CLOCK.finditer(before) if _is_told(clock, said)]
    for clock in told:
        before = before.replace(clock[0], " ")
    wanted = _digits(before)
    lost = sorted(one for one in wanted - said if not (len(one) == 4 and str(int(one) + BUDDHIST) in said))
    if not lost:
        return
    years = {str(int(one) + BUDDHIST) for one in wanted if len(one) == 4}
    other = sorted(one for one in said - wanted - years if len(one) >= LONG)
    if other and any(len(one) >= LONG for one in lost):
        yield "changed-number", {"lost": ", ".join(lost), "other": ", ".join(other)}
    else:
        yield "lost-number", {"lost": ", ".join(lost)}


def _digits(text: str) -> set[str]:
    return set(re.findall(r"\d+", _GROUPS.sub("", text)))


def _is_told(clock: re.Match[str], said: set[str]) -> bool:
    hour, minutes = int(clock[1]), clock[2]
    hours = {str(hour), f"{hour:02}", str(hour % 12 or 12)}
    return bool(hours & said) and (minutes == "00" or minutes in said)


# -- signs ------------------------------------------------------------------------------------------------------------

ZERO_WIDTH_SPACE = "\u200b"
BROKEN_BY_DICTIONARY = frozenset({"th", "km", "lo", "my"})
"""Languages without spaces between words, in which an author may say with U+200B where a line may break."""

# Zawgyi is an older encoding of Burmese in the same code points, written as it looks. What gives it away cannot stand in
# Unicode Burmese: a vowel or a medial before its consonant, the stacking sign with nothing to stack, and the forms that
# Unicode has given to Mon, Karen and Shan. A short text without any of the three passes.
_ZAWGYI = re.compile(
    r"(?:^|[^\u1000-\u109f])[\u1031\u103b-\u103e]|\u1031\u1031|\u1039(?![\u1000-\u1021])"
    r"|[\u1033\u1034\u105a\u1060-\u1097]"
)


def _signs(text: str, translation: str, lang: str) -> Iterator[Said]:
    """The form of Unicode, invisible signs, letters of another script."""
    if not unicodedata.is_normalized("NFC", translation):
        yield "not-nfc", {}
    own = SCRIPTS.get(lang, LATIN)
    new = set(translation).difference(text, _ordinary(own))
    unseen = sorted(f"U+{ord(sign):04X}" for sign in new if _is_format(sign) and _is_unseen(sign, translation, lang))
    if unseen:
        yield "invisible-sign", {"names": ", ".join(unseen)}
    if not lang:
        return
    if lang == "my" and _ZAWGYI.search(translation):
        yield "zawgyi", {}
    foreign = sorted(sign for sign in new if _script(sign) not in {own, LATIN, ""})
    if foreign:
        yield "wrong-script", {"signs": " ".join(foreign), "script": own.capitalize()}
    if _is_english_still(text, translation, own):
        yield "english-still", {}


@lru_cache(maxsize=len(SCRIPTS) + 1)
def _ordinary(script: str) -> frozenset[str]:
    """The letters of a script, of which nothing need be asked: of the common ones, up to the end of Khmer's."""
    signs = map(chr, range(0x20, 0x1800))
    return frozenset(sign for sign in signs if _script(sign) in {script, LATIN} and not _is_format(sign))


@lru_cache(maxsize=4096)
def _is_format(sign: str) -> bool:
    """Whether Unicode has the sign to steer others: it is not seen itself."""
    return unicodedata.category(sign) == "Cf"


def _is_unseen(sign: str, translation: str, lang: str) -> bool:
    """Whether this sign stands anywhere but where a line may break in a language that has no spaces for it."""
    if sign != ZERO_WIDTH_SPACE or lang not in BROKEN_BY_DICTIONARY:
        return True
    parts = translation.split(sign)
    edges = [edge for before, after in pairwise(parts) for edge in (before[-1:], after[:1])]
    return not all(edge.strip() for edge in edges)


@lru_cache(maxsize=4096)
def _script(sign: str) -> str:
    """The script of a letter or mark as Unicode names it; "" for signs of all scripts."""
    if unicodedata.category(sign)[0] not in "LM":
        return ""
    script = unicodedata.name(sign, "?").split()[0]
    return "" if script in {"COMBINING", "MODIFIER", "VARIATION"} else script


def _is_english_still(text: str, translation: str, own: str) -> bool:
    """Names and figures may stay as they are; four words in small letters are neither."""
    if (translation != text) if own == LATIN else any(_script(sign) == own for sign in translation):
        return False
    return len([one for one in _NOT_NUMBERS.sub(" ", translation).split() if _WORD.match(one)]) >= 4
