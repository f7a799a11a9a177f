"""Why a task is not taken, goes not on or cannot be shipped, in one line: a silent gate is a defect. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from aiworker.core.sayings import Saying, Sentence, as_kept
from aiworker.delivery.agents.records import AgentRecord
from aiworker.delivery.agents.service import CLIENT_LEASE_SECONDS, PROCESS_LEASE_SECONDS
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.projects.upstream import no_repository, said_of
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.executions.records import Execution
from aiworker.engine.robots.records import Robot
from aiworker.wire.agents import AgentStatus
from aiworker.wire.projects import ProjectStatus, UpstreamStanding
from aiworker.wire.tasks import TaskState

FREE_AGENT = Sentence("free_agent", "waits for a free agent")
NO_AGENT = Sentence("no_agent", "no agent online")
NO_AGENT_WITH = Sentence("no_agent_with", "no agent with {capabilities}")
FULL = Sentence("limit", "limit of {limit} at a time reached")
NEXT_TRY = Sentence("next_try", "next try in {minutes} min")
GOES_ON_AT = Sentence("goes_on_at", "{reason}; goes on at {at}")
PROJECT_PAUSED = Sentence("project_paused", "project paused")
PROJECT_ARCHIVED = Sentence("project_archived", "project archived")
ANSWERED_PAUSED = Sentence("answered_paused", "answered; goes on when the project is not paused any more")
ANSWERED_ARCHIVED = Sentence("answered_archived", "answered; goes on when the project is not archived any more")


def is_alive(agent: AgentRecord, now: datetime) -> bool:
    """Whether an agent was heard of lately enough to take a task."""
    seconds = PROCESS_LEASE_SECONDS if agent.kind == "process" else CLIENT_LEASE_SECONDS
    heard = agent.last_heartbeat
    return agent.status is not AgentStatus.OFFLINE and heard is not None and now - heard < timedelta(seconds=seconds)


def why_not_taken(
    task: TaskRecord,
    project: ProjectRecord,
    robot: Robot | None,
    alive: Sequence[AgentRecord],
    full: set[str],
    now: datetime,
) -> Saying:
    """Why a task in the backlog has no agent: the first closed gate on its way. `alive`: agents; `full`: projects."""
    gates = (
        _held(task),
        _closed(project),
        _overspent(project),
        _next_try(robot, now),
        _full(project.wip_limit) if project.id in full else None,
        _lacking(task, alive),
    )
    return next((why for why in gates if why is not None), FREE_AGENT())


def why_parked(project: ProjectRecord, execution: Execution | None, *, asked: bool) -> Saying | None:
    """Why an attempt does not go on though its answers are in. `asked`: a question is still open."""
    if execution is None or execution.parked_at is None or asked:
        return None
    return ANSWERED_ARCHIVED() if project.status is ProjectStatus.ARCHIVED else ANSWERED_PAUSED()


def why_unshippable(task: TaskRecord, project: ProjectRecord) -> Saying | None:
    """Why an approved task cannot be shipped."""
    standing = project.standing if task.state is TaskState.APPROVED else None
    if standing is None or standing.standing is not UpstreamStanding.DIVERGED or not standing.message:
        return None
    return said_of(standing)


def _held(task: TaskRecord) -> Saying | None:
    return None if task.held is None else as_kept(task.held, task.held_told)


def _closed(project: ProjectRecord) -> Saying | None:
    if project.lacks_repository:
        return no_repository(project.key)
    if project.status is ProjectStatus.ACTIVE:
        return None
    return PROJECT_ARCHIVED() if project.status is ProjectStatus.ARCHIVED else PROJECT_PAUSED()


def _overspent(project: ProjectRecord) -> Saying | None:
    reason, until = project.why_overspent, project.overspent_until
    return reason if reason is None or until is None else GOES_ON_AT(reason=reason, at=f"{until:%Y-%m-%d %H:%M} UTC")


def _next_try(robot: Robot | None, now: datetime) -> Saying | None:
    if robot is None or robot.due_at is None or robot.due_at <= now:
        return None
    minutes = max(1, round((robot.due_at - now).total_seconds() / 60))
    return NEXT_TRY(minutes=minutes)


def _full(limit: int | None) -> Saying:
    return FULL(limit=limit)


def _lacking(task: TaskRecord, alive: Sequence[AgentRecord]) -> Saying | None:
    if not alive:
        return NO_AGENT()
    lacking = min((set(task.capabilities) - set(agent.capabilities or ()) for agent in alive), key=len)
    return NO_AGENT_WITH(capabilities=", ".join(sorted(lacking))) if lacking else None
