"""One run: every entrant in turn, in several rounds, so that what happens to the machine happens to all of them."""

import sys
from collections import defaultdict
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from benchmarks.engines.entrants import Entrant
from benchmarks.engines.measure import Failed, Sizes, creates, drained, pickups, pickups_within
from benchmarks.engines.results import Results, percentile
from benchmarks.servers import Servers

T = TypeVar("T")

PARTS = ("drain", "create", "pickup", "driver")
SINGLE, MANY, PICKUP, WITHIN = "create one", "create 500", "pickup", "pickup within one process"
_MANY = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run."""

    entrants: Sequence[Entrant]
    parts: Sequence[str]
    sizes: Sizes
    rounds: int


async def run(servers: Servers, plan: Plan) -> dict[str, Results]:
    """The results by server; peers on Redis stand beside those on PostgreSQL."""
    results: defaultdict[str, Results] = defaultdict(Results)
    for turn in range(plan.rounds):
        # Who begins changes from round to round.
        first = turn % len(plan.entrants)
        for entrant in [*plan.entrants[first:], *plan.entrants[:first]]:
            await _one(servers, plan, entrant, results[_table(entrant)])
    return dict(results)


async def _one(servers: Servers, plan: Plan, entrant: Entrant, into: Results) -> None:
    if "drain" in plan.parts:
        for mode in entrant.modes:
            done = await _tried(entrant, mode, drained(servers, entrant, mode, plan.sizes.robots))
            if done is not None:
                into.drained[entrant.name, mode].append(done)
                cpu = f"CPU {done.worker_ms:.2f} + {done.server_ms:.2f} ms"
                print(f"{entrant.server:12} {entrant.name:16} {mode:10} {done.rate:8,.0f} /s  {cpu}", flush=True)
    for what, measured in _latencies(servers, plan, entrant).items():
        found = await _tried(entrant, what, measured)
        if found:
            into.seconds[entrant.name, what] += found
            p50, p99 = percentile(found, 0.5) * 1000, percentile(found, 0.99) * 1000
            print(f"{entrant.server:12} {entrant.name:16} {what:26} {p50:8.2f} ms, p99 {p99:.2f} ms", flush=True)


def _latencies(servers: Servers, plan: Plan, entrant: Entrant) -> dict[str, Coroutine[Any, Any, list[float]]]:
    sizes = plan.sizes
    asked: dict[str, Coroutine[Any, Any, list[float]]] = {}
    if "create" in plan.parts:
        asked[SINGLE] = creates(servers, entrant, sizes.singles, 1)
        asked[MANY] = creates(servers, entrant, sizes.batches, _MANY)
    if "pickup" in plan.parts:
        if entrant.across_processes:
            asked[PICKUP] = pickups(servers, entrant, sizes.pickups)
        if entrant.within_one_process:
            asked[WITHIN] = pickups_within(servers, entrant, sizes.pickups)
    return asked


async def _tried(entrant: Entrant, what: str, measured: Coroutine[Any, Any, T]) -> T | None:
    """One contestant that fails must not cost the others their figures."""
    try:
        return await measured
    except Failed as failure:
        print(f"{entrant.name}, {what}: {failure}", file=sys.stderr, flush=True)
        return None


def _table(entrant: Entrant) -> str:
    return "postgresql" if entrant.server == "redis" else entrant.server
