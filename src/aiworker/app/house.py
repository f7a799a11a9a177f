"""The house: every object, wired. Nothing runs yet."""

from collections.abc import Callable

from aiworker import __version__
from aiworker.access.first_start import ensure_secret_key
from aiworker.access.keys.service import ACCESS_TOPIC
from aiworker.access.service import Access
from aiworker.adapters.forge import LocalForge
from aiworker.adapters.forge.gitea import Client, GiteaForge, ssh_of
from aiworker.adapters.runtime import Cgroups, LocalRuntime, LocalRuntimeView
from aiworker.app.clusters import ClusterRuntime
from aiworker.app.forges import Forges
from aiworker.app.homes import installation_id
from aiworker.app.shared import Shared
from aiworker.core.addresses import Reach, is_this_machine
from aiworker.core.secrets import SecretBox
from aiworker.core.settings import Settings
from aiworker.delivery.doors import Doors
from aiworker.delivery.ports.agent_pool import NoAgentPool
from aiworker.delivery.service import Delivery
from aiworker.edge.metrics import Metrics, Standing
from aiworker.engine.health.probe import HttpProbe
from aiworker.engine.health.service import HealthChecks
from aiworker.engine.schedules.service import Schedules
from aiworker.engine.service import Engine
from aiworker.engine.worker import EngineWorker
from aiworker.storage.commits import CommitTeller
from aiworker.storage.database import Database, open_database
from aiworker.storage.urls import database_url

CONTROL = "control"


class House:
    """Everything that one process is made of. `public_url` is the server's address as its clients know it.

    Make it while `starting`. `keeps_programs`: this process may run them itself, else it sees what another one runs.
    """

    def __init__(self, settings: Settings, public_url: Callable[[], str], *, keeps_programs: bool) -> None:
        self.settings = settings
        self.public_url = public_url
        url = database_url(settings)
        secret_key = ensure_secret_key(settings.home, _plain(settings))
        self.secrets = secrets = SecretBox(secret_key)
        self.database: Database = open_database(url, pool_size=settings.db_pool_size)
        # Who keeps the programs has the home folder to itself, and on SQLite with it the database.
        alone = keeps_programs and url.get_backend_name() == "sqlite"
        self.shared = Shared(settings, secret_key, self.database, alone=alone)
        self.bus, self.cache = self.shared.bus, self.shared.cache
        self.access = Access(self.database, requests_per_minute=settings.rate_limit, counted_in=self.shared.limits())
        self.engine = Engine(environment=settings.environment)
        self.schedules = Schedules(self.engine)
        reach = Reach(loopback=settings.call_private or is_this_machine(settings.host), private=settings.call_private)
        self.health = HealthChecks(self.database, self.engine, HttpProbe(reach))
        local = LocalForge(settings.home / "repositories", public_url)
        self.forge = Forges(local, gitea_of(settings, public_url), keeps=settings.home_shared)
        programs = settings.home / "runtime"
        groups = Cgroups.find() if keeps_programs else None
        self.programs = LocalRuntime(programs, self.forge, self.instance_url, vault=secrets, groups=groups)
        # What the proxy leads to; with a cluster, what an earlier time without one has left.
        self.targets = self.programs if keeps_programs else LocalRuntimeView(programs, self.instance_url, vault=secrets)
        self.cluster = (
            ClusterRuntime(settings, installation=installation_id(settings, secrets), key=secrets.derive("revisions"))
            if settings.has_cluster
            else None
        )
        self.runtime = self.cluster.runtime if self.cluster is not None else self.targets
        self.agent_pool = NoAgentPool() if self.cluster is None else self.cluster.agents
        self.delivery = Delivery(
            database=self.database,
            bus=self.bus,
            engine=self.engine,
            forge=self.forge,
            runtime=self.runtime,
            secrets=secrets,
            doors=Doors(public_url, _webhook_secret(settings, secrets)),
            cache=self.cache,
        )
        self.worker = EngineWorker(self.database, self.engine, self.bus)
        self.control_worker = EngineWorker(self.database, self.engine, self.bus, internal=True)
        self.commits = CommitTeller(self.bus)
        self.commits.on(ACCESS_TOPIC, self.access.forget)
        self.commits.on_dropped(self.delivery.reading.renew)
        self.metrics, self.standing = Metrics(__version__), Standing(self.database, self.cache)
        self.metrics.add(self.standing)
        self.commits.on_events(self.metrics.committed)
        self.database.on_commit = self.commits
        self.database.drop_cached = self.cache.drop

    def instance_url(self, name: str) -> str:
        """The address of a preview, of staging or of production."""
        scheme, _, host = self.public_url().partition("://")
        _, _, port = host.partition(":")
        return f"{scheme}://{name}.{self.settings.preview_domain}{':' + port if port else ''}"

    def let_go(self) -> None:
        """The process stops: requests that wait for something are answered."""
        self.worker.let_go()
        self.delivery.desk.let_go()

    async def close(self) -> None:
        """Let go of the database and of what is shared."""
        await self.access.close()
        await self.delivery.upstreams.close()
        await self.delivery.reading.close()
        await self.forge.close()
        await self.database.close()
        await self.shared.close()
        if self.cluster is not None:
            await self.cluster.close()


def gitea_of(settings: Settings, public_url: Callable[[], str]) -> GiteaForge | None:
    """The forge in Gitea, if the settings name one."""
    if settings.gitea_url is None:
        return None
    token = settings.gitea_token.get_secret_value() if settings.gitea_token else None
    ssh = ssh_of(settings.gitea_ssh_url, settings.gitea_ssh_key, settings.home)
    return GiteaForge(settings.home / "mirrors", Client(str(settings.gitea_url), token), public_url, ssh=ssh)


def _plain(settings: Settings) -> str | None:
    return settings.secret_key.get_secret_value() if settings.secret_key else None


def _webhook_secret(settings: Settings, secrets: SecretBox) -> str:
    """Where nobody chose one: one of this installation's own, the same in all its processes."""
    chosen = settings.gitea_webhook_secret
    return chosen.get_secret_value() if chosen else secrets.derive("gitea webhooks")
