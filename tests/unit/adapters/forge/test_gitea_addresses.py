import pytest

from aiworker.adapters.forge.gitea.addresses import api_path, clone_address, name_at, split
from aiworker.core.errors import Invalid

_URL = "https://git.example.com"


@pytest.mark.parametrize(
    "source",
    [
        "https://git.example.com/Team/shop",
        "https://git.example.com/Team/shop.git",
        "https://git.example.com/Team/shop/",
        "https://git.example.com:443/Team/shop",
        "http://git.example.com/Team/shop",
        "https://ada:secret@git.example.com/Team/shop.git",
        "git@git.example.com:Team/shop.git",
        "ssh://git@git.example.com:2222/Team/shop.git",
    ],
)
def test_an_address_of_this_gitea_names_its_repository(source: str):
    assert name_at(_URL, source) == "Team/shop"


@pytest.mark.parametrize(
    "source",
    [
        "https://other.example.com/Team/shop",
        "https://git.example.com:3000/Team/shop",
        "git@other.example.com:Team/shop.git",
        "/srv/git.example.com/Team/shop",
        "file:///srv/shop.git",
    ],
)
def test_an_address_elsewhere_is_not_ours(source: str):
    assert name_at(_URL, source) is None


def test_a_gitea_below_a_path_has_its_repositories_there():
    assert name_at("https://example.com/gitea/", "https://example.com/gitea/Team/shop.git") == "Team/shop"
    assert name_at("https://example.com/gitea", "https://example.com/other/Team/shop.git") is None


@pytest.mark.parametrize("name", ["shop", "Team/shop/more", "../x", "Team/..", "Team/a..b", "Te am/x", "Team/x.wiki"])
def test_what_names_no_repository_is_refused(name: str):
    with pytest.raises(Invalid):
        split(name)


def test_the_token_is_in_no_url():
    address = clone_address(_URL, "Team/shop", "secret")
    assert (address.url, address.password) == ("https://git.example.com/Team/shop.git", "secret")
    assert "secret" not in repr(address)


def test_parts_of_a_path_are_escaped():
    assert api_path("Team/shop", "branches", "a/b#c") == "/repos/Team/shop/branches/a%2Fb%23c"
