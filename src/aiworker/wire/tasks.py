"""Tasks, questions, timeline and attempts as they travel."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from aiworker.wire.base import Body, CommitHash, Identifier, Line, Request, Timestamp, Title, Wire
from aiworker.wire.projects import AllowRule
from aiworker.wire.telling import Telling


class TaskState(StrEnum):
    """The eight columns of the board, in their order."""

    BACKLOG = "backlog"
    IN_PROGRESS = "in_progress"
    NEEDS_INPUT = "needs_input"
    READY_TO_TEST = "ready_to_test"
    APPROVED = "approved"
    STAGING = "staging"
    PRODUCTION = "production"
    CANCELLED = "cancelled"


class Milestone(StrEnum):
    """How far a task has to be before those that depend on it may start; further is as good."""

    APPROVED = "approved"
    STAGING = "staging"
    PRODUCTION = "production"


class TaskPriority(StrEnum):
    """How urgent, least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class TaskComplexity(StrEnum):
    """How much work somebody thinks it is."""

    TRIVIAL = "trivial"
    SIMPLE = "simple"
    MEDIUM = "medium"
    COMPLEX = "complex"


class QuestionStatus(StrEnum):
    """`skipped`: a person said "go on without"."""

    PENDING = "pending"
    ANSWERED = "answered"
    SKIPPED = "skipped"


Capability = Annotated[Line, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+#-]{0,59}$")]


class NewTask(Request):
    """A task to be put on the board; `projectId` is a project's id or key. `dependsUntil`: how far the tasks that it
    depends on have to be."""

    project_id: Identifier
    title: Title
    description: Body | None = None
    priority: TaskPriority = TaskPriority.MEDIUM
    estimated_complexity: TaskComplexity = TaskComplexity.MEDIUM
    depends_on: Annotated[list[Identifier], Field(max_length=50)] = Field(default_factory=list[str])
    depends_until: Milestone = Milestone.APPROVED
    capabilities: Annotated[list[Capability], Field(max_length=20)] = Field(default_factory=list[str])


class TaskChanges(Request):
    """Changes by a person. `version`: the one that was read."""

    title: Title | None = None
    description: Body | None = None
    priority: TaskPriority | None = None
    estimated_complexity: TaskComplexity | None = None
    depends_on: Annotated[list[Identifier], Field(max_length=50)] | None = None
    depends_until: Milestone | None = None
    capabilities: Annotated[list[Capability], Field(max_length=20)] | None = None
    version: int | None = None


class Respond(Request):
    """An answer; without `questionId` the only pending question is meant. `skip`: go on without."""

    question_id: Identifier | None = None
    response: Annotated[Body, Field(min_length=1)] | None = None
    skip: bool = False


class Approve(Request):
    """Approval of one commit: the one that was looked at."""

    commit: CommitHash


class ReviewComment(Request):
    """A remark on one line of a file; `line` counts in the new version."""

    path: Annotated[Line, Field(min_length=1, max_length=1_000)]
    line: Annotated[int, Field(ge=1)] | None = None
    body: Annotated[Body, Field(min_length=1)]


class RequestChanges(Request):
    """What should be different. It goes to the next round."""

    body: Body = ""
    comments: Annotated[list[ReviewComment], Field(max_length=200)] = Field(default_factory=list["ReviewComment"])


class Reason(Request):
    """Why, in a sentence."""

    reason: Annotated[Body, Field(max_length=2_000)] | None = None


class Choice(Wire):
    """One of the answers that an agent offers."""

    label: Annotated[Line, Field(min_length=1, max_length=200)]
    description: Annotated[Body, Field(max_length=2_000)] | None = None


class Question(Wire):
    """What an agent asks a person."""

    id: str
    task_id: str
    task_key: str | None = None
    task_title: str | None = None
    question: str
    context: str | None
    choices: list[Choice]
    status: QuestionStatus
    asked_at: Timestamp
    asked_by: str | None = None
    response: str | None
    responded_at: Timestamp | None
    responded_by: str | None


class AgentSummary(Wire):
    """The agent on a card."""

    id: str
    name: str
    status: str


class CheckState(StrEnum):
    """What a machine says of a commit."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"


class CommitCheck(Wire):
    """One check of a commit, by its name, with where to read more."""

    context: str
    state: CheckState
    description: str
    url: str | None


class CommitChecks(Wire):
    """What the checks that a project asks for say of one commit together."""

    commit: str
    state: CheckState
    checks: list[CommitCheck]


class Task(Wire):
    """A task. `waiting` says in one line why it is not taken, `waitingCode` and `waitingDetails` the same for programs
    (no code: only the line tells); `waitsForPerson`: and only a person can end that."""

    id: str
    key: str
    project_id: str
    project_key: str
    title: str
    description: str | None
    priority: TaskPriority
    state: TaskState
    estimated_complexity: TaskComplexity
    capabilities: list[str]
    depends_on: list[str]
    depends_until: Milestone
    waiting: str | None
    waiting_code: str | None = None
    waiting_details: dict[str, Any] = Field(default_factory=dict)
    held: str | None
    waits_for_person: bool
    assigned_agent_id: str | None
    assigned_agent: AgentSummary | None
    assigned_at: Timestamp | None
    branch_name: str | None
    head_commit: str | None
    approved_commit: str | None
    approved_by: str | None
    checks: CommitChecks | None = None
    pr_number: int | None
    pr_url: str | None
    preview_namespace: str | None
    preview_url: str | None
    preview_deployed_at: Timestamp | None
    preview_status: str | None
    preview_error: str | None
    preview_error_told: Telling | None = None
    group_id: str | None
    group_number: int | None
    questions: list[Question]
    round: int
    attempts: int
    current_step: str | None
    progress: int | None
    actual_duration_minutes: int | None
    cost_usd: float | None
    version: int
    created_at: Timestamp
    updated_at: Timestamp
    started_at: Timestamp | None
    completed_at: Timestamp | None
    deployed_staging_at: Timestamp | None
    deployed_production_at: Timestamp | None


class TimelineEntry(Wire):
    """One line of a task's history: who, when, from, to, why."""

    position: int
    kind: str
    actor: str
    actor_kind: str
    from_state: TaskState | None
    to_state: TaskState | None
    message: str
    details: dict[str, Any]
    created_at: Timestamp


class DeniedTool(Wire):
    """A tool that an agent was not allowed to use. `rule`: what would allow it; `allowed`: the project has it now."""

    tool: str
    input: dict[str, Any]
    rule: str
    allowed: bool


class AllowTool(Request):
    """Let agents of the project use a denied tool from now on: the denial's `rule`, or another one for the tool."""

    rule: AllowRule


class Attempt(Wire):
    """One try at one round of work. `limits` says in one line what would end it. `…Telling`: for other languages."""

    execution_id: str
    robot_id: str
    round: int
    number: int
    agent_id: str | None
    agent_name: str | None
    state: str
    outcome: str | None
    summary: str | None
    error: str | None
    error_told: Telling | None = None
    current_step: str | None
    progress: int
    started_at: Timestamp
    completed_at: Timestamp | None
    duration_ms: int | None
    tokens_in: int
    tokens_out: int
    cost_usd: float | None
    limits: str
    limits_told: list[Telling] = Field(default_factory=list[Telling])
    permission_denials: list[DeniedTool]


class FileChange(Wire):
    """One file of a diff."""

    path: str
    old_path: str | None
    status: str
    additions: int
    deletions: int
    binary: bool
    truncated: bool
    patch: str | None


class TaskDiff(Wire):
    """What the task's branch changes."""

    base: str
    head: str
    files: list[FileChange]
    additions: int
    deletions: int
    truncated: bool


class LogLine(Wire):
    """A line of an agent's log."""

    id: int
    agent_id: str
    task_id: str | None
    execution_id: str | None
    level: str
    message: str
    metadata: dict[str, Any] | None
    created_at: Timestamp
