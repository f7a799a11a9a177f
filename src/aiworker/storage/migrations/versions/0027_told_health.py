"""What is wrong with a module or a schedule is kept by code, too, for other languages."""

import sqlalchemy as sa
from alembic import op

from aiworker.storage import types

revision = "0027"
down_revision = "0026"

_COLUMNS = {
    "module_registry": "last_error_message_told",
    "schedules": "last_error_told",
    "schedule_runs": "detail_told",
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
