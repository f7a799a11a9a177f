"""Statements about the audit log."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, insert, select

from aiworker.access.audit.records import AuditRecord
from aiworker.access.audit.tables import security_audit
from aiworker.storage.prepared import Prepared
from aiworker.storage.records import columns, names_of
from aiworker.storage.transaction import Tx

_NAMES = tuple(name for name in names_of(AuditRecord) if name != "id")
# Names of its own: it goes to the database together with what it is about.
_ADD = Prepared(insert(security_audit).values({name: bindparam(f"audited_{name}") for name in _NAMES}).inline())


def add(tx: Tx, values: Mapping[str, Any]) -> None:
    """Add one line: a value for each column but its number."""
    tx.put_off(_ADD, {f"audited_{name}": values[name] for name in _NAMES})


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
