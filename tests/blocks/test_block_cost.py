"""What opening a case and answering a task ask of the platform's store and of the database, counted; time is `make bench`'s."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from xblock.fields import Scope
from xblock.runtime import DictKeyValueStore

from cases import WHOLE, case_xml, choose, option, scene
from casework.scenario import xml
from learners import Learner, answer_to

STATE = "attempt"
"""The one field in which a learner's state is kept."""


class Counted(DictKeyValueStore):
    """A store that writes down what is asked of it for learners: ("get", field) and ("set", fields)."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, ...]] = []

    def note(self, what: str, *keys: Any) -> None:
        names = [key.field_name for key in keys if key.scope is Scope.user_state]
        if names:
            self.asked.append((what, *sorted(names)))

    def get(self, key: Any) -> Any:
        self.note("get", key)
        return super().get(key)

    def has(self, key: Any) -> bool:
        self.note("has", key)
        return bool(super().has(key))

    def set(self, key: Any, value: Any) -> None:
        self.note("set", key)
        super().set(key, value)

    def delete(self, key: Any) -> None:
        self.note("delete", key)
        super().delete(key)

    def set_many(self, update_dict: Mapping[Any, Any]) -> None:
        self.note("set", *update_dict)
        for key, value in update_dict.items():
            super().set(key, value)


def asked(learner: Learner, call: Callable[[], Any]) -> tuple[list[tuple[str, ...]], list[str], Any]:
    """What a call asked of the store, the tables of the database that it asked, and what came of it."""
    store = learner.store
    assert isinstance(store, Counted)
    learner.block()
    store.asked.clear()
    with CaptureQueriesContext(connection) as captured:
        told = call()
    queries = (re.search(r'(?:FROM|INTO|UPDATE) ["`](\w+)["`]', one["sql"]) for one in captured)
    return store.asked, [one[1] for one in queries if one], told


def player(learner: Learner) -> None:
    block = learner.block()
    block.runtime.local_resource_url = lambda block, uri: uri
    block.student_view()


@pytest.fixture
def learner(db: None) -> Learner:
    return Learner(xml.canonical(xml.tree(WHOLE, "case")), Counted())


HAS, READ, WRITTEN = ("has", STATE), [("has", STATE), ("get", STATE)], ("set", STATE)
"""XBlock asks whether there is a value, and then for it: together that is one reading."""


def test_opening_a_case_that_was_not_begun_reads_the_state_once_and_asks_no_table(learner: Learner) -> None:
    assert asked(learner, learner.view)[:2] == ([HAS], [])
    assert asked(learner, lambda: player(learner))[:2] == ([HAS], [])


def test_opening_a_first_attempt_in_mid_play_reads_the_state_once_and_asks_no_table(learner: Learner) -> None:
    view = learner.post("start")[1]
    learner.post("event", answer_to(view, "papers kept, rice"))
    assert asked(learner, learner.view)[:2] == (READ, [])
    assert asked(learner, lambda: player(learner))[:2] == (READ, [])


def test_an_event_that_is_acknowledged_is_one_read_and_one_write_and_asks_no_table(learner: Learner) -> None:
    view = learner.post("start")[1]
    sent = {**answer_to(view, "papers kept, rice"), "held": False, "version": view["version"]}
    store, tables, told = asked(learner, lambda: learner.post("event", sent))
    assert told == (200, {"result": "accepted", "head": sent["id"]})
    assert (store, tables) == ([*READ, WRITTEN], [])


def test_an_event_that_asks_for_more_of_the_road_costs_the_store_no_more(learner: Learner) -> None:
    view = learner.post("start")[1]
    sent = {**answer_to(view, "papers kept, rice"), "held": [], "version": view["version"]}
    store, tables, told = asked(learner, lambda: learner.post("event", sent))
    assert told[1]["road"]["stops"]
    assert (store, tables) == ([*READ, WRITTEN], [])


def test_an_event_that_is_known_already_is_read_and_not_written(learner: Learner) -> None:
    view = learner.post("start")[1]
    sent = {**answer_to(view, "papers kept, rice"), "held": False, "version": view["version"]}
    learner.post("event", sent)
    store, tables, told = asked(learner, lambda: learner.post("event", sent))
    assert told[1]["result"] == "known"
    assert (store, tables) == (READ, [])


@pytest.mark.parametrize("change", [{"task": "x" * 12}, {"answer": ["x" * 12]}, {"prev": "0" * 32}, {"id": ""}])
def test_what_is_refused_or_asked_for_again_writes_nothing(learner: Learner, change: dict[str, Any]) -> None:
    view = learner.post("start")[1]
    sent = {**answer_to(view, "papers kept, rice"), "held": False, "version": view["version"], **change}
    store, _, told = asked(learner, lambda: learner.post("event", sent))
    assert told[0] == 400 or told[1]["result"] == "resend"
    assert store == READ


def test_the_answer_to_the_hundredth_task_costs_what_the_first_did(learner: Learner) -> None:
    """A hub that leads back to itself, so that a log grows without an end."""
    hub = case_xml(
        scene(
            "a",
            choose(
                "c",
                option("on", attributes='go="a"'),
                option("out", attributes='go="good"'),
                option("off", attributes='go="bad"'),
            ),
        )
    )
    learner = Learner(xml.canonical(xml.tree(hub, "case")), Counted())
    view = learner.post("start")[1]
    dice = random.Random(1)  # noqa: S311
    costs = []
    for number in range(100):
        sent = {**answer_to(view, "Do on now."), "id": f"{dice.getrandbits(64):016x}", "prev": view["head"]}
        sent |= {"held": False, "version": view["version"]}
        store, tables, told = asked(learner, lambda sent=sent: learner.post("event", sent))  # type: ignore[misc]
        assert told[1]["result"] == "accepted", number
        costs.append((list(store), tables))
        view = {**view, "head": told[1]["head"]}
    assert costs == [([*READ, WRITTEN], [])] * 100
