"""What a release found on the default branch that people had committed there."""

import sqlalchemy as sa
from alembic import op

from aiworker.storage import types

revision = "0015"
down_revision = "0011"


def upgrade() -> None:
    """Add what a database of an earlier first revision lacks."""
    if op.get_context().as_sql:
        return
    known = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("task_groups")}
    if "by_hand" not in known:
        op.add_column("task_groups", sa.Column("by_hand", types.json_column()))


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("the column is not taken back: restore a backup")
