"""How far a task's dependencies have to be, and the board of all projects in its order."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0006"

_INDEX = "ix_tasks_everywhere"


def upgrade() -> None:
    """Add what a database of an earlier first revision lacks."""
    if op.get_context().as_sql:
        return
    known = sa.inspect(op.get_bind())
    if "depends_until" not in {column["name"] for column in known.get_columns("tasks")}:
        op.add_column("tasks", sa.Column("depends_until", sa.String(20), nullable=False, server_default="approved"))
    if _INDEX not in {index["name"] for index in known.get_indexes("tasks")}:
        op.create_index(_INDEX, "tasks", ["urgency", "created_at", "id"])


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("the column is not taken back: restore a backup")
