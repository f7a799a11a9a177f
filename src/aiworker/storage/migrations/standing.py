"""What stands in a MariaDB/MySQL database already, and how it is brought to the form that a revision asks for.

The form is not guessed from the words of a definition: the server makes an empty table of it, and says itself in what
the two differ.
"""
# ruff: noqa: S608 (names come from the house's own tables, quoted)

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, Connection, Dialect, MetaData, Table, UniqueConstraint, text
from sqlalchemy.schema import CreateColumn, CreateTable

from aiworker.core.errors import Conflict
from aiworker.storage.migrations.filling import FILLERS, fill_defaults

_SCRATCH = "aiworker_form"
_OURS = ("ix_", "uq_")
_NO_ACTION = "NO ACTION"

Shape = tuple[tuple[str, ...], bool]


@dataclass(frozen=True, slots=True)
class _Form:
    """A column as the server tells it."""

    type: str
    nullable: bool
    default: str | None
    extra: str
    collation: str | None


@dataclass(frozen=True, slots=True)
class _Key:
    name: str
    table: str
    column: str
    to: str
    to_column: str
    on_delete: str


class Standing:
    """The tables of one database, looked at anew by each call."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def has_table(self, name: str) -> bool:
        """Whether there is a table of this name."""
        return bool(self._rows("SELECT 1 FROM information_schema.tables WHERE {here} AND table_name = :t", t=name))

    def complete(self, form: Table) -> None:
        """Bring a table to `form`, and keep its rows.

        Raises: Conflict if rows stand in the way (two of the same unique value, references to what is gone).
        """
        self._repartition(form)
        wanted = self._forms_of(form)
        late = self._alter(form, wanted, strict=False)
        for key in self._keys_of(form):
            self._settle_orphans(key)
        if form.name in FILLERS:
            fill_defaults(self._connection, form)
            FILLERS[form.name](self._connection)
        if late:
            self._alter(form, wanted, strict=True)
        for constraint in form.constraints:
            if isinstance(constraint, UniqueConstraint):
                self._keep_unique(form.name, str(constraint.name), [column.name for column in constraint.columns])
        for key in self._keys_of(form):
            self._keep(key)

    def keep_index(self, table: str, name: str, columns: Sequence[str], *, unique: bool) -> bool:
        """Whether there is such an index now; one under another name gets this one."""
        wanted: Shape = (tuple(column.lower() for column in columns), unique)
        present = self._indexes(table)
        if present.get(name) == wanted:
            return True
        if name in present:
            self._run(f"ALTER TABLE {_q(table)} DROP INDEX {_q(name)}")
        same = [other for other, shape in present.items() if shape == wanted and not other.startswith(_OURS)]
        if not same or name in present:
            return False
        self._run(f"ALTER TABLE {_q(table)} RENAME INDEX {_q(same[0])} TO {_q(name)}")
        for superfluous in same[1:]:
            self._run(f"ALTER TABLE {_q(table)} DROP INDEX {_q(superfluous)}")
        return True

    def drop_covered_indexes(self, table: str, name: str) -> None:
        """An index that the server once made for a key by itself goes where this one begins in the same way."""
        present = self._indexes(table)
        columns, _ = present[name]
        for other, (covered, unique) in present.items():
            if other.startswith("fk_") and not unique and covered == columns[: len(covered)]:
                self._run(f"ALTER TABLE {_q(table)} DROP INDEX {_q(other)}")

    def keep_foreign_key(
        self, name: str, table: str, to: str, column: str, to_column: str, on_delete: str | None
    ) -> None:
        """Have this key, and no other on its column. Raises: Conflict, as `complete`."""
        key = _Key(name, table, column, to, to_column, (on_delete or _NO_ACTION).upper())
        self._settle_orphans(key)
        self._keep(key)

    def _keys_of(self, form: Table) -> list[_Key]:
        """The foreign keys that a table has by its form; those that are added afterwards are not among them."""
        if self._is_partitioned(form.name):
            return []
        keys: list[_Key] = []
        for constraint in form.foreign_key_constraints:
            (element,) = constraint.elements
            to, _, to_column = element.target_fullname.partition(".")
            rule = (constraint.ondelete or _NO_ACTION).upper()
            if not constraint.use_alter:
                keys.append(_Key(str(constraint.name), form.name, constraint.column_keys[0], to, to_column, rule))
        return keys

    def _keep(self, key: _Key) -> None:
        present = [other for other in self._foreign_keys(key.table) if other.column == key.column]
        if key in present:
            return
        for other in present:
            self._drop(other)
        self._keep_index_of_key(key)
        self._run(
            f"ALTER TABLE {_q(key.table)} ADD CONSTRAINT {_q(key.name)} FOREIGN KEY ({_q(key.column)})"
            f" REFERENCES {_q(key.to)} ({_q(key.to_column)}) ON DELETE {key.on_delete}"
        )

    def _alter(self, form: Table, wanted: Mapping[str, _Form], *, strict: bool) -> bool:
        """Add and change columns in one statement; True if there is more to do once the rows are filled."""
        table, dialect = form.name, self._connection.dialect
        present, key = self._columns(table), self._primary_key(table)
        changes, late = [f"DEFAULT CHARACTER SET utf8mb4 COLLATE {self._collation()}"], False
        for column in form.columns:
            there, goal = present.get(column.name), wanted[column.name]
            # A key's column is never NULL, whatever the form says.
            if there == goal or (there is not None and column.name in key and there == replace(goal, nullable=False)):
                continue
            nullable = bool(column.nullable) and column.name not in key
            is_empty = column.server_default is None if there is None else there.nullable
            if is_empty and not nullable and not strict and column.name not in key:
                nullable = late = True
            words = _words(column, nullable, dialect)
            changes.append(f"ADD COLUMN {words}" if there is None else f"MODIFY COLUMN {words}")
        if not key:
            changes.append(f"ADD PRIMARY KEY ({', '.join(_q(column.name) for column in form.primary_key)})")
        if len(changes) > 1:
            for foreign in self._foreign_keys_around(table):
                self._drop(foreign)
            self._run(f"ALTER TABLE {_q(table)} {', '.join(changes)}")
        return late

    def _forms_of(self, form: Table) -> Mapping[str, _Form]:
        """The columns that the server would make of a definition."""
        bare = form.to_metadata(MetaData(), name=_SCRATCH)
        if self.has_table(_SCRATCH):
            self._run(f"DROP TABLE {_SCRATCH}")
        self._connection.execute(CreateTable(bare, include_foreign_key_constraints=[]))
        try:
            return self._columns(_SCRATCH)
        finally:
            self._run(f"DROP TABLE {_SCRATCH}")

    def _repartition(self, form: Table) -> None:
        """Partitions of somebody else's making go; the second revision makes ours."""
        if self._is_partitioned(form.name) and "COLUMNS" not in self._partition_method(form.name):
            self._run(f"ALTER TABLE {_q(form.name)} REMOVE PARTITIONING")

    def _keep_unique(self, table: str, name: str, columns: Sequence[str]) -> None:
        if self.keep_index(table, name, columns, unique=True):
            return
        named = ", ".join(_q(column) for column in columns)
        twice = self._rows(f"SELECT {named} FROM {_q(table)} GROUP BY {named} HAVING COUNT(*) > 1 LIMIT 1")
        if twice:
            value = ", ".join(str(part) for part in twice[0])
            raise Conflict(
                f"Two rows of {table} have the same {' and '.join(columns)} ({value}), which must be unique;"
                " change one of them, then run the upgrade again.",
                code="rows_in_the_way",
            )
        self._run(f"ALTER TABLE {_q(table)} ADD CONSTRAINT {_q(name)} UNIQUE ({named})")

    def _settle_orphans(self, key: _Key) -> None:
        nullable = self._columns(key.table)[key.column].nullable
        reference, target = f"child.{_q(key.column)}", f"parent.{_q(key.to_column)}"
        pairs = f"{_q(key.table)} child LEFT JOIN {_q(key.to)} parent ON {target} = {reference}"
        orphaned = f"{reference} IS NOT NULL AND {target} IS NULL"
        (number,) = self._rows(f"SELECT COUNT(*) FROM {pairs} WHERE {orphaned}")[0]
        if not number:
            return
        if not nullable:
            raise Conflict(
                f"In {key.table}, {number} {'row refers' if number == 1 else 'rows refer'} by {key.column} to no row of"
                f" {key.to}; correct or remove {'it' if number == 1 else 'them'}, then run the upgrade again.",
                code="rows_in_the_way",
            )
        untouched = ", child.updated_at = child.updated_at" if "updated_at" in self._columns(key.table) else ""
        self._run(f"UPDATE {pairs} SET {reference} = NULL{untouched} WHERE {orphaned}")

    def _keep_index_of_key(self, key: _Key) -> None:
        """The index that the server once made for a key by itself is named as it would name it now."""
        for name, (columns, unique) in self._indexes(key.table).items():
            if columns == (key.column,) and not unique and not name.startswith(_OURS) and name != key.name:
                self._run(f"ALTER TABLE {_q(key.table)} RENAME INDEX {_q(name)} TO {_q(key.name)}")
                return

    def _columns(self, table: str) -> dict[str, _Form]:
        rows = self._rows(
            "SELECT column_name, column_type, is_nullable, column_default, extra, collation_name"
            " FROM information_schema.columns WHERE {here} AND table_name = :t ORDER BY ordinal_position",
            t=table,
        )
        return {
            str(name): _Form(
                str(kind).lower(),
                null == "YES",
                None if default in {None, "NULL"} else str(default),
                str(extra).lower(),
                collation,
            )
            for name, kind, null, default, extra, collation in rows
        }

    def _primary_key(self, table: str) -> tuple[str, ...]:
        rows = self._rows(
            "SELECT column_name FROM information_schema.statistics WHERE {here} AND table_name = :t"
            " AND index_name = 'PRIMARY' ORDER BY seq_in_index",
            t=table,
        )
        return tuple(str(row[0]) for row in rows)

    def _indexes(self, table: str) -> dict[str, Shape]:
        rows = self._rows(
            "SELECT index_name, column_name, collation, non_unique FROM information_schema.statistics"
            " WHERE {here} AND table_name = :t AND index_name <> 'PRIMARY' ORDER BY index_name, seq_in_index",
            t=table,
        )
        found: dict[str, Shape] = {}
        for name, column, order, repeats in rows:
            columns, _ = found.get(name, ((), False))
            found[name] = ((*columns, f"{column}{' desc' if order == 'D' else ''}".lower()), not repeats)
        return found

    def _foreign_keys(self, table: str) -> list[_Key]:
        return [key for key in self._foreign_keys_around(table) if key.table == table]

    def _foreign_keys_around(self, table: str) -> list[_Key]:
        """The keys of a table, and those that point at it."""
        rows = self._rows(
            "SELECT u.constraint_name, u.table_name, u.column_name, u.referenced_table_name, u.referenced_column_name,"
            " r.delete_rule FROM information_schema.key_column_usage u"
            " JOIN information_schema.referential_constraints r ON r.constraint_schema = u.constraint_schema"
            " AND r.constraint_name = u.constraint_name AND r.table_name = u.table_name"
            " WHERE u.table_schema = DATABASE() AND (u.table_name = :t OR u.referenced_table_name = :t)"
            " ORDER BY u.table_name, u.constraint_name",
            t=table,
        )
        return [_Key(*(str(part) for part in row[:5]), on_delete=_rule(str(row[5]))) for row in rows]

    def _drop(self, key: _Key) -> None:
        self._run(f"ALTER TABLE {_q(key.table)} DROP FOREIGN KEY {_q(key.name)}")

    def _is_partitioned(self, table: str) -> bool:
        return bool(self._partition_method(table))

    def _partition_method(self, table: str) -> str:
        rows = self._rows(
            "SELECT partition_method FROM information_schema.partitions WHERE {here} AND table_name = :t"
            " AND partition_method IS NOT NULL LIMIT 1",
            t=table,
        )
        return str(rows[0][0]) if rows else ""

    def _collation(self) -> str:
        return str(self._rows("SELECT @@collation_database")[0][0])

    def _rows(self, statement: str, **values: str) -> Sequence[tuple[Any, ...]]:
        here = statement.replace("{here}", "table_schema = DATABASE()")
        return [tuple(row) for row in self._connection.execute(text(here), values)]

    def _run(self, statement: str) -> None:
        self._connection.exec_driver_sql(statement.replace("%", "%%"))


def _rule(rule: str) -> str:
    return _NO_ACTION if rule == "RESTRICT" else rule


def _words(column: Column[Any], nullable: bool, dialect: Dialect) -> str:
    """The column's definition, but for NULL."""
    meant = column.nullable
    column.nullable = nullable
    try:
        return str(CreateColumn(column).compile(dialect=dialect)).strip()
    finally:
        column.nullable = meant


def _q(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
