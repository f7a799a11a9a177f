"""The agent's log on its way to the server: on disk until it is there, in bounded memory, in batches."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from aiworker.core.errors import AiWorkerError, Unavailable
from aiworker.runner.desk import OVER, Desk
from aiworker.wire.agents import NewLogLine

_BATCH_LINES = 500
_BATCH_BYTES = 256 * 1024
_GATHER_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
# What nobody fetched is dropped beyond this, and the log says so.
_MOST_BYTES = 256 * 1024 * 1024


class Spool:
    """Takes lines at any rate; `send` brings them to the server, oldest first, each once if nobody is killed."""

    def __init__(self, file: Path, desk: Desk, attempt: Callable[[], str]) -> None:
        self._file = file
        self._offset_file = file.with_suffix(".sent")
        self._desk = desk
        self._attempt = attempt
        self._news = asyncio.Event()
        self._sent = _number(self._offset_file)
        self._size = file.stat().st_size if file.exists() else 0
        self._out = file.open("ab", buffering=0)
        self._full = False

    def tell(self, line: NewLogLine) -> None:
        """Take a line."""
        if self._size > _MOST_BYTES:
            if self._full:
                return
            self._full = True
            line = NewLogLine(message="The log is longer than the runner keeps; what follows is left out.")
        written = line.model_dump_json(by_alias=True, exclude_none=True).encode() + b"\n"
        self._out.write(written)
        self._size += len(written)
        self._news.set()

    async def send(self) -> None:
        """Bring lines to the server until cancelled, or until the attempt takes no more."""
        pause = _GATHER_SECONDS
        while True:
            await self._news.wait()
            await asyncio.sleep(pause)
            self._news.clear()
            try:
                while await self._send_some():
                    pass
                pause = _GATHER_SECONDS
            except Unavailable:
                self._news.set()
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            except AiWorkerError as error:
                if error.code in OVER:
                    return

    async def flush(self) -> None:
        """Bring what is left to the server, now. Raises: Unavailable."""
        try:
            while await self._send_some():
                pass
        except Unavailable:
            raise
        except AiWorkerError:
            return

    def close(self) -> None:
        """Take no more."""
        self._out.close()

    async def _send_some(self) -> bool:
        lines, read = await asyncio.to_thread(self._read)
        if not read:
            return False
        if lines:
            await self._desk.log(self._attempt(), lines)
        self._sent += read
        await asyncio.to_thread(self._offset_file.write_text, str(self._sent))
        return True

    def _read(self) -> tuple[list[NewLogLine], int]:
        """The next lines, and how many bytes they are. A line that was cut off by a crash is passed over."""
        lines: list[NewLogLine] = []
        read = 0
        with self._file.open("rb") as file:
            file.seek(self._sent)
            while len(lines) < _BATCH_LINES and read < _BATCH_BYTES and (text := file.readline()).endswith(b"\n"):
                read += len(text)
                with suppress(ValidationError):
                    lines.append(NewLogLine.model_validate_json(text))
        return lines, read


def _number(file: Path) -> int:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return 0
