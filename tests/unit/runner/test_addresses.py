from aiworker.runner.addresses import from_here


def test_a_repository_is_cloned_from_where_the_server_is_known_here() -> None:
    public = "https://aiworker.example.com/git/shop.git"
    assert from_here(public, "http://backend.control-plane.svc:3000/") == (
        "http://backend.control-plane.svc:3000/git/shop.git"
    )
    assert from_here(public, "https://aiworker.example.com") == public
    assert from_here("https://a.example/git/owner/git/shop.git", "http://b") == "http://b/git/owner/git/shop.git"


def test_a_repository_that_is_not_the_servers_is_left_where_it_is() -> None:
    assert from_here("https://gitea.example.com/owner/shop.git", "http://b") == (
        "https://gitea.example.com/owner/shop.git"
    )
