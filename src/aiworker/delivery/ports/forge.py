"""The Forge port: where the code lives.

A repository is named by a short lower-case name (`shop`); commits by their 40 hex digits. Every call may raise NotFound
(no such repository, branch, commit or pull request), Invalid (a name that git does not allow) and Unavailable (the
forge does not answer; trying again is safe, each call is idempotent).
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from aiworker.core.errors import Conflict

PullRequestState = Literal["open", "merged", "closed"]
FileStatus = Literal["added", "modified", "deleted", "renamed", "copied", "type_changed"]
# Called with a few words on how far it is, as often as there is news: `Receiving objects: 45%`.
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ForgeRepository:
    """A repository as the forge knows it. `head` is None while there is no commit.

    `remarks`: sentences on what of it does not come along with a clone (submodules, files in LFS).
    """

    name: str
    default_branch: str
    head: str | None
    remarks: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit. `author` is `Name <mail>`."""

    sha: str
    parents: tuple[str, ...]
    author: str
    committed_at: datetime
    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `head` has that `base` lacks (`commits`, newest first, at most 250), and by how many each is ahead."""

    merge_base: str | None
    ahead: int
    behind: int
    commits: tuple[Commit, ...]


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One file of a diff. `patch` is unified, None if binary or left out by the limits (`truncated`)."""

    path: str
    old_path: str | None
    status: FileStatus
    additions: int
    deletions: int
    binary: bool
    truncated: bool
    patch: str | None


@dataclass(frozen=True, slots=True)
class Diff:
    """The difference between the merge base and the head, within limits (`truncated` when there is more)."""

    base: str
    head: str
    files: tuple[FileDiff, ...]
    additions: int
    deletions: int
    truncated: bool


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request. `head_commit` follows the branch while it is open."""

    number: int
    url: str
    title: str
    body: str
    head: str
    base: str
    head_commit: str
    state: PullRequestState
    merge_commit: str | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """A frozen head that becomes one new single-parent commit: its changes since the merge base, under `message`.

    `carried` are commits that this one was built on and whose changes the target holds under other names: the heads of
    tasks shipped earlier (and not rolled back), the start that its branch was given. Picks before it in the same
    integration need not be named. Without them, a task that changes what its dependency wrote conflicts with it.
    `author` (`Name <mail>`) is by default the picked commit's.
    """

    commit: str
    message: str
    label: str
    author: str | None = None
    carried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Integration:
    """What an integration made: the head of the branch, and the new commit of each pick, in order."""

    head: str
    commits: tuple[str, ...] = field(default=())


class Conflicted(Conflict):
    """A pick or a revert does not go in; nothing has moved. `label` names the pick, `files` the paths in conflict."""

    default_code = "merge_conflict"

    def __init__(self, label: str, files: Sequence[str]) -> None:
        shown = ", ".join(files[:10]) + (f" and {len(files) - 10} more" if len(files) > 10 else "")  # noqa: PLR2004
        super().__init__(f"{label} conflicts in {shown}.", details={"label": label, "files": list(files)})
        self.label = label
        self.files = tuple(files)


class BranchMoved(Conflict):
    """The branch is not where the caller thought, or the move is not a fast-forward; nothing has moved."""

    default_code = "branch_moved"


class Forge(Protocol):
    """Repositories, branches, pull requests, diffs, integration. `kind` is `local` or `gitea`.

    A `source` is an absolute path, a URL or `user@host:path`. Its credential, if it holds one, is shown to nobody.
    """

    kind: str

    async def import_repository(self, name: str, *, source: str | None, told: Told | None = None) -> ForgeRepository:
        """Make the repository, from a local path or a URL if one is given. Again with the same source: no error.

        Cancelled, it leaves nothing. Raises: Invalid if the source cannot be read as a git repository, has no commit,
        is a shallow clone or names its commits by SHA-256.
        """
        ...

    async def get_repository(self, name: str) -> ForgeRepository:
        """The repository as it is now."""
        ...

    async def delete_repository(self, name: str) -> None:
        """Remove the repository; already gone is no error."""
        ...

    def clone_url(self, name: str) -> str:
        """The address agents clone from and push to (without a credential)."""
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

    async def head(self, name: str, branch: str) -> str | None:
        """The branch's commit; None if there is no such branch."""
        ...

    async def create_branch(self, name: str, branch: str, *, at: str) -> str:
        """Make the branch at a commit; if it is there, leave it. Its head."""
        ...

    async def move_branch(self, name: str, branch: str, *, to: str, expected: str | None) -> None:
        """Fast-forward the branch from `expected` (None: make it). Already at `to`: no error. Raises: BranchMoved."""
        ...

    async def delete_branch(self, name: str, branch: str) -> None:
        """Remove the branch; already gone is no error."""
        ...

    async def tag(self, name: str, tag: str, *, at: str, message: str) -> None:
        """Make an annotated tag. The same tag at the same commit: no error. Raises: Conflict if it is elsewhere."""
        ...

    async def get_commit(self, name: str, commit: str) -> Commit:
        """The commit, in full."""
        ...

    async def is_ancestor(self, name: str, ancestor: str, descendant: str) -> bool:
        """Whether `descendant` contains `ancestor`; a commit contains itself."""
        ...

    async def compare(self, name: str, *, base: str, head: str) -> Comparison:
        """Compare two branches or commits."""
        ...

    async def diff(self, name: str, *, base: str, head: str) -> Diff:
        """The changes of `head` since it left `base`."""
        ...

    async def open_pull_request(self, name: str, *, head: str, base: str, title: str, body: str) -> PullRequest:
        """Open a pull request from branch `head` into `base`, or update the open one between the two."""
        ...

    async def get_pull_request(self, name: str, number: int) -> PullRequest:
        """The pull request as it is now."""
        ...

    async def list_pull_requests(self, name: str, *, state: PullRequestState | None = None) -> list[PullRequest]:
        """Newest first, at most 100."""
        ...

    async def comment(self, name: str, number: int, body: str) -> None:
        """Comment on a pull request. The same words again are not repeated."""
        ...

    async def list_comments(self, name: str, number: int) -> list[str]:
        """What was said on a pull request, oldest first, at most 1,000."""
        ...

    async def close_pull_request(self, name: str, number: int, *, merge_commit: str | None = None) -> None:
        """Close it, as merged if a merge commit is given. Already closed: no error."""
        ...

    async def integrate(self, name: str, *, branch: str, onto: str, picks: Sequence[Pick]) -> Integration:
        """Lay the picks on commit `onto`, each as one commit with one parent, and point `branch` (a scratch branch of
        ours, made or reset) at the result. All or nothing. A pick that changes nothing still gets its commit.

        Raises: Conflicted.
        """
        ...

    async def revert(self, name: str, *, branch: str, onto: str, commits: Sequence[str], message: str) -> Integration:
        """One commit on `onto` that takes back `commits` (oldest first, all single-parent); `branch` points at it.

        Raises: Conflicted.
        """
        ...


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
