"""Tables of tasks, their dependencies, timeline and review comments."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, SmallInteger, String, Table, Text, false

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, enum_column, json_column, touched_timestamp, utc_timestamp
from aiworker.wire.tasks import TaskComplexity, TaskPriority, TaskState

tasks = Table(
    "tasks",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(36), ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("title", String(255), nullable=False),
    Column("description", Text),
    Column("priority", enum_column(TaskPriority, "task_priority"), server_default=TaskPriority.MEDIUM.value),
    Column("state", enum_column(TaskState, "task_state"), server_default=TaskState.BACKLOG.value),
    Column("assigned_agent_id", String(36), ForeignKey("agents.id", ondelete="SET NULL")),
    Column("assigned_at", UtcTimestamp()),
    Column("branch_name", String(255)),
    Column("pr_number", Integer),
    Column("pr_url", String(512)),
    Column("preview_namespace", String(63)),
    Column("preview_url", String(512)),
    Column("preview_deployed_at", UtcTimestamp()),
    Column(
        "estimated_complexity",
        enum_column(TaskComplexity, "task_complexity"),
        server_default=TaskComplexity.MEDIUM.value,
    ),
    Column("actual_duration_minutes", Integer),
    Column("created_at", UtcTimestamp(), server_default=utc_timestamp()),
    Column("updated_at", UtcTimestamp(), server_default=touched_timestamp()),
    Column("started_at", UtcTimestamp()),
    Column("completed_at", UtcTimestamp()),
    Column("deployed_staging_at", UtcTimestamp()),
    Column("deployed_production_at", UtcTimestamp()),
    Column("task_key", String(24), nullable=False, unique=True),
    Column("capabilities", json_column(), nullable=False),
    # How far the tasks that it depends on have to be.
    Column("depends_until", String(20), nullable=False, server_default="approved"),
    # Why the task's robot may not start; NULL if it may.
    Column("held", String(200)),
    # The same for other languages: `{code, values}`.
    Column("held_told", json_column()),
    # Whether only a person can end that: kept with `held`, for the inbox.
    Column("waits_for_person", Boolean, nullable=False, server_default=false()),
    # Where its branch was started, if not on the default branch alone: with the work of its dependencies.
    Column("base_commit", String(40)),
    Column("head_commit", String(40)),
    Column("approved_commit", String(40)),
    Column("approved_by", String(200)),
    Column("approved_at", UtcTimestamp()),
    Column("robot_id", String(50)),
    Column("round", Integer, nullable=False, server_default="1"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("worked_seconds", Integer, nullable=False, server_default="0"),
    # What all attempts have cost, in millionths of a dollar; NULL: none reported it.
    Column("cost_microdollars", BigInteger),
    Column("group_id", String(36)),
    Column("preview_status", String(20)),
    Column("preview_error", Text),
    Column("preview_error_told", json_column()),
    # Counts people's edits, and what happened: the next place in the task's stream of events.
    Column("version", Integer, nullable=False, server_default="1"),
    Column("position", Integer, nullable=False, server_default="0"),
    # The priority as a number that sorts ascending, kept with it: no index sorts an enum downwards on every database.
    Column("urgency", SmallInteger, nullable=False, server_default="2"),
    Index("ix_tasks_project_state", "project_id", "state"),
    Index("ix_tasks_state", "state"),
    Index("ix_tasks_assigned_agent", "assigned_agent_id"),
    Index("ix_tasks_project_state_created", "project_id", "state", "created_at"),
    Index("ix_tasks_created_at", "created_at"),
    Index("ix_tasks_group", "group_id"),
    Index("ix_tasks_robot", "robot_id"),
    Index("ix_tasks_inbox", "waits_for_person", "updated_at"),
    # The board of all projects, of one, and its columns, in their order.
    Index("ix_tasks_everywhere", "urgency", "created_at", "id"),
    Index("ix_tasks_board", "project_id", "urgency", "created_at", "id"),
    Index("ix_tasks_column", "project_id", "state", "urgency", "created_at", "id"),
)

task_dependencies = Table(
    "task_dependencies",
    metadata,
    Column("task_id", String(36), ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("depends_on_id", String(36), ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_task_dependencies_depends_on", "depends_on_id"),
)

task_timeline = Table(
    "task_timeline",
    metadata,
    Column("task_id", String(36), ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(40), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("actor_kind", String(20), nullable=False),
    Column("from_state", String(20)),
    Column("to_state", String(20)),
    Column("message", Text, nullable=False),
    Column("details", json_column(), nullable=False),
    Column("created_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
)

review_comments = Table(
    "review_comments",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("task_id", String(36), ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False),
    # The round that was looked at; the next one reads it.
    Column("round", Integer, nullable=False),
    Column("commit", String(40)),
    Column("path", String(1000)),
    Column("line", Integer),
    Column("body", Text, nullable=False),
    Column("author", String(200), nullable=False),
    Column("created_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Index("ix_review_comments_task", "task_id", "round"),
)
