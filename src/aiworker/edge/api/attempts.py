"""Attempts, for the runners that work at them. Agents themselves use the tools of MCP."""

from aiworker.access.idempotency.service import carry_out
from aiworker.edge.api.context import AgentWorker, Context
from aiworker.edge.api.routing import SECRET_ANSWER, api_router
from aiworker.storage.transaction import Tx
from aiworker.wire.attempts import AttemptKey, AttemptStanding, FailedAttempt, LogLines, OfRunner
from aiworker.wire.base import Answer, Identifier

router = api_router("agents", "/agents/{agent}/attempt")


@router.post("")
async def look(agent: Identifier, asked: OfRunner, caller: AgentWorker, context: Context) -> Answer[AttemptStanding]:
    """Where an attempt is; also a sign of life."""
    running = context.delivery.running
    return Answer(data=await context.database.write(running.standing, caller.actor, agent, asked.attempt))


@router.post("/key", openapi_extra=SECRET_ANSWER)
async def make_key(agent: Identifier, asked: OfRunner, caller: AgentWorker, context: Context) -> Answer[AttemptKey]:
    """A key for the program that works on the attempt: it opens MCP and git for this attempt, and nothing else."""
    running = context.delivery.running
    return Answer(data=await context.database.write(running.make_key, caller.actor, agent, asked.attempt))


@router.post("/log")
async def log(agent: Identifier, asked: LogLines, caller: AgentWorker, context: Context) -> Answer[dict[str, int]]:
    """Add lines to the agent's log, in one go; with an Idempotency-Key, once however often they are sent."""

    def body(tx: Tx) -> int:
        if caller.begun is not None:
            carry_out(tx, caller.begun)
        return context.delivery.running.log(tx, caller.actor, agent, asked.attempt, asked.lines)

    return Answer(data={"lines": await context.delivery.log_book.write(body)})


@router.post("/park")
async def park(agent: Identifier, asked: OfRunner, caller: AgentWorker, context: Context) -> Answer[AttemptStanding]:
    """The program has left while people owe an answer; their last answer brings the attempt back to this agent."""
    running = context.delivery.running
    return Answer(data=await context.database.write(running.park, caller.actor, agent, asked.attempt))


@router.post("/fail")
async def fail(
    agent: Identifier, asked: FailedAttempt, caller: AgentWorker, context: Context
) -> Answer[AttemptStanding]:
    """The attempt came to nothing, and why; the task goes back to the backlog."""
    running = context.delivery.running
    await context.database.write(running.fail, caller.actor, agent, asked.attempt, asked.category, asked.message)
    return Answer(data=AttemptStanding(standing="over", outcome="failed"))
