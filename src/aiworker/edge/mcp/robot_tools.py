"""The tools for robots: an agent that is a module works with them, a person's assistant asks about them."""

from typing import Any

from aiworker.access.actors import Permission
from aiworker.access.audit.service import record
from aiworker.core.errors import Denied, Invalid, NotFound
from aiworker.delivery.attempts.callers import Caller
from aiworker.edge.api.robotview import error_text, shown
from aiworker.edge.mcp.robot_inputs import (
    ClaimRobot,
    CompleteRobot,
    FailRobot,
    GetRobot,
    ListRobots,
    ReleaseRobot,
    ReportRobot,
)
from aiworker.edge.mcp.tool import Tool
from aiworker.edge.own import own_modules, require_name, require_robot
from aiworker.engine.service import Engine
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.access import Scope
from aiworker.wire.engine import (
    Claim,
    Complete,
    Fail,
    NewModule,
    Release,
    Report,
    ReportedLine,
    Robot,
    StepReport,
    Worker,
)
from aiworker.wire.robots import ClaimAnswer, EndedRobot, HeldRobot, ReportedRobot, RobotPage, RobotStep, SeenRobot

# As long as a plain client of the protocol may be silent.
_LEASE_SECONDS = 1_800
_WORKERS = frozenset({Scope.ADMIN, Scope.MODULE})
# Coding agents have enough to read.
_READERS = frozenset(Scope) - {Scope.AGENT}
_YOURS = "{robot} is yours alone for 30 minutes from your last call. Pass `lease` to every later call for it."
_NONE = "There is no robot to do now; call claim_robot again, with waitSeconds."
_TOLD = {
    "continue": "Go on.",
    "pause": "People have paused it: wait, and call report_robot every few minutes until it says continue.",
    "cancel": "It was cancelled: stop working on it, and claim the next one.",
    "lost": "It is no longer yours: stop working on it, and claim the next one.",
}


class RobotTools:
    """What a module's key may do, and what everybody who reads may ask."""

    def __init__(self, database: Database, engine: Engine, worker: Worker) -> None:
        self._database = database
        self._engine = engine
        self._worker = worker

    def tools(self) -> list[Tool[Any]]:
        """Working first, in the order in which it is needed; then asking."""
        return [
            Tool(
                name="claim_robot",
                title="Claim a robot",
                when="Use it to start, and whenever you have nothing to do: it claims one unit of work for you alone, "
                "with its input and the `lease` that every later call for it needs.",
                takes=ClaimRobot,
                gives=ClaimAnswer,
                run=self.claim_robot,
                scopes=_WORKERS,
                needs=Permission.MODULES,
            ),
            Tool(
                name="report_robot",
                title="Report on a robot",
                when="Use it while you work, at least every 20 minutes: people see how far you are, the robot stays "
                "yours, and the answer says whether to go on.",
                takes=ReportRobot,
                gives=ReportedRobot,
                run=self.report_robot,
                repeatable=True,
                scopes=_WORKERS,
                needs=Permission.MODULES,
            ),
            Tool(
                name="complete_robot",
                title="Hand in a robot's result",
                when="Use it when the work is done; calling it again is no error.",
                takes=CompleteRobot,
                gives=EndedRobot,
                run=self.complete_robot,
                repeatable=True,
                scopes=_WORKERS,
                needs=Permission.MODULES,
            ),
            Tool(
                name="fail_robot",
                title="Say that a robot failed",
                when="Use it when the work cannot be done: the category decides whether it is tried again.",
                takes=FailRobot,
                gives=EndedRobot,
                run=self.fail_robot,
                repeatable=True,
                gives_up=True,
                scopes=_WORKERS,
                needs=Permission.MODULES,
            ),
            Tool(
                name="release_robot",
                title="Give a robot back",
                when="Use it when somebody else should do it: it goes back undone, and does not count as a try.",
                takes=ReleaseRobot,
                gives=EndedRobot,
                run=self.release_robot,
                repeatable=True,
                gives_up=True,
                scopes=_WORKERS,
                needs=Permission.MODULES,
            ),
            Tool(
                name="list_robots",
                title="List robots",
                when="Use it to see units of automated work, newest first, with their status and why they wait; it "
                "claims nothing.",
                takes=ListRobots,
                gives=RobotPage,
                run=self.list_robots,
                reads=True,
                scopes=_READERS,
                needs=Permission.ROBOTS,
            ),
            Tool(
                name="get_robot",
                title="Read a robot",
                when="Use it to read one robot in full: its input, its result or its error, and the steps of its "
                "last try.",
                takes=GetRobot,
                gives=SeenRobot,
                run=self.get_robot,
                reads=True,
                scopes=_READERS,
                needs=Permission.ROBOTS,
            ),
        ]

    async def claim_robot(self, caller: Caller, asked: ClaimRobot) -> ClaimAnswer:
        """Make the module known if it is not, and claim."""
        _require(caller, Permission.MODULES)
        await self._database.write(self._know, caller, asked)
        claim = Claim(
            holder=f"mcp:{caller.actor.name}"[:200], wait_seconds=asked.wait_seconds, lease_seconds=_LEASE_SECONDS
        )
        robots = await self._worker.claim(asked.module_name, claim)
        if not robots:
            return ClaimAnswer(message=_NONE)
        (robot,) = robots
        held = HeldRobot.model_validate(robot)
        return ClaimAnswer(robot=held, lease=robot.lease_token, message=_YOURS.format(robot=robot.robot_id))

    async def report_robot(self, caller: Caller, asked: ReportRobot) -> ReportedRobot:
        """Keep it, and tell how far it is."""
        _require(caller, Permission.MODULES)
        told: dict[str, Any] = {}
        if asked.step is not None:
            told["step"] = StepReport(name=asked.step)
        if asked.percentage is not None:
            told["progress_percentage"] = asked.percentage
        if asked.message is not None:
            told["log"] = [ReportedLine(message=asked.message)]
        if asked.checkpoint is not None:
            told["checkpoint"] = asked.checkpoint
        execute_id = await self._execution_of(caller, asked.lease)
        answer = await self._worker.report(execute_id, Report(lease_token=asked.lease, **told))
        return ReportedRobot(directive=answer.directive, message=_TOLD[answer.directive])

    async def complete_robot(self, caller: Caller, asked: CompleteRobot) -> EndedRobot:
        """Done."""
        _require(caller, Permission.MODULES)
        execute_id = await self._execution_of(caller, asked.lease)
        complete = Complete(
            lease_token=asked.lease,
            output_data=asked.output,
            completeness_score=asked.completeness,
            confidence_score=asked.confidence,
        )
        await self._worker.complete(execute_id, complete)
        return await self._database.read(self._ended, execute_id)

    async def fail_robot(self, caller: Caller, asked: FailRobot) -> EndedRobot:
        """Not done."""
        _require(caller, Permission.MODULES)
        execute_id = await self._execution_of(caller, asked.lease)
        fail = Fail(lease_token=asked.lease, error_category=asked.category, error_message=asked.message)
        await self._worker.fail(execute_id, fail)
        return await self._database.read(self._ended, execute_id)

    async def release_robot(self, caller: Caller, asked: ReleaseRobot) -> EndedRobot:
        """For somebody else."""
        _require(caller, Permission.MODULES)
        execute_id = await self._execution_of(caller, asked.lease)
        await self._worker.release(execute_id, Release(lease_token=asked.lease, reason=asked.reason))
        return await self._database.read(self._ended, execute_id)

    async def list_robots(self, caller: Caller, asked: ListRobots) -> RobotPage:
        """A page, without inputs and results."""
        _require(caller, Permission.ROBOTS)

        def body(tx: Tx) -> RobotPage:
            among = own_modules(tx, caller.actor)
            robots, following = self._engine.list_robots(tx, **asked.wanted(), among=among)
            seen = [
                SeenRobot.model_validate(robot).model_copy(
                    update={"input_data": None, "output_data": None, "error_message": _failure(robot)}
                )
                for robot in shown(tx, self._engine, caller.actor, robots)
            ]
            return RobotPage(robots=seen, count=len(seen), next_cursor=following)

        return await self._database.read(body)

    async def get_robot(self, caller: Caller, asked: GetRobot) -> SeenRobot:
        """One robot, with the steps of its last try."""
        _require(caller, Permission.ROBOTS)

        def body(tx: Tx) -> SeenRobot:
            require_robot(tx, self._engine, caller.actor, asked.robot_id)
            robot = self._engine.get_robot(tx, asked.robot_id)
            (view,) = shown(tx, self._engine, caller.actor, [robot])
            last = self._engine.last_executions(tx, [robot.robot_id])
            steps = self._engine.steps_of(tx, [execution.execute_id for execution in last])
            last_try: dict[str, Any] = {
                "steps": [RobotStep.model_validate(step) for step in steps],
                "progress_percentage": last[0].progress_percentage if last else None,
                "error_message": error_text(caller.actor, last[0].error_message) if last else None,
            }
            return SeenRobot.model_validate(view).model_copy(update=last_try)

        return await self._database.read(body)

    def _know(self, tx: Tx, caller: Caller, asked: ClaimRobot) -> None:
        """A module that exists stays as it is; its own program says what it does."""
        require_name(caller.actor, asked.module_name)
        if any(module.module_name == asked.module_name for module in self._engine.list_modules(tx)):
            return
        if not asked.robot_types:
            raise Invalid(
                f"There is no module {asked.module_name!r} yet: say in robotTypes what it does.",
                code="robot_types_missing",
            )
        new = NewModule(module_name=asked.module_name, module_version="mcp", supported_robot_types=asked.robot_types)
        self._engine.register_module(tx, new)
        record(tx, caller.actor, "module.register", asked.module_name, address=caller.address)

    async def _execution_of(self, caller: Caller, lease: str) -> str:
        """Raises: NotFound for a text that is no lease."""
        execution = await self._database.read(self._engine.find_by_lease_token, lease)
        if execution is None or not caller.actor.knows(execution.module_name):
            raise NotFound("This is no lease of a robot; claim_robot gives one.", code="lease_unknown")
        return execution.execute_id

    def _ended(self, tx: Tx, execute_id: str) -> EndedRobot:
        execution = self._engine.get_execution(tx, execute_id)
        robot = self._engine.get_robot(tx, execution.robot_id)
        return EndedRobot(robot_id=robot.robot_id, status=robot.status, retry_count=robot.retry_count)


def _failure(robot: Robot) -> str | None:
    """What its last failure said, as far as this caller may read it."""
    return None if robot.error_details is None else robot.error_details.get("message")


def _require(caller: Caller, permission: Permission) -> None:
    if caller.attempt is not None:
        raise Denied("A key of an attempt is for its own task only.", code="key_of_attempt")
    caller.actor.require(permission)
