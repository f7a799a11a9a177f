"""The engine's door: everything that others may ask of modules, queues, robots and executions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from aiworker.core.errors import Invalid
from aiworker.core.sayings import Saying
from aiworker.engine.batches.service import Batches
from aiworker.engine.changes import Changes
from aiworker.engine.checkpoints import queries as checkpoint_queries
from aiworker.engine.claims.service import Claims
from aiworker.engine.completions.service import Completions, Refusal
from aiworker.engine.executions import queries as execution_queries
from aiworker.engine.executions.records import Execution, ExecutionStep
from aiworker.engine.executions.service import Executions
from aiworker.engine.health.records import Check
from aiworker.engine.modules import queries as module_queries
from aiworker.engine.modules import service as modules
from aiworker.engine.modules.records import Module, ModuleLoad, Score
from aiworker.engine.modules.routing import Candidate
from aiworker.engine.owners import Owner, Owners
from aiworker.engine.queues import service as queues
from aiworker.engine.queues.records import UNSET, Queue, Unset
from aiworker.engine.reviews.service import Reviews
from aiworker.engine.robots import queries as robot_queries
from aiworker.engine.robots.records import Robot
from aiworker.engine.robots.service import Robots, note
from aiworker.engine.types import service as types
from aiworker.engine.types.records import RobotTypeRecord
from aiworker.engine.upkeep import Tick, Upkeep, next_at
from aiworker.engine.waiting import waiting_reasons
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import (
    ClaimedRobot,
    Complete,
    ExecutionState,
    Fail,
    HealthStatus,
    ModuleChanges,
    NewModule,
    NewRobot,
    Report,
    ReportAnswer,
    RobotPriority,
    RobotStatus,
)

__all__ = ["UNSET", "Engine", "Tick", "Unset"]

# So many robots move to another module within one unit of work; the upkeep moves the rest.
_REROUTED_AT_ONCE = 500
_LONGEST_LIST = 500
# Only needed until the commit: the execution is completed in the same unit of work.
_TAKEN_BACK_SECONDS = 60


class Engine:
    """Modules, queues, robots and executions. Every method runs inside the caller's unit of work; `batches` are robots
    that were submitted together, `reviews` results that a person looks at before they count.

    "Outside" moves of a robot whose type has an owner are refused (`owned_robot`) unless `as_owner`; a worker that
    shows its lease token is never an outsider.
    """

    def __init__(self, *, environment: str = "local") -> None:
        self._environment = environment
        self._owners = Owners()
        changes = Changes(self._owners)
        self._robots = Robots(changes)
        self.batches = Batches(changes, self._robots)
        self._claims = Claims(changes)
        self._executions = Executions(changes)
        self._completions = Completions(changes)
        self.reviews = Reviews(self._completions, self._executions)
        self._upkeep = Upkeep(self._executions)

    def own(self, robot_type: str, owner: Owner) -> None:
        """Make `owner` the owner of a robot type; wired once, before any work."""
        self._owners.add(robot_type, owner)

    # --- modules ---

    def register_module(self, tx: Tx, new: NewModule, *, internal: bool = False) -> Module:
        """Insert a module, or bring the one of that name up to date. `internal`: the plain claim does not serve it.

        Raises: Invalid, Conflict (the name or a type belongs to the system).
        """
        if not internal:
            types.leave_to_the_system(tx, new.supported_robot_types)
        module = modules.register(tx, new, environment=self._environment, internal=internal)
        types.describe(tx, new)
        return module

    def robot_types(self, tx: Tx) -> list[RobotTypeRecord]:
        """What modules have said about types of robots, by name."""
        return types.list_types(tx)

    def robot_type(self, tx: Tx, name: str) -> RobotTypeRecord:
        """What is known of one type. Raises: TypeNotFound."""
        return types.get_type(tx, name)

    def list_modules(self, tx: Tx) -> list[Module]:
        """All modules, by name."""
        return module_queries.list_modules(tx)

    def routing_table(self, tx: Tx) -> dict[str, list[Candidate]]:
        """Who gets robots of each type, the best first."""
        return modules.routing_table(tx)

    def scoreboard(self, tx: Tx) -> list[Score]:
        """The modules that are switched on, the best score first."""
        return module_queries.scores(tx)

    def get_module(self, tx: Tx, name: str) -> Module:
        """Raises: ModuleNotFound."""
        return modules.get_module(tx, name)

    def lock_module(self, tx: Tx, name: str) -> Module:
        """The module, ours until the commit. Raises: ModuleNotFound."""
        return modules.lock_module(tx, name)

    def check_new(self, tx: Tx, new: NewRobot) -> None:
        """Whether such a robot would be taken. Raises: UnknownRobotType, InputRefused, Invalid, SystemRobotType."""
        for refusal in self._robots.refusals(tx, {0: new}).values():
            raise refusal

    def module_load(self, tx: Tx, name: str) -> ModuleLoad:
        """How many robots wait for a module (counted to 1,000) and how many run."""
        return modules.load_of(tx, name)

    def change_module(self, tx: Tx, name: str, changes: ModuleChanges) -> Module:
        """Change what was given; one that is switched off or drained loses its waiting robots to the next best.

        Raises: ModuleNotFound, SystemModule.
        """
        modules.change(tx, name, changes)
        self._upkeep.reroute(tx, _REROUTED_AT_ONCE)
        return modules.get_module(tx, name)

    def remove_module(self, tx: Tx, name: str) -> Module:
        """Take away a module that has no unfinished robot. Raises: ModuleNotFound, SystemModule, ModuleBusy."""
        return modules.remove(tx, name)

    def record_health(self, tx: Tx, name: str, check: Check) -> Module:
        """One check's outcome; the third failure in a row moves its waiting robots. Raises: ModuleNotFound."""
        module = modules.record_health(tx, name, check)
        if module.health_status is HealthStatus.UNHEALTHY:
            self._upkeep.reroute(tx, _REROUTED_AT_ONCE)
        return module

    # --- queues ---

    def get_queue(self, tx: Tx, name: str) -> Queue:
        """A queue; one that nobody ever paused or limited is open."""
        return queues.get_queue(tx, name)

    def set_queue(
        self, tx: Tx, name: str, *, paused: bool | None = None, max_running: int | Unset | None = UNSET
    ) -> Queue:
        """Pause or reopen a queue, limit how many of it may run (None: no limit). What runs goes on."""
        return queues.set_queue(tx, name, paused=paused, max_running=max_running)

    def queues(self, tx: Tx, names: Sequence[str]) -> dict[str, Queue]:
        """Those of the queues that were ever paused, reopened or limited."""
        return queues.known(tx, names)

    def full_queues(self, tx: Tx, names: Sequence[str]) -> set[str]:
        """Those of the queues that have reached their limit."""
        return queues.full(tx, names)

    # --- robots ---

    def submit(self, tx: Tx, new: NewRobot, *, age: datetime | None = None, by: str = "AiWorker") -> Robot:
        """A new robot, routed to a module. `age` sorts it among its equals, by default now.

        With a cache key: the robot that is under way with that key, or one that is done at once with its result.

        Raises: UnknownRobotType, Invalid.
        """
        return self._robots.submit(tx, [new], age=age, by=by)[0]

    def submit_many(
        self,
        tx: Tx,
        new_robots: Sequence[NewRobot],
        *,
        by: str = "AiWorker",
        outside: bool = False,
        among: Collection[str] | None = None,
    ) -> list[Robot]:
        """All or none, in order. `outside`: the caller is not the installation itself. `among`: these modules only.

        Raises: as `submit`, and SystemRobotType.
        """
        return self._robots.submit(tx, new_robots, age=None, by=by, outside=outside, among=among)

    def get_robot(self, tx: Tx, robot_id: str) -> Robot:
        """Raises: RobotNotFound."""
        return self._robots.get(tx, robot_id)

    def get_robots(self, tx: Tx, robot_ids: Sequence[str]) -> list[Robot]:
        """Those of the ids that exist, in one query."""
        return robot_queries.by_ids(tx, robot_ids)

    def lock_robot(self, tx: Tx, robot_id: str) -> Robot:
        """The robot, ours until the commit: what an owner locks first. Raises: RobotNotFound."""
        return self._robots.lock(tx, robot_id)

    def waiting_reasons(self, tx: Tx, robots: Sequence[Robot]) -> Mapping[str, Saying | None]:
        """Why each of them is not taken, in one line, by id; None: it runs, is over, or may be claimed now."""
        return waiting_reasons(tx, robots)

    def list_robots(
        self,
        tx: Tx,
        *,
        status: RobotStatus | None = None,
        robot_type: str | None = None,
        module_name: str | None = None,
        correlation_id: str | None = None,
        source_reference: str | None = None,
        queue: str | None = None,
        named: str | None = None,
        at_risk: bool = False,
        among: Collection[str] | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> tuple[list[Robot], str | None]:
        """Newest first, and a cursor. `named`: by id, batch, reference; `among`: of these modules. Raises: Invalid."""
        wanted = {
            "status": status,
            "robot_type": robot_type,
            "module_name": module_name,
            "correlation_id": correlation_id,
            "source_reference": source_reference,
            "queue": queue,
        }
        return self._robots.list_robots(
            tx, wanted=wanted, named=named, at_risk=at_risk, among=among, limit=_checked(limit), cursor=cursor
        )

    def hold(self, tx: Tx, robot_id: str, reason: str) -> None:
        """Keep it from starting, and say why; what runs goes on. Raises: RobotNotFound."""
        self._robots.hold(tx, robot_id, reason)

    def unhold(self, tx: Tx, robot_id: str) -> None:
        """Let it start; not held is no error. Raises: RobotNotFound."""
        self._robots.unhold(tx, robot_id)

    def reprioritise(self, tx: Tx, robot_id: str, priority: RobotPriority) -> None:
        """Change how urgent it is; its age stays. Raises: RobotNotFound."""
        self._robots.reprioritise(tx, robot_id, priority)

    def set_needs(self, tx: Tx, robot_id: str, needs: Sequence[str]) -> None:
        """Change what a worker must be able to do. Raises: RobotNotFound."""
        self._robots.set_needs(tx, robot_id, needs)

    def cancel(
        self, tx: Tx, robot_id: str, *, by: str, reason: Saying | str | None = None, as_owner: bool = False
    ) -> Robot:
        """End it; its worker is told with the next report. Already cancelled is no error.

        Raises: RobotNotFound, OwnedRobot, IllegalMove.
        """
        return self._robots.cancel(tx, robot_id, by=by, reason=reason, as_owner=as_owner)

    def retry(self, tx: Tx, robot_id: str, *, by: str, as_owner: bool = False) -> Robot:
        """FAILED → PENDING with all its tries; one that is held or waits for its next try may go at once.

        Raises: RobotNotFound, OwnedRobot, IllegalMove.
        """
        return self._robots.retry(tx, robot_id, by=by, as_owner=as_owner)

    def pause_robot(self, tx: Tx, robot_id: str, *, by: str, reason: str | None = None) -> None:
        """Pause what runs (its worker is told), or keep what waits from starting, until it is resumed.

        Raises: RobotNotFound, OwnedRobot, NotUnderWay.
        """
        robot, execution = self._robots.lock(tx, robot_id), execution_queries.active(tx, robot_id)
        if execution is None:
            self._robots.pause(tx, robot.robot_id, by=by)
        else:
            self._executions.pause(tx, execution.execute_id, by=by, reason=reason, as_owner=False)
            note(tx, robot_id, by=by, did="paused", why=reason)

    def resume_robot(self, tx: Tx, robot_id: str, *, by: str) -> None:
        """Let what was paused go on; where its worker is gone, the next one begins at the checkpoint.

        Raises: as `pause_robot`.
        """
        robot, execution = self._robots.lock(tx, robot_id), execution_queries.active(tx, robot_id)
        if execution is None:
            self._robots.resume(tx, robot.robot_id, by=by)
        else:
            self._executions.resume(tx, execution.execute_id, by=by, lease_seconds=None, as_owner=False)
            note(tx, robot_id, by=by, did="resumed")

    def checkpoints_saved_at(self, tx: Tx, robot_ids: Sequence[str]) -> dict[str, datetime]:
        """When the checkpoints of robots were saved, by the executions that did."""
        return checkpoint_queries.saved_at(tx, robot_ids)

    # --- executions ---

    def claim(
        self,
        tx: Tx,
        module_name: str,
        *,
        holder: str,
        limit: int = 1,
        lease_seconds: int = 60,
        capabilities: Sequence[str] = (),
        queues: Sequence[str] | None = None,
        internal: bool = False,
    ) -> list[ClaimedRobot]:
        """Up to `limit` robots of a module, most urgent first, then oldest; each is the holder's alone.

        `queues`: only those. `internal`: also where the plain claim is refused.

        Raises: ModuleNotFound, InternalModule.
        """
        return self._claims.claim(
            tx,
            module_name,
            holder=holder,
            limit=limit,
            lease_seconds=lease_seconds,
            capabilities=capabilities,
            only_queues=queues,
            internal=internal,
        )

    def claim_robot(
        self,
        tx: Tx,
        robot_id: str,
        *,
        holder: str,
        lease_seconds: int | None,
        even_if_held: bool = False,
        as_owner: bool = False,
    ) -> ClaimedRobot:
        """This very robot. Without `lease_seconds` a person has it: no lease, no time-out.

        Raises: RobotNotFound, OwnedRobot, NotClaimable.
        """
        return self._claims.claim_robot(
            tx, robot_id, holder=holder, lease_seconds=lease_seconds, even_if_held=even_if_held, as_owner=as_owner
        )

    def take_back(self, tx: Tx, execute_id: str, *, lease_seconds: int) -> Execution | None:
        """Whoever was lost is back: the execution goes on, if nobody had its robot since and it may be claimed now."""
        return self._claims.take_back(tx, execute_id, lease_seconds=lease_seconds)

    def report(self, tx: Tx, execution: str | Execution, report: Report) -> ReportAnswer:
        """A sign of life, by id or of one that is locked; says what to do now. A lost lease is no error."""
        return self._executions.report(tx, execution, report)

    def report_many(self, tx: Tx, told: Mapping[str, Sequence[Report]]) -> dict[str, ReportAnswer]:
        """Reports of many executions, by their ids, each taken in order; what each of their workers is to do."""
        return self._executions.report_many(tx, told)

    def renew(self, tx: Tx, holder: str) -> int:
        """A heartbeat: every lease of a holder runs anew. How many those are."""
        return self._executions.renew(tx, holder)

    def complete(self, tx: Tx, execute_id: str, result: Complete, *, by: str | None = None) -> None:
        """The work is done. Repeating one's own is no error. Raises: ExecutionNotFound, LeaseLost."""
        if (refusal := self.complete_many(tx, {execute_id: result}, by=by).get(execute_id)) is not None:
            raise refusal

    def complete_many(self, tx: Tx, results: Mapping[str, Complete], *, by: str | None = None) -> dict[str, Refusal]:
        """Many at once, by their executions' ids; those that were refused, with why. The others are done."""
        return self._completions.complete(tx, results, by=by)

    def complete_late(self, tx: Tx, execute_id: str, result: Complete) -> bool:
        """A result that comes after its lease has ended: taken if nobody has had the robot since. Whether it was."""
        execution = self._executions.find_by_lease_token(tx, result.lease_token)
        if execution is None or execution.execute_id != execute_id:
            return False
        if self._claims.take_back(tx, execute_id, lease_seconds=_TAKEN_BACK_SECONDS) is None:
            return False
        self.complete(tx, execute_id, result)
        return True

    def fail(self, tx: Tx, execute_id: str, failure: Fail, *, by: str | None = None) -> None:
        """The try failed; the next one is due later, or the robot is FAILED. Raises: ExecutionNotFound, LeaseLost."""
        self._executions.fail(tx, execute_id, failure, by=by)

    def release(
        self,
        tx: Tx,
        execute_id: str,
        *,
        by: str | None = None,
        reason: Saying | str | None = None,
        lease_token: str | None = None,
        as_owner: bool = False,
    ) -> None:
        """Back to PENDING without counting a try; ten such in a row hold the robot. `by`: its holder, if not given.

        Raises: ExecutionNotFound, LeaseLost, NotUnderWay, OwnedRobot.
        """
        self._executions.release(tx, execute_id, by=by, reason=reason, lease_token=lease_token, as_owner=as_owner)

    def lose(self, tx: Tx, execute_id: str, *, why: Saying) -> None:
        """The holder is known to be gone: its lease ends now. Already over is no error. Raises: ExecutionNotFound."""
        self._executions.lose(tx, execute_id, why=why)

    def pause(self, tx: Tx, execute_id: str, *, by: str, reason: str | None = None, as_owner: bool = False) -> None:
        """RUNNING → PAUSED: the lease is kept, the time-out's clock stops, the worker is told with its next report.

        Raises: ExecutionNotFound, NotUnderWay, OwnedRobot.
        """
        self._executions.pause(tx, execute_id, by=by, reason=reason, as_owner=as_owner)

    def park(self, tx: Tx, execute_id: str, *, by: str, reason: str | None = None, as_owner: bool = False) -> None:
        """PAUSED without a worker: no lease, no slot; the token stays good. Raises: as `pause`."""
        self._executions.park(tx, execute_id, by=by, reason=reason, as_owner=as_owner)

    def resume(
        self, tx: Tx, execute_id: str, *, by: str, lease_seconds: int | None = None, as_owner: bool = False
    ) -> None:
        """PAUSED → RUNNING: the lease runs anew, by default for its own length. Raises: as `pause`."""
        self._executions.resume(tx, execute_id, by=by, lease_seconds=lease_seconds, as_owner=as_owner)

    def get_execution(self, tx: Tx, execute_id: str) -> Execution:
        """Raises: ExecutionNotFound."""
        return self._executions.get(tx, execute_id)

    def get_executions(self, tx: Tx, execute_ids: Sequence[str]) -> list[Execution]:
        """Those of the ids that exist, in one query."""
        return execution_queries.by_ids(tx, execute_ids)

    def last_executions(self, tx: Tx, robot_ids: Sequence[str]) -> list[Execution]:
        """The newest execution of each of the robots that has one."""
        return execution_queries.last_of(tx, robot_ids)

    def active_execution(self, tx: Tx, robot_id: str) -> Execution | None:
        """The execution of a robot that is RUNNING or PAUSED; there is one at most."""
        return execution_queries.active(tx, robot_id)

    def find_by_lease_token(self, tx: Tx, token: str, *, lock: bool = False) -> Execution | None:
        """The execution that a token opens, in whatever state it is; `lock`: ours until the commit."""
        return self._executions.find_by_lease_token(tx, token, lock=lock)

    def rotate_token(self, tx: Tx, execute_id: str) -> str:
        """A new token, never used (`reported_at` is None); the old one opens nothing any more.

        Raises: ExecutionNotFound, LeaseLost.
        """
        return self._executions.rotate_token(tx, execute_id)

    def list_executions(
        self,
        tx: Tx,
        *,
        robot_id: str | None = None,
        correlation_id: str | None = None,
        state: ExecutionState | None = None,
        among: Collection[str] | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> tuple[list[Execution], str | None]:
        """Newest first, and the cursor of the next page; `among`: of these modules only. Raises: Invalid."""
        what = {"robot_id": robot_id, "correlation_id": correlation_id}
        page = _checked(limit)
        return self._executions.list_executions(tx, **what, state=state, among=among, limit=page, cursor=cursor)

    def steps_of(self, tx: Tx, execute_ids: Sequence[str]) -> list[ExecutionStep]:
        """The steps of executions, in order."""
        return self._executions.steps_of(tx, execute_ids)

    # --- upkeep ---

    def tick(self, tx: Tx, limit: int = 200) -> Tick:
        """What the clock does: due robots become claimable; leases and time-outs that are over end."""
        return self._upkeep.tick(tx, limit)

    def reroute(self, tx: Tx, limit: int = 200) -> int:
        """Move robots that wait for a module that is not well to the next best; how many moved."""
        return self._upkeep.reroute(tx, limit)

    def forget_executions(self, tx: Tx, ended_before: datetime, *, limit: int = 500) -> int:
        """Remove executions, with their steps, that ended so long ago, at most `limit`; how many. Robots stay."""
        return execution_queries.delete_ended(tx, ended_before, limit)

    def forget_robots(self, tx: Tx, robot_type: str, made_before: datetime, *, limit: int = 500) -> int:
        """Remove robots of a type that were made so long ago and are done, not failed, at most `limit`; how many."""
        return robot_queries.delete_done(tx, robot_type, made_before, limit)

    def next_at(self, tx: Tx) -> datetime | None:
        """When `tick` has something to do again, as far as is known now."""
        return next_at(tx)


def _checked(limit: int) -> int:
    if not 1 <= limit <= _LONGEST_LIST:
        raise Invalid(f"A list has between 1 and {_LONGEST_LIST} items a page.", code="bad_limit")
    return limit
