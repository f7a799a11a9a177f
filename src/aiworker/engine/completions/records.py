"""What a completion looks at, and what it writes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiworker.wire.engine import ExecutionState


@dataclass(frozen=True, slots=True)
class Running:
    """An execution and its robot, as far as their end depends on them."""

    execute_id: str
    execution_state: ExecutionState
    lease_token: str
    outcome: str | None
    holder: str | None
    current_step: str | None
    completed_steps: int
    total_steps: int
    started_at: datetime
    paused_at: datetime | None
    paused_ms: int
    robot_id: str
    robot_type: str
    module_name: str
    correlation_id: str | None
    completeness_score: float
    confidence_score: float
    estimated_duration_minutes: int | None
    required_completeness: float | None
    required_confidence: float | None
    running_lane: int | None
    moves: int
    # Whether its module's breaker is to be told, and whether somebody may wait for its slot.
    stirred: bool
    limited: bool


@dataclass(frozen=True, slots=True)
class Ending:
    """What differs from one completion to the next; durations in the unit that their name says."""

    execute_id: str
    robot_id: str
    moves: int
    ended_by: str | None
    output_data: dict[str, Any]
    completeness_score: float
    confidence_score: float
    processing_time_ms: int
    actual_duration_minutes: int
    # How long this try worked; the robot keeps it as its processing time.
    duration_ms: int
    paused_ms: int
    completed_steps: int
    total_steps: int
    efficiency_score: float
