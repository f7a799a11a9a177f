import asyncio
import json

import pytest
from httpcore2 import RemoteProtocolError

from aiworker.core.errors import AiWorkerError, Invalid, NotFound
from aiworker.delivery.ports.runtime import RolloutFailed
from tests.contract.runtime.conftest import LocalWorld, World
from tests.support.runtimes import unheard
from tests.support.waiting import eventually
from tests.support.webapp import PYTHON, webapp


async def test_a_commit_that_is_rolled_out_answers_with_its_content(world: World) -> None:
    commit = world.version("one")
    instance = await world.runtime.deploy(world.rollout(commit), unheard)
    assert (instance.name, instance.commit, instance.health) == (world.name, commit, "healthy")
    assert instance.url == world.runtime.url(world.name)
    assert await world.ask(world.name) == (200, "one")


async def test_the_steps_are_told_in_their_order(world: World) -> None:
    steps: list[str] = []

    async def listen(step: str, sentence: str) -> None:
        assert sentence
        steps.append(step)

    await world.runtime.deploy(world.rollout(world.version("one")), listen)
    assert set(steps) <= set(world.steps)
    assert (steps[0], steps[-1]) == (world.steps[0], "switch")


async def test_a_new_commit_takes_over_and_the_old_program_ends(world: World) -> None:
    first = await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    old = (await world.ask(world.name, "/pid"))[1]
    second = await world.runtime.deploy(world.rollout(world.version("two")), unheard)
    assert second.commit != first.commit
    assert (await world.ask(world.name))[1] == "two"
    assert (await world.ask(world.name, "/pid"))[1] != old
    assert [each.commit for each in await world.runtime.list()] == [second.commit]


async def test_a_version_answers_at_every_step_of_a_rollout(world: World) -> None:
    await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    seen: list[str] = []

    async def look(_step: str, _sentence: str) -> None:
        seen.append((await world.ask(world.name))[1])

    await world.runtime.deploy(world.rollout(world.version("two")), look)
    assert seen[0] == "one"
    assert sorted(seen) == seen, "once the new version answers, the old one does no more"


async def test_the_same_rollout_again_restarts_nothing(world: World) -> None:
    commit = world.version("one")
    first = await world.runtime.deploy(world.rollout(commit, env={"COLOUR": "red"}), unheard)
    pid = await world.ask(world.name, "/pid")
    again = await world.runtime.deploy(world.rollout(commit, env={"COLOUR": "red"}), unheard)
    assert again == first
    assert await world.ask(world.name, "/pid") == pid


@pytest.mark.needs("env", "speech")
async def test_the_same_commit_with_other_settings_is_rolled_out_anew(world: World) -> None:
    commit = world.version("one")
    await world.runtime.deploy(world.rollout(commit, env={"COLOUR": "red"}), unheard)
    await world.runtime.deploy(world.rollout(commit, env={"COLOUR": "blue"}), unheard)
    assert json.loads((await world.ask(world.name, "/env"))[1])["COLOUR"] == "blue"


async def test_rollouts_of_one_name_wait_for_each_other(world: World) -> None:
    under_way: set[int] = set()
    most = 0

    async def deploy(number: int) -> None:
        async def count(step: str, _sentence: str) -> None:
            nonlocal most
            under_way.add(number)
            most = max(most, len(under_way))
            if step == "switch":
                under_way.discard(number)

        await world.runtime.deploy(world.rollout(world.version(str(number))), count)

    await asyncio.gather(*(deploy(number) for number in range(3)))
    assert most == 1
    assert len(await world.runtime.list()) == 1


async def test_a_program_that_ends_at_once_tells_its_exit_status(world: World) -> None:
    with pytest.raises(RolloutFailed, match=r"exit status \d"):
        await world.runtime.deploy(world.rollout(world.version("one"), "fail"), unheard)
    assert await world.runtime.get(world.name) is None
    assert await world.runtime.list() == []


@pytest.mark.needs("speech")
async def test_a_program_that_ends_at_once_tells_its_last_words(world: World) -> None:
    with pytest.raises(RolloutFailed, match=r"exit status 3 .*: no database here$") as caught:
        await world.runtime.deploy(world.rollout(world.version("one"), "fail"), unheard)
    assert "before the end\nno database here" in caught.value.log


@pytest.mark.needs("words")
async def test_what_a_failed_program_said_is_kept(world: World) -> None:
    with pytest.raises(RolloutFailed):
        await world.runtime.deploy(world.rollout(world.version("one"), "fail"), unheard)
    assert "no database here" in await world.runtime.logs(world.name)


async def test_a_program_that_never_gets_healthy_fails_after_the_time_it_was_given(world: World) -> None:
    with pytest.raises(RolloutFailed, match=r"not healthy within 1 s: "):
        await world.runtime.deploy(world.rollout(world.version("one"), "hang", health_timeout_seconds=1.0), unheard)
    assert await world.runtime.list() == []


@pytest.mark.needs("speech")
async def test_a_program_that_answers_with_an_error_is_not_healthy(world: World) -> None:
    with pytest.raises(RolloutFailed, match=r"not healthy within 0\.5 s: "):
        await world.runtime.deploy(world.rollout(world.version("one"), "sick", health_timeout_seconds=0.5), unheard)


async def test_a_failed_rollout_leaves_the_old_version_answering(world: World) -> None:
    good = await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    pid = await world.ask(world.name, "/pid")
    with pytest.raises(RolloutFailed):
        await world.runtime.deploy(world.rollout(world.version("two"), "fail"), unheard)

    async def as_before() -> bool:
        return await world.runtime.get(world.name) == good

    await eventually(as_before)
    assert await world.ask(world.name, "/pid") == pid


@pytest.mark.parametrize("name", ["", "Task", "../etc", "a/b", "a.b", "-a", "a" * 64, "a\0b", "a\n"])
async def test_a_name_that_could_lead_elsewhere_is_refused(world: World, name: str) -> None:
    wanted = world.rollout(world.version("one"))
    with pytest.raises(Invalid):
        await world.runtime.deploy(type(wanted)(name, wanted.repository, wanted.commit), unheard)
    with pytest.raises(Invalid):
        await world.runtime.remove(name)


@pytest.mark.parametrize(
    "settings",
    [{"memory_limit": "plenty"}, {"health_path": "no-slash"}, {"health_path": "/a b\r\nX: y"}],
)
async def test_settings_that_cannot_be_read_are_refused_before_anything_happens(
    world: World, settings: dict[str, str]
) -> None:
    with pytest.raises(RolloutFailed):
        await world.runtime.deploy(world.rollout(world.version("one"), **settings), unheard)
    assert await world.runtime.list() == []


async def test_progress_that_objects_at_any_step_stops_the_rollout_as_if_it_had_never_begun(world: World) -> None:
    good = await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    told: list[str] = []

    async def object_at_something_new(step: str, _sentence: str) -> None:
        if step not in told:
            told.append(step)
            raise AiWorkerError("no longer wanted", code="test")

    async def as_before() -> bool:
        return await world.runtime.get(world.name) == good and (await world.ask(world.name))[1] == "one"

    while "switch" not in told:
        with pytest.raises(AiWorkerError, match="no longer wanted"):
            await world.runtime.deploy(world.rollout(world.version("two")), object_at_something_new)
        await eventually(as_before)


async def test_a_cancelled_rollout_leaves_the_old_version_answering(world: World) -> None:
    good = await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    reached = asyncio.Event()

    async def listen(step: str, _sentence: str) -> None:
        if step == "health":
            reached.set()

    rolling = asyncio.create_task(world.runtime.deploy(world.rollout(world.version("two"), "hang"), listen))
    await reached.wait()
    rolling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await rolling

    async def as_before() -> bool:
        return await world.runtime.get(world.name) == good

    await eventually(as_before)
    assert (await world.ask(world.name))[1] == "one"


@pytest.mark.needs("speech")
async def test_a_program_that_crashes_is_started_again(world: World) -> None:
    await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    pid = (await world.ask(world.name, "/pid"))[1]
    with pytest.raises(RemoteProtocolError):
        await world.ask(world.name, "/die")

    async def another_answers() -> bool:
        instance = await world.runtime.get(world.name)
        return instance is not None and instance.health == "healthy" and (await world.ask(world.name, "/pid"))[1] != pid

    await eventually(another_answers)


@pytest.mark.needs("commands")
async def test_a_setup_command_is_a_step_of_its_own(world: LocalWorld) -> None:
    steps: list[str] = []

    async def listen(step: str, _sentence: str) -> None:
        steps.append(step)

    commit = world.version("one")
    await world.runtime.deploy(world.rollout(commit, setup_command=f"{PYTHON} -c pass"), listen)
    assert steps == ["checkout", "setup", "start", "health", "switch"]


@pytest.mark.needs("commands")
async def test_the_same_rollout_again_writes_no_files(world: LocalWorld) -> None:
    for _ in range(2):
        await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    assert world.sources.exports == 1


@pytest.mark.needs("commands")
async def test_a_program_that_never_listens_tells_the_port(world: LocalWorld) -> None:
    with pytest.raises(RolloutFailed, match=r"not healthy within 0\.3 s: nothing listens on port"):
        await world.runtime.deploy(world.rollout(world.version("one"), "hang", health_timeout_seconds=0.3), unheard)


@pytest.mark.needs("commands")
async def test_a_program_whose_start_page_is_missing_is_healthy(world: LocalWorld) -> None:
    commit = world.sources.commit({"empty/keep": ""})
    command = f"{PYTHON} -m http.server $PORT --bind $HOST --directory empty"
    wanted = world.rollout(commit, start_command=command, health_path="/nothing")
    assert (await world.runtime.deploy(wanted, unheard)).health == "healthy"


@pytest.mark.needs("commands")
async def test_a_setup_command_that_fails_tells_its_exit_status_and_its_last_words(world: LocalWorld) -> None:
    wanted = world.rollout(world.version("one"), setup_command=f"{PYTHON} app.py fail")
    with pytest.raises(RolloutFailed, match=r"setup command ended with exit status 3\. .*: no database here"):
        await world.runtime.deploy(wanted, unheard)


@pytest.mark.needs("commands")
async def test_what_the_setup_command_makes_is_there_for_the_program(world: LocalWorld) -> None:
    files = webapp("one") | {"build.py": "open('app.py', 'a').write('#'); open('built', 'w')"}
    command = f"sh -c 'test -e built && exec {PYTHON} app.py'"
    wanted = world.rollout(world.sources.commit(files), setup_command=f"{PYTHON} build.py", start_command=command)
    await world.runtime.deploy(wanted, unheard)
    assert (await world.ask(world.name))[1] == "one"


@pytest.mark.needs("commands")
async def test_a_setup_that_is_cancelled_leaves_the_old_version_answering(world: LocalWorld) -> None:
    good = await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    reached = asyncio.Event()

    async def listen(step: str, _sentence: str) -> None:
        if step == "setup":
            reached.set()

    wanted = world.rollout(world.version("two"), setup_command=f"{PYTHON} app.py hang")
    rolling = asyncio.create_task(world.runtime.deploy(wanted, listen))
    await reached.wait()
    rolling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await rolling
    assert await world.runtime.get(world.name) == good


@pytest.mark.needs("commands")
async def test_a_commit_that_is_not_there_is_not_found(world: LocalWorld) -> None:
    with pytest.raises(NotFound):
        await world.runtime.deploy(world.rollout("f" * 40), unheard)
    assert await world.runtime.list() == []


@pytest.mark.needs("commands")
@pytest.mark.parametrize(
    "settings",
    [
        {"start_command": "'unclosed"},
        {"start_command": "npm install && npm start"},
        {"setup_command": "CI=1 npm install"},
    ],
)
async def test_commands_that_cannot_be_read_are_refused_before_anything_happens(
    world: LocalWorld, settings: dict[str, str]
) -> None:
    with pytest.raises(RolloutFailed):
        await world.runtime.deploy(world.rollout(world.version("one"), **settings), unheard)
    assert world.sources.exports == 0
