"""What attempts say of the agents that made them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from aiworker.core.money import dollars
from aiworker.delivery.attempts import queries
from aiworker.delivery.attempts.records import AttemptRecord
from aiworker.storage.transaction import Tx
from aiworker.wire.agents import Agent

_SUCCESS_DAYS = 30


def with_figures(tx: Tx, views: Sequence[Agent]) -> list[Agent]:
    """The same agents with how well they do, what they cost today and since when they work, two queries for all."""
    today = tx.now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = tx.now - timedelta(days=_SUCCESS_DAYS)
    found = queries.figures_of_agents(tx, [view.id for view in views], since=since, today=today)
    at_work = queries.open_of_tasks(tx, [view.current_task_id for view in views if view.current_task_id])
    return [
        view.model_copy(update=_figures(found.get(view.id)) | _since(view, at_work.get(view.current_task_id or "")))
        for view in views
    ]


def _since(view: Agent, attempt: AttemptRecord | None) -> dict[str, Any]:
    return {"current_task_since": attempt.started_at} if attempt is not None and attempt.agent_id == view.id else {}


def _figures(found: queries.Figures | None) -> dict[str, Any]:
    if found is None:
        return {}
    judged = found.completed + found.failed
    return {
        "success_rate": found.completed / judged if judged else None,
        "cost_today_usd": dollars(found.cost_microdollars),
    }
