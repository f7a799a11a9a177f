"""Who is connected, and with which credential."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Literal, cast

from aiworker.access.actors import Actor
from aiworker.access.identities import Identity
from aiworker.access.service import Access
from aiworker.core.errors import Invalid, Unauthenticated

_ROOM = re.compile(r"(?:project|task|robot|agent|module):[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}")
_MOST_ROOMS = 200
_LONGEST_TOKEN = 200


@dataclass(frozen=True, slots=True)
class Credential:
    """What a client showed, kept to be checked again."""

    kind: Literal["key", "session"]
    token: str

    async def identify(self, access: Access) -> Identity:
        """Whose it is now. Raises: Unauthenticated."""
        if self.kind == "key":
            return await access.authenticate(self.token)
        return await access.authenticate_session(self.token)


@dataclass(slots=True)
class Client:
    """One connection. Before it has shown a good credential it gets nothing; after `welcome` it hears everything, or
    what is told of the modules that its key is bound to."""

    credential: Credential | None = None
    actor: Actor | None = None
    welcome: asyncio.Event = field(default_factory=asyncio.Event)
    rooms: set[str] = field(default_factory=set[str])

    @property
    def bound(self) -> bool:
        """Whether it is told of few modules only."""
        return self.actor is not None and self.actor.modules is not None

    def hears(self, data: Mapping[str, Any]) -> bool:
        """Whether what is told is of a module that it knows."""
        name = data.get("moduleName")
        return self.actor is not None and isinstance(name, str) and self.actor.knows(name)

    def require(self) -> Credential:
        """Raises: Unauthenticated."""
        if self.credential is None:
            raise Unauthenticated("Send `auth` with a token first.", code="credential_missing")
        return self.credential

    def join(self, message: object) -> str:
        """Note a room; its name. Raises: Unauthenticated, Invalid."""
        self.require()
        room = _room(message)
        if len(self.rooms) >= _MOST_ROOMS and room not in self.rooms:
            raise Invalid(f"A client may be in {_MOST_ROOMS} rooms at once.", code="too_many_rooms")
        self.rooms.add(room)
        return room

    def leave(self, message: object) -> str:
        """Forget a room; its name. Raises: Unauthenticated, Invalid."""
        self.require()
        room = _room(message)
        self.rooms.discard(room)
        return room


def credential_in(message: object) -> Credential | None:
    """The key in `{userId, token}`; None if there is none."""
    if not isinstance(message, dict):
        return None
    token = cast("dict[str, Any]", message).get("token")
    if not isinstance(token, str) or not 0 < len(token) <= _LONGEST_TOKEN:
        return None
    return Credential("key", token)


def session_in(cookie: str, name: str) -> Credential | None:
    """The session in a Cookie header; None if there is none."""
    try:
        morsel = SimpleCookie(cookie).get(name)
    except CookieError:
        return None
    return None if morsel is None or not morsel.value else Credential("session", morsel.value)


def feeds_in(message: object) -> dict[str, int]:
    """The numbers in `{feeds: {feed: number}}`, or in `{feed: number}` itself. Raises: Invalid."""
    given = cast("dict[str, Any]", message) if isinstance(message, dict) else {}
    feeds: object = given.get("feeds", given)
    numbers: dict[str, int] = {}
    for feed, number in cast("dict[object, object]", feeds).items() if isinstance(feeds, dict) else ():
        if not isinstance(feed, str) or isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise Invalid("feeds: must be the last number seen of each feed.", code="bad_feeds")
        numbers[feed] = number
    return numbers


def _room(message: object) -> str:
    room = cast("dict[str, Any]", message).get("room") if isinstance(message, dict) else message
    if not isinstance(room, str) or not _ROOM.fullmatch(room):
        raise Invalid("room: must be like task:ID, project:ID, robot:ID, agent:ID or module:NAME.", code="bad_room")
    return room
