"""Who a credential is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aiworker.access.actors import Actor, ActorKind
from aiworker.access.keys.records import KeyRecord
from aiworker.access.users.records import UserRecord
from aiworker.wire.access import Scope

_KINDS: dict[Scope, ActorKind] = {Scope.AGENT: "agent", Scope.MODULE: "module"}


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller whose credential was good. `id` is the key's or the session's.

    `attempt`: the execution that the key was made for. `csrf_token`: what writes from a browser must carry.
    `requests_per_minute`: its own limit, if it has one.
    """

    actor: Actor
    via: Literal["key", "session"]
    id: str
    expires_at: datetime | None = None
    attempt: str | None = None
    csrf_token: str | None = None
    requests_per_minute: int | None = None


def actor_of_key(key: KeyRecord) -> Actor:
    """Who uses a key."""
    modules = None if key.modules is None else frozenset(key.modules)
    return Actor(kind=_KINDS.get(key.scope, "person"), id=key.id, name=key.name, scope=key.scope, modules=modules)


def actor_of_user(user: UserRecord) -> Actor:
    """A person."""
    return Actor(kind="person", id=user.id, name=user.name, scope=user.role)
