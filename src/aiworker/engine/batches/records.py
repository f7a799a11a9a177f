"""Batches as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiworker.core.errors import AiWorkerError
from aiworker.engine.robots.records import Robot
from aiworker.wire.engine import RobotStatus

_OVER = (RobotStatus.COMPLETED, RobotStatus.FAILED, RobotStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Batch:
    """What was asked for in one batch. `shared`: answered by a robot of another batch that was under way."""

    correlation_id: str
    made_by: str
    made_at: datetime
    asked: int
    shared: int
    cancelled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a request, by the places in it. `shared`: answered by a robot that is in no batch or another."""

    robots: Mapping[int, Robot]
    shared: int
    refused: Mapping[int, AiWorkerError]


@dataclass(frozen=True, slots=True)
class Part:
    """The robots of a batch that have one status. `busy_ms`: what those that are done took together."""

    status: RobotStatus
    number: int
    cache_hits: int
    busy_ms: int
    started_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is, counted from its robots. `failures`: those that FAILED, by category."""

    parts: Mapping[RobotStatus, Part]
    failures: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many robots it has."""
        return sum(part.number for part in self.parts.values())

    @property
    def done(self) -> int:
        """How many are over, well or not."""
        return sum(part.number for status, part in self.parts.items() if status in _OVER)

    @property
    def worked(self) -> int:
        """How many were really worked off: not cancelled, nor answered from an earlier result."""
        cancelled = self.parts.get(RobotStatus.CANCELLED)
        return self.done - self.cache_hits - (cancelled.number if cancelled is not None else 0)

    @property
    def percentage(self) -> int:
        """100 only when all are over."""
        return 100 * self.done // self.total if self.total else 0

    @property
    def cache_hits(self) -> int:
        """How many were answered from an earlier result."""
        return sum(part.cache_hits for part in self.parts.values())

    @property
    def average_ms(self) -> int | None:
        """What one that was really done took."""
        completed = self.parts.get(RobotStatus.COMPLETED)
        worked = completed.number - completed.cache_hits if completed is not None else 0
        return completed.busy_ms // worked if completed is not None and worked else None

    @property
    def started_at(self) -> datetime | None:
        """When the first of them was begun."""
        return min((part.started_at for part in self.parts.values() if part.started_at is not None), default=None)

    @property
    def completed_at(self) -> datetime | None:
        """When the last of them ended; None while one is not over."""
        if not self.total or self.done < self.total:
            return None
        return max((part.completed_at for part in self.parts.values() if part.completed_at is not None), default=None)

    def forecast(self, now: datetime) -> datetime | None:
        """When the last will be over if it goes on as so far; None before the first is done and after the last."""
        began, left = self.started_at, self.total - self.done
        if began is None or not left or self.worked <= 0 or now <= began:
            return None
        return now + timedelta(seconds=(now - began).total_seconds() * left / self.worked)
