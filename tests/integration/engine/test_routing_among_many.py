"""Many modules that do the same type are asked for their queues together, on each database."""

from aiworker.storage.transaction import Tx
from tests.support.engine import Bench, new_module, new_robot
from tests.support.plans import noted

MODULES = 60


# The bench has a `reader` already, and none of them has anything to do.
async def test_the_shortest_queue_of_many_modules_is_found_in_a_few_statements(bench: Bench) -> None:
    names = [f"reader-{number:03}" for number in range(MODULES)]

    def register(tx: Tx) -> None:
        for name in names:
            bench.engine.register_module(tx, new_module(name))

    def route(tx: Tx) -> tuple[str, int]:
        with noted(tx) as statements:
            robot = bench.engine.submit(tx, new_robot())
        return robot.module_name, len(statements)

    await bench.database.write(register)
    routed = [await bench.database.write(route) for _ in range(MODULES + 2)]
    assert [name for name, _ in routed] == ["reader", *names, "reader"]
    assert max(number for _, number in routed) < 20
