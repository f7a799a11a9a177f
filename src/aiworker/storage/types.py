"""Column types that mean the same on SQLite, PostgreSQL and MariaDB/MySQL."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import JSON, DateTime, Dialect, Enum, Integer, Numeric, PrimaryKeyConstraint, Text, TypeDecorator
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import DDLCompiler, SQLCompiler, TypeCompiler
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.types import BigInteger, TypeEngine


class UtcTimestamp(TypeDecorator[datetime]):
    """An instant in UTC with microseconds: timestamptz, DATETIME(6), or sortable text on SQLite."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Pick the database's own type that keeps microseconds."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        if dialect.name == "mysql":
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times; give servers without zones the UTC time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time has no place in the database")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Every instant that comes out knows that it is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class TextList(TypeDecorator[list[str]]):
    """A list of texts: ARRAY on PostgreSQL, JSON elsewhere."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """ARRAY where there is one."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(Text()))
        return dialect.type_descriptor(JSON())


class utc_timestamp(FunctionElement[datetime]):  # noqa: N801 (it is an SQL function)
    """The database's own clock, UTC with the most digits it has: for column defaults and for `Tx.now`.

    MariaDB/MySQL answer in the session's zone, which every connection of ours sets to +00:00.
    """

    type = UtcTimestamp()
    inherit_cache = True


@compiles(utc_timestamp)
def _default(_element: object, _compiler: SQLCompiler, **_kw: object) -> str:  # pyright: ignore[reportUnusedFunction]
    return "(strftime('%Y-%m-%d %H:%M:%f000', 'now'))"


@compiles(utc_timestamp, "postgresql")
def _postgresql(_element: object, _compiler: SQLCompiler, **_kw: object) -> str:  # pyright: ignore[reportUnusedFunction]
    return "clock_timestamp()"


@compiles(utc_timestamp, "mysql")
def _mysql(_element: object, _compiler: SQLCompiler, **_kw: object) -> str:  # pyright: ignore[reportUnusedFunction]
    return "CURRENT_TIMESTAMP(6)"


class milliseconds_between(FunctionElement[int]):  # noqa: N801 (it is an SQL function)
    """Milliseconds from one instant to a later one: `milliseconds_between(start, end)`."""

    type = BigInteger()
    inherit_cache = True


@compiles(milliseconds_between)
def _between(element: Any, compiler: SQLCompiler, **kw: Any) -> str:  # pyright: ignore[reportUnusedFunction]
    start, end = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(round((julianday({end}) - julianday({start})) * 86400000) AS INTEGER)"


@compiles(milliseconds_between, "postgresql")
def _between_postgresql(element: Any, compiler: SQLCompiler, **kw: Any) -> str:  # pyright: ignore[reportUnusedFunction]
    start, end = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(extract(epoch FROM {end} - {start}) * 1000 AS BIGINT)"


@compiles(milliseconds_between, "mysql")
def _between_mysql(element: Any, compiler: SQLCompiler, **kw: Any) -> str:  # pyright: ignore[reportUnusedFunction]
    start, end = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(TIMESTAMPDIFF(MICROSECOND, {start}, {end}) DIV 1000)"


class touched_timestamp(utc_timestamp):  # noqa: N801 (it is an SQL function)
    """The same, and on MariaDB/MySQL set again by each change of the row, whoever makes it.

    The program sets such a column itself, on every database.
    """

    inherit_cache = True


@compiles(touched_timestamp, "mysql")
def _touched(_element: object, _compiler: SQLCompiler, **_kw: object) -> str:  # pyright: ignore[reportUnusedFunction]
    return "CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)"


class empty_object(FunctionElement[dict[str, Any]]):  # noqa: N801 (it stands where SQL functions stand)
    """An empty JSON object, for column defaults."""

    inherit_cache = True


@compiles(empty_object)
def _object(_element: object, _compiler: SQLCompiler, **_kw: object) -> str:  # pyright: ignore[reportUnusedFunction]
    # MySQL takes for a JSON column only a default in brackets; everyone else does not mind them.
    return "('{}')"


@compiles(Text, "mysql")
def _roomy_text(_text: Text, _compiler: TypeCompiler, **_kw: object) -> str:  # pyright: ignore[reportUnusedFunction]
    # TEXT holds 65,535 bytes there, which is less than 64,000 characters of most languages.
    return "MEDIUMTEXT"


@compiles(PrimaryKeyConstraint, "mysql")
def _unnamed_key(key: PrimaryKeyConstraint, compiler: DDLCompiler, **_kw: object) -> str:  # pyright: ignore[reportUnusedFunction]
    # Every primary key is called PRIMARY there; another name is ignored with a warning.
    columns = ", ".join(compiler.preparer.quote(column.name) for column in key.columns_autoinc_first)
    return f"PRIMARY KEY ({columns})"


def json_column() -> TypeEngine[Any]:
    """JSONB on PostgreSQL, JSON elsewhere; Python's None is SQL's NULL."""
    return JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def enum_column(kind: type[StrEnum], name: str) -> TypeEngine[Any]:
    """A native ENUM in the listed order on PostgreSQL and MariaDB/MySQL; VARCHAR with a CHECK on SQLite."""
    return Enum(kind, name=name, values_callable=_values, create_constraint=True, validate_strings=True)


def word_column(kind: type[StrEnum], *, length: int = 10) -> TypeEngine[Any]:
    """One of a few words, as plain text: another one needs no change of the schema."""
    return Enum(kind, native_enum=False, create_constraint=False, length=length, values_callable=_values)


def _values(members: type[StrEnum]) -> Sequence[str]:
    return [member.value for member in members]


def decimal_column(precision: int, scale: int) -> TypeEngine[float]:
    """DECIMAL(precision, scale), read as a float."""
    return cast("TypeEngine[float]", Numeric(precision, scale, asdecimal=False))


def big_id() -> TypeEngine[int]:
    """A bigint that counts up by itself (SQLite counts only INTEGER)."""
    return BigInteger().with_variant(Integer(), "sqlite")
