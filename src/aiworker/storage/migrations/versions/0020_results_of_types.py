"""What a type's results look like, and what of them is sensitive."""

import sqlalchemy as sa
from alembic import op

from aiworker.storage import types

revision = "0020"
down_revision = "0013"


def upgrade() -> None:
    """Add what a database of an earlier first revision lacks."""
    if op.get_context().as_sql:
        return
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("robot_types")}
    for column in (sa.Column("output_schema", types.json_column()), sa.Column("sensitive_results", types.TextList())):
        if column.name not in there:
            op.add_column("robot_types", column)


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("the columns are not taken back: restore a backup")
