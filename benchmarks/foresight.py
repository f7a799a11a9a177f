"""How long it takes to foresee the conflicts of a release: `python -m benchmarks.foresight`."""

import asyncio
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from aiworker.adapters.forge import LocalForge
from aiworker.delivery.ports import Clash, Pick
from benchmarks.tables import table

MOST_MILLISECONDS = 200.0
TASKS = 20
FILES = 5_000
RUNS = 40
_PER_TASK = 6


async def main() -> int:
    """Print the figures; 1 if the promise is not kept."""
    rows: list[list[str]] = []
    slowest = 0.0
    with tempfile.TemporaryDirectory(prefix="aiworker-bench-") as folder:
        root = Path(folder)
        forge = LocalForge(root, "http://127.0.0.1:3000")
        await forge.import_repository("shop", source=None)
        start = _commit(root, "main", {f"d{n % 100}/f{n}.txt": f"{n}\n" * 20 for n in range(FILES)})
        for what, shared in (("each in files of its own", 0), ("a file that all of them change", 1)):
            picks = [_task(root, start, number, shared=shared) for number in range(TASKS)]
            took: list[float] = []
            found: list[Clash] = []
            for _ in range(RUNS):
                began = time.perf_counter()
                found = await forge.foresee("shop", onto=start, picks=picks)
                took.append((time.perf_counter() - began) * 1000)
            worst = statistics.quantiles(took, n=100)[98]
            slowest = max(slowest, worst)
            rows.append([what, str(len(found)), f"{statistics.median(took):.0f} ms", f"{worst:.0f} ms"])
    print(f"{TASKS} tasks on {FILES:,} files, {RUNS} times; promised: under {MOST_MILLISECONDS:.0f} ms\n")
    print(table(["the tasks change", "conflicts", "median", "p99"], rows))
    return 0 if slowest < MOST_MILLISECONDS else 1


def _task(root: Path, start: str, number: int, *, shared: int) -> Pick:
    own = {f"d{number}/f{number + 100 * n}.txt": f"task {number} {shared}\n" for n in range(_PER_TASK)}
    all_of_them = {"d99/f99.txt": f"task {number}\n"} if shared else {}
    commit = _commit(root, f"task-{number}-{shared}", own | all_of_them, onto=start)
    return Pick(commit, f"SHOP-{number}: change", f"SHOP-{number}")


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
