"""`ship`, `promote`, `rollback`: releases."""

from typing import Annotated

from cyclopts import App, Parameter

from aiworker.cli.client import Data, Server, connect
from aiworker.cli.follow import follow_group
from aiworker.cli.output import Json, print_json, say
from aiworker.cli.projectview import print_standing
from aiworker.wire.groups import Group, GroupStatus, NewGroup
from aiworker.wire.projects import Project

Release = Annotated[str, Parameter(help="The release's number, like 7, or its id.")]
OfProject = Annotated[str | None, Parameter(help="Of this project, if several have that number.")]
Wait = Annotated[bool, Parameter(negative="--no-wait", help="Wait until it is rolled out and answers.")]


def add_to(app: App) -> None:
    """Add the three commands."""
    for command in (ship, promote, rollback):
        app.command(command)


def ship(
    task: Annotated[str, Parameter(help="An approved task, like SHOP-12.")],
    /,
    *more: Annotated[str, Parameter(help="More tasks, in the order in which they go in.")],
    notes: Annotated[str | None, Parameter(help="What this release is about.")] = None,
    wait: Wait = True,
    json: Json = False,
) -> None:
    """Merge approved tasks to staging, together or not at all."""
    with connect() as server:
        data = server.post("task-groups", body=NewGroup(task_ids=[task, *more], notes=notes))
        _finish(server, data, GroupStatus.STAGING, wait=wait, json=json)


def promote(group: Release, /, *, project: OfProject = None, wait: Wait = True, json: Json = False) -> None:
    """Bring a release from staging to production."""
    _command("promote", group, project, GroupStatus.PRODUCTION, wait=wait, json=json)


def rollback(group: Release, /, *, project: OfProject = None, wait: Wait = True, json: Json = False) -> None:
    """Take a release back: what ran before answers again, and its tasks are approved."""
    _command("rollback", group, project, GroupStatus.ROLLED_BACK, wait=wait, json=json)


def _command(verb: str, name: str, project: str | None, wanted: GroupStatus, *, wait: bool, json: bool) -> None:
    with connect() as server:
        data = server.post("task-groups", name, verb, projectId=project)
        _finish(server, data, wanted, wait=wait, json=json)


def _finish(server: Server, data: Data, wanted: GroupStatus, *, wait: bool, json: bool) -> None:
    group = Group.model_validate(data)
    if not json:
        say(f"Release {group.number} of {group.project_key}: {', '.join(task.key for task in group.tasks)}", "bold")
    if wait:
        group = follow_group(server, group, wanted, quiet=json)
        data = server.get("task-groups", group.id) if json else data
    if json:
        print_json(data)
    elif wait:
        say(f"Release {group.number} is {group.status.replace('_', ' ')}.", "green")
        print_standing(Project.model_validate(server.get("projects", group.project_key)), remarks=False)
