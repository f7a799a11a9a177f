"""Where the server is, and the key to ask it with: for everything that is a client of it."""

import ipaddress
import json
from urllib.parse import urlsplit

from aiworker.core.errors import Unauthenticated
from aiworker.core.settings import ClientSettings

DEFAULT_URL = "http://127.0.0.1:3000"


def address_and_key(settings: ClientSettings) -> tuple[str, str]:
    """Where the server is, and the key to ask it with. Raises: Unauthenticated if there is none."""
    url = settings.server_url or _local_url(settings) or DEFAULT_URL
    if settings.token is not None:
        return url, settings.token.get_secret_value()
    # The admin key of this machine is for the server of this machine, and for no other.
    if is_loopback(url) and (key := _read(settings, "admin.key")):
        return url, key.strip()
    if settings.server_url is not None:
        raise Unauthenticated(f"Set AIWORKER_TOKEN to a key of the server at {url}.", code="no_key")
    raise Unauthenticated(
        "No server was started on this machine; start one with `aiworker up`, or set AIWORKER_URL and AIWORKER_TOKEN.",
        code="no_key",
    )


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine and cannot be anywhere else."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _local_url(settings: ClientSettings) -> str | None:
    text = _read(settings, "server.json")
    try:
        return str(json.loads(text)["url"]) if text else None
    except (ValueError, KeyError, TypeError):
        return None


def _read(settings: ClientSettings, name: str) -> str | None:
    try:
        return (settings.home / name).read_text(encoding="utf-8")
    except OSError:
        return None
