"""Runs of commits that people made on a branch where we commit, too."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiworker.git import history
from aiworker.git.history import CommitInfo
from aiworker.git.objects import OUR_MAIL
from aiworker.git.program import Git

MOST_COMMITS = 1_000


@dataclass(frozen=True, slots=True)
class Run:
    """Commits that people made one after the other: all that changed from `since` to the last of them, `until`.

    `mixed`: a merge among them brings commits of ours along, which are not people's.
    """

    since: str
    until: CommitInfo
    count: int
    mixed: bool


async def by_people(git: Git, head: str, *, without: Sequence[str]) -> tuple[str, list[Run]] | None:
    """The head's commit, and what people committed on the way there that none of `without` holds, oldest first; of the
    latest 1,000.

    None if they hold all of it, also what others than people committed.
    """
    chain = await history.first_parents(git, head, without=without, limit=MOST_COMMITS)
    if not chain:
        return None
    runs: list[list[CommitInfo]] = [[]]
    for commit in reversed(chain):
        if commit.committer_mail == OUR_MAIL or not commit.parents:
            runs.append([])
        else:
            runs[-1].append(commit)
    return chain[0].sha, [await _run(git, one, without) for one in runs if one]


async def _run(git: Git, commits: Sequence[CommitInfo], without: Sequence[str]) -> Run:
    since, until = commits[0].parents[0], commits[-1]
    merged = any(len(one.parents) > 1 for one in commits)
    mixed = merged and await history.holds_of(git, OUR_MAIL, head=until.sha, without=(since, *without))
    return Run(since, until, len(commits), mixed)
