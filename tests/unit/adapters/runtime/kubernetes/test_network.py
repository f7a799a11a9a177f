import pytest

from aiworker.adapters.runtime.kubernetes.network import egress_rules, ingress_rules
from aiworker.core.errors import Invalid


def test_a_preview_reaches_dns_and_itself_and_nothing_else_unless_it_is_named() -> None:
    dns, itself = egress_rules([])
    assert [port["port"] for port in dns["ports"]] == [53, 53]
    assert itself == {"to": [{"podSelector": {}}]}


def test_networks_and_namespaces_are_named_with_or_without_a_port() -> None:
    rules = egress_rules(["10.0.0.0/8", "databases:5432", "fd00::/8:443", "10.1.2.3/16"])[2:]
    assert rules[0] == {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}
    assert rules[1] == {
        "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "databases"}}}],
        "ports": [{"protocol": "TCP", "port": 5432}],
    }
    assert rules[2]["to"] == [{"ipBlock": {"cidr": "fd00::/8"}}]
    assert rules[3]["to"] == [{"ipBlock": {"cidr": "10.1.0.0/16"}}]


def test_requests_come_from_the_ingress_controller_also_from_the_networks_of_its_nodes() -> None:
    (rule,) = ingress_rules("ingress-nginx, 10.20.0.0/24")
    assert rule["from"] == [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}},
        {"ipBlock": {"cidr": "10.20.0.0/24"}},
        {"podSelector": {}},
    ]
    for wrong in ("", "ingress:80", "10.0.0.0/99", "a,,b"):
        with pytest.raises(Invalid, match="must be a network"):
            ingress_rules(wrong)


@pytest.mark.parametrize(
    "name", ["", "example.com", "10.0.0.0/99", "databases:0", "databases:99999", "a b", "-x", "10.0.0.0"]
)
def test_what_is_no_network_and_no_namespace_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="must be a network"):
        egress_rules([name])
