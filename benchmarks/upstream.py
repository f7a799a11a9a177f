"""What a large repository costs the server: made into a project, cloned, pushed to, fetched again.

`python -m benchmarks.upstream [--megabytes 1024]`; on Linux, for it reads a process's own high-water mark.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.start import running

MOST_MEGABYTES = 300.0
_BLOB_MEGABYTES = 16
_PUSHED_MEGABYTES = 128
_MEGABYTE = 1024 * 1024
_EVERY_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of each step, and the most memory in MB: of the server, and of the git programs that it ran."""

    seconds: dict[str, float]
    server: float
    git: float


def main() -> int:
    """Print the figures; 1 if the promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1024, help="how much history the repository has")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aiworker-upstream-") as folder:
        cost = measure(Path(folder), megabytes=asked.megabytes)
    for step, seconds in cost.seconds.items():
        print(f"{step:<34} {seconds:7.1f} s")
    print(f"{'most memory of the server':<34} {cost.server:7.0f} MB  (promised: under {MOST_MEGABYTES:.0f} MB)")
    print(f"{'most memory of its git programs':<34} {cost.git:7.0f} MB")
    return 0 if cost.server < MOST_MEGABYTES else 1


def measure(folder: Path, *, megabytes: int) -> Cost:
    """Take a repository of that size through its whole life here."""
    seconds: dict[str, float] = {}

    def timed(step: str, act: Callable[[], object]) -> None:
        began = time.monotonic()
        act()
        seconds[step] = time.monotonic() - began

    upstream, home, clone = folder / "upstream", folder / "home", folder / "clone"
    timed(f"make {megabytes} MB of history", lambda: make_history(upstream, megabytes))
    with running(home) as (server, _), _watched(server) as most:
        timed("project add", lambda: _aiworker(home, "project", "add", "Large", "--repo", str(upstream), "--no-push"))
        timed("clone", lambda: _git(folder, "clone", "--quiet", _address(home), str(clone)))
        (clone / "large.bin").write_bytes(os.urandom(_PUSHED_MEGABYTES * _MEGABYTE))
        _git(clone, "add", "large.bin")
        _git(clone, *_ADA, "commit", "--quiet", "-m", "Large")
        timed(f"push {_PUSHED_MEGABYTES} MB", lambda: _git(clone, "push", "--quiet", "origin", "HEAD:refs/heads/large"))
        _git(upstream, *_ADA, "commit", "--quiet", "--allow-empty", "-m", "Later")
        timed("project sync", lambda: _aiworker(home, "project", "sync", "LARGE"))
        high_water = _high_water(server)
    return Cost(seconds, high_water, most[0])


def make_history(folder: Path, megabytes: int) -> None:
    """A repository of random files, each commit one, written by `git fast-import` without compressing them."""
    folder.mkdir()
    _git(folder, "init", "--quiet", "--initial-branch=main")
    # Large files go straight into the pack, without a search for what they have in common.
    settings = ("core.compression=0", "pack.compression=0", "core.bigFileThreshold=1m")
    command = ["git", *(part for one in settings for part in ("-c", one)), "fast-import", "--quiet"]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE) as importing:
        assert importing.stdin is not None
        for number in range(1, megabytes // _BLOB_MEGABYTES + 1):
            size = _BLOB_MEGABYTES * _MEGABYTE
            importing.stdin.write(
                b"commit refs/heads/main\ncommitter Ada <ada@example.com> %d +0000\ndata 2\nN\n"
                % (1_700_000_000 + number)
            )
            importing.stdin.write(b"M 644 inline file-%d.bin\ndata %d\n" % (number, size) + os.urandom(size) + b"\n")
    if importing.returncode != 0:
        raise SystemExit("git fast-import failed")


_ADA = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")


@contextmanager
def _watched(server: psutil.Process) -> Generator[list[float]]:
    """The most that the programs below the server held together, in MB, looked at twenty times a second."""
    most = [0.0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_EVERY_SECONDS):
            held = 0
            for child in server.children(recursive=True):
                try:
                    held += child.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            most[0] = max(most[0], held / _MEGABYTE)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def _high_water(process: psutil.Process) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]) / 1024


def _address(home: Path) -> str:
    url: str = json.loads((home / "server.json").read_text())["url"]
    key = (home / "admin.key").read_text().strip()
    return f"{url}/git/large.git".replace("://", f"://ada:{key}@")


def _aiworker(home: Path, *words: str) -> None:
    environment = {**os.environ, "AIWORKER_HOME": str(home)}
    subprocess.run([sys.executable, "-m", "aiworker", *words], env=environment, check=True, stdout=subprocess.DEVNULL)


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True)


if __name__ == "__main__":
    sys.exit(main())
