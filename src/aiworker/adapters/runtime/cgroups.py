"""Limits that the kernel keeps: control groups (cgroup v2), where there are any that we may make.

A group of our own stands beside the one that this process is in, and holds one group for each program. Whatever does
not work (another kernel, no right to write) means that there are none, and the watchdog does it.
"""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from aiworker.core.logging import get_logger

_OURS = "aiworker.slice"
_CONTROLLERS = ("cpu", "memory")
_PERIOD_MICROSECONDS = 100_000
_KILLED = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Cgroup:
    """The group of one run."""

    path: Path

    def hold(self, *pids: int) -> None:
        """Take processes in; what they start from then on is in by itself."""
        for pid in pids:
            with suppress(OSError):
                (self.path / "cgroup.procs").write_text(str(pid))

    def members(self) -> set[psutil.Process]:
        """Every process that is in it, wherever it hides."""
        found: set[psutil.Process] = set()
        with suppress(OSError, ValueError):
            for line in (self.path / "cgroup.procs").read_text().split():
                with suppress(psutil.Error):
                    found.add(psutil.Process(int(line)))
        return found

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has ended one of them for its memory."""
        with suppress(OSError):
            killed = _KILLED.search((self.path / "memory.events").read_text())
            return killed is not None and int(killed[1]) > 0
        return False

    def remove(self) -> None:
        """Take the group away, once nobody is left in it."""
        with suppress(OSError):
            self.path.rmdir()


class Cgroups:
    """Makes groups below `base`, which is there already."""

    def __init__(self, base: Path) -> None:
        self._base = base

    @classmethod
    def find(cls, root: Path = Path("/sys/fs/cgroup"), here: Path = Path("/proc/self/cgroup")) -> "Cgroups | None":
        """Where groups can be made on this machine; None if nowhere."""
        try:
            ours = next(line for line in here.read_text().splitlines() if line.startswith("0::/"))
            own = root / ours.removeprefix("0::/")
            # A group with processes of its own hands no controllers on: ours stands beside the one we are in.
            parent = own.parent if own != root else root
            base = parent / _OURS
            _hand_on(parent)
            base.mkdir(exist_ok=True)
            _hand_on(base)
        except (OSError, StopIteration) as error:
            _log.debug("no_cgroups", reason=str(error))
            return None
        return cls(base)

    def make(self, name: str, *, memory: int, cpu: float) -> Cgroup | None:
        """A group with limits: bytes, and cores; None if the kernel does not want it."""
        path = self._base / name
        try:
            path.mkdir(exist_ok=True)
            (path / "memory.max").write_text(str(memory))
            (path / "cpu.max").write_text(f"{max(1_000, round(cpu * _PERIOD_MICROSECONDS))} {_PERIOD_MICROSECONDS}")
            # All of a program or nothing of it: half of one is worse than none.
            (path / "memory.oom.group").write_text("1")
            with suppress(OSError):
                (path / "memory.swap.max").write_text("0")
        except OSError as error:
            _log.warning("cgroup_not_made", group=name, reason=str(error))
            with suppress(OSError):
                path.rmdir()
            return None
        return Cgroup(path)

    def known(self, name: str) -> Cgroup | None:
        """A group that an earlier server made."""
        path = self._base / name
        return Cgroup(path) if path.is_dir() else None


def _hand_on(folder: Path) -> None:
    """Let the groups below have the controllers. Raises: OSError."""
    there = (folder / "cgroup.controllers").read_text().split()
    missing = [name for name in _CONTROLLERS if name not in there]
    if missing or not os.access(folder, os.W_OK):
        raise OSError(f"{folder} hands on {' '.join(there) or 'nothing'}")
    given = (folder / "cgroup.subtree_control").read_text().split()
    wanted = [f"+{name}" for name in _CONTROLLERS if name not in given]
    if wanted:
        (folder / "cgroup.subtree_control").write_text(" ".join(wanted))
