"""The event rule end to end: two browsers of one learner, requests lost, replies lost, doubled and late, windows closed and
opened again, and two requests at once of which the platform keeps the later state. Every event ends in the log or aside, none
twice, and no text is lost: what does not count is there to be copied.

`Browser` is a small model of the queue in player.js: it goes on along its road without asking, sends the oldest first until it
is acknowledged, and on "resend" once all that it was told.
"""

from __future__ import annotations

import copy
import os
import random
import re
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from xblock.runtime import DictKeyValueStore

from cases import RUBRIC, WHOLE, case_xml, choose, option, scene
from casework.blocks.case.wire import Names
from casework.review.models import Answer, Finish
from casework.scenario import engine, log, xml
from casework.scenario.model import Choose, Spot, Write
from learners import Learner

pytestmark = pytest.mark.django_db
Json = dict[str, Any]

LONG = case_xml(
    "".join(
        scene(
            f"s{n}",
            choose(f"c{n}", option(f"go{n}"), option(f"back{n}", attributes='set="n+1"'))
            + f'<write id="w{n}" rubric="reasons"><ask>Why?</ask><practised>So.</practised></write>'
            + choose(f"hub{n}", option(f"again{n}"), option(f"on{n}"))
            + f'<go to="{f"s{n + 1}" if n < 1 else "good"}"/>',
        )
        for n in range(2)
    ).replace("</text>", '</text><open document="note"/>', 1),
    start="s0",
    variables='<variable id="n" min="0" max="2" start="0"/>',
    endings='<ending id="good" outcome="protective"><title>Good</title><text>Good.</text></ending>',
    tail=RUBRIC,
)
FUZZ = int(os.environ.get("CASEWORK_FUZZ") or 1)
"""`CASEWORK_FUZZ=20` tries twenty times as many windows."""
CASES = [xml.canonical(xml.tree(source, "case")) for source in (WHOLE, LONG)]


@dataclass
class Server:
    """The block and the network before it."""

    learner: Learner
    dice: random.Random
    late: list[Json] = field(default_factory=list)
    results: Counter[str] = field(default_factory=Counter)
    taken: dict[str, Json] = field(default_factory=dict)
    """By id, every event to which this server ever answered that it has it."""

    def post(self, event: Json) -> Json | None:
        """What a browser gets for an event; None where the request or its reply was lost."""
        luck = self.dice.random()
        if luck < 0.15:
            return None
        if luck < 0.25:
            self.late.append(copy.deepcopy(event))
        view = self.take(event)
        if self.dice.random() < 0.1:
            self.take(event)
        if self.late and self.dice.random() < 0.3:
            self.take(self.late.pop(self.dice.randrange(len(self.late))))
        return None if luck > 0.85 else view

    def take(self, event: Json) -> Json:
        status, view = self.learner.post("event", event)
        assert status == 200, (event, view)
        self.results[view["result"]] += 1
        if view["result"] != "resend":
            self.taken[event["id"]] = event
        return view

    def at_once(self, one: Json, other: Json) -> tuple[Json, Json]:
        """Two requests that began with one state: both are answered, and the later of the two states is kept."""
        before = copy.deepcopy(self.learner.store.db_dict)
        first = self.take(one)
        self.learner.store.db_dict = before
        self.results["overwritten"] += 1
        return first, self.take(other)


@dataclass
class Browser:
    """One window. What it shows is played by the engine, as its road would have told it."""

    server: Server
    storage: list[Json]
    name: str
    queue: list[Json] = field(default_factory=list)
    told: list[Json] = field(default_factory=list)
    made: dict[str, Json] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    over: bool = True

    def open(self) -> None:
        """A window that is opened, or opened again: what it had not been told of waits in the browser's storage."""
        self.queue, self.told = list(self.storage), []
        self.look(self.server.learner.view())

    def look(self, view: Json) -> None:
        self.over = view["phase"] != "play"
        block = self.server.learner.block()
        attempt = log.attempt(block.attempt)
        assert attempt is not None
        self.case, self.names = block.case, Names(_secret(), attempt.id)
        self.play, _ = log.play(self.case, attempt.log)
        self.head = view["head"]

    def decide(self, dice: random.Random) -> None:
        """Goes on along the road, at most four events ahead of what was acknowledged."""
        if self.over or self.play.ending or len(self.queue) >= 4:
            return
        due = engine.task(self.case, self.play)
        name = uuid.UUID(int=dice.getrandbits(128)).hex
        event: Json = {"id": name, "prev": self.head, "task": "", "answer": None, "sure": None, "ms": 9}
        move: engine.Move = engine.Skip()
        if due and (self.play.skips >= engine.MOST_SKIPS or dice.random() < 0.9):
            event["task"], sure = self.names.hidden(due.id), None
            if isinstance(due, Choose):
                chosen = dice.choice(engine.open_options(self.case, self.play.world, due))
                sure = event["sure"] = dice.randrange(3) if due.confidence else None
                event["answer"] = self.names.hidden(chosen.id)
                move = engine.Answer(due.id, option=chosen.id, sure=sure)
            elif isinstance(due, Spot):
                phrases = [one.name for one in self.case.document[due.document].phrases]
                marked = dice.sample(phrases, dice.randrange(len(phrases) + 1))
                event["answer"] = [self.names.phrase(due.document, one) for one in marked]
                move = engine.Answer(due.id, phrases=tuple(marked))
            elif isinstance(due, Write):
                event["answer"] = f"what {self.name} wrote, {name}"
                move = engine.Answer(due.id, words="w")
            else:
                event["answer"] = dice.randint(-2, 2)
                move = engine.Answer(due.id, value=event["answer"])
        event["held"] = dice.choice([None, False, []])
        self.play = engine.apply(self.case, self.play, move)
        self.head = name
        self.queue.append(event)
        self.storage.append(event)
        self.made[name] = event

    def send(self) -> None:
        if self.queue:
            self.answered(self.server.post(self.queue[0]))

    def answered(self, view: Json | None) -> None:
        if view is None or not self.queue:
            return
        if view["result"] == "resend":
            # Once for each event: where it is asked for again nothing of this window leads there, and it fits nowhere any more.
            if not self.told or self.queue[0]["id"] in self.asked:
                self.give_up()
                return
            self.asked.add(self.queue[0]["id"])
            self.queue, self.told = [*self.told, *self.queue], []
            return
        move = self.queue.pop(0)
        self.told.append(move)
        self.storage[:] = [one for one in self.storage if one["id"] != move["id"]]
        if "phase" in view and not self.queue:
            self.look(view)

    def give_up(self) -> None:
        self.storage[:] = [one for one in self.storage if one not in self.queue]
        self.open()


def _secret() -> str:
    from django.conf import settings

    return settings.SECRET_KEY


def windows(content: str, seed: int, races: bool = False) -> tuple[Server, list[Browser]]:
    """Two windows until nothing waits any more; both share the browser's storage, as windows of one browser do, or not."""
    dice = random.Random(seed)  # noqa: S311
    learner = Learner(content, DictKeyValueStore(), anonymous=uuid.uuid4().hex)
    learner.post("start")
    server = Server(learner, dice)
    shared: list[Json] = []
    both = [Browser(server, shared if seed % 2 else [], name) for name in ("one", "other")]
    for one in both:
        one.open()
    for _ in range(dice.randint(10, 80)):
        one = dice.choice(both)
        luck = dice.random()
        if luck < 0.45:
            one.decide(dice)
        elif luck < 0.93:
            one.send()
        elif luck < 0.97 or not races:
            one.open()
        elif all(each.queue for each in both) and both[0].queue[0] is not both[1].queue[0]:
            for each, view in zip(both, server.at_once(both[0].queue[0], both[1].queue[0]), strict=True):
                each.answered(view)
    # The network is back: all that waits is sent, and what was late arrives.
    for _ in range(200):
        for one in both:
            one.send()
        if not any(one.queue for one in both):
            break
    assert not any(one.queue for one in both)
    for event in server.late:
        server.take(event)
    return server, both


def ended_well(server: Server, both: list[Browser], every: bool = True) -> None:
    learner = server.learner
    view = learner.view()
    attempt = log.attempt(learner.block().attempt)
    assert attempt is not None
    made = {**both[0].made, **both[1].made}
    names = [name for entry in (*attempt.log, *attempt.aside) for name in (entry.event.id, *entry.also)]
    assert len(names) == len(set(names))
    assert set(names) <= set(made)
    # Each event that was taken stands in the log or aside.
    if every:
        assert set(names) == set(server.taken) == set(made)
    # The log is a play of the case, and follows itself.
    play, fitted = log.play(learner.block().case, attempt.log)
    assert fitted == len(attempt.log)
    ends = {"": "", **{name: entry.event.id for entry in attempt.log for name in (entry.event.id, *entry.also)}}
    follows = zip(attempt.log, ["", *(entry.event.id for entry in attempt.log)], strict=False)
    assert all(ends[entry.event.prev] == before for entry, before in follows)
    assert view["phase"] == ("debrief" if play.ending else "play")
    finished = Finish.objects.filter(student_id=learner.anonymous).count()
    # A state written over may have lost the ending of an attempt that is finished; it has no second one.
    assert finished == bool(play.ending) or (finished == 1 and not every)
    # Each text counts, or is told as one that does not; none is both.
    wrote = {one["answer"] for one in made.values() if isinstance(one["answer"], str) and " wrote, " in one["answer"]}
    wrote &= {one["answer"] for one in server.taken.values() if isinstance(one["answer"], str)}
    rows = {row.pk: row.text for row in Answer.objects.filter(student_id=learner.anonymous)}
    assert set(rows.values()) == wrote
    count = [rows[str(entry.event.answer)] for entry in attempt.log if str(entry.event.answer) in rows]
    aside = [rows[str(entry.event.answer)] for entry in attempt.aside if str(entry.event.answer) in rows]
    if every or not finished:
        assert not set(count) & set(view["aside_texts"])
    assert set(aside) <= set(view["aside_texts"])
    if every or attempt.aside or attempt.over:
        counted = set(count) if every or not finished else wrote
        assert counted | set(view["aside_texts"]) == wrote
    assert view["aside"] == len(attempt.aside)


@pytest.mark.parametrize("content", CASES, ids=["whole", "long"])
def test_two_windows_lose_and_double_nothing_whatever_the_network_does(content: str) -> None:
    seen: Counter[str] = Counter()
    ends = 0
    for seed in range(16 * FUZZ):
        server, both = windows(content, seed)
        ended_well(server, both)
        seen += server.results
        ends += server.learner.view()["phase"] == "debrief"
    assert min(seen[one] for one in ("accepted", "known", "aside")) > 20
    assert ends > 1


@pytest.mark.parametrize("content", CASES, ids=["whole", "long"])
def test_a_state_that_another_request_wrote_over_is_sent_again_and_no_text_is_lost(content: str) -> None:
    """The platform locks no state: of two requests at once the later one's is kept. The window whose event is gone from it is
    asked for its queue; where that window was closed meanwhile the event is gone, and its text is not."""
    seen: Counter[str] = Counter()
    for seed in range(16 * FUZZ):
        server, both = windows(content, seed, races=True)
        ended_well(server, both, every=False)
        seen += server.results
    assert seen["overwritten"] > 2
    assert seen["resend"] > 1


def test_texts_set_aside_are_told_in_the_order_in_which_they_came() -> None:
    learner = Learner(CASES[1], DictKeyValueStore())
    _, view = learner.post("start")
    body = {"prev": "", "task": view["moment"]["task"]["id"], "sure": None, "ms": 1}
    one, other = (option["id"] for option in view["moment"]["task"]["options"])
    _, view = learner.post("event", {**body, "id": "first-window", "answer": one})
    assert view["aside_texts"] == []
    assert learner.post("event", {**body, "id": "other-window", "answer": other})[1]["aside_texts"] == []
    task = view["moment"]["task"]["id"]
    learner.post("event", {**body, "id": "first-words", "prev": "first-window", "task": task, "answer": "Mine count."})
    for name, prev, words in (
        ("other-words", "other-window", "Theirs."),
        ("third-words", "first-window", "<b>ของฉัน 🔋</b>"),
    ):
        told = learner.post("event", {**body, "id": name, "prev": prev, "task": task, "answer": words})[1]
        assert told["result"] == "aside"
    assert told["aside_texts"] == learner.view()["aside_texts"] == ["Theirs.", "<b>ของฉัน 🔋</b>"]
    assert told["aside"] == 3
    stranger = Learner(CASES[1], learner.store, anonymous="somebody-else")
    assert stranger.view()["aside_texts"] == []
    assert not re.search(
        "Theirs|ของฉัน", str([value for value in learner.store.db_dict.values() if isinstance(value, dict)])
    )
