"""Instances without a program."""

import pytest

from aiworker.delivery.ports.runtime import Folder, RolloutFailed, Waiting
from tests.integration.runtime.conftest import Machine
from tests.support.runtimes import rollout, unheard
from tests.support.webapp import PYTHON


async def test_without_a_start_command_the_files_are_served(machine: Machine) -> None:
    commit = machine.sources.commit({"site/index.html": "hello"})
    instance = await machine.runtime.deploy(rollout(commit, start_command=None, static_root="site"), unheard)
    target = machine.runtime.target("task-shop-1")
    assert instance.health == "healthy"
    assert isinstance(target, Folder)
    assert (target.root / "index.html").read_text() == "hello"


async def test_what_the_setup_command_builds_can_be_served(machine: Machine) -> None:
    build = "import os; os.mkdir('dist'); open('dist/index.html', 'w').write('built')"
    commit = machine.sources.commit({"build.py": build})
    wanted = rollout(commit, setup_command=f"{PYTHON} build.py", start_command=None, static_root="dist")
    await machine.runtime.deploy(wanted, unheard)
    target = machine.runtime.target("task-shop-1")
    assert isinstance(target, Folder)
    assert (target.root / "index.html").read_text() == "built"


@pytest.mark.parametrize("static_root", ["..", "../../..", "/etc", "link", "missing", "index.html"])
async def test_a_static_root_that_is_no_folder_of_the_checkout_is_refused(machine: Machine, static_root: str) -> None:
    commit = machine.sources.commit({"index.html": "hello"})
    (machine.sources.folder(commit) / "link").symlink_to("/etc")
    with pytest.raises(RolloutFailed, match="static root"):
        await machine.runtime.deploy(rollout(commit, start_command=None, static_root=static_root), unheard)
    assert isinstance(machine.runtime.target("task-shop-1"), Waiting)


async def test_files_take_over_from_a_program_and_back(machine: Machine) -> None:
    commit = machine.sources.commit({"index.html": "hello"})
    serve = f"{PYTHON} -m http.server $PORT --bind $HOST"
    await machine.runtime.deploy(rollout(commit, start_command=serve), unheard)
    await machine.runtime.deploy(rollout(commit, start_command=None), unheard)
    assert isinstance(machine.runtime.target("task-shop-1"), Folder)
    await machine.runtime.deploy(rollout(commit, start_command=serve), unheard)
    assert await machine.ask() == "hello"
