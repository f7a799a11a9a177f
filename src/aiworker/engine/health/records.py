"""Checks and samples as values."""

from dataclasses import dataclass
from datetime import datetime

from aiworker.core.sayings import Saying
from aiworker.wire.engine import HealthStatus

_LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class Check:
    """One look at a module: what was wrong (None: it is well), and how long the answer took, in milliseconds.

    `at_rest`: its program does not run, and nothing waits for it. That is neither well nor ill.
    """

    error: Saying | None = None
    took_ms: int | None = None
    at_rest: bool = False

    @classmethod
    def failed(cls, error: Saying, took_ms: int | None = None) -> "Check":
        """What was wrong, in a sentence that fits into its column."""
        return cls(error.shortened(_LONGEST_ERROR), took_ms)


@dataclass(frozen=True, slots=True)
class HealthSample:
    """What a check found, and what the module counts as from then on."""

    module_name: str
    checked_at: datetime
    health_status: HealthStatus
    well: bool
    took_ms: int | None
    error: str | None
