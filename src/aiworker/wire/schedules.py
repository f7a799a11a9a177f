"""Schedules as they travel: robots that are made by the clock."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from aiworker.wire.base import Line, Request, Timestamp, Wire
from aiworker.wire.engine import NewRobot, RobotStatus
from aiworker.wire.telling import Telling


class CatchUp(StrEnum):
    """What happens with due times that passed while nothing ran: none of them, the latest, or all."""

    NONE = "NONE"
    LATEST = "LATEST"
    ALL = "ALL"


class Overlap(StrEnum):
    """What happens when a time comes and the robot of the one before is not done: SKIP leaves this time out, with QUEUE
    its robot waits for the other to end, with REPLACE the other is cancelled."""

    SKIP = "SKIP"
    QUEUE = "QUEUE"
    REPLACE = "REPLACE"


class RunOutcome(StrEnum):
    """What became of a due time. SKIPPED: the robot before was not done. FAILED: no robot could be made."""

    FIRED = "FIRED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


ScheduleName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=90)]
Cron = Annotated[Line, Field(min_length=1, max_length=100)]
TimeZone = Annotated[Line, Field(min_length=1, max_length=64)]


class NewSchedule(Request):
    """Robots like `robot`, made whenever `cron` comes true in the time zone."""

    name: ScheduleName
    cron: Cron
    timezone: TimeZone = "UTC"
    catch_up: CatchUp = CatchUp.LATEST
    overlap: Overlap = Overlap.QUEUE
    robot: NewRobot


class ScheduleChanges(Request):
    """Changes to a schedule. `isActive`: false pauses it; of the system's own ones only that can be changed."""

    cron: Cron | None = None
    timezone: TimeZone | None = None
    catch_up: CatchUp | None = None
    overlap: Overlap | None = None
    robot: NewRobot | None = None
    is_active: bool | None = None


class Schedule(Wire):
    """A schedule. `nextTimes`: its next five times, none while it is paused. `system`: the installation's own."""

    name: str
    cron: str
    timezone: str
    catch_up: CatchUp
    overlap: Overlap
    robot: NewRobot
    is_active: bool
    system: bool
    created_by: str | None
    next_times: list[Timestamp]
    last_due: Timestamp | None
    last_error: str | None
    last_error_told: Telling | None = None
    created_at: Timestamp
    updated_at: Timestamp


class ScheduleRun(Wire):
    """What became of one due time. `robotStatus` is the robot's of now; none if it was removed. `startedBy`: who ran it
    by hand."""

    due_at: Timestamp
    fired_at: Timestamp
    outcome: RunOutcome
    robot_id: str | None
    robot_status: RobotStatus | None
    detail: str | None
    detail_told: Telling | None = None
    started_by: str | None
