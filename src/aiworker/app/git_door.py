"""Who may clone and push what: keys on one side, tasks on the other."""

from collections.abc import Mapping

from aiworker.access.actors import Actor, Permission
from aiworker.access.audit.service import record
from aiworker.access.service import Access
from aiworker.core.errors import Denied
from aiworker.delivery.desk import pushable, reach_of_attempt
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.errors import ProjectNotFound
from aiworker.delivery.service import Delivery
from aiworker.edge.git_http import PushRights
from aiworker.storage.database import Database


class GitDoor:
    """Answers git's door."""

    def __init__(self, database: Database, access: Access, delivery: Delivery) -> None:
        self._database = database
        self._access = access
        self._delivery = delivery

    async def authorise(self, key: str, repository: str, wants_push: bool) -> PushRights:
        """Everybody with READ may clone; an attempt's own key opens its repository only. Agents push the branches of
        tasks they hold, people task branches, those who keep projects everything.

        Raises: Unauthenticated, Limited, ProjectNotFound, Denied.
        """
        identity = await self._access.authenticate(key)
        await self._access.limit(identity)
        actor = identity.actor
        actor.require(Permission.READ)
        if identity.attempt is not None:
            return await self._of_attempt(actor, identity.attempt, repository, wants_push)
        if await self._database.read(project_queries.find, repository) is None:
            raise ProjectNotFound(repository)
        if not wants_push:
            return PushRights(actor)
        if actor.may(Permission.PROJECTS):
            return PushRights(actor, ("refs/heads/*", "refs/tags/*"))
        if actor.may(Permission.TASKS):
            return PushRights(actor, ("refs/heads/task-*",))
        patterns = await self._database.read(pushable, actor) if actor.may(Permission.WORK) else []
        if not patterns:
            raise Denied("You hold no task whose branch you could push; call get_next_task first.", code="no_task_held")
        return PushRights(actor, tuple(patterns))

    async def _of_attempt(self, actor: Actor, attempt: str, repository: str, wants_push: bool) -> PushRights:
        own, patterns = await self._database.read(reach_of_attempt, attempt)
        if own != repository:
            raise ProjectNotFound(repository)
        if wants_push and not patterns:
            raise Denied("The work has been handed in; this attempt pushes nothing more.", code="no_task_held")
        return PushRights(actor, tuple(patterns) if wants_push else ())

    async def pushed(self, actor: Actor, repository: str, moved: Mapping[str, str | None]) -> None:
        """Take a push in."""
        await self._database.write(record, actor, "git.push", repository, {"refs": dict(moved)})
        await self._delivery.review.pushed(actor, repository, moved)
