"""Every statement on queues and lanes."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from aiworker.engine.modules.tables import module_registry
from aiworker.engine.queues.records import Door, Queue
from aiworker.engine.queues.tables import lanes, queues
from aiworker.engine.robots.tables import robots
from aiworker.storage.prepared import Prepared
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx

_LANES_LIMIT = 10_000
_QUEUE = columns(Queue, queues)


_FIND = Prepared(select(*_QUEUE).where(queues.c.name == bindparam("name")))
_AMONG = select(*_QUEUE).where(queues.c.name.in_(bindparam("names", expanding=True)))
_BY_NAMES = Prepared(_AMONG.limit(bindparam("number")))
_LOCK = Prepared(_AMONG.order_by(queues.c.name).limit(bindparam("number")).with_for_update())


def find(tx: Tx, name: str) -> Queue | None:
    """A queue, if it was ever paused or limited."""
    return tx.record(Queue, _FIND, {"name": name})


def by_names(tx: Tx, names: Sequence[str]) -> dict[str, Queue]:
    """Those of the queues that have a row."""
    found = tx.records(Queue, _BY_NAMES, {"names": names, "number": len(names)})
    return {queue.name: queue for queue in found}


def lock(tx: Tx, names: Sequence[str]) -> list[Queue]:
    """Queue rows, locked in the order of their names, so that two claims never wait for each other in a circle."""
    return tx.records(Queue, _LOCK, {"names": names, "number": len(names)})


def save(tx: Tx, queue: Queue) -> None:
    """Insert or replace."""
    values = {"paused": queue.paused, "max_running": queue.max_running}
    if tx.execute(update(queues).where(queues.c.name == queue.name).values(values)).rowcount == 0 and not find(
        tx, queue.name
    ):
        tx.execute(insert(queues).values(name=queue.name, **values))


_LANE = Prepared(
    select(lanes.c.lane_id).where(
        lanes.c.module_name == bindparam("module"),
        lanes.c.queue == bindparam("queue"),
        lanes.c.needs_key == bindparam("key"),
    )
)


def lane_for(tx: Tx, module_name: str, queue: str, needs: Sequence[str]) -> int:
    """The lane of this combination, made if nobody needed it before."""
    key = Door.of(queue, needs).needs_key
    wanted = {"module": module_name, "queue": queue, "key": key}
    if (lane_id := tx.scalar(_LANE, wanted)) is not None:
        return lane_id
    try:
        with tx.savepoint():
            values = {"module_name": module_name, "queue": queue, "needs": sorted(needs), "needs_key": key}
            inserted = tx.execute(insert(lanes).values(values)).inserted_primary_key
            return inserted[0] if inserted else tx.scalar(_LANE, wanted)
    except IntegrityError:
        return tx.scalar(_LANE, wanted)


_RUNNING = Prepared(
    select(lanes.c.queue, func.count().label("number"))
    .join(robots, robots.c.running_lane == lanes.c.lane_id)
    .where(lanes.c.queue.in_(bindparam("names", expanding=True)))
    .group_by(lanes.c.queue)
    .limit(bindparam("number"))
)


def running(tx: Tx, names: Sequence[str]) -> dict[str, int]:
    """How many robots take a slot of each queue; a queue without any is left out."""
    rows = tx.rows(_RUNNING, {"names": names, "number": len(names)})
    return {row.queue: row.number for row in rows}


_LIMITED = Prepared(
    select(lanes.c.module_name)
    .distinct()
    .join(module_registry, module_registry.c.module_name == lanes.c.module_name)
    .outerjoin(queues, queues.c.name == lanes.c.queue)
    .where(
        lanes.c.lane_id.in_(bindparam("lanes", expanding=True)),
        or_(queues.c.max_running.is_not(None), module_registry.c.max_concurrent.is_not(None)),
    )
    .limit(_LANES_LIMIT)
)


def limited_modules(tx: Tx, lane_ids: Sequence[int]) -> list[str]:
    """The modules of those lanes in which a slot that gets free may let another robot start."""
    return [row.module_name for row in tx.rows(_LIMITED, {"lanes": lane_ids})] if lane_ids else []


def modules_of(tx: Tx, queue: str) -> list[str]:
    """The modules that have lanes in a queue."""
    statement = select(lanes.c.module_name).where(lanes.c.queue == queue).distinct().limit(_LANES_LIMIT)
    return [row.module_name for row in tx.rows(statement)]
