"""Which instance a Host header means."""

import re
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import Final

_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PORT: Final = re.compile(r":[0-9]{1,5}")


def preview_name(host: str, domain: str) -> str | None:
    """`task-shop-12` for `task-shop-12.preview.localhost:3000`; None for every other host."""
    bare, colon, port = host.partition(":")
    if colon and not _PORT.fullmatch(colon + port):
        return None
    label, dot, rest = bare.lower().removesuffix(".").partition(".")
    if not dot or rest != domain.lower() or not _LABEL.fullmatch(label):
        return None
    return label


def host_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The Host header of a request; empty if there is none, or more than one."""
    hosts = [value for name, value in headers if name.lower() == b"host"]
    return hosts[0].decode("latin-1") if len(hosts) == 1 else ""


def is_local(client: tuple[str, int] | None) -> bool:
    """Whether a client (address and port; None for a socket of this machine) is on this machine."""
    if client is None:
        return True
    try:
        address = ip_address(client[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
