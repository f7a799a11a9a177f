"""How a cluster is reached: the service account of the pod that AiWorker runs in, or a kubeconfig.

lightkube reads both: certificates, tokens (a service account's is read again when it was rotated), and the programs
that print one.
"""

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import msgspec
from lightkube.config.client_adapter import AsyncClient, ConnectionParams
from lightkube.config.kubeconfig import KubeConfig, SingleConfig
from lightkube.config.models import NameValue, User, UserExec
from lightkube.core.exceptions import ConfigError
from yaml import YAMLError

from aiworker.core.errors import Invalid

_TIMEOUT = httpx2.Timeout(30.0, connect=5.0)
_SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_EXEC_GROUP = "client.authentication.k8s.io"
# What lightkube raises at a request, when a token's file or the program that prints it fails.
CREDENTIAL_ERRORS = (ConfigError, OSError, KeyError)
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True)
class Connection:
    """A client that carries the credential; `server` for people to know, `namespace` of the context."""

    http: httpx2.AsyncClient
    server: str
    namespace: str


def connect_in_cluster(account: Path = _SERVICE_ACCOUNT) -> Connection:
    """By the service account of this pod. Raises: Invalid if this is no pod, or it has no account."""
    with _told("K8S_IN_CLUSTER is set, but this is no pod with a service account"):
        return _opened(KubeConfig.from_service_account(account).get())


def connect_by_kubeconfig(file: Path) -> Connection:
    """By the current context of a kubeconfig. Raises: Invalid."""
    with _told("KUBECONFIG names a file that cannot be used"):
        return _opened(KubeConfig.from_file(file).get())


def _opened(config: SingleConfig | None) -> Connection:
    if config is None:
        raise ConfigError("it has no current context")
    config = config._replace(user=_with_plugin(config.user or User()))
    server = config.cluster.server.rstrip("/")
    on_this_machine = urlsplit(server).hostname in _LOOPBACK
    http = AsyncClient(config, ConnectionParams(timeout=_TIMEOUT, trust_env=not on_this_machine))
    return Connection(http, server, config.namespace.strip())


def _with_plugin(user: User) -> User:
    """lightkube knows the older versions of the plugins' protocol, which answer a token in the same words as v1."""
    plugin = user.exec
    if plugin is None:
        return user
    version = plugin.apiVersion
    asked: dict[str, Any] = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    told = [*(plugin.env or []), NameValue("KUBERNETES_EXEC_INFO", json.dumps(asked))]
    known = f"{_EXEC_GROUP}/v1beta1" if version == f"{_EXEC_GROUP}/v1" else version
    return msgspec.structs.replace(
        user, exec=UserExec(apiVersion=known, command=plugin.command, args=plugin.args, env=told)
    )


@contextmanager
def _told(what: str) -> Generator[None]:
    try:
        yield
    except KeyError as error:
        raise Invalid(f"{what}: {error} is missing.", code="kubernetes_configuration") from error
    except (ConfigError, OSError, ValueError, TypeError, AttributeError, YAMLError, msgspec.MsgspecError) as error:
        # A parser may quote what it stumbled over, which may be a key.
        why = str(error) if isinstance(error, ConfigError | OSError) else "it is not a kubeconfig"
        raise Invalid(f"{what}: {why}.", code="kubernetes_configuration") from error
