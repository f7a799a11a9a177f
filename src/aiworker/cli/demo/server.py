"""The demonstration's server: the real program, in a process and a folder of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from aiworker.core.errors import Unavailable

# One that ends is told at once; one that starts on a busy machine takes its time.
_START_SECONDS = 120.0
_STOP_SECONDS = 15.0
_POLL_SECONDS = 0.05
_SHOWN_LINES = 5
# Settings of the person's own installation have no place in the demonstration.
_STRANGERS = ("AIWORKER_", "DATABASE_", "DB_", "REDIS_", "GITEA_", "K8S_", "ARGOCD_", "SECRET_KEY", "PREVIEW_DOMAIN")


class DemoServer:
    """`aiworker up` on a free port, with everything below `folder`; `settings`: variables beside its own."""

    def __init__(self, folder: Path, port: int = 0, settings: Mapping[str, str] | None = None) -> None:
        self.home = folder / "home"
        self.log = folder / "server.log"
        self.url = ""
        self.sign_in = ""
        self._said = folder / "server.out"
        self._port = port
        self._settings = dict(settings or {})
        self._process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        """Start it, and wait until it answers. Raises: Unavailable."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_STRANGERS)}
        environment |= {"AIWORKER_HOME": str(self.home), "LOG_FORMAT": "json", **self._settings}
        if "AIWORKER_FAULT" in os.environ:
            environment["AIWORKER_FAULT"] = os.environ["AIWORKER_FAULT"]
        command = [sys.executable, "-m", "aiworker", "up", "--port", str(self._port)]
        with self.log.open("ab") as log, self._said.open("wb") as said:
            self._process = subprocess.Popen(  # noqa: S603, ASYNC220 (our own program; it returns at once)
                command, cwd=self.home.parent, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=log
            )
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._until_ready()
        except TimeoutError:
            await self.stop()
            raise Unavailable(f"The server did not start within {_START_SECONDS:.0f} s; see {self.log}.") from None
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def admin_key(self) -> str:
        """The key of this server's commands."""
        return (self.home / "admin.key").read_text().strip()

    async def wait(self) -> None:
        """Until somebody stops it."""
        if self._process is not None:
            await asyncio.to_thread(self._process.wait)

    async def kill(self) -> None:
        """SIGKILL: what a crash is."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await asyncio.to_thread(process.wait)

    async def stop(self) -> None:
        """SIGTERM, and in the end SIGKILL."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, _STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)

    async def _until_ready(self) -> None:
        """The link is printed once the server answers."""
        while not self.sign_in:
            if self._process is None or self._process.poll() is not None:
                lines = self.log.read_text(errors="replace").strip().splitlines()[-_SHOWN_LINES:]
                raise Unavailable("The server ended at once: " + " ".join(lines), code="server_ended")
            await asyncio.sleep(_POLL_SECONDS)
            known = self.home / "server.json"
            if known.exists():
                self.url = json.loads(known.read_text())["url"]
                self.sign_in = next(
                    (word for word in self._said.read_text().split() if word.startswith(f"{self.url}/sign-in")), ""
                )
