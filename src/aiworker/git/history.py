"""Commits, their ancestry, and who wrote them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aiworker.git.process import GitFailed
from aiworker.git.program import Git

_FORMAT = "%H%n%T%n%P%n%an%n%ae%n%ad%n%ce%n%ct%n%B"
_RAW_DATE = re.compile(r"\d{1,11} [+-]\d{4}")
_NOT_THERE = 128
_LATEST = 253_402_300_799  # the last second of the year 9999


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """One commit. `authored` is git's raw date (`1700000000 +0100`), `committed` is in seconds since 1970."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author_name: str
    author_mail: str
    authored: str
    committer_mail: str
    committed: int
    message: str

    @property
    def subject(self) -> str:
        """The message's first line."""
        return self.message.strip().split("\n", 1)[0]

    @property
    def committed_at(self) -> datetime:
        """The committer's date."""
        return datetime.fromtimestamp(self.committed, UTC)


async def show(git: Git, commits: Sequence[str]) -> list[CommitInfo]:
    """These very commits, in the order given. They must be there."""
    if not commits:
        return []
    found = await _log(git, "--no-walk=unsorted", "--end-of-options", *dict.fromkeys(commits))
    by_name = {one.sha: one for one in found}
    return [by_name[commit] for commit in commits]


async def lacking(git: Git, *, base: str, head: str, limit: int) -> list[CommitInfo]:
    """What `head` has and `base` lacks, newest first, at most `limit`."""
    return await _log(git, f"--max-count={limit}", "--topo-order", "--end-of-options", head, f"^{base}")


async def first_parents(git: Git, head: str, *, without: Sequence[str], limit: int) -> list[CommitInfo]:
    """The commits that a branch itself went through, newest first, at most `limit`: not those that were merged into it,
    nor what `without` holds."""
    others = [f"^{commit}" for commit in without]
    return await _log(git, f"--max-count={limit}", "--first-parent", "--end-of-options", head, *others)


async def holds_of(git: Git, mail: str, *, head: str, without: Sequence[str]) -> bool:
    """Whether `head` holds a commit by this committer that none of `without` holds."""
    others = [f"^{commit}" for commit in without]
    wanted = ("--max-count=1", "--fixed-strings", f"--committer=<{mail}>")
    return bool(await _log(git, *wanted, "--end-of-options", head, *others))


async def ahead_behind(git: Git, *, base: str, head: str) -> tuple[int, int]:
    """How many commits `head` has that `base` lacks, and the other way round."""
    counts = await git.text("rev-list", "--count", "--left-right", "--end-of-options", f"{head}...{base}", "--")
    ahead, behind = counts.split("\t")
    return int(ahead), int(behind)


async def merge_base(git: Git, one: str, other: str) -> str | None:
    """The best common ancestor; None if the two have nothing in common."""
    finished = await git.run("merge-base", "--end-of-options", one, other, ok=(0, 1))
    return finished.out.decode().split("\n", 1)[0] or None


async def is_ancestor(git: Git, ancestor: str, descendant: str) -> bool:
    """Whether `descendant` contains `ancestor`; a commit contains itself. Both must be there."""
    found = await contains(git, descendant, ancestor)
    if found is None:
        raise GitFailed(f"git cannot tell whether {descendant} holds {ancestor}.")
    return found


async def contains(git: Git, descendant: str, ancestor: str) -> bool | None:
    """The same of commits or full refs; None if one of them is not there."""
    asked = ("merge-base", "--is-ancestor", "--end-of-options", ancestor, descendant)
    finished = await git.run(*asked, ok=(0, 1, _NOT_THERE))
    return None if finished.code == _NOT_THERE else finished.code == 0


async def _log(git: Git, *arguments: str) -> list[CommitInfo]:
    finished = await git.run("log", "-z", f"--format={_FORMAT}", "--date=raw", *arguments, "--")
    return [_parse(record) for record in finished.out.decode(errors="replace").split("\0") if record]


def _parse(record: str) -> CommitInfo:
    try:
        sha, tree, parents, name, mail, authored, committer, committed, message = record.split("\n", 8)
    except ValueError as error:
        raise GitFailed("git log answered in a form that is not known.") from error
    return CommitInfo(
        sha=sha,
        tree=tree,
        parents=tuple(parents.split()),
        author_name=name,
        author_mail=mail,
        authored=authored if _RAW_DATE.fullmatch(authored) else "0 +0000",
        committer_mail=committer,
        committed=min(int(committed), _LATEST) if committed.isdigit() else 0,
        message=message.rstrip("\n"),
    )
