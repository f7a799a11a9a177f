"""The engine's pen: every transition of a robot is written here, with its execution, its event and its owner's part."""

from collections.abc import Iterable
from dataclasses import dataclass

from aiworker.engine.executions import queries as executions
from aiworker.engine.executions.records import Execution
from aiworker.engine.owners import Owners, RobotChange, Transition
from aiworker.engine.queues import queries as queues
from aiworker.engine.queues.service import claim_topic
from aiworker.engine.robots import queries as robots
from aiworker.engine.robots.records import Robot
from aiworker.storage.outbox.events import SYSTEM_FEED, Event
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import RobotStatus

STATUS_EVENT = "robot:status"


@dataclass(frozen=True, slots=True)
class Work:
    """A robot and its execution at one moment."""

    robot: Robot
    execution: Execution | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A robot that moved with others in one statement, its execution, and by whom."""

    robot_id: str
    robot_type: str
    execute_id: str
    by: str


class Changes:
    """Writes transitions. The rows are locked by who calls."""

    def __init__(self, owners: Owners) -> None:
        self.owners = owners

    def write(
        self, tx: Tx, transition: Transition, before: Work, after: Work, *, by: str, reason: str | None = None
    ) -> None:
        """Robot and execution, the event, whom to wake, and last the owner, who may still object."""
        robots.save(tx, before.robot, after.robot)
        if before.execution is not None and after.execution is not None:
            executions.save(tx, before.execution, after.execution)
        tell(tx, after, transition)
        wake(tx, before.robot, after.robot)
        self.tell_owner(tx, RobotChange(transition, after.robot, after.execution, by, reason))

    def tell_owners(self, tx: Tx, transition: Transition, moved: Iterable[Moved]) -> None:
        """Tell the owners of those robots that have one. Robots and executions are read for all of them at once."""
        owned = [one for one in moved if self.owners.of(one.robot_type) is not None]
        if not owned:
            return
        robot = {found.robot_id: found for found in robots.by_ids(tx, [one.robot_id for one in owned])}
        execution = {found.execute_id: found for found in executions.by_ids(tx, [one.execute_id for one in owned])}
        for one in owned:
            self.tell_owner(tx, RobotChange(transition, robot[one.robot_id], execution[one.execute_id], one.by))

    def tell_owner(self, tx: Tx, change: RobotChange) -> None:
        """The owner moves with its robot, or objects."""
        owner = self.owners.of(change.robot.robot_type)
        if owner is not None:
            owner.on_change(tx, change)


def tell(tx: Tx, work: Work, transition: Transition | None = None) -> None:
    """`robot:status`, at the robot's own position; without a transition the robot is new."""
    robot, execution = work.robot, work.execution
    event = status_event(
        robot_id=robot.robot_id,
        robot_type=robot.robot_type,
        status=robot.status,
        module_name=robot.module_name,
        correlation_id=robot.correlation_id,
        moves=robot.moves,
        execute_id=execution.execute_id if execution is not None else None,
        execution_state=execution.execution_state.value if execution is not None else None,
        transition=transition,
    )
    tx.emit(event)


def status_event(
    *,
    robot_id: str,
    robot_type: str,
    status: RobotStatus,
    module_name: str,
    correlation_id: str | None,
    moves: int,
    execute_id: str | None,
    execution_state: str | None,
    transition: Transition | None,
) -> Event:
    """`robot:status`."""
    data = {
        "robotId": robot_id,
        "status": status.value,
        "robotType": robot_type,
        "correlationId": correlation_id,
        "moduleName": module_name,
        "executeId": execute_id,
        "executionState": execution_state,
        "transition": transition.value if transition is not None else "CREATED",
    }
    return Event(SYSTEM_FEED, robot_id, STATUS_EVENT, data, moves)


def wake(tx: Tx, before: Robot | None, after: Robot) -> None:
    """Wake those who wait for this robot, or for the slot that it leaves."""
    ready = after.ready_lane is not None and (before is None or before.ready_lane != after.ready_lane)
    slot = before is not None and before.running_lane is not None and after.running_lane is None
    if ready or (slot and queues.limited_modules(tx, [after.lane_id])):
        tx.wake(claim_topic(after.module_name))
