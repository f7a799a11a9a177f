"""However an attempt ends, nothing of it is left running, and nothing of it is lost."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from aiworker.core.errors import Unavailable
from aiworker.core.ids import new_token
from aiworker.core.processes import lives
from aiworker.delivery.attempts import queries as attempts
from aiworker.delivery.attempts.records import AttemptRecord
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.runner.drivers.command import Command
from aiworker.runner.folders import AttemptFolder
from aiworker.runner.workspace import SetupFailed, Workspace
from aiworker.wire.tasks import TaskState
from aiworker.wire.work import WorkProject
from tests.support.agents import agent
from tests.support.house import ADA, House
from tests.support.runners import COMMIT, at_work, script
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
FILES = {"a.txt": "a"}


async def tried(house: House, task: TaskRecord) -> list[AttemptRecord]:
    return await house.read(attempts.of_task, task.id)


def stubborn(folder: Path) -> str:
    """A program with a child that leaves its process group and its parent; their pids are written down."""
    return f'echo $$ > {folder}/parent; (setsid sh -c "echo \\$\\$ > {folder}/child; sleep 600" &) ; sleep 600'


async def pids(folder: Path) -> list[int]:
    files = [folder / "parent", folder / "child"]
    await eventually(lambda: all(file.exists() and file.read_text().strip() for file in files))
    return [int(file.read_text()) for file in files]


async def all_gone(processes: list[int]) -> None:
    def alive(pid: int) -> bool:
        try:
            return lives(psutil.Process(pid))
        except psutil.NoSuchProcess:
            return False

    await eventually(lambda: not any(map(alive, processes)))


async def test_a_cancelled_task_ends_the_whole_process_tree(house: House, key: str, tmp_path: Path) -> None:
    task = await house.task(await house.project(files=FILES))
    async with at_work(house, key, script(stubborn(tmp_path))) as runner:
        processes = await pids(tmp_path)
        await house.write(house.delivery.tasks.cancel, ADA, task.id, None)
        await runner.done()
    await all_gone(processes)
    assert (await house.look(task)).state is TaskState.CANCELLED
    assert not list(runner.home.rglob("repository"))


async def test_a_runner_that_is_stopped_gives_the_task_back_with_its_commits(
    house: House, key: str, tmp_path: Path
) -> None:
    task = await house.task(await house.project(files=FILES))
    async with at_work(house, key, script(f"{COMMIT}; {stubborn(tmp_path)}")) as runner:
        processes = await pids(tmp_path)
        runner.bell.interrupt()
        runner.bell.interrupt()
        await runner.done()
    await all_gone(processes)
    (attempt,) = await tried(house, task)
    assert (attempt.outcome, attempt.error) == ("released", "The runner was stopped.")
    given_back = await house.look(task)
    assert given_back.state is TaskState.BACKLOG
    assert await house.forge.head("shop", str(given_back.branch_name)) != await house.forge.head("shop", "main")


async def test_the_first_bell_lets_a_task_be_finished_and_takes_no_other(
    house: House, key: str, tmp_path: Path
) -> None:
    project = await house.project(files=FILES)
    task, other = await house.task(project), await house.task(project, "Another")
    wait = f"touch {tmp_path}/there; while [ ! -e {tmp_path}/go ]; do sleep 0.05; done"
    async with at_work(house, key, script(f"{wait}; {COMMIT}"), once=False) as runner:
        await eventually((tmp_path / "there").exists)
        runner.bell.interrupt()
        (tmp_path / "go").touch()
        await runner.done()
    assert (await house.look(task)).state is TaskState.READY_TO_TEST
    assert (await house.look(other)).attempts == 0


async def test_a_runner_that_waits_for_work_stops_at_once(house: House, key: str) -> None:
    await house.project(files=FILES)
    async with at_work(house, key, script("true"), once=False) as runner:
        await eventually((runner.home / "agents").exists)
        runner.bell.terminate(30.0)
        await runner.done(within=20.0)


async def test_a_runner_that_was_killed_goes_on_where_it_was(house: House, key: str, tmp_path: Path) -> None:
    task = await house.task(await house.project(files=FILES))
    home = tmp_path / "home"
    again = f"if [ -e {tmp_path}/parent ]; then {COMMIT}; exit; fi; {stubborn(tmp_path)}"

    async def start() -> asyncio.subprocess.Process:
        command = ("-m", "tests.support.runner_process", house.url, key, str(home), "/bin/sh", "-c", again)
        return await asyncio.create_subprocess_exec(sys.executable, *command, cwd=ROOT, env={**os.environ})

    first = await start()
    processes = await pids(tmp_path)
    (clone,) = home.rglob("repository")
    (clone / "unfinished.txt").write_text("half a thought")
    first.send_signal(signal.SIGKILL)
    await first.wait()
    assert psutil.pid_exists(processes[1])

    second = await start()
    assert await second.wait() == 0
    await all_gone(processes)
    done = await house.look(task)
    assert (done.state, done.attempts) == (TaskState.READY_TO_TEST, 1)
    changed = await house.forge.compare("shop", base="main", head=str(done.branch_name))
    assert changed.ahead == 1
    (attempt,) = await tried(house, task)
    assert (attempt.outcome, attempt.agent_name) == ("completed", "runner-1")


async def test_a_setup_that_fails_fails_the_attempt_and_says_how(house: House, key: str) -> None:
    task = await house.task(await house.project(files=FILES, setup_command="sh -c 'echo no network; exit 7'"))
    async with at_work(house, key, script(COMMIT)) as runner:
        await runner.done()
    (attempt,) = await tried(house, task)
    assert attempt.outcome == "failed"
    assert attempt.error == "The project's setup `sh -c 'echo no network; exit 7'` ended with exit status 7: no network"


async def test_a_setup_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    folder = AttemptFolder(tmp_path / "attempt")
    project = WorkProject.model_construct(
        key="SHOP", clone_url="http://127.0.0.1/git/shop.git", setup_command=stubborn(tmp_path)
    )
    workspace = Workspace(folder, project, "task-shop-1", mirrors=tmp_path, server="http://127.0.0.1")
    workspace.path.mkdir(parents=True)
    with pytest.raises(SetupFailed, match=r"took longer than 0\.05 minutes\.$"):
        await workspace.set_up(lambda _line: None, new_token(), seconds=3.0)
    await all_gone(await pids(tmp_path))


async def test_what_was_parked_and_is_over_is_forgotten(house: House, key: str, tmp_path: Path) -> None:
    task = await house.task(await house.project(files=FILES))
    go, token = tmp_path / "go", tmp_path / "token"
    waits = script(f'echo "$AIWORKER_TOKEN" > {token}; while [ ! -e {go} ]; do sleep 0.02; done')
    async with at_work(house, key, waits) as runner:
        await eventually(lambda: token.exists() and token.read_text().strip())
        async with agent(house.url, token.read_text().strip()) as program:
            await program.call("ask_user_question", question="Which rate?")
        go.touch()
        await runner.done()
    (kept,) = runner.home.rglob("attempt.json")
    await house.write(house.delivery.tasks.cancel, ADA, task.id, None)
    async with at_work(house, key, waits):
        await eventually(lambda: not kept.exists())


async def test_nothing_is_claimed_with_a_program_that_is_not_there(house: House, key: str) -> None:
    task = await house.task(await house.project(files=FILES))
    async with at_work(house, key, Command(["no-such-program-here"])) as runner:
        with pytest.raises(Unavailable, match="no program `no-such-program-here`"):
            await runner.done()
    assert (await house.look(task)).attempts == 0
