"""What agents get: an assignment, and the answers to their tools."""

from typing import Annotated, Literal

from pydantic import Field

from aiworker.wire.base import Timestamp, Wire
from aiworker.wire.tasks import Choice, TaskPriority, TaskState


class WorkProject(Wire):
    """Where the work happens."""

    id: str
    key: str
    name: str
    description: str | None
    clone_url: Annotated[str, Field(description="Clone it with your API key as the password; any user name.")]
    default_branch: str
    setup_command: str | None
    test_command: str | None
    start_command: str | None


class WorkTask(Wire):
    """What is to be done."""

    id: str
    key: str
    title: str
    description: str | None
    priority: TaskPriority
    state: TaskState
    round: int


class EarlierAttempt(Wire):
    """How an earlier attempt went."""

    number: int
    agent: str | None
    outcome: str | None
    summary: str | None
    error: str | None


class WorkComment(Wire):
    """What a reviewer wants different."""

    path: str | None
    line: int | None
    body: str
    author: str
    round: int


class WorkAnswer(Wire):
    """A question about this task that has been settled."""

    question: str
    response: str | None
    status: str


class Assignment(Wire):
    """A task that is yours alone now."""

    attempt: Annotated[str, Field(description="Your attempt's token. Pass it to every later call for this task.")]
    attempt_number: int
    task: WorkTask
    project: WorkProject
    branch: Annotated[str, Field(description="Work on this branch; create_branch makes it.")]
    base_commit: str | None
    earlier_attempts: list[EarlierAttempt]
    review_comments: list[WorkComment]
    answered_questions: list[WorkAnswer]
    lease_expires_at: Timestamp | None


class NextTask(Wire):
    """The next task, or null with the reason why there is none."""

    task: Assignment | None
    message: str


class AskedQuestion(Wire):
    """A question that has been put to people."""

    question_id: str
    task_id: str
    state: TaskState


class ResponseCheck(Wire):
    """Whether people have answered."""

    question_id: str
    status: Literal["pending", "answered", "skipped"]
    response: str | None
    task_state: TaskState
    message: str


class MadeBranch(Wire):
    """The task's branch."""

    task_id: str
    branch: str
    commit: str
    clone_url: str


class OpenedPullRequest(Wire):
    """The task's pull request; the task waits for review now."""

    task_id: str
    state: TaskState
    pr_number: int
    pr_url: str
    commit: str
    preview_url: str | None


class PreviewAnswer(Wire):
    """A preview: the address it answers at, or why it does not."""

    task_id: str
    state: TaskState
    status: Literal["running", "starting", "failed"]
    preview_url: str
    error: str | None
    log: str | None = None


class TaskStatusAnswer(Wire):
    """Where the task stands after the call."""

    task_id: str
    state: TaskState
    message: str


class HeartbeatAnswer(Wire):
    """The lease runs on; `directive` says what to do: continue, pause, cancel, or lost (stop working)."""

    directive: Literal["continue", "pause", "cancel", "lost"]
    lease_expires_at: Timestamp | None


class Acknowledged(Wire):
    """It has been written down."""

    ok: bool = True


class BoardTask(Wire):
    """A task as agents read it."""

    id: str
    key: str
    project_key: str
    title: str
    description: str | None
    priority: TaskPriority
    state: TaskState
    waiting: str | None
    branch: str | None
    pr_url: str | None
    preview_url: str | None
    questions: list["BoardQuestion"]


class BoardQuestion(Wire):
    """A question of a task as agents read it."""

    id: str
    question: str
    choices: list[Choice]
    status: str
    response: str | None


class BoardPage(Wire):
    """Some tasks of the board."""

    tasks: list[BoardTask]
    count: int
    next_cursor: str | None


class UsageReport(Wire):
    """What an attempt has used so far; totals, not differences."""

    tokens_in: Annotated[int, Field(ge=0)] = 0
    tokens_out: Annotated[int, Field(ge=0)] = 0
    cost_usd: Annotated[float, Field(ge=0)] | None = None
