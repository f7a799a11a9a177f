"""`project add|list|show|set|pause|resume|sync`."""

import sys
from typing import Annotated

from cyclopts import App, Parameter
from rich.prompt import Confirm

from aiworker.cli.client import connect
from aiworker.cli.commands.repository import address
from aiworker.cli.output import Json, ago, console, print_fields, print_json, print_table, progress, say, short
from aiworker.cli.projectview import cluster_fields, given_settings, limits_of, print_standing
from aiworker.wire.projects import (
    Environment,
    NewProject,
    Project,
    ProjectChanges,
    ProjectMetrics,
    ProjectStatus,
    ProjectSync,
    SyncProject,
)

app = App(name="project", help="Projects: a repository and its settings.")

_MOST = 500
Name = Annotated[str, Parameter(help="The project's short name, like SHOP, or its id.")]


@app.command
def add(
    name: Annotated[str, Parameter(help="What people call it.")],
    /,
    *,
    repo: Annotated[
        str | None,
        Parameter(
            help="A git repository: a path or a URL, whose password is asked for or comes from AIWORKER_REPO_PASSWORD."
            " Without it, an empty one is made."
        ),
    ] = None,
    key: Annotated[str | None, Parameter(help="Short name, like SHOP; by default made from the name.")] = None,
    setup: Annotated[str | None, Parameter(help="Command that prepares a checkout.")] = None,
    test: Annotated[str | None, Parameter(help="Command that runs the tests.")] = None,
    start: Annotated[
        str | None, Parameter(help="Command that starts the program; without it the files are served as they are.")
    ] = None,
    push: Annotated[
        bool | None,
        Parameter(
            negative="--no-push",
            show_default=False,
            help="Once a release is in production, push the default branch and the release's tag to the repository it"
            " came from, never by force; asked if not given.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Make a project from a repository."""
    new = NewProject(
        name=name,
        key=key,
        repo=address(repo),
        setup_command=setup,
        test_command=test,
        start_command=start,
        push_upstream=push,
    )
    with connect() as server:
        with progress("Importing", quiet=json) as told:
            data = server.post_long("projects", body=new, told=told)
        if json:
            print_json(data)
            return
        project = Project.model_validate(data)
        # A repository in the installation's own Gitea is worked in where it is: then there is nothing to push to.
        if push is None and project.upstream is not None and _agrees():
            changes = ProjectChanges(push_upstream=True)
            project = Project.model_validate(server.patch("projects", project.key, body=changes))
    say(f"{project.key}  {project.name}")
    say(f"Agents clone {project.clone_url}", "bright_black")
    if project.upstream is not None and not project.push_upstream:
        say(
            f"Nothing is pushed to {project.upstream}; `project sync {project.key} --push` agrees to it.",
            "bright_black",
        )
    print_standing(project)


@app.command(name="list")
def list_projects(*, json: Json = False) -> None:
    """List the projects."""
    with connect() as server:
        data = server.list("projects", limit=_MOST)
    if json:
        print_json(data)
        return
    projects = [Project.model_validate(item) for item in data]
    rows = [(project.key, project.name, project.status, ago(project.updated_at)) for project in projects]
    print_table(("KEY", "NAME", "STATUS", "CHANGED"), rows, empty="No projects yet; `aiworker project add` makes one.")


@app.command
def show(project: Name, /, *, json: Json = False) -> None:
    """Show a project: its settings, and how its tasks stand."""
    with connect() as server:
        data = server.get("projects", project)
        numbers = server.get("projects", project, "metrics")
        places = server.get("projects", project, "environments")
    if json:
        print_json({**data, "metrics": numbers, "environments": places})
        return
    found, metrics = Project.model_validate(data), ProjectMetrics.model_validate(numbers)
    say(f"{found.key}  {found.name}", "bold")
    print_fields(
        {
            "status": f"{found.status}: {found.status_reason}" if found.status_reason else found.status,
            "clone": found.clone_url,
            "upstream": f"{found.upstream}, {_pushed(found)}" if found.upstream else None,
            "branch": found.default_branch,
            "setup": found.setup_command,
            "test": found.test_command,
            "start": found.start_command,
            "limits": limits_of(found),
            "agents may": ", ".join(found.agent_allow),
            "variables": ", ".join(found.env_vars),
            **(cluster_fields(found) if found.docker_image else {}),
        }
    )
    print_standing(found)
    for place in (Environment.model_validate(place) for place in places):
        if place.commit is not None:
            print_fields({place.environment: f"{place.url} at {short(place.commit)}, {place.health}"})
    counts = metrics.model_dump(
        include={
            "backlog",
            "in_progress",
            "needs_input",
            "ready_to_test",
            "approved",
            "staging",
            "completed",
            "cancelled",
        }
    )
    print_fields({name.replace("_", " "): count for name, count in counts.items() if count})


@app.command(name="set")
def change(
    project: Name,
    /,
    *settings: Annotated[
        str,
        Parameter(
            help='NAME=VALUE as the API names them: wipLimit=3 taskCostLimitUsd=5 setupCommand="npm ci"; '
            "lists and objects as JSON, `none` for none."
        ),
    ],
    json: Json = False,
) -> None:
    """Change settings of a project: commands, limits of work, time and cost, what agents may use."""
    changes = given_settings(settings)
    with connect() as server:
        data = server.patch("projects", project, body=changes)
    if json:
        print_json(data)
    else:
        say(f"{data['key']}: {', '.join(one.partition('=')[0] for one in settings)} set.")


@app.command
def pause(project: Name, /, *, json: Json = False) -> None:
    """Hand nothing out any more; attempts that run may finish."""
    _set_status(project, ProjectStatus.PAUSED, json=json)


@app.command
def resume(project: Name, /, *, json: Json = False) -> None:
    """Hand out tasks again."""
    _set_status(project, ProjectStatus.ACTIVE, json=json)


@app.command
def sync(
    project: Name,
    /,
    *,
    repo: Annotated[
        str | None,
        Parameter(help="Where the repository is now, or what to import for a project that has none yet."),
    ] = None,
    push: Annotated[
        bool | None,
        Parameter(
            negative="--no-push", show_default=False, help="Push there from now on after production, or no longer."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Fetch what is new in the repository a project came from and, where that is agreed, push what it lacks."""
    wish = SyncProject(repo=address(repo), push_upstream=push)
    with connect() as server, progress("Fetching", quiet=json) as told:
        data = server.post_long("projects", project, "sync", body=wish, told=told)
    if json:
        print_json(data)
        return
    done = ProjectSync.model_validate(data)
    found = done.project
    say(f"{found.key} and {found.upstream}", "bold")
    print_fields(
        {
            "fetched": "the whole repository" if done.imported else _commits(done.fetched) or "nothing new",
            "pushed": ", ".join(done.pushed) or ("nothing new" if found.push_upstream else "nothing, as agreed"),
            "not there": f"{_commits(done.ahead)} of {found.default_branch}" if done.ahead else None,
        }
    )
    print_standing(found)


def _set_status(name: str, status: ProjectStatus, *, json: bool) -> None:
    with connect() as server:
        data = server.patch("projects", name, body=ProjectChanges(status=status))
    if json:
        print_json(data)
    else:
        project = Project.model_validate(data)
        say(f"{project.key} is {project.status}.")


def _agrees() -> bool:
    """Whether releases may go back to where the code came from: asked, where somebody is there to answer."""
    if not sys.stdin.isatty():
        return False
    say("Once a release is in production, it can go back to that repository: the default branch and the release's tag.")
    return Confirm.ask("Push them there, never by force?", console=console(), default=False)


def _pushed(project: Project) -> str:
    return "pushed to after production" if project.push_upstream else "not pushed to"


def _commits(count: int) -> str:
    return "" if not count else f"{count} commit{'' if count == 1 else 's'}"
