"""Repositories of the local forge: made, looked at, removed, and kept in step with their upstream."""

from collections.abc import Callable, Sequence

from aiworker.adapters.forge.base import OURSELVES, Part, named
from aiworker.adapters.forge.remarks import remarks
from aiworker.adapters.forge.store import Store
from aiworker.adapters.forge.upstream import Upstream
from aiworker.core.errors import NotFound
from aiworker.delivery.ports.forge import CommitStatus, Fetched, ForgeRepository, PushedUpstream, Told
from aiworker.git import names
from aiworker.git import refs as git_refs


class Repositories(Part):
    """The repositories' part of `Forge`."""

    def __init__(self, store: Store, public_url: str | Callable[[], str]) -> None:
        super().__init__(store, public_url)
        self._upstream = Upstream(store)

    async def import_repository(self, name: str, *, source: str | None, told: Told | None = None) -> ForgeRepository:
        """Make the repository, from a local path or a URL if one is given. Again with the same source: no error."""
        await self._upstream.bring(name, source, told)
        return await self.get_repository(name)

    async def adopt(self, source: str, *, told: Told | None = None) -> ForgeRepository | None:
        """None: nobody gives a project by an address of this forge."""
        _ = source, told

    async def get_repository(self, name: str) -> ForgeRepository:
        """The repository as it is now."""
        git = self.store.git(name)
        branch = await git_refs.default_branch(git)
        head = await git_refs.commit_of(git, f"refs/heads/{branch}")
        return ForgeRepository(name, branch, head, await remarks(git, head))

    async def delete_repository(self, name: str) -> None:
        """Remove the repository; already gone is no error."""
        if not self.store.exists(name):
            return
        try:
            await self.store.remove(name)
        except NotFound:
            return

    async def account(self, name: str) -> str:
        """Ours, the only one."""
        self.store.git(name)
        return OURSELVES

    async def watch(self, name: str, *, url: str, secret: str) -> None:
        """Nothing to do: people come through our own door."""
        _ = url, secret
        self.store.git(name)

    async def commit_status(self, name: str, commit: str) -> CommitStatus:
        """Nobody says anything of commits here."""
        await named(self.store.git(name), names.check_commit(commit))
        return CommitStatus("none")

    async def fetch_upstream(self, name: str, *, source: str, branch: str, told: Told | None = None) -> Fetched:
        """Fetch `branch` from the upstream and fast-forward ours. Raises: BranchMoved if both moved; NotFound."""
        return await self._upstream.fetch(name, source, branch, told)

    async def push_upstream(self, name: str, *, source: str, refs: Sequence[str]) -> PushedUpstream:
        """Push refs to the upstream, never by force."""
        return await self._upstream.push(name, source, refs)

    def pull_command(self, name: str, *, source: str, branch: str) -> str:
        """What a person runs at the upstream to bring our branch into theirs."""
        return self._upstream.pull_command(name, source, branch, self.clone_url(name))
