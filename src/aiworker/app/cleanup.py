"""What grows is kept in bounds: what is old goes, what is loose is packed, and the log's months are made ahead."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from aiworker.app.house import House
from aiworker.core.errors import AiWorkerError, NotFound
from aiworker.delivery.agents import queries as agent_queries
from aiworker.delivery.evidence import queries as status_queries
from aiworker.delivery.forge_news.reconcile import FORGE_LOOK, FORGE_RECONCILE
from aiworker.delivery.forge_news.service import FORGE_NEWS
from aiworker.delivery.groups.robots import tidy_again
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.seen import queries as seen_queries
from aiworker.engine.context import Context
from aiworker.engine.module_loop import Handler
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import NewRobot

CLEANUP_LOGS = "cleanup.logs"
CLEANUP_EXECUTIONS = "cleanup.executions"
CLEANUP_PREVIEWS = "cleanup.previews"
CLEANUP_REPOSITORIES = "cleanup.repositories"
CLEANUP_FORGE = "cleanup.forge"
CLEANUP_ORPHANS = "cleanup.orphans"
_CRON: Mapping[str, str] = MappingProxyType(
    {
        CLEANUP_LOGS: "20 3 * * *",
        CLEANUP_EXECUTIONS: "40 * * * *",
        CLEANUP_FORGE: "50 3 * * *",
        CLEANUP_PREVIEWS: "10 * * * *",
        CLEANUP_ORPHANS: "25 * * * *",
        CLEANUP_REPOSITORIES: "30 4 * * *",
    }
)
# A webhook comes again within minutes, by a person's click within days.
_DELIVERIES_KEPT = timedelta(days=14)
_STATUSES_KEPT = timedelta(days=90)
_LOOKS_KEPT = timedelta(days=2)
# So many more than this one: a worker may be away for months before a line goes to the partition for the rest.
_MONTHS_AHEAD = 3
_MOST_PROJECTS = 10_000


def cleanup_handlers(house: House) -> dict[str, Handler]:
    """By robot type."""
    return {
        CLEANUP_LOGS: _logs(house),
        CLEANUP_EXECUTIONS: _executions(house),
        CLEANUP_FORGE: _forge(house),
        CLEANUP_PREVIEWS: _previews(house),
        CLEANUP_ORPHANS: _orphans(house),
        CLEANUP_REPOSITORIES: _repositories(house),
    }


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
            removed += await bit_by_bit(house, context, partial(_old_lines, days=days, project_id=project_id))
        return {"monthsMade": made, "monthsDropped": dropped, "removed": removed}

    return run


def _old_lines(tx: Tx, *, days: int, project_id: str | None) -> int:
    return agent_queries.delete_logs_before(tx, tx.now - timedelta(days=days), project_id=project_id)


def _executions(house: House) -> Handler:
    kept = timedelta(days=house.settings.executions_kept_days)

    async def run(context: Context) -> dict[str, Any]:
        removed = await bit_by_bit(house, context, lambda tx: house.engine.forget_executions(tx, tx.now - kept))
        return {"removed": removed}

    return run


def _forge(house: House) -> Handler:
    async def run(context: Context) -> dict[str, Any]:
        deliveries = await bit_by_bit(
            house, context, lambda tx: seen_queries.forget_deliveries(tx, tx.now - _DELIVERIES_KEPT)
        )
        statuses = await bit_by_bit(house, context, lambda tx: status_queries.forget(tx, tx.now - _STATUSES_KEPT))
        # Nobody reads the history of a check that runs every few minutes for ever.
        looks = 0
        for robot_type in (FORGE_LOOK, FORGE_RECONCILE, FORGE_NEWS):
            looks += await bit_by_bit(house, context, partial(_done, house, robot_type))
        return {"removed": deliveries + statuses + looks}

    return run


def _previews(house: House) -> Handler:
    kept = timedelta(days=house.settings.previews_kept_days)

    async def run(context: Context) -> dict[str, Any]:
        ended = await bit_by_bit(house, context, lambda tx: house.delivery.previews.end_old(tx, tx.now - kept))
        return {"ended": ended}

    return run


def _orphans(house: House) -> Handler:
    async def run(context: Context) -> dict[str, Any]:
        async def told(sentence: str) -> None:
            await context.log(sentence, "warn")

        tidied = await house.database.write(tidy_again, house.engine)
        swept = await house.delivery.orphans.sweep(told)
        return {"removed": swept.removed, "left": swept.left, "releasesTidiedAgain": tidied}

    return run


def _done(house: House, robot_type: str, tx: Tx) -> int:
    return house.engine.forget_robots(tx, robot_type, tx.now - _LOOKS_KEPT)


def _repositories(house: House) -> Handler:
    """One that cannot be tidied does not keep the others from it."""

    async def run(context: Context) -> dict[str, Any]:
        failed: list[str] = []
        tidied = 0
        for project in await house.database.read(project_queries.list_projects, limit=_MOST_PROJECTS):
            name = project.repository
            try:
                await house.forge.tidy(name)
                tidied += 1
            except NotFound:
                continue
            except AiWorkerError as error:
                failed.append(name)
                await context.log(f"{name}: {error.message}", "warn")
            await context.report()
        return {"tidied": tidied, "failed": failed}

    return run


async def bit_by_bit(house: House, context: Context, some: Callable[[Tx], int]) -> int:
    """Small deletes, so that nobody waits long for one of them."""
    removed = 0
    while batch := await house.database.write(some):
        removed += batch
        await context.report()
    return removed
