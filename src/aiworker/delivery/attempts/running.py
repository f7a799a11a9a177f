"""The runner's side of an attempt: what it needs beside the tools that every agent has."""

from collections.abc import Sequence

from aiworker.access.actors import Actor, Permission
from aiworker.access.audit.service import record
from aiworker.delivery.agents.service import Agents
from aiworker.delivery.attempts import keys
from aiworker.delivery.attempts.errors import AttemptOfAnother, AttemptOver, AttemptUnknown
from aiworker.delivery.attempts.service import Holding, Work
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.agents import NewLogLine
from aiworker.wire.attempts import AttemptKey, AttemptStanding
from aiworker.wire.engine import ErrorCategory, ExecutionState, Fail


class Running:
    """Units of work around one attempt. Each takes the runner's key, its agent's id, and the attempt's token.

    Raises, each of them: NotFound, Denied (the agent), AttemptUnknown, AttemptOver.
    """

    def __init__(self, engine: Engine, agents: Agents, work: Work) -> None:
        self._engine = engine
        self._agents = agents
        self._work = work

    def make_key(self, tx: Tx, actor: Actor, agent: str, attempt: str) -> AttemptKey:
        """A key for the program that works on the attempt."""
        holding = self._held(tx, actor, agent, attempt)
        text = keys.make_key(tx, holding.agent, holding.execution.execute_id)
        record(tx, actor, "attempt.key", holding.task.task_key, {"attempt": holding.attempt.number})
        return AttemptKey(key=text, name=holding.agent.pod_name)

    def standing(self, tx: Tx, actor: Actor, agent: str, attempt: str) -> AttemptStanding:
        """Where the attempt is; a token that opens nothing any more is no error here. Also a sign of life."""
        try:
            holding = self._held(tx, actor, agent, attempt, finishing=True)
        except AttemptOver as error:
            return AttemptStanding(standing="over", outcome=error.details["outcome"], message=error.message)
        except (AttemptUnknown, AttemptOfAnother) as error:
            return AttemptStanding(standing="over", outcome="lost", message=error.message)
        execution = holding.execution
        if not holding.active:
            return AttemptStanding(standing="handed_in", outcome=holding.attempt.outcome)
        if execution.execution_state is not ExecutionState.PAUSED:
            return AttemptStanding(standing="working", lease_expires_at=execution.lease_expires_at)
        waiting = "waiting" if execution.parked_at is None else "parked"
        return AttemptStanding(standing=waiting, lease_expires_at=execution.lease_expires_at)

    def log(self, tx: Tx, actor: Actor, agent: str, attempt: str, lines: Sequence[NewLogLine]) -> int:
        """Add lines to the agent's log, in one go; how many."""
        holding = self._held(tx, actor, agent, attempt, finishing=True)
        execute_id = holding.execution.execute_id
        self._agents.log(tx, holding.agent, holding.task.id, lines, execute_id=execute_id)
        return len(lines)

    def park(self, tx: Tx, actor: Actor, agent: str, attempt: str) -> AttemptStanding:
        """The program has left while people owe an answer. Where they do not any more, nothing changes."""
        holding = self._held(tx, actor, agent, attempt)
        if holding.execution.execution_state is ExecutionState.PAUSED:
            self._engine.park(tx, holding.execution.execute_id, by=holding.agent.holder, as_owner=True)
        return self.standing(tx, actor, agent, attempt)

    def fail(self, tx: Tx, actor: Actor, agent: str, attempt: str, category: ErrorCategory, message: str) -> None:
        """The attempt came to nothing; it counts as a try."""
        holding = self._held(tx, actor, agent, attempt)
        failure = Fail(lease_token=holding.execution.lease_token, error_category=category, error_message=message)
        self._engine.fail(tx, holding.execution.execute_id, failure, by=holding.agent.holder)
        record(tx, actor, "task.fail", holding.task.task_key, {"attempt": holding.attempt.number})

    def _held(self, tx: Tx, actor: Actor, agent: str, attempt: str, *, finishing: bool = False) -> Holding:
        actor.require(Permission.WORK)
        return self._work.hold(tx, self._agents.owned(tx, actor, agent), attempt, finishing=finishing)
