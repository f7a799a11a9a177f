"""`agent`: make a coding program into agents that take tasks; `agent scale`: how many run in the cluster."""

from typing import Annotated

from cyclopts import App, Parameter

from aiworker.cli.client import connect
from aiworker.cli.errors import WrongUse
from aiworker.cli.output import Json, print_json, say
from aiworker.cli.starters import AgentOptions, Starters
from aiworker.wire.agents import AgentPool, AgentPoolChanges, NewAgent

MOST_AGENTS = 100
DRIVERS = ("claude", "command")


def agent_command(starters: Starters) -> App:
    """`agent`."""
    app = App(name="agent", help="Run coding agents: each takes tasks from the board, one after the other.")
    app.command(scale)

    @app.default
    async def agent(  # pyright: ignore[reportUnusedFunction]
        *program: Annotated[str, Parameter(allow_leading_hyphen=True, show=False)],
        count: Annotated[int, Parameter(help="How many agents.")] = 1,
        driver: Annotated[str, Parameter(help="claude (Claude Code), or command (-- PROGRAM ARG…).")] = "claude",
        name: Annotated[
            str | None, Parameter(help="What the agent is called; by default the server finds a name.")
        ] = None,
        once: Annotated[bool, Parameter(negative="", show_default=False, help="End after one task each.")] = False,
        project: Annotated[str | None, Parameter(help="Only tasks of this project.")] = None,
        capability: Annotated[
            list[str] | None, Parameter(help="What these agents can do, for tasks that ask for it; may be repeated.")
        ] = None,
        model: Annotated[str | None, Parameter(help="The model that Claude Code uses.")] = None,
        grace: Annotated[float, Parameter(help="Seconds that SIGTERM leaves to the tasks in hand.")] = 20.0,
    ) -> None:
        """Run agents on this machine until Ctrl-C, which lets them finish; a second one gives their tasks back."""
        if not 1 <= count <= MOST_AGENTS:
            raise WrongUse(f"--count must be from 1 to {MOST_AGENTS}.")
        if name is not None:
            NewAgent(pod_name=name)
            if count > 1:
                raise WrongUse("--name is for one agent, not for several.")
        if not grace >= 0:
            raise WrongUse("--grace must not be negative.")
        if driver not in DRIVERS:
            raise WrongUse(f"There is no driver {driver!r}; there are {' and '.join(DRIVERS)}.")
        if (driver == "command") != bool(program):
            raise WrongUse("Name the program after --: aiworker agent --driver command -- PROGRAM ARG…")
        options = AgentOptions(
            driver=driver,
            program=program,
            count=count,
            name=name,
            once=once,
            project=project,
            capabilities=tuple(capability or ()),
            model=model,
            grace=grace,
        )
        await starters.agent(options)

    return app


def scale(
    count: Annotated[int | None, Parameter(help="How many there should be; without it they are counted.")] = None,
    /,
    *,
    json: Json = False,
) -> None:
    """Set how many agents run as pods in the cluster, or look how many do. Who is to go finishes its task first."""
    with connect() as server:
        if count is None:
            data = server.get("agent-pool")
        else:
            data = server.patch("agent-pool", body=AgentPoolChanges(wanted=count))
    if json:
        print_json(data)
        return
    pool = AgentPool.model_validate(data)
    say(f"Agents wanted: {pool.wanted}, running: {pool.running}.")
