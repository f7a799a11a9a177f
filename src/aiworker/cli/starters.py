"""What the command line cannot do by itself, because it takes the whole program: handed in by `app`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Mark(StrEnum):
    """How a finding is."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found about one subject, in a sentence; and what to do about it, where there is something to do."""

    subject: str
    mark: Mark
    message: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table of a copied database: its rows, and a checksum of them that is the same on both sides."""

    table: str
    rows: int
    checksum: str


# Told while a database is copied: the table, how many of its rows are copied, and how many it has.
CopyTold = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class UpOptions:
    """What `up` was told; None where the settings decide."""

    host: str | None = None
    port: int | None = None
    open_page: bool = False
    agents: int = 0


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What `serve` was told; None where the settings decide."""

    host: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class AgentOptions:
    """What `agent` was told. `program`: for the driver `command`. `name`: of the only one. `grace`: seconds."""

    driver: str = "claude"
    program: tuple[str, ...] = ()
    count: int = 1
    name: str | None = None
    once: bool = False
    project: str | None = None
    capabilities: tuple[str, ...] = ()
    model: str | None = None
    grace: float = 20.0


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What `demo` was told. Without a repository it makes its own."""

    repository: Path | None = None
    keep: bool = False


class Starters(Protocol):
    """Starts what runs in this process. Each may raise an AiWorkerError, whose sentence is shown."""

    async def up(self, options: UpOptions) -> None:
        """Run everything on this machine until it is told to stop."""
        ...

    async def serve(self, options: ServeOptions) -> None:
        """Answer requests, beside other servers and workers, until it is told to stop."""
        ...

    async def worker(self) -> None:
        """Roll out, fire schedules and keep order, beside servers and other workers, until it is told to stop."""
        ...

    async def demo(self, options: DemoOptions) -> None:
        """Tell the whole story. Raises when a step fails."""
        ...

    async def agent(self, options: AgentOptions) -> None:
        """Run agents on this machine until they are told to stop."""
        ...

    async def mcp(self) -> None:
        """Speak MCP on standard input and output until the client goes away."""
        ...

    async def upgrade_database(self) -> Sequence[str]:
        """Bring the database to this version; the names of the steps that were taken."""
        ...

    async def copy_database(self, to: str, told: CopyTold) -> Sequence[CopiedTable]:
        """Copy the database into the empty one that a URL names, all or nothing."""
        ...

    async def check_database(self) -> Sequence[Finding]:
        """Look whether the database answers, is of this version, and is consistent."""
        ...

    async def check_neighbours(self) -> Sequence[Finding]:
        """Look whether what the settings name beside the database answers."""
        ...
