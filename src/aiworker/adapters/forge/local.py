"""The built-in forge: bare repositories in a folder, without a database."""

from collections.abc import Callable
from pathlib import Path

from aiworker.adapters.forge.branches import Branches
from aiworker.adapters.forge.integration import Integrations
from aiworker.adapters.forge.issues import NoIssues
from aiworker.adapters.forge.packs import Packs
from aiworker.adapters.forge.pull_requests import PullRequests
from aiworker.adapters.forge.repositories import Repositories
from aiworker.adapters.forge.store import Store


class LocalForge(Repositories, Branches, PullRequests, NoIssues, Integrations, Packs):
    """Fills `Forge`, `Sources` and `PackService` with the git program and plain files below `root`.

    `public_url` is the server's address as its clients know it; a function where it is known only once the server
    listens.
    """

    kind = "local"

    def __init__(self, root: Path, public_url: str | Callable[[], str]) -> None:
        super().__init__(Store(root), public_url)
