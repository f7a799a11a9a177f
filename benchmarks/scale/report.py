"""The tables: benchmarks/scale.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.scale.claims import MOST_BY_NUMBER, MOST_WHEN_HELD, Cost, Sizes
from benchmarks.scale.promises import PROMISED, Load, Times, Took
from benchmarks.servers import DURABILITY
from benchmarks.tables import bullets, table, verdict

_NAMES = {"postgresql": "PostgreSQL", "mariadb": "MariaDB", "sqlite": "SQLite"}


@dataclass(slots=True)
class Found:
    """Of one kind of database."""

    promises: Times = field(default_factory=lambda: Times({}, {}))
    claims: list[Cost] = field(default_factory=list[Cost])
    held: list[Cost] = field(default_factory=list[Cost])


def written(found: Mapping[str, Found], load: Load, sizes: Sizes, *, command: str, about: Sequence[str]) -> str:
    """The whole file."""
    durability = [f"{_NAMES[kind]}: {DURABILITY[kind]}" for kind in found]
    parts = [
        "# Many robots",
        f"`{command}`",
        bullets([*about, *durability]),
        "## The promised times",
        f"Asked over HTTP, on one connection, of `aiworker up` with {load.robots:,} robots ({load.waiting:,} of them"
        f" waiting) and {load.tasks:,} tasks ({load.backlog:,} in the backlog) in its database; {load.samples} requests"
        " of each kind, by turns. In ms, p50 / p99.",
        f"With {1000 * load.pause:.0f} ms between an answer and the next request:",
        _promises({kind: each.promises.paced for kind, each in found.items()}),
        "Each request right after the answer to the last, while the server still does what the last one caused (events,"
        " wake-ups, the next robot's routing):",
        _promises({kind: each.promises.hurried for kind, each in found.items()}),
        "## What a claim costs",
        f"`Engine.claim` of one robot, by {sizes.samples} claims on each database; the databases stand side by side and"
        " are asked by turns. Medians in ms, and the ratio to the smallest. "
        f"The ratio should stay under {MOST_BY_NUMBER}.",
        _claims({kind: each.claims for kind, each in found.items()}),
        f"After {sizes.claims_before:,} claims beside a transaction that began before them and stays open, against a"
        f" database at rest with as many waiting. The ratio should stay under {MOST_WHEN_HELD:.0f}.",
        _claims({kind: each.held for kind, each in found.items()}),
    ]
    return "\n\n".join(parts) + "\n"


def _promises(found: Mapping[str, Mapping[str, Took]]) -> str:
    rows: list[list[str]] = []
    for what, promised in PROMISED.items():
        took = [found[kind].get(what) for kind in found]
        measured = [each for each in took if each is not None]
        kept = verdict(all(each.p99 < promised for each in measured)) if measured else "not measured"
        cells = ["" if each is None else f"{each.p50:.1f} / {each.p99:.1f}" for each in took]
        rows.append([what, f"{promised:.0f}", *cells, kept])
    return table(["", "promised p99", *(_NAMES[kind] for kind in found), ""], rows)


def _claims(found: Mapping[str, Sequence[Cost]]) -> str:
    rows: list[list[str]] = []
    for kind, costs in found.items():
        for cost in costs:
            beside = ", beside an open transaction" if cost.held else ""
            most = MOST_WHEN_HELD if cost.held else MOST_BY_NUMBER
            shown = f"{cost.milliseconds:.2f}"
            name = f"{_NAMES[kind]}, {cost.waiting:,} waiting{beside}"
            rows.append([name, shown, f"{cost.ratio:.2f}", verdict(cost.ratio < most)])
    return table(["", "ms", "ratio", ""], rows)
