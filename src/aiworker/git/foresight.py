"""Which changes would not go in together: tried on objects of their own, so that the repository stays as it is."""

import asyncio
import hashlib
import re
import tempfile
import zlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from aiworker.core.errors import Invalid
from aiworker.git.environment import configured
from aiworker.git.history import CommitInfo
from aiworker.git.program import Git

FOLDER_PREFIX = "trial-"
_TREES = re.compile(r"[0-9a-f]{40} [0-9a-f]{40}")
_CLEAN = "1"


@dataclass(frozen=True, slots=True)
class Change:
    """A head that shall go in. `carried`: as for `picks.lay`."""

    head: str
    carried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clash:
    """The change at place `change` conflicts in `files` with the earlier one at `beside`; None: with what is there."""

    change: int
    beside: int | None
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Merged:
    tree: str
    clean: bool
    files: tuple[str, ...]


@dataclass(slots=True)
class _Touched:
    """What a change does to the paths of its target."""

    paths: set[str] = field(default_factory=set[str])
    folders: set[str] = field(default_factory=set[str])
    added: bool = False
    removed: bool = False

    def note(self, status: str, path: str) -> None:
        self.paths.add(path)
        self.folders.update(map(str, PurePosixPath(path).parents))
        self.added |= status == "A"
        self.removed |= status == "D"

    def may_meet(self, other: "_Touched") -> bool:
        """Whether the two could be in each other's way: a path, a file where the other has a folder, a renaming."""
        return bool(
            self.paths & other.paths
            or self.paths & other.folders
            or self.folders & other.paths
            or (self.removed and other.added)
            or (self.added and other.removed)
        )


async def clashes(git: Git, onto: CommitInfo, changes: Sequence[Change], *, beside: Path) -> list[Clash]:
    """What would conflict if the changes were laid on `onto` in this order; the folder `beside` is for passing things.

    Each is tried alone, then with each earlier one that goes in. Raises: Invalid (nothing in common).
    """
    async with _aside(git, beside) as trial:
        alone = await trial.merge([(trial.carrying(onto, onto.tree, one.carried), one.head) for one in changes])
        found = [Clash(place, None, one.files) for place, one in enumerate(alone) if not one.clean]
        fits = [place for place, one in enumerate(alone) if one.clean]
        touched = await trial.touched(onto.tree, [alone[place].tree for place in fits])
        pairs = [
            (first, second)
            for at, second in enumerate(fits)
            for before, first in enumerate(fits[:at])
            if touched[before].may_meet(touched[at])
        ]
        together = await trial.merge(
            [
                (
                    trial.carrying(onto, alone[first].tree, (*changes[second].carried, changes[first].head)),
                    changes[second].head,
                )
                for first, second in pairs
            ]
        )
    found += [
        Clash(second, first, one.files) for (first, second), one in zip(pairs, together, strict=True) if not one.clean
    ]
    return sorted(found, key=lambda clash: (clash.change, -1 if clash.beside is None else clash.beside))


class _Trial:
    """A repository that sees all objects of another and keeps new ones to itself."""

    def __init__(self, git: Git, objects: Path) -> None:
        own = configured([("core.fsync", "none")]) | {"GIT_OBJECT_DIRECTORY": str(objects)}
        self._git = replace(git, environment={**git.environment, **own})
        self._objects = objects

    def carrying(self, onto: CommitInfo, tree: str, carried: Sequence[str]) -> str:
        """A commit that has this tree and counts as having merged `onto` and the carried heads."""
        if not carried and tree == onto.tree:
            return onto.sha
        parents = "".join(f"parent {parent}\n" for parent in dict.fromkeys((onto.sha, *carried)))
        who = f"AiWorker <aiworker@localhost> {onto.committed} +0000"
        return self._write(f"tree {tree}\n{parents}author {who}\ncommitter {who}\n\ntrial\n".encode())

    async def merge(self, pairs: Sequence[tuple[str, str]]) -> list[_Merged]:
        """What comes of merging each pair, all by one run of git."""
        if not pairs:
            return []
        asked = "".join(f"{ours} {theirs}\n" for ours, theirs in pairs).encode()
        finished = await self._git.run(
            "merge-tree", "--write-tree", "--stdin", "--name-only", "--no-messages", stdin=asked, ok=(0, 1, 128)
        )
        if "unrelated histories" in finished.err:
            raise Invalid("Some have no commit in common with what is there.", code="histories_unrelated")
        merged = _parsed(finished.out.decode(errors="replace"))
        if len(merged) != len(pairs):
            raise self._git.failed("merge-tree", finished.err)
        return merged

    async def touched(self, tree: str, others: Sequence[str]) -> list[_Touched]:
        """What differs between a tree and each of the others, by one run of git."""
        asked = "".join(f"{tree} {other}\n" for other in dict.fromkeys(others))
        listed = await self._git.text(
            "diff-tree", "--stdin", "-r", "--name-status", "--no-renames", stdin=asked.encode()
        )
        found = {other: _Touched() for other in others}
        now = _Touched()
        for line in listed.splitlines():
            if _TREES.fullmatch(line):
                now = found[line.split(" ")[1]]
            else:
                now.note(*line.split("\t", 1))
        return [found[other] for other in others]

    def _write(self, content: bytes) -> str:
        whole = b"commit %d\0%b" % (len(content), content)
        name = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        file = self._objects / name[:2] / name[2:]
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(zlib.compress(whole, 1))
        return name


@asynccontextmanager
async def _aside(git: Git, beside: Path) -> AsyncGenerator[_Trial]:
    folder = tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX, dir=beside, ignore_cleanup_errors=True)
    try:
        objects = Path(folder.name)
        (objects / "info").mkdir()
        (objects / "info" / "alternates").write_text(f"{git.directory.absolute() / 'objects'}\n")
        yield _Trial(git, objects)
    finally:
        await asyncio.to_thread(folder.cleanup)


def _parsed(output: str) -> list[_Merged]:
    """One after the other: `status NUL tree NUL (file NUL)* NUL`."""
    fields = iter(output.split("\0"))
    found: list[_Merged] = []
    while (status := next(fields, "")) != "":
        tree = next(fields)
        files = tuple(iter(lambda: next(fields), ""))
        found.append(_Merged(tree, status == _CLEAN, files))
    return found
