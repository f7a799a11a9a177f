"""Where a server is."""

import ipaddress
from urllib.parse import urlsplit

_GIT_DOOR = "/git/"


def from_here(clone_url: str, server: str) -> str:
    """A repository of the server at the address by which this runner knows it: inside a cluster that is another than
    the public one, which the server tells."""
    _, door, repository = clone_url.partition(_GIT_DOOR)
    return f"{server.rstrip('/')}{door}{repository}" if door else clone_url


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine and cannot be anywhere else: it is never asked for through a proxy."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
