"""Several processes share the folder: one keeps the programs, others see them, the next takes over."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiworker.adapters.runtime import LocalRuntime, LocalRuntimeView, Turn
from aiworker.core.errors import Conflict, Unavailable
from aiworker.delivery.ports.runtime import Folder, Listening, Rollout, Waiting
from tests.integration.runtime.conftest import Machine
from tests.support.runtimes import VAULT, ask, local_runtime, restored, rollout, unheard
from tests.support.webapp import webapp

NAME = "task-shop-1"


@pytest.fixture
async def heir(machine: Machine) -> AsyncIterator[LocalRuntime]:
    runtime = local_runtime(machine.root, machine.sources)
    yield runtime
    await runtime.stop()


@pytest.fixture
def turn(machine: Machine) -> Turn:
    taken = Turn(machine.root)
    taken.take()
    return taken


@pytest.fixture
def view(machine: Machine) -> LocalRuntimeView:
    return LocalRuntimeView(machine.root, lambda name: f"http://{name}.preview.localhost:3000", vault=VAULT)


async def test_a_program_that_is_handed_over_runs_on_and_is_adopted(machine: Machine, heir: LocalRuntime) -> None:
    await machine.runtime.deploy(rollout(machine.sources.commit(webapp("one"))), unheard)
    pid = await machine.ask("/pid")
    await machine.runtime.stop(hand_over=True)
    await restored(heir)
    assert (await ask(heir, NAME, "/pid"))[1] == pid


async def test_one_process_has_the_turn_and_the_next_gets_it_when_it_is_given_up(tmp_path: Path) -> None:
    keeper, other = Turn(tmp_path), Turn(tmp_path)
    keeper.take()
    with pytest.raises(Conflict, match="Another process keeps the programs"):
        other.take()
    keeper.give_up()
    other.take()


async def test_whoever_has_the_turn_knows_whether_somebody_waits(tmp_path: Path) -> None:
    keeper, others = Turn(tmp_path), [Turn(tmp_path), Turn(tmp_path)]
    keeper.take()
    assert not keeper.somebody_waits()
    for other in others:
        other.wait_in_line()
    assert keeper.somebody_waits()
    for other in others:
        other.leave_line()
    assert not keeper.somebody_waits()


@pytest.mark.usefixtures("turn")
async def test_another_process_sees_where_a_program_answers(machine: Machine, view: LocalRuntimeView) -> None:
    deployed = await machine.runtime.deploy(rollout(machine.sources.commit(webapp("one"))), unheard)
    assert isinstance(view.target(NAME), Listening)
    assert "one" in (await ask(view, NAME))[1]
    assert await view.get(NAME) == deployed
    assert await view.list() == [deployed]
    assert await view.logs(NAME) == await machine.runtime.logs(NAME)


@pytest.mark.usefixtures("turn")
async def test_it_sees_a_new_version_at_once_and_what_is_removed_no_more(
    machine: Machine, view: LocalRuntimeView
) -> None:
    await machine.runtime.deploy(rollout(machine.sources.commit(webapp("one"))), unheard)
    assert "one" in (await ask(view, NAME))[1]
    await machine.runtime.deploy(rollout(machine.sources.commit(webapp("two"))), unheard)
    assert "two" in (await ask(view, NAME))[1]
    await machine.runtime.remove(NAME)
    assert view.target(NAME) is None
    assert await view.get(NAME) is None


@pytest.mark.usefixtures("turn")
async def test_it_sees_files_as_files(machine: Machine, view: LocalRuntimeView) -> None:
    commit = machine.sources.commit({"index.html": "hello"})
    await machine.runtime.deploy(rollout(commit, start_command=None), unheard)
    target = view.target(NAME)
    assert isinstance(target, Folder)
    assert (target.root / "index.html").read_text() == "hello"


async def test_programs_of_another_machine_are_not_looked_for_on_this_one(
    machine: Machine, view: LocalRuntimeView
) -> None:
    await machine.runtime.deploy(rollout(machine.sources.commit(webapp("one"))), unheard)
    (machine.root / ".keeper.json").write_text('{"machine": "elsewhere"}')
    assert view.target(NAME) == Waiting("stopped", "It runs on another machine, which this server cannot reach.")


@pytest.mark.usefixtures("machine")
async def test_rolling_out_is_left_to_the_keeper(view: LocalRuntimeView) -> None:
    with pytest.raises(Unavailable, match="kept by the worker"):
        await view.deploy(Rollout(NAME, "shop", "0" * 40), unheard)
    with pytest.raises(Unavailable, match="kept by the worker"):
        await view.remove(NAME)


async def test_a_record_that_is_damaged_or_has_a_strange_name_is_nothing(
    machine: Machine, view: LocalRuntimeView
) -> None:
    (machine.root / NAME).mkdir()
    (machine.root / NAME / "instance.json").write_text("{")
    assert view.target(NAME) is None
    assert view.target("../etc") is None
    assert await view.logs("../etc") == ""
