"""What a claim looks at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Head:
    """A robot near the head of a lane, sorted as a claim takes it."""

    rank: int
    age: datetime
    robot_id: str
    ready_lane: int


@dataclass(frozen=True, slots=True)
class ReadyLane:
    """A lane in which a robot could be claimed now, by who can do what it needs."""

    head: Head
    queue: str
    needs: list[str]
    limited: bool


@dataclass(frozen=True, slots=True)
class Claimable:
    """What a claim needs of a robot."""

    robot_id: str
    robot_type: str
    module_name: str
    input_data: dict[str, Any]
    correlation_id: str | None
    retry_count: int
    retry_limit: int
    timeout_seconds: int
    compliance_tags: list[str] | None
    moves: int
    rank: int
    age: datetime


@dataclass(frozen=True, slots=True)
class Sensitive:
    """An execution whose input holds what not everybody may see: JSON pointers to it, under `fields`."""

    execute_id: str
    compliance_context: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a claim is made: the same for all executions that it starts."""

    module_name: str
    holder: str
    lease_seconds: int


@dataclass(frozen=True, slots=True)
class Start:
    """A new execution, as far as it differs from the others of its claim."""

    execute_id: str
    robot_id: str
    retry_count: int
    max_retries: int
    timeout_seconds: int
    lease_token: str
    lease_expires_at: datetime
    timeout_at: datetime
    # The earlier of the two.
    check_at: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """The id and token of a new execution before it is known for which robot: for the first that is taken, the
    second, and so on (`place`)."""

    place: int
    execute_id: str
    lease_token: str


@dataclass(frozen=True, slots=True)
class Issued:
    """A new execution, as far as its worker is told of it."""

    execute_id: str
    lease_token: str
    lease_expires_at: datetime
    timeout_seconds: int
