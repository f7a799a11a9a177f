"""How long it takes to foresee the conflicts of a release: `python -m benchmarks.foresight`."""

import asyncio
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from aiworker.adapters.forge import LocalForge
from aiworker.delivery.ports import Clash, Pick
from benchmarks.tables import table

MOST_MILLISECONDS = 200.0
TASKS = 20
FILES = 5_000
RUNS = 40
_PER_TASK = 6
_LINES = 200


async def main() -> int:
    """Print the figures; 1 if the promise is not kept."""
    rows: list[list[str]] = []
    slowest = 0.0
    with tempfile.TemporaryDirectory(prefix="aiworker-bench-") as folder:
        root = Path(folder)
        forge = LocalForge(root, "http://127.0.0.1:3000")
        await forge.import_repository("shop", source=None)
        files = {f"d{n % 100}/f{n}.txt": f"{n}\n" * 20 for n in range(FILES)}
        files["d99/f99.txt"] = "".join(f"{line}\n" for line in range(_LINES))
        start = _commit(root, "main", files)
        for what, shared in (
            ("files of their own", None),
            ("one file, each elsewhere in it", _elsewhere),
            ("one file, all in the same place", _same_place),
        ):
            picks = [_task(root, start, number, shared) for number in range(TASKS)]
            took: list[float] = []
            before = _cpu()
            found: list[Clash] = []
            for _ in range(RUNS):
                began = time.perf_counter()
                found = await forge.foresee("shop", onto=start, picks=picks)
                took.append((time.perf_counter() - began) * 1000)
            worst = statistics.quantiles(took, n=100)[98]
            slowest = max(slowest, worst)
            cpu = (_cpu() - before) / RUNS
            rows.append(
                [what, str(len(found)), f"{statistics.median(took):.0f} ms", f"{worst:.0f} ms", f"{cpu:.0f} ms"]
            )
    print(f"{TASKS} tasks on {FILES:,} files, {RUNS} times; promised: under {MOST_MILLISECONDS:.0f} ms\n")
    print(table(["the tasks change", "conflicts", "median", "p99", "CPU"], rows))
    return 0 if slowest < MOST_MILLISECONDS else 1


def _cpu() -> float:
    """Of this process and of every git that has ended, in milliseconds."""
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in both) * 1000


def _task(root: Path, start: str, number: int, shared: Callable[[int], str] | None) -> Pick:
    what = shared.__name__ if shared else "own"
    files = {f"d{number}/f{number + 100 * n}.txt": f"task {number} {what}\n" for n in range(_PER_TASK)}
    if shared is not None:
        files["d99/f99.txt"] = shared(number)
    commit = _commit(root, f"task-{number}-{what}", files, onto=start)
    return Pick(commit, f"SHOP-{number}: change", f"SHOP-{number}")


def _elsewhere(number: int) -> str:
    lines = [f"{line}\n" for line in range(_LINES)]
    lines[number * 10] = f"task {number}\n"
    return "".join(lines)


def _same_place(number: int) -> str:
    return "".join(f"{line}\n" for line in range(_LINES)).replace("50\n", f"task {number}\n", 1)


def _commit(root: Path, branch: str, files: dict[str, str], onto: str | None = None) -> str:
    lines = [
        f"commit refs/heads/{branch}",
        "mark :1",
        "committer Ada <ada@example.com> 1700000000 +0000",
        "data 4\nWork",
    ]
    lines += [f"from {onto}"] if onto else []
    for path, content in files.items():
        lines += [f"M 100644 inline {path}", f"data {len(content)}\n{content}"]
    done = subprocess.run(
        ["git", f"--git-dir={root / 'shop.git'}", "fast-import", "--quiet"],
        input="\n".join([*lines, "", "get-mark :1", ""]),
        env={"PATH": os.environ["PATH"], "HOME": os.devnull},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
