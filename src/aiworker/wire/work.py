"""What agents get: an assignment, and the answers to their tools."""

from typing import Annotated, Any, Literal

from pydantic import Field, computed_field

from aiworker.wire.base import JsonObject, Line, Request, Timestamp, Wire
from aiworker.wire.tasks import Choice, TaskPriority, TaskState

_PREVIEW_ADVICE = {
    "running": "The preview answers at previewUrl.",
    "starting": "The preview is still starting; call trigger_preview again to wait for it.",
    "failed": "The preview does not run; `error` and `log` say why.",
}
_DIRECTIVE_ADVICE = {
    "continue": "Go on.",
    "pause": "People owe you an answer; call check_response before you hand the work in.",
    "cancel": "People cancelled the task. Stop working on it; call get_next_task.",
    "lost": "This attempt is not yours any more. Stop working on it; call get_next_task.",
}


class WorkProject(Wire):
    """Where the work happens."""

    id: str
    key: str
    name: str
    description: str | None
    clone_url: Annotated[str, Field(description="Clone it with `attempt` as the password and any user name.")]
    default_branch: str
    setup_command: str | None
    test_command: str | None
    start_command: str | None
    agent_allow: Annotated[
        list[str],
        Field(description="What a coding program may do here without asking: words, and rules of Claude Code."),
    ] = Field(default_factory=list[str])


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
    context: str | None = None
    response: str | None
    status: str


class AttemptLimits(Wire):
    """What ends the attempt: minutes of work, and dollars (null: no limit), as much as every limit leaves."""

    minutes: int
    cost_usd: float | None


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
    limits: AttemptLimits
    lease_expires_at: Timestamp | None


class NextTask(Wire):
    """The next task with everything about it; `task` is null if there is none. `message` says what to do now."""

    task: WorkTask | None = None
    attempt: Annotated[
        str | None, Field(description="Your attempt's token. Pass it to every later call for this task.")
    ] = None
    attempt_number: int | None = None
    project: WorkProject | None = None
    branch: Annotated[str | None, Field(description="Work on this branch; create_branch makes it.")] = None
    base_commit: str | None = None
    earlier_attempts: list[EarlierAttempt] = Field(default_factory=list["EarlierAttempt"])
    review_comments: list[WorkComment] = Field(default_factory=list["WorkComment"])
    answered_questions: list[WorkAnswer] = Field(default_factory=list["WorkAnswer"])
    limits: AttemptLimits | None = None
    lease_expires_at: Timestamp | None = None
    message: str = (
        "No task is ready. Call get_next_task again with waitSeconds: 50 if you are to wait for one; else you are done."
    )


class AskedQuestion(Wire):
    """A question that has been put to people."""

    question_id: str
    task_id: str
    state: TaskState
    message: str = (
        "People see the question now. Call check_response with questionId and waitSeconds: 50, again and again, until "
        "it is answered; meanwhile you may ask more, or go on with what does not depend on it. If you must end before, "
        "just end: once people have answered, get_next_task gives the task out again, to you first."
    )


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
    message: str = (
        "Fetch and check out `branch` (if you have no clone, clone cloneUrl first: `attempt` is the password, any user "
        "name will do). Do the work there, commit it, and push `branch`. Then call create_pull_request."
    )


class OpenedPullRequest(Wire):
    """The task's pull request; the task waits for review now."""

    task_id: str
    state: TaskState
    pr_number: int
    pr_url: str
    commit: str
    preview_url: str | None
    message: str = "The work is with people for review. Call get_next_task for more."


class PreviewAnswer(Wire):
    """A preview: the address it answers at, or why it does not."""

    task_id: str
    state: TaskState
    status: Literal["running", "starting", "failed"]
    preview_url: str
    error: str | None
    log: str | None = None

    @computed_field
    @property
    def message(self) -> str:
        """What to do now."""
        return _PREVIEW_ADVICE[self.status]


class TaskStatusAnswer(Wire):
    """Where the task stands after the call."""

    task_id: str
    state: TaskState
    message: str


class HeartbeatAnswer(Wire):
    """The lease runs on; `directive` says what to do: continue, pause, cancel, or lost (stop working).

    `reason`: why, where it is not people who wish so.
    """

    directive: Literal["continue", "pause", "cancel", "lost"]
    lease_expires_at: Timestamp | None
    reason: str | None = None

    @computed_field
    @property
    def message(self) -> str:
        """What the directive means."""
        if self.reason is not None:
            return f"The {self.reason}. Stop working on the task; call get_next_task."
        return _DIRECTIVE_ADVICE[self.directive]


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
    context: str | None
    choices: list[Choice]
    status: str
    response: str | None


class BoardPage(Wire):
    """Some tasks of the board."""

    tasks: list[BoardTask]
    count: int
    next_cursor: str | None


class PermissionDenial(Request):
    """A tool that the agent wanted to use and was not allowed to."""

    tool: Annotated[Line, Field(min_length=1, max_length=200)]
    input: JsonObject = Field(default_factory=dict[str, Any])


class UsageReport(Request):
    """What an attempt has used so far; totals, not differences. `permissionDenials`: those since the last report."""

    tokens_in: Annotated[int, Field(ge=0, le=2_000_000_000)] = 0
    tokens_out: Annotated[int, Field(ge=0, le=2_000_000_000)] = 0
    cost_usd: Annotated[float, Field(ge=0, le=2_000, allow_inf_nan=False)] | None = None
    permission_denials: Annotated[list[PermissionDenial], Field(max_length=100)] = Field(
        default_factory=list["PermissionDenial"]
    )
