"""The built page as a browser receives it."""

import gzip
from pathlib import Path

import httpx2
import pytest
from starlette.datastructures import Headers
from starlette.types import Message

from aiworker.edge.page import Page

HTML = {"accept": "text/html,application/xhtml+xml"}
SCRIPT = "assets/index-3f2a91c0.js"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>AiWorker</title>")
    (tmp_path / "theme.js").write_text("// theme")
    (tmp_path / SCRIPT).write_text("run();")
    (tmp_path / (SCRIPT + ".gz")).write_bytes(gzip.compress(b"run();"))
    (tmp_path / (SCRIPT + ".br")).write_bytes(b"brotli stands here")
    (tmp_path / "assets/inter-1.woff2").write_bytes(b"wOF2")
    return tmp_path


@pytest.fixture
def browser(built: Path) -> httpx2.AsyncClient:
    return client(Page(built))


def client(page: Page) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=page), base_url="http://aiworker.test")


@pytest.mark.parametrize(
    "path",
    ["/", "/board", "/tasks/SHOP-12", "/sign-in?code=abc", "/index.html", "/automation/modules/ocr@2.0"],
)
async def test_every_address_of_the_page_gets_the_index(browser: httpx2.AsyncClient, path: str) -> None:
    answer = await browser.get(path, headers=HTML)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "AiWorker" in answer.text


async def test_the_index_is_asked_for_again_each_time_and_hashed_files_never(browser: httpx2.AsyncClient) -> None:
    index = await browser.get("/", headers=HTML)
    script = await browser.get(f"/{SCRIPT}")
    theme = await browser.get("/theme.js")

    assert index.headers["cache-control"] == "no-cache"
    assert theme.headers["cache-control"] == "no-cache"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_a_file_that_has_not_changed_is_not_sent_again(browser: httpx2.AsyncClient) -> None:
    first = await browser.get("/", headers=HTML)
    again = await browser.get("/", headers={**HTML, "if-none-match": first.headers["etag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("br, gzip", "br"), ("gzip, deflate", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", None), ("", None)],
)
async def test_the_smallest_encoding_that_the_browser_takes_is_sent(
    built: Path, accepted: str, encoding: str | None
) -> None:
    async def receive() -> Message:
        return {"type": "http.request"}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asked = [(b"accept-encoding", accepted.encode())]
    await Page(built)({"type": "http", "method": "GET", "path": f"/{SCRIPT}", "headers": asked}, receive, send)

    stored = {"br": b"brotli stands here", "gzip": (built / (SCRIPT + ".gz")).read_bytes(), None: b"run();"}
    start, body = sent
    headers = Headers(raw=start["headers"])
    assert headers.get("content-encoding") == encoding
    assert headers["vary"] == "Accept-Encoding"
    assert body["body"] == stored[encoding]


@pytest.mark.parametrize(
    "path",
    [
        "/assets/index-gone.js",
        "/assets/",
        "/assets/nothing",
        "/favicon.ico",
        "/../pyproject.toml",
        "/%2e%2e/%2e%2e/etc/passwd.txt",
        "/assets/index-3f2a91c0.js.gz",
    ],
)
async def test_a_missing_file_is_missing_and_never_the_index(browser: httpx2.AsyncClient, path: str) -> None:
    answer = await browser.get(path, headers=HTML)

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_program_that_wants_no_html_gets_none(browser: httpx2.AsyncClient) -> None:
    answer = await browser.get("/board", headers={"accept": "application/json"})

    assert answer.status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_the_page_is_only_read(browser: httpx2.AsyncClient, method: str) -> None:
    answer = await browser.request(method, "/board")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


async def test_head_tells_the_same_without_the_body(browser: httpx2.AsyncClient) -> None:
    answer = await browser.head("/", headers=HTML)

    assert answer.status_code == 200
    assert answer.headers["content-length"] == str(len("<!doctype html><title>AiWorker</title>"))
    assert answer.content == b""


@pytest.mark.parametrize("path", ["/", "/board", "/favicon.ico", "/not-there.js"])
async def test_no_document_lets_foreign_or_inline_scripts_run_or_frames_it(
    browser: httpx2.AsyncClient, path: str
) -> None:
    headers = (await browser.get(path, headers=HTML)).headers

    policy = headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


async def test_a_script_travels_without_the_rules_of_documents_and_is_taken_for_nothing_else(
    browser: httpx2.AsyncClient,
) -> None:
    headers = (await browser.get(f"/{SCRIPT}")).headers

    assert "content-security-policy" not in headers
    assert headers["x-content-type-options"] == "nosniff"


async def test_a_missing_build_is_said_plainly_until_it_is_there(tmp_path: Path) -> None:
    browser = client(Page(tmp_path / "dist"))

    missing = await browser.get("/board", headers=HTML)
    assert missing.status_code == 503
    assert "make setup" in missing.text
    assert missing.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in missing.headers["content-security-policy"]

    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/index.html").write_text("built")
    assert (await browser.get("/board", headers=HTML)).text == "built"
