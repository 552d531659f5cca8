"""`casework_forget`: deletes what learners wrote, by age or by learner. What was counted stays."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from casework.review import api
from casework.review.management.careful import CarefulCommand, is_id

LONGEST_AGE = 36_500
"""Days: a hundred years. A longer age is a slip of the finger."""


class Command(CarefulCommand):
    help = "Deletes texts that learners wrote, by age or by learner; without --yes it only says how many."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", metavar="N", help="texts that are older than N days")
        parser.add_argument("--course", metavar="ID", help="with --days: in this course alone")
        parser.add_argument("--learner", metavar="ANON_ID", nargs="+", help="texts of these learners, in all courses")
        parser.add_argument("--yes", action="store_true", help="delete them; it cannot be undone")

    def handle(self, *args: Any, **options: Any) -> None:
        forget, which = _wanted(options["days"], options["course"], options["learner"])
        # A dry run does the same and takes it back, so that it cannot count other texts than those that would go.
        with transaction.atomic():
            count = forget()
            transaction.set_rollback(not options["yes"])
        texts = f"{count} text{'' if count == 1 else 's'} {which}"
        if options["yes"]:
            self.stdout.write(f"Deleted {texts}.")
        else:
            self.stdout.write(f"Would delete {texts}. Nothing is changed without --yes.")


def _wanted(days: Any, course: Any, learners: Any) -> tuple[Callable[[], int], str]:
    """What to do, and its words. Empty values are refused: from a variable that was not set they would mean every text."""
    if (days is None) == (learners is None):
        raise CommandError("say either --days or --learner")
    if learners is not None:
        if course is not None:
            raise CommandError("--course goes with --days; --learner means all courses")
        ids = sorted(set(learners))
        if not ids or not all(is_id(one) for one in ids):
            raise CommandError("--learner needs anonymous ids, none of them empty")
        return lambda: api.forget_learner(ids), f"of {len(ids)} learner id{'' if len(ids) == 1 else 's'}"
    if course is not None and not is_id(course):
        raise CommandError("--course needs the id of a course")
    age = str(days)
    if not re.fullmatch("[0-9]{1,5}", age) or not 1 <= int(age) <= LONGEST_AGE:
        raise CommandError(f"--days needs a whole number from 1 to {LONGEST_AGE}")
    where = f"in {course}" if course else "in all courses"
    return lambda: api.forget_older_than(int(age), course or ""), f"older than {int(age)} days {where}"
