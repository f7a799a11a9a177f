"""Merging in Gitea: by its API as a fast-forward, and where that is not allowed, by a push."""

from typing import Literal

from aiworker.adapters.forge.base import named
from aiworker.adapters.forge.gitea.addresses import api_path
from aiworker.adapters.forge.gitea.errors import NotAllowed
from aiworker.adapters.forge.gitea.pull_requests import GiteaPullRequests
from aiworker.adapters.forge.gitea.reviews import GiteaReviews
from aiworker.adapters.forge.gitea.shapes import Pull
from aiworker.core.errors import Conflict, NotFound, Unavailable
from aiworker.core.faults import fault_point
from aiworker.core.logging import get_logger
from aiworker.delivery.ports.forge import BranchMoved, PullRequest
from aiworker.git import Git, history, names, objects, refs
from aiworker.git.refs import RefMove

_log = get_logger(__name__)

# With it, Gitea writes the message of the last commit anew, and with that another commit.
_TEMPLATE = ".gitea/default_merge_message/REBASE_TEMPLATE.md"
# While Gitea still checks a new pull request it says "try again later", for half a minute at most here.
_CHECKING = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
Standing = Literal["merged", "fits"]


class GiteaMerging(GiteaPullRequests, GiteaReviews):
    """The part of `Forge` that merges."""

    async def merge_pull_request(self, name: str, number: int, *, expected: str) -> PullRequest:
        """Fast-forward the base to `expected`, the head of the pull request, and have it merged."""
        pull = await self.pull(name, number)
        git = await self.store.look(name)
        if await self._standing(git, pull, expected) == "fits":
            await self._by_api(name, git, pull, expected)
        if not pull.merged:
            await self._settle(name, number, expected)
        return await self.get_pull_request(name, number)

    async def _standing(self, git: Git, pull: Pull, expected: str) -> Standing:
        """Whether the base has it already, or takes it as a fast-forward. Raises: BranchMoved, Conflict, NotFound."""
        target = await named(git, names.check_commit(expected))
        base, head = await refs.commits_of(
            git, [names.branch_ref(pull.base.branch), names.branch_ref(pull.head.branch)]
        )
        if base is not None and await history.is_ancestor(git, target, base):
            return "merged"
        if pull.state == "closed" and not pull.merged:
            raise Conflict(f"Pull request {pull.number} was closed.", code="pull_request_closed")
        if pull.merged or base is None or head != target or not await history.is_ancestor(git, base, target):
            raise BranchMoved(
                f"{pull.base.branch} is at {base or 'no commit'} and {pull.head.branch} at {head or 'no commit'}:"
                f" {target} cannot be merged.",
                details={"branch": pull.base.branch, "head": base},
            )
        return "fits"

    async def _by_api(self, name: str, git: Git, pull: Pull, expected: str) -> None:
        """Ask Gitea to merge, if it has a way that keeps our commits. What came of it, git tells."""
        style = await self._style(git, pull)
        if style is None:
            return
        wish = {"Do": style, "head_commit_id": expected}
        for pause in (*_CHECKING, None):
            try:
                await self.client.call("POST", api_path(name, "pulls", pull.number, "merge"), object, body=wish)
            except NotAllowed as error:
                _log.info("gitea_does_not_merge", repository=name, number=pull.number, reason=error.message)
                if pause is None or not error.try_again:
                    return
            except (Conflict, NotFound):
                return  # moved, merged or closed just now
            except Unavailable:
                if pause is None:
                    raise
                if (await self.pull(name, pull.number)).merged:
                    return
            else:
                fault_point("gitea.merged")
                return
            await self.client.rest(pause)

    async def _style(self, git: Git, pull: Pull) -> str | None:
        repo = pull.base.repo
        if repo is not None and repo.allow_fast_forward_only_merge:
            return "fast-forward-only"
        if repo is None or not repo.allow_rebase:
            return None
        (template,) = await objects.read_files(git, f"refs/heads/{repo.default_branch}", [_TEMPLATE])
        return None if template else "rebase"

    async def _settle(self, name: str, number: int, expected: str) -> None:
        """The base has what was expected, by Gitea's merge or by a push of ours; and the pull request is over."""
        async with self.store.exclusive(name) as git:
            pull = await self.pull(name, number)
            if await self._standing(git, pull, expected) == "fits":
                ref = names.branch_ref(pull.base.branch)
                await self.move(name, git, pull.base.branch, RefMove(ref, await refs.commit_of(git, ref), expected))
        if pull.merged:
            return
        try:
            wish = {"Do": "manually-merged", "MergeCommitID": expected}
            await self.client.call("POST", api_path(name, "pulls", number, "merge"), object, body=wish)
        except (Conflict, NotFound):
            # Many repositories do not allow that.
            if (await self.pull(name, number)).state != "closed":
                await self.comment(name, number, f"{pull.base.branch} was taken forward to {expected}.")
                await self.close_pull_request(name, number)
