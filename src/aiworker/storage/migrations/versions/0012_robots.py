"""What robots have beside themselves: how far a handler got, the batch they came in, what is known of their type."""

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
    there = sa.inspect(op.get_bind()).get_table_names()
    if "robot_checkpoints" not in there:
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
    if "robot_types" not in there:
        make.create_table(
            "robot_types",
            sa.Column("robot_type", sa.String(50), nullable=False),
            sa.Column("described_by", sa.String(100)),
            sa.Column("input_schema", types.json_column()),
            sa.Column("sensitive_fields", types.TextList(), nullable=False),
            sa.Column("retry_limit", sa.Integer()),
            sa.Column("backoff_seconds", sa.Integer()),
            sa.Column("backoff_cap_seconds", sa.Integer()),
            sa.Column("timeout_seconds", sa.Integer()),
            sa.Column("min_completeness", types.decimal_column(3, 2)),
            sa.Column("min_confidence", types.decimal_column(3, 2)),
            sa.Column("updated_at", types.UtcTimestamp(), nullable=False),
            sa.PrimaryKeyConstraint("robot_type", name="pk_robot_types"),
        )
    if "robot_batches" not in there:
        make.create_table(
            "robot_batches",
            sa.Column("correlation_id", sa.String(100), nullable=False),
            sa.Column("made_by", sa.String(200), nullable=False),
            sa.Column("made_at", types.UtcTimestamp(), nullable=False),
            sa.Column("asked", sa.Integer(), nullable=False),
            sa.Column("shared", sa.Integer(), nullable=False),
            sa.Column("cancelled_at", types.UtcTimestamp()),
            sa.PrimaryKeyConstraint("correlation_id", name="pk_robot_batches"),
        )
        make.create_index("ix_robot_batches_made_at", "robot_batches", ["made_at", "correlation_id"])
    _reviews(there)


def _reviews(there: list[str]) -> None:
    known = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("robots")}
    for column in (
        sa.Column("required_completeness", types.decimal_column(3, 2)),
        sa.Column("required_confidence", types.decimal_column(3, 2)),
        sa.Column("review", sa.String(20)),
    ):
        if column.name not in known:
            op.add_column("robots", column)
    if "robot_reviews" in there:
        return
    make.create_table(
        "robot_reviews",
        sa.Column("robot_id", sa.String(50), nullable=False),
        sa.Column("execute_id", sa.String(50), nullable=False),
        sa.Column("output_data", types.json_column(), nullable=False),
        sa.Column("completeness_score", types.decimal_column(3, 2)),
        sa.Column("confidence_score", types.decimal_column(3, 2)),
        sa.Column("why", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("asked_at", types.UtcTimestamp(), nullable=False),
        sa.Column("decided_at", types.UtcTimestamp()),
        sa.Column("decided_by", sa.String(200)),
        sa.Column("comment", sa.Text()),
        sa.ForeignKeyConstraint(
            ["robot_id"], ["robots.robot_id"], name="fk_robot_reviews_robot_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("robot_id", name="pk_robot_reviews"),
    )
    make.create_index("ix_robot_reviews_state", "robot_reviews", ["state", "asked_at", "robot_id"])


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("the tables are not taken back: restore a backup")
