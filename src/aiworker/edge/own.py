"""A caller that is bound to modules sees what these do; what other modules do does not exist for it.

Every door that shows or changes a robot asks here. A caller that is bound to none sees everything.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aiworker.access.actors import Actor
from aiworker.core.errors import Denied
from aiworker.engine.executions.errors import ExecutionNotFound
from aiworker.engine.modules.errors import ModuleNotFound
from aiworker.engine.modules.queries import names_of, names_of_all, types_of
from aiworker.engine.robots.errors import RobotNotFound
from aiworker.engine.robots.records import Robot
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import NewModule


def own_modules(tx: Tx, actor: Actor, *, system: bool = True) -> list[str] | None:
    """The names of the modules that the actor is bound to, with their versions; None: all modules. `system=False`
    leaves out the system's own for an actor that is not bound."""
    if actor.modules is not None:
        return names_of(tx, sorted(actor.modules))
    return None if system else names_of_all(tx, internal=False)


def own_types(tx: Tx, actor: Actor) -> set[str] | None:
    """The types of robots that its modules do; None: all."""
    return None if actor.modules is None else types_of(tx, names_of(tx, sorted(actor.modules)))


def require_module(actor: Actor, name: str) -> None:
    """Raises: ModuleNotFound."""
    if not actor.knows(name):
        raise ModuleNotFound(name)


def require_robot(tx: Tx, engine: Engine, actor: Actor, robot_id: str) -> None:
    """Raises: RobotNotFound."""
    if actor.modules is not None and not actor.knows(engine.get_robot(tx, robot_id).module_name):
        raise RobotNotFound(robot_id)


def require_execution(tx: Tx, engine: Engine, actor: Actor, execute_id: str) -> None:
    """Raises: ExecutionNotFound."""
    if actor.modules is not None and not actor.knows(engine.get_execution(tx, execute_id).module_name):
        raise ExecutionNotFound(execute_id)


def strange_executions(tx: Tx, engine: Engine, actor: Actor, execute_ids: Sequence[str]) -> set[str]:
    """Those of the executions that are another module's."""
    if actor.modules is None:
        return set()
    found = engine.get_executions(tx, execute_ids)
    return {execution.execute_id for execution in found if not actor.knows(execution.module_name)}


def own_routing(actor: Actor, decision: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Why a robot went where it went, without the other modules that were considered."""
    if decision is None or actor.modules is None:
        return None if decision is None else dict(decision)
    considered = [one for one in decision.get("considered", ()) if actor.knows(one["module"])]
    told = {name: value for name, value in decision.items() if name != "movedFrom"}
    # Who is not well is named behind a colon.
    return {**told, "considered": considered, "why": str(decision.get("why", "")).partition(":")[0]}


def require_name(actor: Actor, name: str) -> None:
    """Raises: Denied, if it may not be a module of this name; the same whether there is such a module or not."""
    if actor.modules is not None and not actor.knows(name):
        raise Denied(
            f"This key is for {', '.join(sorted(actor.modules))} only: it cannot be the module {name!r}.",
            code="module_of_another_key",
            details={"moduleName": name, "modules": sorted(actor.modules)},
        )


def require_registrable(tx: Tx, engine: Engine, actor: Actor, new: NewModule) -> None:
    """Raises: Denied, for another name, or for what another module has said about a type."""
    require_name(actor, new.module_name)
    for known in engine.robot_types(tx) if new.type_settings and actor.modules is not None else ():
        if known.robot_type in new.type_settings and not actor.knows(known.described_by or new.module_name):
            raise Denied(
                f"What robots of type {known.robot_type!r} take is said by another module: leave them out of "
                "typeSettings.",
                code="type_of_another_module",
                details={"robotType": known.robot_type},
            )


def require_own_robots(tx: Tx, engine: Engine, actor: Actor, robots: Sequence[Robot]) -> None:
    """Raises: Denied, if a submitted robot, or the one whose result it got, is of a module that is not the caller's."""
    if actor.modules is None:
        return
    sources = [robot.cache_source_robot_id for robot in robots if robot.cache_source_robot_id is not None]
    if not all(actor.knows(robot.module_name) for robot in (*robots, *engine.get_robots(tx, sources))):
        raise Denied("A robot of another module has this cache key.", code="cache_key_of_another_module")
