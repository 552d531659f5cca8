"""What can be wrong with content: named findings, each with a place and one sentence.

Every kind of finding stands in `KINDS` and nowhere else; `docs/findings.md` is generated from it. This module knows
nothing of cases, pages or packages, and prints nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error stops a build and a publication; a warning is told and stops nothing."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Kind:
    """One kind of finding: `sentence` is a `str.format` template, `meaning` tells an author why it matters."""

    code: str
    severity: Severity
    sentence: str
    meaning: str


@dataclass(frozen=True)
class Finding:
    """One fault found in one place. `place` names the element (`scene yard / option forms`), `line` counts from 1."""

    kind: Kind
    path: str
    line: int
    place: str
    message: str

    @property
    def code(self) -> str:
        return self.kind.code

    @property
    def is_error(self) -> bool:
        return self.kind.severity is Severity.ERROR

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        place = f" ({self.place})" if self.place else ""
        return f"{where}: {self.kind.severity} {self.code}: {self.message}{place}"


def _kinds(severity: Severity, rows: Iterable[tuple[str, str, str]]) -> dict[str, Kind]:
    return {code: Kind(code, severity, sentence, meaning) for code, sentence, meaning in rows}


KINDS: dict[str, Kind] = {
    **_kinds(
        Severity.ERROR,
        [
            # Reading XML
            ("not-xml", "This is not well-formed XML: {detail}", "The file cannot be read at all."),
            ("doctype", "A document type or entity is not accepted", "Entities can read files and exhaust memory."),
            ("too-large", "{size} bytes; at most {limit} are read", "A bound on what one file may ask of a server."),
            (
                "too-much-text",
                "{count} characters of text; at most {limit} are read",
                "A bound on what one case may ask of a server.",
            ),
            ("not-utf8", "This is not UTF-8 text: {detail}", "Every source is UTF-8."),
            ("unreadable", "This cannot be read: {detail}", "The file or folder is missing or closed."),
            # Structure
            ("unknown-element", "<{name}> is not known inside <{parent}>", "A misspelt element would be lost."),
            ("misplaced-element", "<{name}> stands too late inside <{parent}>", "Elements have one order."),
            ("missing-element", "<{parent}> needs <{name}>", "The element is required."),
            ("repeated-element", "<{parent}> has more than {most} <{name}>", "The element stands at most so often."),
            ("unknown-attribute", "{name}=… is not known on <{element}>", "A misspelt attribute would be lost."),
            ("missing-attribute", "<{element}> needs {name}=…", "The attribute is required."),
            ("bad-value", '{name}="{value}" on <{element}>: {expected}', "The value has another form."),
            ("stray-text", "Text “{text}” stands where only elements may", "It would be lost."),
            ("element-in-text", "<{name}> stands inside the text of <{parent}>", "Texts hold Markdown, not XML."),
            ("empty-text", "<{name}> has no text", "An empty text shows an empty place."),
            ("no-alternative", "The picture has no text alternative", "Who cannot see it would miss what it says."),
            ("repeated-id", "The id “{name}” is already used by <{other}>", "Ids are unique in a case."),
            ("bad-condition", "The condition “{text}” cannot be read: {detail}", "See the rules of play."),
            ("bad-effect", "The effect “{text}” cannot be read: {detail}", "Write x+1, x-1 or x=3."),
            ("bad-markdown", "This Markdown is not accepted: {detail}", "Raw HTML and unknown links are refused."),
            ("unknown-reference", "There is no {what} “{name}”", "The name points at nothing."),
            (
                "repeated-phrase",
                "The phrase name “{name}” is used twice",
                "Each phrase of a document has its own name.",
            ),
            (
                "uneven-variants",
                "{detail}",
                "Two or more variants, each with the same words: else the facts would differ.",
            ),
            ("wrong-panel", "{detail}", "An opinion names an option of its task, or a value from -2 to +2."),
            # Play
            ("unreachable-scene", "No way leads to this scene", "Nobody will ever read it."),
            ("unreachable-ending", "No way leads to this ending", "Nobody will ever reach it."),
            ("nothing-asked", "The case ends before anything is asked", "An attempt is ended by an answer."),
            ("no-way-on", "After this scene no <go> holds: {state}", "The learner would be stuck."),
            ("no-open-option", "Every option is closed: {state}", "The learner would be stuck."),
            ("no-ending", "From here no ending can be reached: {state}", "The learner would go in circles."),
            ("empty-circle", "Scenes without a task lead in a circle: {scenes}", "Play would never come to rest."),
            ("dead-option", "This option is never open", "It can never be chosen."),
            ("scored-again", "This task can be met again after it was answered", "Points are earned once."),
            (
                "protected-past-harm",
                "The protective ending “{ending}” can be reached past this, unmended",
                "A harm that was not mended must show in how it ends.",
            ),
            (
                "too-entangled",
                "More than {limit} states; the case is too entangled to prove",
                "Fewer conditions on marks and variables make it checkable.",
            ),
            # The writer
            ("no-why", "A harmful option needs a <why>", "The debrief owes the learner the reason."),
            ("decoy-tells", "The decoy “{name}” says “{word}”", "A decoy must not give itself away."),
            ("too-long", "{count} characters; a case has at most {limit}", "A content library stops at 50,000."),
            # Curriculum
            ("unknown-fact", "There is no fact “{name}”", "A fact stands in regional.toml or country.toml."),
            ("bad-fact", "The fact “{name}”: {detail}", "Facts carry value, source, source_date, confidence, show."),
            ("fact-not-alone", "“{text}”: a fact stands alone in its paragraph", "It becomes a box of its own."),
            ("climbing-path", "“{path}” leads outside its folder", "Sources stay inside the repository."),
            ("missing-file", "“{path}” does not exist", "An outline or a case names a file that is not there."),
            (
                "repeated-file",
                "“{name}” is another picture than “{other}”",
                "A package has one folder for all of them.",
            ),
            ("repeated-url-name", "The url_name “{name}” is used twice", "The platform would lose one of the two."),
            ("bad-url-name", "The url_name “{name}” has other signs than a-z 0-9 _ - .", "Learner state hangs on it."),
            (
                "unstable-url-name",
                "The url_name “{name}” counts, or was made by chance: say what stands there",
                "It would move with the next insertion, and learner state is lost.",
            ),
            ("bad-toml", "This cannot be read: {detail}", "Facts are a TOML file of [[fact]] tables."),
            ("bad-review", "This review cannot be counted: {detail}", "A review names a hash, a person and a date."),
            ("bad-problem", "{detail}", "The question would not work, or be dropped in silence."),
            ("bad-outline", "{detail}", "The outline cannot become a course."),
            ("heading-order", "A heading of level {found} follows level {before}", "Screen readers rely on the order."),
            (
                "no-such-target",
                "The change points at “{name}”, which {regional} does not have",
                "The regional source has moved on.",
            ),
            (
                "no-such-place",
                "The change points at “{name}”, which stands {count} times in {other}",
                "A change needs exactly one place; the regional case may have moved on.",
            ),
            (
                "walk-lost",
                "{other} no longer fits the changed case: {detail}",
                "A walkthrough of the regional case proves the changed one too.",
            ),
            # Packages
            (
                "wrong-grader",
                "The lesson's format “{name}” is no grader of the course; it has: {known}",
                "The gradebook would never count the lesson.",
            ),
            ("lost-block", "{detail}", "The importer drops what it cannot follow, and says nothing."),
            ("lost-entity", "The importer cannot read {name}", "It would drop the whole block without a word."),
            (
                "dead-link",
                "“{target}” leads nowhere in this package",
                "A learner would be told that there is no such page.",
            ),
            ("bad-policy", "The policy cannot be used: {detail}", "The importer takes it for an empty one."),
            (
                "unreviewed-page",
                "Nobody has approved this text, and a release asks for it",
                "Consent, interviews, referral and law are read by somebody of the practice before learners see it.",
            ),
            ("unreviewed-case", "Nobody has approved this case", "A release has no draft of a case."),
            (
                "unreviewed-translation",
                "Nobody has approved all of its translation ({lang})",
                "A release has no machine translation where consent, interviews, referral and law are told, and in no case.",
            ),
            (
                "unconfirmed-helpline",
                "No named person has confirmed the helpline “{value}” on a date",
                "Somebody in danger may call it.",
            ),
            ("wrong-inventory", "{detail}", "The manifest is what an import is compared with."),
            # Catalogs
            ("bad-catalog", "This catalog cannot be read: {detail}", "A broken catalog would lose translations."),
            ("lost-phrase", "The translation does not keep the phrases {names}", "Marks would have no place."),
            ("lost-placeholder", "The translation does not keep {names}", "The value would not be shown."),
            ("bad-translation", "The translation is not accepted: {detail}", "It is held to the source's rules."),
            (
                "changed-number",
                "The translation has {other} where the source has {lost}",
                "A wrong telephone, law or year misleads. Digits of every script count as digits.",
            ),
            ("not-nfc", "The translation is not in Unicode form NFC", "Equal words would not be found as equal."),
            (
                "zawgyi",
                "The translation looks like Burmese in the Zawgyi encoding",
                "It is shown as other words. Convert it to Unicode.",
            ),
            (
                "wrong-script",
                "The translation has {signs}, which is neither {script} nor Latin",
                "A letter of a neighbouring script looks right and is read as another word.",
            ),
            ("bad-msgfmt", "msgfmt says: {detail}", "Translators' programs would refuse the catalog."),
            # A sheet for translators
            (
                "table-conflict",
                "The translation was not taken: {detail}",
                "The sheet and the catalog have parted since the sheet was written.",
            ),
            ("bad-row", "The row cannot be taken: {detail}", "Its translation would be lost, or be another one."),
            # Walkthroughs
            ("bad-walk", "{detail}", "A walkthrough is one step a line, and “ends ENDING POINTS” last."),
            ("lost-walk", "{detail}", "The walkthrough no longer fits the case."),
        ],
    ),
    **_kinds(
        Severity.WARNING,
        [
            ("unused-indicator", "No phrase carries this indicator", "It can never be found."),
            ("unused-variable", "No condition reads this variable", "Each variable opens, closes or turns something."),
            ("unused-document", "No scene opens this document", "It never enters the case file."),
            ("unused-rubric", "No task uses this rubric", "It is never applied."),
            ("ending-not-walked", "No walkthrough reaches this ending", "Walkthroughs prove each ending."),
            ("longest-is-key", "The longest option is the key one", "A guesser would take it, in a translation too."),
            ("key-always-first", "The key option stands first in every task", "A guesser would take it."),
            (
                "unequal-options",
                "Option lengths run from {least} to {most} characters",
                "Lengths within a task differ by a third at most.",
            ),
            (
                "library-size",
                "{count} characters of XML; a content library keeps {limit}",
                "In a course it works; put into a library it would not be kept.",
            ),
            ("personal-data", "“{text}” looks like a {kind}", "No real person, ever."),
            ("long-scene", "{count} words; a scene has at most {limit}", "It is read on a telephone."),
            (
                "long-sentences",
                "Half of the sentences have {words} words or more; at most {limit}",
                "It is translated.",
            ),
            ("no-closed", "This option can be closed and gives no reason", "It is then absent without a word."),
            (
                "lost-number",
                "The translation does not have {lost}",
                "Perhaps it is written as a word; if not, a time or a sum is missing.",
            ),
            (
                "invisible-sign",
                "The translation holds signs that nobody sees: {names}",
                "They break searches; U+200B may stand inside Thai, Khmer, Lao and Burmese.",
            ),
            ("english-still", "The translation is English still", "It would be read as a translation."),
            ("untranslated", "{count} of {total} messages have no translation", "They stay English in the course."),
            ("heavy-picture", "{size} bytes; a picture has at most {limit}", "Telephones on weak networks load it."),
            (
                "avoided-word",
                "“{word}”: {because}",
                "A word of locale/avoid.csv; the glossary says what to write instead.",
            ),
            ("odd-file", "“{path}” belongs to nothing: {outlines}", "A page or question that no outline names."),
        ],
    ),
}


def found(code: str, path: str, line: int, place: str = "", /, **values: object) -> Finding:
    """A finding of kind `code`; `values` fill its sentence. KeyError on a code that does not exist."""
    kind = KINDS[code]
    return Finding(kind, path, line, place, kind.sentence.format(**values))


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by file, line and code, each once."""
    return sorted(set(findings), key=lambda one: (one.path, one.line, one.code, one.message))


def reference() -> str:
    """`docs/findings.md`: every kind, generated, so that the page and the code cannot part."""
    lines = [
        "# Findings",
        "",
        "What `casework check` and `casework build` can say, generated from `xblocks/casework/findings.py` by `make docs`.",
        "An *error* stops a build; a *warning* does not.",
        "",
        "| code | | what it says | why it matters |",
        "|---|---|---|---|",
    ]
    for kind in sorted(KINDS.values(), key=lambda one: (one.severity, one.code)):
        sentence = kind.sentence.replace("|", "\\|")
        lines.append(f"| `{kind.code}` | {kind.severity} | {sentence} | {kind.meaning} |")
    return "\n".join(lines) + "\n"
