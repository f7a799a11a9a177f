"""Every statement on modules."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Integer,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError

from aiworker.core.sayings import keep
from aiworker.engine.modules.records import Candidates, Module, Score
from aiworker.engine.modules.routing import Candidate
from aiworker.engine.modules.tables import module_registry, module_types
from aiworker.engine.queues.records import Door
from aiworker.engine.queues.tables import lanes
from aiworker.engine.reviews.records import WAITING as REVIEW_WAITS
from aiworker.engine.robots.tables import ACTIVE, robots
from aiworker.engine.types.tables import robot_types
from aiworker.storage.cache_table import MODULE_KEYS
from aiworker.storage.counting import MOST
from aiworker.storage.prepared import Prepared
from aiworker.storage.records import columns, load
from aiworker.storage.transaction import Tx
from aiworker.storage.types import utc_timestamp
from aiworker.wire.engine import HealthStatus, RobotStatus

_LIMIT = 10_000
# Counting stops here, so that its cost does not grow with the queue.
_LONGEST_QUEUE = 1_000
_MODULES_AT_ONCE = 50
_MODULE = columns(Module, module_registry)
_CANDIDATE = [module_registry.c[field.name] for field in fields(Candidate) if field.name in module_registry.c]
_OF_TYPE = (*_CANDIDATE, module_types.c.typical_ms)


_NOW = utc_timestamp().label("now")
_ONE = select(*_MODULE, _NOW).where(module_registry.c.module_name == bindparam("name"))
_FIND = Prepared(_ONE)
# The key is not changed under the lock: PostgreSQL, which knows the difference, lets robots of the module be made.
_LOCK = Prepared(_ONE.with_for_update(key_share=True))


def find(tx: Tx, name: str) -> Module | None:
    """A module by name."""
    return tx.record(Module, _FIND, {"name": name})


def lock(tx: Tx, name: str) -> Module | None:
    """A module by name, ours until the commit."""
    return tx.record(Module, _LOCK, {"name": name})


_NOTE_STARTS = Prepared(
    update(module_registry)
    .where(module_registry.c.module_name == bindparam("name"))
    .values(recent_starts=bindparam("starts"))
)
_THERE = select(*_MODULE).where(module_registry.c.removed_at.is_(None)).order_by(module_registry.c.module_name)


def list_modules(tx: Tx) -> list[Module]:
    """All modules that were not removed, by name."""
    return tx.records(Module, _THERE.limit(_LIMIT))


def names_of(tx: Tx, names: Sequence[str]) -> list[str]:
    """The modules of these names, and the versions of those that name none."""
    name = module_registry.c.module_name
    versions = [name.startswith(f"{one}@", autoescape=True) for one in names if "@" not in one]
    rows = tx.rows(select(name).where(or_(name.in_(names), *versions)).order_by(name).limit(_LIMIT))
    return [row.module_name for row in rows]


def names_of_all(tx: Tx, *, internal: bool) -> list[str]:
    """The system's own modules, or those of its users; the removed ones, too."""
    name = module_registry.c.module_name
    rows = tx.rows(select(name).where(module_registry.c.internal == internal).order_by(name).limit(_LIMIT))
    return [row.module_name for row in rows]


def add(tx: Tx, values: Mapping[str, Any]) -> bool:
    """Insert a module; False if one of that name came first."""
    try:
        with tx.savepoint():
            tx.execute(insert(module_registry).values(values))
    except IntegrityError:
        return False
    tx.drop(*MODULE_KEYS)
    return True


def change(tx: Tx, name: str, values: Mapping[str, Any]) -> None:
    """Update a module."""
    kept = {**keep(values, "last_error_message"), "updated_at": tx.now}
    tx.execute(update(module_registry).where(module_registry.c.module_name == name).values(kept))
    tx.drop(*MODULE_KEYS)


def change_many(tx: Tx, values: Sequence[Mapping[str, Any]]) -> None:
    """Update modules, each by its `name` and all in the same columns."""
    if not values:
        return
    changed = {column: bindparam(f"new_{column}") for column in values[0] if column != "name"}
    statement = update(module_registry).where(module_registry.c.module_name == bindparam("this")).values(changed)
    rows = [
        {"this": each["name"]} | {f"new_{column}": value for column, value in each.items() if column != "name"}
        for each in values
    ]
    tx.execute(statement, rows)
    tx.drop(*MODULE_KEYS)


def saw(tx: Tx, name: str) -> None:
    """Note that a module asked for work; nothing that is cached depends on it."""
    tx.execute(update(module_registry).where(module_registry.c.module_name == name).values(last_seen_at=tx.now))


def note_starts(tx: Tx, name: str, starts: Mapping[str, int]) -> None:
    """Note what a module has started lately; nothing that is cached depends on it. Its row is locked."""
    tx.execute(_NOTE_STARTS, {"name": name, "starts": starts})


def delete_module(tx: Tx, name: str) -> None:
    """Delete a module that never had a robot, with its samples."""
    tx.execute(delete(module_registry).where(module_registry.c.module_name == name))
    tx.drop(*MODULE_KEYS)


def unfinished(tx: Tx, name: str) -> int:
    """How many robots wait for a module or are under way there, counted to 1,000."""
    some = select(robots.c.robot_id).where(ACTIVE, robots.c.module_name == name).limit(_LONGEST_QUEUE).subquery()
    return tx.scalar(select(func.count()).select_from(some))


def still_at_work(tx: Tx, name: str) -> bool:
    """Whether a module has work left; with a result that waits for a person it has none any more."""
    held = func.coalesce(robots.c.review, "") == REVIEW_WAITS
    return tx.row(select(robots.c.robot_id).where(ACTIVE, robots.c.module_name == name, ~held).limit(1)) is not None


def ever_had_robots(tx: Tx, name: str) -> bool:
    """Whether any robot names the module."""
    return tx.row(select(robots.c.robot_id).where(robots.c.module_name == name).limit(1)) is not None


def set_types(tx: Tx, name: str, robot_types: Sequence[str]) -> None:
    """Replace the types that a module does."""
    tx.execute(delete(module_types).where(module_types.c.module_name == name))
    if robot_types:
        tx.execute(insert(module_types), [{"module_name": name, "robot_type": kind} for kind in robot_types])
    tx.drop(*MODULE_KEYS)


_TYPICAL = (
    update(module_types)
    .where(module_types.c.module_name == bindparam("module"), module_types.c.robot_type == bindparam("kind"))
    .values(typical_ms=bindparam("took"))
)


def set_typical(tx: Tx, took_ms: Mapping[tuple[str, str], int]) -> None:
    """How long robots take, by module and type."""
    if took_ms:
        tx.execute(_TYPICAL, [{"module": name, "kind": kind, "took": took} for (name, kind), took in took_ms.items()])


_CANDIDATES = Prepared(
    select(
        module_types.c.robot_type,
        *_OF_TYPE,
        lanes.c.lane_id,
        lanes.c.queue,
        lanes.c.needs_key,
        robot_types.c.robot_type.label("described"),
        _NOW,
    )
    .join(module_registry, module_registry.c.module_name == module_types.c.module_name)
    .outerjoin(robot_types, robot_types.c.robot_type == module_types.c.robot_type)
    .outerjoin(
        lanes,
        and_(
            lanes.c.module_name == module_types.c.module_name,
            lanes.c.queue.in_(bindparam("queues", expanding=True)),
            lanes.c.needs_key.in_(bindparam("needs", expanding=True)),
        ),
    )
    .where(module_types.c.robot_type.in_(bindparam("types", expanding=True)))
    .order_by(module_types.c.robot_type, module_registry.c.module_name)
    .limit(_LIMIT)
)


def candidates(tx: Tx, robot_types: Sequence[str], doors: Collection[Door] = ()) -> Candidates:
    """Who does each of the types, which lanes they have for robots of these queues and needs, and what is described."""
    wanted = {
        "types": list(robot_types),
        "queues": sorted({door.queue for door in doors}),
        "needs": sorted({door.needs_key for door in doors}),
    }
    of_type: defaultdict[str, dict[str, Candidate]] = defaultdict(dict)
    lane_ids: dict[tuple[str, Door], int] = {}
    described: set[str] = set()
    for row in tx.rows(_CANDIDATES, wanted):
        tx.learn(row.now)
        if row.module_name not in of_type[row.robot_type]:
            of_type[row.robot_type][row.module_name] = load(Candidate, row)
        if row.lane_id is not None:
            lane_ids[row.module_name, Door(row.queue, row.needs_key)] = row.lane_id
        if row.described is not None:
            described.add(row.robot_type)
    return Candidates({kind: list(found.values()) for kind, found in of_type.items()}, lane_ids, described)


_ALL_CANDIDATES = (
    select(module_types.c.robot_type, *_OF_TYPE)
    .join(module_registry, module_registry.c.module_name == module_types.c.module_name)
    .order_by(module_types.c.robot_type, module_registry.c.module_name)
    .limit(_LIMIT)
)


def all_candidates(tx: Tx) -> dict[str, list[Candidate]]:
    """Who does which type, for every type."""
    found: defaultdict[str, list[Candidate]] = defaultdict(list)
    for row in tx.rows(_ALL_CANDIDATES):
        found[row.robot_type].append(load(Candidate, row))
    return found


_SCORES = (
    select(*columns(Score, module_registry))
    .where(module_registry.c.is_active == true())
    .order_by(module_registry.c.performance_score.desc(), module_registry.c.module_name)
    .limit(_LIMIT)
)


def scores(tx: Tx) -> list[Score]:
    """Of the modules that are switched on, the best first."""
    return tx.records(Score, _SCORES)


def queue_lengths(tx: Tx, names: Sequence[str]) -> dict[str, int]:
    """How many robots could be claimed from each of these modules now, counted to 1,000.

    Some at a time, and no more once one has none: no queue is shorter.
    """
    found: dict[str, int] = {}
    for start in range(0, len(names), _MODULES_AT_ONCE):
        part = names[start : start + _MODULES_AT_ONCE]
        rows = tx.rows(_queue_lengths(len(part)), {f"name{place}": name for place, name in enumerate(part)})
        found |= {part[int(row.place)]: int(row.number) for row in rows}
        if 0 in found.values():
            break
    return found


@lru_cache(maxsize=_MODULES_AT_ONCE)
def _queue_lengths(number: int) -> Prepared:
    counts = [
        select(literal_column(str(place), Integer).label("place"), func.count().label("number")).select_from(
            select(robots.c.robot_id)
            .join(lanes, lanes.c.lane_id == robots.c.ready_lane)
            .where(lanes.c.module_name == bindparam(f"name{place}"))
            .limit(_LONGEST_QUEUE)
            .subquery(f"queue{place}")
        )
        for place in range(number)
    ]
    return Prepared(select(union_all(*counts).subquery("together")))


def running(tx: Tx, name: str) -> int:
    """How many robots take a slot of a module."""
    return tx.scalar(
        select(func.count())
        .select_from(robots)
        .join(lanes, lanes.c.lane_id == robots.c.running_lane)
        .where(lanes.c.module_name == name)
    )


def running_by_module(tx: Tx) -> dict[str, int]:
    """How many robots take a slot of each module that has any."""
    rows = tx.rows(
        select(lanes.c.module_name, func.count().label("number"))
        .select_from(robots)
        .join(lanes, lanes.c.lane_id == robots.c.running_lane)
        .where(robots.c.running_lane.is_not(None))
        .group_by(lanes.c.module_name)
    )
    return {row.module_name: row.number for row in rows}


def standing(tx: Tx, *, most: int = MOST) -> list[tuple[str, RobotStatus, int]]:
    """How many unfinished robots each module has in each status."""
    some = select(robots.c.module_name, robots.c.status).where(ACTIVE).limit(most).subquery()
    per = (some.c.module_name, some.c.status)
    rows = tx.rows(select(*per, func.count().label("number")).group_by(*per))
    return [(row.module_name, row.status, row.number) for row in rows]


def waiting(tx: Tx, *, most: int = MOST) -> list[tuple[str, int, datetime]]:
    """How many robots could be claimed from each module now, and since when the oldest of them is asked for."""
    some = select(robots.c.ready_lane, robots.c.age).where(robots.c.ready_lane.is_not(None)).limit(most).subquery()
    rows = tx.rows(
        select(lanes.c.module_name, func.count().label("number"), func.min(some.c.age).label("oldest"))
        .join(lanes, lanes.c.lane_id == some.c.ready_lane)
        .group_by(lanes.c.module_name)
    )
    return [(row.module_name, row.number, row.oldest) for row in rows]


def not_well(tx: Tx) -> list[Candidate]:
    """The modules that get nothing now."""
    ill = or_(
        module_registry.c.is_active != true(),
        module_registry.c.draining == true(),
        module_registry.c.health_status == HealthStatus.UNHEALTHY,
    )
    there = module_registry.c.removed_at.is_(None)
    return tx.records(Candidate, select(*_CANDIDATE, null().label("typical_ms")).where(there, ill).limit(_LIMIT))


def types_of(tx: Tx, names: Sequence[str]) -> set[str]:
    """The types that modules do."""
    statement = select(module_types.c.robot_type).where(module_types.c.module_name.in_(names)).limit(_LIMIT)
    return {row.robot_type for row in tx.rows(statement)}
