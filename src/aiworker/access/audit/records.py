"""A line of the audit log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One change by somebody."""

    id: int
    actor_id: str
    actor_kind: str
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    address: str | None
    created_at: datetime
