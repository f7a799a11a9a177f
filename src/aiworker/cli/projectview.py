"""A project as people read it on a terminal."""

from aiworker.cli.output import say
from aiworker.wire.projects import Project, UpstreamStanding

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
