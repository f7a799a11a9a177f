"""What the command line starts of a server in this process."""

import asyncio
import sys
import webbrowser
from collections.abc import Sequence
from contextlib import AsyncExitStack

from aiworker.access.first_start import admin_code
from aiworker.app.agent_process import agents_beside
from aiworker.app.cluster_doctor import cluster_findings
from aiworker.app.doctor import database_findings
from aiworker.app.gitea_doctor import gitea_findings
from aiworker.app.homes import prepare_home
from aiworker.app.house import House
from aiworker.app.logs import start_logging
from aiworker.app.redis_doctor import redis_findings
from aiworker.app.server import serve as serve_until_stopped
from aiworker.app.worker import work
from aiworker.cli.starters import CopiedTable, CopyTold, Finding, ServeOptions, UpOptions
from aiworker.core.descriptors import allow_many
from aiworker.core.errors import Invalid
from aiworker.core.settings import Settings, load_settings
from aiworker.storage.copy import copy_database as copy_whole
from aiworker.storage.metadata import metadata
from aiworker.storage.migrate import upgrade
from aiworker.storage.urls import async_url, database_url, parsed_url


async def up(options: UpOptions) -> None:
    """Run everything on this machine until it is told to stop."""
    settings = _listening(_settings(), options.host, options.port)
    if not settings.home_shared:
        raise Invalid(
            "AIWORKER_HOME_SHARED=false is for `aiworker serve` and `aiworker worker`: `aiworker up` keeps everything "
            "in its home folder.",
            code="home_not_shared",
            details={"variable": "AIWORKER_HOME_SHARED"},
        )
    await upgrade(database_url(settings))

    beside = AsyncExitStack()

    async def started(house: House) -> None:
        link = f"{house.public_url()}/sign-in?code={await admin_code(house.database)}"
        _say(
            f"AiWorker runs at {house.public_url()}",
            f"Sign in with this link (once, within an hour): {link}",
            "Agents on this machine work under your own user: nothing keeps them from your files.",
            "Ctrl-C stops it.",
        )
        await beside.enter_async_context(agents_beside(settings, options.agents))
        if options.open_page:
            await asyncio.to_thread(webbrowser.open, link)

    await serve_until_stopped(
        settings, host=settings.host, port=settings.port, works=True, started=started, stopping=beside.aclose
    )


async def serve(options: ServeOptions) -> None:
    """Answer requests, beside other servers and workers, until it is told to stop."""
    settings = _replica(_listening(_settings(), options.host, options.port), "serve")
    await upgrade(database_url(settings))

    async def started(house: House) -> None:
        _say(f"AiWorker's server answers at {house.public_url()}.")

    await serve_until_stopped(settings, host=settings.host, port=settings.port, works=False, started=started)


async def worker() -> None:
    """Roll out, fire schedules and keep order, beside servers and other workers, until it is told to stop."""
    settings = _replica(_settings(), "worker")
    await upgrade(database_url(settings))

    async def started(_house: House) -> None:
        _say("AiWorker's worker works.")

    await work(settings, started=started)


async def upgrade_database() -> Sequence[str]:
    """Bring the database to this version; the names of the steps that were taken."""
    return await upgrade(database_url(_settings()))


async def copy_database(to: str, told: CopyTold) -> Sequence[CopiedTable]:
    """Copy the database into the empty one that a URL names, all or nothing."""
    target = parsed_url(to, "--to")
    if target.get_backend_name() != "sqlite":
        async_url(target, "--to")
    copied = await copy_whole(database_url(_settings()), target, metadata, told)
    return [CopiedTable(copy.table, copy.rows, copy.checksum) for copy in copied]


async def check_database() -> Sequence[Finding]:
    """Look whether the database answers, is of this version, and is consistent."""
    return await database_findings(_settings())


async def check_neighbours() -> Sequence[Finding]:
    """Look whether what the settings name beside the database answers."""
    settings = _settings()
    return [*await redis_findings(settings), *await gitea_findings(settings), *await cluster_findings(settings)]


def _settings() -> Settings:
    settings = load_settings(Settings)
    allow_many()
    prepare_home(settings.home)
    start_logging(settings)
    return settings


def _listening(settings: Settings, host: str | None, port: int | None) -> Settings:
    chosen = {"host": host, "port": port}
    return settings.model_copy(update={name: value for name, value in chosen.items() if value is not None})


def _replica(settings: Settings, command: str) -> Settings:
    """The settings, if several processes can work with them. Raises: Invalid."""
    if database_url(settings).get_backend_name() == "sqlite":
        raise Invalid(
            f"`aiworker {command}` needs PostgreSQL or MariaDB/MySQL (DATABASE_URL or DB_HOST): SQLite serves one "
            "process, which is `aiworker up`.",
            code="database_for_one_process",
        )
    if settings.public_url is None:
        raise Invalid(
            "AIWORKER_PUBLIC_URL is not set: several processes need the one address that people and agents see.",
            code="public_url_missing",
            details={"variable": "AIWORKER_PUBLIC_URL"},
        )
    if not settings.home_shared and (missing := _missing_for_own_homes(settings)):
        raise Invalid(
            f"AIWORKER_HOME_SHARED=false also needs {missing}: without it, something would be kept in a home folder "
            "that others do not have.",
            code="home_not_shared",
            details={"variable": missing},
        )
    return settings


def _missing_for_own_homes(settings: Settings) -> str | None:
    if settings.gitea_url is None:
        return "GITEA_URL"
    if not settings.k8s_in_cluster and settings.kubeconfig is None:
        return "K8S_IN_CLUSTER"
    return "SECRET_KEY" if settings.secret_key is None else None


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
