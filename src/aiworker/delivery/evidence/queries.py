"""Every statement on what is known of commits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from aiworker.delivery.evidence.records import StatusRecord
from aiworker.delivery.evidence.tables import commit_statuses
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx

_KEY = tuple_(commit_statuses.c.project_id, commit_statuses.c.commit)


def of_commits(tx: Tx, commits: Sequence[tuple[str, str]]) -> list[StatusRecord]:
    """What is known of commits, each named with its project's id."""
    if not commits:
        return []
    statement = select(*columns(StatusRecord, commit_statuses)).where(_KEY.in_(commits)).limit(len(commits))
    return tx.records(StatusRecord, statement)


def put(tx: Tx, project_id: str, commit: str, checks: Sequence[dict[str, Any]]) -> None:
    """This is known of a commit now."""
    wanted = (commit_statuses.c.project_id == project_id) & (commit_statuses.c.commit == commit)
    values = {"checks": list(checks), "seen_at": tx.now}
    if tx.execute(update(commit_statuses).where(wanted).values(values)).rowcount:
        return
    try:
        with tx.savepoint():
            tx.execute(insert(commit_statuses).values(project_id=project_id, commit=commit, **values))
    except IntegrityError:
        tx.execute(update(commit_statuses).where(wanted).values(values))


def forget(tx: Tx, before: datetime, *, limit: int = 500) -> int:
    """Remove what was seen before then; how many."""
    old = select(commit_statuses.c.project_id, commit_statuses.c.commit).where(commit_statuses.c.seen_at < before)
    rows = [(row.project_id, row.commit) for row in tx.rows(old.limit(limit))]
    if rows:
        tx.execute(delete(commit_statuses).where(_KEY.in_(rows)))
    return len(rows)
