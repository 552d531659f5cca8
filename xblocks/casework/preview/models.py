"""What the preview keeps: a learner's fields, grades and completion, as the platform would keep them.

No content: that lives in memory and comes out of the package at each start. No free text of ours: that is
`casework.review.Answer`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class BlockState(models.Model):
    """The fields of one scope of one block for one person, as JSON. `person` is 0 for what all share."""

    person: Any = models.BigIntegerField()
    scope: Any = models.CharField(max_length=32)
    scope_id: Any = models.CharField(max_length=255)
    state: Any = models.TextField(default="{}")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "scope", "scope_id"], name="casework_preview_one_state")
        ]

    def __str__(self) -> str:
        return f"{self.scope} of {self.scope_id} for {self.person}"


class Grade(models.Model):
    """A learner's score in one block. A score of edx-submissions wins over a published one; else the latest."""

    user_id: Any = models.BigIntegerField()
    course_id: Any = models.CharField(max_length=255)
    usage_id: Any = models.CharField(max_length=255)
    earned: Any = models.FloatField()
    possible: Any = models.FloatField()
    from_submissions: Any = models.BooleanField(default=False)
    changed: Any = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user_id", "course_id", "usage_id"], name="casework_preview_one_grade")
        ]

    def __str__(self) -> str:
        return f"{self.earned:g} of {self.possible:g} in {self.usage_id} for {self.user_id}"


class Completion(models.Model):
    """How far a learner has completed one block, from 0 to 1."""

    user_id: Any = models.BigIntegerField()
    course_id: Any = models.CharField(max_length=255)
    usage_id: Any = models.CharField(max_length=255)
    completion: Any = models.FloatField()
    changed: Any = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user_id", "course_id", "usage_id"], name="casework_preview_one_completion")
        ]

    def __str__(self) -> str:
        return f"{self.completion:g} of {self.usage_id} for {self.user_id}"
