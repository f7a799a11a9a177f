"""Issues: what people wish for where the code lives."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

IssueState = Literal["open", "closed"]


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as people wrote it."""

    number: int
    url: str
    title: str
    body: str
    author: str
    state: IssueState
    labels: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class IssuePage:
    """Some issues, and the cursor of those that come next; None at the end."""

    issues: tuple[Issue, ...]
    next_cursor: str | None


class Issues(Protocol):
    """The part of `Forge` about issues. The built-in forge has none: tasks are written on the board."""

    async def list_issues(
        self, name: str, *, since: datetime | None = None, state: IssueState | None = "open", cursor: str | None = None
    ) -> IssuePage:
        """50 issues, newest first, those that changed since then; `state` None: open and closed. Pull requests are
        left out. Raises: Invalid (a cursor that is none)."""
        ...

    async def comment_issue(self, name: str, number: int, body: str) -> None:
        """Comment on an issue. The same words from us are not repeated. Raises: Invalid `no_issues_here`."""
        ...

    async def close_issue(self, name: str, number: int) -> None:
        """Close an issue; already closed is no error. Raises: Invalid `no_issues_here`."""
        ...
