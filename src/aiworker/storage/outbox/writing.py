"""A row of the outbox that is written by the very statement that makes the change (PostgreSQL)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import FromClause, Insert, bindparam, insert, select

from aiworker.storage.outbox.tables import outbox

_NAMES = ("feed", "events", "size", "created_at")


def outbox_row(only_if: FromClause | None = None) -> Insert:
    """For a CTE; its values are told as `outbox_values`. `only_if`: there are rows there, one at most."""
    values = {name: bindparam(f"told_{name}", type_=outbox.c[name].type) for name in _NAMES}
    if only_if is None:
        return insert(outbox).values(values).inline()
    return insert(outbox).from_select([*_NAMES], select(*values.values()).select_from(only_if))


def outbox_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of `outbox_row`."""
    return {f"told_{name}": row[name] for name in _NAMES}
