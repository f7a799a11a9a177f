"""Projects as they travel."""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field

from aiworker.core.sayings import Saying
from aiworker.wire import rules, running
from aiworker.wire.base import Body, Command, Line, Request, Timestamp, Title, Wire
from aiworker.wire.rules import RuleBroken
from aiworker.wire.running import checked
from aiworker.wire.telling import Telling

V = TypeVar("V", bound=Mapping[str, str | None])


class ProjectStatus(StrEnum):
    """`paused`: nothing is handed out. `archived`: kept, out of the way."""

    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


class Evidence(StrEnum):
    """What a commit must show before people look at it, beside being there."""

    NONE = "none"
    COMMIT_STATUS = "commit_status"


class UpstreamStanding(StrEnum):
    """How a project stands to its upstream. `diverged` stops shipping, `no_repository` everything."""

    IN_STEP = "in_step"
    AHEAD = "ahead"
    AWAY = "away"
    REFUSED = "refused"
    DIVERGED = "diverged"
    NO_REPOSITORY = "no_repository"


def _formed(pattern: str, otherwise: Saying) -> AfterValidator:
    """A text of this form, for which people get words instead of the pattern."""
    form = re.compile(pattern)

    def check(text: str) -> str:
        if form.fullmatch(text) is None:
            raise RuleBroken(otherwise)
        return text

    return AfterValidator(check)


def _with_a_port(variables: V) -> V:
    value = variables.get("PORT")
    if value is not None:
        try:
            running.port(value)
        except RuleBroken as error:
            raise RuleBroken(rules.PORT_VARIABLE()) from error
    return variables


ProjectKey = Annotated[str, _formed(r"[A-Z][A-Z0-9]{1,11}", rules.PROJECT_KEY())]
MOST_VARIABLES = 100
VariableName = Annotated[str, _formed(r"[A-Za-z_][A-Za-z0-9_]{0,127}", rules.VARIABLE())]
VariableValue = Annotated[Body, Field(max_length=8_000)]
EnvironmentVariables = Annotated[
    dict[VariableName, VariableValue], Field(max_length=MOST_VARIABLES), AfterValidator(_with_a_port)
]
BranchName = Annotated[
    Line, Field(min_length=1, max_length=100), _formed(r"[A-Za-z0-9][A-Za-z0-9._/-]*", rules.BRANCH())
]
# One that is run as it is, without a shell.
ProgramCommand = Annotated[Command, AfterValidator(checked(running.command))]
CpuLimit = Annotated[str, AfterValidator(checked(running.cpu))]
MemoryLimit = Annotated[str, AfterValidator(checked(running.memory))]
RepositoryFolder = Annotated[Line, Field(max_length=255), AfterValidator(checked(running.folder))]
UrlPath = Annotated[Line, Field(max_length=255), AfterValidator(checked(running.url_path))]
# A tool's name, or a rule such as `Bash(npm run lint)`, as Claude Code writes them: they stand among its options.
AllowRule = Annotated[
    Line, Field(min_length=1, max_length=300), _formed(r"[^-].*", rules.ALLOWED(example="Bash(npm test)"))
]
# A check of a commit, as the machine that makes it calls it: `CI / test (push)`.
CheckName = Annotated[Line, Field(min_length=1, max_length=255)]
Dollars = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]

Namespace = Annotated[str, _formed(r"[a-z0-9]([a-z0-9-]{0,52}[a-z0-9])?", rules.LABEL(limit=54))]
StagingNamespace = Annotated[str, _formed(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", rules.LABEL(limit=63))]
Image = Annotated[
    Line,
    Field(max_length=512),
    AfterValidator(checked(partial(running.image, commit="0" * 40, branch="main"))),
]
EgressRule = Annotated[Line, Field(max_length=80), AfterValidator(checked(running.place))]
ManifestsPath = Annotated[
    Line,
    Field(min_length=1, max_length=255),
    _formed(r"[A-Za-z0-9._/{}-]+", rules.FOLDER(example="deploy/overlays")),
    AfterValidator(checked(partial(running.manifests, environment="staging"))),
]
ManifestsImage = Annotated[Line, Field(min_length=1, max_length=255, pattern=r"^(helm:)?[A-Za-z0-9][A-Za-z0-9._:/-]*$")]

# The tools of AiWorker's MCP server that work on tasks; those for robots belong to no project.
TaskTool = Literal[
    "get_next_task",
    "get_task",
    "list_tasks",
    "create_task",
    "update_task_status",
    "ask_user_question",
    "check_response",
    "create_branch",
    "create_pull_request",
    "trigger_preview",
    "report_progress",
    "log",
    "heartbeat",
    "release_task",
]

# What a coding program may do without asking unless the project says otherwise: change files, use git, run the
# project's own commands, whatever these are by then.
AGENT_ALLOW = ("edits", "git", "setup", "test", "start")


class ProjectSettings(Request):
    """What people may set, at creation or later. A field left out stays as it is.

    `agentAllow`: rules of the coding CLI, beside the words edits, git, setup, test and start. Cost limits are in
    dollars: of one attempt, of a task, of the project by day (UTC) and in all; null: none. `attemptMinutes`: how long
    an attempt may take, without the time it waits for people. `evidence`: `commit_status` asks for a green status at
    the very commit before a task is handed in or approved, of `evidenceContexts` or, without any, of all that report.
    `closeIssues`: an issue is closed when its task is in production.

    On Kubernetes: `dockerImage` with `{commit}` and `{branch}`; `egress`: where previews may connect to, as networks
    (`10.0.0.0/8`) and namespaces, each with or without a port (`databases:5432`). With Argo CD: `manifestsPath`, a
    folder of the repository with `{environment}` in it, and `manifestsImage`, the name of the image in its
    kustomization (by default the image's own) or `helm:` and a parameter.
    """

    description: Body | None = None
    default_branch: BranchName | None = None
    k8s_namespace: Namespace | None = None
    k8s_staging_namespace: StagingNamespace | None = None
    docker_image: Image | None = None
    run_as_root: bool | None = None
    egress: Annotated[list[EgressRule], Field(max_length=50)] | None = None
    manifests_path: ManifestsPath | None = None
    manifests_image: ManifestsImage | None = None
    env_vars: EnvironmentVariables | None = None
    replicas: Annotated[int, Field(ge=1, le=50)] | None = None
    cpu_limit: CpuLimit | None = None
    memory_limit: MemoryLimit | None = None
    mcp_tools: Annotated[list[TaskTool], Field(max_length=100)] | None = None
    mcp_permissions: dict[str, bool] | None = None
    setup_command: ProgramCommand | None = None
    test_command: Command | None = None
    start_command: ProgramCommand | None = None
    static_root: RepositoryFolder | None = None
    health_path: UrlPath | None = None
    health_timeout_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    wip_limit: Annotated[int, Field(ge=1, le=1000)] | None = None
    agent_allow: Annotated[list[AllowRule], Field(max_length=200)] | None = None
    attempt_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] | None = None
    attempt_cost_limit_usd: Dollars | None = None
    task_cost_limit_usd: Dollars | None = None
    day_cost_limit_usd: Dollars | None = None
    project_cost_limit_usd: Dollars | None = None
    logs_kept_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    preview_enabled: bool | None = None
    push_upstream: bool | None = None
    evidence: Evidence | None = None
    evidence_contexts: Annotated[list[CheckName], Field(max_length=20)] | None = None
    close_issues: bool | None = None


RepositoryAddress = Annotated[Line, Field(min_length=1, max_length=1_000)]


class NewProject(ProjectSettings):
    """A project to be made; `repo` is a local path or a URL, and an empty repository is made without it."""

    name: Title
    key: ProjectKey | None = None
    repo: RepositoryAddress | None = None


class ProjectChanges(ProjectSettings):
    """Changes to a project. `version`: the one that was read, so that two people do not overwrite each other.

    `setEnvVars` sets single variables, and removes those whose value is null; `envVars` replaces all of them.
    """

    name: Title | None = None
    status: ProjectStatus | None = None
    set_env_vars: (
        Annotated[
            dict[VariableName, VariableValue | None],
            Field(max_length=MOST_VARIABLES),
            AfterValidator(_with_a_port),
        ]
        | None
    ) = None
    version: int | None = None


class SyncProject(Request):
    """`repo`: where the repository is now, or is to be imported from. `pushUpstream`: push from now on, or no more."""

    repo: RepositoryAddress | None = None
    push_upstream: bool | None = None


class Environment(Wire):
    """What runs where. `limits`: what holds it within its limits of CPU and memory, on a machine without a cluster."""

    environment: str
    url: str
    commit: str | None = None
    group_number: int | None = None
    health: str | None = None
    since: Timestamp | None = None
    limits: str | None = None


class UpstreamState(Wire):
    """How a project stood to its upstream when they last met.

    `message` says what is wrong (`told`: for other languages), `command` what to run at the upstream, `remarks` what
    does not come with a clone.
    """

    standing: UpstreamStanding
    message: str | None = None
    told: Telling | None = None
    command: str | None = None
    remarks: list[str] = Field(default_factory=list)
    checked_at: Timestamp


class Project(Wire):
    """A project. `envVars` shows the names only: values are never returned.

    `overspent`: which cost limit has been reached; nothing is handed out until then (null: until it is raised).
    """

    id: str
    key: str
    name: str
    description: str | None
    status: ProjectStatus
    status_reason: str | None = None
    status_reason_told: Telling | None = None
    default_branch: str
    clone_url: str
    upstream: str | None
    upstream_state: UpstreamState | None = None
    gitea_repo_id: int | None = None
    gitea_repo_url: str | None = None
    gitea_owner: str | None = None
    gitea_repo_name: str | None = None
    k8s_namespace: str
    k8s_staging_namespace: str
    docker_image: str | None
    run_as_root: bool
    egress: list[str]
    manifests_path: str
    manifests_image: str | None
    env_vars: list[str]
    replicas: int
    cpu_limit: str
    memory_limit: str
    mcp_tools: list[str] | None
    mcp_permissions: dict[str, bool]
    setup_command: str | None
    test_command: str | None
    start_command: str | None
    static_root: str
    health_path: str
    health_timeout_seconds: int
    wip_limit: int | None
    agent_allow: list[str]
    attempt_minutes: int
    attempt_cost_limit_usd: float | None
    task_cost_limit_usd: float | None
    day_cost_limit_usd: float | None
    project_cost_limit_usd: float | None
    overspent: str | None
    overspent_until: Timestamp | None
    logs_kept_days: int | None
    preview_enabled: bool
    push_upstream: bool
    evidence: Evidence = Evidence.NONE
    evidence_contexts: list[str] = Field(default_factory=list[str])
    close_issues: bool = False
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class ProjectSync(Wire):
    """What a sync did: commits that came, refs that went, and commits of ours that the upstream still lacks."""

    project: Project
    imported: bool = False
    fetched: int = 0
    pushed: list[str] = Field(default_factory=list)
    ahead: int = 0


class ProjectMetrics(Wire):
    """Counts by state, how long tasks take (`avgDuration`: agents' working minutes; lead time in hours), and what the
    attempts have cost, as far as it was reported."""

    total_tasks: int
    backlog: int
    in_progress: int
    needs_input: int
    ready_to_test: int
    approved: int
    staging: int
    completed: int
    cancelled: int
    avg_duration: float | None
    lead_time_hours: float | None
    throughput_per_week: float
    cost_usd: float
    cost_today_usd: float
