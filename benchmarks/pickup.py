"""How long an idle module waits for a robot: from the call that makes it, over HTTP, to the start of its handler.

Three processes, as they are in use: this one makes robots one by one, with pauses, `aiworker up` has them, and a module
of the SDK takes them. `--against FOLDER`: beside another checkout, by turns, so that both meet the same machine.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from aiworker.sdk import Context, Module
from benchmarks.engines.contestants.protocol import payload
from benchmarks.engines.results import percentile
from benchmarks.scale.promises import Door, running
from benchmarks.servers import Servers, servers
from benchmarks.tables import table

_TYPE = "ocr.read"
_WARM_UP = 20
_SETTLE_SECONDS = 3.0
_SPACING = 0.1
_KINDS = ("postgresql", "mariadb", "sqlite")
_SOURCE = Path(__file__).parents[1] / "src"


@dataclass(slots=True)
class Waits:
    """Milliseconds from each call: until it was answered, and until the handler began."""

    answered: list[float] = field(default_factory=list[float])
    begun: list[float] = field(default_factory=list[float])


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pickup", description=__doc__)
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="another checkout")
    parser.add_argument("--on", nargs="+", choices=_KINDS, default=_KINDS, metavar="KIND", help=", ".join(_KINDS))
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--module", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.module is not None:
        asyncio.run(_work(*asked.module))
        return 0
    trees = {"now": _SOURCE} if asked.against is None else {"before": asked.against / "src", "now": _SOURCE}
    rows: list[list[str]] = []
    for kind in asked.on:
        with servers() as started:
            found = asyncio.run(_measured(started, kind, list(trees.values()), asked.samples))
        rows += [[kind, tree, *_shown(waits)] for tree, waits in zip(trees, found, strict=True)]
    print(f"{asked.samples} robots each, load average {os.getloadavg()[0]:.1f} at the end; ms.\n")
    print(table(["", "", "answered, p50", "begun, p50", "p10", "p99"], rows))
    return 0


async def _measured(started: Servers, kind: str, trees: Sequence[Path], samples: int) -> list[Waits]:
    with ExitStack() as opened:
        pairs: list[tuple[Door, IO[str]]] = []
        for number, source in enumerate(trees):
            home = started.home / f"tree-{number}"
            door = opened.enter_context(running(await started.another(kind), home, source))
            pairs.append((door, opened.enter_context(_module(home, source))))
            # What it has open is dropped by the server while the next one starts.
            door.close()
        await asyncio.sleep(_SETTLE_SECONDS)
        waits = [Waits() for _ in pairs]
        for number in range(_WARM_UP + samples):
            for (door, told), each in zip(pairs, waits, strict=True):
                sent = time.monotonic_ns()
                door.call("POST", "/api/robots", {"robotType": _TYPE, "inputData": payload(number)})
                answered = time.monotonic_ns()
                begun = int(told.readline())
                if number >= _WARM_UP:
                    each.answered.append((answered - sent) / 1e6)
                    each.begun.append((begun - sent) / 1e6)
                # Uneven, so that nobody's polling falls into step with it.
                await asyncio.sleep(_SPACING * (0.5 + (number * 0.618) % 1))
        return waits


@contextmanager
def _module(home: Path, source: Path) -> Generator[IO[str]]:
    """A module's process, and where it tells when it began what."""
    address = json.loads((home / "server.json").read_text())["url"]
    environment = {**os.environ, "PYTHONPATH": str(source), "AIWORKER_HOME": str(home)}
    command = [sys.executable, "-m", "benchmarks.pickup", "--module", address, (home / "admin.key").read_text().strip()]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process.stdout
        finally:
            process.kill()


async def _work(url: str, key: str) -> None:
    module = Module("reader")

    @module.handler(_TYPE)
    async def read(_: Context) -> None:  # pyright: ignore[reportUnusedFunction]
        print(time.monotonic_ns(), flush=True)

    print("ready", flush=True)
    await module.serve(asyncio.Event(), url=url, token=key)


def _shown(waits: Waits) -> list[str]:
    figures = (
        percentile(waits.answered, 0.5),
        *(percentile(waits.begun, part) for part in (0.5, 0.1, 0.99)),
    )
    return [f"{each:.1f}" for each in figures]


if __name__ == "__main__":
    sys.exit(main())
