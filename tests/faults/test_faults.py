"""The fault run, small enough for every day; in full it is `make soak`, or `python -m tests.faults.run`."""

import os
import random
from pathlib import Path

import pytest

from tests.faults.book import Book
from tests.faults.run import BOOK, FULL, Size, run
from tests.faults.saboteur import plan
from tests.support.databases import Backend

SMALL = Size(tasks=4, robots=80, blows=4, servers=2, workers=2, coders=3, robot_workers=2, projects=1, seconds=280)
# CI breaks the same things each time; elsewhere each run tries others, and its seed is in the failure's message.
SEED = int(os.environ.get("FAULTS_SEED", "11" if os.environ.get("CI") == "true" else random.randrange(1_000_000)))


SERVERS = ("postgresql", "mariadb")


# The servers' turn is `make soak`: a run takes a minute of both cores.
@pytest.mark.parametrize("backend", ["sqlite", *(pytest.param(s, marks=pytest.mark.soak) for s in SERVERS)])
@pytest.mark.timeout(300)
async def test_every_task_and_robot_ends_once_while_processes_are_killed_and_connections_cut(
    tmp_path: Path, backend: Backend
) -> None:
    outcome = await run(backend, SMALL, SEED, tmp_path)
    assert outcome.verdict, f"FAULTS_SEED={SEED}, {outcome.struck}:\n{outcome.verdict}"
    assert len(outcome.struck) == SMALL.blows


@pytest.mark.soak
@pytest.mark.timeout(2 * 3600)
async def test_a_large_crowd_loses_nothing_either(tmp_path: Path, backend: Backend) -> None:
    book = Book(BOOK)
    outcome = await run(backend, FULL, SEED, tmp_path)
    book.add(*outcome.cells)
    assert outcome.verdict, f"FAULTS_SEED={SEED}, {outcome.struck}:\n{outcome.verdict}"


def test_a_seed_repeats_its_plan() -> None:
    targets = ["kill one", "kill other", "cut connections"]
    assert plan(7, 20, targets) == plan(7, 20, targets)
    assert plan(7, 20, targets) != plan(8, 20, targets)
    assert {blow.what for blow in plan(7, 3, targets)} == set(targets)
