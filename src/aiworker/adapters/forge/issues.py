"""Issues of the built-in forge: there are none."""

from datetime import datetime

from aiworker.adapters.forge.base import Part
from aiworker.core.errors import Invalid
from aiworker.delivery.ports.forge import IssuePage, IssueState


class NoIssues(Part):
    """The part of `Forge` about issues, where tasks are written on the board."""

    async def list_issues(
        self, name: str, *, since: datetime | None = None, state: IssueState | None = "open", cursor: str | None = None
    ) -> IssuePage:
        """None. Raises: NotFound."""
        _ = since, state, cursor
        self.store.git(name)
        return IssuePage((), None)

    async def comment_issue(self, name: str, number: int, body: str) -> None:
        """Raises: Invalid."""
        _ = body
        raise _no_issues(name, number)

    async def close_issue(self, name: str, number: int) -> None:
        """Raises: Invalid."""
        raise _no_issues(name, number)


def _no_issues(name: str, number: int) -> Invalid:
    return Invalid(
        f"{name} is in the built-in forge, which has no issues, so no issue {number}.", code="no_issues_here"
    )
