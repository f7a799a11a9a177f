"""What is known of a project's repository in the forge, as stored."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Marks:
    """How far a repository has been looked through. Times are the forge's own."""

    pull_requests_at: datetime | None = None
    issues_at: datetime | None = None
    default_head: str | None = None
