"""The table: benchmarks/engines.md."""

from collections.abc import Mapping, Sequence

from benchmarks.engines.driver import WANTED, Compared
from benchmarks.engines.entrants import BATCHES, DEFAULT, EACH, MODES, Entrant
from benchmarks.engines.results import Results
from benchmarks.engines.run import MANY, PICKUP, SINGLE, WITHIN, Plan
from benchmarks.servers import DURABILITY
from benchmarks.tables import bullets, table, verdict

_NAMES = {"postgresql": "PostgreSQL", "mariadb": "MariaDB", "sqlite": "SQLite"}
_US = "aiworker"
_LEADER = "pgqueuer"


def written(
    plan: Plan, results: Mapping[str, Results], *, command: str, about: Sequence[str], driver: Sequence[Compared]
) -> str:
    """The whole file."""
    parts = [
        "# The engine beside its peers",
        f"`{command}`",
        bullets([*about, *_servers(plan)]),
        _preface(plan),
    ]
    for server, name in _NAMES.items():
        if (found := results.get(server)) is not None:
            entrants = [each for each in plan.entrants if each.server in {server, _beside(server)}]
            tables = [_rates(entrants, found), _cpu(entrants, found), _latencies(entrants, found)]
            parts += [f"## {name}", *tables]
    if (found := results.get("postgresql")) is not None:
        parts += ["## What was aimed at", _aims(found)]
    if driver:
        parts += ["## Against the plain driver", _driver(driver)]
    parts += ["## What the modes mean for each", bullets(_modes(plan))]
    return "\n\n".join(parts) + "\n"


def _preface(plan: Plan) -> str:
    sizes = plan.sizes
    return (
        "1 KiB of JSON as input, a handler that does nothing, concurrency 16, one worker process. Drained:"
        f" {sizes.robots:,} waiting robots, from the start of the first handler to the last acknowledgement in the"
        " database. Pickup: from the call that makes a robot, in another process, to the start of its handler in an"
        " idle worker. Every measurement has a new database."
        f" Rounds: {plan.rounds}, everyone in turn; rates are medians (lowest to highest)."
    )


def _servers(plan: Plan) -> list[str]:
    kinds = {each.server for each in plan.entrants} | {"redis" for each in plan.entrants if each.uses_redis}
    return [f"{_NAMES.get(kind, 'Redis')}: {text}" for kind, text in DURABILITY.items() if kind in kinds]


def _rates(entrants: Sequence[Entrant], found: Results) -> str:
    rows = [[_name(each), *(_rate(found, each.name, mode) for mode in MODES)] for each in entrants]
    return table(["drained per second", *MODES.values()], rows)


def _cpu(entrants: Sequence[Entrant], found: Results) -> str:
    """What does not depend on who else uses the machine."""
    rows = [[_name(each), *(_used(found, each.name, mode) for mode in MODES)] for each in entrants]
    return table(["ms of CPU a robot, worker + server", *MODES.values()], rows)


def _used(found: Results, entrant: str, mode: str) -> str:
    used = found.cpu(entrant, mode)
    return "" if used is None else f"{used[0]:.2f} + {used[1]:.2f}"


def _latencies(entrants: Sequence[Entrant], found: Results) -> str:
    rows: list[list[str]] = []
    for each in entrants:
        rows.append([_name(each), *(_latency(found, each.name, what) for what in (SINGLE, MANY, PICKUP))])
        if each.within_one_process:
            rows.append([f"{_name(each)}, all in one process", "", "", _latency(found, each.name, WITHIN)])
    return table(["ms, p50 / p99", SINGLE, MANY, "idle pickup"], rows)


def _aims(found: Results) -> str:
    rows = [
        ["default mode at least pgqueuer's rate", *_ratio(found, DEFAULT, 1.0)],
        ["batches of 200 at least twice pgqueuer's", *_ratio(found, BATCHES, 2.0)],
        ["one acknowledgement each (no aim)", *_ratio(found, EACH, None)],
    ]
    idle = {what: found.milliseconds(_US, what, 0.5) for what in (PICKUP, WITHIN)}
    rows += [
        [f"idle {what}, p50 under 5 ms", f"{p50:.1f} ms", verdict(p50 < 5)]
        for what, p50 in idle.items()
        if p50 is not None
    ]
    return table(["aim", "measured", ""], rows)


def _driver(compared: Sequence[Compared]) -> str:
    rows = [
        [
            f"{each.at_once} at once ({each.robots:,} robots)",
            f"{each.engine:,.0f}",
            f"{each.driver:,.0f}",
            f"{each.ratio:.2f}",
            verdict(each.ratio >= WANTED),
            f"{each.statements * each.at_once:.1f}",
        ]
        for each in compared
    ]
    head = ["claimed and completed", "engine /s", "asyncpg /s", "ratio", f"{WANTED:.0%} wanted", "statements a time"]
    text = (
        "The statements that the engine sends for claims and completions were recorded, and sent again by asyncpg"
        " alone: the same rows, parameters and transactions, one connection, one unit of work after the other."
    )
    return f"{text}\n\n{table(head, rows)}"


def _ratio(found: Results, mode: str, wanted: float | None) -> list[str]:
    ours, theirs = found.rate(_US, mode), found.rate(_LEADER, mode)
    if ours is None or theirs is None:
        return ["not measured", ""]
    text = f"{ours:,.0f} / {theirs:,.0f} = {ours / theirs:.2f}"
    return [text, "" if wanted is None else verdict(ours >= wanted * theirs)]


def _modes(plan: Plan) -> list[str]:
    seen: dict[str, Entrant] = {}
    for each in plan.entrants:
        seen.setdefault(each.name, each)
    return [
        f"{name}: " + "; ".join(f"{MODES[mode]}: {meaning}" for mode, meaning in each.modes.items())
        for name, each in seen.items()
    ]


def _beside(server: str) -> str:
    return "redis" if server == "postgresql" else server


def _name(entrant: Entrant) -> str:
    if entrant.name == _US:
        return f"**{_US}**"
    return f"{entrant.name}, on Redis" if entrant.server == "redis" else entrant.name


def _rate(found: Results, entrant: str, mode: str) -> str:
    runs = [each.rate for each in found.drained.get((entrant, mode), ())]
    if not runs:
        return ""
    spread = f" ({min(runs):,.0f} to {max(runs):,.0f})" if len(runs) > 1 else ""
    return f"{found.rate(entrant, mode):,.0f}{spread}"


def _latency(found: Results, entrant: str, what: str) -> str:
    p50, p99 = found.milliseconds(entrant, what, 0.5), found.milliseconds(entrant, what, 0.99)
    return "" if p50 is None else f"{p50:.1f} / {p99:.1f}"
