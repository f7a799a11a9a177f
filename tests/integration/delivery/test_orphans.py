"""What nobody owns any more is taken away, on every kind of runtime; what somebody owns stays."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from aiworker.adapters.runtime.kubernetes.plan import INSTALLATION, INSTANCE
from aiworker.core.errors import Unavailable
from aiworker.delivery.ports.runtime import Rollout, Runtime
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.storage.transaction import Tx
from aiworker.wire.projects import ProjectChanges, ProjectStatus
from aiworker.wire.tasks import TaskState
from tests.support.kube_worlds import argo_world, kubernetes_world
from tests.support.memory_runtime import MemoryRuntime
from tests.support.runtimes import local_runtime, rollout, unheard
from tests.support.sources import FolderSources
from tests.support.webapp import webapp
from tests.support.workshop import Workshop


class World(Protocol):
    """A runtime, and roll-outs for it."""

    runtime: Runtime

    def rollout(self, commit: str, *, name: str) -> Rollout: ...

    def version(self, text: str) -> str: ...


@dataclass
class PlainWorld:
    """A runtime that takes what the local one takes."""

    runtime: Runtime
    sources: FolderSources

    def rollout(self, commit: str, *, name: str) -> Rollout:
        return rollout(commit, name=name)

    def version(self, text: str) -> str:
        return self.sources.commit(webapp(text))


@pytest.fixture(params=["memory", "local", "kubernetes", "argocd"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[World]:
    sources = FolderSources(tmp_path / "commits")
    async with AsyncExitStack() as stack:
        match request.param:
            case "kubernetes":
                yield await stack.enter_async_context(kubernetes_world(tmp_path))
            case "argocd":
                yield await stack.enter_async_context(argo_world(tmp_path))
            case "local":
                runtime = local_runtime(tmp_path / "runtime", sources)
                await runtime.start()
                stack.push_async_callback(runtime.stop)
                yield PlainWorld(runtime, sources)
            case _:
                yield PlainWorld(MemoryRuntime(), sources)


@pytest.fixture
async def workshop(world: World, tmp_path: Path) -> AsyncGenerator[Workshop]:
    made = Workshop(tmp_path, runtime=world.runtime)
    await made.open()
    yield made
    await made.database.close()


async def unheard_of(_sentence: str) -> None:
    pass


async def up(world: World, *names: str) -> None:
    for name in names:
        await world.runtime.deploy(world.rollout(world.version("one"), name=name), unheard)


def with_preview(tx: Tx, task: TaskRecord, state: TaskState = TaskState.READY_TO_TEST, **more: object) -> None:
    """As if it had been put up, and as if the robot that should have removed it had given up."""
    values = {"preview_url": "http://somewhere.test", "preview_status": "running", "state": state, **more}
    board.change(tx, board.lock(tx, task.id), **values)


async def test_a_preview_goes_with_its_task_its_end_or_its_row(world: World, workshop: Workshop) -> None:
    project = await workshop.project()
    tasks = [await workshop.task(project) for _ in range(4)]
    await workshop.write(with_preview, tasks[0])
    await workshop.write(with_preview, tasks[1], TaskState.CANCELLED)
    await workshop.write(with_preview, tasks[2], TaskState.PRODUCTION)
    await up(world, *(task.instance for task in tasks), "task-shop-99")

    swept = await workshop.delivery.orphans.sweep(unheard_of)

    assert sorted(swept.removed) == ["task-shop-2", "task-shop-3", "task-shop-4", "task-shop-99"]
    assert await world.runtime.names() == ["task-shop-1"]
    shown = [(await workshop.look(task)).preview_url for task in tasks]
    assert shown == ["http://somewhere.test", None, None, None]
    assert (await workshop.delivery.orphans.sweep(unheard_of)).removed == []


async def test_a_preview_that_somebody_ended_goes_when_the_robot_has_given_it_up(
    world: World, workshop: Workshop
) -> None:
    task = await workshop.task(await workshop.project())
    await workshop.write(with_preview, task, preview_status="ending")
    await up(world, task.instance)
    assert (await workshop.delivery.orphans.sweep(unheard_of)).removed == []

    workshop.clock.pass_seconds(3_601)

    assert (await workshop.delivery.orphans.sweep(unheard_of)).removed == [task.instance]
    assert (await workshop.look(task)).preview_status is None


async def test_staging_and_production_stay_with_their_project_and_on_a_cluster_without_it(
    world: World, workshop: Workshop
) -> None:
    project = await workshop.project()
    await up(world, "staging-shop", "production-shop")
    assert (await workshop.delivery.orphans.sweep(unheard_of)).removed == []

    await forget(workshop, project)

    swept = await workshop.delivery.orphans.sweep(unheard_of)
    expected = ["production-shop", "staging-shop"] if world.runtime.kind == "local" else []
    assert sorted(swept.removed) == expected


async def forget(workshop: Workshop, project: ProjectRecord) -> None:
    archived = ProjectChanges(status=ProjectStatus.ARCHIVED)
    await workshop.write(workshop.delivery.projects.change, project.id, archived)
    await workshop.delivery.projects.delete(project.key)


async def test_another_owners_namespace_is_never_touched(tmp_path: Path) -> None:
    async with kubernetes_world(tmp_path) as world:
        workshop = Workshop(tmp_path, runtime=world.runtime)
        labels = {INSTALLATION: "another-installation", INSTANCE: "task-shop-7"}
        world.server.add("Namespace", "preview-task-shop-7", labels=labels)
        world.server.add("Namespace", "preview-task-shop-8")
        world.server.asked.clear()
        try:
            assert (await workshop.delivery.orphans.sweep(unheard_of)).removed == []
        finally:
            await workshop.database.close()
        assert not [asked for asked in world.server.asked if asked.startswith("DELETE")]
        assert world.server.store.get("namespaces", "", "preview-task-shop-7") is not None


async def test_what_cannot_be_removed_keeps_nothing_else_from_going(tmp_path: Path) -> None:
    class Stubborn(MemoryRuntime):
        async def remove(self, name: str) -> None:
            if name == "task-shop-1":
                raise Unavailable("The cluster is away.")
            await super().remove(name)

    runtime, heard = Stubborn(), list[str]()
    runtime.running = {"task-shop-1": "a", "task-shop-2": "b"}

    async def told(sentence: str) -> None:
        heard.append(sentence)

    workshop = Workshop(tmp_path, runtime=runtime)
    try:
        swept = await workshop.delivery.orphans.sweep(told)
    finally:
        await workshop.database.close()
    assert (swept.removed, swept.left) == (["task-shop-2"], ["task-shop-1"])
    assert heard == ["task-shop-1: The cluster is away."]
