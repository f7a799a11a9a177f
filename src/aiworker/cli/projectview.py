"""A project as people read it on a terminal."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from aiworker.cli.errors import WrongUse
from aiworker.cli.output import say
from aiworker.wire.problems import first_problem
from aiworker.wire.projects import Project, ProjectChanges, UpstreamStanding

_WELL = {UpstreamStanding.IN_STEP, UpstreamStanding.AHEAD}


def print_standing(project: Project, *, remarks: bool = True) -> None:
    """How it stands to the repository that it came from: what is wrong, what to do, what does not come with a clone."""
    state = project.upstream_state
    if state is None:
        return
    if state.message is not None:
        say(state.message, "" if state.standing in _WELL else "yellow")
    if state.command is not None:
        say(f"To have it there: {state.command}")
    for remark in state.remarks if remarks else ():
        say(remark, "bright_black")


def given_settings(given: Sequence[str]) -> ProjectChanges:
    """`wipLimit=3` and the like as changes of a project. Raises: WrongUse, naming the setting."""
    values: dict[str, Any] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise WrongUse(f"{one!r} is not NAME=VALUE, like wipLimit=3.")
        values[name.strip()] = _value(value)
    if not values:
        names = sorted(field.alias or name for name, field in ProjectChanges.model_fields.items() if name != "version")
        raise WrongUse(f"Which setting? NAME=VALUE, where NAME is one of {', '.join(names)}.")
    try:
        return ProjectChanges.model_validate(values)
    except ValidationError as error:
        raise WrongUse(first_problem(error)) from None


def limits_of(project: Project) -> str:
    """What ends attempts or keeps tasks waiting, in one line."""
    dollars = {
        "an attempt": project.attempt_cost_limit_usd,
        "a task": project.task_cost_limit_usd,
        "a day": project.day_cost_limit_usd,
        "the project": project.project_cost_limit_usd,
    }
    told = [f"{project.attempt_minutes} min an attempt"]
    told += [f"{project.wip_limit} at work at a time"] if project.wip_limit is not None else []
    told += [f"${limit:,.2f} {what}" for what, limit in dollars.items() if limit is not None]
    return ", ".join(told)


def cluster_fields(project: Project) -> dict[str, str | None]:
    """How it runs on a cluster."""
    limits = f"{project.cpu_limit} cpu, {project.memory_limit} memory, {project.replicas} pod(s)"
    return {
        "image": project.docker_image,
        "namespaces": f"{project.k8s_namespace}, {project.k8s_staging_namespace}",
        "limits": f"{limits}{', as root' if project.run_as_root else ''}",
        "health": f"GET {project.health_path} within {project.health_timeout_seconds} s",
        "egress": ", ".join(project.egress),
        "manifests": project.manifests_path,
        "image in them": project.manifests_image,
    }


def _value(text: str) -> Any:
    if text.lower() == "none":
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text
