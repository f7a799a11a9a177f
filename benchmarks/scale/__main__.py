"""`python -m benchmarks.scale`: the promised times with a million robots, and what a claim costs by what waits."""

import argparse
import asyncio
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import machine
from benchmarks.scale.claims import Sizes, claim_costs, cost_when_held
from benchmarks.scale.promises import Load, promised_times
from benchmarks.scale.report import Found, written
from benchmarks.servers import Servers, servers

_OUTPUT = Path(__file__).parents[1] / "scale.md"
_KINDS = ("postgresql", "mariadb", "sqlite")
_PARTS = ("promises", "claims", "held")
_QUICK = Load(robots=20_000, waiting=1_000, tasks=2_000, backlog=200, samples=50)
_QUICK_CLAIMS = Sizes(waiting=(1_000, 10_000, 50_000), claims_before=2_000, samples=100)


def main() -> int:
    """Measure, print, and write the tables."""
    arguments = _parser().parse_args()
    load, sizes = (_QUICK, _QUICK_CLAIMS) if arguments.quick else (Load(), Sizes())
    about = [*machine.describe(), *machine.servers()]
    found: dict[str, Found] = {}
    for kind in arguments.on:
        # Servers of its own for each: a million robots of one must not sit in the memory of the next.
        with servers() as private:
            found[kind] = asyncio.run(_measured(private, kind, arguments.parts, load, sizes))
    command = shlex.join(["python", "-m", "benchmarks.scale", *sys.argv[1:]])
    text = written(found, load, sizes, command=command, about=about)
    print(text)
    if not arguments.quick or arguments.output != _OUTPUT:
        arguments.output.write_text(text)
    return 0


async def _measured(servers: Servers, kind: str, parts: Sequence[str], load: Load, sizes: Sizes) -> Found:
    found = Found()
    if "claims" in parts:
        found.claims = await claim_costs(servers, kind, sizes)
        print(kind, *found.claims, sep="\n  ", flush=True)
    if "held" in parts:
        found.held = await cost_when_held(servers, kind, sizes)
        print(kind, *found.held, sep="\n  ", flush=True)
    if "promises" in parts:
        with tempfile.TemporaryDirectory(prefix="aiworker-bench-home-", ignore_cleanup_errors=True) as home:
            found.promises = await promised_times(servers, kind, Path(home), load)
        for times in (found.promises.hurried, found.promises.paced):
            print(kind, *(f"{what}: {took}" for what, took in times.items()), sep="\n  ", flush=True)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small, for development: figures are rough")
    parser.add_argument("--on", nargs="+", choices=_KINDS, default=_KINDS, metavar="KIND", help=", ".join(_KINDS))
    parser.add_argument("--parts", nargs="+", choices=_PARTS, default=_PARTS, metavar="PART", help=", ".join(_PARTS))
    parser.add_argument("--output", type=Path, default=_OUTPUT, help="default benchmarks/scale.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
