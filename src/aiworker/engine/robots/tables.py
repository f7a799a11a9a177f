"""The table of robots."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, SmallInteger, String, Table, false, text

from aiworker.storage.metadata import metadata
from aiworker.storage.types import (
    TextList,
    UtcTimestamp,
    decimal_column,
    empty_object,
    enum_column,
    json_column,
    utc_timestamp,
)
from aiworker.wire.engine import ProcessingTier, RobotPriority, RobotStatus

ACTIVE = text("status IN ('PENDING', 'PROCESSING', 'RETRYING')")
COMPLETED = text("status = 'COMPLETED'")
TROUBLED = text("status IN ('FAILED', 'RETRYING')")
_CORRELATED = text("correlation_id IS NOT NULL")
_CACHED = text("cache_key IS NOT NULL")
_REFERRED = text("source_reference IS NOT NULL")
_READY = text("ready_lane IS NOT NULL")
_RUNNING = text("running_lane IS NOT NULL")
_DUE = text("due_at IS NOT NULL")

robots = Table(
    "robots",
    metadata,
    Column("robot_id", String(50), primary_key=True),
    Column("robot_type", String(50), nullable=False),
    Column("status", enum_column(RobotStatus, "robot_status"), nullable=False, server_default="PENDING"),
    Column("module_name", String(100), ForeignKey("module_registry.module_name"), nullable=False),
    Column("input_data", json_column(), nullable=False),
    Column("output_data", json_column()),
    Column("priority", enum_column(RobotPriority, "robot_priority"), nullable=False, server_default="NORMAL"),
    Column("performance_metrics", json_column(), server_default=empty_object()),
    Column("processing_time_ms", Integer),
    Column("processing_tier", enum_column(ProcessingTier, "processing_tier"), server_default="STANDARD"),
    Column("cache_hit", Boolean, server_default=false()),
    Column("cache_key", String(255)),
    Column("resource_usage_mb", Integer),
    Column("retry_count", Integer, server_default="0"),
    Column("retry_limit", Integer, server_default="3"),
    Column("error_details", json_column()),
    Column("error_category", String(50)),
    Column("last_error_at", UtcTimestamp()),
    Column("completeness_score", decimal_column(3, 2), server_default="0.0"),
    Column("confidence_score", decimal_column(3, 2), server_default="0.0"),
    Column("source_reference", String(200)),
    Column("correlation_id", String(100)),
    Column("estimated_duration_minutes", Integer),
    Column("actual_duration_minutes", Integer),
    Column("complexity_score", decimal_column(2, 1), server_default="1.0"),
    Column("security_classification", String(20), server_default="STANDARD"),
    Column("compliance_tags", TextList()),
    Column("enterprise_metadata", json_column(), server_default=empty_object()),
    Column("api_key_used", String(50)),
    Column("audit_trail", json_column()),
    Column("created_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Column("updated_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Column("started_at", UtcTimestamp()),
    Column("completed_at", UtcTimestamp()),
    # What may be asked of a robot beside its priority.
    Column("queue", String(100), nullable=False, server_default=""),
    Column("needs", TextList(), nullable=False),
    Column("held", String(200)),
    Column("defer_until", UtcTimestamp()),
    Column("due_date", UtcTimestamp()),
    Column("timeout_seconds", Integer, nullable=False, server_default="1800"),
    # Below these a person looks at the result first; `review`: what is said of the last one.
    Column("required_completeness", decimal_column(3, 2)),
    Column("required_confidence", decimal_column(3, 2)),
    Column("review", String(20)),
    Column("backoff_seconds", Integer, nullable=False, server_default="5"),
    Column("backoff_cap_seconds", Integer, nullable=False, server_default="900"),
    # The module that it is for, or one version of it (`Name@version`), where that was asked for.
    Column("asked_module", String(100)),
    # How it came here.
    Column("cache_source_robot_id", String(50)),
    Column("routing_decision", json_column()),
    # Where it stands: `rank` (0 = CRITICAL) and `age` sort a lane; `ready_lane` is NULL unless it may be claimed now,
    # `running_lane` NULL unless it takes a slot of its queue and module, `due_at` NULL unless only time holds it.
    Column("lane_id", Integer, nullable=False),
    Column("ready_lane", Integer),
    Column("running_lane", Integer),
    Column("rank", SmallInteger, nullable=False),
    Column("age", UtcTimestamp(), nullable=False),
    Column("retry_at", UtcTimestamp()),
    Column("due_at", UtcTimestamp()),
    # Executions in a row that did not count (lost or given back).
    Column("uncounted", Integer, nullable=False, server_default="0"),
    # Counts the robot's own events; given under its row lock.
    Column("moves", Integer, nullable=False, server_default="0"),
    Index(
        "ix_robots_active_processing",
        "status",
        "module_name",
        "priority",
        "created_at",
        sqlite_where=ACTIVE,
        postgresql_where=ACTIVE,
    ),
    Index(
        "ix_robots_performance_analysis",
        "status",
        "processing_tier",
        "processing_time_ms",
        "cache_hit",
        sqlite_where=COMPLETED,
        postgresql_where=COMPLETED,
    ),
    Index(
        "ix_robots_error_tracking",
        "status",
        "error_category",
        "retry_count",
        "last_error_at",
        sqlite_where=TROUBLED,
        postgresql_where=TROUBLED,
    ),
    Index("ix_robots_type_priority", "robot_type", "priority", "status", "created_at"),
    Index(
        "ix_robots_correlation",
        "correlation_id",
        "source_reference",
        sqlite_where=_CORRELATED,
        postgresql_where=_CORRELATED,
    ),
    # People look for a robot by what it is about.
    Index("ix_robots_reference", "source_reference", sqlite_where=_REFERRED, postgresql_where=_REFERRED),
    # Where there is no partial index it is unique over all rows; NULLs repeat freely.
    Index("uq_robots_cache_key", "cache_key", unique=True, sqlite_where=_CACHED, postgresql_where=_CACHED),
    # Exactly what a claim asks and sorts by.
    Index("ix_robots_claim", "ready_lane", "rank", "age", "robot_id", sqlite_where=_READY, postgresql_where=_READY),
    Index("ix_robots_running_lane", "running_lane", sqlite_where=_RUNNING, postgresql_where=_RUNNING),
    Index("ix_robots_due_at", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
    Index("ix_robots_created_at", "created_at", "robot_id"),
    Index("ix_robots_type_created", "robot_type", "created_at", "robot_id"),
    Index("ix_robots_module_created", "module_name", "created_at", "robot_id"),
)
