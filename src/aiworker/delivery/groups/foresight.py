"""What shipping some tasks together would come to, asked before anybody does it."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiworker.delivery.groups import by_hand, picks, problems, queries
from aiworker.delivery.groups.by_hand import NOTHING
from aiworker.delivery.groups.records import GroupRecord
from aiworker.delivery.ports.forge import Clash, Forge, Pick
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.errors import ProjectNotFound
from aiworker.delivery.projects.records import STAGING_BRANCH, ProjectRecord
from aiworker.delivery.tasks import dependencies
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.errors import TaskNotFound
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.groups import GroupCheck, GroupConflict, GroupProblem


@dataclass(frozen=True, slots=True)
class _Asked:
    project: ProjectRecord
    keys: list[str]
    picks: list[Pick]
    looked: GroupRecord | None
    missing: list[GroupProblem]


class Foresight:
    """Looks ahead; changes nothing."""

    def __init__(self, database: Database, forge: Forge) -> None:
        self._database = database
        self._forge = forge

    async def check(self, names: Sequence[str]) -> GroupCheck:
        """What would come of a release of these tasks: what they lack, which conflict in which files.

        Raises: TaskNotFound.
        """
        asked = await self._database.read(_gather, names)
        repository, default_branch = asked.project.repository, asked.project.default_branch
        head = None
        if not asked.project.lacks_repository:
            head = await self._forge.head(repository, STAGING_BRANCH) or await self._forge.head(
                repository, default_branch
            )
        found = NOTHING
        clashes: list[Clash] = []
        if head is not None:
            found = await by_hand.lacking(self._forge, asked.project, asked.looked, staging=head)
            clashes = await self._forge.foresee(
                repository, onto=head, picks=found.carried(asked.picks), by_hand=found.runs
            )
        conflicts = [
            GroupConflict(task=one.label, beside=one.beside, files=list(one.files))
            for one in clashes
            if one.label in asked.keys
        ]
        return GroupCheck(
            shippable=not (asked.missing or conflicts),
            tasks=asked.keys,
            missing=asked.missing,
            conflicts=conflicts,
            by_hand=by_hand.foreseen(found.runs, clashes),
            staging_commit=head,
        )


def _gather(tx: Tx, names: Sequence[str]) -> _Asked:
    tasks = _named(tx, names)
    project = project_queries.find(tx, tasks[0].project_id)
    if project is None:
        raise ProjectNotFound(tasks[0].project_id)
    ordered = dependencies.sorted_by_need(tx, tasks)
    needed = task_queries.dependencies(tx, [task.id for task in ordered])
    return _Asked(
        project=project,
        keys=[task.task_key for task in ordered],
        picks=[
            picks.pick(task, commit, needed[task.id])
            for task in ordered
            if task.project_id == project.id and (commit := task.approved_commit or task.head_commit)
        ],
        looked=queries.last_by_hand(tx, project.id),
        missing=problems.of_tasks(tx, tasks),
    )


def _named(tx: Tx, names: Sequence[str]) -> list[TaskRecord]:
    """The tasks, each once, in the order in which they were named."""
    found = task_queries.by_names(tx, names)
    by_name = {task.id: task for task in found} | {task.task_key: task for task in found}
    tasks: dict[str, TaskRecord] = {}
    for name in names:
        task = by_name.get(name) or by_name.get(name.upper())
        if task is None:
            raise TaskNotFound(name)
        tasks[task.id] = task
    return list(tasks.values())
