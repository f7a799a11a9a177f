"""A module of the SDK is killed at named points, answers to it are lost, and its server's database is cut off.

What was done is what the module's own ledger says.
"""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from aiworker.storage.database import ServerDatabase
from aiworker.storage.urls import async_url
from tests.faults.cutter import CUTS, Cut, cutter
from tests.faults.ground import CLAIM, END, REPORT, Ground, ground
from tests.faults.points_run import OF_A_MODULE
from tests.support.clocks import AheadClock
from tests.support.databases import SERVERS, Backend, LentDatabase, fresh_database
from tests.support.waiting import eventually

ROBOTS = 16
on_each = pytest.mark.parametrize(
    "backend", ["sqlite", *(pytest.param(one, marks=pytest.mark.soak) for one in SERVERS)]
)


@pytest.fixture
async def place(tmp_path: Path, backend: Backend) -> AsyncGenerator[Ground]:
    clock = AheadClock()
    database = fresh_database(tmp_path, backend=backend, clock=clock)
    async with ground(database, clock, tmp_path) as made:
        yield made
    await database.close()


@on_each
@pytest.mark.parametrize("late", [False, pytest.param(True, marks=pytest.mark.soak)], ids=["at once", "late"])
async def test_a_killed_module_loses_nothing_and_does_nothing_again_that_it_had_kept(place: Ground, late: bool) -> None:
    """`late`: the next process starts after the leases of the dead one."""
    for points in OF_A_MODULE:
        done = place.effects
        waits = {"until": str(place.marker("module.reported"))} if "module.reported" in points else {}
        await place.submit(ROBOTS, **waits)
        for point in points:
            await place.dies_at(point)
            if late:
                await place.leases_end()
        await place.work_to_the_end()
        verdict = await place.verdict()
        assert verdict, f"{points}: {verdict}"
        assert place.left_on_disk == []
        # No handler had begun, so none begins again.
        assert points != ("module.claimed",) or place.effects == done + ROBOTS


@on_each
async def test_an_answer_that_is_lost_loses_no_robot_and_no_work(place: Ground, tmp_path: Path) -> None:
    for asked in (CLAIM, REPORT, END):
        place.server.plan(asked, place.cut, after=True)
        await _meets_with_trouble(place, tmp_path / f"go on{asked.replace('/', ' ')}", waits=asked == REPORT)


@pytest.mark.parametrize("backend", ["postgresql", pytest.param("mariadb", marks=pytest.mark.soak)])
@pytest.mark.parametrize("cut", [CUTS[1], pytest.param(CUTS[0], marks=pytest.mark.soak)])
@pytest.mark.parametrize(
    ("asked", "what"),
    [
        # On PostgreSQL a claim commits itself, unless it is the first in a while.
        pytest.param(CLAIM, "CLAIMED", marks=pytest.mark.soak),
        pytest.param(REPORT, "", marks=pytest.mark.soak),
        # What comes with the endings is written first.
        pytest.param(END, "", marks=pytest.mark.soak),
        (END, "COMPLETED"),
    ],
)
async def test_a_database_that_is_cut_off_at_a_commit_loses_no_robot_and_no_work(
    tmp_path: Path, backend: Backend, cut: Cut, asked: str, what: str
) -> None:
    clock = AheadClock()
    lent = fresh_database(tmp_path, backend=backend)
    assert isinstance(lent, LentDatabase)
    async with cutter(lent.lent, "plain") as (way, url):
        database = ServerDatabase(async_url(url), pool_size=4, clock=clock)
        async with ground(database, clock, tmp_path) as place:
            await place.submit(1)
            await place.work_to_the_end()
            place.server.plan(asked, lambda: way.arm(cut, too=what), after=False)
            await _meets_with_trouble(place, tmp_path / "go on", waits=asked == REPORT)
        await database.close()
        assert way.cuts == 1
    await lent.close()


def open_the(gate: Path) -> None:
    gate.touch()


async def _meets_with_trouble(place: Ground, go_on: Path, *, waits: bool) -> None:
    """Robots are done while what is planned happens. `waits`: no handler goes on before that."""
    done = place.effects
    await place.submit(ROBOTS, until=str(go_on))
    if waits:
        module = await place.start()
        await eventually(lambda: place.server.struck, within=60)
        open_the(go_on)
        await module.stop()
    else:
        open_the(go_on)
    await place.work_to_the_end()
    assert place.server.struck
    verdict = await place.verdict()
    assert verdict, verdict
    assert place.effects == done + ROBOTS
