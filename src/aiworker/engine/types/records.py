"""Robot types as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class RobotTypeRecord:
    """What is known of a type. None: the installation's default."""

    robot_type: str
    described_by: str | None
    input_schema: dict[str, Any] | None
    output_schema: dict[str, Any] | None
    sensitive_fields: list[str]
    sensitive_results: list[str] | None
    retry_limit: int | None
    backoff_seconds: int | None
    backoff_cap_seconds: int | None
    timeout_seconds: int | None
    min_completeness: float | None
    min_confidence: float | None
    updated_at: datetime
