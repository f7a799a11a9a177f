"""Pull requests of the local forge."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from aiworker.adapters.forge.base import Part, all_named, check_text, named
from aiworker.adapters.forge.pulls import Pulls, StoredPull
from aiworker.core.errors import Invalid
from aiworker.delivery.ports.forge import PullRequest, PullRequestState
from aiworker.git import Git, names, refs

_MAX_SHOWN = 100


class PullRequests(Part):
    """The part of `Forge` about pull requests."""

    async def open_pull_request(self, name: str, *, head: str, base: str, title: str, body: str) -> PullRequest:
        """Open a pull request from branch `head` into `base`, or update the open one between the two."""
        check_text("title", title, most=255)
        check_text("body", body, empty=True)
        if head == base:
            raise Invalid("A pull request leads from one branch into another.", code="pull_request_same_branch")
        async with self.store.exclusive(name) as git:
            names.check_branch(base)
            _, commit = await all_named(git, base, names.check_branch(head))
            pulls = self._pulls(name)
            pull = await asyncio.to_thread(pulls.open_between, head, base)
            if pull is None:
                pull = await asyncio.to_thread(
                    pulls.make, head=head, base=base, head_commit=commit, title=title, body=body
                )
            elif (pull.title, pull.body, pull.head_commit) != (title, body, commit):
                pull = replace(pull, title=title, body=body, head_commit=commit)
                await asyncio.to_thread(pulls.save, pull)
            return self._shown(name, pull)

    async def get_pull_request(self, name: str, number: int) -> PullRequest:
        """The pull request as it is now."""
        git = self.store.git(name)
        pull = await asyncio.to_thread(self._pulls(name).get, number)
        return (await self._current(name, git, [pull]))[0]

    async def list_pull_requests(self, name: str, *, state: PullRequestState | None = None) -> list[PullRequest]:
        """Newest first, at most 100."""
        git = self.store.git(name)
        found = await asyncio.to_thread(self._pulls(name).newest, state=state, limit=_MAX_SHOWN)
        return await self._current(name, git, found)

    async def comment(self, name: str, number: int, body: str) -> None:
        """Comment on a pull request. The same words again are not repeated."""
        check_text("comment", body)
        async with self.store.exclusive(name):
            await asyncio.to_thread(self._pulls(name).comment, number, body)

    async def list_comments(self, name: str, number: int) -> list[str]:
        """What was said on a pull request, oldest first, at most 1,000."""
        self.store.git(name)
        return list((await asyncio.to_thread(self._pulls(name).get, number)).comments)

    async def close_pull_request(self, name: str, number: int, *, merge_commit: str | None = None) -> None:
        """Close it, as merged if a merge commit is given. Already closed: no error."""
        async with self.store.exclusive(name) as git:
            if merge_commit is not None:
                await named(git, names.check_commit(merge_commit))
            pulls = self._pulls(name)
            pull = await asyncio.to_thread(pulls.get, number)
            if pull.state != "open":
                return
            head = await refs.commit_of(git, names.branch_ref(pull.head)) or pull.head_commit
            state = "closed" if merge_commit is None else "merged"
            closed = replace(pull, state=state, merge_commit=merge_commit, head_commit=head)
            await asyncio.to_thread(pulls.save, closed)

    def _pulls(self, name: str) -> Pulls:
        return Pulls(self.store.own(name) / "pulls")

    async def _current(self, name: str, git: Git, pulls: Sequence[StoredPull]) -> list[PullRequest]:
        """Open ones follow their branch; one whose branch is gone stays where it was seen last."""
        following = [pull for pull in pulls if pull.state == "open"]
        heads = await refs.commits_of(git, [names.branch_ref(pull.head) for pull in following]) if following else []
        now = {pull.number: head for pull, head in zip(following, heads, strict=True)}
        return [
            self._shown(name, replace(pull, head_commit=now.get(pull.number) or pull.head_commit)) for pull in pulls
        ]

    def _shown(self, name: str, pull: StoredPull) -> PullRequest:
        return PullRequest(
            number=pull.number,
            url=f"{self.public_url}/projects/{name}/pulls/{pull.number}",
            title=pull.title,
            body=pull.body,
            head=pull.head,
            base=pull.base,
            head_commit=pull.head_commit,
            state=pull.state,
            merge_commit=pull.merge_commit,
        )
