"""Releases and deployments as they travel."""

from collections.abc import Sequence
from datetime import datetime

from aiworker.delivery.deployments.records import DeploymentRecord
from aiworker.delivery.groups import by_hand, queries
from aiworker.delivery.groups.records import GroupRecord
from aiworker.delivery.groups.robots import MERGE_GROUP
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.tasks import queries as task_queries
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.groups import Deployment, Group, GroupStatus, GroupTask, RolloutStep
from aiworker.wire.telling import telling


def _under_way(group: GroupRecord, now: datetime) -> str | None:
    """What is being done: also the merge whose robot is about to be taken."""
    due = group.defer_until is None or group.defer_until <= now
    return group.under_way or (MERGE_GROUP if group.status is GroupStatus.PENDING and due else None)


class GroupViews:
    """Makes what travels out of what the database holds."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def one(self, tx: Tx, group: GroupRecord) -> Group:
        """A release in full."""
        return self.many(tx, [group])[0]

    def many(self, tx: Tx, groups: Sequence[GroupRecord]) -> list[Group]:
        """Releases with their tasks, the steps of what is (or was last) under way, and what may be done with them."""
        projects = {p.id: p for p in project_queries.by_ids(tx, sorted({group.project_id for group in groups}))}
        members = queries.members(tx, [group.id for group in groups])
        titles = {
            task.id: task
            for task in task_queries.by_ids(tx, sorted({m.task_id for found in members.values() for m in found}))
        }
        steps = self._steps(tx, groups)
        first_staged, newest, busy = self._order(tx, list(projects))
        return [
            Group(
                id=group.id,
                number=group.number,
                project_id=group.project_id,
                project_key=projects[group.project_id].key,
                status=group.status,
                task_ids=group.task_ids,
                tasks=[
                    GroupTask(
                        id=member.task_id,
                        key=titles[member.task_id].task_key,
                        title=titles[member.task_id].title,
                        approved_commit=member.approved_commit,
                        staging_commit=member.staging_commit,
                    )
                    for member in members[group.id]
                    if member.task_id in titles
                ],
                notes=group.notes,
                staging_branch=group.staging_branch,
                staging_pr_number=group.staging_pr_number,
                staging_pr_url=group.staging_pr_url,
                staging_commit=group.staging_commit,
                production_commit=group.production_commit,
                tag=group.tag,
                error=group.error,
                error_told=telling(group.error_told),
                conflict_task_id=group.conflict_task_id,
                conflict_files=group.conflict_files,
                by_hand=by_hand.shown(by_hand.read(group.by_hand)),
                under_way=_under_way(group, tx.now),
                robot_id=group.robot_id,
                steps=steps.get(group.robot_id or "", []),
                can_promote=group.id in first_staged and group.project_id not in busy,
                can_rollback=group.id in newest and group.project_id not in busy,
                production_rollback_available=group.production_rollback_available,
                defer_until=group.defer_until,
                staging_deployed_at=group.staging_deployed_at,
                production_deployed_at=group.production_deployed_at,
                created_by=group.creator,
                created_at=group.created_at,
                updated_at=group.updated_at,
            )
            for group in groups
        ]

    def deployments(self, records: Sequence[DeploymentRecord], *, with_logs: bool) -> list[Deployment]:
        """Roll-outs; their logs only where one is looked at."""
        return [
            Deployment(
                id=record.id,
                project_id=record.project_id,
                task_group_id=record.task_group_id,
                task_id=record.task_id,
                environment=record.environment,
                deployment_type=record.deployment_type,
                branch=record.branch,
                commit_hash=record.commit_hash,
                k8s_namespace=record.k8s_namespace,
                k8s_deployment_name=record.k8s_deployment_name,
                image_tag=record.image_tag,
                status=record.status,
                url=record.url,
                error_message=record.error_message,
                error_message_told=telling(record.error_message_told),
                logs=record.logs if with_logs else None,
                task_ids=record.task_ids,
                tasks_count=len(record.task_ids),
                triggered_by=record.actor,
                started_at=record.started_at,
                completed_at=record.completed_at,
                duration_seconds=record.duration_seconds,
                created_at=record.created_at,
            )
            for record in records
        ]

    def _steps(self, tx: Tx, groups: Sequence[GroupRecord]) -> dict[str, list[RolloutStep]]:
        """The steps of each release's newest execution, by robot."""
        executions = self._engine.last_executions(tx, [group.robot_id for group in groups if group.robot_id])
        by_execution: dict[str, list[RolloutStep]] = {e.execute_id: [] for e in executions}
        for step in self._engine.steps_of(tx, list(by_execution)):
            by_execution[step.execute_id].append(
                RolloutStep(
                    name=step.name,
                    status=step.status,
                    detail=step.detail,
                    told=telling(step.told),
                    started_at=step.started_at,
                    completed_at=step.completed_at,
                )
            )
        return {execution.robot_id: by_execution[execution.execute_id] for execution in executions}

    def _order(self, tx: Tx, project_ids: Sequence[str]) -> tuple[set[str], set[str], set[str]]:
        """Which releases are next to be promoted, which may go back, and which projects are busy."""
        first: dict[str, str] = {}
        newest: dict[tuple[str, GroupStatus], str] = {}
        busy: set[str] = set()
        for group in queries.standing(tx, project_ids):
            if group.under_way is not None:
                busy.add(group.project_id)
            if group.status is GroupStatus.STAGING:
                first.setdefault(group.project_id, group.id)
            if group.status in {GroupStatus.STAGING, GroupStatus.PRODUCTION}:
                newest[group.project_id, group.status] = group.id
        return set(first.values()), set(newest.values()), busy
