"""Tables of executions and their steps."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    false,
    text,
)

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, decimal_column, empty_object, enum_column, json_column, utc_timestamp
from aiworker.wire.engine import ExecutionState, StepCategory

_MONITORED = text("execution_state IN ('RUNNING', 'RETRYING', 'PAUSED')")
_ENDED = text("completed_at IS NOT NULL")
_RUNNING = text("execution_state = 'RUNNING'")
_UNDER_WAY = text("execution_state IN ('RUNNING', 'PAUSED')")
_CHECKED = text("check_at IS NOT NULL")

robot_execute = Table(
    "robot_execute",
    metadata,
    Column("execute_id", String(50), primary_key=True),
    Column("robot_id", String(50), ForeignKey("robots.robot_id", ondelete="CASCADE"), nullable=False),
    Column("module_name", String(100), nullable=False),
    Column("execution_state", enum_column(ExecutionState, "execution_state"), nullable=False, server_default="PENDING"),
    Column("current_step", String(100)),
    Column("progress_percentage", SmallInteger, server_default="0"),
    Column("step_category", enum_column(StepCategory, "step_category"), server_default="INIT"),
    Column("total_steps", Integer, server_default="1"),
    Column("completed_steps", Integer, server_default="0"),
    Column("step_details", json_column(), server_default=empty_object()),
    Column("step_start_time", UtcTimestamp()),
    Column("step_duration_ms", Integer),
    Column("cpu_usage_percent", decimal_column(5, 2)),
    Column("memory_usage_mb", Integer),
    Column("disk_io_mb", Integer),
    Column("network_io_mb", Integer),
    Column("resource_peak_usage", json_column(), server_default=empty_object()),
    Column("throughput_items_per_sec", decimal_column(8, 2)),
    Column("processing_rate", decimal_column(8, 2)),
    Column("efficiency_score", decimal_column(3, 2), server_default="1.0"),
    Column("started_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Column("completed_at", UtcTimestamp()),
    Column("estimated_completion_at", UtcTimestamp()),
    Column("duration_ms", Integer),
    Column("retry_count", Integer, server_default="0"),
    Column("max_retries", Integer, server_default="3"),
    Column("last_retry_at", UtcTimestamp()),
    # NULL: no time-out (a person works by hand).
    Column("timeout_seconds", Integer, server_default="1800"),
    Column("error_message", Text),
    Column("error_message_told", json_column()),
    Column("error_stack_trace", Text),
    Column("execution_metadata", json_column(), server_default=empty_object()),
    Column("contains_sensitive_data", Boolean, server_default=false()),
    Column("compliance_context", json_column(), server_default=empty_object()),
    Column("security_context", json_column()),
    Column("external_api_calls", Integer, server_default="0"),
    Column("external_api_duration_ms", Integer, server_default="0"),
    Column("external_api_failures", Integer, server_default="0"),
    # Who has it. A lease token is made for each execution, so a stale worker can never write to a later one.
    Column("holder", String(200)),
    Column("lease_token", String(100), nullable=False),
    Column("lease_seconds", Integer),
    Column("lease_expires_at", UtcTimestamp()),
    # When the holder last used its token; NULL: never (its answer to the claim may have been lost).
    Column("reported_at", UtcTimestamp()),
    # NULL while it is paused: waiting for people does not count.
    Column("timeout_at", UtcTimestamp()),
    # The earlier of lease end and time-out: when the upkeep must look at it. NULL: nothing to look at.
    Column("check_at", UtcTimestamp()),
    Column("paused_at", UtcTimestamp()),
    Column("paused_ms", BigInteger, nullable=False, server_default="0"),
    # Paused without a worker: no lease, no slot.
    Column("parked_at", UtcTimestamp()),
    # How it ended, finer than the state: completed, failed, timeout, lost, released, cancelled.
    Column("outcome", String(20)),
    Column("ended_by", String(200)),
    Index(
        "ix_robot_execute_active_monitoring",
        "execution_state",
        "current_step",
        "progress_percentage",
        "started_at",
        sqlite_where=_MONITORED,
        postgresql_where=_MONITORED,
    ),
    Index(
        "ix_robot_execute_performance_analysis",
        "module_name",
        "execution_state",
        "duration_ms",
        "efficiency_score",
        "completed_at",
        sqlite_where=_ENDED,
        postgresql_where=_ENDED,
    ),
    Index(
        "ix_robot_execute_resource_tracking",
        "cpu_usage_percent",
        "memory_usage_mb",
        "started_at",
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    ),
    Index("ix_robot_execute_step_analysis", "step_category", "step_duration_ms", "completed_at"),
    Index("ix_robot_execute_robot_progress", "robot_id", "progress_percentage", "execution_state"),
    Index(
        "ix_robot_execute_timeout_monitoring",
        "started_at",
        "timeout_seconds",
        "execution_state",
        sqlite_where=_UNDER_WAY,
        postgresql_where=_UNDER_WAY,
    ),
    # What ended within a span of time, by module: for scores, trends and reports.
    Index(
        "ix_robot_execute_ended",
        "completed_at",
        "module_name",
        "execution_state",
        "duration_ms",
        sqlite_where=_ENDED,
        postgresql_where=_ENDED,
    ),
    Index("ix_robot_execute_module", "module_name", "execute_id"),
    Index("ix_robot_execute_check_at", "check_at", sqlite_where=_CHECKED, postgresql_where=_CHECKED),
    Index("ix_robot_execute_holder", "holder", sqlite_where=_CHECKED, postgresql_where=_CHECKED),
)

execution_steps = Table(
    "execution_steps",
    metadata,
    Column("execute_id", String(50), ForeignKey("robot_execute.execute_id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", String(100), nullable=False),
    Column("category", enum_column(StepCategory, "execution_step_category"), nullable=False),
    Column("status", String(20), nullable=False),
    Column("detail", Text),
    # The same for other languages, if it is a sentence of ours: `{code, values}`.
    Column("told", json_column()),
    Column("started_at", UtcTimestamp(), nullable=False),
    Column("completed_at", UtcTimestamp()),
    Column("duration_ms", Integer),
)
