"""Every word that the blocks show, in English, and where it is said in another language.

A word's key is its `msgctxt`, its English the `msgid`, so a changed sentence is a new message and never keeps an old
translation. Sentences avoid plurals ("Points: {n} of {m}"): some of our languages have none, and the browser needs no
rule for the others. No markup stands in them, and nobody's name. A key that ends in a value (`sure_0`, `judge_-2`,
`tag_harm`) is put together in the browser.
"""

from __future__ import annotations

import gettext
import re
from functools import lru_cache
from importlib.resources import files

from casework import pseudo

PLAYER: dict[str, str] = {
    # the ten digits as the language writes them in everyday print
    "digits": "0123456789",
    # before the start
    "case_minutes": "Case · about {n} minutes · you can stop and come back",
    "case": "Case · you can stop and come back",
    "practise": "What you will practise:",
    "care_skip": "You may pause at any time, or skip a scene and read a short summary instead. It costs no points.",
    "help": "If it comes close to home",
    "help_near": "Talk to your supervisor, or to the authority that your service works with.",
    "exit": "Leave quickly",
    "exit_told": "“Leave quickly” opens another page at once and clears what this device keeps of the case. The list of pages "
    "that the browser keeps is not cleared.",
    "start": "Start the case",
    "how": "How this works",
    "how_decisions": "Your decisions change what happens. There is more than one good way through.",
    "how_explained": "Explanations come at the end.",
    "how_written": "Written answers are read by your instructor, who sees an alias and not your name.",
    "attempts_left": "Attempts left: {n}",
    "machine": "Machine translation. Not checked by a person.",
    "draft": "Not yet reviewed by a practitioner.",
    "not_stored": "Preview: nothing is stored here. Learners start the case in their course.",
    "faulty": "This case cannot be shown at the moment. Please tell your instructor.",
    "no_script": "This case needs JavaScript.",
    # on the way
    "trail": "Done so far: {n}",
    "file": "Case file",
    "file_folded": "Case file · documents: {n}",
    "file_new": "new: {n}",
    "doc_new": "new",
    "doc_read": "read",
    "doc_marked": "phrases marked: {n}",
    "doc_here": "in the task",
    "doc_close": "Close",
    "kind_conversation": "Conversation",
    "kind_record": "Record",
    "kind_thread": "Messages",
    "kind_list": "List",
    "kind_image": "Picture",
    "closed": "Closed:",
    "sure": "How sure are you?",
    "sure_0": "Guessing",
    "sure_1": "Fairly sure",
    "sure_2": "Certain",
    "decide": "Decide",
    "first_choose": "First choose one of the answers.",
    "first_sure": "First say how sure you are.",
    "marked": "Marked: {n}. Some phrases are ordinary.",
    "marked_none": "Nothing is marked yet. Some phrases are ordinary.",
    "marked_sure": "Nothing is marked. If that is your answer, press the button again.",
    "done_marking": "Done marking",
    "no_report": "This is not the place to report a real person. Write no real names.",
    "looked_for": "What your reviewer looks for",
    "advice": "Words: {n}. About {m} or more are usual here.",
    "draft_kept": "What you type is kept on this device until it is sent.",
    "send": "Send the answer",
    "first_write": "First write an answer.",
    "personal": "This looks like a telephone number, the number of a passport or an e-mail address: “{found}”. If it belongs to "
    "a real person, take it out. If not, press the button again. Only common forms are noticed, names and addresses are not.",
    "claim": "The claim",
    "news": "What is new",
    "judge_-2": "Speaks strongly against it",
    "judge_-1": "Speaks somewhat against it",
    "judge_0": "Changes nothing",
    "judge_1": "Speaks somewhat for it",
    "judge_2": "Speaks strongly for it",
    "decided": "You decided:",
    "continue": "Continue",
    "recap": "What happened last",
    "skipped": "You skipped a scene. In short:",
    "pause": "Pause",
    "paused": "You can close this page.",
    "paused_kept": "Your place is kept. Come back when you like.",
    "go_on": "Go on",
    "skip": "Skip this scene",
    "skip_ask": "Skip this scene?",
    "skip_told": "You read a short summary, and the story goes on. It costs no points. You can still skip this often: {n}",
    "skip_none": "No more scenes can be skipped in this attempt. You can pause, or close the page.",
    "skip_yes": "Skip it",
    "skip_no": "Stay here",
    # saving
    "saving": "Saving…",
    "saved": "Saved",
    "not_sent": "Not sent. Your answer is kept here.",
    "no_answer": "There is no connection just now.",
    "again": "Try again",
    "aside": "This case went on in another window. Your other answer is kept.",
    "changed": "The author has changed this case. What still fits of your way is kept; you go on from here.",
    "refreshed": "This page was out of date. Here is the case as it stands now.",
    # afterwards
    "debrief": "{title} · debrief",
    "points": "Points",
    "points_waiting": "Points that wait for review: {n}",
    "points_returned": "Points of answers given back, not counted now: {n}",
    "points_changed": "Points at the end of the case: {n}. Points now: {m} of {k}.",
    "points_levels": "Points that your reviewer gave for your answers: {n}.",
    "points_set": "Your reviewer changed the points that the case had counted, from {n} to {m}. The reason:",
    "points_taken_back": "Your reviewer took back an earlier change of the points. The reason:",
    "grade_waited": "While an answer waits, the gradebook leaves its points out. Now they are counted there.",
    "points_skipped": "Points of scenes skipped, not counted: {n}",
    "grade": "In the gradebook: {n} of {m}",
    "of": "{n} of {m}",
    "key_taken": "Key decisions taken",
    "found": "Indicators found",
    "false": "False marks: {n}",
    "harmful": "Choices that did harm",
    "way": "Your way",
    "map": "The picture shows the steps of the list, and the ways that you left.",
    "compared": "The same facts, another person",
    "compared_told": "What you decided when you first played with each of them.",
    "not_met": "Not met on this way.",
    "other_told": "The case can be played once more with another person. Then your decisions stand side by side. The "
    "explanations are worth more after that.",
    "other": "Play it with another person",
    "explain": "The explanations now",
    "tag_key": "Key decision taken",
    "tag_harm": "Did harm",
    "tag_skipped": "Skipped",
    "was_sure_0": "You were guessing.",
    "was_sure_1": "You were fairly sure.",
    "was_sure_2": "You were certain.",
    "way_marks": "found: {n} of {m}, false marks: {f}",
    "decisions": "Your decisions",
    "panel": "The panel's voices were written by the authors to show different views.",
    "mine": "Your decision",
    "other_way": "Another way:",
    "opinions": "The panel in its own words",
    "there": "What was there to see",
    "mark_hit": "found",
    "mark_missed": "missed",
    "mark_alarm": "marked, but ordinary",
    "writing": "Your reasons, and one way to put them",
    "wrote": "You wrote",
    "wrote_nothing": "There is no text.",
    "practised": "A practised answer",
    "waiting": "Your answer waits for your reviewer.",
    "reviewed": "Reviewed on {date}",
    "comment": "Your reviewer writes",
    "given": "given",
    "returned": "Given back to you on {date}",
    "returned_told": "Your reviewer has given an answer back to you.",
    "returned_do": "Read the reason. Then play the case again and write a new answer. You can do this even if no attempts "
    "are left.",
    "returned_before": "Why your reviewer gave back your last answer",
    "reviewed_before": "What your reviewer wrote on your last answer",
    "earlier": "Attempt {n}, {date}: what your reviewer wrote",
    "judgements": "What the news changed",
    "my_view": "Your view",
    "plan": "Next time I will…",
    "plan_told": "Your instructor does not see this. It comes back to you when you open the case in two weeks.",
    "plan_keep": "Keep it",
    "plan_due": "On {date} you wrote: Next time I will…",
    "print": "Print this page",
    "play_again": "Play the case again",
    "no_attempts": "No attempts are left.",
    "no_attempt": "This case has not been started yet.",
    # authors and Studio
    "author_counts": "Scenes: {scenes}. Endings: {endings}. Tasks: {tasks}. Points: {points}.",
    "faulty_author": "This case has faults. Learners see one calm line instead of it.",
    "installed": "Casework is installed.",
    "no_findings": "Nothing was found to be wrong with this case.",
    "findings": "What was found",
    "studio_name": "Name",
    "studio_content": "The case, as XML",
    "studio_weight": "Points in the gradebook (empty: as many as the case has)",
    "studio_attempts": "Attempts (empty: without limit)",
    "studio_counts": "Which attempt counts",
    "studio_best": "the best",
    "studio_latest": "the latest",
    "studio_save": "Save",
    "studio_cancel": "Cancel",
    "studio_refused": "Not saved. The case stays as it was.",
}
"""What a case says; all of it goes to the browser."""

OWN: dict[str, str] = {
    # one sentence at the end of a lesson, and the page that gathers all of them
    "my_plan": "My plan",
    "sentence_told": "It is kept in “My plan”, as your own. Your instructor does not see it. Write no real names.",
    "own_not_stored": "Preview: nothing is stored here.",
    "own_no_script": "This part needs JavaScript.",
    "plan_none": "Nothing is kept yet. What you write at the end of a lesson or a case comes to stand here.",
    "plan_back": "Two weeks have passed since you wrote this. What came of it?",
    "plan_kept_on": "Kept on {date}",
    "plan_open": "Not written yet: {n}",
    "plan_elsewhere": "Elsewhere in this course",
    "plan_count": "Sentences kept: {n}",
    # judgements before and after
    "agree": "I agree",
    "disagree": "I do not agree",
    "judge_open": "Still open: {n}. Each sentence needs both answers.",
    "judge_keep": "Keep my answers",
    "judge_kept": "Your answers are kept. At the end of the course the same sentences come again, beside these answers.",
    "judge_mine": "Your answers",
    "judge_before": "Before the course",
    "judge_now": "Now",
    "judge_no_before": "Before the course you did not answer. So only the answers of today stand here.",
    "judge_changed": "Where you have changed your mind",
    "judge_certain": "Where you had been certain and have changed your mind",
    "judge_differ": "Where you and the course differ",
    "held_yes": "The course agrees.",
    "held_no": "The course does not agree.",
    "held_divided": "Practitioners divide here.",
    "judge_lesson": "Lesson:",
    "judge_faulty": "These sentences cannot be shown at the moment. Please tell your instructor.",
}
"""What the learner's own blocks say."""

PLATFORM: dict[str, str] = {
    # what a case says for the platform: drawn on the server, so the script needs none of it
    "time_over": "The time for this case has ended. No more answers are taken. What you did before is kept.",
    "held_never": "In this course, the points and explanations of this case are not shown.",
    "held_due": "The points and explanations come when the time for this case has ended.",
    "why_never": "In this course, the explanations of this case are not shown.",
    "why_later": "The explanations come when no attempts are left, or when the time for this case has ended.",
    "sign_in": "To play this case, sign in and enrol in this course.",
}
"""What a course's dates and settings make a case say."""

WORDS: dict[str, str] = PLAYER | OWN | PLATFORM

# A language names a file: nothing but letters, digits and hyphens may reach it.
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def words(lang: str) -> dict[str, str]:
    """All words in `lang`; English where there is no catalog or no translation. `th-TH` is read as `th`. The pseudo-language
    needs no catalog."""
    if not _LANGUAGE.fullmatch(lang):
        return dict(WORDS)
    if lang == pseudo.LANG:
        return {key: english if english.isdecimal() else pseudo.said(english) for key, english in WORDS.items()}
    said = _catalog(lang) or _catalog(lang.split("-")[0])
    return dict(said or WORDS)


@lru_cache(maxsize=32)
def _catalog(lang: str) -> dict[str, str] | None:
    compiled = files("casework.blocks").joinpath("locale", f"{lang}.mo")
    if not compiled.is_file():
        return None
    with compiled.open("rb") as file:
        catalog = gettext.GNUTranslations(file)
    return {key: catalog.pgettext(key, english) for key, english in WORDS.items()}
