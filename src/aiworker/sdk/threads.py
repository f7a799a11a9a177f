"""Threads for handlers that block. They are daemons: one that hangs for ever does not keep the program from ending."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class Threads:
    """As many threads as were ever needed at once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0
        self._made = 0

    def submit(self, function: Callable[[], T]) -> Future[T]:
        """Run it in a thread that has nothing else to do."""
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(function())
            except BaseException as error:  # noqa: BLE001 (it belongs to whoever waits)
                future.set_exception(error)

        with self._lock:
            if self._idle > 0:
                self._idle -= 1
            else:
                self._made += 1
                threading.Thread(target=self._live, name=f"{self._name}-{self._made}", daemon=True).start()
        self._work.put(work)
        return future

    def close(self) -> None:
        """Let the idle ones go; the others go when they are done."""
        with self._lock:
            made = self._made
        for _ in range(made):
            self._work.put(None)

    def _live(self) -> None:
        while (work := self._work.get()) is not None:
            work()
            with self._lock:
                self._idle += 1
