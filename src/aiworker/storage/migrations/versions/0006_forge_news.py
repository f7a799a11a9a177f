"""What people do in a forge: webhooks heard, what was seen, checks of commits, where tasks came from, who is who.

A database whose first revision had it already is left as it is.
"""

import sqlalchemy as sa
from alembic import op

from aiworker.storage import types

revision = "0006"
down_revision = "0004"


def upgrade() -> None:
    """Add what is missing."""
    if op.get_context().as_sql:
        return
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("projects")}
    columns = (
        sa.Column("evidence", sa.String(20), server_default="none", nullable=False),
        sa.Column("evidence_contexts", types.json_column()),
        sa.Column("close_issues", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    for column in columns:
        if column.name not in there:
            op.add_column("projects", column)
    _people()
    _seen()
    _origins()


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("nothing is taken away: restore a backup")


def _people() -> None:
    if _there("forge_people"):
        return
    roles = ("admin", "maintainer", "member", "agent", "module", "read")
    op.create_table(
        "forge_people",
        sa.Column("login", sa.String(100), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", sa.Enum(*roles, name="forge_role", create_constraint=True), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("login", name="pk_forge_people"),
    )


def _seen() -> None:
    if not _there("forge_deliveries"):
        op.create_table(
            "forge_deliveries",
            sa.Column("id", sa.String(64), nullable=False),
            sa.Column("event", sa.String(60), nullable=False),
            sa.Column("repository", sa.String(255), nullable=False),
            _moment("received_at"),
            sa.PrimaryKeyConstraint("id", name="pk_forge_deliveries"),
        )
        op.create_index("ix_forge_deliveries_received_at", "forge_deliveries", ["received_at"])
    _of_project(
        "forge_pull_requests",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        key=("project_id", "number"),
    )
    _of_project("forge_remarks", sa.Column("remark", sa.String(80), nullable=False), key=("project_id", "remark"))
    _of_project(
        "forge_marks",
        sa.Column("pull_requests_at", types.UtcTimestamp()),
        sa.Column("issues_at", types.UtcTimestamp()),
        sa.Column("default_head", sa.String(40)),
        key=("project_id",),
    )
    made = _of_project(
        "commit_statuses",
        sa.Column("commit", sa.String(40), nullable=False),
        sa.Column("checks", types.json_column(), nullable=False),
        _moment("seen_at"),
        key=("project_id", "commit"),
    )
    if made:
        op.create_index("ix_commit_statuses_seen_at", "commit_statuses", ["seen_at"])


def _origins() -> None:
    made = _of_project(
        "task_origins",
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("external_id", sa.String(100), nullable=False),
        sa.Column("task_id", sa.String(36)),
        sa.Column("url", sa.String(512)),
        sa.Column("title", sa.String(255)),
        sa.Column("body", sa.Text()),
        sa.Column("is_open", sa.Boolean()),
        sa.Column("announced", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("shipped", sa.Boolean(), server_default=sa.false(), nullable=False),
        _moment("created_at"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_task_origins_task_id", ondelete="SET NULL"),
        key=("project_id", "source", "external_id"),
    )
    if made:
        op.create_index("ix_task_origins_task", "task_origins", ["task_id"])


def _of_project(table: str, *parts: sa.schema.SchemaItem, key: tuple[str, ...]) -> bool:
    """Make a table whose rows go with their project; False if it is there."""
    if _there(table):
        return False
    op.create_table(
        table,
        sa.Column("project_id", sa.String(36), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=f"fk_{table}_project_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
    )
    return True


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, types.UtcTimestamp(), server_default=types.utc_timestamp(), nullable=False)


def _there(table: str) -> bool:
    return sa.inspect(op.get_bind()).has_table(table)
