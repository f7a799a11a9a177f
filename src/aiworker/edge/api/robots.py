"""Robots: units of work, one or many at a time."""

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import Discriminator, Field, Tag

from aiworker.access.actors import Permission
from aiworker.edge.api.context import Caller, Context, CursorText, Limit, RobotReader, WithSystem, require
from aiworker.edge.api.robotview import shown
from aiworker.edge.api.routing import api_router
from aiworker.edge.own import own_modules, own_types, require_own_robots, require_robot
from aiworker.engine.robots.counts import COUNTED_MOST, count
from aiworker.engine.types.errors import TypeNotFound
from aiworker.storage.transaction import Tx
from aiworker.wire.base import Answer, ListAnswer
from aiworker.wire.engine import NewRobot, Robot, RobotCounts, RobotStatus
from aiworker.wire.robot_types import RobotTypeSettings
from aiworker.wire.tasks import Reason

router = api_router("robots", "/robots")
Id = Annotated[str, Path(alias="robotId", min_length=1, max_length=50)]
Kind = Annotated[str, Path(alias="robotType", min_length=1, max_length=50)]
Submitter = Annotated[Caller, require(Permission.TASKS, Permission.MODULES)]
Name = Annotated[str | None, Query(max_length=100)]
_READ_AT_ONCE = 100


def _how_many(body: Any) -> str:
    return "(many)" if isinstance(body, list) else "(one)"


OneOrMany = Annotated[
    Annotated[NewRobot, Tag("(one)")]
    | Annotated[Annotated[list[NewRobot], Field(min_length=1, max_length=500)], Tag("(many)")],
    Discriminator(_how_many),
]


@router.get("")
async def get_robots(
    caller: RobotReader,
    context: Context,
    status: RobotStatus | None = None,
    robot_type: Annotated[Name, Query(alias="robotType")] = None,
    module_name: Annotated[Name, Query(alias="moduleName")] = None,
    correlation_id: Annotated[Name, Query(alias="correlationId")] = None,
    source_reference: Annotated[str | None, Query(alias="sourceReference", max_length=200)] = None,
    queue: Name = None,
    named: Annotated[str | None, Query(max_length=200, description="Its id, its batch or its reference.")] = None,
    at_risk: Annotated[bool, Query(alias="atRisk", description="Those alone that will probably be late.")] = False,
    system: WithSystem = True,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> ListAnswer[Robot]:
    """Robots, newest first."""

    def body(tx: Tx) -> tuple[list[Robot], str | None]:
        robots, following = context.engine.list_robots(
            tx,
            status=status,
            robot_type=robot_type,
            module_name=module_name,
            correlation_id=correlation_id,
            source_reference=source_reference,
            queue=queue,
            named=named,
            at_risk=at_risk,
            among=own_modules(tx, caller.actor, system=system),
            limit=limit,
            cursor=cursor,
        )
        return shown(tx, context.engine, caller.actor, robots), following

    robots, following = await caller.read(body)
    return ListAnswer(data=robots, count=len(robots), next_cursor=following)


@router.post("", status_code=201)
async def submit(new: OneOrMany, caller: Submitter, context: Context) -> Answer[Robot] | ListAnswer[Robot]:
    """Submit one robot, or a list of them: all or none."""
    new_robots = new if isinstance(new, list) else [new]

    def body(tx: Tx) -> list[Robot]:
        among = own_modules(tx, caller.actor)
        submitted = context.engine.submit_many(tx, new_robots, by=caller.actor.name, outside=True, among=among)
        require_own_robots(tx, context.engine, caller.actor, submitted)
        return shown(tx, context.engine, caller.actor, submitted)

    robots = await caller.change("robot.submit", _named, body)
    return ListAnswer(data=robots, count=len(robots)) if isinstance(new, list) else Answer(data=robots[0])


@router.get("/types")
async def get_robot_types(caller: RobotReader, context: Context) -> ListAnswer[RobotTypeSettings]:
    """What modules have said about types of robots: their input's schema, what of it is sensitive, how often to try."""

    def body(tx: Tx) -> list[RobotTypeSettings]:
        done = own_types(tx, caller.actor)
        known = context.engine.robot_types(tx)
        return [RobotTypeSettings.model_validate(one) for one in known if done is None or one.robot_type in done]

    found = await caller.read(body)
    return ListAnswer(data=found, count=len(found))


@router.get("/types/{robotType}")
async def get_robot_type(kind: Kind, caller: RobotReader, context: Context) -> Answer[RobotTypeSettings]:
    """What is known of one type of robots."""

    def body(tx: Tx) -> RobotTypeSettings:
        if (done := own_types(tx, caller.actor)) is not None and kind not in done:
            raise TypeNotFound(kind)
        return RobotTypeSettings.model_validate(context.engine.robot_type(tx, kind))

    return Answer(data=await caller.read(body))


@router.get("/counts")
async def get_counts(
    caller: RobotReader,
    robot_type: Annotated[Name, Query(alias="robotType")] = None,
    module_name: Annotated[Name, Query(alias="moduleName")] = None,
    correlation_id: Annotated[Name, Query(alias="correlationId")] = None,
    system: WithSystem = True,
) -> Answer[RobotCounts]:
    """How many robots there are of each status."""

    def body(tx: Tx) -> dict[RobotStatus, int]:
        among = own_modules(tx, caller.actor, system=system)
        return count(tx, robot_type=robot_type, module_name=module_name, correlation_id=correlation_id, among=among)

    counted = await caller.read(body)
    return Answer(data=RobotCounts(by_status=counted, most=COUNTED_MOST))


@router.get("/some")
async def get_some(
    caller: RobotReader,
    context: Context,
    robot_ids: Annotated[list[str], Query(alias="robotId", min_length=1, max_length=_READ_AT_ONCE)],
) -> ListAnswer[Robot]:
    """Those of up to 100 robots that there are, in any order."""

    def body(tx: Tx) -> list[Robot]:
        found = context.engine.get_robots(tx, robot_ids)
        own = [robot for robot in found if caller.actor.knows(robot.module_name)]
        return shown(tx, context.engine, caller.actor, own)

    robots = await caller.read(body)
    return ListAnswer(data=robots, count=len(robots))


@router.get("/{robotId}")
async def get_robot(robot_id: Id, caller: RobotReader, context: Context) -> Answer[Robot]:
    """One robot, with the reason why it waits."""

    def body(tx: Tx) -> Robot:
        require_robot(tx, context.engine, caller.actor, robot_id)
        return shown(tx, context.engine, caller.actor, [context.engine.get_robot(tx, robot_id)])[0]

    return Answer(data=await caller.read(body))


@router.post("/{robotId}/cancel")
async def cancel(robot_id: Id, caller: Submitter, context: Context, why: Reason | None = None) -> Answer[Robot]:
    """End it; its worker is told with its next report. A task's robot is refused: cancel the task."""

    def body(tx: Tx) -> Robot:
        require_robot(tx, context.engine, caller.actor, robot_id)
        reason = why.reason if why else None
        robot = context.engine.cancel(tx, robot_id, by=caller.actor.name, reason=reason)
        return shown(tx, context.engine, caller.actor, [robot])[0]

    return Answer(data=await caller.change("robot.cancel", robot_id, body))


@router.post("/{robotId}/retry")
async def retry(robot_id: Id, caller: Submitter, context: Context) -> Answer[Robot]:
    """Try again, with all its tries; one that waits for its next try goes at once."""

    def body(tx: Tx) -> Robot:
        require_robot(tx, context.engine, caller.actor, robot_id)
        return shown(tx, context.engine, caller.actor, [context.engine.retry(tx, robot_id, by=caller.actor.name)])[0]

    return Answer(data=await caller.change("robot.retry", robot_id, body))


@router.post("/{robotId}/pause")
async def pause(robot_id: Id, caller: Submitter, context: Context, why: Reason | None = None) -> Answer[Robot]:
    """Pause what runs (its worker is told with its next report), or keep what waits from starting."""

    def body(tx: Tx) -> Robot:
        require_robot(tx, context.engine, caller.actor, robot_id)
        context.engine.pause_robot(tx, robot_id, by=caller.actor.name, reason=why.reason if why else None)
        return shown(tx, context.engine, caller.actor, [context.engine.get_robot(tx, robot_id)])[0]

    return Answer(data=await caller.change("robot.pause", robot_id, body))


@router.post("/{robotId}/resume")
async def resume(robot_id: Id, caller: Submitter, context: Context) -> Answer[Robot]:
    """Let what was paused go on; where its worker is gone, the next one begins at the checkpoint."""

    def body(tx: Tx) -> Robot:
        require_robot(tx, context.engine, caller.actor, robot_id)
        context.engine.resume_robot(tx, robot_id, by=caller.actor.name)
        return shown(tx, context.engine, caller.actor, [context.engine.get_robot(tx, robot_id)])[0]

    return Answer(data=await caller.change("robot.resume", robot_id, body))


def _named(robots: list[Robot]) -> str:
    others = f" and {len(robots) - 1} more" if len(robots) > 1 else ""
    return f"{robots[0].robot_id}{others}"
