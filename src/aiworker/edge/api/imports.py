"""Imports of tasks."""

from aiworker.edge.api.context import Context, TaskWriter
from aiworker.edge.api.routing import api_router
from aiworker.wire.base import Answer, Identifier
from aiworker.wire.imports import Imported, ImportTasks

router = api_router("projects", "/projects")


@router.post("/{project}/import")
async def import_tasks(
    project: Identifier, wish: ImportTasks, caller: TaskWriter, context: Context
) -> Answer[Imported]:
    """Make tasks of a file's rows or of the repository's issues, all or none; what has come before stays as it is."""
    done = await context.delivery.imports.run(caller.actor, project, wish)
    if not done.dry_run:
        details = {"source": wish.source, "created": done.created, "existing": done.existing}
        await caller.record("task.import", project, details)
    return Answer(data=done)
