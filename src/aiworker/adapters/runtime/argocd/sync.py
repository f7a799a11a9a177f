"""Having Argo CD sync one revision, and waiting until it runs."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from aiworker.adapters.runtime.argocd.applications import Applications, Busy
from aiworker.adapters.runtime.argocd.looks import World
from aiworker.adapters.runtime.argocd.manifest import (
    TERMINATING,
    Wish,
    is_automated,
    mark_of,
    operation_of,
    refuse_automated,
    state_of,
)
from aiworker.adapters.runtime.kubernetes.clock import Clock
from aiworker.adapters.runtime.kubernetes.cluster import Json
from aiworker.adapters.runtime.kubernetes.errors import ClusterAway
from aiworker.adapters.runtime.kubernetes.patience import Patience
from aiworker.adapters.runtime.kubernetes.plan import REVISION, ClusterSettings, annotations_of
from aiworker.adapters.runtime.kubernetes.pods import Stand
from aiworker.core.errors import Conflict
from aiworker.core.ids import new_token
from aiworker.core.logging import get_logger
from aiworker.core.sayings import Saying
from aiworker.delivery.ports import rollout_troubles as troubles
from aiworker.delivery.ports.runtime import Progress, RolloutFailed

_LOG_LINES = 200
_MOST_TOLD = 60
_WRONG: Final = frozenset({"ComparisonError", "InvalidSpecError", "SyncError", "OperationError"})

_log = get_logger(__name__)


class Syncs:
    """Syncs, and what becomes of them."""

    def __init__(self, applications: Applications, world: World, settings: ClusterSettings, patience: Patience) -> None:
        self._applications = applications
        self._world = world
        self._settings = settings
        self._patience = patience

    async def automated(self, installation: str) -> Sequence[str]:
        """The Applications of an installation that sync by themselves."""
        found = await self._applications.of(installation)
        return [str(each["metadata"]["name"]) for each in found if is_automated(each)]

    async def runs(self, live: Json, wish: Wish) -> bool:
        """Whether it is all there already: asked for, synced, healthy, and the pods run that image."""
        if annotations_of(live).get(REVISION) != wish.revision or operation_of(live) is not None:
            return False
        return _is_synced(live, wish) and _health(live) == "Healthy" and await self._serves(wish)

    async def others_end(self, name: str, revision: str, progress: Progress) -> None:
        """Wait until no operation but our own for this revision is under way. Raises: Conflict if one stays."""
        told = False
        deadline = time.monotonic() + self._patience.others
        async with self._applications.bell(name, self._patience.pulse) as bell:
            while True:
                found = await self._applications.get(name)
                operation = operation_of(found) if found is not None else None
                if operation is None or mark_of(operation).startswith(revision):
                    return
                if time.monotonic() > deadline:
                    raise Conflict(
                        f"Another operation of Argo CD on {name} is still under way after {self._patience.others:g} s: "
                        "look at it in Argo CD.",
                        code="argocd_busy",
                    )
                if not told:
                    told = True
                    await progress("sync", f"Waiting for another operation of Argo CD on {name}.")
                await bell.heard()

    async def sync(self, wish: Wish, progress: Progress) -> None:
        """Sync the commit, and wait until that operation is over. Raises: RolloutFailed, Conflict."""
        commit = wish.rollout.commit
        await progress("sync", f"Syncing {wish.name} to {commit[:12]}.")
        await self._operate(wish.name, commit, wish.revision, progress)

    async def stop(self, name: str) -> None:
        """End what AiWorker itself has asked for: nobody waits for it any more, and it must not happen later.

        Where Argo CD does not get to its end, only that is noted.
        """
        deadline = time.monotonic() + self._patience.others
        async with self._applications.bell(name, self._patience.pulse) as bell:
            while time.monotonic() < deadline:
                found = await self._applications.get(name)
                operation = operation_of(found) if found is not None else None
                if found is None or operation is None or not mark_of(operation):
                    return
                if state_of(found).get("phase") != TERMINATING:
                    with suppress(Busy):
                        await self._applications.stop(found)
                        continue
                await bell.heard()
        _log.warning("operation_not_ended", application=name)

    async def sync_back(self, name: str, good: Json) -> None:
        """Sync what ran before. That the first roll-out failed is told anyway; this is only noted if it fails."""
        commit = str(good["spec"]["source"]["targetRevision"])
        try:
            await self._operate(name, commit, annotations_of(good).get(REVISION, ""), _unheard)
        except (RolloutFailed, Conflict, ClusterAway) as error:
            _log.warning("not_synced_back", application=name, commit=commit, error=error.message)

    async def healthy(self, wish: Wish, progress: Progress) -> None:
        """Until it is healthy and the pods run the image. Raises: RolloutFailed."""
        clock = Clock(self._settings.image_seconds, wish.rollout.health_timeout_seconds)
        told = _Told(progress)
        async with self._applications.bell(wish.name, min(self._patience.pulse, clock.shortest / 4)) as bell:
            while True:
                try:
                    found = await self._get(wish.name)
                    stand = await self._stand(wish)
                except ClusterAway:
                    if clock.away() > self._patience.away:
                        raise
                    await bell.heard()
                    continue
                refuse_automated(found)
                if (
                    _is_synced(found, wish)
                    and _health(found) == "Healthy"
                    and (stand is None or stand.phase == "ready")
                ):
                    return
                if stand is not None and stand.phase == "failed":
                    raise await self._failed(wish, stand)
                await told.resources(found)
                if stand is not None:
                    await told.once("image" if stand.phase == "image" else "health", stand.sentence.words)
                clock.tick(stand)
                if clock.is_over:
                    raise await self._too_late(wish, found, stand, clock)
                await bell.heard()

    async def _operate(self, name: str, commit: str, revision: str, progress: Progress) -> None:
        mark = await self._begin(name, commit, revision)
        told = _Told(progress)
        deadline = time.monotonic() + self._patience.sync
        async with self._applications.bell(name, self._patience.pulse) as bell:
            while True:
                found = await self._get(name)
                await told.resources(found)
                state = state_of(found)
                is_ours = mark_of(state.get("operation") or {}) == mark
                if is_ours:
                    phase, result = state.get("phase"), state.get("syncResult") or {}
                    if phase == "Succeeded" and result.get("revision", commit) == commit:
                        return
                    if phase in {"Succeeded", "Failed", "Error"}:
                        raise RolloutFailed(_why_not_synced(name, commit, found))
                if time.monotonic() > deadline:
                    said = str(state.get("message") or "") if is_ours else ""
                    late = troubles.SYNC_LATE(name=name, seconds=self._patience.sync)
                    raise RolloutFailed(troubles.with_words(late, said, _wrong(found)))
                await bell.heard()

    async def _begin(self, name: str, commit: str, revision: str) -> str:
        """Ask for the operation; one for this revision that a server was killed over will do."""
        while True:
            found = await self._get(name)
            refuse_automated(found)
            operation = operation_of(found)
            if operation is not None and mark_of(operation).startswith(revision):
                return mark_of(operation)
            mark = f"{revision}/{new_token()[:12]}"
            try:
                await self._applications.sync(found, revision=commit, mark=mark)
            except Busy:
                await self.others_end(name, revision, _unheard)
                await asyncio.sleep(self._patience.look / 10)
            else:
                return mark

    async def _get(self, name: str) -> Json:
        found = await self._applications.get(name)
        if found is None or found["metadata"].get("deletionTimestamp"):
            raise RolloutFailed(troubles.APPLICATION_REMOVED(name=name))
        return found

    async def _serves(self, wish: Wish) -> bool:
        if wish.image is None:
            return True
        return (await self._world.sight(wish.rollout.namespace, wish.image)).serves

    async def _stand(self, wish: Wish) -> Stand | None:
        """How the pods of the image stand; None where the repository itself says which image."""
        if wish.image is None:
            return None
        sight = await self._world.sight(wish.rollout.namespace, wish.image)
        if not sight.wanted:
            known = {"namespace": wish.rollout.namespace, "image": str(wish.image)}
            others = ", ".join(sorted({image for pod in sight.others for image in _images(pod)}))
            said = troubles.NO_POD_RUNS_BUT(**known, others=others) if others else troubles.NO_POD_RUNS(**known)
            return Stand("starting", said)
        return sight.stand()

    async def _failed(self, wish: Wish, stand: Stand) -> RolloutFailed:
        log = ""
        if wish.image is not None:
            log = await self._world.last_words(wish.rollout.namespace, stand, wish.image, _LOG_LINES)
        return RolloutFailed(troubles.with_last_words(stand.sentence, log), log=log)

    async def _too_late(self, wish: Wish, found: Json, stand: Stand | None, clock: Clock) -> RolloutFailed:
        sentence = stand.sentence if stand is not None and stand.phase != "ready" else None
        if stand is not None and stand.phase == "image":
            return clock.image_late(stand)
        late = troubles.UNWELL(seconds=wish.rollout.health_timeout_seconds, health=_health(found))
        log = ""
        if stand is not None and wish.image is not None:
            log = await self._world.last_words(wish.rollout.namespace, stand, wish.image, _LOG_LINES)
        return RolloutFailed(troubles.with_words(late, _unwell(found), sentence, _wrong(found)), log=log)


class _Told:
    """Tells of each resource when it changes, and not for ever."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._known: dict[str, str] = {}
        self._count = 0

    async def once(self, step: str, sentence: str) -> None:
        """Tell, unless that was the last thing told."""
        if self._known.get(step) != sentence and self._count < _MOST_TOLD:
            self._known[step] = sentence
            self._count += 1
            await self._progress(step, sentence)

    async def resources(self, found: Json) -> None:
        """Each resource of the Application, as it stands."""
        status = found.get("status") or {}
        result = state_of(found).get("syncResult") or {}
        for each in result.get("resources") or ():
            await self._tell("sync", each, str(each.get("hookPhase") or each.get("status") or ""), each.get("message"))
        for each in status.get("resources") or ():
            health = each.get("health") or {}
            if health.get("status"):
                await self._tell("health", each, str(health["status"]), health.get("message"))

    async def _tell(self, step: str, resource: Json, state: str, message: object) -> None:
        name = f"{resource.get('kind')} {resource.get('name')}"
        sentence = f"{name}: {state}{f', {message}' if message else ''}"
        if state and self._known.get(f"{step}/{name}") != sentence and self._count < _MOST_TOLD:
            self._known[f"{step}/{name}"] = sentence
            self._count += 1
            await self._progress(step, sentence)


def _images(pod: Json) -> list[str]:
    return [str(container.get("image")) for container in (pod.get("spec") or {}).get("containers") or ()]


def _is_synced(found: Json, wish: Wish) -> bool:
    sync = (found.get("status") or {}).get("sync") or {}
    return sync.get("status") == "Synced" and sync.get("revision") == wish.rollout.commit


def _health(found: Json) -> str:
    return str(((found.get("status") or {}).get("health") or {}).get("status") or "Unknown")


def _why_not_synced(name: str, commit: str, found: Json) -> Saying:
    state = state_of(found)
    result = state.get("syncResult") or {}
    for each in result.get("resources") or ():
        if each.get("status") == "SyncFailed" or each.get("hookPhase") in {"Failed", "Error"}:
            said = f"{each.get('kind')} {each.get('name')}: {each.get('message')}"
            return troubles.SYNC_FAILED(name=name, error=said)
    if state.get("phase") == "Succeeded":
        return troubles.SYNCED_ELSEWHERE(name=name, synced=str(result.get("revision")), commit=commit)
    said = str(state.get("message") or _wrong(found) or state.get("phase"))
    return troubles.SYNC_FAILED(name=name, error=said)


def _unwell(found: Json) -> str:
    """The first resource that is not as it should be: in its health, or else in being what the commit says."""
    resources = (found.get("status") or {}).get("resources") or ()
    for each in resources:
        health = each.get("health") or {}
        if health.get("status") not in {None, "Healthy", "Suspended"}:
            return (
                f"{each.get('kind')} {each.get('name')} is {health['status']}: {health.get('message') or 'no reason'}."
            )
    for each in resources:
        if each.get("status") == "OutOfSync":
            return f"{each.get('kind')} {each.get('name')} is OutOfSync: something else changes it, or it cannot go."
    return ""


def _wrong(found: Json) -> str:
    conditions = (found.get("status") or {}).get("conditions") or ()
    return " ".join(str(each.get("message")) for each in conditions if each.get("type") in _WRONG)


async def _unheard(step: str, sentence: str) -> None:
    pass
