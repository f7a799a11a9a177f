"""A robot and an execution to move."""

from dataclasses import replace
from typing import Any

from aiworker.engine.claims.records import Claimable
from aiworker.engine.executions import states as executions
from aiworker.engine.executions.records import Execution
from aiworker.engine.robots.records import Robot
from aiworker.wire.engine import ErrorCategory, Fail, ProcessingTier, RobotPriority, RobotStatus
from tests.support.clocks import NOON

_ROBOT = Robot(
    robot_id="ocr_1_000001",
    robot_type="ocr.read",
    status=RobotStatus.PENDING,
    module_name="reader",
    input_data={},
    output_data=None,
    priority=RobotPriority.NORMAL,
    processing_time_ms=None,
    processing_tier=ProcessingTier.STANDARD,
    cache_hit=False,
    cache_key="ocr.read:page-1",
    cache_source_robot_id=None,
    retry_count=0,
    retry_limit=3,
    error_details=None,
    error_category=None,
    last_error_at=None,
    completeness_score=0.0,
    confidence_score=0.0,
    source_reference=None,
    correlation_id=None,
    estimated_duration_minutes=None,
    actual_duration_minutes=None,
    queue="",
    needs=[],
    held=None,
    defer_until=None,
    due_date=None,
    timeout_seconds=1800,
    required_completeness=None,
    required_confidence=None,
    review=None,
    backoff_seconds=5,
    backoff_cap_seconds=900,
    asked_module=None,
    routing_decision=None,
    security_classification="STANDARD",
    compliance_tags=None,
    audit_trail=None,
    lane_id=7,
    ready_lane=7,
    running_lane=None,
    rank=2,
    age=NOON,
    retry_at=None,
    due_at=None,
    uncounted=0,
    moves=0,
    created_at=NOON,
    updated_at=NOON,
    started_at=None,
    completed_at=None,
)


def robot(**fields: Any) -> Robot:
    return replace(_ROBOT, **fields)


def execution(*, lease_seconds: int | None = 60, timeout_seconds: int = 1800) -> Execution:
    claimable = Claimable("ocr_1_000001", "ocr.read", "reader", {}, None, 0, 3, timeout_seconds, None, 1, 2, NOON)
    return executions.started(claimable, NOON, holder="worker-1", lease_seconds=lease_seconds)


def failure(category: ErrorCategory = ErrorCategory.APPLICATION) -> Fail:
    return Fail(lease_token="t", error_category=category, error_message="broken")
