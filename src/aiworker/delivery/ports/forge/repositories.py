"""Repositories, and the way between them and where they came from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

# Called with a few words on how far it is, as often as there is news: `Receiving objects: 45%`.
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ForgeRepository:
    """A repository as the forge knows it. `head` is None while there is no commit.

    `remarks`: sentences on what of it does not come along with a clone (submodules, files in LFS). `id` and `url` are
    those of the forge that people look at; the built-in one has neither.
    """

    name: str
    default_branch: str
    head: str | None
    remarks: tuple[str, ...] = ()
    id: int | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A branch before and after a fetch, and where the upstream has it; None where it is not."""

    before: str | None
    head: str | None
    theirs: str | None


@dataclass(frozen=True, slots=True)
class RefusedRef:
    """A ref that the upstream did not take, and why; `checked_out`: somebody works on that branch over there."""

    ref: str
    reason: str
    checked_out: bool = False


@dataclass(frozen=True, slots=True)
class PushedUpstream:
    """What a push to the upstream did. What stood there already is in neither."""

    moved: tuple[str, ...] = ()
    refused: tuple[RefusedRef, ...] = ()


class Repositories(Protocol):
    """The part of `Forge` about repositories as a whole."""

    async def import_repository(self, name: str, *, source: str | None, told: Told | None = None) -> ForgeRepository:
        """Make the repository, from a local path or a URL if one is given. Again with the same source: no error.

        Cancelled, it leaves nothing. Raises: Invalid if the source cannot be read as a git repository, has no commit,
        is a shallow clone or names its commits by SHA-256.
        """
        ...

    async def adopt(self, source: str, *, told: Told | None = None) -> ForgeRepository | None:
        """The repository at an address of this forge itself, to be worked on where it is; None if it is elsewhere. One
        that is empty gets a first commit on its default branch.

        Raises: Denied (we may not push there), Conflict (it is archived), NotFound.
        """
        ...

    async def get_repository(self, name: str) -> ForgeRepository:
        """The repository as it is now."""
        ...

    async def delete_repository(self, name: str) -> None:
        """Remove the repository; already gone is no error. One that was adopted stays; what is kept of it here goes."""
        ...

    def clone_url(self, name: str) -> str:
        """The address agents clone from and push to (without a credential)."""
        ...

    async def account(self, name: str) -> str:
        """The login that we have where the repository is: what was done under it there, we have done ourselves."""
        ...

    async def watch(self, name: str, *, url: str, secret: str) -> None:
        """Have the forge tell `url` what people do there, signed with `secret`; registered or repaired as needed.

        Nothing to do where people have no other door than ours. Raises: Denied (the token may not keep webhooks).
        """
        ...

    async def fetch_upstream(self, name: str, *, source: str, branch: str, told: Told | None = None) -> Fetched:
        """Fetch `branch` from the upstream and fast-forward ours.

        Raises: BranchMoved if both have commits that the other lacks; NotFound if only the upstream has no such branch.
        """
        ...

    async def push_upstream(self, name: str, *, source: str, refs: Sequence[str]) -> PushedUpstream:
        """Push refs (`refs/heads/main`, `refs/tags/release-7`) to the upstream, never by force.

        Those that can go, go, also when another is refused. Where somebody works there, nothing but refs is touched.
        """
        ...

    def pull_command(self, name: str, *, source: str, branch: str) -> str:
        """What a person runs at the upstream to bring our branch into theirs."""
        ...
