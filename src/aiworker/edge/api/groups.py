"""Releases: ship, promote, roll back, withdraw."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query

from aiworker.delivery.groups import queries
from aiworker.delivery.groups.records import GroupRecord
from aiworker.edge.api.context import Caller, Context, Limit, Reader, Shipper
from aiworker.edge.api.routing import api_router
from aiworker.storage.transaction import Tx
from aiworker.wire.base import Answer, Identifier, ListAnswer
from aiworker.wire.groups import Group, GroupStatus, NewGroup

router: APIRouter = api_router("groups", "/task-groups")
merge: APIRouter = api_router("groups", "/merge")

ProjectId = Annotated[Identifier | None, Query(alias="projectId", description="Id or key.")]
Change = Callable[[Tx], GroupRecord]


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


@router.get("/{group}")
async def get_group(group: Identifier, caller: Reader, context: Context, project_id: ProjectId = None) -> Answer[Group]:
    """A release, by id or number."""
    return Answer(
        data=await caller.read(lambda tx: context.delivery.group_views.one(tx, _find(caller, tx, group, project_id)))
    )


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
    """Take a release back that has not begun to move."""
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
