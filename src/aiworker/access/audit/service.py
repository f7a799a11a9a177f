"""Write and read the audit log."""

from collections.abc import Mapping
from typing import Any

from aiworker.access.actors import Actor
from aiworker.access.audit import queries
from aiworker.access.audit.records import AuditRecord
from aiworker.core.logging import hidden
from aiworker.storage.transaction import Tx

_SUBJECT = 255
_NAME = 100


def record(
    tx: Tx,
    actor: Actor,
    action: str,
    subject: str,
    details: Mapping[str, Any] | None = None,
    *,
    address: str | None = None,
) -> None:
    """Write down a change, in the unit of work of the change itself. Secrets in `details` are hidden.

    `action` is `noun.verb`, `subject` what people call the thing: a task's key, a key's name.
    """
    queries.add(
        tx,
        {
            "actor_id": actor.id,
            "actor_kind": actor.kind,
            "actor": actor.name[:_NAME],
            "action": action,
            "subject": subject[:_SUBJECT],
            "details": hidden(dict(details or {})),
            "address": address,
            "created_at": tx.now,
        },
    )


def list_changes(
    tx: Tx, *, before: int | None = None, subject: str | None = None, actor_id: str | None = None, limit: int = 100
) -> list[AuditRecord]:
    """Newest first; `before` is the last id that was seen."""
    return queries.newest(tx, before=before, subject=subject, actor_id=actor_id, limit=limit)
