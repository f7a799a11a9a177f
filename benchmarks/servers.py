"""Private servers that keep what they acknowledge: every commit is flushed to disk before it is answered."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import redis.asyncio
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from tests.support.keeper import start_mariadb, start_postgresql, start_redis

from aiworker.storage.urls import async_url

DURABILITY = {
    "postgresql": "fsync=on, synchronous_commit=on",
    "mariadb": "innodb_flush_log_at_trx_commit=1, no binary log",
    "sqlite": "journal_mode=WAL, synchronous=FULL",
    "redis": "appendonly=yes, appendfsync=everysec as most run it: it may lose a second of what it acknowledged",
}
_STARTERS = {"postgresql": start_postgresql, "mariadb": start_mariadb, "redis": start_redis}


class Servers:
    """Those that are asked for, each started when it is first needed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._urls: dict[str, URL] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._databases: dict[str, list[str]] = {}
        self._made = 0

    def url(self, kind: str) -> URL:
        """The `postgresql`, `mariadb` or `redis` server."""
        if kind not in self._urls:
            folder = self.home / kind
            folder.mkdir(mode=0o700)
            server, url = _STARTERS[kind](folder, durable=True)
            self._running[kind] = server
            self._urls[kind] = make_url(url)
        return self._urls[kind]

    async def fresh(self, kind: str) -> str:
        """The URL of an empty database of that kind (or `sqlite`); those before it are dropped."""
        if kind == "redis":
            await _flush(self.url(kind))
            return plain(self.url(kind))
        before, self._databases[kind] = self._databases.get(kind, []), []
        for name in before:
            await self._drop(kind, name)
        return await self.another(kind)

    async def another(self, kind: str) -> str:
        """The same, beside those before it."""
        self._made += 1
        name = f"bench_{self._made}"
        self._databases.setdefault(kind, []).append(name)
        if kind == "sqlite":
            return f"sqlite:///{self.home / name}.db"
        url = self.url(kind)
        await execute(plain(url), f"CREATE DATABASE {name}")
        return plain(url.set(database=name))

    async def _drop(self, kind: str, name: str) -> None:
        if kind != "sqlite":
            await execute(plain(self.url(kind)), f"DROP DATABASE {name}")
            return
        for file in self.home.glob(f"{name}.db*"):
            file.unlink()

    def cpu_seconds(self, kind: str) -> float:
        """What a server and its children have used until now; 0 for SQLite, which is part of its program."""
        if kind not in self._running:
            return 0.0
        server = psutil.Process(self._running[kind].pid)
        used = server.cpu_times()
        total = used.user + used.system + used.children_user + used.children_system
        for child in server.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                used = child.cpu_times()
                total += used.user + used.system
        return total

    def stop(self) -> None:
        """All of them, at once: nothing in them is kept."""
        for server in self._running.values():
            server.kill()
            server.wait()


@contextmanager
def servers() -> Generator[Servers]:
    """Servers in a folder of their own; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="aiworker-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        # A server runs as its package's user, who passes through here.
        home.chmod(0o755)
        started = Servers(home)
        # Who is told to stop leaves no servers behind.
        signal.signal(signal.SIGTERM, _stop)
        try:
            yield started
        finally:
            started.stop()


def plain(url: URL) -> str:
    """The URL as other programs take it."""
    return url.render_as_string(hide_password=False)


async def execute(url: str, *statements: str) -> None:
    """Run statements outside a transaction."""
    engine = create_async_engine(async_url(make_url(url)), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


async def settle(url: str) -> None:
    """Let a database finish what filling it left to do, so that nobody pays for it in the measured part."""
    if make_url(url).get_backend_name() == "postgresql":
        await execute(url, "VACUUM ANALYZE", "CHECKPOINT")


def _stop(_number: int, _frame: object) -> None:
    sys.exit(1)


async def _flush(url: URL) -> None:
    async with redis.asyncio.Redis.from_url(plain(url)) as client:
        await client.flushall()
