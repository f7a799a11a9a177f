"""What attempts say of the agents that made them."""

from collections.abc import Sequence
from datetime import timedelta

from aiworker.core.money import dollars
from aiworker.delivery.attempts import queries
from aiworker.storage.transaction import Tx
from aiworker.wire.agents import Agent

_SUCCESS_DAYS = 30


def with_figures(tx: Tx, views: Sequence[Agent]) -> list[Agent]:
    """The same agents with how well they do and what they cost today, one query for all."""
    today = tx.now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = tx.now - timedelta(days=_SUCCESS_DAYS)
    found = queries.figures_of_agents(tx, [view.id for view in views], since=since, today=today)
    return [view.model_copy(update=_figures(found.get(view.id))) for view in views]


def _figures(found: queries.Figures | None) -> dict[str, float | None]:
    if found is None:
        return {}
    judged = found.completed + found.failed
    return {
        "success_rate": found.completed / judged if judged else None,
        "cost_today_usd": dollars(found.cost_microdollars),
    }
