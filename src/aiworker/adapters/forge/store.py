"""The folders of the local forge: one bare repository each, and who may write to it now.

{root}/{name}.git            a bare repository
{root}/{name}.git/aiworker/  what git does not know: locks, pull requests, where it was imported from
{root}/.coming, .going       imports and removals under way; what a killed server left there is swept away
"""

import asyncio
import os
import re
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from aiworker.adapters.forge.files import sync_folder
from aiworker.adapters.forge.locks import locked, try_lock
from aiworker.core.errors import Invalid, NotFound
from aiworker.core.waiting import uninterrupted
from aiworker.git import Git, foresight, refs
from aiworker.git.refs import RefMove

OWN = "aiworker"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?")
_PATIENCE_SECONDS = 120.0
_LEFTOVER_SECONDS = 60.0


class Store:
    """Finds, makes and removes repositories."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._healed: set[str] = set()

    def path(self, name: str) -> Path:
        """Where the repository is, or would be. Raises: Invalid."""
        if _NAME.fullmatch(name) is None or ".." in name or name.endswith((".git", ".lock")):
            raise Invalid(
                "A repository's name is 1 to 100 lower-case letters, digits, dots, dashes and underscores.",
                code="repository_name_invalid",
            )
        return self.root / f"{name}.git"

    def own(self, name: str) -> Path:
        """The folder of what git does not know of the repository."""
        return self.path(name) / OWN

    def exists(self, name: str) -> bool:
        """Whether there is such a repository. Raises: Invalid."""
        return (self.path(name) / "HEAD").is_file()

    def git(self, name: str) -> Git:
        """The repository, for reading. Raises: NotFound, Invalid."""
        if not self.exists(name):
            raise _missing(name)
        return Git(self.path(name))

    async def look(self, name: str, *needed: str) -> Git:
        """The repository, for reading it as it is now. `needed`: what will be asked for, if nothing else is.

        Raises: NotFound, Invalid.
        """
        _ = needed
        return self.git(name)

    async def move(self, name: str, git: Git, moves: Sequence[RefMove]) -> None:
        """Move all of the refs, or none, of a repository that is held exclusively. Raises: RefMoved."""
        _ = name
        await refs.move(git, moves)

    @asynccontextmanager
    async def exclusive(self, name: str, *needed: str) -> AsyncGenerator[Git]:
        """The repository, for moving refs and pull requests: one at a time, over all processes.

        `needed`: commits that will be asked for. Who is cancelled lets it go at once, so threads write `uninterrupted`.
        Raises: NotFound, Invalid; Unavailable if another holds it for two minutes.
        """
        _ = needed
        async with self._turns_of(name), self._lock(name, "lock", shared=False) as held, self._watched(name):
            await self._heal(name)
            yield replace(self.git(name), held=(held,))

    @asynccontextmanager
    async def writing(self, name: str) -> AsyncGenerator[Git]:
        """The repository, for a push or a fetch: many at a time, beside the one who has it exclusively.

        Raises: as `exclusive`.
        """
        if name not in self._healed:
            async with self.exclusive(name):
                pass
        async with self._lock(name, "writers", shared=True) as held, self._watched(name):
            yield replace(self.git(name), held=(held,))

    @asynccontextmanager
    async def coming(self) -> AsyncGenerator[Path]:
        """A folder to prepare a repository in; `put` takes it to its place, else it is gone afterwards."""
        await asyncio.to_thread(self._sweep_away)
        # Not in a thread: given up meanwhile, it would leave a folder that is locked as long as this process lives.
        folder, held = self._make_room()
        try:
            yield folder
        finally:
            os.close(held)
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def put(self, coming: Path, name: str) -> bool:
        """Let a prepared folder be the repository, at once; False if another was quicker."""
        return await uninterrupted(asyncio.to_thread(_rename, coming, self.path(name)))

    async def remove(self, name: str) -> None:
        """Take the repository away, out of sight at once. Raises: as `exclusive`."""
        async with self.exclusive(name), self._lock(name, "writers", shared=False):
            gone = await uninterrupted(asyncio.to_thread(self._move_away, name))
            self._healed.discard(name)
        await asyncio.to_thread(shutil.rmtree, gone, ignore_errors=True)

    @asynccontextmanager
    async def _turns_of(self, name: str) -> AsyncGenerator[None]:
        # Waiting here costs nothing; waiting for another process means looking again and again.
        self.git(name)
        async with self._turns[name]:
            yield

    @asynccontextmanager
    async def _watched(self, name: str) -> AsyncGenerator[None]:
        try:
            yield
        except BaseException:
            # A git that was killed or given up may have left its locks behind, or half of what was pushed.
            self._healed.discard(name)
            raise

    def _lock(self, name: str, which: str, *, shared: bool) -> AbstractAsyncContextManager[int]:
        return locked(self.own(name) / which, shared=shared, seconds=_PATIENCE_SECONDS)

    async def _heal(self, name: str) -> None:
        """Once per process, and after each failure: take away what a killed git left, if no git is at work there."""
        if name in self._healed:
            return
        alone = try_lock(self.own(name) / "writers")
        if alone is None:
            return
        try:
            await uninterrupted(asyncio.to_thread(_sweep, self.path(name)))
        finally:
            os.close(alone)
        self._healed.add(name)

    def _make_room(self) -> tuple[Path, int]:
        coming = self.root / ".coming"
        coming.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=coming))
        held = try_lock(folder)
        assert held is not None  # noqa: S101 (nobody else knows the folder yet)
        return folder, held

    def _sweep_away(self) -> None:
        for leftover in (*self.root.glob(".coming/*"), *self.root.glob(".going/*")):
            with suppress(FileNotFoundError):
                # One that is new may not have its lock yet.
                if time.time() - leftover.stat().st_mtime > _LEFTOVER_SECONDS:
                    self._take_away(leftover)

    def _take_away(self, leftover: Path) -> None:
        held = try_lock(leftover)
        if held is not None:
            shutil.rmtree(leftover, ignore_errors=True)
            os.close(held)

    def _move_away(self, name: str) -> Path:
        going = self.root / ".going"
        going.mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=going))
        return self.path(name).rename(folder / "repository").parent


def _missing(name: str) -> NotFound:
    return NotFound(f"There is no repository {name}.", code="repository_not_found")


def _rename(coming: Path, to: Path) -> bool:
    try:
        coming.rename(to)
    except OSError:
        if (to / "HEAD").is_file():
            return False
        raise
    sync_folder(to.parent)
    return True


def _sweep(repository: Path) -> None:
    for lock in (*repository.glob("*.lock"), *(repository / "refs").rglob("*.lock")):
        lock.unlink(missing_ok=True)
    (repository / "gc.pid").unlink(missing_ok=True)
    for unfinished in (
        # What was pushed and not taken in: `incoming-…` by an old git, `tmp_objdir-incoming-…` by a newer one.
        *(repository / "objects").glob("*incoming-*"),
        *(repository / OWN).glob(f"{foresight.FOLDER_PREFIX}*"),
    ):
        shutil.rmtree(unfinished, ignore_errors=True)
    for leftover in (*(repository / "objects" / "pack").glob("tmp_*"), *(repository / OWN).glob("push-*")):
        leftover.unlink(missing_ok=True)
