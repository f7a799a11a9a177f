"""What this process counts: requests, and the events of its own commits, so that replicas add up."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.registry import Collector

from aiworker.storage.outbox.events import Event

# Long polls wait up to a minute.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_DEPLOYED = {"deploy:started": "started", "deploy:completed": "completed", "deploy:failed": "failed"}


class Metrics:
    """The book of one process. `registry` is what is read; others may add collectors to it."""

    def __init__(self, version: str) -> None:
        # Each counter would have a second series that tells when it was made.
        disable_created_metrics()
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Gauge("aiworker_build_info", "Which version runs.", ["version"], registry=registry).labels(version).set(1)
        self._requests = Counter(
            "aiworker_http_requests_total",
            "Requests that were answered; status 499: the client left before.",
            ["method", "route", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "aiworker_http_request_seconds",
            "Seconds from a request's head to the end of its answer. Some routes wait for work on purpose.",
            ["method", "route"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self._robots = Counter(
            "aiworker_robot_transitions_total",
            "What happened to robots: created, claimed, completed, retrying, failed, lost, released, cancelled, …",
            ["module", "transition"],
            registry=registry,
        )
        self._tasks = Counter(
            "aiworker_task_moves_total", "Tasks that came into a state.", ["state"], registry=registry
        )
        self._rollouts = Counter(
            "aiworker_rollouts_total",
            "Roll-outs that were started, completed or failed, by environment.",
            ["environment", "result"],
            registry=registry,
        )

    def add(self, collector: Collector) -> None:
        """Something else to read."""
        self.registry.register(collector)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request has been answered."""
        known = method if method in _METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(known, route).observe(seconds)

    def committed(self, events: Sequence[Event]) -> None:
        """A unit of work of this process has been committed."""
        for event in events:
            data = event.data
            if event.kind == "robot:status":
                self._robots.labels(data["moduleName"], data["transition"].lower()).inc()
            elif event.kind == "task:status_changed":
                self._tasks.labels(data["newState"]).inc()
            elif event.kind in _DEPLOYED:
                self._rollouts.labels(data["environment"], _DEPLOYED[event.kind]).inc()
