"""Deadlines as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiworker.wire.engine import RobotStatus


@dataclass(frozen=True, slots=True)
class Deadline:
    """A robot's due date, and what is thought of it. `forecast_at` None: nobody can tell; `why`: what that rests on."""

    robot_id: str
    due_date: datetime
    look_at: datetime
    forecast_at: datetime | None
    at_risk: bool
    why: str | None
    why_told: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Pending:
    """What a forecast looks at. `typical_ms`: how long its type takes at its module, if that is known."""

    robot_id: str
    robot_type: str
    module_name: str
    correlation_id: str | None
    status: RobotStatus
    held: str | None
    due_at: datetime | None
    rank: int
    age: datetime
    due_date: datetime
    estimated_duration_minutes: int | None
    typical_ms: int | None
    at_risk: bool
    # Of the try that is under way, if one is.
    started_at: datetime | None
    estimated_completion_at: datetime | None
    paused_at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """Those who wait for a module, in the order in which they are taken, and how many it ends in a minute."""

    places: list[tuple[int, datetime, str]]
    per_minute: float
