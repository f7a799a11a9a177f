"""How a database is: there, of which version, and whole."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, MetaData, text

from aiworker.storage.database import open_database
from aiworker.storage.migrate import check, current, revisions
from aiworker.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Condition:
    """What was found, without a password in `where`. `problems` are looked for in a database of this version only."""

    where: str
    exists: bool
    revision: str | None
    newest: str
    problems: tuple[str, ...] = ()


async def condition_of(url: URL, catalogue: MetaData) -> Condition:
    """Look at a database, and change nothing.

    Raises: Unavailable if it cannot be opened, Conflict if rows refer to rows that are gone.
    """
    where, newest = url.render_as_string(hide_password=True), revisions()[-1]
    in_file = url.get_backend_name() == "sqlite"
    if in_file and not await asyncio.to_thread(Path(url.database or "").is_file):
        return Condition(where, exists=False, revision=None, newest=newest)
    revision = await current(url)
    if revision != newest:
        return Condition(where, exists=True, revision=revision, newest=newest)
    problems = await check(url, catalogue) + (await _damage(url) if in_file else [])
    return Condition(where, exists=True, revision=revision, newest=newest, problems=tuple(problems))


async def _damage(url: URL) -> list[str]:
    database = open_database(url)
    try:
        return await database.read(_look)
    finally:
        await database.close()


def _look(tx: Tx) -> list[str]:
    return [str(row[0]) for row in tx.rows(text("PRAGMA integrity_check(20)")) if row[0] != "ok"]
