"""Questions: the inbox."""

from typing import Annotated

from fastapi import Query

from aiworker.delivery.questions import queries
from aiworker.edge.api.context import Context, Limit, Reader
from aiworker.edge.api.routing import api_router
from aiworker.storage.transaction import Tx
from aiworker.wire.base import Answer, Identifier, ListAnswer
from aiworker.wire.tasks import Question

router = api_router("questions", "/questions")


@router.get("")
async def list_questions(
    caller: Reader,
    context: Context,
    project_id: Annotated[Identifier | None, Query(alias="projectId", description="Id or key.")] = None,
    limit: Limit = 100,
) -> ListAnswer[Question]:
    """Everything that waits for an answer, oldest first."""

    def body(tx: Tx) -> list[Question]:
        project = context.delivery.projects.get(tx, project_id) if project_id else None
        found = queries.pending(tx, project_id=project.id if project else None, limit=limit)
        return context.delivery.task_views.questions(tx, found)

    found = await caller.read(body)
    return ListAnswer(data=found, count=len(found))


@router.get("/{question}")
async def get_question(question: Identifier, caller: Reader, context: Context) -> Answer[Question]:
    """One question."""

    def body(tx: Tx) -> Question:
        found = context.delivery.questions.get(tx, question)
        return context.delivery.task_views.questions(tx, [found])[0]

    return Answer(data=await caller.read(body))
