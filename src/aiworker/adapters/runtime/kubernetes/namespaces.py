"""The namespaces of this installation: made, refused if they are somebody else's, removed."""

import asyncio
import time
from collections.abc import Sequence

from aiworker.adapters.runtime.kubernetes import manifests
from aiworker.adapters.runtime.kubernetes.cluster import Cluster, Json
from aiworker.adapters.runtime.kubernetes.errors import ClusterRefused
from aiworker.adapters.runtime.kubernetes.kinds import NAMESPACE
from aiworker.adapters.runtime.kubernetes.patience import Patience
from aiworker.adapters.runtime.kubernetes.plan import INSTALLATION, INSTANCE, ClusterSettings, labels_of
from aiworker.core.errors import Conflict
from aiworker.delivery.ports import rollout_troubles as troubles
from aiworker.delivery.ports.runtime import Progress, RolloutFailed


class Namespaces:
    """Namespaces with this installation's label."""

    def __init__(self, cluster: Cluster, settings: ClusterSettings, patience: Patience) -> None:
        self._cluster = cluster
        self._settings = settings
        self._patience = patience

    async def ensure(self, name: str, instance: str | None, progress: Progress) -> None:
        """Have it there, for an instance only or for more. One that is being removed is waited for.

        Raises: RolloutFailed if it is not ours, or stays in removal.
        """
        found = await self._cluster.get(NAMESPACE, name)
        if found is not None and is_terminating(found):
            await progress("namespace", f"Waiting until the old namespace {name} is gone.")
            if not await self.gone(name):
                command = f"kubectl describe namespace {name}"
                raise RolloutFailed(
                    troubles.NAMESPACE_STAYS(name=name, seconds=self._patience.removal, command=command)
                )
            found = None
        if found is not None:
            self.refuse_strangers(found)
            return
        await progress("namespace", f"Making the namespace {name}.")
        await self._cluster.apply(NAMESPACE, manifests.namespace(name, instance, self._settings))

    def refuse_strangers(self, namespace: Json) -> None:
        """Raises: RolloutFailed unless this installation's label is on it."""
        name, owner = namespace["metadata"]["name"], labels_of(namespace).get(INSTALLATION)
        if owner == self._settings.installation:
            return
        whose = troubles.NAMESPACE_OF_ANOTHER if owner else troubles.NAMESPACE_OF_OTHERS
        command = f"kubectl label --overwrite namespace {name} {INSTALLATION}={self._settings.installation}"
        raise RolloutFailed(whose(name=name, command=command))

    async def of(self, instance: str) -> Sequence[str]:
        """The namespaces that were made for an instance."""
        found = await self._cluster.list(NAMESPACE, labels={**self._settings.own, INSTANCE: instance})
        return [str(namespace["metadata"]["name"]) for namespace in found]

    async def instances(self) -> set[str]:
        """The instances for which there is a namespace, also one that is being removed."""
        found = await self._cluster.list(NAMESPACE, labels=self._settings.own)
        return {name for namespace in found if (name := labels_of(namespace).get(INSTANCE))}

    async def remove(self, name: str) -> None:
        """Have it removed with all that is in it, and wait a while until it is. Raises: Conflict if it is not ours."""
        found = await self._cluster.get(NAMESPACE, name)
        if found is None:
            return
        if labels_of(found).get(INSTALLATION) != self._settings.installation:
            raise Conflict(f"The namespace {name} is not this installation's.", code="foreign_namespace")
        if not is_terminating(found):
            try:
                await self._cluster.delete(NAMESPACE, name)
            except ClusterRefused as refused:
                # Somebody was quicker.
                if refused.reason != "Conflict":
                    raise
        await self.gone(name)

    async def gone(self, name: str) -> bool:
        """Whether it is gone within the time that removals are given."""
        deadline = time.monotonic() + self._patience.removal
        while await self._cluster.get(NAMESPACE, name) is not None:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(self._patience.look)
        return True


def is_terminating(namespace: Json) -> bool:
    """Whether it is being removed."""
    phase = (namespace.get("status") or {}).get("phase")
    return phase == "Terminating" or bool(namespace["metadata"].get("deletionTimestamp"))
