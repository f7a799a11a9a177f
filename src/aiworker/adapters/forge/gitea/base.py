"""What the parts of the forge in Gitea share."""

from collections.abc import Callable

from aiworker.adapters.forge.base import Part
from aiworker.adapters.forge.gitea.addresses import api_path
from aiworker.adapters.forge.gitea.client import Client
from aiworker.adapters.forge.gitea.mirrors import Mirrors
from aiworker.adapters.forge.gitea.shapes import Pull, User
from aiworker.core.errors import NotFound

# Gitea counts with 64 bits; beyond this it answers that the number cannot be read.
LARGEST = 2**53


class GiteaPart(Part):
    """One part of a forge in Gitea, over the same mirrors and the same client as the others."""

    store: Mirrors

    def __init__(self, store: Mirrors, public_url: str | Callable[[], str]) -> None:
        super().__init__(store, public_url)
        self._login: str | None = None

    @property
    def client(self) -> Client:
        """The API."""
        return self.store.client

    async def account(self, name: str) -> str:
        """The login that our token belongs to. Raises: Denied, Unavailable."""
        _ = name
        if self._login is None:
            self._login = (await self.client.get("/user", User)).login
        return self._login

    async def pull(self, name: str, number: int) -> Pull:
        """A pull request as Gitea has it. Raises: NotFound."""
        missing = NotFound(f"There is no pull request {number}.", code="pull_request_not_found")
        if not 0 < number < LARGEST:
            raise missing
        try:
            return await self.client.get(api_path(name, "pulls", number), Pull)
        except NotFound as error:
            raise missing from error
