"""Looking into agents' logs: what `/tasks/{task}/logs` and `/agents/{agent}/logs` have in common."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query

from aiworker.core.errors import Invalid
from aiworker.delivery.agents import queries
from aiworker.edge.api.context import Limit
from aiworker.storage.transaction import Tx
from aiworker.wire.agents import LogLevel
from aiworker.wire.base import Identifier, Line, ListAnswer
from aiworker.wire.tasks import LogLine


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines of a log."""

    text: str | None
    level: LogLevel | None
    attempt: str | None
    since: datetime | None
    before: int | None
    limit: int

    def lines(self, tx: Tx, *, agent_id: str | None = None, task_id: str | None = None) -> ListAnswer[LogLine]:
        """A page of them, newest first."""
        found = queries.logs(
            tx,
            agent_id=agent_id,
            task_id=task_id,
            execute_id=self.attempt,
            level=self.level,
            text=self.text,
            since=self.since,
            before=self.before,
            limit=self.limit + 1,
        )
        page = [LogLine.model_validate(line) for line in found[: self.limit]]
        following = str(page[-1].id) if len(found) > self.limit else None
        return ListAnswer(data=page, count=len(page), next_cursor=following)


async def _wanted(
    text: Annotated[Line | None, Query(alias="q", max_length=200, description="A part of the line.")] = None,
    level: LogLevel | None = None,
    attempt: Annotated[Identifier | None, Query(description="`executionId` of an attempt.")] = None,
    since: Annotated[datetime | None, Query(description="Only lines from then on, like 2026-11-21T10:00:00Z.")] = None,
    before: Annotated[
        int | None, Query(ge=1, le=2**62, description="`nextCursor` of the page before: only older lines.")
    ] = None,
    limit: Limit = 200,
) -> Wanted:
    if since is not None and not 1970 <= since.year <= 9000:  # noqa: PLR2004 (what every database can hold)
        raise Invalid("since: is not a time that could be in a log.", code="invalid")
    moment = since.replace(tzinfo=UTC) if since is not None and since.tzinfo is None else since
    return Wanted(text, level, attempt, moment, before, limit)


LogFilter = Annotated[Wanted, Depends(_wanted)]
