"""Pull requests: opened, talked about, reviewed, merged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

PullRequestState = Literal["open", "merged", "closed"]
Verdict = Literal["approved", "changes_requested", "commented"]


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request. `head_commit` follows the branch while it is open; `author` and `merged_by` are logins."""

    number: int
    url: str
    title: str
    body: str
    head: str
    base: str
    head_commit: str
    state: PullRequestState
    author: str
    updated_at: datetime
    merge_commit: str | None = None
    merged_by: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewComment:
    """Something said on a pull request: on a line, on a file, or (`path` is None) on the whole of it.

    `id` is unique within the repository. `line` counts in the new file; it is None too where the line is only in the
    old one. `verdict` is that of the review which it was said with, `commented` for words that stand alone. A verdict
    without words has an empty `body`.
    """

    id: str
    author: str
    body: str
    path: str | None
    line: int | None
    commit: str | None
    submitted_at: datetime
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class LineComment:
    """Words to be said on a line of the new file, counted from 1."""

    path: str
    line: int
    body: str


class PullRequests(Protocol):
    """The part of `Forge` about pull requests."""

    async def open_pull_request(self, name: str, *, head: str, base: str, title: str, body: str) -> PullRequest:
        """Open a pull request from branch `head` into `base`, or update the open one between the two."""
        ...

    async def get_pull_request(self, name: str, number: int) -> PullRequest:
        """The pull request as it is now."""
        ...

    async def list_pull_requests(
        self, name: str, *, state: PullRequestState | None = None, since: datetime | None = None
    ) -> list[PullRequest]:
        """Newest first, at most 100; with `since` those that changed then or later, the latest change first."""
        ...

    async def merge_pull_request(self, name: str, number: int, *, expected: str) -> PullRequest:
        """Fast-forward the base to `expected`, the head of the pull request, and have it merged.

        Merged already, or the base contains `expected` by now: no error. Raises: BranchMoved (the base has gone
        elsewhere, or the head is not `expected`); Conflict `pull_request_closed` if somebody closed it.
        """
        ...

    async def close_pull_request(self, name: str, number: int) -> None:
        """Close it without merging. Already closed or merged: no error."""
        ...

    async def comment(self, name: str, number: int, body: str) -> None:
        """Comment on a pull request. The same words again are not repeated."""
        ...

    async def review(
        self, name: str, number: int, *, commit: str, body: str, comments: Sequence[LineComment] = ()
    ) -> None:
        """Say something on lines of the pull request at a commit; `body` may be empty if there are comments.

        What stands there already from us, word for word, is not repeated.
        """
        ...

    async def list_reviews(self, name: str, number: int, *, limit: int = 1_000) -> list[ReviewComment]:
        """Everything said on a pull request, by us too, oldest first; the latest `limit` of it."""
        ...
