"""What a runner and the server say to each other about an attempt, beside the tools of agents."""

from typing import Annotated, Literal

from pydantic import Field

from aiworker.wire.agents import NewLogLine
from aiworker.wire.base import Body, Line, Request, Timestamp, Wire
from aiworker.wire.engine import ErrorCategory

Standing = Literal["working", "waiting", "parked", "handed_in", "over"]
MOST_LINES = 500


class OfRunner(Request):
    """Names the attempt by its token, as get_next_task returned it."""

    attempt: Annotated[Line, Field(min_length=1, max_length=200)]


class LogLines(OfRunner):
    """Lines for the agent's log, oldest first."""

    lines: Annotated[list[NewLogLine], Field(min_length=1, max_length=MOST_LINES)]


class FailedAttempt(OfRunner):
    """The attempt came to nothing, and why."""

    message: Annotated[Body, Field(min_length=1, max_length=8_000)]
    category: ErrorCategory = ErrorCategory.APPLICATION


class AttemptKey(Wire):
    """A key that opens MCP and git for this one attempt. It ends with it; a new one ends the one before."""

    key: str
    name: str


class AttemptStanding(Wire):
    """Where an attempt is. `waiting`: people owe an answer. `parked`: they do, and no agent is at it.

    `over` is final, with `message` saying why; what is `handed_in` may still be logged and accounted for a while.
    """

    standing: Standing
    outcome: str | None = None
    message: str | None = None
    lease_expires_at: Timestamp | None = None
