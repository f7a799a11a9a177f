"""Deadlines, and how long robots of a type take at a module."""

import sqlalchemy as sa
from alembic import op

from aiworker.storage import types

revision = "0018"
down_revision = "0014"


def upgrade() -> None:
    """Add what an earlier first revision lacks."""
    if op.get_context().as_sql:
        return
    inspector = sa.inspect(op.get_bind())
    if "typical_ms" not in {column["name"] for column in inspector.get_columns("module_types")}:
        op.add_column("module_types", sa.Column("typical_ms", sa.Integer()))
    if "robot_deadlines" in inspector.get_table_names():
        return
    op.create_table(
        "robot_deadlines",
        sa.Column("robot_id", sa.String(50), nullable=False),
        sa.Column("due_date", types.UtcTimestamp(), nullable=False),
        sa.Column("look_at", types.UtcTimestamp(), nullable=False),
        sa.Column("forecast_at", types.UtcTimestamp()),
        sa.Column("at_risk", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(200)),
        sa.ForeignKeyConstraint(
            ["robot_id"], ["robots.robot_id"], name="fk_robot_deadlines_robot_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("robot_id", name="pk_robot_deadlines"),
    )
    op.create_index("ix_robot_deadlines_look_at", "robot_deadlines", ["look_at"])
    op.create_index("ix_robot_deadlines_at_risk", "robot_deadlines", ["at_risk"])


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("nothing is taken away: restore a backup")
