"""What the door asks of those who know keys and tasks."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from aiworker.access.actors import Actor


@dataclass(frozen=True, slots=True)
class PushRights:
    """Who holds a key, and the refs it may push, as glob patterns like `refs/heads/task-shop-12-*`; none: read only.

    Of these, only `may_rewrite` takes forced pushes and removals: agents rebase, but nobody rewrites what was shipped.
    """

    actor: Actor
    may_push: tuple[str, ...] = ()
    may_rewrite: tuple[str, ...] = ("refs/heads/task-*",)


class Authorise(Protocol):
    """Tells what a key may do with a repository."""

    async def __call__(self, key: str, repository: str, wants_push: bool) -> PushRights:
        """Raises: Unauthenticated (unknown key), NotFound (no such repository for this key), Denied."""
        ...


# Called after a push, before the client hears of it: who, the repository, the refs that moved (None: removed).
OnPush = Callable[[Actor, str, Mapping[str, str | None]], Awaitable[None]]
