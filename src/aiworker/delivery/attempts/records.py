"""An attempt as the database holds it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One row of `attempts`: what the coding half keeps beside an execution."""

    execute_id: str
    task_id: str
    robot_id: str
    round: int
    number: int
    agent_id: str | None
    agent_name: str | None
    token_used: bool
    outcome: str | None
    summary: str | None
    error: str | None
    error_told: dict[str, Any] | None
    tokens_in: int
    tokens_out: int
    cost_microdollars: int | None
    permission_denials: list[dict[str, Any]] | None
    to_resume: bool
    started_at: datetime
    ended_at: datetime | None
    clock_started_at: datetime | None
    worked_seconds: int

    def worked_until(self, now: datetime) -> int:
        """Seconds that the agent has worked, without the time it waited for people."""
        running = (now - self.clock_started_at).total_seconds() if self.clock_started_at else 0
        return self.worked_seconds + max(0, int(running))
