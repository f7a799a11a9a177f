"""Every statement on breakers."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, bindparam, false, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from aiworker.engine.breakers.records import Breaker
from aiworker.engine.breakers.tables import module_breakers
from aiworker.engine.modules.records import Module
from aiworker.engine.modules.tables import module_registry
from aiworker.engine.trends.tables import module_trends
from aiworker.storage.prepared import Prepared
from aiworker.storage.records import columns, load, split
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import BreakerState

_LIMIT = 10_000
_BREAKER = columns(Breaker, module_breakers)
_MINE = module_breakers.c.module_name == bindparam("name")
_ENDED = (
    select(module_trends.c.ended)
    .where(module_trends.c.module_name == bindparam("name"), module_trends.c.minute == bindparam("minute"))
    .scalar_subquery()
)
_LOCK = select(*_BREAKER, _ENDED.label("ended")).where(_MINE).with_for_update()
_SAVE = update(module_breakers).where(module_breakers.c.module_name == bindparam("this"))


def stirred() -> ColumnElement[bool]:
    """As `Breaker.stirred`, for a statement that joins the table."""
    return or_(module_breakers.c.failures > 0, module_breakers.c.state != BreakerState.CLOSED)


def lock(tx: Tx, name: str, minute: int = 0) -> tuple[Breaker, int] | None:
    """A module's breaker, ours until the commit, and how many tries ended there in a minute (see `trends`)."""
    row = tx.row(_LOCK, {"name": name, "minute": minute})
    return None if row is None else (load(Breaker, row), row.ended or 0)


def lock_many(tx: Tx, names: Sequence[str]) -> list[Breaker]:
    """Those of the modules that have one, ours until the commit; always locked in the same order."""
    mine = module_breakers.c.module_name.in_(names)
    statement = select(*_BREAKER).where(mine).order_by(module_breakers.c.module_name).limit(len(names))
    return tx.records(Breaker, statement.with_for_update())


def of_modules(tx: Tx, names: Sequence[str]) -> dict[str, Breaker]:
    """By module; those none of whose robots ever failed have none."""
    if not names:
        return {}
    statement = select(*_BREAKER).where(module_breakers.c.module_name.in_(names)).limit(len(names))
    return {breaker.module_name: breaker for breaker in tx.records(Breaker, statement)}


_WITH_THEIRS = Prepared(
    select(*columns(Module, module_registry), *(column.label(f"breaker_{column.name}") for column in _BREAKER))
    .outerjoin(module_breakers, module_breakers.c.module_name == module_registry.c.module_name)
    .where(module_registry.c.module_name.in_(bindparam("names", expanding=True)))
    .limit(bindparam("number"))
)


def with_modules(tx: Tx, names: Sequence[str]) -> tuple[dict[str, Module], dict[str, Breaker]]:
    """Those of the modules that there are, and their breakers, by module."""
    rows = [split(row, Module, Breaker) for row in tx.execute(_WITH_THEIRS, {"names": names, "number": len(names)})]
    known = {module.module_name: module for module, _ in rows}
    return known, {module.module_name: breaker for module, breaker in rows if breaker.module_name is not None}


def stirred_ones(tx: Tx) -> dict[str, Breaker]:
    """Those of modules that failed lately, by module."""
    found = tx.records(Breaker, select(*_BREAKER).where(stirred()).limit(_LIMIT))
    return {breaker.module_name: breaker for breaker in found}


def may_have_one(tx: Tx, name: str) -> bool:
    """Whether it is no module of the system's own."""
    mine = module_registry.c.module_name == name
    return tx.row(select(module_registry.c.module_name).where(mine, module_registry.c.internal == false())) is not None


def add(tx: Tx, breaker: Breaker) -> None:
    """Insert it, unless somebody else has just done so."""
    try:
        with tx.savepoint():
            tx.execute(insert(module_breakers).values(asdict(breaker)))
    except IntegrityError:
        return


def save(tx: Tx, before: Breaker, after: Breaker) -> None:
    """Write what differs. The row is locked by who calls."""
    was = asdict(before)
    changed: dict[str, Any] = {name: value for name, value in asdict(after).items() if value != was[name]}
    if changed:
        tx.execute(_SAVE.values(changed), {"this": before.module_name})
