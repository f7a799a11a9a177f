"""Robots as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiworker.wire.engine import ProcessingTier, RobotPriority, RobotStatus


@dataclass(frozen=True, slots=True)
class Robot:
    """One unit of work. Durations in the unit that their name says; the rest as in the table."""

    robot_id: str
    robot_type: str
    status: RobotStatus
    module_name: str
    input_data: dict[str, Any]
    output_data: dict[str, Any] | None
    priority: RobotPriority
    processing_time_ms: int | None
    processing_tier: ProcessingTier
    cache_hit: bool
    cache_key: str | None
    cache_source_robot_id: str | None
    retry_count: int
    retry_limit: int
    error_details: dict[str, Any] | None
    error_category: str | None
    last_error_at: datetime | None
    completeness_score: float
    confidence_score: float
    source_reference: str | None
    correlation_id: str | None
    estimated_duration_minutes: int | None
    actual_duration_minutes: int | None
    queue: str
    needs: list[str]
    held: str | None
    defer_until: datetime | None
    due_date: datetime | None
    timeout_seconds: int
    # Below these a person looks at the result first; `review`: what is said of the last one.
    required_completeness: float | None
    required_confidence: float | None
    review: str | None
    backoff_seconds: int
    backoff_cap_seconds: int
    asked_module: str | None
    routing_decision: dict[str, Any] | None
    security_classification: str
    # JSON pointers to what of the input is sensitive.
    compliance_tags: list[str] | None
    audit_trail: list[dict[str, Any]] | None
    lane_id: int
    ready_lane: int | None
    running_lane: int | None
    rank: int
    age: datetime
    retry_at: datetime | None
    due_at: datetime | None
    uncounted: int
    moves: int
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
