"""Where a task came from, as stored."""

from dataclasses import dataclass

ISSUE = "issue"
FILE = "file"


@dataclass(frozen=True, slots=True)
class OriginRecord:
    """One row of `task_origins`."""

    project_id: str
    source: str
    external_id: str
    task_id: str | None
    url: str | None
    title: str | None
    body: str | None
    is_open: bool | None
    announced: bool
    shipped: bool
