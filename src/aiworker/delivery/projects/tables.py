"""Tables of projects."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false, true

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, enum_column, json_column, touched_timestamp, utc_timestamp
from aiworker.wire.projects import Evidence, ProjectStatus

projects = Table(
    "projects",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("description", Text),
    Column("gitea_repo_id", Integer),
    Column("gitea_repo_url", String(512)),
    Column("gitea_owner", String(100)),
    Column("gitea_repo_name", String(100)),
    Column("default_branch", String(100), server_default="main"),
    Column("k8s_namespace", String(63), nullable=False, unique=True),
    # NULL: `{k8s_namespace}-staging`.
    Column("k8s_staging_namespace", String(63)),
    Column("docker_image", String(512)),
    Column("run_as_root", Boolean, nullable=False, server_default=false()),
    # Where previews may connect to: networks and namespaces, with or without a port.
    Column("egress", json_column()),
    # For Argo CD: the folder that says what an environment is made of, and where it takes the image from.
    Column("manifests_path", String(255), nullable=False, server_default="deploy/overlays/{environment}"),
    Column("manifests_image", String(255)),
    # Values are encrypted one by one; the names are readable.
    Column("env_vars", json_column()),
    Column("replicas", Integer, server_default="1"),
    Column("cpu_limit", String(20), server_default="500m"),
    Column("memory_limit", String(20), server_default="512Mi"),
    Column("mcp_tools", json_column()),
    Column("mcp_permissions", json_column()),
    Column("status", enum_column(ProjectStatus, "project_status"), server_default=ProjectStatus.ACTIVE.value),
    Column("created_at", UtcTimestamp(), server_default=utc_timestamp()),
    Column("updated_at", UtcTimestamp(), server_default=touched_timestamp()),
    # What people say in front of a task's number (SHOP-12); its lower case names the repository and the hosts.
    Column("key", String(12), nullable=False, unique=True),
    Column("status_reason", String(500)),
    Column("upstream", String(1000)),
    # `user:password` for the upstream, encrypted.
    Column("upstream_credential", Text),
    # How the two stood when they last met; NULL while nothing is to be told.
    Column("upstream_state", json_column()),
    Column("push_upstream", Boolean, nullable=False, server_default=false()),
    Column("setup_command", String(2000)),
    Column("test_command", String(2000)),
    Column("start_command", String(2000)),
    Column("static_root", String(255), nullable=False, server_default="."),
    Column("health_path", String(255), nullable=False, server_default="/"),
    Column("health_timeout_seconds", Integer, nullable=False, server_default="60"),
    Column("wip_limit", Integer),
    # What a coding agent may do without asking: rules, and the words of `wire.projects.AGENT_ALLOW`; NULL: those words.
    Column("agent_allow", json_column()),
    Column("attempt_minutes", Integer, nullable=False, server_default="240"),
    # Millionths of a dollar; NULL: no limit.
    Column("attempt_cost_limit", BigInteger),
    Column("task_cost_limit", BigInteger),
    Column("day_cost_limit", BigInteger),
    Column("project_cost_limit", BigInteger),
    # Which limit has been reached, so that nothing is handed out; and until when (NULL: until somebody raises it).
    Column("overspent", String(200)),
    Column("overspent_until", UtcTimestamp()),
    Column("logs_kept_days", Integer),
    Column("preview_enabled", Boolean, nullable=False, server_default=true()),
    # What a commit must show before it is handed in or approved, and which checks count (NULL: all that report).
    Column("evidence", String(20), nullable=False, server_default=Evidence.NONE.value),
    Column("evidence_contexts", json_column()),
    # Whether an issue is closed when its task is in production.
    Column("close_issues", Boolean, nullable=False, server_default=false()),
    Column("last_task_number", Integer, nullable=False, server_default="0"),
    Column("last_group_number", Integer, nullable=False, server_default="0"),
    # Counts people's edits.
    Column("version", Integer, nullable=False, server_default="1"),
    Index("ix_projects_status", "status"),
    Index("ix_projects_k8s_namespace", "k8s_namespace"),
)

project_spending = Table(
    "project_spending",
    metadata,
    # What attempts have cost, by the day (UTC, like 2026-11-21) on which it was reported.
    Column("project_id", String(36), ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("cost_microdollars", BigInteger, nullable=False, server_default="0"),
    Column("tokens_in", BigInteger, nullable=False, server_default="0"),
    Column("tokens_out", BigInteger, nullable=False, server_default="0"),
)
