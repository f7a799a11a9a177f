"""`python -m benchmarks.engines`: the engine beside its peers, on the same servers, in the same run."""

import argparse
import asyncio
import shlex
import sys
from pathlib import Path

from benchmarks import machine
from benchmarks.engines.driver import Compared, compare
from benchmarks.engines.entrants import OURS, PEERS
from benchmarks.engines.environment import versions
from benchmarks.engines.measure import Sizes
from benchmarks.engines.report import written
from benchmarks.engines.run import PARTS, Plan, run
from benchmarks.servers import Servers, servers

_OUTPUT = Path(__file__).parents[1] / "engines.md"
_QUICK = Sizes(robots=2_000, singles=100, batches=5, pickups=40)


def main() -> int:
    """Measure, print, and write the table."""
    arguments = _parser().parse_args()
    everyone = [*OURS, *PEERS]
    plan = Plan(
        entrants=[
            each
            for each in everyone
            if (not arguments.only or each.name in arguments.only) and (not arguments.on or each.server in arguments.on)
        ],
        parts=arguments.parts or PARTS,
        sizes=_QUICK if arguments.quick else Sizes(robots=arguments.robots),
        rounds=1 if arguments.quick else arguments.rounds,
    )
    about = [*machine.describe(), *machine.servers(), *versions()]
    with servers() as private:
        results = asyncio.run(run(private, plan))
        compared = _compared(private, plan)
    command = shlex.join(["python", "-m", "benchmarks.engines", *sys.argv[1:]])
    text = written(plan, results, command=command, about=about, driver=compared)
    print(f"\n{text}")
    if not arguments.quick or arguments.output != _OUTPUT:
        arguments.output.write_text(text)
    return 0


def _compared(private: Servers, plan: Plan) -> list[Compared]:
    if "driver" not in plan.parts or not any(each in OURS and each.server == "postgresql" for each in plan.entrants):
        return []
    robots = plan.sizes.robots // 2
    found = [
        compare(private, robots=robots, at_once=200, rounds=plan.rounds),
        compare(private, robots=robots // 10, at_once=1, rounds=plan.rounds),
    ]
    for each in found:
        print(f"plain driver, {each.at_once:3} at once: {each.engine:,.0f} / {each.driver:,.0f} = {each.ratio:.2f}")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines", description=__doc__)
    names, kinds = sorted({each.name for each in [*OURS, *PEERS]}), ["postgresql", "mariadb", "sqlite", "redis"]
    parser.add_argument("--quick", action="store_true", help="small and once, for development: figures are rough")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--on", nargs="+", choices=kinds, metavar="SERVER", help=", ".join(kinds))
    parser.add_argument("--parts", nargs="+", choices=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--rounds", type=int, default=3, help="default 3")
    parser.add_argument("--robots", type=int, default=Sizes().robots, help="how many are drained, default 20,000")
    parser.add_argument("--output", type=Path, default=_OUTPUT, help="default benchmarks/engines.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
