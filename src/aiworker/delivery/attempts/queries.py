"""Every statement on attempts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select

from aiworker.delivery.agents.records import AgentRecord
from aiworker.delivery.agents.tables import agents
from aiworker.delivery.attempts.records import AttemptRecord
from aiworker.delivery.attempts.tables import attempts
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.projects.tables import projects
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.delivery.tasks.tables import tasks
from aiworker.storage.prepared import Prepared, insert_of, this, update_of
from aiworker.storage.records import columns, split
from aiworker.storage.transaction import Tx
from aiworker.storage.types import utc_timestamp

_ATTEMPT = columns(AttemptRecord, attempts)
# Built once: building costs more than running.
_FIND = Prepared(select(*_ATTEMPT).where(attempts.c.execute_id == bindparam("execution")))
_WITH_WORK = Prepared(
    select(
        *_ATTEMPT,
        *columns(TaskRecord, tasks),
        *columns(ProjectRecord, projects),
        *columns(AgentRecord, agents),
        utc_timestamp().label("now"),
    )
    .join(tasks, tasks.c.id == attempts.c.task_id)
    .join(projects, projects.c.id == tasks.c.project_id)
    .outerjoin(agents, agents.c.id == attempts.c.agent_id)
    .where(attempts.c.execute_id == bindparam("execution"))
)
_OF_TASK = Prepared(
    select(*_ATTEMPT)
    .where(attempts.c.task_id == bindparam("task"))
    .order_by(attempts.c.number)
    .limit(bindparam("number"))
)
_OPEN_OF_AGENT = Prepared(
    select(*_ATTEMPT)
    .where(attempts.c.agent_id == bindparam("agent"), attempts.c.ended_at.is_(None))
    .order_by(attempts.c.started_at)
    .limit(100)
)


def add(tx: Tx, values: Mapping[str, Any]) -> None:
    """Insert an attempt."""
    tx.execute(insert_of(attempts, tuple(values)), values)


def find(tx: Tx, execute_id: str) -> AttemptRecord | None:
    """By its execution."""
    return tx.record(AttemptRecord, _FIND, {"execution": execute_id})


@dataclass(frozen=True, slots=True)
class WithWork:
    """An attempt, and what it is at: its task, the task's project, the agent if it is known here."""

    attempt: AttemptRecord
    task: TaskRecord
    project: ProjectRecord
    agent: AgentRecord | None


def with_work(tx: Tx, execute_id: str) -> WithWork | None:
    """An attempt by its execution, and what it is at, in one go."""
    row = tx.row(_WITH_WORK, {"execution": execute_id})
    if row is None:
        return None
    tx.learn(row.now)
    attempt, task, project, agent = split(row, AttemptRecord, TaskRecord, ProjectRecord, AgentRecord)
    return WithWork(attempt, task, project, agent if attempt.agent_id is not None else None)


def of_task(tx: Tx, task_id: str, *, limit: int = 200) -> list[AttemptRecord]:
    """The attempts at a task, oldest first."""
    return tx.records(AttemptRecord, _OF_TASK, {"task": task_id, "number": limit})


def open_of_agent(tx: Tx, agent_id: str) -> list[AttemptRecord]:
    """What an agent holds now, oldest first, at most 100."""
    return tx.records(AttemptRecord, _OPEN_OF_AGENT, {"agent": agent_id})


def last_of_agent(tx: Tx, agent_id: str) -> AttemptRecord | None:
    """What an agent began last."""
    statement = select(*_ATTEMPT).where(attempts.c.agent_id == agent_id).order_by(attempts.c.started_at.desc()).limit(1)
    return tx.record(AttemptRecord, statement)


def open_of_tasks(tx: Tx, task_ids: Sequence[str]) -> dict[str, AttemptRecord]:
    """The attempt that is under way at each of the tasks."""
    if not task_ids:
        return {}
    statement = (
        select(*_ATTEMPT).where(attempts.c.task_id.in_(task_ids), attempts.c.ended_at.is_(None)).limit(len(task_ids))
    )
    return {attempt.task_id: attempt for attempt in tx.records(AttemptRecord, statement)}


@dataclass(frozen=True, slots=True)
class Figures:
    """How an agent's attempts went; the cost in millionths of a dollar, None if none of them said."""

    completed: int
    failed: int
    cost_microdollars: int | None


def figures_of_agents(tx: Tx, agent_ids: Sequence[str], *, since: datetime, today: datetime) -> dict[str, Figures]:
    """Outcomes of attempts that ended since `since`; cost of those that ended since `today`, or have not ended."""
    if not agent_ids:
        return {}
    open_ = attempts.c.ended_at.is_(None)

    def ended_as(outcome: str) -> Any:
        return func.sum(case((and_(attempts.c.ended_at.is_not(None), attempts.c.outcome == outcome), 1), else_=0))

    statement = (
        select(
            attempts.c.agent_id,
            ended_as("completed").label("completed"),
            ended_as("failed").label("failed"),
            func.sum(case((or_(open_, attempts.c.ended_at >= today), attempts.c.cost_microdollars))).label("cost"),
        )
        .where(attempts.c.agent_id.in_(agent_ids), or_(open_, attempts.c.ended_at >= since))
        .group_by(attempts.c.agent_id)
        .limit(len(agent_ids))
    )
    return {
        row.agent_id: Figures(int(row.completed), int(row.failed), None if row.cost is None else int(row.cost))
        for row in tx.rows(statement)
    }


def change(tx: Tx, execute_id: str, values: Mapping[str, Any]) -> None:
    """Update an attempt."""
    tx.execute(update_of(attempts, ("execute_id",), tuple(values)), {**values, **this(execute_id=execute_id)})
