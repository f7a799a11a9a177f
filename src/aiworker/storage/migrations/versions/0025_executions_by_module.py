"""A module's executions are listed from the newest."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0022"


def upgrade() -> None:
    """Add what a database of an earlier first revision lacks."""
    if op.get_context().as_sql:
        return
    there = {index["name"] for index in sa.inspect(op.get_bind()).get_indexes("robot_execute")}
    if "ix_robot_execute_module" not in there:
        op.create_index("ix_robot_execute_module", "robot_execute", ["module_name", "execute_id"])


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("nothing is taken away: restore a backup")
