"""How the installation stands: read from the database in one go, so that every replica tells the same."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from aiworker.core.errors import AiWorkerError
from aiworker.delivery.agents.queries import count_by_status
from aiworker.delivery.deployments import queries as deployments
from aiworker.delivery.groups import queries as groups
from aiworker.delivery.groups.robots import DEPLOY_PRODUCTION, DEPLOY_ROLLBACK, DEPLOY_STAGING, MERGE_GROUP
from aiworker.delivery.tasks.queries import count_open_by_state, count_waiting_for_people
from aiworker.edge.metrics import reports
from aiworker.engine.modules.queries import list_modules, standing, waiting
from aiworker.engine.modules.records import Module
from aiworker.storage.cache import Cache
from aiworker.storage.counting import MOST
from aiworker.storage.database import Database
from aiworker.storage.outbox.queries import newest_sequence, places, unnumbered
from aiworker.storage.transaction import Tx
from aiworker.wire.agents import AgentStatus
from aiworker.wire.analytics import ReportKind
from aiworker.wire.engine import HealthStatus
from aiworker.wire.groups import DeploymentEnvironment
from aiworker.wire.tasks import TaskState

_FRESH_SECONDS = 10.0
_PATIENCE_SECONDS = 3.0
_RELEASE_WORK = (MERGE_GROUP, DEPLOY_STAGING, DEPLOY_PRODUCTION, DEPLOY_ROLLBACK)
_UP = {HealthStatus.HEALTHY: 1.0, HealthStatus.DEGRADED: 0.5, HealthStatus.UNHEALTHY: 0.0}
_OVER = {TaskState.PRODUCTION, TaskState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts at one moment; a count that reaches 100,000 means so many or more."""

    now: datetime
    robots: list[tuple[str, str, int]]
    waiting: list[tuple[str, int, datetime]]
    modules: list[Module]
    agents: Mapping[str, int]
    tasks: Mapping[str, int]
    stuck: int
    rollouts: Mapping[str, int]
    releases: Mapping[str, int]
    unnumbered: int
    oldest_unnumbered: datetime | None
    sequence: int
    places: Mapping[str, int]
    reports: Mapping[ReportKind, reports.Lines]


def count(tx: Tx) -> Figures:
    """Look at everything once."""
    number, oldest = unnumbered(tx, MOST)
    return Figures(
        now=tx.now,
        robots=[(module, str(status), many) for module, status, many in standing(tx)],
        waiting=waiting(tx),
        modules=[module for module in list_modules(tx) if module.is_active],
        agents=count_by_status(tx),
        tasks=count_open_by_state(tx),
        stuck=count_waiting_for_people(tx),
        rollouts=deployments.count_under_way(tx),
        releases=groups.count_under_way(tx),
        unnumbered=number,
        oldest_unnumbered=oldest,
        sequence=newest_sequence(tx),
        places=places(tx),
        reports=reports.lines_under_way(tx),
    )


class Standing(Collector):
    """The figures, at most ten seconds old, and what this process knows of its neighbours without asking them.

    `patience`: seconds that a look waits for the database; after that it counts as away.
    """

    def __init__(
        self,
        database: Database,
        cache: Cache,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._database = database
        self._cache = cache
        self._monotonic = monotonic
        self._figures: Figures | None = None
        self._patience = patience
        self._asked: float | None = None
        self._asking = asyncio.Lock()

    async def look(self) -> None:
        """Ask the database, unless that was done just now. One that is away leaves the figures out."""
        async with self._asking:
            if self._asked is not None and self._monotonic() - self._asked < _FRESH_SECONDS:
                return
            try:
                async with asyncio.timeout(self._patience):
                    self._figures = await self._database.read(count)
            except (AiWorkerError, TimeoutError):
                self._figures = None
            self._asked = self._monotonic()

    def collect(self) -> Iterable[Metric]:
        """What Prometheus reads."""
        used, most = self._database.connections
        yield _gauge("aiworker_database_up", "Whether the database answered.", float(self._figures is not None))
        yield _gauge("aiworker_database_connections_used", "Connections in use in this process.", used)
        yield _gauge("aiworker_database_connections_max", "Connections that this process may have.", most)
        looked = CounterMetricFamily("aiworker_cache_lookups", "Looks into the cache.", labels=["result"])
        looked.add_metric(["hit"], self._cache.hits)
        looked.add_metric(["miss"], self._cache.misses)
        yield looked
        if self._figures is not None:
            yield from _told(self._figures)


def _told(found: Figures) -> Iterable[Metric]:
    robots = GaugeMetricFamily("aiworker_robots", "Unfinished robots.", labels=["module", "status"])
    for module, status, number in found.robots:
        robots.add_metric([module, status.lower()], number)
    ready = GaugeMetricFamily("aiworker_robots_waiting", "Robots that could be claimed now.", labels=["module"])
    age = GaugeMetricFamily(
        "aiworker_robots_waiting_oldest_seconds", "How long ago the oldest of them was asked for.", labels=["module"]
    )
    for module, number, oldest in found.waiting:
        ready.add_metric([module], number)
        age.add_metric([module], _since(found.now, oldest))
    yield from (robots, ready, age)
    yield from _modules(found.modules)
    yield from reports.told(found.reports)
    yield _by("aiworker_agents", "Agents.", "status", AgentStatus, found.agents)
    open_states = [state for state in TaskState if state not in _OVER]
    yield _by("aiworker_tasks", "Tasks that are not done with.", "state", open_states, found.tasks)
    yield _gauge("aiworker_tasks_stuck", "Tasks that wait until a person does something.", found.stuck)
    yield _by("aiworker_rollouts_running", "Roll-outs under way.", "environment", DeploymentEnvironment, found.rollouts)
    yield _by("aiworker_releases_running", "Releases that are worked on.", "work", _RELEASE_WORK, found.releases)
    yield _gauge("aiworker_outbox_unnumbered", "Units of work whose events wait for the relay.", found.unnumbered)
    lag = _since(found.now, found.oldest_unnumbered)
    yield _gauge("aiworker_outbox_lag_seconds", "How long the first of them has waited.", lag)
    numbered = CounterMetricFamily("aiworker_outbox_numbered", "Units of work that the relay has numbered.")
    numbered.add_metric([], found.sequence)
    behind = GaugeMetricFamily("aiworker_outbox_behind", "Numbered, but not handed on yet.", labels=["reader"])
    for reader, place in found.places.items():
        behind.add_metric([reader], max(0, found.sequence - place))
    yield from (numbered, behind)


def _modules(modules: Iterable[Module]) -> Iterable[Metric]:
    up = GaugeMetricFamily("aiworker_module_up", "1: healthy; 0.5: degraded; 0: unhealthy.", labels=["module"])
    score = GaugeMetricFamily("aiworker_module_score", "Score over the last 24 hours, 0 to 1.", labels=["module"])
    success = GaugeMetricFamily("aiworker_module_success_ratio", "Of the tries of 24 hours.", labels=["module"])
    uptime = GaugeMetricFamily("aiworker_module_uptime_ratio", "Of the last 24 hours.", labels=["module"])
    used = GaugeMetricFamily("aiworker_module_utilisation_ratio", "Of its limit, a minute ago.", labels=["module"])
    mean = GaugeMetricFamily(
        "aiworker_module_duration_mean_seconds", "Of what succeeded in the last 24 hours.", labels=["module"]
    )
    for module in modules:
        name = [module.module_name]
        if module.health_status in _UP:
            up.add_metric(name, _UP[module.health_status])
        score.add_metric(name, module.performance_score)
        for ratio, percent in ((success, module.success_rate_24h), (uptime, module.uptime_percentage_24h)):
            if percent is not None:
                ratio.add_metric(name, percent / 100)
        used.add_metric(name, module.capacity_utilization)
        if module.success_rate_24h:
            mean.add_metric(name, module.avg_processing_time_ms / 1000)
    return (up, score, success, uptime, used, mean)


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=value)


def _by(name: str, told: str, label: str, values: Iterable[str], found: Mapping[str, int]) -> Metric:
    """One line for each value there may be: a count that is zero is told, too."""
    family = GaugeMetricFamily(name, told, labels=[label])
    for value in values:
        family.add_metric([str(value)], found.get(str(value), 0))
    return family


def _since(now: datetime, moment: datetime | None) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment is not None else 0.0
