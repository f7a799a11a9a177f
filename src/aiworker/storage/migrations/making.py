"""What the first revision is written in: `make.…` makes what is missing, and brings what is there to its form.

So the revision goes on where it was cut short on MariaDB/MySQL, whose DDL does not roll back, and takes over a database
of the coding half that was made there by hand or by another program. On SQLite and PostgreSQL it is done whole or not
at all, so there it only ever makes.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from alembic.operations.ops import CreateTableOp

from aiworker.storage.migrations.standing import Standing

# A name that is whole, to which no naming convention is applied.
f = op.f


def dialect() -> str:
    """`sqlite`, `postgresql`, or `mysql` (MariaDB, too)."""
    return op.get_context().dialect.name


def create_table(name: str, *parts: sa.schema.SchemaItem, **options: Any) -> None:
    """The table, with every column, key and rule of this form; rows that are there stay."""
    standing = _standing()
    if standing is None or not standing.has_table(name):
        op.create_table(name, *parts, **options)
        return
    standing.complete(CreateTableOp(name, list(parts), **options).to_table(op.get_context()))


def create_index(
    name: str,
    table: str,
    columns: Sequence[str | sa.ColumnElement[Any] | sa.TextClause],
    *,
    unique: bool = False,
    **options: Any,
) -> None:
    """The index; one of the same columns gets this name."""
    standing = _standing()
    if standing is None or not standing.keep_index(table, name, [str(column) for column in columns], unique=unique):
        op.create_index(name, table, list(columns), unique=unique, **options)
    if standing is not None:
        standing.drop_covered_indexes(table, name)


def create_foreign_key(
    name: str, table: str, to: str, columns: Sequence[str], to_columns: Sequence[str], *, ondelete: str | None = None
) -> None:
    """The key; references to what is gone become NULL where NULL is allowed."""
    standing = _standing()
    if standing is not None:
        standing.keep_foreign_key(name, table, to, columns[0], to_columns[0], ondelete)
        return
    op.create_foreign_key(name, table, to, list(columns), list(to_columns), ondelete=ondelete)


def _standing() -> Standing | None:
    """What stands in the database; None where nothing can stand, or nobody can look (`--sql`)."""
    context = op.get_context()
    if context.as_sql or context.dialect.name != "mysql" or context.connection is None:
        return None
    return Standing(context.connection)
