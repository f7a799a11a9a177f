"""The first tables.

Made by `python -m aiworker.storage.migrations.generate`.
"""
# ruff: noqa: PLR0915

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from aiworker.storage import types
from aiworker.storage.migrations import making as make

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    make.create_table(
        "agents",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("pod_name", sa.String(length=253), nullable=False),
        sa.Column("k8s_namespace", sa.String(length=63), server_default="agents", nullable=True),
        sa.Column("node_name", sa.String(length=253), nullable=True),
        sa.Column(
            "status",
            sa.Enum("idle", "busy", "error", "offline", "initializing", name="agent_status", create_constraint=True),
            server_default="initializing",
            nullable=True,
        ),
        sa.Column("current_task_id", sa.String(length=36), nullable=True),
        sa.Column("capabilities", types.json_column(), nullable=True),
        sa.Column("max_concurrent_tasks", sa.Integer(), server_default="1", nullable=True),
        sa.Column("last_heartbeat", types.UtcTimestamp(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("restarts_count", sa.Integer(), server_default="0", nullable=True),
        sa.Column("tasks_completed", sa.Integer(), server_default="0", nullable=True),
        sa.Column("total_runtime_minutes", sa.Integer(), server_default="0", nullable=True),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=True),
        sa.Column("updated_at", types.UtcTimestamp(), server_default=types.touched_timestamp(), nullable=True),
        sa.Column("kind", sa.String(length=20), server_default="client", nullable=False),
        sa.Column("key_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["current_task_id"], ["tasks.id"], name="fk_agents_current_task_id", ondelete="SET NULL", use_alter=True
        ),
        sa.PrimaryKeyConstraint("id", name=make.f("pk_agents")),
        sa.UniqueConstraint("pod_name", name=make.f("uq_agents_pod_name")),
    )
    make.create_index(
        "ix_agents_available",
        "agents",
        ["status", "last_heartbeat"],
        unique=False,
        sqlite_where=sa.text("status = 'idle'"),
        postgresql_where=sa.text("status = 'idle'"),
    )
    make.create_index("ix_agents_key", "agents", ["key_id"], unique=False)
    make.create_index("ix_agents_last_heartbeat", "agents", ["last_heartbeat"], unique=False)
    make.create_index("ix_agents_pod_name", "agents", ["pod_name"], unique=False)
    make.create_index("ix_agents_status", "agents", ["status"], unique=False)
    make.create_table(
        "analytics_reports",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("made_at", types.UtcTimestamp(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("data", types.json_column(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "period", name=make.f("pk_analytics_reports")),
    )
    make.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "admin", "maintainer", "member", "agent", "module", "read", name="api_key_scope", create_constraint=True
            ),
            nullable=False,
        ),
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("attempt", sa.String(length=50), nullable=True),
        sa.Column("modules", types.TextList(), nullable=True),
        sa.Column("requests_per_minute", sa.Integer(), nullable=True),
        sa.Column("expires_at", types.UtcTimestamp(), nullable=True),
        sa.Column("last_used_at", types.UtcTimestamp(), nullable=True),
        sa.Column("revoked_at", types.UtcTimestamp(), nullable=True),
        sa.Column("created_by", sa.String(length=100), nullable=True),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=make.f("pk_api_keys")),
    )
    make.create_index("ix_api_keys_attempt", "api_keys", ["attempt"], unique=False)
    make.create_index("ix_api_keys_created_at", "api_keys", ["created_at", "id"], unique=False)
    make.create_index("ix_api_keys_name", "api_keys", ["name"], unique=False)
    make.create_index("uq_api_keys_prefix", "api_keys", ["prefix"], unique=True)
    make.create_table(
        "backup_log",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("location", sa.String(length=1000), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("checksum", sa.String(length=64), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("started_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.Column("completed_at", types.UtcTimestamp(), nullable=True),
        sa.Column("verified_at", types.UtcTimestamp(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=make.f("pk_backup_log")),
    )
    make.create_index("ix_backup_log_started_at", "backup_log", ["started_at"], unique=False)
    make.create_table(
        "forge_deliveries",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("repository", sa.String(length=255), nullable=False),
        sa.Column("received_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=make.f("pk_forge_deliveries")),
    )
    make.create_index("ix_forge_deliveries_received_at", "forge_deliveries", ["received_at"], unique=False)
    make.create_table(
        "forge_people",
        sa.Column("login", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "admin", "maintainer", "member", "agent", "module", "read", name="forge_role", create_constraint=True
            ),
            nullable=False,
        ),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("login", name=make.f("pk_forge_people")),
    )
    make.create_table(
        "idempotency_keys",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("answer", sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql"), nullable=True),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=make.f("pk_idempotency_keys")),
    )
    make.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"], unique=False)
    make.create_table(
        "leases",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("expires_at", types.UtcTimestamp(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=make.f("pk_leases")),
    )
    make.create_table(
        "module_registry",
        sa.Column("module_id", sa.String(length=100), nullable=False),
        sa.Column("module_name", sa.String(length=100), nullable=False),
        sa.Column("module_version", sa.String(length=50), nullable=False),
        sa.Column("supported_robot_types", types.TextList(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("health_endpoint", sa.String(length=200), nullable=True),
        sa.Column("registration_data", types.json_column(), nullable=True),
        sa.Column("performance_score", types.decimal_column(3, 2), server_default="1.0", nullable=True),
        sa.Column(
            "performance_tier",
            sa.Enum("HIGH", "MEDIUM", "LOW", "CRITICAL", name="performance_tier", create_constraint=True),
            server_default="MEDIUM",
            nullable=True,
        ),
        sa.Column("last_performance_check", types.UtcTimestamp(), nullable=True),
        sa.Column("error_count_24h", sa.Integer(), server_default="0", nullable=True),
        sa.Column("success_rate_24h", types.decimal_column(5, 2), server_default="100.0", nullable=True),
        sa.Column("avg_processing_time_ms", sa.Integer(), server_default="0", nullable=True),
        sa.Column("capacity_utilization", types.decimal_column(3, 2), server_default="0.0", nullable=True),
        sa.Column(
            "health_status",
            sa.Enum("HEALTHY", "DEGRADED", "UNHEALTHY", "UNKNOWN", name="health_status", create_constraint=True),
            server_default="UNKNOWN",
            nullable=True,
        ),
        sa.Column("last_health_check", types.UtcTimestamp(), nullable=True),
        sa.Column("consecutive_failures", sa.Integer(), server_default="0", nullable=True),
        sa.Column("last_error_message", sa.Text(), nullable=True),
        sa.Column("last_error_message_told", types.json_column(), nullable=True),
        sa.Column("uptime_percentage_24h", types.decimal_column(5, 2), server_default="100.0", nullable=True),
        sa.Column("total_robots_processed", sa.Integer(), server_default="0", nullable=True),
        sa.Column("total_processing_time_hours", types.decimal_column(8, 2), server_default="0.0", nullable=True),
        sa.Column("security_level", sa.String(length=20), server_default="BASIC", nullable=True),
        sa.Column("compliance_flags", types.json_column(), server_default=types.empty_object(), nullable=True),
        sa.Column("enterprise_features", types.json_column(), server_default=types.empty_object(), nullable=True),
        sa.Column("config_overrides", types.json_column(), nullable=True),
        sa.Column("max_concurrent", sa.Integer(), nullable=True),
        sa.Column("max_per_minute", sa.Integer(), nullable=True),
        sa.Column("recent_starts", types.json_column(), nullable=True),
        sa.Column("internal", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("draining", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("removed_at", types.UtcTimestamp(), nullable=True),
        sa.Column("last_seen_at", types.UtcTimestamp(), nullable=True),
        sa.Column("counted_until", types.UtcTimestamp(), nullable=True),
        sa.Column("total_processing_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("registered_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.Column("updated_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("module_id", name=make.f("pk_module_registry")),
        sa.UniqueConstraint("module_name", name=make.f("uq_module_registry_module_name")),
    )
    make.create_index(
        "ix_module_registry_active_performance",
        "module_registry",
        ["is_active", "performance_tier", "performance_score"],
        unique=False,
        sqlite_where=sa.text("is_active = true"),
        postgresql_where=sa.text("is_active = true"),
    )
    make.create_index(
        "ix_module_registry_error_tracking",
        "module_registry",
        ["error_count_24h", "success_rate_24h", "consecutive_failures"],
        unique=False,
    )
    make.create_index(
        "ix_module_registry_health_monitoring",
        "module_registry",
        ["health_status", "last_health_check"],
        unique=False,
        sqlite_where=sa.text("is_active = true"),
        postgresql_where=sa.text("is_active = true"),
    )
    make.create_table(
        "outbox",
        sa.Column("id", types.big_id(), autoincrement=True, nullable=False),
        sa.Column("feed", sa.String(length=36), nullable=False),
        sa.Column("events", types.json_column(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.Column("sequence", types.big_id(), nullable=True),
        sa.Column("number", types.big_id(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=make.f("pk_outbox")),
    )
    make.create_index("uq_outbox_feed_number", "outbox", ["feed", "number"], unique=True)
    make.create_index("uq_outbox_sequence", "outbox", ["sequence"], unique=True)
    make.create_table(
        "outbox_feeds",
        sa.Column("feed", sa.String(length=36), nullable=False),
        sa.Column("number", types.big_id(), nullable=False),
        sa.PrimaryKeyConstraint("feed", name=make.f("pk_outbox_feeds")),
    )
    make.create_table(
        "outbox_places",
        sa.Column("reader", sa.String(length=60), nullable=False),
        sa.Column("sequence", types.big_id(), nullable=False),
        sa.PrimaryKeyConstraint("reader", name=make.f("pk_outbox_places")),
    )
    make.create_table(
        "projects",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("gitea_repo_id", sa.Integer(), nullable=True),
        sa.Column("gitea_repo_url", sa.String(length=512), nullable=True),
        sa.Column("gitea_owner", sa.String(length=100), nullable=True),
        sa.Column("gitea_repo_name", sa.String(length=100), nullable=True),
        sa.Column("default_branch", sa.String(length=100), server_default="main", nullable=True),
        sa.Column("k8s_namespace", sa.String(length=63), nullable=False),
        sa.Column("k8s_staging_namespace", sa.String(length=63), nullable=True),
        sa.Column("docker_image", sa.String(length=512), nullable=True),
        sa.Column("run_as_root", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("egress", types.json_column(), nullable=True),
        sa.Column(
            "manifests_path", sa.String(length=255), server_default="deploy/overlays/{environment}", nullable=False
        ),
        sa.Column("manifests_image", sa.String(length=255), nullable=True),
        sa.Column("env_vars", types.json_column(), nullable=True),
        sa.Column("replicas", sa.Integer(), server_default="1", nullable=True),
        sa.Column("cpu_limit", sa.String(length=20), server_default="500m", nullable=True),
        sa.Column("memory_limit", sa.String(length=20), server_default="512Mi", nullable=True),
        sa.Column("mcp_tools", types.json_column(), nullable=True),
        sa.Column("mcp_permissions", types.json_column(), nullable=True),
        sa.Column(
            "status",
            sa.Enum("active", "paused", "archived", name="project_status", create_constraint=True),
            server_default="active",
            nullable=True,
        ),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=True),
        sa.Column("updated_at", types.UtcTimestamp(), server_default=types.touched_timestamp(), nullable=True),
        sa.Column("key", sa.String(length=12), nullable=False),
        sa.Column("status_reason", sa.String(length=500), nullable=True),
        sa.Column("upstream", sa.String(length=1000), nullable=True),
        sa.Column("upstream_credential", sa.Text(), nullable=True),
        sa.Column("upstream_state", types.json_column(), nullable=True),
        sa.Column("push_upstream", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("setup_command", sa.String(length=2000), nullable=True),
        sa.Column("test_command", sa.String(length=2000), nullable=True),
        sa.Column("start_command", sa.String(length=2000), nullable=True),
        sa.Column("static_root", sa.String(length=255), server_default=".", nullable=False),
        sa.Column("health_path", sa.String(length=255), server_default="/", nullable=False),
        sa.Column("health_timeout_seconds", sa.Integer(), server_default="60", nullable=False),
        sa.Column("wip_limit", sa.Integer(), nullable=True),
        sa.Column("agent_allow", types.json_column(), nullable=True),
        sa.Column("attempt_minutes", sa.Integer(), server_default="240", nullable=False),
        sa.Column("attempt_cost_limit", sa.BigInteger(), nullable=True),
        sa.Column("task_cost_limit", sa.BigInteger(), nullable=True),
        sa.Column("day_cost_limit", sa.BigInteger(), nullable=True),
        sa.Column("project_cost_limit", sa.BigInteger(), nullable=True),
        sa.Column("overspent", sa.String(length=200), nullable=True),
        sa.Column("overspent_until", types.UtcTimestamp(), nullable=True),
        sa.Column("logs_kept_days", sa.Integer(), nullable=True),
        sa.Column("preview_enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("evidence", sa.String(length=20), server_default="none", nullable=False),
        sa.Column("evidence_contexts", types.json_column(), nullable=True),
        sa.Column("close_issues", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("last_task_number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_group_number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=make.f("pk_projects")),
        sa.UniqueConstraint("k8s_namespace", name=make.f("uq_projects_k8s_namespace")),
        sa.UniqueConstraint("key", name=make.f("uq_projects_key")),
    )
    make.create_index("ix_projects_k8s_namespace", "projects", ["k8s_namespace"], unique=False)
    make.create_index("ix_projects_status", "projects", ["status"], unique=False)
    make.create_table(
        "queues",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("max_running", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=make.f("pk_queues")),
    )
    make.create_table(
        "robot_batches",
        sa.Column("correlation_id", sa.String(length=100), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", types.UtcTimestamp(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("shared", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", types.UtcTimestamp(), nullable=True),
        sa.PrimaryKeyConstraint("correlation_id", name=make.f("pk_robot_batches")),
    )
    make.create_index("ix_robot_batches_made_at", "robot_batches", ["made_at", "correlation_id"], unique=False)
    make.create_table(
        "robot_types",
        sa.Column("robot_type", sa.String(length=50), nullable=False),
        sa.Column("described_by", sa.String(length=100), nullable=True),
        sa.Column("input_schema", types.json_column(), nullable=True),
        sa.Column("output_schema", types.json_column(), nullable=True),
        sa.Column("sensitive_fields", types.TextList(), nullable=False),
        sa.Column("sensitive_results", types.TextList(), nullable=True),
        sa.Column("retry_limit", sa.Integer(), nullable=True),
        sa.Column("backoff_seconds", sa.Integer(), nullable=True),
        sa.Column("backoff_cap_seconds", sa.Integer(), nullable=True),
        sa.Column("timeout_seconds", sa.Integer(), nullable=True),
        sa.Column("min_completeness", types.decimal_column(3, 2), nullable=True),
        sa.Column("min_confidence", types.decimal_column(3, 2), nullable=True),
        sa.Column("updated_at", types.UtcTimestamp(), nullable=False),
        sa.PrimaryKeyConstraint("robot_type", name=make.f("pk_robot_types")),
    )
    make.create_table(
        "schedules",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("cron", sa.String(length=100), nullable=False),
        sa.Column("timezone", sa.String(length=64), server_default="UTC", nullable=False),
        sa.Column(
            "catch_up",
            sa.Enum("NONE", "LATEST", "ALL", name="schedule_catch_up", create_constraint=True),
            server_default="LATEST",
            nullable=False,
        ),
        sa.Column("overlap", sa.String(length=10), server_default="QUEUE", nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("template", types.json_column(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("system", sa.Boolean(), nullable=False),
        sa.Column("next_due", types.UtcTimestamp(), nullable=True),
        sa.Column("last_due", types.UtcTimestamp(), nullable=True),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.Column("last_error_told", types.json_column(), nullable=True),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.Column("updated_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=make.f("pk_schedules")),
    )
    make.create_index(
        "ix_schedules_next_due",
        "schedules",
        ["next_due"],
        unique=False,
        sqlite_where=sa.text("is_active = true"),
        postgresql_where=sa.text("is_active = true"),
    )
    make.create_table(
        "security_audit",
        sa.Column("id", types.big_id(), autoincrement=True, nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("details", types.json_column(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=make.f("pk_security_audit")),
    )
    make.create_index("ix_security_audit_actor_id", "security_audit", ["actor_id", "id"], unique=False)
    make.create_index("ix_security_audit_created_at", "security_audit", ["created_at"], unique=False)
    make.create_index("ix_security_audit_subject", "security_audit", ["subject", "id"], unique=False)
    make.create_table(
        "system_config",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("value", types.json_column(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("updated_by", sa.String(length=100), nullable=True),
        sa.Column("updated_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=make.f("pk_system_config")),
    )
    make.create_table(
        "users",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "admin", "maintainer", "member", "agent", "module", "read", name="user_role", create_constraint=True
            ),
            nullable=False,
        ),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.Column("updated_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=make.f("pk_users")),
    )
    make.create_index("uq_users_email", "users", ["email"], unique=True)
    make.create_index("uq_users_name", "users", ["name"], unique=True)
    make.create_table(
        "commit_statuses",
        sa.Column("project_id", sa.String(length=36), nullable=False),
        sa.Column("commit", sa.String(length=40), nullable=False),
        sa.Column("checks", types.json_column(), nullable=False),
        sa.Column("seen_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=make.f("fk_commit_statuses_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "commit", name=make.f("pk_commit_statuses")),
    )
    make.create_index("ix_commit_statuses_seen_at", "commit_statuses", ["seen_at"], unique=False)
    make.create_table(
        "forge_marks",
        sa.Column("project_id", sa.String(length=36), nullable=False),
        sa.Column("pull_requests_at", types.UtcTimestamp(), nullable=True),
        sa.Column("issues_at", types.UtcTimestamp(), nullable=True),
        sa.Column("default_head", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=make.f("fk_forge_marks_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", name=make.f("pk_forge_marks")),
    )
    make.create_table(
        "forge_pull_requests",
        sa.Column("project_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=make.f("fk_forge_pull_requests_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "number", name=make.f("pk_forge_pull_requests")),
    )
    make.create_table(
        "forge_remarks",
        sa.Column("project_id", sa.String(length=36), nullable=False),
        sa.Column("remark", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=make.f("fk_forge_remarks_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "remark", name=make.f("pk_forge_remarks")),
    )
    make.create_table(
        "lanes",
        sa.Column("lane_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("module_name", sa.String(length=100), nullable=False),
        sa.Column("queue", sa.String(length=100), nullable=False),
        sa.Column("needs", types.TextList(), nullable=False),
        sa.Column("needs_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["module_name"], ["module_registry.module_name"], name=make.f("fk_lanes_module_name"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("lane_id", name=make.f("pk_lanes")),
    )
    make.create_index("ix_lanes_queue", "lanes", ["queue"], unique=False)
    make.create_index("uq_lanes_module_queue_needs", "lanes", ["module_name", "queue", "needs_key"], unique=True)
    make.create_table(
        "module_breakers",
        sa.Column("module_name", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("successes", sa.Integer(), nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=True),
        sa.Column("again_at", types.UtcTimestamp(), nullable=True),
        sa.Column("trial", sa.String(length=50), nullable=True),
        sa.Column("pause_seconds", sa.Integer(), nullable=False),
        sa.Column("changed_at", types.UtcTimestamp(), nullable=False),
        sa.Column("retries_until", types.UtcTimestamp(), nullable=True),
        sa.ForeignKeyConstraint(
            ["module_name"],
            ["module_registry.module_name"],
            name=make.f("fk_module_breakers_module_name"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("module_name", name=make.f("pk_module_breakers")),
    )
    make.create_table(
        "module_health",
        sa.Column("module_name", sa.String(length=100), nullable=False),
        sa.Column("checked_at", types.UtcTimestamp(), nullable=False),
        sa.Column(
            "health_status",
            sa.Enum("HEALTHY", "DEGRADED", "UNHEALTHY", "UNKNOWN", name="module_health_status", create_constraint=True),
            nullable=False,
        ),
        sa.Column("well", sa.Boolean(), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["module_name"],
            ["module_registry.module_name"],
            name=make.f("fk_module_health_module_name"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("module_name", "checked_at", name=make.f("pk_module_health")),
    )
    make.create_index("ix_module_health_checked_at", "module_health", ["checked_at"], unique=False)
    make.create_table(
        "module_scores",
        sa.Column("module_name", sa.String(length=100), nullable=False),
        sa.Column("scored_at", types.UtcTimestamp(), nullable=False),
        sa.Column("score", types.decimal_column(3, 2), nullable=False),
        sa.Column(
            "tier",
            sa.Enum("HIGH", "MEDIUM", "LOW", "CRITICAL", name="module_score_tier", create_constraint=True),
            nullable=False,
        ),
        sa.Column("success_rate", types.decimal_column(5, 4), nullable=False),
        sa.Column("speed", types.decimal_column(5, 4), nullable=False),
        sa.Column("uptime", types.decimal_column(5, 4), nullable=False),
        sa.Column("succeeded", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("avg_processing_time_ms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["module_name"],
            ["module_registry.module_name"],
            name=make.f("fk_module_scores_module_name"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("module_name", "scored_at", name=make.f("pk_module_scores")),
    )
    make.create_index("ix_module_scores_scored_at", "module_scores", ["scored_at"], unique=False)
    make.create_table(
        "module_trends",
        sa.Column("module_name", sa.String(length=100), nullable=False),
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("utilisation", types.decimal_column(3, 2), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("cpu_percent", types.decimal_column(9, 2), nullable=True),
        sa.Column("memory_mb", sa.BigInteger(), nullable=True),
        sa.Column("disk_io_mb", sa.BigInteger(), nullable=True),
        sa.Column("network_io_mb", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["module_name"],
            ["module_registry.module_name"],
            name=make.f("fk_module_trends_module_name"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("module_name", "minute", name=make.f("pk_module_trends")),
    )
    make.create_index("ix_module_trends_minute", "module_trends", ["minute"], unique=False)
    make.create_table(
        "module_types",
        sa.Column("robot_type", sa.String(length=50), nullable=False),
        sa.Column("module_name", sa.String(length=100), nullable=False),
        sa.Column("typical_ms", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["module_name"],
            ["module_registry.module_name"],
            name=make.f("fk_module_types_module_name"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("robot_type", "module_name", name=make.f("pk_module_types")),
    )
    make.create_index("ix_module_types_module_name", "module_types", ["module_name"], unique=False)
    make.create_table(
        "project_spending",
        sa.Column("project_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("cost_microdollars", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tokens_in", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tokens_out", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=make.f("fk_project_spending_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "day", name=make.f("pk_project_spending")),
    )
    make.create_table(
        "robots",
        sa.Column("robot_id", sa.String(length=50), nullable=False),
        sa.Column("robot_type", sa.String(length=50), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PENDING",
                "PROCESSING",
                "COMPLETED",
                "FAILED",
                "RETRYING",
                "CANCELLED",
                name="robot_status",
                create_constraint=True,
            ),
            server_default="PENDING",
            nullable=False,
        ),
        sa.Column("module_name", sa.String(length=100), nullable=False),
        sa.Column("input_data", types.json_column(), nullable=False),
        sa.Column("output_data", types.json_column(), nullable=True),
        sa.Column(
            "priority",
            sa.Enum("LOW", "NORMAL", "HIGH", "CRITICAL", name="robot_priority", create_constraint=True),
            server_default="NORMAL",
            nullable=False,
        ),
        sa.Column("performance_metrics", types.json_column(), server_default=types.empty_object(), nullable=True),
        sa.Column("processing_time_ms", sa.Integer(), nullable=True),
        sa.Column(
            "processing_tier",
            sa.Enum("FAST", "STANDARD", "COMPLEX", "BULK", name="processing_tier", create_constraint=True),
            server_default="STANDARD",
            nullable=True,
        ),
        sa.Column("cache_hit", sa.Boolean(), server_default=sa.false(), nullable=True),
        sa.Column("cache_key", sa.String(length=255), nullable=True),
        sa.Column("resource_usage_mb", sa.Integer(), nullable=True),
        sa.Column("retry_count", sa.Integer(), server_default="0", nullable=True),
        sa.Column("retry_limit", sa.Integer(), server_default="3", nullable=True),
        sa.Column("error_details", types.json_column(), nullable=True),
        sa.Column("error_category", sa.String(length=50), nullable=True),
        sa.Column("last_error_at", types.UtcTimestamp(), nullable=True),
        sa.Column("completeness_score", types.decimal_column(3, 2), server_default="0.0", nullable=True),
        sa.Column("confidence_score", types.decimal_column(3, 2), server_default="0.0", nullable=True),
        sa.Column("source_reference", sa.String(length=200), nullable=True),
        sa.Column("correlation_id", sa.String(length=100), nullable=True),
        sa.Column("estimated_duration_minutes", sa.Integer(), nullable=True),
        sa.Column("actual_duration_minutes", sa.Integer(), nullable=True),
        sa.Column("complexity_score", types.decimal_column(2, 1), server_default="1.0", nullable=True),
        sa.Column("security_classification", sa.String(length=20), server_default="STANDARD", nullable=True),
        sa.Column("compliance_tags", types.TextList(), nullable=True),
        sa.Column("enterprise_metadata", types.json_column(), server_default=types.empty_object(), nullable=True),
        sa.Column("api_key_used", sa.String(length=50), nullable=True),
        sa.Column("audit_trail", types.json_column(), nullable=True),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.Column("updated_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.Column("started_at", types.UtcTimestamp(), nullable=True),
        sa.Column("completed_at", types.UtcTimestamp(), nullable=True),
        sa.Column("queue", sa.String(length=100), server_default="", nullable=False),
        sa.Column("needs", types.TextList(), nullable=False),
        sa.Column("held", sa.String(length=200), nullable=True),
        sa.Column("defer_until", types.UtcTimestamp(), nullable=True),
        sa.Column("due_date", types.UtcTimestamp(), nullable=True),
        sa.Column("timeout_seconds", sa.Integer(), server_default="1800", nullable=False),
        sa.Column("required_completeness", types.decimal_column(3, 2), nullable=True),
        sa.Column("required_confidence", types.decimal_column(3, 2), nullable=True),
        sa.Column("review", sa.String(length=20), nullable=True),
        sa.Column("backoff_seconds", sa.Integer(), server_default="5", nullable=False),
        sa.Column("backoff_cap_seconds", sa.Integer(), server_default="900", nullable=False),
        sa.Column("asked_module", sa.String(length=100), nullable=True),
        sa.Column("cache_source_robot_id", sa.String(length=50), nullable=True),
        sa.Column("routing_decision", types.json_column(), nullable=True),
        sa.Column("lane_id", sa.Integer(), nullable=False),
        sa.Column("ready_lane", sa.Integer(), nullable=True),
        sa.Column("running_lane", sa.Integer(), nullable=True),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("age", types.UtcTimestamp(), nullable=False),
        sa.Column("retry_at", types.UtcTimestamp(), nullable=True),
        sa.Column("due_at", types.UtcTimestamp(), nullable=True),
        sa.Column("uncounted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("moves", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["module_name"], ["module_registry.module_name"], name=make.f("fk_robots_module_name")),
        sa.PrimaryKeyConstraint("robot_id", name=make.f("pk_robots")),
    )
    make.create_index(
        "ix_robots_active_processing",
        "robots",
        ["status", "module_name", "priority", "created_at"],
        unique=False,
        sqlite_where=sa.text("status IN ('PENDING', 'PROCESSING', 'RETRYING')"),
        postgresql_where=sa.text("status IN ('PENDING', 'PROCESSING', 'RETRYING')"),
    )
    make.create_index(
        "ix_robots_claim",
        "robots",
        ["ready_lane", "rank", "age", "robot_id"],
        unique=False,
        sqlite_where=sa.text("ready_lane IS NOT NULL"),
        postgresql_where=sa.text("ready_lane IS NOT NULL"),
    )
    make.create_index(
        "ix_robots_correlation",
        "robots",
        ["correlation_id", "source_reference"],
        unique=False,
        sqlite_where=sa.text("correlation_id IS NOT NULL"),
        postgresql_where=sa.text("correlation_id IS NOT NULL"),
    )
    make.create_index("ix_robots_created_at", "robots", ["created_at", "robot_id"], unique=False)
    make.create_index(
        "ix_robots_due_at",
        "robots",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    make.create_index(
        "ix_robots_error_tracking",
        "robots",
        ["status", "error_category", "retry_count", "last_error_at"],
        unique=False,
        sqlite_where=sa.text("status IN ('FAILED', 'RETRYING')"),
        postgresql_where=sa.text("status IN ('FAILED', 'RETRYING')"),
    )
    make.create_index("ix_robots_module_created", "robots", ["module_name", "created_at", "robot_id"], unique=False)
    make.create_index(
        "ix_robots_performance_analysis",
        "robots",
        ["status", "processing_tier", "processing_time_ms", "cache_hit"],
        unique=False,
        sqlite_where=sa.text("status = 'COMPLETED'"),
        postgresql_where=sa.text("status = 'COMPLETED'"),
    )
    make.create_index(
        "ix_robots_reference",
        "robots",
        ["source_reference"],
        unique=False,
        sqlite_where=sa.text("source_reference IS NOT NULL"),
        postgresql_where=sa.text("source_reference IS NOT NULL"),
    )
    make.create_index(
        "ix_robots_running_lane",
        "robots",
        ["running_lane"],
        unique=False,
        sqlite_where=sa.text("running_lane IS NOT NULL"),
        postgresql_where=sa.text("running_lane IS NOT NULL"),
    )
    make.create_index("ix_robots_type_created", "robots", ["robot_type", "created_at", "robot_id"], unique=False)
    make.create_index(
        "ix_robots_type_priority", "robots", ["robot_type", "priority", "status", "created_at"], unique=False
    )
    make.create_index(
        "uq_robots_cache_key",
        "robots",
        ["cache_key"],
        unique=True,
        sqlite_where=sa.text("cache_key IS NOT NULL"),
        postgresql_where=sa.text("cache_key IS NOT NULL"),
    )
    make.create_table(
        "schedule_runs",
        sa.Column("schedule_name", sa.String(length=100), nullable=False),
        sa.Column("due_at", types.UtcTimestamp(), nullable=False),
        sa.Column("robot_id", sa.String(length=50), nullable=True),
        sa.Column("outcome", sa.String(length=10), server_default="FIRED", nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=True),
        sa.Column("detail_told", types.json_column(), nullable=True),
        sa.Column("started_by", sa.String(length=200), nullable=True),
        sa.Column("fired_at", types.UtcTimestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["schedule_name"], ["schedules.name"], name=make.f("fk_schedule_runs_schedule_name"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("schedule_name", "due_at", name=make.f("pk_schedule_runs")),
    )
    make.create_table(
        "sessions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("key_id", sa.String(length=36), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=255), nullable=True),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.Column("expires_at", types.UtcTimestamp(), nullable=False),
        sa.Column("ended_at", types.UtcTimestamp(), nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=make.f("fk_sessions_key_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=make.f("fk_sessions_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=make.f("pk_sessions")),
    )
    make.create_index("ix_sessions_expires_at", "sessions", ["expires_at"], unique=False)
    make.create_index("ix_sessions_key_id", "sessions", ["key_id"], unique=False)
    make.create_index("ix_sessions_user_id", "sessions", ["user_id"], unique=False)
    make.create_index("uq_sessions_token_hash", "sessions", ["token_hash"], unique=True)
    make.create_table(
        "sign_in_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.Column("expires_at", types.UtcTimestamp(), nullable=False),
        sa.Column("used_at", types.UtcTimestamp(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=make.f("fk_sign_in_codes_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code_hash", name=make.f("pk_sign_in_codes")),
    )
    make.create_index("ix_sign_in_codes_expires_at", "sign_in_codes", ["expires_at"], unique=False)
    make.create_index("ix_sign_in_codes_user_id", "sign_in_codes", ["user_id"], unique=False)
    make.create_table(
        "task_groups",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=36), nullable=False),
        sa.Column("task_ids", types.json_column(), nullable=False),
        sa.Column("staging_branch", sa.String(length=255), nullable=True),
        sa.Column("staging_pr_number", sa.Integer(), nullable=True),
        sa.Column("staging_pr_url", sa.String(length=512), nullable=True),
        sa.Column("staging_deployed_at", types.UtcTimestamp(), nullable=True),
        sa.Column("production_deployed_at", types.UtcTimestamp(), nullable=True),
        sa.Column("production_rollback_available", sa.Boolean(), server_default=sa.true(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "staging",
                "production",
                "rolled_back",
                "failed",
                "withdrawn",
                name="group_status",
                create_constraint=True,
            ),
            server_default="pending",
            nullable=True,
        ),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=True),
        sa.Column("updated_at", types.UtcTimestamp(), server_default=types.touched_timestamp(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("creator", sa.String(length=200), nullable=False),
        sa.Column("defer_until", types.UtcTimestamp(), nullable=True),
        sa.Column("robot_id", sa.String(length=50), nullable=True),
        sa.Column("under_way", sa.String(length=50), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_told", types.json_column(), nullable=True),
        sa.Column("conflict_task_id", sa.String(length=36), nullable=True),
        sa.Column("conflict_files", types.json_column(), nullable=False),
        sa.Column("staging_base", sa.String(length=40), nullable=True),
        sa.Column("staging_commit", sa.String(length=40), nullable=True),
        sa.Column("production_base", sa.String(length=40), nullable=True),
        sa.Column("production_commit", sa.String(length=40), nullable=True),
        sa.Column("plan", types.json_column(), nullable=True),
        sa.Column("by_hand", types.json_column(), nullable=True),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=make.f("fk_task_groups_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=make.f("pk_task_groups")),
        sa.UniqueConstraint("project_id", "number", name="uq_task_groups_project_number"),
    )
    make.create_index("ix_task_groups_project_status", "task_groups", ["project_id", "status"], unique=False)
    make.create_index("ix_task_groups_status", "task_groups", ["status"], unique=False)
    make.create_table(
        "tasks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column(
            "priority",
            sa.Enum("low", "medium", "high", "urgent", name="task_priority", create_constraint=True),
            server_default="medium",
            nullable=True,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "backlog",
                "in_progress",
                "needs_input",
                "ready_to_test",
                "approved",
                "staging",
                "production",
                "cancelled",
                name="task_state",
                create_constraint=True,
            ),
            server_default="backlog",
            nullable=True,
        ),
        sa.Column("assigned_agent_id", sa.String(length=36), nullable=True),
        sa.Column("assigned_at", types.UtcTimestamp(), nullable=True),
        sa.Column("branch_name", sa.String(length=255), nullable=True),
        sa.Column("pr_number", sa.Integer(), nullable=True),
        sa.Column("pr_url", sa.String(length=512), nullable=True),
        sa.Column("preview_namespace", sa.String(length=63), nullable=True),
        sa.Column("preview_url", sa.String(length=512), nullable=True),
        sa.Column("preview_deployed_at", types.UtcTimestamp(), nullable=True),
        sa.Column(
            "estimated_complexity",
            sa.Enum("trivial", "simple", "medium", "complex", name="task_complexity", create_constraint=True),
            server_default="medium",
            nullable=True,
        ),
        sa.Column("actual_duration_minutes", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=True),
        sa.Column("updated_at", types.UtcTimestamp(), server_default=types.touched_timestamp(), nullable=True),
        sa.Column("started_at", types.UtcTimestamp(), nullable=True),
        sa.Column("completed_at", types.UtcTimestamp(), nullable=True),
        sa.Column("deployed_staging_at", types.UtcTimestamp(), nullable=True),
        sa.Column("deployed_production_at", types.UtcTimestamp(), nullable=True),
        sa.Column("task_key", sa.String(length=24), nullable=False),
        sa.Column("capabilities", types.json_column(), nullable=False),
        sa.Column("depends_until", sa.String(length=20), server_default="approved", nullable=False),
        sa.Column("held", sa.String(length=200), nullable=True),
        sa.Column("held_told", types.json_column(), nullable=True),
        sa.Column("waits_for_person", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("base_commit", sa.String(length=40), nullable=True),
        sa.Column("head_commit", sa.String(length=40), nullable=True),
        sa.Column("approved_commit", sa.String(length=40), nullable=True),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("approved_at", types.UtcTimestamp(), nullable=True),
        sa.Column("robot_id", sa.String(length=50), nullable=True),
        sa.Column("round", sa.Integer(), server_default="1", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("worked_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cost_microdollars", sa.BigInteger(), nullable=True),
        sa.Column("group_id", sa.String(length=36), nullable=True),
        sa.Column("preview_status", sa.String(length=20), nullable=True),
        sa.Column("preview_error", sa.Text(), nullable=True),
        sa.Column("preview_error_told", types.json_column(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("urgency", sa.SmallInteger(), server_default="2", nullable=False),
        sa.ForeignKeyConstraint(
            ["assigned_agent_id"], ["agents.id"], name=make.f("fk_tasks_assigned_agent_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=make.f("fk_tasks_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=make.f("pk_tasks")),
        sa.UniqueConstraint("task_key", name=make.f("uq_tasks_task_key")),
    )
    make.create_index("ix_tasks_assigned_agent", "tasks", ["assigned_agent_id"], unique=False)
    make.create_index("ix_tasks_board", "tasks", ["project_id", "urgency", "created_at", "id"], unique=False)
    make.create_index("ix_tasks_column", "tasks", ["project_id", "state", "urgency", "created_at", "id"], unique=False)
    make.create_index("ix_tasks_created_at", "tasks", ["created_at"], unique=False)
    make.create_index("ix_tasks_everywhere", "tasks", ["urgency", "created_at", "id"], unique=False)
    make.create_index("ix_tasks_group", "tasks", ["group_id"], unique=False)
    make.create_index("ix_tasks_inbox", "tasks", ["waits_for_person", "updated_at"], unique=False)
    make.create_index("ix_tasks_project_state", "tasks", ["project_id", "state"], unique=False)
    make.create_index("ix_tasks_project_state_created", "tasks", ["project_id", "state", "created_at"], unique=False)
    make.create_index("ix_tasks_robot", "tasks", ["robot_id"], unique=False)
    make.create_index("ix_tasks_state", "tasks", ["state"], unique=False)
    make.create_table(
        "agent_logs",
        sa.Column("id", types.big_id(), autoincrement=True, nullable=False),
        sa.Column("agent_id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=True),
        sa.Column(
            "level",
            sa.Enum("debug", "info", "warn", "error", name="log_level", create_constraint=True),
            server_default="info",
            nullable=True,
        ),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("metadata", types.json_column(), nullable=True),
        sa.Column("execute_id", sa.String(length=50), nullable=True),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=make.f("fk_agent_logs_agent_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=make.f("fk_agent_logs_task_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=make.f("pk_agent_logs")),
        info={"partitioned_by": "created_at"},
    )
    make.create_index("ix_agent_logs_agent_created", "agent_logs", ["agent_id", "created_at"], unique=False)
    make.create_index("ix_agent_logs_level", "agent_logs", ["level"], unique=False)
    make.create_index(
        "ix_agent_logs_recent", "agent_logs", ["agent_id", sa.literal_column("created_at DESC")], unique=False
    )
    make.create_index("ix_agent_logs_task_created", "agent_logs", ["task_id", "created_at"], unique=False)
    make.create_table(
        "attempts",
        sa.Column("execute_id", sa.String(length=50), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("robot_id", sa.String(length=50), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.String(length=36), nullable=True),
        sa.Column("agent_name", sa.String(length=253), nullable=True),
        sa.Column("token_used", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_told", types.json_column(), nullable=True),
        sa.Column("tokens_in", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tokens_out", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cost_microdollars", sa.Integer(), nullable=True),
        sa.Column("permission_denials", types.json_column(), nullable=True),
        sa.Column("to_resume", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("started_at", types.UtcTimestamp(), nullable=False),
        sa.Column("ended_at", types.UtcTimestamp(), nullable=True),
        sa.Column("clock_started_at", types.UtcTimestamp(), nullable=True),
        sa.Column("worked_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=make.f("fk_attempts_agent_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=make.f("fk_attempts_task_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("execute_id", name=make.f("pk_attempts")),
        sa.UniqueConstraint("task_id", "number", name="uq_attempts_task_number"),
    )
    make.create_index("ix_attempts_agent", "attempts", ["agent_id", "ended_at"], unique=False)
    make.create_table(
        "deployments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=36), nullable=False),
        sa.Column("task_group_id", sa.String(length=36), nullable=True),
        sa.Column(
            "environment",
            sa.Enum("preview", "staging", "production", name="deployment_environment", create_constraint=True),
            nullable=False,
        ),
        sa.Column(
            "deployment_type",
            sa.Enum("manual", "automatic", "rollback", name="deployment_type", create_constraint=True),
            server_default="manual",
            nullable=True,
        ),
        sa.Column("branch", sa.String(length=255), nullable=True),
        sa.Column("commit_hash", sa.String(length=40), nullable=True),
        sa.Column("k8s_namespace", sa.String(length=63), nullable=True),
        sa.Column("k8s_deployment_name", sa.String(length=253), nullable=True),
        sa.Column("image_tag", sa.String(length=255), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "in_progress",
                "completed",
                "failed",
                "rolled_back",
                name="deployment_status",
                create_constraint=True,
            ),
            server_default="pending",
            nullable=True,
        ),
        sa.Column("url", sa.String(length=512), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("error_message_told", types.json_column(), nullable=True),
        sa.Column("logs", sa.Text(), nullable=True),
        sa.Column("started_at", types.UtcTimestamp(), nullable=True),
        sa.Column("completed_at", types.UtcTimestamp(), nullable=True),
        sa.Column("duration_seconds", sa.Integer(), nullable=True),
        sa.Column("triggered_by", sa.String(length=36), nullable=True),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=True),
        sa.Column("task_id", sa.String(length=36), nullable=True),
        sa.Column("task_ids", types.json_column(), nullable=False),
        sa.Column("robot_id", sa.String(length=50), nullable=True),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=make.f("fk_deployments_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["task_group_id"], ["task_groups.id"], name=make.f("fk_deployments_task_group_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=make.f("fk_deployments_task_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=make.f("pk_deployments")),
    )
    make.create_index("ix_deployments_created_at", "deployments", ["created_at"], unique=False)
    make.create_index("ix_deployments_group", "deployments", ["task_group_id"], unique=False)
    make.create_index("ix_deployments_project_env", "deployments", ["project_id", "environment"], unique=False)
    make.create_index("ix_deployments_status", "deployments", ["status"], unique=False)
    make.create_index("ix_deployments_task", "deployments", ["task_id"], unique=False)
    make.create_index("uq_deployments_robot_environment", "deployments", ["robot_id", "environment"], unique=True)
    make.create_table(
        "group_tasks",
        sa.Column("group_id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("approved_commit", sa.String(length=40), nullable=False),
        sa.Column("staging_commit", sa.String(length=40), nullable=True),
        sa.Column("production_commit", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["task_groups.id"], name=make.f("fk_group_tasks_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=make.f("fk_group_tasks_task_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("group_id", "task_id", name=make.f("pk_group_tasks")),
    )
    make.create_index("ix_group_tasks_task", "group_tasks", ["task_id"], unique=False)
    make.create_table(
        "review_comments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("commit", sa.String(length=40), nullable=True),
        sa.Column("path", sa.String(length=1000), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=make.f("fk_review_comments_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=make.f("pk_review_comments")),
    )
    make.create_index("ix_review_comments_task", "review_comments", ["task_id", "round"], unique=False)
    make.create_table(
        "robot_checkpoints",
        sa.Column("robot_id", sa.String(length=50), nullable=False),
        sa.Column("execute_id", sa.String(length=50), nullable=False),
        sa.Column("data", types.json_column(), nullable=False),
        sa.Column("saved_at", types.UtcTimestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["robot_id"], ["robots.robot_id"], name=make.f("fk_robot_checkpoints_robot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("robot_id", name=make.f("pk_robot_checkpoints")),
    )
    make.create_table(
        "robot_deadlines",
        sa.Column("robot_id", sa.String(length=50), nullable=False),
        sa.Column("due_date", types.UtcTimestamp(), nullable=False),
        sa.Column("look_at", types.UtcTimestamp(), nullable=False),
        sa.Column("forecast_at", types.UtcTimestamp(), nullable=True),
        sa.Column("at_risk", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.Column("why_told", types.json_column(), nullable=True),
        sa.ForeignKeyConstraint(
            ["robot_id"], ["robots.robot_id"], name=make.f("fk_robot_deadlines_robot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("robot_id", name=make.f("pk_robot_deadlines")),
    )
    make.create_index("ix_robot_deadlines_at_risk", "robot_deadlines", ["at_risk"], unique=False)
    make.create_index("ix_robot_deadlines_look_at", "robot_deadlines", ["look_at"], unique=False)
    make.create_table(
        "robot_execute",
        sa.Column("execute_id", sa.String(length=50), nullable=False),
        sa.Column("robot_id", sa.String(length=50), nullable=False),
        sa.Column("module_name", sa.String(length=100), nullable=False),
        sa.Column(
            "execution_state",
            sa.Enum(
                "PENDING",
                "RUNNING",
                "PAUSED",
                "COMPLETED",
                "FAILED",
                "RETRYING",
                "CANCELLED",
                name="execution_state",
                create_constraint=True,
            ),
            server_default="PENDING",
            nullable=False,
        ),
        sa.Column("current_step", sa.String(length=100), nullable=True),
        sa.Column("progress_percentage", sa.SmallInteger(), server_default="0", nullable=True),
        sa.Column(
            "step_category",
            sa.Enum(
                "INIT",
                "VALIDATION",
                "PROCESSING",
                "EXTERNAL_API",
                "FINALIZATION",
                name="step_category",
                create_constraint=True,
            ),
            server_default="INIT",
            nullable=True,
        ),
        sa.Column("total_steps", sa.Integer(), server_default="1", nullable=True),
        sa.Column("completed_steps", sa.Integer(), server_default="0", nullable=True),
        sa.Column("step_details", types.json_column(), server_default=types.empty_object(), nullable=True),
        sa.Column("step_start_time", types.UtcTimestamp(), nullable=True),
        sa.Column("step_duration_ms", sa.Integer(), nullable=True),
        sa.Column("cpu_usage_percent", types.decimal_column(5, 2), nullable=True),
        sa.Column("memory_usage_mb", sa.Integer(), nullable=True),
        sa.Column("disk_io_mb", sa.Integer(), nullable=True),
        sa.Column("network_io_mb", sa.Integer(), nullable=True),
        sa.Column("resource_peak_usage", types.json_column(), server_default=types.empty_object(), nullable=True),
        sa.Column("throughput_items_per_sec", types.decimal_column(8, 2), nullable=True),
        sa.Column("processing_rate", types.decimal_column(8, 2), nullable=True),
        sa.Column("efficiency_score", types.decimal_column(3, 2), server_default="1.0", nullable=True),
        sa.Column("started_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.Column("completed_at", types.UtcTimestamp(), nullable=True),
        sa.Column("estimated_completion_at", types.UtcTimestamp(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("retry_count", sa.Integer(), server_default="0", nullable=True),
        sa.Column("max_retries", sa.Integer(), server_default="3", nullable=True),
        sa.Column("last_retry_at", types.UtcTimestamp(), nullable=True),
        sa.Column("timeout_seconds", sa.Integer(), server_default="1800", nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("error_message_told", types.json_column(), nullable=True),
        sa.Column("error_stack_trace", sa.Text(), nullable=True),
        sa.Column("execution_metadata", types.json_column(), server_default=types.empty_object(), nullable=True),
        sa.Column("contains_sensitive_data", sa.Boolean(), server_default=sa.false(), nullable=True),
        sa.Column("compliance_context", types.json_column(), server_default=types.empty_object(), nullable=True),
        sa.Column("security_context", types.json_column(), nullable=True),
        sa.Column("external_api_calls", sa.Integer(), server_default="0", nullable=True),
        sa.Column("external_api_duration_ms", sa.Integer(), server_default="0", nullable=True),
        sa.Column("external_api_failures", sa.Integer(), server_default="0", nullable=True),
        sa.Column("holder", sa.String(length=200), nullable=True),
        sa.Column("lease_token", sa.String(length=100), nullable=False),
        sa.Column("lease_seconds", sa.Integer(), nullable=True),
        sa.Column("lease_expires_at", types.UtcTimestamp(), nullable=True),
        sa.Column("reported_at", types.UtcTimestamp(), nullable=True),
        sa.Column("timeout_at", types.UtcTimestamp(), nullable=True),
        sa.Column("check_at", types.UtcTimestamp(), nullable=True),
        sa.Column("paused_at", types.UtcTimestamp(), nullable=True),
        sa.Column("paused_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("parked_at", types.UtcTimestamp(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["robot_id"], ["robots.robot_id"], name=make.f("fk_robot_execute_robot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("execute_id", name=make.f("pk_robot_execute")),
    )
    make.create_index(
        "ix_robot_execute_active_monitoring",
        "robot_execute",
        ["execution_state", "current_step", "progress_percentage", "started_at"],
        unique=False,
        sqlite_where=sa.text("execution_state IN ('RUNNING', 'RETRYING', 'PAUSED')"),
        postgresql_where=sa.text("execution_state IN ('RUNNING', 'RETRYING', 'PAUSED')"),
    )
    make.create_index(
        "ix_robot_execute_check_at",
        "robot_execute",
        ["check_at"],
        unique=False,
        sqlite_where=sa.text("check_at IS NOT NULL"),
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    make.create_index(
        "ix_robot_execute_ended",
        "robot_execute",
        ["completed_at", "module_name", "execution_state", "duration_ms"],
        unique=False,
        sqlite_where=sa.text("completed_at IS NOT NULL"),
        postgresql_where=sa.text("completed_at IS NOT NULL"),
    )
    make.create_index(
        "ix_robot_execute_holder",
        "robot_execute",
        ["holder"],
        unique=False,
        sqlite_where=sa.text("check_at IS NOT NULL"),
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    make.create_index("ix_robot_execute_module", "robot_execute", ["module_name", "execute_id"], unique=False)
    make.create_index(
        "ix_robot_execute_performance_analysis",
        "robot_execute",
        ["module_name", "execution_state", "duration_ms", "efficiency_score", "completed_at"],
        unique=False,
        sqlite_where=sa.text("completed_at IS NOT NULL"),
        postgresql_where=sa.text("completed_at IS NOT NULL"),
    )
    make.create_index(
        "ix_robot_execute_resource_tracking",
        "robot_execute",
        ["cpu_usage_percent", "memory_usage_mb", "started_at"],
        unique=False,
        sqlite_where=sa.text("execution_state = 'RUNNING'"),
        postgresql_where=sa.text("execution_state = 'RUNNING'"),
    )
    make.create_index(
        "ix_robot_execute_robot_progress",
        "robot_execute",
        ["robot_id", "progress_percentage", "execution_state"],
        unique=False,
    )
    make.create_index(
        "ix_robot_execute_step_analysis",
        "robot_execute",
        ["step_category", "step_duration_ms", "completed_at"],
        unique=False,
    )
    make.create_index(
        "ix_robot_execute_timeout_monitoring",
        "robot_execute",
        ["started_at", "timeout_seconds", "execution_state"],
        unique=False,
        sqlite_where=sa.text("execution_state IN ('RUNNING', 'PAUSED')"),
        postgresql_where=sa.text("execution_state IN ('RUNNING', 'PAUSED')"),
    )
    make.create_table(
        "robot_reviews",
        sa.Column("robot_id", sa.String(length=50), nullable=False),
        sa.Column("execute_id", sa.String(length=50), nullable=False),
        sa.Column("output_data", types.json_column(), nullable=False),
        sa.Column("completeness_score", types.decimal_column(3, 2), nullable=True),
        sa.Column("confidence_score", types.decimal_column(3, 2), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_at", types.UtcTimestamp(), nullable=False),
        sa.Column("decided_at", types.UtcTimestamp(), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["robot_id"], ["robots.robot_id"], name=make.f("fk_robot_reviews_robot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("robot_id", name=make.f("pk_robot_reviews")),
    )
    make.create_index("ix_robot_reviews_state", "robot_reviews", ["state", "asked_at", "robot_id"], unique=False)
    make.create_table(
        "task_dependencies",
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("depends_on_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["depends_on_id"], ["tasks.id"], name=make.f("fk_task_dependencies_depends_on_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=make.f("fk_task_dependencies_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("task_id", "depends_on_id", name=make.f("pk_task_dependencies")),
    )
    make.create_index("ix_task_dependencies_depends_on", "task_dependencies", ["depends_on_id"], unique=False)
    make.create_table(
        "task_origins",
        sa.Column("project_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=True),
        sa.Column("url", sa.String(length=512), nullable=True),
        sa.Column("title", sa.String(length=255), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=True),
        sa.Column("announced", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("shipped", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=make.f("fk_task_origins_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=make.f("fk_task_origins_task_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("project_id", "source", "external_id", name=make.f("pk_task_origins")),
    )
    make.create_index("ix_task_origins_task", "task_origins", ["task_id"], unique=False)
    make.create_table(
        "task_questions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=True),
        sa.Column("asked_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("responded_at", types.UtcTimestamp(), nullable=True),
        sa.Column("responded_by", sa.String(length=36), nullable=True),
        sa.Column(
            "status",
            sa.Enum("pending", "answered", "skipped", name="question_status", create_constraint=True),
            server_default="pending",
            nullable=True,
        ),
        sa.Column("choices", types.json_column(), nullable=False),
        sa.Column("execute_id", sa.String(length=50), nullable=True),
        sa.Column("asked_by", sa.String(length=253), nullable=True),
        sa.Column("responder", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=make.f("fk_task_questions_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=make.f("pk_task_questions")),
    )
    make.create_index("ix_task_questions_status", "task_questions", ["status"], unique=False)
    make.create_index("ix_task_questions_task_status", "task_questions", ["task_id", "status"], unique=False)
    make.create_table(
        "task_timeline",
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("details", types.json_column(), nullable=False),
        sa.Column("created_at", types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=make.f("fk_task_timeline_task_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("task_id", "position", name=make.f("pk_task_timeline")),
    )
    make.create_table(
        "execution_steps",
        sa.Column("execute_id", sa.String(length=50), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "INIT",
                "VALIDATION",
                "PROCESSING",
                "EXTERNAL_API",
                "FINALIZATION",
                name="execution_step_category",
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("told", types.json_column(), nullable=True),
        sa.Column("started_at", types.UtcTimestamp(), nullable=False),
        sa.Column("completed_at", types.UtcTimestamp(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["execute_id"],
            ["robot_execute.execute_id"],
            name=make.f("fk_execution_steps_execute_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("execute_id", "position", name=make.f("pk_execution_steps")),
    )
    if make.dialect() == "sqlite":
        make.create_index(
            "ix_module_registry_routing_optimization",
            "module_registry",
            ["supported_robot_types", "capacity_utilization", "performance_score"],
            unique=False,
            sqlite_where=sa.text("is_active = true AND health_status = 'HEALTHY'"),
        )
    if make.dialect() == "postgresql":
        make.create_index(
            "ix_module_registry_supported_robot_types",
            "module_registry",
            ["supported_robot_types"],
            unique=False,
            postgresql_using="gin",
            postgresql_where=sa.text("is_active = true AND health_status = 'HEALTHY'"),
        )
    if make.dialect() != "sqlite":
        make.create_foreign_key(
            "fk_agents_current_task_id", "agents", "tasks", ["current_task_id"], ["id"], ondelete="SET NULL"
        )


def downgrade() -> None:
    """Remove every table."""
    raise NotImplementedError("the first revision is not taken back: restore a backup")
