"""How the tables of a database differ from the catalogue, a sentence each."""

import warnings
from collections.abc import Sequence
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Index, MetaData, Table, inspect

from aiworker.storage.metadata import PARTITIONED_BY
from aiworker.storage.partitions import partition_tables

# What another program keeps for itself in a database that was adopted from it.
_OTHERS = frozenset({"__drizzle_migrations"})


def differences(connection: Connection, metadata: MetaData) -> list[str]:
    """Everything that is missing, too much, or of another form."""
    by_name = _compared_by_name(connection, metadata)
    ignored = {*_OTHERS, *partition_tables(connection)}
    names = {name for _, name in by_name}

    def comparable(thing: Any, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
        if kind == "table":
            return name not in ignored
        if kind == "index":
            return name not in names and (reflected or _is_made_here(thing, connection))
        return kind != "foreign_key_constraint" or _has_foreign_keys(thing.table, connection)

    options = {"target_metadata": metadata, "compare_type": True, "include_object": comparable}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="autogenerate skipping")
        found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    return [_sentence(one) for one in found if not _is_by_its_key(one, connection)] + _missing(connection, by_name)


def _compared_by_name(connection: Connection, metadata: MetaData) -> set[tuple[str, str]]:
    """What an index over an expression is made of cannot be read back everywhere: these are looked for by name."""
    return {
        (table.name, str(index.name))
        for table in metadata.sorted_tables
        for index in table.indexes
        if not all(isinstance(part, Column) for part in index.expressions) and _is_made_here(index, connection)
    }


def _missing(connection: Connection, by_name: set[tuple[str, str]]) -> list[str]:
    inspector = inspect(connection)
    there = {
        (table, index["name"])
        for table in {table for table, _ in by_name} & set(inspector.get_table_names())
        for index in inspector.get_indexes(table)
    }
    return [f"The index {table}.{name} is missing." for table, name in sorted(by_name - there)]


def _is_made_here(index: Index, connection: Connection) -> bool:
    """Whether `ddl_if` leaves the index to this database."""
    rule: Any = index._ddl_if  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] (nothing public tells)
    if rule is None or rule.dialect is None:
        return True
    return connection.dialect.name in ([rule.dialect] if isinstance(rule.dialect, str) else rule.dialect)


def _has_foreign_keys(table: Table, connection: Connection) -> bool:
    return PARTITIONED_BY not in table.info or connection.dialect.name != "mysql"


def _is_by_its_key(difference: Any, connection: Connection) -> bool:
    """A column by which a table is partitioned belongs to its key there, and so is never NULL."""
    change: Sequence[Any] = difference[0] if isinstance(difference, list) else difference
    if change[0] != "modify_nullable" or connection.dialect.name == "sqlite":
        return False
    return change[3] in inspect(connection).get_pk_constraint(str(change[2]))["constrained_columns"]


def _sentence(difference: Any) -> str:
    # A changed column comes as a list of changes, everything else as one tuple: what is to be done, then to what.
    change: Sequence[Any] = difference[0] if isinstance(difference, list) else difference
    done = str(change[0])
    if done.startswith("modify_"):
        return f"{change[2]}.{change[3]}: its {done.removeprefix('modify_')} is not what is expected."
    verb, _, noun = done.partition("_")
    thing = change[-1]
    table = getattr(thing, "table", None)
    name = getattr(thing, "name", thing)
    where = f"{table.name}.{name}" if table is not None else str(name)
    return f"The {noun.replace('_', ' ')} {where} is {'missing' if verb == 'add' else 'not expected'}."
