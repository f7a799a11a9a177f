"""How well agents do and what they cost today: counted from their attempts, on every database."""

from datetime import datetime, timedelta
from typing import Any

from aiworker.delivery.agents import queries as agents
from aiworker.delivery.agents.views import agent_views
from aiworker.delivery.attempts import queries as attempts
from aiworker.delivery.attempts.figures import with_figures
from aiworker.storage.transaction import Tx
from tests.support.workshop import Workshop


class Ledger:
    """Writes attempts of an agent as they ended."""

    def __init__(self, task_id: str) -> None:
        self._task_id = task_id
        self._number = 0

    def add(self, tx: Tx, outcome: str | None, ended: datetime | None, cost: int | None = None) -> None:
        self._number += 1
        values: dict[str, Any] = {
            "execute_id": f"execution-{self._number}",
            "task_id": self._task_id,
            "robot_id": "robot",
            "round": 1,
            "number": 1_000 + self._number,
            "agent_id": "one",
            "outcome": outcome,
            "cost_microdollars": cost,
            "started_at": tx.now - timedelta(days=60),
            "ended_at": ended,
        }
        attempts.add(tx, values)


async def test_figures_are_counted_from_what_ended_and_only_from_that(shop: Workshop) -> None:
    project = await shop.project()
    task = await shop.task(project)
    ledger = Ledger(task.id)

    def write(tx: Tx) -> None:
        for name in ("one", "idle"):
            agents.add(tx, {"id": name, "pod_name": name})
        midnight = tx.now.replace(hour=0, minute=0, second=0, microsecond=0)
        ledger.add(tx, "completed", midnight, 1_500_000)
        ledger.add(tx, "completed", midnight - timedelta(seconds=1), 4_000_000)
        ledger.add(tx, "failed", midnight, None)
        ledger.add(tx, None, None, 250_000)
        # It was nobody's fault, or it is too long ago.
        ledger.add(tx, "lost", midnight - timedelta(days=2))
        ledger.add(tx, "failed", tx.now - timedelta(days=31), 9_000_000)

    await shop.database.write(write)
    found = await shop.database.read(lambda tx: with_figures(tx, agent_views(tx, agents.list_agents(tx))))
    figures = {agent.id: (agent.success_rate, agent.cost_today_usd) for agent in found}
    assert figures == {"one": (2 / 3, 1.75), "idle": (None, None)}


async def test_it_is_told_since_when_an_agent_works_on_what_it_holds(shop: Workshop) -> None:
    task = await shop.task(await shop.project())

    def write(tx: Tx) -> datetime:
        agents.add(tx, {"id": "one", "pod_name": "one", "current_task_id": task.id})
        # Another's task by now: it is not told since when that one works.
        agents.add(tx, {"id": "late", "pod_name": "late", "current_task_id": task.id})
        Ledger(task.id).add(tx, None, None)
        return tx.now - timedelta(days=60)

    began = await shop.database.write(write)
    found = await shop.database.read(lambda tx: with_figures(tx, agent_views(tx, agents.list_agents(tx))))
    assert {agent.id: agent.current_task_since for agent in found} == {"one": began, "late": None}


async def test_without_agents_nothing_is_asked(shop: Workshop) -> None:
    assert await shop.database.read(lambda tx: with_figures(tx, [])) == []
