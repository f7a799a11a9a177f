"""Every statement on checkpoints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from aiworker.engine.checkpoints.tables import robot_checkpoints
from aiworker.storage.prepared import Prepared
from aiworker.storage.transaction import Tx

_UPDATE = (
    update(robot_checkpoints)
    .where(robot_checkpoints.c.robot_id == bindparam("robot"))
    .values({name: bindparam(name) for name in ("execute_id", "data", "saved_at")})
)
_KNOWN = Prepared(
    select(robot_checkpoints.c.robot_id)
    .where(robot_checkpoints.c.robot_id.in_(bindparam("robots", expanding=True)))
    .limit(bindparam("number"))
)
_OF = Prepared(
    select(robot_checkpoints.c.robot_id, robot_checkpoints.c.data)
    .where(robot_checkpoints.c.robot_id.in_(bindparam("robots", expanding=True)))
    .limit(bindparam("number"))
)
_WHEN = Prepared(
    select(robot_checkpoints.c.execute_id, robot_checkpoints.c.saved_at)
    .where(robot_checkpoints.c.robot_id.in_(bindparam("robots", expanding=True)))
    .limit(bindparam("number"))
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a try saved."""

    execute_id: str
    data: Mapping[str, Any]


def save_many(tx: Tx, saved: Mapping[str, Checkpoint]) -> None:
    """Keep them, by their robots, instead of those before. The robots are locked by who calls."""
    if not saved:
        return
    known = {row.robot_id for row in tx.rows(_KNOWN, {"robots": sorted(saved), "number": len(saved)})}
    values = {
        robot_id: {"execute_id": one.execute_id, "data": dict(one.data), "saved_at": tx.now}
        for robot_id, one in saved.items()
    }
    if fresh := [{"robot_id": robot_id, **values[robot_id]} for robot_id in saved.keys() - known]:
        tx.execute(insert(robot_checkpoints), fresh)
    if known:
        tx.execute(_UPDATE, [{"robot": robot_id, **values[robot_id]} for robot_id in known])


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
