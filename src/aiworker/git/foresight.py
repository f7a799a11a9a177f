"""Which changes would not go in together: tried on objects of their own, so that the repository stays as it is."""

import asyncio
import hashlib
import shutil
import tempfile
import time
import zlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from aiworker.core.errors import Invalid
from aiworker.git.environment import configured
from aiworker.git.meeting import meeting
from aiworker.git.objects import OUR_MAIL
from aiworker.git.program import Git

FOLDER_PREFIX = "trial-"
_CLEAN = "1"
# So many merges are worth a second run of git.
_MANY = 8
# More pairs than so many for each change are first tried all at once.
_FEW = 2


@dataclass(frozen=True, slots=True)
class Base:
    """A commit that changes go onto, and its tree."""

    sha: str
    tree: str


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


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would conflict, and which files of each run that would be left out."""

    clashes: list[Clash]
    left_out: dict[int, tuple[str, ...]]


async def clashes(
    git: Git, onto: Base, changes: Sequence[Change], *, runs: Sequence[tuple[str, str]] = (), beside: Path
) -> Foreseen:
    """What would conflict if the changes were laid on `onto` in this order; the folder `beside` is for passing things.

    `runs`, each from one commit to a later one, go in before them where they fit. A change that does not go in alone is
    told once; another with the first that is in its way, and with all of them if that is not the very first that it
    meets. Raises: Invalid (nothing in common).
    """
    async with _aside(git, beside) as trial:
        onto, left_out = await trial.after(onto, runs)
        alone = await trial.merge([(trial.carrying(onto, onto.tree, one.carried), one.head) for one in changes])
        found = [Clash(place, None, one.files) for place, one in enumerate(alone) if not one.clean]
        fits = [place for place, one in enumerate(alone) if one.clean]
        pairs = [
            (fits[first], fits[second])
            for first, second in await meeting(trial.git, onto.tree, [alone[place].tree for place in fits])
        ]

        async def together(pairs: Sequence[tuple[int, int]]) -> list[Clash]:
            merged = await trial.merge(
                [
                    (
                        trial.carrying(onto, alone[first].tree, (*changes[second].carried, changes[first].head)),
                        changes[second].head,
                    )
                    for first, second in pairs
                ]
            )
            return [
                Clash(second, first, one.files)
                for (first, second), one in zip(pairs, merged, strict=True)
                if not one.clean
            ]

        # Nearly every clash shows with the first change that is met.
        firsts = {second: (first, second) for first, second in reversed(pairs)}
        found += await together(list(firsts.values()))
        # What does not go in is in nobody's way any more.
        out = {clash.change for clash in found}
        rest = [pair for pair in pairs if pair != firsts[pair[1]] and out.isdisjoint(pair)]
        among = sorted({place for pair in rest for place in pair})
        if len(rest) <= _FEW * len(among) or not await trial.all_go_together(
            onto, [alone[place].tree for place in among]
        ):
            found += await together(rest)
    found.sort(key=lambda clash: (clash.change, -1 if clash.beside is None else clash.beside))
    return Foreseen(found, left_out)


class _Trial:
    """A repository that sees all objects of another and keeps new ones to itself."""

    def __init__(self, git: Git, objects: Path) -> None:
        quick = [("core.fsync", "none"), ("core.looseCompression", "0")]
        own = configured(quick) | {"GIT_OBJECT_DIRECTORY": str(objects)}
        self.git = replace(git, environment={**git.environment, **own})
        self._objects = objects
        self._written: set[str] = set()
        self._who = f"AiWorker <{OUR_MAIL}> {int(time.time())} +0000"

    def carrying(self, onto: Base, tree: str, carried: Sequence[str]) -> str:
        """A commit that has this tree and counts as having merged `onto` and the carried heads."""
        if not carried and tree == onto.tree:
            return onto.sha
        return self._commit(tree, (onto.sha, *carried))

    def _commit(self, tree: str, parents_of: Sequence[str]) -> str:
        parents = "".join(f"parent {parent}\n" for parent in dict.fromkeys(parents_of))
        return self._write(f"tree {tree}\n{parents}author {self._who}\ncommitter {self._who}\n\ntrial\n".encode())

    async def after(self, onto: Base, runs: Sequence[tuple[str, str]]) -> tuple[Base, dict[int, tuple[str, ...]]]:
        """`onto` as it is once the runs have gone in, and the files of those that do not."""
        left_out: dict[int, tuple[str, ...]] = {}
        for place, (since, until) in enumerate(runs):
            (merged,) = await self.merge([(self._commit(onto.tree, (since,)), until)])
            if merged.clean:
                onto = Base(self._commit(merged.tree, (onto.sha,)), merged.tree)
            else:
                left_out[place] = merged.files
        return onto, left_out

    async def merge(self, pairs: Sequence[tuple[str, str]]) -> list[_Merged]:
        """What comes of merging each pair; of many, a half each by two runs of git side by side."""
        if len(pairs) < _MANY:
            return await self._merge(pairs)
        half = len(pairs) // 2
        one, other = await asyncio.gather(self._merge(pairs[:half]), self._merge(pairs[half:]), return_exceptions=True)
        if isinstance(one, BaseException):
            raise one
        if isinstance(other, BaseException):
            raise other
        return one + other

    async def _merge(self, pairs: Sequence[tuple[str, str]]) -> list[_Merged]:
        if not pairs:
            return []
        asked = "".join(f"{ours} {theirs}\n" for ours, theirs in pairs).encode()
        finished = await self.git.run(
            "merge-tree", "--write-tree", "--stdin", "--name-only", "--no-messages", stdin=asked, ok=(0, 1, 128)
        )
        if "unrelated histories" in finished.err:
            raise Invalid("Some have no commit in common with what is there.", code="histories_unrelated")
        merged = _parsed(finished.out.decode(errors="replace"))
        if len(merged) != len(pairs):
            raise self.git.failed("merge-tree", finished.err)
        return merged

    async def all_go_together(self, onto: Base, trees: Sequence[str]) -> bool:
        """Whether what became of `onto` in each of the trees can become of it in one: merged two by two, in turns."""
        while len(trees) > 1:
            sides = [self.carrying(onto, tree, ()) for tree in trees]
            merged = await self.merge(list(zip(sides[::2], sides[1::2], strict=False)))
            if not all(one.clean for one in merged):
                return False
            trees = [*(one.tree for one in merged), *trees[len(merged) * 2 :]]
        return True

    def _write(self, content: bytes) -> str:
        whole = b"commit %d\0%b" % (len(content), content)
        name = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        if name not in self._written:
            self._written.add(name)
            file = self._objects / name[:2] / name[2:]
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(zlib.compress(whole, 0))
        return name


@asynccontextmanager
async def _aside(git: Git, beside: Path) -> AsyncGenerator[_Trial]:
    objects = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=beside))
    try:
        (objects / "info").mkdir()
        (objects / "info" / "alternates").write_text(f"{git.directory.absolute() / 'objects'}\n")
        yield _Trial(git, objects)
    finally:
        # Hundreds of small files: who asked need not wait until they are gone.
        asyncio.get_running_loop().run_in_executor(None, partial(shutil.rmtree, objects, ignore_errors=True))


def _parsed(output: str) -> list[_Merged]:
    """One after the other: `status NUL tree NUL (file NUL)* NUL`."""
    fields = iter(output.split("\0"))
    found: list[_Merged] = []
    while (status := next(fields, "")) != "":
        tree = next(fields)
        files = tuple(iter(lambda: next(fields), ""))
        found.append(_Merged(tree, status == _CLEAN, files))
    return found
