"""Steps as workers report them: each begins and ends, and telling the same twice changes nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from aiworker.engine.executions import queries
from aiworker.engine.executions.records import Execution, ExecutionStep
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import StepReport

_RUNNING = "running"


class StepBook:
    """The steps of executions that are locked: read at once, told of one by one, and written at once.

    `execute_ids`, `names`: whose steps will be told of, and which.
    """

    def __init__(self, tx: Tx, execute_ids: Sequence[str], names: Sequence[str]) -> None:
        self._tx = tx
        self._execute_ids = execute_ids
        self._last = {(step.execute_id, step.name): step for step in queries.last_steps(tx, execute_ids, names)}
        self._next: dict[str, int] | None = None
        self._begun: dict[tuple[str, int], ExecutionStep] = {}
        self._ended: dict[tuple[str, int], ExecutionStep] = {}

    def record(self, execution: Execution, report: StepReport) -> Execution:
        """Note the step; the execution with what it says about its current step."""
        last = self._last.get((execution.execute_id, report.name))
        if report.status == _RUNNING:
            return execution if last is not None and last.completed_at is None else self._begin(execution, report)
        if last is not None and last.status == report.status:
            return execution
        if last is None or last.completed_at is not None:
            execution = self._begin(execution, report)
            last = self._last[execution.execute_id, report.name]
        return self._end(execution, last, report)

    def write(self) -> None:
        """Put what was noted into the database."""
        queries.add_steps(self._tx, list(self._begun.values()))
        queries.save_steps(self._tx, list(self._ended.values()))

    def _begin(self, execution: Execution, report: StepReport) -> Execution:
        step = ExecutionStep(
            execute_id=execution.execute_id,
            position=self._next_position(execution.execute_id),
            name=report.name,
            category=report.category,
            status=_RUNNING,
            detail=report.detail,
            told=_told(report),
            started_at=self._at(execution, report),
            completed_at=None,
            duration_ms=None,
        )
        self._last[step.execute_id, step.name] = self._begun[step.execute_id, step.position] = step
        return replace(
            execution,
            current_step=report.name,
            step_category=report.category,
            step_start_time=step.started_at,
            step_details={"name": report.name, "detail": report.detail},
        )

    def _end(self, execution: Execution, step: ExecutionStep, report: StepReport) -> Execution:
        at = max(self._at(execution, report), step.started_at)
        ended = _ended(step, report.status, at)
        if report.detail:
            ended = replace(ended, detail=report.detail, told=_told(report))
        if report.duration_ms is not None:
            began = at - timedelta(milliseconds=report.duration_ms)
            ended = replace(ended, duration_ms=report.duration_ms, started_at=max(began, execution.started_at))
        key = step.execute_id, step.position
        (self._begun if key in self._begun else self._ended)[key] = ended
        self._last[step.execute_id, step.name] = ended
        done = execution.completed_steps + (report.status != "failed")
        return replace(
            execution,
            completed_steps=done,
            total_steps=max(execution.total_steps, done),
            step_duration_ms=ended.duration_ms,
            step_details={"name": report.name, "status": report.status, "detail": ended.detail},
        )

    def _at(self, execution: Execution, report: StepReport) -> datetime:
        """When what is told happened: within the execution, however the worker's clock goes."""
        ago = timedelta(milliseconds=report.ago_ms or 0)
        return max(self._tx.now - ago, min(execution.started_at, self._tx.now))

    def _next_position(self, execute_id: str) -> int:
        if self._next is None:
            self._next = queries.next_positions(self._tx, self._execute_ids)
        position = self._next.get(execute_id, 0)
        self._next[execute_id] = position + 1
        return position


def end_steps(tx: Tx, execute_ids: Sequence[str], status: str) -> Counter[str]:
    """End what is still open when executions are over; how many steps that were, by execution."""
    left_open = queries.open_steps(tx, execute_ids)
    queries.save_steps(tx, [_ended(step, status, tx.now) for step in left_open])
    return Counter(step.execute_id for step in left_open)


def _ended(step: ExecutionStep, status: str, now: datetime) -> ExecutionStep:
    duration = (now - step.started_at) // timedelta(milliseconds=1)
    return replace(step, status=status, completed_at=now, duration_ms=duration)


def _told(report: StepReport) -> dict[str, Any] | None:
    return None if report.told is None else report.told.model_dump()
