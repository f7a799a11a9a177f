"""Standard input, line by line, without a thread that could keep the program from ending."""

import asyncio
import codecs
import os
import threading
from collections.abc import AsyncIterator

_STDIN = 0
_PIECE = 65_536
_AHEAD = 100


class InputLines:
    """The lines of standard input as they come. Read by a daemon thread: a blocked read is simply left behind."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lines: asyncio.Queue[str | None] = asyncio.Queue(_AHEAD)
        threading.Thread(target=self._read, name="stdin", daemon=True).start()

    async def __aiter__(self) -> AsyncIterator[str]:
        """Each line with its end."""
        while (line := await self._lines.get()) is not None:
            yield line

    def _read(self) -> None:
        # Not through sys.stdin: its lock would be held while Python shuts down.
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        rest = ""
        try:
            while piece := os.read(_STDIN, _PIECE):
                *lines, rest = (rest + decoder.decode(piece)).split("\n")
                for line in lines:
                    self._hand_on(line + "\n")
            if rest:
                self._hand_on(rest)
            self._hand_on(None)
        except (OSError, RuntimeError):
            return  # the program is ending

    def _hand_on(self, line: str | None) -> None:
        if self._loop.is_closed():
            raise RuntimeError("nobody reads any more")
        # Waits while the program is behind, so that a flood stays in the pipe.
        asyncio.run_coroutine_threadsafe(self._lines.put(line), self._loop).result()
