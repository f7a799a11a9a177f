"""Looks at the database as `db check` and `doctor` tell it."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import URL, MetaData, text

from aiworker.cli.starters import Finding, Mark
from aiworker.core.errors import AiWorkerError
from aiworker.storage.database import open_database
from aiworker.storage.migrate import check, current, revisions
from aiworker.storage.transaction import Tx

_SUBJECT = "Database"
_UPGRADE = "Run: aiworker db upgrade"


async def database_findings(url: URL, catalogue: MetaData) -> Sequence[Finding]:
    """Whether it answers, is of this version, and holds what this version expects."""
    where = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and not _exists(url):
        return [Finding(_SUBJECT, Mark.BAD, f"{where} is not there yet.", _UPGRADE)]
    try:
        revision = await current(url)
        if revision != revisions()[-1]:
            known = revision or "none"
            return [Finding(_SUBJECT, Mark.BAD, f"{where} is of revision {known}, not {revisions()[-1]}.", _UPGRADE)]
        differences = await check(url, catalogue)
        damage = await _damage(url) if url.get_backend_name() == "sqlite" else []
    except AiWorkerError as error:
        return [Finding(_SUBJECT, Mark.BAD, error.message)]
    wrong = [*differences, *damage]
    if wrong:
        return [Finding(_SUBJECT, Mark.BAD, sentence) for sentence in wrong]
    return [Finding(_SUBJECT, Mark.GOOD, f"{where} answers, is of revision {revision}, and is consistent.")]


async def _damage(url: URL) -> list[str]:
    database = open_database(url)

    def look(tx: Tx) -> list[str]:
        found = [str(row[0]) for row in tx.rows(text("PRAGMA integrity_check(20)")) if row[0] != "ok"]
        orphans = tx.rows(text("PRAGMA foreign_key_check"))
        if orphans:
            found.append(f"{len(orphans)} row(s) refer to rows that are gone.")
        return found

    try:
        return await database.read(look)
    finally:
        await database.close()


def _exists(url: URL) -> bool:
    return url.database is not None and Path(url.database).exists()
