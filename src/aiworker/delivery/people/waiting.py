"""Why a task is not taken, goes not on or cannot be shipped, in one line: a silent gate is a defect. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from aiworker.delivery.agents.records import AgentRecord
from aiworker.delivery.agents.service import CLIENT_LEASE_SECONDS, PROCESS_LEASE_SECONDS
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.projects.upstream import no_repository
from aiworker.delivery.tasks.reasons import Why, meaning
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.executions.records import Execution
from aiworker.engine.robots.records import Robot
from aiworker.wire.agents import AgentStatus
from aiworker.wire.projects import ProjectStatus, UpstreamStanding
from aiworker.wire.tasks import TaskState


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
) -> Why:
    """Why a task in the backlog has no agent: the first closed gate on its way. `alive`: agents; `full`: projects."""
    gates = (
        meaning(task.held) if task.held else None,
        _closed(project),
        _overspent(project.overspent, project.overspent_until) if project.overspent else None,
        _next_try(robot, now),
        _full(project.wip_limit) if project.id in full else None,
        _lacking(task, alive),
    )
    return next((why for why in gates if why is not None), Why("waits for a free agent", "free_agent"))


def why_parked(project: ProjectRecord, execution: Execution | None, *, asked: bool) -> Why | None:
    """Why an attempt does not go on though its answers are in. `asked`: a question is still open."""
    if execution is None or execution.parked_at is None or asked:
        return None
    return Why(f"answered; goes on when the project is not {project.status} any more", "answered")


def why_unshippable(task: TaskRecord, project: ProjectRecord) -> Why | None:
    """Why an approved task cannot be shipped."""
    standing = project.standing if task.state is TaskState.APPROVED else None
    if standing is None or standing.standing is not UpstreamStanding.DIVERGED or not standing.message:
        return None
    return Why(standing.message)


def _closed(project: ProjectRecord) -> Why | None:
    if project.lacks_repository:
        return Why(no_repository(project.key), "no_repository", {"project": project.key})
    if project.status is not ProjectStatus.ACTIVE:
        return Why(f"project {project.status}", f"project_{project.status}")
    return None


def _overspent(reason: str, until: datetime | None) -> Why:
    reached = meaning(reason)
    if until is None:
        return reached
    return Why(f"{reason}; goes on at {until:%Y-%m-%d %H:%M} UTC", reached.code, reached.details)


def _next_try(robot: Robot | None, now: datetime) -> Why | None:
    if robot is None or robot.due_at is None or robot.due_at <= now:
        return None
    minutes = max(1, round((robot.due_at - now).total_seconds() / 60))
    return Why(f"next try in {minutes} min", "next_try", {"minutes": minutes})


def _full(limit: int | None) -> Why:
    return Why(f"limit of {limit} at a time reached", "limit", {"limit": limit})


def _lacking(task: TaskRecord, alive: Sequence[AgentRecord]) -> Why | None:
    if not alive:
        return Why("no agent online", "no_agent")
    lacking = min((set(task.capabilities) - set(agent.capabilities or ()) for agent in alive), key=len)
    named = ", ".join(sorted(lacking))
    return Why(f"no agent with {named}", "no_agent_with", {"capabilities": named}) if lacking else None
