"""Reviews as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

WAITING: Final = "waiting"


@dataclass(frozen=True, slots=True)
class Review:
    """A result, why a person has to look at it, and what they said."""

    robot_id: str
    execute_id: str
    output_data: dict[str, Any]
    completeness_score: float | None
    confidence_score: float | None
    why: str
    state: str
    asked_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    comment: str | None
