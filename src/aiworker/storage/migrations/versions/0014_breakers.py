"""Breakers: how many robots a module gets after failures in a row."""

import sqlalchemy as sa
from alembic import op

from aiworker.storage import types

revision = "0014"
down_revision = "0015"


def upgrade() -> None:
    """Add the table, where an earlier first revision lacks it."""
    if op.get_context().as_sql or "module_breakers" in sa.inspect(op.get_bind()).get_table_names():
        return
    op.create_table(
        "module_breakers",
        sa.Column("module_name", sa.String(100), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("successes", sa.Integer(), nullable=False),
        sa.Column("allowed", sa.Integer()),
        sa.Column("again_at", types.UtcTimestamp()),
        sa.Column("trial", sa.String(50)),
        sa.Column("pause_seconds", sa.Integer(), nullable=False),
        sa.Column("changed_at", types.UtcTimestamp(), nullable=False),
        sa.Column("retries_until", types.UtcTimestamp()),
        sa.ForeignKeyConstraint(
            ["module_name"],
            ["module_registry.module_name"],
            name="fk_module_breakers_module_name",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("module_name", name="pk_module_breakers"),
    )


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("nothing is taken away: restore a backup")
