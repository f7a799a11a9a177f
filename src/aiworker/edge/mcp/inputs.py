"""What each tool takes. The descriptions are read by agents that know nothing else of the product."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from aiworker.wire import rules
from aiworker.wire.agents import LogLevel
from aiworker.wire.base import Body, Identifier, JsonObject, Line, Request, Title
from aiworker.wire.rules import RuleBroken
from aiworker.wire.tasks import Capability, Choice, NewTask, TaskComplexity, TaskPriority, TaskState
from aiworker.wire.work import UsageReport

# Clients commonly give up on a call after 60 seconds.
LONGEST_WAIT_SECONDS = 55
_LONGEST_TEXT = 16_000


def _not_blank(value: str) -> str:
    if not value.strip():
        raise RuleBroken(rules.NOT_BLANK())
    return value


def _from_text(value: Any) -> Any:
    """Some models send lists and objects as JSON in a string."""
    if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


Words = Annotated[Body, Field(min_length=1), AfterValidator(_not_blank)]
# Comes last, so that limits are those of the list and not of the text.
FromText = BeforeValidator(_from_text)
TaskName = Annotated[Identifier, Field(description="A task's id, or its key like SHOP-12.")]
ProjectName = Annotated[Identifier, Field(description="A project's id, or its key like SHOP.")]
Capabilities = Annotated[list[Capability], Field(max_length=20), FromText]


def _wait(until: str) -> Any:
    return Field(
        ge=0,
        le=LONGEST_WAIT_SECONDS,
        allow_inf_nan=False,
        description=f"How many seconds (at most {LONGEST_WAIT_SECONDS}) to wait {until}.",
    )


class ToolInput(Request):
    """The arguments of a tool."""


class OfAttempt(ToolInput):
    """The arguments of a tool that works on the caller's own task."""

    attempt: Annotated[
        Annotated[Line, Field(min_length=1, max_length=200)] | None,
        Field(description="The token that get_next_task returned as `attempt`. Always pass it."),
    ] = None
    task_id: Annotated[
        Identifier | None,
        Field(description="Not needed. If given, it must be the task that the attempt is at (id or key)."),
    ] = None


class GetNextTask(ToolInput):
    """Arguments of `get_next_task`."""

    project_id: Annotated[
        Identifier | None, Field(description="Only tasks of this project (id, or key like SHOP).")
    ] = None
    capabilities: Annotated[
        Capabilities, Field(description="What you can do, for tasks that ask for it, for example react or rust.")
    ] = Field(default_factory=list[str])
    wait_seconds: Annotated[float, _wait("for a task if there is none now")] = 0
    resume: Annotated[
        bool,
        Field(description="Take over the task that you hold already; the session that had it can no longer write."),
    ] = False


class GetTask(ToolInput):
    """Arguments of `get_task`."""

    task_id: TaskName


class ListTasks(ToolInput):
    """Arguments of `list_tasks`."""

    project_id: Annotated[Identifier | None, Field(description="Only this project's tasks (id, or key like SHOP).")] = (
        None
    )
    states: Annotated[
        list[TaskState], Field(max_length=8, description="Only tasks in these states; all if empty."), FromText
    ] = Field(default_factory=list[TaskState])
    query: Annotated[
        Annotated[Line, Field(max_length=200)] | None, Field(description="A part of the title, description or key.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=100, description="How many at most.")] = 20
    cursor: Annotated[
        Annotated[Line, Field(max_length=400)] | None, Field(description="`nextCursor` of the page before.")
    ] = None


class CreateTask(ToolInput):
    """Arguments of `create_task`."""

    project_id: ProjectName
    title: Annotated[Title, AfterValidator(_not_blank), Field(description="What is to be done, in one line.")]
    description: Annotated[Body | None, Field(description="Everything that who does it needs to know.")] = None
    priority: TaskPriority = TaskPriority.MEDIUM
    estimated_complexity: TaskComplexity = TaskComplexity.MEDIUM
    depends_on: Annotated[
        list[Identifier], Field(max_length=50, description="Tasks that must be approved first (ids or keys)."), FromText
    ] = Field(default_factory=list[str])
    capabilities: Annotated[
        Capabilities, Field(description="What an agent must be able to do to take it; mostly none.")
    ] = Field(default_factory=list[str])

    def as_new_task(self) -> NewTask:
        """What the board takes."""
        return NewTask.model_validate(self.model_dump())


class UpdateTaskStatus(OfAttempt):
    """Arguments of `update_task_status`."""

    status: Annotated[
        TaskState,
        Field(
            description="ready_to_test hands the task in for review; backlog gives it back; in_progress tells where it "
            "stands; approved needs taskId and a project that lets agents approve."
        ),
    ]
    reason: Annotated[
        Annotated[Body, Field(max_length=2_000)] | None, Field(description="Why, or a summary of what you did.")
    ] = None


class AskUserQuestion(OfAttempt):
    """Arguments of `ask_user_question`."""

    question: Annotated[Words, Field(description="The question, clear to somebody who has not seen your work.")]
    context: Annotated[Body | None, Field(description="What one must know to answer.")] = None
    choices: Annotated[
        list[Choice],
        Field(max_length=20, description="Answers to choose from, if there are some; people may always write another."),
        FromText,
    ] = Field(default_factory=list["Choice"])


class CheckResponse(ToolInput):
    """Arguments of `check_response`."""

    question_id: Annotated[Identifier, Field(description="The `questionId` that ask_user_question returned.")]
    wait_seconds: Annotated[float, _wait("for the answer; waiting keeps your task yours")] = 0
    attempt: Annotated[Annotated[Line, Field(max_length=200)] | None, Field(description="Not needed here.")] = None


class CreateBranch(OfAttempt):
    """Arguments of `create_branch`."""


class CreatePullRequest(OfAttempt):
    """Arguments of `create_pull_request`."""

    summary: Annotated[
        Annotated[Body, Field(max_length=_LONGEST_TEXT)] | None,
        Field(description="What you did and what a reviewer should look at; it goes into the pull request."),
    ] = None


class TriggerPreview(OfAttempt):
    """Arguments of `trigger_preview`."""

    finish: Annotated[
        bool, Field(description="Also open the pull request and hand the task in; false: only deploy the branch.")
    ] = True
    wait_seconds: Annotated[float, _wait("until the preview answers")] = 50


class ReportProgress(OfAttempt):
    """Arguments of `report_progress`."""

    step: Annotated[
        Annotated[Line, Field(max_length=100)] | None, Field(description="What you are doing now, in a few words.")
    ] = None
    percentage: Annotated[Annotated[int, Field(ge=0, le=100)] | None, Field(description="How much is done.")] = None
    usage: Annotated[
        UsageReport | None,
        FromText,
        Field(description="Tokens and cost of this attempt so far: totals, not differences."),
    ] = None


class Log(OfAttempt):
    """Arguments of `log`."""

    message: Annotated[Words, Field(max_length=_LONGEST_TEXT, description="The line.")]
    level: LogLevel = LogLevel.INFO
    metadata: Annotated[JsonObject | None, FromText, Field(description="Anything more, for programs.")] = None


class Heartbeat(OfAttempt):
    """Arguments of `heartbeat`."""


class ReleaseTask(OfAttempt):
    """Arguments of `release_task`."""

    reason: Annotated[
        Annotated[Body, Field(max_length=2_000)] | None,
        Field(description="Why you give it back; the next agent reads it."),
    ] = None
