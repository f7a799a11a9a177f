"""What a schema is made of, statement by statement, on each of the three databases."""

import io
import re
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_mock_engine

from aiworker.storage.metadata import metadata as catalogue

URLS = {"sqlite": "sqlite://", "postgresql": "postgresql+asyncpg://", "mariadb": "mysql+asyncmy://"}


def statements_of_catalogue(metadata: MetaData, database: str) -> set[str]:
    """What making every table of the catalogue sends to a database."""
    sent: list[str] = []

    def send(statement: Any, *_args: object, **_kw: object) -> None:
        sent.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine(URLS[database], send)
    metadata.create_all(engine, checkfirst=False)
    for table in metadata.tables.values():
        for key in table.foreign_key_constraints:
            # Sent on its own to a server, it would be left out of the tables of every later database.
            key._create_rule = None  # pyright: ignore[reportPrivateUsage]
    return {_plain(statement) for statement in sent}


def statements_of_migrations(versions: Path, database: str) -> set[str]:
    """What the first revision sends to an empty database, without Alembic's own bookkeeping."""
    out = io.StringIO()
    scripts = ScriptDirectory(str(versions.parent), version_locations=[str(versions)])

    def steps(_revision: Any, _context: Any) -> Any:
        return scripts._upgrade_revs("0001", "base")  # pyright: ignore[reportPrivateUsage]

    with EnvironmentContext(Config(), scripts, fn=steps, as_sql=True, destination_rev="0001") as environment:
        environment.configure(url=URLS[database], target_metadata=catalogue, output_buffer=out, literal_binds=True)
        environment.run_migrations()
    return {_plain(statement) for statement in out.getvalue().split(";") if "alembic_version" not in statement} - {""}


def _plain(statement: str) -> str:
    lines = [line for line in statement.splitlines() if not line.strip().startswith("--")]
    plain = re.sub(r"\s+", " ", " ".join(lines)).replace(" ,", ",").strip()
    if not plain.startswith("CREATE TABLE"):
        return plain
    # The order of a table's constraints means nothing.
    table, *constraints = plain.removesuffix(")").strip().split(", CONSTRAINT ")
    return ", CONSTRAINT ".join([table, *sorted(part.strip() for part in constraints)]) + " )"
