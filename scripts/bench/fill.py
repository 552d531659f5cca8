"""Fills a database with finished attempts as `review.api.finish` would have left them, by bulk inserts.

The ways are played by the real engine over real cases, in Thai and in English; what differs from attempt to attempt is
who, when, and the written words. Points, missed decisions and counts come from the same functions that `finish` asks.
"""

from __future__ import annotations

import json
import random
import sys
import time
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from django.core.management.color import no_style
from django.db import connection, transaction
from submissions.models import Score, ScoreSummary, StudentItem, Submission

from casework import catalogs
from casework.curriculum import localise, speakers
from casework.review import api, counting
from casework.review.alias import candidates
from casework.review.models import (
    Answer,
    CaseVersion,
    ClassCount,
    Finish,
    Flag,
    Override,
    Return,
    Review,
    Written,
)  # fmt: skip
from casework.scenario import engine, score, states, xml
from casework.scenario.model import Choose, Judge, Spot, Write

ROOT = Path(__file__).resolve().parents[2]
COURSE = "course-v1:Casework+BENCH+2026"
CASES = [
    ("eleven-men-at-the-pier", "th"),
    ("the-boy-at-the-arcade", "en"),
    ("the-bag", "th"),
    ("season", "en"),
    ("one-signature", "en"),  # nothing is written in this one
]
WAYS = 150
"""Different ways through each case."""
BEGAN = datetime(2026, 1, 5, 2, 0, tzinfo=timezone.utc)
ROWS = 2_000
"""Rows in one insert."""

SENTENCES = {
    "th": """
    เขาบอกว่าหนังสือเดินทางอยู่กับนายหน้า และเขาไม่เคยได้ถือไว้เอง
    ก่อนสั่งฟ้องควรฟังแต่ละคนตามลำพังกับล่ามที่ไม่ได้มาจากบริษัท
    หนี้ที่ไม่มีใครบอกยอดเป็นสิ่งที่ต้องถามต่อ ไม่ใช่สิ่งที่พิสูจน์อะไรได้แล้ว
    เด็กอายุต่ำกว่าสิบแปดปีไม่ต้องแสดงว่าถูกบังคับ
    ข้าพเจ้าจะบันทึกสิ่งที่เห็นแยกจากสิ่งที่สันนิษฐาน
    ผู้เสียหายไม่ควรถูกลงโทษเพราะสิ่งที่ถูกทำให้ต้องทำ
    ลายมือในรายการทั้งหมดเหมือนกัน จึงต้องถามว่าใครเป็นคนเขียน
    ควรติดต่อนักสังคมสงเคราะห์ก่อนที่รถจะออก
    """,
    "en": """
    His papers were with the agent, and he had never held them himself.
    Each of them should be heard alone, with an interpreter who does not come from the company.
    A debt without a sum is something to ask about; it proves nothing yet.
    Nobody under eighteen has to show that they were forced.
    I would write down what I saw apart from what I suppose.
    A charge now would punish him for what he was made to do.
    The same hand wrote every name on the list, so I would ask whose hand it was.
    Before the van leaves I would call the social worker on duty.
    """,
}
COMMENTS = [
    "You say what you saw. Say also who told you the rest.",
    "ชัดเจนดี ลองบอกด้วยว่าจะถามใครต่อ",
    "The debt is there; what about the papers?",
    "",
]


@dataclass(frozen=True)
class Way:
    """One way through a case: its log as JSON with `@task` where the id of written words stands."""

    log: str
    ending: str
    harmful: int
    missed: str
    machine: int
    skipped: int
    written: tuple[tuple[str, int], ...]
    counts: Counter[str]


@dataclass(frozen=True)
class Kept:
    """A case as learners of the bench play it."""

    item: str
    lang: str
    version: CaseVersion
    variant: str
    ways: tuple[Way, ...]
    levels: dict[str, list[tuple[str, list[int]]]]
    """By written task: the rows of its rubric and what each can give."""


def content_of(slug: str, lang: str) -> str:
    body = (ROOT / "scenarios" / slug / "scenario.xml").read_text(encoding="utf-8")
    speaker: speakers.Speaker = speakers.Speaker()
    if lang != speakers.SOURCE:
        path = ROOT / "locale" / lang / "scenarios" / f"{slug}.po"
        catalog, _ = catalogs.read(path.read_bytes(), str(path))
        speaker = speakers.Translator(lang, catalogs={f"scenarios/{slug}": catalog})
    return localise.case(body, speaker, slug)[0]


def cases(draw: random.Random, ways: int = WAYS) -> list[Kept]:
    kept = []
    for slug, lang in CASES:
        content = content_of(slug, lang)
        plain = api.read(content)
        version = CaseVersion(
            fingerprint=xml.fingerprint(content), content=content, language=lang, maximum=states.maximum(plain)
        )
        for variant in [one.id for one in plain.variants] or [""]:
            case = api.read(content, variant)
            levels = {
                task.id: [
                    (row.id, [level.points for level in row.levels]) for row in case.rubric[task.rubric].rows
                ]
                for task in case.task.values()
                if isinstance(task, Write)
            }  # fmt: skip
            item = f"block-v1:Casework+BENCH+2026+type@casework-case+block@{slug}"
            played = tuple(_way(case, version.maximum, draw) for _ in range(ways))
            kept.append(Kept(item, lang, version, variant, played, levels))
    return kept


def _way(case, maximum: int, draw: random.Random) -> Way:
    """Plays a case at random, the better options a little oftener; few skip a scene."""
    play, log, written = engine.begin(case), [], []
    while not play.ending:
        task = engine.task(case, play)
        if play.skips < engine.MOST_SKIPS and draw.random() < 0.02:
            move, name, answer, sure = engine.Skip(), "", None, None
        else:
            name, sure = task.id, None
            if isinstance(task, Choose):
                options = engine.open_options(case, play.world, task)
                weights = [{"key": 5, "ok": 3}.get(one.role, 2) for one in options]
                answer = draw.choices(options, weights)[0].id
                sure = draw.randrange(3) if task.confidence else None
                move = engine.Answer(name, option=answer, sure=sure)
            elif isinstance(task, Spot):
                phrases = [one.name for one in case.document[task.document].phrases]
                answer = sorted(one for one in phrases if draw.random() < 0.5)
                move = engine.Answer(name, phrases=tuple(answer))
            elif isinstance(task, Judge):
                answer = draw.randrange(-2, 3)
                move = engine.Answer(name, value=answer)
            else:
                answer = f"@{name}"
                move = engine.Answer(name, words=answer)
                written.append((name, case.rubric[task.rubric].most))
        play = engine.apply(case, play, move)
        prev = log[-1]["id"] if log else ""
        log.append(
            {"id": f"{draw.getrandbits(128):032x}", "prev": prev, "task": name, "answer": answer, "sure": sure,
             "ms": draw.randrange(3_000, 90_000)}
        )  # fmt: skip
    told = score.tally(case, play, maximum)
    missed = " ".join(counting.missed(case, play))
    return Way(
        json.dumps(log), play.ending, score.figures(case, play).harmful, f" {missed} " if missed else "",
        told.machine, told.skipped, tuple(written), counting.counted(case, play),
    )  # fmt: skip


def text(lang: str, draw: random.Random) -> str:
    said = [one.strip() for one in SENTENCES[lang].strip().splitlines()]
    return (" " if lang == "en" else "\n").join(draw.choices(said, k=draw.randrange(2, 9)))


class Filling:
    """Gathers rows of every table and inserts them in the order in which they name each other."""

    ORDER = (StudentItem, Submission, Score, ScoreSummary, Finish, Answer, Written, Review, Return, Override, Flag)

    def __init__(self) -> None:
        self.rows: dict[type, list] = defaultdict(list)
        self.numbers: Counter[type] = Counter()

    def add(self, model: type, **values):
        """A row; its number is ours, so that no insert needs an answer."""
        if model is not Answer:
            self.numbers[model] += 1
            values["pk"] = self.numbers[model]
        row = model(**values)
        self.rows[model].append(row)
        return row

    def flush(self) -> None:
        with transaction.atomic():
            for model in self.ORDER:
                model.objects.bulk_create(self.rows[model], batch_size=ROWS)
        self.rows.clear()


def fill(number: int, seed: int = 7) -> str:
    """`number` finished attempts, unless they are there; of written answers one in ten waits, one in fifty was given back, the
    others were reviewed. Says what it did."""
    began = time.perf_counter()
    if Finish.objects.count() == number and ClassCount.objects.exists():
        return "filled earlier"
    for model in reversed([CaseVersion, *Filling.ORDER, ClassCount]):
        model.objects.all().delete()
    draw = random.Random(seed)
    kept = cases(draw)
    by_item: dict[str, list[Kept]] = defaultdict(list)
    for one in kept:
        by_item[one.item].append(one)
    CaseVersion.objects.bulk_create({one.version.pk: one.version for one in kept}.values())
    learners = max(5, int(number / len(by_item) / 1.35))
    names = _names(learners)
    fresh = [(learner, item) for learner in range(learners) for item in by_item]
    draw.shuffle(fresh)
    places: list[tuple[int, str]] = []
    attempts: dict[tuple[int, str], list] = {}
    counts: dict[tuple, Counter[str]] = defaultdict(Counter)
    filling = Filling()
    for at in range(number):
        again = places and (not fresh or draw.random() < 0.25)
        place = draw.choice(places) if again else fresh.pop()
        if place not in attempts:
            places.append(place)
            attempts[place] = []
        _attempt(filling, draw, at, place, names[place[0]], by_item[place[1]], attempts[place], counts)
        if at % 10_000 == 9_999:
            filling.flush()
            sys.stderr.write(f"\r{connection.vendor}: {at + 1:,} of {number:,} attempts")
            sys.stderr.flush()
    filling.flush()
    sys.stderr.write("\r")
    for (item, version, variant, shard), counted in counts.items():
        ClassCount.objects.create(
            course_id=COURSE, item_id=item, case_id=version, variant=variant, shard=shard, counted=dict(counted),
            key=f"{uuid.UUID(int=draw.getrandbits(128)).hex}",
        )  # fmt: skip
    _settled()
    return f"filled in {time.perf_counter() - began:.0f} s"


def _names(learners: int) -> list[tuple[str, str]]:
    """(anonymous id, alias) of each learner: no alias twice."""
    taken: set[str] = set()
    names = []
    for at in range(learners):
        student = f"{at:032x}"
        name = next(one for one in candidates(COURSE, student) if one not in taken)
        taken.add(name)
        names.append((student, name))
    return names


def _attempt(filling, draw, at, place, named, told, earlier, counts) -> None:
    student, name = named
    one: Kept = told[len(earlier) % len(told)]
    way = draw.choice(one.ways)
    finished = BEGAN + timedelta(seconds=150 * at, microseconds=draw.randrange(1_000_000))
    attempt = uuid.UUID(int=draw.getrandbits(128)).hex
    submission = uuid.UUID(int=draw.getrandbits(128), version=4)
    where = {"course_id": COURSE, "item_id": one.item, "student_id": student}
    if not earlier:
        item = filling.add(StudentItem, **where, item_type=api.ITEM_TYPE)
        counts[one.item, one.version.pk, one.variant, counting.shard_of(student)].update(way.counts)
    else:
        item = earlier[0]
    log = way.log
    words = {}
    for task, _ in way.written:
        words[task] = str(uuid.UUID(int=draw.getrandbits(128), version=4))
        log = log.replace(f"@{task}", words[task])
    kept = filling.add(
        Submission, uuid=submission, student_item_id=item.pk, attempt_number=len(earlier) + 1, submitted_at=finished,
        created_at=finished,
        answer={"v": api.VERSION, "attempt": attempt, "number": len(earlier) + 1, "case": one.version.pk,
                "variant": one.variant, "log": json.loads(log), "ending": way.ending},
    )  # fmt: skip
    finish = filling.add(
        Finish, attempt=attempt, submission=str(submission), **where, alias=name, number=len(earlier) + 1,
        case_id=one.version.pk, variant=one.variant, ending=way.ending, harmful=way.harmful, missed=way.missed,
        machine=way.machine, skipped=way.skipped, maximum=one.version.maximum, possible=one.version.maximum,
        counts="best", started=finished - timedelta(minutes=25), finished=finished,
    )  # fmt: skip
    if not earlier:
        graded = score.Tally(way.machine, 0, sum(most for _, most in way.written), way.skipped, one.version.maximum)
        earned = graded.grade(one.version.maximum)
        if earned is not None:
            row = filling.add(
                Score, student_item_id=item.pk, submission_id=kept.pk, points_earned=earned,
                points_possible=one.version.maximum, created_at=finished,
            )  # fmt: skip
            filling.add(ScoreSummary, student_item_id=item.pk, highest_id=row.pk, latest_id=row.pk)
    earlier.append(item)
    for task, most in way.written:
        _written(filling, draw, one, finish, where, task, most, words[task], finished)
    if draw.random() < 0.003:
        filling.add(
            Override, finish_id=finish.pk, reviewer="2", points=draw.randrange(finish.maximum), reason="Heard in class.",
            created=finished,
        )  # fmt: skip


def _written(filling, draw, one: Kept, finish, where, task, most, name, finished) -> None:
    filling.add(
        Answer, id=name, **where, attempt=finish.attempt, event=f"{draw.getrandbits(64):016x}", task=task,
        text=text(one.lang, draw), created=finished,
    )  # fmt: skip
    drawn = draw.random()
    state = Written.RETURNED if drawn < 0.02 else Written.WAITING if drawn < 0.12 else Written.REVIEWED
    filling.add(
        Written, finish_id=finish.pk, answer_id=name, task=task, most=most, course_id=COURSE, item_id=one.item,
        finished=finished, state=state,
    )  # fmt: skip
    about = {"finish_id": finish.pk, "answer_id": name, "reviewer": str(draw.randrange(2, 8))}
    when = finished + timedelta(days=1)
    if state == Written.REVIEWED:
        for _ in range(2 if draw.random() < 0.05 else 1):
            filling.add(
                Review, **about, case_id=one.version.pk, comment=draw.choice(COMMENTS), created=when,
                levels={row: draw.choice(points) for row, points in one.levels[task]},
            )  # fmt: skip
    elif state == Written.RETURNED:
        filling.add(Return, **about, reason="Say what you saw yourself.", created=when)
    if draw.random() < 0.002:
        filling.add(Flag, **about, raised=True, told=True, created=when)


def _settled() -> None:
    """What the database has to know after so many rows: where its own numbers go on, and how the tables look."""
    from django.apps import apps

    models = [one for label in ("submissions", "casework_review") for one in apps.get_app_config(label).get_models()]
    tables = [one._meta.db_table for one in models]
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(sql)
        if connection.vendor == "mysql":
            cursor.execute("ANALYZE TABLE " + ", ".join(tables))
            cursor.fetchall()
        elif connection.vendor == "postgresql":
            for table in tables:  # as autovacuum does after so many rows
                cursor.execute(f'VACUUM ANALYZE "{table}"')
        else:
            cursor.execute("ANALYZE")
