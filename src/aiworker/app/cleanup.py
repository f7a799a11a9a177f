"""What grows is kept in bounds: old log lines and old executions go, and the log's months are made ahead."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from aiworker.app.house import House
from aiworker.delivery.agents import queries as agent_queries
from aiworker.delivery.projects import queries as project_queries
from aiworker.engine.context import Context
from aiworker.engine.module_loop import Handler
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import NewRobot

CLEANUP_LOGS = "cleanup.logs"
CLEANUP_EXECUTIONS = "cleanup.executions"
_CRON: Mapping[str, str] = MappingProxyType({CLEANUP_LOGS: "20 3 * * *", CLEANUP_EXECUTIONS: "40 * * * *"})
# So many more than this one: a worker may be away for months before a line goes to the partition for the rest.
_MONTHS_AHEAD = 3


def cleanup_handlers(house: House) -> dict[str, Handler]:
    """By robot type."""
    return {CLEANUP_LOGS: _logs(house), CLEANUP_EXECUTIONS: _executions(house)}


def schedule_cleanup(tx: Tx, house: House) -> None:
    """The system's own schedules."""
    for robot_type, cron in _CRON.items():
        template = NewRobot(robot_type=robot_type, input_data={})
        house.schedules.put(tx, robot_type, expression=cron, template=template, system=True)


def _logs(house: House) -> Handler:
    usual = house.settings.logs_kept_days

    async def run(context: Context) -> dict[str, Any]:
        made = await house.database.write(agent_queries.make_months, _MONTHS_AHEAD)
        own = await house.database.read(project_queries.own_log_days)
        longest = timedelta(days=max(usual, *own.values()) if own else usual)
        dropped = await house.database.write(lambda tx: agent_queries.drop_months_before(tx, tx.now - longest))
        removed = 0
        for project_id, days in ((None, usual), *own.items()):
            removed += await _bit_by_bit(house, context, partial(_old_lines, days=days, project_id=project_id))
        return {"monthsMade": made, "monthsDropped": dropped, "removed": removed}

    return run


def _old_lines(tx: Tx, *, days: int, project_id: str | None) -> int:
    return agent_queries.delete_logs_before(tx, tx.now - timedelta(days=days), project_id=project_id)


def _executions(house: House) -> Handler:
    kept = timedelta(days=house.settings.executions_kept_days)

    async def run(context: Context) -> dict[str, Any]:
        removed = await _bit_by_bit(house, context, lambda tx: house.engine.forget_executions(tx, tx.now - kept))
        return {"removed": removed}

    return run


async def _bit_by_bit(house: House, context: Context, some: Callable[[Tx], int]) -> int:
    """Small deletes, so that nobody waits long for one of them."""
    removed = 0
    while batch := await house.database.write(some):
        removed += batch
        await context.report()
    return removed
