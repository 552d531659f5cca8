"""What is measured, in one process, by its processor's time: neighbours on a machine disturb that less than the clock."""

from __future__ import annotations

import copy
import json
import logging
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tests")]
os.environ["DJANGO_SETTINGS_MODULE"] = "casework.preview.settings"

import django  # noqa: E402
from django.conf import settings  # noqa: E402

try:
    import drag_and_drop_v2
    import openassessment  # noqa: F401
except ImportError:
    drag_and_drop_v2 = None
ORA2 = ["", ".fileupload", ".workflow", ".assessment", ".staffgrader", ".xblock"]
if drag_and_drop_v2:
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "waffle", *(f"openassessment{one}" for one in ORA2)]
    settings.LMS_ROOT_URL = "http://bench.example"
# A cache would answer for the database.
settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
django.setup()
logging.disable(logging.WARNING)  # theirs, of what a platform would have

from django.db import connection  # noqa: E402
from stories import sound_story, story  # noqa: E402
from webob import Request  # noqa: E402
from xblock.core import XBlock  # noqa: E402
from xblock.fields import ScopeIds  # noqa: E402
from xblock.reference.user_service import XBlockUser  # noqa: E402
from xblock.runtime import DictKeyValueStore, KvsFieldData, NullI18nService  # noqa: E402
from xblock.test.tools import TestRuntime  # noqa: E402

from casework.blocks.case import ahead  # noqa: E402
from casework.blocks.case.block import CaseBlock  # noqa: E402
from casework.blocks.case.reading import read  # noqa: E402
from casework.blocks.case.wire import Names  # noqa: E402
from casework.scenario import check, engine, states, xml  # noqa: E402
from casework.scenario.model import Choose  # noqa: E402
from learners import Usage, Users  # noqa: E402

SCENES = 60
CALLS = 150


def median(call: Callable[[], object], calls: int = CALLS, before: Callable[[], object] = lambda: None) -> float:
    """Milliseconds of the processor; `before` is done before each call and not counted."""
    return statistics.median(taken(call, calls, before))


def taken(call: Callable[[], object], calls: int, before: Callable[[], object] = lambda: None) -> list[float]:
    out = []
    for _ in range(calls + 2):
        before()
        began = time.process_time()
        call()
        out.append((time.process_time() - began) * 1000)
    return out[2:]


# -- reading and checking ----------------------------------------------------------------------------------------------


def checking() -> None:
    xml.MOST_TEXT = 10**9  # for growth alone: nobody may play a case of 240 scenes of such length
    print("\nreading and checking a generated case of three variables; medians of 20 cases\n")
    print("| scenes | kB of XML | states | read | checked | both, ms |\n|---|---|---|---|---|---|")
    for scenes in (30, 60, 120, 240):
        reads, checks, counts, size = [], [], [], 0
        for seed in range(20):
            content = story(scenes, seed)
            size = len(content)
            parsed: list[Any] = []
            reads += taken(lambda parsed=parsed, content=content: parsed.append(xml.parse(content)[0]), 1)
            case = parsed[-1]
            checks += taken(lambda case=case: check.check(case), 1)
            try:
                counts.append(len(states.explore(case).places))
            except states.TooEntangled:
                counts.append(states.MOST_STATES)
        both = statistics.median(one + other for one, other in zip(reads, checks, strict=True))
        print(
            f"| {scenes} | {size // 1000} | {statistics.median(counts):,.0f} | {statistics.median(reads):.0f} "
            f"| {statistics.median(checks):.0f} | {both:.0f} |",
            flush=True,
        )


# -- the road ahead ----------------------------------------------------------------------------------------------------


def plays(case: Any, seed: int) -> list[Any]:
    """Each moment of a way through a case."""
    dice, play, out = random.Random(seed), engine.begin(case), []
    while not play.ending:
        out.append(play)
        due = engine.task(case, play)
        if isinstance(due, Choose):
            option = dice.choice(engine.open_options(case, play.world, due))
            move = engine.Answer(due.id, option=option.id, sure=0 if due.confidence else None)
        else:
            move = engine.Answer(due.id)
        play = engine.apply(case, play, move)
    return out


def roads() -> None:
    print(f"\na road ahead, {SCENES} scenes, three variables: ms of every moment of 8 ways through each of 5 cases\n")
    first, later = [], []
    for seed in range(5):
        shown = read(sound_story(SCENES, seed))
        case = shown.case
        assert case is not None
        names = Names("secret", "a" * 32)
        live = shown.live
        moments = [one for way in range(8) for one in plays(case, way)]
        for times in (first, later):
            for play in moments:
                began = time.process_time()
                ahead.ahead(case, play, live, names, frozenset(), lambda play: "")
                times.append((time.process_time() - began) * 1000)
    print("| | median | p95 | longest |\n|---|---|---|---|")
    for what, times in (("first time in a process", first), ("afterwards", later)):
        times.sort()
        print(f"| {what} | {statistics.median(times):.1f} | {times[int(len(times) * 0.95)]:.1f} | {times[-1]:.1f} |")


# -- blocks ------------------------------------------------------------------------------------------------------------


class Teams:
    """ora2 asks for a team; nobody has one."""

    def get_team(self, *given: object) -> None:
        return None

    def get_team_names(self, *given: object) -> dict[str, str]:
        return {}


class Place:
    """One learner's place in one block, on the same runtime and store whatever the block."""

    def __init__(self, kind: type[XBlock], learner: str = "a" * 32, **fields: object) -> None:
        self.kind, self.learner = kind, learner
        self.store = DictKeyValueStore()
        self.usage = Usage("block-v1:Casework+T+1+type@bench+block@one")
        block = self.block()
        for name, value in fields.items():
            setattr(block, name, value)
        block.save()
        self.kept: dict[Any, Any] = {}

    def keep(self) -> None:
        """What `back` comes back to."""
        self.kept = copy.deepcopy(self.store.db_dict)

    def back(self) -> None:
        self.store.db_dict = copy.deepcopy(self.kept)

    def block(self) -> XBlock:
        """The block as the next request loads it."""
        user = XBlockUser(is_current_user=True)
        user.opt_attrs.update(
            {
                "edx-platform.anonymous_user_id": self.learner,
                "edx-platform.user_role": "student",
                "edx-platform.user_is_staff": False,
                "edx-platform.user_id": 7,
                "edx-platform.username": "learner",
            }
        )
        services = {
            "user": Users(user=user), "field-data": KvsFieldData(self.store), "i18n": NullI18nService(),
            "user_state": None, "teams": Teams(), "teams_configuration": None,
        }  # fmt: skip
        runtime = TestRuntime(services=services, id_reader=None)
        runtime.publish = lambda block, event, data: None
        runtime.local_resource_url = lambda block, path: f"/{path}"
        runtime.handler_url = lambda block, handler, *given, **more: f"/{handler}"
        return self.kind(runtime, scope_ids=ScopeIds(self.learner, "bench", "def", self.usage))

    def view(self) -> Any:
        return self.block().student_view({})

    def post(self, handler: str, body: object) -> Any:
        request = Request.blank("/", method="POST", body=json.dumps(body).encode(), content_type="application/json")
        response = self.block().handle(handler, request)
        if response.status_code != 200:
            raise RuntimeError(f"{handler}: {response.status_code} {response.body[:300]}")
        return response

    def json(self, handler: str, body: object) -> Any:
        return json.loads(self.post(handler, body).body)


def event(view: dict[str, Any], number: int, dice: random.Random) -> dict[str, Any]:
    task = view["moment"]["task"]
    body = {
        "id": f"{number:016x}", "prev": view["head"], "task": task["id"], "ms": 9, "sure": None,
        "version": view["version"],
    }  # fmt: skip
    if task["kind"] == "choose":
        return {**body, "answer": dice.choice([one["id"] for one in task["options"] if one["closed"] is None])}
    return {**body, "answer": []}


def ours() -> tuple[dict[str, float], dict[str, float]]:
    place = Place(CaseBlock, content=sound_story(SCENES, 3))
    dice, number = random.Random(5), 0
    view = place.json("start", {})
    while number < 20:
        number += 1
        view = place.json("event", event(view, number, dice))
    sent = event(view, number + 1, dice)
    while view["moment"]["task"]["kind"] != "choose":
        number += 1
        view = place.json("event", event(view, number, dice))
        sent = event(view, number + 1, dice)
    place.keep()
    opened = {"a case of 60 scenes after 20 answers": median(place.view)}
    answered = {}
    for what, held in (
        ("an event, acknowledged", False),
        ("an event, with more of the road", []),
        ("an event, with the whole view", None),
    ):
        answered[what] = median(lambda held=held: place.post("event", {**sent, "held": held}), before=place.back)
    return opened, answered


def dragging() -> tuple[dict[str, float], dict[str, float]]:
    from drag_and_drop_v2 import DragAndDropBlock

    opened, answered = {}, {}
    place = Place(DragAndDropBlock)
    place.post("drop_item", {"val": 0, "zone": "top"})
    place.keep()
    opened["drag-and-drop-v2, its sample"] = median(place.view)
    opened["drag-and-drop-v2, with get_user_state"] = median(
        lambda: (place.view(), get(place, "student_view_user_state"))
    )
    answered["drag-and-drop-v2, drop_item"] = median(
        lambda: place.post("drop_item", {"val": 1, "zone": "middle"}), before=place.back
    )
    place = Place(DragAndDropBlock, mode="assessment")
    for value, zone in enumerate(("top", "middle", "bottom")):
        place.post("drop_item", {"val": value, "zone": zone})
    place.keep()
    answered["drag-and-drop-v2, do_attempt"] = median(lambda: place.post("do_attempt", {}), before=place.back)
    return opened, answered


def get(place: Place, handler: str) -> object:
    return place.block().handle(handler, Request.blank("/", method="GET"))


def assessing() -> tuple[dict[str, float], dict[str, float]]:
    from openassessment.xblock.openassessmentblock import OpenAssessmentBlock

    opened, answered = {}, {}
    place = Place(OpenAssessmentBlock, **ORA2_FIELDS)
    opened["ora2"] = median(place.view)
    opened["ora2, with its form"] = median(lambda: (place.view(), place.post("render_submission", {})))
    words = {"submission": ["He has no papers, and nobody tells him the sum of his debt."]}
    answered["ora2, save_submission"] = median(lambda: place.post("save_submission", words))
    # Its `submit` asks for the platform itself; a draft is one field that is written.
    return opened, answered


ORA2_FIELDS: dict[str, object] = {
    "prompts": [{"description": "What did you see, and who told you the rest?"}],
    "prompts_type": "text",
    "rubric_criteria": [
        {
            "order_num": 0, "name": "facts", "label": "Facts", "prompt": "Names facts", "feedback": "optional",
            "options": [
                {"order_num": one, "points": one, "name": f"{one}", "label": f"{one}", "explanation": "Says so"}
                for one in range(3)
            ],
        }
    ],
    "rubric_assessments": [{"name": "staff-assessment", "required": True, "start": None, "due": None}],
}  # fmt: skip


def blocks() -> None:
    opened, answered = ours()
    mine_opened, mine_answered = next(iter(opened.values())), next(iter(answered.values()))
    for measure, name in ((dragging, "drag-and-drop-v2"), (assessing, "ora2")) if drag_and_drop_v2 else ():
        try:
            more = measure()
        except Exception as error:  # another version of theirs may ask for more of a platform than there is here
            print(f"{name} does not run on XBlock's test runtime, left out: {type(error).__name__}: {str(error)[:200]}")
            continue
        opened |= more[0]
        answered |= more[1]
    for title, rows, base in (("opening", opened, mine_opened), ("answering", answered, mine_answered)):
        print(f"\n| {title} | ms | beside ours |\n|---|---|---|")
        for what, ms in rows.items():
            print(f"| {what} | {ms:.2f} | {ms / base:.2f} |")


def main() -> None:
    others = [f"{one} {version(one)}" for one in ("xblock-drag-and-drop-v2", "ora2")] if drag_and_drop_v2 else []
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}"
        f"{''.join(f', {one}' for one in others)}; milliseconds of the processor"
    )
    checking()
    roads()
    name = connection.settings_dict["TEST"]["NAME"] = str(connection.settings_dict["NAME"])
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        blocks()
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()
