"""Mirrors of the repositories in Gitea: a cache of bare repositories, which may be deleted at any time.

A mirror's branches and tags are Gitea's as they were seen last; they move by a fetch, or with a push that Gitea took.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from aiworker.adapters.forge.gitea.addresses import Ssh, clone_address, split
from aiworker.adapters.forge.gitea.client import Client
from aiworker.adapters.forge.gitea.errors import of_git
from aiworker.adapters.forge.store import OWN, Store
from aiworker.core.errors import Denied, Invalid, Unavailable
from aiworker.core.faults import fault_point
from aiworker.delivery.ports.forge import Told
from aiworker.git import Git, names, refs, transfer
from aiworker.git.addresses import Address
from aiworker.git.names import NO_COMMIT
from aiworker.git.refs import RefMove, RefMoved
from aiworker.git.transfer import Pushed

_EVERYTHING = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
_KEPT = "refs/aiworker/kept"
T = TypeVar("T")

# Between one try and the next of a fetch or a push that Gitea did not answer, in seconds.
_PAUSES = (0.3, 1.0, 2.0)
# What git says when a branch is not where we thought, and not that somebody forbids it.
_MOVED = ("stale info", "fetch first", "non-fast-forward", "failed to update ref", "cannot lock ref", "already exists")


class Mirrors(Store):
    """{root}/{owner}/{repository}.git, in lower case: Gitea's names differ in more than that."""

    def __init__(self, root: Path, client: Client, ssh: Ssh | None = None) -> None:
        super().__init__(root)
        self.client = client
        self._ssh = ssh
        self._filling: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._next: dict[str, asyncio.Task[None]] = {}

    def path(self, name: str) -> Path:
        """Where the mirror is, or would be. Raises: Invalid."""
        owner, repo = split(name)
        return self.root / owner.lower() / f"{repo.lower()}.git"

    def address(self, name: str) -> Address:
        """Where git fetches from and pushes to. Raises: Invalid, Denied (there is no token)."""
        if self.client.token is None:
            raise Denied("There is no token for Gitea; set GITEA_TOKEN.", code="gitea_token_missing")
        return clone_address(self.client.url, name, self.client.token, self._ssh)

    async def look(self, name: str, *needed: str) -> Git:
        """The mirror as Gitea is now; where nothing but commits is needed and they are here, without asking Gitea."""
        await self.fill(name)
        git = self.git(name)
        if needed and all(names.is_commit(one) for one in needed) and None not in await refs.commits_of(git, needed):
            return git
        await self._fetched(name)
        await self._fetch_commits(name, git, needed)
        return git

    @asynccontextmanager
    async def exclusive(self, name: str, *needed: str) -> AsyncGenerator[Git]:
        """The mirror as Gitea is now, for moving refs: one at a time, over all processes."""
        await self.fill(name)
        async with super().exclusive(name) as git:
            await self._fetch(name, git)
            await self._fetch_commits(name, git, needed)
            yield git

    @asynccontextmanager
    async def writing(self, name: str) -> AsyncGenerator[Git]:
        """The mirror, to be served from or fetched into, beside the one who has it exclusively."""
        await self.fill(name)
        async with super().writing(name) as git:
            yield git

    async def move(self, name: str, git: Git, moves: Sequence[RefMove]) -> None:
        """Move refs in Gitea, and then here. Raises: RefMoved, Denied (Gitea forbids it), Unavailable."""
        pushed = await self._publish(name, git, moves)
        if pushed.rejected:
            reasons = " ".join(one.reason for one in pushed.rejected)
            said = " ".join(pushed.said) or reasons
            if any(sign in f"{reasons} {said}" for sign in _MOVED):
                await self._fetch(name, git)
                raise RefMoved(f"{moves[0].ref} is not where we thought any more.")
            ref, said = moves[0].ref, said[:300]
            raise Denied(f"Gitea does not take {ref}: {said}", code="push_denied", details={"ref": ref, "error": said})
        fault_point("gitea.moved")
        # A killed server leaves the mirror behind; the next fetch brings it along.
        if not await _stand(git, moves):
            await refs.move(git, moves)

    async def fill(self, name: str, told: Told | None = None) -> None:
        """Make the mirror if it is not there. Raises: NotFound, Denied, Invalid (SHA-256), Unavailable."""
        if self.exists(name):
            return
        async with self._filling[name.lower()]:
            if self.exists(name):
                return
            address = self.address(name)
            async with self.coming() as folder:
                git = await transfer.init(folder / "mirror", default_branch="main")
                try:
                    remote = await self._patiently(partial(transfer.look, git, address))
                    await self._patiently(partial(transfer.fetch, git, address, _EVERYTHING, heard=told))
                except Invalid as error:
                    raise of_git(error, name, pushing=False) from error
                if remote.default_branch is not None:
                    await refs.set_default_branch(git, remote.default_branch)
                (folder / "mirror" / OWN).mkdir()
                self.path(name).parent.mkdir(parents=True, exist_ok=True)
                await self.put(folder / "mirror", name)

    async def close(self) -> None:
        """End the fetches that are under way."""
        tasks = list(self._next.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fetched(self, name: str) -> None:
        """Returns after a fetch that began after this was called; who asks in the meantime shares it."""
        key = name.lower()
        if (task := self._next.get(key)) is None:
            task = self._next[key] = asyncio.create_task(self._fetch_next(name, key))
            # Whoever waited may be gone by the time it fails.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(task)

    async def _fetch_next(self, name: str, key: str) -> None:
        try:
            async with super().exclusive(name) as git:
                # From here on it would be too late for those who come.
                self._next.pop(key, None)
                await self._fetch(name, git)
        finally:
            if self._next.get(key) is asyncio.current_task():
                del self._next[key]

    async def _fetch(self, name: str, git: Git) -> None:
        try:
            await self._patiently(partial(transfer.fetch, git, self.address(name), _EVERYTHING, prune=True))
        except Invalid as error:
            raise of_git(error, name, pushing=False) from error

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """What only reads, tried again where Gitea did not answer."""
        for pause in _PAUSES:
            try:
                return await call()
            except Unavailable:
                await self.client.rest(pause)
        return await call()

    async def _fetch_commits(self, name: str, git: Git, needed: Sequence[str]) -> None:
        """Commits that no branch holds any more: Gitea gives them by their own name, if it still has them."""
        asked = [one for one in needed if names.is_commit(one)]
        missing = [one for one, found in zip(asked, await refs.commits_of(git, asked), strict=True) if found is None]
        for commit in missing if asked else ():
            try:
                await transfer.fetch(git, self.address(name), [f"{commit}:{_KEPT}/{commit}"])
            except Invalid:
                return  # who asked for it says that it is not there

    async def _publish(self, name: str, git: Git, moves: Sequence[RefMove]) -> Pushed:
        """One push. Where its answer was lost, what Gitea has tells whether it was taken."""
        for pause in (*_PAUSES, None):
            try:
                return await transfer.publish(git, self.address(name), moves)
            except Invalid as error:
                raise of_git(error, name, pushing=True) from error
            except Unavailable:
                if pause is None:
                    raise
                await self.client.rest(pause)
                await self._fetch(name, git)
                if await _stand(git, moves):
                    return Pushed(tuple(one.ref for one in moves), ())
        raise AssertionError("the last try returns or raises")


async def _stand(git: Git, moves: Sequence[RefMove]) -> bool:
    """Whether every ref is where it was to go."""
    there = await refs.commits_of(git, [one.ref for one in moves])
    return there == await refs.commits_of(git, [one.new or NO_COMMIT for one in moves])
