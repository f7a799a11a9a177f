"""Who may clone and push what: keys on one side, tasks on the other."""

from collections.abc import Mapping
from dataclasses import replace

from aiworker.access.actors import Actor, Permission
from aiworker.access.audit.service import record
from aiworker.access.identities import Identity
from aiworker.access.keys.errors import KeyUnknown
from aiworker.access.keys.records import is_key_text
from aiworker.access.service import Access, identity_of
from aiworker.core.errors import Denied
from aiworker.core.faults import fault_point
from aiworker.delivery.attempts.reach import reach_of_attempt
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.errors import ProjectNotFound
from aiworker.delivery.service import Delivery
from aiworker.edge.git_http import PushRights
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx


class GitDoor:
    """Answers git's door."""

    def __init__(self, database: Database, access: Access, delivery: Delivery) -> None:
        self._database = database
        self._access = access
        self._delivery = delivery

    async def authorise(self, key: str, repository: str, wants_push: bool) -> PushRights:
        """Everybody with READ may clone; an attempt's own key or token opens its repository only. Agents push the
        branches of tasks they hold, people task branches, those who keep projects everything.

        Raises: Unauthenticated, Limited, ProjectNotFound, Denied.
        """
        identity = await self._identify(key)
        await self._access.limit(identity)
        actor = identity.actor
        actor.require(Permission.READ)
        if identity.attempt is not None:
            return await self._of_attempt(actor, identity.attempt, repository, wants_push)
        if await self._database.read(project_queries.by_repository, repository) is None:
            raise ProjectNotFound(repository)
        if not wants_push:
            return PushRights(actor)
        if actor.may(Permission.PROJECTS):
            return PushRights(actor, ("refs/heads/*", "refs/tags/*"))
        if actor.may(Permission.TASKS):
            return PushRights(actor, ("refs/heads/task-*",))
        patterns = await self._delivery.desk.pushable(actor) if actor.may(Permission.WORK) else []
        if not patterns:
            raise Denied("You hold no task whose branch you could push; call get_next_task first.", code="no_task_held")
        return PushRights(actor, tuple(patterns))

    async def _identify(self, password: str) -> Identity:
        """A key, or an attempt's token: many clients keep their key from the agent, and it knows only the token."""
        if is_key_text(password):
            return await self._access.authenticate(password)
        return await self._database.read(self._bearer, password)

    def _bearer(self, tx: Tx, token: str) -> Identity:
        found = self._delivery.desk.bearer(tx, token)
        if found is None:
            raise KeyUnknown
        key_id, execute_id = found
        return replace(identity_of(tx, key_id), attempt=execute_id)

    async def _of_attempt(self, actor: Actor, attempt: str, repository: str, wants_push: bool) -> PushRights:
        own, patterns = await self._database.read(reach_of_attempt, attempt)
        if own.lower() != repository.lower():
            raise ProjectNotFound(repository)
        if wants_push and not patterns:
            raise Denied("The work has been handed in; this attempt pushes nothing more.", code="no_task_held")
        return PushRights(actor, tuple(patterns) if wants_push else ())

    async def pushed(self, actor: Actor, repository: str, moved: Mapping[str, str | None]) -> None:
        """Take a push in."""
        fault_point("git.pushed")
        await self._database.write(record, actor, "git.push", repository, {"refs": dict(moved)})
        await self._delivery.review.pushed(actor, repository, moved)
