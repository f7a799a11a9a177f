"""Projects as they travel."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from aiworker.wire.base import Body, Command, Line, Request, Timestamp, Title, Wire


class ProjectStatus(StrEnum):
    """`paused`: nothing is handed out. `archived`: kept, out of the way."""

    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


ProjectKey = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,11}$")]
EnvironmentVariables = Annotated[
    dict[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")], Annotated[Body, Field(max_length=8_000)]],
    Field(max_length=100),
]
BranchName = Annotated[Line, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")]
CpuLimit = Annotated[str, Field(pattern=r"^[0-9]{1,6}(\.[0-9]{1,3}|m)?$")]
MemoryLimit = Annotated[str, Field(pattern=r"^[0-9]{1,12}(Ki|Mi|Gi|K|M|G)?$")]


class ProjectSettings(Request):
    """What people may set, at creation or later. A field left out stays as it is."""

    description: Body | None = None
    default_branch: BranchName | None = None
    k8s_namespace: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,52}[a-z0-9])?$")] | None = None
    docker_image: Annotated[Line, Field(max_length=512)] | None = None
    env_vars: EnvironmentVariables | None = None
    replicas: Annotated[int, Field(ge=1, le=50)] | None = None
    cpu_limit: CpuLimit | None = None
    memory_limit: MemoryLimit | None = None
    mcp_tools: list[Annotated[str, Field(max_length=60)]] | None = None
    mcp_permissions: dict[str, bool] | None = None
    setup_command: Command | None = None
    test_command: Command | None = None
    start_command: Command | None = None
    static_root: Annotated[Line, Field(max_length=255)] | None = None
    health_path: Annotated[Line, Field(pattern=r"^/", max_length=255)] | None = None
    health_timeout_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    wip_limit: Annotated[int, Field(ge=1, le=1000)] | None = None
    preview_enabled: bool | None = None
    push_upstream: bool | None = None


class NewProject(ProjectSettings):
    """A project to be made; `repo` is a local path or a URL, and an empty repository is made without it."""

    name: Title
    key: ProjectKey | None = None
    repo: Annotated[Line, Field(min_length=1, max_length=1_000)] | None = None


class ProjectChanges(ProjectSettings):
    """Changes to a project. `version`: the one that was read, so that two people do not overwrite each other."""

    name: Title | None = None
    status: ProjectStatus | None = None
    version: int | None = None


class Environment(Wire):
    """What runs where."""

    environment: str
    url: str
    commit: str | None = None
    group_number: int | None = None
    health: str | None = None
    since: Timestamp | None = None


class Project(Wire):
    """A project. `envVars` shows the names only: values are never returned."""

    id: str
    key: str
    name: str
    description: str | None
    status: ProjectStatus
    status_reason: str | None = None
    default_branch: str
    clone_url: str
    upstream: str | None
    gitea_repo_id: int | None = None
    gitea_repo_url: str | None = None
    gitea_owner: str | None = None
    gitea_repo_name: str | None = None
    k8s_namespace: str
    docker_image: str | None
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
    preview_enabled: bool
    push_upstream: bool
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class ProjectMetrics(Wire):
    """Counts by state, and how long tasks take (`avgDuration`: agents' working minutes; lead time in hours)."""

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
