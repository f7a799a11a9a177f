"""What people commit to the default branch themselves: it goes along to staging with the next release.

A release notes how far it has looked at the default branch, and which runs of commits it had to leave out; the next one
goes on from there. That stands as long as staging holds that release's commits.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from aiworker.core.errors import NotFound
from aiworker.core.sayings import Saying, Sentence
from aiworker.delivery.groups.records import GroupRecord
from aiworker.delivery.ports.forge import ByHand, Clash, Forge, Laid, Pick
from aiworker.delivery.projects.records import STAGING_BRANCH, ProjectRecord
from aiworker.wire.groups import CommitsByHand

Noted = Mapping[str, Any]

WITH = Sentence("by_hand_with", "with {along} commit(s) of {branch}")
WITHOUT = Sentence("by_hand_without", "without {left} commit(s) of {branch}")
WITH_AND_WITHOUT = Sentence("by_hand_with_and_without", "with {along} commit(s) of {branch}, without {left}")


@dataclass(frozen=True, slots=True)
class Found:
    """The default branch's head, and what people did there that staging lacks. None: staging holds all of it."""

    head: str | None
    runs: list[ByHand]

    def carried(self, picks: Sequence[Pick]) -> list[Pick]:
        """The picks, whose branches may have taken over by themselves what now comes from the default branch."""
        if self.head is None:
            return list(picks)
        return [replace(pick, carried=(*pick.carried, self.head)) for pick in picks]


NOTHING = Found(None, [])


async def lacking(forge: Forge, project: ProjectRecord, before: GroupRecord | None, *, staging: str) -> Found:
    """What people committed to the default branch that the commit `staging` lacks, oldest first.

    `before`: the last release that looked.
    """
    repository, branch = project.repository, project.default_branch
    if branch == STAGING_BRANCH:
        return NOTHING
    noted = await _standing(forge, repository, before, staging=staging, branch=branch)
    since = [] if noted is None else [str(noted["head"])]
    try:
        found = await forge.by_hand(repository, branch, without=[staging, *since])
    except NotFound:
        # Somebody has renamed the branch; that is told when it is needed.
        return NOTHING
    left_out = [
        run
        for run, laid in read(noted)
        if laid.commit is None and not await _holds(forge, repository, staging, run.until)
    ]
    head = found.head or next(iter(since), None)
    return Found(head, [*left_out, *found.runs])


async def _standing(
    forge: Forge, repository: str, before: GroupRecord | None, *, staging: str, branch: str
) -> Noted | None:
    """What a release noted, unless somebody has set one of the branches back since."""
    if before is None or before.by_hand is None or before.staging_commit is None:
        return None
    stand = await asyncio.gather(
        _holds(forge, repository, staging, before.staging_commit),
        _holds(forge, repository, branch, before.by_hand["head"]),
    )
    return before.by_hand if all(stand) else None


async def _holds(forge: Forge, repository: str, where: str, commit: str) -> bool:
    if where == commit:
        return True
    try:
        return await forge.is_ancestor(repository, commit, where)
    except NotFound:
        return False


def note(head: str | None, runs: Sequence[ByHand], laid: Sequence[Laid]) -> Noted | None:
    """What a release keeps of it."""
    if head is None:
        return None
    told = [
        {**asdict(run), "commit": one.commit, "files": list(one.files)} for run, one in zip(runs, laid, strict=True)
    ]
    return {"head": head, "runs": told}


def read(noted: Noted | None) -> list[tuple[ByHand, Laid]]:
    """The runs that a release noted, and what became of them."""
    return [
        (
            ByHand(**{key: value for key, value in run.items() if key not in {"commit", "files"}}),
            Laid(run["commit"], tuple(run["files"])),
        )
        for run in (noted or {}).get("runs", ())
    ]


def commits(noted: Noted | None) -> list[str]:
    """The commits that these became in staging, oldest first."""
    return [laid.commit for _, laid in read(noted) if laid.commit is not None]


def told(branch: str, runs: Sequence[tuple[ByHand, Laid]]) -> Saying | None:
    """In words: what goes along, and what is left out. The release itself says which, and why."""
    along = sum(run.count for run, laid in runs if laid.commit is not None)
    left = sum(run.count for run, laid in runs if laid.commit is None)
    if along and left:
        return WITH_AND_WITHOUT(along=along, left=left, branch=branch)
    if left:
        return WITHOUT(left=left, branch=branch)
    return WITH(along=along, branch=branch) if along else None


def foreseen(runs: Sequence[ByHand], clashes: Sequence[Clash]) -> list[CommitsByHand]:
    """What would become of the runs, as it travels."""
    files = {clash.label: clash.files for clash in clashes}
    return [_shown(run, Laid(None, files.get(run.until, ())), run.mixed or run.until in files) for run in runs]


def shown(runs: Sequence[tuple[ByHand, Laid]]) -> list[CommitsByHand]:
    """As they travel."""
    return [_shown(run, laid, laid.commit is None) for run, laid in runs]


def _shown(run: ByHand, laid: Laid, left_out: bool) -> CommitsByHand:
    return CommitsByHand(
        since=run.since,
        until=run.until,
        count=run.count,
        author=run.author,
        subject=run.subject,
        staging_commit=laid.commit,
        conflict_files=list(laid.files),
        left_out=left_out,
    )
