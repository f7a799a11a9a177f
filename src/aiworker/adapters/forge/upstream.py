"""The way between the local forge and the repository that a project was made from."""

import asyncio
import hashlib
import shlex
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from aiworker.adapters.forge.files import write_whole
from aiworker.adapters.forge.store import OWN, Store
from aiworker.core.errors import Conflict, Invalid, NotFound
from aiworker.delivery.ports.forge import BranchMoved, Fetched, PushedUpstream, RefusedRef, Told
from aiworker.git import Git, addresses, at_rest, history, names, refs, transfer
from aiworker.git.addresses import Address
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

    async def bring(self, name: str, source: str | None, told: Told | None) -> None:
        """Make the repository, with the branches and tags of `source`; again with the same source changes nothing.

        Raises: Conflict if the name is taken by another source; Invalid, Unavailable.
        """
        self._store.path(name)
        address = None if source is None else addresses.read(source)
        if not self._store.exists(name):
            async with self._store.coming() as folder:
                await self._fill(folder / "repository", address, told)
                await self._store.put(folder / "repository", name)
        if await asyncio.to_thread(_mark(self._store.path(name)).read_text) != _digest(address):
            raise Conflict(f"The repository {name} was made from another source.", code="repository_exists")

    async def fetch(self, name: str, source: str, branch: str, told: Told | None) -> Fetched:
        """The branch after a fast-forward to the upstream's.

        Raises: BranchMoved if both have commits that the other lacks; NotFound if only the upstream has no such branch.
        """
        ref = names.branch_ref(branch)
        address = addresses.read(source)
        if (same := await asyncio.to_thread(_same, self._store.path(name), address, ref)) is not None:
            return Fetched(same, same, same)
        # Not under its own name: the upstream may have `a/b` today where it had `a` yesterday.
        fetched = f"{_FETCHED}/{hashlib.sha256(branch.encode()).hexdigest()[:16]}"
        async with self._turn(name), self._store.writing(name) as git:
            there = await transfer.fetch(git, address, [f"+{ref}:{fetched}"], heard=told)
        async with self._store.exclusive(name) as git:
            ours, theirs = await refs.commits_of(git, (ref, fetched))
            if not there and ours is not None:
                raise NotFound(f"{address.url} has no branch {branch}.", code="upstream_branch_missing")
            if not there or theirs is None or theirs == ours:
                return Fetched(ours, ours, theirs if there else None)
            if ours is not None and await history.is_ancestor(git, theirs, ours):
                return Fetched(ours, ours, theirs)
            if ours is not None and not await history.is_ancestor(git, ours, theirs):
                raise BranchMoved(
                    f"{branch} has commits here that {address.url} lacks, and {address.url} has some that are not"
                    " here.",
                    details={"branch": branch, "ours": ours, "theirs": theirs},
                )
            try:
                await self._store.move(name, git, [RefMove(ref, ours, theirs)])
            except RefMoved as error:
                raise Conflict(f"{branch} moved while it was fetched; try again.", code="ref_moved") from error
            return Fetched(ours, theirs, theirs)

    async def push(self, name: str, source: str, pushed: Sequence[str]) -> PushedUpstream:
        """Push full refs to the upstream. Raises: NotFound (a ref), Invalid, Unavailable."""
        address = addresses.read(source)
        for ref in pushed:
            names.check_ref(ref)
        if not pushed:
            return PushedUpstream()
        async with self._turn(name):
            git = self._store.git(name)
            missing = set(pushed) - (await refs.values(git, pushed)).keys()
            if missing:
                raise NotFound(f"There is no {min(missing)} to push.", code="ref_not_found")
            done = await transfer.push(git, address, pushed)
        return PushedUpstream(done.moved, tuple(_refusal(one) for one in done.rejected))

    def pull_command(self, name: str, source: str, branch: str, clone_url: str) -> str:
        """On this machine by the path of our repository, for which nobody needs a key."""
        folder = addresses.read(source).folder
        if folder is None:
            return f"git pull --no-rebase {shlex.quote(clone_url)} {shlex.quote(branch)}"
        words = ("git", "-C", str(folder), "pull", "--no-rebase", str(self._store.path(name)), branch)
        return shlex.join(words)

    def _turn(self, name: str) -> asyncio.Lock:
        self._store.git(name)
        return self._turns[name]

    async def _fill(self, folder: Path, address: Address | None, told: Told | None) -> None:
        git = await transfer.init(folder, default_branch=_USUAL[0])
        if address is not None:
            remote = await transfer.look(git, address)
            if not remote.branches:
                raise Invalid(
                    f"{address.url} has no commit on any branch; make one there first.", code="upstream_empty"
                )
            await transfer.fetch(git, address, _EVERYTHING, heard=told)
            await refs.set_default_branch(git, await _chosen(git, remote))
        mark = _mark(folder)
        mark.parent.mkdir()
        await asyncio.to_thread(write_whole, mark, _digest(address).encode())


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


def _same(repository: Path, upstream: Address, ref: str) -> str | None:
    """The commit at which the ref stands on both sides, where both are on this machine: git would bring nothing."""
    theirs = None if upstream.folder is None else at_rest.commit_at(upstream.folder, ref)
    return theirs if theirs is not None and theirs == at_rest.commit_at(repository, ref) else None


def _mark(repository: Path) -> Path:
    return repository / OWN / "source"


def _digest(address: Address | None) -> str:
    return hashlib.sha256(address.url.encode()).hexdigest() if address is not None else "none"


def _refusal(rejected: Rejected) -> RefusedRef:
    if "currently checked out" in rejected.reason:
        return RefusedRef(rejected.ref, "it is checked out there", checked_out=True)
    for words in ("[remote rejected] ", "[rejected] "):
        if words in rejected.reason:
            return RefusedRef(rejected.ref, rejected.reason.partition(words)[2].strip("()"))
    return RefusedRef(rejected.ref, rejected.reason.strip("[]()"))
