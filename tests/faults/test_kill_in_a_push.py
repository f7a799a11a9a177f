"""kill -9 of the server after git has taken a push and before the board knows of it."""

import asyncio
import shutil
from pathlib import Path

import pytest

from aiworker.cli.demo.server import DemoServer
from tests.support.checkouts import Checkout, run_git
from tests.support.story import TASK, api_of, approve_a_task, until

pytestmark = pytest.mark.soak


async def test_a_push_that_killed_the_server_takes_the_approval_back_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "before").mkdir()
    await approve_a_task(tmp_path / "before")
    shutil.copytree(tmp_path / "before/home", tmp_path / "home", symlinks=True)
    marker = tmp_path / "killed"
    monkeypatch.setenv("AIWORKER_FAULT", f"git.pushed={marker}")
    async with DemoServer(tmp_path) as server:
        with api_of(server) as api:
            branch = api.get("tasks", TASK)["branchName"]
        address = f"{server.url}/git/shop.git".replace("://", f"://ada:{server.admin_key}@")
        await asyncio.to_thread(run_git, tmp_path, "clone", "--quiet", "-b", branch, address, "clone", check=True)
        clone = Checkout(tmp_path / "clone", made=True)
        commit = clone.commit("After the approval", later__txt="later\n")
        await asyncio.to_thread(run_git, clone.path, "push", "--quiet", "origin", f"HEAD:{branch}")
        await until(marker.exists, what="the fault has struck")
        await server.wait()
    async with DemoServer(tmp_path) as server:
        with api_of(server) as api:
            task = await until(lambda: _looked_at(api.get("tasks", TASK)), what="the push is known")
            assert (task["headCommit"], task["approvedCommit"]) == (commit, None)


def _looked_at(task: dict[str, object]) -> dict[str, object] | None:
    return task if task["state"] == "ready_to_test" else None
