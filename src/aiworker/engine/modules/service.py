"""Registering modules, changing them, and choosing one for a robot."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from aiworker.core.errors import Conflict, Invalid
from aiworker.core.ids import module_id
from aiworker.engine.modules import queries
from aiworker.engine.modules.errors import ModuleNotFound
from aiworker.engine.modules.records import Module, ModuleLoad
from aiworker.engine.modules.routing import Candidate, Decision, decide, ranked
from aiworker.engine.queues.records import Door
from aiworker.engine.queues.service import claim_topic
from aiworker.engine.robots.errors import UnknownRobotType
from aiworker.storage.outbox.events import SYSTEM_FEED, Event
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import HealthStatus, ModuleChanges, NewModule

_FAILURES_UNTIL_UNHEALTHY: Final = 3
_MODULE_ID_LENGTH: Final = 100


def get_module(tx: Tx, name: str) -> Module:
    """A module. Raises: ModuleNotFound."""
    module = queries.find(tx, name)
    if module is None:
        raise ModuleNotFound(name)
    return module


def load_of(tx: Tx, name: str) -> ModuleLoad:
    """How many robots wait for it (counted to 1,000) and how many run."""
    return ModuleLoad(queued=queries.queue_length(tx, name), running=queries.running(tx, name))


def register(tx: Tx, new: NewModule, *, environment: str, internal: bool) -> Module:
    """Insert a module, or bring the one of that name up to date; switched off stays switched off.

    Raises: Invalid (the id would be too long), Conflict (the name belongs to the system).
    """
    identity = module_id(new.module_name, new.module_version, environment)
    if len(identity) > _MODULE_ID_LENGTH:
        raise Invalid(
            f"The module's name and version are too long together: {identity!r} has more than 100 characters.",
            code="module_id_too_long",
        )
    types = list(dict.fromkeys(new.supported_robot_types))
    known = queries.lock(tx, new.module_name)
    if known is not None and known.internal and not internal:
        raise Conflict(f"The name {new.module_name} belongs to the system.", code="module_name_taken")
    values: dict[str, Any] = {
        "module_id": identity,
        "module_version": new.module_version,
        "supported_robot_types": types,
        "health_endpoint": new.health_endpoint,
        "max_concurrent": new.max_concurrent,
        "registration_data": new.registration_data,
        "internal": internal,
    }
    if known is None:
        queries.add(tx, {"module_name": new.module_name, **values, "registered_at": tx.now, "updated_at": tx.now})
    else:
        queries.change(tx, new.module_name, values)
    if known is None or sorted(known.supported_robot_types) != sorted(types):
        queries.set_types(tx, new.module_name, types)
    return get_module(tx, new.module_name)


def change(tx: Tx, name: str, changes: ModuleChanges) -> Module:
    """Change what was given. Raises: ModuleNotFound."""
    before = queries.lock(tx, name)
    if before is None:
        raise ModuleNotFound(name)
    values = changes.model_dump(exclude_unset=True)
    if values.get("is_active", True) is None:
        del values["is_active"]
    if values:
        queries.change(tx, name, values)
        tx.wake(claim_topic(name))
    return get_module(tx, name)


def record_health(tx: Tx, name: str, *, well: bool, error: str | None = None) -> Module:
    """One check's outcome: a success makes it HEALTHY, one failure DEGRADED, three in a row UNHEALTHY."""
    before = queries.lock(tx, name)
    if before is None:
        raise ModuleNotFound(name)
    failures = 0 if well else before.consecutive_failures + 1
    status = HealthStatus.HEALTHY
    if failures:
        status = HealthStatus.UNHEALTHY if failures >= _FAILURES_UNTIL_UNHEALTHY else HealthStatus.DEGRADED
    values = {
        "health_status": status,
        "consecutive_failures": failures,
        "last_health_check": tx.now,
        "last_error_message": before.last_error_message if well else error,
    }
    queries.change(tx, name, values)
    if status is not before.health_status:
        data = {"moduleName": name, "oldStatus": before.health_status.value, "newStatus": status.value}
        tx.emit(Event(SYSTEM_FEED, f"module:{name}", "module:health", data))
        tx.wake(claim_topic(name))
    return get_module(tx, name)


def routing_table(tx: Tx) -> dict[str, list[Candidate]]:
    """Who gets robots of each type, first those who get them now."""
    return {robot_type: ranked(candidates) for robot_type, candidates in queries.all_candidates(tx).items()}


def route(
    tx: Tx, wanted: Sequence[tuple[str, str | None]], doors: Collection[Door] = ()
) -> tuple[Mapping[tuple[str, str | None], Decision], Mapping[tuple[str, Door], int]]:
    """Where robots of each `(type, module asked for)` go, and the lanes that those modules have behind the doors.

    Raises: UnknownRobotType, Invalid (not by that module).
    """
    pairs = list(dict.fromkeys(wanted))
    known = queries.candidates(tx, [robot_type for robot_type, _ in pairs], doors)
    decisions: dict[tuple[str, str | None], Decision] = {}
    for robot_type, asked in pairs:
        candidates = known.of_type.get(robot_type)
        if not candidates:
            raise UnknownRobotType(robot_type)
        if asked is not None:
            candidates = [candidate for candidate in candidates if candidate.module_name == asked]
            if not candidates:
                raise Invalid(f"Module {asked} does no robots of type {robot_type!r}.", code="module_lacks_type")
        decisions[robot_type, asked] = decide(
            candidates, lambda names: {name: queries.queue_length(tx, name) for name in names}
        )
    return decisions, known.lane_ids
