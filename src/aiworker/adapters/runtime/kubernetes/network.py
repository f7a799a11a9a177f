"""Where a preview may connect to, as the project says it and as a NetworkPolicy does."""

from collections.abc import Sequence
from typing import Any, Final

from aiworker.adapters.runtime.checks import as_read
from aiworker.core.sayings import Sentence
from aiworker.wire import rules, running
from aiworker.wire.rules import RuleBroken

_EGRESS: Final = Sentence("setting_egress", "egress rule")
_INGRESS: Final = Sentence("setting_ingress", "namespace of the ingress controller")
_NAME = "kubernetes.io/metadata.name"
_DNS_NAMESPACE = "kube-system"
# Where NodeLocal DNSCache listens on each node, unless it was told otherwise.
_NODE_DNS = "169.254.20.10/32"

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
    names = [name.strip() for name in controller.split(",")]
    places = [as_read(_INGRESS, name, _without_port, code="invalid_egress") for name in names]
    return [{"from": [*map(_place, places), {"podSelector": {}}]}]


def _rule(name: str) -> Json:
    to, port = as_read(_EGRESS, name, running.place, code="invalid_egress")
    rule: Json = {"to": [_place(to)]}
    if port is not None:
        rule["ports"] = [{"protocol": "TCP", "port": port}]
    return rule


def _without_port(text: str) -> str:
    to, port = running.place(text)
    if port is not None:
        raise RuleBroken(rules.PLACE())
    return to


def _place(name: str) -> Json:
    """A namespace, or a network."""
    return {"ipBlock": {"cidr": name}} if "/" in name else _namespace(name)


def _namespace(name: str) -> Json:
    return {"namespaceSelector": {"matchLabels": {_NAME: name}}}
