"""Repositories in Gitea: found, made, watched; and their mirrors here."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from aiworker.adapters.forge.files import write_whole
from aiworker.adapters.forge.gitea.addresses import api_path, name_at, split
from aiworker.adapters.forge.gitea.base import GiteaPart
from aiworker.adapters.forge.gitea.mirrors import Mirrors
from aiworker.adapters.forge.gitea.shapes import Combined, Hook, Repo, Status
from aiworker.adapters.forge.remarks import remarks
from aiworker.adapters.forge.upstream import Upstream
from aiworker.core.errors import Conflict, Denied, NotFound
from aiworker.core.sayings import Sentence
from aiworker.delivery.ports.forge import (
    Check,
    CheckState,
    CommitStatus,
    Fetched,
    ForgeRepository,
    PushedUpstream,
    Told,
)
from aiworker.git import addresses, names, objects, refs, transfer
from aiworker.git.refs import RefMove

_NO_PUSH = Sentence(
    "gitea_no_push",
    "{account} may not push to {repository}; make it a collaborator there with write access (or administrator, to keep"
    " the webhook).",
)
_EVENTS = ("push", "delete", "pull_request", "pull_request_review", "issues", "issue_comment")
# Of these Gitea shows that it will tell of them, when it was asked for the ones above.
_SHOWN = frozenset(
    {"push", "delete", "pull_request", "pull_request_sync", "issues", "issue_comment", "pull_request_comment"}
)
_MOST_HOOKS = 200
_MOST_CHECKS = 200
_WORST_FIRST: tuple[CheckState, ...] = ("failure", "pending", "success")
_STATES: dict[str, CheckState] = {"success": "success", "pending": "pending"}


class GiteaRepositories(GiteaPart):
    """The repositories' part of `Forge`."""

    def __init__(self, store: Mirrors, public_url: str | Callable[[], str]) -> None:
        super().__init__(store, public_url)
        self._upstream = Upstream(store)

    async def import_repository(self, name: str, *, source: str | None, told: Told | None = None) -> ForgeRepository:
        """Make the repository in Gitea, with the branches and tags of `source`; there already with these: no error."""
        owner, repo = split(name)
        ours = await self.account(name)
        path = "/user/repos" if owner.lower() == ours.lower() else f"/orgs/{owner}/repos"
        with suppress(Conflict):  # there already: what it holds decides
            await self.client.call("POST", path, Repo, body={"name": repo, "private": True})
        if source is not None:
            await self._bring(name, source, told)
        return await self.get_repository(name)

    async def adopt(self, source: str, *, told: Told | None = None) -> ForgeRepository | None:
        """The repository at an address of this Gitea; None if it is elsewhere."""
        named = name_at(self.client.url, source)
        if named is None:
            return None
        try:
            found = await self._repo(named)
        except NotFound as error:
            raise NotFound(
                f"Gitea has no repository {named}, or the account of the token may not see it.",
                code="repository_not_found",
            ) from error
        if found.archived:
            raise Conflict(f"{found.full_name} is archived in Gitea.", code="repository_archived")
        if found.permissions is not None and not found.permissions.push:
            account = await self.account(named)
            raise Denied(_NO_PUSH(account=account, repository=found.full_name), code="gitea_denied")
        await self.store.fill(found.full_name, told)
        described = await self._described(found)
        if described.head is not None:
            return described
        await self._begin(found.full_name, found.default_branch)
        return await self._described(found)

    async def get_repository(self, name: str) -> ForgeRepository:
        """The repository as it is now."""
        return await self._described(await self._repo(name))

    async def delete_repository(self, name: str) -> None:
        """Forget the mirror. The repository in Gitea is people's, and stays."""
        if self.store.exists(name):
            await self.store.remove(name)

    async def watch(self, name: str, *, url: str, secret: str) -> None:
        """Have one webhook for `url`, with this secret.

        Gitea neither shows nor changes the secret of a hook, so which one it has is noted beside the mirror; where that
        is not known, a new hook takes the place of the old one.
        """
        path = api_path(name, "hooks")
        found = [
            hook
            async for hook in self.client.pages(path, Hook, most=_MOST_HOOKS)
            if (hook.config or {}).get("url") == url
        ]
        await self.store.fill(name)
        note = self.store.own(name) / "webhook"
        for hook in found:
            known = hashlib.sha256(f"{hook.id}:{secret}".encode()).hexdigest().encode()
            if hook.active and set(hook.events or ()) >= _SHOWN and await asyncio.to_thread(_read, note) == known:
                break
        else:
            config = {"url": url, "content_type": "json", "secret": secret}
            wish = {"type": "gitea", "active": True, "events": list(_EVENTS), "config": config, "branch_filter": "*"}
            hook = await self.client.call("POST", path, Hook, body=wish)
            known = hashlib.sha256(f"{hook.id}:{secret}".encode()).hexdigest().encode()
            await asyncio.to_thread(write_whole, note, known)
        for other in found:
            if other.id != hook.id:
                await self._remove_hook(name, other.id)

    async def commit_status(self, name: str, commit: str) -> CommitStatus:
        """What checks say of this very commit. A warning is no success."""
        path = api_path(name, "commits", names.check_commit(commit), "status")
        found: list[Status] = []
        page, more = 0, True
        while more and len(found) < _MOST_CHECKS:
            page += 1
            # Gitea answers null where nobody said anything.
            told, rest = await self.client.page(path, Combined, page)
            said = (told.statuses if told is not None else None) or []
            found += said
            more = rest.follows(len(said))
        checks = tuple(
            Check(one.context, _STATES.get(one.status, "failure"), one.description, one.target_url or None)
            for one in found
        )
        for state in _WORST_FIRST:
            if any(check.state == state for check in checks):
                return CommitStatus(state, checks)
        return CommitStatus("none")

    async def fetch_upstream(self, name: str, *, source: str, branch: str, told: Told | None = None) -> Fetched:
        """Fetch `branch` from the upstream and fast-forward Gitea's. Raises: BranchMoved if both moved; NotFound."""
        await self.store.look(name)
        return await self._upstream.fetch(name, source, branch, told)

    async def push_upstream(self, name: str, *, source: str, refs: Sequence[str]) -> PushedUpstream:
        """Push refs to the upstream, never by force."""
        await self.store.look(name)
        return await self._upstream.push(name, source, refs)

    def pull_command(self, name: str, *, source: str, branch: str) -> str:
        """What a person runs at the upstream to bring our branch into theirs."""
        return self._upstream.pull_command(name, source, branch, f"{self.client.url}/{name}.git")

    async def _bring(self, name: str, source: str, told: Told | None) -> None:
        address = addresses.read(source)
        async with self.store.exclusive(name) as git:
            remote = await transfer.look(git, address)
            there = await refs.branches(git)
            if there:
                if any(there.get(branch) != commit for branch, commit in remote.branches.items()):
                    raise Conflict(f"{name} is in Gitea already, and holds something else.", code="repository_exists")
                return
            await transfer.fetch(git, address, ["+refs/heads/*:refs/aiworker/coming/*"], heard=told)
            moves = [RefMove(names.branch_ref(branch), None, commit) for branch, commit in remote.branches.items()]
            if moves:
                await self.store.move(name, git, moves)

    async def _begin(self, name: str, branch: str) -> None:
        """A repository that is quite empty gets a first commit, so that there is something to branch off."""
        async with self.store.exclusive(name) as git:
            if not await refs.branches(git):
                first = await objects.first_commit(git, "Begin", objects.ours_at(int(time.time())))
                await self.store.move(name, git, [RefMove(names.branch_ref(branch), None, first)])

    async def _described(self, found: Repo) -> ForgeRepository:
        git = await self.store.look(found.full_name)
        if await refs.default_branch(git) != found.default_branch:
            await refs.set_default_branch(git, names.check_branch(found.default_branch))
        head = await refs.commit_of(git, names.branch_ref(found.default_branch))
        return ForgeRepository(
            found.full_name, found.default_branch, head, await remarks(git, head), found.id, found.html_url
        )

    async def _repo(self, name: str) -> Repo:
        return await self.client.get(api_path(name), Repo)

    async def _remove_hook(self, name: str, number: int) -> None:
        try:
            await self.client.call("DELETE", api_path(name, "hooks", number), object)
        except NotFound:
            return


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
