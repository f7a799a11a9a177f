"""A worker: the installation's own work without a door, beside servers on the same database."""

import asyncio
from collections.abc import Awaitable, Callable

from aiworker.app.homes import at_home
from aiworker.app.house import House
from aiworker.app.opening import open_house
from aiworker.app.roles import working
from aiworker.app.server import STOPS, public_url
from aiworker.app.watching import watched
from aiworker.core.settings import Settings


async def work(settings: Settings, *, started: Callable[[House], Awaitable[None]]) -> None:
    """Work until SIGTERM or SIGINT; what is under way is finished or given back. `started` is called once it works.

    Raises: Conflict if `up` uses this home folder.
    """
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in STOPS:
        loop.add_signal_handler(number, stopping.set)
    with at_home(settings.home, alone=False):
        async with (
            open_house(settings, lambda: public_url(settings, settings.port), keeps_programs=True) as house,
            watched(house),
            working(house),
        ):
            await started(house)
            await stopping.wait()
