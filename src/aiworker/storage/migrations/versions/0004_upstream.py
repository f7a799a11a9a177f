"""What is known of a project's upstream: its credential, apart from the address, and how the two stand."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what a database of an earlier first revision lacks."""
    context = op.get_context()
    if context.as_sql:
        return
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("projects")}
    columns = (
        sa.Column("upstream_credential", sa.Text()),
        sa.Column("upstream_state", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")),
    )
    for column in columns:
        if column.name not in there:
            op.add_column("projects", column)


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("the columns are not taken back: restore a backup")
