"""Every statement on agents and their logs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Column, Insert, String, Text, and_, bindparam, cast, delete, insert, select, update

from aiworker.delivery.agents.records import AgentRecord, LogRecord
from aiworker.delivery.agents.tables import agent_logs, agents
from aiworker.delivery.projects.tables import projects
from aiworker.delivery.tasks.tables import tasks
from aiworker.storage import partitions
from aiworker.storage.cache_table import AGENT_STATUS
from aiworker.storage.counting import counted
from aiworker.storage.given import Way, given_rows, given_table
from aiworker.storage.prepared import Prepared, this, update_of
from aiworker.storage.records import columns
from aiworker.storage.text import contains
from aiworker.storage.transaction import Tx
from aiworker.storage.types import utc_timestamp
from aiworker.wire.agents import AgentStatus, LogLevel, NewLogLine

_AGENT = columns(AgentRecord, agents)
# A call of an agent's begins with it.
_FOUND = select(*_AGENT, utc_timestamp().label("now"))
# Built once: building costs more than running.
_BY_ID = Prepared(_FOUND.where(agents.c.id == bindparam("agent")))
_BY_NAME = Prepared(_FOUND.where(agents.c.pod_name == bindparam("agent")))
_LOCK = Prepared(select(*_AGENT).where(agents.c.id == bindparam("agent")).with_for_update())


def find(tx: Tx, agent_id: str) -> AgentRecord | None:
    """By id."""
    return tx.once(AGENT_STATUS.key(agent_id), lambda: tx.record(AgentRecord, _BY_ID, {"agent": agent_id}))


def lock(tx: Tx, agent_id: str) -> AgentRecord | None:
    """By id, ours until the commit."""
    return tx.know(AGENT_STATUS.key(agent_id), tx.record(AgentRecord, _LOCK, {"agent": agent_id}))


def known(tx: Tx, agent: AgentRecord) -> AgentRecord:
    """An agent as this unit of work knows it from now on."""
    return tx.know(AGENT_STATUS.key(agent.id), agent)


def by_name(tx: Tx, pod_name: str) -> AgentRecord | None:
    """By its name."""
    found = tx.record(AgentRecord, _BY_NAME, {"agent": pod_name})
    return found and known(tx, found)


def by_ids(tx: Tx, ids: Sequence[str]) -> list[AgentRecord]:
    """Those of the ids that exist."""
    return tx.records(AgentRecord, select(*_AGENT).where(agents.c.id.in_(ids)).limit(len(ids))) if ids else []


def of_key(tx: Tx, key_id: str) -> list[AgentRecord]:
    """The agents that work with a key, at most 1,000."""
    return tx.records(AgentRecord, select(*_AGENT).where(agents.c.key_id == key_id).limit(1000))


def of_nobody(tx: Tx, *, limit: int) -> list[AgentRecord]:
    """Agents without a key that have a task: another program's."""
    wanted = and_(agents.c.key_id.is_(None), agents.c.current_task_id.is_not(None))
    return tx.records(AgentRecord, select(*_AGENT).where(wanted).limit(limit))


def named_like(tx: Tx, prefix: str) -> list[AgentRecord]:
    """All whose names start so, at most 1,000."""
    statement = select(*_AGENT).where(agents.c.pod_name.startswith(prefix, autoescape=True)).limit(1000)
    return tx.records(AgentRecord, statement)


def list_agents(
    tx: Tx, *, status: AgentStatus | None = None, alive_since: datetime | None = None, limit: int = 500
) -> list[AgentRecord]:
    """Fewest finished tasks first, then by name."""
    statement = select(*_AGENT).order_by(agents.c.tasks_completed, agents.c.pod_name).limit(limit)
    if status is not None:
        statement = statement.where(agents.c.status == status)
    if alive_since is not None:
        statement = statement.where(agents.c.last_heartbeat > alive_since)
    return tx.records(AgentRecord, statement)


def count_by_status(tx: Tx) -> dict[str, int]:
    """How many agents there are of each status."""
    return counted(tx, agents.c.status)


def silent(tx: Tx, *, processes_since: datetime, clients_since: datetime, limit: int = 100) -> list[AgentRecord]:
    """Agents that are thought alive but have not been heard of since then."""
    quiet = (and_(agents.c.kind == "process", agents.c.last_heartbeat < processes_since)) | and_(
        agents.c.kind == "client", agents.c.last_heartbeat < clients_since
    )
    statement = select(*_AGENT).where(agents.c.status != AgentStatus.OFFLINE, quiet).limit(limit)
    return tx.records(AgentRecord, statement)


def add(tx: Tx, values: Mapping[str, Any]) -> None:
    """Insert an agent."""
    tx.execute(insert(agents).values(values))
    tx.drop(AGENT_STATUS.key(values["id"]))


def change(tx: Tx, agent_id: str, values: Mapping[str, Any]) -> bool:
    """Update an agent; False if it is gone."""
    new = {**values, "updated_at": tx.now}
    tx.drop(AGENT_STATUS.key(agent_id))
    return tx.execute(update_of(agents, ("id",), tuple(new)), new | this(id=agent_id)).rowcount == 1


def touch(tx: Tx, agent: AgentRecord) -> AgentRecord:
    """It was heard of just now."""
    tx.execute(update_of(agents, ("id",), ("last_heartbeat",)), {"last_heartbeat": tx.now} | this(id=agent.id))
    tx.drop(AGENT_STATUS.key(agent.id))
    return known(tx, replace(agent, last_heartbeat=tx.now))


def delete_agent(tx: Tx, agent_id: str) -> None:
    """Remove an agent and its log."""
    # Where the log has no foreign keys, this is what they would do.
    tx.execute(delete(agent_logs).where(agent_logs.c.agent_id == agent_id))
    tx.execute(delete(agents).where(agents.c.id == agent_id))
    tx.drop(AGENT_STATUS.key(agent_id))


@dataclass(frozen=True, slots=True)
class _Line:
    level: str
    message: str
    metadata: str | None


_LINE = (Column("level", String(10)), Column("message", Text), Column("metadata", Text))


def add_logs(
    tx: Tx,
    agent_id: str,
    lines: Sequence[NewLogLine],
    *,
    task_id: str | None = None,
    execute_id: str | None = None,
    said_at: datetime | None = None,
) -> None:
    """Insert what an agent said, by default just now."""
    if lines:
        about = {"agent": agent_id, "task": task_id, "execution": execute_id, "moment": said_at or tx.now}
        said = [
            _Line(
                line.level.value,
                line.message,
                None if line.metadata is None else msgspec.json.encode(line.metadata).decode(),
            )
            for line in lines
        ]
        way = Way.of(tx.dialect, len(said))
        tx.execute(_adding_lines(way), about | given_rows(way, said, [one.name for one in _LINE]))


@cache
def _adding_lines(way: Way) -> Insert:
    log = agent_logs.c
    given = given_table(way, _LINE)
    about = {log.agent_id: "agent", log.task_id: "task", log.execute_id: "execution", log.created_at: "moment"}
    said = [
        # MariaDB's JSON_TABLE knows neither ENUM nor JSON, and needs no cast to them.
        cast(given.c[column.name], column.type) if way.dialect == "postgresql" else given.c[column.name]
        for column in (log.level, log.message, log.metadata)
    ]
    named = [bindparam(name, type_=column.type) for column, name in about.items()]
    return insert(agent_logs).from_select([*about, log.level, log.message, log.metadata], select(*named, *said))


def detach_logs(tx: Tx, task_id: str) -> None:
    """The task is about to go; what was logged about it stays."""
    tx.execute(update(agent_logs).where(agent_logs.c.task_id == task_id).values(task_id=None))


def detach_logs_of_project(tx: Tx, project_id: str) -> None:
    """The project is about to go, with its tasks; what was logged about them stays."""
    going = select(tasks.c.id).where(tasks.c.project_id == project_id)
    tx.execute(update(agent_logs).where(agent_logs.c.task_id.in_(going)).values(task_id=None))


def logs(
    tx: Tx,
    *,
    agent_id: str | None = None,
    task_id: str | None = None,
    execute_id: str | None = None,
    level: LogLevel | None = None,
    text: str | None = None,
    since: datetime | None = None,
    before: int | None = None,
    limit: int = 200,
) -> list[LogRecord]:
    """Newest first; `before` is the id of the oldest line that was seen, `since` the oldest time that is wanted."""
    statement = select(*columns(LogRecord, agent_logs)).order_by(agent_logs.c.id.desc()).limit(limit)
    if agent_id is not None:
        statement = statement.where(agent_logs.c.agent_id == agent_id)
    if task_id is not None:
        statement = statement.where(agent_logs.c.task_id == task_id)
    if level is not None:
        statement = statement.where(agent_logs.c.level == level)
    if execute_id is not None:
        statement = statement.where(agent_logs.c.execute_id == execute_id)
    if text:
        statement = statement.where(contains(agent_logs.c.message, text))
    if since is not None:
        statement = statement.where(agent_logs.c.created_at >= since)
    if before is not None:
        statement = statement.where(agent_logs.c.id < before)
    return tx.records(LogRecord, statement)


def make_months(tx: Tx, ahead: int) -> int:
    """Make the log's partitions for this month and so many more, where there are partitions; how many were made."""
    return len(partitions.make_ahead(tx, agent_logs, months=ahead))


def drop_months_before(tx: Tx, moment: datetime) -> int:
    """Drop the log's months that ended before then; how many."""
    return len(partitions.drop_before(tx, agent_logs, moment))


def delete_logs_before(tx: Tx, moment: datetime, *, project_id: str | None = None, limit: int = 5000) -> int:
    """Remove old lines, at most `limit`: of one project, or of all that do not say how long they keep theirs."""
    about = select(tasks.c.id).where(tasks.c.id == agent_logs.c.task_id)
    if project_id is None:
        of_these = ~about.join(projects).where(projects.c.logs_kept_days.is_not(None)).exists()
    else:
        of_these = about.where(tasks.c.project_id == project_id).exists()
    old = (
        select(agent_logs.c.id).where(agent_logs.c.created_at < moment, of_these).order_by(agent_logs.c.id).limit(limit)
    )
    ids = [row.id for row in tx.rows(old)]
    if ids:
        tx.execute(delete(agent_logs).where(agent_logs.c.id.in_(ids)))
    return len(ids)
