"""A database server of the fault run's own: it can be killed and started again, and loses nothing that it confirmed."""

import asyncio
import os
import signal
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, cast

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from aiworker.storage.urls import async_url
from tests.support.keeper import STARTERS
from tests.support.waiting import eventually

ServerKind = Literal["postgresql", "mariadb"]
_NAME = "faults"
# Private servers for tests care for nothing; this one writes at each commit, so that only a power cut could undo it.
_CAREFUL = {
    "postgresql": ["-c", "synchronous_commit=on", "-c", "full_page_writes=on"],
    "mariadb": ["--innodb-flush-log-at-trx-commit=2"],
}
# PostgreSQL's children would go on for a while without their parent: SIGQUIT is its crash.
_CRASH = {"postgresql": signal.SIGQUIT, "mariadb": signal.SIGKILL}
_CONNECTIONS = {
    "postgresql": "SELECT pid FROM pg_stat_activity WHERE datname = 'faults' AND pid <> pg_backend_pid()",
    "mariadb": "SELECT id FROM information_schema.processlist WHERE db = 'faults' AND id <> CONNECTION_ID()",
}
_CUT = {"postgresql": "SELECT pg_terminate_backend({})", "mariadb": "KILL {}"}


class DatabaseServer:
    """A running server with an empty database; `url` stays the same when it comes back."""

    def __init__(self, kind: ServerKind, folder: Path) -> None:
        self._kind: ServerKind = kind
        self._folder = folder
        first, url = STARTERS[kind](folder)
        self._admin = make_url(url)
        self._command = [*cast("list[str]", first.args), *_CAREFUL[kind]]
        first.terminate()
        first.wait()
        self._process = self._start()
        self.url: URL = self._admin.set(database=_NAME)

    async def create(self) -> None:
        """Make the database."""
        await self._ready()
        engine = self._engine(self._admin)
        async with engine.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {_NAME}"))
        await engine.dispose()

    async def cut_connections(self) -> int:
        """End every connection, whatever it is doing; how many."""
        engine = self._engine(self._admin)
        async with engine.connect() as connection:
            ids = [row[0] for row in await connection.execute(text(_CONNECTIONS[self._kind]))]
            for one in ids:
                try:
                    await connection.execute(text(_CUT[self._kind].format(int(one))))
                except Exception:  # noqa: BLE001 (it may have ended by itself)
                    continue
        await engine.dispose()
        return len(ids)

    async def restart(self) -> None:
        """Crash it, and start it again."""
        self._process.send_signal(_CRASH[self._kind])
        await asyncio.to_thread(self._process.wait)
        self._process = self._start()
        await self._ready()

    def stop(self) -> None:
        """For good."""
        self._process.send_signal(_CRASH[self._kind])
        self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        owner = (self._folder / "data").stat().st_uid
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                self._command,
                user=owner if os.geteuid() == 0 else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
            )

    async def _ready(self) -> None:
        engine = self._engine(self._admin)

        async def answers() -> bool:
            try:
                async with engine.connect() as connection:
                    await connection.execute(text("SELECT 1"))
            except Exception:  # noqa: BLE001 (it is still starting)
                return False
            return True

        await eventually(answers, within=60, every=0.1)
        await engine.dispose()

    def _engine(self, url: URL) -> AsyncEngine:
        return create_async_engine(async_url(url), isolation_level="AUTOCOMMIT", pool_size=1)


@contextmanager
def database_server(kind: ServerKind) -> Generator[DatabaseServer]:
    """A server for as long as the context lasts. It may run as another user, so its folder is not below ours."""
    with tempfile.TemporaryDirectory(prefix=f"aiworker-faults-{kind}-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        place = Path(folder) / "server"
        place.mkdir()
        server = DatabaseServer(kind, place)
        try:
            yield server
        finally:
            server.stop()
