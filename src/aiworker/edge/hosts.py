"""Which names and pages may talk to this server: against rebinding and cross-site requests."""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from aiworker.core.settings import Settings

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 (a comparison, nothing is bound)
_PORTS = {"http": 80, "https": 443}


class Hosts:
    """The names that this server answers to. `any_address`: every numeric address, too, as no name can be rebound to
    a page that was loaded from one."""

    def __init__(self, names: Iterable[str] = (), *, any_address: bool = False, origins: Iterable[str] = ()) -> None:
        self._names = _HERE | {name.lower().removesuffix(".") for name in names}
        self._any_address = any_address
        self._origins = {origin for text in origins if (origin := _origin(text)) is not None}

    @classmethod
    def of(cls, settings: Settings) -> "Hosts":
        """This machine's names, the one it listens on, the public one and the allowed ones."""
        public = [settings.public_url] if settings.public_url else []
        names = [name for url in public if (name := urlsplit(url).hostname)]
        return cls(
            [settings.host, *settings.allowed_hosts, *names],
            any_address=settings.host in _EVERYWHERE,
            origins=public,
        )

    def answers_to(self, host: str) -> bool:
        """Whether a `Host` header names this server."""
        name = _name(host)
        if name is None:
            return False
        return name in self._names or (self._any_address and _is_address(name))

    def trusts(self, origin: str, *, host: str, scheme: str) -> bool:
        """Whether a page of this `Origin` is one of ours: the server that was asked, or its public address."""
        asked = _origin(origin)
        if asked is None:
            return False
        # A proxy in front may have taken https off, so the scheme is left out where the host is the same.
        own = _origin(f"{scheme}://{host}"), _origin(f"https://{host}")
        return asked in self._origins or asked in own


def _name(host: str) -> str | None:
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    if parts.username is not None or parts.path or parts.query or parts.fragment or not parts.hostname:
        return None
    return parts.hostname.lower().removesuffix(".")


def _origin(text: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(text)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if port is None or not parts.hostname:
        return None
    return parts.scheme, parts.hostname.lower(), port


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
