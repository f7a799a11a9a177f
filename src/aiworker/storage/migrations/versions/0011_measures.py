"""What is measured of modules: health, scores, a sample each minute, reports; draining; rules of schedules.

A database whose first revision had it already is left as it is.
"""

import sqlalchemy as sa
from alembic import op

from aiworker.storage import types

revision = "0011"
down_revision = "0012"

_HEALTH = ("HEALTHY", "DEGRADED", "UNHEALTHY", "UNKNOWN")
_TIERS = ("HIGH", "MEDIUM", "LOW", "CRITICAL")


def upgrade() -> None:
    """Add what is missing."""
    if op.get_context().as_sql:
        return
    _columns(
        "module_registry",
        sa.Column("draining", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("removed_at", types.UtcTimestamp()),
        sa.Column("last_seen_at", types.UtcTimestamp()),
        sa.Column("counted_until", types.UtcTimestamp()),
        sa.Column("total_processing_ms", sa.BigInteger(), server_default="0", nullable=False),
    )
    _columns("robots", sa.Column("asked_module", sa.String(100)))
    _columns(
        "schedules",
        sa.Column("overlap", sa.String(10), server_default="QUEUE", nullable=False),
        sa.Column("created_by", sa.String(200)),
    )
    _columns(
        "schedule_runs",
        sa.Column("outcome", sa.String(10), server_default="FIRED", nullable=False),
        sa.Column("detail", sa.String(500)),
        sa.Column("started_by", sa.String(200)),
    )
    _ended_index()
    _samples()
    _reports()


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("nothing is taken away: restore a backup")


def _ended_index() -> None:
    name = "ix_robot_execute_ended"
    if name in {index["name"] for index in sa.inspect(op.get_bind()).get_indexes("robot_execute")}:
        return
    ended = sa.text("completed_at IS NOT NULL")
    columns = ["completed_at", "module_name", "execution_state", "duration_ms"]
    op.create_index(name, "robot_execute", columns, sqlite_where=ended, postgresql_where=ended)


def _samples() -> None:
    made = _of_module(
        "module_health",
        sa.Column("checked_at", types.UtcTimestamp(), nullable=False),
        sa.Column(
            "health_status", sa.Enum(*_HEALTH, name="module_health_status", create_constraint=True), nullable=False
        ),
        sa.Column("well", sa.Boolean(), nullable=False),
        sa.Column("took_ms", sa.Integer()),
        sa.Column("error", sa.String(500)),
        key="checked_at",
    )
    if made:
        op.create_index("ix_module_health_checked_at", "module_health", ["checked_at"])
    made = _of_module(
        "module_scores",
        sa.Column("scored_at", types.UtcTimestamp(), nullable=False),
        sa.Column("score", types.decimal_column(3, 2), nullable=False),
        sa.Column("tier", sa.Enum(*_TIERS, name="module_score_tier", create_constraint=True), nullable=False),
        sa.Column("success_rate", types.decimal_column(5, 4), nullable=False),
        sa.Column("speed", types.decimal_column(5, 4), nullable=False),
        sa.Column("uptime", types.decimal_column(5, 4), nullable=False),
        sa.Column("succeeded", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("avg_processing_time_ms", sa.Integer(), nullable=False),
        key="scored_at",
    )
    if made:
        op.create_index("ix_module_scores_scored_at", "module_scores", ["scored_at"])
    made = _of_module(
        "module_trends",
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("utilisation", types.decimal_column(3, 2), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("cpu_percent", types.decimal_column(9, 2)),
        sa.Column("memory_mb", sa.BigInteger()),
        sa.Column("disk_io_mb", sa.BigInteger()),
        sa.Column("network_io_mb", sa.BigInteger()),
        key="minute",
    )
    if made:
        op.create_index("ix_module_trends_minute", "module_trends", ["minute"])


def _reports() -> None:
    if _there("analytics_reports"):
        return
    op.create_table(
        "analytics_reports",
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("made_at", types.UtcTimestamp(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("data", types.json_column(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "period", name="pk_analytics_reports"),
    )


def _of_module(table: str, *parts: sa.schema.SchemaItem, key: str) -> bool:
    """Make a table whose rows go with their module; False if it is there."""
    if _there(table):
        return False
    op.create_table(
        table,
        sa.Column("module_name", sa.String(100), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(
            ["module_name"],
            ["module_registry.module_name"],
            name=f"fk_{table}_module_name",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("module_name", key, name=f"pk_{table}"),
    )
    return True


def _columns(table: str, *columns: sa.Column[object]) -> None:
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
    for column in columns:
        if column.name not in there:
            op.add_column(table, column)


def _there(table: str) -> bool:
    return sa.inspect(op.get_bind()).has_table(table)
