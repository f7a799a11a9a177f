import asyncio

import pytest

from aiworker.delivery.ports.runtime import RolloutFailed
from tests.contract.runtime.conftest import World
from tests.support.runtimes import unheard


async def test_what_is_removed_is_gone(world: World) -> None:
    await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    await world.runtime.remove(world.name)
    assert await world.runtime.get(world.name) is None
    assert await world.runtime.list() == []
    assert await world.runtime.names() == []
    assert await world.runtime.logs(world.name) == ""


async def test_removing_what_is_not_there_is_no_error(world: World) -> None:
    await world.runtime.remove(world.name)
    await world.runtime.remove(world.name)


async def test_removing_one_leaves_the_others(world: World) -> None:
    commit = world.version("one")
    for name in (world.name, world.other):
        await world.runtime.deploy(world.rollout(commit, name=name), unheard)
    assert sorted(await world.runtime.names()) == sorted((world.name, world.other))
    await world.runtime.remove(world.name)
    assert [each.name for each in await world.runtime.list()] == [world.other]
    assert (await world.ask(world.other))[1] == "one"


async def test_a_name_can_be_used_again_after_it_was_removed(world: World) -> None:
    commit = world.version("one")
    await world.runtime.deploy(world.rollout(commit), unheard)
    # Removed meanwhile, the roll-out may fail; it never does anything else.
    removed, again = await asyncio.gather(
        world.runtime.remove(world.name),
        world.runtime.deploy(world.rollout(commit), unheard),
        return_exceptions=True,
    )
    assert removed is None
    assert not isinstance(again, BaseException) or isinstance(again, RolloutFailed)
    await world.runtime.deploy(world.rollout(commit), unheard)
    assert (await world.ask(world.name))[1] == "one"


@pytest.mark.needs("speech")
async def test_the_log_has_the_programs_last_lines(world: World) -> None:
    await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    assert (await world.runtime.logs(world.name, lines=1)).startswith("listening, ")
    assert await world.runtime.logs("unknown") == ""


async def test_removing_during_a_rollout_ends_it(world: World) -> None:
    reached = asyncio.Event()

    async def listen(step: str, _sentence: str) -> None:
        if step == "health":
            reached.set()

    wanted = world.rollout(world.version("one"), "hang", health_timeout_seconds=120.0)
    rolling = asyncio.create_task(world.runtime.deploy(wanted, listen))
    await reached.wait()
    await asyncio.wait_for(world.runtime.remove(world.name), 60)
    with pytest.raises(RolloutFailed, match="The roll-out was stopped"):
        await rolling
    assert await world.runtime.get(world.name) is None
