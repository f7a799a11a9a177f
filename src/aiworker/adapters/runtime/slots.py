"""What the local runtime knows of each instance, and who may change it now."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiworker.adapters.runtime.folders import InstanceFolder
from aiworker.adapters.runtime.pages import Pages
from aiworker.adapters.runtime.program import Program
from aiworker.adapters.runtime.state import Record, Vault, save
from aiworker.core.processes import Run
from aiworker.core.waiting import uninterrupted
from aiworker.delivery.ports.runtime import Target, Waiting

Site = Program | Pages


@dataclass(slots=True)
class Slot:
    """One instance: what runs, and what is on its way in or out. Only who holds the lock changes it."""

    name: str
    folder: InstanceFolder
    vault: Vault
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    current: Site | None = None
    others: list[Site] = field(default_factory=list[Site])
    # Processes that an earlier server left and that are to end.
    leftovers: tuple[Run, ...] = ()
    # Why the last roll-out failed, while nothing runs.
    failure: str | None = None
    _saving: asyncio.Lock = field(default_factory=asyncio.Lock)

    def sites(self) -> list[Site]:
        """All that may have processes."""
        return [*self.others, *([self.current] if self.current is not None else [])]

    def target(self) -> Target | None:
        """Where it answers now."""
        if self.current is not None:
            return self.current.target()
        if self.others:
            return Waiting("starting", "It is being rolled out for the first time.")
        return Waiting("stopped", self.failure) if self.failure else None

    async def save(self) -> None:
        """Put it on disk as it is now; what was refused at once has nothing there. Raises: OSError."""
        async with self._saving:
            if not await asyncio.to_thread(self.folder.path.is_dir):
                return
            doomed = (site.release.run for site in self.others if site.release.run is not None)
            record = Record(self.current.release if self.current else None, (*self.leftovers, *doomed))
            await uninterrupted(asyncio.to_thread(save, self.folder.record, record, self.vault))


class Slots:
    """The instances by their names."""

    def __init__(self, root: Path, vault: Vault) -> None:
        self._root = root
        self._vault = vault
        self._slots: dict[str, Slot] = {}

    def __iter__(self) -> Iterator[Slot]:
        return iter(tuple(self._slots.values()))

    def get(self, name: str) -> Slot | None:
        """The slot of that name, if there is one."""
        return self._slots.get(name)

    def open(self, name: str) -> Slot:
        """The slot of that name; made if there is none."""
        if name not in self._slots:
            self._slots[name] = Slot(name, InstanceFolder(self._root / name), self._vault)
        return self._slots[name]

    def forget(self, slot: Slot) -> None:
        """There is no such instance any more."""
        self._slots.pop(slot.name, None)

    @asynccontextmanager
    async def locked(self, name: str) -> AsyncGenerator[Slot]:
        """The slot of that name, for one at a time."""
        while True:
            slot = self.open(name)
            async with slot.lock:
                # While we waited, it may have been forgotten.
                if self._slots.get(name) is slot:
                    yield slot
                    return
