"""`db upgrade|check`: on the machine that has the database, with no server needed."""

from cyclopts import App

from aiworker.cli.findings import report
from aiworker.cli.output import Json, print_json, say
from aiworker.cli.starters import Starters


def database_commands(starters: Starters) -> App:
    """The commands of `db`."""
    app = App(name="db", help="The database: upgrade, check.")

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

    return app
