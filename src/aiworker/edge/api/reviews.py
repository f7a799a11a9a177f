"""Results that a person looks at before they count."""

from typing import Annotated

from fastapi import Path

from aiworker.access.actors import Actor
from aiworker.core.errors import Invalid
from aiworker.edge.api.context import ApiContext, Context, CursorText, Limit, RobotReader, TaskWriter
from aiworker.edge.api.robotview import sees_sensitive, shown, shown_reviews
from aiworker.edge.api.routing import api_router
from aiworker.edge.own import own_modules, require_robot
from aiworker.engine.types.hiding import holds_mask
from aiworker.storage.transaction import Tx
from aiworker.wire.base import Answer, ListAnswer
from aiworker.wire.engine import Robot
from aiworker.wire.reviews import Judge, Review

router = api_router("robots", "")
Id = Annotated[str, Path(alias="robotId", min_length=1, max_length=50)]


@router.get("/reviews")
async def get_reviews(
    caller: RobotReader, context: Context, limit: Limit = 50, cursor: CursorText = None
) -> ListAnswer[Review]:
    """Results that wait for a person, the oldest first."""

    def body(tx: Tx) -> tuple[list[Review], str | None]:
        among = own_modules(tx, caller.actor)
        found, following = context.engine.reviews.waiting(tx, limit=limit, cursor=cursor, among=among)
        return shown_reviews(tx, context.engine, caller.actor, found), following

    reviews, following = await caller.read(body)
    return ListAnswer(data=reviews, count=len(reviews), next_cursor=following)


@router.get("/robots/{robotId}/review")
async def get_review(robot_id: Id, caller: RobotReader, context: Context) -> Answer[Review]:
    """The last review of a robot's result."""

    def body(tx: Tx) -> Review:
        require_robot(tx, context.engine, caller.actor, robot_id)
        return _held(tx, context, caller.actor, robot_id)

    return Answer(data=await caller.read(body))


@router.post("/robots/{robotId}/review")
async def judge(robot_id: Id, said: Judge, caller: TaskWriter, context: Context) -> Answer[Robot]:
    """Accept a held result (as it is, or corrected), refuse it, or have the robot tried again."""
    if said.output_data is not None and said.decision != "accept":
        raise Invalid("outputData: goes with the decision 'accept' only.", code="invalid")
    reviews, by = context.engine.reviews, caller.actor.name
    blind = said.output_data is not None and not sees_sensitive(caller.actor)

    def body(tx: Tx) -> Robot:
        if blind and holds_mask(_held(tx, context, caller.actor, robot_id).output_data):
            message = "outputData: the result holds masked fields; whoever may see what is sensitive can correct it."
            raise Invalid(message, code="masked_result")
        match said.decision:
            case "accept":
                reviews.accept(tx, robot_id, by=by, output_data=said.output_data, comment=said.comment)
            case "refuse":
                reviews.refuse(tx, robot_id, by=by, comment=said.comment)
            case "retry":
                reviews.send_back(tx, robot_id, by=by, comment=said.comment)
        return shown(tx, context.engine, caller.actor, [context.engine.get_robot(tx, robot_id)])[0]

    return Answer(data=await caller.change(f"robot.review_{said.decision}", robot_id, body))


def _held(tx: Tx, context: ApiContext, actor: Actor, robot_id: str) -> Review:
    """The last review of a robot's result, as this actor may see it. Raises: ReviewNotFound."""
    return shown_reviews(tx, context.engine, actor, [context.engine.reviews.get(tx, robot_id)])[0]
