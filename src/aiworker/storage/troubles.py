"""What databases complain of, in our own words. Every dialect's codes stand here."""

import sqlite3

from sqlalchemy import URL, ExceptionContext
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from aiworker.core.errors import AiWorkerError, Conflict, Invalid, Unavailable

# What a driver may raise, by itself or wrapped, when a database is asked something.
DATABASE_ERRORS = (DBAPIError, PoolTimeout, OSError, TimeoutError)

# PostgreSQL says what is wrong by SQLSTATE, MariaDB/MySQL by number.
# Deadlock, serialization failure, a lock that was not had in time or found no room, a row or a table that changed since
# the snapshot.
_TRANSIENT = frozenset({"40001", "40P01", "55P03", 1020, 1205, 1206, 1213, 1412})
# The connection is gone, or the server is about to go or to come.
_LOST = frozenset({"57P01", "57P02", "57P03", "08000", "08001", "08003", "08006", 1053, 1927, 2006, 2013, 2014})
# The server takes no changes, or none any more: after a failover, a new connection leads to the one that does.
_READS_ONLY = frozenset({"25006", 1047, 1290, 1792, 1836})
# It is full or out of memory, its disk fails, somebody has stopped the statement, or it has taken back the whole unit
# of work and knows no savepoint of it. PostgreSQL: beside these classes.
_ILL = frozenset({"08P01", "25P01", "3B001", "XX001", "XX002"}) | frozenset(
    {1021, 1026, 1028, 1030, 1037, 1038, 1041, 1114, 1129, 1180, 1305, 1317, 1637, 1969, 3024}
)
_ILL_CLASSES = ("53", "57", "58")
# What SQLite finds wrong with a statement or a value; all else is wrong with the file, or with the machine.
_SQLITE_REFUSES = frozenset(
    {
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_TOOBIG,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_MISUSE,
        sqlite3.SQLITE_RANGE,
    }
)
_UNIQUE = frozenset({"23505", 1022, 1062, 1586})
_REFERENCE = frozenset({"23503", 1216, 1217, 1451, 1452})
# Beside those whose SQLSTATE begins with 22.
_DATA = frozenset({1048, 1265, 1366, 4025, 4040})
_REFUSED = frozenset({"28000", "28P01", 1045, 1130, 1698})
_FORBIDDEN = frozenset({"42501", 1044, 1142, 1227})
_MISSING = frozenset({"3D000", 1049})
_FULL = frozenset({"53300", 1040, 1203, 1226})
_AWAY = frozenset({2002, 2003, 2005})
# A prepared statement that is there already, or is gone: the connection is another one than a moment ago.
_POOLED = frozenset({"26000", "42P05"})
# asyncpg's words for a value that it cannot send.
_WRONG_ARGUMENT = "invalid input for query argument"


class DatabaseRefused(Unavailable):
    """The server answers, and lets us not in. `remedy`: the statements that its administrator is to run."""

    default_code = "database_refused"

    def __init__(self, message: str, *, code: str, remedy: str) -> None:
        super().__init__(message, code=code)
        self.remedy = remedy


def is_transient(error: BaseException) -> bool:
    """Whether the whole unit of work may be run again, and may go well then: nothing of it was kept."""
    return isinstance(error, DBAPIError) and _code(error) in _TRANSIENT | _READS_ONLY


def is_lost(error: BaseException) -> bool:
    """Whether the connection broke, or there was none to be had."""
    if isinstance(error, DBAPIError):
        code = _code(error)
        return code in _LOST | _AWAY or (error.connection_invalidated and code not in _READS_ONLY)
    return isinstance(error, OSError | TimeoutError)


def leave_who_reads_only(context: ExceptionContext) -> None:
    """For an engine's `handle_error`: none of the connections that there are leads to a server that takes changes."""
    error = context.sqlalchemy_exception
    if isinstance(error, DBAPIError) and _code(error) in _READS_ONLY:
        context.is_disconnect = True


def spoils_the_unit(error: BaseException) -> bool:
    """Whether the whole unit of work must be run again, so that nobody within may swallow the error."""
    return is_transient(error) or is_lost(error) or (isinstance(error, DBAPIError) and _is_ill(error))


def in_our_words(error: BaseException) -> AiWorkerError | None:
    """What a unit of work that failed tells its caller; None if it is a mistake of ours, such as wrong SQL."""
    if isinstance(error, PoolTimeout):
        return Unavailable("Every connection to the database is in use; try again.", code="database_busy")
    code = _code(error) if isinstance(error, DBAPIError) else None
    if code in _READS_ONLY:
        return Unavailable("The database takes no changes at the moment; try again.", code="database_read_only")
    if isinstance(error, DBAPIError) and _is_pooled(error):
        return _pooled("the database")
    if is_transient(error):
        return Unavailable("The database is too busy with the same rows; try again.", code="database_busy")
    if not isinstance(error, DBAPIError) or is_lost(error) or code in _REFUSED | _FORBIDDEN | _MISSING | _FULL:
        return Unavailable("The database does not answer; try again.", code="database_unavailable")
    return _refused_values(error, code) or (_ill_now() if _is_ill(error) else None)


def reason_of(error: BaseException) -> str:
    """What the database or its driver says itself, for the log."""
    return _reason(error) if isinstance(error, DBAPIError) else str(error) or type(error).__name__


def not_opened(error: BaseException, url: URL) -> AiWorkerError:
    """Why a database cannot be opened, upgraded or looked at, to those who run it. Never with a password."""
    where = f"{url.host or 'localhost'}:{url.port or _port(url)}"
    code = _code(error) if isinstance(error, DBAPIError) else None
    if (refused := _refused(code, url, where)) is not None:
        return refused
    if code in _FULL:
        return Unavailable(f"The database server at {where} has no free connection.", code="database_busy")
    if isinstance(error, DBAPIError) and _is_pooled(error):
        return _pooled(where)
    if not isinstance(error, DBAPIError) or is_lost(error):
        return Unavailable(f"No database server answers at {where}.", code="database_unavailable")
    return Unavailable(f"The database cannot be opened or changed: {_reason(error)}.", code="database_unavailable")


def _refused(code: str | int | None, url: URL, where: str) -> DatabaseRefused | None:
    if code in _REFUSED:
        return DatabaseRefused(
            f"The database server at {where} refuses the login of {url.username or 'nobody'}.",
            code="database_login_refused",
            remedy=_user_statements(url),
        )
    if code in _FORBIDDEN:
        return DatabaseRefused(
            f"The user {url.username} may not use or change the database {url.database} at {where}.",
            code="database_forbidden",
            remedy=_grant_statements(url),
        )
    if code in _MISSING:
        return DatabaseRefused(
            f"There is no database {url.database} at {where}.",
            code="database_missing",
            remedy=_database_statement(url),
        )
    return None


def _refused_values(error: DBAPIError, code: str | int | None) -> AiWorkerError | None:
    said = str(error.orig)
    if code in _UNIQUE or "UNIQUE constraint" in said:
        return Conflict("There is one of the same name or number already; look again.", code="already_there")
    if code in _REFERENCE or "FOREIGN KEY constraint" in said:
        return Conflict("Something that belongs to it is gone, or still needs it; look again.", code="reference_broken")
    of_data = isinstance(error, DataError | IntegrityError) or code in _DATA or _sqlstate(error).startswith("22")
    if of_data or _WRONG_ARGUMENT in said:
        return Invalid(
            "A value is missing, too long, too large, or not of the kind that is kept there.", code="value_refused"
        )
    return None


def _is_pooled(error: DBAPIError) -> bool:
    return _code(error) in _POOLED or "statement pooling mode" in str(error.orig)


def _pooled(where: str) -> AiWorkerError:
    return Unavailable(
        f"The connection pooler before {where} hands its connections round; it must be in session mode.",
        code="database_pooled",
    )


def _ill_now() -> AiWorkerError:
    return Unavailable(
        "The database could not do it (it is full, say, or was told to stop); try again, or look into its log.",
        code="database_unavailable",
    )


def _is_ill(error: DBAPIError) -> bool:
    if (number := getattr(error.orig, "sqlite_errorcode", None)) is not None:
        return number & 0xFF not in _SQLITE_REFUSES or "no such savepoint" in str(error.orig)
    return _code(error) in _ILL or _sqlstate(error).startswith(_ILL_CLASSES)


def _code(error: DBAPIError) -> str | int:
    original = error.orig
    number = original.args[0] if original is not None and original.args else None
    return number if isinstance(number, int) else _sqlstate(error)


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _reason(error: DBAPIError) -> str:
    original = error.orig
    text = str(original.args[-1]) if original is not None and original.args else str(original)
    return " ".join(text.split())[:300].rstrip(".")


def _port(url: URL) -> int:
    return 5432 if _is_postgresql(url) else 3306


def _is_postgresql(url: URL) -> bool:
    return url.get_backend_name() == "postgresql"


def _user_statements(url: URL) -> str:
    if _is_postgresql(url):
        role = _quoted(url.username, '"')
        create = f"CREATE ROLE {role} LOGIN PASSWORD '…';\n(if it exists: ALTER ROLE {role} LOGIN PASSWORD '…';)"
    else:
        user = f"{_quoted(url.username, chr(39))}@'%'"
        create = f"CREATE USER {user} IDENTIFIED BY '…';\n(if it exists: ALTER USER {user} IDENTIFIED BY '…';)"
    return f"{create}\n{_grant_statements(url)}"


def _grant_statements(url: URL) -> str:
    if _is_postgresql(url):
        database, role = _quoted(url.database, '"'), _quoted(url.username, '"')
        return (
            f"GRANT ALL PRIVILEGES ON DATABASE {database} TO {role};\n"
            f"(in that database: GRANT ALL ON SCHEMA public TO {role};)"
        )
    user = f"{_quoted(url.username, chr(39))}@'%'"
    return f"GRANT ALL PRIVILEGES ON {_quoted(url.database, '`')}.* TO {user};"


def _database_statement(url: URL) -> str:
    if _is_postgresql(url):
        return f"CREATE DATABASE {_quoted(url.database, chr(34))} OWNER {_quoted(url.username, chr(34))};"
    create = f"CREATE DATABASE {_quoted(url.database, '`')} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;"
    return f"{create}\n{_grant_statements(url)}"


def _quoted(name: str | None, mark: str) -> str:
    return f"{mark}{(name or '').replace(mark, mark * 2)}{mark}"
