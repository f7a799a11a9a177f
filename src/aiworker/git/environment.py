"""The environment that git gets: nothing of the caller's own, but what it takes to reach a server."""

import os
from pathlib import Path

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
            "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=20",
            "GIT_ASKPASS": "true",
            "SSH_ASKPASS": "true",
        }
    )
