"""The runtime on Kubernetes, with or without Argo CD, as the settings say."""

from urllib.parse import urlsplit

from aiworker.adapters.agents import AgentPods
from aiworker.adapters.runtime.argocd import ApplicationsByKubernetes, ApplicationsByRest, ArgoRuntime, ArgoSettings
from aiworker.adapters.runtime.argocd.applications import Applications
from aiworker.adapters.runtime.kubernetes import (
    Cluster,
    ClusterSettings,
    KubernetesRuntime,
    connect_by_kubeconfig,
    connect_in_cluster,
)
from aiworker.adapters.runtime.kubernetes.kinds import DEPLOYMENT
from aiworker.adapters.runtime.kubernetes.network import ingress_rules
from aiworker.core.errors import Invalid
from aiworker.core.settings import Settings

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class ClusterRuntime:
    """The cluster and what runs on it. `installation` is the label of all that is ours; `key` makes digests.

    Raises: Invalid if the settings do not lead to a cluster.
    """

    def __init__(self, settings: Settings, *, installation: str, key: str) -> None:
        self.cluster = Cluster(
            connect_by_kubeconfig(settings.kubeconfig) if settings.kubeconfig is not None else connect_in_cluster()
        )
        ingress_rules(settings.k8s_ingress_namespace)
        self.settings = ClusterSettings(
            installation=installation,
            key=key.encode(),
            domain=settings.preview_domain,
            scheme=settings.preview_scheme,
            ingress_class=settings.k8s_ingress_class,
            ingress_namespace=settings.k8s_ingress_namespace,
            issuer=settings.k8s_cluster_issuer,
            pull_secret=settings.k8s_pull_secret,
            image_seconds=float(settings.k8s_image_seconds),
        )
        namespace, _, name = settings.agents_deployment.partition("/")
        self.agents = AgentPods(self.cluster, DEPLOYMENT, namespace=namespace, name=name)
        self._by_rest = _by_rest(settings)
        plain = KubernetesRuntime(self.cluster, self.settings)
        applications: Applications | None = self._by_rest
        if applications is None and settings.argocd_namespace is not None:
            applications = ApplicationsByKubernetes(self.cluster, settings.argocd_namespace)
        self.argo: ArgoRuntime | None = None
        if applications is not None:
            argo = ArgoSettings(project=settings.argocd_project)
            self.argo = ArgoRuntime(plain, applications, self.cluster, self.settings, argo)
        self.runtime: KubernetesRuntime | ArgoRuntime = self.argo or plain

    async def argo_version(self) -> str | None:
        """What Argo CD's own API says; None if it is not asked. Raises: ClusterAway, ClusterRefused."""
        return await self._by_rest.version() if self._by_rest is not None else None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._by_rest is not None:
            await self._by_rest.close()
        await self.cluster.close()


def _by_rest(settings: Settings) -> ApplicationsByRest | None:
    if settings.argocd_url is None:
        return None
    if settings.argocd_token is None:
        raise Invalid(
            "ARGOCD_URL is set without ARGOCD_TOKEN: set the token, or ARGOCD_NAMESPACE instead of both.",
            code="setting_invalid",
            details={"variable": "ARGOCD_TOKEN"},
        )
    here = urlsplit(settings.argocd_url).hostname in _LOOPBACK
    return ApplicationsByRest(settings.argocd_url, settings.argocd_token.get_secret_value(), trust_env=not here)
