"""Executions as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiworker.wire.engine import ExecutionState, StepCategory


@dataclass(frozen=True, slots=True)
class Execution:
    """One try at a robot. No lease: held by a person, or parked (`parked_at`), or over."""

    execute_id: str
    robot_id: str
    module_name: str
    execution_state: ExecutionState
    current_step: str | None
    progress_percentage: int
    step_category: StepCategory
    total_steps: int
    completed_steps: int
    step_details: dict[str, Any] | None
    step_start_time: datetime | None
    step_duration_ms: int | None
    cpu_usage_percent: float | None
    memory_usage_mb: int | None
    disk_io_mb: int | None
    network_io_mb: int | None
    resource_peak_usage: dict[str, Any] | None
    throughput_items_per_sec: float | None
    processing_rate: float | None
    contains_sensitive_data: bool
    compliance_context: dict[str, Any] | None
    external_api_calls: int
    external_api_duration_ms: int
    external_api_failures: int
    efficiency_score: float
    started_at: datetime
    completed_at: datetime | None
    estimated_completion_at: datetime | None
    duration_ms: int | None
    retry_count: int
    max_retries: int
    last_retry_at: datetime | None
    timeout_seconds: int | None
    error_message: str | None
    error_message_told: dict[str, Any] | None
    error_stack_trace: str | None
    holder: str | None
    lease_token: str
    lease_seconds: int | None
    lease_expires_at: datetime | None
    reported_at: datetime | None
    timeout_at: datetime | None
    check_at: datetime | None
    paused_at: datetime | None
    paused_ms: int
    parked_at: datetime | None
    outcome: str | None
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class ExecutionStep:
    """One named step of an execution."""

    execute_id: str
    position: int
    name: str
    category: StepCategory
    status: str
    detail: str | None
    told: dict[str, Any] | None
    started_at: datetime
    completed_at: datetime | None
    duration_ms: int | None
