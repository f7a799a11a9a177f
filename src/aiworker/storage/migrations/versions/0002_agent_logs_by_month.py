"""The log of agents in partitions by month, where the database has them.

The first one holds everything older, `agent_logs_rest` everything later than the last; `cleanup.logs` makes months
ahead and drops old ones.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from aiworker.storage.partitions import Month, bounds, months_there

revision = "0002"
down_revision = "0001"

_AHEAD = 3


def upgrade() -> None:
    """Partition the table; its rows stay."""
    context = op.get_context()
    if context.dialect.name == "sqlite" or context.as_sql or months_there(op.get_bind(), "agent_logs"):
        return
    first = Month.of(datetime.now(UTC))
    months = [first.plus(ahead) for ahead in range(_AHEAD + 1)]
    if context.dialect.name == "postgresql":
        _postgresql(months)
    else:
        _mariadb(months)


def _mariadb(months: list[Month]) -> None:
    # Partitions and foreign keys exclude each other there.
    for key in sa.inspect(op.get_bind()).get_foreign_keys("agent_logs"):
        op.execute(f"ALTER TABLE agent_logs DROP FOREIGN KEY `{key['name']}`")
    op.execute("UPDATE agent_logs SET created_at = CURRENT_TIMESTAMP(6) WHERE created_at IS NULL")
    parts = [f"PARTITION agent_logs_{month} VALUES LESS THAN ('{bounds(month)[1]}')" for month in months]
    parts.append("PARTITION agent_logs_rest VALUES LESS THAN (MAXVALUE)")
    op.execute(
        "ALTER TABLE agent_logs MODIFY created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),"
        " DROP PRIMARY KEY, ADD PRIMARY KEY (id, created_at)"
        f" PARTITION BY RANGE COLUMNS (created_at) ({', '.join(parts)})"
    )


def _postgresql(months: list[Month]) -> None:
    op.execute("ALTER TABLE agent_logs RENAME TO agent_logs_plain")
    op.execute("CREATE TABLE agent_logs (LIKE agent_logs_plain INCLUDING DEFAULTS) PARTITION BY RANGE (created_at)")
    op.execute("ALTER SEQUENCE agent_logs_id_seq OWNED BY agent_logs.id")
    start = "MINVALUE"
    for month in months:
        end = f"'{bounds(month)[1]}+00'"
        op.execute(f"CREATE TABLE agent_logs_{month} PARTITION OF agent_logs FOR VALUES FROM ({start}) TO ({end})")
        start = end
    op.execute("CREATE TABLE agent_logs_rest PARTITION OF agent_logs DEFAULT")
    op.execute("UPDATE agent_logs_plain SET created_at = clock_timestamp() WHERE created_at IS NULL")
    op.execute("INSERT INTO agent_logs SELECT * FROM agent_logs_plain")
    op.execute("DROP TABLE agent_logs_plain")
    op.create_primary_key("pk_agent_logs", "agent_logs", ["id", "created_at"])
    op.create_foreign_key("fk_agent_logs_agent_id", "agent_logs", "agents", ["agent_id"], ["id"], ondelete="CASCADE")
    op.create_foreign_key("fk_agent_logs_task_id", "agent_logs", "tasks", ["task_id"], ["id"], ondelete="SET NULL")
    op.create_index("ix_agent_logs_agent_created", "agent_logs", ["agent_id", "created_at"])
    op.create_index("ix_agent_logs_recent", "agent_logs", ["agent_id", sa.text("created_at DESC")])
    op.create_index("ix_agent_logs_task_created", "agent_logs", ["task_id", "created_at"])
    op.create_index("ix_agent_logs_level", "agent_logs", ["level"])


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("the partitions are not taken back: restore a backup")
