"""Pull requests of the local forge."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from aiworker.adapters.forge.base import OURSELVES, Part, all_named, check_text, named
from aiworker.adapters.forge.pulls import Pulls, StoredPull, StoredRemark
from aiworker.adapters.forge.reviews import check_review
from aiworker.core.errors import Conflict, Invalid
from aiworker.core.waiting import uninterrupted
from aiworker.delivery.ports.forge import BranchMoved, LineComment, PullRequest, PullRequestState, ReviewComment
from aiworker.git import Git, history, names, refs
from aiworker.git.refs import RefMove

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
                made = asyncio.to_thread(pulls.make, head=head, base=base, head_commit=commit, title=title, body=body)
                pull = await uninterrupted(made)
            elif (pull.title, pull.body, pull.head_commit) != (title, body, commit):
                pull = replace(pull, title=title, body=body, head_commit=commit)
                await uninterrupted(asyncio.to_thread(pulls.save, pull))
            return self._shown(name, pull)

    async def get_pull_request(self, name: str, number: int) -> PullRequest:
        """The pull request as it is now."""
        git = self.store.git(name)
        pull = await asyncio.to_thread(self._pulls(name).get, number)
        return (await self._current(name, git, [pull]))[0]

    async def list_pull_requests(
        self, name: str, *, state: PullRequestState | None = None, since: datetime | None = None
    ) -> list[PullRequest]:
        """Newest first, at most 100; with `since` those that changed then or later, the latest change first."""
        git = self.store.git(name)
        pulls = self._pulls(name)
        limit = _MAX_SHOWN if since is None else None
        shown = await self._current(name, git, await asyncio.to_thread(pulls.newest, state=state, limit=limit))
        if since is None:
            return shown
        changed = [pull for pull in shown if pull.updated_at >= since]
        return sorted(changed, key=lambda pull: pull.updated_at, reverse=True)[:_MAX_SHOWN]

    async def merge_pull_request(self, name: str, number: int, *, expected: str) -> PullRequest:
        """Fast-forward the base to `expected`, the head of the pull request, and write it down as merged."""
        async with self.store.exclusive(name) as git:
            pulls = self._pulls(name)
            pull = await asyncio.to_thread(pulls.get, number)
            if pull.state == "merged":
                return self._shown(name, pull)
            target = await named(git, names.check_commit(expected))
            base, head = await refs.commits_of(git, [names.branch_ref(pull.base), names.branch_ref(pull.head)])
            if base is None or not await history.is_ancestor(git, target, base):
                if pull.state == "closed":
                    raise Conflict(f"Pull request {number} was closed.", code="pull_request_closed")
                if base is None or head != target or not await history.is_ancestor(git, base, target):
                    raise BranchMoved(
                        f"{pull.base} is at {base or 'no commit'} and {pull.head} at {head or 'no commit'}:"
                        f" {target} cannot be merged.",
                        details={"branch": pull.base, "head": base},
                    )
                await self.move(name, git, pull.base, RefMove(names.branch_ref(pull.base), base, target))
            merged = replace(pull, state="merged", merge_commit=target, head_commit=target)
            await uninterrupted(asyncio.to_thread(pulls.save, merged))
            return self._shown(name, merged)

    async def close_pull_request(self, name: str, number: int) -> None:
        """Close it without merging. Already closed or merged: no error."""
        async with self.store.exclusive(name) as git:
            pulls = self._pulls(name)
            pull = await asyncio.to_thread(pulls.get, number)
            if pull.state != "open":
                return
            head = await refs.commit_of(git, names.branch_ref(pull.head)) or pull.head_commit
            await uninterrupted(asyncio.to_thread(pulls.save, replace(pull, state="closed", head_commit=head)))

    async def comment(self, name: str, number: int, body: str) -> None:
        """Comment on a pull request. The same words again are not repeated."""
        check_text("comment", body)
        await self._say(name, number, [StoredRemark(body=body, at=_now())])

    async def review(
        self, name: str, number: int, *, commit: str, body: str, comments: Sequence[LineComment] = ()
    ) -> None:
        """Say something on lines of the pull request at a commit. What was said is not repeated."""
        check_review(commit, body, comments)
        at = _now()
        said = [StoredRemark(body=one.body, at=at, path=one.path, line=one.line, commit=commit) for one in comments]
        if body:
            said.insert(0, StoredRemark(body=body, at=at, commit=commit))
        await self._say(name, number, said)

    async def list_reviews(self, name: str, number: int, *, limit: int = 1_000) -> list[ReviewComment]:
        """Everything said on a pull request, oldest first; the latest `limit` of it."""
        self.store.git(name)
        said = await asyncio.to_thread(self._pulls(name).remarks, number)
        shown = [
            ReviewComment(
                id=f"{number}-{place}",
                author=OURSELVES,
                body=one.body,
                path=one.path,
                line=one.line,
                commit=one.commit,
                submitted_at=datetime.fromisoformat(one.at),
                verdict="commented",
            )
            for place, one in enumerate(said, 1)
        ]
        return shown[-limit:]

    async def _say(self, name: str, number: int, remarks: Sequence[StoredRemark]) -> None:
        async with self.store.exclusive(name):
            await uninterrupted(asyncio.to_thread(self._pulls(name).say, number, remarks))

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
            author=OURSELVES,
            updated_at=self._pulls(name).changed_at(pull.number),
            merge_commit=pull.merge_commit,
            merged_by=OURSELVES if pull.state == "merged" else None,
        )


def _now() -> str:
    return datetime.now(UTC).isoformat()
