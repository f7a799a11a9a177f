"""Looks at Kubernetes and Argo CD as `doctor` tells it."""

from collections.abc import Sequence

from aiworker.access.first_start import ensure_secret_key
from aiworker.adapters.runtime.kubernetes.errors import ClusterAway, ClusterRefused
from aiworker.adapters.runtime.kubernetes.kinds import CRD, DEPLOYMENT, INGRESS_CLASS
from aiworker.adapters.runtime.kubernetes.permissions import ROLE, Permission, missing, needed, role_of
from aiworker.app.clusters import ClusterRuntime
from aiworker.app.homes import installation_id, starting
from aiworker.cli.starters import Finding, Mark
from aiworker.core.errors import AiWorkerError
from aiworker.core.secrets import SecretBox
from aiworker.core.settings import Settings

_CLUSTER = "kubernetes"
_ARGO = "argo cd"
_APPLICATIONS = "applications.argoproj.io"


async def cluster_findings(settings: Settings) -> Sequence[Finding]:
    """Whether it answers, what AiWorker may not do there, and what would undo its work; nothing without a cluster."""
    if not settings.has_cluster:
        if settings.argocd_namespace or settings.argocd_url:
            sentence = "Argo CD is set, but no cluster: it is not used."
            return [Finding(_ARGO, Mark.WARNING, sentence, "Set K8S_IN_CLUSTER or KUBECONFIG.")]
        return []
    plain = settings.secret_key.get_secret_value() if settings.secret_key else None
    try:
        async with starting(settings.home):
            secrets = SecretBox(ensure_secret_key(settings.home, plain))
            installation = installation_id(settings, secrets)
        runtime = ClusterRuntime(settings, installation=installation, key=secrets.derive("revisions"))
    except AiWorkerError as error:
        return [Finding(_CLUSTER, Mark.BAD, error.message)]
    try:
        found = await _cluster(runtime, settings)
        if found[0].mark is not Mark.GOOD:
            return found
        return [*found, *await _agents(runtime, settings), *await _argo(runtime, settings)]
    finally:
        await runtime.close()


async def _cluster(runtime: ClusterRuntime, settings: Settings) -> list[Finding]:
    cluster = runtime.cluster
    try:
        found = [Finding(_CLUSTER, Mark.GOOD, f"{cluster.server} answers, version {await cluster.version()}.")]
        argocd_namespace = settings.argocd_namespace if settings.argocd_url is None else None
        lacking = await missing(cluster, needed(argocd_namespace=argocd_namespace))
    except (ClusterAway, ClusterRefused) as error:
        sentence = f"{cluster.server}: {error.message}"
        return [
            Finding(_CLUSTER, Mark.BAD, sentence, "Look at KUBECONFIG, or at the service account of AiWorker's pod.")
        ]
    if lacking:
        words = sorted({f"{each.verb} {each.resource}" for each in lacking})
        sentence = f"AiWorker may not {', '.join(words[:6])}{' …' if len(words) > 6 else ''}."  # noqa: PLR2004 (a line's length)
        remedy = f"Apply this, and bind the ClusterRole {ROLE} to AiWorker's account:\n{role_of(lacking)}"
        found.append(Finding("kubernetes permissions", Mark.BAD, sentence, remedy))
    else:
        found.append(Finding("kubernetes permissions", Mark.GOOD, "AiWorker may do all that it does there."))
    try:
        if await cluster.get(INGRESS_CLASS, settings.k8s_ingress_class) is None:
            sentence = f"There is no ingress class {settings.k8s_ingress_class}: no preview will be reached."
            found.append(Finding("ingress", Mark.BAD, sentence, "Set K8S_INGRESS_CLASS; kubectl get ingressclass"))
    except (ClusterAway, ClusterRefused):
        # Among the permissions that are lacking.
        pass
    return found


async def _agents(runtime: ClusterRuntime, settings: Settings) -> list[Finding]:
    """Whether `aiworker agent scale` may do what it does, where agents run as pods."""
    namespace, _, _ = settings.agents_deployment.partition("/")
    wanted = [Permission(DEPLOYMENT, verb, "scale", namespace) for verb in ("get", "patch")]
    try:
        if not await missing(runtime.cluster, wanted):
            return []
    except (ClusterAway, ClusterRefused) as error:
        return [Finding("agents", Mark.WARNING, error.message)]
    sentence = f"`aiworker agent scale` may not read or set the scale of {settings.agents_deployment}."
    remedy = "If agents are to run as pods: kubectl apply --kustomize deploy/kubernetes/agents"
    return [Finding("agents", Mark.WARNING, sentence, remedy)]


async def _argo(runtime: ClusterRuntime, settings: Settings) -> list[Finding]:
    if runtime.argo is None:
        return []
    try:
        version = await runtime.argo_version()
        if version is None and await runtime.cluster.get(CRD, _APPLICATIONS) is None:
            sentence = "Argo CD is not installed in this cluster: there is no kind Application."
            return [Finding(_ARGO, Mark.BAD, sentence, "Install it, or unset ARGOCD_NAMESPACE.")]
        automated = await runtime.argo.automated()
    except (ClusterAway, ClusterRefused) as error:
        return [Finding(_ARGO, Mark.BAD, error.message, "Look at ARGOCD_NAMESPACE, or at ARGOCD_URL and ARGOCD_TOKEN.")]
    if automated:
        sentence = (
            f"Automated sync is on for {', '.join(automated)}: it would undo a rollback, and roll-outs are refused."
        )
        return [Finding(_ARGO, Mark.WARNING, sentence, "Remove spec.syncPolicy.automated from these Applications.")]
    where = f"version {version} answers" if version is not None else f"is there (namespace {settings.argocd_namespace})"
    return [Finding(_ARGO, Mark.GOOD, f"Argo CD {where}; no Application of AiWorker's syncs by itself.")]
