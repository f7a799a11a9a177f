"""The environment that git gets: nothing of the caller's own, but what it takes to reach a server."""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from aiworker.git.addresses import Address, SshKey

_CONFIG = Path(__file__).with_name("gitconfig")
_ALWAYS = ("PATH", "TMPDIR")
# A way out through a proxy, a company's certificates, the person's ssh agent and `~/.netrc`.
_TO_THE_NETWORK = (
    "HOME",
    "SSH_AUTH_SOCK",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
)
# A server that has fallen silent is away; one that is slow is not.
_PATIENCE = (("http.lowSpeedLimit", "1"), ("http.lowSpeedTime", "60"))
_SSH = "ssh -oBatchMode=yes -oConnectTimeout=20"
_HELPER = (
    """!f() { test "$1" != get || printf 'username=%s\\npassword=%s\\n'"""
    """ "$AIWORKER_GIT_USER" "$AIWORKER_GIT_PASSWORD"; }; f"""
)


def local_environment() -> dict[str, str]:
    """For work inside one repository: no network, no prompt, no configuration of the machine or its users."""
    environment = {name: os.environ[name] for name in _ALWAYS if name in os.environ}
    return environment | {
        "LC_ALL": "C",
        "HOME": os.devnull,
        "XDG_CONFIG_HOME": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(_CONFIG),
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_EDITOR": ":",
        "GIT_PAGER": "cat",
        "GIT_CEILING_DIRECTORIES": "/",
    }


def network_environment() -> dict[str, str]:
    """For a fetch or a push: the protocols that git itself brings, never `ext::`, and never a question to a person."""
    reach = {name: os.environ[name] for name in _TO_THE_NETWORK if name in os.environ}
    return (
        local_environment()
        | reach
        | {
            "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
            "GIT_SSH_COMMAND": _SSH,
            "GIT_ASKPASS": "true",
            "SSH_ASKPASS": "true",
        }
    )


def environment_for(address: Address) -> dict[str, str]:
    """The same for one address. Its credential goes where `ps` does not show it, to the one place that it is for."""
    settings = list(_PATIENCE)
    ssh = {} if address.key is None else {"GIT_SSH_COMMAND": f"{_SSH} {_ssh_options(address.key)}"}
    if address.user is not None:
        settings.append((f"credential.{address.place}.helper", _HELPER))
    return (
        network_environment()
        | configured(settings)
        | ssh
        | {"AIWORKER_GIT_USER": address.user or "", "AIWORKER_GIT_PASSWORD": address.password or ""}
    )


def _ssh_options(key: SshKey) -> str:
    options = [
        f"-oUserKnownHostsFile={key.known_hosts}",
        f"-oStrictHostKeyChecking={'yes' if key.strict else 'accept-new'}",
        *(["-oIdentitiesOnly=yes", f"-i{key.file}"] if key.file is not None else []),
    ]
    return shlex.join(options)


def configured(settings: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Configuration of one run alone; of two of the same name both count, in this order."""
    numbered = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        numbered |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return numbered
