import asyncio
import json

import pytest
from httpcore2 import RemoteProtocolError

from aiworker.core.errors import AiWorkerError, Invalid, NotFound
from aiworker.delivery.ports.runtime import RolloutFailed
from tests.contract.runtime.conftest import World
from tests.support.runtimes import rollout, unheard
from tests.support.waiting import eventually
from tests.support.webapp import PYTHON, webapp


async def test_a_commit_that_is_rolled_out_answers_with_its_content(world: World) -> None:
    commit = world.sources.commit(webapp("one"))
    instance = await world.runtime.deploy(rollout(commit), unheard)
    assert (instance.name, instance.commit, instance.health) == ("task-shop-1", commit, "healthy")
    assert instance.url == world.runtime.url("task-shop-1")
    assert await world.ask("task-shop-1", "/") == (200, "one")


async def test_the_steps_are_told_in_their_order(world: World) -> None:
    steps: list[str] = []

    async def listen(step: str, sentence: str) -> None:
        assert sentence
        steps.append(step)

    commit = world.sources.commit(webapp("one"))
    await world.runtime.deploy(rollout(commit, setup_command=f"{PYTHON} -c pass"), listen)
    assert steps == ["checkout", "setup", "start", "health", "switch"]


async def test_a_new_commit_takes_over_and_the_old_program_ends(world: World) -> None:
    first = await world.runtime.deploy(rollout(world.sources.commit(webapp("one"))), unheard)
    old = (await world.ask("task-shop-1", "/pid"))[1]
    second = await world.runtime.deploy(rollout(world.sources.commit(webapp("two"))), unheard)
    assert second.commit != first.commit
    assert (await world.ask("task-shop-1", "/"))[1] == "two"
    assert (await world.ask("task-shop-1", "/pid"))[1] != old
    assert [each.commit for each in await world.runtime.list()] == [second.commit]


async def test_the_old_version_answers_until_the_new_one_is_healthy(world: World) -> None:
    await world.runtime.deploy(rollout(world.sources.commit(webapp("one"))), unheard)
    seen: list[str] = []

    async def look(step: str, _sentence: str) -> None:
        seen.append(f"{step}: {(await world.ask('task-shop-1', '/'))[1]}")

    await world.runtime.deploy(rollout(world.sources.commit(webapp("two"))), look)
    assert seen == ["checkout: one", "start: one", "health: one", "switch: one"]


async def test_the_same_rollout_again_restarts_nothing(world: World) -> None:
    commit = world.sources.commit(webapp("one"))
    first = await world.runtime.deploy(rollout(commit, env={"COLOUR": "red"}), unheard)
    pid = await world.ask("task-shop-1", "/pid")
    again = await world.runtime.deploy(rollout(commit, env={"COLOUR": "red"}), unheard)
    assert again == first
    assert await world.ask("task-shop-1", "/pid") == pid
    assert world.sources.exports == 1


async def test_the_same_commit_with_other_settings_is_rolled_out_anew(world: World) -> None:
    commit = world.sources.commit(webapp("one"))
    await world.runtime.deploy(rollout(commit, env={"COLOUR": "red"}), unheard)
    await world.runtime.deploy(rollout(commit, env={"COLOUR": "blue"}), unheard)
    assert json.loads((await world.ask("task-shop-1", "/env"))[1])["COLOUR"] == "blue"


async def test_rollouts_of_one_name_wait_for_each_other(world: World) -> None:
    under_way = most = 0

    async def count(step: str, _sentence: str) -> None:
        nonlocal under_way, most
        under_way += {"checkout": 1, "switch": -1}.get(step, 0)
        most = max(most, under_way)

    commits = [world.sources.commit(webapp(str(number))) for number in range(3)]
    await asyncio.gather(*(world.runtime.deploy(rollout(commit), count) for commit in commits))
    assert most == 1
    assert len(await world.runtime.list()) == 1


async def test_a_program_that_ends_at_once_tells_its_exit_status_and_its_last_words(world: World) -> None:
    commit = world.sources.commit(webapp("one"))
    with pytest.raises(RolloutFailed, match=r"exit status 3 .*: no database here$") as caught:
        await world.runtime.deploy(rollout(commit, "fail"), unheard)
    assert "before the end\nno database here" in caught.value.log
    assert await world.runtime.get("task-shop-1") is None
    assert "no database here" in await world.runtime.logs("task-shop-1")


async def test_a_program_that_never_listens_fails_after_the_time_it_was_given(world: World) -> None:
    commit = world.sources.commit(webapp("one"))
    with pytest.raises(RolloutFailed, match=r"not healthy within 0\.3 s: nothing listens on port"):
        await world.runtime.deploy(rollout(commit, "hang", health_timeout_seconds=0.3), unheard)
    assert await world.runtime.list() == []


async def test_a_program_that_answers_with_an_error_is_not_healthy(world: World) -> None:
    commit = world.sources.commit(webapp("one"))
    with pytest.raises(RolloutFailed, match="GET /sick answers 500"):
        await world.runtime.deploy(rollout(commit, health_path="/sick", health_timeout_seconds=0.5), unheard)


async def test_a_program_whose_start_page_is_missing_is_healthy(world: World) -> None:
    commit = world.sources.commit({"empty/keep": ""})
    command = f"{PYTHON} -m http.server $PORT --bind $HOST --directory empty"
    instance = await world.runtime.deploy(rollout(commit, start_command=command, health_path="/nothing"), unheard)
    assert instance.health == "healthy"


async def test_a_failed_rollout_leaves_the_old_version_answering(world: World) -> None:
    good = await world.runtime.deploy(rollout(world.sources.commit(webapp("one"))), unheard)
    pid = await world.ask("task-shop-1", "/pid")
    with pytest.raises(RolloutFailed):
        await world.runtime.deploy(rollout(world.sources.commit(webapp("two")), "fail"), unheard)
    assert await world.runtime.get("task-shop-1") == good
    assert await world.ask("task-shop-1", "/pid") == pid


async def test_a_setup_command_that_fails_tells_its_exit_status_and_its_last_words(world: World) -> None:
    commit = world.sources.commit(webapp("one"))
    with pytest.raises(RolloutFailed, match=r"setup command ended with exit status 3: no database here"):
        await world.runtime.deploy(rollout(commit, setup_command=f"{PYTHON} app.py fail"), unheard)


async def test_what_the_setup_command_makes_is_there_for_the_program(world: World) -> None:
    commit = world.sources.commit(webapp("one") | {"build.py": "open('app.py', 'a').write('#'); open('built', 'w')"})
    command = f"sh -c 'test -e built && exec {PYTHON} app.py'"
    await world.runtime.deploy(rollout(commit, setup_command=f"{PYTHON} build.py", start_command=command), unheard)
    assert (await world.ask("task-shop-1", "/"))[1] == "one"


async def test_a_commit_that_is_not_there_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        await world.runtime.deploy(rollout("f" * 40), unheard)
    assert await world.runtime.list() == []


@pytest.mark.parametrize("name", ["", "Task", "../etc", "a/b", "a.b", "-a", "a" * 64, "a\0b", "a\n"])
async def test_a_name_that_could_lead_elsewhere_is_refused(world: World, name: str) -> None:
    commit = world.sources.commit(webapp("one"))
    with pytest.raises(Invalid):
        await world.runtime.deploy(rollout(commit, name=name), unheard)
    with pytest.raises(Invalid):
        await world.runtime.remove(name)


@pytest.mark.parametrize(
    "settings",
    [
        {"start_command": "'unclosed"},
        {"start_command": "npm install && npm start"},
        {"setup_command": "CI=1 npm install"},
        {"memory_limit": "plenty"},
        {"health_path": "no-slash"},
        {"health_path": "/a b\r\nX: y"},
    ],
)
async def test_settings_that_cannot_be_read_are_refused_before_anything_happens(
    world: World, settings: dict[str, str]
) -> None:
    commit = world.sources.commit(webapp("one"))
    with pytest.raises(RolloutFailed):
        await world.runtime.deploy(rollout(commit, **settings), unheard)
    assert world.sources.exports == 0


@pytest.mark.parametrize("at", ["checkout", "start", "health", "switch"])
async def test_progress_that_objects_stops_the_rollout_as_if_it_had_never_begun(world: World, at: str) -> None:
    good = await world.runtime.deploy(rollout(world.sources.commit(webapp("one"))), unheard)

    async def object_at(step: str, _sentence: str) -> None:
        if step == at:
            raise AiWorkerError("no longer wanted", code="test")

    with pytest.raises(AiWorkerError, match="no longer wanted"):
        await world.runtime.deploy(rollout(world.sources.commit(webapp("two"))), object_at)
    assert await world.runtime.get("task-shop-1") == good


@pytest.mark.parametrize("at", ["setup", "health"])
async def test_a_cancelled_rollout_leaves_the_old_version_answering(world: World, at: str) -> None:
    good = await world.runtime.deploy(rollout(world.sources.commit(webapp("one"))), unheard)
    reached = asyncio.Event()

    async def listen(step: str, _sentence: str) -> None:
        if step == at:
            reached.set()

    wanted = rollout(
        world.sources.commit(webapp("two")), "hang", setup_command=f"{PYTHON} app.py {'hang' if at == 'setup' else ''}"
    )
    if at == "health":
        wanted = rollout(world.sources.commit(webapp("two")), "hang")
    rolling = asyncio.create_task(world.runtime.deploy(wanted, listen))
    await reached.wait()
    rolling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await rolling
    assert await world.runtime.get("task-shop-1") == good
    assert (await world.ask("task-shop-1", "/"))[1] == "one"


async def test_a_program_that_crashes_is_started_again(world: World) -> None:
    await world.runtime.deploy(rollout(world.sources.commit(webapp("one"))), unheard)
    pid = (await world.ask("task-shop-1", "/pid"))[1]
    with pytest.raises(RemoteProtocolError):
        await world.ask("task-shop-1", "/die")

    async def another_answers() -> bool:
        instance = await world.runtime.get("task-shop-1")
        return (
            instance is not None and instance.health == "healthy" and (await world.ask("task-shop-1", "/pid"))[1] != pid
        )

    await eventually(another_answers)
