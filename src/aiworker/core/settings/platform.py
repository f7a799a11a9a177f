"""The settings of what runs beside the server: Gitea, Kubernetes, Argo CD, previews."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from aiworker.core.settings.kinds import LABEL, HttpUrl, Label, Name, SshUrl


class PlatformSettings(BaseSettings):
    """Where code is kept, and where it runs."""

    gitea_url: Annotated[
        HttpUrl | None,
        Field(
            validation_alias="GITEA_URL",
            description="Gitea or Forgejo: projects made with an address there live there, others are built in.",
        ),
    ] = None
    gitea_token: Annotated[
        SecretStr | None,
        Field(
            validation_alias="GITEA_TOKEN",
            description="Gitea: the access token, with the scopes write:repository, write:issue and read:user.",
        ),
    ] = None
    gitea_ssh_url: Annotated[
        SshUrl | None,
        Field(
            validation_alias="GITEA_SSH_URL",
            description="Gitea: git goes there over SSH, like ssh://git@git.example.com:22; by default over HTTPS with"
            " the token.",
        ),
    ] = None
    gitea_ssh_key: Annotated[
        Path | None,
        Field(
            validation_alias="GITEA_SSH_KEY",
            description="Gitea: the file of the private key for SSH, and known_hosts beside it; by default what ssh"
            " finds by itself.",
        ),
    ] = None
    gitea_webhook_secret: Annotated[
        SecretStr | None,
        Field(
            validation_alias="GITEA_WEBHOOK_SECRET",
            description="Gitea: what its webhooks are signed with; by default a secret of this installation's own.",
        ),
    ] = None

    k8s_in_cluster: Annotated[
        bool,
        Field(validation_alias="K8S_IN_CLUSTER", description="Use the Kubernetes cluster that the server runs in."),
    ] = False
    kubeconfig: Annotated[
        Path | None,
        Field(validation_alias="KUBECONFIG", description="Kubernetes: the kubeconfig, when outside the cluster."),
    ] = None
    k8s_ingress_class: Annotated[
        Label,
        Field(validation_alias="K8S_INGRESS_CLASS", description="Kubernetes: the ingress class of what is rolled out."),
    ] = "nginx"
    k8s_ingress_namespace: Annotated[
        str,
        Field(
            validation_alias="K8S_INGRESS_NAMESPACE",
            pattern=r"^[0-9a-z.:/-]+( *, *[0-9a-z.:/-]+)*$",
            max_length=500,
            description="Kubernetes: the ingress controller's namespace, by commas also networks (10.20.0.0/24) where "
            "it uses its nodes' own; previews take requests from there only.",
        ),
    ] = "ingress-nginx"
    k8s_cluster_issuer: Annotated[
        Name | None,
        Field(
            validation_alias="K8S_CLUSTER_ISSUER",
            description="Kubernetes: the cert-manager ClusterIssuer of the addresses' certificates; without it the "
            "ingress controller's own certificate is used.",
        ),
    ] = None
    k8s_pull_secret: Annotated[
        str | None,
        Field(
            validation_alias="K8S_PULL_SECRET",
            pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/)?[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$",
            description="Kubernetes: the Secret that pulls images, `NAMESPACE/NAME` (or a name in AiWorker's own "
            "namespace); it is copied to where images are run.",
        ),
    ] = None
    k8s_image_seconds: Annotated[
        int,
        Field(
            validation_alias="K8S_IMAGE_SECONDS",
            ge=1,
            le=86_400,
            description="Kubernetes: how long an image that is still being built is waited for.",
        ),
    ] = 900
    argocd_namespace: Annotated[
        str | None,
        Field(
            validation_alias="ARGOCD_NAMESPACE",
            pattern=LABEL,
            description="Argo CD: its namespace, to sync through the Kubernetes API.",
        ),
    ] = None
    argocd_url: Annotated[
        HttpUrl | None, Field(validation_alias="ARGOCD_URL", description="Argo CD: its API, instead of the namespace.")
    ] = None
    argocd_token: Annotated[
        SecretStr | None, Field(validation_alias="ARGOCD_TOKEN", description="Argo CD: the token for its API.")
    ] = None
    agents_deployment: Annotated[
        str,
        Field(
            validation_alias="AIWORKER_AGENTS",
            pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$",
            description="Kubernetes: the Deployment whose pods are agents, which `aiworker agent scale` sets; its "
            "namespace and its name.",
        ),
    ] = "agents/agent"
    argocd_project: Annotated[
        Name,
        Field(validation_alias="ARGOCD_PROJECT", description="Argo CD: the AppProject of the Applications."),
    ] = "default"
    preview_domain: Annotated[
        Name,
        Field(validation_alias="PREVIEW_DOMAIN", description="Previews answer at names below this domain."),
    ] = "preview.localhost"

    preview_scheme: Annotated[
        Literal["http", "https"],
        Field(
            validation_alias="PREVIEW_SCHEME",
            description="How previews on Kubernetes are reached; those of this machine are reached as the server is.",
        ),
    ] = "https"

    @property
    def has_cluster(self) -> bool:
        """Whether previews, staging and production run on Kubernetes."""
        return self.k8s_in_cluster or self.kubeconfig is not None
