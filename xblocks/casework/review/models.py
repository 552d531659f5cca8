"""What is kept of finished attempts and of their reviews. Records (CaseVersion, Finish, Answer, Review, Return, Override,
Flag, NamesAsked) are added and never changed; only a reset of a learner's state takes them away, a learner who writes
another plan, and the forgetting of texts, which leaves an empty Answer. What is no record says so: Written is the index by
which the queue is found, Lease says who reads now, ClassCount is what the class view counts. How all are used is in `api.py`.

Identifiers are text, not UUID columns: MariaDB keeps a UUID column in another form from Django 5 on, and a table made
before would no longer be read. Places (course, item, learner) are named as edx-submissions names them.
"""

from __future__ import annotations

import uuid

from django.db import models


def new_id() -> str:
    return str(uuid.uuid4())


class CaseVersion(models.Model):
    """A case exactly as it was played, so that neither a later edit nor a missing course can change what was done.

    .. no_pii:
    """

    fingerprint = models.CharField(max_length=16, primary_key=True)
    content = models.TextField()
    language = models.CharField(max_length=35)
    maximum = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.fingerprint


class Finish(models.Model):
    """The index of one finished attempt; the attempt itself is the immutable submission it names.

    `machine`, `skipped` and `maximum` are the points as they were counted at the end (`score.Tally`); `possible` and
    `counts` are how the block was set then, `variant` the words in which the case was told; `missed` names the key decisions
    that were met and not taken, with a space around each. `student_id` is the course's anonymous id.

    .. no_pii:
    """

    attempt = models.CharField(max_length=36, unique=True)
    submission = models.CharField(max_length=36)
    course_id = models.CharField(max_length=255)
    item_id = models.CharField(max_length=255)
    student_id = models.CharField(max_length=255)
    alias = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    case = models.ForeignKey(CaseVersion, on_delete=models.PROTECT)
    variant = models.CharField(max_length=64, default="")
    ending = models.CharField(max_length=64)
    harmful = models.PositiveSmallIntegerField()
    missed = models.TextField(default="")
    machine = models.PositiveIntegerField()
    skipped = models.PositiveIntegerField()
    maximum = models.PositiveIntegerField()
    possible = models.PositiveIntegerField()
    counts = models.CharField(max_length=8)
    started = models.DateTimeField()
    finished = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["course_id", "-finished", "-id"], name="casework_finish_latest"),
            # The learner before the item: an alias is looked up by course and learner.
            models.Index(fields=["course_id", "student_id", "item_id"], name="casework_finish_place"),
            models.Index(fields=["course_id", "alias"], name="casework_finish_alias"),
        )

    def __str__(self) -> str:
        return f"attempt {self.attempt}"


class Answer(models.Model):
    """A written text. The only place where free text of a learner lives; all else carries its id.

    One without a task is the learner's own plan ("Next time I will…"): nobody reviews it, and a place has one at most.
    `forgotten`: when the text was deleted, by age or with its learner; what counts stays as it was.

    .. pii: Free text that a learner wrote; it may hold anything, personal data included.
    .. pii_types: other
    .. pii_retirement: local_api
    """

    id = models.CharField(max_length=36, primary_key=True, default=new_id)
    course_id = models.CharField(max_length=255)
    item_id = models.CharField(max_length=255)
    student_id = models.CharField(max_length=255)
    attempt = models.CharField(max_length=36)
    event = models.CharField(max_length=64)
    task = models.CharField(max_length=64)
    text = models.TextField()
    aside = models.BooleanField(default=False)
    created = models.DateTimeField()
    forgotten = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["attempt", "event"], name="casework_answer_event"),)
        indexes = (
            models.Index(fields=["course_id", "student_id", "item_id"], name="casework_answer_place"),
            # How many plans a course has is counted on every page of the queue.
            models.Index(fields=["course_id", "task", "student_id"], name="casework_answer_task"),
        )

    def __str__(self) -> str:
        return f"answer {self.id}"


class Written(models.Model):
    """An answer that counts in a finished attempt: the queue's row. Its `state` follows reviews and returns, so that what
    waits is found by an index; course, item and day stand here for the same reason.

    Set-aside answers have no such row, and neither have those of an attempt that still runs. `most`: points it can earn.

    .. no_pii:
    """

    WAITING, REVIEWED, RETURNED = "waiting", "reviewed", "returned"

    finish = models.ForeignKey(Finish, on_delete=models.PROTECT, related_name="written")
    answer = models.OneToOneField(Answer, on_delete=models.PROTECT)
    task = models.CharField(max_length=64)
    most = models.PositiveIntegerField()
    course_id = models.CharField(max_length=255, default="")
    item_id = models.CharField(max_length=255, default="")
    finished = models.DateTimeField()
    state = models.CharField(max_length=8, default=WAITING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["finish", "task"], name="casework_written_task"),)
        indexes = (
            models.Index(fields=["course_id", "state", "-finished", "-id"], name="casework_written_state"),
            models.Index(fields=["course_id", "-finished", "-id"], name="casework_written_latest"),
        )

    def __str__(self) -> str:
        return f"{self.task} of {self.finish_id}"


class Review(models.Model):
    """One reading of one answer by a person: points by rubric row, and words to the learner. The newest counts.

    .. pii: The user id of the reviewer, and words of the reviewer about a learner's answer.
    .. pii_types: id, other
    .. pii_retirement: local_api
    """

    finish = models.ForeignKey(Finish, on_delete=models.PROTECT, related_name="reviews")
    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="reviews")
    case = models.ForeignKey(CaseVersion, on_delete=models.PROTECT, related_name="+")
    reviewer = models.CharField(max_length=64)
    levels = models.JSONField()
    comment = models.TextField(blank=True)
    created = models.DateTimeField()

    def __str__(self) -> str:
        return f"review {self.pk}"


class Return(models.Model):
    """A reviewer gives an answer back for another try, and says why. The newest word on an answer is a Return or a Review.

    .. pii: The user id of the reviewer, and words of the reviewer about a learner's answer.
    .. pii_types: id, other
    .. pii_retirement: local_api
    """

    finish = models.ForeignKey(Finish, on_delete=models.PROTECT, related_name="returns")
    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="returns")
    reviewer = models.CharField(max_length=64)
    reason = models.TextField()
    created = models.DateTimeField()

    def __str__(self) -> str:
        return f"return {self.pk}"


class Override(models.Model):
    """Points that stand beside the machine's part of an attempt and count in its place, with the reason. The newest counts;
    one without points withdraws the one before.

    .. pii: The user id of the reviewer.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    finish = models.ForeignKey(Finish, on_delete=models.PROTECT, related_name="overrides")
    reviewer = models.CharField(max_length=64)
    points = models.PositiveIntegerField(null=True)
    reason = models.TextField()
    created = models.DateTimeField()

    def __str__(self) -> str:
        return f"override {self.pk}"


class Flag(models.Model):
    """A reviewer fears that an answer speaks of a real person in danger; the newest row of an answer says whether it stands.

    .. pii: The user id of the reviewer.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    finish = models.ForeignKey(Finish, on_delete=models.PROTECT, related_name="flags")
    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="flags")
    reviewer = models.CharField(max_length=64)
    raised = models.BooleanField()
    told = models.BooleanField(default=False)
    created = models.DateTimeField()

    def __str__(self) -> str:
        return f"flag {self.pk}"


class Lease(models.Model):
    """Who reads an attempt just now, and until when; no record. A lease that has run out is nobody's.

    .. no_pii:
    """

    finish = models.OneToOneField(Finish, on_delete=models.CASCADE, related_name="lease", primary_key=True)
    reviewer = models.CharField(max_length=64)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"lease of {self.finish_id}"


class ClassCount(models.Model):
    """What the first attempts at a case add up to, as JSON (`review.counting`); in shards, so that learners who finish at
    once do not wait for one row.

    .. no_pii:
    """

    course_id = models.CharField(max_length=255)
    item_id = models.CharField(max_length=255)
    case = models.ForeignKey(CaseVersion, on_delete=models.PROTECT, related_name="+")
    variant = models.CharField(max_length=64, default="")
    shard = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=64, unique=True)
    counted = models.JSONField()

    class Meta:
        indexes = (models.Index(fields=["course_id", "item_id"], name="casework_classcount_item"),)

    def __str__(self) -> str:
        return self.key


class NamesAsked(models.Model):
    """Somebody fetched learners' names with their answers.

    .. pii: The user id of whoever asked.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    course_id = models.CharField(max_length=255)
    asked_by = models.CharField(max_length=64)
    what = models.CharField(max_length=64)
    created = models.DateTimeField()

    def __str__(self) -> str:
        return f"names of {self.course_id}"
