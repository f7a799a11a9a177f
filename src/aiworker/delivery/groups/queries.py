"""Every statement on groups."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, func, insert, or_, select, update

from aiworker.core.sayings import keep
from aiworker.delivery.groups.records import GroupRecord, GroupTaskRecord
from aiworker.delivery.groups.tables import group_tasks, task_groups
from aiworker.storage.counting import counted
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx
from aiworker.wire.groups import GroupStatus

_GROUP = columns(GroupRecord, task_groups)


def add(tx: Tx, values: Mapping[str, Any], members: Sequence[Mapping[str, Any]]) -> None:
    """Insert a group with its tasks."""
    tx.execute(insert(task_groups).values(values))
    tx.execute(insert(group_tasks), list(members))


def find(tx: Tx, group_id: str) -> GroupRecord | None:
    """By id."""
    return tx.record(GroupRecord, select(*_GROUP).where(task_groups.c.id == group_id))


def lock(tx: Tx, group_id: str) -> GroupRecord | None:
    """By id, ours until the commit."""
    return tx.record(GroupRecord, select(*_GROUP).where(task_groups.c.id == group_id).with_for_update())


def by_ids(tx: Tx, ids: Sequence[str]) -> list[GroupRecord]:
    """Those of the ids that exist."""
    return tx.records(GroupRecord, select(*_GROUP).where(task_groups.c.id.in_(ids)).limit(len(ids))) if ids else []


def count_under_way(tx: Tx) -> dict[str, int]:
    """How many releases are worked on now, by the type of robot that does it."""
    return counted(tx, task_groups.c.under_way, task_groups.c.under_way.is_not(None))


def by_number(tx: Tx, project_id: str, number: int) -> GroupRecord | None:
    """By the number that people say."""
    wanted = (task_groups.c.project_id == project_id) & (task_groups.c.number == number)
    return tx.record(GroupRecord, select(*_GROUP).where(wanted))


def by_pull_request(tx: Tx, project_id: str, number: int) -> GroupRecord | None:
    """The group whose pull request into staging it is."""
    wanted = (task_groups.c.project_id == project_id) & (task_groups.c.staging_pr_number == number)
    return tx.record(GroupRecord, select(*_GROUP).where(wanted).order_by(task_groups.c.number.desc()).limit(1))


def numbered(tx: Tx, number: int, *, limit: int = 2) -> list[GroupRecord]:
    """Those of all projects that have a number."""
    return tx.records(GroupRecord, select(*_GROUP).where(task_groups.c.number == number).limit(limit))


def by_robot(tx: Tx, robot_id: str) -> GroupRecord | None:
    """The group that a robot works for, ours until the commit."""
    return tx.record(GroupRecord, select(*_GROUP).where(task_groups.c.robot_id == robot_id).with_for_update())


def list_groups(
    tx: Tx,
    *,
    project_id: str | None = None,
    statuses: Sequence[GroupStatus] = (),
    before: int | None = None,
    limit: int = 50,
) -> list[GroupRecord]:
    """Newest first."""
    statement = select(*_GROUP).order_by(task_groups.c.number.desc(), task_groups.c.id).limit(limit)
    if project_id is not None:
        statement = statement.where(task_groups.c.project_id == project_id)
    if statuses:
        statement = statement.where(task_groups.c.status.in_(statuses))
    if before is not None:
        statement = statement.where(task_groups.c.number < before)
    return tx.records(GroupRecord, statement)


def in_staging(tx: Tx, project_id: str) -> list[GroupRecord]:
    """What stands in staging and waits to be promoted, in the order in which it arrived there, at most 500."""
    statement = (
        select(*_GROUP)
        .where(task_groups.c.project_id == project_id, task_groups.c.status == GroupStatus.STAGING)
        .order_by(task_groups.c.staging_deployed_at, task_groups.c.number)
        .limit(500)
    )
    return tx.records(GroupRecord, statement)


def newest(tx: Tx, project_id: str, status: GroupStatus) -> GroupRecord | None:
    """What came last to staging or production and still stands there; production keeps all that was ever promoted."""
    arrived = (
        task_groups.c.staging_deployed_at if status is GroupStatus.STAGING else task_groups.c.production_deployed_at
    )
    statement = (
        select(*_GROUP)
        .where(task_groups.c.project_id == project_id, task_groups.c.status == status)
        .order_by(arrived.desc(), task_groups.c.number.desc())
        .limit(1)
    )
    return tx.record(GroupRecord, statement)


def before_in_production(tx: Tx, group: GroupRecord) -> GroupRecord | None:
    """What came last to production before this one, or before now if this one is not there, and still stands there."""
    statement = (
        select(*_GROUP)
        .where(task_groups.c.project_id == group.project_id, task_groups.c.status == GroupStatus.PRODUCTION)
        .where(task_groups.c.id != group.id)
        .order_by(task_groups.c.production_deployed_at.desc(), task_groups.c.number.desc())
        .limit(1)
    )
    if group.status is GroupStatus.PRODUCTION:
        statement = statement.where(task_groups.c.production_deployed_at <= group.production_deployed_at)
    return tx.record(GroupRecord, statement)


def last_by_hand(tx: Tx, project_id: str) -> GroupRecord | None:
    """The last release on staging that looked at what people commit to the default branch."""
    came = (GroupStatus.STAGING, GroupStatus.PRODUCTION, GroupStatus.ROLLED_BACK)
    statement = (
        select(*_GROUP)
        .where(task_groups.c.project_id == project_id, task_groups.c.status.in_(came))
        .where(task_groups.c.by_hand.is_not(None))
        .order_by(task_groups.c.staging_deployed_at.desc(), task_groups.c.number.desc())
        .limit(1)
    )
    return tx.record(GroupRecord, statement)


def standing(tx: Tx, project_ids: Sequence[str]) -> list[GroupRecord]:
    """What decides on the next move in some projects, in order of arrival, at most 1,000: what stands in staging, the
    newest in production, and what is under way."""
    if not project_ids:
        return []
    arrived = func.coalesce(task_groups.c.production_deployed_at, task_groups.c.staging_deployed_at)
    in_production = and_(
        task_groups.c.status == GroupStatus.PRODUCTION, task_groups.c.production_rollback_available.is_(True)
    )
    statement = (
        select(*_GROUP)
        .where(task_groups.c.project_id.in_(project_ids))
        .where(
            or_(
                task_groups.c.status == GroupStatus.STAGING,
                in_production,
                task_groups.c.under_way.is_not(None),
            )
        )
        .order_by(arrived, task_groups.c.number)
        .limit(1000)
    )
    return tx.records(GroupRecord, statement)


def under_way(tx: Tx, project_id: str) -> GroupRecord | None:
    """The group that a pipeline is at work for, if any."""
    statement = (
        select(*_GROUP)
        .where(task_groups.c.project_id == project_id, task_groups.c.under_way.is_not(None))
        .order_by(task_groups.c.number)
        .limit(1)
    )
    return tx.record(GroupRecord, statement)


def members(tx: Tx, group_ids: Sequence[str]) -> dict[str, list[GroupTaskRecord]]:
    """The tasks of groups, in order, one query for all."""
    found: dict[str, list[GroupTaskRecord]] = {group_id: [] for group_id in group_ids}
    if group_ids:
        statement = (
            select(*columns(GroupTaskRecord, group_tasks))
            .where(group_tasks.c.group_id.in_(group_ids))
            .order_by(group_tasks.c.group_id, group_tasks.c.place)
            .limit(len(group_ids) * 100)
        )
        for member in tx.records(GroupTaskRecord, statement):
            found[member.group_id].append(member)
    return found


def change(tx: Tx, group: GroupRecord, values: Mapping[str, Any]) -> None:
    """Update a group that we have locked; its events count on."""
    statement = update(task_groups).where(task_groups.c.id == group.id)
    tx.execute(statement.values({**keep(values, "error"), "position": group.position + 1, "updated_at": tx.now}))


def set_member(tx: Tx, group_id: str, task_id: str, values: Mapping[str, Any]) -> None:
    """Update one task within a group."""
    wanted = (group_tasks.c.group_id == group_id) & (group_tasks.c.task_id == task_id)
    tx.execute(update(group_tasks).where(wanted).values(**values))
