"""The way between the local forge and the repository that a project was made from."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from aiworker.adapters.forge.files import write_whole
from aiworker.adapters.forge.store import OWN, Store
from aiworker.core.errors import Conflict, Invalid, NotFound
from aiworker.delivery.ports.forge import BranchMoved, CheckedOut
from aiworker.git import Git, history, names, refs, transfer
from aiworker.git.refs import RefMove, RefMoved
from aiworker.git.transfer import Rejected, Remote

_EVERYTHING = ("refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")
_FETCHED = "refs/aiworker/upstream"
_USUAL = ("main", "master")


class Upstream:
    """Imports once, then fetches and pushes; the other side is never forced and its work tree never touched."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def bring(self, name: str, source: str | None) -> None:
        """Make the repository, with the branches and tags of `source`; again with the same source changes nothing.

        Raises: Conflict if the name is taken by another source; Invalid, Unavailable.
        """
        self._store.path(name)
        if source is not None:
            names.check_upstream(source)
        if not self._store.exists(name):
            async with self._store.coming() as folder:
                await self._fill(folder / "repository", source)
                await self._store.put(folder / "repository", name)
        if await asyncio.to_thread(_mark(self._store.path(name)).read_text) != _digest(source):
            raise Conflict(f"The repository {name} was made from another source.", code="repository_exists")

    async def fetch(self, name: str, source: str, branch: str) -> str | None:
        """The branch's head after a fast-forward to the upstream's; None if neither side has it.

        Raises: BranchMoved if both have commits that the other lacks.
        """
        ref = names.branch_ref(branch)
        names.check_upstream(source)
        # Not under its own name: the upstream may have `a/b` today where it had `a` yesterday.
        fetched = f"{_FETCHED}/{hashlib.sha256(branch.encode()).hexdigest()[:16]}"
        async with self._turn(name), self._store.writing(name) as git:
            there = await transfer.fetch(git, source, [f"+{ref}:{fetched}"])
            theirs = await refs.commit_of(git, fetched) if there else None
        async with self._store.exclusive(name) as git:
            ours = await refs.commit_of(git, ref)
            if theirs is None or theirs == ours:
                return ours
            if ours is not None and await history.is_ancestor(git, theirs, ours):
                return ours
            if ours is not None and not await history.is_ancestor(git, ours, theirs):
                raise BranchMoved(
                    f"{branch} has commits here that the upstream lacks, and the upstream has some that are not here.",
                    details={"branch": branch, "ours": ours, "theirs": theirs},
                )
            try:
                await refs.move(git, [RefMove(ref, ours, theirs)])
            except RefMoved as error:
                raise BranchMoved(f"{branch} moved while it was fetched; try again.") from error
            return theirs

    async def push(self, name: str, source: str, pushed: Sequence[str]) -> None:
        """Push full refs to the upstream. Raises: BranchMoved, CheckedOut, NotFound (a ref), Invalid, Unavailable."""
        names.check_upstream(source)
        for ref in pushed:
            names.check_ref(ref)
        if not pushed:
            return
        async with self._turn(name):
            git = self._store.git(name)
            missing = set(pushed) - (await refs.values(git, pushed)).keys()
            if missing:
                raise NotFound(f"There is no {min(missing)} to push.", code="ref_not_found")
            rejected = await transfer.push(git, source, pushed)
        for one in rejected:
            raise _refusal(one)

    def _turn(self, name: str) -> asyncio.Lock:
        self._store.git(name)
        return self._turns[name]

    async def _fill(self, folder: Path, source: str | None) -> None:
        git = await transfer.init(folder, default_branch=_USUAL[0])
        if source is not None:
            remote = await transfer.look(git, source)
            if not remote.branches:
                raise Invalid("The repository has no commit on any branch.", code="upstream_empty")
            await transfer.fetch(git, source, _EVERYTHING)
            await refs.set_default_branch(git, await _chosen(git, remote))
        mark = _mark(folder)
        mark.parent.mkdir()
        await asyncio.to_thread(write_whole, mark, _digest(source).encode())


async def _chosen(git: Git, remote: Remote) -> str:
    """The branch that HEAD names; where it names none, the one it stands at; else the usual ones; else the first."""
    there = await refs.branches(git)
    if remote.default_branch in there:
        return remote.default_branch
    standing = [branch for branch, commit in sorted(there.items()) if commit == remote.head]
    for candidate in (*(usual for usual in _USUAL if usual in standing), *standing, *_USUAL):
        if candidate in there:
            return candidate
    if not there:
        raise Invalid("The repository has no commit on any branch.", code="upstream_empty")
    return min(there)


def _mark(repository: Path) -> Path:
    return repository / OWN / "source"


def _digest(source: str | None) -> str:
    # Only a digest: an address may hold a credential.
    return hashlib.sha256(source.encode()).hexdigest() if source is not None else "none"


def _refusal(rejected: Rejected) -> Conflict:
    branch = rejected.ref.removeprefix("refs/heads/")
    if "currently checked out" in rejected.reason:
        return CheckedOut(
            f"The upstream has {branch} checked out and takes no push to it; run `git pull` there.",
            details={"ref": rejected.ref},
        )
    return BranchMoved(
        f"The upstream did not take {branch}: {rejected.reason.removeprefix('[rejected] ').strip('()')}.",
        details={"ref": rejected.ref},
    )
