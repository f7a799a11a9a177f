"""kill -9 of the whole server before and after every step of every pipeline; the next server ends in the same state."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from aiworker.cli.client import Server
from aiworker.cli.demo.sample import NEW_MARKER, OLD_MARKER
from aiworker.cli.demo.server import DemoServer
from aiworker.core.errors import Unavailable
from aiworker.delivery.pipelines import merge, previews, production, rollback, staging
from aiworker.engine.steps import Step
from tests.support.story import TASK, api_of, approve_a_task, page_of, settled, ship, until

# One of each pipeline, right after it has changed the world; everywhere else it is tried by `make soak`.
TRIED_EACH_TIME = {
    "merge.group:after:merge",
    "deploy.staging:after:roll-out",
    "deploy.production:after:merge",
    "deploy.rollback:after:revert",
    "deploy.preview:after:roll-out",
}


def points(robot_type: str, steps: Sequence[Step[Any]]) -> list[ParameterSet]:
    """Before and after each step."""
    names = [f"{robot_type}:{when}:{step.name}" for step in steps for when in ("before", "after")]
    return [pytest.param(name, marks=[] if name in TRIED_EACH_TIME else [pytest.mark.soak]) for name in names]


TO_STAGING = points("merge.group", merge.STEPS) + points("deploy.staging", staging.STEPS)
TO_PRODUCTION = points("deploy.production", production.STEPS) + points("cleanup.preview", previews.CLEANUP_STEPS)
BACK = points("deploy.rollback", rollback.STEPS)
PREVIEW = points("deploy.preview", previews.DEPLOY_STEPS)


@pytest.fixture(scope="session")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose home holds an approved task."""
    folder = tmp_path_factory.mktemp("approved")
    asyncio.run(approve_a_task(folder))
    return folder


@pytest.fixture(scope="session")
def staged(tmp_path_factory: pytest.TempPathFactory, approved: Path) -> Path:
    return _further(tmp_path_factory, approved, "staged", "staging")


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory, staged: Path) -> Path:
    return _further(tmp_path_factory, staged, "live", "production")


def _further(factory: pytest.TempPathFactory, earlier: Path, name: str, status: str) -> Path:
    folder = _copy(earlier, factory.mktemp(name))

    async def go() -> None:
        async with DemoServer(folder) as server:
            with api_of(server) as api:
                group = ship(api) if status == "staging" else api.post("task-groups", "1", "promote")
                assert (await settled(api, group["id"])).status == status

    asyncio.run(go())
    return folder


def _copy(source: Path, target: Path) -> Path:
    shutil.copytree(source / "home", target / "home", symlinks=True)
    return target


@asynccontextmanager
async def killed_once(folder: Path, point: str, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator["Mortal"]:
    marker = folder / "killed"
    monkeypatch.setenv("AIWORKER_FAULT", f"{point}={marker}")
    mortal = Mortal(folder, marker)
    await mortal.start()
    try:
        yield mortal
    finally:
        await mortal.stop()
    assert marker.exists(), f"the server never came to {point}"


class Mortal:
    """A server that is killed at one point, and started again when it is."""

    def __init__(self, folder: Path, marker: Path) -> None:
        self.folder = folder
        self.marker = marker
        self._open = AsyncExitStack()

    async def start(self) -> None:
        self.server = await self._open.enter_async_context(DemoServer(self.folder))
        self.api = self._open.enter_context(api_of(self.server))

    async def stop(self) -> None:
        await self._open.aclose()

    async def reborn(self) -> None:
        """Once the fault has struck: the process is dead, the next one runs."""
        await until(self.marker.exists, what="the fault has struck")
        await self.server.wait()
        await self.start()


async def command(mortal: Mortal, *path: str) -> None:
    """Give a command; it may be killed before it can answer."""
    try:
        await asyncio.to_thread(mortal.api.post, *path)
    except Unavailable:
        assert mortal.marker.exists()


@pytest.mark.parametrize("point", TO_STAGING)
async def test_a_release_comes_to_staging_whole(
    point: str, approved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _copy(approved, tmp_path)
    async with killed_once(tmp_path, point, monkeypatch) as mortal:
        try:
            ship(mortal.api)
        except Unavailable:
            assert mortal.marker.exists()
        await mortal.reborn()
        group = (await until(lambda: mortal.api.get("task-groups"), what="the release"))[0]
        end = await settled(mortal.api, group["id"])
        assert (end.status, end.error) == ("staging", None)
        assert mortal.api.get("tasks", TASK)["state"] == "staging"
        status, page = await page_of(mortal.server, "staging")
        assert (status, NEW_MARKER in page) == (200, True)
        _holds_once(tmp_path, mortal.api, "staging", "staging")
        _left_no_scratch_branches(tmp_path)


@pytest.mark.parametrize("point", TO_PRODUCTION)
async def test_a_release_comes_to_production_whole(
    point: str, staged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _copy(staged, tmp_path)
    async with killed_once(tmp_path, point, monkeypatch) as mortal:
        await command(mortal, "task-groups", "1", "promote")
        await mortal.reborn()
        end = await settled(mortal.api, mortal.api.get("task-groups", "1")["id"])
        assert (end.status, end.error) == ("production", None)
        assert mortal.api.get("tasks", TASK)["state"] == "production"
        status, page = await page_of(mortal.server, "production")
        assert (status, NEW_MARKER in page) == (200, True)
        _holds_once(tmp_path, mortal.api, "main", "production")
        assert _git(tmp_path, "tag", "--list") == "release-1"
        _left_no_scratch_branches(tmp_path)
        await until(lambda: mortal.api.get("tasks", TASK)["previewUrl"] is None, what="the preview has ended")


@pytest.mark.parametrize("point", BACK)
async def test_a_rollback_ends_where_it_began(
    point: str, live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _copy(live, tmp_path)
    async with killed_once(tmp_path, point, monkeypatch) as mortal:
        await command(mortal, "task-groups", "1", "rollback")
        await mortal.reborn()
        end = await settled(mortal.api, mortal.api.get("task-groups", "1")["id"])
        assert (end.status, end.error) == ("rolled_back", None)
        assert mortal.api.get("tasks", TASK)["state"] == "approved"
        for environment in ("production", "staging"):
            status, page = await page_of(mortal.server, environment)
            assert (status, OLD_MARKER in page, NEW_MARKER in page) == (200, True, False)
        for branch in ("main", "staging"):
            reverts = _git(tmp_path, "log", "--format=%s", "--grep=^Revert", branch)
            assert reverts.splitlines() == ["Revert release 1"]
        _left_no_scratch_branches(tmp_path)


@pytest.mark.parametrize("point", PREVIEW)
async def test_a_preview_comes_up_all_the_same(
    point: str, approved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _copy(approved, tmp_path)
    async with killed_once(tmp_path, point, monkeypatch) as mortal:
        await command(mortal, "tasks", TASK, "preview")
        await mortal.reborn()
        await until(lambda: mortal.api.get("tasks", TASK)["previewStatus"] == "running", what="the preview runs")


def _holds_once(folder: Path, api: Server, branch: str, state: str) -> None:
    """One commit of the task on the branch, one roll-out that succeeded, one move on the timeline."""
    commits = _git(folder, "log", "--format=%s", f"--grep=^Task: {TASK}$", branch).splitlines()
    assert len(commits) == 1, commits
    rollouts = [page for page in api.get("deployments", environment=state) if page["status"] == "completed"]
    assert len(rollouts) == 1
    moves = [entry for entry in api.get("tasks", TASK, "timeline") if entry["toState"] == state]
    assert len(moves) == 1


def _left_no_scratch_branches(folder: Path) -> None:
    assert not [name for name in _git(folder, "branch", "--format=%(refname:short)").splitlines() if "release" in name]


def _git(folder: Path, *arguments: str) -> str:
    repository = folder / "home" / "repositories" / "shop.git"
    done = subprocess.run(["git", "--git-dir", repository, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
