"""Tasks as they travel: the rows, and what people want to see beside them, in a fixed number of queries.

In two halves: what only a change of the task itself changes may be cached; what agents, the engine and the clock
change is read each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aiworker.core.money import dollars, in_words
from aiworker.core.sayings import Saying, Sentence
from aiworker.delivery.agents import queries as agent_queries
from aiworker.delivery.agents.records import AgentRecord
from aiworker.delivery.attempts import queries as attempt_queries
from aiworker.delivery.attempts.permissions import rule_for
from aiworker.delivery.attempts.records import AttemptRecord
from aiworker.delivery.evidence.service import known
from aiworker.delivery.groups import queries as group_queries
from aiworker.delivery.people.waiting import is_alive, why_not_taken, why_parked, why_unshippable
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.questions import queries as question_queries
from aiworker.delivery.questions.records import QuestionRecord
from aiworker.delivery.tasks import queries
from aiworker.delivery.tasks.reasons import needs_person
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.executions.records import Execution
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.tasks import (
    AgentSummary,
    Attempt,
    Choice,
    CommitChecks,
    DeniedTool,
    Milestone,
    Question,
    QuestionStatus,
    Task,
    TaskState,
    TimelineEntry,
)
from aiworker.wire.telling import Telling, telling

BY_HAND = Sentence("limit_by_hand", "no limit: it is done by hand")
HOURS = Sentence("limit_hours", "{hours} h of work")
HOURS_ALONE = Sentence("limit_hours_alone", "{hours} h of work; no cost is reported, so cost limits do not stop it")
ATTEMPT_MONEY = Sentence("limit_attempt", "{limit} for an attempt")
TASK_MONEY = Sentence("limit_task", "{limit} for a task")
DAY_MONEY = Sentence("limit_day", "{limit} for a day")
PROJECT_MONEY = Sentence("limit_project", "{limit} for the project")


@dataclass(frozen=True, slots=True)
class StillTask:
    """What of a task stays as it is until the task changes."""

    task: TaskRecord
    questions: list[QuestionRecord]
    depends_on: list[str]
    group_number: int | None


class TaskViews:
    """Makes what travels out of what the database holds."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def one(self, tx: Tx, task: TaskRecord) -> Task:
        """A task in full."""
        return self.many(tx, [task])[0]

    def many(self, tx: Tx, tasks: Sequence[TaskRecord]) -> list[Task]:
        """Tasks with agents, open questions, dependencies, progress and the reason why they wait."""
        return self.live(tx, self.still(tx, tasks))

    def still(self, tx: Tx, tasks: Sequence[TaskRecord]) -> list[StillTask]:
        """The half that may be cached."""
        ids = [task.id for task in tasks]
        questions = question_queries.of_tasks(tx, ids, status=QuestionStatus.PENDING)
        depends = queries.dependencies(tx, ids)
        groups = {g.id: g for g in group_queries.by_ids(tx, sorted({t.group_id for t in tasks if t.group_id}))}
        return [
            StillTask(
                task=task,
                questions=[question for question in questions if question.task_id == task.id],
                depends_on=[other.task_key for other in depends[task.id]],
                group_number=groups[task.group_id].number if task.group_id in groups else None,
            )
            for task in tasks
        ]

    def live(self, tx: Tx, stills: Sequence[StillTask]) -> list[Task]:
        """The other half, put together with it; without tasks whose project is gone."""
        tasks = [still.task for still in stills]
        projects = {p.id: p for p in project_queries.by_ids(tx, sorted({task.project_id for task in tasks}))}
        tasks = [task for task in tasks if task.project_id in projects]
        agent_ids = sorted({task.assigned_agent_id for task in tasks if task.assigned_agent_id})
        agents = {agent.id: agent for agent in agent_queries.by_ids(tx, agent_ids)}
        active = attempt_queries.open_of_tasks(tx, [task.id for task in tasks])
        executions = {e.execute_id: e for e in self._engine.get_executions(tx, [a.execute_id for a in active.values()])}
        checks = known(tx, list(projects.values()), [(t.project_id, t.head_commit) for t in tasks if t.head_commit])
        waiting = self._waiting(tx, [task for task in tasks if task.state is TaskState.BACKLOG], projects)
        views: list[Task] = []
        for still in stills:
            task = still.task
            if task.project_id not in projects:
                continue
            attempt = active.get(task.id)
            execution = executions.get(attempt.execute_id) if attempt else None
            views.append(
                _view(
                    still,
                    projects[task.project_id],
                    agent=agents.get(task.assigned_agent_id or ""),
                    execution=execution,
                    checks=checks.get((task.project_id, task.head_commit or "")),
                    why=waiting.get(task.id)
                    or why_parked(projects[task.project_id], execution, asked=bool(still.questions))
                    or why_unshippable(task, projects[task.project_id]),
                )
            )
        return views

    def timeline(self, tx: Tx, task: TaskRecord, *, after: int = -1, limit: int = 500) -> list[TimelineEntry]:
        """A task's history, oldest first."""
        return [
            TimelineEntry.model_validate(entry) for entry in queries.timeline(tx, task.id, after=after, limit=limit)
        ]

    def attempts(self, tx: Tx, task: TaskRecord) -> list[Attempt]:
        """The attempts at a task, oldest first."""
        attempts = attempt_queries.of_task(tx, task.id)
        project = project_queries.by_ids(tx, [task.project_id])[0]
        executions = {e.execute_id: e for e in self._engine.get_executions(tx, [a.execute_id for a in attempts])}
        views: list[Attempt] = []
        for attempt in attempts:
            execution = executions.get(attempt.execute_id)
            ended = attempt.ended_at or tx.now
            limits = _limits(attempt, project, execution)
            views.append(
                Attempt(
                    execution_id=attempt.execute_id,
                    robot_id=attempt.robot_id,
                    round=attempt.round,
                    number=attempt.number,
                    agent_id=attempt.agent_id,
                    agent_name=attempt.agent_name,
                    state=execution.execution_state.value if execution else "COMPLETED",
                    outcome=attempt.outcome,
                    summary=attempt.summary,
                    error=attempt.error,
                    error_told=telling(attempt.error_told),
                    current_step=execution.current_step if execution else None,
                    progress=execution.progress_percentage if execution else 0,
                    started_at=attempt.started_at,
                    completed_at=attempt.ended_at,
                    duration_ms=int((ended - attempt.started_at).total_seconds() * 1000),
                    tokens_in=attempt.tokens_in,
                    tokens_out=attempt.tokens_out,
                    cost_usd=dollars(attempt.cost_microdollars),
                    limits=", ".join(one.words for one in limits),
                    limits_told=[Telling.model_validate(one.told) for one in limits],
                    permission_denials=_denials(attempt, project),
                )
            )
        return views

    def questions(self, tx: Tx, records: Sequence[QuestionRecord]) -> list[Question]:
        """Questions with the key and title of their task."""
        tasks = {task.id: task for task in queries.by_ids(tx, sorted({record.task_id for record in records}))}
        return [question_view(record, tasks.get(record.task_id)) for record in records]

    def _waiting(self, tx: Tx, tasks: Sequence[TaskRecord], projects: dict[str, ProjectRecord]) -> dict[str, Saying]:
        """Why each of the tasks in the backlog is not taken, in one line."""
        if not tasks:
            return {}
        robots = {
            robot.robot_id: robot
            for robot in self._engine.get_robots(tx, [task.robot_id for task in tasks if task.robot_id])
        }
        alive = [agent for agent in agent_queries.list_agents(tx, limit=500) if is_alive(agent, tx.now)]
        full = self._engine.full_queues(tx, sorted(projects))
        return {
            task.id: why_not_taken(
                task, projects[task.project_id], robots.get(task.robot_id or ""), alive, full, tx.now
            )
            for task in tasks
        }


def question_view(record: QuestionRecord, task: TaskRecord | None) -> Question:
    """A question as it travels."""
    return Question(
        id=record.id,
        task_id=record.task_id,
        task_key=task.task_key if task else None,
        task_title=task.title if task else None,
        question=record.question,
        context=record.context,
        choices=[Choice.model_validate(choice) for choice in record.choices],
        status=record.status,
        asked_at=record.asked_at,
        asked_by=record.asked_by,
        response=record.response,
        responded_at=record.responded_at,
        responded_by=record.responder,
    )


def _limits(attempt: AttemptRecord, project: ProjectRecord, execution: Execution | None) -> list[Saying]:
    """What would end an attempt; an agent that tells no cost is stopped by the time alone."""
    if execution is not None and execution.timeout_seconds is None:
        return [BY_HAND()]
    seconds = execution.timeout_seconds if execution else None
    hours = f"{(seconds or project.attempt_minutes * 60) / 3600:.3g}"
    limits = (
        (ATTEMPT_MONEY, project.attempt_cost_limit),
        (TASK_MONEY, project.task_cost_limit),
        (DAY_MONEY, project.day_cost_limit),
        (PROJECT_MONEY, project.project_cost_limit),
    )
    money = [sentence(limit=in_words(limit)) for sentence, limit in limits if limit is not None]
    if money and attempt.cost_microdollars is None:
        return [HOURS_ALONE(hours=hours)]
    return [HOURS(hours=hours), *money]


def _denials(attempt: AttemptRecord, project: ProjectRecord) -> list[DeniedTool]:
    rules = set(project.allowed)
    views: list[DeniedTool] = []
    for denial in attempt.permission_denials or ():
        rule = rule_for(denial["tool"], denial["input"])
        allowed = rule in rules or denial["tool"] in rules
        views.append(DeniedTool(tool=denial["tool"], input=denial["input"], rule=rule, allowed=allowed))
    return views


def _view(
    still: StillTask,
    project: ProjectRecord,
    *,
    agent: AgentRecord | None,
    execution: Execution | None,
    checks: CommitChecks | None,
    why: Saying | None,
) -> Task:
    task = still.task
    return Task(
        id=task.id,
        key=task.task_key,
        project_id=task.project_id,
        project_key=project.key,
        title=task.title,
        description=task.description,
        priority=task.priority,
        state=task.state,
        estimated_complexity=task.estimated_complexity,
        capabilities=task.capabilities,
        depends_on=still.depends_on,
        depends_until=Milestone(task.depends_until),
        waiting=why.words if why else None,
        waiting_code=why.code if why else None,
        waiting_details=dict(why.values) if why else {},
        held=task.held,
        waits_for_person=task.held is not None and needs_person(task.held_code),
        assigned_agent_id=agent.id if agent else None,
        assigned_agent=AgentSummary(id=agent.id, name=agent.pod_name, status=agent.status.value) if agent else None,
        assigned_at=task.assigned_at,
        branch_name=task.branch_name,
        head_commit=task.head_commit,
        approved_commit=task.approved_commit,
        approved_by=task.approved_by,
        checks=checks,
        pr_number=task.pr_number,
        pr_url=task.pr_url,
        preview_namespace=task.preview_namespace,
        preview_url=task.preview_url,
        preview_deployed_at=task.preview_deployed_at,
        preview_status=task.preview_status,
        preview_error=task.preview_error,
        preview_error_told=telling(task.preview_error_told),
        group_id=task.group_id,
        group_number=still.group_number,
        questions=[question_view(question, task) for question in still.questions],
        round=task.round,
        attempts=task.attempts,
        current_step=execution.current_step if execution else None,
        progress=execution.progress_percentage if execution else None,
        actual_duration_minutes=task.actual_duration_minutes,
        cost_usd=dollars(task.cost_microdollars),
        version=task.version,
        created_at=task.created_at,
        updated_at=task.updated_at,
        started_at=task.started_at,
        completed_at=task.completed_at,
        deployed_staging_at=task.deployed_staging_at,
        deployed_production_at=task.deployed_production_at,
    )
