"""`python -m benchmarks.sdk`: how many robots a module does a second, and how many reports the server takes.

A server of its own (`aiworker up`, SQLite) and one module process, on one machine, which share its processors. The
handler does nothing, so what is measured is the way there and back: claim, one step, result on disk.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import httpx2

from aiworker.sdk import Context, Module
from benchmarks.start import running

_ROBOTS = 2_000
_HANDLERS = (1, 4, 16)
_REPORTS = 100
_SECONDS = 5.0
_LIMIT = {"AIWORKER_RATE_LIMIT": "10000000"}


async def measure(url: str, key: str, folder: Path) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=f"{url}/api/", headers=headers, trust_env=False, timeout=60) as server:
        for handlers in _HANDLERS:
            rate = await throughput(server, url, key, folder, handlers)
            print(f"{handlers:3} handlers: {rate:8.0f} robots a second")
        print(f"progress, {_REPORTS} robots in a request: {await reports(server):8.0f} reports a second")


async def throughput(server: httpx2.AsyncClient, url: str, key: str, folder: Path, handlers: int) -> float:
    """Robots that a module with so many handlers does a second, from the first claim to the last result."""
    module, left = Module(f"bench-{handlers}", concurrency=handlers), _ROBOTS
    done = asyncio.Event()
    robot_type = f"bench.of-{handlers}"

    @module.handler(robot_type)
    async def nothing(ctx: Context) -> None:
        nonlocal left
        async with ctx.step("nothing"):
            left -= 1
        if left == 0:
            done.set()

    await known(server, module.name, robot_type)
    for _ in range(_ROBOTS // 500):
        news = [{"robotType": robot_type, "inputData": {}}] * 500
        (await server.post("robots", json=news)).raise_for_status()
    stop = asyncio.Event()
    began = time.perf_counter()
    working = asyncio.create_task(module.serve(stop, url=url, token=key, folder=folder))
    await done.wait()
    stop.set()
    # It returns when the server has every result.
    await working
    seconds = time.perf_counter() - began
    left_over = (await server.get("robots", params={"robotType": robot_type, "status": "PROCESSING"})).json()["count"]
    assert left_over == 0, "every robot is done"
    return _ROBOTS / seconds


async def reports(server: httpx2.AsyncClient) -> float:
    """Progress reports that the server takes a second, each on disk when it is answered."""
    await known(server, "bench-reports", "bench.report")
    await server.post("robots", json=[{"robotType": "bench.report", "inputData": {}}] * _REPORTS)
    claim = {"holder": "bench", "limit": _REPORTS, "leaseSeconds": 600}
    held = (await server.post("modules/bench-reports/claim", json=claim)).json()["data"]
    told, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < _SECONDS:
        percentage = int(spent / _SECONDS * 100)
        news = [
            {"executeId": one["executeId"], "leaseToken": one["leaseToken"], "progressPercentage": percentage}
            for one in held
        ]
        (await server.post("executions/report", json={"reports": news})).raise_for_status()
        told += len(news)
    return told / (time.perf_counter() - began)


async def known(server: httpx2.AsyncClient, name: str, robot_type: str) -> None:
    new = {"moduleName": name, "moduleVersion": "1", "supportedRobotTypes": [robot_type]}
    (await server.post("modules", json=new)).raise_for_status()


def main() -> int:
    os.environ.update(_LIMIT)
    with tempfile.TemporaryDirectory(prefix="aiworker-bench-") as folder:
        home = Path(folder) / "home"
        with running(home):
            url = str(json.loads((home / "server.json").read_text())["url"])
            key = (home / "admin.key").read_text().strip()
            asyncio.run(measure(url, key, home / "modules"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
