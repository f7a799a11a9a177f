"""What is in a repository: branches, commits, diffs; and laying tasks on a branch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from aiworker.core.errors import Conflict
from aiworker.core.sayings import Sentence

CheckState = Literal["pending", "success", "failure"]
FileStatus = Literal["added", "modified", "deleted", "renamed", "copied", "type_changed"]


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
class Check:
    """What one machine says of a commit, under the name `context`."""

    context: str
    state: CheckState
    description: str
    url: str | None


@dataclass(frozen=True, slots=True)
class CommitStatus:
    """What all of them say together: `none` if nobody says anything, `success` only if each is a success."""

    state: Literal["none", "pending", "success", "failure"]
    checks: tuple[Check, ...] = ()


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
class ByHand:
    """A run of commits that people made on a branch: what changed from `since` to the last of them, `until`, which the
    `author` and the `subject` are of.

    `mixed`: a merge among them brings commits of AiWorker along, so that they cannot be told apart.
    """

    since: str
    until: str
    count: int
    author: str
    subject: str
    mixed: bool = False


@dataclass(frozen=True, slots=True)
class DoneByHand:
    """Where a branch stands, None if nothing is new there; and the runs of people's commits on it, oldest first."""

    head: str | None
    runs: tuple[ByHand, ...] = ()


@dataclass(frozen=True, slots=True)
class Laid:
    """What became of such a run: one new commit; or none, for it conflicts in `files` or is mixed."""

    commit: str | None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Integration:
    """What an integration made: the head of the branch, the new commit of each pick, and what became of each run."""

    head: str
    commits: tuple[str, ...] = field(default=())
    by_hand: tuple[Laid, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Clash:
    """The pick `label` would conflict in `files` with the pick `beside`; None: with what is there already."""

    label: str
    beside: str | None
    files: tuple[str, ...]


CONFLICTS = Sentence("conflicts_in", "{label} conflicts in {files}.")


class Conflicted(Conflict):
    """A pick or a revert does not go in; nothing has moved. `label` names the pick, `files` the paths in conflict."""

    default_code = "merge_conflict"

    def __init__(self, label: str, files: Sequence[str]) -> None:
        shown = ", ".join(files[:10]) + (f" and {len(files) - 10} more" if len(files) > 10 else "")  # noqa: PLR2004
        super().__init__(CONFLICTS(label=label, files=shown), details={"label": label, "files": list(files)})
        self.label = label
        self.files = tuple(files)


class BranchMoved(Conflict):
    """The branch is not where the caller thought, or the move is not a fast-forward; nothing has moved."""

    default_code = "branch_moved"


class Branches(Protocol):
    """The part of `Forge` about branches and commits."""

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

    async def commit_status(self, name: str, commit: str) -> CommitStatus:
        """What checks say of this very commit, the latest word of each."""
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

    async def by_hand(self, name: str, branch: str, *, without: Sequence[str]) -> DoneByHand:
        """What people committed to a branch itself (its first parents) that none of the commits `without` holds.

        Of the latest 1,000 commits. What we committed ourselves parts one run from the next.
        """
        ...

    async def integrate(
        self, name: str, *, branch: str, onto: str, picks: Sequence[Pick], by_hand: Sequence[ByHand] = ()
    ) -> Integration:
        """Lay the picks on commit `onto`, each as one commit with one parent, and point `branch` (a scratch branch of
        ours, made or reset) at the result. All or nothing. A pick that changes nothing still gets its commit.

        What people did `by_hand` goes before them in the same way, but is left out where it does not fit.
        Raises: Conflicted.
        """
        ...

    async def foresee(
        self, name: str, *, onto: str, picks: Sequence[Pick], by_hand: Sequence[ByHand] = ()
    ) -> list[Clash]:
        """What `integrate` would find, for each pick that does not go in; nothing is made, nothing moves.

        A run of commits by hand that would be left out is told by the name of its last commit.
        """
        ...

    async def revert(self, name: str, *, branch: str, onto: str, commits: Sequence[str], message: str) -> Integration:
        """One commit on `onto` that takes back `commits` (oldest first, all single-parent); `branch` points at it.

        Raises: Conflicted.
        """
        ...
