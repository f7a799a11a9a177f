"""How long it takes to foresee the conflicts of a release: `python -m benchmarks.foresight`."""

import asyncio
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.dock import Dock

from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.wire.groups import GroupCheck
from benchmarks.tables import table

MOST_MILLISECONDS = 200.0
TASKS = 20
FILES = 5_000
RUNS = 40
_PER_TASK = 6
_LINES = 200
_SHARED = "d99/f99.txt"


async def main() -> int:
    """Print the figures; 1 if the promise is not kept."""
    rows: list[list[str]] = []
    slowest = 0.0
    with tempfile.TemporaryDirectory(prefix="aiworker-bench-") as folder:
        dock = Dock(Path(folder))
        project = await _begun(dock)
        for what, shared in (
            ("files of their own", None),
            ("one file, each elsewhere in it", _elsewhere),
            ("one file, all in the same place", _same_place),
        ):
            keys = [await _approved(dock, project, number, shared) for number in range(TASKS)]
            found = await dock.delivery.foresight.check(keys)
            took: list[float] = []
            before = _cpu()
            for _ in range(RUNS):
                began = time.perf_counter()
                found = await dock.delivery.foresight.check(keys)
                took.append((time.perf_counter() - began) * 1000)
                _see(found, shared)
            worst = statistics.quantiles(took, n=100, method="inclusive")[98]
            slowest = max(slowest, worst)
            cpu = (_cpu() - before) / RUNS
            conflicts = str(len(found.conflicts))
            rows.append([what, conflicts, f"{statistics.median(took):.0f} ms", f"{worst:.0f} ms", f"{cpu:.0f} ms"])
        await dock.database.close()
    print(f"{TASKS} tasks on {FILES:,} files, {RUNS} times; promised: under {MOST_MILLISECONDS:.0f} ms\n")
    print(table(["the tasks change", "conflicts", "median", "p99", "CPU"], rows))
    return 0 if slowest < MOST_MILLISECONDS else 1


async def _begun(dock: Dock) -> ProjectRecord:
    """A release stands in staging already, and since then somebody has committed to the default branch by hand."""
    files = {f"d{n % 100}/f{n}.txt": f"{n}\n" * 20 for n in range(FILES)}
    project = await dock.start({**files, _SHARED: "".join(f"{line}\n" for line in range(_LINES))})
    await dock.ship(*[await _finished(dock, project, "First", {"first.txt": "first\n"})])
    await dock.settle(project)
    for number in range(2):
        dock.commit("main", {f"by-hand-{number}.txt": "by hand\n"}, "By hand")
    return project


async def _finished(dock: Dock, project: ProjectRecord, title: str, files: dict[str, str]) -> TaskRecord:
    task = await dock.finished(await dock.task(project, title), files)
    return await dock.approve(task, str(task.head_commit))


async def _approved(dock: Dock, project: ProjectRecord, number: int, shared: Callable[[int], str] | None) -> str:
    what = shared.__name__ if shared else "own"
    files = {f"d{number}/f{number + 100 * n}.txt": f"task {number} {what}\n" for n in range(_PER_TASK)}
    if shared is not None:
        files[_SHARED] = shared(number)
    return (await _finished(dock, project, f"Task {number}, {what}", files)).task_key


def _see(found: GroupCheck, shared: Callable[[int], str] | None) -> None:
    assert not found.missing
    assert len(found.tasks) == TASKS
    assert len(found.conflicts) == (TASKS - 1 if shared is _same_place else 0)
    assert [run.count for run in found.by_hand] == [2]


def _cpu() -> float:
    """Of this process and of every git that has ended, in milliseconds."""
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in both) * 1000


def _elsewhere(number: int) -> str:
    lines = [f"{line}\n" for line in range(_LINES)]
    lines[number * 10] = f"task {number}\n"
    return "".join(lines)


def _same_place(number: int) -> str:
    return "".join(f"{line}\n" for line in range(_LINES)).replace("50\n", f"task {number}\n", 1)


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
