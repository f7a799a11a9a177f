"""Errors are kept by code, too, for other languages."""

import sqlalchemy as sa
from alembic import op

from aiworker.storage import types

revision = "0026"
down_revision = "0023"

_COLUMNS = {
    "tasks": "preview_error_told",
    "task_groups": "error_told",
    "deployments": "error_message_told",
    "robot_execute": "error_message_told",
}


def upgrade() -> None:
    """Add what a database of an earlier first revision lacks; what it holds has words only."""
    if op.get_context().as_sql:
        return
    inspector = sa.inspect(op.get_bind())
    for table, column in _COLUMNS.items():
        if column not in {known["name"] for known in inspector.get_columns(table)}:
            op.add_column(table, sa.Column(column, types.json_column()))


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("the columns are not taken back: restore a backup")
