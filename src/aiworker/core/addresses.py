"""Addresses that people give us to call: a name is looked up once, every address it has is checked, and the connection
goes to one that was checked, so that a name cannot mean something else a moment later."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiworker.core.errors import Invalid

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be called beside public addresses. Link-local ones (a cloud's own metadata) never may."""

    loopback: bool = False
    private: bool = False

    def refuses(self, address: str) -> str | None:
        """Why an address may not be called, in a word or two; None if it may."""
        ip = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        if ip.is_loopback:
            return None if self.loopback else "of this machine"
        if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved:
            return "link-local or reserved"
        return "private" if not ip.is_global and not self.private else None


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads: the checked address to connect to, and what to ask there."""

    address: str
    port: int
    host: str
    secure: bool
    path: str

    @property
    def host_header(self) -> str:
        """The host as an HTTP request names it."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS["https" if self.secure else "http"] else f"{name}:{self.port}"


def is_this_machine(host: str) -> bool:
    """Whether a host, by name or address, is this machine and cannot be anything else."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


async def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a name, by the machine's own resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def checked_target(url: str, reach: Reach, *, resolve: Resolve = resolve) -> Target:
    """Look a URL's host up and check every address that it has. Raises: Invalid."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Invalid("The address cannot be read.", code="bad_address") from error
    if host is None or parts.scheme not in _PORTS or not url.isascii() or not url.isprintable() or " " in url:
        raise Invalid("The address should look like http://HOST:PORT/PATH.", code="bad_address")
    port = port or _PORTS[parts.scheme]
    try:
        # A name below localhost is this machine's; not every resolver knows that.
        found = ["127.0.0.1"] if host.endswith(".localhost") else await resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise Invalid(f"There is no address for {host[:100]}.", code="name_unknown") from error
    for address in found:
        if (why := reach.refuses(address)) is not None:
            raise Invalid(
                f"{host[:100]} leads to an address that may not be called ({why}).",
                code="address_refused",
                details={"host": host[:100]},
            )
    if not found:
        raise Invalid(f"There is no address for {host[:100]}.", code="name_unknown")
    path = parts.path or "/"
    return Target(found[0], port, host, parts.scheme == "https", f"{path}?{parts.query}" if parts.query else path)
