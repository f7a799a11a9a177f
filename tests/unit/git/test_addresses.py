from pathlib import Path

import pytest

from aiworker.core.errors import Invalid
from aiworker.git import addresses


@pytest.mark.parametrize(
    "source",
    [
        "/home/ada/shop",
        "/with space/and;semicolon",
        "file:///home/ada/shop",
        "https://example.com/shop.git",
        "http://127.0.0.1:3000/git/shop.git",
        "ssh://git@example.com:22/shop.git",
        "git@example.com:team/shop.git",
        "example.com:shop.git",
        "git://example.com/shop",
    ],
)
def test_an_address_that_git_itself_understands_is_taken(source: str):
    assert addresses.read(source) == addresses.Address(source)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "shop",
        "./shop",
        "~/shop",
        "-u",
        "--upload-pack=id",
        "ext::sh -c id",
        "fd::3",
        "example.com::x",
        "https://",
        "https:///x",
        "ftp://example.com/x",
        "HTTPS://example.com/x",
        "-oProxyCommand=id:x",
        "ssh://-oProxyCommand=id/x",
        "ssh://git@-oProxyCommand=id/x",
        "git@example.com:-x",
        "@host:x",
        "/a\0b",
        "/a\nb",
        "/" + "x" * 2_000,
        "https://example.com/shop.git?token=x",
        "https://example.com/shop.git#x",
        "https://me@:443/shop.git",
        "https://me:a%0Ahost=b@example.com/shop.git",
        "https://[::1/shop.git",
        "ssh://git:secret@example.com/shop.git",
        "git://me:secret@example.com/shop.git",
    ],
)
def test_an_address_that_is_a_trick_or_a_mistake_is_refused(source: str):
    with pytest.raises(Invalid):
        addresses.read(source)


def test_a_password_is_kept_apart_from_what_is_shown() -> None:
    address = addresses.read("https://me:p%40ss%3Aw@example.com:8443/shop.git")

    assert address.url == "https://example.com:8443/shop.git"
    assert (address.user, address.password, address.place) == ("me", "p@ss:w", "https://example.com:8443")
    assert "p@ss" not in repr(address)


def test_a_token_in_the_place_of_a_user_is_a_secret_too() -> None:
    address = addresses.read("https://ghp_token@example.com/shop.git")

    assert (address.url, address.user, address.password) == ("https://example.com/shop.git", "ghp_token", "")
    assert "ghp_token" not in repr(address)


@pytest.mark.parametrize("source", ["https://me:p%40ss%3Aw@example.com/a.git", "https://example.com/a.git", "/a"])
def test_an_address_is_put_together_again(source: str) -> None:
    address = addresses.read(source)

    assert addresses.read(address.with_credential(address.credential)) == address


def test_the_folder_of_an_address_is_known_on_this_machine_only() -> None:
    assert addresses.read("/home/ada/my shop").folder == Path("/home/ada/my shop")
    assert addresses.read("file:///home/ada/my%20shop").folder == Path("/home/ada/my shop")
    assert addresses.read("git@example.com:shop.git").folder is None
