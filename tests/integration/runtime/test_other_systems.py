"""macOS has no /proc and no control groups: what Linux offers on top is left out, and everything else works."""

import asyncio
import subprocess
import sys
from pathlib import Path, PosixPath
from typing import Any

import pytest

from aiworker.adapters.runtime import Cgroups, Turn, spawn, turn
from aiworker.engine import rescue
from tests.integration.runtime.conftest import Machine
from tests.support.runtimes import ask, local_runtime, restored, rollout, unheard
from tests.support.webapp import webapp


class NoProc(PosixPath):
    """A path on a machine without /proc."""

    def stat(self, **options: Any) -> Any:
        self._refuse()
        return super().stat(**options)

    def write_text(self, *args: Any, **options: Any) -> int:
        self._refuse()
        return super().write_text(*args, **options)

    def read_text(self, *args: Any, **options: Any) -> str:
        self._refuse()
        return super().read_text(*args, **options)

    def exists(self) -> bool:
        return not str(self).startswith("/proc") and super().exists()

    def _refuse(self) -> None:
        if str(self).startswith("/proc"):
            raise FileNotFoundError(str(self))


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (spawn, turn, rescue):
        monkeypatch.setattr(module, "Path", NoProc)


async def test_a_program_runs_is_adopted_and_ends_on_a_machine_without_proc(machine: Machine) -> None:
    name = "task-shop-1"
    commit = machine.sources.commit(webapp("one"))
    await machine.runtime.deploy(rollout(commit), unheard)
    assert await machine.ask() == "one"
    await machine.runtime.stop(hand_over=True)
    heir = local_runtime(machine.root, machine.sources)
    await restored(heir)
    assert await ask(heir, name) == (200, "one")
    await heir.remove(name)
    assert heir.target(name) is None
    await heir.stop()


async def test_the_turn_is_taken_on_a_machine_without_proc_and_kept_when_its_name_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = Turn(tmp_path)
    mine.take()
    assert turn.kept_on(tmp_path) == turn.machine()
    monkeypatch.setattr("aiworker.adapters.runtime.turn.socket.gethostname", lambda: "the-name-in-another-network")
    assert turn.kept_on(tmp_path) == turn.machine()
    mine.give_up()


def test_a_dead_process_is_known_by_its_birth_on_a_machine_without_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not rescue.is_gone(rescue.holder_here())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        monkeypatch.setattr("aiworker.engine.rescue.os.getpid", lambda: process.pid)
        holder = rescue.holder_here()
        assert not rescue.is_gone(holder)
        process.kill()
        process.wait()
        assert rescue.is_gone(holder)


async def test_there_are_no_control_groups_on_a_machine_without_proc(tmp_path: Path) -> None:
    assert await asyncio.to_thread(Cgroups.find, tmp_path, NoProc("/proc/self/cgroup")) is None
