"""What a request costs the server's process: this tree beside another, on one PostgreSQL, asked by turns.

`python -m benchmarks.requests --against FOLDER`, a checkout of the version to compare with. By turns, so that both meet
the same machine: the ratio holds also where other work goes on.
"""

import argparse
import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.engines.results import percentile
from benchmarks.scale.promises import Door, one_turn, running, written
from benchmarks.servers import Servers, servers
from benchmarks.tables import table

_WARM_UP = 10
_BACKLOG = 20
_NANOSECONDS = 1e9


class Meter:
    """Notes the CPU of a server's process and the time that each request takes, in ms."""

    def __init__(self, process: int) -> None:
        self._tasks = Path(f"/proc/{process}/task")
        self.cpu: defaultdict[str, list[float]] = defaultdict(list)
        self.wall: defaultdict[str, list[float]] = defaultdict(list)

    def __call__(self, what: str, ask: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """One request."""
        used, began = self._used(), time.perf_counter()
        answer = ask(*arguments, **named)
        self.wall[what].append(1000 * (time.perf_counter() - began))
        self.cpu[what].append(1000 * (self._used() - used))
        return answer

    def _used(self) -> float:
        """Seconds of CPU until now, of all threads, as exactly as the kernel counts."""
        return sum(int((task / "schedstat").read_text().split()[0]) for task in self._tasks.iterdir()) / _NANOSECONDS


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.requests", description=__doc__)
    parser.add_argument("--against", type=Path, required=True, metavar="FOLDER", help="another checkout")
    parser.add_argument("--samples", type=int, default=60)
    asked = parser.parse_args()
    with servers() as started:
        asyncio.run(_compare(started, asked.against / "src", asked.samples))


async def _compare(started: Servers, other: Path, samples: int) -> None:
    with ExitStack() as open_ones:
        doors: list[Door] = []
        for number, source in enumerate((other, Path(__file__).parents[1] / "src")):
            home = started.home / f"tree-{number}"
            home.mkdir()
            door = open_ones.enter_context(running(await started.another("postgresql"), home / "home", source))
            _fill(door, home)
            # What it has open is dropped by the server while the other one starts.
            door.close()
            doors.append(door)
        meters = [Meter(door.process) for door in doors]
        for number in range(_WARM_UP + samples):
            for door, meter in zip(doors, meters, strict=True):
                one_turn(door, number, meter)
    before, after = meters
    rows = [
        [
            what,
            *(f"{_median(each.cpu[what]):.1f}" for each in meters),
            f"{_median(after.cpu[what]) / _median(before.cpu[what]):.2f}",
            *(f"{_median(each.wall[what]):.1f}" for each in meters),
        ]
        for what in after.cpu
    ]
    load = os.getloadavg()[0]
    print(f"Medians of {samples}, load average {load:.1f} at the end.\n")
    print(table(["ms of a request", "CPU before", "CPU after", "ratio", "time before", "time after"], rows))


def _fill(door: Door, home: Path) -> None:
    """One of everything, and some tasks to take."""
    project = written(door, home).project
    for _ in range(_BACKLOG):
        door.call("POST", "/api/tasks", {"projectId": project, "title": "A task"})


def _median(times: list[float]) -> float:
    return percentile(times[_WARM_UP:], 0.5)


if __name__ == "__main__":
    main()
