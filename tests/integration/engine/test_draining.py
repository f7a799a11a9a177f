from functools import partial

import pytest

from aiworker.core.errors import Invalid
from aiworker.engine.modules.errors import ModuleBusy, ModuleNotFound, SystemModule
from aiworker.engine.modules.records import Module
from aiworker.wire.engine import ModuleChanges, RobotStatus
from aiworker.wire.robot_types import TypeSettings
from tests.support.engine import TYPE, Bench, new_module, new_robot

DRAIN = ModuleChanges(draining=True)


async def beside(bench: Bench, version: str = "2.0") -> str:
    """A new version next to the old one."""
    new = new_module(f"reader@{version}").model_copy(update={"module_version": version})
    await bench.database.write(bench.engine.register_module, new)
    return new.module_name


async def change(bench: Bench, changes: ModuleChanges, name: str = "reader") -> Module:
    return await bench.database.write(bench.engine.change_module, name, changes)


async def remove(bench: Bench, name: str = "reader") -> Module:
    return await bench.database.write(bench.engine.remove_module, name)


async def names(bench: Bench) -> list[str]:
    return [module.module_name for module in await bench.database.read(bench.engine.list_modules)]


async def test_draining_moves_routing_and_then_what_waits_and_lets_what_runs_finish(bench: Bench) -> None:
    running = await bench.submit()
    claimed = await bench.claim_one()
    waiting = await bench.submit()
    successor = await beside(bench)
    assert (await change(bench, DRAIN)).draining
    assert (await bench.submit()).module_name == successor
    assert (await bench.robot(waiting.robot_id)).module_name == successor
    assert (await bench.robot(running.robot_id)).module_name == "reader"
    await bench.database.write(bench.engine.reroute)
    assert (await bench.database.read(bench.engine.get_module, "reader")).is_active
    await bench.complete(claimed)
    await bench.database.write(bench.engine.reroute)
    assert not (await bench.database.read(bench.engine.get_module, "reader")).is_active


async def test_robots_that_nobody_else_does_are_still_handed_out_while_a_module_drains(bench: Bench) -> None:
    robot = await bench.submit()
    await change(bench, DRAIN)
    assert (await bench.claim_one()).robot_id == robot.robot_id


async def test_a_new_robot_does_not_go_to_a_module_that_drains_unless_nobody_else_does_its_type(bench: Bench) -> None:
    await bench.submit()
    await change(bench, DRAIN)
    robot = await bench.submit()
    assert robot.routing_decision is not None
    assert robot.routing_decision["why"] == "nobody is well: module reader is being drained"


async def test_a_module_whose_last_result_waits_for_a_person_has_done_its_work(bench: Bench) -> None:
    await bench.module(type_settings={TYPE: TypeSettings(min_confidence=0.9)})
    robot = await bench.submit()
    await bench.complete(await bench.claim_one(), confidence_score=0.1)
    await change(bench, DRAIN)
    await bench.database.write(bench.engine.reroute)
    assert not (await bench.database.read(bench.engine.get_module, "reader")).is_active
    accept = partial(bench.engine.reviews.accept, by="ana", output_data=None, comment=None)
    await bench.database.write(accept, robot.robot_id)
    assert (await bench.robot(robot.robot_id)).status is RobotStatus.COMPLETED


async def test_draining_can_be_taken_back(bench: Bench) -> None:
    await beside(bench)
    await bench.submit(module_name="reader@1.0")
    await change(bench, DRAIN)
    await change(bench, ModuleChanges(draining=False))
    await bench.claim()
    await bench.claim("reader@2.0")
    assert not (await bench.database.read(bench.engine.get_module, "reader")).draining


async def test_a_module_that_is_switched_on_again_starts_anew(bench: Bench) -> None:
    await change(bench, DRAIN)
    await bench.database.write(bench.engine.reroute)
    module = await change(bench, ModuleChanges(is_active=True))
    assert (module.is_active, module.draining, module.health_status) == (True, False, "UNKNOWN")


async def test_a_module_with_unfinished_robots_is_not_removed(bench: Bench) -> None:
    await bench.submit()
    with pytest.raises(ModuleBusy) as refusal:
        await remove(bench)
    assert refusal.value.details == {"moduleName": "reader", "unfinished": 1}
    assert await names(bench) == ["reader"]


async def test_a_removed_module_is_gone_and_what_it_did_still_names_it(bench: Bench) -> None:
    robot = await bench.submit()
    await bench.complete(await bench.claim_one())
    await remove(bench)
    assert await names(bench) == []
    with pytest.raises(ModuleNotFound):
        await bench.database.read(bench.engine.get_module, "reader")
    with pytest.raises(ModuleNotFound):
        await bench.claim()
    with pytest.raises(Invalid):
        await bench.submit()
    assert (await bench.robot(robot.robot_id)).module_name == "reader"


async def test_who_registers_again_after_being_removed_is_back(bench: Bench) -> None:
    await bench.submit()
    await bench.complete(await bench.claim_one())
    await remove(bench)
    await bench.module()
    assert (await bench.submit()).module_name == "reader"
    assert len(await bench.claim()) == 1


async def test_a_module_that_never_had_a_robot_leaves_nothing_behind(bench: Bench) -> None:
    await bench.claim()
    await remove(bench)
    with pytest.raises(ModuleNotFound):
        await remove(bench)


@pytest.mark.parametrize("changes", [DRAIN, ModuleChanges(is_active=False)])
async def test_the_systems_own_modules_stay(bench: Bench, changes: ModuleChanges) -> None:
    await bench.database.write(bench.engine.register_module, new_module("control", ["backup.full"]), internal=True)
    with pytest.raises(SystemModule):
        await change(bench, changes, "control")
    with pytest.raises(SystemModule):
        await remove(bench, "control")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("reader", {"reader", "reader@2.0"}), ("reader@2.0", {"reader@2.0"}), ("reader@1.0", {"reader"})],
)
async def test_a_robot_may_ask_for_a_module_or_for_one_version_of_it(
    bench: Bench, asked: str, expected: set[str]
) -> None:
    await beside(bench)
    await bench.module("better")
    await bench.claim("better")
    robot = await bench.submit(module_name=asked)
    assert robot.routing_decision is not None
    assert {one["module"] for one in robot.routing_decision["considered"]} == expected


async def test_who_asked_for_a_version_stays_with_it_and_who_asked_for_the_module_moves_within_it(
    bench: Bench,
) -> None:
    await bench.module("other")
    await bench.database.write(bench.engine.change_module, "other", ModuleChanges(is_active=False))
    pinned, loose, free = [await bench.submit(module_name=asked) for asked in ("reader@1.0", "reader", None)]
    successor = await beside(bench)
    await change(bench, ModuleChanges(is_active=False))
    modules = [(await bench.robot(robot.robot_id)).module_name for robot in (pinned, loose, free)]
    assert modules == ["reader", successor, successor]


async def test_a_version_that_nobody_has_is_refused(bench: Bench) -> None:
    with pytest.raises(Invalid) as refusal:
        await bench.database.write(bench.engine.submit, new_robot(TYPE, module_name="reader@9"))
    assert refusal.value.code == "module_lacks_type"
