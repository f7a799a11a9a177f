"""Executions by the batch: for workers that have many robots in hand, and few requests to spend."""

import asyncio
from collections.abc import Iterable, Sequence

from aiworker.core.errors import AiWorkerError, Unavailable
from aiworker.core.faults import fault_point
from aiworker.edge.api.context import ApiContext, Caller, Context, ModuleWorker
from aiworker.edge.api.routing import api_router
from aiworker.edge.own import strange_executions
from aiworker.engine.executions.errors import ExecutionNotFound, LeaseLost
from aiworker.wire.base import ListAnswer
from aiworker.wire.batches import AnswerOf, Ending, Endings, RefusedEnding, ReportOf, Reports
from aiworker.wire.engine import Complete, ReportAnswer, Worker

router = api_router("executions", "/executions")
# As many units of work at once; more would only wait for each other.
_AT_ONCE = 16


@router.post("/report")
async def report_many(told: Reports, caller: ModuleWorker, context: Context) -> ListAnswer[AnswerOf]:
    """Progress of many executions, and their signs of life. Answers for each what to do; `lost`: stop."""
    of_each: dict[str, list[ReportOf]] = {}
    strange = await _strange(caller, [report.execute_id for report in told.reports])
    mine = [report for report in told.reports if report.execute_id not in strange]
    for report in mine:
        of_each.setdefault(report.execute_id, []).append(report)
    answers = await context.database.write(context.engine.report_many, of_each)
    answers |= {execute_id: ReportAnswer(directive="lost") for execute_id in strange}
    told_each = [AnswerOf(execute_id=key, **answer.model_dump()) for key, answer in answers.items()]
    return ListAnswer(data=told_each, count=len(told_each))


@router.post("/end")
async def end_many(told: Endings, caller: ModuleWorker, context: Context) -> ListAnswer[RefusedEnding]:
    """End many executions. Answers those that were refused, with why; repeating one's own is no error.

    A result that comes after its lease has ended is taken all the same, if nobody has had the robot since.
    """
    strange = await _strange(caller, [ending.execute_id for ending in told.endings])
    mine = [ending for ending in told.endings if ending.execute_id not in strange]
    if last_words := {one.execute_id: one.reports for one in mine if one.reports}:
        await context.database.write(context.engine.report_many, last_words)
        fault_point("end.reported")
    completed = {ending.execute_id: ending.complete for ending in mine if ending.complete is not None}
    refused: dict[str, AiWorkerError] = {one: ExecutionNotFound(one) for one in sorted(strange)}
    refused |= await _complete(context, completed) if completed else {}
    fault_point("end.committed")
    refused |= await _end_others(context.worker, (ending for ending in mine if ending.complete is None))
    answers = [
        RefusedEnding(execute_id=execute_id, code=error.code, message=error.message)
        for execute_id, error in refused.items()
    ]
    return ListAnswer(data=answers, count=len(answers))


async def _strange(caller: Caller, execute_ids: Sequence[str]) -> set[str]:
    if caller.actor.modules is None:
        return set()
    return await caller.read(strange_executions, caller.context.engine, caller.actor, sorted(set(execute_ids)))


async def _complete(context: ApiContext, completed: dict[str, Complete]) -> dict[str, AiWorkerError]:
    refused = dict(await context.worker.complete_many(completed))
    for late in [execute_id for execute_id, error in refused.items() if isinstance(error, LeaseLost)]:
        if await context.database.write(context.engine.complete_late, late, completed[late]):
            del refused[late]
    return refused


async def _end_others(worker: Worker, endings: Iterable[Ending]) -> dict[str, AiWorkerError]:
    refused: dict[str, AiWorkerError] = {}
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(ending: Ending) -> None:
        try:
            async with room:
                if ending.fail is not None:
                    await worker.fail(ending.execute_id, ending.fail)
                elif ending.release is not None:
                    await worker.release(ending.execute_id, ending.release)
        except Unavailable:
            raise
        except AiWorkerError as error:
            refused[ending.execute_id] = error

    await asyncio.gather(*map(one, endings))
    return refused
