"""`up`, `serve`, `worker`, `demo`, `mcp`: what runs in this process."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from aiworker.cli.commands.agent import MOST_AGENTS
from aiworker.cli.errors import WrongUse
from aiworker.cli.starters import DemoOptions, ServeOptions, Starters, UpOptions

Host = Annotated[str | None, Parameter(help="Where to listen; by default this machine only.")]
Port = Annotated[int | None, Parameter(help="The port; by default 3000.")]


def start_commands(app: App, starters: Starters) -> None:
    """Add the commands that start something."""

    @app.command
    async def up(  # pyright: ignore[reportUnusedFunction]
        *,
        host: Host = None,
        port: Port = None,
        open_page: Annotated[
            bool, Parameter(name="--open", negative="", show_default=False, help="Open the page in a browser.")
        ] = False,
        agents: Annotated[int, Parameter(help="How many agents (Claude Code) to run beside it.")] = 0,
    ) -> None:
        """Run everything on this machine: server, page, engine, git repositories, previews, agents."""
        if not 0 <= agents <= MOST_AGENTS:
            raise WrongUse(f"--agents must be from 0 to {MOST_AGENTS}.")
        await starters.up(UpOptions(host=host, port=port, open_page=open_page, agents=agents))

    @app.command
    async def serve(*, host: Host = None, port: Port = None) -> None:  # pyright: ignore[reportUnusedFunction]
        """Run the server alone, beside others and at least one worker; needs PostgreSQL or MariaDB/MySQL."""
        await starters.serve(ServeOptions(host=host, port=port))

    @app.command
    async def worker() -> None:  # pyright: ignore[reportUnusedFunction]
        """Run what works behind the servers: roll-outs, schedules, upkeep; beside other workers, if you like."""
        await starters.worker()

    @app.command
    async def demo(  # pyright: ignore[reportUnusedFunction]
        *,
        repo: Annotated[Path | None, Parameter(help="Tell the story on a copy of this git repository.")] = None,
        keep: Annotated[
            bool, Parameter(negative="", show_default=False, help="Leave the server up at the end.")
        ] = False,
    ) -> None:
        """Watch one task go from the backlog to production and back, on a real git repository."""
        _end_with_sigterm()
        await starters.demo(DemoOptions(repository=repo, keep=keep))

    @app.command
    async def mcp() -> None:  # pyright: ignore[reportUnusedFunction]
        """Speak MCP on standard input and output: an agent that is started as a command connects so."""
        _end_with_sigterm()
        await starters.mcp()


def _end_with_sigterm() -> None:
    """SIGTERM ends this command as Ctrl-C does: what it started is stopped, what it made is taken away."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
