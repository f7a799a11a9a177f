"""Why a robot waits, in one line. A silent gate is a defect."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from aiworker.core.clock import iso
from aiworker.engine.breakers import queries as breaker_queries
from aiworker.engine.breakers.records import Breaker
from aiworker.engine.breakers.service import explained
from aiworker.engine.modules import queries as modules
from aiworker.engine.modules.pace import room
from aiworker.engine.modules.records import Module
from aiworker.engine.queues import queries as queues
from aiworker.engine.queues.records import Queue
from aiworker.engine.robots.records import Robot
from aiworker.engine.robots.states import WAITING
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import HealthStatus, RobotStatus


def waiting_reasons(tx: Tx, robots: Sequence[Robot]) -> Mapping[str, str | None]:
    """By robot id, for a page of robots, in few statements; None: it runs, is over, or may be claimed now."""
    waiting = [robot for robot in robots if robot.status in WAITING]
    if not waiting:
        return dict.fromkeys((robot.robot_id for robot in robots), None)
    paused = queues.by_names(tx, sorted({robot.queue for robot in waiting}))
    limited = [queue.name for queue in paused.values() if queue.max_running is not None]
    running = queues.running(tx, limited) if limited else {}
    names = {robot.module_name for robot in waiting}
    known = {name: module for name in names if (module := modules.find(tx, name)) is not None}
    breakers = breaker_queries.of_modules(tx, sorted(names))
    under_way = {
        name: modules.running(tx, name)
        for name, module in known.items()
        if module.max_concurrent is not None or (name in breakers and breakers[name].allowed is not None)
    }
    return {
        robot.robot_id: _reason(
            robot,
            paused.get(robot.queue),
            running.get(robot.queue, 0),
            known.get(robot.module_name),
            breakers.get(robot.module_name),
            under_way.get(robot.module_name, 0),
            tx.now,
        )
        if robot.status in WAITING
        else None
        for robot in robots
    }


def _reason(
    robot: Robot,
    queue: Queue | None,
    running: int,
    module: Module | None,
    breaker: Breaker | None,
    under_way: int,
    now: datetime,
) -> str | None:
    gates = (
        robot.held,
        _time(robot),
        _queue(queue, running),
        _module(module, under_way, now),
        explained(breaker, under_way),
    )
    return next((why for why in gates if why is not None), None)


def _time(robot: Robot) -> str | None:
    if robot.due_at is None:
        return None
    return f"{'next try' if robot.status is RobotStatus.RETRYING else 'deferred until'} {iso(robot.due_at)}"


def _queue(queue: Queue | None, running: int) -> str | None:
    if queue is None:
        return None
    if queue.paused:
        return f"queue {queue.name!r} is paused"
    if queue.max_running is not None and running >= queue.max_running:
        return f"queue {queue.name!r} has reached its limit of {queue.max_running}"
    return None


def _module(module: Module | None, under_way: int, now: datetime) -> str | None:
    if module is None:
        return None
    if not module.is_active:
        return f"module {module.module_name} is switched off"
    if module.health_status is HealthStatus.UNHEALTHY:
        return f"module {module.module_name} is unhealthy"
    if module.max_concurrent is not None and under_way >= module.max_concurrent:
        return f"module {module.module_name} has reached its limit of {module.max_concurrent}"
    limit = module.max_per_minute
    if limit is not None and room(module.recent_starts, now, limit) == 0:
        return f"module {module.module_name} has reached its limit of {limit} robots per minute"
    return None
