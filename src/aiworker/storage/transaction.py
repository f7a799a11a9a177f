"""One unit of work.

The body of a transaction is a plain synchronous function that gets a `Tx`. It runs in the writer's thread on SQLite and
inside a greenlet on the servers, so the same code serves the three databases; and because it cannot await, nothing
outside (git, a network) can happen inside a database transaction.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar, overload

from sqlalchemy import Connection, CursorResult, Executable, Row, UpdateBase, select

from aiworker.core.clock import Clock
from aiworker.storage.outbox.events import Event, rows_of
from aiworker.storage.outbox.tables import outbox
from aiworker.storage.outbox.writing import outbox_row, outbox_values
from aiworker.storage.prepared import Answer, Parameters, Plan, Prepared, insert_of
from aiworker.storage.records import by_name, load, load_all
from aiworker.storage.savepoints import savepoint
from aiworker.storage.types import utc_timestamp

T = TypeVar("T")
Statement = Executable | Prepared
_NOW = Prepared(select(utc_timestamp()))

OUTBOX_TOPIC = "outbox"
ANNOUNCEMENT_TOPIC = "announcements"


@dataclass(frozen=True, slots=True)
class Announcement:
    """A live message that may be lost (progress, a log line), for those who have joined a room such as `task:{id}`."""

    room: str
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Committed:
    """What a finished unit of work leaves to be told: topics to wake, announcements to make, cache keys to drop; and
    the events that it wrote, for whoever counts."""

    topics: frozenset[str] = frozenset()
    announcements: tuple[Announcement, ...] = ()
    dropped: frozenset[str] = frozenset()
    events: tuple[Event, ...] = ()


class Tx:
    """One unit of work: statements, the events that go with them, and whom to wake after the commit."""

    def __init__(self, connection: Connection, *, clock: Clock | None, writable: bool, alone: bool = False) -> None:
        self.connection = connection
        self._topics: set[str] = set()
        self._announcements: list[Announcement] = []
        self._dropped: set[str] = set()
        self._clock = clock
        self._writable = writable
        self._now: datetime | None = None
        self._events: list[Event] = []
        self._known: dict[str, Any] = {}
        self._written: list[Event] = []
        # PostgreSQL is not told to begin before something is written or locked: what is only read under READ COMMITTED
        # has a snapshot for each statement anyway.
        self._begun = not writable or connection.dialect.name != "postgresql"
        self._alone = alone
        self._put_off: list[tuple[Prepared, Mapping[str, Any]]] = []
        self.in_doubt = False
        """Whether it may be committed although the caller was not told so."""
        self.concluded = False
        """Whether it is committed although the caller was not told so."""

    @property
    def dialect(self) -> str:
        """`sqlite`, `postgresql`, or `mysql` (MariaDB, too)."""
        return self.connection.dialect.name

    @property
    def now(self) -> datetime:
        """The database's time, the same throughout this unit of work. SQLite: the writer's steady clock."""
        if self._now is None:
            now: datetime = self.scalar(_NOW) if self._clock is None else self._clock()
            self._now = now
        return self._now

    def learn(self, now: datetime) -> None:
        """A row brought the database's time along (see `utc_timestamp`): it need not be asked for any more."""
        if self._now is None and self._clock is None:
            self._now = now

    @overload
    def execute(self, statement: Prepared, parameters: Parameters | None = None) -> "Answer | CursorResult[Any]": ...

    @overload
    def execute(self, statement: Executable, parameters: Parameters | None = None) -> CursorResult[Any]: ...

    def execute(self, statement: Statement, parameters: Parameters | None = None) -> "Answer | CursorResult[Any]":
        """Run one statement (with many sets of parameters: once for each, in one round trip)."""
        plan = self._plan(statement, parameters)
        if plan is not None:
            return plan.answer(self.connection, parameters, alone=not self._begun)
        plain = statement.statement if isinstance(statement, Prepared) else statement
        return self.connection.execute(plain, parameters)  # pyright: ignore[reportReturnType]

    def _plan(self, statement: Statement, parameters: Parameters | None) -> Plan | None:
        """How it is run; None: by SQLAlchemy. What was put off comes first, unless it cannot make a difference."""
        if not isinstance(statement, Prepared):
            self._catch_up()
            self._begin(writes=isinstance(statement, UpdateBase))
            return None
        if not statement.reads:
            self._catch_up()
            self._begin(writes=True)
        elif not all(statement.tables.isdisjoint(one.tables) for one, _ in self._put_off):
            self._catch_up()
        return statement.plan(self.connection, parameters)

    def _begin(self, *, writes: bool) -> None:
        if self.in_doubt and writes:
            raise RuntimeError("a unit of work that was concluded writes nothing more")
        self._begun = True

    def _catch_up(self) -> None:
        put_off, self._put_off = self._put_off, []
        for statement, parameters in put_off:
            self.execute(statement, parameters)

    def put_off(self, statement: Prepared, parameters: Mapping[str, Any]) -> None:
        """Write something whose outcome nobody needs: before the next statement that could see it, else together
        with the commit. Writes into different tables, with different parameter names, become one statement."""
        if self.dialect == "postgresql" and statement.plan(self.connection, parameters) is not None:
            if not all(
                statement.tables.isdisjoint(one.tables) and parameters.keys().isdisjoint(told)
                for one, told in self._put_off
            ):
                self._catch_up()
            self._put_off.append((statement, parameters))
        else:
            self.execute(statement, parameters)

    @property
    def may_conclude(self) -> bool:
        """Whether it is for a single act (`Database.write_alone`) and has neither written nor locked anything yet, on a
        database that commits a statement with itself (PostgreSQL)."""
        return self._alone and not (self._begun or self._put_off or self._events)

    def conclude(self, statement: Prepared, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """Write all that this unit of work writes, and commit with it: one round trip. Only while it `may_conclude`.

        If it brings no rows it has written nothing, and the unit of work goes on.
        """
        if not self.may_conclude:
            raise RuntimeError("a unit of work is concluded by the only statement that writes")
        plan = statement.plan(self.connection, parameters)
        if plan is None:
            return self.execute(statement, parameters).all()
        self.in_doubt = True
        rows = plan.answer(self.connection, parameters, alone=True).all()
        self.in_doubt = self.concluded = bool(rows)
        return rows

    def row(self, statement: Statement, parameters: Parameters | None = None) -> Row[Any] | None:
        """The one row, or None."""
        return self.execute(statement, parameters).one_or_none()

    def rows(self, statement: Statement, parameters: Parameters | None = None) -> Sequence[Row[Any]]:
        """All rows; the statement carries a limit."""
        return self.execute(statement, parameters).all()

    def scalar(self, statement: Statement, parameters: Parameters | None = None) -> Any:
        """The first column of the first row, or None."""
        return self.execute(statement, parameters).scalar()

    def record(self, kind: type[T], statement: Statement, parameters: Parameters | None = None) -> T | None:
        """The one row as a record, or None. A column `now` beside it brings the time along (see `utc_timestamp`)."""
        if isinstance(statement, Prepared) and (plan := self._plan(statement, parameters)) is not None:
            found, now = plan.records(self.connection, kind, parameters, alone=not self._begun)
            if now is not None:
                self.learn(now)
            if len(found) > 1:
                raise RuntimeError(f"one {kind.__name__} was expected, and there are more")
            return found[0] if found else None
        row = self.row(statement, parameters)
        if row is None:
            return None
        if self._now is None and (now := by_name(row).get("now")) is not None:
            self.learn(now)
        return load(kind, row)

    def records(self, kind: type[T], statement: Statement, parameters: Parameters | None = None) -> list[T]:
        """All rows as records; the statement carries a limit."""
        if isinstance(statement, Prepared) and (plan := self._plan(statement, parameters)) is not None:
            return plan.records(self.connection, kind, parameters, alone=not self._begun)[0]
        return load_all(kind, self.rows(statement, parameters))

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """A part that may fail alone: when it raises, what it wrote and was about to tell is taken back, no more."""
        events, topics, announcements = len(self._events), set(self._topics), len(self._announcements)
        self._catch_up()
        self._begin(writes=True)
        try:
            with savepoint(self.connection):
                yield
                self._catch_up()
        except BaseException:
            self._put_off.clear()
            self._known.clear()
            del self._events[events:]
            del self._announcements[announcements:]
            self._topics = topics
            raise

    def emit(self, event: Event) -> None:
        """Write an event with this change; it leaves the house only after the commit."""
        if not self._writable:
            raise RuntimeError("a reading unit of work emits nothing")
        self._events.append(event)

    def wake(self, topic: str) -> None:
        """After the commit, wake those who wait on a topic. A hint only: polling is the safety net."""
        self._topics.add(topic)

    def announce(self, room: str, kind: str, data: Mapping[str, Any]) -> None:
        """After the commit, tell those who have joined a room. It may be lost; an event (`emit`) may not."""
        self._announcements.append(Announcement(room, kind, data))

    def drop(self, *keys: str) -> None:
        """After the commit, and before the change is answered, forget what is cached under these keys."""
        self._dropped.update(keys)
        for key in keys:
            self._known.pop(key, None)

    def once(self, key: str, read: Callable[[], T]) -> T:
        """What this unit of work knows under a cache's key. It is read only once, unless the key was dropped since."""
        if key not in self._known:
            self._known[key] = read()
        return self._known[key]

    def know(self, key: str, value: T) -> T:
        """It was read another way: with a lock, or just written."""
        self._known[key] = value
        return value

    def told(self, event: Event) -> None:
        """An event was written by the very statement that made the change."""
        self._written.append(event)
        self._topics.add(OUTBOX_TOPIC)

    def flush(self) -> None:
        """Write what was put off and the events that were emitted. Called once, just before the commit. If a single
        statement is all that is written, it commits itself."""
        rows = rows_of(self._events, self.now) if self._events else []
        for event in self._events:
            self.told(event)
        self._events.clear()
        if self._put_off and len(rows) <= 1:
            put_off, self._put_off = self._put_off, []
            values = {name: value for _, told in put_off for name, value in told.items()}
            statement = _together(tuple(one for one, _ in put_off), telling=bool(rows))
            self._finish(statement, {**values, **outbox_values(rows[0])} if rows else values)
        elif len(rows) == 1:
            self._finish(insert_of(outbox, tuple(rows[0])), rows[0])
        elif rows:
            self.execute(insert_of(outbox, tuple(rows[0])), rows)

    def _finish(self, statement: Prepared, parameters: Mapping[str, Any]) -> None:
        plan = statement.plan(self.connection, parameters)
        self.in_doubt = not self._begun and plan is not None
        if plan is not None:
            plan.answer(self.connection, parameters, alone=not self._begun)
        else:
            self.execute(statement, parameters)

    @property
    def committed(self) -> Committed:
        """What is to be told after the commit."""
        return Committed(
            frozenset(self._topics), tuple(self._announcements), frozenset(self._dropped), tuple(self._written)
        )


@lru_cache(maxsize=1_000)
def _together(put_off: tuple[Prepared, ...], *, telling: bool) -> Prepared:
    """All of it in one statement, and a row of the outbox with it."""
    first, *others = put_off
    ctes = [one.statement.cte(f"beside_{place}") for place, one in enumerate(others)]
    if telling:
        ctes.append(outbox_row().cte("told"))
    return Prepared(first.statement.add_cte(*ctes)) if ctes else first
