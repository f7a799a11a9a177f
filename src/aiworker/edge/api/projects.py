"""Projects."""

from fastapi import Request, Response

from aiworker.delivery.deployments import queries as deployment_queries
from aiworker.delivery.people.projects import metrics, project_view
from aiworker.delivery.ports.forge import Told
from aiworker.delivery.projects import queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.edge.api.context import Caller, Context, IfMatch, Limit, ProjectWriter, Reader
from aiworker.edge.api.long_work import long_work
from aiworker.edge.api.routing import api_router
from aiworker.storage.transaction import Tx
from aiworker.wire.base import Answer, Identifier, ListAnswer
from aiworker.wire.groups import Deployment, DeploymentEnvironment
from aiworker.wire.projects import (
    Environment,
    NewProject,
    Project,
    ProjectChanges,
    ProjectMetrics,
    ProjectStatus,
    ProjectSync,
    SyncProject,
)

router = api_router("projects", "/projects")


@router.get("")
async def list_projects(caller: Reader, status: ProjectStatus | None = None, limit: Limit = 100) -> ListAnswer[Project]:
    """Projects, by name."""
    found = await caller.read(queries.list_projects, status=status, limit=limit)
    return ListAnswer(data=[_view(caller, project) for project in found], count=len(found))


@router.post("", status_code=201, response_model=Answer[Project])
async def create_project(
    new: NewProject, caller: ProjectWriter, context: Context, request: Request
) -> Answer[Project] | Response:
    """Make a project from a repository: a path on the server's machine, or a URL.

    It takes as long as a clone; asked with `Accept: application/x-ndjson`, it tells how far it is, one line after the
    other, and ends with the answer. A client that leaves before leaves nothing behind.
    """

    async def work(told: Told) -> Answer[Project]:
        project = await context.delivery.projects.create(caller.actor, new, told)
        await caller.record("project.create", project.key, {"id": project.id, "name": project.name})
        await context.database.write(context.delivery.reconciliation.look_soon, project)
        return Answer(data=_view(caller, project))

    return await long_work(request, work, status=201)


@router.post("/{project}/sync", response_model=Answer[ProjectSync])
async def sync_project(
    project: Identifier, wish: SyncProject, caller: ProjectWriter, context: Context, request: Request
) -> Answer[ProjectSync] | Response:
    """Fetch from the project's upstream and, where that is agreed, push to it.

    `repo` names where the upstream is now, or what is imported for a project without a repository. It takes as long as
    a fetch, and tells how far it is as the creation of a project does.
    """

    async def work(told: Told) -> Answer[ProjectSync]:
        done = await context.delivery.sync(project, wish, told)
        details = {"fetched": done.fetched, "pushed": list(done.pushed), "upstream": done.project.upstream}
        await caller.record("project.sync", done.project.key, details)
        return Answer(
            data=ProjectSync(
                project=_view(caller, done.project),
                imported=done.imported,
                fetched=done.fetched,
                pushed=list(done.pushed),
                ahead=done.ahead,
            )
        )

    return await long_work(request, work)


@router.get("/{project}")
async def get_project(project: Identifier, _caller: Reader, context: Context) -> Answer[Project]:
    """A project, by id or key."""
    return Answer(data=await context.delivery.reading.project(project))


@router.patch("/{project}")
async def change_project(
    project: Identifier, changes: ProjectChanges, caller: ProjectWriter, context: Context, version: IfMatch
) -> Answer[Project]:
    """Change settings. A paused project hands nothing out; what runs goes on."""
    if version is not None:
        changes = changes.model_copy(update={"version": version})
    await context.delivery.projects.check(project, changes)
    changed = await caller.change(
        "project.change", lambda found: found.key, context.delivery.projects.change, project, changes
    )
    return Answer(data=_view(caller, changed))


@router.delete("/{project}")
async def delete_project(project: Identifier, caller: ProjectWriter, context: Context) -> Answer[Project]:
    """Forget an archived project, its tasks and its repository, for good."""
    deleted = await context.delivery.projects.delete(project)
    await caller.record("project.delete", deleted.key, {"id": deleted.id})
    return Answer(data=_view(caller, deleted))


@router.get("/{project}/metrics")
async def get_metrics(project: Identifier, caller: Reader, context: Context) -> Answer[ProjectMetrics]:
    """Counts by state, durations, throughput."""

    def body(tx: Tx) -> ProjectMetrics:
        return metrics(tx, context.delivery.projects.get(tx, project))

    return Answer(data=await caller.read(body))


@router.get("/{project}/environments")
async def get_environments(project: Identifier, caller: Reader, context: Context) -> ListAnswer[Environment]:
    """Staging and production: commit, health, address, since when."""
    found = await context.delivery.environments.of(await caller.read(context.delivery.projects.get, project))
    return ListAnswer(data=found, count=len(found))


@router.get("/{project}/deployments")
async def get_deployments(
    project: Identifier,
    caller: Reader,
    context: Context,
    environment: DeploymentEnvironment | None = None,
    limit: Limit = 20,
) -> ListAnswer[Deployment]:
    """Roll-outs of a project, newest first."""

    def body(tx: Tx) -> list[Deployment]:
        known = context.delivery.projects.get(tx, project)
        records = deployment_queries.list_deployments(tx, project_id=known.id, environment=environment, limit=limit)
        return context.delivery.group_views.deployments(records, with_logs=False)

    found = await caller.read(body)
    return ListAnswer(data=found, count=len(found))


def _view(caller: Caller, project: ProjectRecord) -> Project:
    return project_view(project, clone_url=caller.context.delivery.forge.clone_url(project.repository))
