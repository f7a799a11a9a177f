"""What a runner keeps on disk, so that it goes on after an end of any kind: who it is, and what it is at."""

import fcntl
import os
import re
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from aiworker.core.files import write_private
from aiworker.wire.engine import ErrorCategory
from aiworker.wire.work import NextTask, UsageReport, WorkProject, WorkTask


class KeptSession(BaseModel):
    """The program's own conversation."""

    id: str
    cost_usd: float = 0.0


class Verdict(BaseModel):
    """What the runner has decided about an attempt, until the server has heard it."""

    kind: Literal["hand_in", "fail", "release"]
    words: str
    category: ErrorCategory = ErrorCategory.APPLICATION


class Kept(BaseModel):
    """One attempt. `token` marks its processes. `ready`: its clone is made and set up.

    `usage`: what it has used in all, and the denials that the server has not heard of; `reported`: it has heard all.
    `budget`: dollars that are left, if there is a limit. `parked`: it waits for people, without a process.
    """

    work: NextTask
    token: str
    key: str = ""
    branch: str | None = None
    ready: bool = False
    session: KeptSession | None = None
    usage: UsageReport = UsageReport()
    reported: bool = True
    budget: float | None = None
    parked: bool = False
    verdict: Verdict | None = None

    @property
    def attempt(self) -> str:
        """The token that the server knows it by."""
        return self.work.attempt or ""

    @property
    def task(self) -> WorkTask:
        """What is to be done."""
        if self.work.task is None:
            raise AssertionError("there is a task")
        return self.work.task

    @property
    def project(self) -> WorkProject:
        """Where."""
        if self.work.project is None:
            raise AssertionError("a task has a project")
        return self.work.project

    def is_at(self, work: NextTask) -> bool:
        """Whether that is this very attempt."""
        return work.task is not None and (work.task.id, work.attempt_number) == (
            self.task.id,
            self.work.attempt_number,
        )


class AttemptFolder:
    """Everything of one attempt. Nobody else may look into it: it holds the attempt's key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def repository(self) -> Path:
        """The clone."""
        return self.path / "repository"

    @property
    def log(self) -> Path:
        """What the server has not been told yet."""
        return self.path / "log.jsonl"

    def save(self, kept: Kept) -> None:
        """Write down where the attempt is."""
        write_private(self.path / "attempt.json", kept.model_dump_json(by_alias=True))

    def load(self) -> Kept | None:
        """Where the attempt was; None if nothing readable was written."""
        try:
            return Kept.model_validate_json((self.path / "attempt.json").read_text(encoding="utf-8"))
        except (OSError, ValidationError):
            return None

    def remove(self) -> None:
        """The attempt is over."""
        shutil.rmtree(self.path, ignore_errors=True)


class SlotFolder:
    """One agent of this machine: its name, and the attempts that it has not done with."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def name(self) -> str | None:
        """As whom it was registered last."""
        with suppress(OSError):
            return (self.path / "name").read_text(encoding="utf-8").strip() or None
        return None

    def remember(self, name: str) -> None:
        """It is registered as `name`."""
        write_private(self.path / "name", name)

    def attempt(self, work: NextTask) -> AttemptFolder:
        """The folder for an attempt."""
        key = work.task.key.lower() if work.task else ""
        return AttemptFolder(self.path / "attempts" / f"{key}-{work.attempt_number}")

    def unfinished(self) -> Iterator[tuple[AttemptFolder, Kept]]:
        """What an earlier process has left. What cannot be read is removed."""
        for path in sorted((self.path / "attempts").glob("*")):
            folder = AttemptFolder(path)
            kept = folder.load()
            if kept is None:
                folder.remove()
            else:
                yield folder, kept


def server_folder(home: Path, url: str) -> Path:
    """Where the agents of one server have their folders."""
    parts = urlsplit(url)
    return home / "agents" / re.sub(r"[^A-Za-z0-9.-]", "-", f"{parts.hostname}-{parts.port or parts.scheme}")


@contextmanager
def claimed_slot(agents: Path) -> Generator[SlotFolder]:
    """The first folder that no other process uses, for as long as the context lasts."""
    agents.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = 0
    while True:
        number += 1
        path = agents / str(number)
        path.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            continue
        try:
            yield SlotFolder(path)
        finally:
            os.close(handle)
        return
