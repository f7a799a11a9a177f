"""What the command line starts of a server in this process."""

import asyncio
import sys
import webbrowser
from collections.abc import Sequence

from aiworker.access.first_start import admin_code
from aiworker.app.doctor import database_findings
from aiworker.app.house import House, prepare_home
from aiworker.app.server import serve
from aiworker.cli.starters import Finding, UpOptions
from aiworker.core.logging import configure_logging
from aiworker.core.settings import Settings, load_settings
from aiworker.storage.migrate import upgrade
from aiworker.storage.urls import database_url


async def up(options: UpOptions) -> None:
    """Run everything on this machine until it is told to stop."""
    settings = _settings()
    chosen = {"host": options.host, "port": options.port}
    settings = settings.model_copy(update={name: value for name, value in chosen.items() if value is not None})
    await upgrade(database_url(settings))

    async def started(house: House) -> None:
        link = f"{house.public_url()}/sign-in?code={await admin_code(house.database)}"
        _say(
            f"AiWorker runs at {house.public_url()}",
            f"Sign in with this link (once, within an hour): {link}",
            "Agents on this machine work under your own user: nothing keeps them from your files.",
            "Ctrl-C stops it.",
        )
        if options.open_page:
            await asyncio.to_thread(webbrowser.open, link)

    await serve(settings, host=settings.host, port=settings.port, started=started)


async def upgrade_database() -> Sequence[str]:
    """Bring the database to this version; the names of the steps that were taken."""
    return await upgrade(database_url(_settings()))


async def check_database() -> Sequence[Finding]:
    """Look whether the database answers, is of this version, and is consistent."""
    return await database_findings(_settings())


def _settings() -> Settings:
    settings = load_settings(Settings)
    prepare_home(settings.home)
    configure_logging(level=settings.log_level, format=settings.log_format, stream=sys.stderr)
    return settings


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
