"""Where a preview may connect to, as the project says it and as a NetworkPolicy does."""

import re
from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any, Final

from aiworker.core.errors import Invalid

_WORDS: Final = re.compile(
    r"(?P<to>[0-9a-f.:]+/[0-9]{1,3}|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?::(?P<port>[0-9]{1,5}))?"
)
_NAME = "kubernetes.io/metadata.name"
_DNS_NAMESPACE = "kube-system"
# Where NodeLocal DNSCache listens on each node, unless it was told otherwise.
_NODE_DNS = "169.254.20.10/32"
_HIGHEST_PORT = 65_535

Json = dict[str, Any]


def egress_rules(names: Sequence[str]) -> list[Json]:
    """The rules for going out: DNS, the preview itself, and what is named. Raises: Invalid."""
    dns: Json = {
        "to": [_namespace(_DNS_NAMESPACE), {"ipBlock": {"cidr": _NODE_DNS}}],
        "ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")],
    }
    return [dns, {"to": [{"podSelector": {}}]}, *map(_rule, names)]


def ingress_rules(controller: str) -> list[Json]:
    """The rules for coming in: from the ingress controller and from the preview itself.

    `controller` is its namespace; also networks, by commas, where it uses those of its nodes. Raises: Invalid.
    """
    return [{"from": [*(_place(name.strip()) for name in controller.split(",")), {"podSelector": {}}]}]


def _rule(name: str) -> Json:
    found = _WORDS.fullmatch(name)
    if found is None:
        raise _wrong(name)
    rule: Json = {"to": [_place(found["to"])]}
    if found["port"]:
        port = int(found["port"])
        if not 0 < port <= _HIGHEST_PORT:
            raise _wrong(name)
        rule["ports"] = [{"protocol": "TCP", "port": port}]
    return rule


def _place(name: str) -> Json:
    """A namespace, or a network. Raises: Invalid."""
    found = _WORDS.fullmatch(name)
    if found is None or found["port"]:
        raise _wrong(name)
    try:
        return {"ipBlock": {"cidr": str(ip_network(name, strict=False))}} if "/" in name else _namespace(name)
    except ValueError as error:
        raise _wrong(name) from error


def _namespace(name: str) -> Json:
    return {"namespaceSelector": {"matchLabels": {_NAME: name}}}


def _wrong(name: str) -> Invalid:
    return Invalid(
        f"`{name[:80]}` is no place to connect to: write a network (10.0.0.0/8), a namespace (databases), or one "
        "of them with a port (10.0.0.5/32:5432).",
        code="invalid_egress",
        details={"place": name[:80]},
    )
