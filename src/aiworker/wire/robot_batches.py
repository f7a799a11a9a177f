"""Batches of robots as they travel."""

from pydantic import Field

from aiworker.wire.base import Timestamp, Wire
from aiworker.wire.engine import RobotStatus
from aiworker.wire.telling import Telling


class RefusedRobot(Wire):
    """One of a batch that was not taken. `index`: its place in the request, from 0."""

    index: int
    code: str
    message: str
    told: Telling | None = None


class SubmittedBatch(Wire):
    """What became of a batch."""

    correlation_id: str
    accepted: int
    cache_hits: int = Field(description="Done at once, with the result of an earlier robot.")
    shared: int = Field(description="Answered by a robot that was under way already.")
    robot_ids: list[str | None] = Field(description="In the order of the request; null where one was refused.")
    refused: list[RefusedRobot]


class Batch(Wire):
    """How far the robots of one correlation id are."""

    correlation_id: str
    made_by: str | None
    made_at: Timestamp | None
    cancelled_at: Timestamp | None
    asked: int | None
    total: int
    done: int = Field(description="COMPLETED, FAILED or CANCELLED.")
    progress_percentage: int
    by_status: dict[RobotStatus, int]
    failures: dict[str, int] = Field(description="Those that FAILED, by error category.")
    cache_hits: int
    average_ms: int | None
    started_at: Timestamp | None
    completed_at: Timestamp | None
    estimated_completion_at: Timestamp | None


class BatchMoved(Batch):
    """A batch after its robots were cancelled or sent to wait again. `moved`: how many were."""

    moved: int
