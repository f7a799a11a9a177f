"""Batches: up to 10,000 robots in one request, how far they are, and their end."""

import asyncio
from typing import Annotated, Any

from fastapi import Path, Query, Request

from aiworker.core.ids import new_id
from aiworker.edge.api.batch_body import parse
from aiworker.edge.api.context import Caller, Context, CursorText, Limit, RobotReader
from aiworker.edge.api.robots import Submitter
from aiworker.edge.api.routing import api_router
from aiworker.edge.own import own_modules, require_own_robots
from aiworker.engine.batches.records import Batch as BatchRecord
from aiworker.engine.batches.records import Progress, Submitted
from aiworker.storage.transaction import Tx
from aiworker.wire.base import Answer, Line, ListAnswer
from aiworker.wire.robot_batches import Batch, BatchMoved, RefusedRobot, SubmittedBatch
from aiworker.wire.tasks import Reason
from aiworker.wire.telling import telling

router = api_router("robots", "/robots")
MOST = 10_000
Id = Annotated[str, Path(alias="correlationId", min_length=1, max_length=100)]
_ROBOT = {"$ref": "#/components/schemas/NewRobot"}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"Up to {MOST} robots, 8 MiB: a JSON array, or one JSON object per line.",
        "content": {
            "application/json": {"schema": {"type": "array", "items": _ROBOT, "minItems": 1, "maxItems": MOST}},
            "application/x-ndjson": {"schema": _ROBOT},
        },
    }
}


@router.post("/batches", status_code=201, openapi_extra=_BODY)
async def submit_batch(
    request: Request,
    caller: Submitter,
    context: Context,
    correlation_id: Annotated[
        Line | None, Query(alias="correlationId", min_length=1, max_length=100, description="By default a new one.")
    ] = None,
    partial: Annotated[bool, Query(description="Take those that are right, and say why the others are not.")] = False,
) -> Answer[SubmittedBatch]:
    """Submit up to 10,000 robots under one correlation id: all or none, or (`partial`) each by itself."""
    body, kind = await request.body(), request.headers.get("content-type", "")
    new_robots, wrong = await asyncio.to_thread(parse, body, kind, most=MOST, partial=partial)
    name = correlation_id or new_id()

    def write(tx: Tx) -> Submitted:
        among = own_modules(tx, caller.actor)
        made = context.engine.batches.submit(tx, name, new_robots, by=caller.actor.name, partial=partial, among=among)
        require_own_robots(tx, context.engine, caller.actor, list(made.robots.values()))
        return made

    done = await caller.change("robot.submit_batch", name, write)
    refused = {**wrong, **done.refused}
    robots = [done.robots.get(place) for place in range(len(new_robots) + len(wrong))]
    return Answer(
        data=SubmittedBatch(
            correlation_id=name,
            accepted=len(done.robots),
            cache_hits=sum(robot is not None and robot.cache_hit for robot in robots),
            shared=done.shared,
            robot_ids=[None if robot is None else robot.robot_id for robot in robots],
            refused=[
                RefusedRobot(index=place, code=error.code, message=error.message, told=telling(error.said.told))
                for place, error in sorted(refused.items())
            ],
        )
    )


@router.get("/batches")
async def get_batches(
    caller: RobotReader, context: Context, limit: Limit = 50, cursor: CursorText = None
) -> ListAnswer[Batch]:
    """Batches, newest first, each with how far it is."""

    def body(tx: Tx) -> tuple[list[Batch], str | None]:
        found, following = context.engine.batches.listed(
            tx, limit=min(limit, 100), cursor=cursor, among=own_modules(tx, caller.actor)
        )
        return [_shown(tx, batch.correlation_id, batch, progress) for batch, progress in found], following

    batches, following = await caller.read(body)
    return ListAnswer(data=batches, count=len(batches), next_cursor=following)


@router.get("/batches/{correlationId}")
async def get_batch(correlation_id: Id, caller: RobotReader) -> Answer[Batch]:
    """How far the robots of one correlation id are."""
    return Answer(data=await caller.read(_one, caller, correlation_id))


@router.post("/batches/{correlationId}/cancel")
async def cancel_batch(
    correlation_id: Id, caller: Submitter, context: Context, why: Reason | None = None
) -> Answer[BatchMoved]:
    """End all that are not over; their workers are told with their next report. Again is no error."""
    reason = why.reason if why else None

    def some(tx: Tx) -> int:
        return context.engine.batches.cancel(
            tx, correlation_id, by=caller.actor.name, reason=reason, among=own_modules(tx, caller.actor)
        )

    moved = await caller.change("robot.cancel_batch", correlation_id, some)
    while moved and (more := await context.database.write(some)):
        moved += more
    batch = await caller.read(_one, caller, correlation_id)
    return Answer(data=BatchMoved(**batch.model_dump(), moved=moved))


@router.post("/batches/{correlationId}/retry")
async def retry_batch(correlation_id: Id, caller: Submitter, context: Context) -> Answer[BatchMoved]:
    """Send all that FAILED back to wait, with all their tries."""

    def some(tx: Tx) -> int:
        return context.engine.batches.retry(
            tx, correlation_id, by=caller.actor.name, among=own_modules(tx, caller.actor)
        )

    moved = await caller.change("robot.retry_batch", correlation_id, some)
    while moved and (more := await context.database.write(some)):
        moved += more
    batch = await caller.read(_one, caller, correlation_id)
    return Answer(data=BatchMoved(**batch.model_dump(), moved=moved))


def _one(tx: Tx, caller: Caller, correlation_id: str) -> Batch:
    among = own_modules(tx, caller.actor)
    batch, progress = caller.context.engine.batches.get(tx, correlation_id, among=among)
    return _shown(tx, correlation_id, batch, progress)


def _shown(tx: Tx, correlation_id: str, batch: BatchRecord | None, progress: Progress) -> Batch:
    return Batch(
        correlation_id=correlation_id,
        made_by=batch.made_by if batch is not None else None,
        made_at=batch.made_at if batch is not None else None,
        cancelled_at=batch.cancelled_at if batch is not None else None,
        asked=batch.asked if batch is not None else None,
        total=progress.total,
        done=progress.done,
        progress_percentage=progress.percentage,
        by_status={status: part.number for status, part in progress.parts.items()},
        failures=dict(progress.failures),
        cache_hits=progress.cache_hits,
        average_ms=progress.average_ms,
        started_at=progress.started_at,
        completed_at=progress.completed_at,
        estimated_completion_at=progress.forecast(tx.now),
    )
