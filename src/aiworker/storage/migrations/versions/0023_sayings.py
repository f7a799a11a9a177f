"""What the server says is kept by code, too, for other languages."""

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

from aiworker.storage import types

revision = "0023"
down_revision = "0025"

_COLUMNS = {
    "tasks": "held_told",
    "attempts": "error_told",
    "execution_steps": "told",
    "robot_deadlines": "why_told",
}
# What stood in `held` until now; from here on nobody reads it for its meaning.
_HELD = (
    ("question", r"a question waits for an answer"),
    ("after_until", r"after (?P<tasks>.+) in (?P<until>staging|production)"),
    ("after", r"after (?P<tasks>.+)"),
    ("after_cancelled", r"(?P<tasks>.+) was cancelled"),
    ("after_all_cancelled", r"(?P<tasks>.+) were cancelled"),
    ("attempt_failed", r"1 attempt failed"),
    ("attempts_failed", r"(?P<attempts>\d+) attempts failed"),
    ("lost_in_a_row", r"lost or given back (?P<times>\d+) times in a row"),
    ("pull_request_closed", r"pull request #(?P<number>\d+) was closed by (?P<by>.+)"),
    ("task_cost", r"cost limit of (?P<limit>.+) for a task reached"),
    ("attempt_cost", r"cost limit of (?P<limit>.+) for an attempt reached"),
)


def upgrade() -> None:
    """Add what a database of an earlier first revision lacks, and the codes of what holds tasks now."""
    if op.get_context().as_sql:
        return
    inspector = sa.inspect(op.get_bind())
    for table, column in _COLUMNS.items():
        if column not in {known["name"] for known in inspector.get_columns(table)}:
            op.add_column(table, sa.Column(column, types.json_column()))
    _fill()


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("the columns are not taken back: restore a backup")


def _fill() -> None:
    tasks = sa.table(
        "tasks",
        sa.column("id", sa.String(36)),
        sa.column("held", sa.String(200)),
        sa.column("held_told", types.json_column()),
        sa.column("updated_at", types.UtcTimestamp()),
    )
    bind = op.get_bind()
    for task_id, held in bind.execute(sa.select(tasks.c.id, tasks.c.held).where(tasks.c.held.is_not(None))).all():
        bind.execute(
            # MariaDB and MySQL would touch `updated_at`.
            sa.update(tasks)
            .where(tasks.c.id == task_id)
            .values(held_told=_meaning(held), updated_at=tasks.c.updated_at)
        )


def _meaning(words: str) -> dict[str, Any] | None:
    for code, pattern in _HELD:
        if (found := re.fullmatch(pattern, words)) is not None:
            return {"code": code, "values": found.groupdict()}
    return None
