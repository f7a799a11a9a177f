"""Breakers as values."""

from dataclasses import dataclass
from datetime import datetime

from aiworker.wire.engine import BreakerState


@dataclass(frozen=True, slots=True)
class Breaker:
    """How carefully robots are handed to a module, and how far its retries are planned.

    `failures`: in a row. `successes`: since the last step. `allowed`: how many may be under way while FEWER.
    `again_at`: when one is tried while OPEN; `trial`: the execution that was tried last.
    """

    module_name: str
    state: BreakerState
    failures: int
    successes: int
    allowed: int | None
    again_at: datetime | None
    trial: str | None
    pause_seconds: int
    changed_at: datetime
    retries_until: datetime | None

    @property
    def stirred(self) -> bool:
        """Whether a robot that is done well changes anything."""
        return self.failures > 0 or self.state is not BreakerState.CLOSED
