"""The agents' side of the board, as units of work: claim, check who holds what, give back, hand in."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiworker.access.actors import SYSTEM
from aiworker.core.errors import Conflict, Invalid
from aiworker.core.money import dollars, microdollars
from aiworker.core.sayings import Saying
from aiworker.delivery.agents import queries as agent_queries
from aiworker.delivery.agents.records import AgentRecord
from aiworker.delivery.agents.service import lease_of
from aiworker.delivery.attempts import queries
from aiworker.delivery.attempts.errors import (
    AttemptMissing,
    AttemptOfAnother,
    AttemptOver,
    AttemptParked,
    AttemptUnknown,
    QuestionPending,
    TaskHeld,
)
from aiworker.delivery.attempts.keys import FINISHING_MINUTES
from aiworker.delivery.attempts.owner import CODING_AGENTS, at_work
from aiworker.delivery.attempts.permissions import with_denials
from aiworker.delivery.attempts.queries import WithWork
from aiworker.delivery.attempts.records import AttemptRecord
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.records import ProjectRecord, Spent
from aiworker.delivery.projects.spending import Spending
from aiworker.delivery.questions import queries as question_queries
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.holds import cost_hold
from aiworker.delivery.tasks.reasons import ATTEMPT_COST, spent
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.executions.records import Execution
from aiworker.engine.executions.states import named_by
from aiworker.engine.queues.service import claim_topic
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import Complete, ExecutionState
from aiworker.wire.projects import ProjectStatus
from aiworker.wire.tasks import QuestionStatus
from aiworker.wire.work import (
    Assignment,
    AttemptLimits,
    EarlierAttempt,
    UsageReport,
    WorkAnswer,
    WorkComment,
    WorkProject,
    WorkTask,
)

_ACTIVE = {ExecutionState.RUNNING, ExecutionState.PAUSED}
_SLUG_LENGTH = 40
RESUME_LEASE_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Holding:
    """An attempt as its agent sees it: everything that a tool needs."""

    agent: AgentRecord
    project: ProjectRecord
    task: TaskRecord
    attempt: AttemptRecord
    execution: Execution

    @property
    def active(self) -> bool:
        """Whether the attempt is still under way (working, or waiting for an answer)."""
        return self.execution.execution_state in _ACTIVE


def _just_handed_in(tx: Tx, attempt: AttemptRecord) -> bool:
    ended = attempt.ended_at if attempt.outcome == "completed" else None
    return ended is not None and tx.now - ended < timedelta(minutes=FINISHING_MINUTES)


def branch_for(task: TaskRecord) -> str:
    """`task-{shortId}-{slug of title}`; the branch that the task has, once it has one."""
    if task.branch_name:
        return task.branch_name
    plain = unicodedata.normalize("NFKD", task.title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_SLUG_LENGTH].rstrip("-")
    return f"task-{task.short_id}-{slug}" if slug else f"task-{task.short_id}"


class Work:
    """Use cases of an agent that works."""

    def __init__(self, engine: Engine, spending: Spending) -> None:
        self._engine = engine
        self._spending = spending

    def next_task(
        self,
        tx: Tx,
        agent: AgentRecord,
        *,
        project_ids: Sequence[str] | None = None,
        capabilities: Sequence[str] = (),
        resume: bool = False,
    ) -> tuple[str, Holding] | None:
        """Claim the next task and move it, in one go; its token. None if there is none.

        What it parked and can go on with comes first. At its limit an agent gets a task that it holds once more if the
        token was never used (the first answer got lost) or if it asks to `resume`. Raises: TaskHeld.
        """
        held = at_work(tx, self._engine, agent.id)
        for attempt in held:
            if attempt.to_resume and self._is_open(tx, attempt):
                return self._once_more(tx, agent, attempt)
        if len(held) >= agent.max_concurrent_tasks:
            unused = next((attempt for attempt in held if not attempt.token_used), None)
            if unused is None and not resume:
                raise TaskHeld(board.get(tx, held[0].task_id).task_key)
            return self._once_more(tx, agent, unused or held[0])
        lease = lease_of(agent)
        claimed = self._engine.claim(
            tx,
            CODING_AGENTS,
            holder=agent.holder,
            limit=1,
            lease_seconds=lease,
            capabilities=sorted({*(agent.capabilities or ()), *capabilities}),
            queues=project_ids,
            internal=True,
        )
        if not claimed:
            return None
        # The owner has written the attempt at the claim.
        execution = self._engine.get_execution(tx, claimed[0].execute_id)
        return claimed[0].lease_token, self._held(tx, agent, execution)

    def _once_more(self, tx: Tx, agent: AgentRecord, attempt: AttemptRecord) -> tuple[str, Holding]:
        """The same attempt with another token: whoever has the old one is told to stop."""
        token = self._engine.rotate_token(tx, attempt.execute_id)
        queries.change(tx, attempt.execute_id, {"token_used": False, "to_resume": False})
        return token, self._held(tx, agent, self._engine.get_execution(tx, attempt.execute_id))

    def _is_open(self, tx: Tx, attempt: AttemptRecord) -> bool:
        project = project_queries.find(tx, board.get(tx, attempt.task_id).project_id)
        return project is not None and project.status is ProjectStatus.ACTIVE

    def go_on(self, tx: Tx, execute_id: str, *, by: str) -> None:
        """The last answer is in. A parked attempt has ten minutes to be taken up by the agent that had it."""
        parked = self._engine.get_execution(tx, execute_id).parked_at is not None
        seconds = RESUME_LEASE_SECONDS if parked else None
        self._engine.resume(tx, execute_id, by=by, lease_seconds=seconds, as_owner=True)
        if parked:
            queries.change(tx, execute_id, {"to_resume": True})
            tx.wake(claim_topic(CODING_AGENTS))

    def come_back(self, tx: Tx, agent: AgentRecord, attempt: AttemptRecord) -> Execution | None:
        """A plain client that comes back late goes on, if nobody took the task since; else None."""
        if agent.kind != "client" or attempt.outcome != "lost":
            return None
        if len(at_work(tx, self._engine, agent.id)) >= agent.max_concurrent_tasks:
            return None
        return self._engine.take_back(tx, attempt.execute_id, lease_seconds=lease_of(agent))

    def named(self, tx: Tx, token: str | None) -> WithWork | None:
        """What a token speaks of, be it good or not: all in one go, before it is asked who uses it."""
        named = queries.with_work(tx, named_by(token)) if token else None
        if named is not None and named.agent is not None:
            agent_queries.known(tx, named.agent)
        return named

    def hold(
        self,
        tx: Tx,
        agent: AgentRecord,
        token: str | None,
        *,
        named: WithWork | None = None,
        finishing: bool = False,
        parked: bool = True,
        lock: bool = False,
    ) -> Holding:
        """Who names this token holds what? A plain client that comes back late to a task that nobody took goes on.

        `named`: what the token speaks of, if that is read already. `finishing`: also for 15 minutes after the work was
        handed in. `parked`: also while it is parked. `lock`: the execution is locked, and the robot will not be needed.

        Raises: AttemptMissing, AttemptUnknown, AttemptOfAnother, AttemptOver, AttemptParked.
        """
        if not token:
            raise AttemptMissing
        named = named or self.named(tx, token)
        # Who may come back to a lost attempt locks its robot first.
        lock = lock and named is not None and named.attempt.outcome is None
        execution = self._engine.find_by_lease_token(tx, token, lock=lock)
        if lock and execution is not None and execution.execution_state not in _ACTIVE:
            # It has ended since, and so has the attempt.
            named = self.named(tx, token)
        if execution is None or named is None:
            raise AttemptUnknown
        holding = _holding(tx, agent, named, execution)
        attempt = holding.attempt
        if attempt.agent_id != agent.id:
            raise AttemptOfAnother
        back = self.come_back(tx, agent, attempt)
        if back is not None:
            holding = self._held(tx, agent, back)
        if execution.parked_at is not None and not parked:
            raise AttemptParked(holding.task.task_key)
        if not holding.active and not (finishing and _just_handed_in(tx, attempt)):
            raise AttemptOver(holding.task.task_key, attempt.outcome or "ended", attempt.error)
        if attempt.to_resume or not attempt.token_used:
            queries.change(tx, attempt.execute_id, {"token_used": True, "to_resume": False})
        return holding

    def bearer(self, tx: Tx, token: str) -> tuple[AgentRecord, str] | None:
        """Who was given this token, and for which execution; None once the attempt is over for good."""
        execution = self._engine.find_by_lease_token(tx, token)
        attempt = queries.find(tx, execution.execute_id) if execution else None
        if attempt is None or not (attempt.ended_at is None or _just_handed_in(tx, attempt)):
            return None
        return self.agent_of(tx, attempt.execute_id), attempt.execute_id

    def agent_of(self, tx: Tx, execute_id: str) -> AgentRecord:
        """Whose attempt an execution is. Raises: AttemptUnknown."""
        attempt = queries.find(tx, execute_id)
        agent = agent_queries.find(tx, attempt.agent_id) if attempt and attempt.agent_id else None
        if agent is None:
            raise AttemptUnknown
        return agent

    def hand_in(self, tx: Tx, task: TaskRecord, execute_id: str, token: str, *, summary: str | None) -> TaskRecord:
        """The work is done: the task moves to ready_to_test. Raises: QuestionPending."""
        if question_queries.count_pending(tx, task.id):
            raise QuestionPending(task.task_key)
        output = {"summary": summary} if summary else {}
        self._engine.complete(tx, execute_id, Complete(lease_token=token, output_data=output))
        return board.lock(tx, task.id)

    def release(self, tx: Tx, holding: Holding, *, by: str, reason: Saying | str | None) -> TaskRecord:
        """Give the task back; it does not count as a try."""
        self._engine.release(tx, holding.execution.execute_id, by=by, reason=reason, as_owner=True)
        return board.get(tx, holding.task.id)

    def usage(self, tx: Tx, holding: Holding, used: UsageReport) -> str | None:
        """Note what the attempt has used so far. Where a cost limit is reached, the work stops; then the reason.

        Raises: Invalid if a total goes down.
        """
        # As everybody does: the robot first.
        self._engine.lock_robot(tx, holding.attempt.robot_id)
        attempt = queries.find(tx, holding.attempt.execute_id) or holding.attempt
        before = attempt.cost_microdollars or 0
        cost = attempt.cost_microdollars if used.cost_usd is None else microdollars(used.cost_usd)
        if used.tokens_in < attempt.tokens_in or used.tokens_out < attempt.tokens_out or (cost or 0) < before:
            raise Invalid("Usage is reported as totals; they never go down.", code="usage_not_total")
        values: dict[str, Any] = {
            "tokens_in": used.tokens_in,
            "tokens_out": used.tokens_out,
            "cost_microdollars": cost,
        }
        if used.permission_denials:
            new = [(denial.tool, denial.input) for denial in used.permission_denials]
            values["permission_denials"] = with_denials(attempt.permission_denials, new)
        queries.change(tx, attempt.execute_id, values)
        spent = Spent(
            cost_microdollars=(cost or 0) - before,
            tokens_in=used.tokens_in - attempt.tokens_in,
            tokens_out=used.tokens_out - attempt.tokens_out,
        )
        task = board.lock(tx, holding.task.id)
        if cost != attempt.cost_microdollars:
            total = (task.cost_microdollars or 0) + spent.cost_microdollars
            task = board.change(tx, task, cost_microdollars=total)
        project = self._spending.add(tx, holding.project, spent)
        return self._stop_overspent(tx, project, task, holding, cost or 0) if holding.active else None

    def _stop_overspent(
        self, tx: Tx, project: ProjectRecord, task: TaskRecord, holding: Holding, cost: int
    ) -> str | None:
        """End an attempt whose money is spent. The task waits for a person, or for its project."""
        said = spent(project.attempt_cost_limit, cost, ATTEMPT_COST) or cost_hold(project, task.cost_microdollars)
        if said is not None:
            self._engine.hold(tx, holding.attempt.robot_id, said.words)
        reason = said.words if said is not None else project.overspent
        if reason is not None:
            execute_id = holding.attempt.execute_id
            self._engine.release(tx, execute_id, by=SYSTEM.name, reason=reason, as_owner=True)
        return reason

    def assignment(self, tx: Tx, token: str, holding: Holding, *, clone_url: str) -> Assignment:
        """The whole story of a task, for the agent that took it."""
        task, project = holding.task, holding.project
        tried = queries.of_task(tx, task.id) if holding.attempt.number > 1 else []
        earlier = [attempt for attempt in tried if attempt.execute_id != holding.attempt.execute_id]
        settled = [q for q in question_queries.of_tasks(tx, [task.id]) if q.status is not QuestionStatus.PENDING]
        return Assignment(
            attempt=token,
            attempt_number=holding.attempt.number,
            task=WorkTask(
                id=task.id,
                key=task.task_key,
                title=task.title,
                description=task.description,
                priority=task.priority,
                state=task.state,
                round=task.round,
            ),
            project=WorkProject(
                id=project.id,
                key=project.key,
                name=project.name,
                description=project.description,
                clone_url=clone_url,
                default_branch=project.default_branch,
                setup_command=project.setup_command,
                test_command=project.test_command,
                start_command=project.start_command,
                agent_allow=project.allowed,
            ),
            branch=branch_for(task),
            base_commit=task.head_commit,
            earlier_attempts=[
                EarlierAttempt(number=a.number, agent=a.agent_name, outcome=a.outcome, summary=a.summary, error=a.error)
                for a in earlier
            ],
            review_comments=[
                WorkComment(path=c.path, line=c.line, body=c.body, author=c.author, round=c.round)
                for c in task_queries.comments(tx, task.id)
            ],
            answered_questions=[
                WorkAnswer(question=q.question, context=q.context, response=q.response, status=q.status.value)
                for q in settled
            ],
            limits=self._limits(tx, holding),
            lease_expires_at=holding.execution.lease_expires_at,
        )

    def _limits(self, tx: Tx, holding: Holding) -> AttemptLimits:
        attempt, project = holding.attempt, holding.project
        used = attempt.cost_microdollars or 0
        left = self._spending.left(tx, project)
        if project.attempt_cost_limit is not None:
            left.append(project.attempt_cost_limit - used)
        if project.task_cost_limit is not None:
            left.append(project.task_cost_limit - (holding.task.cost_microdollars or 0))
        seconds = holding.execution.timeout_seconds or project.attempt_minutes * 60
        return AttemptLimits(minutes=seconds // 60, cost_usd=dollars(max(0, min(left)) if left else None))

    def _held(self, tx: Tx, agent: AgentRecord, execution: Execution) -> Holding:
        named = queries.with_work(tx, execution.execute_id)
        if named is None:
            raise AttemptUnknown
        return _holding(tx, agent, named, execution)


def _holding(tx: Tx, agent: AgentRecord, named: WithWork, execution: Execution) -> Holding:
    project = project_queries.known(tx, named.project)
    return Holding(agent, project, task_queries.written(tx, named.task), named.attempt, execution)


def require_commits(task_key: str, branch: str, ahead: int) -> None:
    """Evidence: a branch with at least one commit that its base lacks. Raises: Conflict."""
    if ahead < 1:
        raise Conflict(
            f"The branch {branch} of {task_key} has no commit that its base lacks; commit and push your work first.",
            code="no_commits",
            details={"task": task_key, "branch": branch},
        )
