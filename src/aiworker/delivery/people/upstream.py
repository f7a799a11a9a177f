"""A project and its upstream brought together by hand, in both directions."""

from dataclasses import dataclass, replace
from typing import Any

from aiworker.core.errors import Conflict, Invalid
from aiworker.delivery.groups import queries as group_queries
from aiworker.delivery.ports.forge import Fetched, Forge, ForgeRepository, Told
from aiworker.delivery.projects import queries
from aiworker.delivery.projects.errors import ProjectNotFound
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.projects.service import gitea_columns
from aiworker.delivery.projects.upstream import Meeting, Upstreams, refs_of, short, tell
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.groups import GroupStatus
from aiworker.wire.projects import SyncProject, UpstreamStanding

_TAGS = 20


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did: commits that came, refs that went, and commits of ours that the upstream still lacks."""

    project: ProjectRecord
    imported: bool
    fetched: int
    pushed: tuple[str, ...]
    ahead: int


class Sync:
    """The use case behind `project sync`."""

    def __init__(self, database: Database, forge: Forge, upstreams: Upstreams) -> None:
        self._database = database
        self._forge = forge
        self._upstreams = upstreams

    async def __call__(self, name: str, wish: SyncProject, told: Told | None = None) -> Synced:
        """Fetch, and push if that is agreed. With `repo`: import what is missing, or follow an upstream that has moved.

        Raises: ProjectNotFound; Invalid (no upstream, nothing to read there); Unavailable; Diverged.
        """
        project = await self._database.read(_get, name)
        imported = False
        if wish.repo is not None:
            project, imported = await self._follow(project, wish.repo, told)
        if project.in_gitea:
            await self._forge.get_repository(project.repository)
            return Synced(project, imported, fetched=0, pushed=(), ahead=0)
        if project.upstream is None:
            raise Invalid(
                f"{project.key} was not made from a repository elsewhere; name one with `repo`.", code="no_upstream"
            )
        if wish.push_upstream is not None:
            project = await self._database.write(_set, project.id, {"push_upstream": wish.push_upstream})
        met = await self._upstreams.fetch(project, told)
        fetched = self._fetched(project, met)
        theirs = fetched.theirs
        pushed: tuple[str, ...] = ()
        if project.push_upstream and fetched.head is not None:
            refs = refs_of(project, await self._database.read(_shipped_tags, project.id))
            pushed = (await self._upstreams.push(project, refs)).moved
            if refs[0] in pushed:
                theirs = fetched.head
        return Synced(
            project=await self._database.read(_get, project.id),
            imported=imported,
            fetched=await self._count(project, fetched.before, fetched.head),
            pushed=tuple(short(ref) for ref in pushed),
            ahead=await self._count(project, theirs, fetched.head),
        )

    async def _follow(self, project: ProjectRecord, repo: str, told: Told | None) -> tuple[ProjectRecord, bool]:
        """The project with its upstream at `repo`, and whether its repository had to be imported."""
        values = self._upstreams.columns(repo)
        adopted = await self._forge.adopt(repo, told=told)
        if adopted is not None:
            found = await self._database.write(_adopted, project.id, adopted)
            await self._upstreams.note(found, UpstreamStanding.IN_STEP, None, remarks=adopted.remarks)
            return await self._database.read(_get, project.id), True
        moved = replace(project, **values)
        if not project.lacks_repository:
            met = await self._upstreams.look(moved, told)
            if met.standing is not UpstreamStanding.NO_REPOSITORY:
                # One that has gone its own way, or another repository altogether, changes nothing.
                self._fetched(moved, met)
                return await self._database.write(_set, project.id, values), False
        repository = await self._forge.import_repository(moved.repository, source=repo, told=told)
        if await self._forge.head(moved.repository, project.default_branch) is None:
            values["default_branch"] = repository.default_branch
        await self._database.write(_set, project.id, values)
        await self._upstreams.note(moved, UpstreamStanding.IN_STEP, None, remarks=repository.remarks)
        return await self._database.read(_get, project.id), True

    def _fetched(self, project: ProjectRecord, met: Meeting) -> Fetched:
        """By hand, what went wrong is an error."""
        if met.standing is UpstreamStanding.DIVERGED:
            raise self._upstreams.diverged(project)
        if met.fetched is None:
            raise met.error or Invalid(met.message or "", code="upstream_unreadable")
        return met.fetched

    async def _count(self, project: ProjectRecord, base: str | None, head: str | None) -> int:
        if head is None or base is None or base == head:
            return 0
        return (await self._forge.compare(project.repository, base=base, head=head)).ahead


def _get(tx: Tx, name: str) -> ProjectRecord:
    project = queries.find(tx, name)
    if project is None:
        raise ProjectNotFound(name)
    return project


def _set(tx: Tx, project_id: str, values: dict[str, Any]) -> ProjectRecord:
    project = _get(tx, project_id)
    queries.set_upstream(tx, project, values)
    tell(tx, project)
    return _get(tx, project_id)


def _adopted(tx: Tx, project_id: str, repository: ForgeRepository) -> ProjectRecord:
    project = _get(tx, project_id)
    if not project.in_gitea and not project.lacks_repository:
        raise Conflict(
            f"{project.key} has its code here, and its history with it; make a new project for {repository.name}.",
            code="repository_elsewhere",
        )
    other = queries.by_repository(tx, repository.name)
    if other is not None and other.id != project.id:
        raise Conflict(f"{repository.name} is the repository of {other.key} already.", code="repository_taken")
    return _set(tx, project_id, {**gitea_columns(repository), "default_branch": repository.default_branch})


def _shipped_tags(tx: Tx, project_id: str) -> list[str]:
    groups = group_queries.list_groups(tx, project_id=project_id, statuses=[GroupStatus.PRODUCTION], limit=_TAGS)
    return [group.tag for group in groups]
