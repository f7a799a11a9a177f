"""Cost limits and what was spent, what agents may do, the inbox; which attempt said a line.

A database whose first revision had them already is left as it is.
"""

import sqlalchemy as sa
from alembic import op

from aiworker.storage import types

revision = "0003"
down_revision = "0002"

_STUCK = (
    "state = 'backlog' AND held IS NOT NULL AND held NOT LIKE 'after %' AND held <> 'a question waits for an answer'"
)


def upgrade() -> None:
    """Add what is missing."""
    if op.get_context().as_sql:
        return
    _add(
        "projects",
        sa.Column("agent_allow", types.json_column()),
        sa.Column("attempt_minutes", sa.Integer(), server_default="240", nullable=False),
        sa.Column("attempt_cost_limit", sa.BigInteger()),
        sa.Column("task_cost_limit", sa.BigInteger()),
        sa.Column("day_cost_limit", sa.BigInteger()),
        sa.Column("project_cost_limit", sa.BigInteger()),
        sa.Column("overspent", sa.String(200)),
        sa.Column("overspent_until", types.UtcTimestamp()),
        sa.Column("logs_kept_days", sa.Integer()),
    )
    _add(
        "attempts",
        sa.Column("permission_denials", types.json_column()),
        sa.Column("to_resume", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    _add("agent_logs", sa.Column("execute_id", sa.String(50)))
    _add(
        "tasks",
        sa.Column("waits_for_person", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("cost_microdollars", sa.BigInteger()),
    )
    if "ix_tasks_inbox" not in {index["name"] for index in _looking().get_indexes("tasks")}:
        op.create_index("ix_tasks_inbox", "tasks", ["waits_for_person", "updated_at"])
    spent = "SELECT SUM(a.cost_microdollars) FROM attempts a WHERE a.task_id = tasks.id"
    op.execute(f"UPDATE tasks SET cost_microdollars = ({spent}), updated_at = updated_at")  # noqa: S608
    op.execute(f"UPDATE tasks SET waits_for_person = {_true()}, updated_at = updated_at WHERE {_STUCK}")  # noqa: S608
    if not _looking().has_table("project_spending"):
        op.create_table(
            "project_spending",
            sa.Column("project_id", sa.String(36), nullable=False),
            sa.Column("day", sa.String(10), nullable=False),
            sa.Column("cost_microdollars", sa.BigInteger(), server_default="0", nullable=False),
            sa.Column("tokens_in", sa.BigInteger(), server_default="0", nullable=False),
            sa.Column("tokens_out", sa.BigInteger(), server_default="0", nullable=False),
            sa.ForeignKeyConstraint(
                ["project_id"], ["projects.id"], name="fk_project_spending_project_id", ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("project_id", "day", name="pk_project_spending"),
        )


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("nothing is taken away: restore a backup")


def _add(table: str, *columns: sa.Column[object]) -> None:
    there = {column["name"] for column in _looking().get_columns(table)}
    for column in columns:
        if column.name not in there:
            op.add_column(table, column)


def _looking() -> sa.Inspector:
    """What is there now; the inspector remembers what it saw."""
    return sa.inspect(op.get_bind())


def _true() -> str:
    return "true" if op.get_context().dialect.name == "postgresql" else "1"
