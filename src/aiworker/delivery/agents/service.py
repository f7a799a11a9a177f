"""Agents: registering, being heard of, what they are up to, their logs."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from aiworker.access.actors import Actor
from aiworker.core.errors import Conflict, Denied, NotFound
from aiworker.core.ids import new_id
from aiworker.delivery.agents import queries
from aiworker.delivery.agents.records import AgentRecord
from aiworker.engine.service import Engine
from aiworker.storage.outbox.events import SYSTEM_FEED, Event
from aiworker.storage.transaction import Tx
from aiworker.wire.agents import AgentChanges, AgentStatus, NewAgent, NewLogLine

PROCESS_LEASE_SECONDS = 60
CLIENT_LEASE_SECONDS = 30 * 60
# A sign of life that comes so soon after another one tells nothing new.
_JUST_NOW = timedelta(seconds=2)
# What is announced may be lost, and is to be small; the log itself holds every line in full.
_TOLD_AT_ONCE = 100
_LONGEST_TOLD = 4_000


def lease_of(agent: AgentRecord) -> int:
    """Seconds from its last sign of life to the end of its leases."""
    return PROCESS_LEASE_SECONDS if agent.kind == "process" else CLIENT_LEASE_SECONDS


class Agents:
    """Use cases around agents."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, tx: Tx, agent_id: str) -> AgentRecord:
        """By id or name. Raises: NotFound."""
        agent = queries.find(tx, agent_id) or queries.by_name(tx, agent_id)
        if agent is None:
            raise NotFound(f"There is no agent {agent_id[:60]!r}.", code="agent_not_found")
        return agent

    def register(self, tx: Tx, actor: Actor, new: NewAgent) -> AgentRecord:
        """Register an agent that heartbeats, or the same one again. Without a name: `{key}-{n}`, lowest free n.

        Raises: Denied if the name belongs to another key.
        """
        name = new.pod_name or self._free_name(tx, actor)
        named = queries.by_name(tx, name)
        known = queries.lock(tx, named.id) if named is not None else None
        if known is not None and known.key_id not in {None, actor.id}:
            raise Denied(f"The agent {name} belongs to another key.", code="agent_of_another_key")
        values = {
            "node_name": new.node_name,
            "capabilities": new.capabilities,
            "max_concurrent_tasks": new.max_concurrent_tasks,
            "last_heartbeat": tx.now,
            "error_message": None,
            "kind": "process",
            "key_id": actor.id,
        }
        if known is None:
            return self._add(tx, {**values, "pod_name": name})
        held = known.current_task_id is not None
        status = AgentStatus.BUSY if held else AgentStatus.IDLE
        queries.change(tx, known.id, {**values, "restarts_count": known.restarts_count + 1, "status": status})
        return self._tell(tx, known.id)

    def client(self, tx: Tx, actor: Actor, perhaps: AgentRecord | None = None) -> AgentRecord:
        """The agent that a key over plain HTTP is: made at the key's first use, heard of at every call. `perhaps`: who
        it may well be, as it was read just now."""
        name = re.sub(r"[^A-Za-z0-9._@-]", "-", actor.name)
        for candidate in (name, f"{name}-{actor.id[-6:]}"):
            read = perhaps is not None and perhaps.pod_name == candidate
            known = perhaps if read else queries.by_name(tx, candidate)
            if known is None:
                return self._add(
                    tx,
                    {
                        "pod_name": candidate,
                        "capabilities": [],
                        "max_concurrent_tasks": 1,
                        "last_heartbeat": tx.now,
                        "kind": "client",
                        "key_id": actor.id,
                    },
                )
            if known.key_id == actor.id:
                return self.heard_of(tx, known)
        raise Conflict(f"Another agent is already called {name}; make a key of another name.", code="agent_name_taken")

    def can(self, tx: Tx, agent: AgentRecord, capabilities: Sequence[str]) -> AgentRecord:
        """What a plain client says that it can do, kept: people are told which tasks nobody is able to take."""
        if agent.kind != "client" or not capabilities or set(capabilities) == set(agent.capabilities or ()):
            return agent
        queries.change(tx, agent.id, {"capabilities": sorted(set(capabilities))})
        return self._tell(tx, agent.id)

    def owned(self, tx: Tx, actor: Actor, agent_id: str) -> AgentRecord:
        """An agent that heartbeats, for a call of its own key. Raises: NotFound, Denied."""
        return self.heard_of(tx, self._of_key(tx, actor, agent_id))

    def heartbeat(self, tx: Tx, actor: Actor, agent_id: str) -> AgentRecord:
        """The heartbeat itself. Raises: NotFound, Denied."""
        return self._hear(tx, self._of_key(tx, actor, agent_id))

    def heard_of(self, tx: Tx, agent: AgentRecord) -> AgentRecord:
        """Note a sign of life: the agent's leases run on, and it is not offline any more."""
        heard = agent.last_heartbeat
        if agent.status is not AgentStatus.OFFLINE and heard is not None and tx.now - heard < _JUST_NOW:
            return agent
        return self._hear(tx, agent)

    def _of_key(self, tx: Tx, actor: Actor, agent_id: str) -> AgentRecord:
        agent = self.get(tx, agent_id)
        if agent.key_id != actor.id:
            raise Denied(f"The agent {agent.pod_name} belongs to another key.", code="agent_of_another_key")
        return agent

    def _hear(self, tx: Tx, agent: AgentRecord) -> AgentRecord:
        self._engine.renew(tx, agent.holder)
        if agent.status is AgentStatus.OFFLINE:
            status = AgentStatus.BUSY if agent.current_task_id else AgentStatus.IDLE
            queries.change(tx, agent.id, {"status": status, "last_heartbeat": tx.now})
            return self._tell(tx, agent.id)
        return queries.touch(tx, agent)

    def occupy(self, tx: Tx, agent_id: str, task_id: str) -> None:
        """It has a task now; one that is away, since a parked attempt of its is to be resumed."""
        agent = queries.lock(tx, agent_id)
        if agent is None:
            raise _removed()
        status = AgentStatus.OFFLINE if agent.status is AgentStatus.OFFLINE else AgentStatus.BUSY
        self._write(tx, agent, status=status, current_task_id=task_id, error_message=None)

    def vacate(self, tx: Tx, agent_id: str, *, next_task_id: str | None, finished: bool, worked_seconds: int) -> None:
        """A task of its has ended; `next_task_id` is another one that it still holds."""
        agent = queries.lock(tx, agent_id)
        if agent is None:
            return
        status = agent.status
        if status is not AgentStatus.OFFLINE:
            status = AgentStatus.BUSY if next_task_id else AgentStatus.IDLE
        self._write(
            tx,
            agent,
            status=status,
            current_task_id=next_task_id,
            tasks_completed=agent.tasks_completed + int(finished),
            total_runtime_minutes=agent.total_runtime_minutes + round(worked_seconds / 60),
        )

    def change(self, tx: Tx, agent_id: str, changes: AgentChanges) -> AgentRecord:
        """What people and the agent itself may change."""
        agent = self.get(tx, agent_id)
        values = changes.model_dump(exclude_unset=True)
        if values:
            queries.change(tx, agent.id, values)
        return self._tell(tx, agent.id)

    def remove(self, tx: Tx, agent_id: str) -> AgentRecord:
        """Forget an agent. Raises: Conflict while it holds a task."""
        agent = self.get(tx, agent_id)
        if agent.current_task_id is not None:
            raise Conflict(f"{agent.pod_name} holds a task; stop it first.", code="agent_busy")
        queries.delete_agent(tx, agent.id)
        return agent

    def log(self, tx: Tx, agent: AgentRecord, task_id: str, lines: Sequence[NewLogLine], *, execute_id: str) -> None:
        """Add lines to an agent's log; those who look at the agent or the task see them at once."""
        queries.add_logs(tx, agent.id, lines, task_id=task_id, execute_id=execute_id)
        for some in (lines[start : start + _TOLD_AT_ONCE] for start in range(0, len(lines), _TOLD_AT_ONCE)):
            told = {
                "agentId": agent.id,
                "taskId": task_id,
                "executionId": execute_id,
                "lines": [{"level": line.level.value, "message": line.message[:_LONGEST_TOLD]} for line in some],
            }
            for room in (f"agent:{agent.id}", f"task:{task_id}"):
                tx.announce(room, "agent:log", told)

    def sweep(self, tx: Tx) -> int:
        """Mark those who have fallen silent as offline. Their leases end by themselves. Returns how many."""
        silent = queries.silent(
            tx,
            processes_since=tx.now - timedelta(seconds=PROCESS_LEASE_SECONDS),
            clients_since=tx.now - timedelta(seconds=CLIENT_LEASE_SECONDS),
        )
        for agent in silent:
            queries.change(tx, agent.id, {"status": AgentStatus.OFFLINE})
            self._tell(tx, agent.id)
        return len(silent)

    def _free_name(self, tx: Tx, actor: Actor) -> str:
        prefix = re.sub(r"[^A-Za-z0-9._@-]", "-", actor.name) + "-"
        known = queries.named_like(tx, prefix)
        used = {
            agent.pod_name for agent in known if agent.status is not AgentStatus.OFFLINE or agent.key_id != actor.id
        }
        return next(name for n in range(1, len(used) + 2) if (name := f"{prefix}{n}") not in used)

    def _add(self, tx: Tx, values: dict[str, Any]) -> AgentRecord:
        agent_id = new_id()
        queries.add(
            tx, {"id": agent_id, "status": AgentStatus.IDLE, "created_at": tx.now, "updated_at": tx.now, **values}
        )
        return self._tell(tx, agent_id)

    def _write(self, tx: Tx, agent: AgentRecord, **values: Any) -> None:
        """Change an agent that is locked, and tell."""
        queries.change(tx, agent.id, values)
        queries.known(tx, replace(agent, **values, updated_at=tx.now))
        self._tell(tx, agent.id)

    def _tell(self, tx: Tx, agent_id: str) -> AgentRecord:
        agent = queries.find(tx, agent_id)
        if agent is None:
            raise _removed()
        data = {"agentId": agent.id, "status": agent.status.value, "currentTaskId": agent.current_task_id}
        tx.emit(Event(feed=SYSTEM_FEED, stream=f"agent:{agent.id}", kind="agent:status", data=data))
        return agent


def _removed() -> NotFound:
    return NotFound("The agent has been removed.", code="agent_not_found")
