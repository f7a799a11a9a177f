import asyncio

import pytest

from aiworker.delivery.ports.runtime import RolloutFailed
from tests.contract.runtime.conftest import World
from tests.support.runtimes import rollout, unheard
from tests.support.webapp import webapp


async def test_what_is_removed_is_gone(world: World) -> None:
    await world.runtime.deploy(rollout(world.sources.commit(webapp("one"))), unheard)
    await world.runtime.remove("task-shop-1")
    assert await world.runtime.get("task-shop-1") is None
    assert await world.runtime.list() == []
    assert await world.runtime.logs("task-shop-1") == ""


async def test_removing_what_is_not_there_is_no_error(world: World) -> None:
    await world.runtime.remove("task-shop-1")
    await world.runtime.remove("task-shop-1")


async def test_removing_one_leaves_the_others(world: World) -> None:
    commit = world.sources.commit(webapp("one"))
    for name in ("task-shop-1", "staging-shop"):
        await world.runtime.deploy(rollout(commit, name=name), unheard)
    await world.runtime.remove("task-shop-1")
    assert [each.name for each in await world.runtime.list()] == ["staging-shop"]
    assert (await world.ask("staging-shop", "/"))[1] == "one"


async def test_a_name_can_be_used_again_after_it_was_removed(world: World) -> None:
    commit = world.sources.commit(webapp("one"))
    await world.runtime.deploy(rollout(commit), unheard)
    await asyncio.gather(world.runtime.remove("task-shop-1"), world.runtime.deploy(rollout(commit), unheard))
    await world.runtime.deploy(rollout(commit), unheard)
    assert (await world.ask("task-shop-1", "/"))[1] == "one"


async def test_the_log_has_the_programs_last_lines(world: World) -> None:
    await world.runtime.deploy(rollout(world.sources.commit(webapp("one"))), unheard)
    assert await world.runtime.logs("task-shop-1", lines=1) == "listening, version one"
    assert await world.runtime.logs("unknown") == ""


async def test_removing_during_a_rollout_ends_it(world: World) -> None:
    reached = asyncio.Event()

    async def listen(step: str, _sentence: str) -> None:
        if step == "health":
            reached.set()

    commit = world.sources.commit(webapp("one"))
    rolling = asyncio.create_task(world.runtime.deploy(rollout(commit, "hang", health_timeout_seconds=120.0), listen))
    await reached.wait()
    await asyncio.wait_for(world.runtime.remove("task-shop-1"), 10)
    with pytest.raises(RolloutFailed, match="The roll-out was stopped"):
        await rolling
    assert await world.runtime.get("task-shop-1") is None
