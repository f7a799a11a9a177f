"""The log of agents by month, on the servers; and what the same calls do where there are no months."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aiworker.delivery.agents import queries
from aiworker.delivery.agents.tables import agent_logs
from aiworker.storage.database import Database
from aiworker.storage.metadata import metadata
from aiworker.storage.migrate import check, upgrade
from aiworker.storage.partitions import Month, months_of
from aiworker.storage.transaction import Tx
from aiworker.wire.agents import NewLogLine
from tests.support.clocks import ManualClock
from tests.support.databases import SERVERS, Backend, LentDatabase, fresh_database

on_the_servers = pytest.mark.parametrize("backend", SERVERS, indirect=True)
BEGAN = datetime.now(UTC)
NOW = Month.of(BEGAN)


def middle_of(month: Month) -> datetime:
    return datetime(month.year, month.number, 15, 12, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(BEGAN)


@pytest.fixture
async def database(tmp_path: Path, backend: Backend, clock: ManualClock) -> AsyncIterator[Database]:
    opened = fresh_database(tmp_path, backend=backend, clock=clock)
    await opened.write(queries.add, {"id": "a", "pod_name": "agent-0"})
    yield opened
    await opened.close()


async def log(database: Database, *moments: datetime) -> None:
    for at in moments:
        await database.write(queries.add_logs, "a", [NewLogLine(message=str(at))], said_at=at)


async def logged(database: Database) -> list[datetime]:
    return sorted(line.created_at for line in await database.read(queries.logs))


async def months(database: Database) -> Sequence[Month]:
    return await database.read(months_of, agent_logs)


@on_the_servers
async def test_this_month_and_three_more_are_there_from_the_start(database: Database) -> None:
    made = set(await months(database))
    # It may have been made after the month of this module's beginning was over.
    assert any({this.plus(ahead) for ahead in range(4)} <= made for this in {NOW, Month.of(datetime.now(UTC))})


@on_the_servers
async def test_months_are_made_ahead_and_again_is_harmless(database: Database) -> None:
    newest = (await months(database))[-1]
    ahead = (newest.year - NOW.year) * 12 + newest.number - NOW.number
    assert await database.write(queries.make_months, ahead + 2) == 2
    assert (await months(database))[-1] == newest.plus(2)
    assert await database.write(queries.make_months, ahead + 2) == 0


@on_the_servers
async def test_a_line_of_a_month_that_nobody_prepared_is_kept_and_moves_to_its_month_later(database: Database) -> None:
    newest = (await months(database))[-1]
    moments = [middle_of(newest.plus(later)) for later in (1, 2, 200)]
    await log(database, *moments)
    assert await logged(database) == moments
    ahead = (newest.year - NOW.year) * 12 + newest.number - NOW.number
    await database.write(queries.make_months, ahead + 2)
    assert await logged(database) == moments
    assert (await months(database))[-1] == newest.plus(2)


@on_the_servers
async def test_months_that_are_over_are_dropped_and_no_other(database: Database, clock: ManualClock) -> None:
    oldest, *_, newest = await months(database)
    clock.now = middle_of(newest.plus(1))
    await database.write(queries.make_months, 1)
    moments = [middle_of(oldest.plus(-30)), middle_of(oldest), middle_of(newest), clock.now]
    await log(database, *moments)
    assert await database.write(queries.drop_months_before, middle_of(newest)) > 0
    assert await logged(database) == moments[2:]
    assert (await months(database))[0] == newest


@on_the_servers
async def test_what_lies_ahead_is_never_dropped(database: Database) -> None:
    before = await months(database)
    await database.write(queries.drop_months_before, datetime.now(UTC) + timedelta(days=3650))
    assert list(before[-4:]) == list(await months(database))[-4:]


async def test_old_lines_go_bit_by_bit_where_their_month_stays(database: Database, clock: ManualClock) -> None:
    moments = [clock.now - timedelta(days=40, minutes=number) for number in range(5)] + [clock.now]
    await log(database, *moments)

    def some(tx: Tx) -> int:
        return queries.delete_logs_before(tx, tx.now - timedelta(days=30), limit=2)

    assert [await database.write(some) for _ in range(4)] == [2, 2, 1, 0]
    assert await logged(database) == [clock.now]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_where_there_are_no_partitions_nothing_is_made_or_dropped(database: Database, clock: ManualClock) -> None:
    assert await database.write(queries.make_months, 3) == 0
    assert await database.write(queries.drop_months_before, clock.now) == 0


@on_the_servers
async def test_months_are_nothing_that_a_check_complains_of(database: Database) -> None:
    assert isinstance(database, LentDatabase)
    await upgrade(database.lent)
    assert await check(database.lent, metadata) == []


async def test_an_agent_that_is_removed_takes_its_log_along(database: Database) -> None:
    await log(database, datetime.now(UTC))
    await database.write(queries.delete_agent, "a")
    assert await logged(database) == []


def test_months_are_counted_over_the_turn_of_the_year() -> None:
    assert Month(2026, 11).plus(3) == Month(2027, 2)
    assert Month(2027, 1).plus(-1) == Month(2026, 12)
    assert str(Month(2027, 1)) == "2027_01"
