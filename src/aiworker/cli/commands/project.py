"""`project add|list|show|pause|resume`."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from aiworker.cli.client import connect
from aiworker.cli.output import Json, ago, print_fields, print_json, print_table, say, short
from aiworker.wire.projects import Environment, NewProject, Project, ProjectChanges, ProjectMetrics, ProjectStatus

app = App(name="project", help="Projects: a repository and its settings.")

_MOST = 500
Name = Annotated[str, Parameter(help="The project's short name, like SHOP, or its id.")]


@app.command
def add(
    name: Annotated[str, Parameter(help="What people call it.")],
    /,
    *,
    repo: Annotated[
        str | None, Parameter(help="A git repository: a path or a URL. Without it, an empty one is made.")
    ] = None,
    key: Annotated[str | None, Parameter(help="Short name, like SHOP; by default made from the name.")] = None,
    setup: Annotated[str | None, Parameter(help="Command that prepares a checkout.")] = None,
    test: Annotated[str | None, Parameter(help="Command that runs the tests.")] = None,
    start: Annotated[
        str | None, Parameter(help="Command that starts the program; without it the files are served as they are.")
    ] = None,
    push: Annotated[
        bool,
        Parameter(
            negative="",
            show_default=False,
            help="Push the default branch and release tags to the repository it came from.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Make a project from a repository."""
    new = NewProject(
        name=name,
        key=key,
        repo=_address(repo),
        setup_command=setup,
        test_command=test,
        start_command=start,
        push_upstream=push or None,
    )
    with connect() as server:
        data = server.post("projects", body=new)
    if json:
        print_json(data)
        return
    project = Project.model_validate(data)
    say(f"{project.key}  {project.name}")
    say(f"Agents clone {project.clone_url}", "bright_black")


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
            "upstream": found.upstream,
            "branch": found.default_branch,
            "setup": found.setup_command,
            "test": found.test_command,
            "start": found.start_command,
            "variables": ", ".join(found.env_vars),
        }
    )
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


@app.command
def pause(project: Name, /, *, json: Json = False) -> None:
    """Hand nothing out any more; attempts that run may finish."""
    _set_status(project, ProjectStatus.PAUSED, json=json)


@app.command
def resume(project: Name, /, *, json: Json = False) -> None:
    """Hand out tasks again."""
    _set_status(project, ProjectStatus.ACTIVE, json=json)


def _set_status(name: str, status: ProjectStatus, *, json: bool) -> None:
    with connect() as server:
        data = server.patch("projects", name, body=ProjectChanges(status=status))
    if json:
        print_json(data)
    else:
        project = Project.model_validate(data)
        say(f"{project.key} is {project.status}.")


def _address(repo: str | None) -> str | None:
    """A path on this machine in full, since the server works in another folder; any other address as it is."""
    if repo is not None and "://" not in repo and (path := Path(repo).expanduser()).exists():
        return str(path.resolve())
    return repo
