"""A process that rolls out to a fake cluster, to be killed: KUBECONFIG, the namespace of Argo CD or -, the roll-out."""

import asyncio
import json
import sys
from pathlib import Path

from aiworker.adapters.runtime.argocd import ApplicationsByKubernetes, ArgoRuntime, ArgoSettings
from aiworker.adapters.runtime.kubernetes import Cluster, KubernetesRuntime, connect_by_kubeconfig
from aiworker.delivery.ports.runtime import Rollout, Runtime
from tests.support.kube_worlds import QUICK, TRIES, cluster_settings


async def _main(kubeconfig: str, argocd: str, rollout: str) -> None:
    cluster, settings = Cluster(connect_by_kubeconfig(Path(kubeconfig)), tries=TRIES), cluster_settings()
    plain = KubernetesRuntime(cluster, settings, patience=QUICK)
    runtime: Runtime = plain
    if argocd != "-":
        by = ApplicationsByKubernetes(cluster, argocd)
        runtime = ArgoRuntime(plain, by, cluster, settings, ArgoSettings(), patience=QUICK)

    async def tell(step: str, sentence: str) -> None:
        sys.stdout.write(f"{step}: {sentence}\n")

    await runtime.deploy(Rollout(**json.loads(rollout)), tell)


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
