"""What the door asks of those who know keys and tasks."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PushRights:
    """Who holds a key, and the refs it may push, as glob patterns like `refs/heads/task-shop-12-*`; none: read only."""

    user: str
    may_push: tuple[str, ...] = ()


class Authorise(Protocol):
    """Tells what a key may do with a repository."""

    async def __call__(self, key: str, repository: str, wants_push: bool) -> PushRights:
        """Raises: Unauthenticated (unknown key), NotFound (no such repository for this key), Denied."""
        ...


# Called after a push with the repository and the refs that moved (None: removed), before the client hears of it.
OnPush = Callable[[str, Mapping[str, str | None]], Awaitable[None]]
