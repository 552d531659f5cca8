"""Whatever bytes find a new way through the code: `python scripts/fuzz.py [--seconds S]`, and part of `make soak`.

Needs atheris, which has wheels for Linux alone and so is no development dependency (`.venv/bin/uv pip install atheris`); where
it is missing one line says so. The first byte of an input says what the rest is: a case, an event for the rule, a request for
a handler, or a stored attempt. Only our own errors may come of it. What breaks is written to `crash-…` in a temporary folder
whose name is printed; `--input FILE` tries one again.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import sys
import tempfile
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "xblocks"), str(ROOT / "tests")]
warnings.filterwarnings("ignore")

ERRORS = {400, 403, 404, 405, 409, 413}
EVENT = b'{"id": "event-01", "prev": "HEAD", "task": "TASK", "answer": "ANSWER", "sure": 1, "ms": 5, "held": []}'


def main() -> int:
    asked = argparse.ArgumentParser(prog="fuzz", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--seconds", type=int, default=300)
    asked.add_argument("--input", type=Path, metavar="FILE", help="try one input that broke something")
    given = asked.parse_args()
    try:
        import atheris
    except ImportError:
        print("fuzz: skipped, atheris is not installed")
        return 0
    os.environ["DJANGO_SETTINGS_MODULE"] = "casework.preview.settings"
    folder = Path(tempfile.mkdtemp(prefix="casework-fuzz-"))
    os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'fuzz.sqlite3'}"
    with atheris.instrument_imports(include=["casework"]):
        import django

        django.setup()
        from casework.blocks.case import block  # noqa: F401
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    import logging

    logging.disable(logging.CRITICAL)
    one = Everything()
    if given.input:
        one(given.input.read_bytes())
        return 0
    seeds = folder / "seeds"
    seeds.mkdir()
    for number, seed in enumerate(one.seeds()):
        (seeds / str(number)).write_bytes(seed)
    print(f"fuzz: {given.seconds} seconds, in {folder}", flush=True)
    options = [f"-max_total_time={given.seconds}", "-max_len=20000", "-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1",
               "-verbosity=0", f"-artifact_prefix={folder}/", str(seeds)]  # fmt: skip
    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()
    return 0


ANYTHING = [None, True, False, 0, 1, -1, 2, 3, 2**40, 1.5, 1e400, "", "x", "x" * 10_000, "event-01", "\ud800", "a\0b", "look",
            "2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", [], [[]], ["x"], [1], {}, {"a": 1}]  # fmt: skip


def put(value, place: int, what: int) -> None:
    """Another value at the place of that number, counted through the tree."""
    waiting, found = [value], []
    while waiting:
        one = waiting.pop(0)
        inside = list(one.items()) if isinstance(one, dict) else list(enumerate(one)) if isinstance(one, list) else []
        found += [(one, key) for key, _ in inside]
        waiting += [each for _, each in inside]
    holder, key = found[place % len(found)]
    holder[key] = copy.deepcopy(ANYTHING[what % len(ANYTHING)])


class Everything:
    """One input, by its first byte. Raises where something happens that may not."""

    def __init__(self) -> None:
        from xblock.runtime import DictKeyValueStore

        from cases import WHOLE
        from casework.blocks.case.wire import Names
        from casework.scenario import check, xml
        from learners import Learner, answer_to

        case, _ = check.parse(WHOLE)
        assert case is not None
        self.source, self.case = WHOLE, case
        self.learner = Learner(xml.canonical(xml.tree(WHOLE, "case")), DictKeyValueStore())
        self.learner.post("start")
        self.fresh = copy.deepcopy(self.learner.store.db_dict)
        for wanted in ("a debt", "Do ask now."):
            self.learner.post("event", answer_to(self.learner.view(), wanted))
        self.begun = copy.deepcopy(self.learner.store.db_dict)
        self.names = Names("", "")
        self.key = next(key for key in self.begun if key.field_name == "attempt")

    def seeds(self) -> list[bytes]:
        attempt = json.dumps(self.begun[self.key]).encode()
        edit = json.dumps({"content": self.source, "display_name": "S", "counts": "best", "weight": 5}).encode()
        requests = [b"{}", EVENT, b'{"text": "A plan."}', edit, b"[1e999, NaN, null, true, -5]"]
        skip = EVENT.replace(b"TASK", b"").replace(b'"ANSWER"', b"null")
        spot = EVENT.replace(b'"ANSWER"', b'["ANSWER"]')
        handlers = [bytes([2 + 4 * at]) + body for at in range(10) for body in (*requests, skip, spot)]
        return [
            b"\0" + self.source.encode(),
            b"\1" + EVENT,
            b"\1" + skip,
            b"\1" + spot,
            *handlers,
            b"\3" + attempt,
            b"\3\xff\0",
            b"\7\xff\1\xfe\2\xfd\3",
        ]

    def __call__(self, data: bytes) -> None:
        if data:
            (self.parse, self.event, self.request, self.state)[data[0] % 4](data[0] // 4, data[1:])

    def parse(self, _: int, data: bytes) -> None:
        from casework.scenario import check, xml

        case, findings = check.parse(data)
        assert case is not None or not check.is_sound(findings)
        if case is not None:
            once = xml.canonical(xml.tree(data, "case"))
            assert xml.canonical(xml.tree(once, "case")) == once

    def event(self, _: int, data: bytes) -> None:
        from casework.scenario import log

        try:
            body = json.loads(data)
        except (ValueError, RecursionError):
            return
        if not isinstance(body, dict):
            return
        slugs = {"TASK": "look", "ANSWER": "note#indicator:debt", "W": "who", "A": "ask", "S": "say", "N": "news"}
        now = log.Attempt("attempt-1", 1, "2026-01-01T00:00:00+00:00", "f" * 16)
        try:
            receipt = log.receive(self.case, now, log.read_event(self.case, body, lambda among: slugs))
        except (log.Malformed, log.Refused):
            return
        assert len(receipt.attempt.log) <= 1

    def request(self, which: int, data: bytes) -> None:
        """A handler, from the beginning of an attempt or its middle; of a refusal nothing is kept."""
        handlers = ("open", "start", "event", "plan", "studio_submit")
        self.learner.store.db_dict = copy.deepcopy(self.fresh if which % 2 else self.begun)
        self.learner.staff = handlers[which // 2 % 5] == "studio_submit"
        self.learner.role = "staff" if self.learner.staff else "student"
        self.posted(handlers[which // 2 % 5], data)

    def state(self, which: int, data: bytes) -> None:
        try:
            stored = json.loads(data)
        except (ValueError, RecursionError):
            # No JSON: pairs of bytes, a place of an honest attempt and what is put there.
            stored = copy.deepcopy(self.begun[self.key])
            for place, what in zip(data[::2], data[1:12:2], strict=False):
                put(stored, place, what)
        self.learner.store.db_dict = {**copy.deepcopy(self.begun), self.key: stored}
        self.posted(("open", "event", "start", "plan")[which % 4], EVENT if which % 4 == 1 else b'{"text": "p"}')

    def posted(self, handler: str, data: bytes) -> None:
        from casework.review.models import Answer

        status, view = self.learner.post("open")
        assert status == 200, view
        if view["phase"] == "play":
            task = view["moment"]["task"]
            answer = task["options"][0]["id"] if task["kind"] == "choose" else "words"
            for mark, word in ((b"TASK", task["id"]), (b"ANSWER", answer), (b"HEAD", view["head"])):
                data = data.replace(mark, word.encode())
        before = copy.deepcopy(self.learner.store.db_dict)
        status, view = self.learner.post(handler, data)
        assert status == 200 or (status in ERRORS and set(view) == {"error"}), (status, view)
        assert status == 200 or repr(self.learner.store.db_dict) == repr(before)
        Answer.objects.all().delete()


if __name__ == "__main__":
    sys.exit(main())
