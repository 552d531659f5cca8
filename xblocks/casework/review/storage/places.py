"""A place in the tables of edx-submissions and in ours, and the lock under which everything that a grade hangs on changes."""

from __future__ import annotations

import re

from submissions.models import StudentItem

from casework.review.models import Finish
from casework.review.storage.terms import ITEM_TYPE, Place, ReviewError


def keys_of(place: Place) -> dict[str, str]:
    return {"course_id": place.course_id, "item_id": place.item_id, "student_id": place.student_id}


def student_item(place: Place, item_type: str = ITEM_TYPE) -> dict[str, str]:
    return {**keys_of(place), "item_type": item_type}


def lock(place: Place, item_type: str = ITEM_TYPE) -> None:
    """Holds the place until the transaction ends: one finish, review or reset of a place at a time.

    The row of edx-submissions to which all scores of the place belong is the one thing that is there from the first
    finish on. SQLite locks no row; there the settings begin transactions as IMMEDIATE, which holds the whole database.
    """
    item, _ = StudentItem.objects.get_or_create(**keys_of(place), defaults={"item_type": item_type})
    StudentItem.objects.select_for_update().get(pk=item.pk)


def storable(text: str) -> str:
    """Without what no database takes: NUL, and halves of characters that an honest browser does not send."""
    return re.sub(r"[\ud800-\udfff]", "\ufffd", text.replace("\x00", ""))


def place_of(finish_id: int) -> Place:
    named = Finish.objects.filter(pk=finish_id).values_list("course_id", "item_id", "student_id").first()
    if named is None:
        raise ReviewError("there is no such attempt")
    return Place(*named)
