"""How robots look from outside: why they wait, and without what the one who asks may not see."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiworker.access.actors import Actor, Permission
from aiworker.core.sayings import Saying
from aiworker.delivery.tasks.queries import why_held
from aiworker.edge.own import own_routing
from aiworker.engine.deadlines.service import deadlines_of
from aiworker.engine.reviews.records import Review as ReviewRecord
from aiworker.engine.robots.records import Robot as RobotRecord
from aiworker.engine.service import Engine
from aiworker.engine.types.hiding import result_of
from aiworker.engine.types.sensitive import masked
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import Deadline, Robot
from aiworker.wire.reviews import Review
from aiworker.wire.telling import telling

# A path of the machine that the worker runs on; its last part is what people know.
_PATH: Final = re.compile(r"(?<![\w/.:])(?:/[\w.@+~-]+){2,}|\b[A-Za-z]:(?:\\[\w.@+~ -]+){2,}")
_TRACE: Final = "Traceback (most recent call last)"


def shown(tx: Tx, engine: Engine, actor: Actor, robots: Sequence[RobotRecord]) -> list[Robot]:
    """Robots as this actor may see them."""
    reasons = _reasons(tx, engine, robots)
    deadlines = deadlines_of(tx, robots)
    whole = sees_sensitive(actor)
    return [
        Robot.model_validate(robot).model_copy(
            update={
                "waiting": str(why) if (why := reasons.get(robot.robot_id)) is not None else None,
                "waiting_told": telling(why.told) if why is not None else None,
                "deadline": Deadline.model_validate(one) if (one := deadlines.get(robot.robot_id)) else None,
                "routing_decision": own_routing(actor, robot.routing_decision),
                "input_data": robot.input_data if whole else masked(robot.input_data, robot.compliance_tags or []),
                "output_data": robot.output_data if whole else _result(robot, robot.output_data),
                "error_details": _told(actor, robot.error_details),
            }
        )
        for robot in robots
    ]


def _reasons(tx: Tx, engine: Engine, robots: Sequence[RobotRecord]) -> Mapping[str, Saying | None]:
    """Why they wait. The engine knows only the words of what their owners told it; the tasks know more."""
    reasons = engine.waiting_reasons(tx, robots)
    of_owners = [robot_id for robot_id, why in reasons.items() if why is not None and why.code is None]
    of_tasks = why_held(tx, of_owners)
    return {robot_id: of_tasks.get(robot_id, why) if why is not None else None for robot_id, why in reasons.items()}


def shown_reviews(tx: Tx, engine: Engine, actor: Actor, reviews: Sequence[ReviewRecord]) -> list[Review]:
    """Held results as this actor may see them."""
    robots = {robot.robot_id: robot for robot in engine.get_robots(tx, [review.robot_id for review in reviews])}
    return [_shown_review(Review.model_validate(review), robots[review.robot_id], actor) for review in reviews]


def _shown_review(review: Review, robot: RobotRecord, actor: Actor) -> Review:
    shown: dict[str, Any] = {name: getattr(robot, name) for name in ("required_completeness", "required_confidence")}
    if not sees_sensitive(actor):
        shown["output_data"] = result_of(robot, review.output_data)
    return review.model_copy(update=shown)


def sees_sensitive(actor: Actor) -> bool:
    """Maintainers and admins, and modules, which work on it."""
    return actor.may(Permission.PROJECTS) or actor.may(Permission.MODULES)


def error_text(actor: Actor, text: str | None) -> str | None:
    """What went wrong; for others than admins without paths of the worker's machine and without a trace in the text."""
    if text is None or actor.may(Permission.ADMIN):
        return text
    said = text.partition(_TRACE)[0].rstrip() or "It failed without a message."
    return _PATH.sub(lambda path: "…" + re.split(r"[/\\]", path[0])[-1], said)


def _told(actor: Actor, details: dict[str, Any] | None) -> dict[str, Any] | None:
    if details is None or not isinstance(details.get("message"), str):
        return details
    message = error_text(actor, details["message"])
    # What was removed from the message would still be in its values.
    kept = details if message == details["message"] else {name: details[name] for name in details if name != "told"}
    return {**kept, "message": message}


def _result(robot: RobotRecord, output: dict[str, Any] | None) -> dict[str, Any] | None:
    return result_of(robot, output) if output is not None and robot.compliance_tags else output
