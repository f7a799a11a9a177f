import pytest

from aiworker.edge.proxy import preview_name
from aiworker.edge.proxy.hosts import host_of, is_local

DOMAIN = "preview.localhost"


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("task-shop-12.preview.localhost", "task-shop-12"),
        ("task-shop-12.preview.localhost:3000", "task-shop-12"),
        ("Task-SHOP-12.Preview.LocalHost:3000", "task-shop-12"),
        ("staging-shop.preview.localhost.", "staging-shop"),
        ("staging-shop.preview.localhost.:3000", "staging-shop"),
        ("a.preview.localhost", "a"),
        (f"{'a' * 63}.preview.localhost", "a" * 63),
    ],
)
def test_the_first_label_of_a_host_below_the_domain_is_the_name(host: str, name: str) -> None:
    assert preview_name(host, DOMAIN) == name


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost",
        "localhost:3000",
        "127.0.0.1:3000",
        "[::1]:3000",
        "preview.localhost",
        ".preview.localhost",
        "a.b.preview.localhost",
        "a.preview.localhost.evil.example",
        "a.preview.localhost..",
        "apreview.localhost",
        "a_b.preview.localhost",
        "-a.preview.localhost",
        "a-.preview.localhost",
        "..preview.localhost",
        "a%2e.preview.localhost",
        "a b.preview.localhost",
        "a\n.preview.localhost",
        "é.preview.localhost",
        f"{'a' * 64}.preview.localhost",
        "a.preview.localhost:",
        "a.preview.localhost:port",
        "a.preview.localhost:1:2",
        "a.preview.localhost:123456",
        "user@a.preview.localhost",
    ],
)
def test_every_other_host_is_no_preview(host: str) -> None:
    assert preview_name(host, DOMAIN) is None


def test_the_domain_may_be_another_one_in_any_case() -> None:
    assert preview_name("task-1.apps.example.org", "Apps.Example.org") == "task-1"


def test_a_request_with_two_hosts_has_none() -> None:
    assert host_of([(b"host", b"a.test")]) == "a.test"
    assert host_of([(b"host", b"a.test"), (b"Host", b"b.test")]) == ""
    assert host_of([]) == ""


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("0.0.0.0", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_a_client_is_local_by_its_address(address: str, *, local: bool) -> None:
    assert is_local((address, 1)) is local
    assert is_local(None)
