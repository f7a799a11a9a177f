"""Plain SQL on a database of any of the three kinds, past the program."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from aiworker.storage.urls import async_url


async def run(url: URL, *statements: str) -> list[Sequence[Any]]:
    """Run them in one session, one after the other, each committed; the rows of the last one that has any."""
    if url.get_backend_name() == "sqlite":
        return await asyncio.to_thread(_run_in_file, url, statements)
    engine = create_async_engine(async_url(url), isolation_level="AUTOCOMMIT")
    rows: list[Sequence[Any]] = []
    try:
        async with engine.connect() as connection:
            for statement in statements:
                plain = statement if url.get_backend_name() == "postgresql" else statement.replace("%", "%%")
                result = await connection.exec_driver_sql(plain)
                rows = list(result.all()) if result.returns_rows else rows
    finally:
        await engine.dispose()
    return rows


async def kill_all_connections(url: URL) -> None:
    """Break every connection to a database of a server, in whatever it is doing."""
    if url.get_backend_name() == "postgresql":
        await run(
            url,
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        return
    found = await run(
        url, "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    )
    for row in found:
        try:
            await run(url, f"KILL {row[0]}")
        except OperationalError as error:
            # It was ending by itself, and is gone by now.
            if "Unknown thread id" not in str(error):
                raise


async def run_script(url: URL, file: Path) -> None:
    """Run the statements of a file."""
    script = await asyncio.to_thread(file.read_text)
    lines = [line for line in script.splitlines() if not line.startswith("--")]
    await run(url, *(part for part in "\n".join(lines).split(";\n") if part.strip(" ;\n")))


def _run_in_file(url: URL, statements: Sequence[str]) -> list[Sequence[Any]]:
    engine = create_engine(url)
    rows: list[Sequence[Any]] = []
    try:
        with engine.begin() as connection:
            for statement in statements:
                result = connection.execute(text(statement))
                rows = list(result.all()) if result.returns_rows else rows
    finally:
        engine.dispose()
    return rows
