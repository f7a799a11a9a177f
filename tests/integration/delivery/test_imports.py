"""Files become tasks: all rows or none, each once."""

import json
from typing import Any

import pytest

from aiworker.core.errors import Conflict, Invalid
from aiworker.delivery.projects.errors import ProjectNotFound
from aiworker.delivery.tasks import queries as task_queries
from aiworker.wire.imports import Imported, ImportTasks
from aiworker.wire.projects import ProjectStatus
from aiworker.wire.tasks import TaskPriority
from tests.support.databases import SERVERS, Backend
from tests.support.workshop import ADA, Workshop

TWO = "id,title,description,priority,dependsOn\nA,First,Do it,high,\nB,Second,,,A\n"


# What is decided here no database changes; the servers' turn is `make soak`.
@pytest.fixture(params=["sqlite", *(pytest.param(server, marks=pytest.mark.soak) for server in SERVERS)])
def backend(request: pytest.FixtureRequest) -> Backend:
    return request.param


@pytest.fixture
async def filled(shop: Workshop) -> Workshop:
    await shop.project()
    return shop


async def bring(shop: Workshop, content: str | None, *, source: Any = "csv", **fields: Any) -> Imported:
    return await shop.delivery.imports.run(ADA, "SHOP", ImportTasks(source=source, content=content, **fields))


async def keys(shop: Workshop) -> list[str]:
    return [task.task_key for task in await shop.read(task_queries.list_tasks)]


async def test_rows_become_tasks_that_know_what_they_wait_for(filled: Workshop) -> None:
    done = await bring(filled, TWO)
    assert [(task.place, task.outcome, task.key) for task in done.tasks] == [
        ("line 2", "created", "SHOP-1"),
        ("line 3", "created", "SHOP-2"),
    ]
    first, second = [await filled.look(task.key or "") for task in done.tasks]
    assert (first.title, first.description, first.priority) == ("First", "Do it", TaskPriority.HIGH)
    assert second.held == "after SHOP-1"
    assert (await filled.claim_one()).task_id == first.id


async def test_the_same_file_again_makes_no_doubles_and_a_longer_one_only_what_is_new(filled: Workshop) -> None:
    await bring(filled, TWO)
    again = await bring(filled, TWO + "C,Third,,,SHOP-2\n")
    assert (again.created, again.existing) == (1, 2)
    assert [(task.outcome, task.key) for task in again.tasks] == [
        ("exists", "SHOP-1"),
        ("exists", "SHOP-2"),
        ("created", "SHOP-3"),
    ]
    assert await keys(filled) == ["SHOP-1", "SHOP-2", "SHOP-3"]


async def test_rows_without_an_id_are_known_by_what_they_say_in_either_kind_of_file(filled: Workshop) -> None:
    await bring(filled, "title,description\nFirst,Do it\nSecond,\n")
    again = await bring(filled, json.dumps([{"title": "Second"}, {"title": "Third"}]), source="json")
    assert [(task.outcome, task.title) for task in again.tasks] == [("exists", "Second"), ("created", "Third")]


async def test_a_dry_run_shows_what_would_be_made_and_makes_nothing(filled: Workshop) -> None:
    tried = await bring(filled, TWO, dry_run=True)
    assert (tried.dry_run, tried.created, [task.outcome for task in tried.tasks]) == (True, 2, ["would_create"] * 2)
    assert await keys(filled) == []
    assert (await bring(filled, TWO)).tasks[0].key == "SHOP-1"


async def test_one_wrong_row_and_nothing_is_made(filled: Workshop) -> None:
    text = "title,dependsOn\nFirst,\nSecond,NONE-1\nThird,SHOP-9\n"
    with pytest.raises(Invalid, match=r"line 3: There is no task 'NONE-1' or row above it \(1 more\)"):
        await bring(filled, text)
    assert await keys(filled) == []


async def test_tasks_of_other_projects_cannot_be_waited_for(filled: Workshop) -> None:
    other = await filled.project("OTHER")
    await filled.task(other)
    with pytest.raises(Invalid, match="line 2: OTHER-1 belongs to another project"):
        await bring(filled, "title,dependsOn\nFirst,OTHER-1\n")


async def test_a_task_that_was_deleted_does_not_come_again(filled: Workshop) -> None:
    await bring(filled, "id,title\nA,First\n")
    await filled.write(filled.delivery.tasks.delete, "SHOP-1")
    again = await bring(filled, "id,title\nA,First\n")
    assert [(task.outcome, task.key) for task in again.tasks] == [("exists", None)]


async def test_what_is_imported_where_has_to_fit_together(filled: Workshop) -> None:
    for content, fields in (
        (None, {}),
        ("title\nx\n", {"source": "gitea"}),
        ("title\nx\n", {"label": "bug"}),
        ("title\nx\n", {"issues": [1]}),
        (None, {"source": "gitea"}),
    ):
        with pytest.raises(Invalid):
            await bring(filled, content, **fields)


async def test_no_project_and_no_open_project_take_nothing(filled: Workshop) -> None:
    with pytest.raises(ProjectNotFound):
        await filled.delivery.imports.run(ADA, "NONE", ImportTasks(source="csv", content=TWO))
    project = await filled.read(lambda tx: filled.delivery.projects.get(tx, "SHOP"))
    await filled.set_project(project, status=ProjectStatus.ARCHIVED)
    with pytest.raises(Conflict, match="archived"):
        await bring(filled, TWO)
