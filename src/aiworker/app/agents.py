"""`aiworker agent`: agents for the server that the settings name."""

from aiworker.app.homes import prepare_home
from aiworker.app.logs import start_logging
from aiworker.cli.agent_key import address_and_agent_key
from aiworker.cli.starters import AgentOptions
from aiworker.core.settings import ClientSettings, load_settings
from aiworker.runner.agents import Orders, work
from aiworker.runner.drivers.claude import Claude
from aiworker.runner.drivers.command import Command
from aiworker.runner.drivers.driver import Driver


async def agent(options: AgentOptions) -> None:
    """Work until told to stop."""
    settings = load_settings(ClientSettings)
    start_logging(settings)
    prepare_home(settings.home)
    url, key = address_and_agent_key(settings)
    await work(
        Orders(
            url=url,
            key=key,
            home=settings.home,
            driver=_driver(options),
            count=options.count,
            name=options.name,
            once=options.once,
            project=options.project,
            capabilities=options.capabilities,
            grace=options.grace,
        )
    )


def _driver(options: AgentOptions) -> Driver:
    if options.driver == "command":
        return Command(options.program)
    return Claude(model=options.model)
