"""Who runs where, and what the modes mean for each."""

from collections.abc import Mapping
from dataclasses import dataclass

EACH, DEFAULT, BATCHES = "each", "default", "batches"
MODES = {
    EACH: "one acknowledgement each",
    DEFAULT: "its default mode",
    BATCHES: "batches of 200",
}


@dataclass(frozen=True, slots=True)
class Entrant:
    """One engine on one server. `modes`: those it has, and what each means; pickup is measured in `default`.

    `uses_redis`: wake-ups go over Redis, as they do where there are several processes.
    """

    name: str
    program: str
    environment: str
    server: str
    modes: Mapping[str, str]
    uses_redis: bool = False
    across_processes: bool = True
    within_one_process: bool = False


_OUR_MODES = {
    EACH: "as many claimed as there are free places, each completed by a unit of work of its own",
    DEFAULT: "ModuleLoop as it is by itself: prefetch, acknowledgements gathered, each durable before it is confirmed",
    BATCHES: "200 claimed in one unit of work and completed in the next, while the next 200 are claimed",
}


def _ours(server: str) -> Entrant:
    return Entrant(
        name="aiworker",
        program="with_aiworker.py",
        environment="ours",
        server=server,
        modes=_OUR_MODES,
        uses_redis=server != "sqlite",
        across_processes=server != "sqlite",
        within_one_process=True,
    )


OURS = (_ours("postgresql"), _ours("mariadb"), _ours("sqlite"))
PEERS = (
    Entrant(
        "pgqueuer",
        "with_pgqueuer.py",
        "pgqueuer",
        "postgresql",
        {EACH: "batch_size=1", DEFAULT: "batch_size=10, its default", BATCHES: "batch_size=200"},
    ),
    Entrant(
        "procrastinate",
        "with_procrastinate.py",
        "procrastinate",
        "postgresql",
        {EACH: "its only mode"},
    ),
    Entrant(
        "graphile-worker",
        "with_graphile_worker.mjs",
        "node",
        "postgresql",
        {EACH: "as it is by itself", BATCHES: "localQueue of 200, completeJobBatchDelay 0"},
    ),
    Entrant(
        "pg-boss",
        "with_pg_boss.mjs",
        "node",
        "postgresql",
        {
            EACH: "16 loops of fetch and complete",
            DEFAULT: "work() with batchSize 16, burstWhenBatchFull, LISTEN/NOTIFY",
            BATCHES: "work() with batchSize 200, burstWhenBatchFull",
        },
    ),
    Entrant("bullmq (Node)", "with_bullmq.mjs", "node", "redis", {EACH: "its only mode"}),
    Entrant("bullmq (Python)", "with_bullmq.py", "bullmq", "redis", {EACH: "its only mode"}),
)
