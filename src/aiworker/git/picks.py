"""Laying changes on a branch, and taking them back, without a work tree and without a merge.

Each change becomes one new commit with one parent. A merged branch could not be merged again after its revert ("Already
up to date"); a picked one can. The same input always makes the same commits, so that work which was cut short and is
done again ends where it would have ended.
"""

from collections.abc import Sequence

from aiworker.core.errors import Conflict, Invalid
from aiworker.git import history
from aiworker.git.history import CommitInfo
from aiworker.git.objects import OUR_MAIL, Signature, commit_tree, ours_at, person
from aiworker.git.program import Git

_TOGETHER = 2


class DoesNotGoIn(Conflict):
    """The changes do not fit on what is there. `files` are the paths in conflict."""

    default_code = "merge_conflict"

    def __init__(self, files: Sequence[str]) -> None:
        super().__init__(f"The changes conflict in {', '.join(files[:10]) or 'the layout of the files'}.")
        self.files = tuple(files)


async def lay(
    git: Git, onto: CommitInfo, pick: CommitInfo, *, message: str, author: str | None, carried: Sequence[str]
) -> CommitInfo:
    """One new commit on `onto` with what `pick` changed since the two parted.

    `carried` are heads that `onto` holds as commits of its own making: what `pick` built on is then not taken for a
    second, conflicting change. Raises: DoesNotGoIn; Invalid (nothing in common).
    """
    ours = onto.sha
    if carried:
        # The history as it would be if the carried heads had been merged; git finds the right base in it by itself.
        parents = dict.fromkeys((onto.sha, *carried))
        mark = ours_at(onto.committed)
        ours = await commit_tree(git, onto.tree, tuple(parents), "carried", mark, mark)
    tree = await _merge(git, ours, pick.sha)
    name, mail = person(author) if author is not None else (pick.author_name, pick.author_mail)
    return await _next(git, tree, onto, message, Signature(name, mail, pick.authored), (pick,))


async def lay_run(git: Git, onto: CommitInfo, since: str, until: CommitInfo, *, message: str) -> CommitInfo:
    """One new commit on `onto` with all that changed from `since` to `until`, which holds it. Raises: DoesNotGoIn."""
    mark = ours_at(onto.committed)
    # As a child of `since`, so that this is the base of the merge whatever the history is.
    ours = await commit_tree(git, onto.tree, (since,), "with", mark, mark)
    tree = await _merge(git, ours, until.sha)
    who = Signature(until.author_name, until.author_mail, until.authored)
    return await _next(git, tree, onto, message, who, (until,))


async def take_back(git: Git, onto: CommitInfo, commits: Sequence[CommitInfo], *, message: str) -> CommitInfo:
    """One new commit on `onto` without the changes of `commits` (oldest first, each with one parent at most).

    Raises: DoesNotGoIn; Invalid (a merge).
    """
    tree = onto.tree
    befores = await _trees_before(git, commits)
    for commit, before in zip(reversed(commits), reversed(befores), strict=True):
        # Both sides are made children of the commit, so that it is the base of the merge whatever the history is.
        mark = ours_at(commit.committed)
        ours = await commit_tree(git, tree, (commit.sha,), "with", mark, mark)
        theirs = await commit_tree(git, before, (commit.sha,), "without", mark, mark)
        try:
            tree = await _merge(git, ours, theirs)
        except DoesNotGoIn as conflict:
            conflict.details["commit"] = commit.sha
            raise
    date = max((onto.committed, *(one.committed for one in commits)))
    return await _next(git, tree, onto, message, ours_at(date), commits)


async def _trees_before(git: Git, commits: Sequence[CommitInfo]) -> list[str]:
    if any(len(commit.parents) >= _TOGETHER for commit in commits):
        raise Invalid("A merge commit cannot be taken back, only commits with one parent.", code="commit_is_merge")
    parents = [parent for commit in commits for parent in commit.parents]
    trees = {one.sha: one.tree for one in await history.show(git, parents)}
    empty = await git.text("mktree") if len(parents) < len(commits) else ""
    return [trees[commit.parents[0]] if commit.parents else empty for commit in commits]


async def _merge(git: Git, ours: str, theirs: str) -> str:
    finished = await git.run(
        "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs, ok=(0, 1, 128)
    )
    tree, *files = finished.out.decode(errors="replace").rstrip("\0").split("\0")
    if finished.code == 0:
        return tree
    if finished.code == 1:
        raise DoesNotGoIn([file for file in files if file])
    if "unrelated histories" in finished.err:
        raise Invalid("The two have no commit in common.", code="histories_unrelated")
    raise git.failed("merge-tree", finished.err)


async def _next(
    git: Git, tree: str, onto: CommitInfo, message: str, author: Signature, made_of: Sequence[CommitInfo]
) -> CommitInfo:
    committed = max((onto.committed, *(one.committed for one in made_of)))
    sha = await commit_tree(git, tree, (onto.sha,), message, author, ours_at(committed))
    return CommitInfo(sha, tree, (onto.sha,), author.name, author.mail, author.date, OUR_MAIL, committed, message)
