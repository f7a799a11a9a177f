"""A Redis of a test's own, which it may stop and start again."""

import os
import signal
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from redis import Redis
from redis.exceptions import RedisError

from tests.support.keeper import free_port
from tests.support.servers import server_url
from tests.support.waiting import eventually


class RedisServer:
    """Keeps its port."""

    def __init__(self, folder: Path) -> None:
        # Where there is no Redis to start, this skips the test, loudly.
        urlsplit(server_url("redis"))
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self._port}/0"

    async def start(self) -> None:
        """Start, and wait until it answers."""
        arguments = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        self._process = self._launch(arguments)
        await eventually(self._answers)

    def _launch(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(["redis-server", *arguments], stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        """Kill it; what it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Like a network that swallows everything: it keeps what it holds, and answers nobody."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def keys(self) -> dict[str, float]:
        """Everything it holds, with the seconds that are left."""
        with Redis.from_url(self.url) as client:
            return {key.decode(): client.pttl(key) / 1000 for key in client.scan_iter("*")}

    def _answers(self) -> bool:
        try:
            with Redis.from_url(self.url) as client:
                return client.ping()
        except RedisError:
            return False
