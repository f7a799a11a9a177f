"""`db upgrade|check|copy`: on the machine that has the database, with no server needed."""

import sys
from dataclasses import asdict
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from aiworker.cli.findings import report
from aiworker.cli.output import Json, print_json, print_table, say
from aiworker.cli.starters import Starters


def database_commands(starters: Starters) -> App:
    """The commands of `db`."""
    app = App(name="db", help="The database: upgrade, check, copy.")

    @app.command
    async def upgrade(*, json: Json = False) -> None:  # pyright: ignore[reportUnusedFunction]
        """Bring the database to this version. Safe to repeat."""
        steps = await starters.upgrade_database()
        if json:
            print_json(list(steps))
            return
        for step in steps:
            say(f"✓ {step}")
        say("The database is of this version.")

    @app.command
    async def check(*, json: Json = False) -> None:  # pyright: ignore[reportUnusedFunction]
        """Look whether the database answers, is of this version, and is consistent."""
        report(await starters.check_database(), json=json)

    @app.command
    async def copy(  # pyright: ignore[reportUnusedFunction]
        *,
        to: Annotated[str, Parameter(help="An empty database: a URL as in DATABASE_URL.")],
        json: Json = False,
    ) -> None:
        """Copy the whole database into an empty one, of any kind, and compare both. Stop the server before."""
        with _Bars() as bars:
            copied = await starters.copy_database(to, bars.show)
        if json:
            print_json([asdict(table) for table in copied])
            return
        rows = [[table.table, table.rows, table.checksum] for table in copied if table.rows]
        print_table(["table", "rows", "checksum"], rows, empty="There was no row to copy.")
        say(f"Copied and compared: {sum(table.rows for table in copied)} rows in {len(copied)} tables.")
        say("To use it, set DATABASE_URL to it; everything else in AIWORKER_HOME stays where it is.")

    return app


class _Bars:
    """A bar for each table, on standard error while somebody looks at it."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> "_Bars":
        self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._progress.stop()

    def show(self, table: str, done: int, total: int) -> None:
        """So many of a table's rows are copied."""
        bar = self._bars.get(table)
        if bar is None:
            bar = self._bars[table] = self._progress.add_task(table)
        self._progress.update(bar, completed=done, total=total)
