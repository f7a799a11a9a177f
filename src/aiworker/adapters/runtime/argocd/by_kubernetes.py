"""Applications through the Kubernetes API: no account of Argo CD is needed, only a namespace."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus

from aiworker.adapters.runtime.argocd.applications import Busy
from aiworker.adapters.runtime.argocd.manifest import MARK, OPTIONS, TERMINATING, operation_of, state_of
from aiworker.adapters.runtime.kubernetes.bell import Bell, Watched, bell_for
from aiworker.adapters.runtime.kubernetes.cluster import FIELD_MANAGER, Cluster, Json
from aiworker.adapters.runtime.kubernetes.errors import ClusterRefused
from aiworker.adapters.runtime.kubernetes.kinds import APPLICATION
from aiworker.adapters.runtime.kubernetes.plan import INSTALLATION


class ApplicationsByKubernetes:
    """Fills the port Applications."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self._cluster = cluster
        self._namespace = namespace

    async def get(self, name: str) -> Json | None:
        """See the port."""
        return await self._cluster.get(APPLICATION, name, self._namespace)

    async def of(self, installation: str) -> Sequence[Json]:
        """See the port."""
        return await self._cluster.list(APPLICATION, self._namespace, labels={INSTALLATION: installation})

    async def put(self, manifest: Json, known: Json | None) -> Json:  # noqa: ARG002 (an apply needs not know)
        """See the port."""
        placed = manifest | {"metadata": manifest["metadata"] | {"namespace": self._namespace}}
        return await self._cluster.apply(APPLICATION, placed)

    async def sync(self, application: Json, *, revision: str, mark: str) -> None:
        """See the port."""
        if operation_of(application) is not None:
            raise Busy
        operation = {
            "initiatedBy": {"username": FIELD_MANAGER},
            "info": [{"name": MARK, "value": mark}],
            "retry": {"limit": 2},
            # The controller looks for them here, not in the Application's syncPolicy.
            "sync": {"revision": revision, "prune": True, "syncStrategy": {"hook": {}}, "syncOptions": OPTIONS},
        }
        await self._change(application, {"operation": operation})

    async def stop(self, application: Json) -> None:
        """See the port. One that has not begun is taken back."""
        has_begun = state_of(application).get("phase") == "Running"
        end: Json = {"status": {"operationState": {"phase": TERMINATING}}}
        await self._change(application, end if has_begun else {"operation": None})

    async def delete(self, name: str) -> None:
        """See the port."""
        await self._cluster.delete(APPLICATION, name, self._namespace)

    async def _change(self, application: Json, changes: Json) -> None:
        name, version = application["metadata"]["name"], application["metadata"]["resourceVersion"]
        known: Json = {"metadata": {"resourceVersion": version}}
        try:
            await self._cluster.merge(APPLICATION, name, self._namespace, known | changes)
        except ClusterRefused as refused:
            if refused.status == HTTPStatus.CONFLICT:
                raise Busy from refused
            raise

    def bell(self, name: str, pulse: float) -> AbstractAsyncContextManager[Bell]:
        """See the port."""
        watched = Watched(APPLICATION, self._namespace, fields=f"metadata.name={name}")
        return bell_for(self._cluster, [watched], pulse=pulse)
