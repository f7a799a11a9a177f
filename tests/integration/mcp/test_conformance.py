"""The official conformance suite of MCP, against the real door. It cannot send a key, so here everybody has one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.types import Receive, Scope, Send

from aiworker.edge.guards import Guard, RequestLog
from aiworker.edge.hosts import Hosts
from aiworker.edge.mcp import McpServer
from aiworker.engine.worker import EngineWorker
from tests.support.house import House
from tests.support.http_server import free_socket, serving
from tests.support.programs import need_npm, need_program

OLD_NODE = Path(__file__).parents[2] / "programs/old-node.mjs"
# Those that need no tools of the suite's own, and what is said of them. A door without sessions, which any replica can
# answer, gets a warning instead of a test of a session's streams.
VERDICTS = {
    "server-initialize": "Passed: 1/1, 0 failed, 0 warnings",
    "ping": "Passed: 1/1, 0 failed, 0 warnings",
    "tools-list": "Passed: 1/1, 0 failed, 0 warnings",
    "dns-rebinding-protection": "Passed: 2/2, 0 failed, 0 warnings",
    "server-sse-multiple-streams": "Passed: 0/0, 0 failed, 1 warnings",
}


@asynccontextmanager
async def open_door(house: House, key: str) -> AsyncGenerator[str]:
    """The door of a house, with a key in everybody's hand."""
    mcp = McpServer(
        database=house.database,
        access=house.access,
        delivery=house.delivery,
        engine=house.engine,
        worker=EngineWorker(house.database, house.engine, house.bus),
        version="test",
    )
    guarded = RequestLog(Guard(mcp.asgi, Hosts()))

    async def with_key(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [*scope["headers"], (b"authorization", f"Bearer {key}".encode())]
        await guarded({**scope, "headers": headers}, receive, send)

    async with mcp.running(), serving(with_key, free_socket()) as url:
        yield f"{url}/mcp"


async def test_the_door_conforms(house: House, key: str, tmp_path: Path) -> None:
    node = need_program("node", package="nodejs")
    suite = need_npm("@modelcontextprotocol/conformance/dist/index.js")

    async def judge(url: str, scenario: str) -> str:
        """The last line that is said."""
        process = await asyncio.create_subprocess_exec(
            *(node, "--import", OLD_NODE, suite, "server", "--url", url, "--scenario", scenario),
            cwd=tmp_path,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()
        return said.decode().strip().splitlines()[-1]

    async with open_door(house, key) as url:
        said = await asyncio.gather(*(judge(url, scenario) for scenario in VERDICTS))
    assert dict(zip(VERDICTS, said, strict=True)) == VERDICTS
