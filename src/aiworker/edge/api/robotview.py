"""How robots look from outside: why they wait, and without what the one who asks may not see."""

from collections.abc import Sequence

from aiworker.access.actors import Actor, Permission
from aiworker.engine.deadlines.service import deadlines_of
from aiworker.engine.robots.records import Robot as RobotRecord
from aiworker.engine.service import Engine
from aiworker.engine.types.sensitive import masked
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import Deadline, Robot


def shown(tx: Tx, engine: Engine, actor: Actor, robots: Sequence[RobotRecord]) -> list[Robot]:
    """Robots as this actor may see them."""
    reasons = engine.waiting_reasons(tx, robots)
    deadlines = deadlines_of(tx, robots)
    whole = sees_sensitive(actor)
    return [
        Robot.model_validate(robot).model_copy(
            update={
                "waiting": reasons.get(robot.robot_id),
                "deadline": Deadline.model_validate(one) if (one := deadlines.get(robot.robot_id)) else None,
                "input_data": robot.input_data if whole else masked(robot.input_data, robot.compliance_tags or []),
            }
        )
        for robot in robots
    ]


def sees_sensitive(actor: Actor) -> bool:
    """Maintainers and admins, and modules, which work on it."""
    return actor.may(Permission.PROJECTS) or actor.may(Permission.MODULES)
