"""Looks at the database as `db check` and `doctor` tell it."""

from collections.abc import Sequence

from aiworker.cli.starters import Finding, Mark
from aiworker.core.errors import AiWorkerError
from aiworker.core.settings import Settings
from aiworker.storage.condition import condition_of
from aiworker.storage.migrations.generate import load_tables
from aiworker.storage.troubles import DatabaseRefused
from aiworker.storage.urls import database_url

_SUBJECT = "database"
_UPGRADE = "Run: aiworker db upgrade"


async def database_findings(settings: Settings) -> Sequence[Finding]:
    """Whether it answers, is of this version, and holds what this version expects."""
    try:
        found = await condition_of(database_url(settings), load_tables())
    except DatabaseRefused as error:
        return [Finding(_SUBJECT, Mark.BAD, error.message, f"Its administrator runs:\n{error.remedy}")]
    except AiWorkerError as error:
        return [Finding(_SUBJECT, Mark.BAD, error.message)]
    if not found.exists:
        return [Finding(_SUBJECT, Mark.BAD, f"{found.where} is not there yet.", _UPGRADE)]
    if found.revision != found.newest:
        known = found.revision or "none"
        sentence = f"{found.where} is of revision {known}, not {found.newest}."
        return [Finding(_SUBJECT, Mark.BAD, sentence, _UPGRADE)]
    if found.problems:
        return [Finding(_SUBJECT, Mark.BAD, problem) for problem in found.problems]
    sentence = f"{found.where} answers, is of revision {found.revision}, and is consistent."
    return [Finding(_SUBJECT, Mark.GOOD, sentence)]
