"""Every statement on robot types."""

from collections.abc import Sequence

from sqlalchemy import bindparam, insert, select, true, update
from sqlalchemy.exc import IntegrityError

from aiworker.engine.modules.tables import module_registry, module_types
from aiworker.engine.types.records import RobotTypeRecord
from aiworker.engine.types.tables import robot_types
from aiworker.storage.prepared import Prepared
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx

_TYPE = columns(RobotTypeRecord, robot_types)
_SETTINGS = (
    "described_by",
    "input_schema",
    "output_schema",
    "sensitive_fields",
    "sensitive_results",
    "retry_limit",
    "backoff_seconds",
    "backoff_cap_seconds",
    "timeout_seconds",
    "min_completeness",
    "min_confidence",
    "updated_at",
)
_OF = Prepared(
    select(*_TYPE).where(robot_types.c.robot_type.in_(bindparam("kinds", expanding=True))).limit(bindparam("number"))
)


def by_names(tx: Tx, kinds: Sequence[str]) -> dict[str, RobotTypeRecord]:
    """Those of the types that something is known of."""
    found = tx.records(RobotTypeRecord, _OF, {"kinds": kinds, "number": len(kinds)}) if kinds else []
    return {one.robot_type: one for one in found}


def listed(tx: Tx, limit: int) -> list[RobotTypeRecord]:
    """By name."""
    return tx.records(RobotTypeRecord, select(*_TYPE).order_by(robot_types.c.robot_type).limit(limit))


def of_the_system(tx: Tx, kinds: Sequence[str]) -> list[str]:
    """Those of the types that the system itself does."""
    statement = (
        select(module_types.c.robot_type)
        .join(module_registry, module_registry.c.module_name == module_types.c.module_name)
        .where(module_types.c.robot_type.in_(kinds), module_registry.c.internal == true())
        .limit(len(kinds))
    )
    return [row.robot_type for row in tx.rows(statement)]


def save(tx: Tx, described: RobotTypeRecord) -> None:
    """Write what a module said about a type, in the place of what was said before."""
    values = {name: getattr(described, name) for name in _SETTINGS}
    mine = robot_types.c.robot_type == described.robot_type
    if tx.execute(update(robot_types).where(mine).values(values)).rowcount:
        return
    try:
        with tx.savepoint():
            tx.execute(insert(robot_types).values(robot_type=described.robot_type, **values))
    except IntegrityError:
        tx.execute(update(robot_types).where(mine).values(values))
