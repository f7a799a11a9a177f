"""The task's side of its robot: whatever happens to a `task.work` robot moves its task in the same transaction."""

from typing import Any, Literal

from aiworker.access.actors import SYSTEM, Actor
from aiworker.core.sayings import Saying, as_kept, keep
from aiworker.delivery.agents import queries as agent_queries
from aiworker.delivery.agents.records import AgentRecord
from aiworker.delivery.agents.service import Agents
from aiworker.delivery.attempts import queries
from aiworker.delivery.attempts.endings import why_given_back
from aiworker.delivery.attempts.keys import end_keys
from aiworker.delivery.attempts.records import AttemptRecord
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.tasks import board, holds
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.history import (
    ASKS,
    CAME_BACK,
    CONTINUES,
    HANDED_IN,
    PARKED,
    SENT_BACK,
    TOOK,
    WAITS_FOR_ANSWER,
)
from aiworker.delivery.tasks.reasons import ATTEMPT_COST, attempts_failed, spent
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.delivery.tasks.states import Cause
from aiworker.engine.executions.records import Execution
from aiworker.engine.owners import RobotChange, Transition
from aiworker.engine.robots.records import Robot
from aiworker.engine.robots.states import LOST_IN_A_ROW, UNCOUNTED_LIMIT
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.access import Scope
from aiworker.wire.tasks import TaskState

TASK_WORK = "task.work"
CODING_AGENTS = "coding-agents"

_PERSON = "person:"
_AGENT = "agent:"


def person_holder(actor: Actor) -> str:
    """How the engine names a person who works by hand."""
    return f"{_PERSON}{actor.name}"


def at_work(tx: Tx, engine: Engine, agent_id: str) -> list[AttemptRecord]:
    """What an agent is at, oldest first: a parked attempt takes no slot."""
    held = queries.open_of_agent(tx, agent_id)
    executions = engine.get_executions(tx, [attempt.execute_id for attempt in held])
    parked = {execution.execute_id for execution in executions if execution.parked_at is not None}
    return [attempt for attempt in held if attempt.execute_id not in parked]


class TaskWork:
    """Owner of `task.work`."""

    outside_commands = "use the task's own commands (stop, cancel, retry)"

    def __init__(self, engine: Engine, agents: Agents) -> None:
        self._engine = engine
        self._agents = agents

    def on_change(self, tx: Tx, change: RobotChange) -> None:
        """Move the task with its robot. A robot of an earlier round moves nothing."""
        task = task_queries.by_robot(tx, change.robot.robot_id)
        if task is None:
            return
        handlers = {
            Transition.CLAIMED: self._claimed,
            Transition.PAUSED: self._paused,
            Transition.PARKED: self._parked,
            Transition.RESUMED: self._resumed,
            Transition.COMPLETED: self._completed,
            Transition.RETRYING: self._failed_once,
            Transition.FAILED: self._failed_for_good,
            Transition.LOST: self._lost,
            Transition.TAKEN_BACK: self._taken_back,
            Transition.RELEASED: self._released,
            Transition.CANCELLED: self._cancelled,
            Transition.REQUEUED: self._requeued,
        }
        handlers[change.transition](tx, task, change, self._actor(tx, change))

    def on_lease_expired(self, tx: Tx, robot: Robot, execution: Execution) -> Literal["lose", "park"]:
        """An attempt that waits for an answer is parked if its agent is a plain client: it lives on its calls alone."""
        task = task_queries.by_robot(tx, robot.robot_id)
        agent = self._agent(tx, execution)
        waits = task is not None and task.state is TaskState.NEEDS_INPUT
        return "park" if waits and agent is not None and agent.kind == "client" else "lose"

    def _claimed(self, tx: Tx, task: TaskRecord, change: RobotChange, by: Actor) -> None:
        execution = _present(change)
        if change.robot.held is not None:
            # Taken by hand all the same: whether it has to wait is asked anew when it comes back.
            self._engine.unhold(tx, change.robot.robot_id)
        agent = self._agent(tx, execution)
        number = task.attempts + 1
        queries.add(
            tx,
            {
                "execute_id": execution.execute_id,
                "task_id": task.id,
                "robot_id": task.robot_id,
                "round": task.round,
                "number": number,
                "agent_id": agent.id if agent else None,
                "agent_name": by.name,
                "started_at": tx.now,
                "clock_started_at": tx.now,
            },
        )
        board.move(
            tx,
            task,
            Cause.CLAIM,
            by=by,
            why=TOOK(actor=by.name, attempt=number),
            details={"attempt": number, "round": task.round},
            attempts=number,
            held=None,
            assigned_agent_id=agent.id if agent else None,
            assigned_at=tx.now,
            started_at=task.started_at or tx.now,
        )
        if agent:
            self._agents.occupy(tx, agent.id, task.id)

    def _paused(self, tx: Tx, task: TaskRecord, change: RobotChange, by: Actor) -> None:
        self._stop_clock(tx, _present(change))
        asks = ASKS(actor=by.name, question=change.reason) if change.reason else WAITS_FOR_ANSWER(actor=by.name)
        board.move(tx, task, Cause.ASK, by=by, why=asks)

    def _parked(self, tx: Tx, task: TaskRecord, change: RobotChange, by: Actor) -> None:
        agent = self._agent(tx, change.execution)
        board.note(
            tx,
            task,
            "parked",
            by=SYSTEM,
            message=PARKED(agent=agent.pod_name if agent else by.name),
            details={"executionId": _present(change).execute_id},
        )
        if agent is not None:
            self._vacate(tx, agent.id, finished=False, worked_seconds=0)

    def _resumed(self, tx: Tx, task: TaskRecord, change: RobotChange, by: Actor) -> None:
        queries.change(tx, _present(change).execute_id, {"clock_started_at": tx.now})
        board.move(tx, task, Cause.CONTINUE, by=by, why=CONTINUES())
        if (agent := self._agent(tx, change.execution)) is not None and agent.current_task_id is None:
            self._agents.occupy(tx, agent.id, task.id)

    def _completed(self, tx: Tx, task: TaskRecord, change: RobotChange, by: Actor) -> None:
        output = change.robot.output_data or {}
        worked = self._end(tx, _present(change), "completed", finished=True, summary=output.get("summary"))
        board.move(
            tx,
            task,
            Cause.FINISH,
            by=by,
            why=HANDED_IN(actor=by.name),
            details={"commit": task.head_commit, "pullRequest": task.pr_number},
            completed_at=tx.now,
            **_worked(task, worked),
        )

    def _failed_once(self, tx: Tx, task: TaskRecord, change: RobotChange, by: Actor) -> None:
        self._give_back(tx, task, change, by, outcome="failed", held=self._hold(tx, task, change))

    def _failed_for_good(self, tx: Tx, task: TaskRecord, change: RobotChange, by: Actor) -> None:
        held = attempts_failed(change.robot.retry_count + 1)
        self._give_back(tx, task, change, by, outcome="failed", held=held)

    def _lost(self, tx: Tx, task: TaskRecord, change: RobotChange, by: Actor) -> None:
        self._give_back(tx, task, change, by, outcome="lost", held=self._hold(tx, task, change))

    def _taken_back(self, tx: Tx, task: TaskRecord, change: RobotChange, by: Actor) -> None:
        execution = _present(change)
        agent = self._agent(tx, execution)
        values = {
            "outcome": None,
            "summary": None,
            "error": None,
            "error_told": None,
            "ended_at": None,
            "clock_started_at": tx.now,
        }
        queries.change(tx, execution.execute_id, values)
        attempt = queries.find(tx, execution.execute_id)
        board.move(
            tx,
            task,
            Cause.CLAIM,
            by=by,
            why=CAME_BACK(actor=by.name),
            details={"cause": "came_back", "attempt": task.attempts, "round": task.round},
            assigned_agent_id=agent.id if agent else None,
            worked_seconds=task.worked_seconds - (attempt.worked_seconds if attempt else 0),
        )
        if agent:
            self._agents.occupy(tx, agent.id, task.id)

    def _released(self, tx: Tx, task: TaskRecord, change: RobotChange, by: Actor) -> None:
        outcome = "released" if change.by in self._names_of_holder(tx, change) else "stopped"
        self._give_back(tx, task, change, by, outcome=outcome, held=self._hold(tx, task, change))

    def _cancelled(self, tx: Tx, task: TaskRecord, change: RobotChange, by: Actor) -> None:  # noqa: ARG002
        if change.execution is not None:
            worked = self._end(tx, change.execution, "cancelled", finished=False)
            board.change(tx, task, assigned_agent_id=None, **_worked(task, worked))

    def _requeued(self, tx: Tx, task: TaskRecord, change: RobotChange, by: Actor) -> None:  # noqa: ARG002
        board.note(tx, task, "retried", by=by, message=SENT_BACK(actor=by.name), held=None)

    def _give_back(
        self, tx: Tx, task: TaskRecord, change: RobotChange, by: Actor, *, outcome: str, held: Saying | None
    ) -> None:
        execution = _present(change)
        error = execution.error_message if outcome == "failed" else change.reason
        told = execution.error_message_told if error == execution.error_message else None
        said = as_kept(error, told) if error else None
        if error and outcome == "stopped" and by == SYSTEM:
            said = self._known(tx, task, execution, error)
        why = why_given_back(by, outcome, said)
        if outcome == "stopped" and by != SYSTEM:
            said = why
        worked = self._end(tx, execution, outcome, finished=False, error=said)
        board.move(
            tx,
            task,
            Cause.GIVE_BACK,
            by=by,
            why=why,
            details={"outcome": outcome, "branch": task.branch_name},
            assigned_agent_id=None,
            held=held,
            **_worked(task, worked),
        )

    def _hold(self, tx: Tx, task: TaskRecord, change: RobotChange) -> Saying | None:
        """A question stays to be answered, and what it depends on may have changed: nobody starts before that."""
        if change.robot.held is not None:
            lost = LOST_IN_A_ROW(times=UNCOUNTED_LIMIT)
            held = change.robot.held
            return lost if lost.words == held else self._known(tx, task, _present(change), held)
        waits = holds.reason(tx, task)
        if waits is not None:
            self._engine.hold(tx, change.robot.robot_id, waits.words)
        return waits

    def _known(self, tx: Tx, task: TaskRecord, execution: Execution, words: str) -> Saying:
        """What the engine was told in words for money that is spent, as it was said; else just the words."""
        attempt = queries.find(tx, execution.execute_id)
        project = project_queries.find(tx, task.project_id)
        if attempt is None or project is None:
            return Saying(words)
        said = (
            spent(project.attempt_cost_limit, attempt.cost_microdollars, ATTEMPT_COST),
            holds.cost_hold(project, task.cost_microdollars),
            project.why_overspent,
        )
        return next((one for one in said if one is not None and one.words == words), Saying(words))

    def _end(
        self,
        tx: Tx,
        execution: Execution,
        outcome: str,
        *,
        finished: bool,
        summary: str | None = None,
        error: Saying | None = None,
    ) -> int:
        attempt = queries.find(tx, execution.execute_id)
        if attempt is None or attempt.ended_at is not None:
            return 0
        worked = attempt.worked_until(tx.now)
        values: dict[str, Any] = {
            "outcome": outcome,
            "ended_at": tx.now,
            "clock_started_at": None,
            "worked_seconds": worked,
        }
        told = summary or _how_far(execution)
        if told is not None:
            values["summary"] = told
        if error is not None:
            values["error"] = error
        queries.change(tx, execution.execute_id, keep(values, "error"))
        end_keys(tx, execution.execute_id, finished=finished)
        if attempt.agent_id is not None:
            self._vacate(tx, attempt.agent_id, finished=finished, worked_seconds=worked)
        return worked

    def _vacate(self, tx: Tx, agent_id: str, *, finished: bool, worked_seconds: int) -> None:
        """Its attempt has ended or was parked; it may have another one."""
        others = at_work(tx, self._engine, agent_id)
        next_task_id = others[0].task_id if others else None
        self._agents.vacate(tx, agent_id, next_task_id=next_task_id, finished=finished, worked_seconds=worked_seconds)

    def _stop_clock(self, tx: Tx, execution: Execution) -> None:
        attempt = queries.find(tx, execution.execute_id)
        if attempt is not None:
            values = {"clock_started_at": None, "worked_seconds": attempt.worked_until(tx.now)}
            queries.change(tx, execution.execute_id, values)

    def _agent(self, tx: Tx, execution: Execution | None) -> AgentRecord | None:
        if execution is None or not (execution.holder or "").startswith(_AGENT):
            return None
        return agent_queries.find(tx, (execution.holder or "").removeprefix(_AGENT))

    def _names_of_holder(self, tx: Tx, change: RobotChange) -> set[str]:
        holder = (change.execution.holder if change.execution else None) or ""
        agent = self._agent(tx, change.execution)
        return {holder, holder.removeprefix(_PERSON), agent.pod_name if agent else holder}

    def _actor(self, tx: Tx, change: RobotChange) -> Actor:
        """Who caused it, as the timeline shows it: the holder by its name, a person, or AiWorker itself."""
        agent = self._agent(tx, change.execution)
        holder = change.execution.holder if change.execution else None
        if agent is not None and change.by in {agent.holder, agent.pod_name}:
            return Actor(kind="agent", id=agent.id, name=agent.pod_name, scope=Scope.AGENT)
        if change.by == SYSTEM.name:
            return SYSTEM
        name = change.by.removeprefix(_PERSON)
        return Actor(kind="person", id=holder or name, name=name, scope=Scope.MEMBER)


def _present(change: RobotChange) -> Execution:
    if change.execution is None:
        raise AssertionError(f"{change.transition} comes with an execution")
    return change.execution


def _how_far(execution: Execution) -> str | None:
    """What is known of an attempt that told nothing itself: the next one reads it."""
    if execution.current_step is None:
        return None
    return f"It came as far as: {execution.current_step} ({execution.progress_percentage} %)."


def _worked(task: TaskRecord, seconds: int) -> dict[str, int]:
    total = task.worked_seconds + seconds
    return {"worked_seconds": total, "actual_duration_minutes": round(total / 60)}
