"""The open edition's own words, and how they are said: in the course's language, or in English that says so.

A sentence that is put together from several words is in one language: where one of them is not translated, all of it is
English. No markup stands in them. Where the player says the same, the English is the same, so that a translation serves both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Protocol

from casework.catalogs import Message
from casework.curriculum.speakers import SOURCE, Speaker

CATALOG = "curriculum/edition"
_PLACE = re.compile(r"\{([a-z]+)\}")

EDITION: Mapping[str, str] = {
    # the whole
    "contents": "Contents",
    "edition": "Open edition",
    "edition_told": "This is an open edition for workshops: to read, to print, and to play in a room without a computer. It is "
    "made from the same sources as the online course.",
    "not_official": "It is not the official text of any organisation.",
    "machine": "Machine translation. Not checked by a person.",
    "draft": "Not yet reviewed by a practitioner.",
    "minutes": "about {n} minutes",
    "facilitator": "For the facilitator",
    "facilitator_lesson": "Leading this lesson",
    "facilitator_case": "Key and debrief",
    "not_before": "Only for the person who leads. It tells what participants should find out themselves.",
    "lesson_page": "Lesson",
    "case": "Case",
    "case_of": "Case, group {n}",
    "script": "Script to play in the room",
    "papers": "Papers to hand out",
    "about": "About the course",
    # a lesson
    "question": "Question",
    "one_right": "One answer is right.",
    "several_right": "More than one answer may be right.",
    "hint": "Hint",
    "answers": "Answers",
    "answers_told": "Turn this page only when everybody has answered.",
    "right": "Right: {letters}",
    "room": "Write here.",
    "agree": "Agree",
    "disagree": "Do not agree",
    "sure": "How sure are you?",
    "sure_0": "Guessing",
    "sure_1": "Fairly sure",
    "sure_2": "Certain",
    "held_yes": "The course agrees.",
    "held_no": "The course does not agree.",
    "held_divided": "Practitioners are divided.",
    "case_here": "Here the group plays a case in the room.",
    "practise": "What you will practise:",
    # a script
    "how": "How to play",
    "how_1": "One person reads aloud, begins at turn 1, and goes where the script leads. Do not read ahead.",
    "how_2": "At a decision, read the answers aloud and vote by hands. The answer with most hands counts. Then read only what "
    "stands after the vote for that letter.",
    "how_3": "Keep the tallies on a board. Note the number of each turn that was played, and each sign that was found.",
    "how_4": "Hand out a paper when the script says so. It stays with the group.",
    "how_5": "Anybody may pause, leave the room, or ask to leave a scene out. Nobody has to say why.",
    "no_report": "This is not the place to report a real person. Write no real names.",
    "tallies": "Tallies",
    "tally": "Tally",
    "start": "Start",
    "least": "Never below",
    "most": "Never above",
    "turn": "Turn {n}",
    "number": "Turn",
    "turn_to": "Turn to {n}",
    "go_below": "Go on below.",
    "hand_out": "Hand out:",
    "paper": "Paper {n}",
    "only_if": "Read this only if {condition}:",
    "open_if": "Open only if {condition}.",
    "closed": "Otherwise closed:",
    "if": "If {condition}:",
    "otherwise": "Otherwise:",
    "first_true": "Take the first line that is true.",
    "decision": "Decision",
    "vote": "Vote by hands: A, B, C …",
    "vote_sure": "Before the vote everybody notes how sure they are: guessing, fairly sure, certain.",
    "after_vote": "After the vote",
    "add": "Tally {name}: add {n}.",
    "take": "Tally {name}: take away {n}.",
    "set": "Tally {name}: set it to {n}.",
    "marking": "Marking",
    "marking_told": "Each phrase has a number. Agree on the numbers that you mark. Some phrases are ordinary.",
    "marking_key": "The facilitator compares them with the key and notes the number of each sign that was found, without "
    "saying which.",
    "writing": "Writing",
    "words": "About {n} words or more are usual here.",
    "looked_for": "What your reviewer looks for",
    "judging": "Judging",
    "claim": "The claim",
    "news": "What is new",
    "judge_-2": "Speaks strongly against it",
    "judge_-1": "Speaks somewhat against it",
    "judge_0": "Changes nothing",
    "judge_1": "Speaks somewhat for it",
    "judge_2": "Speaks strongly for it",
    "end": "Here the case ends. Take a break, then talk about it.",
    "kind_conversation": "Conversation",
    "kind_record": "Record",
    "kind_thread": "Messages",
    "kind_list": "List",
    "kind_image": "Picture",
    # conditions
    "and": "{a} and {b}",
    "or": "{a} or {b}",
    "bracket": "({a})",
    "is": "tally {name} is {n}",
    "is_not": "tally {name} is not {n}",
    "less": "tally {name} is less than {n}",
    "more": "tally {name} is more than {n}",
    "at_most": "tally {name} is {n} or less",
    "at_least": "tally {name} is {n} or more",
    "played": "turn {n} was played",
    "not_played": "turn {n} was not played",
    "found": "sign {n} was found",
    "not_found": "sign {n} was not found",
    # the facilitator's part
    "prepare": "What to prepare",
    "prepare_pages": "The lesson for everybody, printed; the answers kept back.",
    "prepare_script": "The script once, for whoever reads it aloud.",
    "prepare_papers": "The papers, one set for each group.",
    "prepare_board": "A board or large paper for tallies and turns, and something to write with.",
    "prepare_care": "Tell everybody before they begin:",
    "timing": "Time by unit",
    "timing_told": "Counted for one person who works alone, shared out by the length of the texts. A group needs longer.",
    "unit": "Unit",
    "time": "Minutes",
    "talk": "Questions for a talk",
    "names": "What the tallies stand for",
    "signs": "Signs",
    "sign": "Sign {n}",
    "key": "Key to the papers",
    "number_phrase": "Number",
    "phrase": "Phrase",
    "stands_for": "What it is",
    "ordinary": "ordinary",
    "decisions": "Decisions",
    "answer": "Answer",
    "worth": "How it counts",
    "role_key": "key",
    "role_ok": "sound",
    "role_weak": "weak",
    "role_harmful": "does harm",
    "points": "points: {n}",
    "why": "Reasons",
    "panel": "What the panel says",
    "practised": "A practised answer",
    "endings": "Endings",
    "outcome_protective": "protects",
    "outcome_partly": "protects in part",
    "outcome_harmful": "does harm",
    "leave_out": "Leaving a scene out, for care",
    "leave_out_told": "Read the summary. Then go on as if the group had voted for the first of these answers that is open.",
    "leave_out_ways": "Then follow the ways at the end of that turn.",
    "sources": "Sources",
}


class Say(Protocol):
    """A word in one language, with its places filled."""

    def __call__(self, key: str, **values: object) -> str: ...


def messages() -> list[Message]:
    """Every word as translators see it."""
    about = "word of the printed edition of the course, for workshops"
    return [Message(CATALOG, f"edition/{key}", text, about) for key, text in EDITION.items()]


@dataclass(frozen=True)
class Words:
    """The words of one edition; None for what is not translated."""

    lang: str
    said: Mapping[str, str | None]

    def plain(self, key: str, **values: object) -> str:
        """A word as plain text, for a place that can say no language of its own."""
        return _filled(self.said[key] or EDITION[key], values)

    def html(self, key: str, **values: object) -> str:
        """A word as HTML. Values are HTML already."""
        return self.whole(lambda say: say(key, **values))

    def whole(self, make: Callable[[Say], str]) -> str:
        """A text put together from words, as HTML, all of it in one language."""
        asked: set[str] = set()

        def say(key: str, **values: object) -> str:
            asked.add(key)
            return _filled(escape(self.said[key] or EDITION[key], quote=False), values)

        made = make(say)
        if all(self.said[key] is not None for key in asked):
            return made
        return f'<span lang="{SOURCE}">{make(_english)}</span>'


def _english(key: str, **values: object) -> str:
    return _filled(escape(EDITION[key], quote=False), values)


def _filled(text: str, values: Mapping[str, object]) -> str:
    return _PLACE.sub(lambda match: str(values.get(match[1], match[0])), text)


def spoken(speaker: Speaker) -> Words:
    """The words as this speaker says them."""
    return Words(
        speaker.lang, {message.context.removeprefix("edition/"): speaker.say(message) for message in messages()}
    )
