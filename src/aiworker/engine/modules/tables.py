"""Tables of modules."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false, text, true

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
from aiworker.wire.engine import HealthStatus, PerformanceTier

_ACTIVE = text("is_active = true")
_ACTIVE_AND_HEALTHY = text("is_active = true AND health_status = 'HEALTHY'")

module_registry = Table(
    "module_registry",
    metadata,
    Column("module_id", String(100), primary_key=True),
    Column("module_name", String(100), nullable=False, unique=True),
    Column("module_version", String(50), nullable=False),
    Column("supported_robot_types", TextList(), nullable=False),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("health_endpoint", String(200)),
    Column("registration_data", json_column()),
    Column("performance_score", decimal_column(3, 2), server_default="1.0"),
    Column("performance_tier", enum_column(PerformanceTier, "performance_tier"), server_default="MEDIUM"),
    Column("last_performance_check", UtcTimestamp()),
    Column("error_count_24h", Integer, server_default="0"),
    Column("success_rate_24h", decimal_column(5, 2), server_default="100.0"),
    Column("avg_processing_time_ms", Integer, server_default="0"),
    Column("capacity_utilization", decimal_column(3, 2), server_default="0.0"),
    Column("health_status", enum_column(HealthStatus, "health_status"), server_default="UNKNOWN"),
    Column("last_health_check", UtcTimestamp()),
    Column("consecutive_failures", Integer, server_default="0"),
    Column("last_error_message", Text),
    Column("last_error_message_told", json_column()),
    Column("uptime_percentage_24h", decimal_column(5, 2), server_default="100.0"),
    Column("total_robots_processed", Integer, server_default="0"),
    Column("total_processing_time_hours", decimal_column(8, 2), server_default="0.0"),
    Column("security_level", String(20), server_default="BASIC"),
    Column("compliance_flags", json_column(), server_default=empty_object()),
    Column("enterprise_features", json_column(), server_default=empty_object()),
    Column("config_overrides", json_column()),
    Column("max_concurrent", Integer),
    Column("max_per_minute", Integer),
    # How many robots were started in which second lately; kept only where there is a limit per minute.
    Column("recent_starts", json_column()),
    # Only claimed from inside (agents take tasks by their own door), never by the plain claim.
    Column("internal", Boolean, nullable=False, server_default=false()),
    # Gets no new robots, and is switched off once it has none left.
    Column("draining", Boolean, nullable=False, server_default=false()),
    # Removed by a person; what it has done still names it.
    Column("removed_at", UtcTimestamp()),
    # When it last asked for work, to the minute.
    Column("last_seen_at", UtcTimestamp()),
    # Its executions are counted into the totals up to here.
    Column("counted_until", UtcTimestamp()),
    Column("total_processing_ms", BigInteger, nullable=False, server_default="0"),
    Column("registered_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Column("updated_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Index(
        "ix_module_registry_active_performance",
        "is_active",
        "performance_tier",
        "performance_score",
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    ),
    Index(
        "ix_module_registry_health_monitoring",
        "health_status",
        "last_health_check",
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    ),
    # Routing reads `module_types`; this is for those who read the table with their own tools. A list is indexed by its
    # items on PostgreSQL, where a long one does not fit into an index as it is, and not at all on MariaDB/MySQL.
    Index(
        "ix_module_registry_routing_optimization",
        "supported_robot_types",
        "capacity_utilization",
        "performance_score",
        sqlite_where=_ACTIVE_AND_HEALTHY,
    ).ddl_if(dialect="sqlite"),
    Index(
        "ix_module_registry_supported_robot_types",
        "supported_robot_types",
        postgresql_using="gin",
        postgresql_where=_ACTIVE_AND_HEALTHY,
    ).ddl_if(dialect="postgresql"),
    Index("ix_module_registry_error_tracking", "error_count_24h", "success_rate_24h", "consecutive_failures"),
)

module_types = Table(
    "module_types",
    metadata,
    Column("robot_type", String(50), primary_key=True),
    Column(
        "module_name",
        String(100),
        ForeignKey("module_registry.module_name", ondelete="CASCADE"),
        primary_key=True,
    ),
    # How long it takes there, in milliseconds, by the last 24 hours.
    Column("typical_ms", Integer),
    Index("ix_module_types_module_name", "module_name"),
)
