"""Opens the house: everything wired, the installation joined, commits told; closed in order."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from aiworker.access.first_start import ensure_admin, share_admin
from aiworker.access.system.installation import join_installation
from aiworker.app.homes import installation_id, starting
from aiworker.app.house import House
from aiworker.core.settings import Settings


@asynccontextmanager
async def open_house(
    settings: Settings, public_url: Callable[[], str], *, keeps_programs: bool
) -> AsyncGenerator[House]:
    """A house in which nothing works yet.

    Raises: Conflict if the database belongs to another installation, Unavailable if it does not answer.
    """
    async with AsyncExitStack() as stack:
        async with starting(settings.home):
            house = House(settings, public_url, keeps_programs=keeps_programs)
            stack.push_async_callback(house.close)
            # On SQLite one process is the whole installation, and may change whatever it likes.
            if house.database.url.get_backend_name() != "sqlite":
                home = installation_id(settings, house.secrets)
                await house.database.write(join_installation, house.secrets, home)
            if settings.home_shared:
                await ensure_admin(house.database, settings.home)
            else:
                await share_admin(house.database, house.secrets, settings.home)
        yield house
