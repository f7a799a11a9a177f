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
