"""Stories for measuring: so many scenes, three variables that options change and ask for, three documents to mark.

A story runs apart and together again, as people write them: a scene leads one to three scenes on. One option in five asks for
something, half of them change a variable, one question in eight is for what was seen or found shortly before. Every text is of an
ordinary length. The same number and seed give the same story.
"""

from __future__ import annotations

import random
import re

from casework.scenario import check, xml

SAID = "the man asks where his brother is and nobody answers for a long time while rain falls on an open yard near old boats"
WORDS = SAID.split()
VARIABLES = ("trust", "time", "noise")
DOCUMENTS = 3
OPTIONS = 4


class Story:
    def __init__(self, scenes: int, seed: int, lang: str) -> None:
        self.lang = lang
        self.dice = random.Random(seed)
        self.scenes = scenes
        self.spots = {scenes * (one + 1) // (DOCUMENTS + 1): one for one in range(DOCUMENTS)}

    def said(self, words: int) -> str:
        return " ".join(self.dice.choice(WORDS) for _ in range(words)).capitalize() + "."

    def question(self, at: int) -> str:
        """A condition that can hold at the scene of this number."""
        dice = self.dice

        def one() -> str:
            marked = [number for scene, number in self.spots.items() if scene <= at]
            kind = dice.random()
            if kind < 0.06 and marked:
                return f"found(sign-{marked[-1]}-{dice.randrange(2)})"
            if kind < 0.12 and at > 6:
                return f"seen(scene-{at - dice.randint(1, 6)})"
            return f"{dice.choice(VARIABLES)} {dice.choice(('&gt;', '&lt;', '='))} {dice.randint(1, 2)}"

        return one() if dice.random() < 0.6 else f"{one()} {dice.choice(('and', 'or'))} {one()}"

    def option(self, at: int, number: int, ways: list[str]) -> str:
        dice = self.dice
        attributes = closed = ""
        if number and dice.random() < 0.2:
            attributes += f' if="{self.question(at)}"'
            closed = f"<closed>{self.said(6)}</closed>"
        if number and dice.random() < 0.5:
            attributes += f' set="{dice.choice(VARIABLES)}{dice.choice(("+1", "-1", "+1", "-1", "=2"))}"'
        if dice.random() < 0.3:
            attributes += ' points="1"'
        if ways[-1] == "badly" and number == 1:
            attributes += ' go="badly"'
        elif number < 2 or dice.random() < 0.5:
            attributes += f' go="{ways[0] if number == 0 else dice.choice(ways)}"'
        role = ("key", "ok", "weak", "ok")[number]
        return (
            f'<option id="option-{at}-{number}" role="{role}"{attributes}>{closed}<text>{self.said(12)}</text>'
            f"<reply>{self.said(25)}</reply><why>{self.said(12)}</why></option>"
        )

    def scene(self, at: int) -> str:
        ways = [f"scene-{one}" for one in range(at + 1, min(at + 4, self.scenes))] or ["well", "badly"]
        opened = marking = ""
        if at in self.spots:
            name = f"paper-{self.spots[at]}"
            opened = f'<open document="{name}"/>'
            marking = f'<spot id="spot-{at}" document="{name}" points="2"><ask>{self.said(6)}</ask></spot>'
        options = [self.option(at, number, ways) for number in range(OPTIONS)]
        self.dice.shuffle(options)
        more = f'<text if="{self.question(at)}">{self.said(15)}</text>' if self.dice.random() < 0.3 else ""
        return (
            f'<scene id="scene-{at}"><title>{self.said(3)}</title><text>{self.said(60)}</text>{more}{opened}'
            f"<summary>{self.said(12)}</summary>{marking}"
            f'<choose id="choose-{at}"><ask>{self.said(8)}</ask>{"".join(options)}</choose>'
            f'<go if="{self.question(at)}" to="{self.dice.choice(ways)}"/><go to="{ways[0]}"/></scene>'
        )

    def paper(self, number: int) -> str:
        parts = "".join(
            f'<part by="One">{self.said(6)} [{self.said(3)}](indicator:sign-{number}-{one}) {self.said(6)} '
            f"[{self.said(3)}](decoy:plain-{number}-{one})</part>"
            for one in range(2)
        )
        return f'<document id="paper-{number}" kind="record"><title>{self.said(3)}</title>{parts}</document>'

    def whole(self) -> str:
        out = [f'<case id="story" lang="{self.lang}" start="scene-0"><title>{self.said(3)}</title>']
        out += [f"<practise>{self.said(12)}</practise><care>{self.said(15)}</care>"]
        out += [f'<variable id="{one}" min="0" max="3" start="1"/>' for one in VARIABLES]
        out += [
            f'<indicator id="sign-{number}-{one}" from="ilo" strength="strong">{self.said(6)}</indicator>'
            for number in range(DOCUMENTS)
            for one in range(2)
        ]
        out += [self.paper(number) for number in range(DOCUMENTS)]
        out += [self.scene(at) for at in range(self.scenes)]
        for name, outcome in (("well", "partly"), ("badly", "harmful")):
            out.append(
                f'<ending id="{name}" outcome="{outcome}"><title>{name}</title><text>{self.said(20)}</text></ending>'
            )
        return "".join(out) + "</case>"


def story(scenes: int, seed: int, lang: str = "en") -> str:
    """A case as XML. Its form is right; an option may be one that can never be taken, which is found."""
    return Story(scenes, seed, lang).whole()


def sound_story(scenes: int, seed: int) -> str:
    """The same, without the questions that no way answers, as text that a block can hold. Not in English, of which so much
    would be too long."""
    content = story(scenes, seed, "th")
    while True:
        _, findings = check.parse(content)
        errors = [one for one in findings if one.is_error]
        if not errors:
            return xml.canonical(xml.tree(content, "story"))
        for one in errors:
            if one.code == "dead-option":
                name = one.place.removeprefix("option ")
                content = re.sub(rf'(<option id="{name}" role="\w+") if="[^"]*"', r"\1", content)
            else:
                raise ValueError(str(one))
