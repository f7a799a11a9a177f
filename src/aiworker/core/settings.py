"""Settings: environment variables and a `.env` file, checked once at the start and passed on as values.

`python -m aiworker.core.reference` writes the reference page (docs/reference/settings.md).
"""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import unquote

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from aiworker.core.errors import Invalid
from aiworker.core.setting_kinds import (
    LABEL,
    DatabaseParts,
    HttpUrl,
    Label,
    LogFormat,
    LogLevelName,
    Name,
    Port,
    SshUrl,
    is_address,
)

S = TypeVar("S", bound="ClientSettings")

# A header as OpenTelemetry writes it into a variable.
_PAIR = re.compile(r"[A-Za-z0-9-]+=[!-~]+")
_DATABASES = ("sqlite", "postgresql", "postgres", "mysql", "mariadb")


class ClientSettings(BaseSettings):
    """What the commands that talk to a server need."""

    model_config = SettingsConfigDict(
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    home: Annotated[Path, Field(validation_alias="AIWORKER_HOME", description="Where data and keys are kept.")] = Path(
        "~/.aiworker"
    )
    server_url: Annotated[
        HttpUrl | None,
        Field(
            validation_alias="AIWORKER_URL",
            description="The server that commands talk to; by default the one that runs on this machine.",
        ),
    ] = None
    token: Annotated[
        SecretStr | None,
        Field(
            validation_alias="AIWORKER_TOKEN",
            description="The key that commands use; by default the admin key in `AIWORKER_HOME`.",
        ),
    ] = None
    log_level: Annotated[
        LogLevelName,
        Field(validation_alias="LOG_LEVEL", description="`debug`, `info`, `warning` or `error`."),
    ] = "info"
    log_format: Annotated[
        LogFormat | None,
        Field(
            validation_alias="LOG_FORMAT",
            description="`json` (one object per line) or `text`; by default text on a terminal, else JSON.",
        ),
    ] = None

    otlp_endpoint: Annotated[
        HttpUrl | None,
        Field(
            validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
            description="Where log lines are sent, too, by OTLP over HTTP (`http://collector:4318`).",
        ),
    ] = None
    otlp_headers: Annotated[
        SecretStr | None,
        Field(
            validation_alias="OTEL_EXPORTER_OTLP_HEADERS",
            description="What is sent along for that: `name=value`, separated by commas, values encoded as in a URL.",
        ),
    ] = None

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError as error:
            raise ValueError("names a home folder that cannot be found") from error

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("otlp_headers", mode="after")
    @classmethod
    def _pairs(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not all(_PAIR.fullmatch(pair.strip()) for pair in value.get_secret_value().split(",")):
            raise ValueError("should look like name=value,name=value")
        return value

    @property
    def otlp_header_fields(self) -> dict[str, str]:
        """`OTEL_EXPORTER_OTLP_HEADERS`, taken apart."""
        if self.otlp_headers is None:
            return {}
        pairs = (pair.strip().partition("=") for pair in self.otlp_headers.get_secret_value().split(","))
        return {name: unquote(value) for name, _, value in pairs}

    @property
    def admin_key_file(self) -> Path:
        """The admin key that `up` keeps (mode 0600)."""
        return self.home / "admin.key"


class Settings(ClientSettings):
    """What the server needs. Field by field the same as docs/reference/settings.md."""

    environment: Annotated[
        Name,
        Field(validation_alias="AIWORKER_ENV", max_length=30, description="Part of the ids of modules."),
    ] = "local"
    host: Annotated[
        str,
        Field(validation_alias="AIWORKER_HOST", min_length=1, max_length=253, description="Where the server listens."),
    ] = "127.0.0.1"
    port: Annotated[Port, Field(validation_alias="AIWORKER_PORT", description="Where the server listens.")] = 3000
    public_url: Annotated[
        HttpUrl | None,
        Field(
            validation_alias="AIWORKER_PUBLIC_URL",
            description="The address that people and agents see, where it is not the one the server listens on.",
        ),
    ] = None
    allowed_hosts: Annotated[
        tuple[Name, ...],
        NoDecode,
        Field(
            validation_alias="AIWORKER_ALLOWED_HOSTS",
            description="More names that the server answers to, separated by commas; this machine's are known.",
        ),
    ] = ()
    rate_limit: Annotated[
        int,
        Field(
            validation_alias="AIWORKER_RATE_LIMIT",
            ge=1,
            le=10_000_000,
            description="Requests per minute that one key or session may make.",
        ),
    ] = 1200
    call_private: Annotated[
        bool,
        Field(
            validation_alias="AIWORKER_CALL_PRIVATE",
            description="Health end points of modules may be at private addresses, as in a cluster's network. This "
            "machine's own may be called in any case while the server listens there only; link-local ones never.",
        ),
    ] = False
    home_shared: Annotated[
        bool,
        Field(
            validation_alias="AIWORKER_HOME_SHARED",
            description="`false`: each process has a home folder of its own, which holds nothing but what can be "
            "fetched again; for replicas whose projects live in Gitea and run in Kubernetes.",
        ),
    ] = True
    metrics_port: Annotated[
        Port | None,
        Field(
            validation_alias="AIWORKER_METRICS_PORT",
            description="Another port, where `/metrics` asks for no key: for a network that only Prometheus reaches. "
            "With a key it is at the server's own address in any case.",
        ),
    ] = None
    secret_key: Annotated[
        SecretStr | None,
        Field(
            validation_alias="SECRET_KEY",
            min_length=32,
            description="Encrypts what is kept encrypted, 32 characters or more; by default one is made and kept in "
            "`AIWORKER_HOME`. Replicas share one.",
        ),
    ] = None

    database_url: Annotated[
        SecretStr | None,
        Field(
            validation_alias="DATABASE_URL",
            description="`sqlite:///FILE`, `postgresql://…`, `mysql://…` or `mariadb://…`; by default a SQLite file in "
            "`AIWORKER_HOME`. It goes before `DB_HOST` and its kin.",
        ),
    ] = None
    db_host: Annotated[
        str | None,
        Field(validation_alias="DB_HOST", max_length=253, description="MariaDB/MySQL: its host (localhost)."),
    ] = None
    db_port: Annotated[
        Port | None, Field(validation_alias="DB_PORT", description="MariaDB/MySQL: its port (3306).")
    ] = None
    db_user: Annotated[
        str | None,
        Field(validation_alias="DB_USER", max_length=128, description="MariaDB/MySQL: the user (root)."),
    ] = None
    db_password: Annotated[
        SecretStr | None,
        Field(validation_alias="DB_PASSWORD", description="MariaDB/MySQL: the password, any characters."),
    ] = None
    db_name: Annotated[
        str | None,
        Field(validation_alias="DB_NAME", max_length=64, description="MariaDB/MySQL: the database (aiworker)."),
    ] = None
    db_pool_size: Annotated[
        int,
        Field(
            validation_alias="DB_POOL_SIZE",
            ge=1,
            le=1000,
            description="Connections to a database server; callers wait for a free one.",
        ),
    ] = 10

    logs_kept_days: Annotated[
        int,
        Field(
            validation_alias="AIWORKER_LOGS_KEPT_DAYS",
            ge=1,
            le=3650,
            description="Days after which lines of agents' logs go; on a database server by whole months.",
        ),
    ] = 30
    executions_kept_days: Annotated[
        int,
        Field(
            validation_alias="AIWORKER_EXECUTIONS_KEPT_DAYS",
            ge=1,
            le=3650,
            description="Days after which executions that ended go; their robots and the tasks' attempts stay.",
        ),
    ] = 90

    previews_kept_days: Annotated[
        int,
        Field(
            validation_alias="AIWORKER_PREVIEWS_KEPT_DAYS",
            ge=1,
            le=3650,
            description="Days after which a preview is taken down, counted from its last roll-out; it can be put up "
            "again.",
        ),
    ] = 14

    redis_url: Annotated[
        SecretStr | None,
        Field(
            validation_alias="REDIS_URL",
            description="`redis://…`, `rediss://…` (TLS) or `unix://…`: by Redis, several processes hear of each other "
            "at once and share a cache. It goes before `REDIS_HOST` and `REDIS_PORT`.",
        ),
    ] = None
    redis_host: Annotated[
        str | None,
        Field(
            validation_alias="REDIS_HOST",
            pattern=r"^[A-Za-z0-9._:-]+$",
            max_length=253,
            description="Redis: its host (localhost).",
        ),
    ] = None
    redis_port: Annotated[Port | None, Field(validation_alias="REDIS_PORT", description="Redis: its port (6379).")] = (
        None
    )

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

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("database_url", mode="after")
    @classmethod
    def _known_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            scheme, separator, _ = value.get_secret_value().partition("://")
            if not separator or scheme.partition("+")[0] not in _DATABASES:
                raise ValueError("should begin with sqlite:///, postgresql://, mysql:// or mariadb://")
        return value

    @field_validator("redis_url", mode="after")
    @classmethod
    def _known_redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("should begin with redis://, rediss:// or unix://")
        if value is not None and not is_address(value.get_secret_value()):
            raise ValueError("should look like redis://HOST:PORT/NUMBER")
        return value

    @property
    def redis(self) -> SecretStr | None:
        """The address of Redis by `REDIS_URL`, or by `REDIS_HOST` and `REDIS_PORT`; None if there is none."""
        if self.redis_url is not None or (self.redis_host is None and self.redis_port is None):
            return self.redis_url
        host = self.redis_host or "localhost"
        return SecretStr(f"redis://{f'[{host}]' if ':' in host else host}:{self.redis_port or 6379}/0")

    @property
    def has_cluster(self) -> bool:
        """Whether previews, staging and production run on Kubernetes."""
        return self.k8s_in_cluster or self.kubeconfig is not None

    @property
    def secret_key_file(self) -> Path:
        """The secret key that the first start makes (mode 0600), where `SECRET_KEY` is not set."""
        return self.home / "secret.key"

    @property
    def database_parts(self) -> DatabaseParts | None:
        """The MariaDB/MySQL server of `DB_HOST` and its kin; None if none of them is set or `DATABASE_URL` is."""
        parts = (self.db_host, self.db_port, self.db_user, self.db_password, self.db_name)
        if self.database_url is not None or all(part is None for part in parts):
            return None
        return DatabaseParts(
            host=self.db_host or "localhost",
            port=self.db_port or 3306,
            user=self.db_user or "root",
            password=self.db_password or SecretStr(""),
            name=self.db_name or "aiworker",
        )


def load_settings(kind: type[S], *, env_file: Path | None = Path(".env")) -> S:
    """Read `kind` (`Settings` or `ClientSettings`) from the environment, then from `env_file` if it is there.

    Raises: Invalid, with one sentence that names the variable.
    """
    try:
        return kind(_env_file=env_file)  # pyright: ignore[reportCallIssue] (pydantic-settings' own argument)
    except ValidationError as error:
        raise _sentence(kind, error) from None
    except (SettingsError, UnicodeDecodeError, OSError) as error:
        raise Invalid(f"The file {env_file} cannot be read as settings.", code="setting_invalid") from error


def variable(name: str, field: FieldInfo) -> str:
    """The environment variable that a field is read from."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        alias = alias.choices[0]
    return alias if isinstance(alias, str) else name.upper()


def own_variables() -> frozenset[str]:
    """Every variable that AiWorker is set by: what it starts for others gets none of them."""
    return frozenset(variable(name, field) for name, field in Settings.model_fields.items())


def _sentence(kind: type[ClientSettings], error: ValidationError) -> Invalid:
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    wrong = str(problem["loc"][0])
    name = {name: variable(name, field) for name, field in kind.model_fields.items()}.get(wrong, wrong)
    # Pydantic begins with what the value is to it: Input, String, URL.
    _, should, rest = problem["msg"].partition("should ")
    rule = should + rest or problem["msg"].removeprefix("Value error, ").removeprefix("Value ")
    return Invalid(f"{name} is wrong: it {rule}.", code="setting_invalid", details={"variable": name})
