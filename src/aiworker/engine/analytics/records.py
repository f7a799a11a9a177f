"""What reports are made from."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Failure:
    """A try that failed."""

    robot_id: str
    robot_type: str
    module_name: str
    category: str
    step: str | None
    message: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Try:
    """A try that was completed: how long it took, and how long its robot had waited for the first one."""

    completed_at: datetime
    duration_ms: int
    queue_ms: int
