"""What an automation's robots keep beside themselves: how far a handler got."""

import sqlalchemy as sa
from alembic import op

from aiworker.storage import types
from aiworker.storage.migrations import making as make

revision = "0012"
down_revision = "0010"


def upgrade() -> None:
    """Add what a database of an earlier first revision lacks."""
    if op.get_context().as_sql:
        return
    if "robot_checkpoints" not in sa.inspect(op.get_bind()).get_table_names():
        make.create_table(
            "robot_checkpoints",
            sa.Column("robot_id", sa.String(50), nullable=False),
            sa.Column("execute_id", sa.String(50), nullable=False),
            sa.Column("data", types.json_column(), nullable=False),
            sa.Column("saved_at", types.UtcTimestamp(), nullable=False),
            sa.ForeignKeyConstraint(
                ["robot_id"], ["robots.robot_id"], name="fk_robot_checkpoints_robot_id", ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("robot_id", name="pk_robot_checkpoints"),
        )


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("the tables are not taken back: restore a backup")
