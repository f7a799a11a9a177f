"""Projects: making one from a repository, and changing its settings."""

import asyncio
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from aiworker.access.actors import Actor
from aiworker.core.errors import Conflict, Invalid
from aiworker.core.ids import new_id
from aiworker.core.money import microdollars
from aiworker.core.secrets import SecretBox
from aiworker.delivery.ports.forge import Forge, ForgeRepository, Told
from aiworker.delivery.projects import queries
from aiworker.delivery.projects.errors import ProjectNotFound
from aiworker.delivery.projects.records import STAGING_BRANCH, ProjectRecord
from aiworker.delivery.projects.spending import Spending
from aiworker.delivery.projects.upstream import Upstreams, state_at
from aiworker.engine.service import Engine
from aiworker.git.names import check_branch
from aiworker.storage.database import Database
from aiworker.storage.outbox.events import Event
from aiworker.storage.transaction import Tx
from aiworker.wire.projects import (
    MOST_VARIABLES,
    Evidence,
    NewProject,
    ProjectChanges,
    ProjectSettings,
    ProjectStatus,
)

PERMISSIONS = ("approve", "promote", "rollback", "createTask")
_LONGEST_KEY = 12
_SHORTEST_KEY = 2
_MOST_RULES = 200
_COLUMNS_WITH_DEFAULTS = {
    "replicas",
    "cpu_limit",
    "memory_limit",
    "static_root",
    "health_path",
    "health_timeout_seconds",
    "preview_enabled",
    "attempt_minutes",
    "push_upstream",
    "default_branch",
    "k8s_namespace",
    "evidence",
    "close_issues",
    "run_as_root",
    "manifests_path",
}
_NO_COLUMNS = {"name", "key", "repo", "status", "set_env_vars", "version"}
_COST_LIMITS = {"attempt_cost_limit_usd", "task_cost_limit_usd", "day_cost_limit_usd", "project_cost_limit_usd"}


def shipping_queue(project_id: str) -> str:
    """The engine's queue in which a project's ships, promotions and rollbacks go one by one."""
    return f"ship:{project_id}"


class Projects:
    """Use cases around projects."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        forge: Forge,
        secrets: SecretBox,
        upstreams: Upstreams,
        before_delete: Callable[[Tx, str], None],
    ) -> None:
        self._database = database
        self._engine = engine
        self._forge = forge
        self._secrets = secrets
        self.spending = Spending(engine)
        self._upstreams = upstreams
        self._before_delete = before_delete
        self._making: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def create(self, actor: Actor, new: NewProject, told: Told | None = None) -> ProjectRecord:
        """Import the repository, then write the project down; both or, also when cancelled, nothing. One in our Gitea
        is worked on where it is.

        Raises: Conflict (key, namespace or repository taken), Invalid (the repository cannot be read, has no commit or
        no such default branch, or that one is `staging`).
        """
        # What is wrong with the settings is told before anything is cloned.
        settings = self._values(new)
        if new.default_branch is not None:
            _refuse_branch(new.default_branch)
        upstream = {} if new.repo is None else self._upstreams.columns(new.repo)
        key = new.key or await self._database.read(_free_key, new.name)
        namespace = new.k8s_namespace or f"project-{key.lower()}"
        async with self._making[key]:
            await self._database.read(_refuse_taken, key, namespace)
            try:
                repository = None if new.repo is None else await self._forge.adopt(new.repo, told=told)
                if repository is not None:
                    settings |= gitea_columns(repository)
                else:
                    settings |= upstream
                    repository = await self._forge.import_repository(key.lower(), source=new.repo, told=told)
                _refuse_branch(new.default_branch or repository.default_branch)
                if new.default_branch is not None:
                    await self._require_branch(repository.name, repository.default_branch, new.default_branch)
                return await self._database.write(self._add, actor, new, settings, key, namespace, repository)
            except BaseException:
                await self._take_back(key)
                raise

    async def _take_back(self, key: str) -> None:
        """A repository that no project has keeps nobody from trying again."""
        if await self._database.read(queries.find, key) is None:
            await self._forge.delete_repository(key.lower())

    async def delete(self, name: str) -> ProjectRecord:
        """Forget a project, its tasks and its repository. Raises: Conflict unless it is archived."""
        project = await self._database.read(self.get, name)
        if project.status is not ProjectStatus.ARCHIVED:
            raise Conflict(f"Archive {project.key} before you delete it.", code="project_not_archived")
        await self._database.write(self._forget, project.id)
        await self._forge.delete_repository(project.repository)
        return project

    def _forget(self, tx: Tx, project_id: str) -> None:
        self._before_delete(tx, project_id)
        queries.delete_project(tx, project_id)

    async def check(self, name: str, changes: ProjectChanges) -> None:
        """Look at what a change needs of the repository.

        Raises: ProjectNotFound, Invalid (no such default branch, or `staging`; evidence that the built-in forge does
        not have).
        """
        project = await self._database.read(self.get, name)
        _refuse_evidence(project.key, changes, in_gitea=project.in_gitea)
        if changes.default_branch is not None:
            _refuse_branch(changes.default_branch)
            await self._require_branch(project.repository, project.default_branch, changes.default_branch)

    async def _require_branch(self, repository: str, known: str, wanted: str) -> None:
        """A repository without a commit has no branch yet, and may get any."""
        if await self._forge.head(repository, wanted) is None and await self._forge.head(repository, known) is not None:
            raise Invalid(
                f"The repository has no branch {wanted}.", code="no_default_branch", details={"field": "defaultBranch"}
            )

    def get(self, tx: Tx, name: str) -> ProjectRecord:
        """By id or key. Raises: ProjectNotFound."""
        project = queries.find(tx, name)
        if project is None:
            raise ProjectNotFound(name)
        return project

    def change(self, tx: Tx, name: str, changes: ProjectChanges) -> ProjectRecord:
        """Change settings. Raises: Conflict if somebody else changed the project since `version`."""
        project = self.get(tx, name)
        if changes.version is not None and changes.version != project.version:
            raise Conflict(
                f"{project.key} was changed by somebody else (version {project.version}); look again.",
                code="version_conflict",
                details={"version": project.version},
            )
        values = self._values(changes)
        if changes.set_env_vars:
            known = values.get("env_vars", project.env_vars) or {}
            values["env_vars"] = self._with_variables(known, changes.set_env_vars)
        for field in ("name", "status"):
            value = getattr(changes, field)
            if value is not None:
                values[field] = value
        if not queries.change(tx, project, values):
            raise Conflict(f"{project.key} was changed by somebody else just now; look again.", code="version_conflict")
        changed = self.spending.settle(tx, self.get(tx, project.id))
        self.spending.set_queue(tx, changed)
        tx.emit(
            Event(
                feed=project.id, stream=f"project:{project.id}", kind="project:updated", data={"projectId": project.id}
            )
        )
        return changed

    def allow(self, tx: Tx, project: ProjectRecord, rule: str) -> ProjectRecord:
        """Let agents use a tool without asking; what is allowed already stays as it is. Raises: Invalid."""
        if rule in project.allowed:
            return project
        if len(project.allowed) >= _MOST_RULES:
            raise Invalid(f"{project.key} has {_MOST_RULES} rules already; remove some first.", code="too_many_rules")
        return self.change(tx, project.id, ProjectChanges(agent_allow=[*project.allowed, rule]))

    def environment_variables(self, project: ProjectRecord) -> dict[str, str]:
        """The variables in the clear, for a roll-out only."""
        return {name: self._secrets.open(value) for name, value in (project.env_vars or {}).items()}

    def _add(
        self,
        tx: Tx,
        actor: Actor,
        new: NewProject,
        settings: dict[str, Any],
        key: str,
        namespace: str,
        repository: ForgeRepository,
    ) -> ProjectRecord:
        _refuse_taken(tx, key, namespace)
        if repository.id is not None and (other := queries.by_repository(tx, repository.name)) is not None:
            raise Conflict(f"{repository.name} is the repository of {other.key} already.", code="repository_taken")
        project_id = new_id()
        values = {
            "default_branch": repository.default_branch,
            **settings,
            "id": project_id,
            "key": key,
            "name": new.name,
            "k8s_namespace": namespace,
            "upstream_state": state_at(tx.now, repository.remarks) if settings.get("upstream") else None,
            "status": ProjectStatus.ACTIVE,
            "created_at": tx.now,
            "updated_at": tx.now,
        }
        _refuse_evidence(key, new, in_gitea=repository.id is not None)
        queries.add(tx, values)
        self._engine.set_queue(tx, project_id, paused=False, max_running=new.wip_limit)
        self._engine.set_queue(tx, shipping_queue(project_id), paused=False, max_running=1)
        tx.emit(
            Event(
                feed=project_id,
                stream=f"project:{project_id}",
                kind="project:created",
                data={"projectId": project_id, "key": key, "by": actor.name},
            )
        )
        return self.get(tx, project_id)

    def _values(self, settings: ProjectSettings) -> dict[str, Any]:
        given = settings.model_dump(exclude_unset=True, exclude=_NO_COLUMNS)
        values: dict[str, Any] = {
            field: value for field, value in given.items() if not (value is None and field in _COLUMNS_WITH_DEFAULTS)
        }
        for field in _COST_LIMITS & set(values):
            limit = values.pop(field)
            values[field.removesuffix("_usd")] = None if limit is None else microdollars(limit)
        unknown = set(values.get("mcp_permissions") or ()) - set(PERMISSIONS)
        if unknown:
            raise Invalid(
                f"Unknown permission {min(unknown)!r}; known are {', '.join(PERMISSIONS)}.",
                code="unknown_permission",
                details={"permission": min(unknown)[:100], "known": ", ".join(PERMISSIONS)},
            )
        if values.get("env_vars"):
            values["env_vars"] = {name: self._secrets.seal(value) for name, value in values["env_vars"].items()}
        return values

    def _with_variables(self, known: Mapping[str, str], wanted: Mapping[str, str | None]) -> dict[str, str]:
        """What is known, sealed as it is, with those that are wanted set or removed."""
        given = {name: self._secrets.seal(value) for name, value in wanted.items() if value is not None}
        kept = {name: value for name, value in known.items() if name not in wanted} | given
        if len(kept) > MOST_VARIABLES:
            raise Invalid(
                f"A project may have {MOST_VARIABLES} variables; remove some first.", code="too_many_variables"
            )
        return kept


def _refuse_branch(branch: str) -> None:
    check_branch(branch)
    if branch == STAGING_BRANCH:
        raise Invalid(
            f"The default branch cannot be {STAGING_BRANCH}: releases are tried out on a branch of that name; rename "
            "it, or name another default branch.",
            code="default_branch_is_staging",
            details={"field": "defaultBranch"},
        )


def _refuse_evidence(key: str, settings: ProjectSettings, *, in_gitea: bool) -> None:
    wants_status = settings.evidence is Evidence.COMMIT_STATUS
    if in_gitea or not (wants_status or settings.close_issues):
        return
    field = "evidence" if wants_status else "closeIssues"
    what = "commit statuses" if wants_status else "issues"
    raise Invalid(
        f"{key} lives in the built-in forge, which has no {what}; that takes a repository in Gitea.",
        code="needs_gitea",
        details={"field": field},
    )


def gitea_columns(repository: ForgeRepository) -> dict[str, Any]:
    """The columns of a project whose code lives in Gitea."""
    owner, _, name = repository.name.partition("/")
    return {
        "gitea_repo_id": repository.id,
        "gitea_repo_url": repository.url,
        "gitea_owner": owner,
        "gitea_repo_name": name,
    }


def _refuse_taken(tx: Tx, key: str, namespace: str) -> None:
    key_taken, namespace_taken = queries.taken(tx, key=key, namespace=namespace)
    if key_taken:
        raise Conflict(f"There is a project {key} already; choose another key.", code="project_key_taken")
    if namespace_taken:
        raise Conflict(f"Another project uses the namespace {namespace}.", code="namespace_taken")


def _free_key(tx: Tx, name: str) -> str:
    """A short name from the project's name, with a number if it is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    base = re.sub(r"[^A-Z0-9]", "", plain).lstrip("0123456789")[:_LONGEST_KEY]
    if len(base) < _SHORTEST_KEY:
        raise Invalid("The name gives no short name; choose a key of 2 to 12 letters and digits.", code="key_needed")
    for number in range(1, 100):
        key = base if number == 1 else f"{base[: _LONGEST_KEY - len(str(number))]}{number}"
        if not any(queries.taken(tx, key=key, namespace=f"project-{key.lower()}")):
            return key
    raise Conflict("Too many projects of this name; choose a short name yourself.", code="project_key_taken")
