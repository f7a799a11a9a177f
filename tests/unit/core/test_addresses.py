from collections.abc import Sequence

import pytest

from aiworker.core.addresses import Reach, Resolve, checked_target, is_this_machine
from aiworker.core.errors import Invalid

NOWHERE_ELSE = Reach()


def names(**known: list[str]) -> Resolve:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return known[host.partition(".")[0]]

    return resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "::",
    ],
)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert NOWHERE_ELSE.refuses(address) is not None


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111"])
def test_public_addresses_may_be_called(address: str) -> None:
    assert NOWHERE_ELSE.refuses(address) is None


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "0.0.0.0"])
def test_link_local_ones_are_refused_whatever_is_allowed(address: str) -> None:
    assert Reach(loopback=True, private=True).refuses(address) is not None


def test_what_is_allowed_is_allowed() -> None:
    assert Reach(loopback=True).refuses("127.0.0.1") is None
    assert Reach(loopback=True).refuses("10.0.0.1") == "private"
    assert Reach(private=True).refuses("10.0.0.1") is None
    assert Reach(private=True).refuses("::1") == "of this machine"


async def test_a_name_is_refused_if_one_of_its_addresses_is() -> None:
    resolve = names(ocr=["8.8.8.8", "10.0.0.7"])
    with pytest.raises(Invalid) as refusal:
        await checked_target("https://ocr.example/health", NOWHERE_ELSE, resolve=resolve)
    assert refusal.value.code == "address_refused"
    assert "10.0.0.7" not in refusal.value.message


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    target = await checked_target("http://ocr.example:8080/health?deep=1", NOWHERE_ELSE, resolve=names(ocr=["8.8.8.8"]))
    assert (target.address, target.port, target.path, target.host_header) == (
        "8.8.8.8",
        8080,
        "/health?deep=1",
        "ocr.example:8080",
    )


async def test_a_name_below_localhost_is_this_machine() -> None:
    target = await checked_target("http://ocr.localhost/", Reach(loopback=True))
    assert target.address == "127.0.0.1"
    assert is_this_machine("ocr.localhost")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://ocr.example/", "bad_address"),
        ("http:///health", "bad_address"),
        ("http://[::1/", "bad_address"),
        ("http://ocr.example:99999/", "bad_address"),
        ("http://ocr.example/a b", "bad_address"),
        ("http://ocr.example/\r\nHost: x", "bad_address"),
        ("http://2130706433/", "address_refused"),
        ("http://gone.invalid/", "name_unknown"),
    ],
)
async def test_what_is_no_address_is_told_in_a_sentence(url: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await checked_target(url, NOWHERE_ELSE)
    assert refusal.value.code == code
