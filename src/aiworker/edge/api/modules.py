"""Modules: who can do what, and fetching work for them."""

from datetime import timedelta
from typing import Annotated

from fastapi import Path, Query, Request

from aiworker.core.faults import fault_point
from aiworker.edge.api.context import ApiContext, Context, ModuleWorker, ProjectWriter, RobotReader
from aiworker.edge.api.routing import api_router, while_connected
from aiworker.edge.own import require_module, require_registrable
from aiworker.engine.breakers.records import Breaker as BreakerRecord
from aiworker.engine.breakers.service import breakers_of, reset
from aiworker.engine.health.service import day_of
from aiworker.engine.modules.records import Module as ModuleRecord
from aiworker.engine.scores.service import scores_of
from aiworker.engine.service import Engine
from aiworker.storage.cache_table import ACTIVE_MODULES
from aiworker.storage.transaction import Tx
from aiworker.wire.analytics import ModuleHistory, ScorePoint
from aiworker.wire.base import Answer, ListAnswer
from aiworker.wire.engine import Breaker, Claim, ClaimedRobot, Module, ModuleChanges, NewModule

router = api_router("modules", "/modules")
Name = Annotated[str, Path(alias="moduleName", min_length=1, max_length=100)]


@router.get("")
async def get_modules(caller: RobotReader, context: Context) -> ListAnswer[Module]:
    """Every module, by name."""
    known = [module for module in await known_modules(context) if caller.actor.knows(module.module_name)]

    def body(tx: Tx) -> list[Module]:
        breakers = breakers_of(tx, [module.module_name for module in known])
        return [_with_load(tx, context.engine, module, breakers.get(module.module_name)) for module in known]

    modules = await caller.read(body)
    return ListAnswer(data=modules, count=len(modules))


@router.post("", status_code=201)
async def register_module(new: NewModule, caller: ModuleWorker, context: Context) -> Answer[Module]:
    """Register a module, or bring the one of that name up to date."""

    def body(tx: Tx) -> Module:
        require_registrable(tx, context.engine, caller.actor, new)
        return _shown(tx, context.engine, context.engine.register_module(tx, new))

    return Answer(data=await caller.change("module.register", new.module_name, body))


@router.get("/{moduleName}")
async def get_module(name: Name, caller: RobotReader, context: Context) -> Answer[Module]:
    """One module, with its health, score and load."""
    require_module(caller.actor, name)

    def body(tx: Tx) -> Module:
        return _shown(tx, context.engine, context.engine.get_module(tx, name))

    return Answer(data=await caller.read(body))


@router.patch("/{moduleName}")
async def change_module(name: Name, changes: ModuleChanges, caller: ModuleWorker, context: Context) -> Answer[Module]:
    """Change what is given. One that is switched off or drained loses its waiting robots to the next best."""
    require_module(caller.actor, name)

    def body(tx: Tx) -> Module:
        return _shown(tx, context.engine, context.engine.change_module(tx, name, changes))

    return Answer(data=await caller.change("module.change", name, body))


@router.delete("/{moduleName}")
async def remove_module(name: Name, caller: ModuleWorker, context: Context) -> Answer[Module]:
    """Take a module away; refused while it has an unfinished robot (drain it first). What it has done stays."""
    require_module(caller.actor, name)

    def body(tx: Tx) -> Module:
        return Module.model_validate(context.engine.remove_module(tx, name))

    return Answer(data=await caller.change("module.remove", name, body))


@router.post("/{moduleName}/drain")
async def drain_module(name: Name, caller: ModuleWorker, context: Context) -> Answer[Module]:
    """Give it no new robots and move those that wait to the next best; when it is empty, it is switched off."""
    require_module(caller.actor, name)

    def body(tx: Tx) -> Module:
        return _shown(tx, context.engine, context.engine.change_module(tx, name, ModuleChanges(draining=True)))

    return Answer(data=await caller.change("module.drain", name, body))


@router.post("/{moduleName}/reset")
async def reset_breaker(name: Name, caller: ProjectWriter, context: Context) -> Answer[Module]:
    """Hand out robots to it freely again, after failures in a row have made that fewer or none.

    For people: a module does not judge itself.
    """

    def body(tx: Tx) -> Module:
        module = context.engine.get_module(tx, name)
        reset(tx, name)
        return _shown(tx, context.engine, module)

    return Answer(data=await caller.change("module.reset", name, body))


@router.post("/{moduleName}/health-check")
async def check_health(name: Name, caller: ModuleWorker, context: Context) -> Answer[Module]:
    """Look at a module now: its end point is called, or, without one, it is judged by when it was last heard of."""
    require_module(caller.actor, name)
    module = await context.health.check(name)
    return Answer(data=await caller.change("module.check", name, _shown, context.engine, module))


@router.get("/{moduleName}/history")
async def get_history(
    name: Name, caller: RobotReader, context: Context, hours: Annotated[int, Query(ge=1, le=720)] = 24
) -> Answer[ModuleHistory]:
    """A module's scores of the last hours, and how it was in each of the last 48 half-hours, oldest first."""
    require_module(caller.actor, name)

    def body(tx: Tx) -> ModuleHistory:
        context.engine.get_module(tx, name)
        return ModuleHistory(
            module_name=name,
            scores=[ScorePoint.model_validate(score) for score in scores_of(tx, name, hours=hours)],
            health=day_of(tx, name),
            health_from=tx.now - timedelta(days=1),
        )

    return Answer(data=await caller.read(body))


@router.post("/{moduleName}/claim")
async def claim(
    name: Name, wanted: Claim, request: Request, caller: ModuleWorker, context: Context
) -> ListAnswer[ClaimedRobot]:
    """Up to `limit` robots for this module, most urgent first; waits up to `waitSeconds` for the first."""
    require_module(caller.actor, name)
    robots = await while_connected(request, context.worker.claim(name, wanted))
    if robots:
        fault_point("claim.committed")
    return ListAnswer(data=robots, count=len(robots))


async def known_modules(context: ApiContext) -> list[ModuleRecord]:
    """All modules as they are registered, through the cache."""
    return await context.cache.get(
        ACTIVE_MODULES.key(),
        ACTIVE_MODULES.seconds,
        list[ModuleRecord],
        lambda: context.database.read(context.engine.list_modules),
    )


def _shown(tx: Tx, engine: Engine, module: ModuleRecord) -> Module:
    name = module.module_name
    return _with_load(tx, engine, module, breakers_of(tx, [name]).get(name))


def _with_load(tx: Tx, engine: Engine, module: ModuleRecord, breaker: BreakerRecord | None) -> Module:
    load = engine.module_load(tx, module.module_name)
    shown = None if breaker is None else Breaker.model_validate(breaker)
    more = {"queued": load.queued, "running": load.running, "breaker": shown}
    return Module.model_validate(module).model_copy(update=more)
