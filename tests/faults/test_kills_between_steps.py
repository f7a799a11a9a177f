"""kill -9 of the whole server before and after every step of every pipeline; the next server ends in the same state."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from sqlalchemy import URL

from aiworker.cli.client import Server
from aiworker.cli.demo.sample import NEW_MARKER, OLD_MARKER
from aiworker.cli.demo.server import DemoServer
from aiworker.core.errors import Unavailable
from aiworker.delivery.pipelines import merge, previews, production, rollback, staging
from aiworker.engine.steps import Step
from tests.support.databases import Backend, copy_of, empty_server_database
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


on_each = pytest.mark.parametrize("backend", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])


@dataclass(frozen=True)
class Stage:
    """A home below `folder` whose server does not run. `database`: where its data is, if not in a file there."""

    folder: Path
    database: URL | None

    @property
    def settings(self) -> Mapping[str, str]:
        return {"DATABASE_URL": self.database.render_as_string(hide_password=False)} if self.database else {}

    def copied(self, folder: Path) -> "Stage":
        shutil.copytree(self.folder / "home", folder / "home", symlinks=True)
        return Stage(folder, copy_of(self.database) if self.database else None)


class Stages:
    """How far the task has come: each is made once, from the one before."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory
        self._made: dict[tuple[str, Backend], Stage] = {}

    async def approved(self, backend: Backend) -> Stage:
        if ("approved", backend) not in self._made:
            database = None if backend == "sqlite" else empty_server_database(backend)
            stage = Stage(self._factory.mktemp("approved"), database)
            await approve_a_task(stage.folder, stage.settings)
            self._made["approved", backend] = stage
        return self._made["approved", backend]

    async def staged(self, backend: Backend) -> Stage:
        return await self._further(await self.approved(backend), "staging", backend)

    async def live(self, backend: Backend) -> Stage:
        return await self._further(await self.staged(backend), "production", backend)

    async def _further(self, earlier: Stage, status: str, backend: Backend) -> Stage:
        if (status, backend) not in self._made:
            stage = earlier.copied(self._factory.mktemp(status))
            async with DemoServer(stage.folder, settings=stage.settings) as server:
                with api_of(server) as api:
                    group = ship(api) if status == "staging" else api.post("task-groups", "1", "promote")
                    assert (await settled(api, group["id"])).status == status
            self._made[status, backend] = stage
        return self._made[status, backend]


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    return Stages(tmp_path_factory)


@asynccontextmanager
async def killed_once(stage: Stage, point: str, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator["Mortal"]:
    marker = stage.folder / "killed"
    monkeypatch.setenv("AIWORKER_FAULT", f"{point}={marker}")
    mortal = Mortal(stage, marker)
    await mortal.start()
    try:
        yield mortal
    finally:
        await mortal.stop()
    assert marker.exists(), f"the server never came to {point}"


class Mortal:
    """A server that is killed at one point, and started again when it is."""

    def __init__(self, stage: Stage, marker: Path) -> None:
        self._stage = stage
        self.marker = marker
        self._open = AsyncExitStack()

    async def start(self) -> None:
        self.server = await self._open.enter_async_context(
            DemoServer(self._stage.folder, settings=self._stage.settings)
        )
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


@on_each
@pytest.mark.parametrize("point", TO_STAGING)
async def test_a_release_comes_to_staging_whole(
    point: str, backend: Backend, stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = (await stages.approved(backend)).copied(tmp_path)
    async with killed_once(stage, point, monkeypatch) as mortal:
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
        await _left_no_scratch_branches(tmp_path)


@on_each
@pytest.mark.parametrize("point", TO_PRODUCTION)
async def test_a_release_comes_to_production_whole(
    point: str, backend: Backend, stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = (await stages.staged(backend)).copied(tmp_path)
    async with killed_once(stage, point, monkeypatch) as mortal:
        await command(mortal, "task-groups", "1", "promote")
        await mortal.reborn()
        end = await settled(mortal.api, mortal.api.get("task-groups", "1")["id"])
        assert (end.status, end.error) == ("production", None)
        assert mortal.api.get("tasks", TASK)["state"] == "production"
        status, page = await page_of(mortal.server, "production")
        assert (status, NEW_MARKER in page) == (200, True)
        _holds_once(tmp_path, mortal.api, "main", "production")
        assert _git(tmp_path, "tag", "--list") == "release-1"
        await _left_no_scratch_branches(tmp_path)
        await until(lambda: mortal.api.get("tasks", TASK)["previewUrl"] is None, what="the preview has ended")


@on_each
@pytest.mark.parametrize("point", BACK)
async def test_a_rollback_ends_where_it_began(
    point: str, backend: Backend, stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = (await stages.live(backend)).copied(tmp_path)
    async with killed_once(stage, point, monkeypatch) as mortal:
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
        await _left_no_scratch_branches(tmp_path)


@on_each
@pytest.mark.parametrize("point", PREVIEW)
async def test_a_preview_comes_up_all_the_same(
    point: str, backend: Backend, stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = (await stages.approved(backend)).copied(tmp_path)
    async with killed_once(stage, point, monkeypatch) as mortal:
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


async def _left_no_scratch_branches(folder: Path) -> None:
    """They are removed beside the deployment that follows, and may be there for a moment more."""
    await until(lambda: "release" not in _git(folder, "branch"), what="the branches of the release are gone")


def _git(folder: Path, *arguments: str) -> str:
    repository = folder / "home" / "repositories" / "shop.git"
    done = subprocess.run(["git", "--git-dir", repository, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
