"""Robots as the tools of MCP show them: what an agent needs, and no more."""

from typing import Any

from pydantic import Field

from aiworker.wire.base import Timestamp, Wire
from aiworker.wire.engine import Directive, RobotPriority, RobotStatus, StepCategory


class HeldRobot(Wire):
    """A robot that is the caller's own."""

    robot_id: str
    robot_type: str
    input_data: dict[str, Any]
    correlation_id: str | None
    retry_count: int
    retry_limit: int
    checkpoint: dict[str, Any] | None = Field(default=None, description="What an earlier try saved last.")


class ClaimAnswer(Wire):
    """`robot` is null if there is none now."""

    robot: HeldRobot | None = None
    lease: str | None = None
    message: str


class ReportedRobot(Wire):
    """What to do now."""

    directive: Directive
    message: str


class EndedRobot(Wire):
    """Where the robot is after its try has ended; RETRYING: the next try is due later."""

    robot_id: str
    status: RobotStatus
    retry_count: int


class RobotStep(Wire):
    """A step of a try."""

    name: str
    category: StepCategory
    status: str
    detail: str | None
    duration_ms: int | None


class SeenRobot(Wire):
    """A robot as those see it who only ask. `waiting`: why nobody has taken it."""

    robot_id: str
    robot_type: str
    status: RobotStatus
    module_name: str
    priority: RobotPriority
    correlation_id: str | None
    waiting: str | None = None
    input_data: dict[str, Any] | None = None
    output_data: dict[str, Any] | None = None
    error_category: str | None
    error_message: str | None = None
    retry_count: int
    progress_percentage: int | None = None
    steps: list[RobotStep] = Field(default_factory=list["RobotStep"])
    created_at: Timestamp
    started_at: Timestamp | None
    completed_at: Timestamp | None


class RobotPage(Wire):
    """Robots, newest first."""

    robots: list[SeenRobot]
    count: int
    next_cursor: str | None = None
