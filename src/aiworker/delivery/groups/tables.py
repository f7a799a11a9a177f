"""Tables of groups."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, true

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, enum_column, json_column, touched_timestamp, utc_timestamp
from aiworker.wire.groups import GroupStatus

task_groups = Table(
    "task_groups",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(36), ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("task_ids", json_column(), nullable=False),
    Column("staging_branch", String(255)),
    Column("staging_pr_number", Integer),
    Column("staging_pr_url", String(512)),
    Column("staging_deployed_at", UtcTimestamp()),
    Column("production_deployed_at", UtcTimestamp()),
    Column("production_rollback_available", Boolean, server_default=true()),
    Column("status", enum_column(GroupStatus, "group_status"), server_default=GroupStatus.PENDING.value),
    Column("created_by", String(36)),
    Column("notes", Text),
    Column("created_at", UtcTimestamp(), server_default=utc_timestamp()),
    Column("updated_at", UtcTimestamp(), server_default=touched_timestamp()),
    Column("number", Integer, nullable=False),
    Column("creator", String(200), nullable=False),
    Column("defer_until", UtcTimestamp()),
    # The robot that is at work for this group now, and its type; NULL when none is.
    Column("robot_id", String(50)),
    Column("under_way", String(50)),
    Column("error", Text),
    Column("error_told", json_column()),
    Column("conflict_task_id", String(36)),
    Column("conflict_files", json_column(), nullable=False),
    # Branch heads before and after: what a re-run compares the world with, and what a rollback goes back to.
    Column("staging_base", String(40)),
    Column("staging_commit", String(40)),
    Column("production_base", String(40)),
    Column("production_commit", String(40)),
    # What a rollback is about to do to which branch: {"main": {"from": …, "to": …}}; NULL when none is planned.
    Column("plan", json_column()),
    # How far it looked at the default branch, and what people had committed there; NULL if staging held all of it.
    Column("by_hand", json_column()),
    Column("position", Integer, nullable=False, server_default="0"),
    UniqueConstraint("project_id", "number", name="uq_task_groups_project_number"),
    Index("ix_task_groups_project_status", "project_id", "status"),
    Index("ix_task_groups_status", "status"),
)

group_tasks = Table(
    "group_tasks",
    metadata,
    Column("group_id", String(36), ForeignKey("task_groups.id", ondelete="CASCADE"), primary_key=True),
    Column("task_id", String(36), ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, nullable=False),
    Column("approved_commit", String(40), nullable=False),
    Column("staging_commit", String(40)),
    Column("production_commit", String(40)),
    Index("ix_group_tasks_task", "task_id"),
)
