"""Reports as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report as it was made; each of its lines is an object in the words of the wire."""

    kind: str
    period: str
    made_at: datetime
    complete: bool
    data: list[dict[str, Any]]
