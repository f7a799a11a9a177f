"""`up`, `demo`, `mcp`: what runs in this process."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from aiworker.cli.starters import DemoOptions, Starters, UpOptions


def start_commands(app: App, starters: Starters) -> None:
    """Add the commands that start something."""

    @app.command
    async def up(  # pyright: ignore[reportUnusedFunction]
        *,
        host: Annotated[str | None, Parameter(help="Where to listen; by default this machine only.")] = None,
        port: Annotated[int | None, Parameter(help="The port; by default 3000.")] = None,
        open_page: Annotated[
            bool, Parameter(name="--open", negative="", show_default=False, help="Open the page in a browser.")
        ] = False,
    ) -> None:
        """Run everything on this machine: server, page, engine, git repositories, previews."""
        await starters.up(UpOptions(host=host, port=port, open_page=open_page))

    @app.command
    async def demo(  # pyright: ignore[reportUnusedFunction]
        *,
        repo: Annotated[Path | None, Parameter(help="Tell the story on a copy of this git repository.")] = None,
        keep: Annotated[
            bool, Parameter(negative="", show_default=False, help="Leave the server up at the end.")
        ] = False,
    ) -> None:
        """Watch one task go from the backlog to production and back, on a real git repository."""
        await starters.demo(DemoOptions(repository=repo, keep=keep))

    @app.command
    async def mcp() -> None:  # pyright: ignore[reportUnusedFunction]
        """Speak MCP on standard input and output: an agent that is started as a command connects so."""
        await starters.mcp()
