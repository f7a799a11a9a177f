"""The processes of one installation, each of which can be killed and comes back."""

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx2

from tests.support.keeper import free_port
from tests.support.waiting import eventually

_ROOT = Path(__file__).parents[2]
_STRANGERS = ("AIWORKER_", "DATABASE_", "DB_", "REDIS_", "SECRET_KEY")
_OURS = '"logger": "aiworker.'
_READY_SECONDS = 90.0
_STOP_SECONDS = 25.0


class Member:
    """One process: a command, started again under the same name."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self._command = [sys.executable, "-m", *command]
        self._environment = dict(environment)
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._since = 0

    def start(self) -> None:
        self._since = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def arm(self, fault: str | None) -> None:
        """From its next start on it dies by itself at the point that `fault` names."""
        self._environment.pop("AIWORKER_FAULT", None)
        if fault is not None:
            self._environment["AIWORKER_FAULT"] = fault

    def kill(self) -> None:
        """kill -9, and a new one in its place."""
        self.end()
        self.start()

    async def restart(self) -> None:
        """A polite stop, and a new one in its place."""
        await self.stop()
        self.start()

    async def stop(self) -> None:
        """SIGTERM. A process that does not end by itself fails the run."""
        process = self._process
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, _STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"{self.name} did not stop within {_STOP_SECONDS:g} s") from None
        # SIGTERM itself ends only what has no manners, such as a robot worker.
        assert process.returncode in {0, -signal.SIGTERM}, f"{self.name} ended with {process.returncode}: {self.said}"

    def end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def said(self) -> str:
        """Its log since it was started last."""
        return self._log.read_bytes()[self._since :].decode(errors="replace") if self._log.exists() else ""


class Fleet:
    """Servers and workers on one database; with no database of its own, one process that is everything (SQLite)."""

    def __init__(self, folder: Path, *, database: str | None, redis: str | None, servers: int, workers: int) -> None:
        self.folder = folder
        self.home = folder / "home"
        ports = [free_port() for _ in range(servers if database else 1)]
        self.urls = [f"http://127.0.0.1:{port}" for port in ports]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_STRANGERS)}
        environment |= {
            "AIWORKER_HOME": str(self.home),
            "AIWORKER_PUBLIC_URL": self.urls[0],
            "AIWORKER_RATE_LIMIT": "10000000",
            "LOG_FORMAT": "json",
        }
        if database:
            environment["DATABASE_URL"] = database
        if redis:
            environment["REDIS_URL"] = redis
        self.environment = environment
        command = "serve" if database else "up"
        self.servers = [
            Member(f"server-{number}", ["aiworker", command, "--port", str(port)], environment, folder)
            for number, port in enumerate(ports, 1)
        ]
        self.workers = [
            Member(f"worker-{number}", ["aiworker", "worker"], environment, folder)
            for number in range(1, workers + 1 if database else 1)
        ]
        self.others: list[Member] = []

    @property
    def members(self) -> list[Member]:
        return [*self.servers, *self.workers, *self.others]

    @property
    def admin_key(self) -> str:
        return (self.home / "admin.key").read_text().strip()

    async def start(self) -> None:
        for member in (*self.servers, *self.workers):
            member.start()
        await self.ready()

    async def ready(self) -> None:
        """Every server answers, with its database."""
        async with httpx2.AsyncClient(trust_env=False, timeout=5) as http:

            async def all_ready() -> bool:
                fallen = [member.name for member in self.members if not member.runs]
                assert not fallen, f"{fallen} ended: {self._last_words(fallen)}"
                try:
                    answers = [await http.get(f"{url}/api/ready") for url in self.urls]
                except httpx2.TransportError:
                    return False
                return all(answer.status_code == 200 for answer in answers)

            await eventually(all_ready, within=_READY_SECONDS, every=0.1)

    async def all_at_work(self) -> None:
        """The workers say so, too."""
        await eventually(lambda: all("works." in worker.said for worker in self.workers), within=_READY_SECONDS)

    def any_url(self, choose: random.Random) -> str:
        return choose.choice(self.urls)

    async def stop(self) -> None:
        """Politely, all at once."""
        await asyncio.gather(*(member.stop() for member in self.members))

    def end(self) -> None:
        for member in self.members:
            member.end()

    def crashes(self) -> list[str]:
        """What was logged that nobody foresaw."""
        found: list[str] = []
        for member in self.members:
            lines = (line for line in member.log.splitlines() if "Traceback" in line and _OURS in line)
            found += [f"{member.name}: {line[:2000]}" for line in lines]
        return found

    def _last_words(self, names: Sequence[str]) -> str:
        words = [member.log[-1500:] for member in self.members if member.name in names]
        return re.sub(r"\s+", " ", " | ".join(words))
