"""The starters, fetched when one is needed: a command that only talks to a server loads no server, and is quick."""

import gc
from collections.abc import Sequence
from importlib import import_module
from typing import cast

from aiworker.cli.starters import DemoOptions, Finding, Starters, UpOptions


class LateStarters:
    """Fills `cli.starters.Starters` with those of `app.starters`."""

    async def up(self, options: UpOptions) -> None:
        """Run everything on this machine until it is told to stop."""
        await _program().up(options)

    async def demo(self, options: DemoOptions) -> None:
        """Tell the whole story. Raises when a step fails."""
        await _program().demo(options)

    async def mcp(self) -> None:
        """Speak MCP on standard input and output until the client goes away."""
        await _program().mcp()

    async def upgrade_database(self) -> Sequence[str]:
        """Bring the database to this version; the names of the steps that were taken."""
        return await _program().upgrade_database()

    async def check_database(self) -> Sequence[Finding]:
        """Look whether the database answers, is of this version, and is consistent."""
        return await _program().check_database()


def _program() -> Starters:
    # What loading makes stays for good. To search it for garbage takes a sixth of the start, and time later on as well.
    gc.disable()
    try:
        starters = import_module("aiworker.app.starters")
    finally:
        gc.freeze()
        gc.enable()
    return cast("Starters", starters.ProgramStarters())
