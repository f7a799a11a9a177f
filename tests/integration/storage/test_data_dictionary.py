"""The database keeps what the data dictionary promises to those who read it with their own tools: each of the three."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import URL, Connection, Inspector, create_engine, inspect, make_url, text, types
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.ext.asyncio import create_async_engine

from aiworker.storage.migrate import upgrade
from aiworker.storage.partitions import partition_tables
from aiworker.storage.urls import async_url
from tests.support.databases import BACKENDS, Backend, empty_server_database, in_a_thread

Fact = Mapping[str, Any]
Problems = list[str]
Index = tuple[tuple[str, ...], bool, str]

_WHOLE: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[3] / "docs" / "reference" / "data-dictionary.yaml").read_text()
)
DICTIONARY: Mapping[str, Fact] = _WHOLE["tables"]
# What a database cannot have, and why, stands in the dictionary's own words at the table.
BY_MONTH = "agent_logs"
INDEX_OVER_A_LIST = ("supported_robot_types", "capacity_utilization", "performance_score")


@dataclass(frozen=True, slots=True)
class Shape:
    """A table as its database tells it."""

    columns: Mapping[str, ReflectedColumn]
    checks: Sequence[str]
    key: Sequence[str]
    unique: set[tuple[str, ...]]
    follows: set[tuple[str, str, str]]
    indexes: Sequence[Index]


@dataclass(frozen=True, slots=True)
class Schema:
    """A freshly migrated database."""

    backend: Backend
    tables: Mapping[str, Shape]


@pytest.fixture(scope="module", params=BACKENDS)
def schema(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Schema:
    backend: Backend = request.param
    folder = tmp_path_factory.mktemp("dictionary")
    url = make_url(f"sqlite:///{folder / 'aiworker.db'}") if backend == "sqlite" else empty_server_database(backend)
    return Schema(backend, in_a_thread(shapes(url)))


async def shapes(url: URL) -> Mapping[str, Shape]:
    await upgrade(url)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url)
        with engine.connect() as connection:
            found = shapes_of(connection)
        engine.dispose()
        return found
    opened = create_async_engine(async_url(url))
    async with opened.connect() as connection:
        found = await connection.run_sync(shapes_of)
    await opened.dispose()
    return found


def shapes_of(connection: Connection) -> Mapping[str, Shape]:
    inspector = inspect(connection)
    months = partition_tables(connection)
    return {name: _shape(connection, inspector, name) for name in inspector.get_table_names() if name not in months}


def _shape(connection: Connection, inspector: Inspector, table: str) -> Shape:
    unique = {tuple(str(name) for name in found["column_names"]) for found in inspector.get_unique_constraints(table)}
    return Shape(
        columns={column["name"]: column for column in inspector.get_columns(table)},
        checks=_checks(connection, inspector, table),
        key=inspector.get_pk_constraint(table)["constrained_columns"],
        unique=unique,
        follows={
            (
                ",".join(key["constrained_columns"]),
                f"{key['referred_table']}.{','.join(key['referred_columns'])}",
                str(key.get("options", {}).get("ondelete", "no action")).lower(),
            )
            for key in inspector.get_foreign_keys(table)
        },
        indexes=_INDEXES[connection.dialect.name](connection, table),
    )


def _is_mariadb(connection: Connection) -> bool:
    return "mariadb" in str(connection.execute(text("SELECT VERSION()")).scalar()).lower()


def _checks(connection: Connection, inspector: Inspector, table: str) -> list[str]:
    if connection.dialect.name != "mysql":
        return [str(check["sqltext"]) for check in inspector.get_check_constraints(table)]
    # Their names are unique in a database of MySQL, in a table of MariaDB.
    of_tables = "JOIN information_schema.table_constraints USING (constraint_schema, constraint_name)"
    statement = (
        f"SELECT check_clause FROM information_schema.check_constraints {'' if _is_mariadb(connection) else of_tables}"
        " WHERE constraint_schema = DATABASE() AND table_name = :table"
    )
    return [str(clause) for clause in connection.execute(text(statement), {"table": table}).scalars()]


@pytest.fixture(params=list(DICTIONARY))
def table(request: pytest.FixtureRequest, schema: Schema) -> str:
    name: str = request.param
    assert name in schema.tables, f"the table {name} is missing"
    return name


def test_every_column_is_there_with_its_type_its_default_and_its_nulls(table: str, schema: Schema) -> None:
    facts: Mapping[str, Fact] = DICTIONARY[table]["columns"]
    shape = schema.tables[table]
    problems = [f"{name} is missing" for name in facts if name not in shape.columns]
    for name, fact in facts.items():
        if name in shape.columns:
            problems += [f"{name}: {problem}" for problem in _column_problems(name, fact, shape)]
    assert problems == []


def test_the_primary_key_holds_the_key_columns(table: str, schema: Schema) -> None:
    key = [name for name, fact in DICTIONARY[table]["columns"].items() if fact.get("key")]
    partitioned = table == BY_MONTH and schema.backend != "sqlite"
    assert schema.tables[table].key == ([*key, "created_at"] if partitioned else key)


def test_every_index_is_there_by_its_columns_its_order_and_its_condition(table: str, schema: Schema) -> None:
    present = schema.tables[table].indexes
    missing = [index for index in _promised_indexes(DICTIONARY[table], schema.backend) if index not in present]
    assert missing == [], f"present: {present}"


def test_every_unique_column_refuses_a_second_row_of_the_same_value(table: str, schema: Schema) -> None:
    shape = schema.tables[table]
    unique = shape.unique | {columns for columns, is_unique, _ in shape.indexes if is_unique}
    promised = {(name,) for name, fact in DICTIONARY[table]["columns"].items() if fact.get("unique")}
    assert promised - unique == set()


def test_every_foreign_key_points_where_it_should_and_does_on_delete_what_it_should(table: str, schema: Schema) -> None:
    if table == BY_MONTH and schema.backend == "mariadb":
        assert schema.tables[table].follows == set()
        return
    promised = {
        (key["column"], key["to"], key.get("on_delete", "no action")) for key in DICTIONARY[table].get("follows", [])
    }
    assert promised - schema.tables[table].follows == set()


def test_on_mariadb_a_change_of_a_row_by_anybody_moves_its_updated_at(schema: Schema) -> None:
    if schema.backend != "mariadb":
        return
    moved = {
        table
        for table, shape in schema.tables.items()
        if "on update" in str(shape.columns.get("updated_at", {}).get("default")).lower()
    }
    assert moved == {"projects", "tasks", "agents", "task_groups"}


def _column_problems(name: str, fact: Fact, shape: Shape) -> Problems:
    column = shape.columns[name]
    problems: Problems = []
    if fact["type"] not in _spellings(column, shape):
        problems.append(f"{column['type']!r} is not {fact['type']}")
    if fact["type"] == "enum" and (values := _enum_values(column, shape.checks)) != fact["values"]:
        problems.append(f"{values} are not {fact['values']}, in this order")
    default = None if "nextval" in str(column.get("default")) else _default(column.get("default"))
    if default != fact.get("default"):
        problems.append(f"default {column.get('default')!r} is not {fact.get('default')!r}")
    required = any(fact.get(word) for word in ("required", "key")) or name in shape.key
    if column["nullable"] == required:
        problems.append("may be NULL" if column["nullable"] else "may not be NULL")
    return problems


# The more special first.
_SIMPLE: Sequence[tuple[type[types.TypeEngine[Any]], set[str]]] = (
    (types.Enum, {"enum"}),
    (types.JSON, {"json", "strings"}),
    (types.Text, {"text"}),
    (mysql.MEDIUMTEXT, {"text"}),
    (types.Boolean, {"boolean"}),
    (mysql.TINYINT, {"boolean"}),
    (types.SmallInteger, {"smallint"}),
    (types.BigInteger, {"bigint"}),
    # SQLite counts up only what is called INTEGER, and keeps 64 bits in it.
    (types.Integer, {"integer", "bigint"}),
)


def _spellings(column: ReflectedColumn, shape: Shape) -> set[str]:
    """The dictionary's words for a type of one of the databases."""
    actual: types.TypeEngine[Any] = column["type"]
    match actual:
        case postgresql.ARRAY():
            return {"strings"} if isinstance(actual.item_type, types.Text) else {repr(actual)}
        case mysql.LONGTEXT():
            checked = f"json_valid(`{column['name']}`)" in shape.checks
            return {"json", "strings"} if checked else {"text"}
        case types.DateTime():
            return {"instant"} if _is_exact(actual) else {"too few digits, or no zone"}
        case types.Numeric():
            return {f"decimal({actual.precision},{actual.scale})"}
        case _:
            pass
    words = next((words for kind, words in _SIMPLE if isinstance(actual, kind)), None)
    if words is None and isinstance(actual, types.String):
        words = {"enum", f"string({actual.length})"}
    return words or {repr(actual)}


def _is_exact(actual: types.DateTime) -> bool:
    """Whether it keeps microseconds, and knows its zone where there are zones."""
    if isinstance(actual, mysql.DATETIME):
        return actual.fsp == 6
    if isinstance(actual, postgresql.TIMESTAMP):
        return actual.timezone and actual.precision is None
    return True


def _enum_values(column: ReflectedColumn, checks: Sequence[str]) -> list[str]:
    if isinstance(column["type"], types.Enum):
        return list(column["type"].enums)
    for check in checks:
        if re.match(rf'"?{column["name"]}"? IN \(', check):
            return re.findall(r"'([^']*)'", check)
    return []


def _default(sql: str | None) -> Any:
    if sql is None or sql.upper() == "NULL":
        return None
    if "strftime" in sql or sql.lower().startswith(("clock_timestamp", "current_timestamp")):
        return "now"
    # PostgreSQL tells the type behind the text, MySQL the characters before it.
    word = re.sub(r"::[a-z_ ]+$", "", sql).removeprefix("(_utf8mb4").replace("\\", "").strip("()'")
    if word == "{}":
        return {}
    return yaml.safe_load(word) if re.fullmatch(r"[\d.]+|true|false", word) else word


def _promised_indexes(facts: Fact, backend: Backend) -> list[Index]:
    found: list[Index] = []
    for index in facts["indexes"]:
        columns = tuple(index["columns"])
        if columns == INDEX_OVER_A_LIST and backend != "sqlite":
            if backend == "mariadb":
                continue
            columns = columns[:1]
        where = "" if backend == "mariadb" else _condition(index.get("where", ""))
        found.append((columns, bool(index.get("unique")), where))
    return found


def _indexes_of_sqlite(connection: Connection, table: str) -> list[Index]:
    found: list[Index] = []
    for _, name, unique, _, _ in connection.exec_driver_sql(f"PRAGMA index_list({table})").all():
        columns = connection.exec_driver_sql(f"PRAGMA index_xinfo({name})").all()
        statement = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).scalar()
        found.append(
            (
                tuple(f"{column[2]} desc" if column[3] else column[2] for column in columns if column[5]),
                bool(unique),
                _condition((statement or "").partition(" WHERE ")[2]),
            )
        )
    return found


def _indexes_of_postgresql(connection: Connection, table: str) -> list[Index]:
    statements = connection.execute(
        text("SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = :table"),
        {"table": table},
    ).scalars()
    found: list[Index] = []
    for statement in statements:
        parts = re.search(r" USING \w+ \(([^)]*)\)(?: WHERE (.*))?$", str(statement))
        assert parts is not None, statement
        columns = tuple(part.strip().replace(" DESC", " desc") for part in parts[1].split(","))
        found.append((columns, " UNIQUE " in str(statement), _condition(parts[2] or "")))
    return found


def _indexes_of_mariadb(connection: Connection, table: str) -> list[Index]:
    rows = connection.execute(
        text(
            "SELECT index_name, non_unique, GROUP_CONCAT(column_name, IF(collation = 'D', ' desc', '')"
            " ORDER BY seq_in_index SEPARATOR ',') FROM information_schema.statistics"
            " WHERE table_schema = DATABASE() AND table_name = :table GROUP BY index_name, non_unique"
        ),
        {"table": table},
    )
    return [(tuple(str(columns).split(",")), not repeats, "") for _, repeats, columns in rows]


_INDEXES = {"sqlite": _indexes_of_sqlite, "postgresql": _indexes_of_postgresql, "mysql": _indexes_of_mariadb}


def _condition(sql: str) -> str:
    """The same condition is written the same way: without quotes of names, types, brackets around all, spaces, case."""
    plain = re.sub(r"::[a-z_ ]+(\[\])?", "", sql.replace('"', ""))
    plain = re.sub(r"= ANY \(ARRAY\[([^]]*)\]\)", r"IN <\1>", plain)
    plain = re.sub(r"IN \(([^)]*)\)", r"IN <\1>", plain).replace("(", "").replace(")", "")
    words = re.sub(r"\s+", " ", plain).strip().lower()
    return re.sub(r"\b(is_active)(?: = (?:true|1))?\b", r"\1", words).replace(" is 1", "")


def test_no_table_is_left_unexplained(schema: Schema) -> None:
    assert set(schema.tables) == {*DICTIONARY, *_WHOLE["ours"], "alembic_version"}


def test_the_dictionary_is_read_by_the_same_rules_as_the_database() -> None:
    assert _condition("is_active = true AND health_status = 'HEALTHY'") == _condition(
        "is_active = 1 AND health_status = 'HEALTHY'"
    )
    assert _condition("((status = ANY (ARRAY['FAILED'::robot_status, 'RETRYING'::robot_status])))") == _condition(
        "status IN ('FAILED', 'RETRYING')"
    )
    assert _default("1800") == 1800
    assert _default("'medium'::task_priority") == "medium"
    assert _default("'{}'") == {}
    assert _default("'500m'") == "500m"
