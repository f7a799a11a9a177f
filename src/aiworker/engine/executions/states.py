"""An execution's moves, its lease and its clock. Nothing here touches a database."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from aiworker.core.ids import new_id
from aiworker.engine.claims.records import Claimable
from aiworker.engine.executions.errors import NotUnderWay
from aiworker.engine.executions.records import Execution
from aiworker.wire.engine import Directive, ExecutionState, Fail, Measures, Report, StepCategory

UNDER_WAY: Final = frozenset({ExecutionState.RUNNING, ExecutionState.PAUSED})
# The outcome of one whose result a person has to accept first.
REVIEW: Final = "review"
# What a worker hears of an execution that is not its own any more.
OVER: Final = frozenset({"cancel", "lost"})
_MILLISECOND = timedelta(milliseconds=1)
# What the column holds.
_FASTEST: Final = 999_999.99

N = TypeVar("N", int, float)


def new_lease_token(execute_id: str) -> str:
    """A secret that names its execution, so that it is found by primary key and compared, not searched."""
    return f"{execute_id}.{secrets.token_urlsafe(32)}"


def named_by(lease_token: str) -> str:
    """The execution that a token claims to be of."""
    return lease_token.partition(".")[0]


def opens(execution: Execution, lease_token: str) -> bool:
    """Whether the token is the execution's own."""
    return same_token(execution.lease_token, lease_token)


def directive(execution: Execution, lease_token: str) -> Directive:
    """What the worker that shows this token should do now."""
    if not opens(execution, lease_token):
        return "lost"
    if execution.execution_state in UNDER_WAY:
        return "pause" if execution.execution_state is ExecutionState.PAUSED else "continue"
    return "cancel" if execution.outcome == "cancelled" else "lost"


def same_token(one: str, other: str) -> bool:
    """Compared in constant time."""
    return secrets.compare_digest(one.encode(), other.encode())


def started(robot: Claimable, now: datetime, *, holder: str, lease_seconds: int | None) -> Execution:
    """A new try, with a token of its own; without a lease the robot's time-out does not run either."""
    execute_id = new_id()
    timeout_seconds = robot.timeout_seconds if lease_seconds is not None else None
    return watched(
        Execution(
            execute_id=execute_id,
            robot_id=robot.robot_id,
            module_name=robot.module_name,
            execution_state=ExecutionState.RUNNING,
            current_step=None,
            progress_percentage=0,
            step_category=StepCategory.INIT,
            total_steps=1,
            completed_steps=0,
            step_details={},
            step_start_time=None,
            step_duration_ms=None,
            cpu_usage_percent=None,
            memory_usage_mb=None,
            disk_io_mb=None,
            network_io_mb=None,
            resource_peak_usage={},
            throughput_items_per_sec=None,
            processing_rate=None,
            contains_sensitive_data=False,
            compliance_context={},
            external_api_calls=0,
            external_api_duration_ms=0,
            external_api_failures=0,
            efficiency_score=1.0,
            started_at=now,
            completed_at=None,
            estimated_completion_at=None,
            duration_ms=None,
            retry_count=robot.retry_count,
            max_retries=robot.retry_limit,
            last_retry_at=None,
            timeout_seconds=timeout_seconds,
            error_message=None,
            error_message_told=None,
            error_stack_trace=None,
            holder=holder,
            lease_token=new_lease_token(execute_id),
            lease_seconds=lease_seconds,
            lease_expires_at=_after(now, lease_seconds),
            reported_at=None,
            timeout_at=_after(now, timeout_seconds),
            check_at=None,
            paused_at=None,
            paused_ms=0,
            parked_at=None,
            outcome=None,
            ended_by=None,
        )
    )


def worked_ms(execution: Execution, now: datetime) -> int:
    """Milliseconds of work, without the time it was paused."""
    return worked_between(execution.started_at, now, paused_at=execution.paused_at, paused_ms=execution.paused_ms)


def worked_between(started_at: datetime, now: datetime, *, paused_at: datetime | None, paused_ms: int) -> int:
    """Milliseconds without those that were paused: `paused_ms` before, and since `paused_at` if it is paused now."""
    paused_now = now - paused_at if paused_at is not None else timedelta()
    return max(0, (now - started_at - paused_now) // _MILLISECOND - paused_ms)


def watched(execution: Execution) -> Execution:
    """With `check_at` as the earlier of lease end and time-out."""
    ends = [at for at in (execution.lease_expires_at, execution.timeout_at) if at is not None]
    return replace(execution, check_at=min(ends, default=None))


def renewed(execution: Execution, now: datetime) -> Execution:
    """The lease runs anew for its own length; without a lease nothing changes."""
    if execution.lease_expires_at is None or execution.lease_seconds is None:
        return execution
    return watched(replace(execution, lease_expires_at=now + timedelta(seconds=execution.lease_seconds)))


def paused(execution: Execution, now: datetime) -> Execution:
    """RUNNING → PAUSED: the lease is kept, the time-out's clock stops. Already paused: no change."""
    if execution.execution_state is ExecutionState.PAUSED:
        return execution
    _require(execution, ExecutionState.RUNNING, "paused")
    return watched(replace(execution, execution_state=ExecutionState.PAUSED, paused_at=now, timeout_at=None))


def parked(execution: Execution, now: datetime) -> Execution:
    """PAUSED without a worker: no lease, no slot. The token stays valid, nothing expires."""
    waiting = paused(execution, now)
    if waiting.parked_at is not None:
        return waiting
    return watched(replace(waiting, parked_at=now, lease_expires_at=None))


def resumed(execution: Execution, now: datetime, *, lease_seconds: int | None) -> Execution:
    """PAUSED → RUNNING: the time-out's clock goes on, and the lease runs anew (none stays none). Running: no change.

    `lease_seconds` is for the first lease only: from the next sign of life on it has its own length again.
    """
    if execution.execution_state is ExecutionState.RUNNING:
        return execution
    _require(execution, ExecutionState.PAUSED, "resumed")
    if execution.outcome == REVIEW:
        raise NotUnderWay(execution.execute_id, execution.execution_state, "resumed: its result waits for a review")
    started = execution.paused_at or now
    paused_ms = execution.paused_ms + (now - started) // _MILLISECOND
    return watched(
        replace(
            execution,
            execution_state=ExecutionState.RUNNING,
            paused_at=None,
            parked_at=None,
            paused_ms=paused_ms,
            lease_expires_at=_after(now, lease_seconds or execution.lease_seconds),
            timeout_at=_timeout_at(execution, paused_ms),
        )
    )


def taken_back(execution: Execution, now: datetime, *, lease_seconds: int) -> Execution:
    """One that was lost goes on as it is, token and all; the time between counts as a pause."""
    missed = now - (execution.completed_at or now)
    paused_ms = execution.paused_ms + missed // _MILLISECOND
    return watched(
        replace(
            execution,
            execution_state=ExecutionState.RUNNING,
            outcome=None,
            ended_by=None,
            completed_at=None,
            duration_ms=None,
            error_message=None,
            error_message_told=None,
            paused_ms=paused_ms,
            lease_seconds=lease_seconds,
            lease_expires_at=_after(now, lease_seconds),
            timeout_at=_timeout_at(execution, paused_ms),
        )
    )


def _timeout_at(execution: Execution, paused_ms: int) -> datetime | None:
    """When its time-out is over: the time that it was paused does not count."""
    if execution.timeout_seconds is None:
        return None
    return execution.started_at + timedelta(seconds=execution.timeout_seconds) + paused_ms * _MILLISECOND


def ended(
    execution: Execution, to: ExecutionState, now: datetime, *, outcome: str, by: str | None, **changes: Any
) -> Execution:
    """Over, and how. Raises: NotUnderWay."""
    if execution.execution_state not in UNDER_WAY:
        raise NotUnderWay(execution.execute_id, execution.execution_state, outcome)
    worked = worked_ms(execution, now)
    return watched(
        replace(
            execution,
            execution_state=to,
            outcome=outcome,
            ended_by=by,
            completed_at=now,
            duration_ms=worked,
            paused_ms=(now - execution.started_at) // _MILLISECOND - worked,
            paused_at=None,
            parked_at=None,
            lease_expires_at=None,
            timeout_at=None,
            **changes,
        )
    )


def failed(
    execution: Execution, failure: Fail, now: datetime, *, outcome: str, by: str | None, final: bool
) -> Execution:
    """Failed; RETRYING if another try will follow."""
    return ended(
        measured(execution, failure),
        ExecutionState.FAILED if final else ExecutionState.RETRYING,
        now,
        outcome=outcome,
        by=by,
        error_message=failure.error_message,
        error_message_told=None if failure.told is None else failure.told.model_dump(),
        error_stack_trace=failure.error_stack_trace,
        last_retry_at=None if final else now,
    )


def efficiency(estimated_minutes: int | None, actual_ms: int) -> float:
    """`min(1, estimated / actual)`; without an estimate, or with no time spent, 1."""
    if estimated_minutes is None or actual_ms <= 0:
        return 1.0
    return round(min(1.0, estimated_minutes * 60_000 / actual_ms), 2)


def reported(execution: Execution, report: Report, now: datetime) -> Execution:
    """After a sign of life: the lease renewed, and whatever the report tells (its step apart)."""
    progress = execution.progress_percentage if report.progress_percentage is None else report.progress_percentage
    return replace(
        measured(renewed(execution, now), report),
        reported_at=now,
        progress_percentage=progress,
        estimated_completion_at=_forecast(execution, progress, now),
        current_step=report.current_step or execution.current_step,
        total_steps=report.total_steps or execution.total_steps,
        processing_rate=_rate(execution, progress, now),
    )


def measured(execution: Execution, told: Measures) -> Execution:
    """With what a worker told of its resources: the latest, and the highest so far. Counters never go back."""
    if not told.measured:
        return execution
    return replace(
        execution,
        cpu_usage_percent=_bounded(told.cpu_usage_percent, execution.cpu_usage_percent),
        memory_usage_mb=_or(told.memory_usage_mb, execution.memory_usage_mb),
        disk_io_mb=_or(told.disk_io_mb, execution.disk_io_mb),
        network_io_mb=_or(told.network_io_mb, execution.network_io_mb),
        resource_peak_usage=_peak(execution.resource_peak_usage or {}, told),
        throughput_items_per_sec=_or(told.throughput_items_per_sec, execution.throughput_items_per_sec),
        external_api_calls=max(execution.external_api_calls, told.external_api_calls or 0),
        external_api_duration_ms=max(execution.external_api_duration_ms, told.external_api_duration_ms or 0),
        external_api_failures=max(execution.external_api_failures, told.external_api_failures or 0),
    )


def _rate(execution: Execution, progress: int, now: datetime) -> float | None:
    """Percent in a minute of work, over the whole try."""
    worked = worked_ms(execution, now)
    if progress == execution.progress_percentage or worked <= 0:
        return execution.processing_rate
    return min(_FASTEST, round(progress * 60_000 / worked, 2))


def _forecast(execution: Execution, progress: int, now: datetime) -> datetime | None:
    if progress == execution.progress_percentage or progress <= 0:
        return execution.estimated_completion_at
    left_ms = worked_ms(execution, now) * (100 - progress) // progress
    return now + left_ms * _MILLISECOND


def _peak(peak: dict[str, Any], told: Measures) -> dict[str, Any]:
    seen = {"max_cpu": told.cpu_usage_percent, "max_memory": told.memory_usage_mb}
    higher = {name: value for name, value in seen.items() if value is not None and value > peak.get(name, -1)}
    return {**peak, **higher} if higher else peak


def _bounded(value: float | None, otherwise: float | None) -> float | None:
    # The column holds three digits before the point: more than 999 % (ten cores) is shown as that.
    return otherwise if value is None else min(value, 999.99)


def _or(value: N | None, otherwise: N | None) -> N | None:
    return otherwise if value is None else value


def _after(now: datetime, seconds: int | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)


def _require(execution: Execution, state: ExecutionState, asked: str) -> None:
    if execution.execution_state is not state:
        raise NotUnderWay(execution.execute_id, execution.execution_state, asked)
