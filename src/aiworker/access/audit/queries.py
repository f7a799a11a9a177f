"""Statements about the audit log."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from aiworker.access.audit.records import AuditRecord
from aiworker.access.audit.tables import security_audit
from aiworker.storage.prepared import insert_of
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx


def add(tx: Tx, values: Mapping[str, Any]) -> None:
    """Add one line."""
    tx.execute(insert_of(security_audit, tuple(values)), values)


def newest(tx: Tx, *, before: int | None, subject: str | None, actor_id: str | None, limit: int) -> list[AuditRecord]:
    """Lines below an id, newest first."""
    statement = select(*columns(AuditRecord, security_audit))
    if before is not None:
        statement = statement.where(security_audit.c.id < before)
    if subject is not None:
        statement = statement.where(security_audit.c.subject == subject)
    if actor_id is not None:
        statement = statement.where(security_audit.c.actor_id == actor_id)
    return tx.records(AuditRecord, statement.order_by(security_audit.c.id.desc()).limit(limit))
