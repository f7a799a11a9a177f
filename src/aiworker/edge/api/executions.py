"""Executions: tries at robots, and what their workers report."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Path, Query

from aiworker.access.actors import Permission
from aiworker.edge.api.context import Caller, Context, CursorText, Limit, ModuleWorker, RobotReader
from aiworker.edge.api.robotview import error_text
from aiworker.edge.api.routing import api_router
from aiworker.edge.own import own_modules, require_execution
from aiworker.engine.deadlines.service import expected
from aiworker.engine.executions.records import Execution as ExecutionRecord
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
from aiworker.wire.telling import telling

router = api_router("executions", "/executions")
Id = Annotated[str, Path(alias="executeId", min_length=1, max_length=50)]


@router.get("")
async def get_executions(
    caller: RobotReader,
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
            tx,
            robot_id=robot_id,
            correlation_id=correlation_id,
            state=state,
            among=own_modules(tx, caller.actor),
            limit=limit,
            cursor=cursor,
        )
        return _shown(tx, caller, found), following

    executions, following = await caller.read(body)
    return ListAnswer(data=executions, count=len(executions), next_cursor=following)


@router.get("/{executeId}")
async def get_execution(execute_id: Id, caller: RobotReader) -> Answer[Execution]:
    """One execution, with its steps."""
    return Answer(data=await caller.read(_one, caller, execute_id))


@router.patch("/{executeId}")
async def report(execute_id: Id, progress: Report, caller: ModuleWorker, context: Context) -> Answer[ReportAnswer]:
    """Progress, and a sign of life. The answer says what to do: continue, pause, cancel, or lost: stop."""

    def body(tx: Tx) -> ReportAnswer:
        require_execution(tx, context.engine, caller.actor, execute_id)
        answer = context.engine.report(tx, execute_id, progress)
        if answer.directive == "lost":
            # An execution that never existed is not lost: the id is wrong, and the worker should be told so.
            context.engine.get_execution(tx, execute_id)
        return answer

    return Answer(data=await context.database.write(body))


@router.post("/{executeId}/complete")
async def complete(execute_id: Id, result: Complete, caller: ModuleWorker, context: Context) -> Answer[Execution]:
    """The work is done."""
    return await _ended(caller, execute_id, lambda tx: context.engine.complete(tx, execute_id, result))


@router.post("/{executeId}/fail")
async def fail(execute_id: Id, failure: Fail, caller: ModuleWorker, context: Context) -> Answer[Execution]:
    """The try failed; whether there is a next one depends on the category and on the tries left."""
    return await _ended(caller, execute_id, lambda tx: context.engine.fail(tx, execute_id, failure))


@router.post("/{executeId}/release")
async def release(execute_id: Id, given_back: Release, caller: ModuleWorker, context: Context) -> Answer[Execution]:
    """Give the work back undone; it does not count as a try."""

    def body(tx: Tx) -> None:
        context.engine.release(tx, execute_id, reason=given_back.why, lease_token=given_back.lease_token)

    return await _ended(caller, execute_id, body)


async def _ended(caller: Caller, execute_id: str, end: Callable[[Tx], None]) -> Answer[Execution]:
    """What ends it, and what it is then, in one unit of work."""

    def body(tx: Tx) -> Execution:
        require_execution(tx, caller.context.engine, caller.actor, execute_id)
        end(tx)
        return _shown(tx, caller, [caller.context.engine.get_execution(tx, execute_id)])[0]

    return Answer(data=await caller.context.database.write_alone(body))


def _one(tx: Tx, caller: Caller, execute_id: str) -> Execution:
    require_execution(tx, caller.context.engine, caller.actor, execute_id)
    return _shown(tx, caller, [caller.context.engine.get_execution(tx, execute_id)])[0]


def _shown(tx: Tx, caller: Caller, executions: list[ExecutionRecord]) -> list[Execution]:
    engine = caller.context.engine
    steps: dict[str, list[ExecutionStep]] = {execution.execute_id: [] for execution in executions}
    for step in engine.steps_of(tx, list(steps)):
        steps[step.execute_id].append(ExecutionStep.model_validate(step))
    saved_at = engine.checkpoints_saved_at(tx, sorted({execution.robot_id for execution in executions}))
    expected_at = expected(tx, executions)
    traces = caller.actor.may(Permission.ADMIN)
    return [
        Execution.model_validate(execution).model_copy(
            update={
                "steps": steps[execution.execute_id],
                "checkpoint_at": saved_at.get(execution.execute_id),
                "estimated_completion_at": expected_at.get(execution.execute_id, execution.estimated_completion_at),
                "error_message": (error := error_text(caller.actor, execution.error_message)),
                # What was removed from the message would still be in its values.
                "error_message_told": telling(execution.error_message_told)
                if error == execution.error_message
                else None,
                "error_stack_trace": execution.error_stack_trace if traces else None,
            }
        )
        for execution in executions
    ]
