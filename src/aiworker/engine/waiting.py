"""Why a robot waits, in one line. A silent gate is a defect."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from aiworker.core.clock import iso
from aiworker.core.sayings import Saying, Sentence
from aiworker.engine.breakers import queries as breaker_queries
from aiworker.engine.breakers.records import Breaker
from aiworker.engine.breakers.service import explained
from aiworker.engine.executions import queries as executions
from aiworker.engine.modules import queries as modules
from aiworker.engine.modules.pace import room
from aiworker.engine.modules.records import Module
from aiworker.engine.queues import queries as queues
from aiworker.engine.queues.records import Queue
from aiworker.engine.reviews.records import WAITING as REVIEW_WAITS
from aiworker.engine.robots.records import Robot
from aiworker.engine.robots.states import LOST_IN_A_ROW, PAUSED_BY_HAND, UNCOUNTED_LIMIT, WAITING
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import HealthStatus, RobotStatus

IN_REVIEW = Sentence("robot_in_review", "a person reviews its result")
NEXT_TRY = Sentence("robot_next_try", "next try {at}")
DEFERRED = Sentence("robot_deferred", "deferred until {at}")
QUEUE_PAUSED = Sentence("queue_paused", "queue {queue} is paused")
QUEUE_FULL = Sentence("queue_full", "queue {queue} has reached its limit of {limit}")
MODULE_OFF = Sentence("module_off", "module {module} is switched off")
MODULE_SILENT = Sentence("module_silent", "nobody runs module {module}")
MODULE_UNHEALTHY = Sentence("module_unhealthy", "module {module} is unhealthy")
MODULE_FULL = Sentence("module_full", "module {module} has reached its limit of {limit}")
MODULE_PACED = Sentence("module_paced", "module {module} has reached its limit of {limit} robots per minute")


def waiting_reasons(tx: Tx, robots: Sequence[Robot]) -> Mapping[str, Saying | None]:
    """By robot id, for a page of robots, in few statements; None: it runs, is over, or may be claimed now."""
    under_way = [robot for robot in robots if robot.status is RobotStatus.PROCESSING]
    waiting = [robot for robot in robots if robot.status in WAITING]
    reasons: dict[str, Saying | None] = dict.fromkeys(robot.robot_id for robot in robots)
    reasons |= _of_started(tx, under_way) if under_way else {}
    return reasons | _of_waiting(tx, waiting) if waiting else reasons


def _of_started(tx: Tx, started: Sequence[Robot]) -> dict[str, Saying | None]:
    paused = executions.paused_by_hand(tx, [robot.robot_id for robot in started if robot.review != REVIEW_WAITS])
    held = [robot.robot_id for robot in started if robot.review == REVIEW_WAITS]
    return {**dict.fromkeys(held, IN_REVIEW()), **dict.fromkeys(paused, PAUSED_BY_HAND())}


def _of_waiting(tx: Tx, waiting: Sequence[Robot]) -> dict[str, Saying | None]:
    paused = queues.by_names(tx, sorted({robot.queue for robot in waiting}))
    limited = [queue.name for queue in paused.values() if queue.max_running is not None]
    running = queues.running(tx, limited) if limited else {}
    known, breakers = breaker_queries.with_modules(tx, sorted({robot.module_name for robot in waiting}))
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
        for robot in waiting
    }


def _reason(
    robot: Robot,
    queue: Queue | None,
    running: int,
    module: Module | None,
    breaker: Breaker | None,
    under_way: int,
    now: datetime,
) -> Saying | None:
    gates = (
        _held(robot),
        _time(robot),
        _queue(queue, running),
        _module(module, under_way, now),
        explained(breaker, under_way),
    )
    return next((why for why in gates if why is not None), None)


def _held(robot: Robot) -> Saying | None:
    if robot.held is None:
        return None
    ours = (PAUSED_BY_HAND(), LOST_IN_A_ROW(times=UNCOUNTED_LIMIT))
    return next((one for one in ours if one.words == robot.held), Saying(robot.held))


def _time(robot: Robot) -> Saying | None:
    if robot.due_at is None:
        return None
    return (NEXT_TRY if robot.status is RobotStatus.RETRYING else DEFERRED)(at=iso(robot.due_at))


def _queue(queue: Queue | None, running: int) -> Saying | None:
    if queue is None:
        return None
    if queue.paused:
        return QUEUE_PAUSED(queue=repr(queue.name))
    if queue.max_running is not None and running >= queue.max_running:
        return QUEUE_FULL(queue=repr(queue.name), limit=queue.max_running)
    return None


def _module(module: Module | None, under_way: int, now: datetime) -> Saying | None:
    if module is None:
        return None
    if not module.is_active:
        return MODULE_OFF(module=module.module_name)
    if module.silent or module.health_status is HealthStatus.UNHEALTHY:
        return (MODULE_SILENT if module.silent else MODULE_UNHEALTHY)(module=module.module_name)
    if module.max_concurrent is not None and under_way >= module.max_concurrent:
        return MODULE_FULL(module=module.module_name, limit=module.max_concurrent)
    limit = module.max_per_minute
    if limit is not None and room(module.recent_starts, now, limit) == 0:
        return MODULE_PACED(module=module.module_name, limit=limit)
    return None
