"""What is known of a commit, as stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class StatusRecord:
    """One row of `commit_statuses`. `checks`: the fields of `ports.Check`."""

    project_id: str
    commit: str
    checks: list[dict[str, Any]]
    seen_at: datetime
