"""Writes the first revision from the catalogue of tables: `python -m aiworker.storage.migrations.generate`.

For the time before the first release only; afterwards a change of the schema is a new revision written by hand. The
types are written so that each of the three databases makes its own of them.
"""

import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from textwrap import indent
from typing import Any, Literal

from alembic.autogenerate import render_python_code
from alembic.migration import MigrationContext
from alembic.operations.ops import CreateIndexOp, CreateTableOp, MigrateOperation, UpgradeOps
from sqlalchemy import (
    JSON,
    BigInteger,
    Enum,
    Index,
    MetaData,
    Numeric,
    Table,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import DefaultClause
from sqlalchemy.sql.elements import False_, True_

import aiworker
from aiworker.storage.metadata import metadata
from aiworker.storage.migrate import VERSIONS
from aiworker.storage.types import TextList, UtcTimestamp, empty_object, touched_timestamp, utc_timestamp

_SQLITE = sqlite.dialect()
# The more special first.
_DEFAULTS = (
    (touched_timestamp, "types.touched_timestamp()"),
    (utc_timestamp, "types.utc_timestamp()"),
    (empty_object, "types.empty_object()"),
    (True_, "sa.true()"),
    (False_, "sa.false()"),
)
FIRST = VERSIONS / "0001_initial.py"

_PAGE = '''"""The first tables.

Made by `python -m aiworker.storage.migrations.generate`.
"""
# ruff: noqa: PLR0915

import sqlalchemy as sa
{imports}
from aiworker.storage import types
from aiworker.storage.migrations import making as make

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
{upgrade}
{later}

def downgrade() -> None:
    """Remove every table."""
    raise NotImplementedError("the first revision is not taken back: restore a backup")
'''


def load_tables() -> MetaData:
    """Import every `tables` module of the house; the catalogue, whole."""
    for module in pkgutil.walk_packages(aiworker.__path__, "aiworker."):
        if module.name.endswith(".tables"):
            importlib.import_module(module.name)
    return metadata


def first_revision(catalogue: MetaData) -> str:
    """The text of the first revision (to be formatted)."""
    context = MigrationContext.configure(dialect_name="sqlite", opts={"target_metadata": catalogue})

    def code(operations: Iterable[MigrateOperation]) -> str:
        lines = render_python_code(
            UpgradeOps(list(operations)),
            alembic_module_prefix="make.",
            render_item=_render,
            migration_context=context,
        ).splitlines()
        return "\n".join(line for line in lines if not line.strip().startswith("# ###"))

    upgrade = code(_everywhere(catalogue))
    for dialects, index in _only_somewhere(catalogue):
        here = f"== {dialects[0]!r}" if len(dialects) == 1 else f"in {dialects}"
        upgrade += f"\n    if make.dialect() {here}:\n{indent(code([index]).strip(), ' ' * 8)}"
    dialects = [name for name in ("mysql", "postgresql") if f"{name}." in upgrade]
    imports = f"from sqlalchemy.dialects import {', '.join(dialects)}\n" if dialects else ""
    return _PAGE.format(imports=imports, upgrade=upgrade, later=_later_keys(catalogue))


def _everywhere(catalogue: MetaData) -> Iterator[MigrateOperation]:
    for table in catalogue.sorted_tables:
        yield CreateTableOp.from_table(table)
        for index in _indexes(table):
            if not _dialects(index):
                yield CreateIndexOp.from_index(index)


def _only_somewhere(catalogue: MetaData) -> Iterator[tuple[tuple[str, ...], MigrateOperation]]:
    for table in catalogue.sorted_tables:
        for index in _indexes(table):
            if dialects := _dialects(index):
                yield dialects, CreateIndexOp.from_index(index)


def _indexes(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def _dialects(index: Index) -> tuple[str, ...]:
    """The databases that an index was kept to with `ddl_if`; empty: all of them."""
    rule: Any = index._ddl_if  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] (nothing public tells)
    if rule is None or rule.dialect is None:
        return ()
    return (rule.dialect,) if isinstance(rule.dialect, str) else tuple(rule.dialect)


def _render(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Write our own types and defaults by name: rendered as SQL they would be SQLite's for ever."""
    if kind == "type":
        return _render_type(item)
    if kind == "server_default" and isinstance(item, DefaultClause):
        for made_by, words in _DEFAULTS:
            if isinstance(item.arg, made_by):
                return words
    return False


def _render_type(item: Any) -> str | Literal[False]:
    rendered: str | Literal[False] = False
    match item:
        case UtcTimestamp():
            rendered = "types.UtcTimestamp()"
        case TextList():
            rendered = "types.TextList()"
        case Enum() if not item.native_enum:
            rendered = f"sa.String(length={item.length})"
        case Enum():
            # The values as they are now: the class may grow, this revision may not.
            values = ", ".join(repr(value) for value in item.enums)
            rendered = f"sa.Enum({values}, name={item.name!r}, create_constraint=True)"
        case JSON():
            rendered = "types.json_column()"
        case Numeric() if not item.asdecimal:
            rendered = f"types.decimal_column({item.precision}, {item.scale})"
        # Only SQLite, which counts nothing but INTEGER, has a type of its own for these.
        case BigInteger() if item.compile(_SQLITE) == "INTEGER":
            rendered = "types.big_id()"
        case _:
            pass
    return rendered


def _later_keys(catalogue: MetaData) -> str:
    """Keys between tables that refer to each other: SQLite has them in the table, the servers add them afterwards."""
    calls = [
        f"        make.create_foreign_key({key.name!r}, {table.name!r}, {key.referred_table.name!r}, "
        f"{key.column_keys!r}, {[element.column.name for element in key.elements]!r}, ondelete={key.ondelete!r})"
        for table in catalogue.sorted_tables
        for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name))
        if key.use_alter
    ]
    return "\n".join(['    if make.dialect() != "sqlite":', *calls, ""]) if calls else ""


def main() -> None:
    """Write the file."""
    FIRST.parent.mkdir(exist_ok=True)
    FIRST.write_text(first_revision(load_tables()), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(FIRST)], check=True)  # noqa: S603
    sys.stdout.write(f"{FIRST.name} is written anew.\n")


if __name__ == "__main__":
    main()
