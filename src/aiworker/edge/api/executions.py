"""Executions: tries at robots, and what their workers report."""

from typing import Annotated

from fastapi import Path, Query

from aiworker.edge.api.context import Context, CursorText, Limit, ModuleWorker, Reader
from aiworker.edge.api.routing import api_router
from aiworker.engine.executions.records import Execution as ExecutionRecord
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.base import Answer, ListAnswer
from aiworker.wire.engine import (
    Complete,
    Execution,
    ExecutionState,
    ExecutionStep,
    Fail,
    Release,
    Report,
    ReportAnswer,
)

router = api_router("executions", "/executions")
Id = Annotated[str, Path(alias="executeId", min_length=1, max_length=50)]


@router.get("")
async def get_executions(
    caller: Reader,
    context: Context,
    robot_id: Annotated[str | None, Query(alias="robotId", max_length=50)] = None,
    correlation_id: Annotated[str | None, Query(alias="correlationId", max_length=100)] = None,
    state: ExecutionState | None = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> ListAnswer[Execution]:
    """Executions, newest first."""

    def body(tx: Tx) -> tuple[list[Execution], str | None]:
        found, following = context.engine.list_executions(
            tx, robot_id=robot_id, correlation_id=correlation_id, state=state, limit=limit, cursor=cursor
        )
        return _shown(tx, context.engine, found), following

    executions, following = await caller.read(body)
    return ListAnswer(data=executions, count=len(executions), next_cursor=following)


@router.get("/{executeId}")
async def get_execution(execute_id: Id, caller: Reader, context: Context) -> Answer[Execution]:
    """One execution, with its steps."""
    return Answer(data=await caller.read(_one, context.engine, execute_id))


@router.patch("/{executeId}")
async def report(execute_id: Id, progress: Report, caller: ModuleWorker, context: Context) -> Answer[ReportAnswer]:
    """Progress, and a sign of life. The answer says what to do: continue, pause, cancel, or lost: stop."""
    answer = await context.worker.report(execute_id, progress)
    if answer.directive == "lost":
        # What never was cannot be lost: then the id is wrong, and the worker should hear that.
        await caller.read(context.engine.get_execution, execute_id)
    return Answer(data=answer)


@router.post("/{executeId}/complete")
async def complete(execute_id: Id, result: Complete, caller: ModuleWorker, context: Context) -> Answer[Execution]:
    """The work is done."""
    await context.worker.complete(execute_id, result)
    return Answer(data=await caller.read(_one, context.engine, execute_id))


@router.post("/{executeId}/fail")
async def fail(execute_id: Id, failure: Fail, caller: ModuleWorker, context: Context) -> Answer[Execution]:
    """The try failed; whether there is a next one depends on the category and on the tries left."""
    await context.worker.fail(execute_id, failure)
    return Answer(data=await caller.read(_one, context.engine, execute_id))


@router.post("/{executeId}/release")
async def release(execute_id: Id, given_back: Release, caller: ModuleWorker, context: Context) -> Answer[Execution]:
    """Give the work back undone; it does not count as a try."""
    await context.worker.release(execute_id, given_back)
    return Answer(data=await caller.read(_one, context.engine, execute_id))


def _one(tx: Tx, engine: Engine, execute_id: str) -> Execution:
    return _shown(tx, engine, [engine.get_execution(tx, execute_id)])[0]


def _shown(tx: Tx, engine: Engine, executions: list[ExecutionRecord]) -> list[Execution]:
    steps: dict[str, list[ExecutionStep]] = {execution.execute_id: [] for execution in executions}
    for step in engine.steps_of(tx, list(steps)):
        steps[step.execute_id].append(ExecutionStep.model_validate(step))
    return [
        Execution.model_validate(execution).model_copy(update={"steps": steps[execution.execute_id]})
        for execution in executions
    ]
