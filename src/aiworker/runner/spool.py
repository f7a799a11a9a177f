"""The agent's log on its way to the server: on disk until it is there, in bounded memory, in batches."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from aiworker.core.errors import AiWorkerError, Limited, Unavailable
from aiworker.core.logging import get_logger
from aiworker.core.waiting import uninterrupted
from aiworker.runner.desk import OVER, Desk
from aiworker.wire.agents import NewLogLine

_BATCH_LINES = 500
_BATCH_BYTES = 256 * 1024
_LONGEST_PAUSE_SECONDS = 30.0
# What nobody fetched is dropped beyond this, and the log says so.
_MOST_BYTES = 256 * 1024 * 1024
_UNDER_WAY = frozenset({"request_under_way"})
_HAD_ALREADY = frozenset({"idempotency_key_reused", "answer_lost"})

_log = get_logger(__name__)


class Spool:
    """Takes lines at any rate; `send` brings them to the server, oldest first, each once.

    `name` is the log's own. `gather`: seconds for which lines are gathered.
    """

    def __init__(self, file: Path, name: str, desk: Desk, attempt: Callable[[], str], *, gather: float) -> None:
        self._file = file
        self._name = name
        self._desk = desk
        self._attempt = attempt
        self._gather = gather
        self._news = asyncio.Event()
        self._sending = asyncio.Lock()
        # Up to where the server is known to have it, and up to where the last request went.
        self._place = file.with_suffix(".sent")
        self._sent, self._told = _numbers(self._place)
        self._size = file.stat().st_size if file.exists() else 0
        self._out = file.open("ab", buffering=0)
        self._full = False
        if self._size > self._sent:
            self._news.set()

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
        pause = self._gather
        while True:
            await self._news.wait()
            await asyncio.sleep(pause)
            self._news.clear()
            try:
                await self.flush()
                pause = self._gather
            except (Unavailable, Limited):
                self._news.set()
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            except AiWorkerError as error:
                if error.code in OVER:
                    return

    async def flush(self) -> None:
        """Bring what is left to the server, now. Raises: Unavailable, Limited, or a Conflict with a code of `OVER`."""
        async with self._sending:
            while await self._send_some():
                pass

    def close(self) -> None:
        """Take no more."""
        self._out.close()

    async def _send_some(self) -> bool:
        lines, end = await asyncio.to_thread(self._read)
        if end == self._sent:
            return False
        await self._note(self._sent, end)
        try:
            if lines:
                await self._desk.log(self._attempt(), lines, batch=f"{self._name}-{self._sent}")
        except (Unavailable, Limited):
            raise
        except AiWorkerError as error:
            if error.code in OVER:
                raise
            if error.code in _UNDER_WAY:
                raise Unavailable(error.message, code=error.code) from error
            if error.code not in _HAD_ALREADY:
                _log.warning("lines_refused", code=error.code, reason=error.message, lines=len(lines))
        await self._note(end, end)
        return True

    async def _note(self, sent: int, told: int) -> None:
        self._sent, self._told = sent, told
        await uninterrupted(asyncio.to_thread(self._place.write_text, f"{sent} {told}"))

    def _read(self) -> tuple[list[NewLogLine], int]:
        """The next lines, and where they end: where they ended when they were told before, so that they are the same.

        A line that was cut off by a crash is passed over.
        """
        lines: list[NewLogLine] = []
        end = self._sent
        most = self._told if self._told > self._sent else self._sent + _BATCH_BYTES
        with self._file.open("rb") as file:
            file.seek(self._sent)
            while len(lines) < _BATCH_LINES and end < most and (text := file.readline()).endswith(b"\n"):
                end += len(text)
                with suppress(ValidationError):
                    lines.append(NewLogLine.model_validate_json(text))
        return lines, end


def _numbers(file: Path) -> tuple[int, int]:
    try:
        sent, told = map(int, file.read_text().split())
    except (OSError, ValueError):
        return 0, 0
    return sent, told
