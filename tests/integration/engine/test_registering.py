"""Modules that make themselves known."""

import asyncio

from tests.support.engine import Bench, new_module


async def test_processes_of_a_new_module_that_start_at_once_are_all_registered(bench: Bench) -> None:
    new = new_module("new", ["page.read", "page.write"])
    register = bench.engine.register_module
    # Each has its connection, so that they meet.
    await asyncio.gather(*(bench.database.read(bench.engine.list_modules) for _ in range(8)))
    made = await asyncio.gather(*(bench.database.write(register, new) for _ in range(8)))
    assert {(one.module_name, *one.supported_robot_types) for one in made} == {("new", "page.read", "page.write")}
