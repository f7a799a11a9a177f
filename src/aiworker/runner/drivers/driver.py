"""What a driver is asked, and what it tells."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from aiworker.wire.agents import LogLevel, NewLogLine
from aiworker.wire.work import NextTask, PermissionDenial

LONGEST_MESSAGE = 16_000
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# Takes each line for the agent's log as it comes.
Tell = Callable[[NewLogLine], None]


class Ending(StrEnum):
    """How a program's turn ended."""

    DONE = "done"
    FAILED = "failed"
    # The program did not reach AiWorker, so it could do nothing: no fault of the attempt.
    UNREACHABLE = "unreachable"
    # The model's service wants a rest.
    LIMITED = "limited"
    # The program ran out of the money that it was given.
    SPENT = "spent"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a turn has used. `cost_usd`: None where the program does not say."""

    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float | None = None

    def __add__(self, other: "Usage") -> "Usage":
        costs = [cost for cost in (self.cost_usd, other.cost_usd) if cost is not None]
        return Usage(
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            sum(costs) if costs else None,
        )


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation that can go on later. `cost_usd`: what it has cost so far, as the program adds it up."""

    id: str
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Turn:
    """One run of the program: where, on what, and what it may do.

    `private`: a folder for what only its owner may read, such as the key. `session`: the one to go on with.
    `token` marks its processes. `budget_usd`: what it may still cost. `began`: hears of the session as soon as there is
    one, so that another runner can go on with it.
    """

    task: NextTask
    branch: str
    workspace: Path
    private: Path
    token: str
    url: str
    key: str
    prompt: str
    allow: Sequence[str]
    session: Session | None = None
    budget_usd: float | None = None
    began: Callable[[Session], None] = lambda _session: None


@dataclass(frozen=True, slots=True)
class Result:
    """How a turn ended. `words`: the last that the program said, or why it failed.

    `retry_after`: seconds until the model's service is worth asking again, where that is known.
    """

    ending: Ending
    words: str
    usage: Usage = field(default_factory=Usage)
    session: Session | None = None
    denials: Sequence[PermissionDenial] = ()
    retry_after: float | None = None


class Driver(Protocol):
    """Runs one kind of program."""

    # Whether a session can be gone on with: such a program is reminded to hand in, and resumed after an answer.
    resumes: bool

    async def check(self) -> str:
        """Whether the program can work here; what it is. Raises: Unavailable, saying what to do."""
        ...

    async def run(self, turn: Turn, tell: Tell) -> Result:
        """Run it to its end. Cancelled: every process of it is ended. Raises: Unavailable if it cannot be started."""
        ...


def plain(text: str) -> str:
    """Text as the server takes it: no colours of a terminal, and no control characters but new lines and tabs."""
    return "".join(c for c in _COLOURS.sub("", text) if c.isprintable() or c in "\n\t").strip()


def line(message: str, level: LogLevel = LogLevel.INFO) -> NewLogLine | None:
    """A line for the log, fit to be sent; None if nothing is left of it."""
    text = plain(message)
    return NewLogLine(message=text[:LONGEST_MESSAGE], level=level) if text else None
