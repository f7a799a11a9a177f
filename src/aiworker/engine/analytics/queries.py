"""Every statement that reports are counted with."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from aiworker.core.ids import first_id
from aiworker.engine.analytics.periods import Period
from aiworker.engine.analytics.records import Failure, Try
from aiworker.engine.executions.tables import execution_steps, robot_execute
from aiworker.engine.modules.queries import names_of_all
from aiworker.engine.robots.tables import robots
from aiworker.engine.trends.tables import module_trends
from aiworker.storage.transaction import Tx
from aiworker.storage.types import milliseconds_between
from aiworker.wire.analytics import BottleneckLine, CapacityLine, EfficiencyLine, PerformanceLine
from aiworker.wire.engine import ErrorCategory, ExecutionState

_LINES_LIMIT = 10_000
_FAILURES_LIMIT = 20_000
_MINUTES_PER_DAY = 1_440
# Steps have no index by time: their executions' ids tell when they began, and few take longer than this.
_LONGEST = timedelta(days=1)
_COMPLETED = robot_execute.c.execution_state == ExecutionState.COMPLETED
_FAILED = robot_execute.c.execution_state == ExecutionState.FAILED
_RETRYING = robot_execute.c.execution_state == ExecutionState.RETRYING
_CANCELLED = robot_execute.c.execution_state == ExecutionState.CANCELLED
_LOST = func.coalesce(robot_execute.c.outcome, "") == "lost"


def performance(tx: Tx, period: Period) -> list[PerformanceLine]:
    """What each module did of each type, and how long that took."""
    # What was deferred did not wait before its time.
    asked = func.coalesce(robots.c.defer_until, robots.c.created_at)
    waited = milliseconds_between(asked, robots.c.started_at)
    queue = case((and_(_COMPLETED, robots.c.started_at > asked), waited), (_COMPLETED, 0))
    taken = case((_COMPLETED, robot_execute.c.duration_ms))
    statement = (
        select(
            robot_execute.c.module_name,
            robots.c.robot_type,
            _number(_COMPLETED).label("completed"),
            _number(and_(_FAILED, ~_LOST)).label("failed"),
            _number(_RETRYING).label("retried"),
            _number(_LOST).label("lost"),
            _number(_CANCELLED).label("cancelled"),
            func.avg(taken).label("avg_ms"),
            func.max(taken).label("max_ms"),
            func.avg(queue).label("avg_queue_ms"),
        )
        .join(robots, robots.c.robot_id == robot_execute.c.robot_id)
        .where(*_ended_in(period))
        .group_by(robot_execute.c.module_name, robots.c.robot_type)
        .order_by(robot_execute.c.module_name, robots.c.robot_type)
        .limit(_LINES_LIMIT)
    )
    middle = _percentiles(tx, period)
    lines: list[PerformanceLine] = []
    for row in tx.rows(statement):
        counts = {name: int(getattr(row, name)) for name in ("completed", "failed", "retried", "lost", "cancelled")}
        tried = counts["completed"] + counts["failed"] + counts["retried"] + counts["lost"]
        p50, p95 = middle.get((row.module_name, row.robot_type), (0, 0))
        lines.append(
            PerformanceLine(
                module_name=row.module_name,
                robot_type=row.robot_type,
                **counts,
                success_rate=round(counts["completed"] / tried, 4) if tried else 1.0,
                avg_ms=round(row.avg_ms or 0),
                p50_ms=p50,
                p95_ms=p95,
                max_ms=row.max_ms or 0,
                avg_queue_ms=round(row.avg_queue_ms or 0),
            )
        )
    return lines


def _percentiles(tx: Tx, period: Period) -> dict[tuple[str, str], tuple[int, int]]:
    """The duration that half, and that 95 of 100, did not exceed, by module and type."""
    each = (robot_execute.c.module_name, robots.c.robot_type)
    duration = robot_execute.c.duration_ms
    placed = (
        select(
            *each,
            duration.label("duration_ms"),
            func.row_number().over(partition_by=each, order_by=duration).label("place"),
            func.count().over(partition_by=each).label("number"),
        )
        .join(robots, robots.c.robot_id == robot_execute.c.robot_id)
        .where(*_ended_in(period), _COMPLETED)
        .subquery()
    )

    def at(percent: int) -> ColumnElement[int]:
        # Nearest rank: the first place that covers so many of a hundred.
        reached = placed.c.place * 100 >= placed.c.number * percent
        first = (placed.c.place - 1) * 100 < placed.c.number * percent
        return func.max(case((and_(reached, first), placed.c.duration_ms)))

    kinds = (placed.c.module_name, placed.c.robot_type)
    statement = select(*kinds, at(50).label("p50"), at(95).label("p95")).group_by(*kinds).limit(_LINES_LIMIT)
    return {(row.module_name, row.robot_type): (int(row.p50 or 0), int(row.p95 or 0)) for row in tx.rows(statement)}


def tries(tx: Tx, name: str, *, since: datetime, limit: int) -> list[Try]:
    """What a module completed since then, the newest first; up to `limit`."""
    asked = func.coalesce(robots.c.defer_until, robots.c.created_at)
    waited = milliseconds_between(asked, robots.c.started_at)
    statement = (
        select(
            robot_execute.c.completed_at,
            func.coalesce(robot_execute.c.duration_ms, 0).label("duration_ms"),
            case((robots.c.started_at > asked, waited), else_=0).label("queue_ms"),
        )
        .join(robots, robots.c.robot_id == robot_execute.c.robot_id)
        .where(robot_execute.c.completed_at >= since, robot_execute.c.module_name == name, _COMPLETED)
        .order_by(robot_execute.c.completed_at.desc())
        .limit(limit)
    )
    return [Try(row.completed_at, int(row.duration_ms), round(row.queue_ms)) for row in tx.rows(statement)]


def failures(tx: Tx, period: Period) -> list[Failure]:
    """The tries that failed, the newest first; at most 20,000."""
    statement = (
        select(
            robot_execute.c.robot_id,
            robots.c.robot_type,
            robot_execute.c.module_name,
            robot_execute.c.outcome,
            robots.c.error_category,
            robot_execute.c.current_step,
            robot_execute.c.error_message,
            robot_execute.c.completed_at,
        )
        .join(robots, robots.c.robot_id == robot_execute.c.robot_id)
        .where(*_ended_in(period), _FAILED | _RETRYING)
        .order_by(robot_execute.c.completed_at.desc())
        .limit(_FAILURES_LIMIT)
    )
    return [
        Failure(
            robot_id=row.robot_id,
            robot_type=row.robot_type,
            module_name=row.module_name,
            category=_category(row.outcome, row.error_category),
            step=row.current_step,
            message=row.error_message,
            at=row.completed_at,
        )
        for row in tx.rows(statement)
    ]


def _category(outcome: str | None, of_robot: str | None) -> str:
    if outcome == "lost":
        return "LOST"
    return ErrorCategory.TIMEOUT.value if outcome == "timeout" else of_robot or ErrorCategory.APPLICATION.value


def capacity(tx: Tx, period: Period, queue_times: dict[tuple[str, str], int]) -> list[CapacityLine]:
    """How full each module was on each day, by the samples of its minutes."""
    kept = module_trends.c
    day = (kept.minute - kept.minute % _MINUTES_PER_DAY).label("day")
    first, last = (int(moment.timestamp()) // 60 for moment in (period.start, period.end))
    statement = (
        select(
            kept.module_name,
            day,
            func.avg(kept.running).label("avg_running"),
            func.max(kept.running).label("max_running"),
            func.avg(kept.utilisation).label("avg_utilisation"),
            func.max(kept.utilisation).label("max_utilisation"),
            func.avg(kept.queued).label("avg_queued"),
            func.max(kept.queued).label("max_queued"),
            func.sum(kept.ended).label("ended"),
            func.sum(kept.failed).label("failed"),
            func.avg(case((kept.running > 0, 1.0), else_=0.0)).label("busy_share"),
            func.avg(case((kept.utilisation >= 1, 1.0), else_=0.0)).label("full_share"),
        )
        .where(kept.minute >= first, kept.minute < last)
        .group_by(kept.module_name, day)
        .order_by(kept.module_name, day)
        .limit(_LINES_LIMIT)
    )
    return [_capacity_line(row, queue_times) for row in tx.rows(statement)]


def _capacity_line(row: Any, queue_times: dict[tuple[str, str], int]) -> CapacityLine:
    day = f"{datetime.fromtimestamp(row.day * 60, tz=UTC):%Y-%m-%d}"
    return CapacityLine(
        module_name=row.module_name,
        day=day,
        avg_running=round(float(row.avg_running), 2),
        max_running=row.max_running,
        avg_utilisation=round(float(row.avg_utilisation), 4),
        max_utilisation=float(row.max_utilisation),
        avg_queued=round(float(row.avg_queued), 2),
        max_queued=row.max_queued,
        ended=int(row.ended),
        failed=int(row.failed),
        busy_share=round(float(row.busy_share), 4),
        full_share=round(float(row.full_share), 4),
        avg_queue_ms=queue_times.get((row.module_name, day), 0),
    )


def efficiency(tx: Tx, period: Period) -> list[EfficiencyLine]:
    """What was estimated against what it took, where there was an estimate."""
    estimate = robots.c.estimated_duration_minutes
    over = case((robot_execute.c.duration_ms > estimate * 60_000, 1.0), else_=0.0)
    statement = (
        select(
            robot_execute.c.module_name,
            robots.c.robot_type,
            func.count().label("robots"),
            func.sum(estimate).label("estimated_minutes"),
            func.sum(robot_execute.c.duration_ms).label("actual_ms"),
            func.avg(robot_execute.c.efficiency_score).label("efficiency"),
            func.avg(over).label("over_share"),
        )
        .join(robots, robots.c.robot_id == robot_execute.c.robot_id)
        .where(*_ended_in(period), _COMPLETED, estimate.is_not(None))
        .group_by(robot_execute.c.module_name, robots.c.robot_type)
        .order_by(robot_execute.c.module_name, robots.c.robot_type)
        .limit(_LINES_LIMIT)
    )
    return [
        EfficiencyLine(
            module_name=row.module_name,
            robot_type=row.robot_type,
            robots=row.robots,
            estimated_minutes=int(row.estimated_minutes),
            actual_minutes=round(int(row.actual_ms) / 60_000, 2),
            efficiency=round(float(row.efficiency), 4),
            over_share=round(float(row.over_share), 4),
        )
        for row in tx.rows(statement)
    ]


def steps(tx: Tx, period: Period) -> list[BottleneckLine]:
    """The steps that ended, by type and name; their shares are not worked out yet."""
    step = execution_steps.c
    statement = (
        select(
            robots.c.robot_type,
            step.name,
            step.category,
            func.count().label("number"),
            func.sum(case((step.status == "failed", 1), else_=0)).label("failed"),
            func.avg(step.duration_ms).label("avg_ms"),
            func.max(step.duration_ms).label("max_ms"),
            func.sum(step.duration_ms).label("total_ms"),
        )
        .join(robot_execute, robot_execute.c.execute_id == step.execute_id)
        .join(robots, robots.c.robot_id == robot_execute.c.robot_id)
        .where(step.execute_id >= first_id(period.start - _LONGEST))
        .where(step.completed_at >= period.start, step.completed_at < period.end)
        .group_by(robots.c.robot_type, step.name, step.category)
        .limit(_LINES_LIMIT)
    )
    return [
        BottleneckLine(
            robot_type=row.robot_type,
            step=row.name,
            category=row.category.value,
            number=row.number,
            failed=int(row.failed),
            avg_ms=round(row.avg_ms or 0),
            max_ms=row.max_ms or 0,
            total_ms=int(row.total_ms or 0),
            share=0.0,
        )
        for row in tx.rows(statement)
    ]


def first_ended(tx: Tx, since: datetime) -> datetime | None:
    """When the first try since then ended that was not at a robot of the system's own."""
    ended = robot_execute.c.completed_at
    statement = (
        select(ended)
        .where(ended >= since, robot_execute.c.module_name.not_in(names_of_all(tx, internal=True)))
        .order_by(ended)
        .limit(1)
    )
    return tx.scalar(statement)


def _ended_in(period: Period) -> tuple[ColumnElement[bool], ...]:
    return (robot_execute.c.completed_at >= period.start, robot_execute.c.completed_at < period.end)


def _number(of: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((of, 1), else_=0))
