"""A process that has everything loaded and forks modules of the SDK, so that each costs no second of imports.

`python -m tests.faults.nursery` reads a line of JSON for each (`Born`) and answers its process id. They are real
processes: each has its own signals, threads and files, and can be killed. When its input ends, so does it.
"""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self
from unittest.mock import patch

from tests.faults.ledger import Ledger
from tests.faults.sdk_module import module
from tests.support.waiting import eventually

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Born:
    """What a module is started with. `fault`: the point at which it dies, and the file that says that it did.
    `door`: it tells at a door of its own whether it has something in hand."""

    ledger: str
    key: str
    url: str
    home: str
    log: str
    fault: str | None = None
    door: bool = False


class Nursery:
    """The process, seen from the test."""

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.nursery"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=_ROOT,
        )
        self._children: list[Child] = []
        return self

    async def __aexit__(self, *_: object) -> None:
        for child in self._children:
            child.kill()
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def start(self, born: Born) -> "Child":
        """A module that runs."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write((json.dumps(asdict(born)) + "\n").encode())
        child = Child(int(await self._process.stdout.readline()))
        self._children.append(child)
        return child


class Child:
    """A process that is somebody else's child: it is gone as soon as it ends."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    @property
    def lives(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        """kill -9."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    async def gone(self) -> None:
        await eventually(lambda: not self.lives, within=60)

    async def stop(self) -> None:
        """SIGTERM, and until it has ended."""
        os.kill(self.pid, signal.SIGTERM)
        await self.gone()


def main() -> None:
    # Nobody asks how they ended, so nothing is left of them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            _live(Born(**json.loads(line)))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _live(born: Born) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(born.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for of_parent, mine in ((0, nothing), (1, log), (2, log)):
        os.dup2(mine, of_parent)
    os.environ["AIWORKER_HOME"] = born.home
    os.environ.pop("AIWORKER_FAULT", None)
    if born.fault is not None:
        os.environ["AIWORKER_FAULT"] = born.fault
    # Few robots make many batches.
    with patch("aiworker.sdk.endings._AT_ONCE", 3), patch("aiworker.sdk.endings._GATHERED_SECONDS", 0.2):
        module(Ledger(Path(born.ledger)), health_port=0 if born.door else None).run(url=born.url, token=born.key)
    os._exit(0)


if __name__ == "__main__":
    main()
