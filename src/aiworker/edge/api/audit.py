"""The audit log, for admins."""

from typing import Annotated

from fastapi import Query

from aiworker.access.audit.service import list_changes
from aiworker.core.errors import Invalid
from aiworker.edge.api.context import Admin, CursorText, Limit
from aiworker.edge.api.routing import api_router
from aiworker.wire.access import AuditEntry
from aiworker.wire.base import ListAnswer

router = api_router("audit", "/audit")


@router.get("")
async def get_audit(
    caller: Admin,
    subject: Annotated[str | None, Query(max_length=255)] = None,
    actor_id: Annotated[str | None, Query(alias="actorId", max_length=64)] = None,
    limit: Limit = 100,
    cursor: CursorText = None,
) -> ListAnswer[AuditEntry]:
    """Who changed what, newest first."""
    lines = await caller.read(list_changes, before=_before(cursor), subject=subject, actor_id=actor_id, limit=limit)
    last = str(lines[-1].id) if len(lines) == limit else None
    return ListAnswer(data=[AuditEntry.model_validate(line) for line in lines], count=len(lines), next_cursor=last)


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):  # noqa: PLR2004 (a bigint)
        raise Invalid("The cursor is not one that was given out.", code="bad_cursor")
    return int(cursor)
