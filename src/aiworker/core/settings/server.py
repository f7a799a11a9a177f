"""The settings of the server itself: where it listens, whom it answers, and how long it keeps things."""

from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode

from aiworker.core.settings.kinds import HttpUrl, Name, Port


class ServerSettings(BaseSettings):
    """Where the server listens, whom it answers, and how long it keeps things."""

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

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value
