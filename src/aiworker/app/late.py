"""The starters, fetched when one is needed: a command that only talks to a server loads no server, and is quick."""

from collections.abc import Sequence

from aiworker.app.loading import load
from aiworker.cli.starters import AgentOptions, CopiedTable, CopyTold, DemoOptions, Finding, ServeOptions, UpOptions


class LateStarters:
    """Fills `cli.starters.Starters`."""

    async def up(self, options: UpOptions) -> None:
        """Run everything on this machine until it is told to stop."""
        await load("aiworker.app.starters").up(options)

    async def serve(self, options: ServeOptions) -> None:
        """Answer requests, beside other servers and workers, until it is told to stop."""
        await load("aiworker.app.starters").serve(options)

    async def worker(self) -> None:
        """Roll out, fire schedules and keep order, beside servers and other workers, until it is told to stop."""
        await load("aiworker.app.starters").worker()

    async def demo(self, options: DemoOptions) -> None:
        """Tell the whole story. Raises when a step fails."""
        await load("aiworker.cli.demo.story").tell(options)

    async def agent(self, options: AgentOptions) -> None:
        """Run agents on this machine until they are told to stop."""
        await load("aiworker.app.agents").agent(options)

    async def mcp(self) -> None:
        """Speak MCP on standard input and output until the client goes away."""
        await load("aiworker.app.stdio").mcp()

    async def upgrade_database(self) -> Sequence[str]:
        """Bring the database to this version; the names of the steps that were taken."""
        return await load("aiworker.app.starters").upgrade_database()

    async def copy_database(self, to: str, told: CopyTold) -> Sequence[CopiedTable]:
        """Copy the database into the empty one that a URL names, all or nothing."""
        return await load("aiworker.app.starters").copy_database(to, told)

    async def check_database(self) -> Sequence[Finding]:
        """Look whether the database answers, is of this version, and is consistent."""
        return await load("aiworker.app.starters").check_database()

    async def check_neighbours(self) -> Sequence[Finding]:
        """Look whether what the settings name beside the database answers."""
        return await load("aiworker.app.starters").check_neighbours()
