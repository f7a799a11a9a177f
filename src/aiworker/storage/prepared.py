"""Statements that are built once, compiled once for each database, and handed to its driver as they are.

For every execution SQLAlchemy makes a key of the statement, a context, and a result that can do everything: of a small
statement that is most of what it costs this process. What is asked at every request needs none of it.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Select,
    Table,
    Update,
    UpdateBase,
    bindparam,
    insert,
    update,
)
from sqlalchemy.sql.visitors import iterate

from aiworker.storage.records import names_of

T = TypeVar("T")
Process = Callable[[Any], Any]
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Values = Sequence[Any]

_LONGEST = 3
_ANY = (-1,)


class Prepared:
    """A statement whose values are told by name at each execution (`bindparam`), or never change.

    A list among them (`in_`) gives the text another form for each of its lengths: short ones are kept, and the others
    SQLAlchemy runs as it runs everything else.
    """

    def __init__(self, statement: "Select[*tuple[Any, ...]] | Insert | Update") -> None:
        self.statement = statement
        self._plans: WeakKeyDictionary[Dialect, dict[tuple[int, ...], Plan | None]] = WeakKeyDictionary()

    def plan(self, connection: Connection, parameters: Parameters | None) -> "Plan | None":
        """How it is run there with these; None: by SQLAlchemy."""
        # A listener on this connection (a test) must see every statement, so SQLAlchemy runs it.
        if connection.dispatch.before_cursor_execute:
            return None
        dialect = connection.dialect
        try:
            plans = self._plans[dialect]
        except KeyError:
            plans = self._plans[dialect] = {}
        lengths = self._lengths(parameters) if self._lists else ()
        if lengths not in plans:
            plans[lengths] = self._planned(dialect, lengths)
        return plans[lengths]

    @cached_property
    def _lists(self) -> Sequence[str]:
        binds = (one for one in iterate(self.statement) if isinstance(one, BindParameter))
        return sorted({bind.key for bind in binds if bind.expanding and bind.required})

    def _lengths(self, parameters: Parameters | None) -> tuple[int, ...]:
        told = parameters if isinstance(parameters, Mapping) else {}
        lengths = tuple([len(told.get(name, ())) for name in self._lists])
        return lengths if lengths and 0 < min(lengths) <= max(lengths) <= _LONGEST else _ANY

    def _planned(self, dialect: Dialect, lengths: tuple[int, ...]) -> "Plan | None":
        if lengths == _ANY:
            return None
        compiled = self.statement.compile(dialect=dialect)
        if compiled.insert_prefetch or compiled.update_prefetch:
            return None
        told: dict[str, Any] = {bind.key: _Told(bind.key) for bind in compiled.binds.values() if bind.required}
        for name, length in zip(self._lists, lengths, strict=True):
            told[name] = [_Told(name, place) for place in range(length)]
        text, values, of_lists, order, _ = compiled.construct_expanded_state(told, escape_names=False)
        inputs: list[_Input] = []
        for name in order or ():
            kind = compiled.binds[name].type if name in compiled.binds else None
            process = of_lists.get(name) if kind is None else kind.dialect_impl(dialect).bind_processor(dialect)
            inputs.append(_Input.of(values[name], cast("Process | None", process)))
        columns = list(self.statement.selected_columns) if isinstance(self.statement, Select) else []
        return Plan(text, inputs, columns, dialect)

    @cached_property
    def tables(self) -> frozenset[str]:
        """The tables that it has to do with."""
        return frozenset(one.name for one in iterate(self.statement) if isinstance(one, Table))

    @cached_property
    def reads(self) -> bool:
        """Whether it neither changes nor locks a row."""
        parts = list(iterate(self.statement))
        return not any(
            isinstance(one, UpdateBase) or getattr(one, "_for_update_arg", None) is not None for one in parts
        )


class Answer:
    """What a statement has brought: its rows, with attributes as its columns are called."""

    def __init__(self, rows: Sequence[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        """Every row."""
        return self._rows

    def one_or_none(self) -> Any:
        """The one row, or None. Raises: RuntimeError if there are more."""
        if len(self._rows) > 1:
            raise RuntimeError("one row was expected, and there are more")
        return self._rows[0] if self._rows else None

    def scalar(self) -> Any:
        """The first column of the first row, or None."""
        return self._rows[0][0] if self._rows else None


@dataclass(frozen=True, slots=True)
class _Told:
    """Where a value comes from: the parameter of this name, or one of the list that is told by it."""

    name: str
    place: int | None = None


@dataclass(frozen=True, slots=True)
class _Input:
    """A value of the text: told, or else always the same."""

    told: _Told | None
    always: Any
    process: Process | None

    @classmethod
    def of(cls, value: Any, process: Process | None) -> "_Input":
        """For what stands in this place: a value, or where it comes from."""
        if isinstance(value, _Told):
            return cls(value, None, process)
        return cls(None, value if process is None else process(value), None)

    def value(self, given: Mapping[str, Any]) -> Any:
        """What goes there now."""
        if self.told is None:
            return self.always
        value = given[self.told.name]
        if self.told.place is not None:
            value = value[self.told.place]
        return value if self.process is None else self.process(value)


class Plan:
    """A statement for one database: its text, and how values go in and come out."""

    def __init__(
        self, text: str, inputs: Sequence[_Input], columns: Sequence[ColumnElement[Any]], dialect: Dialect
    ) -> None:
        self._text = text
        self._dialect = dialect
        self._inputs = inputs
        self._types = [column.type for column in columns]
        names = [str(getattr(column, "name", "")) for column in columns]
        self._places = {name: place for place, name in enumerate(names)}
        self._row: Any = namedtuple("Row", names, rename=True)  # pyright: ignore[reportUntypedNamedTuple]
        self._of_kind: dict[type[Any], Sequence[int]] = {}
        self._outputs: Sequence[tuple[int, Process]] | None = None

    def answer(self, connection: Connection, parameters: Parameters | None, *, alone: bool = False) -> Answer:
        """Run it; `alone`: in no transaction but its own (PostgreSQL)."""
        rows, rowcount = self._run(connection, parameters, alone=alone)
        return Answer([self._row._make(row) for row in rows], rowcount)

    def records(
        self, connection: Connection, kind: type[T], parameters: Parameters | None, *, alone: bool = False
    ) -> tuple[list[T], Any]:
        """Run it; its rows as records, and what the first has in a column `now` beside them."""
        rows, _ = self._run(connection, parameters, alone=alone)
        if kind not in self._of_kind:
            self._of_kind[kind] = [self._places[name] for name in names_of(kind)]
        places = self._of_kind[kind]
        now = rows[0][self._places["now"]] if rows and "now" in self._places else None
        return [kind(*[row[place] for place in places]) for row in rows], now

    def _run(self, connection: Connection, parameters: Parameters | None, *, alone: bool) -> tuple[list[Values], int]:
        told: Any = self._told(parameters or {}) if not isinstance(parameters, Sequence) else None
        many = [self._told(one) for one in parameters] if isinstance(parameters, Sequence) else []
        cursor: Any = None
        driver: Any = connection.connection.dbapi_connection
        if alone:
            # The driver sends BEGIN before its first statement, unless it is told not to.
            driver.autocommit = True
        try:
            cursor = connection.connection.cursor()
            if len(many) > 1:
                cursor.executemany(self._text, many)
            else:
                cursor.execute(self._text, many[0] if many else told)
            found = self._read(cursor) if self._types else []
            rowcount = cursor.rowcount
            cursor.close()
        except BaseException as error:  # noqa: BLE001 (it is raised again)
            if isinstance(error, connection.dialect.loaded_dbapi.NotSupportedError):
                # PostgreSQL prepared it before the schema was changed: another connection prepares it anew.
                connection.invalidate(error)
            # SQLAlchemy knows what the driver's error means for this connection and for the pool; it always raises.
            connection._handle_dbapi_exception(error, self._text, told or many, cursor, None)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        finally:
            if alone:
                driver.autocommit = False
        return found, rowcount

    def _told(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple([one.value(given) for one in self._inputs])

    def _read(self, cursor: Any) -> list[Values]:
        if self._outputs is None:
            self._outputs = self._processes(cursor)
        rows: list[Values] = []
        for row in cursor.fetchall():
            values = list(row)
            for place, process in self._outputs:
                values[place] = process(values[place])
            rows.append(values)
        return rows

    def _processes(self, cursor: Any) -> list[tuple[int, Process]]:
        processes = (
            one.dialect_impl(self._dialect).result_processor(self._dialect, described[1])
            for one, described in zip(self._types, cursor.description, strict=True)
        )
        return [(place, process) for place, process in enumerate(processes) if process is not None]


@lru_cache(maxsize=1_000)
def insert_of(table: Table, names: tuple[str, ...]) -> Prepared:
    """Add rows with values in these columns."""
    return Prepared(insert(table).values({name: bindparam(name) for name in names}).inline())


@lru_cache(maxsize=1_000)
def update_of(table: Table, keys: tuple[str, ...], names: tuple[str, ...]) -> Prepared:
    """Change these columns of the row whose `keys` are told as `this_…` (see `this`)."""
    mine = [table.c[key] == bindparam(f"this_{key}") for key in keys]
    return Prepared(update(table).where(*mine).values({name: bindparam(name) for name in names}))


def this(**keys: Any) -> dict[str, Any]:
    """Which row `update_of` changes."""
    return {f"this_{key}": value for key, value in keys.items()}
