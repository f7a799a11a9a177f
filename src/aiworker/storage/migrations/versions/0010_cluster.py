"""How a project runs on a cluster: staging's namespace, what a preview may reach, where Argo CD finds the manifests."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add what a database of an earlier first revision lacks."""
    context = op.get_context()
    if context.as_sql:
        return
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("projects")}
    columns = (
        sa.Column("k8s_staging_namespace", sa.String(63)),
        sa.Column("run_as_root", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("egress", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")),
        sa.Column("manifests_path", sa.String(255), server_default="deploy/overlays/{environment}", nullable=False),
        sa.Column("manifests_image", sa.String(255)),
    )
    for column in columns:
        if column.name not in there:
            op.add_column("projects", column)


def downgrade() -> None:
    """Not taken back."""
    raise NotImplementedError("the columns are not taken back: restore a backup")
