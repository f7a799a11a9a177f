"""Which database the settings mean."""

import re
from typing import Any
from urllib.parse import quote

import asyncpg
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from aiworker.core.errors import Invalid
from aiworker.core.settings import Settings

# The password reaches to the last @.
_WITH_PASSWORD = re.compile(r"([a-z0-9+]+://[^:@/]*:)(.*)(@[^@]*)", re.IGNORECASE | re.DOTALL)
_ENCODED = re.compile(r"([^%@#/?\\]|%[0-9A-Fa-f]{2})*")
_CONNECT_SECONDS = 10
_LOCK_SECONDS = 10
# As many statements as a server that does everything sends, with room: one that is forgotten is planned anew.
_PREPARED = 500
# What is planned while a table is nearly empty is used as it is when the table has a hundred thousand rows, until the
# server gathers statistics again. So it is planned for many from the beginning. And compiling pays for nothing of ours.
_PLANNING = {"enable_seqscan": "off", "enable_mergejoin": "off", "jit": "off"}
_SETTINGS = {"lock_timeout": f"{_LOCK_SECONDS}s", **_PLANNING}
# One name for MariaDB and MySQL: the driver finds out which server it is.
_DRIVERS = {"postgresql": "postgresql+asyncpg", "mysql": "mysql+asyncmy", "mariadb": "mysql+asyncmy"}


def database_url(settings: Settings) -> URL:
    """`DATABASE_URL`, or the MariaDB/MySQL server of `DB_HOST` and its kin, or a SQLite file in `AIWORKER_HOME`.

    Raises: Invalid, naming the variable.
    """
    if settings.database_url is not None:
        return parsed_url(settings.database_url.get_secret_value())
    if (parts := settings.database_parts) is not None:
        password = parts.password.get_secret_value() or None
        charset = {"charset": "utf8mb4"}
        return URL.create("mysql", parts.user, password, parts.host, parts.port, parts.name, charset)
    return URL.create("sqlite", database=str(settings.home / "aiworker.db"))


def async_url(url: URL, name: str = "DATABASE_URL") -> URL:
    """A server's URL with the driver that we use. Raises: Invalid if it is none of ours, with its `name`."""
    try:
        return url.set(drivername=_DRIVERS[url.get_backend_name()])
    except KeyError:
        raise Invalid(
            f"{name} is wrong: it should start with sqlite, postgresql, mysql or mariadb.", code="setting_invalid"
        ) from None


def connect_arguments(url: URL) -> dict[str, Any]:
    """How every connection to a server is set up: UTC, nothing cut off in silence, no wait for ever."""
    if url.get_backend_name() == "postgresql":
        return {
            "async_creator_fn": _connect,
            "timeout": _CONNECT_SECONDS,
            "server_settings": {"timezone": "UTC", "application_name": "aiworker"},
            "prepared_statement_cache_size": _PREPARED,
        }
    session = {
        "time_zone": "'+00:00'",
        "sql_mode": "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'",
        "innodb_lock_wait_timeout": str(_LOCK_SECONDS),
        "lock_wait_timeout": str(_LOCK_SECONDS),
    }
    command = "SET " + ", ".join(f"SESSION {name} = {value}" for name, value in session.items())
    return {"connect_timeout": _CONNECT_SECONDS, "init_command": command}


async def _connect(*args: Any, **kwargs: Any) -> asyncpg.Connection:
    """A connection pooler knows few settings, and lets nobody in who brings others: these follow behind its door."""
    connection = await asyncpg.connect(*args, **kwargs)
    try:
        await connection.execute("".join(f"SET {name} = '{value}';" for name, value in _SETTINGS.items()))
    except BaseException:
        connection.terminate()
        raise
    return connection


def parsed_url(text: str, name: str = "DATABASE_URL") -> URL:
    """The database that a URL means. Raises: Invalid, naming whatever it was given as."""
    try:
        url = make_url(_with_whole_password(text))
    except (ArgumentError, ValueError):
        raise Invalid(f"{name} is wrong: it should be a URL.", code="setting_invalid") from None
    if url.get_backend_name() == "postgres":
        url = url.set(drivername="postgresql")
    if not url.database:
        raise Invalid(f"{name} is wrong: it should name a database.", code="setting_invalid")
    return url


def _with_whole_password(text: str) -> str:
    """A password that was put in as it is, not percent-encoded, is meant as it is."""
    found = _WITH_PASSWORD.fullmatch(text)
    if found is None or _ENCODED.fullmatch(found[2]):
        return text
    return f"{found[1]}{quote(found[2], safe='')}{found[3]}"
