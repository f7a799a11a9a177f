"""Robots are found by their reference."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"

_REFERRED = sa.text("source_reference IS NOT NULL")


def upgrade() -> None:
    """Add what a database of an earlier first revision lacks."""
    if op.get_context().as_sql:
        return
    there = {index["name"] for index in sa.inspect(op.get_bind()).get_indexes("robots")}
    if "ix_robots_reference" not in there:
        op.create_index(
            "ix_robots_reference",
            "robots",
            ["source_reference"],
            sqlite_where=_REFERRED,
            postgresql_where=_REFERRED,
        )


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("nothing is taken away: restore a backup")
