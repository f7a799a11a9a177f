"""What a database complains of while it works: whether it is done again, and what the caller is told."""

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.util import await_

from aiworker.core.errors import Unavailable
from aiworker.delivery.agents.tables import agent_logs
from aiworker.engine.queues.tables import queues
from aiworker.storage.database import Database
from aiworker.storage.partitions import make_ahead
from aiworker.storage.transaction import Tx
from aiworker.storage.urls import connect_arguments
from tests.support.databases import SERVERS

on_the_servers = pytest.mark.parametrize("backend", SERVERS, indirect=True)
# A full disk, no memory, a statement that was stopped, a proxy or a node of a cluster that gives up.
ILL = {"postgresql": ["53100", "53200", "57014", "58030", "08P01"], "mariadb": [1021, 1041, 1114, 1317, 1969, 3024]}
READS_ONLY = {"postgresql": ["25006"], "mariadb": [1047, 1290, 1792, 1836]}


def each_of(codes: dict[str, list[str] | list[int]]) -> pytest.MarkDecorator:
    pairs = [(backend, code) for backend, those in codes.items() for code in those]
    return pytest.mark.parametrize(("backend", "code"), pairs, indirect=["backend"])


def add(tx: Tx) -> None:
    tx.execute(insert(queues).values(name="q", paused=False))


def names(tx: Tx) -> list[str]:
    return [str(row.name) for row in tx.rows(select(queues.c.name).limit(10))]


def complain(tx: Tx, code: str | int) -> None:
    """The server itself says so."""
    if tx.dialect == "postgresql":
        tx.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'it says so' USING ERRCODE = '{code}'; END $$"))
    else:
        tx.execute(text(f"SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = {code}, MESSAGE_TEXT = 'it says so'"))


def session(tx: Tx) -> int:
    asked = "SELECT pg_backend_pid()" if tx.dialect == "postgresql" else "SELECT CONNECTION_ID()"
    return int(tx.scalar(text(asked)))


@each_of(ILL)
async def test_a_server_that_cannot_do_it_is_unavailable_and_nothing_is_kept(
    database: Database, code: str | int, capsys: pytest.CaptureFixture[str]
) -> None:
    def body(tx: Tx) -> None:
        add(tx)
        complain(tx, code)

    with pytest.raises(Unavailable, match="could not do it") as refused:
        await database.write(body)
    assert refused.value.code == "database_unavailable"
    # Who runs it reads what was wrong; the caller is not told.
    assert "it says so" in capsys.readouterr().out
    assert await database.read(names) == []


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_statement_that_is_stopped_because_it_took_too_long_is_told_as_that(database: Database) -> None:
    def body(tx: Tx) -> None:
        add(tx)
        tx.execute(text("SET LOCAL statement_timeout = '10ms'"))
        tx.execute(text("SELECT pg_sleep(60)"))

    with pytest.raises(Unavailable, match="was told to stop"):
        await database.write(body)
    assert await database.read(names) == []


@each_of(READS_ONLY)
async def test_after_a_failover_work_goes_on_with_new_connections(database: Database, code: str | int) -> None:
    sessions: list[int] = []

    def body(tx: Tx) -> None:
        sessions.append(session(tx))
        add(tx)
        if len(sessions) == 1:
            # The other connection led to the same server.
            sessions.append(await_(database.read(session)))
            complain(tx, code)

    await database.write(body)
    assert await database.read(names) == ["q"]
    assert len(set(sessions)) == 3
    assert await database.read(session) not in sessions[:2]


@each_of(READS_ONLY)
async def test_a_server_that_stays_without_changes_is_told_as_that_and_still_read(
    database: Database, code: str | int
) -> None:
    with pytest.raises(Unavailable, match="takes no changes") as refused:
        await database.write(complain, code)
    assert refused.value.code == "database_read_only"
    assert await database.read(names) == []


@pytest.mark.parametrize("backend", ["mariadb"], indirect=True)
async def test_who_reads_while_a_table_gets_a_partition_reads_again(database: Database) -> None:
    runs: list[int] = []

    def body(tx: Tx) -> int:
        runs.append(1)
        names(tx)
        if len(runs) == 1:
            await_(database.write(make_ahead, agent_logs, months=60))
        return len(tx.rows(select(agent_logs).limit(10)))

    assert await database.read(body) == 0
    assert len(runs) == 2


@on_the_servers
async def test_a_unit_that_the_database_took_back_as_a_whole_is_not_gone_on_with(database: Database) -> None:
    def body(tx: Tx) -> None:
        add(tx)
        with tx.savepoint():
            tx.execute(text("ROLLBACK"))
            raise KeyError("mine")

    with pytest.raises(Unavailable, match="could not do it"):
        await database.write(body)
    assert await database.read(names) == []


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_pooler_that_hands_connections_round_is_told_as_that(database: Database) -> None:
    def body(tx: Tx) -> None:
        for _ in range(2):
            tx.execute(text("PREPARE same AS SELECT 1"))

    with pytest.raises(Unavailable, match="must be in session mode") as refused:
        await database.write(body)
    assert refused.value.code == "database_pooled"


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_pooler_is_asked_for_nothing_it_does_not_know_and_all_is_set_all_the_same(database: Database) -> None:
    asked = set(connect_arguments(database.url)["server_settings"])
    # PgBouncer refuses every other name, unless it is told otherwise.
    assert asked <= {"client_encoding", "datestyle", "timezone", "standard_conforming_strings", "application_name"}

    def shown(tx: Tx) -> list[str]:
        return [str(tx.scalar(text(f"SHOW {name}"))) for name in ("timezone", "lock_timeout", "enable_seqscan", "jit")]

    assert await database.read(shown) == ["UTC", "10s", "off", "off"]
