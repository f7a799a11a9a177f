"""What happens to an execution after its claim: reports, pauses, and its end."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aiworker.core.paging import Cursor
from aiworker.core.sayings import Saying, Sentence, as_said, keep
from aiworker.engine.breakers import service as breakers
from aiworker.engine.changes import Changes, Work
from aiworker.engine.executions import queries, states
from aiworker.engine.executions.errors import ExecutionNotFound, LeaseLost
from aiworker.engine.executions.records import Execution, ExecutionStep
from aiworker.engine.executions.reporting import report_many, report_on
from aiworker.engine.executions.steps import end_steps
from aiworker.engine.owners import Transition
from aiworker.engine.robots import queries as robots
from aiworker.engine.robots import states as robot_states
from aiworker.engine.robots.records import Robot
from aiworker.engine.types.hiding import Secrets
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import (
    ErrorCategory,
    ExecutionState,
    Fail,
    Report,
    ReportAnswer,
    RobotStatus,
)
from aiworker.wire.telling import telling

TIMED_OUT = Sentence("robot_timed_out", "It took longer than {seconds} s.")
SILENT = Sentence("holder_silent", "{holder} did not answer for {seconds} s")

_LEASES_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Started:
    """A robot with the execution that is, or was, at it; both locked."""

    robot: Robot
    execution: Execution


class Executions:
    """Moves executions, and their robots with them."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    # --- reading ---

    def get(self, tx: Tx, execute_id: str) -> Execution:
        """Raises: ExecutionNotFound."""
        execution = queries.find(tx, execute_id)
        if execution is None:
            raise ExecutionNotFound(execute_id)
        return execution

    def find_by_lease_token(self, tx: Tx, token: str, *, lock: bool = False) -> Execution | None:
        """The execution that a token opens, in whatever state it is; `lock`: ours until the commit."""
        execution = (queries.lock if lock else queries.find)(tx, states.named_by(token))
        return execution if execution is not None and states.opens(execution, token) else None

    def list_executions(
        self,
        tx: Tx,
        *,
        robot_id: str | None,
        correlation_id: str | None,
        state: ExecutionState | None,
        among: Collection[str] | None,
        limit: int,
        cursor: str | None,
    ) -> tuple[list[Execution], str | None]:
        """Newest first, and the cursor of the next page."""
        found = queries.list_executions(
            tx,
            robot_id=robot_id,
            correlation_id=correlation_id,
            state=state,
            among=among,
            cursor=Cursor.decode(cursor),
            limit=limit + 1,
        )
        if len(found) <= limit:
            return found, None
        last = found[limit - 1]
        return found[:limit], Cursor(0, last.started_at, last.execute_id).encode()

    def steps_of(self, tx: Tx, execute_ids: Sequence[str]) -> list[ExecutionStep]:
        """The steps of executions, in order."""
        return queries.steps_of(tx, execute_ids)

    # --- the worker's side ---

    def report(self, tx: Tx, execution: str | Execution, report: Report) -> ReportAnswer:
        """A sign of life, by the id or of an execution that is locked: renews the lease and answers what to do now;
        never raises for a lost lease."""
        if isinstance(execution, str):
            return report_many(tx, {execution: [report]})[execution]
        return report_on(tx, [execution], {execution.execute_id: [report]})[execution.execute_id]

    def report_many(self, tx: Tx, told: Mapping[str, Sequence[Report]]) -> dict[str, ReportAnswer]:
        """Signs of life of many executions, by their ids, each taken in order; what each is to do. In few statements,
        however many they are.
        """
        return report_many(tx, told)

    def renew(self, tx: Tx, holder: str) -> int:
        """A heartbeat: every lease of a holder runs anew. How many those are."""
        seen = queries.leases_of(tx, holder, _LEASES_LIMIT)
        if not seen:
            return 0
        # Robots are locked before executions, as everywhere: a report may go on to move its robot.
        robots.lock_many(tx, sorted(lease.robot_id for lease in seen))
        locked = queries.lock_many(tx, sorted(lease.execute_id for lease in seen))
        leases = [lease for lease in locked if lease.check_at is not None and lease.lease_expires_at is not None]
        queries.renew(tx, [states.renewed(lease, tx.now) for lease in leases])
        return len(leases)

    def fail(self, tx: Tx, execute_id: str, failure: Fail, *, by: str | None) -> None:
        """Raises: ExecutionNotFound, LeaseLost. Repeating one's own is no error."""
        work = self._lock(tx, execute_id)
        if _opens(work.execution, failure.lease_token, ended_as={"failed", "timeout"}):
            self._fail(tx, work, Secrets.of(work.robot).hide_in_failure(failure), outcome="failed", by=by)

    def release(
        self,
        tx: Tx,
        execute_id: str,
        *,
        by: str | None,
        reason: Saying | str | None,
        lease_token: str | None,
        as_owner: bool,
    ) -> None:
        """Back to PENDING without counting a try; with its token it is the worker's own wish, else a person's.

        Raises: ExecutionNotFound, LeaseLost, NotUnderWay, OwnedRobot.
        """
        work = self._lock(tx, execute_id)
        if lease_token is None:
            self._changes.owners.refuse_outsiders(work.robot, as_owner=as_owner)
        elif not _opens(work.execution, lease_token, ended_as={"released"}):
            return
        why = Secrets.of(work.robot).hide(reason) if isinstance(reason, str) else reason
        self._give_back(tx, work, Transition.RELEASED, outcome="released", by=by, reason=why)

    # --- by people and owners ---

    def pause(self, tx: Tx, execute_id: str, *, by: str, reason: str | None, as_owner: bool) -> None:
        """Raises: ExecutionNotFound, NotUnderWay, OwnedRobot."""
        self._change(
            tx,
            execute_id,
            Transition.PAUSED,
            lambda execution: states.paused(execution, tx.now),
            by=by,
            reason=reason,
            as_owner=as_owner,
        )

    def refuse(self, tx: Tx, execute_id: str, *, by: str, reason: str) -> None:
        """The result that was held is no good, and another try would bring no better one."""
        work = self._lock(tx, execute_id)
        failure = Fail(
            lease_token=work.execution.lease_token, error_category=ErrorCategory.BUSINESS, error_message=reason
        )
        self._fail(tx, work, failure, outcome="refused", by=by)

    def send_back(self, tx: Tx, execute_id: str, *, by: str, reason: str | None) -> None:
        """The result that was held is no good; the robot waits for another try."""
        work = self._lock(tx, execute_id)
        self._give_back(tx, work, Transition.RELEASED, outcome="sent back", by=by, reason=reason)

    def park(self, tx: Tx, execute_id: str, *, by: str, reason: str | None, as_owner: bool) -> None:
        """Raises: as `pause`."""
        self._change(
            tx,
            execute_id,
            Transition.PARKED,
            lambda execution: states.parked(execution, tx.now),
            by=by,
            reason=reason,
            as_owner=as_owner,
        )

    def resume(self, tx: Tx, execute_id: str, *, by: str, lease_seconds: int | None, as_owner: bool) -> None:
        """Raises: as `pause`."""
        self._change(
            tx,
            execute_id,
            Transition.RESUMED,
            lambda execution: states.resumed(execution, tx.now, lease_seconds=lease_seconds),
            by=by,
            reason=None,
            as_owner=as_owner,
        )

    def rotate_token(self, tx: Tx, execute_id: str) -> str:
        """A new token, never used; the old one opens nothing any more. Raises: ExecutionNotFound, LeaseLost."""
        before = queries.lock(tx, execute_id)
        if before is None:
            raise ExecutionNotFound(execute_id)
        if before.execution_state not in states.UNDER_WAY:
            raise LeaseLost(execute_id)
        token = states.new_lease_token(execute_id)
        queries.save(tx, before, replace(before, lease_token=token, reported_at=None))
        return token

    # --- by the clock ---

    def lose(self, tx: Tx, execute_id: str, *, why: Saying) -> None:
        """The holder is known to be gone: its lease ends now. What is over already stays as it is."""
        work = self._lock(tx, execute_id)
        if work.execution.execution_state in states.UNDER_WAY:
            self._lease_over(tx, work, why)

    def check(self, tx: Tx, execute_id: str) -> Transition | None:
        """End what is over: the time-out first, then the lease. None: nothing was, or somebody else is at it."""
        robot_id = queries.robot_of(tx, execute_id)
        robot = robots.lock(tx, robot_id, skip_locked=True) if robot_id is not None else None
        execution = queries.lock(tx, execute_id) if robot is not None else None
        if robot is None or execution is None or execution.check_at is None or execution.check_at > tx.now:
            return None
        work = Started(robot, execution)
        if execution.timeout_at is not None and execution.timeout_at <= tx.now:
            self._fail(tx, work, _timed_out(execution), outcome="timeout", by="AiWorker")
            return Transition.FAILED
        if execution.lease_expires_at is not None and execution.lease_expires_at <= tx.now:
            return self._lease_over(tx, work, SILENT(holder=execution.holder, seconds=execution.lease_seconds))
        queries.save(tx, execution, states.watched(execution))
        return None

    def postpone_check(self, tx: Tx, execute_id: str, until: datetime) -> None:
        """Look at it again later: its owner could not take the change now."""
        before = queries.lock(tx, execute_id)
        if before is not None and before.check_at is not None:
            queries.save(tx, before, replace(before, check_at=until))

    # --- within ---

    def _lock(self, tx: Tx, execute_id: str) -> Started:
        robot = robots.lock_by_execution(tx, execute_id)
        execution = queries.lock(tx, execute_id) if robot is not None else None
        if robot is None or execution is None:
            raise ExecutionNotFound(execute_id)
        return Started(robot, execution)

    def _write(
        self,
        tx: Tx,
        transition: Transition,
        before: Started,
        robot: Robot,
        execution: Execution,
        *,
        by: str | None,
        reason: str | None = None,
    ) -> None:
        self._changes.write(
            tx,
            transition,
            Work(before.robot, before.execution),
            Work(robot, execution),
            by=by or before.execution.holder or "AiWorker",
            reason=reason,
        )

    def _change(
        self,
        tx: Tx,
        execute_id: str,
        transition: Transition,
        change: Callable[[Execution], Execution],
        *,
        by: str,
        reason: str | None,
        as_owner: bool,
    ) -> None:
        work = self._lock(tx, execute_id)
        self._changes.owners.refuse_outsiders(work.robot, as_owner=as_owner)
        after = change(work.execution)
        if after is not work.execution:
            slot = after.parked_at is None
            robot = robot_states.with_slot(work.robot, tx.now, slot=slot)
            self._write(tx, transition, work, robot, after, by=by, reason=reason)

    def _fail(self, tx: Tx, work: Started, failure: Fail, *, outcome: str, by: str | None) -> None:
        robot = robot_states.failed(work.robot, failure, tx.now, step=work.execution.current_step)
        final = robot.status is RobotStatus.FAILED
        if failure.error_category.retried:
            retry_at = breakers.failed(
                tx,
                work.execution.module_name,
                work.execution.execute_id,
                retry_at=robot.retry_at,
                cap_seconds=robot.backoff_cap_seconds,
            )
            robot = robot_states.later(robot, retry_at, tx.now)
        elif outcome == "failed":
            # A module that can tell what is wrong with its input is working.
            breakers.succeeded(tx, {work.execution.module_name: 1})
        end_steps(tx, [work.execution.execute_id], "failed")
        execution = states.failed(work.execution, failure, tx.now, outcome=outcome, by=by, final=final)
        transition = Transition.FAILED if final else Transition.RETRYING
        self._write(tx, transition, work, robot, execution, by=by, reason=failure.error_message)

    def _give_back(
        self,
        tx: Tx,
        work: Started,
        transition: Transition,
        *,
        outcome: str,
        by: str | None,
        reason: Saying | str | None,
    ) -> None:
        # A robot that was given back was left in order; after a lost one anything may be half done.
        state = ExecutionState.FAILED if outcome == "lost" else ExecutionState.CANCELLED
        said = as_said(reason)
        execution = states.ended(
            work.execution, state, tx.now, outcome=outcome, by=by, **keep({"error_message": said}, "error_message")
        )
        end_steps(tx, [work.execution.execute_id], outcome)
        robot = robot_states.returned(work.robot, tx.now)
        paused = work.execution.execution_state is ExecutionState.PAUSED and work.execution.outcome != states.REVIEW
        if paused and self._changes.owners.of(robot.robot_type) is None:
            # It was paused, and nobody has resumed it.
            robot = robot_states.held_back(robot, tx.now)
        self._write(tx, transition, work, robot, execution, by=by, reason=None if said is None else said.words)

    def _lease_over(self, tx: Tx, work: Started, why: Saying) -> Transition:
        owner = self._changes.owners.of(work.robot.robot_type)
        if owner is not None and owner.on_lease_expired(tx, work.robot, work.execution) == "park":
            execution = states.parked(work.execution, tx.now)
            robot = robot_states.with_slot(work.robot, tx.now, slot=False)
            self._write(tx, Transition.PARKED, work, robot, execution, by="AiWorker", reason=why.words)
            return Transition.PARKED
        self._give_back(tx, work, Transition.LOST, outcome="lost", by="AiWorker", reason=why)
        return Transition.LOST


def _opens(execution: Execution, lease_token: str, *, ended_as: set[str]) -> bool:
    """Whether the caller may go on; False if its wish is fulfilled already. Raises: LeaseLost."""
    if not states.opens(execution, lease_token):
        raise LeaseLost(execution.execute_id)
    if execution.outcome == states.REVIEW:
        raise LeaseLost(execution.execute_id)
    if execution.execution_state in states.UNDER_WAY:
        return True
    if execution.outcome in ended_as:
        return False
    raise LeaseLost(execution.execute_id)


def _timed_out(execution: Execution) -> Fail:
    said = TIMED_OUT(seconds=execution.timeout_seconds)
    return Fail(
        lease_token=execution.lease_token,
        error_category=ErrorCategory.TIMEOUT,
        error_message=said.words,
        told=telling(said.told),
    )
