"""The key that the agents of this machine work with."""

import socket

from aiworker.cli.client import Server
from aiworker.core.connection import address_and_key, is_loopback
from aiworker.core.errors import Unauthenticated
from aiworker.core.files import read_private, write_private
from aiworker.core.settings import ClientSettings
from aiworker.wire.access import CreatedKey, Key, NewKey, Scope

_MOST = 1_000


def address_and_agent_key(settings: ClientSettings) -> tuple[str, str]:
    """Where the server is, and a key to work with: `AIWORKER_TOKEN`, or one of scope `agent` for this machine.

    That one is made with the admin key where it is missing, and kept in `AIWORKER_HOME`: agents need no more than it.
    Raises: as `address_and_key`, and any AiWorkerError of the server.
    """
    url, key = address_and_key(settings)
    if settings.token is not None or not is_loopback(url):
        return url, key
    file = settings.home / "agent.key"
    kept = read_private(file)
    if kept and _is_good(url, kept):
        return url, kept
    name = f"agent@{''.join(c for c in socket.gethostname() if c.isalnum() or c in '.-')}"[:100]
    with Server(url, key) as server:
        for item in server.list("keys", limit=_MOST):
            known = Key.model_validate(item)
            if known.name == name and known.revoked_at is None:
                server.delete("keys", known.id)
        made = CreatedKey.model_validate(server.post("keys", body=NewKey(name=name, scope=Scope.AGENT)))
    write_private(file, made.key)
    return url, made.key


def _is_good(url: str, key: str) -> bool:
    with Server(url, key) as server:
        try:
            server.get("me")
        except Unauthenticated:
            return False
        return True
