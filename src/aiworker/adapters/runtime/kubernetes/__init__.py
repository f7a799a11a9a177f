"""Previews, staging and production in a Kubernetes cluster."""

from aiworker.adapters.runtime.kubernetes.cluster import Cluster, Tries
from aiworker.adapters.runtime.kubernetes.connection import Connection, connect_by_kubeconfig, connect_in_cluster
from aiworker.adapters.runtime.kubernetes.errors import ClusterAway, ClusterRefused
from aiworker.adapters.runtime.kubernetes.patience import Patience
from aiworker.adapters.runtime.kubernetes.plan import ClusterSettings
from aiworker.adapters.runtime.kubernetes.runtime import KubernetesRuntime

__all__ = [
    "Cluster",
    "ClusterAway",
    "ClusterRefused",
    "ClusterSettings",
    "Connection",
    "KubernetesRuntime",
    "Patience",
    "Tries",
    "connect_by_kubeconfig",
    "connect_in_cluster",
]
