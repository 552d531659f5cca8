"""How two XBlocks that are in use do the same work, re-made over our rows: as many queries, of the same kind, in the same
order. No line of theirs is here; where one of their tables has no counterpart, the row of ours that is nearest is read.

Read in edx-ora2 at 95c188d (2026-06-23):
  * `staffgrader/staff_grader_mixin.py`, list: a fixed number of queries, but all submissions of an item at once, no pages;
  * `assessment/models/staff.py`, next: every workflow that waits is fetched, the first is taken and saved, its submission
    is then asked for; nothing locks, and the time limit is the only guard;
  * `data.py`, `collect_ora2_data`, the course report: for each submission its assessments, their parts and rubric, the parts
    once more in order, for each part its criterion and its option, then two kinds of feedback.
Read in edx-sga at df94598 (2026-04-17): `sga.py`, `get_student_data`: for each student the submission (2 queries), the user,
the module's state, the score, and the name and profile. Issue 110 there tells of 731 queries for 185 submissions.
"""

from __future__ import annotations

import csv
import io
import json

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from submissions import api as submissions
from submissions.models import StudentItem, Submission

from casework.review import api
from casework.review.models import Answer, CaseVersion, Finish, Flag, Lease, Return, Review, Written


def ora2_list(course_id: str, item: str) -> int:
    """The whole list of an item; answers with its rows."""
    held = Lease.objects.filter(finish=OuterRef("finish"), until__gt=timezone.now()).values("reviewer")[:1]
    rows = list(Written.objects.filter(course_id=course_id, item_id=item).annotate(held=Subquery(held)))
    finishes = Finish.objects.filter(written__in=Written.objects.filter(course_id=course_id, item_id=item))
    submitted = dict(finishes.values_list("id", "submission"))
    students = dict(
        Submission.objects.filter(uuid__in=submitted.values(), student_item__course_id=course_id)
        .values_list("uuid", "student_item__student_id")
    )  # fmt: skip
    names = dict(Finish.objects.filter(student_id__in=set(students.values())).values_list("student_id", "alias"))
    given = {one.answer_id: one for one in Review.objects.filter(answer__in=[row.answer_id for row in rows])}
    list(CaseVersion.objects.filter(pk__in={one.case_id for one in given.values()}).values_list("pk"))
    told = []
    for row in rows:
        review = given.get(row.answer_id)
        uuid = submitted[row.finish_id]
        told.append(
            {"uuid": uuid, "state": row.state, "lock": row.held, "at": str(row.finished), "name": names.get(uuid),
             "by": review.reviewer if review else None, "score": sum(review.levels.values()) if review else None}
        )  # fmt: skip
    json.dumps(told)
    return len(told)


def ora2_next(course_id: str, item: str, reviewer: str) -> None:
    """The next one of an item: all that wait are fetched for it."""
    now = timezone.now()
    mine = Lease.objects.filter(reviewer=reviewer, finish__course_id=course_id, finish__item_id=item)
    if not mine:
        found = Written.objects.filter(course_id=course_id, item_id=item, state=Written.WAITING)
        if not found:
            return
        first = found[0]  # evaluated above: the first of all of them
        Lease.objects.update_or_create(finish_id=first.finish_id, defaults={"reviewer": reviewer, "until": now})
        name = Finish.objects.values_list("submission", flat=True).get(pk=first.finish_id)
        submissions.get_submission(name)
        Lease.objects.filter(finish_id=first.finish_id).delete()


def ora2_report(course_id: str, most: int) -> int:
    """The first `most` submissions of the course as rows of CSV."""
    out = csv.writer(io.StringIO())
    rows = 0
    asked = Submission.objects.select_related("student_item__scoresummary__latest__submission").filter(
        student_item__course_id=course_id
    )
    # Theirs is found by the submission's uuid; ours by the finish, whose ids these are.
    finishes = dict(Finish.objects.filter(course_id=course_id).order_by("id").values_list("submission", "id")[:most])
    for submission in asked.filter(uuid__in=list(finishes)):
        finish = finishes[str(submission.uuid)]
        cells = []
        given = list(Review.objects.filter(finish=finish))
        if given:
            names = [one.pk for one in given]
            list(Review.objects.filter(pk__in=names).values_list("levels"))
            list(CaseVersion.objects.filter(pk__in={one.case_id for one in given}).values_list("maximum"))
        for one in given:
            for row, points in (
                Review.objects.filter(pk=one.pk).order_by("id").values_list("levels", flat=True)[0].items()
            ):
                CaseVersion.objects.filter(pk=one.case_id).values_list("language").get()
                CaseVersion.objects.filter(pk=one.case_id).values_list("maximum").get()
                cells.append(f"-- {row}: {points}")
        for one in given:
            list(Return.objects.filter(answer=one.answer_id))
        list(Flag.objects.filter(finish=finish))
        student = submission.student_item
        out.writerow(
            [submission.uuid, student.item_id, student.student_id, submission.submitted_at,
             json.dumps(submission.answer, ensure_ascii=False), *cells]
        )  # fmt: skip
        rows += 1
    return rows


def sga_list(course_id: str, item: str, most: int) -> int:
    """The first `most` students of an item's list."""
    told = []
    for student in StudentItem.objects.filter(course_id=course_id, item_id=item)[:most]:
        who = {"student_id": student.student_id, "course_id": course_id, "item_id": item, "item_type": api.ITEM_TYPE}
        submitted = submissions.get_submissions(who)
        if not submitted:
            continue
        place = {"course_id": course_id, "student_id": student.student_id, "item_id": item}
        user = Finish.objects.filter(**place).first()
        state = Answer.objects.filter(**place).values_list("id", "created").first()
        earned = submissions.get_score(who)
        name = Finish.objects.values_list("alias").get(pk=user.pk)
        profile = Finish.objects.values_list("number").get(pk=user.pk)
        told.append([submitted[0]["uuid"], str(submitted[0]["created_at"]), state, earned, name, profile])
    json.dumps(told, default=str)
    return len(told)
