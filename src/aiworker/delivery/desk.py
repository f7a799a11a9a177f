"""The agents' desk: every tool that an agent may use, as one call each. It may wait, and it may ask the forge."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiworker.access.actors import SYSTEM, Actor, Permission
from aiworker.access.audit.service import record
from aiworker.core.errors import Conflict, Denied, Invalid
from aiworker.core.sayings import Saying
from aiworker.delivery.agents import queries as agent_queries
from aiworker.delivery.agents.logbook import LogBook
from aiworker.delivery.agents.records import AgentRecord
from aiworker.delivery.agents.service import Agents
from aiworker.delivery.attempts import queries as attempt_queries
from aiworker.delivery.attempts.callers import Caller
from aiworker.delivery.attempts.errors import AttemptOfAnotherTask, ToolNotAllowed
from aiworker.delivery.attempts.handin import HandIn, InHand
from aiworker.delivery.attempts.owner import CODING_AGENTS
from aiworker.delivery.attempts.service import Holding, Work, branch_for
from aiworker.delivery.people.questions import Questions, topic
from aiworker.delivery.people.review import Review
from aiworker.delivery.people.tasks import Tasks
from aiworker.delivery.ports.forge import Forge
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.errors import ProjectNotFound
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.projects.upstream import Upstreams
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.history import BRANCHED
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.queues.service import claim_topic
from aiworker.engine.service import Engine
from aiworker.engine.wakeups import Wakeups
from aiworker.engine.worker import ASKER_GONE
from aiworker.storage.bus import Bus
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.agents import NewLogLine
from aiworker.wire.engine import ExecutionState, Report
from aiworker.wire.tasks import Choice, NewTask, QuestionStatus, TaskState
from aiworker.wire.work import (
    AskedQuestion,
    Assignment,
    HeartbeatAnswer,
    MadeBranch,
    OpenedPullRequest,
    PreviewAnswer,
    ResponseCheck,
    TaskStatusAnswer,
    UsageReport,
)

POLL_SECONDS = 1.0
_KEEP_LEASE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class _Given:
    """What a claim gave, and its project as it was at that time."""

    assignment: Assignment
    project: ProjectRecord
    at: datetime


class AgentDesk:
    """Use cases of agents. Each takes the caller and, where it writes, the attempt's token."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        engine: Engine,
        forge: Forge,
        agents: Agents,
        work: Work,
        tasks: Tasks,
        questions: Questions,
        hand_in: HandIn,
        review: Review,
        upstreams: Upstreams,
        log_book: LogBook,
    ) -> None:
        self._database = database
        self._bus = bus
        self._wakeups = Wakeups(bus)
        self._engine = engine
        self._forge = forge
        self._agents = agents
        self._work = work
        self._tasks = tasks
        self._questions = questions
        self._hand_in = hand_in
        self._review = review
        self._upstreams = upstreams
        self._log_book = log_book
        self._leaving = False

    def let_go(self) -> None:
        """The process stops: whoever waits here is answered within a second, with what there is."""
        self._leaving = True
        self._wakeups.let_go()
        self._hand_in.let_go()

    async def get_next_task(
        self,
        caller: Caller,
        *,
        project: str | None = None,
        capabilities: Sequence[str] = (),
        wait_seconds: float = 0,
        resume: bool = False,
    ) -> Assignment | None:
        """Claim the next task; wait for one up to `wait_seconds`. Raises: TaskHeld, ProjectNotFound."""
        if caller.attempt is not None:
            return await self._database.write(self._assigned, caller)

        async def attempt() -> _Given | None:
            return await self._database.write(self._claim, caller, project, capabilities, resume)

        async def give_back(given: _Given) -> None:
            await self.release(caller, given.assignment.attempt, reason=ASKER_GONE())

        claimed = await self._wakeups.wait(claim_topic(CODING_AGENTS), attempt, give_back, seconds=0)
        if claimed is None and wait_seconds > 0:
            kind, rank = await self._database.write(self._in_line, caller, project, capabilities)
            claimed = await self._wakeups.wait(
                claim_topic(CODING_AGENTS), attempt, give_back, seconds=wait_seconds, kind=kind, rank=rank
            )
        if claimed is None:
            return None
        try:
            await self._upstreams.before_attempt(claimed.project, at=claimed.at)
        except asyncio.CancelledError:
            await give_back(claimed)
            raise
        return claimed.assignment

    async def ask(
        self, caller: Caller, attempt: str | None, *, question: str, context: str | None, choices: Sequence[Choice]
    ) -> AskedQuestion:
        """Put a question to people; the task waits in needs_input."""

        def body(tx: Tx) -> AskedQuestion:
            holding = self._held(tx, caller, attempt, "ask_user_question", parked=True)
            asked = self._questions.ask(tx, holding, question=question, context=context, choices=choices)
            _audit(tx, caller, "task.ask", holding.task, questionId=asked.id)
            return AskedQuestion(question_id=asked.id, task_id=asked.task_id, state=TaskState.NEEDS_INPUT)

        return await self._database.write(body)

    async def check_response(self, caller: Caller, question_id: str, *, wait_seconds: float = 0) -> ResponseCheck:
        """The answer, if there is one; wait for it up to `wait_seconds`, which keeps the lease."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_seconds
        async with self._bus.listen(topic(question_id)) as news:
            next_sign_of_life = loop.time()
            while True:
                if loop.time() >= next_sign_of_life:
                    await self._database.write(self._caller, caller)
                    next_sign_of_life = loop.time() + _KEEP_LEASE_SECONDS
                check = await self._database.read(self._check, question_id)
                left = deadline - loop.time()
                if check.status != QuestionStatus.PENDING.value or left <= 0 or self._leaving:
                    return check
                await news.next(min(left, POLL_SECONDS))

    async def create_branch(self, caller: Caller, attempt: str | None) -> MadeBranch:
        """Make the task's branch from the default branch and what the task depends on; there already: no error."""
        holding = await self._database.write(self._held, caller, attempt, "create_branch")
        branch = await self._hand_in.make_branch(holding.project, holding.task)

        def note(tx: Tx) -> None:
            task = board.lock(tx, holding.task.id)
            if task.branch_name != branch.name:
                by = _as_agent(holding.agent, caller.actor)
                board.note(
                    tx,
                    task,
                    "branch",
                    by=by,
                    message=BRANCHED(actor=holding.agent.pod_name, branch=branch.name),
                    details={"branch": branch.name},
                    branch_name=branch.name,
                    base_commit=branch.base,
                    head_commit=branch.head,
                )
                _audit(tx, caller, "task.branch", task, branch=branch.name)

        await self._database.write(note)
        clone_url = self._forge.clone_url(holding.project.repository)
        return MadeBranch(task_id=holding.task.id, branch=branch.name, commit=branch.head, clone_url=clone_url)

    async def create_pull_request(
        self, caller: Caller, attempt: str | None, *, summary: str | None = None, tool: str = "create_pull_request"
    ) -> OpenedPullRequest:
        """Open or update the pull request from the task's branch; the task moves to ready_to_test, once."""
        holding = await self._database.write(self._held, caller, attempt, tool, finishing=True)
        by = _as_agent(holding.agent, caller.actor)
        opened = await self._hand_in.hand_in(by, _in_hand(holding), summary=summary, preview=None)
        await self._database.write(_audit, caller, "task.hand_in", holding.task, commit=opened.commit)
        return opened

    async def trigger_preview(
        self, caller: Caller, attempt: str | None, *, finish: bool = True, wait_seconds: float = 90
    ) -> PreviewAnswer:
        """Put the branch up and wait until it answers, or say why it does not. `finish`: hand the task in as well."""
        holding = await self._database.write(self._held, caller, attempt, "trigger_preview", finishing=True)
        by = _as_agent(holding.agent, caller.actor)
        if finish:
            await self._hand_in.hand_in(by, _in_hand(holding), summary=None, preview=True)
        else:
            await self._hand_in.put_up(by, holding.project, holding.task)
        await self._database.write(_audit, caller, "task.preview", holding.task, handedIn=finish)
        return await self._hand_in.await_preview(holding.task.id, wait_seconds)

    async def update_task_status(
        self, caller: Caller, attempt: str | None, *, task: str | None, status: TaskState, reason: str | None
    ) -> TaskStatusAnswer:
        """Move the task as far as an agent may: hand it in, give it back; approve it where the project permits that."""
        if status is TaskState.READY_TO_TEST:
            opened = await self.create_pull_request(caller, attempt, summary=reason, tool="update_task_status")
            return TaskStatusAnswer(task_id=opened.task_id, state=opened.state, message="Handed in; people review it.")
        if status is TaskState.BACKLOG:
            return await self.release(caller, attempt, reason=reason, tool="update_task_status")
        if status is TaskState.APPROVED:
            return await self._approve(caller, attempt, task)
        if status is TaskState.IN_PROGRESS:

            def look(tx: Tx) -> TaskStatusAnswer:
                holding = self._held(tx, caller, attempt, "update_task_status", parked=True)
                message = "You are working on it." if holding.task.state is status else "An answer is still missing."
                return TaskStatusAnswer(task_id=holding.task.id, state=holding.task.state, message=message)

            return await self._database.write(look)
        raise Denied(
            f"An agent cannot move a task to '{status}'; it can hand it in (ready_to_test) or give it back (backlog).",
            code="not_for_agents",
        )

    async def release(
        self, caller: Caller, attempt: str | None, *, reason: Saying | str | None, tool: str = "release_task"
    ) -> TaskStatusAnswer:
        """Give the task back; the branch is kept, and it does not count as a failed attempt."""

        def body(tx: Tx) -> TaskStatusAnswer:
            holding = self._held(tx, caller, attempt, tool, parked=True)
            task = self._work.release(tx, holding, by=holding.agent.holder, reason=reason)
            _audit(tx, caller, "task.release", task, reason=None if reason is None else str(reason))
            return TaskStatusAnswer(task_id=task.id, state=task.state, message="Given back; the branch is kept.")

        return await self._database.write(body)

    async def report_progress(
        self,
        caller: Caller,
        attempt: str | None,
        *,
        step: str | None,
        percentage: int | None,
        usage: UsageReport | None,
    ) -> HeartbeatAnswer:
        """Tell what the agent is at, and what the attempt has used so far."""

        def body(tx: Tx) -> HeartbeatAnswer:
            spends = usage is not None
            holding = self._held(
                tx, caller, attempt, "report_progress", finishing=spends, parked=spends, lock=not spends
            )
            stopped = None if usage is None else self._work.usage(tx, holding, usage)
            if stopped is not None:
                _audit(tx, caller, "task.stop", holding.task, reason=stopped)
                return HeartbeatAnswer(directive="cancel", lease_expires_at=None, reason=stopped)
            if not holding.active or holding.execution.parked_at is not None:
                return HeartbeatAnswer(directive="pause" if holding.active else "continue", lease_expires_at=None)
            report = Report(
                lease_token=holding.execution.lease_token, current_step=step, progress_percentage=percentage
            )
            answer = self._engine.report(tx, holding.execution.execute_id if spends else holding.execution, report)
            told = {
                "taskId": holding.task.id,
                "executionId": holding.execution.execute_id,
                "currentStep": step,
                "progress": percentage,
            }
            for room in (f"task:{holding.task.id}", f"project:{holding.project.id}"):
                tx.announce(room, "execution:progress", told)
            return HeartbeatAnswer(directive=answer.directive, lease_expires_at=answer.lease_expires_at)

        return await self._database.write(body)

    async def log(self, caller: Caller, attempt: str | None, lines: Sequence[NewLogLine]) -> None:
        """Add lines to the agent's log."""

        def body(tx: Tx) -> None:
            holding = self._held(tx, caller, attempt, "log", finishing=True, parked=True)
            execute_id = holding.execution.execute_id
            self._agents.log(tx, holding.agent, holding.task.id, lines, execute_id=execute_id)

        await self._log_book.write(body)

    async def heartbeat(self, caller: Caller, attempt: str | None) -> HeartbeatAnswer:
        """A sign of life: the lease runs on; the answer says whether to go on."""

        def body(tx: Tx) -> HeartbeatAnswer:
            if attempt is None and caller.attempt is None:
                self._caller(tx, caller)
                return HeartbeatAnswer(directive="continue", lease_expires_at=None)
            holding = self._held(tx, caller, attempt, "heartbeat", finishing=True, parked=True)
            if not holding.active:
                return HeartbeatAnswer(directive="lost", lease_expires_at=None)
            execution = self._engine.get_execution(tx, holding.execution.execute_id)
            paused = execution.execution_state is ExecutionState.PAUSED
            return HeartbeatAnswer(
                directive="pause" if paused else "continue", lease_expires_at=execution.lease_expires_at
            )

        return await self._database.write(body)

    async def pushable(self, actor: Actor) -> list[str]:
        """The refs that an agent's key may push: those of the tasks that it holds. A push is a sign of life."""

        def body(tx: Tx) -> list[str]:
            agents = agent_queries.of_key(tx, actor.id)
            for agent in agents:
                if agent.kind == "client":
                    self._agents.heard_of(tx, agent)
                    last = attempt_queries.last_of_agent(tx, agent.id)
                    if last is not None:
                        self._work.come_back(tx, agent, last)
            held = task_queries.held_by(tx, [agent.id for agent in agents])
            return [f"refs/heads/{branch_for(task)}" for task in held]

        return await self._database.write(body)

    async def create_task(self, caller: Caller, new: NewTask) -> TaskRecord:
        """Put a task on the board: people may, agents where the project permits it. Raises: Denied, ProjectNotFound."""

        def body(tx: Tx) -> TaskRecord:
            by = caller.actor
            if not by.may(Permission.TASKS):
                by = _as_agent(self._caller(tx, caller), caller.actor)
            project = project_queries.find(tx, new.project_id)
            if project is None:
                raise ProjectNotFound(new.project_id)
            if not (project.permits("createTask") or caller.actor.may(Permission.TASKS)):
                raise Denied(
                    f"{project.key} does not let agents create tasks; name the work in your summary instead.",
                    code="create_task_not_permitted",
                )
            _check_tool(project.mcp_tools, project.key, "create_task")
            task = self._tasks.create(tx, by, project, new)
            _audit(tx, caller, "task.create", task)
            return task

        return await self._database.write(body)

    async def _approve(self, caller: Caller, attempt: str | None, name: str | None) -> TaskStatusAnswer:
        if name is None:
            raise Invalid("Name the task by `taskId`.", code="task_missing")

        def look(tx: Tx) -> tuple[AgentRecord, TaskRecord]:
            agent = self._caller(tx, caller)
            task = board.get(tx, name)
            project = self._tasks.project_of(tx, task)
            _check_tool(project.mcp_tools, project.key, "update_task_status")
            if not (project.permits("approve") or caller.actor.may(Permission.APPROVE)):
                raise Denied(f"{project.key} leaves approving to people.", code="approve_not_permitted")
            return agent, task

        del attempt
        agent, task = await self._database.write(look)
        if task.head_commit is None:
            raise Conflict(f"{task.task_key} has no commit to approve.", code="no_commits")
        approved = await self._review.approve(_as_agent(agent, caller.actor), task.id, task.head_commit)
        await self._database.write(_audit, caller, "task.approve", task, commit=task.head_commit)
        return TaskStatusAnswer(task_id=approved.id, state=approved.state, message="Approved.")

    def _claim(
        self, tx: Tx, caller: Caller, project: str | None, capabilities: Sequence[str], resume: bool
    ) -> _Given | None:
        agent = self._agents.can(tx, self._caller(tx, caller), capabilities)
        queues: list[str] | None = None
        if project is not None:
            found = project_queries.find(tx, project)
            if found is None:
                raise ProjectNotFound(project)
            queues = [found.id]
        claimed = self._work.next_task(tx, agent, project_ids=queues, capabilities=capabilities, resume=resume)
        if claimed is None:
            return None
        token, holding = claimed
        _audit(tx, caller, "task.claim", holding.task, attempt=holding.attempt.number)
        clone_url = self._forge.clone_url(holding.project.repository)
        return _Given(self._work.assignment(tx, token, holding, clone_url=clone_url), holding.project, tx.now)

    def _in_line(
        self, tx: Tx, caller: Caller, project: str | None, capabilities: Sequence[str]
    ) -> tuple[object, float]:
        """Of which kind the caller is while it waits (those of a kind are alike), and its rank: fewest done first."""
        agent = self._caller(tx, caller)
        # An agent with parked work can be given that, so it does not stand in line as one of many alike.
        parked = attempt_queries.open_of_agent(tx, agent.id)
        can = frozenset((*capabilities, *(agent.capabilities or ())))
        return (project, can, agent.id if parked else None), agent.tasks_completed

    def _check(self, tx: Tx, question_id: str) -> ResponseCheck:
        question = self._questions.get(tx, question_id)
        task = board.get(tx, question.task_id)
        said = {
            QuestionStatus.PENDING: "No answer yet; call check_response again with waitSeconds: 50.",
            QuestionStatus.ANSWERED: "Answered in `response`; go on with the task.",
            QuestionStatus.SKIPPED: "People say: go on without an answer, at your own judgement.",
        }
        return ResponseCheck(
            question_id=question.id,
            status=question.status.value,
            response=question.response,
            task_state=task.state,
            message=said[question.status],
        )

    def bearer(self, tx: Tx, token: str) -> tuple[str, str] | None:
        """Whose key (its id) an attempt's token stands for, and for which attempt; None once that is over for good."""
        found = self._work.bearer(tx, token)
        if found is None or found[0].key_id is None:
            return None
        return found[0].key_id, found[1]

    def _caller(self, tx: Tx, caller: Caller, perhaps: AgentRecord | None = None) -> AgentRecord:
        """The agent that calls. `perhaps`: the one that it probably is, if that was read just now."""
        caller.actor.require(Permission.WORK)
        if caller.attempt is not None:
            return self._work.agent_of(tx, caller.attempt)
        if caller.agent_id is not None:
            return self._agents.owned(tx, caller.actor, caller.agent_id)
        return self._agents.client(tx, caller.actor, perhaps)

    def _held(
        self,
        tx: Tx,
        caller: Caller,
        attempt: str | None,
        tool: str,
        *,
        finishing: bool = False,
        parked: bool = False,
        lock: bool = False,
    ) -> Holding:
        token = self._token(tx, caller, attempt)
        named = self._work.named(tx, token)
        agent = self._caller(tx, caller, named and named.agent)
        holding = self._work.hold(tx, agent, token, named=named, finishing=finishing, parked=parked, lock=lock)
        if caller.task is not None and caller.task != holding.task.id and caller.task.lower() != holding.task.short_id:
            # Raises TaskNotFound where there is no such task.
            board.get(tx, caller.task)
            raise AttemptOfAnotherTask(holding.task.task_key)
        _check_tool(holding.project.mcp_tools, holding.project.key, tool)
        return holding

    def _token(self, tx: Tx, caller: Caller, attempt: str | None) -> str | None:
        """With a key of its own an attempt needs no token; one from before a restart does no harm."""
        if caller.attempt is None:
            return attempt
        return self._engine.get_execution(tx, caller.attempt).lease_token

    def _assigned(self, tx: Tx, caller: Caller) -> Assignment:
        holding = self._held(tx, caller, None, "get_next_task")
        clone_url = self._forge.clone_url(holding.project.repository)
        return self._work.assignment(tx, holding.execution.lease_token, holding, clone_url=clone_url)


def _audit(tx: Tx, caller: Caller, action: str, task: TaskRecord, **details: Any) -> None:
    record(tx, caller.actor, action, task.task_key, details, address=caller.address)


def _in_hand(holding: Holding) -> InHand:
    return InHand(
        project=holding.project,
        task=holding.task,
        execute_id=holding.execution.execute_id,
        lease_token=holding.execution.lease_token,
        active=holding.active,
    )


def _check_tool(allowed: list[str] | None, project_key: str, tool: str) -> None:
    if allowed is not None and tool not in allowed:
        raise ToolNotAllowed(tool, project_key)


def _as_agent(agent: AgentRecord, actor: Actor) -> Actor:
    if actor is SYSTEM:
        return actor
    return Actor(kind="agent", id=agent.id, name=agent.pod_name, scope=actor.scope)
