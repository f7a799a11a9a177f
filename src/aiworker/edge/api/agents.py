"""Agents."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from fastapi import Query

from aiworker.delivery.agents import queries
from aiworker.delivery.agents.records import AgentRecord
from aiworker.delivery.agents.service import PROCESS_LEASE_SECONDS
from aiworker.delivery.agents.views import agent_views
from aiworker.delivery.attempts.figures import with_figures
from aiworker.edge.api.context import Admin, AgentWorker, Caller, Context, Limit, Reader
from aiworker.edge.api.logs import LogFilter
from aiworker.edge.api.routing import api_router
from aiworker.storage.transaction import Tx
from aiworker.wire.agents import Agent, AgentChanges, AgentStatus, NewAgent
from aiworker.wire.base import Answer, Identifier, ListAnswer
from aiworker.wire.tasks import LogLine

router = api_router("agents", "/agents")

Change = Callable[[Tx], AgentRecord]


@router.get("")
async def list_agents(
    caller: Reader,
    status: AgentStatus | None = None,
    available: Annotated[bool, Query(description="Idle, with a heartbeat in the last 60 s.")] = False,
    limit: Limit = 100,
) -> ListAnswer[Agent]:
    """Agents, fewest finished tasks first."""

    def body(tx: Tx) -> list[Agent]:
        wanted = AgentStatus.IDLE if available else status
        since = tx.now - timedelta(seconds=PROCESS_LEASE_SECONDS) if available else None
        found = queries.list_agents(tx, status=wanted, alive_since=since, limit=limit)
        return with_figures(tx, agent_views(tx, found))

    found = await caller.read(body)
    return ListAnswer(data=found, count=len(found))


@router.post("", status_code=201)
async def register_agent(new: NewAgent, caller: AgentWorker, context: Context) -> Answer[Agent]:
    """Register an agent that heartbeats, or the same one after a restart."""
    return await _changed(caller, "agent.register", lambda tx: context.delivery.agents.register(tx, caller.actor, new))


@router.get("/{agent}")
async def get_agent(agent: Identifier, _caller: Reader, context: Context) -> Answer[Agent]:
    """An agent, by id or name."""
    return Answer(data=await context.delivery.reading.agent(agent))


@router.patch("/{agent}")
async def change_agent(agent: Identifier, changes: AgentChanges, caller: Admin, context: Context) -> Answer[Agent]:
    """Change what an agent can do, or how many tasks it may hold."""
    return await _changed(caller, "agent.change", lambda tx: context.delivery.agents.change(tx, agent, changes))


@router.delete("/{agent}")
async def remove_agent(agent: Identifier, caller: Admin, context: Context) -> Answer[dict[str, str]]:
    """Forget an agent and its log."""
    removed = await caller.change("agent.remove", lambda found: found.pod_name, context.delivery.agents.remove, agent)
    return Answer(data={"id": removed.id, "podName": removed.pod_name})


@router.post("/{agent}/heartbeat")
async def heartbeat(agent: Identifier, caller: AgentWorker, context: Context) -> Answer[Agent]:
    """A sign of life, every 15 seconds; its leases run on."""

    def body(tx: Tx) -> Agent:
        return agent_views(tx, [context.delivery.agents.heartbeat(tx, caller.actor, agent)])[0]

    return Answer(data=await context.database.write(body))


@router.get("/{agent}/logs")
async def get_logs(agent: Identifier, caller: Reader, context: Context, wanted: LogFilter) -> ListAnswer[LogLine]:
    """What an agent said, newest first."""
    return await caller.read(lambda tx: wanted.lines(tx, agent_id=context.delivery.agents.get(tx, agent).id))


async def _changed(caller: Caller, action: str, body: Change) -> Answer[Agent]:
    agent = await caller.change(action, lambda found: found.pod_name, body)
    return Answer(data=await caller.read(lambda tx: agent_views(tx, [agent])[0]))
