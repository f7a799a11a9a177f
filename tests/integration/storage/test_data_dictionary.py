"""The database keeps what the data dictionary promises to those who read it with their own tools."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine, Inspector, inspect, types
from sqlalchemy.engine.interfaces import ReflectedColumn

from tests.support.databases import migrated_engine

Fact = Mapping[str, Any]
Problems = list[str]

_WHOLE: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[3] / "docs" / "reference" / "data-dictionary.yaml").read_text()
)
DICTIONARY: Mapping[str, Fact] = _WHOLE["tables"]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    opened = migrated_engine(tmp_path_factory.mktemp("dictionary"))
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def reflected(engine: Engine) -> Inspector:
    return inspect(engine)


@pytest.fixture(params=list(DICTIONARY))
def table(request: pytest.FixtureRequest, reflected: Inspector) -> str:
    name: str = request.param
    assert reflected.has_table(name), f"the table {name} is missing"
    return name


def test_every_column_is_there_with_its_type_its_default_and_its_nulls(table: str, reflected: Inspector) -> None:
    facts: Mapping[str, Fact] = DICTIONARY[table]["columns"]
    columns = {column["name"]: column for column in reflected.get_columns(table)}
    checks = [str(check["sqltext"]) for check in reflected.get_check_constraints(table)]
    problems = [f"{name} is missing" for name in facts if name not in columns]
    for name, fact in facts.items():
        if (column := columns.get(name)) is not None:
            problems += [f"{name}: {problem}" for problem in _column_problems(column, fact, checks)]
    assert problems == []


def test_the_primary_key_holds_the_key_columns(table: str, reflected: Inspector) -> None:
    key = [name for name, fact in DICTIONARY[table]["columns"].items() if fact.get("key")]
    assert reflected.get_pk_constraint(table)["constrained_columns"] == key


def test_every_index_is_there_by_its_columns_its_order_and_its_condition(table: str, engine: Engine) -> None:
    present = _indexes(engine, table)
    missing = [index for index in _promised_indexes(DICTIONARY[table]) if index not in present]
    assert missing == [], f"present: {present}"


def test_every_unique_column_refuses_a_second_row_of_the_same_value(table: str, reflected: Inspector) -> None:
    unique = {tuple(constraint["column_names"]) for constraint in reflected.get_unique_constraints(table)}
    unique |= {tuple(index["column_names"]) for index in reflected.get_indexes(table) if index["unique"]}
    promised = {(name,) for name, fact in DICTIONARY[table]["columns"].items() if fact.get("unique")}
    assert promised - unique == set()


def test_every_foreign_key_points_where_it_should_and_does_on_delete_what_it_should(
    table: str, reflected: Inspector
) -> None:
    present = {
        (
            ",".join(key["constrained_columns"]),
            f"{key['referred_table']}.{','.join(key['referred_columns'])}",
            str(key.get("options", {}).get("ondelete", "no action")).lower(),
        )
        for key in reflected.get_foreign_keys(table)
    }
    promised = {
        (key["column"], key["to"], key.get("on_delete", "no action")) for key in DICTIONARY[table].get("follows", [])
    }
    assert promised - present == set()


def _column_problems(column: ReflectedColumn, fact: Fact, checks: Sequence[str]) -> Problems:
    problems: Problems = []
    if fact["type"] not in _spellings(column["type"]):
        problems.append(f"{column['type']!r} is not {fact['type']}")
    if fact["type"] == "enum" and (values := _enum_values(column, checks)) != fact["values"]:
        problems.append(f"{values} are not {fact['values']}, in this order")
    if _default(column.get("default")) != fact.get("default"):
        problems.append(f"default {column.get('default')!r} is not {fact.get('default')!r}")
    if column["nullable"] == any(fact.get(word) for word in ("required", "key")):
        problems.append("may be NULL" if column["nullable"] else "may not be NULL")
    return problems


def _spellings(actual: types.TypeEngine[Any]) -> set[str]:
    """The dictionary's words for a type of SQLite's."""
    match actual:
        case types.JSON():
            words = {"json", "strings"}
        case types.Text():
            words = {"text"}
        case types.String():
            words = {"enum", f"string({actual.length})"}
        case types.Boolean():
            words = {"boolean"}
        case types.DateTime():
            words = {"instant"}
        case types.Numeric():
            words = {f"decimal({actual.precision},{actual.scale})"}
        case types.SmallInteger():
            words = {"smallint"}
        case types.Integer():
            # SQLite counts up only what is called INTEGER, and keeps 64 bits in it.
            words = {"integer", "bigint"}
        case _:
            words = {repr(actual)}
    return words


def _enum_values(column: ReflectedColumn, checks: Sequence[str]) -> list[str]:
    for check in checks:
        if re.match(rf'"?{column["name"]}"? IN \(', check):
            return re.findall(r"'([^']*)'", check)
    return []


def _default(sql: str | None) -> Any:
    if sql is None or sql.upper() == "NULL":
        return None
    if "strftime" in sql:
        return "now"
    word = sql.strip("()'")
    if word == "{}":
        return {}
    return yaml.safe_load(word) if re.fullmatch(r"[\d.]+|true|false", word) else word


def _promised_indexes(facts: Fact) -> list[tuple[tuple[str, ...], bool, str]]:
    return [
        (tuple(index["columns"]), bool(index.get("unique")), _condition(index.get("where", "")))
        for index in facts["indexes"]
    ]


def _indexes(engine: Engine, table: str) -> list[tuple[tuple[str, ...], bool, str]]:
    found: list[tuple[tuple[str, ...], bool, str]] = []
    with engine.connect() as connection:
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


def _condition(sql: str) -> str:
    """The same condition is written the same way: without quotes of names, brackets around all, spaces, case."""
    words = re.sub(r"\s+", " ", sql.replace('"', "")).strip().lower()
    return re.sub(r"\b(is_active)(?: = (?:true|1))?\b", r"\1", words).replace(" is 1", "")


def test_no_table_is_left_unexplained(reflected: Inspector) -> None:
    explained = {*DICTIONARY, *_WHOLE["ours"], "alembic_version"}
    assert set(reflected.get_table_names()) == explained


def test_the_dictionary_is_read_by_the_same_rules_as_the_database() -> None:
    assert _condition("is_active = true AND health_status = 'HEALTHY'") == _condition(
        "is_active = 1 AND health_status = 'HEALTHY'"
    )
    assert _default("1800") == 1800
    assert _default("'{}'") == {}
    assert _default("'500m'") == "500m"
