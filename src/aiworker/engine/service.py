"""The engine's door: everything that others may ask of modules, queues, robots, executions and schedules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiworker.engine.executions.records import Execution, ExecutionStep
from aiworker.engine.modules.records import Module, ModuleLoad
from aiworker.engine.owners import Owner
from aiworker.engine.queues.records import UNSET, Queue, Unset
from aiworker.engine.robots.records import Robot
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import (
    ClaimedRobot,
    Complete,
    ExecutionState,
    Fail,
    ModuleChanges,
    NewModule,
    NewRobot,
    Report,
    ReportAnswer,
    RobotPriority,
    RobotStatus,
)


@dataclass(frozen=True, slots=True)
class Tick:
    """What one round of upkeep did. `next_at`: when there is something to do again, as far as is known now."""

    due: int
    lost: int
    parked: int
    timed_out: int
    next_at: datetime | None


class Engine:
    """Modules, queues, robots and executions. Every method runs inside the caller's unit of work."""

    def __init__(self, *, environment: str = "local") -> None:
        self.environment = environment

    def own(self, robot_type: str, owner: Owner) -> None:
        """Make `owner` the owner of a robot type; wired once, before any work."""
        raise NotImplementedError

    # --- modules ---

    def register_module(self, tx: Tx, new: NewModule, *, internal: bool = False) -> Module:
        raise NotImplementedError

    def list_modules(self, tx: Tx) -> list[Module]:
        raise NotImplementedError

    def get_module(self, tx: Tx, name: str) -> Module:
        raise NotImplementedError

    def module_load(self, tx: Tx, name: str) -> ModuleLoad:
        raise NotImplementedError

    def change_module(self, tx: Tx, name: str, changes: ModuleChanges) -> Module:
        raise NotImplementedError

    # --- queues ---

    def get_queue(self, tx: Tx, name: str) -> Queue:
        raise NotImplementedError

    def set_queue(
        self, tx: Tx, name: str, *, paused: bool | None = None, max_running: int | None | Unset = UNSET
    ) -> Queue:
        raise NotImplementedError

    # --- robots ---

    def submit(self, tx: Tx, new: NewRobot, *, age: datetime | None = None, by: str = "AiWorker") -> Robot:
        raise NotImplementedError

    def submit_many(self, tx: Tx, news: Sequence[NewRobot], *, by: str = "AiWorker") -> list[Robot]:
        raise NotImplementedError

    def get_robot(self, tx: Tx, robot_id: str) -> Robot:
        raise NotImplementedError

    def lock_robot(self, tx: Tx, robot_id: str) -> Robot:
        raise NotImplementedError

    def waiting_reason(self, tx: Tx, robot: Robot) -> str | None:
        raise NotImplementedError

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
        limit: int = 50,
        cursor: str | None = None,
    ) -> tuple[list[Robot], str | None]:
        raise NotImplementedError

    def hold(self, tx: Tx, robot_id: str, reason: str) -> None:
        raise NotImplementedError

    def unhold(self, tx: Tx, robot_id: str) -> None:
        raise NotImplementedError

    def reprioritise(self, tx: Tx, robot_id: str, priority: RobotPriority) -> None:
        raise NotImplementedError

    def set_needs(self, tx: Tx, robot_id: str, needs: Sequence[str]) -> None:
        raise NotImplementedError

    def cancel(self, tx: Tx, robot_id: str, *, by: str, reason: str | None = None, as_owner: bool = False) -> Robot:
        raise NotImplementedError

    def retry(self, tx: Tx, robot_id: str, *, by: str, as_owner: bool = False) -> Robot:
        raise NotImplementedError

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
        raise NotImplementedError

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
        raise NotImplementedError

    def report(self, tx: Tx, execute_id: str, report: Report) -> ReportAnswer:
        raise NotImplementedError

    def renew(self, tx: Tx, holder: str) -> int:
        raise NotImplementedError

    def complete(self, tx: Tx, execute_id: str, result: Complete, *, by: str | None = None) -> None:
        raise NotImplementedError

    def fail(self, tx: Tx, execute_id: str, failure: Fail, *, by: str | None = None) -> None:
        raise NotImplementedError

    def release(
        self,
        tx: Tx,
        execute_id: str,
        *,
        by: str,
        reason: str | None = None,
        lease_token: str | None = None,
        as_owner: bool = False,
    ) -> None:
        raise NotImplementedError

    def pause(self, tx: Tx, execute_id: str, *, by: str, reason: str | None = None, as_owner: bool = False) -> None:
        raise NotImplementedError

    def park(self, tx: Tx, execute_id: str, *, by: str, reason: str | None = None, as_owner: bool = False) -> None:
        raise NotImplementedError

    def resume(
        self, tx: Tx, execute_id: str, *, by: str, lease_seconds: int | None = None, as_owner: bool = False
    ) -> None:
        raise NotImplementedError

    def get_execution(self, tx: Tx, execute_id: str) -> Execution:
        raise NotImplementedError

    def active_execution(self, tx: Tx, robot_id: str) -> Execution | None:
        raise NotImplementedError

    def find_by_lease_token(self, tx: Tx, token: str) -> Execution | None:
        raise NotImplementedError

    def rotate_token(self, tx: Tx, execute_id: str) -> str:
        raise NotImplementedError

    def list_executions(
        self,
        tx: Tx,
        *,
        robot_id: str | None = None,
        correlation_id: str | None = None,
        state: ExecutionState | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> tuple[list[Execution], str | None]:
        raise NotImplementedError

    def steps_of(self, tx: Tx, execute_ids: Sequence[str]) -> list[ExecutionStep]:
        raise NotImplementedError

    # --- upkeep ---

    def tick(self, tx: Tx, limit: int = 200) -> Tick:
        raise NotImplementedError
