"""Every statement on where tasks came from."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, insert, or_, select, update

from aiworker.delivery.imports.records import ISSUE, OriginRecord
from aiworker.delivery.imports.tables import task_origins
from aiworker.delivery.tasks.tables import tasks
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx
from aiworker.wire.tasks import TaskState

_ORIGIN = columns(OriginRecord, task_origins)


def find(tx: Tx, project_id: str, source: str, external_ids: Sequence[str]) -> dict[str, OriginRecord]:
    """Those that have come already, by their own ids."""
    if not external_ids:
        return {}
    wanted = and_(
        task_origins.c.project_id == project_id,
        task_origins.c.source == source,
        task_origins.c.external_id.in_(external_ids),
    )
    found = tx.records(OriginRecord, select(*_ORIGIN).where(wanted).limit(len(external_ids)))
    return {origin.external_id: origin for origin in found}


def has_issues(tx: Tx, project_id: str) -> bool:
    """Whether any task of a project came from an issue."""
    wanted = and_(task_origins.c.project_id == project_id, task_origins.c.source == ISSUE)
    return tx.row(select(task_origins.c.external_id).where(wanted).limit(1)) is not None


def add(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Insert where tasks came from."""
    if rows:
        tx.execute(insert(task_origins), list(rows))


def change(tx: Tx, origin: OriginRecord, **values: Any) -> None:
    """Update one."""
    wanted = and_(
        task_origins.c.project_id == origin.project_id,
        task_origins.c.source == origin.source,
        task_origins.c.external_id == origin.external_id,
    )
    tx.execute(update(task_origins).where(wanted).values(**values))


def untold(tx: Tx, project_id: str, *, limit: int = 100) -> list[OriginRecord]:
    """Issues that do not know yet that they have a task, or that it is in production."""
    arrived = and_(tasks.c.state == TaskState.PRODUCTION, task_origins.c.shipped.is_(False))
    statement = (
        select(*_ORIGIN)
        .join(tasks, tasks.c.id == task_origins.c.task_id)
        .where(task_origins.c.project_id == project_id, task_origins.c.source == ISSUE)
        .where(or_(task_origins.c.announced.is_(False), arrived))
        .order_by(task_origins.c.external_id)
        .limit(limit)
    )
    return tx.records(OriginRecord, statement)
