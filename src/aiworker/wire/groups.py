"""Groups and deployments as they travel."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from aiworker.wire.base import Body, Identifier, Moment, Request, Timestamp, Wire
from aiworker.wire.telling import Telling


class GroupStatus(StrEnum):
    """Where a group stands."""

    PENDING = "pending"
    STAGING = "staging"
    PRODUCTION = "production"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class DeploymentEnvironment(StrEnum):
    """Where something is rolled out to."""

    PREVIEW = "preview"
    STAGING = "staging"
    PRODUCTION = "production"


class DeploymentType(StrEnum):
    """Who or what caused a roll-out."""

    MANUAL = "manual"
    AUTOMATIC = "automatic"
    ROLLBACK = "rollback"


class DeploymentStatus(StrEnum):
    """How a roll-out goes."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"


class NewGroup(Request):
    """Approved tasks that go to staging together, at once or at `deferUntil`."""

    task_ids: Annotated[list[Identifier], Field(min_length=1, max_length=100)]
    notes: Annotated[Body, Field(max_length=4_000)] | None = None
    defer_until: Moment | None = None


class GroupTask(Wire):
    """A task within a group: the commit that was frozen, and the commit that it became in staging."""

    id: str
    key: str
    title: str
    approved_commit: str
    staging_commit: str | None


class GroupProblem(Wire):
    """What a task lacks to be shipped, in words that follow its key: `is in backlog, not approved`."""

    task: str
    problem: str
    told: Telling | None = None


class GroupConflict(Wire):
    """A task that would conflict with an earlier one of the release, or (`beside` is null) with staging."""

    task: str
    beside: str | None
    files: list[str]


class CommitsByHand(Wire):
    """What people committed to the default branch from `since` to `until` (whose author and subject these are), and
    what goes to staging with a release as one commit.

    `leftOut`: it does not, for it conflicts in `conflictFiles`, or (none named) a merge in it holds AiWorker's commits.
    """

    since: str
    until: str
    count: int
    author: str
    subject: str
    staging_commit: str | None
    conflict_files: list[str]
    left_out: bool


class GroupCheck(Wire):
    """What shipping some tasks together would come to: in which order they go in, and what stands in the way.

    A task without a commit to try is left out of the conflicts.
    """

    shippable: bool
    tasks: list[str]
    missing: list[GroupProblem]
    conflicts: list[GroupConflict]
    by_hand: list[CommitsByHand]
    staging_commit: str | None


class RolloutStep(Wire):
    """One named step of a pipeline. `told`: its detail for other languages."""

    name: str
    status: str
    detail: str | None
    told: Telling | None = None
    started_at: Timestamp | None
    completed_at: Timestamp | None


class Group(Wire):
    """Several tasks on their way together. `underWay` names the pipeline that runs (merge.group, …)."""

    id: str
    number: int
    project_id: str
    project_key: str
    status: GroupStatus
    task_ids: list[str]
    tasks: list[GroupTask]
    notes: str | None
    staging_branch: str | None
    staging_pr_number: int | None
    staging_pr_url: str | None
    staging_commit: str | None
    production_commit: str | None
    tag: str
    error: str | None
    error_told: Telling | None = None
    conflict_task_id: str | None
    conflict_files: list[str]
    by_hand: list[CommitsByHand]
    under_way: str | None
    robot_id: str | None
    steps: list[RolloutStep]
    can_promote: bool
    can_rollback: bool
    production_rollback_available: bool
    defer_until: Timestamp | None
    staging_deployed_at: Timestamp | None
    production_deployed_at: Timestamp | None
    created_by: str | None
    created_at: Timestamp
    updated_at: Timestamp


class Output(Wire):
    """The last lines that a program has written."""

    text: str


class Deployment(Wire):
    """One roll-out."""

    id: str
    project_id: str
    task_group_id: str | None
    task_id: str | None
    environment: DeploymentEnvironment
    deployment_type: DeploymentType
    branch: str | None
    commit_hash: str | None
    k8s_namespace: str | None
    k8s_deployment_name: str | None
    image_tag: str | None
    status: DeploymentStatus
    url: str | None
    error_message: str | None
    error_message_told: Telling | None = None
    logs: str | None
    task_ids: list[str]
    tasks_count: int
    triggered_by: str | None
    started_at: Timestamp | None
    completed_at: Timestamp | None
    duration_seconds: int | None
    created_at: Timestamp
