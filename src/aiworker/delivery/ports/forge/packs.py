"""What others read and write with git itself: the files of a commit, and git's smart HTTP protocol."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class Sources(Protocol):
    """Gives the files of a commit to who runs them."""

    async def export(self, name: str, commit: str, to: Path) -> None:
        """Write the files of a commit (no .git) into a new folder; all of them or none."""
        ...


@dataclass(frozen=True, slots=True)
class PackRequest:
    """One request of git's smart HTTP protocol, as it came in.

    `path` is below the repository: `info/refs`, `git-upload-pack` or `git-receive-pack`. Headers are in lower case.
    """

    repository: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: AsyncIterator[bytes]
    user: str
    # Full refs that a push may touch, as glob patterns; empty: may only fetch.
    may_push: tuple[str, ...] = ()
    # Those of them that may also be rewritten (a forced push) and removed.
    may_rewrite: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackResponse:
    """The answer. The body must be read to its end or closed; then `moved` holds the refs that a push changed, with
    their new values.
    """

    status: int
    headers: Mapping[str, str]
    body: AsyncGenerator[bytes]
    moved: dict[str, str | None] = field(default_factory=dict[str, "str | None"])


class PackService(Protocol):
    """git over smart HTTP, streamed both ways. Only the local forge has it."""

    async def serve(self, request: PackRequest) -> PackResponse:
        """Answer one request. Raises: NotFound, Denied (a ref that may not be pushed is refused within git's own
        protocol, so that the client shows the sentence)."""
        ...
