"""What no honest git client would send, and clients that go away in the middle."""

import asyncio
import base64
import gzip
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import httpx2
import pytest

from tests.integration.git_http.conftest import World
from tests.support.checkouts import run_git
from tests.support.children import children
from tests.support.waiting import eventually

LS_REFS = b"0014command=ls-refs\n0000"
FETCH_TYPE = "application/x-git-upload-pack-request"
PUSH_TYPE = "application/x-git-receive-pack-request"


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"any:{key}".encode()).decode()


@pytest.fixture
async def http(world: World) -> AsyncGenerator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(
        base_url=world.url, headers={"Authorization": basic("agent-key")}, timeout=20
    ) as client:
        yield client


@asynccontextmanager
async def raw(world: World, head: str, body: bytes = b"") -> AsyncGenerator[asyncio.StreamReader]:
    """A connection on which this very request has been sent; it is cut off at the end."""
    host, port = world.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        await writer.drain()
        yield reader
    finally:
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()


def posting(service: str, length: int) -> str:
    return (
        f"POST /git/shop.git/{service} HTTP/1.1\nHost: x\nAuthorization: {basic('agent-key')}\n"
        f"Content-Type: application/x-{service}-request\nGit-Protocol: version=2\nContent-Length: {length}"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/git/shop.git/HEAD",
        "/git/shop.git/config",
        "/git/shop.git/objects/info/packs",
        "/git/shop.git/aiworker/source",
        "/git/shop.git",
        "/git/shop.git/",
        "/git/shop/info/refs",
        "/git/../shop.git/info/refs",
        "/git/x/../shop.git/info/refs",
        "/git/%2e%2e/forge/shop.git/info/refs",
        "/git/shop.git%2finfo/refs",
        "/git/shop.git/info/refs%00",
        "/git/shop.git/info/refs%0a",
        "/git/shop.git/info/refs/",
        "/git//shop.git/info/refs",
        "/git/shop.git//info/refs",
        "/git/SHOP.git/info/refs",
        "/git/-shop.git/info/refs",
        "/git/.hooks.git/info/refs",
        "/git/$(id).git/info/refs",
        "/git/shop.git;id/info/refs",
        "/git/" + "x" * 5_000 + ".git/info/refs",
    ],
)
async def test_a_path_that_git_would_not_ask_for_is_not_found(world: World, path: str):
    asked = f"GET {path}?service=git-upload-pack HTTP/1.1\nHost: x\nAuthorization: {basic('agent-key')}"

    async with raw(world, f"{asked}\nConnection: close") as reader:
        answer = await reader.read()

    assert answer.split(b" ", 2)[1] in (b"404", b"400")
    assert b"refs/heads" not in answer


@pytest.mark.parametrize(
    "query", ["", "?service=", "?service=git-upload-archive", "?service=git-upload-pack&x=1", "?x"]
)
async def test_the_dumb_protocol_is_refused(http: httpx2.AsyncClient, query: str):
    answer = await http.get(f"/git/shop.git/info/refs{query}")

    assert answer.status_code == 403
    assert "smart HTTP" in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "info/refs?service=git-upload-pack"),
        ("GET", "git-upload-pack"),
        ("PUT", "git-receive-pack"),
        ("DELETE", "git-receive-pack"),
        ("HEAD", "info/refs?service=git-upload-pack"),
        ("OPTIONS", "git-upload-pack"),
    ],
)
async def test_a_method_that_git_does_not_use_is_refused(http: httpx2.AsyncClient, method: str, path: str):
    assert (await http.request(method, f"/git/shop.git/{path}")).status_code == 404


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"any:").decode(),
        "Basic " + base64.b64encode(b"any:\xff").decode(),
        "Basic " + base64.b64encode(b"any:a\nb").decode(),
        "Basic " + base64.b64encode(b"any:" + b"x" * 5_000).decode(),
        "Digest agent-key",
        basic("wrong-key"),
        "Bearer wrong-key",
    ],
)
async def test_without_a_known_key_the_client_is_asked_for_one(world: World, authorization: str | None):
    headers = {} if authorization is None else {"Authorization": authorization}
    async with httpx2.AsyncClient(base_url=world.url, headers=headers, timeout=60) as http:
        answer = await http.get("/git/shop.git/info/refs?service=git-upload-pack")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Basic realm="AiWorker"')
    assert answer.headers["content-type"].startswith("text/plain")


async def test_a_bearer_token_will_do(world: World):
    async with httpx2.AsyncClient(
        base_url=world.url, headers={"Authorization": "Bearer agent-key"}, timeout=60
    ) as http:
        answer = await http.get("/git/shop.git/info/refs?service=git-upload-pack")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-git-upload-pack-advertisement"
    assert answer.headers["cache-control"].startswith("no-cache")


async def test_the_body_must_be_of_gits_type(http: httpx2.AsyncClient):
    answer = await http.post("/git/shop.git/git-upload-pack", content=b"0000", headers={"Content-Type": "text/plain"})

    assert answer.status_code == 422


async def test_a_packed_body_is_unpacked(http: httpx2.AsyncClient):
    plain, packed = [
        await http.post("/git/shop.git/git-upload-pack", content=content, headers=headers)
        for content, headers in (
            (LS_REFS, {}),
            (gzip.compress(LS_REFS), {"Content-Encoding": "gzip"}),
        )
        for headers in ({"Content-Type": FETCH_TYPE, "Git-Protocol": "version=2", **headers},)
    ]

    assert b"refs/heads/main" in plain.content
    assert packed.content == plain.content


NONSENSE = {
    "not packed": (b"not packed at all", "gzip"),
    "cut off": (gzip.compress(LS_REFS)[:-9], "gzip"),
    "a bomb": (gzip.compress(b"0" * 200_000_000, 1), "gzip"),
    "no lengths": (b"\xff" * 1_000, "identity"),
    "no hex": (b"zzzz", "identity"),
    "empty": (b"", "identity"),
}


@pytest.mark.parametrize("what", NONSENSE)
async def test_a_body_that_makes_no_sense_ends_without_harm(world: World, http: httpx2.AsyncClient, what: str):
    content, encoding = NONSENSE[what]
    headers = {"Content-Type": FETCH_TYPE, "Content-Encoding": encoding, "Git-Protocol": "version=2"}
    try:
        answer = await http.post("/git/shop.git/git-upload-pack", content=content, headers=headers)
        assert b"refs/heads" not in answer.content
    except httpx2.TransportError:
        pass  # the answer had begun, so all that is left is to hang up

    await eventually(lambda: not children())
    assert await world.forge.head("shop", "main") is not None


async def test_a_strange_protocol_header_is_left_out(http: httpx2.AsyncClient):
    for protocol in ("version=2;id", "version=2 --upload-pack=id", "x" * 5_000):
        answer = await http.get("/git/shop.git/info/refs?service=git-upload-pack", headers={"Git-Protocol": protocol})
        assert answer.status_code == 200
        assert b"version 2" not in answer.content


async def test_a_client_that_leaves_in_the_middle_of_a_clone_ends_git(world: World):
    clone = await world.clone("agent-key")
    commit = await world.commit(clone, large=os.urandom(16 * 1024 * 1024))
    await world.push(clone, "--quiet", "origin", "HEAD:refs/heads/task-shop-1-large")
    want = f"0011command=fetch0001000dofs-delta0032want {commit}\n0009done\n0000".encode()

    async with raw(world, posting("git-upload-pack", len(want)), want) as reader:
        assert (await reader.read(100)).startswith(b"HTTP/1.1 200")
        assert children()

    await eventually(lambda: not children())


def push_body(world: World, clone: str, old: str, new: str, ref: str) -> bytes:
    """What git sends when it pushes: the commands, and a pack with the objects."""
    command = f"{old} {new} {ref}\0report-status agent=test".encode()
    packed = run_git(
        world.folder / clone, "pack-objects", "--stdout", "--revs", "-q", stdin=f"{new}\n".encode(), check=True
    )
    return f"{len(command) + 4:04x}".encode() + command + b"0000" + packed.stdout


async def test_a_client_that_leaves_in_the_middle_of_a_push_moves_nothing(world: World):
    clone = await world.clone("agent-key")
    commit = await world.commit(clone, large=os.urandom(1024 * 1024))
    body = push_body(world, "clone", "0" * 40, commit, "refs/heads/task-shop-1-half")

    async with raw(world, posting("git-receive-pack", len(body)), body[: len(body) // 2]):
        await eventually(children)
    await eventually(lambda: not children())

    assert await world.forge.head("shop", "task-shop-1-half") is None
    assert world.moved == []
    again = await world.push(clone, "origin", "HEAD:refs/heads/task-shop-1-half")
    assert again.returncode == 0, again.stderr
    assert not list((world.folder / "forge/shop.git/objects").glob("*incoming-*"))


async def test_a_push_that_was_heard_out_is_finished_and_told_though_the_client_left(world: World):
    clone = await world.clone("agent-key")
    commit = await world.commit(clone, small=b"so that it comes in one piece with its head\n")
    body = push_body(world, "clone", "0" * 40, commit, "refs/heads/task-shop-1-whole")

    def heard_out() -> bool:
        """Git takes objects in once it has the commands, which come in one piece with everything else."""
        objects = world.folder / "forge/shop.git/objects"
        return bool(world.moved) or any(objects.glob("*incoming-*"))

    async with raw(world, posting("git-receive-pack", len(body)), body):
        await eventually(heard_out)

    await eventually(lambda: world.moved)
    assert world.moved == [("shop", {"refs/heads/task-shop-1-whole": commit})]
    assert await world.forge.head("shop", "task-shop-1-whole") == commit


async def test_a_push_by_hand_passes_the_same_guard(world: World, http: httpx2.AsyncClient):
    clone = await world.clone("agent-key")
    old = await world.forge.head("shop", "main")
    commit = await world.commit(clone)
    body = push_body(world, "clone", str(old), commit, "refs/heads/main")

    answer = await http.post("/git/shop.git/git-receive-pack", content=body, headers={"Content-Type": PUSH_TYPE})

    assert b"ng refs/heads/main pre-receive hook declined" in answer.content
    assert await world.forge.head("shop", "main") == old


async def test_nothing_of_a_push_is_left_lying_about(world: World):
    clone = await world.clone("agent-key")
    await world.commit(clone)
    await world.push(clone, "origin", "HEAD:refs/heads/task-shop-1-hello")
    await world.push(clone, "origin", "HEAD:refs/heads/main")

    own = world.folder / "forge/shop.git/aiworker"
    assert sorted(path.name for path in own.iterdir()) == ["lock", "source", "writers"]
