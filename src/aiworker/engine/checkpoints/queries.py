"""Every statement on checkpoints."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from aiworker.engine.checkpoints.tables import robot_checkpoints
from aiworker.storage.transaction import Tx

_OF_ROBOT = robot_checkpoints.c.robot_id == bindparam("robot")
_SAVED_AT = select(robot_checkpoints.c.saved_at).where(_OF_ROBOT)
_UPDATE = update(robot_checkpoints).where(_OF_ROBOT)
_OF = (
    select(robot_checkpoints.c.robot_id, robot_checkpoints.c.data)
    .where(robot_checkpoints.c.robot_id.in_(bindparam("robots", expanding=True)))
    .limit(bindparam("number"))
)
_WHEN = (
    select(robot_checkpoints.c.execute_id, robot_checkpoints.c.saved_at)
    .where(robot_checkpoints.c.robot_id.in_(bindparam("robots", expanding=True)))
    .limit(bindparam("number"))
)


def save(tx: Tx, robot_id: str, execute_id: str, data: Mapping[str, Any]) -> None:
    """Keep it instead of the one before. The robot is locked by who calls."""
    values = {"execute_id": execute_id, "data": dict(data), "saved_at": tx.now}
    if tx.scalar(_SAVED_AT, {"robot": robot_id}) is None:
        tx.execute(insert(robot_checkpoints).values(robot_id=robot_id, **values))
    else:
        tx.execute(_UPDATE.values(values), {"robot": robot_id})


def of_robots(tx: Tx, robot_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The checkpoints of those robots that have one."""
    if not robot_ids:
        return {}
    rows = tx.rows(_OF, {"robots": robot_ids, "number": len(robot_ids)})
    return {row.robot_id: row.data for row in rows}


def saved_at(tx: Tx, robot_ids: Sequence[str]) -> dict[str, datetime]:
    """When it was saved, by the execution that did."""
    if not robot_ids:
        return {}
    rows = tx.rows(_WHEN, {"robots": robot_ids, "number": len(robot_ids)})
    return {row.execute_id: row.saved_at for row in rows}
