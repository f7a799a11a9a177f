"""Reading what a git client asks for: the path, the key, the body."""

import asyncio
import base64
import binascii
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from starlette.types import Receive, Scope

# `shop`, or `Owner/shop` as Gitea names it.
_PATH = re.compile(
    r"/(?P<repository>[a-z0-9][a-z0-9._-]{0,99}|[A-Za-z0-9_][A-Za-z0-9._-]{0,99}/[A-Za-z0-9_][A-Za-z0-9._-]{0,99})"
    r"\.git/(?P<rest>info/refs|git-upload-pack|git-receive-pack)"
)
_MAX_KEY = 512
_PUSH = "git-receive-pack"


class ClientGone(Exception):
    """The client closed the connection."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One well-formed request; `path` is below the repository."""

    repository: str
    method: str
    path: str
    query: str
    headers: dict[str, str]

    @property
    def wants_push(self) -> bool:
        """Whether it is part of a push: its first look at the refs, or the push itself."""
        return self.path == _PUSH or self.query == f"service={_PUSH}"

    @property
    def pushes(self) -> bool:
        """Whether it is the push itself."""
        return self.path == _PUSH and self.method == "POST"


def read(scope: Scope) -> Asked | None:
    """What is asked for; None if no git client would ask so. Names need no escapes, so a path with one is refused."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    below: str = scope["path"].removeprefix(scope.get("root_path", ""))
    found = _PATH.fullmatch(below)
    if found is None or b"%" in raw:
        return None
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query: bytes = scope["query_string"]
    return Asked(found["repository"], scope["method"], found["rest"], query.decode("latin-1"), headers)


def key_of(headers: dict[str, str]) -> str | None:
    """The key: the password of Basic, whatever the user's name, or a Bearer token; None if there is none."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    given = given.strip()
    if scheme.lower() == "basic":
        try:
            _, _, given = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
    elif scheme.lower() != "bearer":
        return None
    return given if 0 < len(given) <= _MAX_KEY and given.isprintable() else None


class Client:
    """The other end: sends its body once, and may hang up at any time."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._heard_out = asyncio.Event()

    async def body(self) -> AsyncIterator[bytes]:
        """The body, piece by piece. Raises: ClientGone."""
        more = True
        while more:
            message: dict[str, Any] = dict(await self._receive())
            if message["type"] == "http.disconnect":
                raise ClientGone
            more = message.get("more_body", False)
            if piece := message.get("body", b""):
                yield piece
        self._heard_out.set()

    async def gone(self) -> None:
        """Returns when the client hangs up after its body has been heard to the end."""
        await self._heard_out.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
