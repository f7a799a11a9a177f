"""Where branches and tags point, and moving them: only from where they were thought to be."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiworker.core.errors import Conflict
from aiworker.git.names import NO_COMMIT
from aiworker.git.program import Git

_REFUSALS = (
    "but expected",
    "reference already exists",
    "unable to resolve reference",
    "cannot create",
    "trying to write",
    "nonexistent object",
)


class RefMoved(Conflict):
    """A ref is not where the caller thought, or may not be made; none of those named together has moved."""

    default_code = "ref_moved"


@dataclass(frozen=True, slots=True)
class RefMove:
    """A full ref's way from `old` to `new`; None: it is not there before, or shall not be there after."""

    ref: str
    old: str | None
    new: str | None


async def commit_of(git: Git, name: str) -> str | None:
    """The commit that a full ref or a commit's own name stands for; None if there is none. Tags are followed."""
    return (await commits_of(git, (name,)))[0]


async def commits_of(git: Git, names: Sequence[str]) -> list[str | None]:
    """The commits that full refs or commits' own names stand for, by one run of git. Names must have been checked."""
    return await _objects(git, [f"{name}^{{commit}}" for name in names])


async def tree_and_commits(git: Git, commit: str, names: Sequence[str]) -> list[str | None]:
    """The tree of a commit, and then what `commits_of` says of the names, by one run of git."""
    return await _objects(git, [f"{commit}^{{tree}}", *(f"{name}^{{commit}}" for name in names)])


async def _objects(git: Git, expressions: Sequence[str]) -> list[str | None]:
    asked = "".join(f"{each}\n" for each in expressions).encode()
    answer = await git.text("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked)
    return [line.split(" ")[0] if line.endswith((" commit", " tree")) else None for line in answer.splitlines()]


async def default_branch(git: Git) -> str:
    """The branch that HEAD names, whether it has a commit or not."""
    return (await git.text("symbolic-ref", "HEAD")).removeprefix("refs/heads/")


async def set_default_branch(git: Git, branch: str) -> None:
    """Let HEAD name this branch."""
    await git.run("symbolic-ref", "HEAD", f"refs/heads/{branch}")


async def values(git: Git, refs: Sequence[str]) -> dict[str, str]:
    """What the given full refs hold now; those that are not there are left out."""
    found = await git.text("for-each-ref", "--format=%(objectname) %(refname)", "--", *refs)
    pairs = (line.split(" ", 1) for line in found.splitlines())
    wanted = frozenset(refs)  # for-each-ref takes a name for a prefix too
    return {ref: value for value, ref in pairs if ref in wanted}


async def branches(git: Git) -> dict[str, str]:
    """Every branch with its commit."""
    found = await git.text("for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/heads/")
    pairs = (line.split(" ", 1) for line in found.splitlines())
    return {branch: commit for commit, branch in pairs}


async def move(git: Git, moves: Sequence[RefMove]) -> None:
    """Move all of the refs, or none. Raises: RefMoved."""
    lines = b"".join(_line(one) for one in moves)
    finished = await git.run("update-ref", "--stdin", "-z", stdin=lines, ok=(0, 128))
    if finished.code == 0:
        return
    if any(refusal in finished.err for refusal in _REFUSALS):
        raise RefMoved(f"{', '.join(one.ref for one in moves)}: another change came first, or the name is taken.")
    raise git.failed("update-ref", finished.err)


def _line(one: RefMove) -> bytes:
    old = one.old or NO_COMMIT
    if one.new is None:
        return f"delete {one.ref}\0{old}\0".encode()
    return f"update {one.ref}\0{one.new}\0{old}\0".encode()
