"""What checks say together: uptime, and the strip of a day. Nothing here touches a database."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

from aiworker.core.sayings import Sentence
from aiworker.engine.health.records import Check, HealthSample
from aiworker.wire.engine import HealthStatus

T = TypeVar("T")

_SILENT: Final = Sentence("health_silent", "it has not asked for work or reported for {minutes} min")

# A check says how it is until the next one, but not longer than this: then nobody looked.
_GOOD_FOR: Final = timedelta(minutes=12)
# A worker that waits for robots asks again within a minute, one that works reports within its lease.
SILENT_AFTER: Final = timedelta(minutes=2)
_WORST: Final = (HealthStatus.UNHEALTHY, HealthStatus.DEGRADED, HealthStatus.HEALTHY)


def by_its_signs(seen: datetime | None, now: datetime, *, wanted: bool) -> Check | None:
    """How a module without an end point is, by when it was last heard of; None: nobody ever started it.

    `wanted`: it has robots, so somebody misses it.
    """
    if seen is None:
        return None
    if now - seen <= SILENT_AFTER:
        return Check()
    if not wanted:
        return Check(at_rest=True)
    return Check.failed(_SILENT(minutes=(now - seen) // timedelta(minutes=1)))


def uptime(samples: Sequence[tuple[datetime, bool]], *, since: datetime, now: datetime) -> float:
    """The share of the time known from checks in which the last one had gone well, 0 to 1; without any check, 1."""
    known = up = timedelta()
    for (start, well), end in _spans(samples, now):
        length = max(timedelta(), min(end, start + _GOOD_FOR) - max(start, since))
        known += length
        up += length if well else timedelta()
    return up / known if known else 1.0


def strip(samples: Sequence[HealthSample], *, now: datetime, pieces: int, each: timedelta) -> list[HealthStatus]:
    """The worst that a module was in each piece of time up to now, oldest first; UNKNOWN where nobody looked."""
    first = now - pieces * each
    told = [HealthStatus.UNKNOWN] * pieces
    marks = [(sample.checked_at, sample.health_status) for sample in samples]
    for (start, status), end in _spans(marks, now):
        until = min(end, start + _GOOD_FOR)
        lowest = max(0, (start - first) // each)
        highest = min(pieces - 1, (until - timedelta(microseconds=1) - first) // each)
        for piece in range(lowest, highest + 1):
            told[piece] = min(told[piece], status, key=_badness)
    return told


def _badness(status: HealthStatus) -> int:
    return _WORST.index(status) if status in _WORST else len(_WORST)


def _spans(marks: Sequence[tuple[datetime, T]], now: datetime) -> Iterator[tuple[tuple[datetime, T], datetime]]:
    """Each mark with the time at which the next one takes over."""
    return zip(marks, [*(start for start, _ in marks[1:]), now], strict=False)
