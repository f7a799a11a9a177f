"""The local runtime: previews, staging and production as supervised processes or static files of this machine."""

import asyncio
import shutil
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from aiworker.adapters.runtime.cgroups import Cgroups
from aiworker.adapters.runtime.checks import NAME, check_name, check_rollout
from aiworker.adapters.runtime.folders import remove_tree, static_root
from aiworker.adapters.runtime.output import tail
from aiworker.adapters.runtime.pages import Pages
from aiworker.adapters.runtime.patience import Patience
from aiworker.adapters.runtime.ports import pick_port
from aiworker.adapters.runtime.program import Program, Surroundings
from aiworker.adapters.runtime.slots import Site, Slot, Slots
from aiworker.adapters.runtime.state import Release, Vault, load, runs_the_same
from aiworker.core.errors import AiWorkerError, Invalid, Unavailable
from aiworker.core.faults import fault_point
from aiworker.core.ids import new_token
from aiworker.core.logging import get_logger
from aiworker.core.processes import Processes, Run
from aiworker.core.waiting import uninterrupted
from aiworker.delivery.ports import rollout_troubles as troubles
from aiworker.delivery.ports.forge import Sources
from aiworker.delivery.ports.runtime import Instance, Progress, Rollout, RolloutFailed, Target

# How long `start` waits for what an earlier server left to be taken over; the rest goes on behind it.
_ADOPTION_SECONDS = 1.5

_log = get_logger(__name__)


class LocalRuntime:
    """Runs instances below the folder `root`. Start it before use; `url_for` gives the address of an instance.

    It fills the ports Runtime and Targets. Programs outlive a server that is killed: the next one's `start` takes them
    over. `vault` seals the environments that are kept on disk. Without `groups` a watchdog holds programs within their
    limits.
    """

    kind = "local"

    def __init__(
        self,
        root: Path,
        sources: Sources,
        url_for: Callable[[str], str],
        *,
        vault: Vault,
        patience: Patience | None = None,
        choose_port: Callable[[], int] | None = None,
        groups: Cgroups | None = None,
    ) -> None:
        self._root = root
        self._sources = sources
        self._url_for = url_for
        self._surroundings = Surroundings(Processes(), patience or Patience(), choose_port or self._choose_port, groups)
        self._slots = Slots(root, vault)
        self._restoring: set[asyncio.Task[None]] = set()
        self._open = False

    async def start(self) -> None:
        """Take over what an earlier server left running, and start again (in the background) what should run."""
        await asyncio.to_thread(self._root.mkdir, mode=0o700, parents=True, exist_ok=True)
        self._open = True
        for folder in await asyncio.to_thread(lambda: sorted(self._root.iterdir())):
            if NAME.fullmatch(folder.name):
                restore = self._restore(self._slots.open(folder.name))
                self._restoring.add(asyncio.create_task(restore, name=f"restore {folder.name}"))
        if self._restoring:
            await asyncio.wait(self._restoring, timeout=_ADOPTION_SECONDS)

    async def stop(self, *, hand_over: bool = False) -> None:
        """End every process; the next `start` brings back what should run. `hand_over`: leave them to it running."""
        self._open = False
        for task in self._restoring:
            task.cancel()
        if self._restoring:
            await asyncio.wait(self._restoring)
        self._restoring.clear()
        ending = [
            site.leave() if hand_over and site is slot.current else site.end()
            for slot in self._slots
            for site in slot.sites()
        ]
        for slot in self._slots:
            self._slots.forget(slot)
        await asyncio.gather(*ending)

    def url(self, name: str) -> str:
        """The address reserved for an instance."""
        return self._url_for(check_name(name))

    def target(self, name: str) -> Target | None:
        """Where the instance answers at this moment."""
        slot = self._slots.get(name)
        return slot.target() if slot is not None else None

    async def deploy(self, rollout: Rollout, progress: Progress) -> Instance:
        """See the port."""
        check_name(rollout.name)
        if not self._open:
            raise Unavailable("The local runtime does not run.")
        with _told(rollout.name):
            async with self._slots.locked(rollout.name) as slot:
                return await self._running(slot, rollout) or await self._roll_out(slot, rollout, progress)

    async def get(self, name: str) -> Instance | None:
        """See the port."""
        slot = self._slots.get(name)
        return await self._look(name, slot.current) if slot is not None and slot.current is not None else None

    async def list(self) -> list[Instance]:
        """See the port."""
        running = [(slot.name, slot.current) for slot in self._slots if slot.current is not None]
        return await asyncio.gather(*(self._look(name, site) for name, site in running))

    async def names(self) -> Sequence[str]:
        """See the port."""
        return sorted(slot.name for slot in self._slots)

    async def remove(self, name: str) -> None:
        """See the port."""
        slot = self._slots.get(check_name(name))
        if slot is None:
            return
        # A roll-out that is under way fails now, instead of being waited for.
        await asyncio.gather(*(site.end() for site in slot.others))
        async with self._slots.locked(name) as slot:
            await uninterrupted(self._remove(slot))

    async def logs(self, name: str, *, lines: int = 200) -> str:
        """See the port. While nothing runs: what the last failed roll-out wrote."""
        slot = self._slots.get(name)
        if slot is None:
            return ""
        return await asyncio.to_thread(lambda: tail(slot.folder.last_output(), lines))

    # Rolling out.

    async def _running(self, slot: Slot, rollout: Rollout) -> Instance | None:
        """What runs already, if it is that and healthy."""
        if slot.current is None or not runs_the_same(slot.current.release.rollout, rollout):
            return None
        instance = await self._look(slot.name, slot.current)
        return instance if instance.health == "healthy" else None

    async def _roll_out(self, slot: Slot, rollout: Rollout, progress: Progress) -> Instance:
        try:
            check_rollout(rollout)
            arriving = await self._bring_up(slot, rollout, progress)
        except BaseException as error:
            await uninterrupted(self._discard(slot, error))
            raise
        return await uninterrupted(self._switch(slot, arriving))

    async def _bring_up(self, slot: Slot, rollout: Rollout, progress: Progress) -> Site:
        release = Release(
            id=f"{rollout.commit[:12]}-{new_token()[:8]}",
            rollout=replace(rollout, env=dict(rollout.env)),
            since=datetime.now(UTC),
        )
        await progress("checkout", f"Writing the files of {rollout.commit[:12]}.")
        files = await asyncio.to_thread(slot.folder.prepare, release.id)
        program = self._program(slot, release, Run(new_token()))
        arriving: Site = program
        slot.others.append(program)
        if not self._open:
            raise Unavailable("The local runtime was stopped.")
        # Known on disk before any process carries its token.
        await slot.save()
        await self._sources.export(rollout.repository, rollout.commit, files.files)
        if rollout.setup_command:
            await progress("setup", f"Running `{rollout.setup_command}`.")
            await program.set_up(rollout.setup_command)
        if rollout.start_command:
            await program.bring_up(progress)
        else:
            await progress("health", f"Looking for the folder `{rollout.static_root}`.")
            root = await asyncio.to_thread(static_root, files.files, rollout.static_root)
            arriving = Pages(release, root)
            slot.others[:] = [arriving]
        await progress("switch", f"Letting {rollout.commit[:12]} take over.")
        return arriving

    async def _switch(self, slot: Slot, arriving: Site) -> Instance:
        leaving, slot.current = slot.current, arriving
        arriving.release = replace(arriving.release, since=datetime.now(UTC))
        slot.others.remove(arriving)
        slot.failure = None
        if leaving is not None:
            slot.others.append(leaving)
        if isinstance(arriving, Program):
            arriving.watch()
        await slot.save()
        fault_point("runtime.switched")
        await self._clear(slot)
        return await self._look(slot.name, arriving)

    async def _discard(self, slot: Slot, error: BaseException) -> None:
        for site in slot.others:
            await site.end()
            output = slot.folder.release(site.release.id).output
            if isinstance(error, AiWorkerError) and output.exists():
                await asyncio.to_thread(shutil.copyfile, output, slot.folder.failed_output)
        if slot.current is None:
            slot.failure = error.message if isinstance(error, AiWorkerError) else None
        await self._clear(slot)

    async def _clear(self, slot: Slot) -> None:
        """End all but the current release, and take away their files."""
        grace, end = self._surroundings.patience.grace, self._surroundings.processes.end
        await asyncio.gather(
            *(site.end() for site in slot.others), *(end(run, grace_seconds=grace) for run in slot.leftovers)
        )
        slot.others.clear()
        slot.leftovers = ()
        keep = {slot.current.release.id} if slot.current is not None else set[str]()
        await asyncio.to_thread(slot.folder.keep_only, keep)
        await slot.save()

    async def _remove(self, slot: Slot) -> None:
        if slot.current is not None:
            slot.others.append(slot.current)
            slot.current = None
            await slot.save()
        await self._clear(slot)
        await asyncio.to_thread(remove_tree, slot.folder.path)
        self._slots.forget(slot)

    # After an earlier server.

    async def _restore(self, slot: Slot) -> None:
        async with slot.lock:
            try:
                record = await asyncio.to_thread(load, slot.folder.record, slot.vault)
                slot.leftovers = record.doomed
                if record.current is not None:
                    await self._resume(slot, record.current)
                await self._clear(slot)
                if slot.current is None:
                    await self._remove(slot)
            except (OSError, ValueError, AiWorkerError) as error:
                _log.error("instance_not_restored", instance=slot.name, reason=str(error))

    async def _resume(self, slot: Slot, release: Release) -> None:
        if not release.rollout.start_command:
            files = slot.folder.release(release.id).files
            with suppress(Invalid):
                root = await asyncio.to_thread(static_root, files, release.rollout.static_root)
                slot.current = Pages(release, root)
            return
        program = slot.current = self._program(slot, release, release.run or Run(new_token()))
        adopted = await program.adopt()
        _log.info("program_adopted" if adopted else "program_to_be_started", instance=slot.name)
        program.watch()

    # Small things.

    def _program(self, slot: Slot, release: Release, run: Run) -> Program:
        return Program(
            release,
            run,
            slot.folder,
            self._surroundings,
            host=urlsplit(self._url_for(slot.name)).netloc,
            changed=slot.save,
        )

    def _choose_port(self) -> int:
        return pick_port({site.release.port for slot in self._slots for site in slot.sites()})

    async def _look(self, name: str, site: Site) -> Instance:
        health, error = await site.check()
        release = site.release
        return Instance(name, release.rollout.commit, health, self._url_for(name), release.since, error, release.limits)


@contextmanager
def _told(name: str) -> Generator[None]:
    """Settings that cannot be read, and what the operating system refuses, fail the roll-out like its program would."""
    try:
        yield
    except Invalid as error:
        raise RolloutFailed(error.said) from error
    except OSError as error:
        _log.exception("rollout_failed", instance=name)
        raise RolloutFailed(troubles.SYSTEM_REFUSED(error=error.strerror or str(error))) from error
