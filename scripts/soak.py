"""Learners, reviewers and readers at once, for as long as they are told: `make soak`, or `python scripts/soak.py [--seconds S]`.

On MariaDB if it answers, else on PostgreSQL (`--database URL` for another), in a database of its own that goes again.
50 learners play the real block through its handlers, each request in one transaction as on the platform; some requests are
lost, some answers to them, some arrive twice, at the same moment or late, or before the one that they follow; some come
from an older tab; and now and then a learner's state is reset. 5 reviewers take the next answer, review, return and
override, at times two of them the same answer; meanwhile the pages of the class, the queue and the exports are read.
At the end what is stored is held against what was acknowledged. Prints figures; exits 1 where anything does not fit.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import random
import socket
import sys
import tempfile
import threading
import time
import traceback
import uuid
import warnings
from collections import Counter, defaultdict
from contextlib import closing
from datetime import datetime, timezone
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "xblocks"), str(ROOT / "tests"), str(ROOT / "scripts" / "bench")]
warnings.filterwarnings("ignore")

USUAL = ["mariadb://root@127.0.0.1:3306", "postgres://postgres@127.0.0.1:5432"]
COURSE = "course-v1:Casework+SOAK+2026"
LEARNERS, AT_A_PROCESS, REVIEWERS = 50, 10, 5
TRIES = 6
"""How often a request is sent again that met a deadlock."""
ATTEMPTS = 4
"""So often a learner finishes each case; then somebody new sits down."""


def main() -> int:
    asked = argparse.ArgumentParser(prog="soak", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--seconds", type=float, default=300)
    asked.add_argument("--database", metavar="URL", help="such as " + USUAL[0])
    asked.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    given = asked.parse_args()
    url = given.database or next(filter(answers, USUAL), None)
    if url is None:
        print("neither MariaDB nor PostgreSQL answers; --database names one", file=sys.stderr)
        return 1
    os.environ["DATABASE_URL"] = f"{url.rstrip('/')}/casework_soak"
    set_up()
    from django.db import connection, connections

    name = str(connection.settings_dict["NAME"])
    connection.settings_dict["TEST"]["NAME"] = f"{name}_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    print(
        f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))}, {platform.machine()}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC, "
        f"{given.seconds:.0f} s, seed {given.seed}",
        flush=True,
    )
    try:
        warm()
        with tempfile.TemporaryDirectory() as folder:
            connections.close_all()
            notes = run(given, Path(folder))
        figures(notes, given.seconds)
        faults = [*notes.errors, *held_against(notes)]
    finally:
        connections.close_all()
        connection.creation.destroy_test_db(name, verbosity=0)
    for one in faults[:20]:
        print("FAULT", one)
    print(f"{len(faults)} faults" if faults else "nothing lost, nothing wrong")
    return 1 if faults else 0


def answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=2):
            return True
    except OSError:
        return False


def set_up() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "casework.preview.settings"
    import logging

    import django
    from django.conf import settings

    settings.MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ]
    settings.ROOT_URLCONF, settings.CASEWORK_MAY_REVIEW = "site_of_bench", "site_of_bench.may_review"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    django.setup()
    logging.disable(logging.WARNING)


def warm() -> None:
    """What servers that have been up for a while know: the cases are read once, before the processes part."""
    from django.contrib.auth import get_user_model
    from xblock.runtime import DictKeyValueStore

    from casework.blocks.case import reading
    from casework.review.storage import cases
    from learners import Learner

    get_user_model().objects.create(username="reviewer")
    for _, content, settings in items():
        assert reading.read(content).maximum == cases.maximum(content)
        # XBlock gathers the fields of a class when they are asked for first, and threads that meet there find None.
        assert Learner(content, DictKeyValueStore(), settings=settings).view()["phase"] == "start"


# -- notes ------------------------------------------------------------------------------------------------------------


class Notes:
    """What one process saw. Threads write into one; processes hand theirs over as JSON."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors: list[str] = []
        self.words: list[list] = []
        """[place, attempt, event, text, aside, whether the attempt was finished]"""
        self.reset: list[list] = []
        """Places, each with the moment of its reset: what was acknowledged before is gone."""
        self.judged: list[list] = []
        """[answer, what the reviewer had seen of it, reviewer]"""
        self.leases: list[list] = []
        """[attempt, reviewer, from, until]: an attempt was this reviewer's for so long."""

    def failed(self, what: str) -> None:
        self.errors.append(f"{what}: {traceback.format_exc(limit=-6)}")

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(vars(self)), encoding="utf-8")

    def add(self, path: Path) -> None:
        for name, value in json.loads(path.read_text(encoding="utf-8")).items():
            if name == "counts":
                self.counts.update(value)
            elif name == "times":
                for kind, taken in value.items():
                    self.times[kind] += taken
            else:
                getattr(self, name).extend(value)


def again(notes: Notes, what: str, call):
    """The call's answer, in a transaction; again where the database says that it should be tried again, as a browser and the
    platform would."""
    from django.db import OperationalError, transaction

    for turn in range(TRIES):
        began = time.perf_counter()
        try:
            with transaction.atomic():
                answer = call()
            notes.times[what].append((time.perf_counter() - began) * 1000)
            return answer
        except OperationalError as error:
            cause = error.__cause__
            number = cause.args[0] if cause is not None and cause.args else None
            code = number if isinstance(number, int) else getattr(cause, "sqlstate", None)
            # MariaDB: deadlock, waited too long for a lock, row changed since read. PostgreSQL: deadlock, serialization.
            if code not in (1213, 1205, 1020, "40P01", "40001") or turn == TRIES - 1:
                raise
            notes.counts[f"tried again after {code} ({what})"] += 1
            time.sleep(random.uniform(0.01, 0.1))
    raise AssertionError


def run(given: argparse.Namespace, folder: Path) -> Notes:
    """All processes for as long as was asked; answers with what they saw."""
    until = time.time() + given.seconds
    fork = multiprocessing.get_context("fork")
    jobs = [(learners, number) for number in range(0, LEARNERS, AT_A_PROCESS)] + [(reviewers, 0), (readers, 0)]
    processes = []
    for number, (work, first) in enumerate(jobs):
        path = folder / f"{number}.json"
        processes.append(fork.Process(target=process, args=(work, first, given.seed, until, path)))
        processes[-1].start()
    notes = Notes()
    for number, one in enumerate(processes):
        one.join(given.seconds + 180)
        if one.is_alive():
            one.terminate()
            notes.errors.append(f"process {number} hangs")
        elif (folder / f"{number}.json").exists():
            notes.add(folder / f"{number}.json")
        else:
            notes.errors.append(f"process {number} died with {one.exitcode}")
    return notes


def process(work, first: int, seed: int, until: float, path: Path) -> None:
    notes = Notes()
    try:
        work(notes, first, seed, until)
    except BaseException:
        notes.failed(work.__name__)
    notes.write(path)


def threads(notes: Notes, calls) -> None:
    from django.db import connections

    def one(call) -> None:
        try:
            call()
        except BaseException:
            notes.failed("a thread")
        finally:
            connections.close_all()

    started = [threading.Thread(target=one, args=(call,)) for call in calls]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


# -- learners ---------------------------------------------------------------------------------------------------------


def items() -> list[tuple[str, str, dict]]:
    """(usage id, content, settings) of the cases that are played: a small one with every kind of task, and two real ones."""
    import fill

    from review import small_case

    usage = "block-v1:Casework+SOAK+2026+type@casework-case+block@"
    return [
        (f"{usage}small", small_case.CONTENT, {}),
        (f"{usage}bag", fill.content_of("the-bag", "th"), {"weight": 10}),
        (f"{usage}pier", fill.content_of("eleven-men-at-the-pier", "en"), {"counts": "latest"}),
    ]


def learners(notes: Notes, first: int, seed: int, until: float) -> None:
    played = items()
    one_more = threading.Semaphore(2)  # connections of requests that are sent twice at the same moment
    seats = [
        Seat(notes, played, random.Random(seed * 1000 + first + at), until, one_more) for at in range(AT_A_PROCESS)
    ]
    threads(notes, [seat.sit for seat in seats])


class Seat:
    """Where one learner after another sits down and plays."""

    def __init__(self, notes, played, draw, until, one_more) -> None:
        self.notes, self.played, self.draw, self.until, self.one_more = notes, played, draw, until, one_more

    def sit(self) -> None:
        while time.time() < self.until:
            student = uuid.UUID(int=self.draw.getrandbits(128)).hex
            self.notes.counts["learners"] += 1
            turns = [item for item in self.played for _ in range(ATTEMPTS)]
            self.draw.shuffle(turns)
            stores: dict = {}
            for item in turns:
                if time.time() >= self.until:
                    return
                try:
                    self.play(student, item, stores)
                except Exception:
                    self.notes.failed(f"learner at {item[0][-5:]}")
                    stores.pop(item[0], None)  # as if the state had been lost: the next attempt is a new one
                    return

    def play(self, student: str, item, stores: dict) -> None:
        from xblock.runtime import DictKeyValueStore

        from learners import Learner, Usage

        usage, content, settings = item
        store = stores.setdefault(usage, DictKeyValueStore())
        name = Usage(usage)
        name.context_key = COURSE
        learner = Learner(content, store, anonymous=student, usage=name, settings=settings)
        status, view = self.post(learner, "start", {})
        assert status == 200, (status, view)
        events, texts = self.planned(content, view["attempt"]["id"])
        place = [COURSE, usage, student]
        kept = self.send(learner, events, texts)
        for event, (text, aside) in kept.items():
            self.notes.words.append([place, view["attempt"]["id"], event, text, aside, True])
        self.notes.counts["attempts finished"] += 1
        _, view = self.post(learner, "open", {})
        assert view["phase"] == "debrief", view["phase"]
        if self.draw.random() < 0.01:
            stores.pop(usage)
            again(self.notes, "reset", lambda: learner.block().clear_student_state(student, COURSE, usage, "1"))
            self.notes.words = [one for one in self.notes.words if one[0] != place]
            self.notes.counts["states reset"] += 1
            self.notes.reset.append(place)

    def planned(self, content: str, attempt: str) -> tuple[list[dict], dict[str, str]]:
        """A whole play as events that a browser would send, and by event id the text of those in which one is written."""
        from django.conf import settings

        from casework.blocks.case.wire import Names
        from casework.review import api
        from casework.scenario import engine, xml
        from casework.scenario.model import Choose, Judge, Spot

        case, draw = api.read(content), self.draw
        names = Names(settings.SECRET_KEY, attempt)
        play, events, texts = engine.begin(case), [], {}
        while not play.ending:
            task, sure = engine.task(case, play), None
            event = {"id": f"{draw.getrandbits(128):032x}", "prev": events[-1]["id"] if events else "", "ms": 5000}
            if isinstance(task, Choose):
                option = draw.choice(engine.open_options(case, play.world, task)).id
                sure = draw.randrange(3) if task.confidence else None
                move, answer = engine.Answer(task.id, option=option, sure=sure), names.hidden(option)
            elif isinstance(task, Spot):
                marked = sorted(one.name for one in case.document[task.document].phrases if draw.random() < 0.5)
                move = engine.Answer(task.id, phrases=tuple(marked))
                answer = [names.phrase(task.document, one) for one in marked]
            elif isinstance(task, Judge):
                answer = draw.randrange(-2, 3)
                move = engine.Answer(task.id, value=answer)
            else:
                answer = texts[event["id"]] = self.text(attempt)
                move = engine.Answer(task.id, words="kept")
            play = engine.apply(case, play, move)
            # Mostly as from a browser that is further down its road; now and then the whole view is asked for.
            event |= {"held": draw.choice([False, False, False, None]), "version": xml.fingerprint(content)[:10]}
            events.append({**event, "task": names.hidden(task.id), "answer": answer, "sure": sure})
        return events, texts

    def text(self, attempt: str) -> str:
        import fill

        return f"{attempt} {self.draw.getrandbits(32)} 🧭 {fill.text(self.draw.choice(['th', 'en']), self.draw)}"

    def send(self, learner, events: list[dict], texts: dict[str, str]) -> dict[str, tuple[str, bool]]:
        """Sends a play over a bad line until every event is acknowledged; answers with the texts that were."""
        draw, counts, at, sent = self.draw, self.notes.counts, 0, False
        kept: dict[str, tuple[str, bool]] = {}
        while at < len(events):
            event, luck = events[at], draw.random()
            counts["events sent"] += 1
            if luck < 0.05:
                counts["requests lost"] += 1
                continue
            if luck < 0.10 and at + 1 < len(events) and not sent:
                self.early(learner, events[at + 1])
            if luck < 0.15 and at > 1:
                self.late(learner, events[draw.randrange(at - 1)])
            if luck < 0.18 and event["id"] in texts and at:
                kept |= self.older_tab(learner, events, at)
                sent = True
            status, view = self.twice(learner, event) if draw.random() < 0.1 else self.post(learner, "event", event)
            assert status == 200, (status, view)
            sent = True
            if draw.random() < 0.07:
                counts["answers lost"] += 1  # it was taken, but the browser does not know: the same comes again
                continue
            assert view["result"] in ("accepted", "known"), view["result"]
            counts[view["result"]] += 1
            if event["id"] in texts:
                kept[event["id"]] = (texts[event["id"]], False)
            at, sent = at + 1, False
        return kept

    def early(self, learner, event: dict) -> None:
        """Overtakes the event that it follows: the block asks for the queue from its oldest."""
        status, view = self.post(learner, "event", event)
        assert (status, view.get("result")) == (200, "resend"), (status, view.get("result"))
        self.notes.counts["came too early"] += 1

    def late(self, learner, event: dict) -> None:
        status, view = self.post(learner, "event", event)
        assert (status, view.get("result")) == (200, "known"), (status, view.get("result"))
        self.notes.counts["came late once more"] += 1

    def older_tab(self, learner, events: list[dict], at: int) -> dict[str, tuple[str, bool]]:
        """Another tab answers the same task with another text, after this one: kept aside, never scored."""
        self.post(learner, "event", events[at])
        other = {**events[at], "id": f"{self.draw.getrandbits(128):032x}", "answer": self.text("another tab")}
        status, view = self.post(learner, "event", other)
        assert (status, view.get("result")) == (200, "aside"), (status, view.get("result"))
        self.notes.counts["answers from an older tab"] += 1
        return {other["id"]: (other["answer"], True)}

    def twice(self, learner, event: dict):
        """The same request at the same moment."""
        from django.db import connections

        answers = []

        def other() -> None:
            try:
                answers.append(self.post(learner, "event", event))
            except Exception:
                self.notes.failed("the same event at once")
            finally:
                connections.close_all()

        with self.one_more:
            thread = threading.Thread(target=other)
            thread.start()
            mine = self.post(learner, "event", event)
            thread.join()
        self.notes.counts["came twice at once"] += 1
        return mine

    def post(self, learner, handler: str, body: dict) -> tuple[int, dict]:
        """One request in one transaction, the learner's state with it: what was rolled back was not kept there either."""

        def call():
            before = dict(learner.store.db_dict)
            try:
                return learner.post(handler, body)
            except BaseException:
                learner.store.db_dict.clear()
                learner.store.db_dict.update(before)
                raise

        return again(self.notes, handler, call)


# -- reviewers --------------------------------------------------------------------------------------------------------


def reviewers(notes: Notes, first: int, seed: int, until: float) -> None:
    opened: list[int] = []  # attempts that somebody has just taken: another may go to the same one
    threads(
        notes,
        [
            lambda number=number: judge(notes, str(number), random.Random(seed * 77 + number), until, opened)
            for number in range(2, 2 + REVIEWERS)
        ],
    )


def judge(notes: Notes, me: str, draw: random.Random, until: float, opened: list[int]) -> None:
    from casework.review import api, queue

    while time.time() < until:
        try:
            intrudes = bool(opened) and draw.random() < 0.15
            if intrudes:
                finish = draw.choice(opened[-5:])
                notes.counts["two at one answer"] += 1
            else:
                found = again(notes, "next", lambda: queue.next_waiting(COURSE, reviewer=me))
                if found is None:
                    time.sleep(0.1)
                    continue
                finish = found
            held = again(notes, "lease", lambda finish=finish: api.lease(finish, me))
            mine = held.reviewer == me
            if mine:
                taken = [finish, me, time.monotonic(), 0.0]
                opened.append(finish)
            elif not intrudes:
                notes.counts["another was first to take it"] += 1
                continue
            one_answer(notes, me, draw, finish)
            if mine:
                taken[3] = time.monotonic()
                notes.leases.append(taken)
                again(notes, "release", lambda finish=finish: api.release(finish, me))
        except api.ReviewError as error:
            if not isinstance(error, api.Overtaken) and "there is no such" not in str(error):
                notes.failed("a reviewer")
            notes.counts["overtaken, and told so" if isinstance(error, api.Overtaken) else "reset meanwhile"] += 1
        except Exception:
            notes.failed("a reviewer")


def one_answer(notes: Notes, me: str, draw: random.Random, finish: int) -> None:
    from casework.review import api
    from casework.review.models import Written

    written = Written.objects.filter(finish=finish).select_related("finish__case", "answer").first()
    if written is None:
        return
    answer, task, seen = written.answer_id, written.task, api.history(written.answer_id)
    case = api.read(written.finish.case.content)
    assert written.answer.text
    time.sleep(draw.uniform(0.02, 0.3))  # the reviewer reads
    luck = draw.random()
    if luck < 0.1:
        points = draw.choice([None, draw.randrange(written.finish.maximum)])
        again(notes, "override", lambda: api.override(finish, points, f"Heard again, {draw.random()}.", me))
        notes.counts["overrides"] += 1
    if luck < 0.05:
        again(notes, "flag", lambda: api.flag(finish, task, draw.random() < 0.5, me, told=False))
    if luck < 0.25:
        again(notes, "return", lambda: api.return_answer(finish, task, f"ลองอีกครั้ง {draw.random()}", me, seen=seen))
        notes.counts["returns"] += 1
    else:
        levels = {row.id: draw.choice(row.levels).points for row in case.rubric[case.task[task].rubric].rows}
        again(notes, "review", lambda: api.review(finish, task, levels, f"Clear. {draw.random()}", me, seen=seen))
        notes.counts["reviews"] += 1
    notes.judged.append([answer, seen, me])


# -- readers ----------------------------------------------------------------------------------------------------------


def readers(notes: Notes, first: int, seed: int, until: float) -> None:
    from django.contrib.auth import get_user_model
    from django.db import connections
    from django.test import Client
    from django.urls import reverse

    client = Client()
    client.force_login(get_user_model().objects.get(username="reviewer"), "django.contrib.auth.backends.ModelBackend")
    places = [("queue", []), ("classes", []), ("csv", []), ("jsonl", []), ("export", [])]
    places += [("class", [item]) for item, *_ in items()]
    while time.time() < until:
        for name, rest in places:
            began = time.perf_counter()
            try:
                with closing(client.get(reverse(f"casework_review:{name}", args=[COURSE, *rest]))) as response:
                    size = sum(map(len, response)) if response.streaming else len(response.content)
                if response.status_code == 200 and size:
                    notes.times[f"page {name}"].append((time.perf_counter() - began) * 1000)
                elif response.status_code not in (200, 404):  # not there yet, or nobody has played yet
                    notes.errors.append(f"page {name} answered {response.status_code}")
            except Exception:
                notes.failed(f"page {name}")
            time.sleep(0.2)
    connections.close_all()


# -- afterwards -------------------------------------------------------------------------------------------------------


def figures(notes: Notes, seconds: float) -> None:
    print("\n" + "\n".join(f"{number:9,}  {name}" for name, number in sorted(notes.counts.items())))
    print(f"\n{'milliseconds':16} {'how often':>10} {'median':>8} {'p95':>8} {'most':>8}")
    for name, taken in sorted(notes.times.items()):
        taken.sort()
        shown = f"{taken[len(taken) // 2]:8.1f} {taken[int(len(taken) * 0.95)]:8.1f} {taken[-1]:8.1f}"
        print(f"{name:16} {len(taken):10,} {shown}")
    sent = notes.counts["attempts finished"]
    print(f"\n{sent / seconds:.1f} attempts a second, load {os.getloadavg()[0]:.1f} at the end", flush=True)


def held_against(notes: Notes) -> list[str]:
    """What is stored, against what was acknowledged."""
    return [*lost_words(notes), *judged_unknowingly(notes), *wrong_counts(), *wrong_scores()]


def lost_words(notes: Notes) -> list[str]:
    from casework.review.models import Answer, Finish, Written

    faults, stored = [], {(one.attempt, one.event): one for one in Answer.objects.exclude(task="")}
    finishes = dict(Finish.objects.values_list("attempt", "pk"))
    standing: dict[str, list[int]] = defaultdict(list)
    for answer, finish in Written.objects.values_list("answer", "finish"):
        standing[answer].append(finish)
    gone = {tuple(place) for place in notes.reset}
    for place, attempt, event, text, aside, _ in notes.words:
        row = stored.get((attempt, event))
        where = f"{'aside ' if aside else ''}answer {event} of attempt {attempt}"
        if row is None:
            # A learner who was reset plays on: what came after the reset must be there, and so must its attempt.
            if tuple(place) not in gone or attempt in finishes:
                faults.append(f"{where} is lost")
            continue
        if row.text != text or [row.course_id, row.item_id, row.student_id] != place or row.aside != aside:
            faults.append(f"{where} is not what was sent")
        if standing[row.pk] != ([] if aside else [finishes.get(attempt)]):
            faults.append(f"{where} stands in {standing[row.pk]}")
    print(f"{len(notes.words):,} acknowledged texts looked for, {len(stored):,} stored, {len(finishes):,} attempts")
    return faults


def judged_unknowingly(notes: Notes) -> list[str]:
    from casework.review.models import Answer, Return, Review

    faults = []
    seen = Counter((answer, history) for answer, history, _ in notes.judged)
    faults += [f"answer {answer} was judged by {n} who saw {h}" for (answer, h), n in seen.items() if n > 1]
    told = Counter(answer for answer, *_ in notes.judged)
    rows = Counter([*Review.objects.values_list("answer", flat=True), *Return.objects.values_list("answer", flat=True)])
    there = set(Answer.objects.values_list("pk", flat=True))
    faults += [
        f"answer {one}: {told[one]} judged, {rows[one]} kept" for one in told if one in there and told[one] != rows[one]
    ]
    faults += [f"answer {one}: judged by nobody, {rows[one]} kept" for one in rows.keys() - told.keys()]
    for finish, spans in _by(notes.leases, 0).items():
        spans.sort(key=lambda one: one[2])
        for one, other in pairwise(spans):
            if one[1] != other[1] and other[2] < one[3]:
                faults.append(f"attempt {finish} was leased to {one[1]} and {other[1]} at once")
    print(f"{len(notes.judged):,} judgements, {len(notes.leases):,} leases held against each other")
    return faults


def _by(rows: list[list], at: int) -> dict:
    found: dict = defaultdict(list)
    for row in rows:
        found[row[at]].append(row)
    return found


def wrong_counts() -> list[str]:
    """The counts kept as attempts finished, against a recount from the submissions."""
    from casework.review import api
    from casework.review.models import ClassCount

    def kept() -> dict:
        rows = ClassCount.objects.filter(course_id=COURSE)
        return {(one.item_id, one.case_id, one.variant, one.shard): one.counted for one in rows if one.counted}

    before = kept()
    number = api.recount(COURSE)
    after = kept()
    print(f"{number:,} first attempts recounted in {len(after)} shards")
    return [f"counts of {key} differ" for key in before.keys() | after.keys() if before.get(key) != after.get(key)]


def wrong_scores() -> list[str]:
    """The scores of edx-submissions, against all submissions replayed and all reviews and overrides read anew."""
    from dataclasses import replace

    from submissions.models import ScoreSummary

    from casework.review import api
    from casework.review.models import Finish, Override, Review
    from casework.scenario import score

    reviews: dict[int, dict] = defaultdict(dict)
    for one in Review.objects.select_related("answer").order_by("pk"):
        reviews[one.finish_id][one.answer.task] = one.levels
    overrides = dict(Override.objects.order_by("pk").values_list("finish", "points"))
    places: dict[tuple, list] = defaultdict(list)
    for row in Finish.objects.select_related("case").order_by("pk"):
        case = api.read(row.case.content, row.variant)
        told = score.tally(case, api.replay(case, api.as_played(row).log), row.case.maximum, reviews[row.pk])
        if overrides.get(row.pk) is not None:
            told = replace(told, machine=overrides[row.pk])
        places[row.course_id, row.item_id, row.student_id].append((row, told))
    stored = {}
    for one in ScoreSummary.objects.select_related("student_item", "latest"):
        item = one.student_item
        if not one.latest.is_hidden():
            stored[item.course_id, item.item_id, item.student_id] = (
                one.latest.points_earned,
                one.latest.points_possible,
            )
    faults = []
    for place, rows in places.items():
        possible = rows[-1][0].possible
        earned = [grade for _, told in rows if (grade := told.grade(possible)) is not None]
        due = (earned[-1] if rows[-1][0].counts == "latest" else max(earned)) if earned else None
        wanted = None if due is None else (max(0, min(possible, due)), possible)
        if stored.get(place) != wanted:
            faults.append(f"score of {place}: {stored.get(place)}, should be {wanted}")
    print(f"{len(places):,} scores counted anew, {len(stored):,} stored")
    faults += [f"a score without an attempt: {place}" for place in stored.keys() - places.keys()]
    return faults


if __name__ == "__main__":
    sys.exit(main())
