"""Pull requests in Gitea."""

from collections.abc import AsyncIterator
from datetime import datetime

from aiworker.adapters.forge.base import check_text, no_branch
from aiworker.adapters.forge.gitea.addresses import api_path
from aiworker.adapters.forge.gitea.base import GiteaPart
from aiworker.adapters.forge.gitea.shapes import Pull
from aiworker.core.errors import Conflict, Invalid
from aiworker.delivery.ports.forge import PullRequest, PullRequestState
from aiworker.git import Git, names, refs

_MOST_SHOWN = 100
_MOST_LOOKED_AT = 1_000


class GiteaPullRequests(GiteaPart):
    """The part of `Forge` about opening, finding and closing pull requests."""

    async def open_pull_request(self, name: str, *, head: str, base: str, title: str, body: str) -> PullRequest:
        """Open a pull request from branch `head` into `base`, or update the open one between the two."""
        check_text("title", title, most=255)
        check_text("body", body, empty=True)
        if head == base:
            raise Invalid("A pull request leads from one branch into another.", code="pull_request_same_branch")
        git = await self.store.look(name)
        for branch in (base, head):
            if await refs.commit_of(git, names.branch_ref(branch)) is None:
                raise no_branch(branch)
        words = {"title": title, "body": body}

        async def find() -> Pull | None:
            return await self._open_between(name, head, base)

        async def make() -> Pull:
            try:
                return await self.client.call(
                    "POST", api_path(name, "pulls"), Pull, body={"head": head, "base": base, **words}
                )
            except Conflict:
                # Another was quicker; or an answer of Gitea's was lost.
                found = await find()
                if found is None:
                    raise
                return found

        pull = await self.client.ensure(find, make)
        if (pull.title, pull.body) != (title, body):
            pull = await self.client.call("PATCH", api_path(name, "pulls", pull.number), Pull, body=words)
        return await self._shown(git, pull)

    async def get_pull_request(self, name: str, number: int) -> PullRequest:
        """The pull request as it is now."""
        pull = await self.pull(name, number)
        return await self._shown(await self.store.look(name), pull)

    async def list_pull_requests(
        self, name: str, *, state: PullRequestState | None = None, since: datetime | None = None
    ) -> list[PullRequest]:
        """Newest first, at most 100; with `since` those that changed then or later, the latest change first."""
        asked = {None: "all", "open": "open", "closed": "closed", "merged": "closed"}[state]
        found: list[Pull] = []
        async for pull in self._listed(name, asked, by_change=since is not None):
            if since is not None and pull.updated_at < since:
                break
            if state in (None, _state(pull)):
                found.append(pull)
            if len(found) == _MOST_SHOWN:
                break
        git = await self.store.look(name)
        return [await self._shown(git, pull) for pull in found]

    async def close_pull_request(self, name: str, number: int) -> None:
        """Close it without merging. Already closed or merged: no error."""
        if (await self.pull(name, number)).state == "closed":
            return
        try:
            await self.client.call("PATCH", api_path(name, "pulls", number), Pull, body={"state": "closed"})
        except Conflict:
            # Merged just now.
            if (await self.pull(name, number)).state != "closed":
                raise

    async def _open_between(self, name: str, head: str, base: str) -> Pull | None:
        async for pull in self._listed(name, "open"):
            # A fork may have a branch of the same name.
            if (pull.head.branch, pull.base.branch) == (head, base) and pull.head.repo_id == pull.base.repo_id:
                return pull
        return None

    def _listed(self, name: str, state: str, *, by_change: bool = False) -> AsyncIterator[Pull]:
        order = {"sort": "recentupdate"} if by_change else {}
        return self.client.pages(api_path(name, "pulls"), Pull, most=_MOST_LOOKED_AT, state=state, **order)

    async def _shown(self, git: Git, pull: Pull) -> PullRequest:
        """Gitea's own view of the head is late by a moment after a push, so an open one is looked up in git."""
        head = pull.head.sha
        if pull.state == "open" and pull.head.is_branch and pull.head.repo_id == pull.base.repo_id:
            head = await refs.commit_of(git, names.branch_ref(pull.head.branch)) or head
        return PullRequest(
            number=pull.number,
            url=pull.html_url,
            title=pull.title,
            body=pull.body,
            head=pull.head.branch,
            base=pull.base.branch,
            head_commit=head,
            state=_state(pull),
            author=pull.user.login if pull.user else "",
            updated_at=pull.updated_at,
            merge_commit=pull.merge_commit_sha if pull.merged else None,
            merged_by=pull.merged_by.login if pull.merged and pull.merged_by else None,
        )


def _state(pull: Pull) -> PullRequestState:
    if pull.merged:
        return "merged"
    return "open" if pull.state == "open" else "closed"
