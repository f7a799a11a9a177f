"""Completing robots: a batch costs the same few statements as one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from aiworker.core.faults import fault_point
from aiworker.engine.breakers import service as breakers
from aiworker.engine.changes import Changes, Moved, status_event
from aiworker.engine.completions import queries
from aiworker.engine.completions.records import Running
from aiworker.engine.completions.states import ending, held, too_little
from aiworker.engine.executions.errors import ExecutionNotFound, LeaseLost
from aiworker.engine.executions.queries import by_ids
from aiworker.engine.executions.states import REVIEW, UNDER_WAY, measured, same_token
from aiworker.engine.executions.steps import end_steps
from aiworker.engine.owners import Transition
from aiworker.engine.queues.service import claim_topic
from aiworker.engine.reviews import queries as reviews
from aiworker.engine.reviews.records import Review
from aiworker.storage.outbox.events import Event
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import Complete, ExecutionState, RobotStatus

Refusal = ExecutionNotFound | LeaseLost


class Completions:
    """Ends executions, and their robots with them, when the work is done."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    def complete(self, tx: Tx, results: Mapping[str, Complete], *, by: str | None) -> dict[str, Refusal]:
        """Complete executions by their ids; those that were refused, with why. Repeating one's own is no error."""
        if tx.may_conclude and len(results) == 1 and self._complete_at_once(tx, results, by=by):
            return {}
        return self._complete_locked(tx, results, by=by)

    def _complete_locked(self, tx: Tx, results: Mapping[str, Complete], *, by: str | None) -> dict[str, Refusal]:
        locked = queries.lock(tx, list(results))
        refused: dict[str, Refusal] = {}
        accepted: list[Running] = []
        short: dict[str, str] = {}
        for execute_id, result in results.items():
            running = locked.get(execute_id)
            if running is None:
                refused[execute_id] = ExecutionNotFound(execute_id)
            elif not same_token(running.lease_token, result.lease_token):
                refused[execute_id] = LeaseLost(execute_id)
            elif running.outcome == REVIEW:
                continue
            elif running.execution_state in UNDER_WAY:
                accepted.append(running)
                if (why := too_little(running, result)) is not None:
                    short[execute_id] = why
            elif running.outcome != "completed":
                refused[execute_id] = LeaseLost(execute_id)
        breakers.succeeded(tx, Counter(one.module_name for one in accepted if one.stirred))
        if short:
            self._hold(tx, [one for one in accepted if one.execute_id in short], results, short)
        if good := [one for one in accepted if one.execute_id not in short]:
            self._end(tx, good, results, by=by)
            fault_point(f"end.written.{good[0].module_name}")
        return refused

    def _complete_at_once(self, tx: Tx, results: Mapping[str, Complete], *, by: str | None) -> bool:
        """One result that concerns nobody but its module, in one statement. False if that is not so; then nothing is
        done."""
        ((execute_id, result),) = results.items()
        seen = queries.look(tx, execute_id)
        if seen is None or seen.execution_state is not ExecutionState.RUNNING or seen.outcome is not None:
            return False
        told_more = seen.current_step is not None or result.measured or too_little(seen, result) is not None
        concerns_others = seen.stirred or seen.limited or self._changes.owners.of(seen.robot_type) is not None
        if told_more or concerns_others or not same_token(seen.lease_token, result.lease_token):
            return False
        event = _event(seen, RobotStatus.COMPLETED, ExecutionState.COMPLETED, Transition.COMPLETED)
        end = ending(seen, result, tx.now, by=by, steps=seen.completed_steps)
        if not queries.write_alone(tx, seen, end, event):
            return False
        tx.told(event)
        fault_point(f"end.written.{seen.module_name}")
        return True

    def accept(self, tx: Tx, review: Review, *, output_data: dict[str, Any] | None, by: str) -> None:
        """A person accepts a result that was held, as it is or as they corrected it. Its robot is locked."""
        running = queries.lock(tx, [review.execute_id])[review.execute_id]
        result = Complete(
            lease_token=running.lease_token,
            output_data=review.output_data if output_data is None else output_data,
            completeness_score=review.completeness_score,
            confidence_score=review.confidence_score,
        )
        self._end(tx, [running], {review.execute_id: result}, by=by)

    def _hold(self, tx: Tx, short: Sequence[Running], results: Mapping[str, Complete], why: Mapping[str, str]) -> None:
        end_steps(tx, [one.execute_id for one in short if one.current_step is not None], "completed")
        queries.hold(tx, short)
        reviews.ask(tx, [held(one, results[one.execute_id], why[one.execute_id], tx.now) for one in short])
        _measure(tx, {one.execute_id: results[one.execute_id] for one in short})
        for one in short:
            _tell(tx, one, RobotStatus.PROCESSING, ExecutionState.PAUSED, Transition.PARKED)
        _wake(tx, short)
        moved = (Moved(one.robot_id, one.robot_type, one.execute_id, one.holder or "AiWorker") for one in short)
        self._changes.tell_owners(tx, Transition.PARKED, moved)

    def _end(self, tx: Tx, accepted: Sequence[Running], results: Mapping[str, Complete], *, by: str | None) -> None:
        ended_steps = end_steps(tx, [one.execute_id for one in accepted if one.current_step is not None], "completed")
        endings = [
            ending(
                one,
                results[one.execute_id],
                tx.now,
                by=by,
                steps=one.completed_steps + ended_steps[one.execute_id],
            )
            for one in accepted
        ]
        queries.write(tx, endings)
        _measure(tx, {one.execute_id: results[one.execute_id] for one in accepted})
        for one in accepted:
            _tell(tx, one, RobotStatus.COMPLETED, ExecutionState.COMPLETED, Transition.COMPLETED)
        _wake(tx, accepted)
        moved = (
            Moved(one.robot_id, one.robot_type, one.execute_id, by or one.holder or "AiWorker") for one in accepted
        )
        self._changes.tell_owners(tx, Transition.COMPLETED, moved)


def _tell(tx: Tx, one: Running, status: RobotStatus, state: ExecutionState, transition: Transition) -> None:
    tx.emit(_event(one, status, state, transition))


def _event(one: Running, status: RobotStatus, state: ExecutionState, transition: Transition) -> Event:
    return status_event(
        robot_id=one.robot_id,
        robot_type=one.robot_type,
        status=status,
        module_name=one.module_name,
        correlation_id=one.correlation_id,
        moves=one.moves + 1,
        execute_id=one.execute_id,
        execution_state=state.value,
        transition=transition,
    )


def _wake(tx: Tx, left: Sequence[Running]) -> None:
    """Whoever waits for the slots that these leave."""
    for module_name in {one.module_name for one in left if one.limited and one.running_lane is not None}:
        tx.wake(claim_topic(module_name))


def _measure(tx: Tx, results: Mapping[str, Complete]) -> None:
    telling = [execute_id for execute_id, result in results.items() if result.measured]
    if telling:
        queries.write_measures(tx, [measured(one, results[one.execute_id]) for one in by_ids(tx, telling)])
