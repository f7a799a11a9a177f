"""Steps as workers report them: each begins and ends, and telling the same twice changes nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aiworker.engine.executions import queries
from aiworker.engine.executions.records import Execution, ExecutionStep
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import StepReport

_RUNNING = "running"


def record_step(tx: Tx, execution: Execution, report: StepReport) -> Execution:
    """Write the step; the execution with what it says about its current step."""
    last = queries.last_step(tx, execution.execute_id, report.name)
    if report.status == _RUNNING:
        return execution if last is not None and last.completed_at is None else _begin(tx, execution, report)
    if last is not None and last.status == report.status:
        return execution
    if last is None or last.completed_at is not None:
        execution = _begin(tx, execution, report)
        last = queries.last_step(tx, execution.execute_id, report.name)
    return _end(tx, execution, last, report) if last is not None else execution


def end_steps(tx: Tx, execute_ids: Sequence[str], status: str) -> Counter[str]:
    """End what is still open when executions are over; how many steps that were, by execution."""
    left_open = queries.open_steps(tx, execute_ids)
    queries.save_steps(tx, [_ended(step, status, step.detail, tx.now) for step in left_open])
    return Counter(step.execute_id for step in left_open)


def _begin(tx: Tx, execution: Execution, report: StepReport) -> Execution:
    queries.add_step(
        tx,
        ExecutionStep(
            execute_id=execution.execute_id,
            position=queries.next_position(tx, execution.execute_id),
            name=report.name,
            category=report.category,
            status=_RUNNING,
            detail=report.detail,
            started_at=tx.now,
            completed_at=None,
            duration_ms=None,
        ),
    )
    return replace(
        execution,
        current_step=report.name,
        step_category=report.category,
        step_start_time=tx.now,
        step_details={"name": report.name, "detail": report.detail},
    )


def _end(tx: Tx, execution: Execution, step: ExecutionStep, report: StepReport) -> Execution:
    ended = _ended(step, report.status, report.detail or step.detail, tx.now)
    if report.duration_ms is not None:
        began = tx.now - timedelta(milliseconds=report.duration_ms)
        ended = replace(ended, duration_ms=report.duration_ms, started_at=max(began, execution.started_at))
    queries.save_steps(tx, [ended])
    done = execution.completed_steps + (report.status != "failed")
    return replace(
        execution,
        completed_steps=done,
        total_steps=max(execution.total_steps, done),
        step_duration_ms=ended.duration_ms,
        step_details={"name": report.name, "status": report.status, "detail": ended.detail},
    )


def _ended(step: ExecutionStep, status: str, detail: str | None, now: datetime) -> ExecutionStep:
    duration = (now - step.started_at) // timedelta(milliseconds=1)
    return replace(step, status=status, detail=detail, completed_at=now, duration_ms=duration)
