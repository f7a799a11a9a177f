"""Repositories of the local forge: made, looked at, removed, and kept in step with their upstream."""

from collections.abc import Callable, Sequence

from aiworker.adapters.forge.base import Part
from aiworker.adapters.forge.store import Store
from aiworker.adapters.forge.upstream import Upstream
from aiworker.core.errors import NotFound
from aiworker.delivery.ports.forge import ForgeRepository
from aiworker.git import refs as git_refs
from aiworker.git import transfer


class Repositories(Part):
    """The repositories' part of `Forge`."""

    def __init__(self, store: Store, public_url: str | Callable[[], str]) -> None:
        super().__init__(store, public_url)
        self._upstream = Upstream(store)

    async def import_repository(self, name: str, *, source: str | None) -> ForgeRepository:
        """Make the repository, from a local path or a URL if one is given. Again with the same source: no error."""
        await self._upstream.bring(name, source)
        return await self.get_repository(name)

    async def get_repository(self, name: str) -> ForgeRepository:
        """The repository as it is now."""
        git = self.store.git(name)
        branch = await git_refs.default_branch(git)
        return ForgeRepository(name, branch, await git_refs.commit_of(git, f"refs/heads/{branch}"))

    async def delete_repository(self, name: str) -> None:
        """Remove the repository; already gone is no error."""
        if not self.store.exists(name):
            return
        try:
            await self.store.remove(name)
        except NotFound:
            return

    async def tidy(self, name: str) -> None:
        """Pack what many small pushes left, if it has become much. Nothing is thrown away. May take minutes."""
        async with self.store.writing(name) as git:
            await transfer.tidy(git)

    def clone_url(self, name: str) -> str:
        """`{public_url}/git/{name}.git`."""
        return f"{self.public_url}/git/{self.store.path(name).name}"

    async def fetch_upstream(self, name: str, *, source: str, branch: str) -> str | None:
        """Fetch `branch` from the upstream and fast-forward ours; its head. Raises: BranchMoved if both moved."""
        return await self._upstream.fetch(name, source, branch)

    async def push_upstream(self, name: str, *, source: str, refs: Sequence[str]) -> None:
        """Push refs to the upstream, never by force. Raises: BranchMoved, CheckedOut."""
        await self._upstream.push(name, source, refs)
