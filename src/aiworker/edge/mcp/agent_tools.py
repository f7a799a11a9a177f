"""The tools of an agent at work. Each is one call of the agents' desk."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

from aiworker.delivery.attempts.callers import Caller
from aiworker.delivery.desk import AgentDesk
from aiworker.edge.mcp.inputs import (
    AskUserQuestion,
    CheckResponse,
    CreateBranch,
    CreatePullRequest,
    GetNextTask,
    Heartbeat,
    Log,
    OfAttempt,
    ReleaseTask,
    ReportProgress,
    TriggerPreview,
    UpdateTaskStatus,
)
from aiworker.edge.mcp.tool import Tool
from aiworker.wire.agents import NewLogLine
from aiworker.wire.base import Wire
from aiworker.wire.tasks import TaskState
from aiworker.wire.work import (
    Acknowledged,
    AskedQuestion,
    Assignment,
    HeartbeatAnswer,
    MadeBranch,
    NextTask,
    OpenedPullRequest,
    PreviewAnswer,
    ResponseCheck,
    TaskStatusAnswer,
)

_YOURS = "{key} is yours alone now. Pass `attempt` to every later call. Read {story}; then call create_branch."

Asked = TypeVar("Asked", bound=OfAttempt)


class AgentTools:
    """What needs the permission to work."""

    def __init__(self, desk: AgentDesk) -> None:
        self._desk = desk

    def tools(self) -> list[Tool[Any]]:
        """In the order in which an agent needs them."""
        return [
            Tool(
                name="get_next_task",
                title="Get the next task",
                when="Use it to start, and whenever you have nothing to do: it claims the next task for you alone and "
                "returns everything about it, with the `attempt` token that every later call for this task needs.",
                takes=GetNextTask,
                gives=NextTask,
                run=self.get_next_task,
            ),
            Tool(
                name="create_branch",
                title="Create the task's branch",
                when="Use it once after get_next_task, before you change files: it makes the task's branch and tells "
                "how to get it; calling it again is no error.",
                takes=CreateBranch,
                gives=MadeBranch,
                run=self._same_task(self.create_branch),
                repeatable=True,
            ),
            Tool(
                name="ask_user_question",
                title="Ask people a question",
                when="Use it when you need a decision that is not yours to make: people see the question at once, and "
                "the task waits in needs_input until they answer.",
                takes=AskUserQuestion,
                gives=AskedQuestion,
                run=self._same_task(self.ask_user_question),
            ),
            Tool(
                name="check_response",
                title="Check for the answer",
                when="Use it after ask_user_question, with waitSeconds, again and again until the question is answered "
                "or skipped.",
                takes=CheckResponse,
                gives=ResponseCheck,
                run=self.check_response,
                reads=True,
            ),
            Tool(
                name="report_progress",
                title="Report progress",
                when="Use it from time to time while you work: people see the step and the percentage at once.",
                takes=ReportProgress,
                gives=HeartbeatAnswer,
                run=self._same_task(self.report_progress),
                repeatable=True,
            ),
            Tool(
                name="log",
                title="Write to the log",
                when="Use it to leave a line that people can read later, for example a decision and its reason.",
                takes=Log,
                gives=Acknowledged,
                run=self._same_task(self.log),
            ),
            Tool(
                name="heartbeat",
                title="Keep the task",
                when="Use it when you work for more than 20 minutes without any other call: it keeps the task yours, "
                "and says whether to go on.",
                takes=Heartbeat,
                gives=HeartbeatAnswer,
                run=self._same_task(self.heartbeat),
                repeatable=True,
            ),
            Tool(
                name="create_pull_request",
                title="Hand the task in",
                when="Use it when the work is committed and pushed to the task's branch: it opens or updates the pull "
                "request and hands the task in for review.",
                takes=CreatePullRequest,
                gives=OpenedPullRequest,
                run=self._same_task(self.create_pull_request),
                repeatable=True,
            ),
            Tool(
                name="trigger_preview",
                title="Put up a preview",
                when="Use it when people should see the pushed branch running: it deploys the branch, and hands the "
                "task in as well unless `finish` is false.",
                takes=TriggerPreview,
                gives=PreviewAnswer,
                run=self._same_task(self.trigger_preview),
                repeatable=True,
            ),
            Tool(
                name="update_task_status",
                title="Move the task",
                when="Use it to hand your task in (ready_to_test) or to give it back (backlog); create_pull_request "
                "and release_task do the same and tell you more.",
                takes=UpdateTaskStatus,
                gives=TaskStatusAnswer,
                run=self.update_task_status,
                repeatable=True,
                gives_up=True,
            ),
            Tool(
                name="release_task",
                title="Give the task back",
                when="Use it when you cannot finish the task: it goes back to the backlog for another agent, with your "
                "reason; its branch is kept.",
                takes=ReleaseTask,
                gives=TaskStatusAnswer,
                run=self._same_task(self.release_task),
                gives_up=True,
            ),
        ]

    async def get_next_task(self, caller: Caller, asked: GetNextTask) -> NextTask:
        """Claim, or say that there is nothing."""
        found = await self._desk.get_next_task(
            caller,
            project=asked.project_id,
            capabilities=asked.capabilities,
            wait_seconds=asked.wait_seconds,
            resume=asked.resume,
        )
        if found is None:
            return NextTask()
        message = _YOURS.format(key=found.task.key, story=_story(found))
        return NextTask.model_validate(found).model_copy(update={"message": message})

    async def create_branch(self, caller: Caller, asked: CreateBranch) -> MadeBranch:
        """Make the branch, or find it."""
        return await self._desk.create_branch(caller, asked.attempt)

    async def ask_user_question(self, caller: Caller, asked: AskUserQuestion) -> AskedQuestion:
        """Put a question to people."""
        return await self._desk.ask(
            caller, asked.attempt, question=asked.question, context=asked.context, choices=asked.choices
        )

    async def check_response(self, caller: Caller, asked: CheckResponse) -> ResponseCheck:
        """Look for the answer."""
        return await self._desk.check_response(caller, asked.question_id, wait_seconds=asked.wait_seconds)

    async def report_progress(self, caller: Caller, asked: ReportProgress) -> HeartbeatAnswer:
        """Tell what the agent is at."""
        return await self._desk.report_progress(
            caller, asked.attempt, step=asked.step, percentage=asked.percentage, usage=asked.usage
        )

    async def log(self, caller: Caller, asked: Log) -> Acknowledged:
        """Write a line down."""
        line = NewLogLine(message=asked.message, level=asked.level, metadata=asked.metadata)
        await self._desk.log(caller, asked.attempt, [line])
        return Acknowledged()

    async def heartbeat(self, caller: Caller, asked: Heartbeat) -> HeartbeatAnswer:
        """Keep the lease."""
        return await self._desk.heartbeat(caller, asked.attempt)

    async def create_pull_request(self, caller: Caller, asked: CreatePullRequest) -> OpenedPullRequest:
        """Hand in."""
        return await self._desk.create_pull_request(caller, asked.attempt, summary=asked.summary)

    async def trigger_preview(self, caller: Caller, asked: TriggerPreview) -> PreviewAnswer:
        """Put the branch up."""
        return await self._desk.trigger_preview(
            caller, asked.attempt, finish=asked.finish, wait_seconds=asked.wait_seconds
        )

    async def update_task_status(self, caller: Caller, asked: UpdateTaskStatus) -> TaskStatusAnswer:
        """Move the task; to approve, it is another's that is named."""
        if asked.status is not TaskState.APPROVED:
            caller = replace(caller, task=asked.task_id)
        return await self._desk.update_task_status(
            caller, asked.attempt, task=asked.task_id, status=asked.status, reason=asked.reason
        )

    async def release_task(self, caller: Caller, asked: ReleaseTask) -> TaskStatusAnswer:
        """Give it back."""
        return await self._desk.release(caller, asked.attempt, reason=asked.reason)

    def _same_task(self, run: Callable[[Caller, Asked], Awaitable[Wire]]) -> Callable[[Caller, Asked], Awaitable[Wire]]:
        """`run` for a call that names its task, which must be the attempt's."""

        async def named(caller: Caller, asked: Asked) -> Wire:
            return await run(replace(caller, task=asked.task_id), asked)

        return named


def _story(found: Assignment) -> str:
    """What there is to read before the work begins."""
    parts = {
        "reviewComments (people want these changes)": found.review_comments,
        "earlierAttempts (their work is on the branch)": found.earlier_attempts,
        "answeredQuestions": found.answered_questions,
    }
    return " and ".join(["`task`", *(name for name, given in parts.items() if given)])
