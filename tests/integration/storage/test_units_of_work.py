"""What a unit of work promises when databases refuse, block, break and run out: the same words on each of the three."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.util import await_

from aiworker.access.users.tables import users
from aiworker.core.errors import AiWorkerError, Conflict, Invalid, Unavailable
from aiworker.delivery.agents.tables import agents
from aiworker.delivery.tasks.tables import tasks
from aiworker.engine.queues.tables import queues
from aiworker.engine.types.tables import robot_types
from aiworker.storage.database import Database, ServerDatabase
from aiworker.storage.outbox.events import Event
from aiworker.storage.outbox.tables import outbox
from aiworker.storage.prepared import Prepared
from aiworker.storage.transaction import Tx
from aiworker.storage.urls import async_url
from tests.support.databases import SERVERS, Backend, LentDatabase
from tests.support.keeper import free_port
from tests.support.statements import kill_all_connections

on_the_servers = pytest.mark.parametrize("backend", SERVERS, indirect=True)


def add(tx: Tx, *names: str) -> None:
    tx.execute(insert(queues), [{"name": name, "paused": False} for name in names])


def by_itself(_: Tx) -> AbstractContextManager[None]:
    return nullcontext()


def names(tx: Tx) -> list[str]:
    return [str(row.name) for row in tx.rows(select(queues.c.name).order_by(queues.c.name).limit(100))]


def add_twice(tx: Tx) -> None:
    add(tx, "same")
    add(tx, "same")


def add_too_long(tx: Tx) -> None:
    tx.execute(insert(users).values(id="u", name="x" * 10_000, role="admin"))


def add_too_large(tx: Tx) -> None:
    tx.execute(insert(queues).values(name="q", paused=False, max_running=10**12))


def add_without(tx: Tx) -> None:
    tx.execute(insert(queues).values(name="q", paused=None))


def add_to_nothing(tx: Tx) -> None:
    tx.execute(insert(tasks).values(id="t", project_id="gone", title="x", task_key="X-1", capabilities=[]))


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (add_twice, Conflict, "already_there"),
        (add_without, Invalid, "value_refused"),
        (add_to_nothing, Conflict, "reference_broken"),
    ],
)
async def test_what_a_database_refuses_is_told_in_the_same_words_everywhere(
    database: Database, body: Callable[[Tx], None], kind: type[AiWorkerError], code: str
) -> None:
    with pytest.raises(kind) as refused:
        await database.write(body)
    assert refused.value.code == code
    assert "queues" not in refused.value.message
    assert await database.read(names) == []


@on_the_servers
@pytest.mark.parametrize("body", [add_too_long, add_too_large])
async def test_a_value_that_does_not_fit_is_refused_and_never_cut_off(
    database: Database, body: Callable[[Tx], None]
) -> None:
    with pytest.raises(Invalid) as refused:
        await database.write(body)
    assert refused.value.code == "value_refused"


async def test_a_mistake_of_ours_stays_a_mistake(database: Database) -> None:
    with pytest.raises(Exception, match="nonsense") as raised:
        await database.write(lambda tx: tx.execute(text("SELECT nonsense FROM queues")))
    assert not isinstance(raised.value, Conflict | Invalid)


async def test_what_a_body_raises_takes_back_what_it_wrote(database: Database) -> None:
    def body(tx: Tx) -> None:
        add(tx, "q")
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await database.write(body)
    assert await database.read(names) == []


@on_the_servers
@pytest.mark.parametrize("part", [by_itself, Tx.savepoint])
async def test_two_that_wait_for_each_other_both_get_through(
    database: Database, part: Callable[[Tx], AbstractContextManager[None]]
) -> None:
    await database.write(add, "a", "b")
    met = asyncio.Barrier(2)
    runs: list[str] = []

    def touch(tx: Tx, first: str, second: str) -> None:
        runs.append(first)
        tx.execute(update(queues).where(queues.c.name == first).values(max_running=1))
        if len(runs) <= 2:
            # Each holds its first row before either asks for its second.
            await_(met.wait())
        with part(tx):
            tx.execute(update(queues).where(queues.c.name == second).values(paused=True))

    await asyncio.gather(database.write(touch, "a", "b"), database.write(touch, "b", "a"))
    assert len(runs) == 3


@on_the_servers
async def test_a_lock_that_is_not_had_in_time_is_asked_for_again(database: Database, backend: Backend) -> None:
    await database.write(add, "a")
    held, asked, let_go = asyncio.Event(), asyncio.Event(), asyncio.Event()
    wait = "SET LOCAL lock_timeout = '{}s'" if backend == "postgresql" else "SET innodb_lock_wait_timeout = {}"
    runs: list[int] = []

    def hold(tx: Tx) -> None:
        tx.execute(update(queues).where(queues.c.name == "a").values(max_running=1))
        held.set()
        await_(let_go.wait())

    def want(tx: Tx) -> None:
        runs.append(1)
        if len(runs) == 2:
            asked.set()
        # The first one waits in vain, the second one as long as it takes.
        tx.execute(text(wait.format(60 if asked.is_set() else 1)))
        tx.execute(update(queues).where(queues.c.name == "a").values(paused=True))

    async with asyncio.TaskGroup() as group:
        group.create_task(database.write(hold))
        await held.wait()
        group.create_task(database.write(want))
        await asked.wait()
        let_go.set()
    assert len(runs) == 2


@on_the_servers
async def test_a_connection_that_breaks_in_mid_work_costs_nothing(database: Database) -> None:
    runs: list[int] = []

    def body(tx: Tx) -> None:
        runs.append(1)
        add(tx, "once")
        if len(runs) == 1:
            await_(kill_all_connections(database.url))
        add(tx, "too")

    await database.write(body)
    assert (len(runs), await database.read(names)) == (2, ["once", "too"])


@on_the_servers
async def test_a_connection_that_broke_while_nobody_used_it_is_not_noticed(database: Database) -> None:
    await asyncio.gather(*(database.write(add, f"q{number}") for number in range(4)))
    await kill_all_connections(database.url)
    assert await database.read(names) == ["q0", "q1", "q2", "q3"]
    await kill_all_connections(database.url)
    await asyncio.gather(*(database.write(add, f"r{number}") for number in range(4)))
    assert len(await database.read(names)) == 8


@on_the_servers
async def test_a_connection_that_breaks_while_it_reads_is_not_noticed(database: Database) -> None:
    await database.write(add, "q")
    runs: list[int] = []

    def body(tx: Tx) -> list[str]:
        runs.append(1)
        if len(runs) == 1:
            await_(kill_all_connections(database.url))
        return names(tx)

    assert (await database.read(body), len(runs)) == (["q"], 2)


@on_the_servers
async def test_a_commit_whose_answer_is_lost_is_not_done_again_in_silence(database: Database) -> None:
    runs: list[int] = []

    def body(tx: Tx) -> None:
        runs.append(1)
        add(tx, "perhaps")
        await_(kill_all_connections(database.url))

    with pytest.raises(Unavailable, match="broke during the commit") as doubt:
        await database.write(body)
    assert (doubt.value.code, len(runs)) == ("commit_in_doubt", 1)


@on_the_servers
async def test_who_finds_every_connection_in_use_waits_for_one(database: Database) -> None:
    assert isinstance(database, LentDatabase)
    narrow = ServerDatabase(async_url(database.lent), pool_size=1)
    held, let_go = asyncio.Event(), asyncio.Event()

    def hold(tx: Tx) -> None:
        add(tx, "first")
        held.set()
        await_(let_go.wait())

    async with asyncio.TaskGroup() as group:
        group.create_task(narrow.write(hold))
        await held.wait()
        waiting = group.create_task(narrow.read(names))
        let_go.set()
    assert waiting.result() == ["first"]
    await narrow.close()


@on_the_servers
async def test_who_waits_too_long_for_a_connection_is_told_so(database: Database) -> None:
    assert isinstance(database, LentDatabase)
    narrow = ServerDatabase(async_url(database.lent), pool_size=1, pool_wait_seconds=0.05)
    held, let_go = asyncio.Event(), asyncio.Event()

    def hold(tx: Tx) -> None:
        add(tx, "first")
        held.set()
        await_(let_go.wait())

    async with asyncio.TaskGroup() as group:
        group.create_task(narrow.write(hold))
        await held.wait()
        with pytest.raises(Unavailable, match="Every connection to the database is in use") as busy:
            await narrow.read(names)
        let_go.set()
    assert busy.value.code == "database_busy"
    await narrow.close()


@on_the_servers
async def test_a_server_that_is_away_is_unavailable_at_once(database: Database) -> None:
    assert isinstance(database, LentDatabase)
    away = ServerDatabase(async_url(database.lent.set(port=free_port())), pool_size=1)
    for work in (away.ping(), away.write(add, "q")):
        with pytest.raises(Unavailable, match="does not answer"):
            await work
    await away.close()


@on_the_servers
async def test_what_is_read_belongs_together_whatever_is_written_meanwhile(database: Database) -> None:
    await database.write(add, "before")

    def body(tx: Tx) -> tuple[list[str], list[str]]:
        first = names(tx)
        await_(database.write(add, "meanwhile"))
        return first, names(tx)

    assert await database.read(body) == (["before"], ["before"])
    assert await database.read(names) == ["before", "meanwhile"]


@on_the_servers
async def test_what_is_written_sees_what_others_have_committed_meanwhile(database: Database) -> None:
    def body(tx: Tx) -> tuple[list[str], list[str]]:
        first = names(tx)
        await_(database.write(add, "meanwhile"))
        return first, names(tx)

    assert await database.write(body) == ([], ["meanwhile"])


async def test_an_instant_comes_back_to_the_microsecond_and_in_utc(database: Database) -> None:
    moment = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    row = {"id": "a", "pod_name": "a", "last_heartbeat": moment, "created_at": datetime(1999, 12, 31, tzinfo=UTC)}
    await database.write(lambda tx: tx.execute(insert(agents).values(row)))
    found = await database.read(
        lambda tx: tx.row(select(agents.c.last_heartbeat, agents.c.created_at).where(agents.c.last_heartbeat == moment))
    )
    assert found is not None
    assert (found.last_heartbeat, found.last_heartbeat.utcoffset()) == (moment, timedelta(0))
    assert found.created_at == datetime(1999, 12, 31, tzinfo=UTC)


async def test_a_time_without_a_zone_has_no_place_in_a_database(database: Database) -> None:
    row = {"id": "a", "pod_name": "a", "last_heartbeat": datetime(2026, 3, 29, 1, 30)}  # noqa: DTZ001
    with pytest.raises(Exception, match="a naive time has no place in the database"):
        await database.write(lambda tx: tx.execute(insert(agents).values(row)))


@on_the_servers
async def test_the_databases_own_time_is_utc_with_microseconds_in_any_zone_of_the_server(
    database: Database, backend: Backend
) -> None:
    assert isinstance(database, LentDatabase)
    opened = ServerDatabase(async_url(database.lent), pool_size=1)
    zone = "SHOW timezone" if backend == "postgresql" else "SELECT @@session.time_zone"

    def body(tx: Tx) -> tuple[str, datetime, datetime]:
        tx.execute(insert(agents).values(id="a", pod_name="a"))
        made = tx.scalar(select(agents.c.created_at).where(agents.c.id == "a"))
        return str(tx.scalar(text(zone))), tx.now, made

    session, now, made = await opened.write(body)
    assert session in {"UTC", "+00:00"}
    for moment in (now, made):
        assert moment.utcoffset() == timedelta(0)
        assert abs(moment - datetime.now(UTC)) < timedelta(minutes=5)
    assert abs(now - made) < timedelta(seconds=5)
    digits = {(await opened.read(lambda tx: tx.now)).microsecond % 1000 for _ in range(5)}
    assert digits != {0}
    await opened.close()


@pytest.mark.parametrize("backend", ["mariadb"], indirect=True)
async def test_a_text_of_the_greatest_length_is_kept_whole_in_any_script(database: Database) -> None:
    long = "añ🛒" * 21_000
    await database.write(lambda tx: tx.execute(insert(agents).values(id="a", pod_name="a", error_message=long)))
    assert await database.read(lambda tx: tx.scalar(select(agents.c.error_message))) == long


# --- what PostgreSQL commits with a single statement ---

on_postgresql = pytest.mark.parametrize("backend", ["postgresql"])
PAUSED = Prepared(insert(queues).values(name=bindparam("name"), paused=True).inline())
PAUSED_BY_A_STATEMENT = insert(queues).values(name=bindparam("name"), paused=True).returning(queues.c.name).cte()
NAMED = Prepared(select(PAUSED_BY_A_STATEMENT.c.name))
COUNT = Prepared(select(func.count()).select_from(queues))
TYPED = Prepared(
    insert(robot_types)
    .values(robot_type=bindparam("robot_type"), sensitive_fields=[], updated_at=datetime(2026, 7, 1, tzinfo=UTC))
    .inline()
)
TYPES = Prepared(select(func.count()).select_from(robot_types))
# Whether the database has begun a transaction that writes.
BEGUN = Prepared(select(func.pg_current_xact_id_if_assigned().is_not(None)))


def conclude(tx: Tx, name: str) -> list[str]:
    return [row.name for row in tx.conclude(NAMED, {"name": name})]


async def test_what_is_put_off_is_there_for_the_next_statement_and_after_the_commit(database: Database) -> None:
    def body(tx: Tx) -> int:
        tx.put_off(PAUSED, {"name": "q"})
        tx.emit(Event("system", "q", "queue:made", {}))
        return int(tx.scalar(COUNT))

    assert await database.write(body) == 1
    await database.write(lambda tx: tx.put_off(PAUSED, {"name": "r"}))
    assert await database.read(names) == ["q", "r"]


async def test_what_is_put_off_and_refused_fails_its_unit_of_work_with_the_event(database: Database) -> None:
    def body(tx: Tx) -> None:
        tx.put_off(PAUSED, {"name": "q"})
        tx.emit(Event("system", "q", "queue:made", {}))

    await database.write(body)
    with pytest.raises(Conflict):
        await database.write(body)
    assert await database.read(lambda tx: len(tx.rows(select(outbox.c.id).limit(10)))) == 1


@on_postgresql
async def test_what_is_put_off_goes_before_a_look_at_its_table_and_stays_for_one_at_another(database: Database) -> None:
    def body(tx: Tx) -> None:
        tx.put_off(PAUSED, {"name": "q"})
        tx.put_off(TYPED, {"robot_type": "ocr.read"})
        assert tx.scalar(BEGUN) is False
        assert tx.scalar(COUNT) == 1
        assert tx.scalar(BEGUN) is True

    await database.write(body)
    assert await database.read(names) == ["q"]


async def test_what_is_put_off_into_two_tables_is_done_with_the_event_or_not_at_all(database: Database) -> None:
    def body(tx: Tx, name: str) -> None:
        tx.put_off(PAUSED, {"name": name})
        tx.put_off(TYPED, {"robot_type": "ocr.read"})
        tx.emit(Event("system", name, "queue:made", {}))

    await database.write(body, "q")
    with pytest.raises(Conflict):
        await database.write(body, "r")
    assert await database.read(names) == ["q"]
    assert await database.read(lambda tx: tx.scalar(TYPES)) == 1
    assert await database.read(lambda tx: len(tx.rows(select(outbox.c.id).limit(10)))) == 1


async def test_what_is_put_off_twice_into_one_table_is_all_there(database: Database) -> None:
    def body(tx: Tx) -> None:
        tx.put_off(PAUSED, {"name": "q"})
        tx.put_off(PAUSED, {"name": "r"})

    await database.write(body)
    assert await database.read(names) == ["q", "r"]


@on_postgresql
async def test_a_unit_of_work_may_read_after_it_was_concluded_but_not_write(database: Database) -> None:
    def body(tx: Tx) -> None:
        assert conclude(tx, "q") == ["q"]
        assert tx.scalar(COUNT) == 1
        add(tx, "r")

    with pytest.raises(RuntimeError, match="was concluded"):
        await database.write_alone(body)
    assert await database.read(names) == ["q"]


@on_postgresql
async def test_only_what_is_written_alone_and_has_written_nothing_can_be_concluded(database: Database) -> None:
    def after_a_write(tx: Tx) -> None:
        add(tx, "r")
        conclude(tx, "q")

    with pytest.raises(RuntimeError, match="the only statement"):
        await database.write(conclude, "q")
    with pytest.raises(RuntimeError, match="the only statement"):
        await database.write_alone(after_a_write)
    assert await database.read(names) == []


@on_postgresql
async def test_a_conclusion_whose_answer_is_lost_is_not_done_again_in_silence(database: Database) -> None:
    runs: list[int] = []

    def body(tx: Tx) -> None:
        runs.append(1)
        conclude(tx, "perhaps")
        await_(kill_all_connections(database.url))
        tx.scalar(COUNT)

    with pytest.raises(Unavailable) as doubt:
        await database.write_alone(body)
    assert (doubt.value.code, len(runs)) == ("commit_in_doubt", 1)
    assert await database.read(names) == ["perhaps"]
