"""Releases: ship, promote, roll back, withdraw."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from aiworker.core.errors import Invalid
from aiworker.delivery.groups import queries
from aiworker.delivery.groups.records import GroupRecord
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.edge.api.context import Caller, Context, Limit, Reader, Shipper
from aiworker.edge.api.routing import api_router
from aiworker.storage.transaction import Tx
from aiworker.wire.base import Answer, Identifier, ListAnswer
from aiworker.wire.groups import Group, GroupCheck, GroupStatus, NewGroup, Output

router: APIRouter = api_router("groups", "/task-groups")
merge: APIRouter = api_router("groups", "/merge")

ProjectId = Annotated[Identifier | None, Query(alias="projectId", description="Id or key.")]
# All of it fits into an address, however it is written.
TaskNames = Annotated[
    list[Annotated[str, Field(max_length=4_000, pattern=r"^[A-Za-z0-9, -]*$")]],
    Query(alias="taskIds", min_length=1, max_length=5, description="Ids or keys, by commas."),
]
Change = Callable[[Tx], GroupRecord]

_MOST_TASKS = 100
_LONGEST_NAME = 100


@router.get("")
async def list_groups(
    caller: Reader,
    context: Context,
    project_id: ProjectId = None,
    status: GroupStatus | None = None,
    before: Annotated[int | None, Query(ge=1, le=2_000_000_000)] = None,
    limit: Limit = 50,
) -> ListAnswer[Group]:
    """Releases, newest first; `before` is the smallest number that was read."""

    def body(tx: Tx) -> list[Group]:
        project = context.delivery.projects.get(tx, project_id) if project_id else None
        found = queries.list_groups(
            tx,
            project_id=project.id if project else None,
            statuses=[status] if status else (),
            before=before,
            limit=limit,
        )
        return context.delivery.group_views.many(tx, found)

    found = await caller.read(body)
    return ListAnswer(data=found, count=len(found))


@merge.post("", status_code=202)
@router.post("", status_code=202)
async def ship(new: NewGroup, caller: Shipper, context: Context) -> Answer[Group]:
    """Merge approved tasks to staging together, at once or at `deferUntil`."""
    return await _changed(caller, "group.ship", lambda tx: context.delivery.groups.create(tx, caller.actor, new))


@router.get("/check")
async def check(
    caller: Reader,  # noqa: ARG001 (who may read at all)
    context: Context,
    names: TaskNames,
) -> Answer[GroupCheck]:
    """What shipping tasks together would come to: what they lack, and which conflict in which files."""
    named = [name.strip() for given in names for name in given.split(",") if name.strip()]
    if not 0 < len(named) <= _MOST_TASKS or any(len(name) > _LONGEST_NAME for name in named):
        raise Invalid(
            f"taskIds: names 1 to {_MOST_TASKS} tasks by id or key.", code="bad_task_ids", details={"most": _MOST_TASKS}
        )
    return Answer(data=await context.delivery.foresight.check(named))


@router.get("/{group}")
async def get_group(group: Identifier, caller: Reader, context: Context, project_id: ProjectId = None) -> Answer[Group]:
    """A release, by id or number."""
    return Answer(
        data=await caller.read(lambda tx: context.delivery.group_views.one(tx, _find(caller, tx, group, project_id)))
    )


@router.get("/{group}/output")
async def get_output(
    group: Identifier, caller: Reader, context: Context, project_id: ProjectId = None
) -> Answer[Output]:
    """The last lines that the environment has written which the release is, or was last, rolled out to."""

    def find(tx: Tx) -> tuple[ProjectRecord, GroupRecord]:
        found = _find(caller, tx, group, project_id)
        return context.delivery.projects.get(tx, found.project_id), found

    return Answer(data=Output(text=await context.delivery.outputs.of_release(*await caller.read(find))))


@router.post("/{group}/promote", status_code=202)
async def promote(group: Identifier, caller: Shipper, context: Context, project_id: ProjectId = None) -> Answer[Group]:
    """Take a release from staging to production."""
    return await _changed(
        caller,
        "group.promote",
        lambda tx: context.delivery.groups.promote(tx, caller.actor, _find(caller, tx, group, project_id)),
    )


@router.post("/{group}/rollback", status_code=202)
async def rollback(group: Identifier, caller: Shipper, context: Context, project_id: ProjectId = None) -> Answer[Group]:
    """Take the newest release of an environment back out."""
    return await _changed(
        caller,
        "group.rollback",
        lambda tx: context.delivery.groups.rollback(tx, caller.actor, _find(caller, tx, group, project_id)),
    )


@router.post("/{group}/withdraw")
async def withdraw(group: Identifier, caller: Shipper, context: Context, project_id: ProjectId = None) -> Answer[Group]:
    """Take a release back before staging moves: also one that waits for its hour."""
    return await _changed(
        caller,
        "group.withdraw",
        lambda tx: context.delivery.groups.withdraw(tx, caller.actor, _find(caller, tx, group, project_id)),
    )


@router.post("/{group}/send-back")
async def send_back(
    group: Identifier, caller: Shipper, context: Context, project_id: ProjectId = None
) -> Answer[Group]:
    """Send the task that did not go in back to its agent, with the conflict as the review comment."""
    return await _changed(
        caller,
        "group.send_back",
        lambda tx: context.delivery.send_conflict_back(tx, caller.actor, _find(caller, tx, group, project_id)),
    )


def _find(caller: Caller, tx: Tx, name: str, project_name: str | None) -> GroupRecord:
    delivery = caller.context.delivery
    project = delivery.projects.get(tx, project_name) if project_name else None
    return delivery.groups.get(tx, name, project.id if project else None)


async def _changed(caller: Caller, action: str, body: Change) -> Answer[Group]:
    group = await caller.change(action, lambda found: found.name, body)
    views = caller.context.delivery.group_views
    return Answer(data=await caller.read(lambda tx: views.one(tx, group)))
