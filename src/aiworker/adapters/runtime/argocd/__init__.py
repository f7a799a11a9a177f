"""Staging and production by Argo CD; previews as the Kubernetes runtime makes them."""

from aiworker.adapters.runtime.argocd.by_kubernetes import ApplicationsByKubernetes
from aiworker.adapters.runtime.argocd.by_rest import ApplicationsByRest
from aiworker.adapters.runtime.argocd.manifest import ArgoSettings
from aiworker.adapters.runtime.argocd.runtime import ArgoRuntime

__all__ = ["ApplicationsByKubernetes", "ApplicationsByRest", "ArgoRuntime", "ArgoSettings"]
