import pytest

from aiworker.adapters.runtime.kubernetes.images import expanded, repository_of, same_image, tag_of
from aiworker.core.errors import Invalid

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_the_commit_and_the_branch_are_filled_in() -> None:
    image = expanded("registry.test:5000/team/shop:{branch}-{commit}", commit=COMMIT, branch="task-shop-1")
    assert str(image) == f"registry.test:5000/team/shop:task-shop-1-{COMMIT}"
    assert image.repository == "registry.test:5000/team/shop"
    assert image.fixed


def test_an_image_without_the_commit_may_change_under_its_name() -> None:
    assert not expanded("shop:latest", commit=COMMIT, branch="main").fixed
    assert expanded(f"shop@sha256:{'0' * 64}", commit=COMMIT, branch="main").fixed


@pytest.mark.parametrize(
    ("branch", "tag"),
    [
        ("task-shop-1-fix", "task-shop-1-fix"),
        ("feature/über alles", "feature-ber-alles"),
        ("-.x.-", "x"),
        ("a" * 200, "a" * 100),
    ],
)
def test_a_branch_becomes_what_a_tag_may_hold(branch: str, tag: str) -> None:
    assert tag_of(branch) == tag


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "Shop:{commit}",
        "shop:{tag}",
        "shop:{commit",
        "shop {commit}",
        "shop:{commit}; rm -rf /",
        "../shop:{commit}",
        "shop:-{commit}",
        "shop@sha256:12",
        f"{'a' * 300}:{{commit}}",
    ],
)
def test_what_is_no_image_is_refused(pattern: str) -> None:
    with pytest.raises(Invalid, match=r"image|The image"):
        expanded(pattern, commit=COMMIT, branch="main")


def test_a_branch_that_is_not_known_is_refused() -> None:
    with pytest.raises(Invalid, match="no branch is known"):
        expanded("shop:{branch}", commit=COMMIT, branch="")


def test_short_names_of_docker_hub_are_the_same_image() -> None:
    assert same_image("nginx", "docker.io/library/nginx:latest")
    assert same_image("team/shop:1", "docker.io/team/shop:1")
    assert not same_image("nginx:1", "nginx:2")
    assert not same_image("registry.test/nginx:1", "nginx:1")
    assert repository_of(f"localhost:5000/shop:1@sha256:{'0' * 64}") == "localhost:5000/shop"
