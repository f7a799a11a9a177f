"""One roll-out in a namespace: put in, waited for, taken back if it fails."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from aiworker.adapters.runtime.kubernetes import manifests
from aiworker.adapters.runtime.kubernetes.bell import Watched, bell_for
from aiworker.adapters.runtime.kubernetes.clock import Clock
from aiworker.adapters.runtime.kubernetes.cluster import Cluster, Json
from aiworker.adapters.runtime.kubernetes.errors import ClusterAway, ClusterRefused
from aiworker.adapters.runtime.kubernetes.kinds import DEPLOYMENT, EVENT, INGRESS, POD, SECRET, SERVICE, Kind
from aiworker.adapters.runtime.kubernetes.patience import Patience
from aiworker.adapters.runtime.kubernetes.plan import (
    GOOD,
    INSTANCE,
    REVISION,
    ClusterSettings,
    Plan,
    annotations_of,
    labels_of,
)
from aiworker.adapters.runtime.kubernetes.pods import (
    Stand,
    is_complete,
    is_leaving,
    name_of,
    newest,
    stand_of_pods,
    trouble_of,
)
from aiworker.core.sayings import Saying
from aiworker.delivery.ports import rollout_troubles as troubles
from aiworker.delivery.ports.runtime import Progress, RolloutFailed

LOG_LINES = 200


class Rollouts:
    """Rolls plans out."""

    def __init__(self, cluster: Cluster, settings: ClusterSettings, patience: Patience) -> None:
        self._cluster = cluster
        self._settings = settings
        self._patience = patience

    async def put(self, plan: Plan, live: Json | None, progress: Progress) -> Json:
        """Everything that the plan needs, the Deployment last; its manifest. `live`: the Deployment as it is."""
        pulls = await self._pull_secret(plan)
        namespace, settings = plan.rollout.namespace, self._settings
        supports: list[tuple[Kind, Json]] = []
        if plan.rollout.place == "preview":
            supports += manifests.confinement(plan, settings)
        supports += [(SECRET, manifests.env_secret(plan, settings)), (SERVICE, manifests.service(plan, settings))]
        for kind, manifest in supports:
            await self._cluster.apply(kind, manifest)
        await progress("start", f"Rolling {plan.image} out in {namespace}.")
        manifest = manifests.deployment(plan, settings, since=datetime.now(UTC), pulls=pulls)
        await self._cluster.apply(DEPLOYMENT, manifests.with_good(manifest, good_of(live)))
        await self._cluster.apply(INGRESS, manifests.ingress(plan, settings))
        return manifest

    async def wait(self, plan: Plan, progress: Progress) -> None:
        """Until every pod of the plan's revision is ready.

        The image has a deadline of its own, since it may still be being built: what remains is for getting healthy.
        Raises: RolloutFailed.
        """
        name, namespace = plan.name, plan.rollout.namespace
        pods, clock = {INSTANCE: name}, Clock(self._settings.image_seconds, plan.rollout.health_timeout_seconds)
        watched = [
            Watched(POD, namespace, pods),
            Watched(DEPLOYMENT, namespace, fields=f"metadata.name={name}"),
        ]
        told: Saying | None = None
        async with bell_for(self._cluster, watched, pulse=min(self._patience.pulse, clock.shortest / 4)) as bell:
            while True:
                try:
                    deployment, found = await self._look(plan)
                except ClusterAway:
                    # It may be upgrading its own API server; the program there is none the worse.
                    if clock.away() > self._patience.away:
                        raise
                    await bell.heard()
                    continue
                stand = stand_of_pods(found, plan.rollout.replicas)
                if stand.phase == "ready" and is_complete(deployment):
                    return
                if stand.phase == "failed":
                    raise await self._failed(plan, stand)
                if stand.sentence != told:
                    told = stand.sentence
                    await progress("image" if stand.phase == "image" else "health", told.words)
                clock.tick(stand)
                if clock.is_over:
                    raise await self._too_late(plan, stand, deployment, clock)
                if clock.wants_fresh_pods(stand, self._patience.fresh_pod):
                    await self._cluster.delete(POD, stand.pod, namespace)
                await bell.heard()

    async def _look(self, plan: Plan) -> tuple[Json, list[Json]]:
        """The Deployment, and the pods of the plan's revision. Raises: RolloutFailed if it is no more the plan's."""
        name, namespace = plan.name, plan.rollout.namespace
        deployment = await self._cluster.get(DEPLOYMENT, name, namespace)
        if deployment is None or deployment["metadata"].get("deletionTimestamp"):
            raise RolloutFailed(troubles.BEING_REMOVED(name=name))
        if labels_of(deployment).get(REVISION) != plan.revision:
            raise RolloutFailed(troubles.CHANGED())
        return deployment, await self._cluster.list(POD, namespace, labels={INSTANCE: name, REVISION: plan.revision})

    async def settle(self, manifest: Json) -> None:
        """It is healthy: from now on this is what a failure goes back to; what older ones needed goes."""
        namespace, name = manifest["metadata"]["namespace"], manifest["metadata"]["name"]
        await self._cluster.apply(DEPLOYMENT, manifests.marked_good(manifest))
        keep = set(_secrets_of(manifest))
        for secret in await self._cluster.list(SECRET, namespace, labels={**self._settings.own, INSTANCE: name}):
            known = str(secret["metadata"]["name"])
            if known.startswith(f"{name}-env-") and known not in keep:
                await self._cluster.delete(SECRET, known, namespace)

    async def back(self, plan: Plan) -> None:
        """What ran before, or nothing if nothing did. Does nothing to a roll-out of somebody else."""
        name, namespace = plan.name, plan.rollout.namespace
        live = await self._cluster.get(DEPLOYMENT, name, namespace)
        if live is None or live["metadata"].get("deletionTimestamp"):
            return
        if labels_of(live).get(REVISION) != plan.revision:
            return
        good = good_of(live)
        try:
            if good is not None and labels_of(good).get(REVISION) != plan.revision:
                await self._cluster.apply(DEPLOYMENT, manifests.marked_good(good))
            elif good is None:
                await self._cluster.delete(DEPLOYMENT, name, namespace)
        except ClusterRefused as refused:
            # The namespace is being removed: then there is nothing to go back to.
            if not refused.terminating:
                raise

    async def log(self, name: str, namespace: str, *, lines: int) -> str:
        """What the newest pod of an instance has written."""
        found = newest(await self._cluster.list(POD, namespace, labels={INSTANCE: name}))
        for pod in sorted(found, key=is_leaving):
            said = await self._cluster.log(name_of(pod), namespace, container=manifests.CONTAINER, lines=lines)
            if said:
                return said
        return ""

    async def _pull_secret(self, plan: Plan) -> bool:
        """Copy the Secret that pulls images, if the installation has one."""
        source = self._settings.pull_secret
        if source is None:
            return False
        namespace, _, name = source.rpartition("/")
        namespace = namespace or self._cluster.namespace
        original = await self._cluster.get(SECRET, name, namespace)
        if original is None:
            raise RolloutFailed(troubles.NO_PULL_SECRET(name=name, namespace=namespace))
        await self._cluster.apply(SECRET, manifests.pull_secret(plan, self._settings, original))
        return True

    async def _failed(self, plan: Plan, stand: Stand) -> RolloutFailed:
        log = await self._last_words(plan, stand)
        return RolloutFailed(troubles.with_last_words(stand.sentence, log), log=log)

    async def _too_late(self, plan: Plan, stand: Stand, deployment: Json, clock: Clock) -> RolloutFailed:
        if stand.phase == "image":
            return clock.image_late(stand)
        why = trouble_of(deployment) or await self._unwell(plan, stand) or stand.sentence
        late = troubles.NOT_HEALTHY(seconds=plan.rollout.health_timeout_seconds, error=why)
        return RolloutFailed(late, log=await self._last_words(plan, stand))

    async def _unwell(self, plan: Plan, stand: Stand) -> Saying | None:
        """What the kubelet last said of the pod's health."""
        if not stand.pod:
            return None
        fields = f"involvedObject.name={stand.pod},reason=Unhealthy"
        events = await self._cluster.list(EVENT, plan.rollout.namespace, fields=fields)
        last = max(
            events, key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""), default=None
        )
        return troubles.POD_UNWELL(pod=stand.pod, error=str(last.get("message"))) if last is not None else None

    async def _last_words(self, plan: Plan, stand: Stand) -> str:
        if not stand.pod:
            return ""
        for previous in (True, False) if stand.ended else (False,):
            said = await self._cluster.log(
                stand.pod,
                plan.rollout.namespace,
                container=manifests.CONTAINER,
                lines=LOG_LINES,
                previous=previous,
            )
            if said:
                return said
        return ""


def good_of(deployment: Json | None) -> Json | None:
    """The manifest of the newest revision that got healthy."""
    text = annotations_of(deployment or {}).get(GOOD)
    return json.loads(text) if text else None


def is_settled(deployment: Json) -> bool:
    """Whether what it should run is known to have got healthy."""
    good = good_of(deployment)
    return good is not None and labels_of(good).get(REVISION) == labels_of(deployment).get(REVISION)


def _secrets_of(manifest: Json) -> Sequence[str]:
    containers = manifest["spec"]["template"]["spec"]["containers"]
    return [each["secretRef"]["name"] for container in containers for each in container.get("envFrom") or ()]
