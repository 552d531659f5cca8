"""`casework_recount`: counts anew what the class view tells, from the submissions."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from casework.review import api
from casework.review.management.careful import CarefulCommand, is_id


class Command(CarefulCommand):
    help = "Counts the first attempts of a course anew, after a fault or an upgrade. What learners see does not change."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--course", metavar="ID", required=True, help="the id of the course")

    def handle(self, *args: Any, **options: Any) -> None:
        course = options["course"]
        if not is_id(course):
            raise CommandError("--course needs the id of a course")
        done = api.recount(course)
        self.stdout.write(f"Counted {done} first attempt{'' if done == 1 else 's'} in {course}.")
