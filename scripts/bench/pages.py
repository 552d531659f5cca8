"""What is measured, on a database that `fill.py` has filled, and how it is told."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import others
from django.contrib.auth import get_user_model
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse
from fill import COURSE
from timing import timed

from casework.review import api, queue
from casework.review.models import Answer, Finish, Lease, Written

PER_ROW = 1_000
"""So many rows are enough to know what a way costs that asks anew for each row."""


@dataclass
class Line:
    """One measured thing. Times in milliseconds; `rows` a second for what streams; `target` in the unit of the line."""

    name: str
    median: float = 0
    p95: float = 0
    processor: float = 0
    queries: int = 0
    note: str = ""


class Asked:
    """Writes down what the database is asked: (SQL, parameters, seconds)."""

    def __init__(self) -> None:
        self.queries: list[tuple[str, Any, float]] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.queries.append((sql, params, time.perf_counter() - began))


def measure_all(seconds: float, explain: bool) -> None:
    def measured(name: str, call: Callable[[], object], target: float = 0, most: int = 100) -> Line:
        asked = Asked()
        with connection.execute_wrapper(asked):
            answer = call()
        if isinstance(answer, HttpResponseBase) and answer.status_code != 200:
            there = "not there yet" if answer.status_code == 404 else f"answered {answer.status_code}"
            return show(Line(name, note=there))
        if explain:
            _explain(name, asked.queries)
        taken = timed(call, most, seconds)
        note = f"target {target:.0f} ms" + (" MISSED" if taken.median > target else "") if target else ""
        return show(Line(name, taken.median, taken.p95, taken.processor, len(asked.queries), note))

    client = _signed_in()
    draw = random.Random(11)
    item = Written.objects.values_list("item_id", flat=True).first()
    total = Written.objects.filter(course_id=COURSE).count()
    waits = Written.objects.filter(course_id=COURSE, state=Written.WAITING)
    print(
        f"{Finish.objects.count():,} attempts, {total:,} written answers, {waits.count():,} of them wait; "
        f"database {_size() / 1e6:,.0f} MB"
    )
    print(f"\n{'':44} {'median':>9} {'p95':>9} {'processor':>9} {'queries':>8}")

    def page(name: str, *rest: object, **query: object) -> Callable[[], object]:
        address = reverse(f"casework_review:{name}", args=[COURSE, *rest])
        address += f"?{urlencode(query, doseq=True)}" if query else ""

        return lambda: client.get(address)

    # -- the queue --
    queue_line = measured("queue, first page", page("queue"), 50)
    deep = list(waits.order_by("finished").values_list("finished", "pk")[:60])[-1]
    measured("queue, last page but one", page("queue", after=str(queue.Cursor(*deep))), 50)
    deep = list(Written.objects.order_by("finished").values_list("finished", "pk")[:60])[-1]
    measured("queue, all states, last page but one", page("queue", state="any", after=str(queue.Cursor(*deep))), 50)
    slug = item.rpartition("@")[2]
    popular = Finish.objects.filter(item_id=item).values_list("ending", flat=True).first()
    missed = Finish.objects.filter(item_id=item).exclude(missed="").values_list("missed", flat=True).first().split()[0]
    learners = frozenset(Finish.objects.values_list("student_id", flat=True).distinct()[:30])
    for name, filters in {
        "one case": queue.Filters(item=item),
        "one case, one ending": queue.Filters(item=item, ending=popular),
        "one case, a key decision missed": queue.Filters(item=item, missed=missed),
        "did harm, all states": queue.Filters(state="any", harmed=True),
        "a cohort of 30": queue.Filters(learners=learners),
        "words that are there": queue.Filters(state="any", words="papers"),
        "words that nobody wrote": queue.Filters(state="any", words="zzz"),
        "flagged": queue.Filters(state="any", flagged=True),
        "an ending that nobody reached": queue.Filters(state="any", item=item, ending="none"),
        "nothing written": queue.Filters(state="nothing"),
    }.items():
        measured(f"queue, {name}", lambda filters=filters: queue.page(COURSE, filters), 50)
    measured("queue, how much is left", lambda: queue.progress(COURSE, "1"))

    # -- next, and one answer --
    def take() -> None:
        found = queue.next_waiting(COURSE, reviewer="1")
        api.lease(found, "1")
        api.release(found, "1")

    next_line = measured("next answer, with its lease", take, 50)
    Lease.objects.all().delete()
    some = list(waits.values_list("finish_id", "task").order_by("?")[:200])

    def read_one() -> HttpResponseBase:
        finish, task = draw.choice(some)
        return client.get(reverse("casework_review:answer", args=[COURSE, finish, task]))

    measured("one answer", read_one, 50, 200)
    Lease.objects.all().delete()

    # -- the class --
    measured("class, all cases", page("classes"), 100)
    measured(f"class, {slug}", page("class", item), 100)

    # -- out --
    rates = [_streamed(client, name) for name in ("csv", "jsonl")]

    # -- the others --
    print("\nThe same rows in the way of others")
    whole = measured("ora2, list of one case", lambda: others.ora2_list(COURSE, item), most=5)
    rows = Written.objects.filter(course_id=COURSE, item_id=item).count()
    beside("", whole.median, queue_line, f"{rows:,} rows at once; the desk's page has {queue.PAGE}")
    step = measured("ora2, next of one case", lambda: others.ora2_next(COURSE, item, "9"), most=20)
    beside("", step.median, next_line, "")
    number = min(PER_ROW, Finish.objects.count())
    sga = measured(f"sga, list, {number:,} students", lambda: others.sga_list(COURSE, item, number), most=2)
    each = sga.median / number
    show(Line("", note=f"{sga.queries / number:.1f} queries and {each:.1f} ms a student"))
    students = Finish.objects.filter(item_id=item, number=1).count()
    beside("", each * students, queue_line, f"for the {students:,} students of the case")
    report = measured(f"ora2, report, {number:,} submissions", lambda: others.ora2_report(COURSE, number), most=2)
    show(Line("", note=f"{report.queries / number:.1f} queries a submission"))
    rate = number / (report.median / 1000)
    show(
        Line(
            "",
            note=f"{rate:,.0f} rows a second"
            + (f"; the desk's CSV {rates[0] / rate:,.0f} times as many" if rates[0] else ""),
        )
    )


def show(line: Line) -> Line:
    if line.median:
        times = " ".join(f"{one:7.1f}ms" for one in (line.median, line.p95, line.processor))
        print(f"{line.name:44} {times} {line.queries:8,}  {line.note}".rstrip(), flush=True)
    else:
        print(f"{line.name:44} {line.note}".rstrip(), flush=True)
    return line


def beside(name: str, theirs: float, ours: Line, note: str) -> None:
    if ours.median:
        show(Line(name, note=f"{theirs / ours.median:,.0f} times the desk's {ours.median:.1f} ms {note}"))


def _signed_in() -> Client:
    user, _ = get_user_model().objects.get_or_create(username="reviewer")
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def _streamed(client: Client, name: str) -> float:
    """Reads an export whole: rows a second, and how much the process grew after its first twentieth."""
    began, own, first, rows, size, start, most = time.perf_counter(), time.process_time(), 0.0, 0, 0, 0, 0
    response = client.get(reverse(f"casework_review:{name}", args=[COURSE]))
    if response.status_code != 200 or not response.streaming:
        show(
            Line(f"export, {name}", note="not there yet" if response.status_code == 404 else str(response.status_code))
        )
        return 0
    expected = Answer.objects.count()
    for at, chunk in enumerate(response.streaming_content):
        first = first or time.perf_counter() - began
        size += len(chunk)
        rows += chunk.count(b"\r\n" if name == "csv" else b"\n")
        if at % 50 == 0 and rows > expected / 20:
            held = _held()
            start, most = start or held, max(most, held)
    taken, own = time.perf_counter() - began, time.process_time() - own
    rate = rows / taken
    late = "" if rate >= 20_000 else " MISSED"
    note = f"{rate:,.0f} rows a second (target 20,000{late}), {rows / own:,.0f} a second of processor; "
    note += f"{rows:,} rows, {size / 1e6:.0f} MB, first byte after {first * 1000:.0f} ms, "
    show(Line(f"export, {name}", note=f"{note}the process grew by {(most - start) / 1e6:.1f} MB while it streamed"))
    return rate


def _held() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 if Path("/proc/self/statm").exists() else 0


def _size() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return Path(str(connection.settings_dict["NAME"])).stat().st_size
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute(
                "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()"
            )
        return int(cursor.fetchone()[0])


def _explain(name: str, asked: list[tuple[str, Any, float]]) -> None:
    """The plan of each query that took more than 5 ms."""
    how = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    for sql, params, seconds in asked:
        if seconds < 0.005 or not sql.startswith("SELECT"):
            continue
        print(f"  -- {name}: {seconds * 1000:.0f} ms\n     {sql[:1500]}")
        with connection.cursor() as cursor:
            cursor.execute(how + sql, params)
            for row in cursor.fetchall():
                print("    ", *row)
