"""Two forges as one, by the repository's name: `owner/shop` lives in Gitea, `shop` in the built-in forge."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from aiworker.adapters.forge import LocalForge
from aiworker.adapters.forge.gitea import GiteaForge
from aiworker.core.errors import Conflict, Unavailable
from aiworker.delivery.ports.forge import (
    ByHand,
    Clash,
    Commit,
    CommitStatus,
    Comparison,
    Diff,
    DoneByHand,
    Fetched,
    ForgeRepository,
    Integration,
    IssuePage,
    IssueState,
    LineComment,
    PackRequest,
    PackResponse,
    Pick,
    PullRequest,
    PullRequestState,
    PushedUpstream,
    ReviewComment,
    Told,
)


class Forges:
    """Fills `Forge`, `Sources` and `PackService` with the two.

    `keeps`: repositories may be kept here, because every process sees them.
    """

    def __init__(self, local: LocalForge, gitea: GiteaForge | None, *, keeps: bool = True) -> None:
        self._local = local
        self._keeps = keeps
        self._gitea = gitea
        self.kind = local.kind if gitea is None else gitea.kind

    def of(self, name: str) -> LocalForge | GiteaForge:
        """Where a repository lives.

        Raises: Conflict (it would be kept where other processes do not see it), Unavailable (it is in Gitea, and there
        is no GITEA_URL any more).
        """
        if "/" not in name:
            if not self._keeps:
                raise Conflict(
                    "This installation keeps no repositories of its own (AIWORKER_HOME_SHARED=false): name one in "
                    "Gitea by its address.",
                    code="no_repositories_here",
                )
            return self._local
        if self._gitea is None:
            raise Unavailable(f"{name} is in Gitea; set GITEA_URL and GITEA_TOKEN.", code="gitea_not_set")
        return self._gitea

    async def close(self) -> None:
        """Let go of what is open."""
        if self._gitea is not None:
            await self._gitea.close()

    async def serve(self, request: PackRequest) -> PackResponse:
        return await self.of(request.repository).serve(request)

    async def export(self, name: str, commit: str, to: Path) -> None:
        await self.of(name).export(name, commit, to)

    async def tidy(self, name: str) -> None:
        """Pack what is loose. Raises: NotFound if there is nothing of the repository here."""
        await self.of(name).tidy(name)

    # --- repositories ---

    async def import_repository(self, name: str, *, source: str | None, told: Told | None = None) -> ForgeRepository:
        return await self.of(name).import_repository(name, source=source, told=told)

    async def adopt(self, source: str, *, told: Told | None = None) -> ForgeRepository | None:
        return None if self._gitea is None else await self._gitea.adopt(source, told=told)

    async def get_repository(self, name: str) -> ForgeRepository:
        return await self.of(name).get_repository(name)

    async def delete_repository(self, name: str) -> None:
        await self.of(name).delete_repository(name)

    def clone_url(self, name: str) -> str:
        # A project is shown, too, when Gitea is not set any more; both answer at the same door.
        return self._local.clone_url(name)

    async def account(self, name: str) -> str:
        return await self.of(name).account(name)

    async def watch(self, name: str, *, url: str, secret: str) -> None:
        await self.of(name).watch(name, url=url, secret=secret)

    async def fetch_upstream(self, name: str, *, source: str, branch: str, told: Told | None = None) -> Fetched:
        return await self.of(name).fetch_upstream(name, source=source, branch=branch, told=told)

    async def push_upstream(self, name: str, *, source: str, refs: Sequence[str]) -> PushedUpstream:
        return await self.of(name).push_upstream(name, source=source, refs=refs)

    def pull_command(self, name: str, *, source: str, branch: str) -> str:
        return self.of(name).pull_command(name, source=source, branch=branch)

    # --- branches ---

    async def head(self, name: str, branch: str) -> str | None:
        return await self.of(name).head(name, branch)

    async def create_branch(self, name: str, branch: str, *, at: str) -> str:
        return await self.of(name).create_branch(name, branch, at=at)

    async def move_branch(self, name: str, branch: str, *, to: str, expected: str | None) -> None:
        await self.of(name).move_branch(name, branch, to=to, expected=expected)

    async def delete_branch(self, name: str, branch: str) -> None:
        await self.of(name).delete_branch(name, branch)

    async def tag(self, name: str, tag: str, *, at: str, message: str) -> None:
        await self.of(name).tag(name, tag, at=at, message=message)

    async def get_commit(self, name: str, commit: str) -> Commit:
        return await self.of(name).get_commit(name, commit)

    async def commit_status(self, name: str, commit: str) -> CommitStatus:
        return await self.of(name).commit_status(name, commit)

    async def is_ancestor(self, name: str, ancestor: str, descendant: str) -> bool:
        return await self.of(name).is_ancestor(name, ancestor, descendant)

    async def compare(self, name: str, *, base: str, head: str) -> Comparison:
        return await self.of(name).compare(name, base=base, head=head)

    async def diff(self, name: str, *, base: str, head: str) -> Diff:
        return await self.of(name).diff(name, base=base, head=head)

    async def by_hand(self, name: str, branch: str, *, without: Sequence[str]) -> DoneByHand:
        return await self.of(name).by_hand(name, branch, without=without)

    async def integrate(
        self, name: str, *, branch: str, onto: str, picks: Sequence[Pick], by_hand: Sequence[ByHand] = ()
    ) -> Integration:
        return await self.of(name).integrate(name, branch=branch, onto=onto, picks=picks, by_hand=by_hand)

    async def foresee(
        self, name: str, *, onto: str, picks: Sequence[Pick], by_hand: Sequence[ByHand] = ()
    ) -> list[Clash]:
        return await self.of(name).foresee(name, onto=onto, picks=picks, by_hand=by_hand)

    async def revert(self, name: str, *, branch: str, onto: str, commits: Sequence[str], message: str) -> Integration:
        return await self.of(name).revert(name, branch=branch, onto=onto, commits=commits, message=message)

    # --- pull requests ---

    async def open_pull_request(self, name: str, *, head: str, base: str, title: str, body: str) -> PullRequest:
        return await self.of(name).open_pull_request(name, head=head, base=base, title=title, body=body)

    async def get_pull_request(self, name: str, number: int) -> PullRequest:
        return await self.of(name).get_pull_request(name, number)

    async def list_pull_requests(
        self, name: str, *, state: PullRequestState | None = None, since: datetime | None = None
    ) -> list[PullRequest]:
        return await self.of(name).list_pull_requests(name, state=state, since=since)

    async def merge_pull_request(self, name: str, number: int, *, expected: str) -> PullRequest:
        return await self.of(name).merge_pull_request(name, number, expected=expected)

    async def close_pull_request(self, name: str, number: int) -> None:
        await self.of(name).close_pull_request(name, number)

    async def comment(self, name: str, number: int, body: str) -> None:
        await self.of(name).comment(name, number, body)

    async def review(
        self, name: str, number: int, *, commit: str, body: str, comments: Sequence[LineComment] = ()
    ) -> None:
        await self.of(name).review(name, number, commit=commit, body=body, comments=comments)

    async def list_reviews(self, name: str, number: int, *, limit: int = 1_000) -> list[ReviewComment]:
        return await self.of(name).list_reviews(name, number, limit=limit)

    # --- issues ---

    async def list_issues(
        self, name: str, *, since: datetime | None = None, state: IssueState | None = "open", cursor: str | None = None
    ) -> IssuePage:
        return await self.of(name).list_issues(name, since=since, state=state, cursor=cursor)

    async def comment_issue(self, name: str, number: int, body: str) -> None:
        await self.of(name).comment_issue(name, number, body)

    async def close_issue(self, name: str, number: int) -> None:
        await self.of(name).close_issue(name, number)
