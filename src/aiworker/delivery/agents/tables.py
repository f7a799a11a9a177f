"""Tables of agents and their logs."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, text

from aiworker.storage.metadata import PARTITIONED_BY, metadata
from aiworker.storage.types import UtcTimestamp, big_id, enum_column, json_column, touched_timestamp, utc_timestamp
from aiworker.wire.agents import AgentStatus, LogLevel

agents = Table(
    "agents",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("pod_name", String(253), nullable=False, unique=True),
    Column("k8s_namespace", String(63), server_default="agents"),
    Column("node_name", String(253)),
    Column("status", enum_column(AgentStatus, "agent_status"), server_default=AgentStatus.INITIALIZING.value),
    Column(
        "current_task_id",
        String(36),
        ForeignKey("tasks.id", ondelete="SET NULL", use_alter=True, name="fk_agents_current_task_id"),
    ),
    Column("capabilities", json_column()),
    Column("max_concurrent_tasks", Integer, server_default="1"),
    Column("last_heartbeat", UtcTimestamp()),
    Column("error_message", Text),
    Column("restarts_count", Integer, server_default="0"),
    Column("tasks_completed", Integer, server_default="0"),
    Column("total_runtime_minutes", Integer, server_default="0"),
    Column("created_at", UtcTimestamp(), server_default=utc_timestamp()),
    Column("updated_at", UtcTimestamp(), server_default=touched_timestamp()),
    # `client`: a plain MCP client over HTTP, leased by its calls. `process`: it heartbeats by itself.
    Column("kind", String(20), nullable=False, server_default="client"),
    Column("key_id", String(36)),
    Index("ix_agents_status", "status"),
    Index("ix_agents_pod_name", "pod_name"),
    Index(
        "ix_agents_available",
        "status",
        "last_heartbeat",
        sqlite_where=text("status = 'idle'"),
        postgresql_where=text("status = 'idle'"),
    ),
    Index("ix_agents_last_heartbeat", "last_heartbeat"),
    Index("ix_agents_key", "key_id"),
)

# Made plain, and partitioned by the second revision where there are partitions. MariaDB/MySQL keep no foreign keys on
# such a table: `queries.py` does what they would.
agent_logs = Table(
    "agent_logs",
    metadata,
    Column("id", big_id(), primary_key=True, autoincrement=True),
    Column("agent_id", String(36), ForeignKey("agents.id", ondelete="CASCADE"), nullable=False),
    Column("task_id", String(36), ForeignKey("tasks.id", ondelete="SET NULL")),
    Column("level", enum_column(LogLevel, "log_level"), server_default=LogLevel.INFO.value),
    Column("message", Text, nullable=False),
    Column("metadata", json_column()),
    # The attempt during which it was said.
    Column("execute_id", String(50)),
    Column("created_at", UtcTimestamp(), server_default=utc_timestamp()),
    Index("ix_agent_logs_agent_created", "agent_id", "created_at"),
    Index("ix_agent_logs_recent", "agent_id", text("created_at DESC")),
    Index("ix_agent_logs_task_created", "task_id", "created_at"),
    Index("ix_agent_logs_level", "level"),
    info={PARTITIONED_BY: "created_at"},
)
