"""The forge in Gitea or Forgejo."""

from collections.abc import Callable
from pathlib import Path

from aiworker.adapters.forge.branches import Branches
from aiworker.adapters.forge.gitea.addresses import Ssh
from aiworker.adapters.forge.gitea.client import Client
from aiworker.adapters.forge.gitea.issues import GiteaIssues
from aiworker.adapters.forge.gitea.merging import GiteaMerging
from aiworker.adapters.forge.gitea.mirrors import Mirrors
from aiworker.adapters.forge.gitea.packs import GiteaPacks
from aiworker.adapters.forge.gitea.repositories import GiteaRepositories
from aiworker.adapters.forge.integration import Integrations


class GiteaForge(GiteaRepositories, GiteaMerging, GiteaIssues, GiteaPacks, Branches, Integrations):
    """Fills `Forge`, `Sources` and `PackService` with Gitea's API, git, and mirrors below `root` (a cache).

    `public_url` is our own server's address as its clients know it. Without a token every call is refused. With `ssh`
    git goes to Gitea over SSH; its API stays where it is.
    """

    kind = "gitea"

    def __init__(
        self, root: Path, client: Client, public_url: str | Callable[[], str], *, ssh: Ssh | None = None
    ) -> None:
        super().__init__(Mirrors(root, client, ssh), public_url)

    async def close(self) -> None:
        """Let go of the connections, and of fetches that nobody waits for."""
        await self.store.close()
        await self.client.close()
