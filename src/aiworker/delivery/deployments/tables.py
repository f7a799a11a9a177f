"""Tables of deployments."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, enum_column, json_column, utc_timestamp
from aiworker.wire.groups import DeploymentEnvironment, DeploymentStatus, DeploymentType

deployments = Table(
    "deployments",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(36), ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("task_group_id", String(36), ForeignKey("task_groups.id", ondelete="SET NULL")),
    Column("environment", enum_column(DeploymentEnvironment, "deployment_environment"), nullable=False),
    Column(
        "deployment_type",
        enum_column(DeploymentType, "deployment_type"),
        server_default=DeploymentType.MANUAL.value,
    ),
    Column("branch", String(255)),
    Column("commit_hash", String(40)),
    Column("k8s_namespace", String(63)),
    Column("k8s_deployment_name", String(253)),
    Column("image_tag", String(255)),
    Column(
        "status",
        enum_column(DeploymentStatus, "deployment_status"),
        server_default=DeploymentStatus.PENDING.value,
    ),
    Column("url", String(512)),
    Column("error_message", Text),
    Column("error_message_told", json_column()),
    Column("logs", Text),
    Column("started_at", UtcTimestamp()),
    Column("completed_at", UtcTimestamp()),
    Column("duration_seconds", Integer),
    Column("triggered_by", String(36)),
    Column("created_at", UtcTimestamp(), server_default=utc_timestamp()),
    Column("task_id", String(36), ForeignKey("tasks.id", ondelete="SET NULL")),
    Column("task_ids", json_column(), nullable=False),
    # The robot whose pipeline this roll-out belongs to: a re-run goes on with the same row.
    Column("robot_id", String(50)),
    Column("actor", String(200), nullable=False),
    Index("ix_deployments_project_env", "project_id", "environment"),
    Index("ix_deployments_status", "status"),
    Index("ix_deployments_created_at", "created_at"),
    Index("ix_deployments_group", "task_group_id"),
    Index("ix_deployments_task", "task_id"),
    Index("uq_deployments_robot_environment", "robot_id", "environment", unique=True),
)
