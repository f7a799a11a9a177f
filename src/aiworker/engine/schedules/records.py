"""Schedules as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class CatchUp(StrEnum):
    """What happens with due times that passed while nothing ran: none of them, the latest, or all."""

    NONE = "NONE"
    LATEST = "LATEST"
    ALL = "ALL"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A robot template and the times at which it becomes a robot."""

    name: str
    cron: str
    timezone: str
    catch_up: CatchUp
    template: dict[str, Any]
    is_active: bool
    system: bool
    next_due: datetime | None
    last_due: datetime | None
    last_error: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ScheduleRun:
    """One firing: the robot that was made for a due time."""

    schedule_name: str
    due_at: datetime
    robot_id: str | None
    fired_at: datetime
