"""The Kubernetes runtime: previews in namespaces of their own, staging and production as plain Deployments."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from aiworker.adapters.runtime.checks import check_name
from aiworker.adapters.runtime.kubernetes.cluster import Cluster, Json
from aiworker.adapters.runtime.kubernetes.errors import ClusterRefused
from aiworker.adapters.runtime.kubernetes.kinds import DEPLOYMENT, INGRESS, SECRET, SERVICE
from aiworker.adapters.runtime.kubernetes.namespaces import Namespaces
from aiworker.adapters.runtime.kubernetes.patience import Patience
from aiworker.adapters.runtime.kubernetes.plan import (
    COMMIT,
    INSTANCE,
    REVISION,
    SINCE,
    ClusterSettings,
    Plan,
    annotations_of,
    labels_of,
    plan_of,
)
from aiworker.adapters.runtime.kubernetes.pods import is_complete
from aiworker.adapters.runtime.kubernetes.rollout import Rollouts, good_of, is_settled
from aiworker.core.errors import Invalid
from aiworker.core.faults import fault_point
from aiworker.core.waiting import uninterrupted
from aiworker.delivery.ports import rollout_troubles as troubles
from aiworker.delivery.ports.runtime import Health, Instance, Progress, Rollout, RolloutFailed

# As often as a namespace may vanish under a roll-out because its removal was still under way.
_MOST_REMOVALS = 3


class KubernetesRuntime:
    """Fills the port Runtime with a cluster."""

    kind = "kubernetes"

    def __init__(self, cluster: Cluster, settings: ClusterSettings, *, patience: Patience | None = None) -> None:
        self._cluster = cluster
        self._settings = settings
        patience = patience or Patience()
        self._namespaces = Namespaces(cluster, settings, patience)
        self._rollouts = Rollouts(cluster, settings, patience)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def close(self) -> None:
        """Let go of the cluster."""
        await self._cluster.close()

    def url(self, name: str) -> str:
        """The address reserved for an instance."""
        return self._settings.url(check_name(name))

    async def deploy(self, rollout: Rollout, progress: Progress) -> Instance:
        """See the port."""
        check_name(rollout.name)
        async with told_as_failure(), self._locks[rollout.name]:
            plan = plan_of(rollout, self._settings)
            live = await self._cluster.get(DEPLOYMENT, plan.name, rollout.namespace)
            if live is not None and labels_of(live).get(REVISION) == plan.revision and is_complete(live):
                return await self._as_it_runs(live, plan, progress)
            return await self._roll_out(plan, progress)

    async def get(self, name: str) -> Instance | None:
        """See the port."""
        found = await self._deployments(check_name(name))
        return self._instance(found[0]) if found else None

    async def names(self) -> Sequence[str]:
        """See the port."""
        deployments = await self._deployments()
        return sorted({labels_of(each)[INSTANCE] for each in deployments} | await self._namespaces.instances())

    async def list(self) -> list[Instance]:
        """See the port."""
        found = [self._instance(each) for each in await self._deployments()]
        return [instance for instance in found if instance is not None]

    async def remove(self, name: str) -> None:
        """See the port. A namespace that was made for it goes with it; else only its objects do."""
        own = {**self._settings.own, INSTANCE: check_name(name)}
        for deployment in await self._deployments(name):
            await self._cluster.delete(DEPLOYMENT, name, deployment["metadata"]["namespace"])
        made_for_it = await self._namespaces.of(name)
        for kind in (INGRESS, SERVICE, SECRET):
            for each in await self._cluster.list(kind, labels=own):
                if each["metadata"]["namespace"] not in made_for_it:
                    await self._cluster.delete(kind, each["metadata"]["name"], each["metadata"]["namespace"])
        fault_point("kubernetes.removing")
        for namespace in made_for_it:
            await self._namespaces.remove(namespace)

    async def logs(self, name: str, *, lines: int = 200) -> str:
        """See the port."""
        for deployment in await self._deployments(name):
            return await self._rollouts.log(name, deployment["metadata"]["namespace"], lines=lines)
        return ""

    # Rolling out.

    async def _as_it_runs(self, live: Json, plan: Plan, progress: Progress) -> Instance:
        """It runs already. Killed before that was written down, it is now."""
        if not is_settled(live):
            manifest = await self._rollouts.put(plan, live, progress)
            await self._rollouts.settle(manifest)
            live = await self._cluster.get(DEPLOYMENT, plan.name, plan.rollout.namespace) or live
        return self._certain(live, plan)

    async def _roll_out(self, plan: Plan, progress: Progress) -> Instance:
        for left in reversed(range(_MOST_REMOVALS)):
            try:
                return await self._attempt(plan, progress)
            except ClusterRefused as refused:
                # A removal that was under way has taken the namespace from below.
                if not left or not (refused.terminating or refused.status == 404):  # noqa: PLR2004
                    raise
        raise AssertionError("unreachable")

    async def _attempt(self, plan: Plan, progress: Progress) -> Instance:
        rollout = plan.rollout
        await self._namespaces.ensure(rollout.namespace, plan.name if rollout.place == "preview" else None, progress)
        live = await self._cluster.get(DEPLOYMENT, plan.name, rollout.namespace)
        try:
            manifest = await self._rollouts.put(plan, live, progress)
            fault_point("kubernetes.applied")
            await self._rollouts.wait(plan, progress)
            await progress("switch", f"{plan.image} serves.")
        except BaseException:
            await uninterrupted(self._rollouts.back(plan))
            raise
        await uninterrupted(self._rollouts.settle(manifest))
        return self._certain(await self._cluster.get(DEPLOYMENT, plan.name, rollout.namespace), plan)

    # Looking.

    async def _deployments(self, name: str | None = None) -> Sequence[Json]:
        own = self._settings.own if name is None else {**self._settings.own, INSTANCE: name}
        found = await self._cluster.list(DEPLOYMENT, labels=own)
        return [each for each in found if not each["metadata"].get("deletionTimestamp") and INSTANCE in labels_of(each)]

    def _instance(self, deployment: Json) -> Instance | None:
        """What runs: the newest revision that got healthy. None while the first is being rolled out."""
        good = good_of(deployment)
        if good is None:
            return None
        available = int((deployment.get("status") or {}).get("availableReplicas") or 0)
        health: Health = "healthy" if available > 0 else "unhealthy"
        name, said = labels_of(deployment)[INSTANCE], annotations_of(good)
        error = None if available else "None of its pods is ready."
        since = datetime.fromisoformat(said[SINCE]) if SINCE in said else datetime.fromtimestamp(0, UTC)
        return Instance(name, said.get(COMMIT, ""), health, self._settings.url(name), since, error)

    def _certain(self, deployment: Json | None, plan: Plan) -> Instance:
        instance = self._instance(deployment) if deployment is not None else None
        if instance is None:
            raise RolloutFailed(troubles.REMOVED(name=plan.name))
        return instance


@asynccontextmanager
async def told_as_failure() -> AsyncGenerator[None]:
    """What cannot be done whatever is tried fails the roll-out; a cluster that is away is tried again later."""
    try:
        yield
    except Invalid as error:
        raise RolloutFailed(error.said) from error
    except ClusterRefused as refused:
        raise RolloutFailed(refused.said) from refused
