"""The Argo CD runtime: staging and production are Applications, previews are the Kubernetes runtime's."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from aiworker.adapters.runtime.argocd.applications import Applications
from aiworker.adapters.runtime.argocd.looks import World
from aiworker.adapters.runtime.argocd.manifest import (
    ArgoSettings,
    Wish,
    application,
    good_of,
    refuse_automated,
    refuse_strangers,
    wish_of,
    with_good,
)
from aiworker.adapters.runtime.argocd.sync import Syncs
from aiworker.adapters.runtime.checks import check_name
from aiworker.adapters.runtime.kubernetes.cluster import Cluster, Json
from aiworker.adapters.runtime.kubernetes.patience import Patience
from aiworker.adapters.runtime.kubernetes.plan import (
    COMMIT,
    INSTANCE,
    REVISION,
    SINCE,
    ClusterSettings,
    annotations_of,
    labels_of,
)
from aiworker.adapters.runtime.kubernetes.runtime import KubernetesRuntime, told_as_failure
from aiworker.core.faults import fault_point
from aiworker.core.waiting import uninterrupted
from aiworker.delivery.ports import rollout_troubles as troubles
from aiworker.delivery.ports.runtime import Health, Instance, Progress, Rollout, RolloutFailed

_HEALTH: dict[str, Health] = {"Healthy": "healthy", "Progressing": "starting", "Suspended": "stopped"}


class ArgoRuntime:
    """Fills the port Runtime with Argo CD, beside a Kubernetes runtime for what is no Application."""

    kind = "argocd"

    def __init__(
        self,
        previews: KubernetesRuntime,
        applications: Applications,
        cluster: Cluster,
        settings: ClusterSettings,
        argo: ArgoSettings,
        *,
        patience: Patience | None = None,
    ) -> None:
        self._previews = previews
        self._applications = applications
        self._settings = settings
        self._argo = argo
        self._patience = patience or Patience()
        self._world = World(cluster)
        self._syncs = Syncs(applications, self._world, settings, self._patience)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def url(self, name: str) -> str:
        """The address reserved for an instance."""
        return self._previews.url(name)

    async def deploy(self, rollout: Rollout, progress: Progress) -> Instance:
        """See the port."""
        if rollout.place == "preview":
            return await self._previews.deploy(rollout, progress)
        check_name(rollout.name)
        async with told_as_failure(), self._locks[rollout.name]:
            return await self._roll_out(wish_of(rollout), progress)

    async def get(self, name: str) -> Instance | None:
        """See the port."""
        found = await self._own(check_name(name))
        return self._instance(found) if found is not None else await self._previews.get(name)

    async def names(self) -> Sequence[str]:
        """See the port."""
        mine = {labels_of(each)[INSTANCE] for each in await self._all()}
        return sorted(mine | set(await self._previews.names()))

    async def list(self) -> list[Instance]:
        """See the port."""
        mine = [instance for each in await self._all() if (instance := self._instance(each)) is not None]
        known = {instance.name for instance in mine}
        return mine + [other for other in await self._previews.list() if other.name not in known]

    async def remove(self, name: str) -> None:
        """See the port. Argo CD takes away what it made; it is waited for a while."""
        if await self._own(check_name(name)) is not None:
            await self._delete(name)
        await self._previews.remove(name)

    async def logs(self, name: str, *, lines: int = 200) -> str:
        """See the port."""
        found = await self._own(name)
        if found is None:
            return await self._previews.logs(name, lines=lines)
        return await self._world.log(found, lines=lines)

    async def automated(self) -> Sequence[str]:
        """The Applications of this installation that sync by themselves, which would undo a rollback."""
        return await self._syncs.automated(self._settings.installation)

    # Rolling out.

    async def _roll_out(self, wish: Wish, progress: Progress) -> Instance:
        live = await self._applications.get(wish.name)
        if live is not None:
            refuse_strangers(live, self._settings)
            refuse_automated(live)
            if await self._syncs.runs(live, wish):
                return self._certain(await self._settled(live, wish))
        good = good_of(live)
        manifest = application(wish, self._settings, self._argo, since=datetime.now(UTC))
        try:
            await self._syncs.others_end(wish.name, wish.revision, progress)
            await self._applications.put(with_good(manifest, good), live)
            fault_point("argocd.applied")
            await self._syncs.sync(wish, progress)
            await self._syncs.healthy(wish, progress)
            await progress("switch", f"{wish.image or wish.rollout.commit[:12]} serves.")
        except BaseException:
            await uninterrupted(self._back(wish, good))
            raise
        return self._certain(await uninterrupted(self._mark(wish, manifest)))

    async def _settled(self, live: Json, wish: Wish) -> Json:
        """It runs already. Killed before that was written down, it is now."""
        good = good_of(live)
        if good is not None and annotations_of(good).get(REVISION) == wish.revision:
            return live
        since = annotations_of(live).get(SINCE)
        when = datetime.fromisoformat(since) if since else datetime.now(UTC)
        return await self._mark(wish, application(wish, self._settings, self._argo, since=when))

    async def _mark(self, wish: Wish, manifest: Json) -> Json:
        known = await self._applications.get(wish.name)
        return await self._applications.put(with_good(manifest, manifest), known)

    async def _back(self, wish: Wish, good: Json | None) -> None:
        """What ran before, commit and image together; or nothing, if nothing did."""
        live = await self._applications.get(wish.name)
        if live is None or annotations_of(live).get(REVISION) != wish.revision:
            return
        await self._syncs.stop(wish.name)
        if good is None:
            await self._delete(wish.name)
        elif annotations_of(good).get(REVISION) != wish.revision:
            await self._applications.put(with_good(good, good), live)
            await self._syncs.sync_back(wish.name, good)

    async def _delete(self, name: str) -> None:
        await self._applications.delete(name)
        deadline = time.monotonic() + self._patience.removal
        while await self._applications.get(name) is not None:
            if time.monotonic() > deadline:
                return
            await asyncio.sleep(self._patience.look)

    # Looking.

    async def _own(self, name: str) -> Json | None:
        found = await self._applications.get(name)
        if found is None or labels_of(found).get(INSTANCE) != name or not self._is_own(found):
            return None
        return found

    async def _all(self) -> Sequence[Json]:
        found = await self._applications.of(self._settings.installation)
        return [each for each in found if INSTANCE in labels_of(each) and self._is_own(each)]

    def _is_own(self, found: Json) -> bool:
        going = bool(found["metadata"].get("deletionTimestamp"))
        return not going and self._settings.own.items() <= labels_of(found).items()

    def _instance(self, found: Json) -> Instance | None:
        good = good_of(found)
        if good is None:
            return None
        status, said = found.get("status") or {}, annotations_of(good)
        word = str((status.get("health") or {}).get("status") or "Unknown")
        health = _HEALTH.get(word, "unhealthy")
        urls = (status.get("summary") or {}).get("externalURLs") or ()
        name = str(found["metadata"]["name"])
        error = None if health == "healthy" else f"Argo CD says {word}."
        since = datetime.fromisoformat(said[SINCE])
        return Instance(name, said.get(COMMIT, ""), health, str(urls[0]) if urls else self.url(name), since, error)

    def _certain(self, found: Json) -> Instance:
        instance = self._instance(found)
        if instance is None:
            raise RolloutFailed(troubles.REMOVED(name=found["metadata"]["name"]))
        return instance
