"""The kinds of objects that AiWorker reads and writes, and where the API has them."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of the API."""

    name: str
    plural: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True

    def __str__(self) -> str:
        return self.name

    @property
    def api_version(self) -> str:
        """As a manifest says it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """Where the API has an object, or all of them."""
        parts = ["/apis", self.group, self.version] if self.group else ["/api", self.version]
        if namespace is not None and self.namespaced:
            parts += ["namespaces", namespace]
        parts.append(self.plural)
        return "/".join([*parts, name] if name is not None else parts)


NAMESPACE: Final = Kind("Namespace", "namespaces", namespaced=False)
SECRET: Final = Kind("Secret", "secrets")
SERVICE: Final = Kind("Service", "services")
POD: Final = Kind("Pod", "pods")
EVENT: Final = Kind("Event", "events")
QUOTA: Final = Kind("ResourceQuota", "resourcequotas")
LIMITS: Final = Kind("LimitRange", "limitranges")
DEPLOYMENT: Final = Kind("Deployment", "deployments", "apps")
INGRESS: Final = Kind("Ingress", "ingresses", "networking.k8s.io")
INGRESS_CLASS: Final = Kind("IngressClass", "ingressclasses", "networking.k8s.io", namespaced=False)
NETWORK_POLICY: Final = Kind("NetworkPolicy", "networkpolicies", "networking.k8s.io")
CRD: Final = Kind("CustomResourceDefinition", "customresourcedefinitions", "apiextensions.k8s.io", namespaced=False)
APPLICATION: Final = Kind("Application", "applications", "argoproj.io", "v1alpha1")
