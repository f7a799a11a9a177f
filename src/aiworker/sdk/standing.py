"""Whether a handler may go on: set by what the server answers, read by what the handler calls."""

import asyncio
import threading

from aiworker.sdk.failures import Cancelled
from aiworker.wire.engine import Directive

_LOOK_SECONDS = 0.05


class Standing:
    """Goes on, is paused, or is over; from any thread."""

    def __init__(self) -> None:
        self._going = threading.Event()
        self._going.set()
        self.over: str | None = None

    @property
    def paused(self) -> bool:
        """Whether the handler should wait."""
        return not self._going.is_set()

    def obey(self, directive: Directive) -> None:
        """What the server said last."""
        if directive == "pause" and self.over is None:
            self._going.clear()
        elif directive == "continue":
            self._going.set()
        elif directive in {"cancel", "lost"}:
            self.end(directive)

    def end(self, why: str) -> None:
        """Over: `cancel`, `lost`, or `stop` for a module that stops. The first one counts."""
        if self.over is None:
            self.over = why
        self._going.set()

    def check(self) -> None:
        """Raises: Cancelled, if it is over."""
        if self.over is not None:
            raise Cancelled(self.over)

    def wait(self) -> None:
        """Until it is not paused; blocks the thread. Raises: Cancelled."""
        self._going.wait()
        self.check()

    async def wait_async(self) -> None:
        """Until it is not paused. Raises: Cancelled."""
        while self.paused:  # noqa: ASYNC110 (it is changed from other threads)
            await asyncio.sleep(_LOOK_SECONDS)
        self.check()
