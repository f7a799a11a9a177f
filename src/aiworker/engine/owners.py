"""Owners: who must move together with a robot, in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from aiworker.engine.executions.records import Execution
from aiworker.engine.robots.errors import OwnedRobot
from aiworker.engine.robots.records import Robot
from aiworker.storage.transaction import Tx


class Transition(StrEnum):
    """What happened to a robot or to its running execution."""

    CLAIMED = "CLAIMED"
    PAUSED = "PAUSED"
    PARKED = "PARKED"
    RESUMED = "RESUMED"
    COMPLETED = "COMPLETED"
    # The try failed and counted; the next one is due later.
    RETRYING = "RETRYING"
    # The try failed, and there will be no other by itself.
    FAILED = "FAILED"
    # The holder went silent; it does not count as a try.
    LOST = "LOST"
    # Whoever was lost came back before anybody else took it, and goes on.
    TAKEN_BACK = "TAKEN_BACK"
    # The holder gave it back; it does not count as a try.
    RELEASED = "RELEASED"
    CANCELLED = "CANCELLED"
    # A person sent a FAILED robot back to PENDING.
    REQUEUED = "REQUEUED"


@dataclass(frozen=True, slots=True)
class RobotChange:
    """One transition. `robot` and `execution` are as they are after it; `by` is who caused it, for people to read."""

    transition: Transition
    robot: Robot
    execution: Execution | None
    by: str
    reason: str | None = None


class Owner(Protocol):
    """Owns the robots of a type: it is told of every transition inside the engine's transaction.

    What it raises takes the transition back. The engine locks the robot, then the execution, then calls the owner; an
    owner that starts from its own rows should call `Engine.lock_robot` first, so that all lock in one order.
    """

    outside_commands: str
    """What to use instead of the engine's own commands: "use the task's own commands (stop, cancel, retry)"."""

    def on_change(self, tx: Tx, change: RobotChange) -> None:
        """Move together with the robot."""
        ...

    def on_lease_expired(self, tx: Tx, robot: Robot, execution: Execution) -> Literal["lose", "park"]:
        """The holder went silent: does the robot go back to the queue, or does the attempt wait without a worker?"""
        ...


class Owners:
    """Who owns which robot type."""

    def __init__(self) -> None:
        self._by_type: dict[str, Owner] = {}

    def add(self, robot_type: str, owner: Owner) -> None:
        """Make `owner` the owner of a robot type."""
        self._by_type[robot_type] = owner

    @property
    def types(self) -> Sequence[str]:
        """The robot types that have an owner."""
        return list(self._by_type)

    def of(self, robot_type: str) -> Owner | None:
        """The owner of a robot type, if it has one."""
        return self._by_type.get(robot_type)

    def refuse_outsiders(self, robot: Robot, *, as_owner: bool) -> None:
        """Raises: OwnedRobot, naming the commands to use instead."""
        owner = self.of(robot.robot_type)
        if owner is not None and not as_owner:
            raise OwnedRobot(robot.robot_id, robot.robot_type, owner.outside_commands)
