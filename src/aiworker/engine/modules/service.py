"""Registering modules, changing them, and choosing one for a robot."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from aiworker.core.errors import Conflict, Invalid
from aiworker.core.ids import module_id
from aiworker.engine.health import queries as samples
from aiworker.engine.health.records import Check, HealthSample
from aiworker.engine.modules import queries
from aiworker.engine.modules.errors import ModuleBusy, ModuleNotFound, SystemModule
from aiworker.engine.modules.records import Candidates, Module, ModuleLoad
from aiworker.engine.modules.routing import Candidate, Decision, answers_to, decide, ranked
from aiworker.engine.queues.records import Door
from aiworker.engine.queues.service import claim_topic
from aiworker.engine.robots.errors import ModuleLacksType, UnknownRobotType
from aiworker.storage.outbox.events import SYSTEM_FEED, Event
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import API_VERSION, HealthStatus, ModuleChanges, NewModule

_FAILURES_UNTIL_UNHEALTHY: Final = 3
_MODULE_ID_LENGTH: Final = 100


def get_module(tx: Tx, name: str) -> Module:
    """A module. Raises: ModuleNotFound."""
    module = queries.find(tx, name)
    if module is None or module.removed_at is not None:
        raise ModuleNotFound(name)
    return module


def lock_module(tx: Tx, name: str) -> Module:
    """A module, ours until the commit. Raises: ModuleNotFound."""
    module = queries.lock(tx, name)
    if module is None or module.removed_at is not None:
        raise ModuleNotFound(name)
    return module


def load_of(tx: Tx, name: str) -> ModuleLoad:
    """How many robots wait for it (counted to 1,000) and how many run."""
    return ModuleLoad(queued=queries.queue_lengths(tx, [name])[name], running=queries.running(tx, name))


def register(tx: Tx, new: NewModule, *, environment: str, internal: bool) -> Module:
    """Insert a module, or bring the one of that name up to date; switched off stays switched off.

    Raises: Invalid (the id would be too long, it speaks another API), Conflict (the name belongs to the system).
    """
    identity = module_id(new.module_name, new.module_version, environment)
    if len(identity) > _MODULE_ID_LENGTH:
        raise Invalid(
            f"The module's name and version are too long together: {identity!r} has more than 100 characters.",
            code="module_id_too_long",
        )
    if new.api_version != API_VERSION:
        raise Invalid(
            f"apiVersion: this server speaks version {API_VERSION}, the module {new.api_version}.",
            code="api_version_unknown",
            details={"apiVersion": API_VERSION},
        )
    types = list(dict.fromkeys(new.supported_robot_types))
    values: dict[str, Any] = {
        "module_id": identity,
        "module_version": new.module_version,
        "supported_robot_types": types,
        "health_endpoint": new.health_endpoint,
        "registration_data": {**new.registration_data, "apiVersion": new.api_version},
        "internal": internal,
        "removed_at": None,
    }
    # People set limits, too: a program that does not mention one leaves it unchanged.
    values |= new.model_dump(include={"max_concurrent", "max_per_minute"}, exclude_unset=True)
    known = queries.lock(tx, new.module_name)
    unmeasured = {"success_rate_24h": None, "uptime_percentage_24h": None}
    born = {"registered_at": tx.now, "updated_at": tx.now}
    if known is None and not queries.add(tx, {"module_name": new.module_name, **values, **unmeasured, **born}):
        # Another process of the same module was quicker.
        known = queries.lock(tx, new.module_name)
        if known is None:
            raise Conflict(f"The id {identity} is another module's.", code="module_name_taken")
    if known is not None:
        if known.internal and not internal:
            raise Conflict(f"The name {new.module_name} belongs to the system.", code="module_name_taken")
        if known.removed_at is not None or known.health_endpoint != new.health_endpoint:
            # What earlier checks found was about the old end point; the new one is checked soon.
            values["last_health_check"] = None
        queries.change(tx, new.module_name, values)
    if known is not None and known.removed_at is not None:
        queries.change(
            tx, new.module_name, {"is_active": True, "draining": False, "health_status": HealthStatus.UNKNOWN}
        )
    if known is None or known.removed_at is not None or sorted(known.supported_robot_types) != sorted(types):
        queries.set_types(tx, new.module_name, types)
    return get_module(tx, new.module_name)


def change(tx: Tx, name: str, changes: ModuleChanges) -> Module:
    """Change what was given. Raises: ModuleNotFound."""
    before = lock_module(tx, name)
    values = {
        name: value
        for name, value in changes.model_dump(exclude_unset=True).items()
        if value is not None or name not in {"is_active", "draining"}
    }
    if before.internal and (values.get("draining") or values.get("is_active") is False):
        raise SystemModule(name)
    if values.get("is_active") and not before.is_active:
        # It is to get work again, and its health is not known yet.
        values = {"draining": False, "health_status": HealthStatus.UNKNOWN, "consecutive_failures": 0, **values}
        values["last_health_check"] = None
    if values.get("health_endpoint", before.health_endpoint) != before.health_endpoint:
        values["last_health_check"] = None
    if values:
        queries.change(tx, name, values)
        tx.wake(claim_topic(name))
    return get_module(tx, name)


def remove(tx: Tx, name: str) -> Module:
    """Take a module away that has nothing under way and nothing waiting; what it has done stays, and names it.

    Raises: ModuleNotFound, SystemModule, ModuleBusy.
    """
    before = lock_module(tx, name)
    if before.internal:
        raise SystemModule(name)
    if unfinished := queries.unfinished(tx, name):
        raise ModuleBusy(name, unfinished)
    if not queries.ever_had_robots(tx, name):
        queries.delete_module(tx, name)
        return replace(before, is_active=False, removed_at=tx.now)
    queries.set_types(tx, name, [])
    queries.change(tx, name, {"is_active": False, "draining": False, "removed_at": tx.now})
    tx.wake(claim_topic(name))
    return queries.find(tx, name) or before


def switch_off_drained(tx: Tx) -> list[str]:
    """Switch off the modules that were to be drained and have nothing left; their names."""
    drained = [
        candidate.module_name
        for candidate in queries.not_well(tx)
        if candidate.draining and candidate.is_active and not queries.still_at_work(tx, candidate.module_name)
    ]
    queries.change_many(tx, [{"name": name, "is_active": False, "updated_at": tx.now} for name in drained])
    return drained


def record_health(tx: Tx, name: str, check: Check) -> Module:
    """One check's outcome: a success makes it HEALTHY, one failure DEGRADED, three in a row UNHEALTHY; one that is at
    rest is UNKNOWN, and that time counts neither way.

    Raises: ModuleNotFound.
    """
    before = lock_module(tx, name)
    failures = 0 if check.error is None else before.consecutive_failures + 1
    status = HealthStatus.UNKNOWN if check.at_rest else HealthStatus.HEALTHY
    if failures:
        status = HealthStatus.UNHEALTHY if failures >= _FAILURES_UNTIL_UNHEALTHY else HealthStatus.DEGRADED
    values: dict[str, Any] = {"health_status": status, "consecutive_failures": failures, "last_health_check": tx.now}
    if check.error is not None:
        # The last error stays readable after the module has recovered.
        values["last_error_message"] = check.error
    queries.change(tx, name, values)
    if not check.at_rest:
        error = None if check.error is None else check.error.words
        samples.add(tx, HealthSample(name, tx.now, status, well=error is None, took_ms=check.took_ms, error=error))
    if status is not before.health_status:
        data = {"moduleName": name, "oldStatus": before.health_status.value, "newStatus": status.value}
        tx.emit(Event(SYSTEM_FEED, f"module:{name}", "module:health", data))
        tx.wake(claim_topic(name))
    return get_module(tx, name)


def routing_table(tx: Tx) -> dict[str, list[Candidate]]:
    """Who gets robots of each type, first those who get them now."""
    return {robot_type: ranked(candidates) for robot_type, candidates in queries.all_candidates(tx).items()}


def route(
    tx: Tx,
    wanted: Sequence[tuple[str, str | None]],
    doors: Collection[Door] = (),
    among: Collection[str] | None = None,
) -> tuple[Mapping[tuple[str, str | None], Sequence[Decision]], Candidates]:
    """Where robots of each `(type, module asked for)` go, as many as are wanted of it, and what is known of those who
    do them, with the lanes that they have behind the doors. `among`: no other modules are there.

    Raises: UnknownRobotType, ModuleLacksType.
    """
    pairs = Counter(wanted)
    known = queries.candidates(tx, [robot_type for robot_type, _ in pairs], doors)
    decisions: dict[tuple[str, str | None], Sequence[Decision]] = {}
    for (robot_type, asked), robots in pairs.items():
        candidates = known.of_type.get(robot_type, ())
        if among is not None:
            candidates = [candidate for candidate in candidates if candidate.module_name in among]
        if not candidates:
            raise UnknownRobotType(robot_type)
        if asked is not None:
            candidates = [candidate for candidate in candidates if answers_to(candidate, asked)]
            if not candidates:
                raise ModuleLacksType(asked, robot_type)
        decisions[robot_type, asked] = decide(candidates, partial(queries.queue_lengths, tx), robots)
    return decisions, known
