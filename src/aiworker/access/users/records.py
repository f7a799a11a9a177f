"""A person as stored."""

from dataclasses import dataclass
from datetime import datetime

from aiworker.wire.access import Scope


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A person who may sign in."""

    id: str
    name: str
    email: str | None
    role: Scope
    is_active: bool
    created_at: datetime
