"""Keys that are bound to modules and may have a limit of their own, modules with a limit per minute."""

import sqlalchemy as sa
from alembic import op

from aiworker.storage import types

revision = "0013"
down_revision = "0018"


def upgrade() -> None:
    """Add what a database of an earlier first revision lacks."""
    if op.get_context().as_sql:
        return
    _columns("api_keys", sa.Column("modules", types.TextList()), sa.Column("requests_per_minute", sa.Integer()))
    _columns(
        "module_registry",
        sa.Column("max_per_minute", sa.Integer()),
        sa.Column("recent_starts", types.json_column()),
    )


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("the columns are not taken back: restore a backup")


def _columns(table: str, *columns: sa.Column[object]) -> None:
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
    for column in columns:
        if column.name not in there:
            op.add_column(table, column)
