"""A database of the coding half that was there before AiWorker, on MariaDB: it is taken over with every row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from aiworker.core.errors import Conflict
from aiworker.delivery.agents import queries as agent_queries
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.upstream import no_repository
from aiworker.delivery.tasks import queries as task_queries
from aiworker.storage.database import open_database
from aiworker.storage.metadata import metadata
from aiworker.storage.migrate import check, revisions, upgrade
from aiworker.storage.migrations.filling import short_name
from aiworker.wire.agents import AgentStatus
from aiworker.wire.projects import SyncProject
from aiworker.wire.tasks import TaskState
from tests.support.checkouts import Checkout
from tests.support.databases import empty_server_database, in_a_thread, load_tables
from tests.support.statements import run, run_script
from tests.support.workshop import Workshop

HERE = Path(__file__).parent
BY_HAND, BY_DRIZZLE = HERE / "by_hand.sql", HERE / "by_drizzle.sql"
TABLES = ("projects", "agents", "tasks", "task_questions", "task_groups", "deployments", "agent_logs")
CART, PAY = "44444444-4444-4444-8444-444444444444", "55555555-5555-4555-8555-555555555555"
AGENT = "33333333-3333-4333-8333-333333333333"

load_tables()


@dataclass(frozen=True, slots=True)
class Adopted:
    """A database that was taken over, with what stood in it before, table by table."""

    url: URL
    columns: Mapping[str, str]
    before: Mapping[str, list[Any]]


async def made(file: Path) -> URL:
    url = empty_server_database("mariadb")
    await run_script(url, file)
    return url


async def adopted(file: Path) -> Adopted:
    url = await made(file)
    columns = await columns_of(url)
    before = await rows_of(url, columns)
    assert await upgrade(url) == revisions()
    return Adopted(url, columns, before)


@pytest.fixture(scope="module")
def by_hand() -> Adopted:
    """To be looked at only."""
    return in_a_thread(adopted(BY_HAND))


@pytest.fixture(scope="module")
def by_drizzle() -> Adopted:
    """To be looked at only."""
    return in_a_thread(adopted(BY_DRIZZLE))


async def rows_of(url: URL, columns: Mapping[str, str]) -> dict[str, list[Any]]:
    session = "SET time_zone = '+00:00'"
    return {
        table: [tuple(row) for row in await run(url, session, f"SELECT {names} FROM {table} ORDER BY id")]
        for table, names in columns.items()
    }


async def columns_of(url: URL) -> dict[str, str]:
    found: dict[str, str] = {}
    for table in TABLES:
        rows = await run(
            url,
            "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE()"
            f" AND table_name = '{table}' ORDER BY ordinal_position",
        )
        found[table] = ", ".join(f"`{row[0]}`" for row in rows)
    return found


async def test_one_made_by_hand_is_brought_up_to_date_and_every_row_is_as_it_was(by_hand: Adopted) -> None:
    assert await check(by_hand.url, metadata) == []
    assert await rows_of(by_hand.url, by_hand.columns) == by_hand.before
    assert {table: len(rows) for table, rows in by_hand.before.items()} == {
        "projects": 2,
        "agents": 1,
        "tasks": 2,
        "task_questions": 1,
        "task_groups": 1,
        "deployments": 1,
        "agent_logs": 2,
    }


async def test_upgrading_again_is_harmless(by_hand: Adopted, by_drizzle: Adopted) -> None:
    for taken_over in (by_hand, by_drizzle):
        before = await rows_of(taken_over.url, taken_over.columns)
        assert await upgrade(taken_over.url) == []
        assert await rows_of(taken_over.url, taken_over.columns) == before
        assert await check(taken_over.url, metadata) == []


@pytest.mark.parametrize(("file", "table"), [(BY_HAND, "tasks"), (BY_DRIZZLE, "agent_logs")])
async def test_one_that_was_cut_short_in_the_middle_goes_on(file: Path, table: str) -> None:
    url = await made(file)
    # Whatever the upgrade does to this table fails while somebody else reads from a table of that name.
    await run(url, f"ALTER TABLE {table} RENAME TO hidden", f"CREATE VIEW {table} AS SELECT 1 AS id")
    with pytest.raises(Exception, match="cannot be opened or changed"):
        await upgrade(url)
    await run(url, f"DROP VIEW {table}", f"ALTER TABLE hidden RENAME TO {table}")
    assert await upgrade(url) == revisions()
    assert await check(url, metadata) == []


async def test_projects_and_tasks_get_keys_that_people_can_say(by_hand: Adopted) -> None:
    url = by_hand.url
    assert await run(url, "SELECT `key`, last_task_number, last_group_number FROM projects ORDER BY id") == [
        ("TIENDAENLINE", 2, 1),
        ("TIENDAENLIN2", 0, 0),
    ]
    oldest_first = await run(url, "SELECT id, task_key FROM tasks ORDER BY created_at")
    assert oldest_first == [(PAY, "TIENDAENLINE-1"), (CART, "TIENDAENLINE-2")]


async def test_adopted_work_goes_on_on_the_board(tmp_path: Path) -> None:
    url = await made(BY_HAND)
    await upgrade(url)
    shop = Workshop(tmp_path, database=open_database(url))
    try:
        await shop.open()
        while await shop.write(shop.delivery.adoption.adopt):
            pass
        assert await shop.write(shop.delivery.adoption.adopt) == 0
        tasks = await shop.read(lambda tx: shop.delivery.task_views.many(tx, task_queries.list_tasks(tx)))
        assert [(task.key, task.state, task.waiting) for task in tasks] == [
            ("TIENDAENLINE-2", TaskState.BACKLOG, no_repository("TIENDAENLINE").words),
            ("TIENDAENLINE-1", TaskState.BACKLOG, "a question waits for an answer"),
        ]
        agent = await shop.read(agent_queries.find, AGENT)
        assert agent is not None
        assert (agent.status, agent.current_task_id, agent.tasks_completed) == (AgentStatus.IDLE, None, 7)
        assert await shop.claim() is None
        code = Checkout(tmp_path / "code", branch="trunk")
        code.commit("First")
        assert (await shop.delivery.sync("TIENDAENLINE", SyncProject(repo=code.source))).imported
        hand = await shop.claim_one()
        assert hand.task_id == CART
        assert await shop.claim("other") is None
        await shop.respond("TIENDAENLINE-1", response="La de siempre")
        assert (await shop.claim_one("other")).task_id == PAY
        await shop.hand_in(hand)
        assert (await shop.approve("TIENDAENLINE-2")).state is TaskState.APPROVED
        project = await shop.read(project_queries.find, "TIENDAENLINE")
        assert project is not None
        assert shop.delivery.projects.environment_variables(project) == {"MODE": "prod"}
        assert "prod" not in str(project.env_vars)
        assert await shop.task(project, "Una más")
    finally:
        await shop.database.close()
    assert await check(url, metadata) == []


async def test_times_that_drizzle_kept_as_timestamps_are_the_same_instants_in_utc(by_drizzle: Adopted) -> None:
    url = by_drizzle.url
    nine = datetime(2026, 1, 12, 9, tzinfo=UTC).replace(tzinfo=None)
    # Whatever the session's zone: it is no TIMESTAMP any more.
    for zone in ("+00:00", "+05:00"):
        found = await run(url, f"SET time_zone = '{zone}'", f"SELECT created_at FROM tasks WHERE id = '{CART}'")
        assert found == [(nine,)]
    kinds = await run(
        url,
        "SELECT DISTINCT column_type FROM information_schema.columns WHERE table_schema = DATABASE()"
        " AND table_name <> '__drizzle_migrations' AND data_type IN ('timestamp', 'datetime')",
    )
    assert kinds == [("datetime(6)",)]


async def test_what_drizzle_left_out_is_added_and_an_orphan_becomes_null(by_drizzle: Adopted) -> None:
    url = by_drizzle.url
    assert await run(url, "SELECT current_task_id, status FROM agents") == [(None, "busy")]
    keys = await run(
        url,
        "SELECT table_name, constraint_name, delete_rule FROM information_schema.referential_constraints"
        " WHERE constraint_schema = DATABASE() AND table_name IN ('tasks', 'agents') ORDER BY constraint_name",
    )
    assert keys == [
        ("agents", "fk_agents_current_task_id", "SET NULL"),
        ("tasks", "fk_tasks_assigned_agent_id", "SET NULL"),
        ("tasks", "fk_tasks_project_id", "CASCADE"),
    ]


async def test_drizzles_own_table_is_left_alone(by_drizzle: Adopted) -> None:
    url = by_drizzle.url
    assert await run(url, "SELECT id, hash, created_at FROM __drizzle_migrations") == [(1, "5f2c", 1772000000000)]
    ((_, form),) = await run(url, "SHOW CREATE TABLE __drizzle_migrations")
    assert "utf8mb4_bin" not in form


async def test_a_null_that_drizzle_let_through_becomes_the_default(by_drizzle: Adopted) -> None:
    url = by_drizzle.url
    assert await run(url, f"SELECT priority, updated_at FROM tasks WHERE id = '{CART}'") == [
        ("medium", datetime(2026, 1, 13, 9, tzinfo=UTC).replace(tzinfo=None))
    ]


async def test_rows_that_belong_to_nothing_are_named_and_none_is_thrown_away() -> None:
    url = await made(BY_DRIZZLE)
    await run(url, "DELETE FROM projects WHERE k8s_namespace = 'tokyo'")
    with pytest.raises(Conflict, match="In tasks, 1 row refers by project_id to no row of projects; correct or"):
        await upgrade(url)
    assert await run(url, "SELECT COUNT(*) FROM tasks") == [(2,)]
    await run(url, f"DELETE FROM tasks WHERE id = '{PAY}'")
    assert await upgrade(url) == revisions()


async def test_two_rows_of_the_same_unique_value_are_named() -> None:
    url = await made(BY_DRIZZLE)
    await run(
        url,
        "ALTER TABLE agents DROP INDEX agents_pod_name_unique",
        "INSERT INTO agents (id, pod_name) VALUES ('other', 'agent-0')",
    )
    with pytest.raises(Conflict, match=r"Two rows of agents have the same pod_name \(agent-0\)"):
        await upgrade(url)
    await run(url, "UPDATE agents SET pod_name = 'agent-1' WHERE id = 'other'")
    assert await upgrade(url) == revisions()


@pytest.mark.parametrize(
    ("name", "taken", "made"),
    [
        ("Shop", set[str](), "SHOP"),
        ("Shop", {"SHOP"}, "SHOP2"),
        ("A very long name of a shop", {"AVERYLONGNAM"}, "AVERYLONGNA2"),
        ("3D prints", set[str](), "DPRINTS"),
        ("東京", set[str](), "P1"),
        ("東京", {"P1"}, "P2"),
        ("x", set[str](), "X1"),
    ],
)
def test_a_short_name_is_made_of_the_name_and_is_nobody_elses(name: str, taken: set[str], made: str) -> None:
    assert short_name(name, taken) == made
