"""What the local runtime does with programs that misbehave."""

import json
import os
import signal
import socket
from dataclasses import replace

import psutil
import pytest

from aiworker.adapters.runtime import LocalRuntime
from aiworker.core.errors import Unavailable
from aiworker.delivery.ports.runtime import Listening, RolloutFailed, Waiting
from tests.integration.runtime.conftest import Machine
from tests.support.keeper import free_port
from tests.support.runtimes import QUICK, VAULT, ask, local_runtime, rollout, unheard
from tests.support.waiting import eventually
from tests.support.webapp import PYTHON, webapp


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def stopped(machine: Machine) -> bool:
    target = machine.runtime.target("task-shop-1")
    return isinstance(target, Waiting) and target.health == "stopped"


async def test_a_program_that_keeps_crashing_stays_down_and_says_why(machine: Machine) -> None:
    commit = machine.sources.commit(webapp("one"))
    await machine.runtime.deploy(rollout(commit, "fail-second-time"), unheard)
    assert await machine.answer("/die") is None

    await eventually(lambda: stopped(machine))
    instance = await machine.runtime.get("task-shop-1")
    assert instance is not None
    assert instance.health == "stopped"
    assert instance.error is not None
    assert "exit status 4" in instance.error
    assert "4 times in a row" in instance.error
    log = await machine.runtime.logs("task-shop-1")
    assert "[aiworker] The program ended with exit status 7, and is started again." in log


async def test_a_program_that_stays_down_can_be_deployed_again(machine: Machine) -> None:
    commit = machine.sources.commit(webapp("one"))
    await machine.runtime.deploy(rollout(commit, "fail-second-time"), unheard)
    assert await machine.answer("/die") is None
    await eventually(lambda: stopped(machine))
    await machine.runtime.deploy(rollout(commit), unheard)
    assert await machine.ask() == "one"


async def test_a_program_that_takes_too_much_memory_is_ended_and_started_again(machine: Machine) -> None:
    commit = machine.sources.commit(webapp("one"))
    await machine.runtime.deploy(rollout(commit, memory_limit="100Mi"), unheard)
    pid = int(await machine.ask("/pid"))
    await machine.answer("/eat")
    await eventually(lambda: gone(pid))
    await eventually(machine.answer)
    assert "more than its limit of 100 MiB" in await machine.runtime.logs("task-shop-1")


async def test_the_memory_of_its_children_counts(machine: Machine) -> None:
    hog = f"{PYTHON} -c 'kept = b\"x\" * 200_000_000; import time; time.sleep(600)'"
    commit = machine.sources.commit(webapp("one") | {"start": f"{hog} &\nexec {PYTHON} app.py hang"})
    with pytest.raises(RolloutFailed, match="more than its limit of 100 MiB"):
        await machine.runtime.deploy(rollout(commit, start_command="sh start", memory_limit="100Mi"), unheard)


@pytest.mark.parametrize("path", ["/child", "/daemon"])
async def test_what_a_program_left_behind_ends_with_it(machine: Machine, path: str) -> None:
    await machine.runtime.deploy(rollout(machine.sources.commit(webapp("one"))), unheard)
    left = int(await machine.ask(path))
    assert not gone(left)
    await machine.runtime.remove("task-shop-1")
    assert gone(left)
    assert not (machine.root / "task-shop-1").exists()


async def test_a_program_that_does_not_want_to_end_is_ended(machine: Machine) -> None:
    runtime = local_runtime(machine.root / "other", machine.sources, patience=replace(QUICK, grace=0.1))
    await runtime.start()
    await runtime.deploy(rollout(machine.sources.commit(webapp("one")), "stubborn"), unheard)
    pid = int((await ask(runtime, "task-shop-1", "/pid"))[1])
    await runtime.stop()
    assert gone(pid)


async def test_a_setup_command_that_does_not_end_is_ended(machine: Machine) -> None:
    runtime = local_runtime(machine.root / "other", machine.sources, patience=replace(QUICK, setup=0.2))
    await runtime.start()
    commit = machine.sources.commit(webapp("one"))
    with pytest.raises(RolloutFailed, match=r"setup command did not end within 0\.2 s"):
        await runtime.deploy(rollout(commit, setup_command=f"{PYTHON} app.py hang"), unheard)
    await runtime.stop()
    assert not [each for each in psutil.process_iter(["cmdline"]) if str(machine.root) in str(each.info)]


async def test_a_program_that_leaves_the_foreground_is_told_to_stay(machine: Machine) -> None:
    commit = machine.sources.commit(webapp("one"))
    with pytest.raises(RolloutFailed, match=r"exit status 0 .* should stay in the foreground"):
        await machine.runtime.deploy(rollout(commit, "background"), unheard)


async def test_a_program_that_listens_elsewhere_is_told_where_it_should(machine: Machine) -> None:
    port = free_port()
    commit = machine.sources.commit(webapp("one"))
    with pytest.raises(RolloutFailed, match=rf"it listens on 127\.0\.0\.1 port {port}, but should"):
        await machine.runtime.deploy(rollout(commit, f"port {port}", health_timeout_seconds=3.0), unheard)


async def test_a_port_that_another_program_took_first_is_left_to_it(machine: Machine) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken, left = other.getsockname()[1], free_port()
        ports = iter((taken, left))
        runtime = LocalRuntime(
            machine.root / "other",
            machine.sources,
            str,
            vault=VAULT,
            patience=QUICK,
            choose_port=lambda: next(ports),
        )
        await runtime.start()
        await runtime.deploy(rollout(machine.sources.commit(webapp("one"))), unheard)
        assert runtime.target("task-shop-1") == Listening(left)
        await runtime.stop()


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("no-such-program-here", "`no-such-program-here` was not found"),
        ("./app.py", r"`\./app\.py` may not be executed"),
    ],
)
async def test_a_program_that_cannot_be_started_says_why(machine: Machine, command: str, sentence: str) -> None:
    commit = machine.sources.commit(webapp("one"))
    with pytest.raises(RolloutFailed, match=sentence):
        await machine.runtime.deploy(rollout(commit, start_command=command), unheard)


async def test_a_program_gets_a_clean_environment(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "the server's own")
    commit = machine.sources.commit(webapp("one"))
    await machine.runtime.deploy(rollout(commit, env={"COLOUR": "red", "PORT": "1"}), unheard)
    env = json.loads(await machine.ask("/env"))
    target = machine.runtime.target("task-shop-1")
    assert isinstance(target, Listening)
    assert set(env) - {"LC_CTYPE"} == {"PATH", "LANG", "HOME", "TMPDIR", "COLOUR", "PORT", "HOST", "AIWORKER_RUN"}
    assert (env["PORT"], env["HOST"], env["COLOUR"]) == (str(target.port), "127.0.0.1", "red")
    assert env["HOME"].startswith(str(machine.root / "task-shop-1"))


async def test_a_program_runs_in_a_session_of_its_own_and_behind_the_server(machine: Machine) -> None:
    await machine.runtime.deploy(rollout(machine.sources.commit(webapp("one"))), unheard)
    pid = int(await machine.ask("/pid"))
    assert os.getsid(pid) == pid
    assert os.getpriority(os.PRIO_PROCESS, pid) >= 10


async def test_a_program_is_asked_under_its_own_host_name(machine: Machine) -> None:
    script = "import http.server, os, sys\n" + (
        "class Handler(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        print('asked for', self.headers['host'], flush=True)\n"
        "        self.send_response(204); self.end_headers()\n"
        "http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler).serve_forever()\n"
    )
    commit = machine.sources.commit({"server.py": script})
    await machine.runtime.deploy(rollout(commit, start_command=f"{PYTHON} server.py"), unheard)
    assert "asked for task-shop-1.preview.localhost:3000" in await machine.runtime.logs("task-shop-1")


async def test_old_releases_leave_the_disk(machine: Machine) -> None:
    for version in ("one", "two", "three"):
        await machine.runtime.deploy(rollout(machine.sources.commit(webapp(version))), unheard)
    with pytest.raises(RolloutFailed):
        await machine.runtime.deploy(rollout(machine.sources.commit(webapp("four")), "fail"), unheard)
    assert len(list((machine.root / "task-shop-1" / "releases").iterdir())) == 1


async def test_a_runtime_that_is_stopped_ends_its_programs_and_takes_no_more(machine: Machine) -> None:
    commit = machine.sources.commit(webapp("one"))
    await machine.runtime.deploy(rollout(commit), unheard)
    pid = int(await machine.ask("/pid"))
    await machine.runtime.stop()
    assert gone(pid)
    with pytest.raises(Unavailable):
        await machine.runtime.deploy(rollout(commit), unheard)


async def test_a_program_that_is_killed_from_outside_comes_back(machine: Machine) -> None:
    await machine.runtime.deploy(rollout(machine.sources.commit(webapp("one"))), unheard)
    pid = int(await machine.ask("/pid"))
    os.kill(pid, signal.SIGKILL)

    await eventually(lambda: gone(pid))
    assert await eventually(lambda: machine.answer("/pid")) != str(pid)


async def test_output_without_end_does_not_fill_the_disk(machine: Machine) -> None:
    await machine.runtime.deploy(rollout(machine.sources.commit(webapp("one"))), unheard)
    for _ in range(30):
        await machine.ask("/chatter")
    output = next((machine.root / "task-shop-1" / "releases").glob("*/output"))
    await eventually(lambda: output.stat().st_size < 6_000_000)
    assert sum(file.stat().st_size for file in output.parent.glob("output*")) < 12_000_000
