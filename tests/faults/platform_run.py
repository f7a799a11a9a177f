"""The story on the platform, once for each way to misbehave, and with `kill -9` in between.

`python -m tests.faults.platform_run` tells all of them and adds a line for each to benchmarks/platform.md; `--seed`
repeats a run, `--only` picks some.
"""

import argparse
import asyncio
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.book import Book
from tests.support.platform import platform
from tests.support.platform_story import Road
from tests.support.platform_troubles import PASSING, REFUSING, WELL, Misbehaviour, killed

BOOK = "platform.md"
# Beside one telling for each misbehaviour.
KILLS, MIXED = "kill -9", "anything, kill -9"
_KILLED_TELLINGS = 3
_LINES_SHOWN = 40
# Between a neighbour's yes and our record of it.
BETWEEN = (
    "git.pushed",
    "gitea.moved",
    "gitea.merged",
    "merge.group:after:pull-request",
    "merge.group:after:merge",
    "argocd.applied",
    "deploy.staging:after:roll-out",
    "deploy.production:after:merge",
    "deploy.production:after:tag",
    "deploy.rollback:after:revert",
)


@dataclass(frozen=True, slots=True)
class Telling:
    """One story: what goes wrong at each of its steps. `insists`: people say again what was refused. `fault`: where the
    server dies, once."""

    name: str
    seed: int
    misbehaviours: Sequence[Misbehaviour]
    insists: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it."""

    telling: Telling
    kills: int
    again: list[str]
    seconds: float

    @property
    def cells(self) -> tuple[str | int, ...]:
        """For the book of tellings."""
        return (self.telling.name, self.telling.seed, self.kills, len(self.again), f"{self.seconds:.0f}")


def tellings(seed: int) -> list[Telling]:
    """All of them, each with a seed of its own."""
    each = [Telling(name, seed, (one,)) for name, one in PASSING.items()]
    each += [Telling(name, seed, (one,), insists=True) for name, one in REFUSING.items()]
    each += [Telling(f"dies at {point}", seed, (WELL,), insists=True, fault=point) for point in BETWEEN]
    for number in range(_KILLED_TELLINGS):
        each.append(Telling(KILLS, seed + number, (killed,), insists=True))
        each.append(Telling(MIXED, seed + number, (*PASSING.values(), *[killed] * 8), insists=True))
    return each


async def tell(telling: Telling, folder: Path) -> Told:
    """One story, in a folder of its own. It prints its seed before it begins."""
    sys.stderr.write(f"the story with {telling.name}, seed {telling.seed}\n")
    began = time.monotonic()
    async with platform(folder, fault=telling.fault) as world:
        road = Road(world, random.Random(telling.seed), telling.misbehaviours, insists=telling.insists)
        await road.tell()
        await road.end()
        assert world.kills or not telling.fault, f"the server never came to {telling.fault}"
        return Told(telling, world.kills, road.again, time.monotonic() - began)


def _last_words(folder: Path) -> str:
    """The end of what the servers of a telling said, before it goes with the folder."""
    log = folder / "server.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"    {line}" for line in lines[-_LINES_SHOWN:])


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--only", nargs="*", default=[])
    given = parser.parse_args()
    book = Book(BOOK)
    failed = 0
    for telling in tellings(given.seed):
        if given.only and telling.name not in given.only:
            continue
        with tempfile.TemporaryDirectory(prefix="aiworker-platform-", ignore_cleanup_errors=True) as folder:
            try:
                told = asyncio.run(tell(telling, Path(folder)))
            except Exception as error:  # noqa: BLE001 (the others are told all the same)
                failed += 1
                told_of = "; ".join([str(error), *getattr(error, "__notes__", ())])
                sys.stderr.write(f"  FAILED: {type(error).__name__}: {told_of}\n{_last_words(Path(folder))}\n")
                continue
        for said in told.again:
            sys.stderr.write(f"  said again after: {said}\n")
        book.add(*told.cells)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
