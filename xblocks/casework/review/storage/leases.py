"""Who reads an attempt now, so that two reviewers never judge one unknowingly."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from casework.review.models import Finish, Lease
from casework.review.storage.terms import Held, ReviewError

LEASED = timedelta(minutes=20)
"""So long an attempt is one reviewer's, from the last time it was opened."""


def lease(finish_id: int, reviewer: str, now: datetime | None = None) -> Held:
    """Takes an attempt for a reviewer, or makes the lease longer; answers with who holds it: somebody else, where that
    lease has not run out. Raises ReviewError."""
    now = now or timezone.now()
    until = now + LEASED
    mine = Q(reviewer=reviewer) | Q(until__lte=now)
    if Lease.objects.filter(mine, finish=finish_id).update(reviewer=reviewer, until=until):
        return Held(reviewer, until)
    try:
        with transaction.atomic():
            # Held, since a reset may be taking it away: PostgreSQL and SQLite would ask at the end of the request alone whether
            # what a lease names is there, and then nobody can be told.
            if Finish.objects.select_for_update().filter(pk=finish_id).values_list("pk").first() is None:
                raise ReviewError("there is no such attempt")
            Lease.objects.create(finish_id=finish_id, reviewer=reviewer, until=until)
        return Held(reviewer, until)
    except IntegrityError:
        held = Lease.objects.filter(finish=finish_id).first()
        if held is None:
            # A locking read sees the other's row even inside an older snapshot. Not at once: after the INSERT that failed
            # MySQL would take it for a deadlock with whoever waits for that row.
            with transaction.atomic():
                held = Lease.objects.select_for_update().filter(finish=finish_id).first()
        if held is None and not Finish.objects.filter(pk=finish_id).exists():
            raise ReviewError("there is no such attempt") from None
        return Held(held.reviewer, held.until) if held else lease(finish_id, reviewer, now)


def release(finish_id: int, reviewer: str) -> None:
    """Lets an attempt go, where this reviewer holds it."""
    Lease.objects.filter(finish=finish_id, reviewer=reviewer).delete()
