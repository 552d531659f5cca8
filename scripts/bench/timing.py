"""How long a call takes, by the clock and by this process's processor."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Taken:
    """What calls took, in milliseconds: by the clock, and of this process's processor alone, which neighbours on the machine
    disturb less; the database server's own work is in the first only."""

    clock: list[float]
    own: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.clock)

    @property
    def p95(self) -> float:
        return sorted(self.clock)[min(len(self.clock) - 1, int(len(self.clock) * 0.95))]

    @property
    def processor(self) -> float:
        return statistics.median(self.own)


def timed(call: Callable[[], object], most: int, seconds: float) -> Taken:
    """At most `most` calls, after two that do not count; at least three."""
    call(), call()
    taken, until = Taken([], []), time.perf_counter() + seconds
    while len(taken.clock) < most and (time.perf_counter() < until or len(taken.clock) < 3):
        began, own = time.perf_counter(), time.process_time()
        call()
        taken.own.append((time.process_time() - own) * 1000)
        taken.clock.append((time.perf_counter() - began) * 1000)
    return taken
