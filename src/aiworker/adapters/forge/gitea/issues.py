"""Issues in Gitea."""

from datetime import UTC, datetime

from aiworker.adapters.forge.base import check_text
from aiworker.adapters.forge.gitea.addresses import api_path
from aiworker.adapters.forge.gitea.base import LARGEST
from aiworker.adapters.forge.gitea.reviews import GiteaReviews
from aiworker.adapters.forge.gitea.shapes import GiteaIssue
from aiworker.core.errors import Invalid, NotFound
from aiworker.delivery.ports.forge import Issue, IssuePage, IssueState

_MOST_PAGES = 100_000


class GiteaIssues(GiteaReviews):
    """The part of `Forge` about issues."""

    async def list_issues(
        self, name: str, *, since: datetime | None = None, state: IssueState | None = "open", cursor: str | None = None
    ) -> IssuePage:
        """A page of Gitea's, newest first, of those that changed since then. The cursor is the number of a page."""
        page = 1 if cursor is None else _page(cursor)
        asked: dict[str, str | int] = {"type": "issues", "state": state or "all"}
        if since is not None:
            asked["since"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        found, rest = await self.client.page(api_path(name, "issues"), list[GiteaIssue], page, **asked)
        issues = tuple(map(_shown, found or ()))
        return IssuePage(issues, str(page + 1) if rest.follows(len(issues)) else None)

    async def comment_issue(self, name: str, number: int, body: str) -> None:
        """Comment on an issue. The same words from us are not repeated."""
        check_text("comment", body)
        await self._issue(name, number)
        await self.say(name, number, body)

    async def close_issue(self, name: str, number: int) -> None:
        """Close an issue; already closed is no error."""
        if (await self._issue(name, number)).state != "closed":
            await self.client.call("PATCH", api_path(name, "issues", number), GiteaIssue, body={"state": "closed"})

    async def _issue(self, name: str, number: int) -> GiteaIssue:
        missing = NotFound(f"There is no issue {number}.", code="issue_not_found")
        if not 0 < number < LARGEST:
            raise missing
        try:
            return await self.client.get(api_path(name, "issues", number), GiteaIssue)
        except NotFound as error:
            raise missing from error


def _page(cursor: str) -> int:
    if not cursor.isascii() or not cursor.isdecimal() or not 0 < int(cursor[:10]) <= _MOST_PAGES:
        raise Invalid("This is no cursor of a list of issues.", code="cursor_invalid")
    return int(cursor)


def _shown(issue: GiteaIssue) -> Issue:
    return Issue(
        number=issue.number,
        url=issue.html_url,
        title=issue.title,
        body=issue.body,
        author=issue.user.login if issue.user else "",
        state="open" if issue.state == "open" else "closed",
        labels=tuple(label.name for label in issue.labels or ()),
        created_at=issue.created_at,
        updated_at=issue.updated_at,
    )
