"""What can be wrong with a robot and its moves."""

from collections.abc import Iterable

from aiworker.core.errors import Conflict, Invalid, NotFound
from aiworker.core.sayings import Sentence
from aiworker.wire.engine import RobotStatus

ILLEGAL_MOVE = Sentence("robot_illegal_move", "Robot {robot} is {status} and cannot become {to}; {hint}.")


class RobotNotFound(NotFound):
    """No robot by that id."""

    default_code = "robot_not_found"

    def __init__(self, robot_id: str) -> None:
        super().__init__(f"There is no robot {robot_id[:60]!r}.", details={"robotId": robot_id[:60]})


class UnknownRobotType(Invalid):
    """No module has ever said that it does this type."""

    default_code = "unknown_robot_type"

    def __init__(self, robot_type: str) -> None:
        super().__init__(f"No registered module does robots of type {robot_type!r}.", details={"robotType": robot_type})


class ModuleLacksType(Invalid):
    """The module that was asked for does not do this type."""

    default_code = "module_lacks_type"

    def __init__(self, module: str, robot_type: str) -> None:
        super().__init__(f"Module {module} does no robots of type {robot_type!r}.")


class SystemRobotType(Invalid):
    """Robots that only the installation itself makes."""

    default_code = "system_robot_type"

    def __init__(self, robot_type: str) -> None:
        super().__init__(
            f"Robots of type {robot_type!r} are made by the system itself.", details={"robotType": robot_type}
        )


class IllegalMove(Conflict):
    """The status does not allow what was asked; the error names what it allows."""

    default_code = "illegal_move"

    def __init__(self, robot_id: str, status: RobotStatus, to: RobotStatus, allowed: Iterable[RobotStatus]) -> None:
        names = sorted(allowed)
        hint = f"allowed from here: {', '.join(names)}" if names else "nothing is allowed from here"
        super().__init__(
            ILLEGAL_MOVE(robot=robot_id, status=status.value, to=to.value, hint=hint),
            details={"robotId": robot_id, "status": status.value, "asked": to.value, "allowed": names},
        )


class OwnedRobot(Conflict):
    """The robot moves together with something else, by the commands of that."""

    default_code = "owned_robot"

    def __init__(self, robot_id: str, robot_type: str, commands: str) -> None:
        super().__init__(
            f"Robot {robot_id} ({robot_type}) does not move by itself: {commands}.",
            details={"robotId": robot_id, "robotType": robot_type},
        )


class NotUnderWay(Conflict):
    """It is over: there is nothing to pause or to resume."""

    default_code = "not_under_way"

    def __init__(self, robot_id: str, status: RobotStatus) -> None:
        super().__init__(f"Robot {robot_id} is {status}: it is not under way.", details={"robotId": robot_id})


class NotClaimable(Conflict):
    """This very robot cannot be taken now."""

    default_code = "not_claimable"

    def __init__(self, robot_id: str, why: str) -> None:
        super().__init__(f"Robot {robot_id} cannot be claimed: {why}.", details={"robotId": robot_id, "reason": why})
