"""What this process uses, or one that it started: processor and memory."""

from contextlib import suppress
from typing import Any

import psutil

_MIB = 1_048_576


class Usage:
    """Looks at this process and its children, as often as it is asked. Percent of one processor; MiB of memory."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._seen: dict[int, psutil.Process] = {self._process.pid: self._process}
        self._process.cpu_percent()

    def sample(self) -> dict[str, Any]:
        """As fields of a report: since the last sample, and now."""
        cpu, memory = 0.0, 0
        seen: dict[int, psutil.Process] = {}
        for found in (self._process, *self._children()):
            process = self._seen.get(found.pid, found)
            with suppress(psutil.Error):
                cpu += process.cpu_percent()
                memory += process.memory_info().rss
                seen[process.pid] = process
        self._seen = seen
        return {"cpu_usage_percent": round(cpu, 1), "memory_usage_mb": memory // _MIB}

    def _children(self) -> list[psutil.Process]:
        try:
            return self._process.children(recursive=True)
        except psutil.Error:
            return []
