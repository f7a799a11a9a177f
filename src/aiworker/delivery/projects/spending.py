"""What agents cost a project, by the day; when a limit is reached, nothing is handed out until it is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aiworker.core.money import in_words
from aiworker.delivery.projects import queries
from aiworker.delivery.projects.records import DAY_COST, PROJECT_COST, ProjectRecord, Spent
from aiworker.engine.service import Engine
from aiworker.storage.outbox.events import Event
from aiworker.storage.transaction import Tx

_AT_ONCE = 100


def day_of(moment: datetime) -> str:
    """The day that a report is counted to: UTC, like 2026-11-21."""
    return moment.astimezone(UTC).date().isoformat()


class Spending:
    """Use cases around a project's costs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, tx: Tx, project: ProjectRecord, spent: Spent) -> ProjectRecord:
        """Count what an attempt has used since its last report; the project, which may be overspent by now."""
        if not any((spent.cost_microdollars, spent.tokens_in, spent.tokens_out)):
            return project
        queries.add_spending(tx, project.id, day_of(tx.now), spent)
        return self.settle(tx, project)

    def settle(self, tx: Tx, project: ProjectRecord) -> ProjectRecord:
        """Close the project's queue when a cost limit is reached, open it when none is any more."""
        reason, until = self._reached(tx, project)
        if (reason, until) == (project.overspent, project.overspent_until):
            return project
        queries.note_overspent(tx, project, reason, until)
        data = {"projectId": project.id}
        tx.emit(Event(feed=project.id, stream=f"project:{project.id}", kind="project:updated", data=data))
        settled = replace(project, overspent=reason, overspent_until=until)
        self.set_queue(tx, settled)
        return settled

    def set_queue(self, tx: Tx, project: ProjectRecord) -> None:
        """Hand out tasks of an active project within its limits, of any other none. What runs goes on."""
        self._engine.set_queue(tx, project.id, paused=not project.hands_out, max_running=project.wip_limit)

    def left(self, tx: Tx, project: ProjectRecord) -> list[int]:
        """What each of the project's limits leaves, in microdollars."""
        limits = ((project.project_cost_limit, None), (project.day_cost_limit, day_of(tx.now)))
        return [
            limit - queries.spent(tx, project.id, day=day).cost_microdollars
            for limit, day in limits
            if limit is not None
        ]

    def reopen(self, tx: Tx) -> int:
        """A new day: projects whose daily limit was reached go on. How many were looked at."""
        due = queries.overspent_until(tx, tx.now, limit=_AT_ONCE)
        for project in due:
            self.settle(tx, project)
        return len(due)

    def _reached(self, tx: Tx, project: ProjectRecord) -> tuple[str | None, datetime | None]:
        whole, daily = project.project_cost_limit, project.day_cost_limit
        if whole is not None and queries.spent(tx, project.id).cost_microdollars >= whole:
            return PROJECT_COST(limit=in_words(whole)).words, None
        if daily is not None and queries.spent(tx, project.id, day=day_of(tx.now)).cost_microdollars >= daily:
            return DAY_COST(limit=in_words(daily)).words, _next_day(tx.now)
        return None, None


def _next_day(moment: datetime) -> datetime:
    return (moment.astimezone(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
