"""`ship`, `promote`, `rollback`, `withdraw`, `send-back`: releases."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from cyclopts import App, Parameter

from aiworker.cli.client import Data, Server, connect
from aiworker.cli.follow import follow_group
from aiworker.cli.output import Json, print_json, say
from aiworker.cli.projectview import print_standing
from aiworker.core.errors import Conflict
from aiworker.wire.groups import CommitsByHand, Group, GroupCheck, GroupStatus, NewGroup
from aiworker.wire.projects import Project

Release = Annotated[str, Parameter(help="The release's number, like 7, or its id.")]
OfProject = Annotated[str | None, Parameter(help="Of this project, if several have that number.")]
Wait = Annotated[bool, Parameter(negative="--no-wait", help="Wait until it is rolled out and answers.")]


def add_to(app: App) -> None:
    """Add the commands of releases."""
    for command in (ship, promote, rollback, withdraw, send_back):
        app.command(command)


def ship(
    task: Annotated[str, Parameter(help="An approved task, like SHOP-12.")],
    /,
    *more: Annotated[str, Parameter(help="More tasks, in the order in which they go in.")],
    notes: Annotated[str | None, Parameter(help="What this release is about.")] = None,
    at: Annotated[
        datetime | None, Parameter(help="Not now, but at this time; until then `withdraw` takes it back.")
    ] = None,
    check: Annotated[bool, Parameter(negative="", help="Only tell what would stand in the way.")] = False,
    wait: Wait = True,
    json: Json = False,
) -> None:
    """Merge approved tasks to staging, together or not at all."""
    with connect() as server:
        if check:
            _check(server, [task, *more], json=json)
            return
        due = at.astimezone() if at else None
        data = server.post("task-groups", body=NewGroup(task_ids=[task, *more], notes=notes, defer_until=due))
        _finish(server, data, GroupStatus.STAGING, wait=wait and due is None, json=json)
        if due is not None and not json:
            number = Group.model_validate(data).number
            say(f"It goes at {due:%Y-%m-%d %H:%M %Z}; until then `aiworker withdraw {number}` takes it back.")


def promote(group: Release, /, *, project: OfProject = None, wait: Wait = True, json: Json = False) -> None:
    """Bring a release from staging to production."""
    _command("promote", group, project, GroupStatus.PRODUCTION, wait=wait, json=json)


def rollback(group: Release, /, *, project: OfProject = None, wait: Wait = True, json: Json = False) -> None:
    """Take a release back: what ran before answers again, and its tasks are approved."""
    _command("rollback", group, project, GroupStatus.ROLLED_BACK, wait=wait, json=json)


def withdraw(group: Release, /, *, project: OfProject = None, json: Json = False) -> None:
    """Take a release back before staging moves: its tasks may be shipped again."""
    _at_once("withdraw", group, project, "Release {number} is withdrawn.", json=json)


def send_back(group: Release, /, *, project: OfProject = None, json: Json = False) -> None:
    """Send the task that conflicted back to its agent, with the conflict as the review comment."""
    _at_once("send-back", group, project, "The conflict of release {number} is with the task's agent now.", json=json)


def _at_once(verb: str, name: str, project: str | None, sentence: str, *, json: bool) -> None:
    with connect() as server:
        data = server.post("task-groups", name, verb, projectId=project)
    if json:
        print_json(data)
    else:
        say(sentence.format(number=Group.model_validate(data).number), "green")


def _check(server: Server, names: Sequence[str], *, json: bool) -> None:
    data = server.get("task-groups", "check", taskIds=",".join(names))
    found = GroupCheck.model_validate(data)
    if json:
        print_json(data)
    else:
        for lack in found.missing:
            say(f"{lack.task} {lack.problem}", "yellow")
        for clash in found.conflicts:
            say(f"{clash.task} conflicts with {clash.beside or 'staging'} in {', '.join(clash.files)}", "red")
        _say_by_hand(found.by_hand)
    if not found.shippable:
        raise Conflict(f"{', '.join(found.tasks)} cannot be shipped together now.", code="not_shippable")
    if not json:
        say(f"{', '.join(found.tasks)} would go in, in this order.", "green")


def _say_by_hand(found: Sequence[CommitsByHand]) -> None:
    for one in found:
        commits = f"{one.count} commit{'' if one.count == 1 else 's'} up to “{one.subject}” by {one.author}"
        if not one.left_out:
            say(f"From the default branch: {commits}")
        elif one.conflict_files:
            say(f"Left out: {commits}, which conflicts with staging in {', '.join(one.conflict_files)}", "yellow")
        else:
            say(f"Left out: {commits}, which merges commits of AiWorker", "yellow")


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
        if wanted is GroupStatus.STAGING:
            _say_by_hand(group.by_hand)
        say(f"Release {group.number} is {group.status.replace('_', ' ')}.", "green")
        print_standing(Project.model_validate(server.get("projects", group.project_key)), remarks=False)
