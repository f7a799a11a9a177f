"""Files through the proxy."""

from pathlib import Path

import pytest

from aiworker.delivery.ports.runtime import Folder
from tests.integration.proxy.conftest import Door, header


@pytest.fixture
def site(tmp_path: Path, door: Door) -> Path:
    """A folder of files, with secrets around and below it."""
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "site-secret").mkdir()
    (tmp_path / "site-secret" / "file").write_text("secret")
    site = tmp_path / "site"
    (site / "docs").mkdir(parents=True)
    (site / "empty").mkdir()
    (site / "index.html").write_text("home")
    (site / "docs" / "index.html").write_text("docs")
    (site / "style.css").write_text("body {}")
    (site / ".env").write_text("secret")
    (site / ".git").mkdir()
    (site / ".git" / "config").write_text("secret")
    (site / ".well-known").mkdir()
    (site / ".well-known" / "security.txt").write_text("mail us")
    (site / "out").symlink_to(tmp_path / "secret")
    (site / "up").symlink_to(tmp_path)
    (site / "alias.css").symlink_to("style.css")
    door.lead_to(Folder(site))
    return site


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("path", "content", "kind"),
    [
        ("/", "home", "text/html; charset=utf-8"),
        ("/?x=1", "home", "text/html; charset=utf-8"),
        ("/docs/", "docs", "text/html; charset=utf-8"),
        ("/alias.css", "body {}", "text/css; charset=utf-8"),
        ("/.well-known/security.txt", "mail us", "text/plain; charset=utf-8"),
    ],
)
async def test_a_file_is_served_with_its_type(door: Door, path: str, content: str, kind: str) -> None:
    response = await door.ask(path)
    assert (response.status, response.content.decode()) == (200, content)
    assert header(response, "content-type") == kind
    assert header(response, "cache-control") == "no-cache"


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    "path",
    [
        "/missing",
        "/empty/",
        "/empty",
        "/../secret",
        "/../../../../../../etc/passwd",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/docs/..%2f..%2fsecret",
        "/..%5csecret",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/../site-secret/file",
        "/out",
        "/up/secret",
        "/.env",
        "/.git/config",
        "/docs/../.env",
        "/docs/../style.css",
        "/%2eenv",
        "/a%00b",
        "/index.html/x",
        "/" + "a" * 5000,
        "/%ff",
    ],
)
async def test_nothing_else_is_served(door: Door, path: str) -> None:
    response = await door.ask(path)
    assert response.status == 404
    assert b"secret" not in response.content


@pytest.mark.usefixtures("site")
async def test_a_folder_is_called_by_its_full_name(door: Door) -> None:
    response = await door.ask("/docs")
    assert response.status == 307
    location = header(response, "location")
    assert location is not None
    assert location.endswith("/docs/")


async def test_a_site_may_have_a_page_for_what_is_missing(door: Door, site: Path) -> None:
    (site / "404.html").write_text("nothing here")
    response = await door.ask("/missing")
    assert (response.status, response.content) == (404, b"nothing here")


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_files_cannot_be_changed(door: Door, method: str) -> None:
    response = await door.ask("/index.html", method=method, headers={"content-length": "1"}, content=b"x")
    assert response.status == 405


@pytest.mark.usefixtures("site")
async def test_a_file_that_did_not_change_is_not_sent_again(door: Door) -> None:
    first = await door.ask("/style.css")
    etag = header(first, "etag")
    assert etag is not None
    again = await door.ask("/style.css", headers={"if-none-match": etag})
    assert (again.status, again.content) == (304, b"")


@pytest.mark.usefixtures("site")
async def test_a_part_of_a_file_may_be_asked_for(door: Door) -> None:
    response = await door.ask("/style.css", headers={"range": "bytes=0-3"})
    assert (response.status, response.content) == (206, b"body")
