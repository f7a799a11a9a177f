"""Schedules as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiworker.wire.engine import RobotStatus
from aiworker.wire.schedules import CatchUp, Overlap, RunOutcome


@dataclass(frozen=True, slots=True)
class Schedule:
    """A robot template and the times at which it becomes a robot."""

    name: str
    cron: str
    timezone: str
    catch_up: CatchUp
    overlap: Overlap
    template: dict[str, Any]
    is_active: bool
    system: bool
    created_by: str | None
    next_due: datetime | None
    last_due: datetime | None
    last_error: str | None
    last_error_told: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ScheduleRun:
    """What became of one due time; `started_by`: who ran it by hand."""

    schedule_name: str
    due_at: datetime
    robot_id: str | None
    outcome: RunOutcome
    detail: str | None
    detail_told: dict[str, Any] | None
    started_by: str | None
    fired_at: datetime


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run, and how its robot is now (None: there is none, or it was removed)."""

    run: ScheduleRun
    robot_status: RobotStatus | None
