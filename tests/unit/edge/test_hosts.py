import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiworker.core.settings import Settings
from aiworker.edge.hosts import Hosts


def settings(**values: str) -> Settings:
    return Settings.model_validate(values)


@pytest.mark.parametrize("host", ["localhost", "localhost:3000", "127.0.0.1", "[::1]:3000", "LocalHost.:1"])
def test_this_machine_is_always_known(host: str) -> None:
    assert Hosts().answers_to(host)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "localhost.evil.example", "evil.example:3000", "localhost:port", "a@localhost", "localhost/x"],
)
def test_other_names_are_not(host: str) -> None:
    assert not Hosts().answers_to(host)


def test_the_public_and_the_allowed_names_are_known() -> None:
    hosts = Hosts.of(settings(AIWORKER_PUBLIC_URL="https://work.example/", AIWORKER_ALLOWED_HOSTS="a.example"))
    assert hosts.answers_to("work.example")
    assert hosts.answers_to("a.example:3000")
    assert not hosts.answers_to("192.0.2.1")


def test_a_server_that_listens_everywhere_answers_to_addresses_but_not_to_names() -> None:
    hosts = Hosts.of(settings(AIWORKER_HOST="0.0.0.0"))
    assert hosts.answers_to("192.0.2.1:3000")
    assert hosts.answers_to("[2001:db8::1]:3000")
    assert not hosts.answers_to("evil.example")


@pytest.mark.parametrize(
    ("origin", "host", "scheme", "trusted"),
    [
        ("http://localhost:3000", "localhost:3000", "http", True),
        ("http://localhost:3001", "localhost:3000", "http", False),
        ("http://localhost", "localhost:80", "http", True),
        ("https://work.example", "work.example", "http", True),
        ("https://work.example", "10.0.0.7:3000", "http", True),
        ("http://work.example", "10.0.0.7:3000", "http", False),
        ("http://task-1.preview.localhost:3000", "localhost:3000", "http", False),
        ("null", "localhost:3000", "http", False),
        ("", "localhost:3000", "http", False),
        ("http://[", "localhost:3000", "http", False),
    ],
)
def test_only_pages_of_ours_are_trusted(origin: str, host: str, scheme: str, trusted: bool) -> None:
    hosts = Hosts.of(settings(AIWORKER_PUBLIC_URL="https://work.example"))
    assert hosts.trusts(origin, host=host, scheme=scheme) is trusted


@given(host=st.text(max_size=60), origin=st.text(max_size=60))
def test_no_header_makes_it_stumble(host: str, origin: str) -> None:
    hosts = Hosts()
    hosts.answers_to(host)
    hosts.trusts(origin, host=host, scheme="http")
